"""The command accept: a person vouches for a run that was marked."""

from __future__ import annotations

import argparse

from memorylab.cli.console import Console
from memorylab.cli.options import add_owner, open_to_append
from memorylab.errors import EXIT_OK
from memorylab.render.escape import one_line

_LONGEST = 600


def add_accept(parser: argparse.ArgumentParser) -> None:
    """Define the options of accept."""
    parser.add_argument("run", metavar="RUN", help="a run id, a commit, or the start of either")
    parser.add_argument("--note", default="", metavar="TEXT", help="why it is right as it is")
    add_owner(parser)


def accept(args: argparse.Namespace, console: Console) -> int:
    """Rank a marked run from now on."""
    done = open_to_append(args, console).accept(args.run, args.note, args.owner)
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
