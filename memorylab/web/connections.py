"""Ends what a client begins and doesn't go on with: a request that never comes whole, an answer that nobody reads.

Nothing here asks for the token: who hasn't shown it yet could hold a connection open as well as anybody.
"""

from __future__ import annotations

import asyncio

import h11
from starlette.responses import JSONResponse
from uvicorn.protocols.http.h11_impl import H11Protocol

from memorylab.web.security import HEADERS

REQUEST_S = 10.0
"""From its connection on, or from the last answer, a request must be there after so long, however it trickles."""
STALLED_S = 20.0
"""An answer that waits so long for its reader to take anything is given up."""
MOST = 256
"""Connections that are answered at the same time; streams of news are among them."""
_TOLD = 512
"""So many more are told that there are too many; any beyond are closed unheard, before the system runs out of files."""
HEAD = 32 << 10
"""Bytes of a request's head that are kept while it isn't whole."""

_busy = JSONResponse(
    {"error": "too many connections", "hint": "ask again in a moment, and let go of connections that are not needed"},
    503,
    {**HEADERS, "cache-control": "no-store", "retry-after": "5", "connection": "close"},
)


class Connection(H11Protocol):
    """uvicorn's connection with deadlines, and a limit that counts connections rather than requests."""

    _overdue: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MOST + _TOLD:
            transport.abort()
            return
        if len(self.connections) > MOST:
            self.app = _busy
        self._expect(REQUEST_S)

    def data_received(self, data: bytes) -> None:
        """Read on; what comes in piece by piece wins no time."""
        super().data_received(data)
        if self._answering:
            _cancel(self._overdue)

    def on_response_complete(self) -> None:
        """Wait for the next request; a reader who is behind may still take what is under way."""
        super().on_response_complete()
        if not self._answering:
            self._expect(STALLED_S)

    def pause_writing(self) -> None:
        """Wait for a reader who is behind, but not for ever."""
        super().pause_writing()
        self._stalled = self.loop.call_later(STALLED_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the reader has taken something."""
        super().resume_writing()
        _cancel(self._stalled)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        super().connection_lost(exc)
        _cancel(self._overdue)
        _cancel(self._stalled)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; in the middle of an answer nothing else can be said."""
        if self._answering or self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.abort()
            return
        headers = [*HEADERS.items(), ("content-type", "text/plain; charset=utf-8"), ("connection", "close")]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=b"400: this is no HTTP request\n"),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _expect(self, seconds: float) -> None:
        _cancel(self._overdue)
        self._overdue = self.loop.call_later(seconds, self.transport.abort)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
