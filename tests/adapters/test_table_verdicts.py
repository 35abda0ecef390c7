"""Verdicts as other loops write them: switches, third states, runs that never ran or were cut, headings, signs."""

from __future__ import annotations

from pathlib import Path

import pytest

from memorylab.adapters.tables import Table, read_table

Found = list[tuple[str | None, float | None, str]]


def table(tmp_path: Path, text: str, name: str = "theirs.tsv") -> Table:
    path = tmp_path / name
    path.write_text(text)
    return read_table(path)


def rows(found: Table) -> Found:
    return [(row.status, row.value, row.description) for row in found.rows]


def said(found: Table) -> str:
    return "\n".join(what for _, what in found.problems)


@pytest.mark.parametrize("name", ["kept", "Accepted", "is_best", "improved", "is_improvement", "promoted"])
@pytest.mark.parametrize(("yes", "no"), [("true", "false"), ("True", "False"), ("yes", "no"), ("1", "0"), ("✅", "❌")])
def test_a_switch_is_a_verdict(tmp_path: Path, name: str, yes: str, no: str) -> None:
    text = f"id,idea,f1,{name}\ng1,bag of words,0.61,{yes}\ng2,char n-grams,0.66,{yes}\ng3,drop stop words,0.60,{no}\n"
    found = table(tmp_path, text, "log.csv")
    assert rows(found) == [
        ("keep", 0.61, "bag of words"),
        ("keep", 0.66, "char n-grams"),
        ("discard", 0.60, "drop stop words"),
    ]
    assert found.metric == "f1"


def test_beside_a_switch_a_state_says_what_crashed_and_what_has_not_ended(tmp_path: Path) -> None:
    text = (
        "run\tstate\tmae\tkept\tchange\n"
        "1\tdone\t3.1\t1\tridge\n"
        "2\tcrashed\t\t0\tgaussian process\n"
        "3\trunning\t\t0\tlasso\n"
        "4\tdone\t3.4\t0\tno intercept\n"
        "5\tskipped\t\t0\tspline\n"
    )
    assert [status for status, _, _ in rows(table(tmp_path, text))] == ["keep", "crash", None, "discard", None]


def test_third_states_are_no_verdict(tmp_path: Path) -> None:
    words = [
        "iterate",
        "refine",
        "archive",
        "pivot",
        "pending",
        "running",
        "skipped",
        "ITERATE (close)",
        "refine - kept?",
    ]
    text = "commit\tval_loss\tstatus\tdescription\nabc1230\t2.0\tkeep\tbaseline\n"
    text += "".join(f"abc12{n:02}\t2.{n}\t{word}\tidea {n}\n" for n, word in enumerate(words, 10))
    found = table(tmp_path, text)
    assert [status for status, _, _ in rows(found)] == ["keep", *[None] * len(words)]
    assert "no verdict: the status is 'iterate'" in said(found)


@pytest.mark.parametrize(
    "word", ["policy_reject", "policy-rejected: touches the judge", "rejected before run", "no_changes", "Not applied"]
)
def test_what_never_ran_is_evidence_of_nothing(tmp_path: Path, word: str) -> None:
    text = (
        "commit\tval_loss\tstatus\tdescription\nabc1230\t2.0\tkeep\tbaseline\nabc1231\t2.2\tdiscard\twider\n"
        f"abc1232\t\t{word}\tdeeper\n"
    )
    assert rows(table(tmp_path, text))[2] == (None, None, "deeper")


def test_a_run_that_was_killed_was_discarded_where_it_has_a_score_and_stopped_where_it_has_none(tmp_path: Path) -> None:
    text = (
        "commit\tsharpe\tstatus\tdescription\n"
        "abc1230\t1.10\tkeep\tmomentum, 20 days\n"
        "abc1231\t0.70\tkilled\tmomentum, 5 days\n"
        "abc1232\t\tkilled\tmomentum, 60 days\n"
        "abc1233\tNA\tStopped (by hand)\tmean reversion\n"
        "abc1234\t\tkilled (OOM)\tall pairs\n"
    )
    found = table(tmp_path, text)
    assert [(row.status, row.value, row.error_kind) for row in found.rows] == [
        ("keep", 1.10, None),
        ("discard", 0.70, None),
        ("crash", None, "interrupted"),
        ("crash", None, "interrupted"),
        ("crash", None, None),
    ]


def test_verdicts_in_headings_of_markdown(tmp_path: Path) -> None:
    text = """# Night of the 3rd

Some words on the setup. Run 0 was a dry run.

## Run 12 — KEPT

- val_bpb: 1.2031 -> 1.1984
- change: raise the matrix learning rate to 0.05

## Run 13 — DISCARDED: halve the batch

val_bpb: 1.2101

## ❌ Run 14: swap the norm

**val_bpb:** 1.2077
**why:** it should be cheaper

### Run 15 [CRASHED] rotary on values

Out of memory.

## Run 16 - running

- change: tie the embeddings

## What we kept

Nothing else.
"""
    found = table(tmp_path, text, "LOG.md")
    assert rows(found) == [
        ("keep", 1.1984, "raise the matrix learning rate to 0.05"),
        ("discard", 1.2101, "halve the batch"),
        ("discard", 1.2077, "swap the norm"),
        ("crash", None, "rotary on values"),
        (None, None, "tie the embeddings"),
    ]
    assert (found.metric, found.direction) == ("val_bpb", "min")
    assert [row.label for row in found.rows][:2] == ["Run 12", "Run 13"]


def test_a_small_table_below_each_heading_is_one_run(tmp_path: Path) -> None:
    text = "".join(
        f"## Experiment {n}: {idea}\n\n| Field | Value |\n|---|---|\n| accuracy | {value} |\n| seconds | 12 |\n"
        f"| Verdict | {verdict} |\n\n---\n\n"
        for n, idea, value, verdict in [
            (1, "baseline", 0.8, "✅ keep"),
            (2, "more trees", 0.83, "✅"),
            (3, "stumps", 0.7, "✗"),
        ]
    )
    found = table(tmp_path, text, "experiments.md")
    assert rows(found) == [("keep", 0.8, "baseline"), ("keep", 0.83, "more trees"), ("discard", 0.7, "stumps")]
    assert (found.metric, found.direction) == ("accuracy", "max")


def test_a_table_of_runs_between_headings_stays_one(tmp_path: Path) -> None:
    text = """# Results

## Run 1 to 3

| run | val_loss | verdict | idea |
|---|---|---|---|
| 1 | 2.0 | ✅ | baseline |
| 2 | 1.9 | ☑️ kept | wider |
| 3 | 2.1 | ❎ worse | deeper |

## Run 4, discarded

| run | val_loss | verdict | idea |
|---|---|---|---|
| 4 | 2.2 | 🔴 | no norm |
"""
    assert [status for status, _, _ in rows(table(tmp_path, text, "results.md"))] == [
        "keep",
        "keep",
        "discard",
        "discard",
    ]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        *[("✅ improved", "keep"), ("✅improved", "keep"), ("🏆 new best", "keep"), ("🟢", "keep"), ("👍", "keep")],
        *[("❌ no gain", "discard"), ("🔴 worse", "discard"), ("👎", "discard"), ("✖️", "discard"), ("🚫", "discard")],
        *[
            ("💀", "crash"),
            ("💥 OOM", "crash"),
            ("❌ crashed", "crash"),
            ("⏳ running", None),
            ("🟡", None),
            ("⏳", None),
        ],
        *[("✅ done", None), ("⚠️ reverted", "discard")],
    ],
)
def test_signs_with_and_without_words(tmp_path: Path, word: str, status: str | None) -> None:
    text = f"commit\tval_loss\tstatus\tdescription\nabc1230\t2.0\tkeep\tbaseline\nabc1231\t1.9\t{word}\twider\n"
    assert rows(table(tmp_path, text))[1][0] == status
