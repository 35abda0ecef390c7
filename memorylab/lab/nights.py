"""Nights that lie in a workspace without being memory: tables and ledgers of other tools, offered for import."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from memorylab.adapters import campaigns, results_tsv, tables
from memorylab.errors import LabError
from memorylab.lab import derived
from memorylab.lab.context import Context

_NAMES = re.compile(
    r"(?i)(?:auto-?research|results?|experiments?|runs?|trials|ledger|log)[\w.-]*\.(?:tsv|csv|jsonl|md)"
)
_LARGEST = 8 << 20
_MOST = 5


def found(context: Context) -> list[str]:
    """A sentence for each table that could be imported, and for a `results.tsv` that isn't ours to write to."""
    place, told = context.place, []
    if not results_tsv.is_ours(place.results_tsv):
        own = derived.table(context).relative_to(place.memory_root).as_posix()
        name = place.results_tsv.name
        told.append(f"{name} has columns of its own and is kept as it is; MemoryLab's table is {own}")
    context.catch_up()
    if context.views().size() or place.campaign:  # what another campaign left is no night of this one
        return told
    others = {place.results_tsv.with_name(f"results.{name}.tsv") for name in campaigns.named(place)}
    for path in (path for path in _tables(place.memory_root) if path not in others):
        with suppress(LabError, OSError, RecursionError):
            rows = len(tables.read_table(path).rows) if path.stat().st_size <= _LARGEST else 0
            if rows:
                runs = "1 run" if rows == 1 else f"{rows} runs"
                told.append(f"{path.name} holds {runs} from before; `memorylab import {path.name}` takes them over")
    return told[: _MOST + 1]


def _tables(root: Path) -> list[Path]:
    try:
        return sorted(path for path in root.iterdir() if _NAMES.fullmatch(path.name) and path.is_file())
    except OSError:
        return []
