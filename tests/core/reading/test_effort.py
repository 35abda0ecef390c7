"""Holds that reading a change costs what its length says, and that what is beyond is told as changed.

Counted in calls of Python functions: a busy machine changes no count.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from functools import partial
from types import FrameType

import pytest

from memorylab.core.reading import blocks, diffs, edits, patches, plain_lines
from memorylab.core.reading.effort import MAX_SOURCE, MOST_CHANGED, MOST_PARSED, Effort, opcodes

Text = Callable[[int], str]
SOURCES: dict[str, Text] = {
    "constants": lambda n: "".join(f"C{i} = {i}\n" for i in range(n // 10)),
    "one line assigned again and again": lambda n: "x = 1\n" * (n // 6),
    "statements on one line": lambda n: "x=1;" * (n // 4) + "\n",
    "functions": lambda n: "".join(f"def f{i}(x): return x + {i}\n" for i in range(n // 28)),
    "classes": lambda n: "".join(f"class K{i}:\n  A = {i}\n" for i in range(n // 22)),
    "a long list": lambda n: f"X = [{'1,' * (n // 2)}]\n",
    "an f-string": lambda n: 'X = f"' + "{a}" * (n // 3) + '"\n',
    "a chain of names": lambda n: "X = a" + ".b" * (n // 2) + "\n",
    "calls of calls": lambda n: "X = a" + "()" * (n // 2) + "\n",
    "comparisons": lambda n: "X = 1" + "<1" * (n // 2) + "\n",
    "local names": lambda n: "def f():\n" + "".join(f"  v{i} = {i}\n" for i in range(n // 14)),
    "a script of another language": lambda n: "function a(b){return b.c(d)?f[g]:h({i:1,j:'k'});}" * (n // 50),
    "a text of many lines": lambda n: '"""' + "a\n" * (n // 2) + '"""\n',
    "words": lambda n: "raise the rate\nand lower it\n" * (n // 28),
    "bytes": lambda n: random.Random(n).randbytes(n).decode("latin-1"),
}
NESTED = {
    "parentheses": "(" * 40_000 + "1" + ")" * 40_000,
    "brackets without an end": "[" * 90_000,
    "signs": "-" * 90_000 + "1",
    "a sum": "1" + "+1" * 45_000,
    "attributes": "a" + ".b" * 45_000,
    "negations": "not " * 20_000 + "a",
    "functions": "lambda: " * 11_000 + "1",
    "a power": "2**" * 30_000 + "1",
    "texts": "f'{" * 300 + "1" + "}'" * 300,
}


def calls(work: Callable[[], object]) -> int:
    """How many functions a piece of work calls."""
    count = 0

    def seen(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def hunks(text: str) -> list[tuple[str, list[str], list[str]]]:
    half = len(text) // 2
    return [("", ["LR = 1", *text[:half].splitlines()], ["LR = 2", *text[half:].splitlines()])]


@pytest.mark.parametrize("name", SOURCES)
def test_four_times_the_code_costs_four_times_as_much(name: str) -> None:
    source = SOURCES[name]

    def work(n: int) -> int:
        return calls(lambda: diffs.change({"train.py": "A = 1\n"}, {"train.py": f"A = 2\n{source(n)}"}))

    assert work(12_000) < 7 * work(3_000) + 10_000


@pytest.mark.parametrize("name", SOURCES)
def test_a_patch_that_fits_no_file_costs_four_times_as_much_for_four_times_its_lines(name: str) -> None:
    pieces = hunks(SOURCES[name](4_000)), hunks(SOURCES[name](16_000))
    few, many = (calls(partial(diffs.fragments, each)) for each in pieces)
    assert many < 7 * few + 10_000


@pytest.mark.parametrize("name", ["constants", "an f-string", "local names", "words", "bytes"])
def test_a_megabyte_of_anything_is_read_in_a_moment(name: str) -> None:
    text = SOURCES[name](1_000_000)
    began = time.process_time()
    changed = diffs.change({"train.py": "A = 1\n"}, {"train.py": f"A = 2\n{text}"})
    told = diffs.fragments(hunks(text))
    assert time.process_time() - began < 12  # two at most on a quiet machine
    assert changed and changed.fingerprint and told.fingerprint
    assert len(changed.edits) <= 2_000


@pytest.mark.parametrize("name", NESTED)
def test_an_expression_however_deep_is_a_change_and_no_fault(name: str) -> None:
    line = f"X = {NESTED[name]}"
    assert diffs.fragments([("", ["X = 1"], [line])]).fingerprint
    found = diffs.change({"train.py": "X = 1\nLR = 0.1\n"}, {"train.py": f"{line}\nLR = 0.2\n"})
    assert found and found.fingerprint
    with pytest.raises(SyntaxError):
        blocks.blocks(line * 3)


def test_a_rewrite_beyond_the_limit_is_told_by_its_settings_and_counts_as_the_same_when_it_comes_again() -> None:
    body = "".join(f"def f{i}(x):\n    return x * {i}\n" for i in range(MOST_CHANGED // 20))
    old, new = "LR = 0.1\n", f"LR = 0.2\n{body}"
    found = diffs.change({"train.py": old}, {"train.py": new})
    assert found and found.edits[0] == edits.Edit("LR", "set", 0.1, 0.2, "up")
    assert [edit.target for edit in found.edits if edit.opaque] == ["module"]
    assert diffs.change({"train.py": old}, {"train.py": new}) == found
    other = diffs.change({"train.py": old}, {"train.py": new.replace("x * 77\n", "x * 78\n")})
    assert other and other.fingerprint != found.fingerprint


def test_one_constant_of_a_large_file_is_still_the_edit_that_it_is() -> None:
    rest = "".join(f"def f{i}(x):\n    return x * {i}\n" for i in range(MAX_SOURCE // 40))
    found = diffs.change({"train.py": f"LR = 0.1\n{rest}"}, {"train.py": f"LR = 0.2\n{rest}"})
    assert found and found.edits == (edits.Edit("LR", "set", 0.1, 0.2, "up"),)


def test_of_a_thousand_values_each_is_named_and_of_more_the_rest_is_one_change() -> None:
    def change(count: int) -> diffs.Change:
        old, new = ("".join(f"C{i} = {i + more}\n" for i in range(count)) for more in (0, 1))
        found = diffs.change({"train.py": old}, {"train.py": new})
        assert found
        return found

    assert len(change(900).edits) == 900
    assert len([edit for edit in change(1_500).edits if not edit.opaque]) == 1_000


def test_a_source_beyond_the_limit_is_not_parsed() -> None:
    with pytest.raises(SyntaxError, match="too large"):
        blocks.parse("#" * (MOST_PARSED + 1))


def test_lines_that_repeat_are_matched_for_as_long_as_that_pays() -> None:
    rng = random.Random(1)
    old, new = ([rng.choice("ab") for _ in range(1_000)] for _ in range(2))
    effort = Effort()
    effort.matching //= 10
    found = opcodes(old, new, effort)
    assert effort.matching <= 0
    assert found[0][1] == 0 and found[-1][2] == len(old) and found[-1][4] == len(new)
    for tag, a, b, c, d in found:
        assert tag != "equal" or old[a:b] == new[c:d]


def test_a_patch_of_many_hunks_is_put_onto_a_file_of_many_lines_that_are_alike() -> None:
    text = "pass\n" * 40_000
    many = "".join(f"@@ -{n},2 +{n},2 @@\n pass\n-pass\n+x\n" for n in range(1, 40_000, 3))
    (patch,) = patches.read_patch(f"--- a/train.py\n+++ b/train.py\n{many}")
    began = time.process_time()
    assert patches.apply(patch, text) is not None
    lost = patch._replace(hunks=tuple(hunk._replace(old=("pass", "nowhere"), start=1) for hunk in patch.hunks))
    assert patches.apply(lost, text) is None
    long = patches.Hunk(1, tuple(["pass"] * 20_000 + ["end"]), ("x",), "")
    assert patches.apply(patch._replace(hunks=(long,)), text) is None
    assert time.process_time() - began < 12


@pytest.mark.parametrize(
    "line", [" " * 200_000, "a:" + " " * 200_000 + "x", "a = " + " ," * 90_000 + "x", "const" + " " * 200_000 + "!"]
)
def test_a_line_of_spaces_is_no_setting_and_is_read_once(line: str) -> None:
    began = time.process_time()
    plain_lines.settings(line)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "text", ["'''\\" * 30_000, '"\\' * 60_000, "'\"" * 60_000, "'''\"\"\"" * 20_000, '\\"""' * 30_000]
)
def test_quotes_without_an_end_are_read_once(text: str) -> None:
    began = time.process_time()
    assert blocks.chunks(f"x = 1\n{text}\ny = 2\n")
    assert time.process_time() - began < 4


def test_a_setting_beyond_all_numbers_is_a_text() -> None:
    big = f"{'9' * 5_000} ** 2"
    assert plain_lines.settings(f"a = 1e999\nb = 99999 ** 64\nc = nan\nd = 2 ** 10\ne = {big}") == {
        "a": ["1e999"],
        "c": ["nan"],
        "d": [1024.0],
        "": ["b = 99999 ** 64", f"e = {big}"],
    }
