"""What runs now is told as long as its process lives, and nothing that a note says makes a page show another file."""

from __future__ import annotations

import json
import os
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
from memorylab.lab.running import NOTE, Running, running
from tests.conftest import REPOSITORY, Shell

TRAIN = """import time
for n in range(2000):
    print(f"step {n} ({n / 20:.1f}%) | loss: {9 - n / 500:.4f}", flush=True)
    time.sleep(0.02)
"""


def start(lab: Shell, *words: str, cwd: Path | None = None) -> subprocess.Popen[bytes]:
    (lab.root / "slow.py").write_text(TRAIN)
    command = [sys.executable, str(REPOSITORY / "memorylab.py"), "run", "--description", "a slow one", "--tags", "x,y"]
    return subprocess.Popen(
        [*command, *words, "--", sys.executable, str(lab.root / "slow.py")],
        cwd=cwd or lab.root,
        env=lab.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for(context: Context, seconds: float = 20.0) -> Running:
    for _ in range(int(seconds / 0.05)):
        for told in running(context):
            if told.progress is not None and told.progress.step and told.progress.step > 5:
                return told
        time.sleep(0.05)
    pytest.fail("nothing was told to run")


def note(lab: Shell, **more: Any) -> None:
    scratch = lab.root / "results" / "memorylab" / "scratch" / "1-2"
    scratch.mkdir(parents=True, exist_ok=True)
    told = {"pid": os.getpid(), "host": socket.gethostname(), "started": time.time() - 5, "log": "run.log",
            "worktree": str(lab.root), "description": "d", "limit_s": 600.0}  # fmt: skip
    (scratch / NOTE).write_text(json.dumps(told | more))


def test_a_run_is_told_with_its_step_and_loss_until_it_ends(lab: Shell) -> None:
    context = Context.open(lab.root)
    process = start(lab)
    try:
        told = wait_for(context)
        assert told.alive and told.description == "a slow one" and told.tags == ["x", "y"]
        assert told.progress and told.progress.loss and 0 < told.elapsed_s < 60 and told.limit_s
        assert told.curve[0] == (0, 9.0) and "step 3 " in told.tail
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert running(context) == [], "what ended is told no more"


def test_a_killed_run_is_recognised(lab: Shell) -> None:
    context = Context.open(lab.root)
    process = start(lab)
    wait_for(context)
    process.kill()
    process.wait(30)
    (told,) = running(context)
    assert not told.alive and told.description == "a slow one"


def test_a_run_in_a_linked_worktree_is_told(lab: Shell) -> None:
    lab.git("worktree", "add", "-q", str(lab.root.parent / "second"))
    context = Context.open(lab.root)
    process = start(lab, cwd=lab.root.parent / "second")
    try:
        assert wait_for(context).worktree == str(lab.root.parent / "second")
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize(
    "name", ["memorylab.toml", "../research/run.log", "run.log.txt", "/etc/passwd", "run-.log", ""]
)
def test_a_note_can_not_name_another_file(lab: Shell, name: str) -> None:
    (lab.root / "run.log.txt").write_text("step 1 loss: 2.0 secret")
    note(lab, log=name)
    (told,) = running(Context.open(lab.root))
    assert told.tail == "" and told.progress is None


def test_a_note_can_not_name_another_directory_nor_a_link(lab: Shell, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "run.log").write_text("step 1 loss: 2.0 secret")
    for worktree in (str(elsewhere), f"{lab.root}/../elsewhere", "/nowhere", "", "a\0b"):
        note(lab, worktree=worktree)
        assert [told.tail for told in running(Context.open(lab.root))] == [""]
    (lab.root / "run.log").symlink_to(elsewhere / "run.log")
    note(lab)
    assert [told.tail for told in running(Context.open(lab.root))] == [""]


@pytest.mark.parametrize("started", [None, "x", -1, 1e300, float("nan"), True])
def test_a_note_that_makes_no_sense_is_none(lab: Shell, started: object) -> None:
    note(lab, started=started)
    assert running(Context.open(lab.root)) == []


def test_a_note_may_hold_anything_anywhere(lab: Shell) -> None:
    for raw in ("[]", "{", "3", '{"started": 1e9}', "\ud83d".encode("utf-8", "replace").decode()):
        note(lab)
        (lab.root / "results" / "memorylab" / "scratch" / "1-2" / NOTE).write_text(raw)
        assert running(Context.open(lab.root)) == []
    note(lab, pid="x", tags=3, command={"a": 1}, description=["x"], family=None, limit_s="soon")
    (told,) = running(Context.open(lab.root))
    assert not told.alive and told.description == "" and told.limit_s is None


def test_a_number_that_was_given_to_another_process_is_not_ours() -> None:
    born = processes.birth(os.getpid())
    assert processes.alive(os.getpid(), born)
    assert born is None or not processes.alive(os.getpid(), "12345")
    for pid in (0, -1, 2**22 + 1, 10**30):
        assert not processes.alive(pid, None)
