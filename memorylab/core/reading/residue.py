"""What a description says beyond its typed edits: the part that nobody has understood, and that may be what matters.

Two descriptions are known to be one experiment only where their edits are, and what is left of either is left of the
other as well. An arrow, a component, an index, a language that isn't read: whatever is left on one side alone makes
the match a guess, which warns and never blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from memorylab.core.lazily import pattern
from memorylab.core.reading import edits as reading
from memorylab.core.reading import wording
from memorylab.core.reading.atoms import Atom
from memorylab.core.reading.edits import MAX_TEXT, Edit, number_text
from memorylab.core.reading.identifiers import target_of
from memorylab.core.reading.lexicon import GENERIC, compose, content, is_name, remembered, spelled
from memorylab.core.reading.tokens import unread
from memorylab.tuples import NamedTuple

QUALIFIERS = frozenset(
    """
    all alone also both but each either else every except instead less more neither never no none not nothing other
    only otherwise own plus rest same without
    """.split()  # noqa: SIM905 - a table reads better as one
)
"""Words that tie a sentence together and still change what it says."""
_MEASURES = frozenset(
    """
    bar bit byte candle column core day dim epoch feature fold hour iteration minute ms param parameter percent
    piece pixel point px round row sample second sequence step token tree unit word worker year
    """.split()  # noqa: SIM905 - a table reads better as one
)
_TURNS = frozenset(("to", "instead", "rather", "than", "over", "before", "after"))
_BACKWARDS = frozenset(("instead", "rather", "than", "over"))
_IDENTIFIER = pattern(r"(?<![\w.-])[A-Za-z]\w*_\w+")
_PIECE = pattern(r"[a-z]+|\d+(?:\.\d+)?")


class Residue(NamedTuple):
    """What is left of a text: in the clauses that are the edit, and in all of it; and the identifiers of its edits."""

    edit: frozenset[str]
    whole: frozenset[str]
    names: frozenset[str] = frozenset()
    written: Mapping[str, str] = {}
    """The words of the text by their roots."""

    def packed(self) -> str:
        """One line of text that `unpacked` reads: four groups, of the items that are not in a group before."""
        shown = [f"{root}={word}" for root, word in self.written.items() if root in self.whole and root != word]
        groups = (self.edit, self.whole - self.edit, self.names, shown)
        return "\n".join("\t".join(sorted(group)) for group in groups) if any(groups) else ""


NOTHING = Residue(frozenset(), frozenset())


@remembered(16_384)
def unpacked(line: str) -> Residue:
    """What `Residue.packed` made a line of."""
    if not line:
        return NOTHING
    edit, rest, names, shown = ([item for item in group.split("\t") if item] for group in line.split("\n"))
    return Residue(
        frozenset(edit), frozenset((*edit, *rest)), frozenset(names), dict(pair.split("=", 1) for pair in shown)
    )


class Unshared(NamedTuple):
    """What two texts have left that the other hasn't: in the clauses that are the edit, then in all of the text."""

    mine: frozenset[str]
    theirs: frozenset[str]
    anywhere: frozenset[str]
    renamed: bool = False
    """Whether the two give identifiers that differ: one workspace has no two names for one knob."""
    named: bool = False
    """Whether they share one."""
    written: Mapping[str, str] = {}

    def told(self) -> str:
        """Some of what is left, as it was written, the edits' own clauses first."""
        first = sorted(self.mine | self.theirs)
        rest = sorted(self.anywhere.difference(first))
        return ", ".join([self.written.get(word, word) for word in (*first, *rest)][:3])


@remembered(16_384)
def residue(text: str, edits: tuple[Edit, ...]) -> Residue:
    """What the edits leave of the text that they were read from.

    >>> from memorylab.core.reading.edits import parse
    >>> text = "raise MATRIX_LR to 0.05 in the first fold"
    >>> sorted(residue(text, parse(text)).edit)
    ['first', 'fold']
    """
    text = text[:MAX_TEXT]
    read = reading.read(text)
    known = _Known(edits)
    left = frozenset(known.left(read.main)) | frozenset(known.turns(read.every))
    signs = frozenset(unread(text))
    targets = {edit.target for edit in edits}
    names = frozenset(name.lower() for name in _IDENTIFIER.findall(text) if target_of(name) in targets)
    written = {content(str(value)): str(value) for kind, value, _ in read.every if kind == "W"}
    return Residue(left | signs, frozenset(known.left(read.every)) | left | signs, names, written)


def apart(mine: Residue, theirs: Residue) -> Unshared:
    """What is left of one text and not of the other."""
    renamed = bool(mine.names and theirs.names) and mine.names.isdisjoint(theirs.names)
    own, others = mine.edit - theirs.whole, theirs.edit - mine.whole
    named = not mine.names.isdisjoint(theirs.names)
    return Unshared(own, others, mine.whole ^ theirs.whole, renamed, named, {**theirs.written, **mine.written})


class _Known:
    """What typed edits account for: names, values, ways."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self.edits = edits
        named = [edit.target for edit in edits if edit.in_code or is_name(edit.target)]
        self.targets = {spelled(target) for target in named}
        told = [text for edit in edits for text in (edit.scope, edit.frm, edit.to) if isinstance(text, str)] + named
        self.words = {spelled(text) for text in told}
        self.words.update(piece for text in told for piece in _PIECE.findall(text.lower()))
        self.numbers = {number for edit in edits for number in _numbers(edit)}
        self.ways = {edit.direction for edit in edits} | {edit.op for edit in edits}
        self.valued = any(edit.to is not None for edit in edits)

    def left(self, atoms: Sequence[Atom]) -> Iterator[str]:
        """What some atoms say that the edits don't.

        A measure or a general noun behind what is accounted for says nothing new: "12288 pieces", "the lm_head matrix".
        """
        composed = _composed(atoms)
        accounted = False
        for kind, value, _ in atoms:
            if kind == "S":
                accounted = False
                continue
            if accounted and kind == "W" and (value in GENERIC or value in _MEASURES):
                continue
            unread = list(self._unread(kind, value, composed))
            accounted = not unread and kind != "W"
            yield from unread

    def turns(self, atoms: Sequence[Atom]) -> Iterator[str]:
        """What takes whose place, where no typed edit says so: "easy>hard" of "easy -> hard"."""
        if any(edit.frm is not None and edit.to is not None for edit in self.edits):
            return
        swaps = any(kind == "W" and value in wording.REPLACED for kind, value, _ in atoms)
        for at, (kind, value, _) in enumerate(atoms):
            turns = value in _TURNS or (swaps and value in ("by", "with"))
            if (kind, value) == ("S", "->") or (kind == "W" and turns):
                before, behind = _content(reversed(atoms[:at])), _content(atoms[at + 1 :])
                if before and behind:
                    yield f"{before}>{behind}" if value not in _BACKWARDS else f"{behind}>{before}"

    def _unread(self, kind: str, value: float | str, composed: Mapping[str, set[str]]) -> Iterator[str]:
        if isinstance(value, float):
            if kind == "A" or number_text(value) not in self.numbers:
                yield f"{'by ' if kind == 'A' else ''}{number_text(value)}"
        elif kind == "W":
            yield from self._word(value)
        elif not self._named(value) and self.targets.isdisjoint(composed.get(value, ())):
            yield spelled(value)

    def _word(self, word: str) -> Iterator[str]:
        if word in QUALIFIERS:
            removed = word in wording.REMOVE and "remove" in self.ways
            turned = word in wording.TURNS and (self.valued or not self.ways.isdisjoint(("up", "down")))
            if not removed and not turned and word not in self.words:
                yield word
        elif word in wording.TURNS:
            way = "up" if word in wording.UP else "down" if word in wording.DOWN else ""
            if not self.valued and way not in self.ways and content(word) not in self.words:
                yield way or word
        elif word not in wording.SILENT and word not in self.words and content(word) not in self.words:
            yield content(word)

    def _named(self, name: str) -> bool:
        whole = spelled(name)
        return whole in self.targets or whole in self.words or self.words.issuperset(_PIECE.findall(whole))


def _content(atoms: Iterable[Atom]) -> str:
    """The first word of content among some atoms of a clause, as it is compared."""
    for kind, value, _ in atoms:
        if kind == "S":
            return ""
        if kind == "W" and str(value) not in wording.SILENT:
            return content(str(value))
        if kind in "CP":
            return spelled(str(value))
        if kind in "TQKVNXO":  # a knob and its values are an edit's
            return ""
    return ""


def _composed(atoms: Sequence[Atom]) -> dict[str, set[str]]:
    """The targets that parts and knobs of a text make together, by either: EMBEDDING and LR make EMBEDDING_LR."""
    found: dict[str, set[str]] = {}
    parts = {str(value) for kind, value, _ in atoms if kind == "P"}
    knobs = {str(value) for kind, value, _ in atoms if kind == "Q"}
    for part in parts:
        for knob in knobs:
            for name in (part, knob):
                found.setdefault(name, set()).add(spelled(compose(part, knob)))
    return found


def _numbers(edit: Edit) -> Iterator[str]:
    """The numbers that an edit accounts for: its values, and the factor or the amount between two of them."""
    if isinstance(edit.to, float):
        yield number_text(edit.to)
    if isinstance(edit.frm, float):
        yield number_text(edit.frm)
    if isinstance(edit.to, float) and isinstance(edit.frm, float) and edit.frm:
        yield number_text(edit.to / edit.frm)
    if edit.to == "off":
        yield "0"
    for piece in _PIECE.findall(f"{edit.target} {edit.scope or ''}".lower()):
        if piece[0].isdigit():
            yield number_text(float(piece))
