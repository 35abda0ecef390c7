"""What packs say in short: extremes with enough tries, one target in full."""

from __future__ import annotations

from memorylab.core.guard import standings
from memorylab.core.guard.priors import Counts, Pack, Prior

CELLS = {
    "*|*": Counts(200, 20, 40, 10),
    "optimizer/*|*": Counts(100, 20, 20, 0),
    "MATRIX_LR|*": Counts(60, 20, 12, 0),
    "MATRIX_LR|down": Counts(30, 12, 12, 0),
    "MATRIX_LR|up": Counts(30, 14, 0, 0),
    "weight tying|*": Counts(9, 9, 0, 0),
    "weight tying|on": Counts(9, 9, 0, 0),
}
PRIOR = Prior((Pack("public", 20, 200, CELLS), Pack("own", 1, 4, {"MATRIX_LR|up": Counts(4, 1, 1, 0)})))


def test_the_overview_names_extremes_that_were_tried_often() -> None:
    found = standings.overview(PRIOR)
    assert [(pack["name"], pack["runs"], pack["kept"]) for pack in found["packs"]] == [
        ("public", 200, 40),
        ("own", 4, 0),
    ]
    assert [row["target"] for row in found["most_tried"]] == ["MATRIX_LR", "weight tying"]
    assert [(row["kind"], row["tries"], row["source"]) for row in found["kept_least"]] == [("up", 34, "public, own")]
    assert [row["kind"] for row in found["kept_most"]] == ["down"]


def test_what_is_switched_off_is_empty() -> None:
    off = standings.overview(None)
    assert (off["on"], off["packs"], off["most_tried"]) == (False, [], [])
    assert standings.overview(Prior(()))["on"] is True


def test_a_target_is_found_by_its_name_and_by_words() -> None:
    for words in ("MATRIX_LR", "matrix_lr", "matrix learning rate", "muon LR"):
        rows = standings.of_target(PRIOR, words)
        assert [(row["source"], row["kind"]) for row in rows] == [
            ("public", None), ("public", "down"), ("public", "up"), ("own", "up"),
        ]  # fmt: skip
    assert standings.of_target(PRIOR, "frobnicator") == []
    assert standings.of_target(PRIOR, "*") == []
