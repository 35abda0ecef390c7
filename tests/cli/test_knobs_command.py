"""Knob memory as an agent meets it: in check, in `knobs`, in the report, in a repository with words of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.conftest import Shell


@pytest.fixture
def trading(shell: Shell) -> Iterator[Shell]:
    """A repository whose knobs no table knows, with four runs."""
    (shell.root / "strategy.py").write_text("ZETA_PERIOD = 10\nLOOKBACK = 50\nDEVICE = 'cpu'\nSEED = 1\n")
    (shell.root / "memorylab.toml").write_text(
        """metric = "sharpe"
direction = "max"
mutable = ["strategy.py"]
protected = []
[vocabulary]
ENTRY_GAP = ["entry gap", "the gap"]
[vocabulary.families]
ENTRY_GAP = "trading"
[vocabulary.interacts]
ENTRY_GAP = ["ZETA_PERIOD"]
"""
    )
    shell.git("add", ".")
    shell.git("commit", "-qm", "strategy")
    shell.ok("init")
    log(shell, "baseline", "keep", 1.0)
    log(shell, "zeta period 10 -> 14", "discard", 0.9)
    log(shell, "lookback 80", "discard", 0.95)
    log(shell, "the gap to 3", "discard", 0.8)
    yield shell


def log(shell: Shell, text: str, status: str, value: float) -> None:
    summary = shell.summary(sharpe=value)
    shell.ok("log", "--description", text, "--status", status, "--summary", summary, "--skip-archive")


@pytest.mark.parametrize("text", ["raise zeta period to 14", "ZETA_PERIOD=14", "zeta period 10 -> 14"])
def test_every_spelling_of_an_own_knob_is_one_target(trading: Shell, text: str) -> None:
    guard = trading.json("check", "--description", text)
    assert guard["classification"] == "duplicate_run" and guard["edits"][0]["target"] == "ZETA_PERIOD"


def test_a_blocked_idea_comes_with_a_neighbour_that_was_not_tried(trading: Shell) -> None:
    guard = trading.json("check", "--description", "raise zeta period to 14")
    assert guard["suggestion"] == "untried: ZETA_PERIOD below 10, e.g. 7"
    (known,) = guard["knobs"]
    assert (known["target"], known["present"], known["untried"], known["suggestion"]) == ("ZETA_PERIOD", 10, "below", 7)
    assert known["bracket"] == {"below": None, "above": 14}
    shown = trading.ok("check", "--description", "raise zeta period to 14")
    assert "ZETA_PERIOD: 14 worse on this base; untried: below 10, e.g. 7" in shown
    assert "instead   untried: ZETA_PERIOD below 10, e.g. 7" in shown


def test_an_idea_that_may_run_comes_without_a_suggestion(trading: Shell) -> None:
    assert trading.json("check", "--description", "zeta period 10 -> 7")["suggestion"] is None


def test_a_declared_knob_has_its_other_names_and_family(trading: Shell) -> None:
    row = trading.ledger()[-1]
    assert (row["edits"][0]["target"], row["family"]) == ("ENTRY_GAP", "trading")
    assert trading.json("check", "--description", "entry gap to 3")["classification"] == "duplicate_run"


def test_the_working_tree_tells_the_present_value(trading: Shell) -> None:
    (trading.root / "strategy.py").write_text("ZETA_PERIOD = 20\n")
    (known,) = trading.json("check", "--no-diff", "--description", "zeta period 16")["knobs"]
    assert known["present"] == 20 and known["bracket"] == {"below": 14, "above": None}


def test_a_ledger_by_another_tool_teaches_its_names(lab: Shell) -> None:
    rows = [
        {"run_id": f"r{n}", "timestamp_utc": f"2026-01-01T00:00:0{n}Z", "status": status, "description": text}
        | {"metrics": {"val_bpb": value}}
        for n, (status, text, value) in enumerate(
            [("keep", "baseline", 1.0), ("discard", "ZETA_SPAN=14", 1.1), ("discard", "zeta span 30", 1.2)]
        )
    ]
    path = lab.root / "results" / "memorylab" / "experiments.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    guard = lab.json("check", "--description", "set zeta span to 14")
    assert guard["edits"][0]["target"] == "ZETA_SPAN"
    assert [row["to"] for row in guard["knobs"][0]["tried"]] == [14, 30]
    assert [row["knob"] for row in lab.json("knobs")] == ["ZETA_SPAN"]


def test_other_words_in_memorylab_toml_read_a_foreign_ledger_anew(lab: Shell) -> None:
    row = {"run_id": "r1", "timestamp_utc": "", "status": "discard", "description": "flux gate 3", "metrics": {}}
    path = lab.root / "results" / "memorylab" / "experiments.jsonl"
    path.write_text(json.dumps(row) + "\n")
    assert lab.json("knobs") == []
    with (lab.root / "memorylab.toml").open("a") as file:
        file.write('[vocabulary]\nMY_KNOB = ["flux gate"]\n')
    assert [row["knob"] for row in lab.json("knobs")] == ["MY_KNOB"]


def test_the_table_lists_the_most_tried_first(trading: Shell) -> None:
    log(trading, "zeta period 8", "discard", 0.7)
    rows = trading.json("knobs")
    assert [(row["knob"], row["runs"]) for row in rows] == [("ZETA_PERIOD", 2), ("ENTRY_GAP", 1), ("LOOKBACK", 1)]
    assert rows[0]["bracketed"] and rows[0]["bracket"] == {"below": 8, "above": 14}
    assert len(trading.json("knobs", "--limit", "1")) == 1
    head, first, *_ = trading.ok("knobs").splitlines()
    assert head.split()[:3] == ["knob", "now", "runs"] and "bracketed by 8 and 14" in first


def test_one_knob_is_found_by_any_of_its_names_and_shown_with_a_chart(trading: Shell) -> None:
    log(trading, "zeta period 8", "discard", 0.7)
    assert trading.json("knobs", "the", "zeta", "period") == trading.json("knobs", "ZETA_PERIOD")
    shown = trading.ok("knobs", "zeta period")
    assert "2: 0 kept, 2 discarded, 0 crashed" in shown and "o 2 on this base" in shown and "zeta period 8" in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_muon_lr_finds_matrix_lr_and_what_nobody_tried_is_said(lab: Shell) -> None:
    summary = lab.summary()
    lab.ok("log", "--description", "raise MATRIX_LR to 0.05", "--status", "discard", "--summary", summary)
    assert lab.json("knobs", "muon lr")["knob"] == "MATRIX_LR"
    assert "no run has changed FOO_BAR" in lab.refused("knobs", "foo bar")


def test_an_empty_memory_has_no_knobs(lab: Shell) -> None:
    assert lab.json("knobs") == []
    assert "No knob has been tried yet" in lab.ok("knobs")


def test_runs_of_code_whose_names_are_not_read_are_not_denied(lab: Shell) -> None:
    """In a loop of another language a run has raised a rate, though no table knows that name."""
    summary = lab.summary()
    lab.ok("log", "--description", "raise the slack from 0.05 to 0.1", "--status", "keep", "--summary", summary)
    told = " ".join(lab.ok("knobs").split())
    assert "No knob has been tried yet that is known by name" in told and "[vocabulary] in memorylab.toml" in told


def test_the_report_draws_the_knobs(trading: Shell) -> None:
    assert "## Knobs" not in trading.ok("report", "--format", "md")
    log(trading, "zeta period 8", "discard", 0.7)
    assert "| `ZETA_PERIOD`" in trading.ok("report", "--format", "md")
    page = trading.ok("report", "--format", "html")
    assert page.count("now 10") == 1 and "bracketed by 8 and 14" in page
    assert [knob["knob"] for knob in trading.json("report")["knobs"]] == ["ZETA_PERIOD"]


def test_bad_words_in_memorylab_toml_are_refused_in_a_line(shell: Shell) -> None:
    (shell.root / "memorylab.toml").write_text("[vocabulary]\nmy knob = 3\n")
    assert "memorylab.toml" in shell.refused("check", "--description", "x")
    (shell.root / "memorylab.toml").write_text('[vocabulary]\nMY_KNOB = "my knob"\n')
    assert "vocabulary.MY_KNOB must be a list of texts" in shell.refused("check", "--description", "x")
