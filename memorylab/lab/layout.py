"""Which files experiments change and which judge them: from the options of `init`, else from command and repository."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from memorylab import files
from memorylab.adapters import config, git, named
from memorylab.adapters.config import Config
from memorylab.errors import UsageError
from memorylab.lab import pins
from memorylab.lab.context import Context
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from memorylab.core.runs.layout import Layout

_CODE = (
    *(".py", ".r", ".jl", ".js", ".ts", ".mjs", ".go", ".rs", ".c", ".cc", ".cpp", ".cu", ".java", ".lua", ".rb"),
    *(".pl", ".scala", ".swift", ".kt", ".m", ".hs", ".ml", ".zig", ".nim", ".php", ".sh", ".bash", ".zsh", ".awk"),
    *(".sed", ".f90", ".f", ".for", ".cs", ".fs", ".ex", ".exs", ".erl", ".clj", ".rkt", ".scm", ".lisp", ".tcl"),
    *(".dart", ".v", ".sv", ".vhd", ".d", ".pas", ".ada", ".cob", ".bas", ".ps1", ".pyx", ".mojo", ".sql", ".groovy"),
    *(".glsl", ".wgsl", ".metal", ".hip", ".cxx", ".hpp", ".h", ".mm", ".gd", ".sol", ".nix", ".wl", ".sas", ".do"),
)
_SHELL = (".sh", ".bash", ".zsh")
_SETTINGS = (".yaml", ".yml", ".toml", ".json", ".ini", ".cfg")
_LOOP = re.compile(r"(?:^|_)(?:train|main|run|experiment|solve)(?:_|$|\d)", re.IGNORECASE)
_ASIDE = re.compile(r"^(?:setup|conftest|noxfile|fabfile|tasks|__init__|memorylab)\.py$|^test_|_test\.py$")
_MOST = 20_000
_MOST_SOURCE = 1 << 20


class Told(NamedTuple):
    """Settings with the files filled in, and what a person should know of how they were found."""

    settings: Config
    notes: list[str]


def chosen(
    context: Context,
    settings: Config,
    mutable: Sequence[str],
    protected: Sequence[str],
    run: bool,
    infer: bool = True,
) -> Told:
    """The settings with the files that were named, and with what command and repository say of the others.

    Args:
        context: the workspace.
        settings: as they are so far.
        mutable: patterns given for what experiments may change.
        protected: the same for what judges them, and functions (`train.py:evaluate`).
        run: whether the command was given.
        infer: whether what isn't named is to be told from command and repository; else it stays as it is.

    Raises:
        UsageError: a pattern matches nothing.

    """
    root, notes = context.place.code_root, list[str]()
    for option, names in (("--mutable", mutable), ("--protected", protected)):
        _demand(root, option, names)
    if infer and not (mutable and protected):
        settings, notes = _inferred(root, settings, run, context.place.config.name)
    if mutable:
        settings = settings._replace(mutable=tuple(mutable))
    if protected:
        plain, inside = config.apart(tuple(protected))
        settings = settings._replace(protected=plain, guarded=inside)
    if mutable or protected:  # what was named is not also the other
        taken = {*named.files_of(root, settings.protected)} if protected else set[str]()
        own = {*named.files_of(root, settings.mutable)} if mutable else set[str]()
        settings = settings._replace(
            mutable=tuple(name for name in settings.mutable if mutable or name not in taken),
            protected=tuple(name for name in settings.protected if protected or name not in own),
        )
        notes = [note for note in notes if not (mutable and protected)]
    return Told(settings, notes)


def _demand(root: Path, option: str, names: Sequence[str]) -> None:
    for name in names:
        inside = config.within(name)
        file = inside[0] if inside and not (root / name).exists() else name
        found = [one for one in named.files_of(root, (file,)) if (root / one).is_file()]
        if not found or "\0" in name:
            raise UsageError(f"{option} {name} matches no file in {root}", "give a path or a pattern within it")
        if inside and file != name:
            from memorylab.core.runs import guarded

            if guarded.fingerprint(_source(root / file), inside[1]) is None:
                raise UsageError(f"{file} defines no {inside[1]}", "name a function, a class or a constant of it")


def _inferred(root: Path, settings: Config, run: bool, file: str) -> Told:
    from memorylab.core.runs import layout  # only `init` reads sources

    listed = list(named.walk(root))[:_MOST]
    scripts, extra, callers = _scripts(root, settings.command, listed)
    notes: list[str] = []
    if not scripts and not run:
        loops = [name for name in listed if name.endswith(".py") and _LOOP.search(PurePosixPath(name).stem)]
        loops = [name for name in loops if "/" not in name] or loops
        if not loops:  # whatever it is called, the only one at the top is it
            loops = [name for name in listed if name.endswith(".py") and "/" not in name and not _ASIDE.search(name)]
        if len(loops) == 1:
            scripts = loops
            settings = settings._replace(command=("python", loops[0]))
            notes.append(f"train.py isn't there; {loops[0]} is taken for the script (command = python {loops[0]})")
    if not scripts:
        words = " ".join(settings.command)
        notes.append(
            f"`{words}` names no script of this workspace, so nobody knows what experiments may change: "
            f"set command, mutable and protected in {file} (or init --command, --mutable, --protected)"
        )
        return Told(settings, notes)
    folders = {PurePosixPath(), *(PurePosixPath(name).parent for name in scripts)}
    beside = [name for name in listed if PurePosixPath(name).parent in folders and name.lower().endswith(_CODE)]
    sources = {name: _source(root / name) for name in listed if name.endswith(".py")}
    found = layout.infer(scripts, sources, beside, settings.metric)
    plain, inside = config.apart(found.protected)
    # Whoever may change the script that calls the judge need not call it.
    plain = (*plain, *(name for name, called in callers.items() if name not in plain and {*called} & {*plain}))
    mutable = tuple(dict.fromkeys((*found.mutable, *extra)))
    settings = settings._replace(mutable=mutable, protected=plain, guarded=inside)
    return Told(settings, [*notes, *_remarks(found, file)])


def _remarks(found: Layout, file: str) -> list[str]:
    notes = []
    if found.unknown:
        names = ", ".join(found.unknown)
        notes.append(
            f"{names}: may experiments change it, or does it judge them? It is neither until you say so, under "
            f"mutable or protected in {file}"
        )
    if found.shared:
        names, many = ", ".join(found.protected), len(found.protected) > 1
        notes.append(
            f"{found.shared} trains and evaluates in one file: only {names} can be pinned, and what "
            f"{'they call or are' if many else 'it calls or is'} given can change a number all the same; an evaluation "
            "in a file of its own is safer"
        )
    return notes


def _scripts(
    root: Path, command: Sequence[str], listed: Sequence[str]
) -> tuple[list[str], list[str], dict[str, list[str]]]:
    """The scripts that a command runs, through launchers and shell scripts; the settings files it is given; who calls.

    A shell script that runs others is none of the first, but stands in the last with what it runs.
    """
    known = set(listed)
    found: dict[str, None] = {}
    extra: dict[str, None] = {}
    callers: dict[str, list[str]] = {}
    for name in _named(root, command, known):
        if name.lower().endswith(_SETTINGS):
            extra[name] = None
            continue
        inner = _named(root, re.split(r"[\s;&|()'\"=]+", _source(root / name)), known) if name.endswith(_SHELL) else []
        called = [one for one in inner if one.lower().endswith(_CODE) and one != name]
        found |= dict.fromkeys(called or [name])
        if called:
            callers[name] = called
    return list(found), list(extra), callers


def _named(root: Path, words: Sequence[str], known: set[str]) -> list[str]:
    """The files of the workspace that words name, as paths or as modules behind -m."""
    found: dict[str, None] = {}
    pieces = [piece for word in words for piece in (re.split(r"[\s;&|()'\"]+", word) if " " in word else [word])]
    for before, word in zip(["", *pieces], pieces, strict=False):
        path = word.partition("=")[2] if word.startswith("-") or "=" in word else word
        with suppress(ValueError, OSError):
            place = Path(path)
            path = str(place.relative_to(root)) if place.is_absolute() else PurePosixPath(path).as_posix()
        tail = path.replace(".", "/")
        module = [f"{tail}.py", f"{tail}/__main__.py", f"src/{tail}.py"] if before == "-m" else []
        found |= dict.fromkeys(
            one for one in (path, *module) if one in known and one.lower().endswith((*_CODE, *_SETTINGS))
        )
    return list(found)


def _source(path: Path) -> str:
    try:
        return git.decoded(files.read_bounded(path, _MOST_SOURCE))
    except OSError:
        return ""


def gaps(context: Context) -> list[str]:
    """What the settings name and isn't there: said at `init` and at every run, since half of what we do rests on it."""
    settings, root, file = context.config, context.place.code_root, context.place.config.name
    found = []
    if not any((root / name).is_file() for name in settings.mutable):
        names = ", ".join(settings.mutable) or "no file"
        found.append(
            f"{names}, which experiments may change, isn't there: set mutable in {file}, or runs are known by "
            "their words only"
        )
    if not pins.agreed(context).files:
        there = [name for name in settings.protected if (root / name).is_file()]
        hint = (
            f"`memorylab init` pins {', '.join(there)}"
            if there
            else "name the file that measures, or a function of one (train.py:evaluate), under protected in "
            f"{file}, then `memorylab pin`"
        )
        found.append(f"no judge is pinned, so nothing shows that runs are measured as agreed; hint: {hint}")
    return found
