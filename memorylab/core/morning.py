"""The morning report as data: what the night brought, whether to believe it, and what to do first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from memorylab.core import arenas, crash_kinds, registry
from memorylab.core.integrity import ACCEPTED, BARRED
from memorylab.core.registry import Board
from memorylab.core.situation import ahead, good
from memorylab.records import Direction, RunView

QUEUE = 8
RECENT = 20
_NAME = 120
"""Characters of a description in the headline."""
URGENCY = ("promote", "replicate", "investigate_crash", "fix_and_retry", "branch_followup", "retry")
"""Next actions in the order in which a person should look at them; `abandon` needs nobody."""


class Window(NamedTuple):
    """The runs that a report is about."""

    counts: Mapping[str, int]
    seconds: float
    runs: Sequence[RunView]
    """The newest of them, newest first; enough for the queue and the recent ledger."""
    champion_before: RunView | None
    """The champion when the window began, None for a window from the start."""


class Point(NamedTuple):
    """One run in the progress chart."""

    number: int
    """Its place among the arena's runs, from 1."""
    run_id: str
    status: str
    value: float | None
    description: str


class Morning(NamedTuple):
    """Everything a report shows; a section that has nothing to say is empty."""

    generated_utc: str
    since_utc: str | None
    metric: str
    direction: Direction
    arena: str
    headline: list[str]
    counts: dict[str, int]
    total_counts: dict[str, int]
    hours: float
    champion: dict[str, Any] | None
    champion_before: dict[str, Any] | None
    gained: float | None
    """How much better the champion is than the one when the period began; None if it is the same, or there was none."""
    probability_gained: float | None
    """The probability that this is real."""
    queue: list[dict[str, Any]]
    challengers: list[dict[str, Any]]
    lineages: list[dict[str, Any]]
    failures: list[dict[str, Any]]
    families: list[dict[str, Any]]
    integrity: list[dict[str, Any]]
    recent: list[dict[str, Any]]
    knobs: list[dict[str, Any]]
    """The knobs that were tried most, as `core.knob_table` makes them."""
    noise: dict[str, Any]
    progress: list[Point]
    warnings: list[str]


def morning(
    board: Board,
    window: Window,
    families: Mapping[str, int],
    progress: Sequence[Point],
    *,
    now: str,
    since: str | None,
    knobs: Sequence[dict[str, Any]] = (),
    warnings: Sequence[str] = (),
) -> Morning:
    """Put the report together. `now` and `since` are UTC timestamps; `families` counts "family<TAB>status"."""
    leader = registry.champion(board)
    gained, sure = _gained(board, window, leader)
    counts = {status: window.counts.get(status, 0) for status in ("keep", "discard", "crash")}
    return Morning(
        generated_utc=now,
        since_utc=since,
        metric=board.arena.get("metric", "val_bpb"),
        direction=board.direction,
        arena=arenas.describe(board.arena),
        headline=_headline(board, window, counts, leader),
        counts=counts,
        total_counts=dict(board.status_counts),
        hours=window.seconds / 3600,
        champion=leader,
        champion_before=registry.brief(window.champion_before),
        gained=gained,
        probability_gained=sure,
        queue=_queue(board, window),
        challengers=registry.challengers(board)[:5],
        lineages=[registry.lineage(line, board.direction) for line in board.lineages if line.tip.depth > 0],
        failures=[registry.failure(item) for item in board.failures],
        families=_families(families),
        integrity=[_doubted(run) for run in window.runs if run.integrity in BARRED],
        recent=[_recent(run, board.direction) for run in window.runs[:RECENT]],
        knobs=list(knobs),
        noise=board.noise._asdict(),
        progress=list(progress),
        warnings=[*warnings, *_contended(window)],
    )


def _doubted(run: RunView) -> dict[str, Any]:
    return {**registry.brief_of(run), "integrity": run.integrity, "reasons": run.doubts}


def _contended(window: Window) -> list[str]:
    """A warning where runs were slow although nothing in them explains it."""
    slow = [run for run in window.runs if run.contended]
    if not slow:
        return []
    names = ", ".join(run.run_id for run in slow[:3]) + (f" and {len(slow) - 3} more" if len(slow) > 3 else "")
    runs = "1 run was" if len(slow) == 1 else f"{len(slow)} runs were"
    return [
        f"{runs} slower than the base, and no edit explains that: something else may have used the machine, and bad "
        f"results of {'it' if len(slow) == 1 else 'them'} say little: {names}."
    ]


def _headline(board: Board, window: Window, counts: Mapping[str, int], leader: dict[str, Any] | None) -> list[str]:
    """Three sentences: how much was tried, what leads and from where, whether to believe it."""
    total = sum(counts.values())
    if not total:
        return ["No runs in this period.", *_standing(board, window, leader)]
    tried = (
        f"{total} run{'s' * (total != 1)}: {counts['keep']} kept, {counts['discard']} discarded, "
        f"{counts['crash']} crashed."
    )
    return [tried, *_standing(board, window, leader)]


def _gained(board: Board, window: Window, leader: Mapping[str, Any] | None) -> tuple[float | None, float | None]:
    before = window.champion_before
    if leader is None or before is None or before.value is None or before.run_id == leader["run_id"]:
        return None, None
    gain = arenas.improvement(leader["mean"], before.value, board.direction)
    assert board.champion is not None
    known = board.track.belief(before.candidate) or board.track.fresh(good(before.value, board.direction), 1)
    return gain, ahead(board.belief(board.champion), known)


def _standing(board: Board, window: Window, leader: dict[str, Any] | None) -> list[str]:
    metric = board.arena.get("metric", "val_bpb")
    if leader is None:
        return ["Nothing has been kept with a measurement yet, so there is no champion."]
    gain, _ = _gained(board, window, leader)
    gained = (
        f", {abs(gain):.6f} {'better' if gain > 0 else 'worse'} than when the period began" if gain is not None else ""
    )
    name = leader["description"] or leader["run_id"]
    name = name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
    best = f"The champion is “{name}” with {metric} {leader['mean']:.6f}{gained}."
    return [best, _belief(board, leader)]


def _belief(board: Board, leader: Mapping[str, Any]) -> str:
    if leader["lead_over_next"] is None:
        return "No other run has been measured against it yet."
    if leader["lead_over_next"] <= 0:
        return "Another run measured at least as good: look at the challengers before building on it."
    runs, sure = leader["runs"], min(99, round(100 * (leader["probability_truly_best_of_two"] or 0.0)))
    said = (
        f"Its lead over the next best kept run is {leader['lead_over_next']:.6f}: {sure} % that it is truly better, "
        f"from {runs} run{'s' * (runs != 1)} of it"
    )
    if not board.noise.replicates:
        said += "; the noise is assumed, nothing was repeated here yet"
    if leader["state"] != "confirmed":
        rerun = leader["reruns_to_settle"]
        said += f"; {rerun} rerun{'s' * (rerun != 1)} would settle it" if rerun else "; a rerun would tell more"
    ties = leader["ties"]
    return f"{said}." + (f" {ties} discarded run{'s' * (ties != 1)} tie{'s' * (ties == 1)} with it." if ties else "")


def _queue(board: Board, window: Window) -> list[dict[str, Any]]:
    """What is worth a person's or an agent's next step, most urgent first; a later run of the same idea settles it."""
    leader = board.champion.run if board.champion else None
    seen: set[str] = set()
    rows: list[tuple[int, dict[str, Any]]] = []
    for run in window.runs:
        settled = run.description in seen
        seen.add(run.description)
        action = run.next_action
        if settled or action not in URGENCY or (run.integrity == ACCEPTED and action == "investigate_crash"):
            continue
        leads = leader is not None and run.candidate == leader.candidate
        if action in ("promote", "branch_followup") and not leads and leader is not None and run.seq < leader.seq:
            continue
        if action == "replicate" and run.status == "keep" and not leads:
            continue
        rows.append((URGENCY.index(action), {"action": action, **registry.brief_of(run), "why": _why(run)}))
    return [row for _, row in sorted(rows, key=lambda item: item[0])[:QUEUE]]


def _why(run: RunView) -> str:
    if run.status == "crash":
        return f"{run.error_summary or 'no reason recorded'}: {crash_kinds.ADVICE.get(run.error_kind or 'unknown', '')}"
    return {
        "promote": "it leads beyond the noise",
        "replicate": "its gain is inside the noise" if run.status == "keep" else "it was discarded but measured better",
        "branch_followup": "it was kept; a further step may pay",
        "retry": "it was slow for no reason of its own: its result says little"
        if run.contended
        else "the base no longer held: what failed since it last did is untested"
        if run.status == "keep"
        else "it tied with the champion: no evidence against it",
        "investigate_crash": run.doubts or "its number was not measured by the agreed judge",
    }.get(run.next_action or "", "")


def _families(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for label, n in counts.items():
        family, _, status = label.partition("\t")
        row = rows.setdefault(family, {"family": family, "keep": 0, "discard": 0, "crash": 0})
        row[status] = row.get(status, 0) + n
    return sorted(rows.values(), key=lambda row: (-row["keep"] - row["discard"] - row["crash"], row["family"]))


def _recent(run: RunView, direction: Direction) -> dict[str, Any]:
    gain = None
    if run.value is not None and run.base_value is not None:
        gain = arenas.improvement(run.value, run.base_value, direction)
    return {
        **registry.brief_of(run),
        "gain_over_base": gain,
        "next_action": run.next_action,
        "classification": run.classification,
        "error": run.error_summary,
    }
