"""Holds that a correction is appended, that every view tells of the run as it counts now, and that nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Shell


def measured(lab: Shell, description: str, value: str, *words: str) -> str:
    (lab.root / "train.py").write_text(f"X = {value!r}\n")
    lab.git("commit", "-qam", description)
    told = ("--", "printf", "%s\\n", "---", f"val_bpb: {value}")
    row = json.loads(lab.ok("run", "--json", "--no-check", "--description", description, *words, *told))
    return str(row["run_id"])


@pytest.fixture
def two(lab: Shell) -> tuple[Shell, str, str]:
    """A base of 1.0 and a run that is said to be better by a third."""
    (lab.root / "train.py").write_text("X = 1\n")
    lab.git("add", "-A")
    lab.git("commit", "-qm", "base")
    return lab, measured(lab, "baseline", "1.0"), measured(lab, "set WIDTH to 96", "0.9")


def table(lab: Shell) -> list[list[str]]:
    return [line.split("\t")[1:4:2] for line in (lab.root / "results.tsv").read_text().splitlines()[1:]]


def views(lab: Shell, run_id: str) -> set[tuple[str, Any]]:
    """What the commands say of a run: its status and its value."""
    shown = lab.json("show", run_id)
    listed = next(row for row in lab.json("history") if row["run_id"] == run_id)
    return {
        (shown["status"], shown["metrics"]["val_bpb"] if shown["status"] != "crash" else None),
        (listed["status"], listed["value"]),
    }


def test_a_retracted_run_leads_nothing_and_blocks_nothing(two: tuple[Shell, str, str]) -> None:
    lab, base, better = two
    assert lab.json("best")["champion"]["run_id"] == better
    before = (lab.root / "results/memorylab/experiments.jsonl").read_bytes()
    said = lab.ok("retract", better, "--note", "trained on the test set")
    assert f"{better} was keep 0.9 and is out of evidence" in said
    after = (lab.root / "results/memorylab/experiments.jsonl").read_bytes()
    assert after.startswith(before), "what was recorded stays as it was"
    assert views(lab, better) == {("crash", None)}
    assert lab.json("show", better)["corrected"]["note"] == "trained on the test set"
    assert lab.json("best")["champion"]["run_id"] == base
    assert (
        json.loads((lab.root / "results/memorylab/champion_challenger.json").read_text())["champion"]["run_id"] == base
    )
    assert table(lab) == [["1.000000", "keep"], ["0.000000", "crash"]]
    assert lab.json("check", "--description", "set WIDTH to 96")["policy"]["decision"] != "block"
    assert lab.run("verify").returncode == 0


def test_a_replay_judges_the_runs_as_they_count_now(two: tuple[Shell, str, str]) -> None:
    lab, _, better = two
    ledger = str(lab.root / "results/memorylab/experiments.jsonl")
    assert sum(lab.json("replay", ledger)["keep"].values()) == 2
    lab.ok("retract", better)
    told = lab.json("replay", ledger)
    assert (sum(told["keep"].values()), sum(told["crash"].values())) == (1, 1)


def test_an_index_built_anew_says_the_same(two: tuple[Shell, str, str], tmp_path: Path) -> None:
    lab, _, better = two
    lab.ok("amend", better, "--status", "discard", "--note", "no gain on another seed")
    known = lab.json("history")
    for file in (lab.root / "results/memorylab").glob("index.sqlite*"):
        file.unlink()
    assert lab.json("history") == known
    assert views(lab, better) == {("discard", 0.9)}
    assert table(lab) == [["1.000000", "keep"], ["0.900000", "discard"]]


def test_a_crash_is_amended_to_the_number_that_its_log_told(two: tuple[Shell, str, str]) -> None:
    lab, _, better = two
    program = 'printf \'val_bpb: 0.8\\nTraceback (most recent call last):\\n  File "plot.py", line 3, in <module>\\n'
    program += "ValueError: no display\\n'; exit 1"
    words = ("--no-check", "--description", "set WIDTH to 128", "--", "sh", "-c", program)
    row = json.loads(lab.ok("run", "--json", *words))
    assert (row["status"], row["error"]["kind"]) == ("crash", "exception")
    assert "val_bpb 0.8 was printed before it" in row["error"]["summary"]
    done = lab.json("amend", row["run_id"], "--status", "keep", "--note", "it crashed while plotting")
    assert (done["status"], done["value"], done["integrity"]) == ("keep", 0.8, row["integrity"])
    assert done["is_champion"] and lab.json("best")["champion"]["run_id"] == row["run_id"] != better


def test_a_correction_tells_both_values_with_the_digits_that_they_have(two: tuple[Shell, str, str]) -> None:
    lab, _, better = two
    lab.ok("amend", better, "--value", "0.0743735", "--note", "read off the plot")
    said = lab.ok("amend", better, "--value", "0.09", "--note", "a typing error")
    assert f"{better} was keep 0.0743735 and is keep 0.09;" in said


def test_a_value_that_the_log_does_not_tell_waits_for_a_person(two: tuple[Shell, str, str]) -> None:
    lab, base, better = two
    done = lab.json("amend", base, "--value", "0.5", "--note", "read off a screen")
    assert (done["value"], done["integrity"], done["is_champion"]) == (0.5, "suspect", False)
    assert lab.json("best")["champion"]["run_id"] == better
    lab.ok("amend", base, "--value", "1.0", "--note", "misread")
    assert views(lab, base) == {("keep", 1.0)}
    assert lab.json("show", base)["integrity"] != "suspect"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--status", "crash", "--value", "1"), "a crash has no value"),
        (("--value", "nan"), "is no finite number"),
        ((), "give --status, --value or both"),
    ],
)
def test_a_correction_that_says_nothing_writes_nothing(
    two: tuple[Shell, str, str], words: tuple[str, ...], why: str
) -> None:
    lab, base, _ = two
    before = lab.ledger()
    done = lab.run("amend", base, *words)
    assert done.returncode == 64 and why in done.stderr and "Traceback" not in done.stderr
    assert lab.run("retract", "no-such-run").returncode == 1
    assert lab.ledger() == before


def test_a_correction_is_shown_and_what_was_advised_before_it_is_no_advice(two: tuple[Shell, str, str]) -> None:
    lab, base, better = two
    lab.ok("amend", better, "--status", "discard", "--note", "wrong box")
    shown = lab.ok("show", better)
    assert "corrected" in shown and "discard" in shown.split("corrected")[1][:20] and "wrong box" in shown
    assert "Decision, before it was corrected" in shown
    lab.ok("retract", base, "--note", "cold cache")
    assert "taken out of evidence" in lab.ok("show", base) and "cold cache" in lab.ok("show", base)
    assert {row["next_action"] for row in lab.json("history")} == {None}
