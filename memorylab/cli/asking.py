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
from memorylab.core.reading.ideas import Idea, JudgedBy
from memorylab.errors import EXIT_BLOCKED, EXIT_OK, InputError, UsageError
from memorylab.lab import Lab, Question
from memorylab.lab.judge import clean_idea
from memorylab.records import NoveltyGuard, text, texts

if TYPE_CHECKING:
    from memorylab.core.guard.claims import Claim

_LONGEST_LINE = 1 << 20
_MOST_IDEAS = 100_000
"""Bytes of a line and lines that `--from` takes; a stream that goes on for ever ends there."""
_LINE = 'write one {"description": "…"} or {"set": {"NAME": 0.05}} a line'


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
    parser.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="judge the code with this knob set, as if it had been edited: also *=, /=, += and -=; may be repeated, "
        "and --description left out",
    )
    parser.add_argument(
        "--unset", action="append", default=[], metavar="NAME", help="judge the code with this knob taken away"
    )
    parser.add_argument(
        "--no-diff", action="store_true", help="judge the words alone, whatever isn't committed of the code"
    )
    parser.add_argument(
        "--from",
        dest="source",
        metavar="FILE",
        help='many ideas, as JSON lines (- for stdin); each has "description", "set" or both',
    )
    add_claim(parser)


def check(args: argparse.Namespace, console: Console) -> int:
    """Print the guard's verdict on one idea, or on each of many."""
    _agree(args)
    check_lease(args)
    lab = open_to_append(args, console) if args.claim else open_workspace(args, console)
    console.partial = args.source is not None
    question = Question(args.mode, args.threshold, args.limit, args.strict)
    ideas = [_told(args, lab)] if args.source is None else _ideas(args.source, lab)
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


def _agree(args: argparse.Namespace) -> None:
    """Refuse options that contradict each other."""
    stated = bool(args.settings or args.unset)
    if args.source is not None and (args.description is not None or args.diff is not None or stated or args.no_diff):
        raise UsageError("--from gives many ideas, and other options one", "give either --from or one idea")
    if args.diff is not None and stated:
        raise UsageError("--diff names one change of the code, and --set another", "give one of them")
    if args.no_diff and (args.diff is not None or stated):
        raise UsageError("--no-diff judges words alone, and --diff or --set the code", "give one of them")


def _told(args: argparse.Namespace, lab: Lab) -> Idea:
    """The idea of the options, with the change that is named, stated, or lies in the tree."""
    idea = idea_of(args, lab)
    if args.diff is not None:
        return lab.with_diff(idea, args.diff, _patch() if args.diff == "-" else None)
    if args.settings or args.unset:
        return lab.with_set(idea, args.settings, args.unset)
    if args.no_diff:
        idea = idea._replace(judged=JudgedBy("words"))
    elif args.description is None or args.description.strip():
        idea = lab.with_worktree(idea)
    if args.description is None and not idea.description:
        raise UsageError(
            "check needs --description, --set or --from, or code that isn't committed", "say what the run will try"
        )
    return idea


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


def _ideas(source: str, lab: Lab) -> Iterator[Idea]:
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
                    yield _idea(line.decode("utf-8-sig" if number == 1 else "utf-8"), f"{source} line {number}", lab)
    except OSError as error:
        raise files.explain(error, f"read {source}", hint) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{source} is no UTF-8 text", hint) from error


def _idea(line: str, where: str, lab: Lab) -> Idea:
    try:
        raw = json.loads(line)
        if "\\u" in line:  # half a character, which JSON can spell, can't be stored
            raw = json.loads(json.dumps(raw, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        told = str(error)[:120] if isinstance(error, ValueError) else "it is nested too deeply"
        raise InputError(f"{where} is not JSON: {told}", _LINE) from error
    stated = isinstance(raw, dict) and (raw.get("set") or raw.get("unset"))
    if not isinstance(raw, dict) or not (text(raw.get("description")).strip() or stated):
        raise InputError(f"{where} has no description", _LINE)
    family, hypothesis = text(raw.get("family")), text(raw.get("hypothesis"))
    idea = clean_idea(text(raw.get("description")), texts(raw.get("tags")), family, hypothesis)
    if not stated:
        return idea
    try:
        unset = raw.get("unset")
        return lab.with_set(idea, raw.get("set") or {}, [unset] if isinstance(unset, str) else texts(unset))
    except (InputError, UsageError) as error:
        raise InputError(f"{where}: {error.message}", error.hint) from error
