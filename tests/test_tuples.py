"""Named tuples that are made fast are the named tuples of the standard library in everything that a caller sees."""

from __future__ import annotations

import copy
import pickle
from collections import namedtuple
from typing import Any

import pytest

from memorylab.tuples import NamedTuple


class Spot(NamedTuple):
    """A place."""

    east: int
    north: int = 2
    note: str = ""

    @property
    def far(self) -> int:
        """East and north together."""
        return self.east + self.north


class Bare(NamedTuple):
    """Nothing in it."""


Standard: Any = namedtuple("Spot", "east north note", defaults=(2, ""))  # type: ignore[name-match]


@pytest.mark.parametrize("maker", [Spot, Standard])
def test_made_read_and_changed(maker: Any) -> None:
    spot = maker(1, note="x")
    assert spot == (1, 2, "x") and spot.note == "x" and hash(spot) == hash((1, 2, "x"))
    assert spot._replace(north=5) == (1, 5, "x") and type(spot._replace(north=5)) is maker
    assert spot._asdict() == {"east": 1, "north": 2, "note": "x"} and maker._make([1, 2, 3]) == (1, 2, 3)
    assert repr(spot) == "Spot(east=1, north=2, note='x')" and not hasattr(spot, "__dict__")
    assert (maker._fields, maker._field_defaults) == (("east", "north", "note"), {"north": 2, "note": ""})
    match spot:
        case maker(east, north, note):
            assert (east, north, note) == spot


@pytest.mark.parametrize("maker", [Spot, Standard])
@pytest.mark.parametrize(("values", "named"), [((), {}), ((1, 2, 3, 4), {}), ((1,), {"east": 2}), ((1,), {"west": 2})])
def test_wrong_arguments_are_refused(maker: Any, values: tuple[int, ...], named: dict[str, int]) -> None:
    with pytest.raises(TypeError):
        maker(*values, **named)
    with pytest.raises(TypeError):
        maker._make([1])
    with pytest.raises(ValueError, match="west"):
        maker(1)._replace(west=1)
    with pytest.raises(AttributeError):
        maker(1).east = 2


def test_own_methods_copies_and_pickles() -> None:
    assert Spot(1).far == 3 and Spot.__doc__ == "A place." and Bare() == ()
    for copied in (copy.deepcopy(Spot(1)), pickle.loads(pickle.dumps(Spot(1)))):
        assert copied == Spot(1) and type(copied) is Spot


def test_a_subclass_may_take_its_arguments_another_way() -> None:
    class Checked(Spot):
        """Refuses what lies in the west."""

        __slots__ = ()

        def __new__(cls, east: int) -> Checked:
            if east < 0:
                raise ValueError("west")
            return super().__new__(cls, east)

    assert Checked(1) == (1, 2, "") and type(Checked(1)) is Checked
    with pytest.raises(ValueError, match="west"):
        Checked(-1)


def test_a_default_before_a_field_without_one_is_refused() -> None:
    with pytest.raises(TypeError, match="without a default"):
        made: Any = type(NamedTuple)
        made("Wrong", (NamedTuple,), {"__annotations__": {"a": "int", "b": "int"}, "a": 1})
