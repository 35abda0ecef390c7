"""The live board as a person on ssh meets it: on a terminal, through a pipe, interrupted."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.conftest import REPOSITORY, Shell

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")


def logged(lab: Shell, description: str, value: float) -> None:
    lab.ok("log", "--description", description, "--status", "keep", "--summary", lab.summary(val_bpb=value))


class Terminal:
    """A `watch` on a terminal of its own."""

    def __init__(self, shell: Shell, *words: str, **environment: str) -> None:
        self.master, slave = pty.openpty()
        command = [sys.executable, str(REPOSITORY / "memorylab.py"), "watch", "--interval", "0.1", *words]
        known = {name: value for name, value in shell.environment.items() if name not in ("COLUMNS", "NO_COLOR")}
        self.process = subprocess.Popen(
            command, cwd=shell.root, env={**known, "TERM": "xterm", **environment}, stdin=slave, stdout=slave,
            stderr=slave,
        )  # fmt: skip
        os.close(slave)
        os.set_blocking(self.master, False)
        self.text = ""

    def until(self, seen: Callable[[str], bool], seconds: float = 60.0) -> str:
        """What was written so far, as soon as it is as wanted."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self.text += os.read(self.master, 1 << 16).decode("utf-8", "replace")
            except BlockingIOError:
                time.sleep(0.02)
            except OSError:  # the other end is closed
                return self.text
            if seen(self.text):
                return self.text
        raise AssertionError(self.text[-2000:])

    def end(self, signal_: int = signal.SIGINT) -> int:
        """Interrupt it; what it writes while it ends is read too."""
        self.process.send_signal(signal_)
        self.until(lambda _: False)  # to the end
        return self.process.wait(10)


def test_once_prints_the_board_and_ends(lab: Shell) -> None:
    logged(lab, "baseline", 0.99)
    shown = lab.ok("watch", "--once")
    assert "The champion is “baseline” with val_bpb 0.99." in shown
    assert "Last runs" in shown
    assert "\x1b" not in shown


def test_json_is_one_document_with_what_runs(lab: Shell) -> None:
    logged(lab, "baseline", 0.99)
    document = lab.json("watch")
    assert document["champion"]["description"] == "baseline"
    assert document["running"] == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_it_quietly_and_gives_the_terminal_back(lab: Shell, how: int) -> None:
    logged(lab, "baseline", 0.99)
    terminal = Terminal(lab)
    assert terminal.until(lambda text: "Last runs" in text).startswith("\x1b[?1049h\x1b[?25l")
    assert terminal.end(how) == 0
    assert terminal.text.endswith("\x1b[?25h\x1b[?1049l")
    assert "Traceback" not in terminal.text


def test_the_board_is_drawn_again_when_the_ledger_has_grown(lab: Shell) -> None:
    logged(lab, "baseline", 0.99)
    terminal = Terminal(lab)
    terminal.until(lambda text: "Last runs" in text)
    logged(lab, "wider", 0.95)
    terminal.until(lambda text: "“wider” with val_bpb 0.95" in text)
    assert terminal.end() == 0


def test_colours_are_left_out_where_they_are_not_wanted(lab: Shell) -> None:
    logged(lab, "baseline", 0.99)
    colours = re.compile(r"\x1b\[\d+(;\d+)?m")
    for environment, wanted in (({}, True), ({"NO_COLOR": "1"}, False)):
        terminal = Terminal(lab, **environment)
        assert bool(colours.search(terminal.until(lambda text: "Last runs" in text))) is wanted
        terminal.end()


def test_what_runs_is_shown_with_its_step_and_its_loss(lab: Shell) -> None:
    logged(lab, "baseline", 0.99)
    code = "import time; print('step 00042 (12.0%) | loss: 3.456789 | remaining: 9s', flush=True); time.sleep(60)"
    going = subprocess.Popen(
        [sys.executable, str(REPOSITORY / "memorylab.py"), "run", "--description", "something slow", "--",
         sys.executable, "-c", code], cwd=lab.root, env=lab.environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    terminal = Terminal(lab)
    try:
        terminal.until(lambda text: "something slow" in text and "step 42, loss 3.4568, 9 s left" in text)
    finally:
        terminal.end()
        going.send_signal(signal.SIGINT)
        going.wait(30)


def test_through_a_pipe_the_board_is_printed_when_there_is_news(lab: Shell) -> None:
    logged(lab, "baseline", 0.99)
    command = [sys.executable, str(REPOSITORY / "memorylab.py"), "watch", "--interval", "0.1"]
    watching = subprocess.Popen(command, cwd=lab.root, env=lab.environment, stdout=subprocess.PIPE, text=True)
    assert watching.stdout is not None
    for line in watching.stdout:
        if line.startswith("Last runs"):
            break
    logged(lab, "wider", 0.95)
    for line in watching.stdout:
        if "“wider” with val_bpb 0.95" in line:
            break
    watching.send_signal(signal.SIGINT)
    rest = watching.communicate(timeout=30)[0]
    assert "\x1b" not in rest
    assert watching.returncode == 0


def test_a_board_that_nobody_reads_any_more_ends_without_waiting_for_news(lab: Shell) -> None:
    logged(lab, "baseline", 0.99)
    command = [sys.executable, str(REPOSITORY / "memorylab.py"), "watch", "--interval", "0.1"]
    watching = subprocess.Popen(command, cwd=lab.root, env=lab.environment, stdout=subprocess.PIPE, text=True)
    assert watching.stdout is not None
    for line in watching.stdout:
        if line.startswith("Last runs"):
            break
    watching.stdout.close()
    assert watching.wait(30) == 0
