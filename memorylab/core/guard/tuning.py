"""Which thresholds suit a ledger: chosen on the first half of its runs, and priced on the second, which had no say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from memorylab.tuples import NamedTuple

LEAST_KEPT = 10
LEAST_FAILED = 30
"""With fewer kept or failed runs a threshold is fitted to accidents."""

MAX_LOST: Mapping[str, float] = {"explore": 0.05, "exploit": 0.02, "replicate": 0.02}
"""The share of the wins that a guard may cost in each mode, unless the user says otherwise."""

THRESHOLDS = (0.46, 0.5, 0.54, 0.58, 0.62, 0.66, 0.7, 0.74, 0.78, 0.82)
BELOWS = tuple(round(0.01 * step, 2) for step in range(1, 51))


class Trial(NamedTuple):
    """A row of a ledger: how it ended, and whether it belongs to the half on which thresholds are chosen."""

    row: int
    ledger: str
    early: bool
    status: str | None
    description: str
    gain: float
    seconds: float | None


class Settings(NamedTuple):
    """The two thresholds of the guard; None is the one that it ships with."""

    threshold: float
    block_below: float | None = None


class Option(NamedTuple):
    """Settings, and which rows the guard blocks with them."""

    settings: Settings
    blocked: Sequence[bool]


class Cost(NamedTuple):
    """What some settings would have lost and saved in some rows."""

    wins: int
    wins_lost: tuple[Trial, ...]
    failures: int
    failures_caught: int
    seconds_saved: float

    def record(self) -> dict[str, Any]:
        """The cost as it is printed in JSON."""
        return {
            "wins": self.wins,
            "wins_lost": [
                {"ledger": win.ledger, "row": win.row, "description": win.description, "gain": win.gain}
                for win in self.wins_lost
            ],
            "failures": self.failures,
            "failures_caught": self.failures_caught,
            "seconds_saved": self.seconds_saved,
        }


def cost(trials: Sequence[Trial], blocked: Sequence[bool], early: bool | None = None) -> Cost:
    """What blocking these rows costs: in the first half, in the second, or in all."""
    chosen = [(t, block) for t, block in zip(trials, blocked, strict=True) if early is None or t.early == early]
    failed = [(t, block) for t, block in chosen if t.status in ("discard", "crash")]
    caught = [t for t, block in failed if block]
    return Cost(
        sum(t.status == "keep" for t, _ in chosen),
        tuple(t for t, block in chosen if block and t.status == "keep"),
        len(failed),
        len(caught),
        sum(t.seconds or 0.0 for t in caught),
    )


def best(trials: Sequence[Trial], options: Iterable[Option], max_lost: float) -> Option:
    """The option that catches most in the first half among those within the limit there; the first of equals.

    Where none is within the limit it is the one that loses least.
    """

    def merit(option: Option) -> tuple[float, int]:
        price = cost(trials, option.blocked, early=True)
        return -float(max(len(price.wins_lost) - max_lost * price.wins, 0.0)), price.failures_caught

    return max(options, key=merit)  # max keeps the first of equals


def proposal(trials: Sequence[Trial], default: Option, steps: Sequence[Option], max_lost: float) -> dict[str, Any]:
    """What the settings that were found would have cost beside the defaults, and which of them to use.

    `steps` are the settings in the order in which they were found, the last one is proposed.
    """
    found = steps[-1]
    reason = _against(trials, default, found, max_lost)
    chosen = default if reason else found
    kept, failed = _counts(trials)
    return {
        "runs": len(trials),
        "kept": kept,
        "failed": failed,
        "max_lost": max_lost,
        "enough": kept >= LEAST_KEPT and failed >= LEAST_FAILED,
        "default": _priced(trials, default),
        "proposed": [_priced(trials, step) for step in steps],
        "recommended": {"threshold": chosen.settings.threshold, "block_below": chosen.settings.block_below},
        "keep_defaults": bool(reason),
        "reason": reason or "in the second half, which had no say, it holds too",
        "lines": lines(chosen.settings),
    }


def lines(settings: Settings) -> str:
    """The settings as they stand in memorylab.toml; a threshold that the guard ships with has no line.

    >>> lines(Settings(0.66, 0.1))
    '[guard]\\nthreshold = 0.66\\nblock_below = 0.1\\n'
    """
    below = "" if settings.block_below is None else f"block_below = {settings.block_below:g}\n"
    return f"[guard]\nthreshold = {settings.threshold:g}\n{below}"


def _against(trials: Sequence[Trial], default: Option, found: Option, max_lost: float) -> str:
    """What speaks for the defaults, if anything does."""
    kept, failed = _counts(trials)
    if kept < LEAST_KEPT or failed < LEAST_FAILED:
        return (
            f"{kept} kept and {failed} failed runs are too few to tune on: "
            f"it takes {LEAST_KEPT} kept and {LEAST_FAILED} failed"
        )
    if found.settings == default.settings:
        return "no other threshold does better in the first half"
    before, after = cost(trials, default.blocked, early=False), cost(trials, found.blocked, early=False)
    if len(after.wins_lost) > max(max_lost * after.wins, len(before.wins_lost)):
        return "in the second half, which had no say, the proposal loses more wins than it may"
    if len(after.wins_lost) >= len(before.wins_lost) and after.failures_caught <= before.failures_caught:
        return "in the second half, which had no say, the proposal does no better"
    return ""


def _priced(trials: Sequence[Trial], option: Option) -> dict[str, Any]:
    return {
        "threshold": option.settings.threshold,
        "block_below": option.settings.block_below,
        "first_half": cost(trials, option.blocked, early=True).record(),
        "second_half": cost(trials, option.blocked, early=False).record(),
        "all": cost(trials, option.blocked).record(),
    }


def _counts(trials: Sequence[Trial]) -> tuple[int, int]:
    return sum(t.status == "keep" for t in trials), sum(t.status in ("discard", "crash") for t in trials)
