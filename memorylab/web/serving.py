"""Runs the dashboard until it is stopped; decides under which names it may be asked and whether it needs a token."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from memorylab.core.runs.redact import plain
from memorylab.errors import LabError, UsageError
from memorylab.lab.window import Window
from memorylab.web import connections
from memorylab.web.app import application
from memorylab.web.security import LOOPBACK, Access

PORT = 8787
_SHORTEST_TOKEN = 16
_HINTS = {
    errno.EADDRINUSE: "choose another with --port, 0 for any free one; a `serve` may run there already",
    errno.EACCES: "choose a port from 1024 on with --port",
}


def access(host: str, port: int, token: str | None) -> Access:
    """Who may ask a server that is bound to `host`. Where others can reach it a token is made if none is given.

    Raises:
        UsageError: the token can be guessed.

    """
    if token is not None and (len(token) < _SHORTEST_TOKEN or not token.isascii() or not token.isprintable()):
        hint = "leave it out and one is made, or `python -c 'import secrets; print(secrets.token_urlsafe())'`"
        raise UsageError(f"the token is shorter than {_SHORTEST_TOKEN} plain characters", hint)
    if is_loopback(host):
        return Access(token=token, port=port)
    every = host in ("0.0.0.0", "::")
    names = LOOPBACK | {host.lower(), socket.gethostname().lower()}
    return Access(names, every, token or secrets.token_urlsafe(24), port)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what is bound to it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def serve(
    open_window: Callable[[], Window],
    host: str,
    port: int,
    token: str | None,
    ready: Callable[[str], None],
    tell: Callable[[str], None],
) -> None:
    """Serve until interrupted; `ready` is told the address when the port is ours, `tell` of an index being built.

    Raises:
        LabError: the port is taken or not allowed.
        UsageError: the token can be guessed.

    """
    with _bound(host, port) as bound:
        port = bound.getsockname()[1]
        allowed = access(host, port, token)
        shown = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)
        shown = f"[{shown}]" if ":" in shown else shown
        ready(f"http://{shown}:{port}/" + (f"?token={allowed.token}" if allowed.token else ""))
        app = application(open_window, allowed, lambda: server.should_exit, tell)
        _log_plainly()
        server = server_of(app)
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it ends
            server.run(sockets=[bound])


def server_of(app: ASGIApp) -> uvicorn.Server:
    """The server of an application, with all limits of `memorylab.web.connections`."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level="error",  # a warning is one for each request that is none
            access_log=False,
            server_header=False,
            lifespan="on",
            timeout_graceful_shutdown=1,
            loop="asyncio",
            http=connections.Connection,
            h11_max_incomplete_event_size=connections.HEAD,
            ws="none",
        )
    )


class _Plain(logging.Formatter):
    """What went wrong in words for a terminal: a traceback quotes what clients and agents wrote."""

    def format(self, record: logging.LogRecord) -> str:
        return plain(super().format(record), newlines=True)


def _log_plainly() -> None:
    """Print what fails; not that a request was cut off because the server ends."""
    printer = logging.StreamHandler()
    printer.setFormatter(_Plain("%(levelname)s: %(message)s"))
    printer.addFilter(lambda record: not isinstance((record.exc_info or (None, None))[1], asyncio.CancelledError))
    logging.getLogger().addHandler(printer)


def _bound(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        # The system's own words: Python adds to them what it was doing.
        known = error.errno is not None and not isinstance(error, socket.gaierror)
        reason = os.strerror(error.errno or 0) if known else error.strerror or str(error)
        hint = _HINTS.get(error.errno or 0, "give --host an address of this machine")
        raise LabError(f"can't serve on {host} port {port}: {reason[:1].lower()}{reason[1:]}", hint) from error
