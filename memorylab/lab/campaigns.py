"""The use cases around campaigns: begin one, say which is in use, list them; and what the others of them know.

A campaign is a question: its own settings, arenas, champion, report and table, over one ledger. The memory of the
others is known to the guard (`memorylab.lab.elsewhere`), and nothing else of them is seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from memorylab import files
from memorylab.adapters import campaigns
from memorylab.adapters.campaigns import called, checked
from memorylab.adapters.workspace import CAMPAIGN, Workspace
from memorylab.core.reading import lexicon
from memorylab.core.runs.arenas import DEFAULT
from memorylab.errors import InputError, LabError, UsageError
from memorylab.lab.context import Context
from memorylab.records import Contender
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from memorylab.lab.setup import Wanted


MOST = 64
"""Campaigns that are looked into beside the one at hand; each costs a millisecond or two."""


class Campaign(NamedTuple):
    """A campaign in short. What can't be read of it is None, and `problem` says why."""

    name: str
    active: bool
    """Commands that name no campaign are about it."""
    metric: str | None
    direction: str | None
    runs: int | None
    champion: Contender | None
    settings: Path
    problem: str = ""


def chosen(place: Workspace, wanted: str | None, environment: Mapping[str, str]) -> Workspace:
    """The workspace on the campaign that is wanted, else on the one in use.

    Raises:
        UsageError: no campaign can have such a name.
        InputError: there is none of this name, or it isn't known which one is in use.

    """
    found = campaigns.chosen(place, wanted, environment)
    if not campaigns.is_there(place, found.campaign) and found.campaign not in _in_ledger(place, environment):
        raise _unknown(place, found.campaign, wanted, environment)
    _refuse_links(found)
    if place.exists():
        _make_home(found)
    return found


def _refuse_links(place: Workspace) -> None:
    """Nothing is written through a link within the memory.

    Raises:
        InputError: the campaign's directory is behind one.

    """
    if (link := files.linked(place.home, place.memory)) is not None:
        told = f"{link.relative_to(place.memory_root).as_posix()} is a link, which is not followed"
        raise InputError(told, "put the directory itself there")


def _make_home(place: Workspace) -> None:
    """Whoever deletes what is derived of a campaign has it back; a memory may be there to be read only."""
    if place.campaign:
        with suppress(OSError):
            place.home.mkdir(parents=True, exist_ok=True)


def use(place: Workspace, name: str, environment: Mapping[str, str]) -> Workspace:
    """Let commands that name no campaign be about this one from now on; whatever runs already stays in its own.

    Raises:
        UsageError: no campaign can have such a name.
        InputError: there is none of this name; nothing was changed.

    """
    if not place.exists():
        raise InputError(f"there is no memory in {place.memory_root}", "run `memorylab init` there, or give --root")
    found = chosen(place, called(checked(name)), environment)
    try:
        campaigns.use(place, found.campaign)
    except OSError as error:
        raise files.explain(error, "note which campaign is in use") from error
    return found


def begin(context: Context, name: str, wanted: Wanted) -> tuple[Context, list[Path]]:
    """Create a campaign, or find it created, and return it opened with what was created of it.

    What isn't wanted otherwise is set as in the campaign at hand. A new one is in use from then on.

    Raises:
        UsageError: no campaign can have such a name, or an option contradicts its settings or matches nothing.
        LabError: it can't be written.

    """
    from memorylab.lab import setup

    campaign, place = checked(name), context.place
    if campaign and wanted.store is not None:
        raise UsageError("the campaigns of a workspace share one ledger", "leave out --store")
    known = (DEFAULT, *campaigns.named(place))
    alike = next((one for one in known if one != name and one.lower() == name.lower()), None)
    if alike is not None:
        raise UsageError(f"there is a campaign {alike}, which some systems can't tell from {name}", "take another name")
    opened = _opened(context, campaign)
    fresh = not files.stands(opened.place.config) and not files.stands(opened.place.settings)
    like = context if campaign and place.exists() else None
    created = setup.init(opened, wanted, like)
    if fresh:
        try:
            campaigns.use(place, campaign)
        except OSError as error:
            raise files.explain(error, "note which campaign is in use") from error
    return opened, created


def listed(place: Workspace, environment: Mapping[str, str], warn: Callable[[str], None]) -> list[Campaign]:
    """All campaigns of a workspace, the first one first.

    Raises:
        InputError: there is no memory.

    """
    if not place.exists():
        raise InputError(f"there is no memory in {place.memory_root}", "run `memorylab init` there, or give --root")
    active: str | None = None
    try:
        active = campaigns.chosen(place, None, environment).campaign
    except LabError as error:
        warn(str(error))
    names = _names(place, environment)
    found = [_in_short(place._replace(campaign=name), environment, name == active) for name in names]
    first = found[0]
    begun = first.active or first.runs or first.problem or files.stands(first.settings) or len(found) == 1
    return found if begun else found[1:]


def _in_short(place: Workspace, environment: Mapping[str, str], active: bool) -> Campaign:
    from memorylab.lab.browsing import arena_here
    from memorylab.lab.standing import standing

    name = called(place.campaign)
    try:
        _refuse_links(place)
        with lexicon.using(None):
            context = Context(place, environment, warn=lambda _: None)
            context.catch_up()
            views, here = context.views(), arena_here(context)
            arena = views.arena(here) if here is not None else None
            leader, runs = standing(views, arena).champion, views.size()
            context.index.close()
    except LabError as error:
        return Campaign(name, active, None, None, None, None, place.config, str(error))
    metric, direction = context.config.metric, context.config.direction
    if arena is not None and not (files.stands(place.config) or files.stands(place.settings)):
        metric, direction = arena.arena["metric"], arena.arena["direction"]  # what its runs say
    judged = arena is not None and (arena.arena.get("metric"), arena.arena.get("direction")) == (metric, direction)
    return Campaign(name, active, metric, direction, runs, leader if judged else None, place.config)


def others(context: Context) -> list[Context]:
    """The other campaigns of the workspace, each caught up as far as the one at hand; one that can't be read is told.

    The one at hand must have caught up.
    """
    known = {} if context.others is None else {one.place.campaign: one for one in context.others[1]}
    if context.others is None or context.others[0] != context.position:
        found: list[Context] = []
        try:
            for name in _all_of(context):
                if name == context.place.campaign:
                    continue
                try:
                    one = known.get(name) or _opened(context, name)
                    _make_home(one.place)
                    one.told_of_lines = True  # of the one ledger that all share, the campaign at hand tells
                    one.catch_up()
                    found.append(one)
                except LabError as error:
                    if context.others is None:
                        context.warn(f"what the campaign {called(name)} knows is left out: {error}")
        finally:
            lexicon.use(context.dialect)
        context.others = (context.position, found)
    return context.others[1]


def beside(context: Context, campaign: str) -> Context:
    """The workspace opened on another of its campaigns; the context itself for its own.

    Raises:
        LabError: its settings can't be read.

    """
    return context if campaign == context.place.campaign else _opened(context, campaign)


def _opened(context: Context, campaign: str) -> Context:
    place = context.place._replace(campaign=campaign)
    _refuse_links(place)
    return Context(place, context.environment, context.clock, context.warn, context.progress)


def _all_of(context: Context) -> list[str]:
    """Those that have run or been begun, at most so many: rows of other tools may name any number of campaigns."""
    place, counted = context.place, context.views().passed_over()
    begun = [name for name in campaigns.named(place) if place._replace(campaign=name).home.is_dir()]
    ran = sorted((name for name in counted if campaigns.is_name(name)), key=lambda name: (-counted[name], name))
    return list(dict.fromkeys(["", *begun, *ran]))[:MOST]


def _names(place: Workspace, environment: Mapping[str, str]) -> list[str]:
    names = {*campaigns.named(place), *_in_ledger(place, environment)}
    return ["", *sorted(names - {""})]


def _in_ledger(place: Workspace, environment: Mapping[str, str]) -> set[str]:
    """The campaigns that runs of the ledger name, whatever became of their settings."""
    with suppress(LabError), lexicon.using(None):
        context = Context(place._replace(campaign=""), environment, warn=lambda _: None)
        context.catch_up()
        found = {name for name in context.views().passed_over() if campaigns.is_name(name)}
        context.index.close()
        return found
    return set()


def _unknown(place: Workspace, name: str, wanted: str | None, environment: Mapping[str, str]) -> InputError:
    known = [one for one in _names(place, environment) if one]
    if wanted:
        source, hint = "", f"`memorylab init --campaign {name}` begins it"
    elif environment.get(CAMPAIGN):
        source, hint = f", which {CAMPAIGN} names", "unset it, or set it to one of these"
    else:
        file = place.used.relative_to(place.memory_root).as_posix()
        source, hint = f", which {file} names", "`memorylab campaign use NAME` takes one of these"
    return InputError(f"there is no campaign {name}{source}; {campaigns.listed(known)}", hint)
