"""Holds that reading ends, whatever a path leads to, and that replacing a file takes nothing else with it."""

from __future__ import annotations

import os
import socket
import stat
import time
from pathlib import Path

import pytest

from memorylab import files
from memorylab.files import Unsuitable


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/random", "/proc/self/fd", "/proc/kcore"])
def test_what_never_ends_is_not_read(name: str) -> None:
    if not Path(name).exists():
        pytest.skip(f"there is no {name} here")
    began = time.monotonic()
    with pytest.raises(OSError):
        files.read_bounded(Path(name), 1 << 20)
    assert time.monotonic() - began < 1


def test_a_pipe_is_refused_without_being_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Unsuitable, match="pipe is a pipe, not a regular file"):
        files.open_regular(tmp_path / "pipe")
    assert files.open_plain(tmp_path / "pipe") is None


def test_a_socket_a_loop_of_links_and_a_link_to_nothing_are_refused(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        (tmp_path / "loop").symlink_to("loop")
        (tmp_path / "nothing").symlink_to("gone")
        for name in ("socket", "loop", "nothing", "x" * 300, "nul\0byte"):
            with pytest.raises(OSError):
                files.read_bounded(tmp_path / name)


def test_a_hole_of_100_gb_is_refused_by_its_size(tmp_path: Path) -> None:
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(100 << 30)
    with pytest.raises(Unsuitable, match="larger than 64 MiB"):
        files.read_bounded(tmp_path / "hole")


def test_a_file_that_does_not_say_its_size_is_still_bounded() -> None:
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("there is no /proc here")
    assert status.stat().st_size == 0
    assert b"Name:" in files.read_bounded(status)
    with pytest.raises(Unsuitable, match="larger than 10 bytes"):
        files.read_bounded(status, 10)


def test_a_file_of_just_the_limit_is_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"12345")
    assert files.read_bounded(tmp_path / "x", 5) == b"12345"
    with pytest.raises(Unsuitable):
        files.read_bounded(tmp_path / "x", 4)


def test_a_refusal_is_one_line_with_a_hint(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError) as caught:
        files.read_bounded(tmp_path / "pipe")
    told = files.explain(caught.value, "read the patch")
    assert told.message.startswith("can't read the patch: ")
    assert told.hint
    long = files.explain(OSError(36, "File name too long", "y" * 5000), "write the export")
    assert "too long" in long.message
    assert len(str(long)) < 400


def test_a_store_file_in_whose_place_a_pipe_stands_is_not_written_and_the_pipe_stays(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "registry.json")
    with pytest.raises(Unsuitable):
        files.write_atomic(tmp_path / "registry.json", "{}")
    assert stat.S_ISFIFO((tmp_path / "registry.json").lstat().st_mode)
    assert os.listdir(tmp_path) == ["registry.json"]


def test_a_link_in_the_store_is_replaced_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("somebody's")
    (tmp_path / "latest.md").symlink_to("elsewhere")
    files.write_atomic(tmp_path / "latest.md", "report")
    assert (tmp_path / "elsewhere").read_text() == "somebody's"
    assert not (tmp_path / "latest.md").is_symlink()


def test_a_private_file_stays_private_and_a_name_of_255_bytes_can_be_written(tmp_path: Path) -> None:
    place = tmp_path / ("n" * 255)
    place.write_text("old")
    place.chmod(0o600)
    files.write_durable(place, b"new")
    assert place.read_text() == "new"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
