"""Writes `docs/cli.md` from the parsers themselves; a test compares the page with `--help`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cli.md"


def reference() -> str:
    """The page's text."""
    os.environ["COLUMNS"] = "100"  # argparse wraps its help to the terminal
    from memorylab.cli import COMMANDS, build_parser

    parser = build_parser(list(COMMANDS))
    action = next(a for a in parser._actions if a.dest == "command_name")
    parts = [
        "# Command line\n\nWritten by `make docs` from `--help`; don't edit.\n",
        _block("memorylab", parser.format_help()),
    ]
    for name in COMMANDS:
        parts += _blocks(action.choices[name])  # type: ignore[index]
    return "\n".join(parts)


def _blocks(parser: argparse.ArgumentParser) -> list[str]:
    """A command's help, and that of its own commands."""
    own = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    more = [block for action in own for child in action.choices.values() for block in _blocks(child)]
    return [_block(parser.prog, parser.format_help()), *more]


def _block(title: str, text: str) -> str:
    return f"## {title}\n\n```text\n{text.rstrip()}\n```\n"


if __name__ == "__main__":
    sys.path.insert(0, str(PAGE.parents[1]))
    PAGE.write_text(reference())
