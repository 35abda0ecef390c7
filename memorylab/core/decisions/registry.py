"""The champion/challenger registry of an arena: who leads, who is close, from which line, and what keeps failing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memorylab.core.decisions.belief import Track
from memorylab.core.decisions.drift import Due
from memorylab.core.decisions.effects import Belief, Met
from memorylab.core.decisions.noise import CONFIDENT, Noise
from memorylab.core.decisions.promotion import Budget
from memorylab.core.decisions.situation import ahead, good
from memorylab.core.decisions.worth import reruns_wanted
from memorylab.core.numerals import bounded
from memorylab.core.runs import arenas
from memorylab.core.runs.arenas import improvement
from memorylab.records import Arena, Contender, Direction, RunView
from memorylab.tuples import NamedTuple

SCHEMA = 1
CHALLENGERS = 10
LINEAGES = 5
CLUSTERS = 10
INTERVAL = 1.645
"""Standard deviations to each side that hold 90 %."""
CONTESTED = 0.4
"""Probability of being the better one of two below which another candidate contests the champion. Below a half alone, a
champion would be contested by every other near tie."""


class Lineage(NamedTuple):
    """A line of kept runs, each on the commit of the one before: its end, and the way there from the newest on."""

    tip: RunView
    path: Sequence[RunView]
    """The tip, its parent, and so on; cut after a few steps (`tip.depth` says how long it is)."""
    root: RunView | None


class FailureCluster(NamedTuple):
    """Runs that failed alike, with one example."""

    kind: str
    label: str
    size: int
    last: RunView | None
    name: str | None = None
    """What the code calls the target, where that is another name."""

    @property
    def target(self) -> str:
        """What was changed, as the index has it; empty where that differs."""
        what, _, side = self.label.partition("\t")
        return side if self.kind == "crash" else what


class Board(NamedTuple):
    """What the registry is made of, read from the index."""

    arena: Arena
    noise: Noise
    champion: Contender | None
    contenders: Sequence[Contender]
    """The best candidates, kept or not, the champion among them."""
    rival: Contender | None
    """The best kept candidate after the champion."""
    lineages: Sequence[Lineage]
    failures: Sequence[FailureCluster]
    status_counts: Mapping[str, int]
    track: Track
    """What is known of true values."""
    promotions: Budget = Budget(0, 0.0)
    """What the kept ideas risk."""
    due: Due = Due(False, 0.0, 0)
    """Whether the base should be run again."""
    options: Sequence[dict[str, Any]] = ()
    """What the next run is worth, the best first; see `core.decisions.nextruns`."""

    @property
    def direction(self) -> Direction:
        """Which way is better."""
        return self.arena.get("direction", "min")

    def belief(self, contender: Contender) -> Belief:
        """What is known of a candidate's true value, higher is better."""
        return self.track.believed(contender.run.candidate, good(contender.mean, self.direction), contender.runs)

    def estimate(self, contender: Contender) -> dict[str, float]:
        """A candidate's true value without the luck of selection, with an interval of 90 %."""
        belief = self.belief(contender)
        low, high = sorted(good(bounded(belief.mean + side * INTERVAL * belief.sd), self.direction) for side in (-1, 1))
        return {"estimate": good(belief.mean, self.direction), "estimate_low": low, "estimate_high": high}


class Led(NamedTuple):
    """An arena in short: who leads it, and how its runs ended."""

    arena: Arena
    champion: RunView | None
    status_counts: Mapping[str, int]


def registry(first: Board | None, all_arenas: Sequence[Led]) -> dict[str, Any]:
    """The registry as stored: the board of the arena in use, and all arenas in short."""
    return {
        "schema": SCHEMA,
        "champion": champion(first) if first else None,
        "challengers": challengers(first) if first else [],
        "best_lineages": [lineage(item, first.direction) for item in first.lineages] if first else [],
        "failure_clusters": [failure(item) for item in first.failures] if first else [],
        "status_counts": dict(first.status_counts) if first else {"keep": 0, "discard": 0, "crash": 0},
        "noise": first.noise._asdict() if first else None,
        "promotions": promotions(first) if first else None,
        "next_runs": list(first.options) if first else [],
        "arena": dict(first.arena) if first else None,
        "arenas": [led(one) for one in all_arenas],
    }


def led(one: Led) -> dict[str, Any]:
    """An arena in short: what it is, who leads it, and how its runs ended."""
    return {
        "arena": dict(one.arena),
        "words": arenas.describe(one.arena),
        "champion": brief(one.champion),
        "status_counts": dict(one.status_counts),
    }


def champion(board: Board) -> dict[str, Any] | None:
    """The champion, with the mean over its reruns, what is known of its true value, and its state.

    Confirmed: its gain over what it was built on is real with 90 %, and no other candidate is better with 60 %.
    Contested: another is, kept or discarded; `contested_by` says which. Provisional: neither. `estimate` is its value
    without the luck of having been picked among many, with an interval of 90 %. Discarded runs too close to call are
    counted as ties: as a rule they are variations of it, and worth a rerun.
    """
    leader = board.champion
    if leader is None:
        return None
    rival = board.rival or next(iter(_others(board)), None)
    lead = improvement(leader.mean, rival.mean, board.direction) if rival is not None else None
    belief, real = board.belief(leader), _real(board, leader)
    best, strongest = min(
        ((ahead(belief, board.belief(other)), n) for n, other in enumerate(_others(board))), default=(None, 0)
    )
    state = _state(real, best, leader.runs)
    return {
        **brief_of(leader.run),
        "runs": leader.runs,
        "mean": leader.mean,
        **board.estimate(leader),
        "lead_over_next": lead,
        "probability_real": real.better if real else None,
        "expected_gain": real.gain.mean if real else None,
        "probability_best": round(best, 4) if best is not None else None,
        "probability_truly_best_of_two": round(ahead(belief, board.belief(rival)), 4) if rival else None,
        "ties": sum(0.1 < row["probability_better"] < 0.9 for row in challengers(board) if row["status"] == "discard"),
        "state": state,
        "contested_by": _measured(_others(board)[strongest]) if state == "contested" else None,
        "reruns_to_settle": _to_settle(board, real) if state != "confirmed" else None,
    }


def _measured(contender: Contender) -> dict[str, Any]:
    return {**brief_of(contender.run), "runs": contender.runs, "mean": contender.mean}


def _real(board: Board, contender: Contender) -> Met | None:
    """What the measurements of a candidate say of its gain over what it was built on; None where that isn't known."""
    return board.track.met(contender.run.candidate)


def _state(real: Met | None, best: float | None, runs: int) -> str:
    if best is not None and best < CONTESTED:
        return "contested"
    sure = real.better >= CONFIDENT if real is not None else runs > 1
    return "confirmed" if sure else "provisional"


def _to_settle(board: Board, real: Met | None) -> int | None:
    return reruns_wanted(real.gain, board.noise, 1 - CONFIDENT) if real is not None else None


def challengers(board: Board) -> list[dict[str, Any]]:
    """The best candidates after the champion, kept or not, with the chance that each is truly better than it."""
    if board.champion is None:
        return []
    rows, leader = [], board.belief(board.champion)
    for rival in _others(board)[:CHALLENGERS]:
        gap = improvement(rival.mean, board.champion.mean, board.direction)
        chance = ahead(board.belief(rival), leader)
        rows.append(
            {
                **brief_of(rival.run),
                "runs": rival.runs,
                "mean": rival.mean,
                "gap_to_champion": gap,
                "probability_better": round(chance, 4),
            }
        )
    return rows


def promotions(board: Board) -> dict[str, Any]:
    """How many ideas stand as kept, how many of them probably gain nothing, and what may be risked on the next."""
    kept = board.promotions
    return {
        "kept": kept.kept,
        "expected_false": round(kept.expected_false, 3),
        "risk_available": round(kept.available, 3),
    }


def _others(board: Board) -> list[Contender]:
    leader = board.champion.run.candidate if board.champion else None
    return [contender for contender in board.contenders if contender.run.candidate != leader]


def lineage(line: Lineage, direction: Direction) -> dict[str, Any]:
    """A lineage in numbers: where it began, how far it came, and its last steps."""
    start, end = (line.root.value if line.root else None), line.tip.value
    return {
        "root_run": line.root.run_id if line.root else None,
        "tip_run": line.tip.run_id,
        "branch": line.tip.branch,
        "kept_steps": line.tip.depth,
        "value": end,
        "gain_since_root": improvement(end, start, direction) if end is not None and start is not None else None,
        "path": [{"run_id": r.run_id, "value": r.value, "description": r.description} for r in reversed(line.path)],
    }


def failure(cluster: FailureCluster) -> dict[str, Any]:
    """A failure cluster in words and numbers."""
    return {
        "kind": cluster.kind,
        "label": cluster_words(cluster),
        "target": cluster.name or cluster.target,
        **({"knob": cluster.target} if cluster.name else {}),
        "count": cluster.size,
        "last": brief(cluster.last),
        "error": cluster.last.error_summary if cluster.last else None,
    }


def cluster_words(cluster: FailureCluster) -> str:
    """A cluster's name for people: "oom on DEPTH", "MATRIX_LR up"."""
    first, _, second = cluster.label.partition("\t")
    if cluster.kind == "crash":
        return f"{first} on {cluster.name or second}" if second else first
    return f"{cluster.name or first} {second}".strip()


def brief(run: RunView | None) -> dict[str, Any] | None:
    """The few fields that name a run, or None."""
    return brief_of(run) if run else None


def brief_of(run: RunView) -> dict[str, Any]:
    """The few fields that name a run."""
    return {
        "run_id": run.run_id,
        "commit": run.commit,
        "branch": run.branch,
        "status": run.status,
        "value": run.value,
        "memory_gb": run.memory_gb,
        "description": run.description,
        "family": run.family,
        "timestamp_utc": run.timestamp_utc,
    }
