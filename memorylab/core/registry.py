"""The champion/challenger registry of an arena: who leads, who is close, from which line, and what keeps failing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from memorylab.core import arenas
from memorylab.core.arenas import improvement
from memorylab.core.noise import CONFIDENT, Noise, probability_better, reruns_to_settle
from memorylab.records import Arena, Contender, Direction, RunView

SCHEMA = 1
CHALLENGERS = 10
LINEAGES = 5
CLUSTERS = 10


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

    @property
    def direction(self) -> Direction:
        """Which way is better."""
        return self.arena.get("direction", "min")


def registry(boards: Sequence[Board]) -> dict[str, Any]:
    """The registry as stored; its first parts are those of the first board, the arena in use."""
    first = boards[0] if boards else None
    return {
        "schema": SCHEMA,
        "champion": champion(first) if first else None,
        "challengers": challengers(first) if first else [],
        "best_lineages": [lineage(item, first.direction) for item in first.lineages] if first else [],
        "failure_clusters": [failure(item) for item in first.failures] if first else [],
        "status_counts": dict(first.status_counts) if first else {"keep": 0, "discard": 0, "crash": 0},
        "noise": first.noise._asdict() if first else None,
        "arena": dict(first.arena) if first else None,
        "arenas": [
            {
                "arena": dict(b.arena),
                "words": arenas.describe(b.arena),
                "champion": brief(b.champion.run) if b.champion else None,
                "status_counts": dict(b.status_counts),
            }
            for b in boards
        ],
    }


def champion(board: Board) -> dict[str, Any] | None:
    """The best kept run of the arena, with the mean over its reruns and its state.

    Provisional: its lead over the next best kept candidate is inside the noise. Confirmed: it isn't. Discarded runs
    too close to call are counted as ties: as a rule they are variations of it, and worth a rerun.
    """
    leader = board.champion
    if leader is None:
        return None
    rival = board.rival or next(iter(_others(board)), None)
    lead = probability = None
    if rival is not None:
        lead = improvement(leader.mean, rival.mean, board.direction)
        probability = probability_better(lead, board.noise, leader.runs, rival.runs)
    confirmed = probability is not None and probability >= CONFIDENT
    return {
        **brief_of(leader.run),
        "runs": leader.runs,
        "mean": leader.mean,
        "lead_over_next": lead,
        "probability_truly_best_of_two": round(probability, 4) if probability is not None else None,
        "ties": sum(0.1 < row["probability_better"] < 0.9 for row in challengers(board) if row["status"] == "discard"),
        "state": "confirmed" if confirmed else "provisional",
        "reruns_to_settle": reruns_to_settle(lead, board.noise) if lead and not confirmed else None,
    }


def challengers(board: Board) -> list[dict[str, Any]]:
    """The best candidates after the champion, kept or not, with the chance that each is truly better than it."""
    if board.champion is None:
        return []
    rows = []
    for rival in _others(board)[:CHALLENGERS]:
        gap = improvement(rival.mean, board.champion.mean, board.direction)
        chance = probability_better(gap, board.noise, rival.runs, board.champion.runs)
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
    what, _, side = cluster.label.partition("\t")
    return {
        "kind": cluster.kind,
        "label": cluster_words(cluster),
        "target": side if cluster.kind == "crash" else what,
        "count": cluster.size,
        "last": brief(cluster.last),
        "error": cluster.last.error_summary if cluster.last else None,
    }


def cluster_words(cluster: FailureCluster) -> str:
    """A cluster's name for people: "oom on DEPTH", "MATRIX_LR up"."""
    first, _, second = cluster.label.partition("\t")
    if cluster.kind == "crash":
        return f"{first} on {second}" if second else first
    return f"{first} {second}".strip()


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
