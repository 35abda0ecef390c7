"""A diff leads from the one text to the other whatever they are, and no pair of texts draws it out."""

from __future__ import annotations

import difflib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.reading.differences import unified
from memorylab.core.reading.patches import apply, read_patch

LINES = st.lists(st.sampled_from(["a", "b", "", "    return x", "def f():", "x = 1", "x = 2", "# end"]), max_size=40)


@given(LINES, LINES)
def test_a_diff_leads_from_the_one_to_the_other_and_back(before: list[str], after: list[str]) -> None:
    diff = unified(before, after, "a/x", "b/x")
    if before == after:
        assert diff == []
        return
    [patch] = read_patch("\n".join(diff))
    assert _applied(before, [(hunk.start, hunk.old, hunk.new) for hunk in patch.hunks]) == after
    removed, added = (sum(line[0] == sign for line in diff[2:]) for sign in "-+")
    assert len(before) - removed == len(after) - added, "what is neither taken out nor put in is kept"


def _applied(before: list[str], hunks: list[tuple[int, tuple[str, ...], tuple[str, ...]]]) -> list[str]:
    """The text with the hunks put exactly where they say that they belong."""
    out: list[str] = []
    at = 0
    for start, old, new in hunks:
        begins = start - 1 if old else start
        assert tuple(before[begins : begins + len(old)]) == old
        out += [*before[at:begins], *new]
        at = begins + len(old)
    return out + before[at:]


def test_an_edit_reads_as_git_would_tell_it() -> None:
    before = [f"line {n}" for n in range(30)]
    after = [*before[:10], "new", *before[10:20], "other", *before[21:]]
    assert unified(before, after, "a", "b") == list(difflib.unified_diff(before, after, "a", "b", lineterm=""))
    text = "\n".join(before) + "\n"
    [patch] = read_patch("\n".join(unified(before, after, "a/train.py", "b/train.py")))
    assert apply(patch, text) == "\n".join(after) + "\n"


@pytest.mark.parametrize(
    "kind", ["every second line is new", "every second line is blank", "few words", "turned round"]
)
def test_no_pair_of_texts_takes_a_time_with_its_square(kind: str) -> None:
    """`difflib` takes 4 s for the first at 6,000 lines, and 25 s for the second."""
    count = 60_000
    one = [f"x{n}" for n in range(count)]
    pairs = {
        "every second line is new": (one, [line for n in range(count) for line in (f"x{n}", f"y{n}")]),
        "every second line is blank": ([line for n in range(count) for line in (f"x{n % 300}", "")],
                                       [f"x{n % 300}" for n in range(count)]),
        "few words": ([f"w{n * n % 97}" for n in range(count)], [f"w{n * n * n % 97}" for n in range(count)]),
        "turned round": (one, one[::-1]),
    }  # fmt: skip
    began = time.monotonic()
    assert unified(*pairs[kind])
    assert time.monotonic() - began < 2
