"""Commands that ask the guard: check, replay."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator

from memorylab.cli.console import Console
from memorylab.cli.options import add_idea, add_mode, count, idea_of, open_workspace, path, similarity
from memorylab.core.ideas import Idea
from memorylab.errors import EXIT_BLOCKED, EXIT_OK, InputError, UsageError
from memorylab.lab import Question
from memorylab.lab.judge import clean_idea
from memorylab.records import MODES, text, texts


def add_check(parser: argparse.ArgumentParser) -> None:
    """Define the options of check."""
    add_idea(parser, required=False)
    add_mode(parser)
    parser.add_argument("--threshold", type=similarity, metavar="T", help="similarity that counts as a match (0.62)")
    parser.add_argument("--limit", type=count, default=5, metavar="N", help="matches to show (5)")
    parser.add_argument("--strict", action="store_true", help="in explore mode block what belongs into exploit")
    parser.add_argument("--fail-on-similar", action="store_true", help="exit with 2 when the decision is block")
    parser.add_argument("--from", dest="source", metavar="FILE", help="many ideas, as JSON lines (- for stdin)")


def check(args: argparse.Namespace, console: Console) -> int:
    """Print the guard's verdict on one idea, or on each of many."""
    if (args.description is None) == (args.source is None):
        raise UsageError("check needs either --description or --from", "describe one idea, or give a file of many")
    lab = open_workspace(args, console)
    question = Question(args.mode, args.threshold, args.limit, args.strict)
    blocked = False
    if args.source is not None:
        for guard in lab.check_many(_ideas(args.source), question):
            blocked |= guard["policy"]["decision"] == "block"
            console.show_json(guard, indent=None)
    else:
        guard = lab.check(idea_of(args, lab), question)
        blocked = guard["policy"]["decision"] == "block"
        if args.json:  # an agent's way: nothing to lay out, so nothing of that is imported
            console.show_json(guard)
        else:
            from memorylab.render import text as render

            console.show(render.guard(guard, console.width, console.color))
    return EXIT_BLOCKED if blocked and args.fail_on_similar else EXIT_OK


def _ideas(source: str) -> Iterator[Idea]:
    try:
        file = sys.stdin if source == "-" else path(source).open(encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"can't read {source}: {error.strerror}", "give a file of JSON lines, or - for stdin"
        ) from error
    with file:
        try:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _idea(line, f"{source} line {number}")
        except UnicodeDecodeError as error:
            raise InputError(f"{source} is no UTF-8 text", "give a file of JSON lines, or - for stdin") from error


def _idea(line: str, where: str) -> Idea:
    try:
        raw = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where} is not JSON: {error}", 'write one {"description": "…"} a line') from error
    if not isinstance(raw, dict) or not text(raw.get("description")).strip():
        raise InputError(f"{where} has no description", 'write one {"description": "…"} a line')
    return clean_idea(raw["description"], texts(raw.get("tags")), text(raw.get("family")), text(raw.get("hypothesis")))


def add_replay(parser: argparse.ArgumentParser) -> None:
    """Define the options of replay."""
    parser.add_argument(
        "ledger", nargs="+", type=path, metavar="LEDGER", help="a results table or an experiments.jsonl"
    )
    parser.add_argument("--mode", choices=MODES, default="exploit", help="judge as this mode would (exploit)")
    parser.add_argument("--threshold", type=similarity, default=0.62, metavar="T", help="similarity that counts (0.62)")
    parser.add_argument("--strict", action="store_true", help="in explore mode block what belongs into exploit")
    parser.add_argument("--metric", metavar="NAME", help="the column that decides (default: found by its name)")
    parser.add_argument("--direction", choices=("min", "max"), help="which way is better (default: by the name)")


def replay(args: argparse.Namespace, console: Console) -> int:
    """Print what the guard would have saved and lost on ledgers."""
    from memorylab.lab.rehearsal import Settings
    from memorylab.lab.rehearsal import replay as judge_ledger
    from memorylab.render import text_board

    settings = Settings(args.mode, args.threshold, args.strict)
    found = [judge_ledger(file, settings, args.metric, args.direction) for file in args.ledger]
    if args.json:
        console.show_json(found[0] if len(found) == 1 else found, indent=None)
    else:
        for result in found:
            console.show(text_board.replay(result, console.width))
    return EXIT_OK
