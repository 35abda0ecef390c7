"""The command that judges a ledger against its own past: replay."""

from __future__ import annotations

import argparse

from memorylab.cli.console import Console
from memorylab.cli.options import path, similarity
from memorylab.errors import EXIT_OK
from memorylab.records import MODES


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
