"""What every use case needs: the workspace, its settings, its ledger and an index that has caught up."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memorylab import files
from memorylab.adapters import assignments, config, named, workspace
from memorylab.adapters.config import Config
from memorylab.adapters.workspace import Workspace
from memorylab.core.guard.priors import Prior
from memorylab.core.reading import identifiers, lexicon
from memorylab.core.reading.dialect import Dialect
from memorylab.core.runs import redact
from memorylab.errors import InputError, LabError
from memorylab.index import Index, Views
from memorylab.ledger.base import Ledger
from memorylab.ledger.open import open_ledger

if TYPE_CHECKING:
    from memorylab.lab.recall import Recall

_NAMES = ("kind", "run_id", "claim_id", "timestamp_utc")
"""By these fields a row is known again."""

_MOST_FILES, _MOST_BYTES = 16, 200_000
"""Files, and bytes of each, in which names are looked for: knobs stand at the top of a file that people edit."""

STAMP = "%Y-%m-%dT%H:%M:%SZ"
"""Timestamps in the ledger: UTC, to the second, sortable as text."""


def warn_on_stderr(message: str) -> None:
    """The default place for what a user should know but no program should parse."""
    with suppress(OSError, ValueError, AttributeError):  # closed, or on a full disk: no reason to fail
        sys.stderr.write(f"warning: {redact.plain(message)}\n")


def located(root: str | Path | None, campaign: str | None, environment: Mapping[str, str]) -> Workspace:
    """The workspace at or around a directory, on the campaign that is asked for or in use.

    Raises:
        InputError: there is no such directory or no such campaign.

    """
    place = workspace.find(str(root) if root else None, environment)
    if not (campaign or environment.get(workspace.CAMPAIGN) or files.stands(place.used)):
        return place  # as almost everywhere
    from memorylab.lab import campaigns

    return campaigns.chosen(place, campaign, environment)


class Context:
    """An opened workspace. Everything is found and read at the first use, so that opening costs nothing."""

    def __init__(
        self,
        place: Workspace,
        environment: Mapping[str, str],
        clock: Callable[[], float] = time.time,
        warn: Callable[[str], None] = warn_on_stderr,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.place = place
        self.environment = environment
        self.clock = clock
        self.warn = warn
        self.progress = progress
        self.config: Config = self.settings(place.settings)
        self.ledger: Ledger = open_ledger(self.config.store or None, place.ledger)
        self.dialect = Dialect(self.config.vocabulary, self._own_knobs)
        self.index = self.new_index()
        self.settled: list[str] = []
        """What this process has brought about, in words. It stands, whatever goes wrong afterwards."""
        self.told_of_lines = False
        """Whether lines that can't be read were told of."""
        lexicon.use(self.dialect)
        self._prior: Prior | None = None
        self.recalled: tuple[tuple[object, int], Recall] | None = None
        """What was read of history, and as of when; `memorylab.lab.judge` sees to it."""
        self.others: tuple[int, list[Context]] | None = None
        """The other campaigns of the workspace, and as of which position; `memorylab.lab.campaigns` sees to it."""
        self.spelled: Mapping[str, str] | None = None
        """What the code calls knobs in small letters, by target; `memorylab.lab.called` sees to it."""
        self.position = 0
        """Where the ledger ended when it was read last."""

    @classmethod
    def open(cls, root: str | Path | None = None, campaign: str | None = None, **options: object) -> Context:
        """The workspace at or around a directory, in this process's environment."""
        return cls(located(root, campaign, os.environ), os.environ, **options)  # type: ignore[arg-type]

    def new_index(self) -> Index:
        """The index that the settings ask for, closed as yet."""
        place, settings = self.place, self.config
        return Index(place.index_file, self.ledger, settings.metric, settings.direction, self.dialect, place.campaign)

    def settings(self, kept: Path | None = None) -> Config:
        """The settings as they are read now; from the copy that was `kept` where the file itself is gone."""
        found = config.load(self.place.config, self.environment, kept)
        return named.expanded(found, self.place.code_root)

    @cached_property
    def assigned(self) -> dict[str, float | str]:
        """What the files that experiments change set their names in capitals to."""
        found = assignments.assignments(self.place.code_root, self.config.mutable)
        return {
            name: redact.everywhere({name: value})[name] if isinstance(value, str) else value
            for name, value in found.items()
        }

    @cached_property
    def sources(self) -> dict[str, str]:
        """The text of the files that experiments change, as far as names are looked for in it."""
        found: dict[str, str] = {}
        for name in self.config.mutable[:_MOST_FILES]:
            with suppress(OSError):
                found[name] = files.read_bounded(self.place.code_root / name)[:_MOST_BYTES].decode("utf-8", "replace")
        return found

    def present(self) -> identifiers.ByTarget:
        """The present value of each target that these names mean."""
        return self._present

    @cached_property
    def _present(self) -> identifiers.ByTarget:
        return identifiers.ByTarget(self.assigned)

    def _own_knobs(self) -> list[str]:
        """Which of these can be knobs: a text is a path or a title more often."""
        return [name for name, value in self.assigned.items() if value in ("on", "off") or isinstance(value, float)]

    def stamp(self) -> str:
        """The present as the ledger writes it."""
        return time.strftime(STAMP, time.gmtime(self.clock()))

    def catch_up(self) -> int:
        """Bring the index to the ledger's end and return that position."""
        mark = self.index.catch_up(self.progress)
        self.position = mark.position
        if mark.corrupt and not self.told_of_lines:
            self.told_of_lines = True
            lines = "1 line of the ledger" if mark.corrupt == 1 else f"{mark.corrupt} lines of the ledger"
            self.warn(f"{lines} can't be read; hint: `memorylab verify` names them, `--repair` sets them aside")
        return mark.position

    def append(self, rows: Sequence[Mapping[str, Any]], expect: int, told: str = "") -> None:
        """Append to the ledger, and note `told` as settled as soon as the ledger has acknowledged the rows.

        What is but a step, such as the claim of a run, tells nothing and settles nothing. An interruption is raised
        also behind that moment; `settled` says on which side of it it came.

        Raises:
            LedgerMoved: another writer was first.
            LedgerUnsure: the rows may be stored or not.
            LabError: nothing was appended.

        """
        try:
            self.ledger.append(rows, expect=expect)
        except LabError:
            raise
        except BaseException as error:
            if not self._stands(rows[0], expect):
                raise
            self.settled += [told] if told else []
            if not isinstance(error, Exception):
                raise
        else:
            self.settled += [told] if told else []

    def _stands(self, row: Mapping[str, Any], position: int) -> bool:
        """Whether the ledger has this row at this position."""
        entry = next(iter(self.ledger.read(position)), None)
        found = entry.row if entry else None
        return found is not None and all(found.get(name) == row.get(name) for name in _NAMES)

    def building(self, rows: int) -> str:
        """In words how far the index is that is being built, when `progress` is told so many rows."""
        try:
            share = self.index.read_up_to / Path(self.ledger.url).stat().st_size
        except (OSError, ValueError, ZeroDivisionError):  # a ledger that is no file doesn't say where it ends
            return f"building the index: {rows:,} rows"
        return f"building the index: {min(share, 1.0):.0%} ({rows:,} rows)".replace("%", " %")

    def demand_memory(self) -> None:
        """Refuse to read a memory that isn't there: a wrong `--root` must not look like an empty night.

        Raises:
            InputError: there is none.

        """
        if not self.place.exists():
            self.demand_one()
            hint = "run `memorylab init` there, or give --root"
            raise InputError(f"there is no memory in {self.place.memory_root}", hint)

    def demand_one(self) -> None:
        """Refuse to begin a memory above others: a monorepo's projects have one each.

        Raises:
            InputError: there is none here, and some below.

        """
        if self.place.exists():
            return
        if found := workspace.below(self.place.memory_root):
            names = ", ".join(path.relative_to(self.place.memory_root).as_posix() for path in found[:5])
            hint = "cd into one of them or give --root; `memorylab init` begins one here"
            raise InputError(f"there is no memory in {self.place.memory_root}, but below it: {names}", hint)

    def taken(self, run_id: str) -> bool:
        """Whether a run of any campaign has this id; the index must have caught up."""
        if self.views().taken(run_id):
            return True
        if not self.has_others():
            return False
        from memorylab.lab import campaigns

        return any(other.views().taken(run_id) for other in campaigns.others(self))

    def has_others(self) -> bool:
        """Whether there may be other campaigns beside the one at hand."""
        return self.place.has_others() or bool(self.views().passed_over())

    def views(self) -> Views:
        """The index as it stands; `catch_up` decides how new it is."""
        return Views(self.index.db)

    def prior(self) -> Prior | None:
        """The counts from other ledgers that ideas are judged with; None where the settings switch them off."""
        if self._prior is None and self.config.priors:
            from memorylab.lab import field

            self._prior = field.in_force(self.place.priors, self.warn)
        return self._prior

    def derived_is_behind(self) -> bool:
        """Whether a derived file is gone, or a process died before it brought them up to its run."""
        if self.index.in_memory or not self.place.ledger.exists():
            return False
        views = self.views()
        if not (self.place.registry.exists() and self.place.results_tsv.exists()):
            return True
        last = views.size()
        if views.derived("accepted") != views.derived("registry_accepted"):
            return True
        return bool(last) and any(
            views.derived(name) != last for name in ("registry_seq", "results_seq", "packets_seq")
        )
