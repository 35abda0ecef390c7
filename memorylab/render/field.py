"""The packs of counts in force, as a terminal shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memorylab.render import words
from memorylab.render.escape import one_line
from memorylab.render.table import Column, section, table, wrap

OFF = "priors = false in the settings: ideas are judged without counts from other ledgers."


def overview(found: Mapping[str, Any], width: int, color: bool = False) -> str:
    """The packs, and the changes tried most, kept least and kept most."""
    lines = [] if found["on"] else wrap(OFF, width)
    for pack in found["packs"]:
        made = f"{pack['runs']} tries of {words.plural(pack['ledgers'], 'ledger')}, {pack['kept']} kept"
        lines += wrap(f"{one_line(pack['name'], 40)}: {made}", width)
    for title, name in (("Tried most", "most_tried"), ("Kept least", "kept_least"), ("Kept most", "kept_most")):
        lines += section(title, cells(found[name], width, color), width, color)
    return "\n".join(lines or ["No pack of counts."])


def cells(rows: Sequence[Mapping[str, Any]], width: int, color: bool = False, source: bool = False) -> list[str]:
    """Cells as a table, in the order given."""
    columns = [
        Column("change", flex=True),
        Column("tries", right=True),
        Column("ledgers", right=True, priority=1),
        Column("kept", right=True),
        Column("crashed", right=True, priority=2),
    ]
    shown = []
    for row in rows:
        counts = [str(row[name]) for name in ("tries", "ledgers", "kept", "crashed")]
        shown.append((words.change(row), *counts, *([one_line(row["source"], 40)] if source else [])))
    if source:
        columns.append(Column("pack", priority=3))
    return table(columns, shown, width, color)
