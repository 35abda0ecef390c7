from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from memorylab.core.decisions.noise import Noise
from memorylab.lab import Lab, open_lab
from memorylab.lab.outlook import Outlook, outlook
from memorylab.lab.standing import Standing, standing

ARENA = {"metric": "val_bpb", "direction": "min", "device": "H100"}


class Campaign:
    """Rows as `log` writes them, one after the other, without its decisions."""

    def __init__(self, root: Path, direction: str = "min") -> None:
        self.root, self.direction = root, direction
        self.lab().init(direction=direction)  # type: ignore[arg-type]
        self.runs = 0

    def lab(self) -> Lab:
        return open_lab(self.root, environment={})

    def add(self, value: float, status: str = "discard", base: str | None = None, **more: Any) -> str:
        self.runs += 1
        name, sign = f"r{self.runs}", 1 if self.direction == "min" else -1
        row: dict[str, Any] = {
            "run_id": name,
            "candidate": name,
            "status": status,
            "description": f"idea {self.runs}",
            "tags": [],
            "metrics": {"val_bpb": sign * value},
            "integrity": "ok",
            "arena": {**ARENA, "direction": self.direction},
            **more,
        }
        if base is not None:
            row["base"] = {"run_id": base, "commit": None, "value": sign * 1.0}
        self.lab().context.ledger.append([row])
        return name

    def seen(self, window: int = 48, sigma: float | None = None) -> tuple[Standing, Outlook]:
        context = self.lab().context
        context.catch_up()
        views = context.views()
        where = standing(views, views.arenas()[0] if views.arenas() else None)
        if sigma is not None:
            where = where._replace(noise=Noise(sigma, 20, 19))
        return where, outlook(views, where, window)


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    return Campaign(tmp_path)


def test_of_a_workspace_without_runs_nothing_is_known(campaign: Campaign) -> None:
    where, seen = campaign.seen()
    assert where.champion is None
    assert (seen.trials, seen.held, seen.stretch, seen.confirmed, seen.due.due) == ((), None, (), False, False)
    assert seen.promotions.kept == 0


def test_the_beliefs_follow_the_ledger(campaign: Campaign) -> None:
    base = campaign.add(1.0, "keep")
    gain = campaign.add(0.98, "keep", base)
    where, seen = campaign.seen(sigma=0.001)
    assert [trial.candidate for trial in seen.trials] == [base, gain]
    assert where.champion is not None
    assert -0.985 < seen.belief(where.champion).mean < -0.975  # higher is better in all beliefs
    assert seen.confirmed
    met = seen.track.met(gain)
    assert met is not None and met.better > 0.99
    assert seen.promotions.kept == 1 and seen.promotions.expected_false < 0.01


def test_a_kept_tie_is_a_risk_and_no_confirmation(campaign: Campaign) -> None:
    base = campaign.add(1.0, "keep")
    campaign.add(0.9995, "keep", base)
    _, seen = campaign.seen(sigma=0.001)
    assert not seen.confirmed
    assert seen.promotions.expected_false > 0.2


def test_a_first_champion_is_confirmed_by_a_rerun(campaign: Campaign) -> None:
    base = campaign.add(1.0, "keep")
    assert not campaign.seen(sigma=0.001)[1].confirmed
    campaign.add(1.0004, "keep", candidate=base)
    assert campaign.seen(sigma=0.001)[1].confirmed


def test_who_was_kept_without_leading_risks_nothing(campaign: Campaign) -> None:
    base = campaign.add(1.0, "keep")
    campaign.add(0.9995, "keep", base, promoted=False)
    _, seen = campaign.seen(sigma=0.001)
    assert seen.promotions.kept == 0


def test_what_lies_before_the_window_still_counts_for_its_candidate(campaign: Campaign) -> None:
    base = campaign.add(1.0, "keep")
    campaign.add(1.002, "keep", candidate=base)
    for _ in range(6):
        campaign.add(1.05, "discard", base)
    where, seen = campaign.seen(window=6, sigma=0.001)
    assert base not in {trial.candidate for trial in seen.trials}
    assert where.champion is not None and where.champion.runs == 2
    belief = seen.belief(where.champion)
    assert belief.mean == pytest.approx(-1.001, abs=0.0015)
    assert belief.sd**2 <= 0.001**2 / 2 * 1.01


def test_runs_of_one_candidate_on_both_sides_of_the_window_count_once_each(campaign: Campaign) -> None:
    base = campaign.add(1.0, "keep")
    campaign.add(1.0, "keep", candidate=base)
    for _ in range(3):
        campaign.add(1.5)
    campaign.add(1.006, "keep", candidate=base)
    for window in (3, 48):
        _, seen = campaign.seen(window=window, sigma=0.001)
        mean, runs = seen.track.measured(base) or (0.0, 0.0)
        assert mean == pytest.approx(-1.002, abs=1e-4)  # the ideas on it say a little too
        assert runs == pytest.approx(3, abs=0.1)


def test_a_run_near_the_base_shows_that_it_holds(campaign: Campaign) -> None:
    base = campaign.add(1.0, "keep")
    for _ in range(5):
        campaign.add(1.1, "discard", base)
    _, far = campaign.seen(sigma=0.001)
    assert (far.held, len(far.stretch)) == (base, 5)
    near = campaign.add(1.001, "discard", base)
    _, held = campaign.seen(sigma=0.001)
    assert (held.held, held.stretch, held.due.row) == (near, (), 0)


def test_after_a_dozen_runs_far_off_the_base_is_due(campaign: Campaign) -> None:
    base = campaign.add(1.0, "keep")
    for n in range(12):
        campaign.add(1.05 + n / 1000, "discard", base)
    _, seen = campaign.seen(sigma=0.001)
    assert seen.due.due and seen.due.row == 12
    assert min(seen.stretch) == pytest.approx(0.05)
    campaign.add(1.0005, "keep", candidate=base)
    assert not campaign.seen(sigma=0.001)[1].due.due


@pytest.mark.parametrize("seed", range(3))
def test_an_ordinary_noisy_campaign_rarely_asks_for_a_control(tmp_path: Path, seed: int) -> None:
    rng, sigma = random.Random(seed), 0.001
    campaign = Campaign(tmp_path)
    base, truth, asked = campaign.add(1.0, "keep"), 1.0, 0
    for _ in range(40):
        effect = rng.choice([0.0, 0.5, 1.0, 2.0, 4.0, 8.0]) * sigma * rng.choice([1, 1, -1])
        kept = effect < -2 * sigma
        name = campaign.add(truth + effect + rng.gauss(0, sigma), "keep" if kept else "discard", base)
        if kept:
            base, truth = name, truth + effect
        asked += campaign.seen(sigma=sigma)[1].due.due
    assert asked <= 4


def test_where_higher_is_better_the_outlook_is_the_same(tmp_path: Path) -> None:
    found = []
    for direction in ("min", "max"):
        (tmp_path / direction).mkdir()
        campaign = Campaign(tmp_path / direction, direction)
        base = campaign.add(1.0, "keep")
        gain = campaign.add(0.998, "keep", base)
        for n in range(6):
            campaign.add(1.05 + n / 100, "discard", gain)
        _, seen = campaign.seen(sigma=0.001)
        found.append((seen.promotions, seen.confirmed, seen.due, seen.held, seen.stretch, seen.track.belief(gain)))
    assert found[0] == found[1]
