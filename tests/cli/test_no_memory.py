"""A directory without a memory is told, by every command that reads one; a wrong --root is no empty night."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.conftest import Shell

READING = (
    ["report"], ["report", "--format", "json"], ["history"], ["show", "abc"], ["search", "lr"], ["best"], ["knobs"],
    ["knobs", "MATRIX_LR"], ["noise"], ["verify"], ["verify", "--repair"], ["export"], ["claims"],
    ["claims", "--release", "x"], ["accept", "abc"], ["serve", "--port", "0"], ["watch", "--once"], ["watch", "--json"],
)  # fmt: skip


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_what_reads_a_memory_says_that_there_is_none_and_writes_nothing(
    shell: Shell, tmp_path: Path, words: list[str]
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    told = shell.refused("--root", str(elsewhere), *words)
    assert told == f"error: there is no memory in {elsewhere}; hint: run `memorylab init` there, or give --root"
    assert not list(elsewhere.iterdir())


def test_a_pack_of_counts_is_not_loaded_into_nowhere(shell: Shell) -> None:
    (shell.root / "pack.json").write_text("{}")
    assert "there is no memory in" in shell.refused("priors", "load", "pack.json")
    assert not (shell.root / "results").exists()


def test_an_idea_can_be_checked_before_there_is_a_memory(shell: Shell) -> None:
    assert shell.json("check", "--description", "raise MATRIX_LR to 0.05")["classification"] == "novel"
    assert not (shell.root / "results").exists()


@pytest.mark.parametrize("how", ["init", "log", "run", "import"])
def test_what_writes_makes_a_memory_that_the_rest_reads(shell: Shell, how: str) -> None:
    table = "commit\tval_bpb\tmemory_gb\tstatus\tdescription\nabc1234\t0.9\t1.0\tkeep\tx\n"
    (shell.root / "table.tsv").write_text(table)
    words = {
        "init": ["init"],
        "log": ["log", "--description", "baseline", "--status", "keep", "--summary", shell.summary()],
        "run": ["run", "--description", "baseline", "--", sys.executable, "-c", "print('---\\nval_bpb: 0.9')"],
        "import": ["import", "table.tsv"],
    }[how]
    shell.ok(*words)
    assert len(json.loads(shell.ok("history", "--json"))) == (how != "init")
    shell.ok("report")
    shell.ok("verify")


def test_what_can_not_be_written_is_told_by_the_name_that_was_asked_for(lab: Shell) -> None:
    (lab.root / "taken").mkdir()
    for name, reason in (("missing/x.html", "no such file"), ("taken", "it is a directory"),
                         ("train.py/x.html", "a part of the path is a file")):  # fmt: skip
        for command in (["report", "--format", "html"], ["export"]):
            told = lab.refused(*command, "--output", name)
            assert reason in told and f"for {name}" in told and ".tmp" not in told
