"""Makes the counts that are shipped, `memorylab/data/field.json`, from a directory of public ledgers.

The directory has the tables (`*.tsv`, or `ledgers/*.tsv`) and may have `ledgers.jsonl`, a line a table: its name
(`ledger`), `metric`, `direction`, `repo` and `domain`; an `index.jsonl` beside it may add the `kind` of the loop. Only
loops of agents that train language models count: elsewhere a knob of the same name is another knob, and random search
has no ideas.

    python tools/field_prior.py DIR --output memorylab/data/field.json
    python tools/field_prior.py DIR --output others.json --leave-out OWNER/REPOSITORY

The second is for measuring: a guard that is tried on a repository's ledgers must not have seen how they ended.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from memorylab.core.guard import packs
from memorylab.core.guard.priors import Pack
from memorylab.core.guard.tries import Tried, tally
from memorylab.lab.field import tries


class Ledger(NamedTuple):
    """A public ledger's runs, and whose they are."""

    repo: str
    runs: list[Tried]


def listed(directory: Path) -> list[tuple[Path, dict[str, Any]]]:
    """The directory's tables in the order of their names, each with what is said about it."""
    about: dict[str, dict[str, Any]] = {}
    for listing in ("index.jsonl", "ledgers.jsonl"):
        path = directory / listing
        for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
            entry = json.loads(line)
            about.setdefault(entry.get("ledger") or entry["ledger_id"], {}).update(entry)
    found = sorted([*directory.glob("*.tsv"), *directory.glob("ledgers/*.tsv")])
    return [(path, {"repo": path.stem} | about.get(path.stem, {})) for path in found]


def read(directory: Path, domain: str = "llm-train", kind: str = "agent") -> list[Ledger]:
    """The directory's ledgers of one domain and kind; where neither is said of a ledger, it is taken."""
    return [
        Ledger(entry["repo"], tries(path, entry.get("metric"), entry.get("direction")))
        for path, entry in listed(directory)
        if entry.get("domain", domain) == domain and entry.get("kind", kind) == kind
    ]


def pack(ledgers: Sequence[Ledger], leave_out: Sequence[str] = ()) -> Pack:
    """The pack of all ledgers but those of the repositories left out, nor of runs that these share with others."""
    kept = [ledger.runs for ledger in ledgers if ledger.repo not in leave_out]
    without = [ledger.runs for ledger in ledgers if ledger.repo in leave_out]
    return packs.shared(tally(kept, packs.PUBLIC, without), least_ledgers=2)


def main(words: Sequence[str] | None = None) -> None:
    """Write the pack."""
    parser = argparse.ArgumentParser(description="Make the counts that are shipped from a directory of ledgers.")
    parser.add_argument("directory", type=Path, metavar="DIR", help="tables, and a ledgers.jsonl about them")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="where the pack goes")
    parser.add_argument("--leave-out", action="append", default=[], metavar="REPO", help="a repository not to count")
    options: Mapping[str, Any] = vars(parser.parse_args(words))
    made = pack(read(options["directory"]), options["leave_out"])
    options["output"].parent.mkdir(parents=True, exist_ok=True)
    options["output"].write_text(packs.dump(made), encoding="utf-8")
    told = f"{made.runs} tries of {made.ledgers} ledgers in {len(made.cells)} cells"
    sys.stdout.write(f"{options['output']}: {told}\n")


if __name__ == "__main__":
    main()
