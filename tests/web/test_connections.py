"""No client holds the server up: what isn't finished ends by itself, and what is too much is refused."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import httpx
import pytest
import uvicorn

from memorylab.lab.context import Context
from memorylab.lab.window import Window
from memorylab.web import app as application_module
from memorylab.web import connections, live, serving
from memorylab.web.app import application
from memorylab.web.security import HEADERS, Access
from tests.web.site import archive, row, write
from tests.web.wire import Served, read, served

HOST = b"Host: localhost\r\n"
EVENTS = b"GET /api/events HTTP/1.1\r\n" + HOST + b"\r\n"
TOKEN = "a-token-that-nobody-guesses"


class Quick:
    """A server in a thread of the test, whose deadlines are fractions of a second."""

    def __init__(self, place: Path, token: str | None = None) -> None:
        self.bound = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.bound.getsockname()[1]
        gate = application(lambda: Window(Context.open(place)), Access(token=token), lambda: self.server.should_exit)
        self.server: uvicorn.Server = serving.server_of(gate)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.bound]})
        self.thread.start()

    def socket(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 20)

    def end(self) -> None:
        self.server.should_exit = True
        self.thread.join(20)
        self.bound.close()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REQUEST_S", 0.6)
    monkeypatch.setattr(connections, "STALLED_S", 1.0)
    monkeypatch.setattr(application_module, "_BODY_S", 0.6)


@pytest.fixture(params=["open", "guarded"])
def quick(place: Path, soon: None, request: pytest.FixtureRequest) -> Iterator[Quick]:
    found = Quick(place, TOKEN if request.param == "guarded" else None)
    yield found
    found.end()


def _trickled(server: Quick, first: bytes, each: bytes) -> tuple[float, bytes]:
    """How long a connection lives on which some bytes are sent and then one piece after the other."""
    began, got = time.monotonic(), b""
    with server.socket() as connection:
        connection.settimeout(0.1)
        try:
            connection.sendall(first)
            while time.monotonic() - began < 15:
                if each:
                    connection.sendall(each)
                try:
                    piece = connection.recv(1 << 16)
                    got += piece
                    if not piece:
                        break
                except TimeoutError:
                    pass
        except OSError:
            pass
    return time.monotonic() - began, got


@pytest.mark.parametrize(
    ("first", "each"),
    [
        (b"", b""),
        (b"GET /help HT", b""),
        (b"\r\n", b"\r\n"),
        (b"GET /help HTTP/1.1\r\n" + HOST, b"X-A: b\r\n"),
        (b"GET /help HTTP/1.1\r\n" + HOST + b"Content-Length: 999\r\n\r\n", b" "),
        (b"POST /api/check HTTP/1.1\r\n" + HOST + b"Content-Length: 999\r\n\r\n", b" "),
        (b"POST /api/check HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (b"GET /static/app.js HTTP/1.1\r\n" + HOST + b"\r\nGET /sta", b""),
    ],
    ids=["nothing", "half a line", "empty lines", "headers", "body of a GET", "body", "chunks", "second request"],
)
def test_a_request_that_does_not_come_whole_ends_its_connection(quick: Quick, first: bytes, each: bytes) -> None:
    took, _ = _trickled(quick, first, each)
    assert took < 10


def test_a_body_that_trickles_is_answered_before_it_is_given_up(place: Path, soon: None) -> None:
    server = Quick(place)
    try:
        head = b"POST /api/check HTTP/1.1\r\n" + HOST + b"Content-Length: 999\r\n\r\n"
        _, got = _trickled(server, head, b" ")
        assert got.startswith(b"HTTP/1.1 408") and b'"hint"' in got and b"content-security-policy" in got
    finally:
        server.end()


def test_a_reader_who_takes_nothing_is_given_up(place: Path, soon: None) -> None:
    one = row(500, "keep", 0.9)
    write(place, [one | {"artifacts": archive(place, one["run_id"], log="x" * (8 << 20))}])
    server = Quick(place)
    try:
        with closing(socket.socket()) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", server.port))
            connection.sendall(
                f"GET /archive?id={one['run_id']}&file=run.log HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
            )
            held = server.server.server_state.connections
            assert _within(10, lambda: len(held) == 1)
            assert _within(10, lambda: not held), "it sends no more, and the connection is let go of"
    finally:
        server.end()


def test_a_slow_reader_gets_all_of_it(place: Path, soon: None) -> None:
    one = row(500, "keep", 0.9)
    write(place, [one | {"artifacts": archive(place, one["run_id"], log="x" * (2 << 20))}])
    server = Quick(place)
    try:
        with server.socket() as connection:
            asked = (
                f"GET /archive?id={one['run_id']}&file=run.log HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
            connection.sendall(asked.encode())
            got = b""
            while piece := connection.recv(1 << 16):
                got += piece
                time.sleep(0.04)
        assert got.count(b"x") >= 2 << 20
    finally:
        server.end()


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def _burst(server: Served, count: int, request: bytes, stack: ExitStack) -> list[socket.socket]:
    """So many connections at once, each with the same request."""
    found = []
    for _ in range(count):
        connection = stack.enter_context(closing(socket.socket()))
        connection.setblocking(False)
        connection.connect_ex(("127.0.0.1", server.port))
        found.append(connection)
    for connection in found:
        connection.settimeout(20)
        _sent(connection, request)
    return found


def _sent(connection: socket.socket, request: bytes) -> None:
    with suppress(OSError):
        connection.sendall(request)


def _status(connection: socket.socket) -> str:
    try:
        return connection.recv(1 << 16)[9:12].decode() or "closed"
    except OSError:
        return "closed"


@pytest.mark.skipif(sys.platform != "linux", reason="needs a thousand sockets")
def test_of_a_thousand_streams_at_once_a_hundred_are_told_and_pages_go_on_afterwards(place: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4096), hard), hard))
    with served(place) as server, ExitStack() as stack:
        assert httpx.get(f"{server.address}help", timeout=30).status_code == 200
        seen = Counter(_status(connection) for connection in _burst(server, 1_000, EVENTS, stack))
        assert seen["200"] == live.MOST and seen["503"] >= connections.MOST - live.MOST, seen
        assert set(seen) <= {"200", "503", "closed"}
        assert server.memory_mb() < 150
        stack.close()
        assert _within(10, lambda: httpx.get(f"{server.address}help", timeout=30).status_code == 200)


def test_beyond_its_connections_everybody_is_told_to_come_back(place: Path, soon: None,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(connections, "MOST", 3)
    monkeypatch.setattr(connections, "REQUEST_S", 5.0)
    server = Quick(place)
    try:
        with ExitStack() as stack:
            for _ in range(3):
                stack.enter_context(server.socket())
            assert _within(5, lambda: len(server.server.server_state.connections) == 3)
            with server.socket() as late:
                late.sendall(b"GET /help HTTP/1.1\r\n" + HOST + b"\r\n")
                told = read(late).lower()
            assert told.startswith(b"http/1.1 503") and b"retry-after: 5" in told and b"default-src 'none'" in told
        assert _within(5, lambda: not server.server.server_state.connections)
        assert httpx.get(f"http://127.0.0.1:{server.port}/help").status_code == 200
    finally:
        server.end()


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_the_server_ends_soon_whatever_is_under_way(place: Path, by: signal.Signals) -> None:
    lines = "".join(f"{'-+'[n % 2]}a b c d{n}\n" for n in range(990))
    patch = f"--- a/train.py\n+++ b/train.py\n@@ -1,495 +1,495 @@\n{lines}"
    with served(place) as server, ExitStack() as stack:
        httpx.get(server.address, timeout=30)
        for request in (
            b"",
            b"GET /he",
            EVENTS,
            EVENTS,
            b"POST /api/check HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n",
        ):
            connection = stack.enter_context(server.socket())
            connection.sendall(request)
        asking = threading.Thread(target=_asked, args=(f"{server.address}api/check", patch))
        asking.start()
        time.sleep(0.3)
        took = server.end(by)
        asking.join()
        assert server.process.returncode in (0, -by, 128 + by)
        assert took < 2.5, "two seconds, on a machine that does nothing else"


def _asked(url: str, patch: str) -> None:
    with suppress(httpx.HTTPError):
        httpx.post(url, json={"description": "x", "patch": patch}, timeout=30)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"NONSENSE\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"421"),
        (b"GET / HTTP/1.0\r\n\r\n", b"421"),
        (b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n", b"4"),
        (b"GET /runs?q=" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 200_000, b"400"),
        (b"OPTIONS / HTTP/1.1\r\n" + HOST + b"\r\n", b"405"),
        (b"HEAD /help HTTP/1.1\r\n" + HOST + b"\r\n", b"200"),
        (b"HEAD /api/events HTTP/1.1\r\n" + HOST + b"\r\n", b"200"),
        (b"GET /help HTTP/1.1\r\n" + HOST + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n", b"200"),
        (b"POST /api/check HTTP/1.1\r\n" + HOST + b"Content-Length: 9999999999\r\n\r\n", b"413"),
        (b"GET /%ed%a0%80%00%1b HTTP/1.1\r\n" + HOST + b"\r\n", b"404"),
        (b"GET /static/app.js HTTP/1.1\r\n" + HOST + b"Range: bytes=0-0,1-1\r\n\r\n", b"200"),
        (b"GET /help HTTP/1.1\r\n" + HOST + b"\r\nNONSENSE\r\n\r\n", b"200"),
    ],
)
def test_every_answer_on_the_wire_has_the_headers(place: Path, soon: None, request_: bytes, status: bytes) -> None:
    server = Quick(place)
    try:
        with server.socket() as connection:
            _sent(connection, request_)
            head = read(connection).partition(b"\r\n\r\n")[0].lower()
        assert head.startswith(b"http/1.1 " + status), head
        for name, value in HEADERS.items():
            assert f"{name}: {value}".lower().encode() in head, name
    finally:
        server.end()


def test_requests_in_one_piece_are_all_answered_in_order(place: Path, soon: None) -> None:
    server = Quick(place)
    try:
        with server.socket() as connection:
            names = ("app.js", "nothing", "style.css") * 7
            connection.sendall(b"".join(f"GET /static/{name} HTTP/1.1\r\n".encode() + HOST + b"\r\n" for name in names))
            got = read(connection)
        found = [part[:3] for part in got.split(b"HTTP/1.1 ")[1:]]
        assert found == [b"200", b"404", b"200"] * 7
    finally:
        server.end()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_log_as_large_as_a_disk_is_read_at_both_ends(place: Path) -> None:
    one = row(500, "keep", 0.9, run_id="huge")
    write(place, [one | {"artifacts": archive(place, "huge", log="the beginning\n")}])
    log = place / "results" / "memorylab" / "runs" / "huge" / "run.log"
    with log.open("r+b") as file:
        file.truncate(3 << 30)
        file.seek(0, os.SEEK_END)
        file.write(b"\nthe end\n")
    with served(place) as server:
        httpx.get(f"{server.address}help", timeout=30)
        before = server.memory_mb()
        answer = httpx.get(f"{server.address}archive?id=huge&file=run.log", timeout=30)
        page = httpx.get(f"{server.address}run?id=huge", timeout=30)
        grown = server.memory_mb() - before
    assert answer.text.startswith("the beginning\n") and answer.text.endswith("\nthe end\n")
    assert "bytes left out here; the file is whole" in answer.text and len(answer.content) < 9 << 20
    assert "the end" in page.text and "3072.0 MB" in page.text
    assert grown < 50


def test_what_is_no_file_is_none(place: Path) -> None:
    one = row(500, "keep", 0.9, run_id="odd")
    write(place, [one | {"artifacts": archive(place, "odd")}])
    directory = place / "results" / "memorylab" / "runs" / "odd"
    os.mkfifo(directory / "train.patch")
    (directory / "summary.json").symlink_to("/dev/zero")
    (directory / "decision_packet.md").mkdir()
    with served(place) as server:
        for name in ("train.patch", "summary.json", "decision_packet.md"):
            assert httpx.get(f"{server.address}archive?id=odd&file={name}", timeout=10).status_code == 404
        page = httpx.get(f"{server.address}run?id=odd", timeout=10)
        assert page.status_code == 200 and "No patch was archived" in page.text


def test_a_traceback_in_the_terminal_holds_no_escape_sequences() -> None:
    record = logging.LogRecord(
        "uvicorn.error", logging.ERROR, "", 0, "fell over %s", ("\x1b]0;gotcha\x07\x1b[2J\u202e",), None
    )
    assert serving._Plain("%(message)s").format(record) == "fell over "


def test_who_is_cut_off_at_the_end_leaves_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = list(root.handlers)
    serving._log_plainly()
    try:
        for error in (asyncio.CancelledError(), ValueError("odd")):
            logging.getLogger("uvicorn.error").error("fell over", exc_info=error)
    finally:
        root.handlers[:] = before
    told = capsys.readouterr().err
    assert told.count("fell over") == 1 and "ValueError: odd" in told
