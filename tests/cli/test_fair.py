"""Holds fair runs: one at a time on a device, with what each had of the machine, on real processes that compete."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY, Shell

if sys.platform != "linux":
    pytest.skip("counts processors as Linux does", allow_module_level=True)

PYTHON = (sys.executable, "-S", "-u", "-c")
SPAN = """
import os, sys, time
from pathlib import Path
began = time.time()
time.sleep(float(sys.argv[2]))
with Path(sys.argv[1]).open("a") as file:
    file.write(f"{began} {time.time()}\\n")
print("---\\nval_bpb: 1.0")
"""
LOOP = """
import json, os, time
budget, steps = float(os.environ["AUTORESEARCH_TIME_BUDGET"]), 0
began = time.perf_counter()
while time.perf_counter() - began < budget:
    sum(range(2000))
    steps += 1
print(f"---\\nval_bpb: {1.0 + 100 / steps}\\nnum_steps: {steps}")
print(f"training_seconds: {time.perf_counter() - began}")
"""


def start(shell: Shell, *words: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(REPOSITORY / "memorylab.py"), "run", "--json", *words],
        cwd=shell.root,
        env={**shell.environment, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ran(shell: Shell, *words: str, **environment: str) -> dict[str, Any]:
    """`run --json`, expected to record the run."""
    return dict(json.loads(shell.ok("run", "--json", *words, **environment)))


def span(path: Path, seconds: float) -> tuple[str, ...]:
    return ("--", *PYTHON, SPAN, str(path), str(seconds))


def spans(path: Path) -> list[tuple[float, float]]:
    return sorted((float(a), float(b)) for a, b in (line.split() for line in path.read_text().splitlines()))


@contextlib.contextmanager
def training(shell: Shell, *before: str) -> Iterator[subprocess.Popen[str]]:
    """A run of a minute that has begun."""
    process = start(shell, "--description", "the long one", *before, "--", "sh", "-c", "echo ready; exec sleep 60")
    try:
        until = time.monotonic() + 20
        while not ((log := shell.root / "run.log").exists() and "ready" in log.read_text()):
            assert time.monotonic() < until and process.poll() is None
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.communicate()


def test_runs_that_are_started_at_once_train_one_after_another(lab: Shell, tmp_path: Path) -> None:
    lab.git("worktree", "add", "-q", str(tmp_path / "other"), "-b", "other")
    other = Shell(tmp_path / "other")
    other.environment = lab.environment
    path = tmp_path / "spans"
    started = [start(shell, "--mode", "replicate", "--no-check", "--description", name, *span(path, 0.7))
               for shell, name in ((lab, "one"), (other, "two"), (lab, "three"))]  # fmt: skip
    told = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], told
    found = spans(path)
    assert all(one[1] <= next_[0] for one, next_ in itertools.pairwise(found))
    waited = [err for _, err in told if "waiting for the processor (cpu), which is taken by process " in err]
    assert waited and all(  # how many depends on how far apart they came to it
        f"in {tmp_path}" in err for err in waited
    )


def test_more_slots_let_more_train_at_once(lab: Shell, tmp_path: Path) -> None:
    (lab.root / "memorylab.toml").write_text("[run]\nslots = 2\n")
    path = tmp_path / "spans"
    started = [start(lab, "--no-check", "--description", name, *span(path, 1.5)) for name in ("one", "two")]
    told = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0, 0], told
    (_, first), (second, _) = spans(path)
    assert second < first


def test_no_wait_refuses_in_one_line_and_a_killed_holder_is_none(lab: Shell) -> None:
    with training(lab) as holder:
        line = lab.refused("run", "--no-wait", "--description", "another idea", "--", "true")
        assert line.startswith(f"error: the processor (cpu) is taken by process {holder.pid} of ")
        assert "hint: leave out --no-wait" in line
        assert lab.ledger() == []
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait(10)
        row = ran(lab, "--no-wait", "--description", "another idea", "--", "sh", "-c", "echo val_bpb: 1.0")
        assert row["status"] == "keep"


def test_what_the_guard_forbids_is_told_without_waiting(lab: Shell) -> None:
    lab.ok("run", "--description", "baseline", "--", "echo", "val_bpb: 1.0")
    lab.commit("MATRIX_LR = 0.4\nDEPTH = 8\n")
    lab.run("run", "--no-check", "--description", "set MATRIX_LR to 0.4", "--", "echo", "val_bpb: 1.2")
    lab.git("reset", "-q", "--hard", "HEAD~1")
    with training(lab, "--no-check"):
        lab.commit("MATRIX_LR = 0.5\nDEPTH = 8\n")
        done = lab.run("run", "--description", "set MATRIX_LR to 0.5", "--", "echo", "val_bpb: 1.3")
        assert done.returncode == 2, done.stderr + done.stdout
        assert "waiting" not in done.stderr


def test_a_run_within_a_run_waits_for_nobody(lab: Shell) -> None:
    inner = f"{sys.executable} {REPOSITORY / 'memorylab.py'} run --no-check --description inner -- echo val_bpb: 1.0"
    lab.ok(
        "run", "--no-check", "--description", "outer", "--timeout", "60", "--", "sh", "-c", f"{inner}; echo val_bpb: 2"
    )
    assert {row["description"] for row in lab.ledger() if row.get("kind", "run") == "run"} >= {"outer"}


@pytest.mark.parametrize("slots", ["0", "1.5", "true", '"2"', "1000"])
def test_slots_are_a_number_of_runs(lab: Shell, slots: str) -> None:
    (lab.root / "memorylab.toml").write_text(f"[run]\nslots = {slots}\n")
    assert "run.slots must be a whole number from 1 to 256" in lab.refused("check", "--description", "x")


def test_a_run_records_what_it_had_its_orphans_included(lab: Shell) -> None:
    burn = "import time\nend = time.process_time() + 0.4\nwhile time.process_time() < end: pass"
    script = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {burn!r}], start_new_session=True)"
    script += "\ntime.sleep(3); print('val_bpb: 1.0')"
    had = ran(lab, "--description", "baseline", "--", *PYTHON, script)["resources"]
    assert 0.4 <= had["cpu_seconds"] < 3 <= had["wall_seconds"]
    assert had["cores"] == pytest.approx(had["cpu_seconds"] / had["wall_seconds"], abs=0.02)
    assert {"cores_idle", "cores_of_others", "load", "processors"} <= set(had)


@contextlib.contextmanager
def rivals(cpu: int, count: int) -> Iterator[None]:
    """Processes that never rest, on one processor."""
    code = f"import os\nos.sched_setaffinity(0, {{{cpu}}})\nwhile os.getppid() == {os.getpid()}: pass"
    running = [subprocess.Popen([sys.executable, "-S", "-c", code]) for _ in range(count)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def on(cpu: int, shell: Shell, description: str) -> dict[str, Any]:
    """A run of a loop that trains by the clock, on one processor."""
    command = ["taskset", "-c", str(cpu), sys.executable, str(REPOSITORY / "memorylab.py"), "run", "--json"]
    done = subprocess.run(
        [*command, "--no-check", "--description", description, "--", *PYTHON, LOOP],
        cwd=shell.root,
        env={**shell.environment, "AUTORESEARCH_TIME_BUDGET": "2"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return dict(json.loads(done.stdout))


def test_a_run_beside_busy_loops_is_starved_and_the_same_on_a_quiet_processor_is_judged(lab: Shell) -> None:
    cpu = max(os.sched_getaffinity(0))
    for _ in range(8):  # this machine may be busy by itself
        if (base := on(cpu, lab, "baseline"))["status"] == "keep":
            break
    else:
        pytest.skip("something else uses this machine")
    lab.commit("MATRIX_LR = 0.05\nDEPTH = 9\n")
    with rivals(cpu, 3):
        row = on(cpu, lab, "DEPTH from 8 to 9")
    assert (row["status"], row["starved"]) == ("starved", "measured")
    assert row["decision_packet"]["next_action"] == "retry"
    assert row["resources"]["cores_of_others"] > row["resources"]["cores_idle"]
    assert "processors that a run here uses" in row["decision_packet"]["rationale"][1]
    assert lab.json("best")["champion"]["run_id"] == base["run_id"]


def test_the_time_limit_of_a_run_counts_the_time_that_the_machine_had_for_it(lab: Shell) -> None:
    cpu = max(os.sched_getaffinity(0))
    work = "import time\nend = time.process_time() + 3.6\nwhile time.process_time() < end: pass\nprint('val_bpb: 1.0')"
    command = ["taskset", "-c", str(cpu), sys.executable, str(REPOSITORY / "memorylab.py"), "run", "--json"]
    with rivals(cpu, 4):
        done = subprocess.run(
            [*command, "--description", "baseline", "--", *PYTHON, work],
            cwd=lab.root,
            env={**lab.environment, "AUTORESEARCH_TIME_BUDGET": "2"},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
    row = json.loads(done.stdout)
    assert row["resources"]["wall_seconds"] > 4  # two budgets
    assert row["metrics"]["val_bpb"] == 1.0 and row["error"] is None


def test_a_hang_ends_at_its_limit_or_on_a_busy_machine_a_few_times_behind_it(lab: Shell) -> None:
    row = ran(lab, "--description", "baseline", "--", "sleep", "60", AUTORESEARCH_TIME_BUDGET="1")
    assert (row["status"], row["error"]["kind"]) == ("crash", "timeout")
    assert 2 <= row["resources"]["wall_seconds"] < 15
