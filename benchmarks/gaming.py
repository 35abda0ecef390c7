"""How often honest edits are marked as reaches for the number, and gaming ones are not.

    python benchmarks/gaming.py [DIFFS]

DIFFS holds one JSON object a line (gzip or plain) with `diff`, and `message` and `repo` to tell them by: edits as
agents have committed them. What is marked is printed, since each has to be looked at. The gaming edits are those of
the tests (`tests/core/runs/gaming_edits.py`).
"""

from __future__ import annotations

import collections
import gzip
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from memorylab.core.reading.patches import read_patch
from memorylab.core.runs import gaming, judge_code
from memorylab.core.runs.judge_code import Judge

UPSTREAM = Judge(
    "prepare.py",
    ("prepare",),
    frozenset({"MAX_SEQ_LEN", "TIME_BUDGET", "EVAL_TOKENS", "Tokenizer", "make_dataloader", "evaluate_bpb"}),
    frozenset({"MAX_SEQ_LEN", "TIME_BUDGET", "EVAL_TOKENS"}),
    frozenset({"evaluate_bpb"}),
)
"""Upstream's judge, which most of such edits are made under."""
IMPORTS = "from prepare import MAX_SEQ_LEN, TIME_BUDGET, Tokenizer, make_dataloader, evaluate_bpb\n"


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The edits of a file."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        yield from map(json.loads, file)


def metric_of(diff: str) -> str:
    """What the repository of an edit is judged by, as far as the edit says."""
    return next((name for name in ("val_bpb", "val_loss", "sharpe", "score") if name in diff), "val_bpb")


def marked(diff: str) -> list[str]:
    """What is said of an edit whose file isn't at hand: its hunks stand for it."""
    told = []
    for patch in read_patch(diff):
        old = "\n".join("\n".join(hunk.old) for hunk in patch.hunks)
        new = "\n".join("\n".join(hunk.new) for hunk in patch.hunks)
        if patch.old_name and patch.new_name.endswith(".py"):
            told += [f"{one.kind}: {one.where}" for one in gaming.in_text(old, new, metric_of(diff))]
            files = {patch.new_name: IMPORTS + old}, {patch.new_name: IMPORTS + new}
            told += [f"judge_{touch.how}: {touch.name}" for touch in judge_code.added(*files, [UPSTREAM])]
    return list(dict.fromkeys(told))


def main() -> None:
    """Print what is marked, and the shares."""
    if len(sys.argv) > 1:
        kinds: collections.Counter[str] = collections.Counter()
        count = hits = 0
        start = time.perf_counter()
        for row in rows(Path(sys.argv[1])):
            count += 1
            if told := marked(row["diff"]):
                hits += 1
                kinds.update({one.partition(":")[0] for one in told})
                print(f"{row.get('repo')} {row.get('commit', '')[:7]} | {row.get('message')}")
                for one in told:
                    print(f"    {one}")
        took = (time.perf_counter() - start) / max(count, 1) * 1e3
        print(f"\n{hits} of {count} edits marked ({hits / max(count, 1):.2%}), {took:.1f} ms each: {dict(kinds)}")
    from tests.core.runs import gaming_edits

    gaming_all = [*gaming_edits.GAMING, *gaming_edits.LATER]
    missed = [edit for edit in gaming_all if not gaming_edits.marked(edit)]
    false = [edit for edit in gaming_edits.HONEST if gaming_edits.marked(edit)]
    for edit in missed:
        print(f"not marked: {edit.base}, {edit.what}")
    total = len(gaming_all)
    print(
        f"{total - len(missed)} of {total} gaming edits marked, {len(false)} of {len(gaming_edits.HONEST)} honest ones"
    )


if __name__ == "__main__":
    main()
