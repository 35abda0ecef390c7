"""What packs of counts say in short: the changes tried most, those hardly ever kept, those often kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from memorylab.core.guard.priors import ALL, ANY, Counts, Pack, Prior, entry
from memorylab.core.reading.edits import parse

ROWS = 10
FEW = 10
"""Tries below which a change is in no ranking."""
_DRAWN = 10.0  # tries' worth of weight that the share of all tries has in a rank: 0 of 10 is not below 1 of 60


def summary(pack: Pack) -> dict[str, Any]:
    """A pack as a line."""
    return {"name": pack.name, "ledgers": pack.ledgers, "runs": pack.runs, "kept": pack.cells.get(ALL, Counts()).kept}


def overview(prior: Prior | None) -> dict[str, Any]:
    """The packs in force and their extremes; `prior` is None where they are switched off."""
    on, prior = prior is not None, prior or Prior(())
    packs = prior.packs
    every = prior.at(ALL)
    usual = every.kept / every.tries if every.tries else 0.0

    def share(row: dict[str, Any]) -> float:
        return float((row["kept"] + _DRAWN * usual) / (row["tries"] + _DRAWN))

    names = sorted({cell for pack in packs for cell in pack.cells})
    rows = [_row(prior, cell) for cell in names if "/" not in cell and cell != ALL]
    targets = [row for row in rows if row["kind"] is None]
    kinds = [row for row in rows if row["kind"] not in (None, "set") and row["tries"] >= FEW]
    return {
        "on": on,
        "packs": [summary(pack) for pack in packs],
        "most_tried": _top(targets, lambda row: row["tries"]),
        "kept_least": _top([row for row in kinds if share(row) < usual], lambda row: -share(row)),
        "kept_most": _top([row for row in kinds if share(row) > usual], share),
    }


def _top(rows: list[dict[str, Any]], key: Callable[[dict[str, Any]], float]) -> list[dict[str, Any]]:
    return sorted(rows, key=key, reverse=True)[:ROWS]


def _row(prior: Prior, cell: str) -> dict[str, Any]:
    target, _, kind = cell.partition("|")
    sources = [pack.name for pack in prior.packs if cell in pack.cells]
    return entry(target, kind, prior.at(cell), ", ".join(sources))


def of_target(prior: Prior, words: str) -> list[dict[str, Any]]:
    """Every pack's counts of one target, named as it is or by words that an idea would use; all kinds first."""
    said = parse(f"raise {words}")[:1]  # a knob that is only named is no edit
    names = {words.lower(), *(edit.target.lower() for edit in said)}
    return list(_cells(prior, names))


def _cells(prior: Prior, names: set[str]) -> Iterator[dict[str, Any]]:
    for pack in prior.packs:
        mine = [(cell, counts) for cell, counts in pack.cells.items() if "/" not in cell and cell != ALL]
        for cell, counts in sorted(mine, key=lambda item: (not item[0].endswith(ANY), -item[1].tries)):
            target, _, kind = cell.partition("|")
            if target.lower() in names:
                yield entry(target, kind, counts, pack.name)
