"""The command that asks the guard about ideas: check."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from memorylab.cli.console import Console
from memorylab.cli.options import (
    add_claim,
    add_idea,
    add_mode,
    check_lease,
    count,
    idea_of,
    open_to_append,
    open_workspace,
    path,
    similarity,
)
from memorylab.core.reading.ideas import Idea
from memorylab.errors import EXIT_BLOCKED, EXIT_OK, InputError, UsageError
from memorylab.lab import Lab, Question
from memorylab.lab.judge import clean_idea
from memorylab.records import NoveltyGuard, text, texts

if TYPE_CHECKING:
    from memorylab.core.guard.claims import Claim


def add_check(parser: argparse.ArgumentParser) -> None:
    """Define the options of check."""
    add_idea(parser, required=False)
    add_mode(parser)
    parser.add_argument("--threshold", type=similarity, metavar="T", help="similarity that counts as a match (0.62)")
    parser.add_argument("--limit", type=count, default=5, metavar="N", help="matches to show (5)")
    parser.add_argument("--strict", action="store_true", help="in explore mode block what belongs into exploit")
    parser.add_argument("--fail-on-similar", action="store_true", help="exit with 2 when the decision is block")
    parser.add_argument(
        "--diff",
        metavar="REV|FILE|-",
        help="judge by what the code does: a commit (against its parent), a patch file, - for a patch on stdin, or "
        "worktree for what is not committed; --description may then be left out",
    )
    parser.add_argument("--from", dest="source", metavar="FILE", help="many ideas, as JSON lines (- for stdin)")
    add_claim(parser)


def check(args: argparse.Namespace, console: Console) -> int:
    """Print the guard's verdict on one idea, or on each of many."""
    told = args.description is not None or args.diff is not None
    if told == (args.source is not None):
        raise UsageError("check needs either --description or --from", "describe one idea, or give a file of many")
    check_lease(args)
    lab = open_to_append(args, console) if args.claim else open_workspace(args, console)
    console.partial = args.source is not None
    question = Question(args.mode, args.threshold, args.limit, args.strict)
    ideas = [_told(args, lab)] if args.source is None else _ideas(args.source)
    blocked = refused = False
    for guard, claim in _verdicts(args, lab, ideas, question):
        blocked |= guard["policy"]["decision"] == "block"
        refused |= args.claim and claim is None
        console.outcome = EXIT_BLOCKED if refused or (blocked and args.fail_on_similar) else EXIT_OK
        if args.source is not None:
            console.show_json(guard, indent=None)
        elif args.json:  # an agent's way: nothing to lay out, so nothing of that is imported
            console.show_json(guard)
        else:
            from memorylab.render import text as render

            console.show(render.guard(guard, console.width, console.color))
            if args.claim:
                from memorylab.cli.claiming import show

                show(console, lab, claim)
    console.partial = False
    return console.outcome


def _told(args: argparse.Namespace, lab: Lab) -> Idea:
    """The idea of the options, with the change that --diff names."""
    idea = idea_of(args, lab)
    if args.diff is None:
        return idea
    patch = sys.stdin.buffer.read().decode("utf-8", "replace") if args.diff == "-" else None
    return lab.with_diff(idea, args.diff, patch)


def _verdicts(
    args: argparse.Namespace, lab: Lab, ideas: Iterable[Idea], question: Question
) -> Iterator[tuple[NoveltyGuard, Claim | None]]:
    if args.claim:
        from memorylab.cli.claiming import granted  # most checks claim nothing

        return granted(args, lab, ideas, question)
    return ((guard, None) for guard in lab.check_many(ideas, question, args.owner))


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
