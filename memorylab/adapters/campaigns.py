"""Which campaigns a workspace has, and which is in use: each has settings, a table and a directory of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from memorylab import files
from memorylab.adapters.workspace import CAMPAIGN, Workspace
from memorylab.core.runs.arenas import DEFAULT
from memorylab.errors import InputError, UsageError, shown

LONGEST = 64
_NAME = re.compile(rf"[A-Za-z0-9](?:[A-Za-z0-9._-]{{0,{LONGEST - 2}}}[A-Za-z0-9_-])?")
_SETTINGS = re.compile(rf"memorylab\.({_NAME.pattern})\.toml")
_LISTED = 5


def is_name(name: str) -> bool:
    """Whether a campaign can have this name: it is a part of the names of files.

    >>> is_name("long-context_2.1"), is_name("../up"), is_name(".hidden"), is_name("with space"), is_name("end.")
    (True, False, False, False, False)
    """
    return _NAME.fullmatch(name) is not None


def checked(name: str) -> str:
    """The name of a campaign as a workspace keeps it: empty for the first one's.

    Raises:
        UsageError: it can't be one.

    """
    if not is_name(name):
        raise UsageError(
            f"{shown(name)} can't be the name of a campaign",
            f"take up to {LONGEST} letters, digits, dashes, dots and underscores, a letter or digit first, no dot last",
        )
    return "" if name == DEFAULT else name


def called(campaign: str) -> str:
    """What a campaign is called."""
    return campaign or DEFAULT


def named(place: Workspace) -> list[str]:
    """The campaigns but the first that have a directory or settings, by their names."""
    found: set[str] = set()
    with suppress(OSError):
        found.update(entry.name for entry in os.scandir(place.campaigns) if entry.is_dir(follow_symlinks=False))
    with suppress(OSError):
        found.update(match[1] for entry in os.scandir(place.memory_root) if (match := _SETTINGS.fullmatch(entry.name)))
    return sorted(name for name in found if is_name(name) and name != DEFAULT)


def is_there(place: Workspace, campaign: str) -> bool:
    """Whether a campaign has a directory or settings."""
    own = place._replace(campaign=campaign)
    return not campaign or own.home.is_dir() or files.stands(own.config)


def in_use(place: Workspace) -> str:
    """The campaign that commands are about which name none.

    Raises:
        InputError: what says so can't be read, or can be no name.

    """
    file = place.used
    try:
        if files.linked(file, place.memory):
            raise OSError
        name = files.read_bounded(file, 4 * LONGEST).decode("ascii", "replace").strip()
    except FileNotFoundError:
        return ""
    except OSError:
        name = ""
    if is_name(name):
        return "" if name == DEFAULT else name
    told = f"{file.relative_to(place.memory_root).as_posix()} names no campaign"
    raise InputError(told, f"`memorylab campaign use NAME` mends it; {listed(named(place))}")


def use(place: Workspace, campaign: str) -> None:
    """Let commands that name no campaign be about this one, from now on; what runs already is not touched.

    Raises:
        OSError: that can't be written.

    """
    file = place.used
    files.refuse_links(file, place.memory)
    if campaign:
        files.write_atomic(file, f"{campaign}\n")
    else:
        file.unlink(missing_ok=True)


def chosen(place: Workspace, wanted: str | None, environment: Mapping[str, str]) -> Workspace:
    """The workspace on the campaign that is wanted by name, else by MEMORYLAB_CAMPAIGN, else on the one in use.

    Whether one that is wanted is there is for the caller to see to: the ledger may know more than the files.

    Raises:
        UsageError: no campaign can have such a name.
        InputError: it isn't known which one is in use.

    """
    name = wanted or environment.get(CAMPAIGN)
    return place._replace(campaign=checked(name) if name else in_use(place))


def listed(names: list[str]) -> str:
    """The known campaigns in a sentence, a few of many."""
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"known are {', '.join([DEFAULT, *names[:_LISTED]])}{more}"


def owned(place: Workspace) -> list[Path]:
    """The settings and tables of all campaigns, whether they are there or not."""
    all_of_them = [place._replace(campaign=name) for name in ("", place.campaign, *named(place))]
    return list(dict.fromkeys(path for one in all_of_them for path in (one.config, one.results_tsv)))


def keeps(place: Workspace, path: Path) -> bool:
    """Whether the memory or its settings are at a path, by whatever name; reports are for anybody to replace."""
    target = Path(os.path.realpath(path))
    memory = Path(os.path.realpath(place.memory))
    own = owned(place)
    inside = target.is_relative_to(memory) and not _in_reports(target.relative_to(memory))
    return inside or any(str(target) == os.path.realpath(file) or _same(target, file) for file in (*own, place.ledger))


def _in_reports(path: Path) -> bool:
    parts = path.parts
    return parts[:1] == ("reports",) or (parts[:1] == ("campaigns",) and parts[2:3] == ("reports",))


def _same(path: Path, file: Path) -> bool:
    try:
        return path.samefile(file)
    except (OSError, ValueError):
        return False
