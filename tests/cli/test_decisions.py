"""Decisions as a user meets them: what `log --status auto` does with gains, losses, reruns and a base that drifts."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest

from tests.conftest import Shell

KNOBS = (
    *("MATRIX_LR", "EMBEDDING_LR", "WARMDOWN_RATIO", "DEPTH", "WEIGHT_DECAY", "HEAD_DIM"),
    *("ASPECT_RATIO", "SCALAR_LR", "UNEMBEDDING_LR", "WARMUP_RATIO", "WINDOW_PATTERN", "BATCH_SIZE"),
)
BASE = "A = 0\n"


class Night:
    """A campaign in which each idea is tried on the champion's code, as an agent would."""

    def __init__(self, shell: Shell, direction: str = "min") -> None:
        self.shell, self.sign = shell, 1 if direction == "min" else -1
        shell.ok("init", "--direction", direction)
        shell.commit(BASE, "base")
        self.home = shell.git("rev-parse", "HEAD")
        self.edits = 0
        self.steps: int | None = None
        """Optimizer steps within the 300 s of a run, where runs say so."""

    def idea(self, description: str, value: float, status: str = "auto") -> dict[str, Any]:
        """Log an idea of its own commit on the base."""
        self.shell.git("reset", "-q", "--hard", self.home)
        self.edits += 1
        self.shell.commit(f"A = {self.edits}\n", description)
        return self.log(description, value, status)

    def again(self, description: str, value: float, edit: int | None = None, status: str = "auto") -> dict[str, Any]:
        """Run the base, or the idea of this number, again."""
        if edit is None:
            self.shell.git("reset", "-q", "--hard", self.home)
        else:
            (self.shell.root / "train.py").write_text(f"A = {edit}\n")
        return self.log(description, value, status, "--mode", "replicate")

    def log(self, description: str, value: float, status: str, *words: str) -> dict[str, Any]:
        work: dict[str, Any] = {"num_steps": self.steps, "training_seconds": 300.0} if self.steps else {}
        summary = self.shell.summary(val_bpb=self.sign * value, **work)
        row = self.shell.json("log", "--description", description, "--status", status, "--summary", summary, *words)
        return dict(row)

    def champion(self) -> dict[str, Any]:
        return dict(self.shell.json("best")["champion"])


@pytest.fixture
def night(shell: Shell) -> Night:
    return Night(shell)


def why(row: dict[str, Any]) -> str:
    return " ".join(row["decision_packet"]["rationale"])


@pytest.mark.parametrize("direction", ["min", "max"])
def test_auto_keeps_a_clear_win_discards_a_clear_loss_and_says_why(shell: Shell, direction: str) -> None:
    night = Night(shell, direction)
    night.idea("baseline", 1.0)
    won = night.idea("raise MATRIX_LR from 0.04 to 0.05", 0.95)
    assert (won["status"], won["promoted"]) == ("keep", True)
    assert won["decision_packet"]["next_action"] == "promote"
    assert "Status keep: " in why(won) and "that it gains anything" in why(won)
    assert night.champion()["run_id"] == won["run_id"]

    lost = night.idea("raise WEIGHT_DECAY from 0.1 to 0.2", 1.1)
    assert (lost["status"], lost["promoted"]) == ("discard", False)
    assert lost["decision_packet"]["next_action"] == "abandon"
    assert "Status discard: " in why(lost)
    assert night.champion()["run_id"] == won["run_id"]
    assert lost["decision_packet"]["comparison"]["gain_over_prior_champion"] == pytest.approx(-0.15)


def test_a_rerun_that_falls_back_takes_the_lead_away(night: Night) -> None:
    first = night.again("baseline", 1.0)
    for value in (1.0003, 0.9997):  # the noise is known
        night.again("baseline", value)
    lucky = night.idea("raise MATRIX_LR from 0.04 to 0.05", 0.995)
    assert night.champion()["run_id"] == lucky["run_id"]
    again = night.again("raise MATRIX_LR from 0.04 to 0.05", 1.01, edit=1)
    assert again["candidate"] == lucky["candidate"]
    packet = again["decision_packet"]
    assert (packet["next_action"], packet["target"]) == ("abandon", first["run_id"])
    assert not packet["comparison"]["is_champion"]
    assert night.champion()["run_id"] == first["run_id"]


def test_a_close_call_is_run_again_before_it_leads_where_nothing_was_repeated(night: Night) -> None:
    first = night.again("baseline", 1.0)
    close = night.idea("raise MATRIX_LR from 0.04 to 0.05", 0.9985)
    assert (close["status"], close["promoted"]) == ("keep", False)
    assert close["decision_packet"]["next_action"] == "replicate"
    assert "running it again" in why(close)
    assert night.champion()["run_id"] == first["run_id"]


def test_a_rerun_that_holds_confirms_the_lead(night: Night) -> None:
    night.idea("baseline", 1.0)
    good = night.idea("raise MATRIX_LR from 0.04 to 0.05", 0.99)
    night.again("raise MATRIX_LR from 0.04 to 0.05", 0.9902, edit=2)
    champion = night.champion()
    assert (champion["run_id"], champion["runs"], champion["state"]) == (good["run_id"], 2, "confirmed")


def test_a_kept_tie_is_recorded_but_does_not_replace_a_confirmed_champion(night: Night) -> None:
    night.idea("baseline", 1.0)
    good = night.idea("raise MATRIX_LR from 0.04 to 0.05", 0.95)
    tie = night.log("raise DEPTH from 8 to 9", 0.9499, "keep")
    assert (tie["status"], tie["promoted"]) == ("keep", False)
    assert "doesn't lead yet" in why(tie)
    found = night.shell.json("best")
    assert found["champion"]["run_id"] == good["run_id"]
    assert found["challengers"][0]["run_id"] == tie["run_id"]


def test_a_lucky_champion_on_which_nothing_is_kept_steps_back_without_a_rerun_of_its_own(night: Night) -> None:
    for n in range(6):
        base = night.again("baseline", 1.0 + 0.0009 * (-1) ** n)
    lucky = night.idea("raise MATRIX_LR from 0.04 to 0.05", 0.9985)
    assert lucky["promoted"] and night.champion()["run_id"] == lucky["run_id"]
    night.home = lucky["commit"]
    rows: list[dict[str, Any]] = []
    while not any("demoted" in row for row in rows) and len(rows) < 20:
        rows.append(night.idea(f"set HEAD_DIM from 128 to {200 + len(rows)}", 1.0006))
    last = rows[-1]
    assert last["demoted"] == lucky["run_id"]
    assert night.champion()["run_id"] == base["candidate"]
    assert last["decision_packet"]["comparison"]["current_champion"]["run_id"] == base["candidate"]
    night.shell.ok("verify")


def test_best_tells_the_state_of_the_champion_and_between_what_its_true_value_lies(night: Night) -> None:
    night.idea("baseline", 1.0)
    provisional = night.champion()
    assert provisional["state"] == "provisional"
    assert provisional["estimate_low"] < provisional["estimate"] < provisional["estimate_high"]
    night.idea("raise MATRIX_LR from 0.04 to 0.05", 0.95)
    confirmed = night.champion()
    assert confirmed["state"] == "confirmed"
    assert 0.94 < confirmed["estimate_low"] < confirmed["estimate"] < confirmed["estimate_high"] < 0.96
    assert confirmed["probability_real"] > 0.9 and confirmed["expected_gain"] == pytest.approx(0.05, abs=0.005)


class Drift(NamedTuple):
    """A base that is known, ordinary ideas on it, a dozen far off, and a control that is far off too."""

    base: dict[str, Any]
    last_near: dict[str, Any]
    ideas: list[dict[str, Any]]
    before: dict[str, Any]
    """What the guard said of the first of them before the control."""
    control: dict[str, Any]


LOST = f"{KNOBS[0]} from 10 to 20"


def drifted(night: Night) -> Drift:
    base = night.again("baseline", 1.0)
    night.again("baseline", 1.0003)
    near = [night.idea(f"{knob} from 10 to 11", 1.001 + n / 10_000) for n, knob in enumerate(KNOBS[:5])]
    ideas = [night.idea(f"{knob} from 10 to {20 + n}", 1.05 + n / 1000) for n, knob in enumerate(KNOBS)]
    before = night.shell.json("check", "--description", LOST)
    return Drift(base, near[-1], ideas, before, night.again("baseline", 1.052))


@pytest.mark.parametrize("direction", ["min", "max"])
def test_a_base_that_no_longer_holds_makes_what_failed_since_untested(shell: Shell, direction: str) -> None:
    night = Night(shell, direction)
    drift = drifted(night)
    ideas, control = drift.ideas, drift.control

    assert {row["status"] for row in ideas} == {"discard"}
    asked = ideas[-1]["decision_packet"]
    assert (asked["next_action"], asked["priority"]) == ("replicate", "high")
    assert asked["target"] == drift.base["run_id"]
    assert "Run the base again" in why(ideas[-1])
    assert drift.before["policy"]["decision"] == "block"

    assert control["control"]["failed"] is True
    assert control["control"]["untested"] == len(ideas)
    packet = control["decision_packet"]
    assert packet["next_action"] == "retry"
    assert f"{len(ideas)} ideas tried since {drift.last_near['run_id']} are untested, not failed" in why(control)
    assert "Run the base again" not in why(control)  # that is what was just done
    assert packet["comparison"]["is_champion"]
    assert night.champion()["run_id"] == control["run_id"]

    # The guard lets the untested ideas through, and the report doesn't take the call for a control for a word on them.
    assert shell.json("check", "--description", LOST)["policy"]["decision"] != "block"
    assert "discarded but measured better" not in shell.ok("report")
    shell.ok("verify")

    retried = night.idea(LOST, 1.03)
    assert (retried["status"], retried["promoted"]) == ("keep", True)
    assert retried["decision_packet"]["comparison"]["gain_over_prior_champion"] == pytest.approx(0.022)
    assert retried["arena"]["era"] == control["run_id"]
    assert night.champion()["run_id"] == retried["run_id"]


def test_a_control_that_holds_changes_nothing(night: Night) -> None:
    night.again("baseline", 1.0)
    for n, knob in enumerate(KNOBS[:6]):
        night.idea(f"{knob} from 10 to {20 + n}", 1.05 + n / 1000)
    control = night.again("baseline", 1.0004)
    assert control["control"]["failed"] is False
    assert "era" not in control["arena"]
    assert "untested" not in why(control)
    champion = night.champion()
    assert champion["runs"] == 2 and champion["mean"] == pytest.approx(1.0002)


@pytest.mark.parametrize(("since", "failed"), [(900, False), (700, True)])
def test_a_control_that_was_starved_says_nothing_unless_the_runs_before_it_were_as_slow(
    night: Night, since: int, failed: bool
) -> None:
    night.steps = 900
    night.again("baseline", 1.0)
    night.steps = since
    for n in range(6):
        night.shell.git("reset", "-q", "--hard", night.home)
        night.shell.commit(f"{BASE}MATRIX_LR = 0.0{n + 1}\n")
        night.log(f"set MATRIX_LR to 0.0{n + 1}", 1.05 + n / 1000, "auto")
    night.steps = 700
    control = night.again("baseline", 1.05)
    assert ("era" in control["arena"]) is failed
    if failed:
        assert control["control"]["failed"] and control["control"]["untested"] == 6
        return
    assert (control["status"], control["decision_packet"]["next_action"]) == ("starved", "retry")
    assert "control" not in control


def test_a_drift_on_a_machine_without_noise_is_told_as_well(night: Night) -> None:
    for _ in range(3):
        night.again("baseline", 1.0)
    for n, knob in enumerate(KNOBS[:4]):
        night.idea(f"{knob} from 10 to {20 + n}", 1.05 + n / 1000)
    control = night.again("baseline", 1.05)
    assert control["control"]["failed"] is True
    assert "4 ideas tried since" in why(control)


def test_the_registry_ranks_what_the_next_run_is_worth(night: Night) -> None:
    night.again("baseline", 1.0)
    night.idea("raise MATRIX_LR from 0.04 to 0.05", 0.95)
    night.log("raise DEPTH from 8 to 9", 1.1, "keep")
    registry = night.shell.root / "results" / "memorylab" / "champion_challenger.json"
    options = json.loads(registry.read_text())["next_runs"]
    actions = [option["action"] for option in options]
    assert "new" in actions
    assert [option["worth"] for option in options] == sorted((option["worth"] for option in options), reverse=True)
    assert "branch_followup" not in actions  # what was kept although it is worse is no step to follow
    night.idea("raise WEIGHT_DECAY from 0.1 to 0.2", 0.9)
    options = json.loads(registry.read_text())["next_runs"]
    assert options[0]["action"] == "branch_followup"
    assert options[0]["run_id"] == night.champion()["run_id"]
    assert night.shell.json("best")["next_runs"] == options
