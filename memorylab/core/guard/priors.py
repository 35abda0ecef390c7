"""What became of such edits elsewhere: counts of tries by target and kind, the prior for a workspace's first hours.

Only counts travel: no texts, no values, no names of repositories. A cell is one kind of change of one target; the
levels above it (the target, its family, everything) have cells of their own, because ledgers don't add up over kinds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memorylab.core.lazily import pattern
from memorylab.core.reading.concepts import SETTINGS
from memorylab.core.reading.edits import Edit
from memorylab.core.reading.lexicon import lexicon, spelled
from memorylab.core.reading.vocabulary import FROM_ZERO
from memorylab.tuples import NamedTuple

ANY = "*"
ALL = "*|*"
ENOUGH = 5
"""Tries from which a cell speaks for itself; below that the level above it is asked."""
STRENGTH = 40.0
"""Tries' worth of weight that the level above has in a rate: the best of 5 to 320 where each public repository of a
small-model loop is foretold from the others. Keep shares differ more between people than between ideas."""
SHIPPED = "public"
"""The name of the pack that comes with MemoryLab."""
_LANGUAGE = pattern(r"(?i)(?:^|_)(?:bpb|bpc|ppl|perplexity|nll|val_loss|eval_loss|train_loss|test_loss)(?:_|$)|^loss$")
"""Metrics of language models, by which the field that was counted is told from others."""
TOLD = 3
"""Edits of an idea whose counts are told."""
_FLOOR = (0.25, 4.0)  # what is assumed, and how firmly, of an edit when there are no counts at all
_LAYOUT = frozenset("SL")  # a window pattern of these is a name, not a number
_NAMED = {setting: name for name, setting in SETTINGS.items()}


class Counts(NamedTuple):
    """How often something was tried, in how many ledgers, and how that ended."""

    tries: int = 0
    ledgers: int = 0
    kept: int = 0
    crashed: int = 0

    def plus(self, other: Counts) -> Counts:
        """The counts of both, which must be of different ledgers."""
        return Counts(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Pack(NamedTuple):
    """Counts from one set of ledgers, by cell ("MATRIX_LR|up", "MATRIX_LR|*", "optimizer/*|up", "*|*")."""

    name: str
    ledgers: int
    runs: int
    cells: Mapping[str, Counts]

    def plus(self, other: Pack) -> Pack:
        """The pack of both sets of ledgers, under this one's name."""
        cells = dict(self.cells)
        for cell, counts in other.cells.items():
            cells[cell] = cells.get(cell, Counts()).plus(counts)
        return Pack(self.name, self.ledgers + other.ledgers, self.runs + other.runs, cells)


class Prior(NamedTuple):
    """The packs in force; their counts add up."""

    packs: tuple[Pack, ...]

    def at(self, cell: str) -> Counts:
        """The counts of one cell in all packs."""
        total = Counts()
        for pack in self.packs:
            if cell in pack.cells:
                total = total.plus(pack.cells[cell])
        return total

    def lookup(self, edit: Edit, family: str, now: float | None = None) -> Counts:
        """The counts of the most specific cell that was tried often enough to say something.

        `now` is the target's present value, which tells a value without a direction to be a step up or down.
        """
        found = (self.at(cell) for cell in levels(edit, family, now))
        return next((counts for counts in found if counts.tries >= ENOUGH), self.at(ALL))

    def rate(self, edit: Edit, family: str, now: float | None = None) -> float:
        """The share of such tries that was kept: each level's share, drawn towards that of the level above it."""
        share, weight = _FLOOR
        for cell in reversed(levels(edit, family, now)):
            counts = self.at(cell)
            share = (counts.kept + weight * share) / (counts.tries + weight)
            weight = STRENGTH
        return share

    def overall(self) -> float:
        """The share of all tries that was kept."""
        counts = self.at(ALL)
        return (counts.kept + 0.25) / (counts.tries + 1)

    def in_domain(self, metric: str) -> Prior:
        """The packs that were counted in loops like this one: the shipped one is of small language models alone.

        What a workspace has loaded was chosen by somebody who knows.
        """
        if _LANGUAGE.search(metric) is not None:
            return self
        return Prior(tuple(pack for pack in self.packs if pack.name != SHIPPED))

    def knows(self, edit: Edit) -> bool:
        """Whether its very target was tried often enough to say something."""
        return _plain(edit.target) and self.at(f"{edit.target}|{ANY}").tries >= ENOUGH

    def told(self, edits: Sequence[Edit], now: Mapping[str, float]) -> list[dict[str, Any]]:
        """What each pack says of an idea's edits: their kind where it was tried often enough, else their target."""
        out: list[dict[str, Any]] = []
        for number, edit in enumerate(edits[:TOLD]):
            target = edit.target
            if not _plain(target) or target in (other.target for other in edits[:number]):
                continue
            for pack in self.packs:
                kind = kind_of(edit, now.get(target))
                counts = pack.cells.get(f"{target}|{kind}", Counts())
                if counts.tries < ENOUGH and f"{target}|{ANY}" in pack.cells:
                    kind, counts = ANY, pack.cells[f"{target}|{ANY}"]
                if counts.tries:
                    out.append(entry(target, kind, counts, pack.name))
        return out


def entry(target: str, kind: str, counts: Counts, source: str) -> dict[str, Any]:
    """A cell as it is shown; `kind` is None for all kinds together."""
    return {"target": target, "kind": None if kind == ANY else kind, **counts._asdict(), "source": source}


def levels(edit: Edit, family: str, now: float | None = None) -> tuple[str, ...]:
    """The cells that an edit belongs to, the most specific first."""
    kind = kind_of(edit, now)
    own = (f"{edit.target}|{kind}", f"{edit.target}|{ANY}") if _plain(edit.target) else ()
    return (*own, f"{family}/{ANY}|{kind.partition(':')[0]}", f"{family}/{ANY}|{ANY}", ALL)


def _plain(target: str) -> bool:
    """Whether a target can't be taken for another cell: one made of a text's own words may hold anything."""
    return not set(target) & set("|*/")


def kind_of(edit: Edit, now: float | None = None) -> str:
    """How an edit changes its target: up, down, on, off, "to:NAME", or "set" where a value doesn't say which way."""
    to = edit.to
    if edit.op == "remove" or to in (0, "off"):
        return "off"
    name = _NAMED.get((edit.target, to)) if to is not None else None
    if name or isinstance(to, str):
        return _to(name or str(to))
    origin = edit.frm if isinstance(edit.frm, float) else now
    if origin is None and edit.target.endswith(FROM_ZERO):
        origin = 0.0
    if origin == 0 and to is not None and edit.op != "scale":
        return "on"
    if edit.direction in ("up", "down"):
        return edit.direction
    if to is None:
        return "set" if edit.op == "replace" else "on"
    if edit.op == "scale":
        return "up" if to > 1 else "down"
    if origin is None or origin == to:
        return "on" if edit.target.islower() else "set"  # a part that is added with a number: "gqa 4"
    return "up" if to > origin else "down"


def _to(name: str) -> str:
    known = spelled(name) in lexicon().names or (len(name) <= 8 and _LAYOUT.issuperset(name))
    return f"to:{name}" if known else "set"
