"""What is remembered of history is told anew as soon as there is another run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from memorylab.core.reading.ideas import make_idea
from memorylab.lab import open_lab
from memorylab.lab.judge import recalled
from memorylab.lab.recall import Recall


def add(root: Path, *rows: dict[str, Any]) -> None:
    open_lab(root).context.ledger.append(
        [{"arena": {"metric": "val_bpb", "direction": "min"}, "tags": [], **row} for row in rows]
    )


def test_a_run_between_two_ideas_of_a_batch_is_in_the_second_verdict(tmp_path: Path) -> None:
    lab = open_lab(tmp_path)
    lab.init()
    add(tmp_path, {"run_id": "a", "status": "keep", "description": "baseline", "metrics": {"val_bpb": 1.0}})
    ideas = [make_idea("raise MATRIX_LR to 0.05"), make_idea("raise MATRIX_LR to 0.05")]
    verdicts = [lab.check(ideas[0])["match_count"]]
    before = recalled(lab.context)
    assert recalled(lab.context) is before
    add(tmp_path, {"run_id": "b", "status": "discard", "description": "MATRIX_LR 0.05", "metrics": {"val_bpb": 1.1}})
    verdicts.append(lab.check(ideas[1])["match_count"])
    assert verdicts == [0, 1] and recalled(lab.context) is not before


def test_what_was_kept_since_a_run_is_told_newest_first(tmp_path: Path) -> None:
    lab = open_lab(tmp_path)
    lab.init()
    kept = ("depth 9", "MATRIX_LR 0.05", "depth 10", "tie embeddings")
    add(tmp_path, *({"run_id": text, "status": "keep", "description": text} for text in kept))
    lab.context.catch_up()
    recall: Recall = recalled(lab.context)
    oldest, second, _, last = recall.past([1, 2, 3, 4])
    assert last.moved == () and second.moved[-1] == "DEPTH" and set(second.moved) < {"MATRIX_LR", *oldest.moved}
    assert not oldest.in_base and last.in_base
