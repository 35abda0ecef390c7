from __future__ import annotations

import io
import sys

import pytest

from memorylab.cli.console import Console


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_line_that_is_written_over_is_cleared_before_anything_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(sys, "stdout", screen)
    console = Console([])
    console.live("building the index: 40 %")
    console.show("the report")
    console.show("its end")
    assert screen.getvalue() == "\r\x1b[Kbuilding the index: 40 %\r\x1b[Kthe report\nits end\n"


def test_without_a_terminal_there_is_no_such_line_but_a_note_stays(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console([])
    console.live("building the index: 40 %")
    console.note("this takes a while")
    assert capsys.readouterr().err == "note: this takes a while\n"
