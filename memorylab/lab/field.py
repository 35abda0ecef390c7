"""Counts from other ledgers: the pack that is shipped, those that a workspace loaded, and making one from ledgers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from memorylab import files
from memorylab.core.guard.priors import Counts, Pack, Prior
from memorylab.errors import InputError, LabError
from memorylab.records import Direction

if TYPE_CHECKING:
    from memorylab.core.guard.tries import Tried

SHIPPED = Path(__file__).parents[1] / "data" / "field.json"


def shipped() -> Pack:
    """The pack of the public ledgers; taken as it is, for it was checked before it was shipped."""
    try:
        raw = json.loads(SHIPPED.read_bytes())
    except OSError as error:
        raise files.explain(error, "read the counts that are shipped", "install MemoryLab again") from error
    made, cells = raw["made_from"], {cell: Counts._make(counts) for cell, counts in raw["cells"].items()}
    return Pack(raw["name"], made["ledgers"], made["runs"], cells)


def read(path: Path) -> Pack:
    """The pack in a file that comes from anywhere.

    Raises:
        InputError: the file is missing or no pack; the message says what is wrong with it.

    """
    from memorylab.core.guard import packs

    try:
        return packs.parse(files.read_bounded(path, 4 * packs.LARGEST).decode("utf-8-sig"))
    except OSError as error:
        raise files.explain(error, f"read the pack {path.name}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path.name} is no pack of counts: it is not UTF-8 text", "check the file") from error
    except InputError as error:
        raise InputError(f"{path.name} is no pack of counts: {error.message}", error.hint) from error


def in_force(directory: Path, warn: Callable[[str], None]) -> Prior:
    """The shipped pack and those in `directory`; one that can't be read is told and left out."""
    found = []
    for path in (None, *_loaded(directory)):
        try:
            found.append(read(path) if path else shipped())
        except LabError as error:
            warn(f"{error}; its counts are left out")
    return Prior(tuple(found))


def _loaded(directory: Path) -> list[Path]:
    try:
        return sorted(path for path in directory.iterdir() if path.suffix == ".json" and path.name[:1] != ".")
    except OSError:  # no pack was loaded
        return []


def load(directory: Path, path: Path) -> tuple[Pack, Path]:
    """Copy a pack to those of a workspace, in place of one with its name; returns where it now stands.

    Raises:
        LabError: it is no pack, has the name of the shipped one, or can't be written.

    """
    from memorylab.core.guard import packs

    pack = read(path)
    place = directory / f"{packs.name_of(pack.name).lower().replace(' ', '-')}.json"
    try:
        files.refuse_links(directory, directory.parent)
        files.write_atomic(place, packs.dump(pack))
    except OSError as error:
        raise files.explain(error, "write the pack") from error
    return pack, place


def build(
    ledgers: Iterable[Path],
    name: str,
    *,
    metric: str | None = None,
    direction: Direction | None = None,
    own_knobs: bool = False,
    campaign: str | None = None,
) -> Pack:
    """A pack that can be shared, from finished ledgers; what is None is told from each file.

    Of a ledger with several campaigns, one counts: the first where none is named.

    Raises:
        InputError: a file can't be read as a ledger, none holds a try, or the name can't be used.

    """
    from memorylab.core.guard import packs
    from memorylab.core.guard.tries import tally

    pack = tally((tries(path, metric, direction, campaign) for path in ledgers), packs.name_of(name))
    if not pack.runs:
        raise InputError("there is no finished try in these ledgers", "baselines and reruns aren't counted")
    return packs.shared(pack, own_knobs=own_knobs)


def tries(
    path: Path, metric: str | None = None, direction: Direction | None = None, campaign: str | None = None
) -> list[Tried]:
    """The runs of a ledger as counts are made of them.

    Raises:
        InputError: the file can't be read as a ledger.

    """
    from memorylab.core.guard.tries import Tried
    from memorylab.core.reading.ideas import make_idea
    from memorylab.lab import rehearsal

    found = []
    for row in rehearsal.read(path, metric, direction, campaign).rows:
        idea = make_idea(row.description, tuple(row.tags), row.family)
        same = None if row.value is None else (row.value, row.description)
        found.append(Tried(idea.edits, idea.family, row.status, row.error_kind, same))
    return found
