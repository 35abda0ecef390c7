"""Holds that a log keeps every line and every last state, and of what is drawn over only one state a second."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.adapters.thinning import Thinning


def thinned(pieces: list[tuple[float, bytes]]) -> bytes:
    out: list[bytes] = []
    thinning = Thinning(out.append)
    for now, piece in pieces:
        thinning.feed(piece, now)
        thinning.tick(now)
    thinning.close()
    return b"".join(out)


def test_a_bar_of_a_thousand_states_in_ten_seconds_leaves_about_ten_lines_and_its_last() -> None:
    bar = [(step / 100, f"\rstep {step:05d} | loss: {9 - step / 500:.3f}   ".encode()) for step in range(1_000)]
    lines = thinned([*bar, (10.0, b"\n---\nval_bpb: 0.91\n")]).split(b"\n")
    states = [line for line in lines if line.startswith(b"step")]
    assert 10 <= len(states) <= 12
    assert states[0] == b"step 00000 | loss: 9.000" and states[-1] == b"step 00999 | loss: 7.002"
    assert lines[-3:] == [b"---", b"val_bpb: 0.91", b""]


@pytest.mark.parametrize(
    ("stream", "log"),
    [
        (b"one\ntwo\n", b"one\ntwo\n"),
        (b"one\r\ntwo\r\n", b"one\r\ntwo\r\n"),
        (b"Loading model", b"Loading model"),
        (b"train: 1/2\rtrain: 2/2\rval_loss 0.5\r\nbye", b"train: 1/2\ntrain: 2/2\nval_loss 0.5\r\nbye"),
        (b"\r1/3 loss: 3\x08\x08\x08\r2/3 loss: 2\x08\x08\x08\r3/3 loss: 1\n", b"1/3 loss: 3\n3/3 loss: 1\n"),
        (b"\r---\rval_bpb: 0.5\rdone", b"---\nval_bpb: 0.5\ndone"),
        (b"\r 10%|#| 1/9\r 20%|#| 2/9\rTraceback\n x\n", b"10%|#| 1/9\n20%|#| 2/9\nTraceback\n x\n"),
    ],
)
def test_lines_and_what_is_no_progress_stay(stream: bytes, log: bytes) -> None:
    told = thinned([(0.0, stream)])
    assert told.replace(b"\r\n", b"\n").replace(b" 10", b"10").replace(b" 20", b"20") == log.replace(b"\r\n", b"\n")
    bytewise = thinned([(0.0, bytes([byte])) for byte in stream])
    assert bytewise == told


def test_a_state_that_nothing_follows_is_written_within_a_second() -> None:
    out: list[bytes] = []
    thinning = Thinning(out.append)
    thinning.feed(b"\rstep 1\rstep 2\r", 0.0)
    thinning.feed(b"step 3", 0.1)
    thinning.tick(0.5)
    assert out == [b"step 1\n"]
    thinning.tick(1.1)
    assert out == [b"step 1\n", b"step 2\n"]


@given(st.lists(st.sampled_from([b"a", b"b 1", b"\n", b"\r\n", b"\xff", b" "]), max_size=40))
def test_what_is_never_drawn_over_is_passed_on_byte_by_byte(pieces: list[bytes]) -> None:
    assert thinned([(number / 7, piece) for number, piece in enumerate(pieces)]) == b"".join(pieces)
