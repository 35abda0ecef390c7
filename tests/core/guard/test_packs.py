"""Packs as files: what goes in comes out again, what would tell more than counts stays out, lies are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.guard import packs
from memorylab.core.guard.priors import ALL, Counts, Pack
from memorylab.core.guard.tries import Tried, tally
from memorylab.errors import InputError
from tests.tried import BASE, ledgers, run

GOOD: dict[str, Any] = {
    "format": "memorylab-priors",
    "version": 1,
    "name": "own",
    "made_from": {"ledgers": 2, "runs": 9},
    "cells": {"MATRIX_LR|up": [5, 2, 1, 0], "activation|to:leaky relu": [4, 1, 0, 4], "*|*": [9, 2, 1, 4]},
}


@given(ledgers, st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}", fullmatch=True))
def test_a_pack_that_is_written_and_read_is_the_same(some: list[list[Tried]], name: str) -> None:
    pack = packs.shared(tally(some, name))
    assert packs.parse(packs.dump(pack)) == pack


def test_every_cell_has_a_line_and_the_lines_are_sorted() -> None:
    text = packs.dump(packs.parse(json.dumps(GOOD)))
    lines = [line for line in text.splitlines() if "|" in line]
    assert len(lines) == 3
    assert lines == sorted(lines)


def test_targets_of_free_words_stay_out_and_are_counted_above() -> None:
    secret = run("quux the frobnicator of project orion")
    pack = packs.shared(tally([[BASE, secret, run("raise matrix LR"), run("ORION_GAIN=0.3")]]), own_knobs=False)
    assert not [cell for cell in pack.cells if "orion" in cell.lower()]
    assert pack.cells[ALL].tries == 3
    own = packs.shared(tally([[BASE, secret, run("ORION_GAIN=0.3")]]), own_knobs=True)
    assert [cell for cell in own.cells if "orion" in cell.lower()] == ["ORION_GAIN|set", "ORION_GAIN|*"]


def test_families_of_somebodys_own_stay_out() -> None:
    mine = run("raise matrix LR")._replace(family="orion project")
    assert not [cell for cell in packs.shared(tally([[BASE, mine]])).cells if "orion" in cell]


def test_no_cell_holds_a_number_of_an_idea() -> None:
    pack = packs.shared(tally([[BASE, run("matrix LR 0.04137 -> 0.0571"), run("depth 91"), run("batch 2**19")]]))
    assert not [cell for cell in pack.cells if any(value in cell for value in ("0.0", "91", "524288"))]


def test_cells_of_too_few_ledgers_can_be_left_to_the_levels_above() -> None:
    raise_lr, depth = run("raise matrix LR"), run("depth 10")
    pack = packs.shared(tally([[BASE, raise_lr, depth], [BASE, raise_lr]]), least_ledgers=2)
    assert pack.cells["MATRIX_LR|up"] == Counts(2, 2, 0, 0)
    assert not [cell for cell in pack.cells if cell.startswith("DEPTH")]
    assert pack.cells["architecture/*|*"] == Counts(1, 1, 0, 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "zip"}, "format"),
        ({"version": 2}, "version 2"),
        ({"version": True}, "version True"),
        ({"version": "1" * 9000}, "version"),
        ({"name": ""}, "name"),
        ({"name": "../../evil"}, "name"),
        ({"name": 3}, "name"),
        ({"name": "x" * 41}, "name"),
        ({"made_from": None}, "made_from"),
        ({"made_from": {"ledgers": -1, "runs": 9}}, "made_from"),
        ({"made_from": {"ledgers": 2, "runs": 1e3}}, "made_from"),
        ({"cells": []}, "cells"),
        ({"cells": {str(n): [1, 1, 0, 0] for n in range(20_001)}}, "20,000 cells"),
        ({"cells": {"MATRIX_LR": [5, 2, 1, 0]}}, "'MATRIX_LR' is no cell"),
        ({"cells": {"MATRIX_LR|sideways": [5, 2, 1, 0]}}, "is no cell"),
        ({"cells": {"\x1b[31m|up": [5, 2, 1, 0]}}, "is no cell"),
        ({"cells": {"MATRIX_LR|up": [5, 2, -1, 0]}}, "whole number"),
        ({"cells": {"MATRIX_LR|up": [5, 2, 1]}}, "'MATRIX_LR|up' is not [tries, ledgers, kept, crashed]"),
        ({"cells": {"MATRIX_LR|up": [5, 2, True, 0]}}, "whole number"),
        ({"cells": {"MATRIX_LR|up": [5, 2, 0.5, 0]}}, "whole number"),
        ({"cells": {"MATRIX_LR|up": [10**12, 2, 1, 0]}}, "whole number"),
        ({"cells": {"MATRIX_LR|up": [5, 2, 4, 2]}}, "4 kept and 2 crashed of 5 tries"),
        ({"cells": {"MATRIX_LR|up": [5, 3, 1, 0]}}, "in 3 ledgers"),
        ({"cells": {"MATRIX_LR|up": [10, 2, 1, 0]}}, "10 tries"),
        ({"cells": {"MATRIX_LR|up": [1, 2, 0, 0]}}, "1 tries in 2 ledgers"),
    ],
)
def test_a_pack_that_lies_is_refused_with_what_is_wrong(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        packs.parse(json.dumps(GOOD | change))
    assert said in str(caught.value).replace('\\"', '"')
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "[" * 100_000, '{"a": ' + "9" * 5000 + "}", " " * 1_000_001])
def test_what_is_no_pack_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        packs.parse(text)


KEYS = st.sampled_from([*GOOD, "MATRIX_LR|up", "ledgers", "runs"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from([*GOOD, ""]))
def test_anything_in_any_place_is_refused_or_read_but_never_breaks(value: Any, place: str) -> None:
    document = GOOD | {place: value} if place else value
    try:
        pack = packs.parse(json.dumps(document))
    except InputError:
        return
    assert isinstance(pack, Pack)


def test_the_shipped_name_is_taken() -> None:
    assert packs.name_of("acme labs") == "acme labs"
    for name in ("public", "Public", "", "a/b", "x\n"):
        with pytest.raises(InputError):
            packs.name_of(name)
