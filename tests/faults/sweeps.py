"""Kills and errors at every call to the file system, output that nobody takes, and disks that are full."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple

from tests.faults import oracle
from tests.faults.scenarios import SCENARIOS, words_of
from tests.faults.stage import KILL, REPOSITORY, SHORT, TEAR, Done, Fault, Stage, environment

_LASTING = ("ENOSPC",)
"""A disk that is full stays full; other errors happen once."""
ERRORS: dict[str, tuple[str, ...]] = {
    "open": ("EACCES", "ENOSPC", "EIO", "EDQUOT", "EMFILE"),
    "write": ("ENOSPC", "EIO", "EDQUOT", "EINTR", "SHORT"),
    "sync": ("EIO", "ENOSPC"),
    "truncate": ("EIO", "ENOSPC"),
    "lock": ("EIO", "ENOLCK", "EINTR"),
    "mkdir": ("EACCES", "ENOSPC", "EDQUOT", "EIO"),
    "rename": ("EACCES", "ENOSPC", "EIO"),
    "link": ("EACCES", "EIO"),
    "unlink": ("EACCES", "EIO"),
    "rmdir": ("EACCES", "EIO"),
    "chmod": ("EACCES", "EIO"),
}
"""The errors that each call may meet. fcntl's EACCES says that another has the lock, which is none."""
INDEX_ERRORS = {"write": ("ENOSPC", "EIO", "SHORT"), "lock": ("EIO",), "open": ("EACCES", "ENOSPC", "EIO")}
"""The same for the index, to which most calls go: to SQLite all others are alike."""
FILLED = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 64, 96, 128]
"""Pages of 4 KiB that are left on the disk."""
SIZES = [0, 1, 50, 200, 1000, 3000, 5000, 8000, 12000, 16000, 24000, 32000, 48000, 64000, 96000, 128000]
"""Bytes that no file may exceed."""
DISK = "2m"
_UNTOLD = 200
"""Bytes of a file within which no message fits: standard error is kept in one here."""
OUTPUTS = ("stdout is full", "stdout is closed", "nobody reads stdout", "stderr is closed", "both are full")


class Trial(NamedTuple):
    """One fault at one place of one command. The index is built anew if `n` is out of range, and nothing fails."""

    kind: str
    command: str
    fault: str
    n: int
    label: str = ""
    """Which call that was when the plan was made."""

    @property
    def id(self) -> str:
        """What `--only` takes to do it again."""
        return f"{self.kind}:{self.command}:{self.fault}:{self.n}"


def calls(stage: Stage, name: str) -> list[str]:
    """What a command does to the files of its workspace, in order, when nothing is wrong."""
    if name not in _calls:
        _calls[name] = _observed(stage, name)
    return _calls[name]


_calls: dict[str, list[str]] = {}


def _observed(stage: Stage, name: str) -> list[str]:
    scenario = SCENARIOS[name]
    stage.saved(name, scenario.prepare)
    done = stage.call(*words_of(stage, scenario), fault=Fault())
    assert done.code == 0 and scenario.done(stage) == 1, (name, done.code, done.err)
    return done.calls


def places(stage: Stage, name: str) -> Iterator[tuple[int, str]]:
    """The calls of a command by number. Of locks in a row on one file, which change nothing on the disk, the first."""
    last = ""
    for n, call in enumerate(calls(stage, name), 1):
        if call != last or not call.startswith("lock"):
            yield n, call
        last = call


def kills(stage: Stage) -> Iterator[Trial]:
    """A kill before every call, and in the middle of every write."""
    for name in SCENARIOS:
        for n, call in places(stage, name):
            yield Trial("kills", name, "kill", n, call)
            if call.startswith("write"):
                yield Trial("kills", name, "tear", n, call)


def _ends_of_rows(found: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Without what lies amid a row of equal calls on the index: to a transaction it is the same which page fails."""
    for at, (n, call) in enumerate(found):
        amid = 0 < at < len(found) - 1 and found[at - 1][1] == call == found[at + 1][1]
        if not (amid and "/index.sqlite" in call):
            yield n, call


def errors(stage: Stage) -> Iterator[Trial]:
    """Every error that a call may meet, at every call; of a row of equal ones on the index at the first and last."""
    for name in SCENARIOS:
        for n, call in _ends_of_rows(list(places(stage, name))):
            act, _, path = call.partition(" ")
            known = INDEX_ERRORS if "/index.sqlite" in path else {}
            for fault in known.get(act, ERRORS[act]):
                yield Trial("errors", name, fault, n, call)


def outputs(_: Stage) -> Iterator[Trial]:
    """Every way in which what is printed gets lost."""
    for name in SCENARIOS:
        for n, fault in enumerate(OUTPUTS):
            yield Trial("outputs", name, fault, n)


def disks(_: Stage) -> Iterator[Trial]:
    """Disks with some pages left, and limits on the size of a file."""
    for name in SCENARIOS:
        for pages in FILLED:
            yield Trial("disks", name, "pages", pages, f"{pages} pages left")
        for size in SIZES:
            yield Trial("disks", name, "bytes", size, f"files of at most {size} bytes")


def attempt(stage: Stage, trial: Trial) -> list[str]:
    """Do it, and return what is wrong with what came of it."""
    scenario = SCENARIOS[trial.command]
    stage.saved(trial.command, scenario.prepare)
    before = stage.ledger.read_bytes() if stage.ledger.exists() else b""
    words = words_of(stage, scenario)
    if trial.kind == "disks" and trial.fault == "pages":
        done = _on_full_disk(stage, trial, words)
    elif trial.kind == "disks":
        done = stage.call(*words, file_size=trial.n)
    elif trial.kind == "outputs":
        return _unread(stage, trial, words, before)
    else:
        done = stage.call(*words, fault=_fault(trial.fault, trial.n))
    found = oracle.after(stage, scenario, before, done, killed=done.code == -9)
    if trial.fault == "bytes" and trial.n <= _UNTOLD:
        found = [complaint for complaint in found if " lines on stderr" not in complaint]
    return found


def _fault(name: str, n: int) -> Fault:
    known = {"kill": KILL, "tear": TEAR, "SHORT": SHORT}
    return Fault(n, known[name] if name in known else getattr(errno, name), name in _LASTING)


# -- full disks


def mount(stage: Stage) -> bool:
    """Give the workspace a small file system of its own; False where that isn't allowed."""
    if os.path.ismount(stage.lab):
        return True
    stage.lab.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(stage.lab)], capture_output=True, check=False
    )
    return done.returncode == 0


def unmount(stage: Stage) -> None:
    """Give it back."""
    if os.path.ismount(stage.lab):
        subprocess.run(["umount", "-l", str(stage.lab)], check=False)


def _on_full_disk(stage: Stage, trial: Trial, words: tuple[str, ...]) -> Done:
    ballast = stage.lab / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            pass
        file.truncate(max(0, file.tell() - trial.n * 4096))
    done = stage.call(*words)
    ballast.unlink()
    return done


# -- output that nobody takes


def _unread(stage: Stage, trial: Trial, words: tuple[str, ...], before: bytes) -> list[str]:
    """In a process of its own: what Python does when it ends is a part of it."""
    scenario = SCENARIOS[trial.command]
    redirect = {
        "stdout is full": '"$@" >/dev/full',
        "stdout is closed": '"$@" >&-',
        "nobody reads stdout": '{ "$@"; echo $? >&3; } | true',
        "stderr is closed": '"$@" 2>&-',
        "both are full": '"$@" >/dev/full 2>/dev/full',
    }[trial.fault]
    command = [sys.executable, str(REPOSITORY / "memorylab.py"), *words]
    place = stage.home / "code"
    with place.open("w") as kept:
        shell = subprocess.run(
            ["bash", "-c", f"exec 3>&{kept.fileno()}; {redirect}", "bash", *command],
            cwd=stage.lab, env=environment(), capture_output=True, text=True, timeout=120, check=False,
            pass_fds=[kept.fileno()],
        )  # fmt: skip
    code = int(place.read_text() or shell.returncode)
    count = scenario.done(stage)
    found = oracle.after(stage, scenario, before, Done(code, "", "", 0.0, 0.0, []), killed=True)
    if any(word in shell.stderr for word in ("Traceback", "Exception ignored", "error: unexpected ")):
        found.append(f"it says {shell.stderr.strip().splitlines()[-1][:200]}")
    if code == 0 and count == 0:
        found.append("exit 0, but nothing was done")
    # That nobody heard of it is an error only of a command that can as well be given again.
    if code != 0 and count and trial.command.startswith(oracle.RECORDERS):
        found.append(f"it was done, but ended in {code}: {shell.stderr[:200]!r}")
    return found
