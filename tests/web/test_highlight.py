from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from memorylab.web.highlight import LINES, patch

PATCH = """diff --git a/train.py b/train.py
index 1..2 100644
--- a/train.py
+++ b/train.py
@@ -10,4 +10,5 @@ class MLP:
     def forward(self, x):
-        return F.relu(x)  # old
+        return F.gelu(x)  # new
+        pass

 DEPTH = 8
"""


def test_lines_have_the_numbers_that_they_have_in_either_file() -> None:
    told = [(line.kind, line.old, line.new) for line in patch(PATCH)]
    assert told == [
        *[("file", None, None)] * 4,
        ("hunk", None, None),
        ("same", 10, 10),
        ("del", 11, None),
        ("add", None, 11),
        ("add", None, 12),
        ("same", 12, 13),
    ]


def test_what_differs_in_a_line_is_marked_by_whole_words() -> None:
    lines = patch("@@ -1 +1 @@\n-MATRIX_LR = 0.04  # up\n+MATRIX_LR = 0.05  # up\n")
    marked = [[part.text for part in line.parts if part.changed] for line in lines]
    assert marked == [[], ["0.04"], ["0.05"]]


def test_python_is_told_apart() -> None:
    (_, line) = patch("@@ -1 +1 @@\n+def f(x): return 'a#b' + X_Y * 3.5  # why\n")
    kinds = {part.text: part.kind for part in line.parts if part.kind}
    assert kinds == {"def": "keyword", "return": "keyword", "'a#b'": "string", "X_Y": "constant", "3.5": "number",
                     "# why": "comment"}  # fmt: skip


def test_a_dashed_line_in_a_hunk_is_a_removed_line() -> None:
    assert [line.kind for line in patch("@@ -1,2 +0,0 @@\n--- a comment in SQL\n--\n")] == ["hunk", "del", "del"]


@given(st.text(max_size=400) | st.text(alphabet="+-@ \nax1", max_size=400))
def test_any_text_is_read_and_none_of_its_lines_changed(text: str) -> None:
    lines = patch("@@ -1 +1 @@\n" + text)
    assert len(lines) <= LINES
    shown = "".join("".join(part.text for part in line.parts) for line in lines)
    assert "\x1b" not in shown and "\n" not in shown


def test_a_patch_of_many_lines_is_cut() -> None:
    cut = patch("@@ -1 +1 @@\n" + "+x\n" * 10_000)
    assert len(cut) == LINES + 1 and "only the first 2,000 lines" in cut[-1].parts[0].text
    assert len(patch("@@ -1 +1 @@\n" + "+x\n" * (LINES - 1))) == LINES, "one of that length is whole"
