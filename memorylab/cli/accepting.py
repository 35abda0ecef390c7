"""Commands that a person has to agree to: accept, which lets a marked run lead, and pin, which renews the judge."""

from __future__ import annotations

import argparse

from memorylab.cli.console import Console
from memorylab.cli.options import add_owner, open_to_append
from memorylab.errors import EXIT_OK, UsageError
from memorylab.render.escape import one_line

_LONGEST = 600


def add_accept(parser: argparse.ArgumentParser) -> None:
    """Define the options of accept."""
    parser.add_argument("run", nargs="?", metavar="RUN", help="a run id, a commit, or the start of either")
    parser.add_argument(
        "--new-token",
        action="store_true",
        help="make a token that agrees without a terminal, as $MEMORYLAB_ACCEPT_TOKEN; agents don't get it",
    )
    parser.add_argument("--note", default="", metavar="TEXT", help="why it is right as it is")
    add_owner(parser)


def accept(args: argparse.Namespace, console: Console) -> int:
    """Rank a marked run from now on, if a person agrees."""
    if args.new_token == (args.run is not None):
        raise UsageError("accept takes a RUN or --new-token", "`memorylab accept --help` lists what it takes")
    lab = open_to_append(args, console)
    if args.new_token:
        token = lab.new_token(console.ask)
        if args.json:
            console.show_json({"token": token})
        else:
            console.show(f"{token}\nIt isn't stored: keep it where agents don't read.")
        return EXIT_OK
    done = lab.accept(args.run, args.note, args.owner, console.ask)
    run_id = done.run.run_id
    if args.json:
        console.show_json(
            {
                "run_id": run_id,
                "integrity": done.run.integrity,
                "integrity_reasons": done.reasons,
                "is_champion": done.leads,
                "existing": done.existing,
            }
        )
        return EXIT_OK
    before = "was accepted before" if done.existing else "is accepted"
    place = "; it is the champion" if done.leads else ""
    console.show(f"{one_line(run_id, 80)} {before}{place}. What spoke against it: {one_line(done.reasons, _LONGEST)}")
    return EXIT_OK


def add_pin(parser: argparse.ArgumentParser) -> None:
    """Define the options of pin: none of its own."""


def pin(args: argparse.Namespace, console: Console) -> int:
    """Judge by the protected files as they are from now on, if a person agrees."""
    done = open_to_append(args, console).pin(console.ask)
    if args.json:
        console.show_json({"pins": dict(done.files), "changed": done.changed})
    elif done.changed:
        console.show(f"pinned as they are now: {one_line(', '.join(done.changed), _LONGEST)}")
    else:
        console.show("the judge is as pinned")
    return EXIT_OK
