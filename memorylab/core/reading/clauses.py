"""Taking a description apart: which clauses are the edit, which its context, its circumstances or its purpose.

A quarter of real descriptions end in a tail that only says what stays ("... while keeping 3% warmup, matrix LR
0.04"), so a bag of words would compare mostly context.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from memorylab.core.reading import wording
from memorylab.core.reading.atoms import Atom, assignments, atoms, names, spelled_out, values
from memorylab.core.reading.concepts import SETTINGS
from memorylab.core.reading.contexts import BREAKS, by_now, stays, without_context, without_lead
from memorylab.core.reading.lexicon import compose, lexicon
from memorylab.core.reading.phrases import FROM, Phrase
from memorylab.core.reading.proto import Proto, telling
from memorylab.core.reading.tokens import Token

_DETAIL = frozenset(("(", ":", "--"))
_BETTER = frozenset(("better", "more", "faster", "improved", "less", "fewer", "smoother", "stability"))


class Reading:
    """What a text says: the edits, all its content words, and the circumstances that it names."""

    __slots__ = ("circumstances", "every", "main", "place", "protos", "said", "words")

    def __init__(self) -> None:
        self.protos: list[Proto] = []
        self.words: set[str] = set()
        self.circumstances: set[str] = set()
        self.said: set[str] = set()
        self.place = ""  # the component that the text names in front
        self.main: list[Atom] = []  # the atoms of the clauses that are the edit
        self.every: list[Atom] = []


def read(found: Sequence[Token]) -> Reading:
    """The reading of a token list."""
    reading = Reading()
    every = atoms(found)
    reading.said = names(every) | values(every) | spelled_out(every)
    reading.every = list(_changing(every))
    loose: list[Atom] = []  # what no edit was found in
    said: list[Atom] = []
    detail = False
    for mark, clause in _clauses(without_context(without_lead(every, reading.circumstances))):
        started = bool(reading.protos or loose)
        if started and (mark == "so" or stays(clause)):
            continue
        if started and (mark == "with" or by_now(clause)):
            reading.circumstances |= names(clause) | assignments(clause)
            continue
        if mark in _DETAIL:
            if loose and not reading.protos and _is_main(loose, mark):
                reading.protos.append(_fallback(loose))
            detail = bool(reading.protos)
        elif mark in (";", ".", ")"):
            detail = False
        if not detail:
            said.extend(clause)
            reading.main.extend(clause)
        if not detail or mark == "(":  # a bracket says it again, a colon or dash says why
            reading.words |= names(clause)
        loose.extend(_take(reading.protos, loose, mark, clause, detail))
    if (loose and not reading.protos) or _vague(reading.protos, said):
        reading.protos = [_fallback(loose or said)]
    reading.protos = telling(reading.protos)
    return reading


def _changing(every: Sequence[Atom]) -> Iterator[Atom]:
    """The atoms but for the clauses that end in saying that something stays as it is: it would anyway."""
    clause: list[Atom] = []
    for atom in every:
        clause.append(atom)
        if atom[0] == "S" and atom[1] in BREAKS:
            yield from () if clause[-2:-1] and clause[-2][1] in wording.STAYS else clause
            clause = []
    yield from () if clause and clause[-1][1] in wording.STAYS else clause


def _take(
    protos: list[Proto], loose: Sequence[Atom], mark: str, clause: Sequence[Atom], detail: bool
) -> Sequence[Atom]:
    """Add a clause to the edits found so far; what it leaves over is returned."""
    fresh = Phrase(clause, not protos).protos()
    if protos and not fresh and _is_span(clause) and protos[-1].to is None:
        protos[-1].frm, protos[-1].to, protos[-1].factor = clause[0][1], clause[-1][1], None
    elif protos and detail and fresh and _assigns(clause) and not any(proto.to is not None for proto in protos):
        protos[:] = [proto for proto in fresh if proto.valued]  # "two more blocks (n_layer=10)": the code's word counts
    elif protos and (detail or (not fresh and _is_argument(clause))):
        _refine(protos[-1], fresh, clause)
    elif fresh:
        if mark == "+" and loose and not protos:  # "full BPTT + LR 3e-4" is a combination
            protos.append(_fallback(loose))
        if protos and protos[0].op == "remove":  # "remove A, B and C": the verb carries on
            for proto in fresh:
                proto.op = proto.op or ("" if proto.valued or proto.direction else "remove")
        protos.extend(fresh)
    elif mark == "+" and (protos or loose) and names(clause):
        protos.append(_fallback(clause))
    elif not protos or not _onto(protos[-1], clause):
        return clause
    return ()


def _clauses(found: Sequence[Atom]) -> Iterator[tuple[str, list[Atom]]]:
    """The atoms between separators, each with the separator (or "with", "so") that opened it."""
    clause: list[Atom] = []
    mark = ""
    said = False
    for i, (kind, value, _) in enumerate(found):
        opened = _opened(found, i, clause, said) if kind in "WS" else ""
        if not opened:
            clause.append(found[i])
            continue
        if value == "but" and clause and clause[0][1] == "keep":  # "keep X but change Y"
            clause = []
        if clause:
            said = True
            yield mark, clause
        clause, mark = [], opened
    if clause:
        yield mark, clause


def _opened(found: Sequence[Atom], i: int, clause: Sequence[Atom], said: bool) -> str:
    """The mark of the clause that the atom at `i` opens, or "" when it belongs to the present one."""
    kind, value, _ = found[i]
    if kind == "S":
        return str(value) if value in BREAKS else ""
    if value == "but":
        return ","
    kinds = {atom[0] for atom in clause}
    if value == "at":
        return "with" if kinds & {"N", "X"} and kinds & set("TQKC") and _base_value(found, i) else ""
    if value == "for" and "N" in kinds and i + 1 < len(found) and found[i + 1][1] in wording.TURNS:
        return "with"  # "MATRIX_LR .04 -> .03 for the larger batch"
    if value in wording.CIRCUMSTANCE:
        return "with" if _circumstance(found, i, clause, said) else ""
    return "so" if (clause or said) and _purpose(found, i) else ""


def _base_value(found: Sequence[Atom], i: int) -> bool:
    """ "at matrix lr 0.025" after a value was given: the base that the edit is made on."""
    for kind, value, _ in found[i + 1 : i + 5]:
        if kind in "TQK":
            return True
        if kind not in "PW" or value in wording.PREPOSITIONS:
            return False
    return False


def _purpose(found: Sequence[Atom], i: int) -> bool:
    """Whether a purpose starts at `i`: "so that ...", "to penalize ...", "for better ..."."""
    value = found[i][1]
    if value == "so":  # but "... may be too sharp, so a softer X=1.0" is the edit itself
        near = found[i + 1 : i + 8]
        return not any(a[0] in "TQK" and b[1] == "=" for a, b in pairwise(near))
    if value in wording.PURPOSE:
        return True
    following = found[i + 1] if i + 1 < len(found) else ("", "", None)
    if value == "to":
        place = (
            following[1] in wording.PLACES and i + 2 < len(found) and found[i + 2][0] in "NO"
        )  # "to lower two thirds"
        return following[0] == "W" and following[1] in wording.PURPOSE_VERBS and not place
    return value == "for" and (following[0] == "X" or following[1] in _BETTER)


def _circumstance(found: Sequence[Atom], i: int, clause: Sequence[Atom], said: bool) -> bool:
    """Whether the connector at `i` starts circumstances: something was said before, and no argument of it follows."""
    content = any(kind in "TQPCKVN" or (kind == "W" and value not in wording.STOP) for kind, value, _ in clause)
    if not content and not (said and not clause):
        return False
    if found[i][1] != "with":
        return True
    if any(kind == "W" and value in wording.REPLACE for kind, value, _ in clause):
        return False
    kind, value, _ = found[i + 1] if i + 1 < len(found) else ("", "", None)
    kinds = {atom[0] for atom in clause}
    if kind == "N":
        return not clause or bool(kinds & {"N", "X", "V"})
    if kind == "C":
        weak = all(atom[1] in lexicon().weak for atom in clause if atom[0] in "TQPKC") and kinds & {"C"}
        return value not in SETTINGS and not weak
    if value == "DECAY":
        return False
    if kind == "W" and value in wording.TURNS:
        return bool(kinds & {"T", "Q", "K", "C"})
    return not (kind == "W" and value in wording.ARGUMENTS)


def _is_argument(clause: Sequence[Atom]) -> bool:
    """Whether a clause holds nothing but a number and the name of an argument ("decay .995")."""
    return len(clause) <= 4 and sum(kind == "N" for kind, _, _ in clause) == 1 and not names(clause) - {"decay"}


def _assigns(clause: Sequence[Atom]) -> bool:
    """Whether a clause sets a knob as code does: "n_layer=10"."""
    return any(
        a[0] in "TQK" and b[1] == "=" and c[0] in "NXV" for a, b, c in zip(clause, clause[1:], clause[2:], strict=False)
    )


def _is_span(clause: Sequence[Atom]) -> bool:
    """Whether a clause is nothing but "4e-2 to 5e-2": the values of the edit that was named before."""
    return len(clause) == 3 and clause[0][0] == "N" == clause[2][0] and clause[1][1] in ("to", "->")


def _is_main(found: Sequence[Atom], mark: str) -> bool:
    """Whether words before a bracket or colon are the edit itself: no label, no knob still without its value."""
    if any(kind in "TQ" for kind, _, _ in found):
        return False
    verb = any(kind == "W" and (value in wording.REMOVE or value in wording.ADD) for kind, value, _ in found)
    return mark == "(" or verb or len(names(found)) > 2


def _onto(proto: Proto, clause: Sequence[Atom]) -> bool:
    """Give a knob that was named without its part the part that a later clause names ("... (std 0.01) for c_proj")."""
    part = next((str(value) for kind, value, _ in clause if kind == "P"), "")
    if part and proto.bare:
        proto.target, proto.bare = compose(part, proto.bare), ""
    return bool(part)


def _refine(main: Proto, fresh: Sequence[Proto], clause: Sequence[Atom]) -> None:
    """A bracket or an explanation fills in what the main clause left open; it never overrides it."""
    for proto in fresh:
        if proto.target == main.target:
            main.to = proto.to if main.to is None else main.to
            main.frm = proto.frm if main.frm is None else main.frm
            main.direction = main.direction or proto.direction
    if fresh:
        return
    for a, b, c in zip(clause, clause[1:], clause[2:], strict=False):
        if a[0] == "N" == c[0] and b[1] == "->" and main.to is None:
            main.frm, main.to = a[1], c[1]
            return
    numbers = [value for kind, value, _ in clause if kind == "N"]
    if len(numbers) != 1 or len(clause) > 5:
        return
    if clause[0][1] == "to" or (main.to is None and not names(clause) - {"decay", "init"}):
        main.to = numbers[0]
    elif main.frm is None and any(value in FROM for _, value, _ in clause):
        main.frm = numbers[0]


def _fallback(found: Sequence[Atom]) -> Proto:
    """An edit on a target made of the text's own words, for what no table names."""
    proto = Proto()
    mark = ""
    for atom in found:
        kind, value, _ = atom
        if kind == "N":
            if mark in FROM and proto.frm is None:
                proto.frm = float(value)
            else:
                proto.frm, proto.to = proto.frm if proto.to is None else proto.to, float(value)
            mark = ""
        elif kind == "W" and (value in FROM or value == "to"):
            mark = str(value)
        elif kind == "W":
            word = str(value)
            if word in wording.REMOVE:
                proto.op = "remove"
            elif word in wording.SCALES and proto.to is None:
                proto.to = wording.SCALES[word]
            elif word in wording.TURNS:
                proto.direction = "up" if word in wording.UP else "down"
        for name in names((atom,)):
            word = str(value) if kind == "W" else name  # as it was written: a root is no name for anything
            if word not in proto.words:
                proto.words.append(word)
    return proto


def _vague(protos: Sequence[Proto], said: Sequence[Atom]) -> bool:
    """Whether only a concept that usually stands beside the edit was recognised, among words that no table knows."""
    if any(proto.target not in lexicon().weak or proto.valued or proto.op == "remove" for proto in protos):
        return False
    return sum(atom[0] == "W" and bool(names((atom,))) for atom in said) > 1
