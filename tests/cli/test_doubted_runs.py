"""Runs whose number may not be what was agreed: marked, kept from the lead, and accepted by a person."""

from __future__ import annotations

import json
from typing import Any

import pytest

from memorylab.core.runs.integrity import JUMP_RUNS
from tests.conftest import Shell

JUDGE = "EVAL_TOKENS = 65536\n\n\ndef evaluate_bpb(model):\n    return 1.0\n"
TRAIN = "import prepare\n\nMATRIX_LR = 0.04\nDEPTH = 8\nprint(prepare.evaluate_bpb(None))\n"
PATCHED = TRAIN.replace("MATRIX_LR", "prepare.EVAL_TOKENS = 256\nMATRIX_LR")


@pytest.fixture
def lab(shell: Shell) -> Shell:
    """A workspace with a judge that defines something, pinned, and a baseline of 1.0."""
    (shell.root / "prepare.py").write_text(JUDGE)
    shell.commit(TRAIN, "a judge")
    shell.ok("init")
    log(shell, "baseline", 1.0)
    return shell


def log(shell: Shell, description: str, value: float, *words: str, **metrics: Any) -> dict[str, Any]:
    """Log a run with this sidecar as an agent would, and return its row."""
    summary = shell.summary(val_bpb=value, **{"training_seconds": 300.1, "total_tokens_M": 500.0, **metrics})
    command = ["log", "--description", description, "--status", "auto", "--summary", summary, *words]
    if "--accept" in words:
        shell.agreed(*command)
    else:
        shell.ok(*command)
    return shell.ledger()[-1]


def champion(shell: Shell) -> str:
    stored = json.loads((shell.root / "results" / "memorylab" / "champion_challenger.json").read_text())
    return str(stored["champion"]["run_id"])


def kinds(row: dict[str, Any]) -> list[str]:
    return [reason["kind"] for reason in row["integrity_reasons"]]


def test_an_edit_that_sets_a_constant_of_the_judge_is_marked_and_can_not_lead(lab: Shell) -> None:
    first = champion(lab)
    lab.commit(PATCHED)
    row = log(lab, "a better seed", 0.9)
    assert (row["integrity"], kinds(row), row["status"]) == ("suspect", ["judge_patched"], "discard")
    packet = row["decision_packet"]
    assert (packet["next_action"], packet["priority"]) == ("investigate_crash", "high")
    assert packet["rationale"][0] == "Status discard: its number is in doubt."
    assert "EVAL_TOKENS of prepare.py" in packet["rationale"][1]
    assert f"memorylab accept {row['run_id']}" in packet["rationale"][3]
    assert packet["comparison"]["is_champion"] is False
    assert champion(lab) == first == lab.json("best")["champion"]["run_id"]


def test_what_is_built_on_a_marked_edit_is_marked_too_until_it_is_taken_back(lab: Shell) -> None:
    lab.commit(PATCHED)
    log(lab, "a better seed", 0.9)
    lab.commit(PATCHED.replace("0.04", "0.05"))
    assert kinds(log(lab, "raise MATRIX_LR from 0.04 to 0.05", 0.89)) == ["judge_patched"]
    lab.commit(TRAIN.replace("0.04", "0.05"))
    assert log(lab, "raise MATRIX_LR, without the rest", 0.98)["integrity"] == "ok"


def test_a_changed_protected_file_is_named(lab: Shell) -> None:
    (lab.root / "prepare.py").write_text(JUDGE.replace("65536", "1024"))
    row = log(lab, "another judge", 0.5)
    assert (row["integrity"], kinds(row)) == ("modified", ["protected_file"])
    assert row["integrity_reasons"][0]["text"].startswith("prepare.py differs from the one pinned at init")


@pytest.mark.parametrize(
    ("value", "metrics", "kind"),
    [
        (0.9, {"training_seconds": 0.0}, "no_training"),
        (0.9, {"num_steps": 0}, "no_training"),
        (0.9, {"training_seconds": 900.0}, "over_budget"),
        (0.0, {}, "impossible_value"),
    ],
)
def test_numbers_that_contradict_the_agreement_mark_a_run(
    lab: Shell, value: float, metrics: dict[str, Any], kind: str
) -> None:
    row = log(lab, "something else", value, **metrics)
    assert (row["integrity"], kinds(row)) == ("suspect", [kind])


def test_a_sidecar_that_disagrees_with_the_log_marks_a_run(lab: Shell) -> None:
    (lab.root / "run.log").write_text("---\nval_bpb:          0.950000\ntraining_seconds: 300.1\n")
    row = log(lab, "something else", 0.93, "--log", str(lab.root / "run.log"))
    assert (row["integrity"], kinds(row)) == ("suspect", ["sidecar_disagrees"])
    (lab.root / "run.log").write_text("---\nval_bpb:          0.930000\ntraining_seconds: 300.1\nmfu_percent: 3\n")
    assert log(lab, "another thing", 0.9300004, "--log", str(lab.root / "run.log"))["integrity"] == "ok"


def test_a_leap_after_a_history_of_small_steps_is_marked(lab: Shell) -> None:
    for number in range(JUMP_RUNS):
        lab.commit(TRAIN.replace("0.04", f"0.0{number + 10}"))
        step = log(lab, f"raise MATRIX_LR to 0.0{number + 10}", 0.999 - 0.001 * number)
        assert step["integrity"] == "ok"
    lab.commit(TRAIN.replace("8", "9"))
    assert kinds(log(lab, "set DEPTH from 8 to 9", 0.9)) == ["implausible_gain"]
    lab.commit(TRAIN.replace("8", "10"))
    assert kinds(log(lab, "set DEPTH from 8 to 10", 0.987)) == []


def test_the_very_same_number_is_noted_and_bars_nothing(lab: Shell) -> None:
    lab.commit(TRAIN.replace("0.04", "0.05"))
    log(lab, "raise MATRIX_LR from 0.04 to 0.05", 0.987654)
    lab.commit(TRAIN.replace("0.04", "0.06"))
    row = log(lab, "raise MATRIX_LR from 0.05 to 0.06", 0.987654)
    assert (row["integrity"], kinds(row)) == ("ok", ["stale_metric"])
    assert any(
        line.startswith("Note: val_bpb is to the last digit that of") for line in row["decision_packet"]["rationale"]
    )


def test_a_crash_is_judged_by_its_code_alone(lab: Shell) -> None:
    row = lab.json("log", "--description", "too deep", "--status", "crash", "--error", "out of memory")
    assert (row["integrity"], row["integrity_reasons"]) == ("ok", [])


def test_accept_on_log_lets_a_run_lead_and_keeps_what_speaks_against_it(lab: Shell) -> None:
    row = log(lab, "a longer budget", 0.9, "--accept", training_seconds=900.0)
    assert (row["integrity"], kinds(row)) == ("accepted", ["over_budget"])
    assert row["decision_packet"]["rationale"][-1].startswith("Accepted although: It trained for 900 s")
    assert champion(lab) == row["run_id"]
    assert log(lab, "in its time", 0.89, training_seconds=910.0)["integrity"] == "ok"


def test_accept_on_run_does_the_same(lab: Shell) -> None:
    (lab.root / "fake.py").write_text(
        "import json, os\n"
        "values = {'val_bpb': 0.9, 'training_seconds': 900.0, 'total_seconds': 901.0, 'num_steps': 7}\n"
        "open(os.environ['AUTORESEARCH_SUMMARY_PATH'], 'w').write(json.dumps(values))\n"
    )
    command = ("--", "python3", "fake.py")
    lab.ok("run", "--description", "something else", *command)
    assert lab.ledger()[-1]["integrity"] == "suspect"
    lab.agreed("run", "--accept", "--no-check", "--description", "another thing", *command)
    row = lab.ledger()[-1]
    assert row["integrity"] == "accepted"
    assert champion(lab) == row["run_id"]


def test_a_person_accepts_a_run_in_the_morning(lab: Shell) -> None:
    lab.commit(PATCHED)
    run_id = log(lab, "a better seed", 0.9)["run_id"]
    assert "EVAL_TOKENS of prepare.py from outside" in lab.ok("report")
    said = lab.agreed("accept", run_id[:21], "--note", "the \x1b[31mowner agreed", "--as", "ada")
    assert f"{run_id} measured val_bpb 0.9 and is suspect: The edit sets EVAL_TOKENS of prepare.py" in said
    assert "it is the champion" in said
    assert champion(lab) == run_id == lab.json("best")["champion"]["run_id"]
    shown = lab.json("show", run_id)
    assert (shown["integrity"], shown["accepted"]["owner"], shown["accepted"]["note"]) == (
        "accepted",
        "ada",
        "the owner agreed",
    )
    assert "by ada: the owner agreed" in lab.ok("show", run_id)
    assert "can't lead" not in lab.ok("report")
    assert lab.ledger()[-1]["kind"] == "accept"
    assert "no problems" in lab.ok("verify")


def test_accepting_survives_the_loss_of_everything_derived(lab: Shell) -> None:
    run_id = log(lab, "a longer budget", 0.9, training_seconds=900.0)["run_id"]
    log(lab, "in between", 1.2)
    lab.agreed("accept", run_id)
    memory = lab.root / "results" / "memorylab"
    before = json.loads((memory / "champion_challenger.json").read_text())
    for name in ("index.sqlite", "champion_challenger.json"):
        (memory / name).unlink()
    lab.ok("best")
    assert json.loads((memory / "champion_challenger.json").read_text()) == {
        **before,
        "updated_utc": json.loads((memory / "champion_challenger.json").read_text())["updated_utc"],
    }
    assert champion(lab) == run_id


def test_the_registry_is_made_good_if_accepting_was_killed_behind_the_append(lab: Shell) -> None:
    run_id = log(lab, "a longer budget", 0.9, training_seconds=900.0)["run_id"]
    row = {"schema": 1, "kind": "accept", "run_id": run_id, "timestamp_utc": "2026-01-02T03:04:05Z"}
    with (lab.root / "results" / "memorylab" / "experiments.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")
    assert champion(lab) != run_id
    lab.ok("history")
    assert champion(lab) == run_id


def test_accepting_twice_adds_nothing(lab: Shell) -> None:
    run_id = log(lab, "a longer budget", 0.9, training_seconds=900.0)["run_id"]
    assert '"existing": false' in lab.agreed("accept", run_id, "--json")
    rows = len(lab.ledger())
    assert lab.json("accept", run_id)["existing"] is True
    assert len(lab.ledger()) == rows


def test_what_can_not_be_accepted_is_refused_and_writes_nothing(lab: Shell) -> None:
    rows = len(lab.ledger())
    assert "is not marked: its integrity is ok" in lab.refused("accept", champion(lab))
    assert "there is no run 'nowhere'" in lab.refused("accept", "nowhere")
    (lab.root / "prepare.py").write_text("EVAL_TOKENS = 1\n")
    crash = lab.json("log", "--description", "too deep", "--status", "crash", "--error", "out of memory")
    assert "measured nothing" in lab.refused("accept", crash["run_id"])
    assert len(lab.ledger()) == rows + 1


def test_verify_names_an_acceptance_of_nothing(lab: Shell) -> None:
    with (lab.root / "results" / "memorylab" / "experiments.jsonl").open("a") as file:
        file.write('{"kind": "accept", "run_id": "nowhere"}\n{"kind": "accept", "run_id": [1]}\n')
    done = lab.run("verify")
    assert done.returncode == 1
    assert "line 2: it accepts a run that is not above it: 'nowhere'" in done.stdout
    assert "line 3: a row of kind accept without a readable run_id" in done.stdout
    assert lab.json("best")["champion"]["value"] == 1.0


def test_an_edit_that_changes_what_is_reported_does_not_lead(shell: Shell) -> None:
    source = "import os\nLR = 1\ndef measure():\n    return float(os.environ['V'])\nscore = measure()\n"
    source += "print('---')\nprint(f'score: {score:.4f}')\n"
    shell.commit(source)
    shell.ok("init", "--metric", "score", "--direction", "max")
    shell.ok("run", "--description", "baseline", V="0.5")
    shell.commit(source.replace("{score:.4f}", "{score + 0.2:.4f}"))
    row = shell.json("run", "--no-check", "--description", "a larger step", V="0.5")
    (reason,) = row["integrity_reasons"]
    assert (row["integrity"], reason["kind"], row["status"]) == ("suspect", "metric_altered", "discard")
    assert "score + 0.2" in reason["text"]
    shell.commit(source.replace("LR = 1", "LR = 2"))
    assert shell.json("run", "--no-check", "--description", "LR 2", V="0.6")["integrity"] == "ok"
