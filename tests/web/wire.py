"""`memorylab serve` as a process that tests can measure and end, and bare sockets to it."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.conftest import REPOSITORY


class Served:
    """A server on a free port."""

    def __init__(self, root: Path, *words: str) -> None:
        command = [sys.executable, str(REPOSITORY / "memorylab.py"), "serve", "--port", "0", "--json", *words]
        self.process = subprocess.Popen(
            command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )
        assert self.process.stdout is not None
        self.address = json.loads(self.process.stdout.readline())["address"]
        found = re.search(r":(\d+)/", self.address)
        assert found
        self.port = int(found[1])

    def socket(self, timeout: float = 30.0) -> socket.socket:
        """A connection on which nothing was sent."""
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def said(self, request: bytes, timeout: float = 30.0) -> bytes:
        """What is answered to some bytes until the server closes, or has been silent for so long."""
        with self.socket(timeout) as connection:
            connection.sendall(request)
            return read(connection)

    def memory_mb(self) -> float:
        """The most that it ever held."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+)", status)
        assert found
        return int(found[1]) / 1024

    def end(self, by: signal.Signals = signal.SIGTERM) -> float:
        """Seconds that it takes to end."""
        began = time.monotonic()
        self.process.send_signal(by)
        self.process.wait(30)
        return time.monotonic() - began


def read(connection: socket.socket, most: int = 1 << 24) -> bytes:
    """What comes until the other side closes or falls silent."""
    found = b""
    with suppress(OSError):
        while len(found) < most and (piece := connection.recv(1 << 16)):
            found += piece
    return found


@contextmanager
def served(root: Path, *words: str) -> Iterator[Served]:
    """The server, which is gone afterwards whatever happens."""
    found = Served(root, *words)
    try:
        yield found
    finally:
        with suppress(OSError):
            found.process.kill()
        found.process.communicate()
