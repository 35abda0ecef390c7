"""Finds the workspace: where the code is, and where its memory is, which linked worktrees share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from memorylab import files
from memorylab.errors import InputError
from memorylab.tuples import NamedTuple

MEMORY = Path("results") / "memorylab"
CONFIG = "memorylab.toml"
CAMPAIGN = "MEMORYLAB_CAMPAIGN"
"""Names the campaign that commands are about which name none."""
_NAMED, _MOST_WORKTREES = 5, 200
_DEPTH, _MOST_FOLDERS = 3, 5_000
_LONGEST = 64 << 10
"""Bytes of a file of git's that holds one path."""


class Workspace(NamedTuple):
    """The two roots; equal but in a linked git worktree, where `memory_root` is the main worktree."""

    code_root: Path
    memory_root: Path
    campaign: str = ""
    """The campaign that is looked at; empty for the one that every workspace begins with."""

    @property
    def memory(self) -> Path:
        """The directory that holds everything MemoryLab writes but `results.tsv` and `memorylab.toml`."""
        return self.memory_root / MEMORY

    @property
    def campaigns(self) -> Path:
        """The directories of the campaigns but the first."""
        return self.memory / "campaigns"

    @property
    def home(self) -> Path:
        """Where the campaign's own files are: all but the ledger, the archives and what goes on now."""
        return self.campaigns / self.campaign if self.campaign else self.memory

    @property
    def used(self) -> Path:
        """The file that says which campaign is in use, where that isn't the first."""
        return self.memory / "campaign"

    def has_others(self) -> bool:
        """Whether there may be other campaigns beside the one at hand; costs one look at the disk."""
        return bool(self.campaign) or self.campaigns.is_dir()

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
        return self.home / "index.sqlite"

    @property
    def registry(self) -> Path:
        """The champion/challenger registry."""
        return self.home / "champion_challenger.json"

    @property
    def reports(self) -> Path:
        """The morning reports."""
        return self.home / "reports"

    @property
    def runs(self) -> Path:
        """The archive, one directory a run."""
        return self.memory / "runs"

    @property
    def scratch(self) -> Path:
        """Where `run` makes a directory for each run that goes on."""
        return self.memory / "scratch"

    @property
    def unrecorded(self) -> Path:
        """What was left of runs that measured something and couldn't be recorded."""
        return self.memory / "unrecorded"

    def archive_of(self, run_id: str) -> Path | None:
        """A run's archive; None for an id that is no plain name, since rows come from anywhere."""
        plain = run_id not in ("", ".", "..") and not set(run_id) & set("/\\\0")
        return self.runs / run_id if plain else None

    @property
    def pins(self) -> Path:
        """The agreed judge: copies of the protected files by their checksums."""
        return self.home / "pins"

    @property
    def priors(self) -> Path:
        """Packs of counts from other ledgers that were loaded."""
        return self.memory / "priors"

    @property
    def results_tsv(self) -> Path:
        """The compatibility table."""
        return self.memory_root / self._named("results.tsv")

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.memory_root / self._named(CONFIG)

    @property
    def settings(self) -> Path:
        """The settings that the last run was made by, for when the configuration file is gone."""
        return self.home / "settings.toml"

    def _named(self, name: str) -> str:
        """A file's name with the campaign in it, as in `memorylab.NAME.toml`; they lie beside each other."""
        stem, _, ending = name.partition(".")
        return f"{stem}.{self.campaign}.{ending}" if self.campaign else name


def find(root: str | None, environment: Mapping[str, str], current: Path | None = None) -> Workspace:
    """The workspace named by `--root`, else `MEMORYLAB_ROOT`, else the one around `current`, the current directory.

    Raises:
        InputError: the named directory doesn't exist, or the current one is gone.

    """
    named = root or environment.get("MEMORYLAB_ROOT")
    try:
        place = files.at_home(named).absolute() if named else _around(current or Path.cwd())
    except FileNotFoundError as error:
        raise InputError("the current directory is gone", "cd into a workspace, or give --root its path") from error
    try:
        there = not named or place.is_dir()
    except OSError as error:
        raise files.explain(error, "open the workspace", "give --root an existing workspace") from error
    if not there:
        raise InputError(f"there is no directory {named}", "give --root an existing workspace")
    return Workspace(place, _main_worktree(place) or _of_bare(place) or place)


def _around(current: Path) -> Path:
    """The nearest ancestor that is a workspace, else the git top level, else the directory itself.

    A linked worktree is its own top level: what lies around it is not looked at.
    """
    top = None
    for directory in (current, *current.parents):
        if _is_workspace(directory):
            return directory
        if files.stands(directory / ".git"):
            if top is None and _common(directory):
                return directory
            top = top or directory
    return top or current


def _is_workspace(directory: Path) -> bool:
    try:
        return (directory / MEMORY).is_dir() or files.stands(directory / CONFIG)
    except OSError:  # one that can't be looked into is nobody's to work in
        return False


def _main_worktree(directory: Path) -> Path | None:
    """The main worktree of a linked one, read from git's own files (gitrepository-layout(5)): no process is started."""
    main = _common(directory)
    return main.parent if main is not None and main.name == ".git" else None


def _common(directory: Path) -> Path | None:
    """The repository that a linked worktree belongs to."""
    pointer = directory / ".git"
    try:
        if not pointer.is_file():
            return None
        git_directory = directory / _path_in(pointer).removeprefix("gitdir:").strip()
        return (git_directory / _path_in(git_directory / "commondir").strip()).resolve()
    except (OSError, ValueError, RuntimeError):  # resolve() says RuntimeError of links that lead in a circle
        return None


def _of_bare(directory: Path) -> Path | None:
    """Where the worktrees of a bare repository have their one memory: beside a hidden one, in any other.

    A memory that one of the worktrees has already is that of all.

    Raises:
        InputError: several of them have one.

    """
    common = _common(directory)
    if common is None or not (common / "HEAD").is_file():
        return None
    shared = common.parent if common.name.startswith(".") else common
    found = [place for place in dict.fromkeys((shared, *_worktrees(common))) if _is_workspace(place)]
    if directory in found[:1] or not found:
        return found[0] if found else shared
    if len(found) > 1:
        told = ", ".join(map(str, found[:_NAMED]))
        hint = "give --root or MEMORYLAB_ROOT the one to use; `memorylab import` takes over the others' runs"
        raise InputError(f"the worktrees of this repository have several memories: {told}", hint)
    return found[0]


def _worktrees(common: Path) -> list[Path]:
    """The linked worktrees that a repository knows of."""
    found = []
    for pointer in sorted((common / "worktrees").glob("*/gitdir"))[:_MOST_WORKTREES]:
        with suppress(OSError, ValueError):
            found.append(Path(_path_in(pointer).strip()).parent)
    return found


def below(root: Path) -> list[Path]:
    """Workspaces in the folders of a directory that is none: those of a monorepo's projects."""
    found, level, looked = list[Path](), [root], 0
    for _ in range(_DEPTH):
        deeper: list[Path] = []
        for directory in level:
            with suppress(OSError):
                deeper += [Path(entry) for entry in os.scandir(directory) if _is_folder(entry)]
        looked += len(deeper)
        if looked > _MOST_FOLDERS:
            break
        found += sorted(filter(_is_workspace, deeper))
        level = deeper
    return found


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)


def _path_in(file: Path) -> str:
    return files.read_bounded(file, _LONGEST).decode()
