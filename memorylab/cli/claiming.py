"""The command claims, and what `check --claim` tells."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from memorylab.cli.console import Console
from memorylab.cli.options import add_owner, open_to_append, open_workspace
from memorylab.core.reading.ideas import Idea
from memorylab.errors import EXIT_OK
from memorylab.lab import Lab, Question

if TYPE_CHECKING:
    from memorylab.core.guard.claims import Claim
    from memorylab.records import NoveltyGuard


def granted(
    args: argparse.Namespace, lab: Lab, ideas: Iterable[Idea], question: Question
) -> Iterator[tuple[NoveltyGuard, Claim | None]]:
    """The guard's verdicts in order; each says under `claim` what was granted, or None."""
    for guard, claim in lab.claim_many(ideas, question, args.owner, args.lease):
        told = {name: getattr(claim, name) for name in ("claim_id", "owner", "expires_utc")} if claim else None
        yield {**guard, "claim": told}, claim


def show(console: Console, lab: Lab, claim: Claim | None) -> None:
    """Say under a verdict what became of --claim."""
    if claim is None:
        console.show("not claimed; take another idea")
        return
    from memorylab.core.guard.claims import until
    from memorylab.render.escape import one_line

    console.show(f"claimed until {until(claim, lab.context.clock())} as {one_line(claim.claim_id, 80)}")


def add_claims(parser: argparse.ArgumentParser) -> None:
    """Define the options of claims."""
    add_owner(parser)
    parser.add_argument("--release", metavar="CLAIM", help="end this claim now, so that others may have the idea")


def claims(args: argparse.Namespace, console: Console) -> int:
    """Print the claims that hold, or end one."""
    if args.release is not None:
        lab = open_to_append(args, console)
        claim = lab.release(args.release, args.owner)
        if args.json:
            console.show_json({"released": claim.claim_id})
        else:
            from memorylab.render.escape import one_line

            console.show(f"released {one_line(claim.claim_id, 80)}: {one_line(claim.description, 300)}")
        return EXIT_OK
    lab = open_workspace(args, console)
    found = lab.claims()
    if args.json:
        console.show_json([_record(claim) for claim in found])
    else:
        from memorylab.render import text_board

        console.show(text_board.claims(found, lab.context.clock(), console.width))
    return EXIT_OK


def _record(claim: Claim) -> dict[str, Any]:
    hidden = ("words", "arena", "expires", "named")
    shown = {name: value for name, value in claim._asdict().items() if name not in hidden}
    return shown | {"edits": [edit.record() for edit in claim.edits]}
