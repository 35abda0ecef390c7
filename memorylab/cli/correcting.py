"""Commands that correct what was recorded: amend and retract, which append and leave the run's row as it is."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from memorylab.cli.console import Console
from memorylab.cli.options import add_owner, open_to_append
from memorylab.core.numerals import recorded
from memorylab.errors import EXIT_OK, UsageError
from memorylab.records import STATUSES, finite
from memorylab.render.escape import one_line

if TYPE_CHECKING:
    from memorylab.lab.correcting import Corrected
    from memorylab.records import RunView


def add_amend(parser: argparse.ArgumentParser) -> None:
    """Define the options of amend."""
    parser.add_argument("run", metavar="RUN", help="a run id, a commit, or the start of either")
    parser.add_argument("--status", choices=STATUSES, help="what became of it in truth")
    parser.add_argument("--value", metavar="NUMBER", help="what it measured; one that its log doesn't tell can't lead")
    parser.add_argument("--note", default="", metavar="TEXT", help="why")
    add_owner(parser)


def amend(args: argparse.Namespace, console: Console) -> int:
    """Append a correction of a run."""
    value = finite(args.value) if args.value is not None else None
    if args.value is not None and value is None:
        raise UsageError(f"--value {one_line(args.value, 40)} is no finite number", "give it as 0.9979 or 7.5e-05")
    return _told(
        open_to_append(args, console).amend(args.run, args.status, value, args.note, args.owner), args, console
    )


def add_retract(parser: argparse.ArgumentParser) -> None:
    """Define the options of retract."""
    parser.add_argument("run", metavar="RUN", help="a run id, a commit, or the start of either")
    parser.add_argument("--note", default="", metavar="TEXT", help="why it is no evidence")
    add_owner(parser)


def retract(args: argparse.Namespace, console: Console) -> int:
    """Append that a run is no evidence."""
    return _told(open_to_append(args, console).retract(args.run, args.note, args.owner), args, console)


def _told(done: Corrected, args: argparse.Namespace, console: Console) -> int:
    before, after = done.before, done.after
    if args.json:
        told = {"run_id": after.run_id, "status": after.status, "value": after.value, "integrity": after.integrity}
        was = {"status": before.status, "value": before.value}
        console.show_json({**told, "error_kind": after.error_kind, "was": was, "is_champion": done.leads})
        return EXIT_OK
    place = "; it is the champion" if done.leads else ""
    barred = f"; it can't lead: {one_line(after.doubts, 300)}" if after.integrity == "suspect" and after.doubts else ""
    console.show(f"{one_line(after.run_id, 80)} was {_said(before)} and is {_said(after)}{place}{barred}")
    return EXIT_OK


def _said(run: RunView) -> str:
    if run.error_kind == "retracted":
        return "out of evidence"
    return f"{run.status} {recorded(run.value)}" if run.value is not None else run.status
