"""Simulated nights: what the world promises, what policies must not do, and that figures can be made again."""

from __future__ import annotations

import json
import runpy
import statistics
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.night import figures
from benchmarks.night.agent import Agent, Edit
from benchmarks.night.likeness import likeness, likeness_of_one
from benchmarks.night.ours import Ours
from benchmarks.night.play import Outcome, Said, Stated, Trial, play
from benchmarks.night.policies import RIVALS, KeepIfLower
from benchmarks.night.words import FEATURES, GROUPS, KNOBS
from benchmarks.night.world import LEVEL, START, Config, World
from tests.conftest import REPOSITORY

RULES = [name for name in RIVALS if name != "oracle"]


def night(policy: str, number: int = 0, runs: int = 60, sigma: float | None = 5e-4, drift: float = 0.0) -> Outcome:
    world = World(1, number, sigma, drift)
    return play(world, RIVALS[policy](world), runs)


@pytest.mark.parametrize("rule", RULES)
def test_without_noise_no_rule_keeps_what_is_no_gain(rule: str) -> None:
    for number in range(4):
        assert night(rule, number, sigma=0.0).false_keeps == 0


def test_without_noise_keep_if_lower_does_what_the_truth_would() -> None:
    for number in range(4):
        lower, oracle = night("keep-if-lower", number, sigma=0.0), night("oracle", number, sigma=0.0)
        missed = oracle.keeps - lower.keeps
        assert lower.final == oracle.final or missed  # gains below the sixth decimal, which nobody prints


def test_with_noise_only_the_oracle_keeps_nothing_false() -> None:
    false = {name: sum(night(name, number).false_keeps for number in range(6)) for name in RIVALS}
    assert false["oracle"] == 0
    assert false["keep-if-lower"] > false["mad-gain"]


@pytest.mark.parametrize("rule", RIVALS)
def test_a_night_is_the_same_whenever_it_is_played(rule: str) -> None:
    assert night(rule, 3) == night(rule, 3)


def test_our_night_is_the_same_whenever_it_is_played_and_leaves_nothing() -> None:
    first, second = (play(World(1, 2), Ours(), 15) for _ in range(2))
    assert first == second
    assert len(first.trials) == 15 and first.stated
    policy = Ours()
    play(World(1, 2), policy, 2)
    assert not policy.root.exists()


def test_our_trials_are_in_the_ledger_with_their_words() -> None:
    rows: list[Any] = []

    class Seen(Ours):
        def close(self) -> None:
            ledger = self.root / "results" / "memorylab" / "experiments.jsonl"
            rows.extend(json.loads(line) for line in ledger.read_text().splitlines())
            super().close()

    trials = play(World(1, 4), Seen(), 20).trials
    assert [row["description"] for row in rows] == [trial.words for trial in trials]
    assert [row["metrics"]["val_bpb"] for row in rows] == [trial.value for trial in trials]
    assert len({row["code"] for row in rows}) == len({trial.config for trial in trials})


def test_budgets_count_every_run() -> None:
    for rule in RIVALS:
        assert len(night(rule, runs=33).trials) == 33


class Doubter(KeepIfLower):
    """Runs each keep once more, then tries the last discarded edit again."""

    def __init__(self) -> None:
        super().__init__()
        self.failed: int | None = None

    def decide(self, trial: Trial, current: Config) -> Said:
        said = super().decide(trial, current)
        if trial.first != trial.number:
            return said._replace(current=trial.first, retry=self.failed)
        if not said.kept:
            self.failed = trial.number
        return said._replace(rerun=trial.number if said.kept and trial.number else None)


def test_what_a_policy_asks_for_is_run_and_is_no_waste() -> None:
    outcome = play(World(1, 5), Doubter(), 60)
    reruns = [trial for trial in outcome.trials if trial.first != trial.number]
    assert outcome.reruns == len(reruns) > 0
    for rerun in reruns:
        first = outcome.trials[rerun.first]
        assert rerun.config == first.config and rerun.words == first.words and rerun.value != first.value
    assert any(trial.tried is not None and not trial.repeated and not trial.useless for trial in outcome.trials)


def test_the_first_configuration_is_at_the_level_of_the_ledgers() -> None:
    assert all(World(1, number).truth(START) == pytest.approx(LEVEL) for number in range(5))


def test_every_structural_idea_has_a_wording_of_its_own() -> None:
    assert len(FEATURES) == len(GROUPS) >= 150
    assert len({words for wordings in FEATURES for words in wordings}) == sum(map(len, FEATURES))
    assert len({knob.name for knob in KNOBS}) == len(KNOBS)


def test_the_world_holds_no_ops_helpers_crashes_and_signs_that_turn() -> None:
    effects = [effect for number in range(5) for effect in World(1, number).effects]
    sound = [effect for effect in effects if not effect.crashes]
    assert 0.3 < sum(effect.alone == 0 for effect in sound) / len(sound) < 0.45
    assert 0.01 < sum(effect.crashes for effect in effects) / len(effects) < 0.1
    assert 0.05 < sum(effect.alone < 0 for effect in sound) / len(sound) < 0.3
    assert any(effect.together * effect.alone < 0 for effect in sound)


def test_what_one_knob_does_depends_on_the_knobs_that_it_interacts_with() -> None:
    knob = {knob.name: number for number, knob in enumerate(KNOBS)}

    def moved(turned: str, value: float, other: str, values: tuple[float, float]) -> int:
        """In how many of ten worlds the step gains another share with the other knob elsewhere."""
        worlds = [World(1, number) for number in range(10)]
        bases = [Edit(knob[other], None, at).on(START) for at in values]
        step = Edit(knob[turned], None, value)
        gains = [[world.truth(step.on(base)) / world.truth(base) for base in bases] for world in worlds]
        return sum(abs(a - b) > 1e-9 for a, b in gains)

    assert moved("MATRIX_LR", 0.08, "TOTAL_BATCH_SIZE", (2.0**18, 2.0**20)) >= 8
    assert moved("SOFTCAP", 30.0, "HEAD_DIM", (64.0, 256.0)) == 0


def test_noise_is_of_the_stated_size_and_belongs_to_configuration_and_repetition() -> None:
    world = World(1, 1, 5e-4)
    noise = [world.measure(START, repetition, 0) - LEVEL for repetition in range(2000)]
    assert 4.5e-4 < statistics.pstdev(noise) < 6.5e-4
    assert world.measure(START, 7, 0) == world.measure(START, 7, 99)


def test_a_drift_stays() -> None:
    world = World(1, 1, 0.0, drift=0.05)
    levels = [world.measure(START, 0, run) for run in range(100)]
    assert levels == sorted(levels) and levels[-1] / levels[0] > 1.005
    assert World(1, 1, 0.0, drift=0.05).measure(START, 0, 99) == levels[99]


def test_each_machine_has_its_own_noise() -> None:
    sigmas = sorted(World(1, number, None).sigma for number in range(200))
    assert 0.0005 < sigmas[100] / LEVEL < 0.0009 and sigmas[150] / sigmas[50] > 2


@given(st.integers(0, 10**6), st.integers(0, 99))
def test_a_proposal_changes_one_thing_and_says_so(number: int, run: int) -> None:
    agent = Agent(World(1, 0))
    proposal = agent.propose(number, run, START)
    config = proposal.edit.on(START)
    turned = sum(a != b for a, b in zip(START.knobs, config.knobs, strict=True))
    assert turned + len(config.features) == 1
    assert proposal.words and proposal == agent.propose(number, run, START)


def test_agents_repeat_themselves_more_as_the_night_goes_on() -> None:
    trials = [night("keep-if-lower", number, runs=100).trials for number in range(10)]
    early, late = (
        sum(t.tried is not None for trials_ in trials for t in trials_[a:b]) for a, b in ((0, 20), (80, 100))
    )
    assert early < 0.08 * 200 < late < 0.2 * 200


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=40))
def test_every_statement_is_in_one_bin(pairs: list[tuple[float, bool]]) -> None:
    bins = figures.reliability([Stated(*pair) for pair in pairs], [0.0, 0.5, 1.0])
    assert sum(each.runs for each in bins) == len(pairs)
    for each in bins:
        if each.runs:
            assert each.true.low is not None and each.true.high is not None and each.true.value is not None
            assert each.true.low - 1e-9 <= each.true.value <= each.true.high + 1e-9
    assert (figures.calibration_error(bins) is None) == (not pairs)


def test_a_share_counts_nights_as_what_is_independent() -> None:
    found = figures.ratio([1, 1, 1, 1], [2, 2, 2, 2])
    assert found == (0.5, 0.5, 0.5)
    spread = figures.ratio([2, 0, 2, 0], [2, 2, 2, 2])
    assert spread.value == 0.5 and spread.low is not None and spread.low < 0.1
    assert figures.ratio([0], [0]).value is None and figures.mean([]).value is None


def test_likeness_compares_with_public_figures() -> None:
    trials = [night("keep-if-lower", number, runs=100, sigma=None).trials for number in range(4)]
    assert all(0 <= figure.simulated <= 100 for figure in likeness(trials))
    assert [figure.real for figure in likeness_of_one(trials)][:2] == [22.0, 2.83]


def test_one_command_prints_and_writes_every_figure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main = runpy.run_path(str(REPOSITORY / "benchmarks" / "night_sim.py"), run_name="night_sim")["main"]
    file = tmp_path / "figures.json"
    words = ["--nights", "2", "--runs", "12", "--jobs", "1", "--json", str(file)]
    main([*words, "--policies", "keep-if-lower", "ours", "--sigma", "real", "--drift", "0.02"])
    printed, found = capsys.readouterr().out, json.loads(file.read_text())
    assert "ours minus theirs" in printed and "calibration error" in printed
    assert set(found["policies"]) == {"keep-if-lower", "ours"} == set(found["ours_minus"]) | {"ours"}
    assert found["calibration"]["ours"]["statements"] == sum(b["runs"] for b in found["calibration"]["ours"]["bins"])
    main(["--check-world", "--nights", "2", "--jobs", "2"])
    assert "discarded within 0.13 %" in capsys.readouterr().out
