"""Tokens to atoms: which words name a knob, a concept or a part, before a sentence is taken apart into clauses.

An atom is `(kind, name or value, term)`. Kinds: T knob, Q composable knob, P part, C concept, K knob that only its own
spelling names, W word, N number, A amount of a change, O ordinal, X factor, V layout, S punctuation.
"""

from __future__ import annotations

from collections.abc import Sequence

from memorylab.core.reading import wording
from memorylab.core.reading.identifiers import identifier, split_glued
from memorylab.core.reading.lexicon import FILLERS, Term, content, lexicon, longest
from memorylab.core.reading.tokens import Token, stem

Atom = tuple[str, str | float, Term | None]

_ASIDE = frozenset(("hypothesis", "evidence", "result", "rationale"))
_TO = (("p", "="), ("p", "->"), ("w", "to"), ("w", "from"))
_WAS = (("w", "instead"), ("w", "of"), ("w", "was"), ("w", "rather"), ("w", "than"), ("w", "vs"))
_NUMBERED = frozenset(("exp", "run", "iter", "trial"))
_KINDS = {"w": "W", "n": "N", "x": "X", "a": "A", "v": "V", "k": "K", "o": "O"}


def atoms(found: Sequence[Token]) -> list[Atom]:
    """The atoms of a token list, without labels, determiners and bracketed hypotheses."""
    return _assigning(_scan(_bare_numbers(_betas(_without_tag(_expand(found))))))


def _assigning(found: list[Atom]) -> list[Atom]:
    """ "WEIGHT_DECAY: down to 0.19" sets a knob; its colon ends no clause."""
    out: list[Atom] = []
    for i, atom in enumerate(found):
        following = found[i + 1] if i + 1 < len(found) else None
        if atom[1] == ":" and following is not None and out and out[-1][0] in "TQK":
            turn = following[0] == "W" and (following[1] in wording.TURNS or following[1] in ("from", "to"))
            if turn or following[0] in "NXV":
                continue
        out.append(atom)
    return out


def names(found: Sequence[Atom]) -> set[str]:
    """The content words of some atoms: names of terms, roots of unknown words; no numbers, no outcome words."""
    out: set[str] = set()
    for kind, value, term in found:
        if kind == "W":
            word = str(value)
            if len(word) > 1 and word not in wording.SILENT:
                out.add(content(word))
        elif kind == "K":
            out.add(str(value).lower())
        elif kind == "V":
            out.add("window_pattern")
        elif term is not None:
            out.add(term.word)
    return out


def spelled_out(found: Sequence[Atom]) -> set[str]:
    """The words that unknown identifiers are made of: "neg_per_pos" is found by "neg" and "pos"."""
    return {
        content(piece)
        for kind, value, _ in found
        if kind == "K"
        for piece in str(value).lower().split("_")
        if len(piece) > 2 and piece not in wording.SILENT
    }


def values(found: Sequence[Atom]) -> set[str]:
    """The numbers and layouts of some atoms as words: "#0.05", "#SSSL"; small counts say too little to be listed."""
    out: set[str] = set()
    for kind, value, _ in found:
        if kind in "NXA" and not (isinstance(value, float) and value in (0.0, 1.0)):
            out.add(f"#{value:.6g}")
        elif kind == "V":
            out.add(f"#{value}")
    return out


def assignments(found: Sequence[Atom]) -> set[str]:
    """ "name=value" for each number: "at batch 2^13" and "at batch 2^14" are other circumstances."""
    out: set[str] = set()
    name = ""
    for kind, value, _ in found:
        if kind in "TQKC":
            name = str(value)
        elif kind == "N":
            out.add(f"{name}={value:g}")
    return out


def _expand(found: Sequence[Token]) -> list[Token]:
    """Identifiers to words, "warmdown200" to two tokens; labels, determiners and hypotheses fall away."""
    out: list[Token] = []
    skipped = 0  # brackets that are open in a hypothesis that is being left out
    for i, (kind, value) in enumerate(found):
        if skipped:
            skipped += (value == "(") - (value == ")") if kind == "p" else 0
        elif kind == "w":
            word = str(value)
            if word in _ASIDE and found[i + 1 : i + 2] == [("p", ":")]:
                if out and out[-1] == ("p", "("):
                    out.pop()
                    skipped = 1
                elif len(out) > 3:
                    break
            elif word not in FILLERS and not (word.startswith("exp") and word[3:].isdigit()):
                _word(word, out)
        elif kind == "k":
            _identifier(str(value), out)
        elif kind == "p" and value == ":" and _label(out):
            out.clear()
        else:
            out.append((kind, value))
    return out


def _word(word: str, out: list[Token]) -> None:
    """A word, or the word and number that are glued in it ("warmdown200", "mlp3x")."""
    factor = word[-1] == "x" and word[-2:-1].isdigit()
    pair = split_glued(word[:-1] if factor else word) if factor or word[-1].isdigit() else None
    if pair is None:
        out.append(("w", word))
    else:
        out.append(("w", pair[0]))
        out.append(("x" if factor else "n", pair[1]))


def _identifier(name: str, out: list[Token]) -> None:
    head, _, rest = name.partition("_")
    if head[-1:].isdigit() and head.lower().rstrip("0123456789") in _NUMBERED:
        name = rest  # "exp12_warmdown200": the label of a run before what it does
    if "_" in name or lexicon().singles.get(stem(name)) == name:
        out.extend(identifier(name))
    elif name:
        _word(name.lower(), out)


def _label(out: Sequence[Token]) -> bool:
    """Whether what stands before a first colon is only a label ("17:", "agent1:", "experiment:")."""
    if len(out) != 1:
        return not out
    kind, value = out[0]
    if kind == "w" and longest(out, 0) is not None:  # "beta1: 0.9"
        return False
    return kind == "n" or (isinstance(value, str) and (value[-1].isdigit() or value in wording.STOP))


def _without_tag(found: list[Token]) -> list[Token]:
    """Drop a tag in front: "[parallel] tau 0.005"."""
    if found and found[0] == ("p", "[") and ("p", "]") in found[:8]:
        return found[found.index(("p", "]")) + 1 :]
    return found


def _betas(found: list[Token]) -> list[Token]:
    """ "betas (0.8, 0.95) -> (0.9, 0.95)" as what it changes: "beta1 0.8 -> 0.9"."""
    if ("w", "beta") not in found:
        return found
    at = found.index(("w", "beta"))
    index = found[at + 1 : at + 4]
    if len(index) == 3 and index[0] == ("p", "[") and index[2] == ("p", "]") and index[1] in (("n", 0.0), ("n", 1.0)):
        name = "beta1" if index[1][1] == 0.0 else "beta2"
        return [*found[:at], ("w", name), *found[at + 4 :]]
    pairs: list[tuple[float, float]] = []
    end = at + 1
    backwards = False  # "(0.75, 0.95) instead of (0.8, 0.95)"
    while end < len(found) and len(pairs) < 2:
        shape = "".join(kind for kind, _ in found[end : end + 5])
        if shape.startswith("pnpnp") and found[end][1] == "(":
            pairs.append((float(found[end + 1][1]), float(found[end + 3][1])))
            end += 5
        elif found[end] in _TO or found[end] in _WAS:
            backwards = backwards or (found[end] in _WAS and bool(pairs))
            end += 1
        else:
            break
    if not pairs:
        return found
    if backwards:
        pairs.reverse()
    out = found[:at]
    for i, name in enumerate(("beta1", "beta2")):
        before, after = pairs[0][i], pairs[-1][i]
        if len(pairs) == 1:
            out += [("w", name), ("n", after), ("p", ",")]
        elif before != after:
            out += [("w", name), ("n", before), ("p", "->"), ("n", after), ("p", ",")]
    return out + found[end:]


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


def _scan(found: Sequence[Token]) -> list[Atom]:
    out: list[Atom] = []
    at = 0
    scheduled = any(value in wording.SCHEDULED for _, value in found)
    while at < len(found):
        kind, value = found[at]
        hit = longest(found, at) if kind in "wn" else None
        if hit is not None and not (hit[0] == 1 and value in wording.AMBIGUOUS and not scheduled):
            out.append(_named(hit[1]))
            at += hit[0]
            continue
        if kind == "w" and (_assigned(found, at) or _valued(found, at)):
            out.append(("K", lexicon().singles.get(str(value), str(value).upper()), None))
        elif kind == "p" and value == "/" and _quotient(found, at, out):
            at += 2
            out.append(("N", round(1 / float(found[at][1]), 6), None))
        else:
            out.append((_KINDS.get(kind, "S"), value, None))
        at += 1
    return out


def _named(term: Term) -> Atom:
    if term.knob:
        return ("Q" if term.composable else "T", term.knob, term)
    if term.part:
        return ("P", term.part, term)
    return ("C", term.concept, term)


def _assigned(found: Sequence[Token], at: int) -> bool:
    """Whether an unknown word is set to a number ("tau=0.005") and so is a knob of its own."""
    return (
        at + 2 < len(found)
        and found[at + 1] == ("p", "=")
        and found[at + 2][0] in "nx"
        and found[at][1] not in wording.ARGUMENTS
        and found[at][1] not in wording.STOP
    )


def _valued(found: Sequence[Token], at: int) -> bool:
    """Whether a learnt knob of one word is followed by a value ("period 14", "period to 14"); else it is a word."""
    if found[at][1] not in lexicon().singles:
        return False
    behind = found[at + 1 : at + 3]
    return bool(behind) and (behind[0][0] in "nx" or (behind[0] in _TO and behind[-1][0] in "nx"))


def _quotient(found: Sequence[Token], at: int, out: list[Atom]) -> bool:
    """ "long_window//4": a quarter of another value; its name leaves the atoms, it is not what is set."""
    if at + 2 >= len(found) or found[at + 1] != ("p", "/") or found[at + 2][0] != "n" or not found[at + 2][1]:
        return False
    if len(out) > 1 and out[-1][0] in "KT":
        out.pop()
    return True
