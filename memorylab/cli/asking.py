"""The command that asks the guard about ideas: check."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from memorylab import files
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
    standard_input,
)
from memorylab.core.reading.ideas import Idea
from memorylab.errors import EXIT_BLOCKED, EXIT_OK, InputError, UsageError
from memorylab.lab import Lab, Question
from memorylab.lab.judge import clean_idea
from memorylab.records import NoveltyGuard, text, texts

if TYPE_CHECKING:
    from memorylab.core.guard.claims import Claim

_LONGEST_LINE = 1 << 20
_MOST_IDEAS = 100_000
"""Bytes of a line and lines that `--from` takes; a stream that goes on for ever ends there."""


def add_check(parser: argparse.ArgumentParser) -> None:
    """Define the options of check."""
    add_idea(parser, required=False)
    add_mode(parser)
    parser.add_argument("--threshold", type=similarity, metavar="T", help="similarity that counts as a match (0.62)")
    parser.add_argument("--limit", type=count, default=5, metavar="N", help="matches to show (5)")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="in explore block what belongs into exploit; in exploit warn of what is new",
    )
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
    return lab.with_diff(idea, args.diff, _patch() if args.diff == "-" else None)


def _patch() -> str:
    from memorylab.lab.changes import MOST_PATCH

    try:
        return files.read_stream(standard_input(), "standard input", MOST_PATCH).decode("utf-8", "replace")
    except OSError as error:
        raise files.explain(error, "read the patch") from error


def _verdicts(
    args: argparse.Namespace, lab: Lab, ideas: Iterable[Idea], question: Question
) -> Iterator[tuple[NoveltyGuard, Claim | None]]:
    if args.claim:
        from memorylab.cli.claiming import granted  # most checks claim nothing

        return granted(args, lab, ideas, question)
    return ((guard, None) for guard in lab.check_many(ideas, question, args.owner))


def _ideas(source: str) -> Iterator[Idea]:
    """The ideas in the order of their lines; a line is read when the one before it was judged."""
    hint = "give a file of JSON lines, or - for stdin"
    try:
        with standard_input() if source == "-" else files.open_regular(path(source), files.LARGEST) as file:
            read = number = 0
            while line := file.readline(_LONGEST_LINE + 1):
                number, read = number + 1, read + len(line)
                if len(line) > _LONGEST_LINE:
                    raise files.too_large(f"{source} line {number}", _LONGEST_LINE)
                if read > files.LARGEST or number > _MOST_IDEAS:
                    raise InputError(f"{source} has more than {_MOST_IDEAS:,} ideas or 64 MiB", "ask in parts")
                if line.strip():
                    yield _idea(line.decode("utf-8-sig" if number == 1 else "utf-8"), f"{source} line {number}")
    except OSError as error:
        raise files.explain(error, f"read {source}", hint) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{source} is no UTF-8 text", hint) from error


def _idea(line: str, where: str) -> Idea:
    try:
        raw = json.loads(line)
        if "\\u" in line:  # half a character, which JSON can spell, can't be stored
            raw = json.loads(json.dumps(raw, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        told = str(error)[:120] if isinstance(error, ValueError) else "it is nested too deeply"
        raise InputError(f"{where} is not JSON: {told}", 'write one {"description": "…"} a line') from error
    if not isinstance(raw, dict) or not text(raw.get("description")).strip():
        raise InputError(f"{where} has no description", 'write one {"description": "…"} a line')
    return clean_idea(raw["description"], texts(raw.get("tags")), text(raw.get("family")), text(raw.get("hypothesis")))
