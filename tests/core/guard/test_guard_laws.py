"""Laws of the verdict: what no history and no wording may do to it."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from memorylab.core.guard.knobs import touching
from memorylab.core.guard.novelty import judge
from memorylab.core.reading.ideas import Idea, Past, make_idea
from memorylab.records import CLASSIFICATIONS, DECISIONS
from tests.phrasings import (
    ACTIVATIONS,
    ADDING,
    CONCEPTS,
    IDEAS,
    QUIET,
    REMOVING,
    STEPS,
    TAILS,
    Move,
    histories,
    moves,
    past,
    phrased,
)

MODES = st.sampled_from(["explore", "exploit", "replicate"])
SEARCHING = st.sampled_from(["explore", "exploit"])
STATUSES = st.sampled_from(["keep", "discard", "crash"])
REPEATS = ("duplicate_run", "repeat_failure")
STRANGE = (
    "poll the exchange hourly",
    "RSI 8",
    "imgsz 1024",
    "num_leaves=96",
    "CUDA graph around the micro-step",
    "mosaic augmentation",
    "stop-loss 2 percent",
    "vectorize the tally kernel",
    "quantize activations to int8",
    "entropy bonus 0.013",
)
"""Runs of other fields, which most ideas have nothing to do with."""


def unrelated(idea: Idea, run: Past) -> bool:
    """Whether a run shares nothing with an idea: no target, family, word or number, and nothing that interacts."""
    targets = {edit.target for edit in run.edits}
    return (
        targets.isdisjoint(edit.target for edit in idea.edits)
        and not touching(idea.edits, tuple(targets))
        and run.family != idea.family
        and run.words.isdisjoint(idea.words)
        and run.said.isdisjoint(idea.said)
    )


def essence(guard: Any) -> tuple[Any, ...]:
    """What history decides of a verdict; evidence by name."""
    return guard["classification"], guard["policy"]["decision"], guard["policy"]["evidence"]


@given(moves(), st.data(), STATUSES, SEARCHING)
def test_the_way_back_repeats_nothing(move: Move, data: st.DataObject, status: str, mode: str) -> None:
    first = data.draw(phrased(move, STEPS))
    back = data.draw(phrased(Move(move.knob, move.b, move.a), STEPS))
    assert judge(make_idea(back), [past(1, first, status)], mode=mode)["classification"] not in REPEATS


@given(moves(), st.floats(1.01, 8), st.data(), STATUSES, SEARCHING)
def test_up_from_a_value_repeats_no_step_down_from_it(
    move: Move, factor: float, data: st.DataObject, status: str, mode: str
) -> None:
    assume(move.knob not in ("TOTAL_BATCH_SIZE", "SEQ_LEN"))
    step = round(move.a * factor, 6) if move.b < move.a else round(move.a / factor, 6)
    assume(step != move.a and step > 0)
    first, other = data.draw(phrased(move, STEPS)), data.draw(phrased(move._replace(b=step), STEPS))
    assert judge(make_idea(other), [past(1, first, status)], mode=mode)["classification"] not in REPEATS


@given(
    st.sampled_from(CONCEPTS), st.sampled_from(ADDING), st.sampled_from(REMOVING), st.booleans(), STATUSES, SEARCHING
)
def test_taking_away_repeats_no_adding(
    concept: str, add: str, remove: str, turned: bool, status: str, mode: str
) -> None:
    first, other = (add, remove) if turned else (remove, add)
    guard = judge(make_idea(other.format(concept)), [past(1, first.format(concept), status)], mode=mode)
    assert guard["classification"] not in REPEATS


@given(st.permutations(ACTIVATIONS), STATUSES, SEARCHING)
def test_a_replacement_turned_round_repeats_nothing(names: list[str], status: str, mode: str) -> None:
    a, b, *_ = names
    guard = judge(make_idea(f"{b} -> {a}"), [past(1, f"{a} -> {b}", status)], mode=mode)
    assert guard["classification"] not in REPEATS


@given(moves(), st.data(), st.sampled_from(["discard", "crash"]), SEARCHING)
def test_a_failure_said_again_in_any_words_is_a_blocked_duplicate(
    move: Move, data: st.DataObject, status: str, mode: str
) -> None:
    first, again = (data.draw(phrased(move, tails=QUIET)) for _ in range(2))
    guard = judge(make_idea(again), [past(1, first, status)], mode=mode)
    assert essence(guard) == ("duplicate_run", "block", ["r1"])


@given(moves(), st.data(), st.sampled_from(["discard", "crash"]), SEARCHING)
def test_it_is_known_again_whatever_base_or_reason_is_told(
    move: Move, data: st.DataObject, status: str, mode: str
) -> None:
    guard = judge(make_idea(data.draw(phrased(move))), [past(1, data.draw(phrased(move)), status)], mode=mode)
    assert (guard["classification"], guard["policy"]["evidence"]) == ("duplicate_run", ["r1"])
    assert guard["policy"]["decision"] in ("block", "caution")


@given(IDEAS, histories(), st.lists(st.sampled_from(STRANGE), max_size=4), st.randoms(), MODES)
def test_where_unrelated_runs_stand_in_history_does_not_matter(
    text: str, runs: list[Past], strange: list[str], random: Any, mode: str
) -> None:
    idea = make_idea(text)
    others = [past(0, other, name=f"x{n}") for n, other in enumerate(strange)]
    apart = [run for run in (*runs, *others) if unrelated(idea, run)]
    near = [run for run in runs if not unrelated(idea, run)]
    verdicts = [essence(judge(idea, _renumbered(order), mode=mode)) for order in _orders(near, apart, random)]
    assert verdicts[0] == verdicts[1] == verdicts[2]


def _orders(near: list[Past], apart: list[Past], random: Any) -> list[list[Past]]:
    """Histories in which the related runs keep their order and the others stand wherever they like."""
    orders = [[*near, *apart], [*apart[::-1], *near]]
    mixed = list(near)
    for run in apart:
        mixed.insert(random.randint(0, len(mixed)), run)
    return [*orders, mixed]


def _renumbered(runs: list[Past]) -> list[Past]:
    return [run._replace(seq=n) for n, run in enumerate(runs, 1)]


@given(IDEAS, histories(), st.one_of(IDEAS, st.sampled_from(STRANGE)), STATUSES, st.integers(0, 9), MODES)
def test_an_unrelated_run_changes_no_verdict(
    text: str, runs: list[Past], other: str, status: str, seq: int, mode: str
) -> None:
    idea, added = make_idea(text), past(seq, other, status, name="new")
    assume(unrelated(idea, added))
    assert judge(idea, [*runs, added], mode=mode) == judge(idea, runs, mode=mode)


@given(st.text(max_size=300), st.lists(st.text(max_size=80), max_size=4), MODES, st.booleans())
def test_any_text_gets_a_verdict_and_always_the_same(text: str, texts: list[str], mode: str, strict: bool) -> None:
    runs = [past(n, other) for n, other in enumerate(texts, 1)]
    guard = judge(make_idea(text), runs, mode=mode, strict=strict)
    assert guard == judge(make_idea(text), runs, mode=mode, strict=strict)
    assert guard["classification"] in CLASSIFICATIONS and guard["policy"]["decision"] in DECISIONS
    assert guard["policy"]["reason"] and said(guard["p_keep"], bool(guard["top_matches"]))


def said(chance: float | None, resembling: bool) -> bool:
    """Whether a chance is one, and is said only where some run resembles the idea."""
    return 0 < (chance or 0) < 1 if resembling else chance is None


@given(IDEAS, histories(), MODES)
def test_a_block_names_runs_of_history_or_that_there_are_none(text: str, runs: list[Past], mode: str) -> None:
    guard = judge(make_idea(text), runs, mode=mode)
    evidence = guard["policy"]["evidence"]
    assert set(evidence) <= {run.run_id for run in runs} and said(guard["p_keep"], bool(guard["top_matches"]))
    nothing = mode == "replicate" and guard["classification"] == "novel"
    assert evidence or nothing or guard["policy"]["decision"] != "block"


@given(IDEAS, histories())
def test_exploring_blocks_at_least_what_exploiting_blocks_and_nothing_that_it_allows(
    text: str, runs: list[Past]
) -> None:
    explored, exploited = (
        judge(make_idea(text), runs, mode=mode)["policy"]["decision"] for mode in ("explore", "exploit")
    )
    assert exploited != "block" or explored == "block"
    assert explored != "block" or exploited in ("block", "caution")


@given(IDEAS, histories())
def test_being_strict_never_blocks_less(text: str, runs: list[Past]) -> None:
    plain, strict = (judge(make_idea(text), runs, mode="explore", strict=strict) for strict in (False, True))
    assert plain["policy"]["decision"] != "block" or strict["policy"]["decision"] == "block"


@given(IDEAS, IDEAS, st.sampled_from(["discard", "crash"]), SEARCHING, st.text(min_size=1))
def test_one_change_of_the_code_that_failed_is_never_new(
    text: str, other: str, status: str, mode: str, change: str
) -> None:
    idea = make_idea(text)._replace(change=change)
    guard = judge(idea, [past(1, other, status)._replace(change=change)], mode=mode)
    assert guard["classification"] in REPEATS and guard["policy"]["evidence"] == ["r1"]
    assert guard["top_matches"][0]["relation"] == "same"


@given(IDEAS, histories(), st.sampled_from(TAILS[:2]), MODES)
def test_a_full_stop_changes_nothing(text: str, runs: list[Past], tail: str, mode: str) -> None:
    assert essence(judge(make_idea(text + tail), runs, mode=mode)) == essence(judge(make_idea(text), runs, mode=mode))
