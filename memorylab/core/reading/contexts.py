"""What in a description is context: which base it stands on, what is kept, what no longer holds. It is no edit."""

from __future__ import annotations

from collections.abc import Sequence

from memorylab.core.reading import wording
from memorylab.core.reading.atoms import Atom, assignments, names

BREAKS = frozenset((",", ";", "+", ".", "(", ")", ":", "--", "[", "]", "{", "}"))
_LEADS = frozenset(("on", "in", "at", "with", "for", "after", "since", "given", "now", "from"))


def without_lead(found: list[Atom], circumstances: set[str]) -> list[Atom]:
    """Cut what names the base in front: "On the 9-layer stack: ...", "5L/448 SLSL/88: ...", "with MoE, ..."."""
    if not found:
        return found
    opener = found[0][1] if found[0][0] == "W" else ""
    ends = (":", ",", ";", "--") if opener in _LEADS else (":",)
    end = next((i for i, atom in enumerate(found[:40]) if atom[0] == "S" and atom[1] in ends), 0)
    lead = found[:end]
    if not lead or len(found) - end < 2 or any(_acts(atom) for atom in lead[1:]):
        return found
    if opener not in _LEADS:
        facts = sum(kind in "NV" for kind, _, _ in lead)
        if facts < 2 or len(lead) <= (3 if lead[0][0] == "T" else 2):  # "MATRIX_LR 0.05: ..." is the edit itself
            return found
    if opener in ("with", "after", "since", "given", "now"):
        circumstances |= names(lead) | assignments(lead)
    return found[end + 1 :]


def _acts(atom: Atom) -> bool:
    """Whether an atom makes its clause an edit: a verb, a direction, an assignment."""
    kind, value, _ = atom
    if kind == "S":
        return value in ("->", "=")
    return kind == "W" and (
        value in wording.TURNS or value in wording.REMOVE or value in wording.REPLACE or value in wording.VERBS
    )


def without_context(found: list[Atom]) -> list[Atom]:
    """Cut "while keeping ...", "on the ... stack", "at fixed depth": they say what stays."""
    out: list[Atom] = []
    at = 0
    while at < len(found):
        kind, value, _ = found[at]
        if kind == "W" and value in wording.CONTEXT_START and out:
            break
        end = (_fixed_end(found, at) or _context_end(found, at)) if kind == "W" and value in wording.PREPOSITIONS else 0
        if end:
            at = end
        else:
            out.append(found[at])
            at += 1
    return out or found


def _fixed_end(found: Sequence[Atom], at: int) -> int:
    """The position after "at fixed 10-layer depth", "at constant width", or 0."""
    if at + 1 >= len(found) or found[at + 1][1] not in ("fixed", "constant", "same", "unchanged"):
        return 0
    for j in range(at + 2, len(found)):
        if found[j][0] == "S" and found[j][1] in BREAKS:
            return j
    return len(found)


def _context_end(found: Sequence[Atom], at: int) -> int:
    """The position after a context phrase that starts at the preposition `at`, or 0 when there is none."""
    for j in range(at + 1, min(at + 18, len(found))):
        kind, value, _ = found[j]
        if kind == "S" and value in ("->", "=", "(", ",", ";", ":", "--"):
            return 0
        if kind in "WC" and value in wording.CONTEXT_NOUN and j > at + 1:  # "baseline" is a concept as well
            return j + 1
        if kind == "W" and value in wording.PREPOSITIONS and found[at][1] != "on":
            return 0
    return 0


def stays(clause: Sequence[Atom]) -> bool:
    """ "Width unchanged", "wte kept at 0.6": a clause about what is not touched."""
    return any(kind == "W" and value in wording.STAYS for kind, value, _ in clause)


def by_now(clause: Sequence[Atom]) -> bool:
    """ "LR is lower now", "rows no longer overlap": a clause about the base."""
    said = [value for kind, value, _ in clause if kind == "W"]
    return "now" in said or ("longer" in said and "no" in said)
