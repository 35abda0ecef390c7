"""The command that shows the memory in a browser: serve."""

from __future__ import annotations

import argparse

from memorylab.adapters.campaigns import called
from memorylab.cli.console import Console
from memorylab.cli.options import number_in, open_window
from memorylab.errors import EXIT_OK, MissingExtra


def add_serve(parser: argparse.ArgumentParser) -> None:
    """Define the options of serve."""
    parser.add_argument(
        "--host", type=_host, default="127.0.0.1", metavar="HOST", help="address to bind (127.0.0.1: this machine)"
    )
    parser.add_argument("--port", type=_port, default=8787, metavar="N", help="port to bind, 0 for any free one (8787)")
    parser.add_argument(
        "--token",
        metavar="TOKEN",
        help="what a reader must show (default: $MEMORYLAB_TOKEN; made and printed for any host but this machine)",
    )


def serve(args: argparse.Namespace, console: Console) -> int:
    """Show the dashboard until interrupted; it reads the memory and writes nothing to it."""
    try:
        from memorylab.web import serving
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing == "memorylab":
            raise
        raise MissingExtra("serve", missing, "web") from error
    import os

    window = open_window(args, console)  # a workspace that can't be opened is told before the port is
    place = window.context.place
    args.campaign = called(place.campaign)  # whatever is in use when the next thread opens it
    whose = f", campaign {place.campaign}" if place.campaign else ""

    def ready(address: str) -> None:
        if args.json:
            console.show_json({"address": address}, indent=None)
        else:
            console.show(f"{address}\nShows {place.memory_root}{whose}, read-only. Ctrl-C ends it.")
        console.flush()

    token = args.token or os.environ.get("MEMORYLAB_TOKEN") or None
    serving.serve(lambda: open_window(args, console), args.host, args.port, token, ready, console.live)
    return EXIT_OK


def _host(text: str) -> str:
    """An argparse type: something that can be looked up."""
    try:
        text.encode("idna")
    except UnicodeError as error:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no name of a machine") from error
    return text


def _port(text: str) -> int:
    return int(number_in(0, 65535, "port")(text))
