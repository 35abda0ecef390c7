"""Throughput or learning, and a machine that was busy, as an agent reads them in the packet."""

from __future__ import annotations

import math
from typing import Any

from tests.conftest import Shell


def log(shell: Shell, lr: str, description: str, value: float, tokens: float) -> dict[str, Any]:
    shell.commit(f"MATRIX_LR = {lr}\n")
    summary = shell.summary(val_bpb=value, training_seconds=300.0, total_tokens_M=tokens, num_steps=900)
    return dict(shell.json("log", "--description", description, "--status", "auto", "--summary", summary))


def test_a_gain_is_split_into_more_tokens_and_better_learning(lab: Shell) -> None:
    log(lab, "0.04 ", "baseline", 1.0, 500.0)
    row = log(lab, "0.05", "a fused kernel", 0.97, 600.0)
    compared = row["decision_packet"]["comparison"]
    assert compared["tokens_ratio"] == 1.2
    assert math.isclose(compared["from_more_tokens"], 0.095 * math.log(1.2))
    assert math.isclose(compared["from_more_tokens"] + compared["from_better_learning"], 0.03)
    assert compared["contended"] is False
    assert any("20 % more training than its base" in line for line in row["decision_packet"]["rationale"])


def test_a_bad_result_on_a_busy_machine_is_to_be_tried_again(lab: Shell) -> None:
    log(lab, "0.04 ", "baseline", 1.0, 500.0)
    row = log(lab, "0.05", "raise MATRIX_LR from 0.04 to 0.05", 1.02, 350.0)
    packet = row["decision_packet"]
    assert (packet["comparison"]["contended"], packet["comparison"]["excused"]) == (True, True)
    assert (packet["next_action"], packet["priority"]) == ("retry", "medium")
    assert packet["rationale"][1].startswith("It was 30 % slower than its base")
    report = lab.ok("report")
    assert "slower than what they were built on" in report
    assert "it was slow for no reason of its own" in report
    again = lab.json("check", "--description", "raise MATRIX_LR from 0.04 to 0.05")
    assert again["policy"]["decision"] != "block"  # the idea was hardly tried
    quiet = log(lab, "0.06", "raise MATRIX_LR from 0.04 to 0.06", 1.02, 499.0)
    assert quiet["decision_packet"]["next_action"] == "abandon"


def test_a_loss_beyond_what_the_machine_explains_is_one(lab: Shell) -> None:
    log(lab, "0.04 ", "baseline", 1.0, 500.0)
    packet = log(lab, "0.8", "raise MATRIX_LR from 0.04 to 0.8", 1.4, 440.0)["decision_packet"]
    assert (packet["comparison"]["contended"], packet["comparison"]["excused"]) == (True, False)
    assert packet["next_action"] == "abandon"
    report = lab.ok("report")
    assert "1 run was slower than what" in report and "worse by more than that costs" in report
    assert lab.json("check", "--description", "raise MATRIX_LR from 0.04 to 0.8")["policy"]["decision"] == "block"


def test_a_run_that_wins_on_a_busy_machine_has_won(lab: Shell) -> None:
    log(lab, "0.04 ", "baseline", 1.0, 500.0)
    packet = log(lab, "0.05", "raise MATRIX_LR from 0.04 to 0.05", 0.97, 350.0)["decision_packet"]
    assert packet["next_action"] == "promote"
    assert any(line.startswith("It was 30 % slower") for line in packet["rationale"])


def test_a_deeper_model_may_be_slow(lab: Shell) -> None:
    log(lab, "0.04\nDEPTH = 8", "baseline", 1.0, 500.0)
    packet = log(lab, "0.04\nDEPTH = 12", "DEPTH from 8 to 12", 1.02, 350.0)["decision_packet"]
    assert packet["comparison"]["contended"] is False


def test_what_a_run_does_not_say_is_unknown(lab: Shell) -> None:
    lab.ok("log", "--description", "baseline", "--status", "auto", "--summary", lab.summary())
    lab.commit("MATRIX_LR = 0.05\n")
    row = lab.json("log", "--description", "raise it", "--status", "auto", "--summary", lab.summary(val_bpb=0.98))
    compared = row["decision_packet"]["comparison"]
    names = ("tokens_ratio", "speed_ratio", "from_more_tokens", "from_better_learning")
    assert [compared[name] for name in names] == [None] * 4
    assert compared["contended"] is False
