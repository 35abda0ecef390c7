"""The command line: finds the command, runs it, and is the one place that prints errors."""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

from memorylab.cli.console import Console
from memorylab.errors import EXIT_ERROR, EXIT_OK, EXIT_USAGE, LabError, UsageError


class Command(NamedTuple):
    """A sub-command: the module that holds it (`add_NAME` and `NAME`), imported when it is called, and one line."""

    module: str
    help: str


COMMANDS = {
    "init": Command("recording", "create the store in this workspace"),
    "check": Command("asking", "ask history about an idea before running it"),
    "claims": Command("claiming", "list the ideas that agents have reserved, or give one back"),
    "run": Command("recording", "check, train under supervision, and log, in one command"),
    "log": Command("recording", "record a finished run and decide what is next"),
    "accept": Command("accepting", "let a run lead that was marked when it was logged"),
    "pin": Command("accepting", "agree on the judge as it is now, with a person's consent"),
    "report": Command("reading", "write the morning report"),
    "watch": Command("watching", "keep a live board of the campaign on the terminal"),
    "history": Command("reading", "list the newest runs"),
    "show": Command("reading", "show one run in full"),
    "search": Command("reading", "find runs by words"),
    "best": Command("reading", "show the champion and its challengers"),
    "knobs": Command("knowing", "show what is known of the knobs that were tried"),
    "noise": Command("measuring", "show how much one run varies by itself, or measure it"),
    "replay": Command("rehearsing", "judge a ledger row by row against its own past"),
    "import": Command("keeping", "take over runs from any results table"),
    "export": Command("keeping", "write all runs as a table"),
    "verify": Command("keeping", "check every line, archive and derived file"),
    "serve": Command("serving", "show the memory in a browser: a live dashboard"),
    "priors": Command("priors", "show, build and load counts of what became of such ideas in other ledgers"),
}

DESCRIPTION = "The research memory around an autonomous training loop."
_UNCOLLECTED = 100_000
"""Objects made between two searches for cyclic garbage, of which there is little; Python's 700 cost a check 7 %."""
EPILOG = "exit codes: 0 done, 1 error, 2 blocked by the guard, 64 wrong usage"


class Help(argparse.HelpFormatter):
    """Help as wide as the terminal. Made for every option that is defined, it must not import shutil for that."""

    def __init__(self, prog: str, **options: Any) -> None:
        super().__init__(prog, **{"width": _width() - 2, **options})


class Parser(argparse.ArgumentParser):
    """An argparse parser whose complaints are one line, as all errors are."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": Help, **options})

    def error(self, message: str) -> NoReturn:
        """Raise what `main` prints."""
        raise UsageError(message, f"`{self.prog} --help` lists what it takes")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every refusal is one line on stderr."""
    if arguments is None:  # a process of its own
        gc.set_threshold(_UNCOLLECTED)
    words = list(sys.argv[1:] if arguments is None else arguments)
    console = Console(words)
    try:
        return _run(words, console)
    except LabError as error:
        if console.debug:
            raise
        console.error(str(error))
        return error.exit_code
    except BrokenPipeError:
        # The reader (head, less) went away: nothing is wrong, but Python must not complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except KeyboardInterrupt:
        console.error("interrupted")
        return 130
    except Exception as error:
        if console.debug:
            raise
        console.error(f"unexpected {type(error).__name__}: {error}; hint: run it again with --debug and report that")
        return EXIT_ERROR


def _run(words: list[str], console: Console) -> int:
    name = None if _asks_for_help(words) else _command(words)
    parser = build_parser([name] if name else list(COMMANDS))
    try:
        args = parser.parse_args(words)
    except SystemExit as stop:  # --help and --version have printed what they had to
        return int(stop.code or EXIT_OK)
    if getattr(args, "command_name", None) is None:
        parser.print_help()
        return EXIT_USAGE
    return int(args.act(args, console))


def _command(words: list[str]) -> str | None:
    """The first word that is a command and not the value of --root."""
    before = ["", *words]
    return next(
        (word for last, word in zip(before, words, strict=False) if word in COMMANDS and last != "--root"), None
    )


def _asks_for_help(words: list[str]) -> bool:
    return not words or words[0] in ("-h", "--help", "--version")


def build_parser(names: Sequence[str]) -> Parser:
    """A parser for these commands; a call builds the one it needs, the documentation all of them."""
    parser = Parser(prog="memorylab", description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--version", action="version", version=_version())
    add_common(parser)
    commands = parser.add_subparsers(dest="command_name", metavar="COMMAND", parser_class=Parser)
    for name in names:
        command = COMMANDS[name]
        module = importlib.import_module(f"memorylab.cli.{command.module}")
        child = commands.add_parser(
            name, help=command.help, description=f"{command.help[:1].upper()}{command.help[1:]}."
        )
        add_common(child)
        getattr(module, f"add_{name}")(child)
        child.set_defaults(act=getattr(module, f"{name}_" if name == "import" else name))
    parser.set_defaults(root=None, json=False, debug=False)
    return parser


def add_common(parser: argparse.ArgumentParser) -> None:
    """Define the options that stand before and behind every command's name."""
    default = argparse.SUPPRESS
    group = parser.add_argument_group("everywhere")
    group.add_argument("--root", metavar="DIR", default=default, help="the workspace (default: the one around here)")
    group.add_argument("--json", action="store_true", default=default, help="print one JSON document and nothing else")
    group.add_argument("--debug", action="store_true", default=default, help="show the traceback of an error")


def _width() -> int:
    """Columns of the terminal as help is laid out for it, 80 where there is none."""
    try:
        return int(os.environ.get("COLUMNS", "")) or 80
    except ValueError:
        pass
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80 if sys.__stdout__ else 80
    except (OSError, ValueError):
        return 80


def _version() -> str:
    from memorylab import __version__

    return f"memorylab {__version__}"
