"""Supervision, tried on real processes: nothing gets lost, nothing is left running."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from memorylab.adapters import sandbox
from memorylab.adapters.child import Plain
from memorylab.adapters.supervise import Finished, supervise
from memorylab.adapters.training_log import Progress
from memorylab.errors import InputError

if sys.platform == "win32":
    pytest.skip("untried on Windows", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[2]
PYTHON = (sys.executable, "-S", "-u", "-c")
needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes in /proc")


class Lab:
    """A directory to run commands in, whose processes carry a mark in their environment."""

    def __init__(self, path: Path, within: Sequence[str] = ()) -> None:
        self.path, self.within = path, within
        self.log = path / "run.log"
        self.mark = f"mark-{uuid.uuid4()}"
        self.env = {"PATH": os.environ["PATH"], "MARK": self.mark}
        self.told: list[Progress] = []

    def run(self, *command: str, timeout_s: float | None = 20, **options: Any) -> Finished:
        options = {"on_progress": self.told.append, **options}
        return supervise(
            command, cwd=self.path, env=self.env, log_path=self.log, timeout_s=timeout_s, within=self.within, **options
        )

    def alive(self) -> list[int]:
        """The living processes that carry the mark."""
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if self.mark.encode() in path.read_bytes():
                    found.append(int(path.parent.name))
        return found

    def gone_within(self, seconds: float) -> bool:
        """Whether none is seen three times running: one that is being started has no environment for a moment."""
        end, unseen = time.monotonic() + seconds, 0
        while unseen < 3 and time.monotonic() < end:
            unseen = 0 if self.alive() else unseen + 1
            time.sleep(0.02)
        return unseen == 3

    def memorylab(self, *command: str) -> subprocess.Popen[bytes]:
        """Another process that supervises a command; it doesn't carry the mark itself."""
        program = (
            "import sys; from pathlib import Path; from memorylab.adapters.supervise import supervise\n"
            "mark, path, *command = sys.argv[1:]\n"
            f"env = {{'MARK': mark, 'PATH': {self.env['PATH']!r}}}\n"
            f"within = {self.within!r}\n"
            "log = Path(path, 'run.log')\n"
            "print(supervise(command, cwd=Path(path), env=env, log_path=log, timeout_s=60, within=within))"
        )
        return subprocess.Popen(
            [sys.executable, "-c", program, self.mark, str(self.path), *command], cwd=ROOT, stdout=subprocess.PIPE
        )

    def wait_for_processes(self, count: int) -> None:
        end = time.monotonic() + 10
        while len(self.alive()) < count:
            assert time.monotonic() < end, "the processes did not start"
            time.sleep(0.01)


def within_of(kind: str, path: Path) -> tuple[str, ...]:
    """The words that start a command in this kind of sandbox; skips where it doesn't work."""
    if kind == "outside":
        return ()
    found = [one for one in sandbox.working([], path, os.environ) if one.kind == kind]
    if not found:
        pytest.skip(f"{kind} doesn't work here")
    return found[0].prefix


@pytest.fixture(params=["outside", sandbox.BUBBLEWRAP, sandbox.UNSHARE])
def lab(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """All that is promised holds in a sandbox of either kind too, where this machine allows one."""
    lab = Lab(tmp_path, within_of(request.param, tmp_path))
    yield lab
    for pid in lab.alive():
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def test_output_and_errors_go_to_the_log_and_input_is_empty(lab: Lab) -> None:
    done = lab.run(*PYTHON, "import sys; print('out', repr(sys.stdin.read())); print('err', file=sys.stderr)")
    assert done[:4] == (0, None, False, None)
    assert not done.log_truncated
    assert 0 < done.seconds < 5
    assert lab.log.read_text() == "out ''\nerr\n"


def test_the_command_runs_in_its_directory_with_its_environment_alone(lab: Lab) -> None:
    (lab.path / "tool").write_text("#!/bin/sh\npwd; env\n")
    (lab.path / "tool").chmod(0o755)
    assert lab.run("./tool").exit_code == 0
    lines = lab.log.read_text().splitlines()
    assert Path(lines[0]).samefile(lab.path)
    assert f"MARK={lab.mark}" in lines
    assert not any(line.startswith(("HOME=", "PYTHON")) for line in lines)


@pytest.mark.parametrize(
    ("script", "exit_code", "number"),
    [("exit 3", 3, None), ("kill -9 $$", None, 9), ("kill -SEGV $$", None, 11), ("exit 255", 255, None)],
)
def test_exit_codes_and_signals_are_told_apart(
    lab: Lab, script: str, exit_code: int | None, number: int | None
) -> None:
    assert lab.run("sh", "-c", script)[:4] == (exit_code, number, False, None)


def test_a_command_that_cannot_be_started_is_one_error_and_leaves_the_old_log(lab: Lab) -> None:
    (lab.path / "plain").write_text("echo hello\n")
    (lab.path / "broken").write_text("#!/no/such/interpreter\n")
    (lab.path / "broken").chmod(0o755)
    for command in ("no-such-command", "./plain", "./broken", ".", "a\0b"):
        with pytest.raises(InputError, match="can't start") as error:
            lab.run(command)
        assert error.value.hint
        assert not lab.log.exists()
    with pytest.raises(InputError, match="there is no command"):
        lab.run()
    lab.log.write_text("older\n")
    with pytest.raises(InputError):
        lab.run("no-such-command")
    assert lab.log.read_text() == "older\n"
    assert lab.run("true").exit_code == 0
    assert lab.log.read_text() == ""


def test_a_missing_directory_or_an_unwritable_log_is_one_error(lab: Lab) -> None:
    with pytest.raises(InputError, match="there is no directory"):
        supervise(["true"], cwd=lab.path / "none", env=lab.env, log_path=lab.log, timeout_s=1)
    lab.log.mkdir()
    with pytest.raises(InputError, match="can't write the log"):
        lab.run("true")


def test_progress_is_told_as_it_comes_but_at_most_five_times_a_second(lab: Lab) -> None:
    program = (
        "import time\n"
        "for i in range(1, 101):\n"
        "    print(f'\\rstep {i:05d} ({i}.0%) | loss: {9 / i:.6f} | remaining: {100 - i}s    ', end='')\n"
        "    time.sleep(0.01)\n"
        "print('\\nevaluating')\n"
    )
    done = lab.run(*PYTHON, program)
    assert 3 <= len(lab.told) <= done.seconds * 5 + 2
    assert lab.told[-1][:4] == (100, 100.0, 0.09, 0.0)
    assert [one.step for one in lab.told] == sorted({one.step for one in lab.told if one.step})
    assert all(0 <= one.elapsed_s <= done.seconds for one in lab.told)


def test_a_loss_that_is_nan_ends_the_run_at_once(lab: Lab) -> None:
    program = "import time; print('step 00007 (1%) | loss: nan | lrm: 1'); time.sleep(60)"
    done = lab.run(*PYTHON, program)
    assert (done.signal, done.stopped_for, done.timed_out) == (signal.SIGTERM, "nan", False)
    assert done.seconds < 5
    done = lab.run(*PYTHON, program, stop_on_nan=False, timeout_s=0.3)
    assert (done.stopped_for, done.timed_out) == (None, True)


def test_a_time_out_lets_the_command_tidy_up(lab: Lab) -> None:
    program = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(print('tidy') or 4))\n"
        "print('ready'); time.sleep(60)"
    )
    done = lab.run(*PYTHON, program, timeout_s=0.5)
    assert done[:4] == (4, None, True, None)
    assert 0.5 <= done.seconds < 3
    assert lab.log.read_text() == "ready\ntidy\n"


def test_what_ignores_the_request_is_killed_after_the_grace(lab: Lab) -> None:
    program = "import signal, time; signal.signal(15, signal.SIG_IGN); print('x', flush=True)\nwhile 1: time.sleep(1)"
    done = lab.run(*PYTHON, program, timeout_s=0.5, grace_s=0.3)
    assert (done.exit_code, done.signal, done.timed_out) == (None, signal.SIGKILL, True)
    assert 0.8 <= done.seconds < 3


@needs_proc
def test_what_the_command_leaves_behind_is_killed_and_not_waited_for(lab: Lab) -> None:
    done = lab.run("sh", "-c", "sleep 1000 & exit 5")
    assert (done.exit_code, lab.alive()) == (5, [])
    assert done.seconds < 2


@needs_proc
@pytest.mark.skipif(sys.platform != "linux", reason="orphans are adopted on Linux alone")
def test_what_flees_into_a_session_of_its_own_is_killed_too(lab: Lab) -> None:
    daemon = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    os.fork()\n    time.sleep(1000)\n"
    assert lab.run("sh", "-c", "setsid sleep 1000 & exit 5").exit_code == 5
    assert lab.alive() == []
    assert lab.run(*PYTHON, daemon).exit_code == 0
    assert lab.alive() == []
    assert lab.run(*PYTHON, daemon + "time.sleep(60)", timeout_s=0.3).timed_out
    assert lab.alive() == []


@needs_proc
@pytest.mark.parametrize(
    "script",
    [
        "sleep 1000 & sleep 1000",
        "trap '' TERM INT HUP; sleep 1000 & sleep 1000; sleep 1000",
        "yes | cat & setsid sleep 1000 & sleep 1000",
    ],
)
def test_nothing_survives_when_memorylab_is_killed_with_9(lab: Lab, script: str) -> None:
    process = lab.memorylab("sh", "-c", script)
    lab.wait_for_processes(4)  # the watchdog, the shell and two more
    process.kill()
    process.communicate()
    assert lab.gone_within(2)


@needs_proc
def test_nothing_survives_when_memorylab_is_killed_while_it_starts_a_command(lab: Lab) -> None:
    for _ in range(8):
        process = lab.memorylab("sh", "-c", "sleep 1000 & sleep 1000")
        end = time.monotonic() + 10
        while not lab.alive() and time.monotonic() < end:
            pass  # the moment that the first process appears
        process.kill()
        process.communicate()
        assert lab.gone_within(2)


@needs_proc
def test_nothing_survives_its_watchdog(lab: Lab) -> None:
    process = lab.memorylab("sh", "-c", "echo ready; sleep 1000")
    end = time.monotonic() + 10
    while not (lab.log.exists() and lab.log.read_text()):
        assert time.monotonic() < end, "the command did not start"
        time.sleep(0.01)
    own = [sys.executable, "-I", "-S", str(ROOT / "memorylab" / "adapters" / "watchdog.py")]
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_text().split("\0") for pid in lab.alive()}
    (watchdog,) = (pid for pid, words in commands.items() if words[:4] == own)
    os.kill(watchdog, signal.SIGKILL)
    told, _ = process.communicate(timeout=10)
    assert b"exit_code=None, signal=None" in told
    assert lab.gone_within(2)


@needs_proc
@pytest.mark.parametrize(("number", "trap"), [(signal.SIGINT, "INT"), (signal.SIGTERM, "TERM")])
def test_a_signal_to_memorylab_reaches_the_command_and_is_reported(lab: Lab, number: int, trap: str) -> None:
    before = signal.getsignal(number)
    program = f"trap 'echo got {trap}; exit 6' {trap}; echo 'step 1 | loss: 2'; while :; do sleep 0.05; done"
    done = lab.run("sh", "-c", program, on_progress=lambda _: os.kill(os.getpid(), number))
    assert done[:4] == (6, None, False, "interrupt")
    assert f"got {trap}" in lab.log.read_text()
    assert signal.getsignal(number) is before
    assert lab.alive() == []


def test_a_second_interrupt_kills_at_once(lab: Lab) -> None:
    program = "trap '' INT; for i in 1 2 3 4 5 6 7 8 9; do echo \"step $i | loss: 2\"; sleep 0.25; done; sleep 60"
    done = lab.run("sh", "-c", program, on_progress=lambda _: os.kill(os.getpid(), signal.SIGINT))
    assert (done.signal, done.stopped_for) == (signal.SIGKILL, "interrupt")
    assert done.seconds < 3


def test_an_ignored_interrupt_stays_ignored(lab: Lab) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        program = "echo 'step 1 | loss: 2'; sleep 0.4; exit 7"
        done = lab.run("sh", "-c", program, on_progress=lambda _: os.kill(os.getpid(), signal.SIGINT))
        assert done[:4] == (7, None, False, None)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_it_works_outside_the_main_thread(lab: Lab) -> None:
    found: list[Finished] = []
    thread = threading.Thread(target=lambda: found.append(lab.run("sh", "-c", "echo hello; exit 2")))
    thread.start()
    thread.join(10)
    assert found[0].exit_code == 2
    assert lab.log.read_text() == "hello\n"


@needs_proc
def test_an_error_in_the_callers_code_ends_the_command_too(lab: Lab) -> None:
    def fail(_: Progress) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        lab.run("sh", "-c", "echo 'step 1 | loss: 2'; sleep 1000 & sleep 1000", on_progress=fail)
    assert lab.alive() == []


@pytest.mark.parametrize("size", [0, 1, 499, 500, 501, 999, 1000])
def test_a_log_within_its_limit_is_whole_to_the_byte(lab: Lab, size: int) -> None:
    program = f"import os; os.write(1, (bytes(range(14, 256)) * 5)[:{size}])"
    assert not lab.run(*PYTHON, program, max_log_bytes=1000).log_truncated
    assert lab.log.read_bytes() == (bytes(range(14, 256)) * 5)[:size]


def test_a_log_past_its_limit_keeps_head_and_tail_and_says_so(lab: Lab) -> None:
    done = lab.run("sh", "-c", "seq 1 100000; echo end", max_log_bytes=1000)
    assert done.log_truncated
    head, note, tail = lab.log.read_text().partition(
        "\n[memorylab: 587899 bytes left out here, the log is limited to 1000]\n"
    )
    assert (len(head), len(tail)) == (500, 500)
    assert head.startswith("1\n2\n3\n")
    assert note
    assert tail.endswith("\n99999\n100000\nend\n")


def test_200_mb_of_output_need_little_memory_and_no_more_disk_than_allowed(lab: Lab) -> None:
    program = (
        "import os, resource; from pathlib import Path; from memorylab.adapters.supervise import supervise\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "script = 'yes \"step 00042 (12.3%) | loss: 3.45 | info\" | head -c 200000000; echo; echo val_bpb: 1'\n"
        "options = dict(cwd=Path.cwd(), env=dict(os.environ), log_path=Path('run.log'), timeout_s=60)\n"
        "supervise(['sh', '-c', 'echo'], **options); before = peak()\n"
        "done = supervise(['sh', '-c', script], max_log_bytes=20_000_000, **options)\n"
        "print(peak() - before, done.log_truncated)"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], cwd=lab.path, env=env, capture_output=True, check=True)
    grown, truncated = done.stdout.split()
    assert int(grown) < 40_000 * (1024 if sys.platform == "darwin" else 1)  # KiB on Linux, bytes on macOS
    assert truncated == b"True"
    assert 20_000_000 <= lab.log.stat().st_size < 20_000_200
    assert lab.log.read_bytes().endswith(b"\nval_bpb: 1\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_costs_the_log_but_not_the_run(lab: Lab) -> None:
    done = supervise(
        ["sh", "-c", "echo hello; exit 3"], cwd=lab.path, env=lab.env, log_path=Path("/dev/full"), timeout_s=20
    )
    assert (done.exit_code, done.log_truncated) == (3, True)


def test_the_form_without_a_watchdog_reads_ends_and_kills(lab: Lab) -> None:
    child = Plain(["sh", "-c", "echo hello; exit 3"], lab.path, lab.env)
    output = b"".join(iter(lambda: child.read(0.1), None))
    assert (output, child.close()) == (b"hello\n", 3)
    child = Plain(["sleep", "1000"], lab.path, lab.env)
    assert child.read(0.05) == b""
    child.send(signal.SIGTERM)
    assert child.close() in (-signal.SIGTERM, -signal.SIGKILL)
