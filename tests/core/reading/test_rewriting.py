"""Values are replaced and taken away where they stand, and nothing else in the file is."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from memorylab.core.reading import leaves, rewriting
from memorylab.core.reading.literals import Value
from memorylab.core.reading.places import label_of
from memorylab.core.reading.slots import State, is_seed
from memorylab.core.reading.state import state_of

SCRIPT = '''"""A script with one value of each kind."""
import argparse
import os
from dataclasses import dataclass

LR = 1e-3  # step size
HIDDEN = (64, 32)
SIZES = [8, 16]
ACT = 'relu'
USE_BIAS: bool = True
NAME = "é"; WIDTH = 2**7
FLOOR = -0.5
CONFIG = {"opt": {"lr": 0.1, "betas": (0.9, 0.99)}, 'dropout': None, "é": "ü", "last": 3}
DEVICE = os.environ.get("MY_DEVICE", "3")
DEPTH = 8 if DEVICE else 2


@dataclass
class Cfg:
    """Settings."""

    depth: int = 4
    rate: float = 0.5


class Net:
    scale = 1.5

    def __init__(self, hidden=64, *, drop: float = 0.1, act="relu"):
        self.gain = 2.0
        self.layer = make("é", bias=False, eps=1e-6)


def loss(x, beta=0.5,
         gamma=2):
    temp = 0.7
    return x * beta


p = argparse.ArgumentParser()
p.add_argument("--lr-min", type=float, default=1e-5)
p.add_argument("--epochs", default=10, type=int)
match DEVICE:
    case "1":
        PICKED = 11
opt = Adam(params, lr=3e-4, betas=(0.9, 0.95))
opt2 = SGD(params,
           lr=3e-2,
           nesterov=True)
'''
YAML = """# the model
model:
  width: 128   # units
  act: relu
  layers: [64, 32]
  "quoted key": 1
optimizer: {lr: 0.1, name: "adam", betas: [0.9, 0.99]}
schedule:
  - type: warm
    steps: 100
  - type: cool
    steps: 50
amp: true
resume:
"""
JSON = """{"lr": 0.1, "opt": {"name": "adam", "betas": [0.9, 0.99], "amp": true, "none": null},
 "list": [{"w": 1}, {"w": 2}], "name": "a, b"}
"""
TOML = """lr = 1e-3
name = "adam"
[opt]
betas = [0.9, 0.99]
amp = true  # or not
wd.x = 0.1
inline = { a = 1, b = "x" }
"""
KERNEL = """#define BLOCK 64
const int TILE = 16; // a tile
THREADS = 8;
float f(float x) { return x * BLOCK; }
"""
FILES = {"train.py": SCRIPT, "a.yaml": YAML, "a.json": JSON, "a.toml": TOML, "kernel.cu": KERNEL}
EACH = [(file, slot.name) for file, text in FILES.items() for slot in rewriting.slots(file, text)]


def another(value: Value) -> Value:
    """A value of the same kind."""
    match value:
        case bool():
            return not value
        case float():
            return value * 2 + 1
        case str():
            return f"{value}-two"
        case tuple():
            return (*value[:-1], another(value[-1]))
        case _:
            return 0.25


def slot_of(file: str, name: str) -> rewriting.Slot:
    return next(slot for slot in rewriting.slots(file, FILES[file]) if slot.name == name)


def state(file: str, text: str) -> State:
    found = state_of({file: text})
    assert found is not None
    return found


def values(file: str, text: str) -> dict[str, Any]:
    """What the state, or for another language the lines, make of a file."""
    found = state(file, text).slots
    return dict(found) if found else {slot.name: slot.value for slot in rewriting.slots(file, text)}


def test_the_samples_hold_every_kind_of_value() -> None:
    assert len(EACH) == 65
    assert {"LR", "CONFIG.betas", "Cfg.depth", "--lr-min", "opt2.SGD.lr", "loss.gamma"} <= {name for _, name in EACH}


@pytest.mark.parametrize("file", FILES)
def test_slots_are_named_and_valued_as_in_the_state(file: str) -> None:
    named = {slot.name: slot.value for slot in rewriting.slots(file, FILES[file]) if not is_seed(slot.name)}
    if file != "kernel.cu":
        assert set(named) == set(state(file, FILES[file]).slots)
    assert all(label_of(name) for name in named)


@pytest.mark.parametrize(("file", "name"), EACH)
def test_a_replaced_value_is_the_only_thing_that_differs(file: str, name: str) -> None:
    text, slot = FILES[file], slot_of(file, name)
    changed = rewriting.with_value(file, text, slot, another(slot.value))
    assert changed is not None
    before, after = values(file, text), values(file, changed)
    assert [key for key in before if before[key] != after.get(key)] == [name]
    assert set(before) == set(after)
    assert state(file, changed).key != state(file, text).key
    changed_lines = [pair for pair in zip(text.splitlines(), changed.splitlines(), strict=True) if pair[0] != pair[1]]
    assert len(changed_lines) == 1, "comments, layout and all other lines stay"
    assert rewriting.with_value(file, changed, slot_of_text(file, changed, name), slot.value) is not None


def slot_of_text(file: str, text: str, name: str) -> rewriting.Slot:
    return next(slot for slot in rewriting.slots(file, text) if slot.name == name)


@pytest.mark.parametrize(("file", "name"), EACH)
def test_a_value_set_back_is_the_file_as_it_was(file: str, name: str) -> None:
    text, slot = FILES[file], slot_of(file, name)
    there = rewriting.with_value(file, text, slot, another(slot.value))
    assert there is not None
    back = rewriting.with_value(file, there, slot_of_text(file, there, name), slot.value)
    assert back is not None
    assert state(file, back).key == state(file, text).key or file == "kernel.cu"


@pytest.mark.parametrize(("file", "name"), EACH)
def test_what_is_taken_away_is_gone_and_the_rest_stays_readable(file: str, name: str) -> None:
    text, slot = FILES[file], slot_of(file, name)
    changed = rewriting.without(file, text, slot)
    if changed is None:  # half of an expression, a default before others, the only value of a local name
        return
    if file == "train.py":
        ast.parse(changed)
    before, after = values(file, text), values(file, changed)
    assert len(after) == len(before) - 1
    assert set(after) <= set(before)


@pytest.mark.parametrize(
    ("file", "name", "line"),
    [
        ("train.py", "LR", ""),
        ("train.py", "opt2.SGD.lr", "opt2 = SGD(params,\n           nesterov=True)"),
        ("train.py", "opt2.SGD.nesterov", "opt2 = SGD(params,\n           lr=3e-2)"),
        ("train.py", "CONFIG.dropout", '(0.9, 0.99)}, "é": "ü", "last": 3}'),
        ("train.py", "CONFIG.last", '"é": "ü"}'),
        ("train.py", "Net.__init__.drop", "*, drop: float, act="),
        ("train.py", "Cfg.depth", '"""Settings."""\n\n    rate: float'),
        ("a.yaml", "model.act", "units\n  layers:"),
        ("a.yaml", "optimizer.lr", '{name: "adam"'),
        ("a.json", "opt.none", '"amp": true}'),
        ("a.toml", "opt.amp", "0.99]\nwd.x"),
        ("kernel.cu", "TILE", "64\nTHREADS"),
    ],
)
def test_what_goes_with_a_value(file: str, name: str, line: str) -> None:
    changed = rewriting.without(file, FILES[file], slot_of(file, name))
    assert changed is not None and line in changed
    assert name != "LR" or "LR = " not in changed


def test_what_cannot_be_taken_away_by_itself_is_refused() -> None:
    assert rewriting.without("train.py", SCRIPT, slot_of("train.py", "loss.gamma")) is None
    assert rewriting.without("train.py", SCRIPT, slot_of("train.py", "DEPTH")) is None


def test_a_list_over_several_lines_is_not_guessed_at() -> None:
    text = "flags:\n  - a\n  - b\n"
    (slot,) = rewriting.slots("a.yaml", text)
    assert slot.value == ("a", "b")
    assert rewriting.with_value("a.yaml", text, slot, ("a",)) is None


def test_a_word_of_a_configuration_stays_one() -> None:
    assert "act: gelu\n" in (rewriting.with_value("a.yaml", YAML, slot_of("a.yaml", "model.act"), "gelu") or "")
    assert 'act: "yes"\n' in (rewriting.with_value("a.yaml", YAML, slot_of("a.yaml", "model.act"), "yes") or "")


def test_a_broken_script_is_read_line_by_line() -> None:
    text = "LR = 0.1\ndef f(:\n  x = 1\n"
    assert [slot.name for slot in rewriting.slots("train.py", text)] == ["LR", "x"]
    assert rewriting.with_value("train.py", text, rewriting.slots("train.py", text)[0], 0.2) == text.replace(
        "0.1", "0.2"
    )


def test_notebooks_and_files_beyond_all_reading_have_no_slots() -> None:
    assert rewriting.slots("a.ipynb", '{"cells": []}') == []
    assert rewriting.slots("a.py", "X = 1\n" * 500_000) == []
    assert leaves.leaves("a.yaml", "x: &a 1\n") is None
    assert [slot.name for slot in rewriting.slots("a.yaml", "x: 1\ny: &a 1\n")] == ["x"]
