"""The command that judges ledgers against their own past, by our guard and by others' rules: replay."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memorylab.cli.console import Console
from memorylab.cli.options import number_in, path, save, similarity
from memorylab.errors import EXIT_OK, UsageError
from memorylab.records import MODES

if TYPE_CHECKING:
    from memorylab.core.guard.frontier import Frontier
    from memorylab.core.guard.priors import Prior
    from memorylab.lab.rehearsal import Ledger, Settings

RULES = ("reference", "family", "exact", "ours")


def add_replay(parser: argparse.ArgumentParser) -> None:
    """Define the options of replay."""
    parser.add_argument(
        "ledger", nargs="+", type=path, metavar="LEDGER", help="a results table or an experiments.jsonl"
    )
    parser.add_argument("--mode", choices=MODES, default="exploit", help="judge as this mode would (exploit)")
    parser.add_argument("--threshold", type=similarity, default=0.62, metavar="T", help="similarity that counts (0.62)")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="in explore block what belongs into exploit; in exploit warn of what is new",
    )
    parser.add_argument("--metric", metavar="NAME", help="the column that decides (default: found by its name)")
    parser.add_argument("--direction", choices=("min", "max"), help="which way is better (default: by the name)")
    parser.add_argument(
        "--priors",
        metavar="FILE",
        help="the counts from other ledgers to judge with, or off (default: the shipped ones; they have seen the "
        "public ledgers, so a replay of one of those needs others to be honest)",
    )
    parser.add_argument(
        "--rules",
        type=_rules,
        default=(),
        metavar="A,B",
        help=f"judge by these rules of other tools beside ours: {', '.join(RULES)}, or all",
    )
    parser.add_argument(
        "--chart",
        type=_svg,
        nargs="?",
        const=True,
        metavar="FILE.svg",
        help="draw wins lost against failures caught over all thresholds; as SVG into a file, if named",
    )
    parser.add_argument("--tune", action="store_true", help="propose thresholds for these ledgers and say their price")
    parser.add_argument(
        "--max-lost",
        type=number_in(0, 100, "percentage from 0 to 100"),
        metavar="PCT",
        help="percent of the wins that --tune may lose (2, in explore mode 5)",
    )


def replay(args: argparse.Namespace, console: Console) -> int:
    """Print what the guard would have saved and lost on ledgers."""
    from memorylab.lab.rehearsal import Settings, read

    if args.tune and (args.rules or args.chart is not None):
        raise UsageError("--tune proposes thresholds of our guard only", "leave out --rules and --chart")
    if args.max_lost is not None and not args.tune:
        raise UsageError("--max-lost is about --tune", "add --tune, or leave it out")
    settings = Settings(args.mode, args.threshold, args.strict, prior=_prior(args.priors))
    ledgers = [read(file, args.metric, args.direction, args.campaign) for file in args.ledger]
    try:
        found = _tuned(args, ledgers, settings, console) if args.tune else _judged(args, ledgers, settings, console)
    finally:
        console.end_live()
    if args.json:
        console.show_json(found, indent=None)
    return EXIT_OK


def _prior(source: str | None) -> Prior | None:
    from memorylab.core.guard.priors import Prior
    from memorylab.lab import field

    if source == "off":
        return None
    return Prior((field.read(path(source)) if source else field.shipped(),))


def _tuned(args: argparse.Namespace, ledgers: Sequence[Ledger], settings: Settings, console: Console) -> Any:
    from memorylab.lab.contest import tune
    from memorylab.render import contest as render

    limit = None if args.max_lost is None else args.max_lost / 100
    found = tune(ledgers, settings, limit, console.live)
    console.end_live()
    if not args.json:
        console.show(render.tuning(found, console.width, console.color))
    return found


def _judged(args: argparse.Namespace, ledgers: Sequence[Ledger], settings: Settings, console: Console) -> Any:
    """The document for --json; without it, what was found is shown."""
    from memorylab.lab.contest import contest
    from memorylab.render import contest as render
    from memorylab.render import text_board

    found = contest(ledgers, settings, args.rules, args.chart is not None, console.live)
    console.end_live()
    results, total = found["ledgers"], found["total"]
    if not args.json:
        if len(results) == 1:
            console.show(text_board.replay(results[0], console.width))
        else:
            console.show(render.ledgers(results, total, console.width, console.color))
        if args.rules:
            console.show(
                render.rules((total if len(results) > 1 else results[0])["rules"], console.width, console.color)
            )
    if args.chart is not None:
        _draw(args, found["frontiers"], [str(ledger.path) for ledger in ledgers], console)
    return _document(found, plain=not args.rules and args.chart is None)


def _draw(args: argparse.Namespace, frontiers: dict[str, Frontier], names: Sequence[str], console: Console) -> None:
    from memorylab.render import frontier as chart

    about = f"{names[0] if len(names) == 1 else f'{len(names)} ledgers'}, {args.mode}"
    to_file = isinstance(args.chart, Path)
    if to_file:
        save(args, args.chart, [chart.svg(frontiers, about)], "the chart")
    if not args.json:
        console.show("\n" + (f"Chart: {args.chart}" if to_file else chart.text(frontiers, about, console.width)))


def _document(found: dict[str, Any], plain: bool) -> Any:
    """One ledger is one object, several are a list; with rules or a chart several are an object with their total."""
    results = found["ledgers"]
    extra: dict[str, Any] = {}
    if "frontiers" in found:
        extra["frontier"] = {name: _points(line) for name, line in found["frontiers"].items()}
    if len(results) == 1:
        return results[0] | extra
    return results if plain else {"ledgers": results, "total": found["total"]} | extra


def _points(line: Frontier) -> list[dict[str, Any]]:
    return [
        {"threshold": point.threshold, "wins_lost": lost, "failures_caught": caught}
        for point in line.points
        for lost, caught in [line.shares(point)]
    ]


def _rules(text: str) -> tuple[str, ...]:
    """An argparse type: names of rules, separated by commas."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    if names == ("all",):
        return RULES
    unknown = [name for name in names if name not in RULES]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is no rule; there are {', '.join(RULES)}, and all")
    return names


def _svg(text: str) -> Path:
    """An argparse type: an SVG file to write. A ledger that was meant as one must not be overwritten by a chart."""
    if not text.endswith(".svg"):
        raise argparse.ArgumentTypeError(f"{text!r} does not end in .svg (name ledgers before --chart)")
    return path(text)
