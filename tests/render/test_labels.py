"""Names in a chart: none covers another, a line or, where there is room, a dot."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from memorylab.render.labels import Anchor, Box, Cells, place, text_width

FRAME = Box(0, 0, 600, 300)
spots = st.tuples(st.floats(-40, 640), st.floats(-40, 340), st.floats(0.5, 700), st.floats(0.5, 90))
boxes = spots.map(lambda one: Box(one[0], one[1], one[0] + one[2], one[1] + one[3]))


@given(st.lists(boxes, max_size=20), boxes)
def test_the_grid_finds_what_one_by_one_would(held: list[Box], area: Box) -> None:
    assert Cells(held).meets(area) == any(area.meets(box) for box in held)


points = st.tuples(st.floats(0, 600), st.floats(0, 300))


@given(st.lists(points, min_size=1, max_size=12), st.lists(points, max_size=60))
def test_names_cover_neither_each_other_nor_the_line_nor_a_dot(
    ends: list[tuple[float, float]], dots: list[tuple[float, float]]
) -> None:
    anchors = [Anchor(x, y, (f"idea {n}",), float(n)) for n, (x, y) in enumerate(ends)]
    hard = [Box(x - 4, y - 4, x + 4, y + 4) for x, y in ends]
    soft = [Box(x - 3, y - 3, x + 3, y + 3) for x, y in dots]
    named = place(anchors, hard, soft, FRAME, side=1, most=8)
    taken = [Box(one.x, one.y - 10, one.x + text_width(one.text), one.y) for one in named]
    assert len(named) <= 8
    for first, second in itertools.combinations(taken, 2):
        assert not first.meets(second)
    for box in taken:
        assert not any(box.meets(other) for other in [*hard, *soft])
        assert (
            FRAME.left <= box.left and box.right <= FRAME.right and FRAME.top <= box.top and box.bottom <= FRAME.bottom
        )


def test_a_name_keeps_off_a_dot_where_there_is_room() -> None:
    anchor = Anchor(300.0, 150.0, ("an idea", "an…"), 1.0)
    (free,) = place([anchor], [], [], FRAME, side=1, most=1)
    dot = Box(free.x, free.y - 6, free.x + 6, free.y)
    (moved,) = place([anchor], [], [dot], FRAME, side=1, most=1)
    assert (moved.x, moved.y) != (free.x, free.y)
    assert place([anchor], [FRAME], [], FRAME, side=1, most=1) == []


def test_a_name_that_finds_no_place_is_told_shorter_and_one_that_must_stand_may_cover_dots() -> None:
    frame = Box(0, 0, 130, 300)
    anchor = Anchor(60.0, 150.0, ("a name far too long for this", "a name"), 1.0)
    assert [one.text for one in place([anchor], [], [], frame, side=1, most=1)] == ["a name"]
    cloud = [Box(x, y, x + 5, y + 5) for x in range(0, 600, 8) for y in range(0, 300, 8)]
    assert place([anchor], [], cloud, FRAME, side=1, most=1) == []
    assert len(place([anchor._replace(must=True)], [], cloud, FRAME, side=1, most=1)) == 1
