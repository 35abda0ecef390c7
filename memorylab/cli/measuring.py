"""The command noise: how much one run varies by itself, and runs that measure it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from memorylab.cli.console import Console, progress_line
from memorylab.cli.options import count, open_to_append, open_workspace, seconds
from memorylab.errors import EXIT_ERROR, EXIT_OK, UsageError
from memorylab.render import text_board, words

if TYPE_CHECKING:
    from memorylab.adapters.training_log import Progress
    from memorylab.lab import Lab


def add_noise(parser: argparse.ArgumentParser) -> None:
    """Define the options of noise."""
    parser.add_argument(
        "--calibrate", type=count, metavar="N", help="run the code as it is N times, each with another seed, and log it"
    )
    parser.add_argument("--timeout", type=seconds, metavar="S", help="stop a run after this many seconds")
    parser.add_argument("words", nargs="*", metavar="COMMAND", help="what to execute, after -- (memorylab.toml's)")


def noise(args: argparse.Namespace, console: Console) -> int:
    """Print how much one run varies by itself, after measuring it if that was asked for."""
    if args.words and args.calibrate is None:
        raise UsageError("a command was given and nothing to do with it", "noise --calibrate 3 -- COMMAND")
    lab = open_to_append(args, console) if args.calibrate else open_workspace(args, console)
    if args.calibrate is not None:
        console.partial = True
        measured = _calibrate(args, console, lab)
        console.partial = False
        if not measured:
            console.note(
                f"none of the {args.calibrate} runs measured {lab.metric}: nothing is known of the noise by them"
            )
            return EXIT_ERROR
    found: dict[str, Any] = lab.noise()
    console.show_json(found) if args.json else console.show(text_board.noise(found, found["metric"], console.width))
    return EXIT_OK


def _calibrate(args: argparse.Namespace, console: Console, lab: Lab) -> int:
    """How many of the runs measured something."""
    count = 0

    def on_progress(p: Progress) -> None:
        console.live(progress_line(p))

    made = lab.calibrate(args.calibrate, args.words, timeout_s=args.timeout, on_progress=on_progress)
    for number, outcome in enumerate(made, 1):
        row = outcome.logged.row if outcome.logged else {}
        value = (row.get("metrics") or {}).get(lab.metric)
        good = value is not None and row.get("status") != "crash"
        count += good
        error = row.get("error")
        measured = (
            f"{lab.metric} {words.measurement(value)}"
            if good
            else f"crashed ({error.get('kind') if error else 'unknown'})"
        )
        console.note(f"{number} of {args.calibrate}: {row.get('run_id')} {measured}")
    return count
