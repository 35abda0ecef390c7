"""The files of a run's archive as plain text, piece by piece: one may be as large as a disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from memorylab.lab.window import Window
from memorylab.web import forms

HEAD, TAIL = 2 << 20, 6 << 20
"""Bytes sent of a longer file's beginning and end: what MemoryLab keeps of a log, which it never made longer."""
WHOLE = HEAD + TAIL + (64 << 10)
"""Bytes of the longest file that is sent whole; a cut log has a line about what was left out."""
_PIECE = 64 << 10


def archived_file(window: Window, params: Mapping[str, str]) -> Response:
    """One file of a run's archive, whatever is in it."""
    row = window.run(forms.text(params, "id"))
    file = window.open_archived(row, forms.text(params, "file"))
    return _Streamed(file)


class _Streamed(StreamingResponse):
    """A file, which is closed however its sending ends."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        super().__init__(_pieces(file), media_type="text/plain")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        with self._file:
            await super().__call__(scope, receive, send)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    size = os.fstat(file.fileno()).st_size
    if size <= WHOLE:
        yield from _read(file, size)
        return
    yield from _read(file, HEAD)
    yield f"\n[... {size - HEAD - TAIL:,} of {size:,} bytes left out here; the file is whole ...]\n".encode()
    file.seek(size - TAIL)
    yield from _read(file, TAIL)


def _read(file: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0 and (piece := file.read(min(length, _PIECE))):
        length -= len(piece)
        yield piece
