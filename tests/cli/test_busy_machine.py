"""Throughput or learning, and a machine that was busy, as an agent reads them in the packet."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Shell


def log(
    shell: Shell, lr: str, description: str, value: float, tokens: float, status: str = "auto", **more: Any
) -> dict[str, Any]:
    shell.commit(f"MATRIX_LR = {lr}\n")
    summary = shell.summary(val_bpb=value, training_seconds=300.0, total_tokens_M=tokens, num_steps=900, **more)
    return dict(shell.json("log", "--description", description, "--status", status, "--summary", summary))


def test_a_gain_is_split_into_more_tokens_and_better_learning(lab: Shell) -> None:
    log(lab, "0.04 ", "baseline", 1.0, 500.0)
    row = log(lab, "0.05", "a fused kernel", 0.97, 600.0)
    compared = row["decision_packet"]["comparison"]
    assert compared["tokens_ratio"] == 1.2
    assert math.isclose(compared["from_more_tokens"], 0.095 * math.log(1.2))
    assert math.isclose(compared["from_more_tokens"] + compared["from_better_learning"], 0.03)
    assert compared["starved"] is False and row["status"] == "keep"
    assert any("20 % more training than its base" in line for line in row["decision_packet"]["rationale"])


@pytest.mark.parametrize("value", [1.02, 1.4, 0.97])
def test_a_starved_run_is_no_evidence_whatever_it_measured(lab: Shell, value: float) -> None:
    log(lab, "0.04 ", "baseline", 1.0, 500.0)
    row = log(lab, "0.05", "raise MATRIX_LR from 0.04 to 0.05", value, 350.0)
    packet = row["decision_packet"]
    assert (row["status"], packet["comparison"]["verdict"]) == ("starved", "starved")
    assert (packet["next_action"], packet["priority"], packet["hypothesis_status"]) == ("retry", "medium", "not_stated")
    assert packet["rationale"][1].startswith("It was 30 % slower than its base, and no edit explains that")
    assert lab.json("best")["champion"]["description"] == "baseline"
    assert lab.json("noise")["replicates"] == 0
    again = lab.json("check", "--description", "raise MATRIX_LR from 0.04 to 0.05")
    assert again["policy"]["decision"] != "block"
    quiet = log(lab, "0.06", "raise MATRIX_LR from 0.04 to 0.06", 1.02, 499.0)
    assert quiet["decision_packet"]["next_action"] == "abandon"


def test_the_night_s_bill_counts_what_was_starved(lab: Shell) -> None:
    log(lab, "0.04 ", "baseline", 1.0, 500.0)
    log(lab, "0.05", "raise MATRIX_LR from 0.04 to 0.05", 1.02, 350.0)
    log(lab, "0.06", "raise MATRIX_LR from 0.04 to 0.06", 0.97, 360.0)
    report = " ".join(lab.ok("report").split())
    assert "2 of 3 runs were starved" in report and "wait for a quiet machine" in report
    assert "1 kept, 0 discarded, 0 crashed, 2 starved" in report
    assert "it was starved: the machine withheld what its peers had" in report
    assert [run["status"] for run in lab.json("history")] == ["starved", "starved", "keep"]
    assert len(lab.json("history", "--status", "starved")) == 2
    assert "2 starved" in lab.ok("watch", "--once")
    assert json.loads(lab.ok("report", "--format", "json"))["bill"]["hours_by_status"]["starved"] > 0


def test_upstream_s_table_knows_a_starved_run_as_a_discard_and_says_what_it_was(lab: Shell, tmp_path: Path) -> None:
    log(lab, "0.04 ", "baseline", 1.0, 500.0)
    log(lab, "0.05", "raise MATRIX_LR from 0.04 to 0.05", 1.02, 350.0)
    last = (lab.root / "results.tsv").read_text().splitlines()[-1].split("\t")
    assert last[3:] == ["discard", "raise MATRIX_LR from 0.04 to 0.05 (starved: no evidence)"]
    table = tmp_path / "elsewhere.tsv"
    table.write_text((lab.root / "results.tsv").read_text())
    lab.ok("import", str(table))
    found = [row for row in lab.ledger() if row.get("source")]
    assert [(row["status"], row["description"]) for row in found] == [
        ("keep", "baseline"),
        ("starved", "raise MATRIX_LR from 0.04 to 0.05"),
    ]
    lab.ok("verify")


def test_the_operator_s_word_stands_in_his_table_and_starved_in_what_follows(lab: Shell) -> None:
    log(lab, "0.04 ", "baseline", 1.0, 500.0)
    row = log(lab, "0.05", "raise MATRIX_LR from 0.04 to 0.05", 1.02, 350.0, "discard")
    assert (row["status"], row["decision_packet"]["next_action"]) == ("discard", "retry")
    assert lab.json("history")[0]["status"] == "starved"
    assert lab.json("check", "--description", "raise MATRIX_LR to 0.05")["policy"]["decision"] != "block"
    kept = log(lab, "0.06", "raise MATRIX_LR from 0.04 to 0.06", 0.97, 350.0, "keep")
    assert (kept["status"], kept["decision_packet"]["comparison"]["is_champion"]) == ("keep", True)
    assert any(line.startswith("It was 30 % slower") for line in kept["decision_packet"]["rationale"])


def test_a_budget_of_processor_time_that_was_cut_short_says_so_itself(lab: Shell) -> None:
    log(lab, "0.04 ", "baseline", 1.0, 500.0)
    row = log(lab, "0.05\nDEPTH = 9", "DEPTH from 8 to 9", 1.1, 200.0, budget_share=0.41)
    assert row["status"] == "starved"
    assert row["decision_packet"]["rationale"][1].startswith("It had 41 % of its budget of processor time")


def test_a_first_run_that_was_starved_is_no_base(lab: Shell) -> None:
    assert log(lab, "0.04 ", "baseline", 1.2, 200.0, budget_share=0.41)["status"] == "starved"
    row = log(lab, "0.04  ", "baseline", 1.0, 500.0)
    assert (row["status"], row["base"]) == ("keep", None)


def test_a_machine_that_stays_slow_becomes_the_measure_once_the_base_was_run_again(lab: Shell) -> None:
    log(lab, "0.04 ", "baseline", 1.0, 500.0)
    for n in range(3):
        slow = log(lab, f"0.0{n + 5}", f"raise MATRIX_LR from 0.04 to 0.0{n + 5}", 1.02, 350.0)
        assert slow["status"] == "starved"
    assert "run the base again" in slow["decision_packet"]["rationale"][-1]
    base = log(lab, "0.04 ", "baseline", 1.02, 350.0)
    assert base["status"] == "keep" and base["arena"]["era"] == base["run_id"]
    assert log(lab, "0.09", "raise MATRIX_LR from 0.04 to 0.09", 1.06, 350.0)["status"] == "discard"


def test_a_deeper_model_may_be_slow(lab: Shell) -> None:
    log(lab, "0.04\nDEPTH = 8", "baseline", 1.0, 500.0)
    row = log(lab, "0.04\nDEPTH = 12", "DEPTH from 8 to 12", 1.02, 350.0)
    assert (row["status"], row["decision_packet"]["comparison"]["starved"]) == ("discard", False)


def test_what_a_run_does_not_say_is_unknown(lab: Shell) -> None:
    lab.ok("log", "--description", "baseline", "--status", "auto", "--summary", lab.summary())
    lab.commit("MATRIX_LR = 0.05\n")
    row = lab.json("log", "--description", "raise it", "--status", "auto", "--summary", lab.summary(val_bpb=0.98))
    compared = row["decision_packet"]["comparison"]
    names = ("tokens_ratio", "speed_ratio", "from_more_tokens", "from_better_learning")
    assert [compared[name] for name in names] == [None] * 4
    assert compared["starved"] is False


def test_a_ledger_from_before_the_word_reads_as_it_did(lab: Shell) -> None:
    log(lab, "0.04 ", "baseline", 1.0, 500.0)
    row = log(lab, "0.05", "raise MATRIX_LR from 0.04 to 0.05", 1.02, 499.0)
    assert row["status"] == "discard"
    path = lab.root / "results" / "memorylab" / "experiments.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    compared = rows[1]["decision_packet"]["comparison"]
    del compared["starved"]
    compared |= {"contended": True, "excused": True}
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    assert [run["status"] for run in lab.json("history")] == ["starved", "keep"]
