"""A night of three runs, for the commands that tell where a campaign stands."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Shell

BASE = "STEPS = 4\nRATE = 0.1\n"
BETTER = "STEPS = 4\nRATE = 0.2\n"
WORSE = "STEPS = 2\nRATE = 0.2\n"


def log(shell: Shell, description: str, status: str, value: float | None) -> dict[str, Any]:
    """Record what lies there; without a value it ran out of memory."""
    given = ("--summary", shell.summary(val_bpb=value)) if value is not None else ("--error", "CUDA out of memory")
    row: dict[str, Any] = shell.json("log", "--description", description, "--status", status, *given)
    return row


@pytest.fixture
def night(lab: Shell) -> Shell:
    """A baseline, a champion and a failure, each a commit; the failure is checked out."""
    for text, words, status, value in (
        (BASE, "baseline", "keep", 1.0),
        (BETTER, "larger rate", "keep", 0.8),
        (WORSE, "fewer steps", "discard", 0.9),
    ):
        lab.commit(text, words)
        log(lab, words, status, value)
    return lab
