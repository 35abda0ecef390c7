"""Holds that no measurement is lost between the end of a training and its row, and that it can be recorded later."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from memorylab.adapters import processes
from memorylab.lab.context import Context
from memorylab.lab.running import NOTE, running
from tests.cli.test_acknowledged import DRIVER, broken
from tests.conftest import REPOSITORY, Shell

if sys.platform == "win32":
    pytest.skip("untried on Windows", allow_module_level=True)

MEMORY = Path("results") / "memorylab"
TRAIN = """
import json, os, sys
print("---")
print("val_bpb:          0.812345")
with open(os.environ["AUTORESEARCH_SUMMARY_PATH"], "w") as file:
    json.dump({"val_bpb": 0.812345, "total_seconds": 300.0}, file)
"""
COMMAND = ("--", sys.executable, "-S", "-c", TRAIN)
IDEA = ("run", "--description", "it's a \"cosine\" $HOME `schedule`; rm -rf *", "--tags", "a b,c", "--hypothesis",
        "-5 % loss", "--notes", "n", "--mode", "explore", "--as", "agent 7")  # fmt: skip
AFTER = """
from memorylab.lab import supervised
def log(*_):
    {then}
supervised.log = log
"""
JUDGING = "from memorylab.lab import record\ndef make_row(*_):\n    {then}\nrecord.make_row = make_row"


def offered(text: str) -> str:
    """The command that a message offers, between backticks."""
    found = re.search(r"`(memorylab log .*)`", text)
    assert found, text
    return found[1]


def paste(shell: Shell, command: str, cwd: Path) -> dict[str, Any]:
    """Run what was offered in a shell, somewhere else; returns the row."""
    program = shlex.join([sys.executable, str(REPOSITORY / "memorylab.py")])
    script = f'memorylab() {{ {program} "$@"; }}\n{command} --json'
    done = subprocess.run(
        ["bash", "-c", script], cwd=cwd, env=shell.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    row: dict[str, Any] = json.loads(done.stdout)
    return row


def kept_and_recorded(shell: Shell, message: str, elsewhere: Path) -> dict[str, Any]:
    """What was kept holds the measurement and the log; pasting records it once, and then it is gone."""
    command = offered(message)
    (home,) = (shell.root / MEMORY / "unrecorded").iterdir()
    assert json.loads((home / "summary.json").read_text())["val_bpb"] == 0.812345
    assert "0.812345" in (home / "run.log").read_text()
    told = shell.run("verify", "--json")
    assert told.returncode == 1
    (problem,) = json.loads(told.stdout)["problems"]
    assert offered(problem["hint"]) == command
    row = paste(shell, command, elsewhere)
    assert row["metrics"]["val_bpb"] == 0.812345
    assert (shell.root / row["artifacts"]["directory"] / "run.log").read_text().count("0.812345") == 1
    assert not home.parent.exists()
    assert shell.json("verify")["problems"] == []
    return row


@pytest.mark.parametrize(
    "fault",
    [
        "os.fdatasync = broken",
        AFTER.format(then="raise ZeroDivisionError('division by zero')"),
        JUDGING.format(then="raise RecursionError"),
        JUDGING.format(then="raise MemoryError"),
        AFTER.format(then="signal.raise_signal(signal.SIGTERM)"),
        JUDGING.format(then="signal.raise_signal(signal.SIGINT)"),
        AFTER.format(then="signal.raise_signal(signal.SIGHUP)"),
        AFTER.format(then="raise OSError(errno.ENOSPC, 'No space left on device')"),
    ],
)
def test_a_run_that_can_not_be_recorded_is_kept_and_recorded_by_the_command_that_is_offered(
    lab: Shell, fault: str, tmp_path: Path
) -> None:
    done = broken(lab, fault, *IDEA, *COMMAND)
    assert done.returncode in (1, 130, 143, 129)
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1, done.stderr
    assert lab.ledger() == [] and not (lab.root / MEMORY / "scratch").exists()
    row = kept_and_recorded(lab, done.stderr, tmp_path)
    assert row["description"] == IDEA[2] and row["tags"] == ["a b", "c"] and row["hypothesis"] == "-5 % loss"
    assert row["notes"] == "n" and row["novelty_guard"]["mode"] == "explore"


def test_pasting_it_twice_records_it_once(lab: Shell, tmp_path: Path) -> None:
    command = offered(broken(lab, "os.fdatasync = broken", *IDEA, *COMMAND).stderr)
    (home,) = (lab.root / MEMORY / "unrecorded").iterdir()
    saved = {path.name: path.read_bytes() for path in home.iterdir()}
    first = paste(lab, command, tmp_path)
    home.mkdir(parents=True)
    for name, data in saved.items():
        (home / name).write_bytes(data)
    assert lab.json("verify")["problems"] == [], "it is recorded, whoever put it back"
    assert paste(lab, command, tmp_path) == first
    assert len(lab.ledger()) == 1 and not home.exists()


def test_a_row_of_which_nothing_is_sure_is_not_doubled_by_what_is_offered(lab: Shell, tmp_path: Path) -> None:
    done = broken(lab, "os.fdatasync = os.ftruncate = broken", *IDEA, *COMMAND)
    assert "unsure" in done.stderr and "history" in done.stderr
    (row,) = lab.ledger()
    assert paste(lab, offered(done.stderr), tmp_path) == row
    assert lab.ledger() == [row]


def test_a_crash_that_can_not_be_recorded_is_offered_as_a_crash(lab: Shell, tmp_path: Path) -> None:
    crash = ("--", sys.executable, "-S", "-c", f"{TRAIN}\nraise SystemExit(3)")
    done = broken(lab, "os.fdatasync = broken", *IDEA, *crash)
    row = paste(lab, offered(done.stderr), tmp_path)
    assert row["status"] == "crash"


def test_a_run_without_a_sidecar_keeps_its_log(lab: Shell, tmp_path: Path) -> None:
    done = broken(lab, "os.fdatasync = broken", *IDEA, "--", "printf", "%s\n", "---", "val_bpb: 0.75")
    lab.ok("run", "--description", "DEPTH 8 to 9", "--", "printf", "%s\n", "---", "val_bpb: 0.5")
    row = paste(lab, offered(done.stderr), tmp_path)
    assert row["metrics"]["val_bpb"] == 0.75, "the run after it wrote another log"


def test_where_nothing_can_be_moved_the_command_names_the_files_where_they_are(lab: Shell, tmp_path: Path) -> None:
    (lab.root / MEMORY / "unrecorded").write_text("in the way")
    done = broken(lab, "os.fdatasync = broken", *IDEA, *COMMAND)
    command = offered(done.stderr)
    assert "/scratch/" in command
    assert paste(lab, command, tmp_path)["metrics"]["val_bpb"] == 0.812345
    lab.ok("run", "--description", "DEPTH 8 to 9", "--no-check", *COMMAND)
    assert not (lab.root / MEMORY / "scratch").exists(), "what was recorded is swept by the next run"


def test_a_command_that_could_not_be_started_leaves_nothing(lab: Shell) -> None:
    lab.ok("run", "--description", "DEPTH 8 to 9", *COMMAND)
    assert "kept" not in lab.refused("run", "--description", "DEPTH 8 to 10", "--no-check", "--", "no-such-program")
    assert not (lab.root / MEMORY / "scratch").exists() and not (lab.root / MEMORY / "unrecorded").exists()


def test_a_secret_in_a_description_is_not_in_what_is_kept(lab: Shell) -> None:
    token = "hf_" + "abcdefghijklmnop0123"
    done = broken(lab, "os.fdatasync = broken", "run", "--description", f"with {token}", "--tags", token, *COMMAND)
    (home,) = (lab.root / MEMORY / "unrecorded").iterdir()
    assert token not in done.stderr and token not in (home / NOTE).read_text()


# -- killed


def killed(lab: Shell, *, when: str, command: tuple[str, ...] = COMMAND) -> None:
    """A `run` that gets SIGKILL at that moment."""
    fault = {
        "after training": AFTER.format(then="os.kill(os.getpid(), 9)"),
        "after its row": "from memorylab.lab import derived\nderived.refresh = lambda _: os.kill(os.getpid(), 9)",
    }[when]
    assert broken(lab, fault, *IDEA, *command).returncode == -signal.SIGKILL


@pytest.mark.parametrize("command", [COMMAND, ("--", "printf", "%s\n", "---", "val_bpb: 0.812345")])
def test_what_a_killed_run_measured_is_named_at_once_and_kept_by_the_next_run(
    lab: Shell, tmp_path: Path, command: tuple[str, ...]
) -> None:
    killed(lab, when="after training", command=command)
    assert lab.run("verify").stdout.startswith("scratch/")
    other = lab.run("run", "--description", "DEPTH 8 to 9", "--", "printf", "%s\n", "---", "val_bpb: 0.5")
    assert other.returncode == 0 and "verify" in other.stderr
    assert [path.name for path in (lab.root / MEMORY).iterdir() if path.name in ("scratch", "unrecorded")] == [
        "unrecorded"
    ]
    row = paste(lab, offered(lab.run("verify").stdout), tmp_path)
    assert row["metrics"]["val_bpb"] == 0.812345
    assert lab.json("verify")["problems"] == []


def test_what_a_killed_run_had_recorded_is_swept(lab: Shell) -> None:
    killed(lab, when="after its row")
    (row,) = lab.ledger()
    lab.ok("history")
    assert lab.json("verify")["problems"] == []
    lab.ok("verify", "--repair")
    assert lab.ledger() == [row]
    assert not (lab.root / MEMORY / "scratch").exists() and not (lab.root / MEMORY / "unrecorded").exists()


# -- dead notes


def scratch(lab: Shell, name: str, summary: bool = False, **told: Any) -> Path:
    """A scratch directory with a note; its process is gone unless said otherwise."""
    home = lab.root / MEMORY / "scratch" / name
    home.mkdir(parents=True)
    note = {"pid": 2**22 + 1, "host": socket.gethostname(), "started": time.time() - 500, "log": "run.log",
            "worktree": str(lab.root), "description": f"run {name}", "limit_s": 600.0}  # fmt: skip
    (home / NOTE).write_text(json.dumps(note | told))
    if summary:
        (home / "summary.json").write_text('{"val_bpb": 0.7}')
    return home


def living(lab: Shell, began: int = 1, **told: Any) -> Path:
    pid = os.getpid()
    return scratch(lab, f"{pid}-{began}", pid=pid, born=processes.birth(pid), **told)


def test_a_living_run_is_told_however_many_have_died(lab: Shell) -> None:
    living(lab, description="alive")
    for number in range(10_000):
        scratch(lab, f"{4_200_000 + number}-{1_800_000_000_000_000_000 + number}")
    context = Context.open(lab.root)
    began = time.perf_counter()
    told = running(context)
    assert time.perf_counter() - began < 5
    assert [run.description for run in told if run.alive] == ["alive"] and len(told) == 64
    lab.ok("run", "--description", "x", *COMMAND)
    assert len(list((lab.root / MEMORY / "scratch").iterdir())) == 9_001, "a run sweeps its share before it starts"
    lab.ok("verify", "--repair")
    assert [path.name for path in (lab.root / MEMORY / "scratch").iterdir()] == [f"{os.getpid()}-1"]


def test_only_what_is_dead_for_certain_is_swept(lab: Shell) -> None:
    mine = living(lab)
    now = time.time()
    reused = scratch(lab, "1-1", pid=os.getpid(), born="12345")
    elsewhere = scratch(lab, "7-7", host="another", started=now - 3000, limit_s=600.0)
    long_over = scratch(lab, "8-8", host="another", started=now - 9000, limit_s=600.0)
    container = scratch(lab, "9-9", pids="pid:[1]", started=now - 60)
    fresh = lab.root / MEMORY / "scratch" / "4200000-1"
    fresh.mkdir()
    nameless = lab.root / MEMORY / "scratch" / "4200001-1"
    nameless.mkdir()
    os.utime(nameless, (now - 9000, now - 9000))
    lab.ok("verify", "--repair")
    left = set((lab.root / MEMORY / "scratch").iterdir())
    assert left == {mine, elsewhere, container, fresh}
    assert not left & {reused, long_over, nameless}


def test_a_dead_note_with_a_measurement_is_kept_and_one_without_is_not(lab: Shell) -> None:
    scratch(lab, "4200000-1", summary=True)
    scratch(lab, "4200000-2")
    (scratch(lab, "4200000-3") / "summary.json").write_text("{")
    assert "4200000-1" in lab.run("verify").stdout
    done = lab.run("verify", "--repair")
    assert done.returncode == 1 and "kept" in done.stdout
    assert [path.name for path in (lab.root / MEMORY / "unrecorded").iterdir()] == ["4200000-1"]
    assert not (lab.root / MEMORY / "scratch").exists()


def test_a_log_counts_for_the_run_that_wrote_it_alone(lab: Shell) -> None:
    (lab.root / "run.log").write_text("---\nval_bpb: 0.5\n")
    scratch(lab, "4200000-1", started=time.time() - 500)
    scratch(lab, "4200000-2", started=time.time() - 100)
    lab.run("verify", "--repair")
    assert [path.name for path in (lab.root / MEMORY / "unrecorded").iterdir()] == ["4200000-2"]
    (lab.root / "run.log").write_text("---\nval_bpb: 0.5\n")
    os.utime(lab.root / "run.log", (1e9, 1e9))
    scratch(lab, "4200000-3")
    lab.run("verify", "--repair")
    assert not (lab.root / MEMORY / "scratch").exists() and (lab.root / "run.log").exists()


def test_the_time_of_a_dead_run_stands_still(lab: Shell) -> None:
    scratch(lab, "4200000-1")
    now = [time.time()]
    context = Context.open(lab.root, clock=lambda: now[0])
    (first,) = running(context)
    now[0] += 60
    assert running(context) == [first] and not first.alive


def test_a_note_can_not_put_words_into_the_command_that_is_offered(lab: Shell) -> None:
    scratch(lab, "4200000-1", summary=True, description="x`; rm -rf ~ #\n--accept", status="--accept",
            mode="--json", key=["--accept"], worktree="\x1b[31m/w", tags=["--accept", 3])  # fmt: skip
    out = lab.run("verify").stdout
    assert "\x1b" not in out
    words = shlex.split(out[out.index("memorylab log") : out.index("`, or delete")])
    assert "--accept" not in words and words[words.index("--status") + 1] == "auto"


def test_a_driver_without_a_fault_records_the_run(lab: Shell) -> None:
    assert broken(lab, "", *IDEA, *COMMAND).returncode == 0, DRIVER
    assert not (lab.root / MEMORY / "scratch").exists() and not (lab.root / MEMORY / "unrecorded").exists()


def test_a_calibration_that_is_interrupted_makes_no_further_run(lab: Shell) -> None:
    slow = f"import os, signal, time\n{TRAIN}\nos.kill(mother, signal.SIGINT)\ntime.sleep(9)"
    parent = "import os; stat = open(f'/proc/{os.getppid()}/stat').read(); mother = int(stat.split()[3])"
    if not Path("/proc/self/stat").exists():
        pytest.skip("no /proc here")
    command = ("--", sys.executable, "-S", "-c", f"{parent}\n{slow}")
    settings = lab.root / "memorylab.toml"  # in a sandbox nobody sees a process outside, such as its own grandmother
    settings.write_text(settings.read_text().replace('# sandbox = "auto"', 'sandbox = "off"'))
    done = broken(lab, "", "noise", "--calibrate", "4", *command)
    assert done.returncode == 130 and "recorded as" in done.stderr
    assert len(lab.ledger()) == 1
