"""The command line: finds the command, runs it, and is the one place that prints errors."""

from __future__ import annotations

import argparse
import errno
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from memorylab.cli.console import WIDEST, Console, Unprinted
from memorylab.errors import EXIT_ERROR, EXIT_OK, EXIT_USAGE, LabError, UsageError
from memorylab.tuples import NamedTuple


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
    "amend": Command("correcting", "correct the status or the value of a run; what was recorded stays"),
    "retract": Command("correcting", "take a run out of evidence; what was recorded stays"),
    "report": Command("reading", "write the morning report"),
    "watch": Command("watching", "keep a live board of the campaign on the terminal"),
    "history": Command("reading", "list the newest runs"),
    "show": Command("reading", "show one run in full"),
    "search": Command("reading", "find runs by words"),
    "best": Command("reading", "show the champion and its challengers"),
    "brief": Command("knowing", "tell an agent without context where the campaign stands"),
    "checkout": Command("checkout", "say which run's the code here is, or bring back that of a run"),
    "knobs": Command("knowing", "show what is known of the knobs that were tried"),
    "ideas": Command("knowing", "propose what to try next, with concrete values"),
    "noise": Command("measuring", "show how much one run varies by itself, or measure it"),
    "replay": Command("rehearsing", "judge a ledger row by row against its own past"),
    "import": Command("keeping", "take over runs from any results table"),
    "export": Command("keeping", "write all runs as a table"),
    "verify": Command("keeping", "check every line, archive and derived file"),
    "serve": Command("serving", "show the memory in a browser: a live dashboard"),
    "campaign": Command("campaigning", "list the campaigns of this workspace, or say which is in use"),
    "priors": Command("priors", "show, build and load counts of what became of such ideas in other ledgers"),
}

DESCRIPTION = "The research memory around an autonomous training loop."
_UNCOLLECTED = 100_000
"""Objects made between two searches for cyclic garbage, of which there is little; Python's 700 cost a check 7 %."""
_NAMES = frozenset(("root", "source", "diff", "priors", "words"))
"""Options that name a file or hold a command; those of type `path` are no texts anyway."""
_VALUED = ("--root", "--campaign")
_SHOWN = 400
"""Characters of a message that quotes what was given."""
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
        told = message if len(message) <= _SHOWN else f"{message[:_SHOWN]}..."
        raise UsageError(told, f"`{self.prog} --help` lists what it takes")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every refusal is one line on stderr."""
    if arguments is None:  # a process of its own
        gc.set_threshold(_UNCOLLECTED)
        _open_standard_streams()
    words = list(sys.argv[1:] if arguments is None else arguments)
    console = Console(words)
    console.alone = arguments is None
    try:
        code = console.outcome = _run(words, console)
        console.flush()
    except (Exception, KeyboardInterrupt) as error:
        code = _cut_short(error, console)
    if console.alone and console.settled:  # SQLite still tidies up when Python ends, and takes its time
        from memorylab.cli import interrupts

        interrupts.ignore()
    return code


def _cut_short(error: BaseException, console: Console) -> int:
    """Say on one line why a command ended early, and return its exit code.

    What it had settled by then stands: a failure to tell of it is none of the command, which would be repeated.
    """
    if isinstance(error, Unprinted):
        console.hush()
    if console.settled and not console.partial:
        if console.debug:
            import traceback

            traceback.print_exception(error)
        console.warn(f"{'; '.join(console.settled)}; but {_reason(error)}")
        return console.outcome
    if isinstance(error, Unprinted) and error.reader_left and not console.settled:  # head, less: nothing is wrong
        return console.outcome
    if console.debug and isinstance(error, Exception):
        raise error
    console.error("; ".join([*console.settled, _reason(error)]))
    if isinstance(error, KeyboardInterrupt):
        return 128 + getattr(error, "number", 2)
    if isinstance(error, Unprinted):
        return console.outcome or EXIT_ERROR
    return error.exit_code if isinstance(error, LabError) else EXIT_ERROR


def _reason(error: BaseException) -> str:
    """What went wrong, with what to do; of an input that is quoted, which may be a megabyte long, the beginning."""
    if isinstance(error, LabError):
        # Hints are our own words, and may hold a command that is pasted: they stay whole.
        message = error.message if len(error.message) <= _SHOWN else f"{error.message[:_SHOWN]}..."
        return str(LabError(message, error.hint))
    if isinstance(error, Unprinted):
        return str(error)
    what, hints = _told(error)
    hints += getattr(error, "__notes__", ())
    return f"{what}; hint: {'; '.join(hints)}" if hints else what


def _told(error: BaseException) -> tuple[str, list[str]]:
    """What went wrong, and what to do, where no command has words of its own for it."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", []
    if isinstance(error, OSError):
        from memorylab import files

        known = files.explain(error, "finish")
        return known.message, [known.hint] if known.hint else []
    if type(error).__module__ == "sqlite3":  # the disk, met while the index is read: it holds nothing of its own
        return f"the index can't be used: {str(error)[:_SHOWN]}", ["run it again: the index is made of the ledger"]
    if isinstance(error, RecursionError):
        return "something in the input is nested too deeply", ["--debug shows where it is read"]
    if isinstance(error, MemoryError):
        return "there is not enough memory", ["--debug shows where it ran out"]
    return f"unexpected {type(error).__name__}: {str(error)[:_SHOWN]}", ["run it again with --debug and report that"]


def _open_standard_streams() -> None:
    """Let no file that is opened take the number of a closed stream: whatever writes there would write into it."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError as error:
            if error.errno == errno.EBADF:
                os.open(os.devnull, os.O_RDWR)


def _run(words: list[str], console: Console) -> int:
    name = None if _asks_for_help(words) else _command(words)
    parser = build_parser([name] if name else list(COMMANDS))
    options = words[: words.index("--")] if "--" in words else words
    if empty := next((word for word in options if word.startswith("-") and word.endswith("=--")), None):
        parser.error(f"{empty}: -- ends the options and is no value")  # argparse would make an empty list of it
    try:
        args = parser.parse_args(words)
    except SystemExit as stop:  # --help and --version have printed what they had to
        return int(stop.code or EXIT_OK)
    if getattr(args, "command_name", None) is None:
        parser.print_help()
        return EXIT_USAGE
    _make_sound(args)
    return int(args.act(args, console))


def _make_sound(args: argparse.Namespace) -> None:
    """Replace bytes that are no UTF-8 in words, which are stored; names of files and commands are left as they are."""
    for name, value in vars(args).items():
        if name in _NAMES:
            continue
        if isinstance(value, str):
            setattr(args, name, _sound(value))
        elif isinstance(value, list):
            setattr(args, name, [_sound(item) if isinstance(item, str) else item for item in value])


def _sound(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _command(words: list[str]) -> str | None:
    """The first word that is a command and not the value of --root or --campaign."""
    before = ["", *words]
    return next(
        (word for last, word in zip(before, words, strict=False) if word in COMMANDS and last not in _VALUED), None
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
    parser.set_defaults(root=None, campaign=None, json=False, debug=False)
    return parser


def add_common(parser: argparse.ArgumentParser) -> None:
    """Define the options that stand before and behind every command's name."""
    default = argparse.SUPPRESS
    group = parser.add_argument_group("everywhere")
    group.add_argument("--root", metavar="DIR", default=default, help="the workspace (default: the one around here)")
    group.add_argument(
        "--campaign", metavar="NAME", default=default, help="the campaign (default: the one in use); init begins it"
    )
    group.add_argument("--json", action="store_true", default=default, help="print one JSON document and nothing else")
    group.add_argument("--debug", action="store_true", default=default, help="show the traceback of an error")


def _width() -> int:
    """Columns of the terminal as help is laid out for it, 80 where there is none."""
    try:
        return min(int(os.environ.get("COLUMNS", "")), WIDEST) or 80
    except ValueError:
        pass
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80 if sys.__stdout__ else 80
    except (OSError, ValueError):
        return 80


def _version() -> str:
    from memorylab import __version__

    return f"memorylab {__version__}"
