"""`memorylab ideas` as a user and an agent call it, in repositories of many kinds."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.conftest import Shell


def start(shell: Shell, file: str, text: str, *init: str) -> None:
    (shell.root / file).write_text(text)
    shell.git("add", ".")
    shell.git("commit", "-qm", "code")
    shell.ok("init", *init)


def log(shell: Shell, text: str, status: str, metric: str, value: float) -> None:
    values: dict[str, Any] = {metric: value, "total_seconds": 60.0}
    summary = shell.summary(**values)
    shell.ok("log", "--description", text, "--status", status, "--summary", summary, "--skip-archive")


KINDS = {
    "forest": (
        "train.py",
        "N_TREES = 100\nMAX_DEPTH = 3\nRANDOM_STATE = 1\nTEST_SIZE = 0.2\n",
        {"N_TREES", "MAX_DEPTH"},
    ),
    "trading": ("train.py", "RSI_PERIOD = 14\nFEE = 0.001\nSTOP_LOSS = 0.05\n", {"RSI_PERIOD", "STOP_LOSS"}),
    "options": (
        "train.py",
        'import argparse\np = argparse.ArgumentParser()\np.add_argument("--lr", type=float, default=0.1)\n'
        'p.add_argument("--epochs", type=int, default=3)\n',
        {"lr"},
    ),
    "settings": ("config.yaml", "model:\n  width: 64\ntrain:\n  lr: 0.01\nlog_dir: x\n", {"model.width", "train.lr"}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_in_any_repository_the_knobs_of_its_code_are_proposed(shell: Shell, kind: str) -> None:
    file, text, wanted = KINDS[kind]
    start(shell, file, text, "--metric", "score", "--direction", "max", "--mutable", file, "--command", "python x.py")
    found = shell.json("ideas", "--limit", "10")
    assert {idea["set"][0].partition("=")[0] for idea in found["ideas"]} == wanted
    assert (found["knobs"], found["untouched"]) == (len(wanted), len(wanted))
    shown = shell.ok("ideas")
    assert f"{len(wanted)} knob" in shown and "P(keep) is not known yet: no run has been judged here." in shown
    assert "Nothing was measured here yet: run the code as it is first" in shown


def test_what_was_measured_is_what_the_reasons_tell(shell: Shell) -> None:
    start(shell, "train.py", "MATRIX_LR = 0.04\nDEPTH = 8\n")
    log(shell, "baseline", "keep", "val_bpb", 1.0)
    log(shell, "MATRIX_LR from 0.04 to 0.08", "discard", "val_bpb", 1.05)
    first, *rest = shell.json("ideas", "--limit", "20")["ideas"]
    assert set(first) == {
        "set", "description", "kind", "reason", "p_keep", "expected", "sigmas", "minutes", "per_minute", "decision",
        "field",
    }  # fmt: skip
    (rate, *_) = [idea for idea in (first, *rest) if idea["set"][0].startswith("MATRIX_LR")]
    assert re.fullmatch(r"0\.08 lost \d+ σ; the other side of 0\.04 is untried", rate["reason"])
    assert rate["minutes"] == 1 and rate["expected"] > 0
    shown = shell.ok("ideas")
    assert "the other side of 0.04 is untried" in shown and "2 knobs in the code, 1 of them untouched." in shown


def test_code_without_a_knob_gets_one_clear_line(shell: Shell) -> None:
    start(shell, "train.py", "print('val_bpb: 1.0')\n")
    said = "No idea: no knob can be read in train.py: nothing there is set to a number or a switch under a name."
    assert " ".join(shell.ok("ideas").split()) == said
    assert shell.json("ideas")["ideas"] == []


def test_without_code_or_a_memory_it_says_so(shell: Shell) -> None:
    assert "there is no memory" in shell.refused("ideas")
    shell.ok("init", "--metric", "score")
    (shell.root / "train.py").unlink(missing_ok=True)
    assert "there is no code to read (train.py)" in " ".join(shell.ok("ideas").split())
    assert "no whole number" in shell.refused("ideas", "--limit", "0", code=64)


def test_what_was_tried_on_the_code_as_it_lies_here_is_not_proposed_again_whoever_leads(shell: Shell) -> None:
    """The tree stands on a tie that doesn't lead: its base is the tree's, and not the champion's."""

    def run(text: str, code: str, status: str, value: float) -> None:
        (shell.root / "train.py").write_text(code)
        shell.git("commit", "-qam", text)
        log(shell, text, status, "val_bpb", value)
        if status == "discard":
            shell.git("reset", "-q", "--hard", "HEAD~1")

    base = "MATRIX_LR = 0.04\nEMBEDDING_LR = 0.6\nDEPTH = 8\n"
    start(shell, "train.py", base)
    log(shell, "baseline", "keep", "val_bpb", 1.0)
    run("EMBEDDING_LR from 0.6 to 0.8", base.replace("0.6", "0.8"), "keep", 1.0004)
    for _ in range(2):
        found = [idea["set"][0] for idea in shell.json("ideas", "--limit", "20")["ideas"]]
        (value,) = [one.partition("=")[2] for one in found if one.startswith("MATRIX_LR")][:1]
        run(f"MATRIX_LR from 0.04 to {value}", base.replace("0.6", "0.8").replace("0.04", value), "discard", 1.02)
        again = [idea["set"][0] for idea in shell.json("ideas", "--limit", "20")["ideas"]]
        assert f"MATRIX_LR={value}" in found and f"MATRIX_LR={value}" not in again
