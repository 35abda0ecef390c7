"""Finds the workspace: where the code is, and where its memory is, which linked worktrees share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from memorylab.errors import InputError

MEMORY = Path("results") / "memorylab"
CONFIG = "memorylab.toml"


class Workspace(NamedTuple):
    """The two roots; equal but in a linked git worktree, where `memory_root` is the main worktree."""

    code_root: Path
    memory_root: Path

    @property
    def memory(self) -> Path:
        """The directory that holds everything MemoryLab writes but `results.tsv` and `memorylab.toml`."""
        return self.memory_root / MEMORY

    def exists(self) -> bool:
        """Whether there is a memory: what `init`, or the first run that was logged, has left."""
        return _is_workspace(self.memory_root)

    @property
    def ledger(self) -> Path:
        """The ledger's file."""
        return self.memory / "experiments.jsonl"

    @property
    def index_file(self) -> Path:
        """The derived index."""
        return self.memory / "index.sqlite"

    @property
    def registry(self) -> Path:
        """The champion/challenger registry."""
        return self.memory / "champion_challenger.json"

    @property
    def reports(self) -> Path:
        """The morning reports."""
        return self.memory / "reports"

    @property
    def runs(self) -> Path:
        """The archive, one directory a run."""
        return self.memory / "runs"

    def archive_of(self, run_id: str) -> Path | None:
        """A run's archive; None for an id that is no plain name, since rows come from anywhere."""
        plain = run_id not in ("", ".", "..") and not set(run_id) & set("/\\\0")
        return self.runs / run_id if plain else None

    @property
    def pins(self) -> Path:
        """The agreed judge: copies of the protected files by their checksums."""
        return self.memory / "pins"

    @property
    def priors(self) -> Path:
        """Packs of counts from other ledgers that were loaded."""
        return self.memory / "priors"

    @property
    def results_tsv(self) -> Path:
        """The compatibility table."""
        return self.memory_root / "results.tsv"

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.memory_root / CONFIG


def find(root: str | None, environment: Mapping[str, str], current: Path) -> Workspace:
    """The workspace named by `--root`, else `MEMORYLAB_ROOT`, else the one around the current directory.

    Raises:
        InputError: the named directory doesn't exist.

    """
    named = root or environment.get("MEMORYLAB_ROOT")
    if named:
        place = Path(named).expanduser().absolute()
        if not place.is_dir():
            raise InputError(f"there is no directory {named}", "give --root an existing workspace")
    else:
        place = _around(current)
    return Workspace(place, _main_worktree(place) or place)


def _around(current: Path) -> Path:
    """The nearest ancestor that is a workspace, else the git top level, else the directory itself.

    A linked worktree is its own top level: what lies around it is not looked at.
    """
    top = None
    for directory in (current, *current.parents):
        if _is_workspace(directory):
            return directory
        if (directory / ".git").exists():
            if top is None and _main_worktree(directory):
                return directory
            top = top or directory
    return top or current


def _is_workspace(directory: Path) -> bool:
    return (directory / MEMORY).is_dir() or (directory / CONFIG).is_file()


def _main_worktree(directory: Path) -> Path | None:
    """The main worktree of a linked one, read from git's own files (gitrepository-layout(5)): no process is started."""
    pointer = directory / ".git"
    try:
        if not pointer.is_file():
            return None
        git_directory = directory / pointer.read_text().removeprefix("gitdir:").strip()
        common = git_directory / (git_directory / "commondir").read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
    main = common.resolve()
    return main.parent if main.name == ".git" else None
