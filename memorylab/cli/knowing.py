"""Commands that tell what the memory knows beyond single runs: brief, knobs and ideas."""

from __future__ import annotations

import argparse

from memorylab.cli.console import Console
from memorylab.cli.options import count, open_workspace
from memorylab.errors import EXIT_OK


def add_brief(parser: argparse.ArgumentParser) -> None:
    """Define the options of brief."""
    parser.add_argument(
        "--chars", type=count, default=1_500, metavar="N", help="characters that it may take, 400 at least (1500)"
    )


def brief(args: argparse.Namespace, console: Console) -> int:
    """Print the campaign on a page, for an agent that knows nothing of it."""
    found = open_workspace(args, console).brief()
    from memorylab.render import text_brief

    told = text_brief.brief(found._asdict(), args.chars)
    if args.json:
        console.show_json({"brief": told})
    else:
        console.show(told)
    return EXIT_OK


def add_knobs(parser: argparse.ArgumentParser) -> None:
    """Define the options of knobs."""
    parser.add_argument("name", nargs="*", metavar="NAME", help='one knob, by any of its names ("muon lr"), in full')
    parser.add_argument("--limit", type=count, default=20, metavar="N", help="knobs to list, the most tried first (20)")


def knobs(args: argparse.Namespace, console: Console) -> int:
    """Print the knobs that were tried, or one with each of its tries."""
    lab = open_workspace(args, console)
    name = " ".join(args.name)
    if args.json:
        console.show_json(lab.knob(name) if name else lab.knobs(args.limit))
        return EXIT_OK
    from memorylab.render import text_knobs

    if name:
        console.show(text_knobs.knob(lab.knob(name), console.width, console.color))
    else:
        console.show(text_knobs.knobs(lab.knobs(args.limit), console.width, console.color))
    return EXIT_OK


def add_ideas(parser: argparse.ArgumentParser) -> None:
    """Define the options of ideas."""
    parser.add_argument("--limit", type=count, default=5, metavar="N", help="ideas to propose, the best first (5)")


def ideas(args: argparse.Namespace, console: Console) -> int:
    """Print what is most worth a run next, each with the values that state it."""
    found = open_workspace(args, console).ideas(args.limit)
    if args.json:
        console.show_json({**found._asdict(), "ideas": [idea._asdict() for idea in found.ideas]})
        return EXIT_OK
    from memorylab.render import text_ideas

    console.show(text_ideas.ideas(found._asdict(), console.width, console.color))
    return EXIT_OK
