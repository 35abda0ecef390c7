"""Commands that read the memory: report, history, show, search, best."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from memorylab.cli.console import Console
from memorylab.cli.options import count, hours, open_workspace, path, save
from memorylab.core.runs import arenas, redact
from memorylab.errors import EXIT_OK
from memorylab.records import ENDINGS, RunView
from memorylab.render import text, text_board
from memorylab.render.table import wrap

if TYPE_CHECKING:
    from memorylab.lab import Lab
    from memorylab.lab.reporting import Report


def add_report(parser: argparse.ArgumentParser) -> None:
    """Define the options of report."""
    parser.add_argument("--since-hours", type=hours, metavar="N", help="cover the last N hours (default: everything)")
    parser.add_argument(
        "--format",
        choices=("text", "md", "html", "json"),
        default="text",
        help="what to print or write to --output (text)",
    )
    parser.add_argument("--output", type=path, metavar="FILE", help="write there instead of printing")


def report(args: argparse.Namespace, console: Console) -> int:
    """Write the morning report and print it."""
    from memorylab.lab import reporting  # 30 ms that the other commands here don't need

    lab = open_workspace(args, console)
    found = lab.report(args.since_hours)
    form = "json" if args.json else args.format
    document = _document(found, form, console, reporting.runs_from(lab.context, args.output) if args.output else None)
    if args.output is not None:
        save(args, args.output, [document], "the report")
    else:
        console.show(document)
    if form == "text" and args.output is None:
        console.show("\n".join(_written(found.paths, console.width)))
    return EXIT_OK


def _written(paths: Mapping[str, Path], width: int) -> list[str]:
    """Where the report's files lie, seen from here where that is shorter."""
    directory, here = paths["md"].parent, Path.cwd()
    shown = directory.relative_to(here) if directory.is_relative_to(here) else directory
    return ["", f"In {shown}:", *wrap(", ".join(place.name for place in paths.values()), width, "  ")]


def _document(found: Report, form: str, console: Console, at: str | None) -> str:
    """The report in one of its forms; `at` is the way from it to the archives."""
    m = found.morning
    if form == "json":
        import json

        points = [point._asdict() for point in m.progress]
        return json.dumps(m._asdict() | {"progress": points}, indent=2, ensure_ascii=False) + "\n"
    if form == "html":
        from memorylab.render import html

        return html.report(m, found.appendix, at)
    if form == "md":
        from memorylab.render import markdown_report

        return markdown_report.report(m, None, found.appendix, at)
    from memorylab.render import text_report

    return text_report.report(m, console.width, console.color)


def add_history(parser: argparse.ArgumentParser) -> None:
    """Define the options of history."""
    parser.add_argument("--limit", type=count, default=20, metavar="N", help="how many (20)")
    parser.add_argument("--status", choices=ENDINGS, help="only these")
    parser.add_argument("--family", metavar="NAME", help="only this kind of idea")


def history(args: argparse.Namespace, console: Console) -> int:
    """Print the newest runs."""
    lab = open_workspace(args, console)
    _list(lab, lab.history(args.limit, args.status, args.family), args, console)
    return EXIT_OK


def add_search(parser: argparse.ArgumentParser) -> None:
    """Define the options of search."""
    parser.add_argument("text", nargs="+", metavar="TEXT", help="words of a description, a tag, a knob, a note")
    parser.add_argument("--limit", type=count, default=20, metavar="N", help="how many (20)")


def search(args: argparse.Namespace, console: Console) -> int:
    """Print the runs that share words with a query."""
    lab = open_workspace(args, console)
    _list(lab, lab.search(" ".join(args.text), args.limit), args, console)
    return EXIT_OK


def _list(lab: Lab, runs: list[RunView], args: argparse.Namespace, console: Console) -> None:
    if args.json:
        hidden = ("seq", "after", "rank", "words", "arena", "root")
        console.show_json([{k: v for k, v in run._asdict().items() if k not in hidden} for run in runs])
    else:
        console.show(text.history(runs, lab.metric, console.width, console.color, lab.sigmas(runs)))


def add_show(parser: argparse.ArgumentParser) -> None:
    """Define the options of show."""
    parser.add_argument("run", metavar="RUN", help="a run id, a commit, or the start of one")


def show(args: argparse.Namespace, console: Console) -> int:
    """Print one run in full."""
    lab = open_workspace(args, console)
    row = lab.show(args.run)
    if args.json:
        console.show_json(row)
        return EXIT_OK
    if (whose := arenas.campaign_of(row)) != lab.context.place.campaign:
        console.note(f"it is a run of the campaign {whose or arenas.DEFAULT}")
    console.show(text.run(row, console.width))
    return EXIT_OK


def add_best(parser: argparse.ArgumentParser) -> None:
    """Define the options of best."""
    parser.add_argument("--limit", type=count, default=5, metavar="N", help="challengers to show (5)")
    parser.add_argument("--patch", action="store_true", help="print what changed from the first run to the champion")


def best(args: argparse.Namespace, console: Console) -> int:
    """Print the champion and its challengers."""
    lab = open_workspace(args, console)
    if args.patch:
        patch = lab.champion_patch()
        if args.json:
            console.show_json({"patch": patch})
        elif patch:
            console.show(redact.plain(patch, newlines=True) if console.at_terminal else patch)
        else:
            console.note("the champion's code is that of the first run: there is no difference")
        return EXIT_OK
    found = lab.best(args.limit)
    if args.json:
        console.show_json(found)
        return EXIT_OK
    direction = found["arena"].get("direction", "min")
    told = found["champion"], found["challengers"]
    board = text_board.best(*told, console.width, console.color, direction, found.get("noise"))
    here = wrap(text.whereabouts(lab.whereabouts()._asdict()), console.width) if found["champion"] else []
    console.show("\n".join([board, *(["", *here] if here else [])]))
    return EXIT_OK
