"""Reading a sentence about an experiment: which words are the edit, which its context, which its purpose.

One pass over the tokens. A quarter of real descriptions end in a tail that only says what stays ("... while keeping 3%
warmup, matrix LR 0.04"), so a bag of words would compare mostly context.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import wording
from .lexicon import Term, compose, content, identifier, lexicon, longest, split_glued
from .tokens import Token
from .vocabulary import PART_ORDER, SETTINGS

# An atom: (kind, name or value, term). Kinds: T knob, Q composable knob, P part, C concept, K own knob, W word,
# N number, O ordinal, X factor, V layout, S punctuation.
Atom = tuple[str, str | float, Term | None]

_DETERMINERS = frozenset(("a", "an", "the", "its", "our", "their", "this", "that"))
_FROM = frozenset(("from", "was", "vs", "versus", "than", "currently", "instead"))
_BREAKS = frozenset((",", ";", "+", ".", "(", ")", ":", "--", "[", "]", "{", "}"))
_KINDS = {"w": "W", "n": "N", "x": "X", "v": "V", "k": "K", "o": "O"}
_RANK = {name: i for i, name in enumerate(PART_ORDER)}


class Proto:
    """An edit while it is read."""

    __slots__ = ("bare", "concept", "direction", "factor", "frm", "op", "own", "parts", "scope", "slot", "target", "to", "words")

    def __init__(self, target: str = "", concept: bool = False, slot: bool = False) -> None:
        self.target = target
        self.concept = concept
        self.slot = slot
        self.bare = ""  # the composable knob's own name while no part is known
        self.frm: float | str | None = None
        self.to: float | str | None = None
        self.factor: float | None = None
        self.op = ""
        self.own = False  # named by an identifier that no table knows
        self.direction: str | None = None
        self.scope = ""
        self.parts: list[str] = []
        self.words: list[str] = []

    @property
    def valued(self) -> bool:
        """Whether the text gives a value, a factor or an origin."""
        return self.to is not None or self.factor is not None or self.frm is not None


class Reading:
    """What a text says: the edits, all its content words, and the circumstances that it names."""

    __slots__ = ("circumstances", "protos", "words")

    def __init__(self) -> None:
        self.protos: list[Proto] = []
        self.words: set[str] = set()
        self.circumstances: set[str] = set()


def read(found: Sequence[Token]) -> Reading:
    """The reading of a token list."""
    reading = Reading()
    atoms = _scan(_expand(found))
    loose: list[Atom] = []
    said: list[Atom] = []
    detail = False
    for mark, clause in _clauses(_without_context(atoms)):
        kind = _kind(clause, mark, bool(reading.protos or loose))
        names = _names(clause)
        if kind == "purpose":
            continue
        if kind == "circumstance":
            reading.circumstances.update(names)
            reading.circumstances.update(_assignments(clause))
            continue
        reading.words.update(names)
        if mark in ("(", ":", "--"):
            if loose and not reading.protos and (mark == "(" or _speaks(loose)) and not any(atom[0] in "TQ" for atom in loose):
                reading.protos.append(_fallback(loose))
            detail = bool(reading.protos)
        elif mark in (";", ".", ")"):
            detail = False
        said.extend(() if detail else clause)
        protos, rest = _Clause(clause, not reading.protos).protos()
        if detail and reading.protos or reading.protos and not protos and _arguments(clause):
            _refine(reading.protos[-1], protos, clause)
        elif protos:
            reading.protos.extend(protos)
            _inherit(reading.protos, protos)
        elif mark == "+" and (reading.protos or loose) and _names(rest):
            reading.protos.append(_fallback(rest))
        elif not reading.protos or not _onto(reading.protos[-1], clause):
            loose.extend(rest)
    if not reading.protos and loose or _vague(reading, said):
        reading.protos = [_fallback(loose or said)]
    reading.protos = _telling(reading.protos)
    return reading


def _vague(reading: Reading, said: Sequence[Atom]) -> bool:
    """Whether only a concept that usually stands beside the edit was recognised, among several words that no table knows."""
    if not all(proto.target in wording.WEAK and not proto.valued and proto.op != "remove" for proto in reading.protos):
        return False
    unknown = [value for kind, value, _ in said if kind in "WPT" and _names(((kind, value, None),))]
    return len(unknown) > 1


def _arguments(clause: Sequence[Atom]) -> bool:
    """Whether a clause holds nothing but a number and the name of an argument ("decay .995")."""
    return len(clause) <= 4 and sum(kind == "N" for kind, _, _ in clause) == 1 and not _names(clause) - {"decay"}


def _speaks(atoms: Sequence[Atom]) -> bool:
    """Whether the words before a colon are a sentence and not a label."""
    return len(_names(atoms)) > 2 or any(kind == "W" and (value in wording.REMOVE or value in wording.ADD) for kind, value, _ in atoms)


def _onto(proto: Proto, clause: Sequence[Atom]) -> bool:
    """Apply a knob that was named without its part to the part that a later clause names ("... (std 0.01) for c_proj")."""
    part = next((str(value) for kind, value, _ in clause if kind == "P"), "")
    if not part:
        return False
    if proto.bare:
        proto.target, proto.bare = compose(part, proto.bare), ""
    return True


def _expand(found: Sequence[Token]) -> list[Token]:
    """Identifiers to words, "warmdown200" to two tokens; labels, determiners and hypotheses fall away."""
    out: list[Token] = []
    skipped = 0  # brackets that are open in a hypothesis that is being left out
    for i, (kind, value) in enumerate(found):
        if skipped:
            skipped += (value == "(") - (value == ")") if kind == "p" else 0
            continue
        if kind == "w":
            word = str(value)
            if word in ("hypothesi", "hypothesis", "evidence", "result", "rationale") and i + 1 < len(found) and found[i + 1] == ("p", ":"):
                if out and out[-1] == ("p", "("):
                    out.pop()
                    skipped = 1
                elif len(out) > 3:
                    break
                continue
            if word in _DETERMINERS or (word.startswith("exp") and word[3:].isdigit()):
                continue
            factor = word[-1] == "x" and word[-2:-1].isdigit()
            pair = split_glued(word.rstrip("x") if factor else word) if factor or word[-1].isdigit() else None
            if pair:
                out.append(("w", pair[0]))
                out.append(("x" if factor else "n", pair[1]))
                continue
            out.append((kind, value))
        elif kind == "k":
            name = str(value)
            head, _, rest = name.partition("_")
            if head.lower().rstrip("0123456789") in ("exp", "run", "iter", "trial") and head[-1:].isdigit():
                out.extend(_expand(((("k", rest) if "_" in rest else ("w", rest.lower())),)) if rest else ())
            else:
                out.extend(identifier(name))
        elif not (kind == "p" and value == ":" and len(out) <= 1 and _label(out)):
            out.append((kind, value))
        else:
            out.clear()
    return _bare_numbers(_without_tag(out))


def _bare_numbers(found: list[Token]) -> list[Token]:
    """ "(0.01)" and "N(0, .01)" as plain numbers, so that a bracket around a value does not end the clause."""
    if ("p", "(") not in found:
        return found
    out: list[Token] = []
    at = 0
    while at < len(found):
        if found[at] == ("p", "(") and at + 2 < len(found):
            if found[at + 1][0] in "nx" and found[at + 2] == ("p", ")"):
                out.append(found[at + 1])
                at += 3
                continue
            if out and out[-1] == ("w", "n") and found[at + 2] == ("p", ",") and found[at + 4 : at + 5] == [("p", ")")]:
                out[-1] = found[at + 3]
                at += 5
                continue
        out.append(found[at])
        at += 1
    return out


def _label(out: list[Token]) -> bool:
    """Whether what stands before a first colon is only a label ("17:", "agent1:", "experiment:")."""
    if not out:
        return True
    kind, value = out[0]
    return kind == "n" or (isinstance(value, str) and (value[-1].isdigit() or value in wording.STOP))


def _without_tag(found: list[Token]) -> list[Token]:
    if found and found[0] == ("p", "[") and ("p", "]") in found[:8]:
        return found[found.index(("p", "]")) + 1 :]
    return found


def _scan(found: Sequence[Token]) -> list[Atom]:
    atoms: list[Atom] = []
    at = 0
    count = len(found)
    scheduled = any(value in wording.SCHEDULED for _, value in found)
    while at < count:
        kind, value = found[at]
        hit = longest(found, at) if kind in "wn" else None
        if hit is not None and value in wording.AMBIGUOUS and hit[0] == 1 and not scheduled:
            hit = None
        if hit is not None:
            length, term = hit
            atoms.append(_named(term, found, at, length))
            at += length
            continue
        if kind == "w" and _assigned(found, at):
            atoms.append(("K", str(value).upper(), None))
        elif kind == "p" and value == "/" and _quotient(found, at, atoms):
            at += 2
            atoms.append(("N", round(1 / float(found[at][1]), 6), None))
        else:
            atoms.append((_KINDS.get(kind, "S"), value, None))
        at += 1
    return atoms


def _assigned(found: Sequence[Token], at: int) -> bool:
    """Whether an unknown word is set to a number ("tau=0.005") and so is a knob of its own."""
    return (
        at + 2 < len(found)
        and found[at + 1] == ("p", "=")
        and found[at + 2][0] in "nx"
        and found[at][1] not in wording.ARGUMENTS
        and found[at][1] not in wording.STOP
    )


def _quotient(found: Sequence[Token], at: int, atoms: list[Atom]) -> bool:
    """ "long_window//4": a quarter of another value; its name leaves the atoms, it is not what is set."""
    if at + 2 >= len(found) or found[at + 1] != ("p", "/") or found[at + 2][0] != "n" or not float(found[at + 2][1]):
        return False
    if len(atoms) > 1 and atoms[-1][0] in "KT":
        atoms.pop()
    return True


def _named(term: Term, found: Sequence[Token], at: int, length: int) -> Atom:
    if length == 1 and found[at][1] in ("lower", "head") and not term.knob:
        return ("W", found[at][1], None)
    if term.knob:
        return ("Q" if term.composable else "T", term.knob, term)
    if term.part:
        return ("P", term.part, term)
    return ("C", term.concept, term)


def _without_context(atoms: list[Atom]) -> list[Atom]:
    """Cut "while keeping ...", "on the ... stack", "at matrix lr 0.025": they say what stays."""
    out: list[Atom] = []
    at = 0
    while at < len(atoms):
        kind, value, _ = atoms[at]
        if kind == "W" and value in wording.CONTEXT_START and out:
            break
        if kind == "W" and value in wording.PREPOSITIONS:
            end = _fixed_end(atoms, at) or _context_end(atoms, at)
            if end:
                at = end
                continue
        out.append(atoms[at])
        at += 1
    return out or atoms


def _fixed_end(atoms: Sequence[Atom], at: int) -> int:
    """The position after "at fixed 10-layer depth", "at constant width", or 0."""
    if at + 1 >= len(atoms) or atoms[at + 1][1] not in ("fixed", "constant", "same", "unchanged"):
        return 0
    for j in range(at + 2, len(atoms)):
        if atoms[j][0] == "S" and atoms[j][1] in _BREAKS:
            return j
    return len(atoms)


def _context_end(atoms: Sequence[Atom], at: int) -> int:
    """The position after a context phrase that starts at the preposition `at`, or 0 when there is none."""
    for j in range(at + 1, min(at + 18, len(atoms))):
        kind, value, _ = atoms[j]
        if kind == "S" and value in ("->", "=", "(", ",", ";", ":", "--"):
            return 0
        if kind == "W" and value in wording.CONTEXT_NOUN and j > at + 1:
            return j + 1
        if kind == "W" and value in wording.PREPOSITIONS and atoms[at][1] != "on":
            return 0
    return 0


def _clauses(atoms: Sequence[Atom]) -> Iterable[tuple[str, list[Atom]]]:
    """The atoms between separators, each with the separator (or connector) that opened it."""
    clause: list[Atom] = []
    mark = ""
    said = False
    for i, atom in enumerate(atoms):
        kind, value, _ = atom
        opened = ""
        if kind == "S" and value in _BREAKS:
            opened = str(value)
        elif kind == "W" and value == "at" and any(atom[0] in "NX" for atom in clause) and _base_value(atoms, i):
            opened = "with"
        elif kind == "W" and value == "but":
            clause = [] if clause and clause[0][1] == "keep" else clause
            opened = ","
        elif kind == "W" and value in wording.CIRCUMSTANCE and _opens(atoms, i, clause, said):
            opened = "with"
        elif kind == "W" and (clause or said) and _purpose(atoms, i):
            opened = "so"
        if opened:
            if clause:
                said = True
                yield mark, clause
            clause, mark = [], opened
        else:
            clause.append(atom)
    if clause:
        yield mark, clause


def _base_value(atoms: Sequence[Atom], i: int) -> bool:
    """ "at matrix lr 0.025" after a value was given: the base that the edit is made on."""
    for kind, value, _ in atoms[i + 1 : i + 5]:
        if kind in "TQK":
            return True
        if kind not in "PW" or value in wording.PREPOSITIONS:
            return False
    return False


def _turns(atom: Atom) -> bool:
    return atom[0] == "W" and (atom[1] in wording.UP or atom[1] in wording.DOWN or atom[1] in wording.SCALES)


def _purpose(atoms: Sequence[Atom], i: int) -> bool:
    """Whether a purpose starts at `i`: "so that ...", "to penalize ...", "for better ..."."""
    value = atoms[i][1]
    if value == "so":
        return not any(kind in "TQK" and later == "=" for (kind, _, _), (_, later, _) in zip(atoms[i + 1 : i + 7], atoms[i + 2 : i + 8]))
    if value in wording.PURPOSE:
        return True
    following = atoms[i + 1] if i + 1 < len(atoms) else None
    if value == "for" and following is not None and following[0] == "X":
        return True
    if following is None or following[0] != "W":
        return False
    if value == "to":
        return following[1] in wording.PURPOSE_VERBS
    return value == "for" and following[1] in ("better", "more", "faster", "improved", "less", "fewer", "smoother", "stability")


def _opens(atoms: Sequence[Atom], i: int, clause: Sequence[Atom], said: bool) -> bool:
    """Whether the connector at `i` starts circumstances: something was said before, and no argument follows."""
    if not (said and not clause) and not any(kind in "TQPCKVN" or (kind == "W" and value not in wording.STOP) for kind, value, _ in clause):
        return False
    if atoms[i][1] != "with":
        return True
    if any(kind == "W" and value in wording.REPLACE for kind, value, _ in clause):
        return False
    following = atoms[i + 1] if i + 1 < len(atoms) else None
    if clause and following is not None and following[0] == "N" and not any(kind in "NXV" for kind, _, _ in clause):
        return False
    if following is not None and following[0] == "C" and following[1] in SETTINGS:
        return False
    if following is not None and _turns(following) and not any(kind in "TQKC" for kind, _, _ in clause):
        return False
    return following is None or not (following[0] == "W" and following[1] in wording.ARGUMENTS)


def _kind(clause: Sequence[Atom], mark: str, started: bool) -> str:
    if mark == "so" and started:
        return "purpose"
    if mark == "with" and started:
        return "circumstance"
    said = [value for kind, value, _ in clause if kind == "W"]
    return "circumstance" if started and ("now" in said or "longer" in said and "no" in said) else "edit"


def _names(clause: Sequence[Atom]) -> set[str]:
    """The content words of a clause: names of terms, stems of unknown words."""
    names: set[str] = set()
    for kind, value, term in clause:
        if kind == "W":
            word = str(value)
            if len(word) > 1 and word not in wording.STOP and word not in wording.OUTCOME and not _directional(word):
                names.add(content(word))
        elif kind == "K":
            names.add(str(value).lower())
        elif kind == "V":
            names.add("window_pattern")
        elif term is not None:
            names.add((term.concept or term.knob or term.part).lower())
    return names


def _directional(word: str) -> bool:
    return (
        word in wording.UP or word in wording.DOWN or word in wording.ADD or word in wording.REMOVE
        or word in wording.REPLACE or word in wording.SCALES
    )  # fmt: skip


def _assignments(clause: Sequence[Atom]) -> set[str]:
    """ "name=value" for each number in a clause: "at batch 2^13" and "at batch 2^14" are other circumstances."""
    out: set[str] = set()
    name = ""
    for kind, value, _ in clause:
        if kind in "TQKC":
            name = str(value)
        elif kind == "N":
            out.add(f"{name}={value:g}")
    return out


def _inherit(all_protos: list[Proto], fresh: list[Proto]) -> None:
    """ "remove A, B and C": the verb carries on to items that have none and no value."""
    if len(all_protos) > len(fresh) and all_protos[0].op == "remove":
        for proto in fresh:
            if not proto.op and not proto.valued and not proto.direction:
                proto.op = "remove"


def _refine(main: Proto, protos: Sequence[Proto], clause: Sequence[Atom]) -> None:
    """A bracket or an explanation fills in what the main clause left open; it never overrides it."""
    for proto in protos:
        if proto.target == main.target:
            if main.to is None and main.factor is None or (main.factor is not None and main.to is None):
                main.to = proto.to
            main.frm = main.frm if main.frm is not None else proto.frm
            main.direction = main.direction or proto.direction
            return
    if protos:
        return
    numbers = [float(value) for kind, value, _ in clause if kind == "N"]
    arrow = next((i for i, atom in enumerate(clause[1:-1], 1) if atom[1] == "->" and clause[i - 1][0] == "N" == clause[i + 1][0]), 0)
    if arrow and main.to is None:
        main.frm, main.to = float(clause[arrow - 1][1]), float(clause[arrow + 1][1])
    elif len(numbers) == 1 and len(clause) <= 5:
        if clause[0][1] == "to" or (main.to is None and not _names(clause) - {"decay", "init"}):
            main.to = numbers[0]
        elif main.frm is None and any(value in _FROM for _, value, _ in clause):
            main.frm = numbers[0]


def _fallback(atoms: Sequence[Atom]) -> Proto:
    """An edit on a target made of the text's own words, for what no table names."""
    proto = Proto()
    seen: set[str] = set()
    for kind, value, term in atoms:
        if kind == "N":
            if proto.to is not None:
                proto.frm = proto.to
            proto.to = float(value)
        elif kind == "W":
            word = str(value)
            if word in wording.REMOVE:
                proto.op = "remove"
            elif word in wording.SCALES and proto.to is None:
                proto.to = wording.SCALES[word]
            elif word in wording.UP or word in wording.DOWN:
                proto.direction = "up" if word in wording.UP else "down"
        for name in sorted(_names(((kind, value, term),))):
            if name not in seen:
                seen.add(name)
                proto.words.append(name)
    return proto


def _telling(protos: list[Proto]) -> list[Proto]:
    """Drop what is only mentioned: a knob without value beside one that has a value, a weak concept beside another."""
    if len(protos) < 2:
        return protos
    protos = _merged(protos)
    valued = {p.target for p in protos if p.valued}
    protos = [p for p in protos if p.valued or p.target not in valued]
    if any(proto.valued or proto.op or proto.direction for proto in protos):
        protos = [
            p for p in protos if p.valued or p.op or p.direction or p.concept or p.own or p.words or p.target in wording.ALONE
        ]
    strong = [proto for proto in protos if not (proto.concept and proto.target in wording.WEAK and not proto.op)]
    return strong or protos


def _merged(protos: list[Proto]) -> list[Proto]:
    """ "The current X=1.5 ..., so a softer X=1.0": the first mention gives the origin of the second."""
    origins = {p.target: p.frm for p in protos if p.frm is not None and p.to is None and p.factor is None}
    out: list[Proto] = []
    for proto in protos:
        if proto.to is not None and proto.frm is None:
            proto.frm = origins.get(proto.target)
        out.append(proto)
    settled = {p.target for p in out if p.to is not None}
    return [p for p in out if not (p.to is None and p.frm is not None and p.target in settled)]


class _Clause:
    """The reading of one clause, a single pass with the little state that a sentence needs."""

    def __init__(self, atoms: Sequence[Atom], first: bool) -> None:
        self.atoms = atoms
        self.first = first
        self.pending_from: float | None = None
        self.pending_at = -9
        self.sticky = False
        self.done: list[Proto] = []
        self.current: Proto | None = None
        self.parts: list[tuple[str, Term]] = []
        self.op = ""
        self.direction: str | None = None
        self.factor: float | None = None
        self.pending: float | None = None
        self.mark = ""
        self.scope: list[str] = []
        self.skip = -1

    def protos(self) -> tuple[list[Proto], list[Atom]]:
        """The edits of the clause; and, when it has none, its atoms for the fallback."""
        for at, atom in enumerate(self.atoms):
            if at > self.skip:
                self._step(at, atom)
        self._close()
        found = [proto for proto in self.done if self._stands(proto)]
        if not found and self.parts and self.first:
            found = self._from_part()
        if len(found) == 1 and found[0].to is None and found[0].factor is None and self.pending is not None and not found[0].slot:
            found[0].frm, found[0].to = self.pending_from, self.pending
        for proto in found:
            if proto.concept and not proto.slot:
                proto.parts.extend(part.lower() for part, _ in self.parts)
            if proto.target == "gqa" and isinstance(proto.to, float):
                proto.target, proto.concept = "N_KV_HEAD", False
            if "attention" in proto.target:
                proto.parts = [part for part in proto.parts if part != "attn"]
            proto.scope = " ".join(sorted(set(self.scope) | set(proto.parts)))
        return found, [] if found else list(self.atoms)

    def _stands(self, proto: Proto) -> bool:
        if proto.concept or proto.valued or proto.direction or proto.own:
            return True
        return proto.target in wording.ALONE or proto.op == "remove" or proto.target.rpartition("_")[2] in ("DROPOUT", "NORM")

    def _from_part(self) -> list[Proto]:
        """A clause that names only parts: value embeddings and x0 skips are things of their own as well."""
        starts = any(kind == "W" and value in ("start", "initialize", "begin", "init") for kind, value, _ in self.atoms)
        if starts and self.pending is not None:
            proto = Proto(compose(self.parts[0][0], "INIT"))
            proto.to = self.pending
            return [proto]
        for _, term in self.parts:
            if term.concept:
                proto = Proto(term.concept, concept=True)
                proto.op, proto.direction = self.op or "add", self.direction
                proto.to, proto.factor = self.pending, self.factor
                return [proto]
        return []

    def _step(self, at: int, atom: Atom) -> None:
        kind, value, term = atom
        if kind == "W":
            self._word(at, str(value))
        elif kind == "N":
            self._number(at, float(value))
        elif kind == "X":
            if self.current is None and self.parts and self.parts[-1][0] == "MLP" or at and self.atoms[at - 1][1] == "MLP":
                self._open(Proto("MLP_RATIO"))
            self._factor(float(value))
        elif kind == "V":
            if self.current is None or self.current.target != "WINDOW_PATTERN":
                self._open(Proto("WINDOW_PATTERN"))
            self._assign(str(value))
        elif kind == "S":
            self.mark = str(value) if value in ("->", "=") else self.mark
        elif term is None:
            proto = Proto(str(value).upper())
            proto.own = True
            self._open(proto)
        elif kind == "P":
            self.parts.append((str(value), term))
        elif kind == "C":
            self._concept(str(value))
        else:
            self._knob(at, str(value), kind == "Q")

    def _word(self, at: int, word: str) -> None:
        if self._place(at, word):
            return
        if word in _FROM or word == "current":
            self.mark = "from"
            self.sticky = self.sticky or word in wording.STICKY
            if word == "instead":
                self.op = self.op or "replace"
        elif word in ("to", "at"):
            self.mark = "to" if word == "to" and not self.sticky else self.mark
        elif word in wording.SCALES:
            self._factor(wording.SCALES[word])
        elif word in wording.UP or word in wording.DOWN:
            if self.direction is None and not (self.current and self.current.valued):
                self.direction = "up" if word in wording.UP else "down"
                if self.current:
                    self.current.direction = self.direction
        elif word == "not" and self.current is not None:
            return
        elif word in wording.REMOVE or word in wording.REVERT:
            self.op = "remove"
            if self.current and not self.current.valued:
                self.current.op = "remove"
        elif word in wording.REPLACE:
            self.op = "replace"
        elif word in wording.ADD:
            self.op = self.op or "add"
        elif word in ("layer", "block") and self.pending is not None and at - self.pending_at == 1:
            self._open(Proto("DEPTH"))

    def _place(self, at: int, word: str) -> bool:
        """A phrase such as "upper two thirds of layers" or "every 3rd layer" is scope, not direction."""
        place = wording.PLACES.get(word)
        if place is None:
            return False
        found = [place]
        if word == "every" and at + 1 < len(self.atoms) and self.atoms[at + 1][0] not in "NO":
            if self.atoms[at + 1][1] not in ("other", "second", "third"):
                self.skip = at + (self.atoms[at + 1][1] in wording.PLACES)
                return True
        for j in range(at + 1, min(at + 5, len(self.atoms))):
            kind, value, _ = self.atoms[j]
            if kind in "NO":
                found.append(f"{value:g}")
            elif kind == "W" and value in wording.PLACE_NOUNS:
                if value in ("third", "half", "quarter"):
                    found.append(str(value))
                self.scope.append(" ".join(found))
                self.skip = j
                return True
            elif not (kind == "W" and value in ("of", "two", "global")):
                return False
        return False

    def _open(self, proto: Proto) -> None:
        self._close()
        self.current = proto
        share = self.factor is not None and self.factor < 1  # "half of the shards"; "8x" in front of a thing counts something
        proto.op, proto.direction, proto.factor = self.op, self.direction, self.factor if share or not proto.concept else None
        if proto.slot:
            proto.direction = None
        if self.pending is not None and not proto.slot:
            proto.frm, proto.to = self.pending_from, self.pending
        self.pending = self.pending_from = self.factor = self.direction = None
        if not self.sticky:
            self.mark = ""

    def _close(self) -> None:
        if self.current is not None:
            self.done.append(self.current)
        self.current = None

    def _number(self, at: int, value: float) -> None:
        current = self.current
        if current is None or current.slot or (current.to is not None and not self.mark):
            self._hold(at, value)
        elif current.to is None and not self.mark and self._belongs_ahead(at):
            self._hold(at, value)
        else:
            self._assign(value)

    def _hold(self, at: int, value: float) -> None:
        """Keep a number for the knob that follows it; "0.16 to 0.04" is kept as a pair."""
        self.pending_from = self.pending if self.mark in ("to", "->") else self.pending_from
        self.pending, self.pending_at = value, at
        if not self.sticky:
            self.mark = ""

    def _belongs_ahead(self, at: int) -> bool:
        """A number right before another knob, when the knob behind already has a direction or is a concept."""
        current = self.current
        following = self.atoms[at + 1] if at + 1 < len(self.atoms) else None
        return bool(current and current.concept and following and following[0] in "TQK")

    def _assign(self, value: float | str) -> None:
        current = self.current
        if current is None:
            return
        if self.mark == "from":
            current.frm = value
        elif current.to is not None and self.mark in ("->", "to"):
            current.frm, current.to = current.to, value
        elif current.to is None:
            current.to = value
        if not self.sticky:
            self.mark = ""

    def _factor(self, factor: float) -> None:
        current = self.current
        if current is None or (current.valued and not self.mark and current.factor is None):
            self.factor = factor
        elif current.target in ("MLP_RATIO",) or (current.factor is not None and self.mark):
            if current.factor is not None:
                current.to, current.factor = current.factor, None
            self._assign(factor)
        elif current.factor is None and current.to is None:
            current.factor = factor

    def _knob(self, at: int, name: str, composable: bool) -> None:
        bare = ""
        if name == "DECAY":
            if self.current is not None or not (self.parts or self._part(at)):
                return
            name = "WEIGHT_DECAY"
        if composable:
            part = self._part(at, name)
            bare, name = "" if part else name, compose(part, name)
        if self.current and self.current.target == name and self.mark != "":
            return
        proto = Proto(name)
        proto.bare = bare
        if name == "MLP_RATIO" and self.factor is not None:
            self.pending, self.factor = self.factor, None
        self._open(proto)
        self.parts.clear()

    def _part(self, at: int, knob: str = "") -> str:
        """The part that a composable knob is applied to: named before it, else right after "of", "for", "on", "to"."""
        named = [part for part, _ in self.parts]
        if not named or (named[0] in ("MUON", "ADAM") and len(named) == 1 and knob in ("LR", "WEIGHT_DECAY")):
            for kind, value, _ in self.atoms[at + 1 : at + 8]:
                if kind == "P" and (not named or value not in ("MUON", "ADAM")):
                    named.append(str(value))
                    break
                if kind not in "NWS" or value in ("->", "while", "and"):
                    break
        return min(named, key=lambda part: _RANK.get(part, 99)) if named else ""

    def _concept(self, name: str) -> None:
        setting = SETTINGS.get(name)
        if setting is not None:
            self._open(Proto(setting[0]))
            if self.current is not None:
                self.current.to = setting[1]
            return
        slot = lexicon().slot.get(name)
        current = self.current
        if slot is not None:
            if current is None or current.target != slot:
                current = Proto(slot, concept=True, slot=True)
                self._open(current)
            if self.op == "remove":
                current.to, current.op = name, "remove"
            elif self.mark == "from" or (self.op == "replace" and current.frm is None and current.to is None and self.mark != "to" and self._replaced()):
                current.frm = name
                self.mark = ""
            elif current.to is not None and self.mark in ("->", "to"):
                current.frm, current.to = current.to, name
            elif current.to is None:
                current.to = name
            current.op = current.op if current.op == "remove" else "replace"
            return
        if current is not None and current.concept and current.target not in wording.WEAK:
            current.words.append(name)
            return
        proto = Proto(name, concept=True)
        self._open(proto)
        proto.parts.extend(part.lower() for part, _ in self.parts)

    def _replaced(self) -> bool:
        """ "replace A with B": A comes first, unless an "instead of" follows."""
        return any(value in ("replace", "replacing", "swap", "convert") for kind, value, _ in self.atoms if kind == "W")
