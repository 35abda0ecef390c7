"""One number for the chance that an idea is kept, and none where nothing is known of it."""

from __future__ import annotations

import pytest

from memorylab.core.guard import priors
from memorylab.core.guard.novelty import judge
from memorylab.core.guard.odds import Kin, Session
from memorylab.core.guard.priors import Counts, Pack, Prior
from memorylab.core.reading.ideas import make_idea
from tests.core.guard.test_novelty import past

CELLS = {
    "MATRIX_LR|down": Counts(70, 20, 21, 1),
    "MATRIX_LR|*": Counts(90, 20, 30, 2),
    "*|*": Counts(500, 20, 120, 9),
}
PUBLIC = Prior((Pack(priors.SHIPPED, 20, 500, CELLS),))
OWN = Prior((PUBLIC.packs[0]._replace(name="ours"),))


@pytest.mark.parametrize("text", ["use a bigger forest", "N_ESTIMATORS from 100 to 200", "baseline", ""])
def test_before_the_first_run_nothing_is_known_of_what_no_field_has_tried(text: str) -> None:
    assert judge(make_idea(text), [], prior=PUBLIC, metric="val_bpb")["p_keep"] is None
    assert judge(make_idea(text), [])["p_keep"] is None


def test_before_the_first_run_the_field_speaks_where_it_is_this_field() -> None:
    idea = make_idea("lower MATRIX_LR from 0.04 to 0.03")
    said = judge(idea, [], prior=PUBLIC, metric="val_bpb")["p_keep"]
    assert said is not None and abs(said - 21 / 70) < 0.05
    assert judge(idea, [], prior=PUBLIC, metric="accuracy")["p_keep"] is None
    assert judge(idea, [], prior=PUBLIC, metric="log_loss")["p_keep"] is None
    assert judge(idea, [], prior=OWN, metric="accuracy")["p_keep"] == said, "a pack that somebody loaded is meant"


def test_a_run_like_it_that_was_made_elsewhere_is_no_first_run_that_is_kept_by_definition() -> None:
    failed = past(1, "raise MATRIX_LR from 0.04 to 0.06", "discard", -5.0)
    said = judge(make_idea("raise MATRIX_LR from 0.04 to 0.06"), [failed])["p_keep"]
    assert said is not None and said < 0.4


def test_of_a_closed_line_the_chance_is_no_better_than_that_of_the_line() -> None:
    failed = [past(n, f"matrix lr 0.0{n}", "discard", -5.0) for n in range(1, 9)]
    kin = Kin(tuple(run.run_id for run in failed))
    session = Session(9, 8, ("keep",) * 8, 8)
    guard = judge(make_idea("a wholly new matrix lr schedule"), failed, kin=kin, session=session, block_below=0.9)
    assert "hardly any idea like this is kept" in guard["policy"]["reason"] and "%" not in guard["policy"]["reason"]
    assert guard["p_keep"] is not None and guard["policy"]["odds"] is not None
    assert guard["p_keep"] <= guard["policy"]["odds"]
