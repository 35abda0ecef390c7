"""Commands that look after the memory: import, export, verify."""

from __future__ import annotations

import argparse

from memorylab.cli.console import Console
from memorylab.cli.options import open_to_append, open_workspace, path, save
from memorylab.errors import EXIT_ERROR, EXIT_OK, UsageError
from memorylab.render.escape import one_line

_PROBLEMS_SHOWN = 20


def add_import(parser: argparse.ArgumentParser) -> None:
    """Define the options of import."""
    parser.add_argument("file", nargs="+", type=path, metavar="FILE", help="a results.tsv, CSV or Markdown table")
    parser.add_argument("--metric", metavar="NAME", help="the column that decides (default: found by its name)")
    parser.add_argument("--direction", choices=("min", "max"), help="which way is better (default: by the name)")
    parser.add_argument(
        "--same-arena",
        action="store_true",
        help="its numbers compare with runs made here (always so for the workspace's own results.tsv)",
    )


def import_(args: argparse.Namespace, console: Console) -> int:
    """Take over the runs of tables and say what couldn't be read."""
    lab = open_to_append(args, console)
    console.partial = len(args.file) > 1
    done = [
        lab.import_table(file, metric=args.metric, direction=args.direction, same_arena=args.same_arena)
        for file in args.file
    ]
    console.partial = False
    if args.json:
        console.show_json([item._asdict() for item in done] if len(done) > 1 else done[0]._asdict())
        return EXIT_OK
    for item in done:
        console.show(
            f"{one_line(item.file)}: {item.added} runs added, {item.known} known, "
            f"{item.without_verdict} without a verdict ({item.metric}, "
            f"{'higher' if item.direction == 'max' else 'lower'} is better, "
            f"by {item.direction_source})"
        )
        for problem in item.problems[:_PROBLEMS_SHOWN]:
            console.warn(f"{item.file} {problem}")
        if len(item.problems) > _PROBLEMS_SHOWN:
            console.warn(f"{len(item.problems) - _PROBLEMS_SHOWN} more; hint: --json lists all")
    return EXIT_OK


def add_export(parser: argparse.ArgumentParser) -> None:
    """Define the options of export."""
    parser.add_argument(
        "--format", choices=("tsv", "csv", "jsonl"), default="tsv", help="a flat table, or the ledger's rows (tsv)"
    )
    parser.add_argument("--output", type=path, metavar="FILE", help="write there instead of printing")


def export(args: argparse.Namespace, console: Console) -> int:
    """Write all runs as text."""
    if args.json and args.format != "jsonl":
        raise UsageError("--json and --format contradict each other", "use --format jsonl")
    pieces = open_workspace(args, console).export(args.format)
    if args.output is None:
        for piece in pieces:
            console.show(piece)
        return EXIT_OK
    save(args, args.output, pieces, "the export")
    return EXIT_OK


def add_verify(parser: argparse.ArgumentParser) -> None:
    """Define the options of verify."""
    parser.add_argument("--repair", action="store_true", help="set broken lines aside, write derived files anew")


def verify(args: argparse.Namespace, console: Console) -> int:
    """Print what is wrong; exit 1 if anything is."""
    found = open_workspace(args, console).verify(args.repair)
    if args.json:
        console.show_json(
            {
                "ok": not found.problems,
                "runs": found.runs,
                "repaired": found.repaired,
                "problems": [problem._asdict() for problem in found.problems],
            }
            | ({"notes": [note._asdict() for note in found.notes]} if found.notes else {})
        )
    else:
        for done in found.repaired:
            console.show(f"repaired: {one_line(done)}")
        for problem in found.problems:
            console.show(one_line(f"{problem.where}: {problem.what}; hint: {problem.hint}"))
        for note in found.notes:
            console.show(one_line(f"note: {note.where}: {note.what}; hint: {note.hint}"))
        runs, problems = found.runs, len(found.problems)
        console.show(f"{runs} run{'s' * (runs != 1)}, {problems or 'no'} problem{'s' * (problems != 1)}")
    return EXIT_ERROR if found.problems else EXIT_OK
