"""A reader of a night for each test that wants one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.site import Reader, workspace


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A workspace after a night."""
    return workspace(tmp_path / "research")


@pytest.fixture
def reader(place: Path) -> Iterator[Reader]:
    """Somebody who looks at it."""
    found = Reader(place)
    yield found
    found.close()
