"""A new campaign's settings are another's: what is written of them reads back as it was."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from memorylab.adapters.config import Config, first_version

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_leaves = st.one_of(_texts, st.booleans(), st.integers(-(10**15), 10**15), st.floats(-1e300, 1e300), st.lists(_texts))
_tables = st.dictionaries(
    st.sampled_from(["guard", "run", "vocabulary", "arena", "environment"]),
    st.dictionaries(_texts, st.one_of(_leaves, st.dictionaries(_texts, _leaves, max_size=3)), max_size=4),
)


@given(
    _tables, st.floats(1e-3, 1e8), _texts, st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
)
def test_what_is_written_reads_back(tables: dict[str, Any], budget: float, pattern: str, mutable: list[str]) -> None:
    config = Config(time_budget_s=budget, metric_pattern=pattern, mutable=tuple(mutable))
    found = tomllib.loads(first_version(config, tables, "speed"))
    assert {name: value for name, value in found.items() if isinstance(value, dict)} == {**tables, "pins": {}}
    written = (found.get("time_budget_s", 300.0), found.get("metric_pattern", ""), found.get("mutable", ["train.py"]))
    assert written == (budget, pattern, mutable)
