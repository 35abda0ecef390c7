"""An arena's key: a campaign's name makes another one, and rows without any keep the key that they always had."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.runs import arenas
from memorylab.lab.standing import agrees
from memorylab.records import finite

_texts = st.one_of(st.none(), st.text(max_size=8))
_arenas = st.fixed_dictionaries(
    {"metric": st.text(min_size=1, max_size=8), "direction": st.sampled_from(["min", "max"])},
    optional={
        "budget_s": st.one_of(st.none(), st.floats(0.1, 1e6)),
        **dict.fromkeys(("protected", "data", "device", "source", "era", "arguments", "environment"), _texts),
    },
)
_names = st.from_regex(r"[a-z][a-z0-9._-]{0,8}[a-z0-9]", fullmatch=True).filter(lambda name: name != "default")


def key_before_campaigns(arena: dict[str, Any]) -> str:
    """As ledgers and indexes have it from before there were campaigns."""

    def told(value: object) -> str:
        number = finite(value) if isinstance(value, float | int) else None
        return f"{number:g}" if number is not None else str(value or "-")

    fields = ("metric", "direction", "budget_s", "protected", "data", "device", "source", "era")
    said = [f"{field}={arena[field]}" for field in ("arguments", "environment") if arena.get(field)]
    return "|".join([*(told(arena.get(field)) for field in fields), *said])


@given(_arenas)
def test_without_a_campaign_a_key_is_what_it_was(arena: Any) -> None:
    named: Any = {**arena, "campaign": "default"}
    assert arenas.key(arena) == key_before_campaigns(arena) == arenas.key(named)
    assert agrees(named, arena) == agrees(arena, named) == agrees(arena, arena)


@given(_arenas, _names, _names)
def test_campaigns_never_share_an_arena(arena: Any, one: str, two: str) -> None:
    mine: Any = {**arena, "campaign": one}
    theirs: Any = {**arena, "campaign": two}
    assert arenas.key(mine) != arenas.key(arena) and (arenas.key(mine) == arenas.key(theirs)) == (one == two)
    assert not agrees(mine, arena) and not agrees(arena, mine) and agrees(mine, theirs) == (one == two)


def test_the_words_of_an_arena_name_its_campaign() -> None:
    arena: Any = {"metric": "ms", "direction": "min", "campaign": "speed"}
    assert arenas.describe(arena) == "ms (lower is better), campaign speed"
