"""What a change of the code does, however it was typed."""

from __future__ import annotations

import ast
import gzip
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.reading import diffs, patches
from memorylab.core.reading.diffs import Change
from memorylab.core.reading.edits import Edit, parse
from memorylab.core.reading.effort import MAX_SOURCE
from memorylab.core.reading.naming import knob

CORPUS = Path(__file__).resolve().parents[3].parent / "shared" / "corpus"
SOURCE = '''"""A small model."""

import math

DEPTH = 8  # layers
MATRIX_LR = 0.04
EMBEDDING_LR = 0.6
ADAM_BETAS = (0.8, 0.95)
WINDOW_PATTERN = "SSSL"
TOTAL_BATCH_SIZE = 2**19
USE_QK_NORM = True


@dataclass
class Config:
    n_embd: int = 768
    bias: bool = False


class MLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd, bias=False)

    def forward(self, x):
        """Two matrices."""
        hidden = self.c_fc(x)
        for gate in self.gates:
            hidden = gate(hidden)
        return F.relu(hidden).square()


class Other:
    def forward(self, x):
        return x


def optimizer(model, momentum=0.95):
    groups = [
        dict(params=model.embedding_params, lr=0.3, weight_decay=0.0),
        {"params": model.lm_head_params, "lr": 0.004},
    ]
    return AdamW(groups, eps=1e-8, fused=True)


lr = float(os.environ.get("SCALAR_LR", 0.5))
'''


def change(old: str, new: str, name: str = "train.py") -> Change:
    found = diffs.change({name: old}, {name: new})
    assert found is not None
    return found


def edited(old: str, new: str) -> Change:
    assert old in SOURCE
    return change(SOURCE, SOURCE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("MATRIX_LR = 0.04", "MATRIX_LR = 5e-2", "raise MATRIX_LR from .04 to .05"),
        ("(0.8, 0.95)", "(0.9, 0.95)", "ADAM_BETAS (0.8,0.95) -> (0.9,0.95)"),
        ('"SSSL"', "'SSLL'", "set WINDOW_PATTERN to SSLL"),
        ("2**19", "256 * 1024", "halve the batch 524K to 262K"),
        ("DEPTH = 8", "DEPTH = 10 if CUDA else 10", "depth 8 -> 10"),
        ("n_embd: int = 768", "n_embd: int = 512", "n_embd 768 -> 512"),
        ("momentum=0.95", "momentum=0.97", "momentum 0.95 to 0.97"),
        ("lr=0.3", "lr=0.2", "embedding LR 0.3 -> 0.2"),
        ("weight_decay=0.0", "weight_decay=0.001", "embedding WD 0 -> 0.001"),
        ('"lr": 0.004', '"lr": 0.008', "lm_head lr 0.004 to 0.008"),
        ('"SCALAR_LR", 0.5', '"SCALAR_LR", 0.25', "scalar LR 0.5 to 0.25"),
        ("USE_QK_NORM = True", "USE_QK_NORM = False", "remove qk norm"),
    ],
)
def test_a_changed_setting_is_the_edit_that_its_description_is(old: str, new: str, text: str) -> None:
    if " if " in new:
        source = SOURCE.replace("DEPTH = 8", "DEPTH = 8 if CUDA else 10")
        edits = change(source, source.replace("DEPTH = 8 if", "DEPTH = 10 if")).edits
    else:
        edits = edited(old, new).edits
    (said,) = parse(text)
    (done,) = edits
    assert (done.key, done.op) == (said.key, said.op)
    assert said.frm in (None, done.frm)


@pytest.mark.parametrize(
    ("old", "new", "edit"),
    [
        ("eps=1e-8", "eps=1e-10", Edit("AdamW.eps", "set", 1e-8, 1e-10, "down")),
        ("fused=True", "fused=False", Edit("fused", "remove")),
        ("4 * config", "3 * config", Edit("MLP.__init__.c_fc", "set", 4.0, 3.0, "down")),
        ("EMBEDDING_LR = 0.6\n", "", Edit("EMBEDDING_LR", "remove", 0.6)),
        ("EMBEDDING_LR = 0.6\n", "EMBEDDING_LR = 0.6\nMY_KNOB = 3\n", Edit("MY_KNOB", "set", None, 3.0)),
        ("fused=True", "fused=True, amsgrad=True", Edit("amsgrad", "add")),
    ],
)
def test_what_the_vocabulary_does_not_know_is_named_by_its_place(old: str, new: str, edit: Edit) -> None:
    assert edited(old, new).edits == (edit,)


def test_a_change_of_the_work_itself_is_an_edit_of_its_block() -> None:
    found = edited("F.relu(hidden).square()", "F.gelu(hidden)")
    (edit,) = found.edits
    assert (edit.target, edit.op, edit.opaque) == ("MLP.forward", "replace", True)
    assert found.touched == ("MLP.forward",)
    assert str(edit.to).startswith("#") and edit.to != edit.frm


def test_a_new_class_is_one_edit_and_a_lost_function_another() -> None:
    added = edited("class Other:", "class Gate:\n    def forward(self, x):\n        return x * 2\n\n\nclass Other:")
    assert [(edit.target, edit.op) for edit in added.edits] == [("Gate", "add")]
    lost = change(SOURCE + "\ndef gone(x):\n    return x\n", SOURCE)
    assert [(edit.target, edit.op) for edit in lost.edits] == [("gone", "remove")]


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda text: ast.unparse(ast.parse(text)),
        lambda text: re.sub(
            r"(?m)$", "  # remark", text.replace('"""A small model."""', "").replace('"""Two matrices."""', "")
        ),
        lambda text: text.replace("hidden", "h").replace("gate ", "g ").replace("gate(", "g("),
        lambda text: (
            text.replace("class Other:\n    def forward(self, x):\n        return x\n", "")
            + text[text.index("class Other") : text.index("def optimizer")]
        ),
        lambda text: text.replace("0.04", "4e-2").replace("2**19", "524288").replace("'", '"'),
        lambda text: text.replace("import math", "import math\nimport sys"),
        lambda text: (
            text.replace("\n", "\r\n").replace("\r\n", "\n").replace("(self, x)", "(self, x: Tensor) -> Tensor")
        ),
    ],
    ids=["unparse", "comments", "locals", "order", "numbers", "imports", "annotations"],
)
def test_what_only_a_reader_sees_changes_nothing_and_no_fingerprint(rewrite: object) -> None:
    assert callable(rewrite)
    assert change(SOURCE, rewrite(SOURCE)) == Change()
    for old, new in (
        ("relu", "gelu"),
        ("MATRIX_LR = 0.04", "MATRIX_LR = 0.05"),
        ("return F", "hidden = norm(hidden)\n        return F"),
    ):
        other = SOURCE.replace(old, new)
        print_ = change(SOURCE, other).fingerprint
        assert print_
        assert change(rewrite(SOURCE), rewrite(other)).fingerprint == print_
        assert change(SOURCE, rewrite(other)).fingerprint == print_


def test_unrelated_code_may_differ_and_another_place_may_not() -> None:
    other = SOURCE.replace("return x\n", "return 2 * x\n").replace("lr=0.3", "lr=0.1")
    one = change(SOURCE, SOURCE.replace("relu", "gelu")).fingerprint
    assert change(other, other.replace("relu", "gelu")).fingerprint == one
    early = SOURCE.replace("        hidden = self", "        x = norm(x)\n        hidden = self")
    late = SOURCE.replace("        return F", "        x = norm(x)\n        return F")
    assert change(SOURCE, early).fingerprint != change(SOURCE, late).fingerprint


VALUES = st.floats(min_value=1e-9, max_value=1e9, allow_nan=False)


@given(VALUES, VALUES, VALUES)
def test_a_fingerprint_is_of_the_values_before_and_after(before: float, after: float, other: float) -> None:
    def source(value: float) -> str:
        return SOURCE.replace("0.04", repr(value))

    found = change(source(before), source(after))
    assert (found.fingerprint == "") == (before == after)
    if other != after and before != after:
        assert change(source(before), source(other)).fingerprint != found.fingerprint
    back = change(source(after), source(before))
    assert [(edit.target, edit.frm, edit.to) for edit in back.edits] == [(e.target, e.to, e.frm) for e in found.edits]


NAMES = st.sampled_from(["a", "b", "total", "scaled"])
EXPRESSIONS = st.recursive(
    st.one_of(NAMES, st.integers(0, 99).map(str), st.just("x")),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda part: f"({' '.join(part)})"),
        inner.map(lambda part: f"norm({part}, eps=1e-5)"),
    ),
    max_leaves=6,
)
BODIES = st.lists(st.tuples(NAMES, EXPRESSIONS).map(" = ".join), min_size=1, max_size=6)


def function(body: list[str]) -> str:
    lines = [f"    {name} = x" for name in ("a", "b", "total", "scaled")] + [f"    {line}" for line in body]
    return "\n".join(["def step(x):", *lines, "    return a + b + total + scaled", ""])


@given(BODIES, BODIES)
def test_other_names_and_another_layout_are_the_same_change(one: list[str], other: list[str]) -> None:
    old, new = function(one), function(other)
    found = change(old, new)
    assert change(ast.unparse(ast.parse(old)), ast.unparse(ast.parse(new))) == found

    def renamed(text: str) -> str:
        return re.sub(r"\b(a|b|total|scaled)\b", r"other_\1", text)

    assert change(old, renamed(old)).fingerprint == ""
    assert change(renamed(old), renamed(new)).fingerprint == found.fingerprint


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_can_be_compared(old: str, new: str) -> None:
    for name in ("train.py", "conf.yaml"):
        assert change(old, old, name) == Change()
        change(old, new, name)


@pytest.mark.parametrize(
    "broken", ["def f(:\n", "x = '\n", "\0", "(" * 5000, "x = 9**9**9**9\n", "1 << 10**9\n", "-" * 3000 + "1"]
)
def test_code_that_python_refuses_is_compared_by_line(broken: str) -> None:
    found = change(f"LR = 0.1\n{broken}", f"LR = 0.2\n{broken}")
    assert [(edit.target, edit.frm, edit.to) for edit in found.edits] == [("LR", 0.1, 0.2)]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("conf.yaml", "lr: 0.1  # rate\nname: x\n", "lr: 0.2\nname: x\n"),
        ("conf.toml", "lr = 0.1\n", "lr = 0.2 # higher\n"),
        ("main.c", "static const float lr = 0.1f; // rate\n", "static const float lr = 0.2f;\n"),
        ("main.c", "#define LR 0.1\n", "#define LR 0.2\n"),
        ("conf.json", '{\n  "lr": 0.1,\n', '{\n  "lr": 0.2,\n'),
    ],
)
def test_a_file_that_is_no_python_is_read_by_its_settings(name: str, old: str, new: str) -> None:
    found = change(old, new, name)
    assert found.edits == (Edit("LR", "set", 0.1, 0.2, "up"),)
    assert change(old, f"\n{new}\n", name).fingerprint == found.fingerprint


def test_a_file_that_came_went_or_is_too_large_is_told_as_a_whole() -> None:
    assert diffs.change({"train.py": None}, {"train.py": "x = 1\n"}).edits[0][:2] == ("train.py", "add")  # type: ignore[union-attr]
    assert diffs.change({"train.py": "x = 1\n"}, {}).edits[0][:2] == ("train.py", "remove")  # type: ignore[union-attr]
    assert diffs.change({"train.py": ""}, {"train.py": "#" * (MAX_SOURCE + 1)}) is None


def test_a_patch_that_fits_no_file_is_read_from_its_lines() -> None:
    patch = """--- a/train.py
+++ b/train.py
@@ -6,3 +6,3 @@ class Config:
 DEPTH = 8  # layers
-MATRIX_LR = 0.04
+MATRIX_LR = 0.05  # more
 EMBEDDING_LR = 0.6
@@ -40,3 +40,3 @@ class Muon(Optimizer):
     def __init__(self, params, lr=0.02,
-                 ns_steps=5, nesterov=True):
+                 ns_steps=3, nesterov=True):
         super().__init__(params)
"""
    hunks = [(hunk.section, hunk.old, hunk.new) for file in patches.read_patch(patch) for hunk in file.hunks]
    found = diffs.fragments(hunks)
    assert [(edit.target, edit.frm, edit.to) for edit in found.edits] == [
        ("MATRIX_LR", 0.04, 0.05),
        ("NS_STEPS", 5.0, 3.0),
    ]
    assert diffs.fragments(hunks[:1]).fingerprint == edited("MATRIX_LR = 0.04", "MATRIX_LR = .05").fingerprint


def test_every_constant_of_the_training_script_has_the_name_that_a_text_gives_it() -> None:
    source = (Path(__file__).resolve().parents[3] / "train.py").read_text()
    names = re.findall(r"(?m)^([A-Z]\w+) = ", source)
    assert "MATRIX_LR" in names
    for name in names:
        assert knob(name) in ("", parse(f"raise {name} from 1 to 2")[0].target, "ADAM_BETAS"), name


def test_real_commits_are_read_without_an_exception() -> None:
    chains = CORPUS / "chains.jsonl.gz"
    if not chains.is_file():
        pytest.skip("no corpus beside the repository")
    told = total = 0
    with gzip.open(chains, "rt") as file:
        for number, line in enumerate(file):
            if number % 8 == 0:
                hunks = [
                    (hunk.section, hunk.old, hunk.new)
                    for patch in patches.read_patch(json.loads(line)["diff"])
                    for hunk in patch.hunks
                ]
                total += 1
                told += bool(diffs.fragments(hunks).edits)
    assert told > 0.95 * total


@pytest.mark.parametrize(
    ("name", "before", "after", "wanted"),
    [
        ("a.yaml", "model:\n  act: relu\n", "model:\n  act: gelu\n", [("model.act", "relu", "gelu")]),
        ("a.yaml", "opt: {lr: 0.1, x: 1}\n", "opt: {lr: 0.2, x: 1}\n", [("LR", 0.1, 0.2)]),
        ("a.json", '{"lr": 0.1, "deep": {"z": 1}}', '{"lr": 0.1, "deep": {"z": 2}}', [("deep.z", 1.0, 2.0)]),
        ("a.toml", "a = [1, 2]\n", "a = [1, 3]\n", [("module.a", "(1, 2)", "(1, 3)")]),
        ("a.yaml", "w:\n  steps: 9\nc:\n  steps: 5\n", "w:\n  steps: 9\nc:\n  steps: 7\n", [("c.steps", 5.0, 7.0)]),
        ("a.yaml", "x: 1\n", "x: 1\ny: relu\n", [("module.y", None, "relu")]),
        (
            "a.yaml",
            "width: 64\nname: a\n",
            "width: 96\nname: b\n",
            [("module.width", 64.0, 96.0), ("module.name", "a", "b")],
        ),
    ],
)
def test_settings_of_a_configuration_are_told_by_their_path_where_lines_dont_tell(
    name: str, before: str, after: str, wanted: list[tuple[str, object, object]]
) -> None:
    found = diffs.change({name: before}, {name: after})
    assert found is not None
    assert [(edit.target, edit.frm, edit.to) for edit in found.edits] == wanted
    assert found.fingerprint


def test_what_no_reader_of_configurations_reads_is_one_change() -> None:
    found = diffs.change({"a.yaml": "x: &a relu\n"}, {"a.yaml": "x: &a gelu\n"})
    assert found is not None and [edit.target for edit in found.edits] == ["module"]
