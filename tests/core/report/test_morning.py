from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.decisions import registry
from memorylab.core.decisions.drift import Due
from memorylab.core.decisions.noise import Noise
from memorylab.core.decisions.registry import Board, FailureCluster
from memorylab.core.numerals import digits
from memorylab.core.report import bill, failures, headline, lineage_tree
from memorylab.core.report.lineage_tree import Step
from memorylab.core.report.morning import Seen, Window, morning
from memorylab.records import Contender, RunView
from tests.render import nights

SHOWN = digits(0.001)


def report(
    runs: list[RunView],
    leader: RunView | None,
    noise: Noise | None = None,
    runs_of_leader: int = 2,
    first: Contender | None = None,
    **more: Any,
) -> Any:
    noise = noise or Noise(0.001, 3, 2)
    best = Contender(leader, runs_of_leader, leader.value or 0.0) if leader else None
    board = Board(
        arena={"metric": "val_bpb", "direction": "min"},
        noise=noise,
        champion=best,
        contenders=[best] if best else [],
        rival=None,
        lineages=[],
        failures=[],
        status_counts={"keep": 1, "discard": 0, "crash": 0},
        track=nights.followed(runs, noise),
        **more,
    )
    window = Window({"keep": len(runs)}, {"keep": 3600.0}, runs[::-1], None)
    return morning(board, window, Seen({"optimizer\tkeep": 2}, [], first=first), now="2026-01-06T06:58:00Z", since=None)


def option(action: str, run: RunView | None, worth: float, **more: Any) -> dict[str, Any]:
    about = registry.brief_of(run) if run else {"run_id": None, "description": ""}
    return {"action": action, **about, "mean": None, "runs": 1, "worth": worth, "minutes": 5.0, "chance": 0.7,
            "reruns": 3, "per_minute": worth / 5, **more}  # fmt: skip


LEAD = nights.run(9, "keep", 0.8, "wider")
NEAR = nights.run(4, "discard", 0.81, "a tie")
FRESH = option("new", None, 2e-4, chance=None, reruns=None)


def test_the_queue_is_ordered_by_worth_and_each_step_has_a_price_and_a_reason() -> None:
    steps = [option("replicate", LEAD, 5e-4), option("retry", NEAR, 4e-4), FRESH]
    found = report([NEAR, LEAD], LEAD, options=steps).queue
    assert [row["action"] for row in found] == ["replicate", "retry", "new"]
    assert [row["why"] for row in found] == [
        "it leads, but only 70 % that it gains anything",
        "70 % that it gains something, and it was never tried on the present champion",
        "what an idea that nobody tried is worth here",
    ]
    assert {row["minutes"] for row in found} == {5.0}
    assert [row["times_new"] for row in found] == pytest.approx([2.5, 2.0, 1.0])


def test_a_control_says_what_it_is_for() -> None:
    found = report([LEAD], LEAD, options=[option("control", LEAD, 1e-3, chance=None)], due=Due(True, 0.4, 12))
    assert found.queue[0]["why"].startswith("12 runs in a row came nowhere near it: 40 % that the machine")
    assert found.headline[-1].startswith("Do next: run “wider” again, as a control (5 min): 12 runs")


def test_the_queue_holds_few_near_misses_and_their_section_the_others_that_have_a_chance() -> None:
    tied = [nights.run(n, "discard", 0.81, f"tie {n}") for n in range(1, 8)]
    options = [*(option("retry", run, 1e-3) for run in tied[:6]), option("retry", tied[6], 1e-3, chance=0.1), FRESH]
    found = report([*tied, LEAD], LEAD, options=options)
    assert [row["action"] for row in found.queue].count("retry") == 3
    assert [row["description"] for row in found.near_misses] == ["tie 4", "tie 5", "tie 6"]


def test_steps_without_a_price_are_of_another_kind_than_what_a_run_is_best_spent_on() -> None:
    crashed = nights.run(1, "crash", None, "depth 9", next_action="fix_and_retry", error_kind="oom")
    slow = nights.run(2, "starved", 0.9, "wider", next_action="retry", error_kind="starved")
    found = report([crashed, slow, LEAD], LEAD, options=[option("replicate", LEAD, 5e-4), FRESH]).queue
    assert [row["kind"] for row in found] == ["run", "run", "look"]
    found = report([crashed, slow, NEAR], NEAR, options=[option("replicate", NEAR, 5e-4), FRESH]).queue
    assert [(row["kind"], row["description"]) for row in found][-2:] == [("look", "depth 9"), ("again", "wider")]


def test_after_one_measured_run_the_noise_is_measured_first() -> None:
    begun = nights.run(1, "keep", 1.0, "baseline")
    follow = option("branch_followup", begun, 5e-4)
    options = [follow, FRESH]
    (first, second) = report([begun], begun, noise=Noise(0.001, 3, 0), runs_of_leader=1, options=options).queue
    assert (first["action"], first["minutes"], second["action"]) == ("replicate", 5.0, "new")
    assert "nobody knows which gain would be real" in first["why"]
    assert (
        report([begun], begun, noise=Noise(0.001, 3, 2), runs_of_leader=1, options=options).queue[0]["action"] == "new"
    )


def test_before_anything_is_measured_the_advice_is_a_baseline() -> None:
    found = report([nights.run(1, "crash", None, "depth 9")], None, options=[FRESH])
    assert found.queue == []
    assert found.headline[-1] == "Do next: run a baseline; what follows is judged against it."


def test_crashes_of_one_kind_are_one_step_and_what_is_mended_is_none() -> None:
    crashed = {"next_action": "fix_and_retry", "error_kind": "oom", "error_summary": "no memory."}
    runs = [nights.run(n, "crash", None, f"depth {n}", **crashed) for n in (1, 2, 3)]
    mended = nights.run(4, "discard", 1.1, "depth 3", next_action="abandon")
    (row,) = report([*runs, mended, LEAD], LEAD).queue
    assert row["description"] == "depth 2"
    assert row["why"].startswith("it crashed (and 1 more run like it): no memory; lower DEVICE_BATCH_SIZE")


def test_a_doubted_run_that_would_lead_comes_before_everything() -> None:
    doubted = {"integrity": "suspect", "next_action": "investigate_crash", "doubts": "It sets evaluate_bpb."}
    leap = nights.run(5, "keep", 0.4, "a leap", **doubted)
    poor = nights.run(6, "keep", 0.9, "no leap", **doubted)
    found = report([leap, poor, LEAD], LEAD, options=[option("replicate", LEAD, 5e-4), FRESH]).queue
    assert [row["description"] for row in found] == ["a leap", "wider", "", "no leap"]
    assert found[0]["why"] == "it can't lead as it is: It sets evaluate_bpb"


def test_the_headline_is_a_sentence_each_on_what_leads_whether_to_believe_it_and_what_to_do() -> None:
    found = report([NEAR, LEAD], LEAD, options=[option("retry", NEAR, 4e-4), FRESH])
    leads, belief, after = found.headline
    assert leads == "The champion is “wider” with val_bpb 0.80."
    assert belief.startswith("Believe it? ")
    assert after == (
        "Do next: try “a tie” again, on today's champion (5 min): 70 % that it gains something, and it was never tried "
        "on the present champion."
    )


def test_where_nothing_was_measured_the_crash_comes_first() -> None:
    crash = nights.run(1, "crash", None, "baseline", error_kind="oom", next_action="fix_and_retry")
    found = report([crash], None)
    assert [row["action"] for row in found.queue] == ["fix_and_retry"]
    assert found.headline[-1].startswith("Do next: mend “baseline” and run it again")


def test_a_verdict_says_when_the_champion_was_lucky() -> None:
    contested = {"state": "contested", "probability_best": 0.15, "mean": 0.976, "estimate_low": 0.977,
                 "estimate_high": 0.978}  # fmt: skip
    seen = headline.verdict(contested, "min", SHOWN)
    assert (seen.word, seen.chance) == ("No", 0.15)
    assert "It was lucky: its true value is more likely 0.9770 to 0.9780." in seen.value
    assert "lucky" not in headline.verdict({**contested, "mean": 0.9775}, "min", SHOWN).value
    assert "lucky" not in headline.verdict(contested, "max", SHOWN).value
    assert "lucky" in headline.verdict({**contested, "mean": 0.98}, "max", SHOWN).value
    assert headline.verdict({"state": "confirmed", "probability_real": 0.97}, "min", SHOWN).word == "Yes"


def test_a_real_gain_that_others_may_match_is_believed_in_part() -> None:
    rival = {"run_id": "x", "description": "a wider head", "runs": 2, "mean": 2.06}
    contested = {"state": "contested", "probability_best": 0.34, "mean": 2.07, "contested_by": rival}
    seen = headline.verdict({**contested, "probability_real": 0.98}, "min", SHOWN)
    assert (seen.word, seen.chance) == ("In part", 0.34)
    assert seen.why == (
        "98 % that it truly beats what it was built on, but “a wider head” is probably better (66 %, 2.0600 in 2 runs)."
    )
    assert seen.of == "that it beats “a wider head”"
    assert headline.verdict({**contested, "probability_real": 0.7}, "min", SHOWN).word == "No"


def test_what_was_paid_and_bought_is_said_in_words() -> None:
    counts = {"keep": 2, "discard": 3, "crash": 1}
    paid = bill.Paid(counts, {"keep": 600.0, "discard": 900.0, "crash": 300.0})
    found = bill.bill(paid, 4, bill.Bought(0.002, 0.93, "the champion before"))
    assert bill.sentences(found, counts, SHOWN) == [
        "6 runs in 30 min (5 min each): 2 kept, 3 discarded, 1 crashed.",
        "It bought a gain of 0.0020 over the champion before, 93 % that it is real; 15 min for each of 2 kept ideas.",
        "The guard held back 4 runs, about 20 min saved.",
    ]
    assert bill.sentences(bill.bill(bill.Paid({}, {}), 0, bill.Bought(None, None, "")), {}, SHOWN) == []


def test_reruns_are_no_further_ideas_and_a_time_that_nobody_knows_is_said_to_be_unknown() -> None:
    counts = {"keep": 4, "discard": 0, "crash": 2}
    paid = bill.Paid(counts, {"keep": 48.0, "discard": 0.0, "crash": 0.0}, {"crash": 2}, 2)
    found = bill.bill(paid, 0, bill.Bought(0.01, 0.9, "the first run", (0.002, 0.006)))
    assert bill.sentences(found, counts, SHOWN) == [
        "6 runs in 48 s (12 s each): 4 kept runs of 2 ideas, 0 discarded, 2 crashed. "
        "The time of 2 crashes is unknown and not in it.",
        "It bought a gain of 0.0100 over the first run, 90 % that it is real "
        "(luck was in it: truly more likely 0.0020 to 0.0060); 24 s for each of 2 kept ideas.",
    ]


@given(st.tuples(*[st.floats(0.1, 1e8)] * 3))
def test_the_parts_of_the_time_make_up_the_whole(parts: tuple[float, ...]) -> None:
    spent = dict(zip(("keep", "discard", "crash"), parts, strict=True))
    found = bill.shares(bill.bill(bill.Paid({"keep": 1}, spent), 0, bill.Bought(None, None, "")))

    def size(told: str) -> float:
        sizes = {"h": 3600.0, "min": 60.0, "s": 1.0}
        words = told.replace(",", "").split()
        return sum(float(n) * sizes[unit] for n, unit in zip(words[::2], words[1::2], strict=False) if unit in sizes)

    assert sum(size(told) for *_, told in found) == pytest.approx(size(bill.length(sum(parts))))


def test_a_campaigns_gain_is_over_the_mean_of_what_it_began_with() -> None:
    begun = nights.run(1, "keep", 0.9, "baseline")
    found = report([begun, LEAD], LEAD, first=Contender(begun, 3, 0.91)).bill
    assert found["gained"] == pytest.approx(0.11)
    assert found["gained_over"] == "the mean of 3 runs of the first code"
    assert found["gained_truly"][0] < 0.11
    assert found["probability_gained"] > 0.9
    alone = report([begun], begun, first=Contender(begun, 2, 0.9)).bill
    assert alone["gained"] == 0.0


def test_an_idea_that_is_held_back_again_and_again_is_told_once() -> None:
    runs = nights.held_back([nights.run(1, "discard", 1.0, "a"), nights.run(2, "discard", 1.0, "b")] * 2)
    assert [(row["description"], row["times"]) for row in bill.held_back(runs)] == [("a", 2), ("b", 2)]


def test_failures_have_their_common_cause_and_distinct_examples() -> None:
    noise = Noise(0.001, 3, 2)
    oom = [nights.run(n, "crash", None, f"depth {n % 2}", error_kind="oom", error_summary=message)
           for n, message in enumerate(["no memory", "no memory", "no memory", "killed"])]  # fmt: skip
    found = failures.told(FailureCluster("crash", "oom\tDEPTH", 4, oom[0]), oom, noise, "min")
    assert found["cause"].startswith("no memory (3 of 4): lower DEVICE_BATCH_SIZE")
    said = "HEAD_DIM 64 does not divide the width"
    width = [
        nights.run(n, "crash", None, f"depth {n}", error_kind="exception", error_summary=f"{said} {32 * n}")
        for n in (1, 3, 5)
    ]
    (same,) = failures.by_message([*width, nights.run(7, "crash", None, "x", error_kind="exception")])
    assert (same["count"], same["label"]) == (3, "exception")
    assert same["cause"].startswith("HEAD_DIM 64 does not divide the width 32 (with other numbers or names each): ")
    assert [run["description"] for run in found["examples"]] == ["depth 0", "depth 1"]
    worse = [nights.run(n, "discard", 1.004, "lr up", base_value=1.0) for n in range(3)]
    found = failures.told(FailureCluster("discard", "MATRIX_LR\tup", 3, worse[0]), worse, noise, "min")
    assert found["cause"] == "0.004 worse than its base (4.0 σ) in the median of 3 tries"


PARENTS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), min_size=1, max_size=20)


@given(PARENTS)
def test_a_tree_tells_each_step_once_and_after_what_it_was_made_on(drawn: list[tuple[int, int]]) -> None:
    steps = [
        Step(nights.run(seq, "keep", 1.0, f"step {seq}"), lane, parent % seq if seq and parent % 3 else None, 0)
        for seq, (lane, parent) in enumerate(drawn)
    ]
    rows = lineage_tree.rows(steps, 0)
    place = {row["run_id"]: number for number, row in enumerate(rows)}
    assert len(place) == len(rows) == len(steps)
    for step in steps:
        if step.parent is not None:
            assert place[steps[step.parent].run.run_id] < place[step.run.run_id]

    assert all(len(row["rails"]) == row["depth"] for row in rows)
    assert rows[0]["begins"] and rows[0]["depth"] == 0


def test_a_tree_keeps_roots_apart_and_draws_a_branch_below_what_it_was_made_on() -> None:
    kept = {seq: nights.run(seq, "keep", 1.0 - seq / 100, f"step {seq}", base_value=1.0) for seq in range(1, 7)}
    rerun = nights.run(7, "keep", 0.9, "step 2 again", candidate=kept[2].candidate)
    steps = [Step(kept[1], 0, None, 0), Step(kept[2], 0, 1, 0), Step(kept[3], 1, 1, 0), Step(kept[4], 1, 3, 0),
             Step(kept[5], 0, 7, 0), Step(kept[6], 2, None, 0), Step(rerun, 0, 2, 0, 2, 0.94, kept[2])]  # fmt: skip
    rows = lineage_tree.rows(steps, 7)
    assert [(row["description"], row["depth"], row["begins"]) for row in rows] == [
        ("step 1", 0, True), ("step 3", 1, True), ("step 4", 1, False), ("step 2", 0, False), ("step 5", 0, False),
        ("step 6", 0, True),
    ]  # fmt: skip
    assert [row["rails"] for row in rows] == [[], [True], [True], [], [], []]
    assert [row["description"] for row in rows if row["leads"]] == ["step 2"]
    assert rows[3]["gain"] == pytest.approx(0.02)


def test_a_control_that_failed_is_not_called_a_tie() -> None:
    control = nights.run(1, "keep", 1.1, "baseline", next_action="retry")
    (row,) = report([control], control).queue
    assert "untested" in row["why"] and "tied" not in row["why"]


def test_nothing_measured_is_said_in_words() -> None:
    found = report([], None)
    assert found.headline[0] == "No runs yet."
    assert "no champion" in found.headline[1]
    assert found.headline[2].startswith("Do next: run a baseline")
