"""Holds `slots`: locks by device that all of a machine share, and that nothing but their holder keeps."""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from memorylab.adapters import slots

if sys.platform == "win32":
    pytest.skip("untried on Windows", allow_module_level=True)

NOTE = {"pid": 4242, "user": "ada", "place": "/home/ada/lab"}


def take(stack: ExitStack, place: Path, names: list[str], count: int = 1, held: str = "") -> list[str]:
    return slots.take(stack, names, count, {slots.PLACE: str(place), slots.HELD: held}, NOTE)


def test_a_device_is_taken_once_and_free_again_behind_it(tmp_path: Path) -> None:
    with ExitStack() as one, ExitStack() as other:
        take(one, tmp_path, ["GPU-1"])
        with pytest.raises(slots.Taken) as refused:
            take(other, tmp_path, ["GPU-1"])
        holder = refused.value.holder
        assert (holder.device, holder.pid, holder.user, holder.place) == ("GPU-1", *NOTE.values())
        take(other, tmp_path, ["GPU-2"])
        one.close()
        take(other, tmp_path, ["GPU-1"])


def test_all_of_several_or_none(tmp_path: Path) -> None:
    with ExitStack() as one, ExitStack() as other, ExitStack() as third:
        take(one, tmp_path, ["GPU-2"])
        with pytest.raises(slots.Taken):
            take(other, tmp_path, ["GPU-1", "GPU-2"])
        take(third, tmp_path, ["GPU-1"])


def test_as_many_as_there_are_slots(tmp_path: Path) -> None:
    with ExitStack() as stack:
        assert len({*take(stack, tmp_path, ["cpu"], 2), *take(stack, tmp_path, ["cpu"], 2)}) == 2
        with pytest.raises(slots.Taken):
            take(stack, tmp_path, ["cpu"], 2)


def test_what_runs_within_a_run_needs_none_but_only_while_that_holds_it(tmp_path: Path) -> None:
    with ExitStack() as outer, ExitStack() as inner, ExitStack() as late:
        (held,) = take(outer, tmp_path, ["cpu"])
        assert take(inner, tmp_path, ["cpu"], held=held) == []
        outer.close()
        assert take(late, tmp_path, ["cpu"], held=held) == [held]


@pytest.mark.parametrize(
    "text", ["", "no json", "[]", '{"pid": "x", "user": 7, "place": null}', "[" * 5000, '{"user": "' + "a" * 9000]
)
def test_what_is_written_in_a_lock_is_never_trusted(tmp_path: Path, text: str) -> None:
    with ExitStack() as one, ExitStack() as other:
        (path,) = take(one, tmp_path, ["cpu"])
        Path(path).write_text(text)
        with pytest.raises(slots.Taken) as refused:
            take(other, tmp_path, ["cpu"])
        assert (refused.value.holder.pid, refused.value.holder.user) == (None, "")


def test_the_locks_are_for_every_user_of_the_machine(tmp_path: Path) -> None:
    place, before = tmp_path / "shared", os.umask(0o077)
    try:
        with ExitStack() as stack:
            (path,) = take(stack, place, ["cpu"])
            assert Path(path).stat().st_mode & 0o777 == 0o666
            assert place.stat().st_mode & 0o1777 == 0o1777
            assert json.loads(Path(path).read_text())["user"] == "ada"
    finally:
        os.umask(before)


def test_a_link_or_a_pipe_in_a_lock_s_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "aim").write_text("mine")
    (tmp_path / "cpu.0").symlink_to(tmp_path / "aim")
    os.mkfifo(tmp_path / "gpu.0")
    for name in ("cpu", "gpu"):
        with ExitStack() as stack, pytest.raises(OSError, match=r"symbolic|regular"):
            take(stack, tmp_path, [name])
    assert (tmp_path / "aim").read_text() == "mine"
