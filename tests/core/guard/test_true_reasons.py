"""What a reason says of earlier runs is what they did: who lost nothing didn't fail, and a step back is none along."""

from __future__ import annotations

from memorylab.core.guard.novelty import judge
from memorylab.core.reading.ideas import Past, make_idea
from tests.core.guard.test_novelty import past


def _said(text: str, *runs: Past) -> tuple[str, str, str]:
    guard = judge(make_idea(text), runs)
    return guard["classification"], guard["policy"]["decision"], guard["policy"]["reason"]


KEPT = past(1, "raise MATRIX_LR from 0.02 to 0.03", "keep", 9.0)


def test_a_value_beyond_a_kept_one_is_a_step_along_its_line() -> None:
    kind, decision, reason = _said("raise MATRIX_LR from 0.03 to 0.04", KEPT)
    assert (kind, decision) == ("incremental_followup", "allow")
    assert "a step along that line" in reason


def test_a_value_within_a_kept_step_refines_it() -> None:
    kind, decision, reason = _said("lower MATRIX_LR from 0.03 to 0.025", KEPT)
    assert (kind, decision) == ("incremental_followup", "allow")
    assert reason.startswith("MATRIX_LR 0.025 lies within the step of r1, which was kept, from 0.02 to 0.03")


def test_a_value_behind_a_kept_step_is_no_step_along_it() -> None:
    for value, said in (("0.02", "takes back"), ("0.01", "goes back behind")):
        kind, decision, reason = _said(f"lower MATRIX_LR from 0.03 to {value}", KEPT)
        assert (kind, decision) == ("novel", "allow")
        assert f"MATRIX_LR {value} {said} the step of r1, which was kept, from 0.02 to 0.03" in reason


def test_without_values_a_step_back_is_told_as_one() -> None:
    *_, reason = _said("lower MATRIX_LR", past(1, "raise MATRIX_LR to 0.03", "keep", 9.0))
    assert reason == "MATRIX_LR was kept in r1; this is a step back the other way"


def test_what_lost_nothing_did_not_fail() -> None:
    for gain, ended, excuse in (
        (35.0, "was not kept (discard, +35 sigma)", "it was better than its base"),
        (0.1, "was no better (discard, +0.1 sigma)", "that difference was within the noise"),
        (-0.1, "was no better (discard, -0.1 sigma)", "that loss was within the noise"),
        (-9.0, "failed (discard, -9.0 sigma)", ""),
    ):
        run = past(1, "raise MATRIX_LR from 0.02 to 0.03", "discard", gain)
        for text, before in (("0.04", "r1, which "), ("0.025", "r1, which ")):
            *_, decision, reason = _said(f"raise MATRIX_LR from 0.02 to {text}", run)
            assert before + ended in reason, reason
            assert excuse in reason and (decision == "caution" or gain < -1)
        *_, reason = _said("lower MATRIX_LR from 0.02 to 0.01", run)
        assert f"the opposite direction {ended.replace(' (', ' in r1 (')}, this one is untried" in reason


def test_between_two_runs_each_is_told_by_its_own_end() -> None:
    runs = (
        past(1, "MATRIX_LR from 0.04 to 0.02", "discard", -9.0),
        past(2, "MATRIX_LR from 0.04 to 0.03", "discard", 0.1),
    )
    *_, reason = _said("MATRIX_LR from 0.04 to 0.025", *runs)
    assert "r1, which failed" not in reason or "r2, which was no better" in reason


def test_another_part_is_told_as_such() -> None:
    *_, reason = _said("encoder: dropout 0.2", past(1, "decoder: dropout 0.2", "discard", -9.0))
    assert reason.startswith("the closest run, r1, is not the same: same knob, another part")


def test_a_value_that_was_kept_beyond_a_failed_one_lifts_the_block() -> None:
    lost = past(1, "MIN_EDGE from 0.0 to 0.0102", "discard", -9.0)
    kept = past(2, "MIN_EDGE from 0.0 to 0.0163", "keep", 9.0)
    later = past(3, "MIN_EDGE from 0.0 to 0.0105", "discard", -9.0)
    assert _said("MIN_EDGE from 0.0067 to 0.0172", lost)[1] == "block"
    kind, decision, reason = _said("MIN_EDGE from 0.0067 to 0.0172", lost, kept, later)
    assert (kind, decision) == ("repeat_failure", "caution") and "0.0163 was kept in r2" in reason


def test_a_value_kept_once_of_several_times_is_told_so() -> None:
    runs = [past(n, "MATRIX_LR from 0.02 to 0.03", "discard", -9.0) for n in (1, 2)]
    (known,) = judge(make_idea("MATRIX_LR from 0.02 to 0.03"), [*runs, KEPT._replace(seq=3, run_id="r3")])["knobs"]
    assert "0.03 kept (1 of 3 times)" in known["note"]


def test_ties_beside_losses_of_unknown_size_are_no_tie() -> None:
    runs = [past(n, "MATRIX_LR from 0.02 to 0.03", "discard", gain) for n, gain in ((1, 0.0), (2, None))]
    (known,) = judge(make_idea("MATRIX_LR from 0.02 to 0.03"), runs)["knobs"]
    assert "0.03 worse (2 times)" in known["note"]


def test_what_is_new_is_told_without_signs_of_the_reading() -> None:
    for text, told in (("lr 0.02 now that there are 7 trades", "7, trades"), ("lr 0.02 with 7 heads", "7")):
        *_, reason = _said(text, past(1, "lr 0.02", "discard", -9.0))
        assert f"what is new this time ({told}) may" in reason


def test_an_idea_without_a_name_is_cited_by_the_words_of_the_run_that_was_kept() -> None:
    kept = past(1, "raise the slack from 0.05 to 0.1", "keep", 9.0)
    for text in ("raise the slack from 0.1 to 0.4", "set the slack to 0.3"):
        reason = _said(text, kept)[2]
        assert '"raise the slack from 0.05 to 0.1" was kept in' in reason, reason
        assert text not in reason  # nobody has kept that


def test_a_value_that_a_kept_step_began_at_is_no_untried_one_after_later_failures() -> None:
    kept = past(1, "raise MATRIX_LR from 0.02 to 0.08", "keep", 9.0)
    for failed in ("lower MATRIX_LR", "raise MATRIX_LR from 0.08 to 0.16"):
        reason = _said("lower MATRIX_LR from 0.08 to 0.02", kept, past(2, failed, "discard", -9.0))[2]
        assert "takes back the step of r1" in reason, reason
        assert "untried" not in reason
