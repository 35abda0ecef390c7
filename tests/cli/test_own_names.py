"""What the code calls a knob is what is shown and stored, whatever the tables know it by."""

from __future__ import annotations

import json
from typing import Any

import pytest

from memorylab.core.reading.edits import Edit
from tests.conftest import Shell

BASE = """Z_ENTRY = 2.0
MOMENTUM = 14
USE_BIAS = True
BETAS = (0.8, 0.95)
MATRIX_LR = 0.04
model = Forest(max_features=0.5, lr=0.1)
"""


@pytest.fixture
def desk(lab: Shell) -> Shell:
    """A kept base, and a failed step of a knob that the tables know by another name."""
    lab.commit(BASE, "base")
    log(lab, "baseline", "keep", 1.0)
    step(lab, "Z_ENTRY = 2.0", "Z_ENTRY = 2.5", "higher")
    return lab


def log(shell: Shell, description: str, status: str, value: float) -> dict[str, Any]:
    words = ("log", "--description", description, "--status", status, "--summary", shell.summary(val_bpb=value))
    row: dict[str, Any] = shell.json(*words)
    return row


def step(shell: Shell, before: str, after: str, description: str) -> dict[str, Any]:
    """A run of an edit that failed and was taken back."""
    shell.commit(BASE.replace(before, after))
    row = log(shell, description, "discard", 1.2)
    shell.git("reset", "-q", "--hard", "HEAD~1")
    return row


def test_an_edit_is_stored_under_the_codes_name_with_what_it_is_compared_by(desk: Shell) -> None:
    (edit,) = desk.ledger()[-1]["edits"]
    assert (edit["target"], edit["knob"], edit["from"], edit["to"]) == ("Z_ENTRY", "ENTRY_THRESHOLD", 2.0, 2.5)
    assert "knob" not in step(desk, "0.04", "0.05", "bolder")["edits"][0]


@pytest.mark.parametrize(
    ("words", "name", "canonical"),
    [
        (("--set", "Z_ENTRY=2.6"), "Z_ENTRY", "ENTRY_THRESHOLD"),
        (("--description", "raise the entry threshold to 2.6"), "Z_ENTRY", "ENTRY_THRESHOLD"),
        (("--description", "Z_ENTRY 2.6"), "Z_ENTRY", "ENTRY_THRESHOLD"),
        (("--set", "MOMENTUM=20"), "MOMENTUM", "MUON_MOMENTUM"),
        (("--description", "momentum 20"), "MOMENTUM", "MUON_MOMENTUM"),
        (("--set", "max_features=0.7"), "max_features", "COLSAMPLE"),
        (("--description", "colsample 0.7"), "max_features", "COLSAMPLE"),
        (("--set", "BETAS=(0.9, 0.95)"), "BETAS[0]", "ADAM_BETA1"),
        (("--set", "MATRIX_LR=0.05"), "MATRIX_LR", None),
        (("--set", "lr=0.2"), "LR", None),
    ],
)
def test_what_is_shown_is_the_users_name(desk: Shell, words: tuple[str, ...], name: str, canonical: str | None) -> None:
    guard = desk.json("check", *words)
    assert (guard["edits"][0]["target"], guard["edits"][0].get("knob")) == (name, canonical)
    shown = desk.ok("check", *words)
    assert name in shown
    assert canonical is None or canonical not in shown
    assert all(knob["target"] == name for knob in guard["knobs"])


def test_a_switch_is_on_or_off(desk: Shell) -> None:
    assert "reads as  USE_BIAS off\n" in desk.ok("check", "--set", "USE_BIAS=False")


def test_reasons_and_neighbours_bear_the_users_name(desk: Shell) -> None:
    guard = desk.json("check", "--description", "entry threshold 2.7")
    assert guard["policy"]["reason"].startswith("Z_ENTRY 2.7 goes further than ")
    assert guard["knobs"][0]["target"] == "Z_ENTRY"
    assert "Z_ENTRY" in guard["suggestion"] and "ENTRY_THRESHOLD" not in json.dumps(guard["suggestion"])
    assert [row["knob"] for row in desk.json("knobs")] == ["Z_ENTRY"]
    assert desk.json("knobs", "entry threshold")["knob"] == desk.json("knobs", "Z_ENTRY")["knob"] == "Z_ENTRY"


def test_rows_that_stored_another_name_are_matched_and_shown_by_the_codes(desk: Shell) -> None:
    before = desk.json("check", "--set", "Z_ENTRY=2.7")
    ledger = desk.root / "results" / "memorylab" / "experiments.jsonl"
    rows = desk.ledger()
    for edit in [*rows[-1]["edits"], *rows[-1]["novelty_guard"]["edits"]]:
        assert edit.pop("knob") == "ENTRY_THRESHOLD"
        edit["target"] = "ENTRY_THRESHOLD"
    ledger.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for file in ledger.parent.glob("index.sqlite*"):
        file.unlink()
    after = desk.json("check", "--set", "Z_ENTRY=2.7")
    assert after == before
    assert after["classification"] == "repeat_failure"


def test_a_name_that_the_code_itself_has_is_left_alone(desk: Shell) -> None:
    desk.commit(BASE + "ENTRY_THRESHOLD = 1.0\n")
    assert desk.json("check", "--description", "entry threshold 2.7")["edits"][0]["target"] == "ENTRY_THRESHOLD"


def test_what_a_reason_quotes_stays_as_it_was_written(desk: Shell) -> None:
    from memorylab.lab import open_lab
    from memorylab.lab.called import text

    lab = open_lab(desk.root, environment=desk.environment)
    told = text(lab.context, 'ENTRY_THRESHOLD after “lower ENTRY_THRESHOLD”, "COLSAMPLE up" and MAX_ENTRY_THRESHOLD')
    assert told == 'Z_ENTRY after “lower ENTRY_THRESHOLD”, "COLSAMPLE up" and MAX_ENTRY_THRESHOLD'
    assert (
        text(lab.context, "older: COLSAMPLE, MATRIX_LR changed since") == "older: max_features, MATRIX_LR changed since"
    )


def test_an_edit_keeps_both_names_on_its_way_through_json() -> None:
    edit = Edit("ENTRY_THRESHOLD", "set", 2.0, 2.5, "up", None, "Z_ENTRY")
    assert Edit.from_record(edit.record()) == edit
    assert (edit.shown, edit.key) == ("Z_ENTRY", "ENTRY_THRESHOLD||2.5")
    plain = edit._replace(name=None)
    assert Edit.from_record(plain.record()) == plain and plain.key == edit.key


@pytest.mark.parametrize(
    "line", ["TOTAL_BATCH_SIZE = 2**19", "total_batch_size = 2**19", 'c = {"total_batch_size": 2**19}']
)
def test_what_the_code_spells_itself_is_not_called_by_what_else_means_it(desk: Shell, line: str) -> None:
    other = BASE + "batches = 3\n"
    for code, name in ((other, "batches"), (f"{other}{line}\n", "TOTAL_BATCH_SIZE")):
        desk.commit(code)
        assert desk.json("check", "--description", "total batch size 1024")["edits"][0]["target"] == name
