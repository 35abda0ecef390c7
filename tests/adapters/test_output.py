"""Holds that only files are replaced where a user asked for output; devices, pipes and links stay what they are."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from memorylab.adapters import output
from memorylab.files import Unsuitable


def kind(path: Path) -> int:
    return stat.S_IFMT(path.lstat().st_mode)


def test_a_device_is_written_to_and_stays(tmp_path: Path) -> None:
    device = tmp_path / "null"
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    except (OSError, AttributeError):
        device.symlink_to(os.devnull)
    before = kind(device)
    output.write(device, ["table\n"])
    assert kind(device) == before
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_a_full_device_is_an_error_of_the_system() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with pytest.raises(OSError, match="No space"):
        output.write(Path("/dev/full"), ["table\n"])


def test_a_pipe_with_a_reader_gets_everything(tmp_path: Path) -> None:
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    output.write(pipe, ["line\n"] * 40_000)  # more than a pipe holds
    reader.join(10)
    assert len(got[0]) == 200_000
    assert stat.S_ISFIFO(pipe.lstat().st_mode)


def test_a_pipe_that_nobody_reads_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_READER_S", 0.1)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Unsuitable, match="nobody reads"):
        output.write(tmp_path / "pipe", ["x"])
    assert stat.S_ISFIFO((tmp_path / "pipe").lstat().st_mode)


def test_a_link_is_kept_and_its_target_replaced_in_one_step(tmp_path: Path) -> None:
    target, link = tmp_path / "disk" / "all.tsv", tmp_path / "all.tsv"
    target.parent.mkdir()
    target.write_text("yesterday")
    link.symlink_to(target)

    def broken() -> Iterator[str]:
        yield "half"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        output.write(link, broken())
    assert target.read_text() == "yesterday"
    output.write(link, ["today"])
    assert link.is_symlink()
    assert target.read_text() == "today"
    assert os.listdir(target.parent) == ["all.tsv"]


def test_a_link_to_nothing_makes_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("new.tsv")
    output.write(tmp_path / "link", ["x"])
    assert (tmp_path / "new.tsv").read_text() == "x"
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("name", [".", "..", "/", "directory"])
def test_a_directory_is_refused(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "directory").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(IsADirectoryError):
        output.write(Path(name), ["x"])


def test_a_socket_is_refused_and_stays(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        with pytest.raises(Unsuitable, match="is a socket"):
            output.write(tmp_path / "socket", ["x"])
        assert stat.S_ISSOCK((tmp_path / "socket").lstat().st_mode)


@pytest.mark.parametrize("name", ["/dev/stdout", "/proc/self/fd/1", "/dev/fd/1"])
def test_what_a_shell_redirected_is_appended_to_and_not_replaced(tmp_path: Path, name: str) -> None:
    if not Path(name).exists():
        pytest.skip(f"there is no {name} here")
    program = (
        f"from pathlib import Path; from memorylab.adapters import output; output.write(Path({name!r}), ['mid\\n'])"
    )
    with (tmp_path / "all").open("wb") as file:
        file.write(b"before\n")
        file.flush()
        subprocess.run([sys.executable, "-c", program], stdout=file, check=True, cwd=Path(__file__).parents[2])
        file.seek(0, os.SEEK_END)
        file.write(b"after\n")
    assert (tmp_path / "all").read_text() == "before\nmid\nafter\n"


def test_an_open_file_that_is_none_is_refused() -> None:
    with pytest.raises(OSError):
        output.write(Path("/proc/self/fd/987654"), ["x"])
