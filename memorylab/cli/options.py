"""Options and helpers that several commands share."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from memorylab import files
from memorylab.cli.console import Console
from memorylab.core.reading.ideas import Idea
from memorylab.core.runs import redact
from memorylab.errors import InputError, UsageError
from memorylab.lab import Lab, open_lab
from memorylab.lab.context import Context
from memorylab.records import MODES

if TYPE_CHECKING:
    from memorylab.lab.window import Window

_MOST = 10**9
_SHOWN = 40
"""Characters of a wrong value in a message."""
_LONG = 10_000
"""Rows after which a user who sees no progress is told what goes on: some five seconds."""


def open_workspace(args: argparse.Namespace, console: Console) -> Lab:
    """The workspace that the command is about, on the campaign that it is about."""
    lab = open_lab(args.root, args.campaign, warn=console.warn)
    if lab.context.place.campaign and not args.json:
        console.note(f"campaign {lab.context.place.campaign}")
    console.settled = lab.context.settled
    _tell_building(lab.context, console)
    return lab


def open_to_append(args: argparse.Namespace, console: Console) -> Lab:
    """The same for a command that appends: no signal may hide what it has recorded."""
    lab = open_workspace(args, console)
    if console.alone:
        from memorylab.cli import interrupts  # half a millisecond that those who ask don't need

        interrupts.heed(console.settled)
    return lab


def open_window(args: argparse.Namespace, console: Console) -> Window:
    """The same for a command that looks on, and needs a memory to look at."""
    from memorylab.lab.window import Window

    context = Context.open(args.root, args.campaign, warn=console.warn)
    context.demand_memory()
    _tell_building(context, console)
    return Window(context)


def _tell_building(context: Context, console: Console) -> None:
    """Show how far an index is that is being built; without a terminal say once that it takes a while."""

    def progress(rows: int) -> None:
        console.live(context.building(rows))
        if rows == _LONG and not console.lively:
            console.note("building the index of a long ledger takes a while, once; commands after this one are quick")

    context.progress = progress


def add_idea(parser: argparse.ArgumentParser, required: bool = True) -> None:
    """The options that say what is tried."""
    group = parser.add_argument_group("the idea")
    group.add_argument("--description", metavar="TEXT", required=required, help="what is tried, in a line")
    group.add_argument("--tags", metavar="A,B", default="", help="words to find it by, separated by commas")
    group.add_argument("--family", metavar="NAME", help="kind of idea (default: inferred from what it changes)")
    group.add_argument("--hypothesis", metavar="TEXT", help="why it should help")


def add_mode(parser: argparse.ArgumentParser) -> None:
    """The guard's mode."""
    parser.add_argument("--mode", choices=MODES, help="what repeats are for (default: exploit)")


def add_claim(parser: argparse.ArgumentParser) -> None:
    """The options that reserve the idea."""
    group = add_owner(parser)
    group.add_argument("--claim", action="store_true", help="reserve the idea; exit with 2 when it can't be had")
    group.add_argument("--lease", type=seconds, metavar="SECONDS", help="how long the claim holds (two time budgets)")


def add_owner(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """The option that says who works here; returns its group."""
    group = parser.add_argument_group("beside other agents")
    group.add_argument(
        "--as",
        dest="owner",
        type=_name,
        metavar="NAME",
        help="who you are to them (default: $MEMORYLAB_AGENT, else user, host and directory)",
    )
    return group


def _name(text: str) -> str:
    if not redact.plain(text):
        raise argparse.ArgumentTypeError("a name is needed")
    return text


def check_lease(args: argparse.Namespace) -> None:
    """Refuse a lease of nothing."""
    if args.lease is not None and not args.claim:
        raise UsageError("--lease says how long a claim holds, but there is no --claim", "add --claim")


def idea_of(args: argparse.Namespace, lab: Lab) -> Idea:
    """The idea that the options describe."""
    tags = [tag.strip() for tag in args.tags.split(",") if tag.strip()]
    return lab.idea(args.description or "", tags, args.family, args.hypothesis)


def number_in(low: float, high: float, what: str) -> Callable[[str], float]:
    """An argparse type: a number within bounds."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text[:_SHOWN]!r} is no {what}")
        return value

    return parse


def count(text: str) -> int:
    """An argparse type: a whole number from 1 on; what is counted here fits into 32 bits."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if not 1 <= value <= _MOST:
        raise argparse.ArgumentTypeError(f"{text[:_SHOWN]!r} is no whole number from 1 to {_MOST:,}")
    return value


seconds = number_in(1e-3, 1e9, "number of seconds")
hours = number_in(1e-6, 1e6, "number of hours")
similarity = number_in(0.0, 1.0, "similarity from 0 to 1")


def path(text: str) -> Path:
    """An argparse type: a path, with ~ for the home directory where there is one."""
    return files.at_home(text)


def standard_input() -> BinaryIO:
    """The standard input, as bytes.

    Raises:
        InputError: it was closed.

    """
    if sys.stdin is None:
        raise InputError("the standard input is closed", "name a file instead of -")
    return sys.stdin.buffer


def save(args: argparse.Namespace, place: Path, pieces: Iterable[str | bytes], what: str) -> None:
    """Write what a user asked for to where they asked for it.

    Raises:
        UsageError: the memory itself is there, which a table or a report must not replace.
        LabError: it can't be written.

    """
    from memorylab.adapters import campaigns, output, workspace

    try:
        if campaigns.keeps(workspace.find(args.root, os.environ), place):
            raise UsageError(f"{place} belongs to the memory", "write to another place")
        output.write(place, pieces)
    except OSError as error:
        raise files.explain(error, f"write {what}") from error
