"""Holds that bad input ends in one clear line, the right exit code, and a workspace in which nothing was written."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Shell

MEMORY = Path("results") / "memorylab"
LOCKS = (".index.lock", ".derived.lock", ".lock", ".run.lock")
DERIVED = (*LOCKS, "index.sqlite", "index.sqlite-wal", "index.sqlite-shm", "scratch")
RECORD = ("log", "--description", "x", "--status", "keep")


def tree(root: Path) -> dict[str, bytes]:
    """Every file and directory of a workspace but git's own and the index, which any command may refresh."""
    found = {}
    for path in sorted(root.rglob("*")):
        if ".git" not in path.relative_to(root).parts and path.name not in DERIVED:
            name = path.relative_to(root).as_posix()
            found[name] = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    return found


def clear(line: str) -> None:
    """One line of the form that the contract promises, about this mistake and not about our internals."""
    assert "; hint: " in line, line
    assert "unexpected " not in line, line
    assert len(line) < 700, line


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A workspace with one run and a directory full of useless files; refusals must leave it as it is."""
    root = tmp_path_factory.mktemp("bad") / "research"
    root.mkdir()
    shell = Shell(root)
    (root / "train.py").write_text("MATRIX_LR = 0.04\n")
    shell.git("init", "-q", "-b", "night")
    shell.git("add", ".")
    shell.git("commit", "-qm", "baseline")
    shell.ok("init")
    shell.ok("log", "--description", "baseline", "--status", "keep", "--summary", shell.summary())
    files = {
        "text.json": b"not json",
        "nan.json": b'{"val_bpb": NaN}',
        "inf.json": b'{"val_bpb": -Infinity}',
        "huge.json": b'{"val_bpb": 1e999}',
        "text_value.json": b'{"val_bpb": "0.9"}',
        "true.json": b'{"val_bpb": true}',
        "null.json": b'{"val_bpb": null}',
        "list.json": b"[0.9]",
        "empty.json": b"",
        "binary.json": b"\xff\xfe\x00\x01",
        "deep.json": b"[" * 100_000,
        "digits.json": b'{"val_bpb": 1' + b"0" * 5000 + b"}",
        "other.json": b'{"loss": 3.0}',
        "large.json": b'{"val_bpb": 1.0, "pad": "' + b"x" * 1_100_000 + b'"}',
        "silent.log": b"step 1\nstep 2\n",
        "nan.log": b"---\nval_bpb: nan\n",
        "binary.log": os.urandom(100_000),
        "empty.log": b"",
        "empty.jsonl": b"",
        "binary.jsonl": b"\xff\xfe\n",
        "list.jsonl": b"[1]\n",
        "nameless.jsonl": b'{"description": " "}\n',
    }
    for name, data in files.items():
        (root / name).write_bytes(data)
    os.mkfifo(root / "fifo")
    (root / "directory").mkdir()
    old = time.time() - 86_400
    (root / "old.json").write_text('{"val_bpb": 0.5}')
    os.utime(root / "old.json", (old, old))
    yield shell
    assert len(shell.ledger()) == 1


WRONG_USAGE: dict[str, tuple[str, ...]] = {
    "unknown command": ("think",),
    "unknown option": ("check", "--description", "x", "--colour", "red"),
    "unknown status": ("log", "--description", "x", "--status", "maybe"),
    "unknown mode of check": ("check", "--description", "x", "--mode", "wild"),
    "no status": ("log", "--description", "x"),
    "no description": ("log", "--status", "crash"),
    "empty description of check": ("check", "--description", ""),
    "blank description of check": ("check", "--description", " \t\n"),
    "invisible description of check": ("check", "--description", "\x1b[31m\u200b"),
    "empty description of log": ("log", "--description", "", "--status", "crash"),
    "empty description of run": ("run", "--description", " ", "--", "true"),
    "neither description nor file": ("check",),
    "description and file": ("check", "--description", "x", "--from", "empty.jsonl"),
    "threshold of nan": ("check", "--description", "x", "--threshold", "nan"),
    "threshold in words": ("check", "--description", "x", "--threshold", "high"),
    "limit of zero": ("check", "--description", "x", "--limit", "0"),
    "unknown report format": ("report", "--format", "pdf"),
    "unknown export format": ("export", "--format", "xml"),
    "json of a table": ("export", "--json"),
    "unknown direction": ("init", "--direction", "sideways"),
    "another metric": ("init", "--metric", "accuracy"),
    "timeout of zero": ("run", "--description", "x", "--timeout", "0", "--", "true"),
    "run as crash": ("run", "--description", "x", "--status", "crash", "--", "true"),
    "nothing to show": ("show",),
    "a word too many": ("verify", "everything"),
}


@pytest.mark.parametrize("words", WRONG_USAGE.values(), ids=WRONG_USAGE)
def test_wrong_usage_ends_in_exit_64(bad: Shell, words: tuple[str, ...]) -> None:
    before = tree(bad.root)
    clear(bad.refused(*words, code=64))
    assert tree(bad.root) == before


BAD_INPUT: dict[str, tuple[str, ...]] = {
    "no summary and no log": RECORD,
    "missing summary": (*RECORD, "--summary", "nowhere.json"),
    "summary that is a pipe": (*RECORD, "--summary", "fifo"),
    **{
        f"summary of {name}": (*RECORD, "--summary", f"{name}.json")
        for name in (
            "text",
            "nan",
            "inf",
            "huge",
            "text_value",
            "true",
            "list",
            "empty",
            "binary",
            "deep",
            "digits",
            "other",
            "large",
        )
    },
    "summary of a previous run": (*RECORD, "--summary", "old.json"),
    "broken summary, status auto": ("log", "--description", "x", "--status", "auto", "--summary", "text.json"),
    "discard without a number": ("log", "--description", "x", "--status", "discard", "--summary", "null.json"),
    "missing log": (*RECORD, "--log", "nowhere.log"),
    "log that is a directory": (*RECORD, "--log", "directory"),
    "log that is a pipe": (*RECORD, "--log", "fifo"),
    "log that is a device": (*RECORD, "--log", "/dev/zero"),
    **{f"{name} log": (*RECORD, "--log", f"{name}.log") for name in ("silent", "nan", "binary", "empty")},
    "missing root": ("--root", "/nowhere", "check", "--description", "x"),
    "root that is a file": ("--root", "train.py", "check", "--description", "x"),
    "missing ideas": ("check", "--from", "nowhere.jsonl"),
    "binary ideas": ("check", "--from", "binary.jsonl"),
    "ideas that are lists": ("check", "--from", "list.jsonl"),
    "ideas without description": ("check", "--from", "nameless.jsonl"),
    "unknown run": ("show", "no-such-run"),
    "run without a name": ("show", ""),
    "missing table": ("import", "nowhere.tsv"),
    "table that is a directory": ("import", "directory"),
    "table without the metric": ("import", "results.tsv", "--metric", "accuracy"),
    "missing ledger to replay": ("replay", "nowhere.jsonl"),
    "replay of nothing": ("replay", "empty.log"),
    "report into a missing file system": ("report", "--output", "/proc/nowhere/report.md"),
    "export into a missing directory": ("export", "--output", "nowhere/export.tsv"),
    "export onto a directory": ("export", "--output", "directory"),
    "command that does not exist": ("run", "--description", "x", "--", "./no-such-command"),
    "command that is a directory": ("run", "--description", "x", "--", "./directory"),
}


@pytest.mark.parametrize("words", BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_ends_in_exit_1_with_nothing_written(bad: Shell, words: tuple[str, ...]) -> None:
    before = {name: data for name, data in tree(bad.root).items() if "reports" not in name}
    clear(bad.refused(*words))
    assert {name: data for name, data in tree(bad.root).items() if "reports" not in name} == before


def test_a_refusal_prints_nothing_on_stdout(bad: Shell) -> None:
    assert bad.run(*RECORD, "--json").stdout == ""


def test_debug_shows_the_traceback(bad: Shell) -> None:
    done = bad.run(*RECORD, "--debug")
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_a_crash_is_recorded_whatever_its_files_are_like(lab: Shell) -> None:
    (lab.root / "bad.json").write_text("{")
    done = lab.run("log", "--description", "x", "--status", "crash", "--summary", "bad.json", "--log", "nowhere.log")
    assert done.returncode == 0, done.stderr
    assert all(line.startswith("warning: ") for line in done.stderr.splitlines())
    assert [row["status"] for row in lab.ledger()] == ["crash"]


def test_a_crash_does_not_take_the_number_of_a_previous_run(lab: Shell) -> None:
    path = lab.summary(val_bpb=0.5)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    row = json.loads(lab.run("log", "--description", "x", "--status", "crash", "--summary", path, "--json").stdout)
    assert row["metrics"]["val_bpb"] is None


# -- text that is hard to digest


@pytest.mark.parametrize(
    "text",
    [b"bytes \xff\xfe", "漢字 → é 😀".encode(), b"x" * 120_000, b"--status", b"$(id) `id` ;|&"],
    ids=["not UTF-8", "other alphabets", "very long", "an option", "shell"],
)
def test_any_description_is_taken_and_given_back(lab: Shell, text: bytes) -> None:
    description = os.fsdecode(text)
    lab.ok("log", f"--description={description}", "--status", "keep", "--summary", lab.summary())
    for command in (("check", f"--description={description}"), ("history",), ("report",), ("verify",)):
        lab.ok(*command)
    assert len(lab.ledger()) == 1
    assert len((lab.root / "results.tsv").read_text().splitlines()) == 2


def test_an_ascii_locale_is_no_obstacle(lab: Shell) -> None:
    lab.ok("log", "--description", "LR → 0.05", "--status", "keep", "--summary", lab.summary(), LC_ALL="C")
    assert lab.ledger()[0]["description"] == "LR → 0.05"
    assert "→" in lab.ok("history", LC_ALL="C")


def test_ideas_with_half_a_character_are_judged(lab: Shell) -> None:
    assert len(lab.ok("check", "--from", "-", stdin='{"description": "lr \\ud800 up", "tags": ["\\udc00"]}\n')) > 2


def test_a_summary_with_half_a_character_is_recorded(lab: Shell) -> None:
    (lab.root / "s.json").write_text('{"val_bpb": 1.0, "note\\ud800": "\\udc00"}')
    lab.ok("log", "--description", "x", "--status", "keep", "--summary", "s.json")
    assert lab.run("verify").returncode == 0


def test_a_binary_log_is_parsed_and_archived(lab: Shell) -> None:
    data = os.urandom(300_000) + b"\n---\nval_bpb: 0.875000\npeak_vram_mb: 1024.0\n"
    (lab.root / "run.log").write_bytes(data)
    row = lab.json("log", "--description", "x", "--status", "keep", "--log", "run.log")
    assert row["metrics"]["val_bpb"] == 0.875
    assert (lab.root / row["artifacts"]["directory"] / "run.log").stat().st_size > 200_000


def test_a_log_of_1_gb_needs_bounded_memory_and_time(lab: Shell) -> None:
    with (lab.root / "run.log").open("wb") as file:
        file.write(b"---\nval_bpb: 5.0\n")
        file.truncate(1 << 30)  # sparse: a gigabyte to read, nothing on the disk
        file.seek(0, os.SEEK_END)
        file.write(b"\n---\nval_bpb: 0.875000\n")
    limit, before = 400 << 20, resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        done = lab.run("log", "--description", "x", "--status", "keep", "--log", "run.log", "--json")
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    row = json.loads(done.stdout)
    assert row["metrics"]["val_bpb"] == 0.875
    archived = (lab.root / row["artifacts"]["directory"] / "run.log").stat().st_size
    assert archived < 32 << 20


# -- configuration


CONFIGURATIONS = {
    "no TOML": "garbage",
    "unknown setting": "metrics = 1",
    "metric of a number": "metric = 3",
    "unknown direction": 'direction = "up"',
    "negative budget": "time_budget_s = -1",
    "budget in words": 'time_budget_s = "long"',
    "number as command": "command = 5",
    "open quote in the command": "command = 'python \"train.py'",
    "numbers as files": "mutable = [1]",
    "threshold above one": "[guard]\nthreshold = 3",
    "unknown mode": '[guard]\nmode = "wild"',
    "pins of a number": "pins = 3",
    "unknown store": 'store = "postgres://host/lab"',
}


@pytest.mark.parametrize("text", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
def test_a_bad_configuration_is_named(shell: Shell, text: str) -> None:
    (shell.root / "memorylab.toml").write_text(text + "\n")
    before = tree(shell.root)
    line = shell.refused("check", "--description", "x")
    assert "memorylab.toml" in line or "store" in line
    clear(line)
    assert tree(shell.root) == before


def test_init_refuses_a_command_with_an_open_quote(shell: Shell) -> None:
    before = tree(shell.root)
    clear(shell.refused("init", "--command", 'python "train.py', code=64))
    assert tree(shell.root) == before


def test_init_refuses_an_unknown_store_before_it_writes(shell: Shell) -> None:
    before = tree(shell.root)
    clear(shell.refused("init", "--store", "ftp://host/lab"))
    assert tree(shell.root) == before


# -- a store in a bad state


@pytest.mark.parametrize(
    "command",
    [
        ("check", "--description", "x"),
        ("history",),
        ("report",),
        ("export",),
        ("best",),
        (*RECORD, "--summary", "summary.json"),
        ("run", "--description", "x", "--", "touch", "ran"),
    ],
    ids=lambda words: words[0],
)
def test_a_ledger_from_a_newer_schema_is_left_alone(lab: Shell, command: tuple[str, ...]) -> None:
    lab.summary()
    (lab.root / MEMORY / "experiments.jsonl").write_text('{"schema": 99, "run_id": "z", "status": "won"}\n')
    before = tree(lab.root)
    line = lab.refused(*command)
    assert "newer" in line
    clear(line)
    assert tree(lab.root) == before


def test_verify_names_the_line_of_a_newer_schema(lab: Shell) -> None:
    (lab.root / MEMORY / "experiments.jsonl").write_text('{"schema": 99, "run_id": "z", "status": "keep"}\n')
    done = lab.run("verify")
    assert done.returncode == 1
    assert "line 1: " in done.stdout
    assert "newer" in done.stdout


def test_an_export_that_fails_leaves_the_older_file(lab: Shell) -> None:
    (lab.root / "all.tsv").write_text("from yesterday\n")
    (lab.root / MEMORY / "experiments.jsonl").write_text('{"schema": 99}\n')
    lab.refused("export", "--output", "all.tsv")
    assert (lab.root / "all.tsv").read_text() == "from yesterday\n"


@pytest.mark.parametrize("place", ["results", "results/memorylab"])
def test_a_file_in_the_place_of_the_store_is_named(shell: Shell, place: str) -> None:
    (shell.root / place).parent.mkdir(exist_ok=True)
    (shell.root / place).write_text("in the way\n")
    before = tree(shell.root)
    for command in (("init",), ("check", "--description", "x"), (*RECORD, "--summary", shell.summary("../s.json"))):
        line = shell.refused(*command)
        assert "results" in line
        clear(line)
    assert tree(shell.root) == before


def test_a_directory_in_the_place_of_the_ledger_is_named(lab: Shell) -> None:
    ledger = lab.root / MEMORY / "experiments.jsonl"
    ledger.unlink()
    ledger.mkdir()
    for command in (("check", "--description", "x"), (*RECORD, "--summary", lab.summary()), ("verify",)):
        line = lab.refused(*command)
        assert "experiments.jsonl" in line
        clear(line)


def test_a_file_in_the_place_of_the_archive_refuses_the_run(lab: Shell) -> None:
    (lab.root / MEMORY / "runs").rmdir()
    (lab.root / MEMORY / "runs").write_text("in the way\n")
    words = (*RECORD, "--summary", lab.summary())
    before = tree(lab.root)
    clear(lab.refused(*words))
    assert tree(lab.root) == before
    lab.ok(*words, "--skip-archive")


@pytest.mark.parametrize("name", ["results.tsv", "results/memorylab/champion_challenger.json"])
def test_a_directory_in_the_place_of_a_derived_file_costs_no_run(lab: Shell, name: str) -> None:
    (lab.root / name).unlink()
    (lab.root / name).mkdir()
    done = lab.run(*RECORD, "--summary", lab.summary())
    assert done.returncode == 0
    assert len(lab.ledger()) == 1
    assert done.stderr.startswith("warning: ")
    found = lab.run("verify")
    assert (found.returncode, found.stderr.count("unexpected")) == (1, 0)
    assert Path(name).name in found.stdout


def test_a_reader_that_goes_away_is_no_error(lab: Shell) -> None:
    for number in range(3):
        lab.ok("log", "--description", f"x {number}", "--status", "keep", "--summary", lab.summary())
    read, write = os.pipe()
    os.close(read)
    program = str(Path(__file__).resolve().parents[2] / "memorylab.py")
    done = subprocess.run(
        [sys.executable, program, "export", "--format", "jsonl"],
        cwd=lab.root,
        env=lab.environment,
        stdout=write,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(write)
    assert done.stderr == b""
    assert done.returncode == 0
