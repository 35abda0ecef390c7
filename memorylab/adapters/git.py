"""Asks git what was run: commit, parent, branch, whether the tree was dirty, and the patch from parent to commit."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from memorylab import files
from memorylab.tuples import NamedTuple

PATCH_LIMIT = 4 << 20
"""Bytes of a patch that are kept; a first commit of a large repository is no edit that anybody would read."""
LARGEST = 64 << 20
"""Bytes of a changed file that is still shown as a patch."""

_MOST = 64 << 20
"""Bytes taken of what git prints; a file of more is no code, and a patch is cut earlier."""
_PATIENCE_S = 20.0
"""Seconds for an answer: git itself waits for ever on a pipe where a file of its should be."""
_silent: set[str] = set()
"""Repositories whose git didn't answer; it isn't asked there again."""
_REASON = 300


class Head(NamedTuple):
    """The checked-out commit. All None and clean outside a repository, or before its first commit."""

    commit: str | None = None
    parent: str | None = None
    branch: str | None = None
    dirty: bool = False
    committed_at: float | None = None
    patch: bytes = b""
    problem: str = ""
    """Why git refuses to tell, where there is a repository: another owner, damage, no git installed."""


def head(root: Path) -> Head:
    """What is checked out at `root`; an empty Head where there is no repository or no git."""
    status = _start(root, "status", "--porcelain=v2", "--branch", "--untracked-files=no")
    show = _start(root, "show", "--format=%P%x00%ct%x00", "--no-color", "--no-ext-diff", "--no-textconv", "HEAD")
    status_text, shown = _finish(root, status, cut=True), _finish(root, show, cut=True)
    if status_text is None:
        return Head(problem=_refusal(root) if (root / ".git").exists() else "")
    lines = status_text.decode("utf-8", "replace").splitlines()
    info = dict(line[2:].split(" ", 1) for line in lines if line.startswith("# branch.") and " " in line[2:])
    dirty = any(not line.startswith("#") for line in lines)
    commit = info.get("branch.oid", "(initial)")
    branch = info.get("branch.head", "(detached)")
    if commit == "(initial)" or shown is None:
        return Head(branch=None if branch == "(detached)" else branch, dirty=dirty)
    parents, committed, patch = shown.split(b"\0", 2)
    if dirty:
        command = ("diff", "--no-color", "--no-ext-diff", "HEAD", *_without_large(root, lines))
        patch += b"\n# not committed:\n" + (_finish(root, _start(root, *command), cut=True) or b"")
    return Head(
        commit=commit,
        parent=parents.decode().split(" ")[0] or None,
        branch=None if branch == "(detached)" else branch,
        dirty=dirty,
        committed_at=float(committed),
        patch=patch.lstrip(b"\n")[:PATCH_LIMIT],
    )


def _without_large(root: Path, lines: list[str]) -> list[str]:
    """What leaves out changed files that nobody would read as a patch: git takes 20 s for 8 GiB of nothing.

    `git status` names files as they are seen from `root`, which may be below the repository's top.
    """
    names = [line.split(" ", 8)[8] for line in lines if line.startswith("1 ") and line.count(" ") >= 8]
    large = []
    for name in names:
        with suppress(OSError, ValueError):
            if (root / name).stat().st_size > LARGEST:
                large.append(f":(exclude,literal){name}")
    return ["--", ":/", *large] if large else []


class Commit(NamedTuple):
    """A commit by its full id, its first parent's, and the first line of its message."""

    id: str
    parent: str | None
    subject: str


def commit(root: Path, rev: str) -> Commit | None:
    """The commit that `rev` names; None where it names none."""
    found = _finish(root, _start(root, "log", "-1", "--format=%H%x00%P%x00%s", "--end-of-options", rev, "--"))
    if not found:
        return None
    name, parents, subject = found.decode("utf-8", "replace").rstrip("\n").split("\0", 2)
    return Commit(name, parents.split(" ")[0] or None, subject)


@lru_cache(maxsize=4)
def sources(root: Path, commit: str, names: tuple[str, ...]) -> Mapping[str, str | None]:
    """The files as they are in a commit, None where one isn't in it; what was asked last is remembered."""
    shows = {name: _start(root, "cat-file", "blob", f"{commit}:./{name}") for name in names}
    blobs = {name: _finish(root, show) for name, show in shows.items()}
    return {name: None if blob is None else decoded(blob) for name, blob in blobs.items()}


def history(root: Path, start: str, names: tuple[str, ...], limit: int) -> list[str]:
    """The commits that changed some files, from `start` back along first parents, the newest first."""
    asked = _start(root, "log", "--first-parent", f"-{limit}", "--format=%H", "--end-of-options", start, "--", *names)
    return (_finish(root, asked) or b"").decode("ascii", "replace").split()


def uncommitted(root: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of some files, of which none need be there, that aren't as they are in the commit."""
    asked = _start(root, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", *names)
    found = (_finish(root, asked) or b"").decode("utf-8", "surrogateescape").split("\0")
    top = (_finish(root, _start(root, "rev-parse", "--show-prefix")) or b"").decode("utf-8", "surrogateescape").strip()
    return tuple(entry[3:].removeprefix(top) for entry in found if len(entry) > 3)


def commit_files(root: Path, names: tuple[str, ...], message: str) -> str:
    """Commit these files as they are, and nothing else; returns what git said against it, "" where it is done."""
    added = _does(root, "add", "--", *names)
    return added or _does(root, "commit", "--quiet", "--only", "-m", message, "--", *names)


def restore(root: Path, commit: str, names: tuple[str, ...]) -> str:
    """Make these files of the working tree what they were in a commit, where one wasn't in it remove it.

    The index and the history stay as they are. Returns what git said against it, "" where it is done.
    """
    return _does(root, "restore", f"--source={commit}", "--worktree", "--", *map(_literally, names))


def difference(root: Path, one: str, other: str, names: tuple[str, ...]) -> str | None:
    """The patch that leads from one commit to another, over some files, as `git apply` takes it.

    "" where they are the same in both; None where git refuses, or the patch has more than 64 MiB.
    """
    plain = ("--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/", "--relative")
    found = asked(root, "diff", *plain, one, other, "--", *map(_literally, names))
    return None if found is None else found.decode("utf-8", "replace")


def _literally(name: str) -> str:
    """A pathspec that means this file, whatever signs its name has."""
    return f":(literal){name}"


def _does(root: Path, *words: str) -> str:
    """Let git change something; returns what it said against it, "" where it is done."""
    try:
        done = subprocess.run(
            ["git", *words], cwd=root, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return f"git {words[0]}: {error}"
    if not done.returncode:
        return ""
    said = (done.stderr + done.stdout).decode("utf-8", "replace").strip().splitlines()
    return (said[-1] if said else f"git {words[0]} failed")[:_REASON]


def decoded(data: bytes) -> str:
    """A source as text, with the line ends that git keeps whatever the system writes."""
    return data.decode("utf-8-sig", "replace").replace("\r\n", "\n")


def branch(root: Path) -> str | None:
    """The branch that is checked out at `root`; None on a detached HEAD or where there is no repository."""
    return (_finish(root, _start(root, "branch", "--show-current")) or b"").decode("utf-8", "replace").strip() or None


def exclude(root: Path, patterns: list[str]) -> bool:
    """Add patterns to the repository's own `info/exclude`, so that neither `git add -A` nor a reset takes the memory.

    Returns whether anything was added; does nothing where there is no repository.
    """
    found = _finish(root, _start(root, "rev-parse", "--git-path", "info/exclude", "--show-prefix"))
    if found is None:
        return False
    name, _, prefix = os.fsdecode(found).partition("\n")
    path, prefix = root / name, prefix.removesuffix("\n")
    if prefix:  # a workspace below the repository's top: what lies beside it is not ours to hide
        quoted = re.sub(r"([\\*?\[\]! #])", r"\\\1", prefix)
        patterns = [f"/{quoted}{pattern}" for pattern in patterns]
    try:
        known = files.read_bounded(path, _MOST).decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        known = []
    missing = [pattern for pattern in patterns if pattern not in known]
    if missing:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write("".join(f"{pattern}\n" for pattern in missing))
    return bool(missing)


def tracks_any(root: Path, name: str) -> bool:
    """Whether git tracks anything under a name."""
    return bool(_finish(root, _start(root, "ls-files", "--", name), cut=True))


def asked(root: Path, *words: str) -> bytes | None:
    """What git prints when it is asked this; None where it refuses."""
    return _finish(root, _start(root, *words))


def tracked(root: Path, path: Path) -> bool:
    """Whether git tracks the file, which a `git reset --hard` would then turn back."""
    return bool(_finish(root, _start(root, "ls-files", "--", str(path))))


def _start(root: Path, *arguments: str) -> subprocess.Popen[bytes] | None:
    if str(root) in _silent:
        return None
    environment = os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        return subprocess.Popen(
            ["git", *arguments],
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, ValueError):  # ValueError: a NUL in a name
        return None


def _refusal(root: Path) -> str:
    if str(root) in _silent:
        return f"git doesn't answer within {_PATIENCE_S:.0f} s"
    try:
        asked = subprocess.run(["git", "status", "--short"], cwd=root, capture_output=True, check=False)
    except OSError as error:
        return f"git can't be started: {error.strerror}"
    return next(iter(asked.stderr.decode("utf-8", "replace").splitlines()), "git gives no reason")[:_REASON]


def _give_up(process: subprocess.Popen[bytes], root: Path) -> None:
    _silent.add(str(root))
    process.kill()


def _finish(root: Path, process: subprocess.Popen[bytes] | None, cut: bool = False) -> bytes | None:
    """What git printed; None where it refused, didn't answer, or printed too much, unless that may be `cut`."""
    if process is None or process.stdout is None:
        return None
    guard = threading.Timer(_PATIENCE_S, _give_up, (process, root))
    guard.start()
    try:
        with process:
            output = process.stdout.read(_MOST + 1)
            more = len(output) > _MOST
            if more:
                process.kill()
    finally:
        guard.cancel()
    if more:
        return output[:_MOST] if cut else None
    return output if process.returncode == 0 else None
