"""Holds what the state of code is: two versions with one key do the same, and a difference is told by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.reading import state_edits
from memorylab.core.reading.diffs import Change
from memorylab.core.reading.leaves import leaves
from memorylab.core.reading.slots import State, difference, is_seed, with_slots
from memorylab.core.reading.state import state_of

SOURCE = '''"""A small fit."""

import argparse
import random
from dataclasses import dataclass

RATE = 0.3  # per step
SEED = 4
LAYERS = (16, 32)
SETTINGS = {"ridge": 1.5, "folds": 5}


@dataclass
class Plan:
    width: int = 64
    bias: bool = False


def fit(data, momentum=0.8):
    """Fits."""
    random.seed(11)
    total = 0
    for row in data:
        total = total + row * RATE
    return solve(total, tol=1e-6)


def score(x):
    return x + 1


parser = argparse.ArgumentParser()
parser.add_argument("--rounds", type=int, default=40)
parser.add_argument("--seed", type=int, default=0)
print(fit(range(parser.parse_args().rounds)))
'''


def state(text: str, name: str = "fit.py") -> State:
    found = state_of({name: text})
    assert found is not None
    return found


def test_every_slot_has_one_value() -> None:
    slots = state(SOURCE).slots
    assert {
        "RATE": 0.3,
        "LAYERS": [16, 32],
        "SETTINGS.ridge": 1.5,
        "SETTINGS.folds": 5,
        "Plan.width": 64,
        "Plan.bias": False,
        "fit.momentum": 0.8,
        "fit.solve.tol": 1e-6,
        "--rounds": 40,
    }.items() <= slots.items()


def test_functions_and_classes_have_fingerprints() -> None:
    before, after = state(SOURCE), state(SOURCE.replace("return x + 1", "return x + x"))
    assert {"fit", "score", "Plan"} <= before.blocks.keys()
    assert difference(before, after) == ("score",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("RATE = 0.3  # per step", "RATE=3e-1"),
        ('    """Fits."""\n', ""),
        ("SEED = 4", "SEED = 5"),
        ("random.seed(11)", "random.seed(12)"),
        ('"--seed", type=int, default=0', '"--seed", type=int, default=9'),
        ("total", "summed"),
        ("def score(x):\n    return x + 1\n\n\n", ""),  # put elsewhere below
        ("import random\n", "import random\nimport math\n"),  # of no use, and so of no effect
        ("data, momentum=0.8", "data: list, momentum: float = 0.8"),
        ("\n", "\r\n"),
    ],
)
def test_what_no_run_can_notice_doesnt_count(old: str, new: str) -> None:
    assert old in SOURCE
    text = SOURCE.replace(old, new)
    if old.startswith("def score"):
        text = text.replace("def fit", f"{old}def fit")
    assert state(text).key == state(SOURCE).key
    assert difference(state(SOURCE), state(text)) == ()


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("RATE = 0.3", "RATE = 0.31", "RATE"),
        ('"ridge": 1.5', '"ridge": 1', "SETTINGS.ridge"),
        ("bias: bool = False", "bias: bool = True", "Plan.bias"),
        ("tol=1e-6", "tol=1e-5", "fit.solve.tol"),
        ("default=40", "default=41", "--rounds"),
        ("momentum=0.8", "momentum=0.9", "fit.momentum"),
        ("row * RATE", "row / RATE", "fit"),
        ("print(fit", "print(2 * fit", "module"),
        ("import random", "from mine import random", ""),
        ("SEED = 4", "N_SEEDS = 4", "N_SEEDS"),
    ],
)
def test_what_a_run_can_notice_is_told_by_name(old: str, new: str, where: str) -> None:
    assert old in SOURCE
    after = state(SOURCE.replace(old, new))
    assert after.key != state(SOURCE).key
    assert not where or where in difference(state(SOURCE), after)


def test_statements_that_do_something_keep_their_order() -> None:
    assert state("x = 1\nrun(x)\nx = 2\n").key != state("x = 1\nx = 2\nrun(x)\n").key
    assert state("a()\nb()\n").key != state("b()\na()\n").key


def test_a_memo_changes_nothing_but_the_time() -> None:
    memo: dict[str, str] = {}
    for text in (SOURCE, SOURCE.replace("0.3", "0.4"), SOURCE):
        assert state_of({"fit.py": text}, memo) == state(text)
    assert memo


def test_slots_of_several_files_are_told_apart() -> None:
    found = state_of({"a.py": "WIDTH = 1\nDEPTH = 3\n", "b.py": "WIDTH = 2\n"})
    assert found is not None
    assert found.slots == {"a.py:WIDTH": 1, "b.py:WIDTH": 2, "DEPTH": 3}


def test_nothing_is_said_of_files_that_arent_there() -> None:
    assert state_of({"train.py": None}) is None
    assert state_of({}) is None
    there = state_of({"train.py": None, "b.py": "X = 1\n"})
    assert there == state_of({"b.py": "X = 1\n"})


@pytest.mark.parametrize("text", ["def broken(:\n  x = 1\n", "x = (\n", "\0", "\ufeff\ud800"])
def test_what_is_no_python_counts_by_its_text(text: str) -> None:
    assert state(text).key == state(text + "\n\n").key
    assert state(text).key != state(text + " y").key


def test_another_language_counts_by_its_text_alone() -> None:
    a, b = (state(f"#pragma unroll {n}\nint main() {{}}\n", "solve.c") for n in (2, 4))
    assert a.key != b.key
    assert a.slots == {}
    assert difference(a, b) == ("solve.c",)


def test_the_code_of_a_notebook_counts_and_not_its_outputs() -> None:
    cell = '{"cells": [{"cell_type": "code", "source": ["%time\\n", "LR = LRS"], "outputs": ["OUT"]}]}'
    told = [
        state(cell.replace("LRS", lr).replace("OUT", out), "n.ipynb")
        for lr, out in (("1", "a"), ("1", "b"), ("2", "a"))
    ]
    assert told[0].key == told[1].key != told[2].key
    assert told[2].slots["LR"] == 2


def test_a_configuration_is_what_it_says_under_any_name() -> None:
    one = state("opt:\n  lr: 0.1 # why\n  name: 'adam'\n", "a.yaml")
    other = state("opt:\n    name: adam\n    lr: 1e-1\n", "b.yaml")
    assert one.key == other.key
    assert one.slots == {"opt.lr": 0.1, "opt.name": "adam"}
    assert state("opt:\n  lr: 0.2\n  name: adam\n", "a.yaml").key != one.key
    assert state('{"opt": {"lr": 0.1, "name": "adam"}}', "c.json").key == one.key


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\nb: *x\n",
        "a: |\n  long\n",
        "a: !!int 3\n",
        "a: 1\n  b: 2\n",
        "a:\n\t- 1\n",
        "a: [1, 2\n",
        "a: 'x\n",
        "- 1\nb: 2\n",
    ],
)
def test_yaml_beyond_the_plain_is_not_guessed_at(text: str) -> None:
    assert leaves("a.yaml", text) is None
    assert state(text, "a.yaml").slots == {}
    assert state(text, "a.yaml").key != state(f"b: 1\n{text}", "a.yaml").key


def test_leaves_of_plain_yaml() -> None:
    text = """
data:            # where
- path: x.csv
  share: .5
- path: "y # z.csv"
  share: 0.5
grid: {lr: [1e-3, 1e-2], deep: {on: yes}}
names: [a, 'b, c']
nothing:
url: http://host/x
"""
    assert leaves("c.yml", text) == {
        "data.0.path": "x.csv",
        "data.0.share": 0.5,
        "data.1.path": "y # z.csv",
        "data.1.share": 0.5,
        "grid.lr": [0.001, 0.01],
        "grid.deep.on": True,
        "names": ["a", "b, c"],
        "nothing": None,
        "url": "http://host/x",
    }


@given(st.text(alphabet="ab:-[]{},'\"# \n\t&*|>1.", max_size=60))
def test_no_text_breaks_the_readers(text: str) -> None:
    for name in ("a.yaml", "a.json", "a.toml"):
        leaves(name, text)
    assert state(text, "a.yaml") == state(text, "a.yaml")
    assert state(text, "a.py").key


# -- set from outside


def test_an_argument_sets_the_slot_that_it_is_the_option_of() -> None:
    base = state(SOURCE)
    assert with_slots(base, {"--rounds": 40}).key == base.key
    again = with_slots(base, {"--rounds": 60})
    assert again.key not in (base.key, with_slots(base, {"--rounds": 61}).key)
    assert difference(base, again) == ("--rounds",)
    assert with_slots(base, {"--seed": 3}).key == base.key
    assert with_slots(base, {"--rate": 0.3}).key == base.key  # as a configurator would set RATE
    assert with_slots(base, {"--rate": 0.4}).slots["RATE"] == 0.4
    assert with_slots(base, {"--note": "x"}, ["note"]).key == base.key


def test_the_record_of_a_state_is_read_back() -> None:
    base = state(SOURCE)
    assert State.from_record(base.record()) == base
    assert State.from_record(None) is None
    assert State.from_record({"key": 3}) is None
    assert State.from_record({"key": None, "tree": "a", "slots": []}) == State("a")


def test_the_edits_between_two_states() -> None:
    old = state(SOURCE)
    new = with_slots(state(SOURCE.replace("x + 1", "x + 2").replace("RATE = 0.3", "RATE = 0.6")), {"--rounds": 80})
    made = state_edits.change(old, new)
    assert [(edit.target, edit.frm, edit.to) for edit in made.edits if not edit.opaque] == [
        ("RATE", 0.3, 0.6),
        ("ROUNDS", 40.0, 80.0),
    ]
    assert [edit.target for edit in made.edits if edit.opaque] == ["score"]
    assert made.fingerprint
    assert made.fingerprint != state_edits.change(new, old).fingerprint
    assert state_edits.change(old, old) == Change()
    assert [edit.target for edit in state_edits.change(old, new, ["--rounds"]).edits] == ["ROUNDS"]


@pytest.mark.parametrize(
    ("name", "seed"),
    [("SEED", True), ("--seed", True), ("cfg.random_state", True), ("data_seed", True), ("$AUTORESEARCH_SEED", True),
     ("n_seeds", False), ("SEEDED", False), ("lr", False), ("seed_count", False)],
)  # fmt: skip
def test_which_names_are_seeds(name: str, seed: bool) -> None:
    assert is_seed(name) is seed
