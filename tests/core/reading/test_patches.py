"""Unified diffs as data, and put onto a text."""

from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.reading.patches import apply, read_patch

LINES = st.lists(st.sampled_from(["a", "b", "c", "d = 1", "", "- x", "+ y", "@@"]), max_size=12)


def patch_of(old: list[str], new: list[str], context: int = 3) -> str:
    lines = difflib.unified_diff(old, new, "a/train.py", "b/train.py", n=context, lineterm="")
    return "\n".join(lines) + "\n"


@given(LINES, LINES, st.integers(0, 3))
def test_a_patch_gives_the_new_text_and_taken_back_the_old_one(old: list[str], new: list[str], context: int) -> None:
    found = read_patch(patch_of(old, new, context))
    if old == new:
        assert found == []
        return
    (patch,) = found
    assert (patch.old_name, patch.new_name) == ("train.py", "train.py")
    if context:  # lines without a neighbour that holds them in place may land elsewhere
        assert apply(patch, "\n".join(old) + "\n" * bool(old)) == "\n".join(new) + "\n"
        assert apply(patch, "\n".join(new) + "\n" * bool(new), back=True) == "\n".join(old) + "\n"


def test_a_patch_finds_its_place_when_lines_have_moved_and_refuses_another_text() -> None:
    old = [f"line {number}" for number in range(20)]
    (patch,) = read_patch(patch_of(old, [*old[:10], "new", *old[11:]]))
    moved = ["first", "second", *old]
    assert apply(patch, "\n".join(moved)) == "\n".join([*moved[:12], "new", *moved[13:]]) + "\n"
    assert apply(patch, "something else\n") is None


@given(st.text(max_size=200))
def test_any_text_can_be_read_as_a_patch(text: str) -> None:
    assert read_patch(text) == read_patch(text)
    assert read_patch(f"--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n{text}") is not None


def test_git_headers_new_files_and_several_files_are_understood() -> None:
    text = """diff --git a/sub/train.py b/sub/train.py
index 1..2 100644
--- a/sub/train.py
+++ b/sub/train.py
@@ -1 +1 @@ def f():
-x = 1
+x = 2
\\ No newline at end of file
diff --git a/new.py b/new.py
new file mode 100644
--- /dev/null
+++ b/new.py
@@ -0,0 +1,2 @@
+a = 1
+b = 2
"""
    first, second = read_patch(text)
    assert (first.new_name, first.hunks[0].old, first.hunks[0].section) == ("sub/train.py", ("x = 1",), "def f():")
    assert (second.old_name, second.new_name, second.hunks[0].new) == ("", "new.py", ("a = 1", "b = 2"))
