"""Who may ask, and what a browser may do with the answer: checked here for every route, before any of them.

A page that runs on 127.0.0.1 is within reach of every website that its reader visits. What keeps them out: the name
under which we are asked must be ours (a website that lets its own name point here sends its own), a request that was
started by another page is refused, and where others can reach the port they need the token.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from memorylab.tuples import NamedTuple

TARGET = 8 << 10
"""Bytes of an address, path and query; no page has a longer one."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

HEADERS: Mapping[str, str] = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
"""Sent with every answer, refusals among them."""


class Access(NamedTuple):
    """Under which names the server may be asked, and the secret that it wants to hear."""

    names: frozenset[str] = LOOPBACK
    any_address: bool = False
    """Whether every IP address is a name of ours: bound to all of them, we don't know which they are."""
    token: str | None = None
    port: int = 0

    def knows(self, host: str) -> bool:
        """Whether a Host header names us, under any port.

        A website that lets its name point here can't send another name than its own, while behind `ssh -L` our own
        port is another one for those who ask.
        """
        name = _name(host)
        return name in self.names or (self.any_address and _is_address(name))

    @property
    def cookie(self) -> str:
        """The cookie's name; browsers don't keep the cookies of two ports apart."""
        return f"memorylab_{self.port}"

    def pass_word(self) -> str:
        """What the cookie holds: proof of the token, not the token."""
        return hmac.new((self.token or "").encode(), b"memorylab dashboard", hashlib.sha256).hexdigest()


def refusal(path: str, status: int, message: str, hint: str, headers: Mapping[str, str] | None = None) -> Response:
    """Why there is no answer: JSON for programs, a line for everybody else."""
    if path.startswith("/api"):
        return JSONResponse({"error": message, "hint": hint}, status, headers)
    return PlainTextResponse(f"{status}: {message}; {hint}\n", status, headers)


class Gate:
    """ASGI around the whole application, the handler of its last errors among it."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let through with the headers added."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        answer = self._refusal(scope) or self.app
        await answer(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers, path = Headers(scope=scope), scope["path"]
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self.access.knows(hosts[0]):
            return refusal(path, 421, "this server has another name", "use the address that `serve` printed")
        if len(scope["query_string"]) + len(path) > TARGET:
            return refusal(path, 414, f"the address is longer than {TARGET >> 10} kB", "send a long idea by POST")
        origin = headers.get("origin")
        own = "open the address that `serve` printed"
        if origin is not None and origin.lower() not in (f"http://{hosts[0]}".lower(), f"https://{hosts[0]}".lower()):
            return refusal(path, 403, "asked by a page of another site", own)
        if scope["method"] not in ("GET", "HEAD") and origin is None and "sec-fetch-site" in headers:
            return refusal(path, 403, "asked by a page that doesn't say which it is", own)
        return self._without_token(scope, headers) if self.access.token else None

    def _without_token(self, scope: Scope, headers: Headers) -> Response | None:
        """Nothing where the token was told; a redirection that takes it out of the address; else a refusal."""
        given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        told = [value for name, value in given if name == "token"]
        if told and self._is_token(told[0]):
            rest = urlencode([(name, value) for name, value in given if name != "token"])
            path = "/" + quote(scope["path"].lstrip("/\\"))  # "//elsewhere" would be another site
            answer = RedirectResponse(f"{path}?{rest}" if rest else path, 303)
            answer.set_cookie(self.access.cookie, self.access.pass_word(), httponly=True, samesite="lax", path="/")
            return answer
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and self._is_token(bearer.strip()):
            return None
        if _same(_cookie(headers.get("cookie", ""), self.access.cookie), self.access.pass_word()):
            return None
        hint = "open the address with `?token=…` that `memorylab serve` printed, or send it as a bearer token"
        return refusal(scope["path"], 401, "the token is missing or wrong", hint, {"www-authenticate": "Bearer"})

    def _is_token(self, given: str) -> bool:
        return _same(given, self.access.token or "")


def _same(given: str, expected: str) -> bool:
    """Compared in constant time, so that nobody can guess letter by letter."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _cookie(header: str, name: str) -> str:
    """The cookie of a name, which needs no quotes: reading those takes the library a time with the length's square."""
    found = (pair.partition("=") for pair in header.split(";"))
    return next((value.strip() for key, _, value in found if key.strip() == name), "")


def _name(host: str) -> str:
    """The name in a Host header, without its port and an IPv6 address's brackets."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
