"""What must hold after a fault, asked with the public commands alone."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Sequence

from tests.faults.scenarios import VALUE, Scenario, rows, words_of
from tests.faults.stage import Done, Stage

RECORDERS = ("log", "run", "import", "check", "claims")
"""Commands that append to the ledger: nothing that goes wrong after that makes them fail."""


def clear(words: Sequence[str], done: Done, *codes: int) -> Iterator[str]:
    """Complaints about how a command ended: its code, a traceback, an error that isn't one clear line.

    `verify` says on stdout what it found, and exits with 1 for that.
    """
    if done.code not in codes:
        how = "hung" if done.code == -14 else f"ended in {done.code}"
        yield f"{how}, not {' or '.join(map(str, codes))}: {_last(done.err)}"
    # A message may quote a log whose last line is the head of a traceback.
    if re.search("^(?:Traceback|(?!error: |warning: |note: ).*Traceback \\(most)", done.err, re.MULTILINE):
        yield f"a traceback: {_last(done.err)}"
    if re.search(r"\bunexpected \w+(Error|Exception|Interrupt)\b", done.err):
        yield f"an unexpected error: {_last(done.err)}"
    # Only a newline begins a line for whoever reads stderr; a text may hold others of Unicode's separators.
    told = [line for line in done.err.split("\n") if line and not line.startswith(("warning: ", "note: "))]
    wrong = done.code in (1, 64)
    quiet = words[0] == "verify" and done.code == 1 and not told
    if (len(told) != wrong and not quiet) or any(not line.startswith("error: ") for line in told):
        yield f"{len(told)} lines on stderr, not {int(wrong)}: {_last(done.err)}"


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["nothing on stderr"])[-1][:300]


def after(stage: Stage, scenario: Scenario, before: bytes, done: Done, killed: bool) -> list[str]:
    """All complaints about a workspace in which the scenario's command met a fault and ended so.

    `before` is the ledger as it was.
    """
    found = [] if killed else list(clear(scenario.words, done, 0, 1))
    try:
        found += _kept(stage, scenario, before)
        count = scenario.done(stage)
        found += [] if killed else _truth(stage, scenario, done, count)
        if count > 1:
            found.append(f"it was done {count} times")
        found += _healed(stage, scenario, count)
    except (AssertionError, OSError, KeyError, TypeError, ValueError) as error:
        found.append(f"{type(error).__name__}: {error}")
    return found


def _kept(stage: Stage, scenario: Scenario, before: bytes) -> Iterator[str]:
    """Every line that could be read before the command is there, once and as it was."""
    now = (stage.ledger.read_bytes() if stage.ledger.exists() else b"").split(b"\n")
    for line in before.split(b"\n")[:-1]:
        whole = line.endswith(b"}")
        if whole and now.count(line) != 1:
            yield f"an acknowledged row is there {now.count(line)} times: {line[:80]!r}"
    if scenario.sound and not b"\n".join(now).startswith(before):
        yield "bytes that were in the ledger have changed"


def _truth(stage: Stage, scenario: Scenario, done: Done, count: int) -> Iterator[str]:
    """The exit code says whether it was done; and what was measured isn't lost without a word."""
    if done.code == 0 and count == 0:
        yield f"exit 0, but nothing was done: {_last(done.err)}"
    if done.code == 0 and "nothing was recorded" in done.err:
        yield f"exit 0, but it is said that nothing was recorded: {_last(done.err)}"
    recorded = re.search(r"(?<!nothing )(?<!nothing was )(?<!not )\brecorded\b(?! anew)", done.err)
    if (
        done.code == 1
        and count == 1
        and scenario.name.startswith(RECORDERS)
        and (not recorded or "nothing was recorded" in done.err)
    ):
        yield f"exit 1, but it is recorded, and nobody says so: {_last(done.err)}"
    if done.code == 1 and count == 0 and scenario.name.startswith("run"):
        yield from _measurement(stage, done)


def _measurement(stage: Stage, done: Done) -> Iterator[str]:
    """A training that ended must not have been in vain: the message names a file that has its value."""
    log = stage.lab / "run.log"
    if not log.exists() or str(VALUE) not in log.read_text("utf-8", "replace"):
        return
    named = [stage.lab / word.strip("'\"`,;:.") for word in done.err.split()]
    if not any(path.is_file() and str(VALUE) in path.read_text("utf-8", "replace") for path in named):
        yield f"the training ended, and nobody says where its measurement is: {_last(done.err)}"


def _healed(stage: Stage, scenario: Scenario, count: int) -> Iterator[str]:
    """The next command works, `verify` is content after it, and the command repeated does the work exactly once."""
    steps: list[tuple[str, tuple[str, ...], int]] = []
    if scenario.name != "init":
        steps += [("the next command", ("history", "--json", "--limit", "1000"), 0)]
        steps += [("verify", ("verify",), 0)] * scenario.sound
    again = words_of(stage, scenario)
    steps += [("the same command again", again, scenario.again if count else 0), ("verify after it", ("verify",), 0)]
    for name, words, code in steps:
        done = stage.call(*words)
        found = list(clear(words, done, code))
        if name == "verify" and not count and _awaits_retry(done):
            continue
        if name == "verify after it" and "which was killed" in done.out and _awaits_retry(done):
            continue  # what the disk had no place for was the note by which the run could be known again
        if name.startswith("verify") and found:
            found = [f"{found[0]} {done.out[:300]!r}"]
        yield from (f"{name}: {complaint}" for complaint in found)
        if name == "the next command" and done.code == 0:
            yield from _listed(stage, done)
    if (now := scenario.done(stage)) != 1:
        yield f"after the command was given again it is done {now} times"
    yield from _litter(stage)


def _awaits_retry(done: Done) -> bool:
    """Whether all that `verify` tells of is what the command itself makes good when it is given again.

    That is a run that ended and is kept until it is recorded, and the part of a line that a killed write left.
    """
    lines = [line for line in done.out.splitlines() if "; hint: " in line]
    return done.code == 1 and bool(lines) and all("never recorded" in x or "interrupted write" in x for x in lines)


def _listed(stage: Stage, done: Done) -> Iterator[str]:
    told = sorted(run["run_id"] for run in json.loads(done.out))
    there = sorted(row["run_id"] for row in rows(stage) if row.get("kind", "run") == "run")
    if told != there:
        yield f"history lists {len(told)} runs, the ledger has {len(there)}"


def _litter(stage: Stage) -> Iterator[str]:
    """Nothing of a run that is over stays among the scratch files, a day later at the latest."""
    left = list((stage.memory / "scratch").glob("*"))
    for scratch in left:
        if not (scratch / "running.json").exists():  # a run that begins just now looks like that
            os.utime(scratch, (time.time() - 90_000,) * 2)
    if left:
        yield from clear(("verify",), stage.call("verify", "--repair"), 0)
        if stay := [path.name for path in (stage.memory / "scratch").glob("*")]:
            yield f"scratch files stay: {stay[:2]}"
