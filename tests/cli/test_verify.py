"""Holds that `verify` names what is wrong with a store, and nothing that is well, also while others write to it."""

from __future__ import annotations

import contextlib
import io
import json
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from memorylab import cli
from tests.conftest import Shell

MEMORY = Path("results") / "memorylab"
PROGRAM = str(Path(__file__).resolve().parents[2] / "memorylab.py")


def log(shell: Shell, description: str, value: float, *more: str) -> dict[str, Any]:
    path = shell.summary(val_bpb=value)
    words = ("log", "--description", description, "--status", "keep", "--summary", path, *more)
    return dict(shell.json(*words))


def found(shell: Shell, *words: str) -> dict[str, Any]:
    done = shell.run("verify", "--json", *words)
    told = json.loads(done.stdout)
    assert done.returncode == (0 if told["ok"] else 1)
    return dict(told)


@pytest.fixture
def three(lab: Shell) -> Shell:
    """A workspace with three runs."""
    for number, words in enumerate(("baseline", "raise MATRIX_LR to 0.05", "DEPTH 8 to 9")):
        log(lab, words, 1 - number / 100)
    return lab


def lines(shell: Shell, change: Callable[[list[bytes]], object]) -> None:
    path = shell.root / MEMORY / "experiments.jsonl"
    held = path.read_bytes().splitlines(keepends=True)
    change(held)
    path.write_bytes(b"".join(held))


# -- beside writers


def test_it_raises_no_alarm_while_others_write(lab: Shell) -> None:
    stop = threading.Event()

    def write(writer: int) -> None:
        number = 0
        while not stop.is_set():
            summary = lab.root / f"s{writer}.json"
            summary.write_text(json.dumps({"val_bpb": 1 - number % 7 / 1000 + writer / 100}))
            words = ("log", "--description", f"{writer} LR {number}", "--status", "auto", "--summary", str(summary))
            subprocess.run(
                [sys.executable, PROGRAM, *words], cwd=lab.root, env=lab.environment, capture_output=True, check=True
            )
            number += 1

    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in writers:
        thread.start()
    try:
        told = [found(lab) for _ in range(12)]
    finally:
        stop.set()
        for thread in writers:
            thread.join()
    assert [one for one in told if not one["ok"]] == []
    assert told[-1]["runs"] > told[0]["runs"]
    assert found(lab)["ok"]


# -- a ledger that was cut


@pytest.mark.parametrize("archived", [True, False])
@pytest.mark.parametrize("between", [(), ("history",), ("report",)])
def test_a_ledger_that_was_cut_back_is_named_until_it_is_repaired(
    lab: Shell, archived: bool, between: tuple[str, ...]
) -> None:
    more = () if archived else ("--skip-archive",)
    log(lab, "baseline", 1.0, *more)
    path = lab.root / MEMORY / "experiments.jsonl"
    backup = path.read_bytes()
    lost = log(lab, "raise MATRIX_LR to 0.05", 0.9, *more)["run_id"]
    path.write_bytes(backup)
    if between:
        lab.ok(*between)
    told = found(lab)
    assert any("cut back" in p["what"] and lost in p["what"] for p in told["problems"])
    assert any("1 of its lines" in note["what"] for note in told["notes"])
    after = found(lab, "--repair")
    assert after["problems"] == []


def test_archives_name_it_where_the_index_is_gone_too(three: Shell) -> None:
    lines(three, lambda held: held.pop())
    for path in (three.root / MEMORY).glob("index.sqlite*"):
        path.unlink()
    assert [p["where"] for p in found(three)["problems"]] == ["experiments.jsonl"]


def test_lines_by_hand_in_the_table_are_a_note_and_imported_ones_none(three: Shell) -> None:
    table = three.root / "results.tsv"
    table.write_text(table.read_text() + "abc1234\t0.970000\t1.0\tkeep\twritten by hand\n")
    told = found(three)
    assert told["ok"]
    assert ["1 of its lines" in note["what"] for note in told["notes"]] == [True]
    three.ok("import", "results.tsv")
    assert found(three) == {"ok": True, "runs": 4, "repaired": [], "problems": []}


# -- the chain


def test_a_removed_line_is_a_problem_until_a_repair_took_note_of_it(three: Shell) -> None:
    lines(three, lambda held: held.pop(1))
    told = found(three)
    assert ("line 2", True) in [(p["where"], "changed or removed" in p["what"]) for p in told["problems"]]
    repaired = found(three, "--repair")
    assert repaired["problems"] == []
    assert any("took note of 1 place" in done for done in repaired["repaired"])
    told = found(three)
    assert told["ok"]
    assert [note["where"] for note in told["notes"] if "changed or removed" in note["what"]] == ["line 2"]
    log(three, "the next", 0.9)
    assert found(three)["ok"]


def test_a_run_that_something_else_appended_is_a_note_and_leads_once_accepted(three: Shell) -> None:
    row = {
        **three.ledger()[0],
        "run_id": "planted",
        "metrics": {"val_bpb": 0.1},
        "artifacts": {},
        "candidate": "planted",
    }
    lines(three, lambda held: held.append(json.dumps(row).encode() + b"\n"))
    assert three.json("best")["champion"]["run_id"] != "planted"
    assert three.json("show", "planted")["integrity"] == "unknown"
    told = found(three)
    assert told["ok"]
    (note,) = told["notes"]
    assert (note["where"], "planted" in note["what"]) == ("line 4", True)
    assert "planted" in three.ok("report")
    three.agreed("accept", "planted", "--note", "I ran it by hand")
    assert three.json("best")["champion"]["run_id"] == "planted"
    assert "notes" not in found(three)


def test_a_broken_line_costs_that_line_and_repair_leaves_a_healthy_store(three: Shell) -> None:
    def flip(held: list[bytes]) -> None:
        held[1] = held[1].replace(b'"schema":1,', b'"schema":,', 1)

    lines(three, flip)
    problems = found(three)["problems"]
    assert [p["where"] for p in problems if p["where"].startswith("line")] == ["line 2"]
    told = found(three, "--repair")
    assert told["problems"] == []
    assert found(three)["ok"]


def test_a_dropped_field_is_a_note_with_its_line(three: Shell) -> None:
    lines(three, lambda held: held.append(b'{"run_id": "odd", "status": "keep", "arena": 3, "metrics": {"x": NaN}}\n'))
    told = found(three)
    assert told["ok"]
    assert any(n["where"] == "line 4" and "arena (a number)" in n["what"] and "NaN" in n["what"] for n in told["notes"])


def test_repair_works_beside_a_row_of_a_newer_version_too(three: Shell) -> None:
    lines(three, lambda held: held.append(b'{"schema": 7, "run_id": "new", "status": "keep"}\nrubbish\n'))
    told = found(three, "--repair")
    assert [p["where"] for p in told["problems"]] == ["line 4"]
    assert any("broken line" in done for done in told["repaired"])


# -- anything in a ledger

ODD: list[Any] = [None, True, 0, -1, 2**63, 10**30, 0.0, 1e-9, 1e6, "", "x", "0.5", "\ud800", "a\0b", "\x1b[31m", "max",
                  "claim", "9999-12-31T23:59:59-23:59", [], [[]], [None, 1], ["\udc00"], [{"target": "DEPTH"}], {},
                  {"a": 1}, {"metric": "val_bpb"}, {"\ud800": 1}]  # fmt: skip
RAW = [b"\xed\xa0\x80", b"\0", b"\xff", b"\n", b"{", b"]", b'"', b"1e999", b"\\ud800", b"NaN", b"9" * 5000, b"[" * 900]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """A workspace, and rows of every kind that it wrote."""
    shell = Shell(tmp_path_factory.mktemp("fuzz"))
    shell.ok("init")
    for number, words in enumerate(("baseline", "raise MATRIX_LR to 0.05", "seed 42", "DEPTH 8 to 9")):
        log(shell, words, 1 - number / 100, "--tags", "a,b")
    shell.ok("log", "--description", "DEPTH 20", "--status", "crash", "--error", "CUDA out of memory")
    shell.ok("check", "--description", "muon momentum 0.95", "--claim")
    rows = shell.ledger()
    said = {"schema": 1, "timestamp_utc": "2026-01-01T00:00:00Z", "owner": "o"}
    rows += [
        {**said, "kind": "release", "claim_id": rows[-1]["claim_id"]},
        {**said, "kind": "accept", "run_id": rows[1]["run_id"]},
        {**said, "kind": "check", "decision": "block", "description": "d", "evidence": [rows[0]["run_id"]]},
        {**rows[1], "run_id": "again", "control": {"failed": True, "since": rows[0]["run_id"]}, "integrity": "suspect"},
    ]
    return shell.root, rows


def odd_ledger(rows: list[dict[str, Any]], chance: random.Random) -> bytes:
    """The rows with a few fields replaced at any depth, or with bytes put into their lines."""
    lines = []
    for row in rows:
        made = json.loads(json.dumps(row))
        for _ in range(chance.choice((0, 0, 1, 2))):
            place: Any = made
            while isinstance(place, dict | list) and place:
                name = chance.choice(list(place) if isinstance(place, dict) else range(len(place)))
                if not isinstance(place[name], dict | list) or chance.random() < 0.4:
                    place[name] = chance.choice(ODD)
                    break
                place = place[name]
        line = json.dumps(made, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
        if chance.random() < 0.15:
            at = chance.randrange(len(line))
            line = line[:at] + chance.choice(RAW) + line[at + chance.randrange(3) :]
        lines.append(line)
    return b"\n".join(lines) + b"\n"


@pytest.mark.parametrize("seed", range(6))
def test_nothing_that_a_ledger_holds_makes_a_command_fail(night: tuple[Path, list[dict[str, Any]]], seed: int) -> None:
    root, rows = night
    chance = random.Random(seed)
    commands = [("check", "--description", "MATRIX_LR 0.06"), ("history",), ("history", "--json"), ("best",),
                ("knobs",), ("noise",), ("search", "lr"), ("report",), ("export", "--format", "csv"), ("claims",),
                ("export", "--format", "jsonl"), ("show", rows[1]["run_id"]), ("verify",)]  # fmt: skip
    for _ in range(8):
        for path in (root / MEMORY).glob("index.sqlite*"):
            path.unlink()
        (root / MEMORY / "experiments.jsonl").write_bytes(odd_ledger(rows, chance))
        for words in (*chance.sample(commands, 3), ("verify", "--repair")):
            said = io.StringIO()
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
                cli.main(["--root", str(root), *words])
            assert "unexpected" not in said.getvalue(), (words, said.getvalue())
            assert "Error(" not in said.getvalue(), (words, said.getvalue())
