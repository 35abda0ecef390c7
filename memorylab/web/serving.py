"""Runs the dashboard until it is stopped; decides under which names it may be asked and whether it needs a token."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from memorylab.errors import LabError, UsageError
from memorylab.lab.window import Window
from memorylab.web.app import application
from memorylab.web.security import LOOPBACK, Access

PORT = 8787
_SHORTEST_TOKEN = 16


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
    open_window: Callable[[], Window], host: str, port: int, token: str | None, ready: Callable[[str], None]
) -> None:
    """Serve until interrupted; `ready` is told the address when the port is ours.

    Raises:
        LabError: the port is taken or not allowed.
        UsageError: the token can be guessed.

    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bound = socket.create_server((host, port), family=family, backlog=512)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise LabError(f"can't serve on {host} port {port}: {reason}", "choose another with --port") from error
    with bound:
        port = bound.getsockname()[1]
        allowed = access(host, port, token)
        shown = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)
        shown = f"[{shown}]" if ":" in shown else shown
        ready(f"http://{shown}:{port}/" + (f"?token={allowed.token}" if allowed.token else ""))
        app = application(open_window, allowed, lambda: server.should_exit)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                server_header=False,
                lifespan="on",
                timeout_graceful_shutdown=2,
                loop="asyncio",
                http="h11",
                ws="none",
            )
        )
        with suppress(KeyboardInterrupt):  # Ctrl-C is how it ends
            server.run(sockets=[bound])
