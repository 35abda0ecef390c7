"""The morning report as data: what the night brought, whether to believe it, and what to do first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from memorylab.core.decisions import registry
from memorylab.core.decisions.registry import Board, Led
from memorylab.core.decisions.situation import ahead, good
from memorylab.core.numerals import Digits, bounded, digits, number, plural
from memorylab.core.report import bill as bills
from memorylab.core.report import failures, lineage_tree, waiting
from memorylab.core.report.headline import headline
from memorylab.core.report.lineage_tree import Step
from memorylab.core.runs import arenas
from memorylab.core.runs.crash_kinds import RETRACTED, STARVED
from memorylab.core.runs.integrity import barred
from memorylab.records import ENDINGS, STATUSES, Blocked, Contender, Direction, RunView
from memorylab.tuples import NamedTuple

RECENT = 20


class Window(NamedTuple):
    """The runs that a report is about."""

    counts: Mapping[str, int]
    spent: Mapping[str, float]
    """Seconds by status."""
    runs: Sequence[RunView]
    """The newest of them, newest first; enough for the queue and the recent ledger."""
    champion_before: RunView | None
    """The champion when the window began, None for a window from the start."""
    blocked: Sequence[Blocked] = ()
    """The newest runs that the guard held back."""
    blocked_count: int = 0
    untimed: Mapping[str, int] = {}
    """Runs of which nobody recorded how long they took, by status."""
    ideas_kept: int | None = None
    """How many different ideas the kept runs were of."""


class Point(NamedTuple):
    """One run in the progress chart."""

    number: int
    """Its place among the arena's runs, from 1."""
    run_id: str
    status: str
    value: float | None
    description: str
    again: bool = False
    """It repeats what was measured before."""


class Seen(NamedTuple):
    """What was looked up for a report beside the board."""

    families: Mapping[str, int]
    """Runs by "family<TAB>status"."""
    progress: Sequence[Point]
    knobs: Sequence[dict[str, Any]] = ()
    tree: Sequence[Step] = ()
    failed: Mapping[tuple[str, str], Sequence[RunView]] = {}
    """Some runs of each group of failures, newest first, by its kind and label."""
    others: Sequence[Led] = ()
    """The arenas but for the one that is reported on."""
    first: Contender | None = None
    """What the campaign began with, as all runs of it were measured."""


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
    """The knobs that were tried most, as `core.guard.knob_table` makes them."""
    noise: dict[str, Any]
    progress: list[Point]
    warnings: list[str]
    slow: list[dict[str, Any]]
    """The newest runs that were starved, as a warning says."""
    promotions: dict[str, Any]
    """The ideas that stand as kept, and how many of them probably gain nothing."""
    bill: dict[str, Any]
    """What the period cost and what it brought."""
    near_misses: list[dict[str, Any]]
    """Runs that don't lead and are worth another try."""
    blocked: list[dict[str, Any]]
    """What the guard held back."""
    tree: list[dict[str, Any]]
    """The lineages as one tree, from the roots down."""
    others: list[dict[str, Any]]
    """Arenas whose runs are not compared with these: imported ones, other budgets, what came before a break."""


def morning(
    board: Board, window: Window, seen: Seen, *, now: str, since: str | None, warnings: Sequence[str] = ()
) -> Morning:
    """Put the report together. `now` and `since` are UTC timestamps."""
    leader = registry.champion(board)
    gained, sure = _gained(board, window, leader)
    counts: dict[str, int] = {status: window.counts.get(status, 0) for status in STATUSES}
    if window.counts.get(STARVED):
        counts[STARVED] = window.counts[STARVED]
    metric, champion = board.arena.get("metric", "val_bpb"), board.champion.run.seq if board.champion else None
    queue = waiting.queue(board, window.runs, _untried(seen.knobs))
    rivals = [_with_interval(board, row) for row in registry.challengers(board)[:5]]
    recent, spread = [_recent(run) for run in window.runs[:RECENT]], board.noise._asdict()
    shown = digits_of(spread, leader, rivals, recent)
    paid = bills.Paid(
        counts,
        window.spent,
        window.untimed,
        window.ideas_kept,
        elsewhere=max(sum(counts.values()) - sum(board.status_counts.values()), 0) if since is None else 0,
        stopped=sum(run.status == "crash" and run.error_kind == "interrupted" for run in window.runs),
        retracted=sum(run.status == "crash" and run.error_kind == RETRACTED for run in window.runs),
    )
    return Morning(
        generated_utc=now,
        since_utc=since,
        metric=metric,
        direction=board.direction,
        arena=arenas.describe(board.arena),
        headline=headline(metric, leader, gained, queue, sum(counts.values()), board.direction, shown, since),
        counts=counts,
        total_counts=dict(board.status_counts),
        hours=sum(window.spent.values()) / 3600,
        champion=leader,
        champion_before=registry.brief(window.champion_before),
        gained=gained,
        probability_gained=sure,
        queue=queue,
        challengers=rivals,
        lineages=[registry.lineage(line, board.direction) for line in board.lineages if line.tip.depth > 0],
        failures=_failures(board, window, seen),
        families=_families(seen.families),
        integrity=[_doubted(run) for run in window.runs if barred(run)],
        recent=recent,
        knobs=list(seen.knobs),
        noise=spread,
        progress=list(seen.progress),
        warnings=[*warnings, *_withheld(counts)],
        slow=[registry.brief_of(run) for run in window.runs if run.starved],
        promotions=registry.promotions(board),
        bill=bills.bill(paid, window.blocked_count, _bought(board, window, seen.first, leader, gained, sure)),
        near_misses=waiting.near_misses(board, [*queue, *rivals]),
        blocked=bills.held_back(window.blocked),
        tree=lineage_tree.rows(seen.tree, champion),
        others=[registry.led(one) for one in seen.others],
    )


def digits_of(
    noise: Mapping[str, Any],
    leader: Mapping[str, Any] | None,
    rivals: Sequence[Mapping[str, Any]],
    recent: Sequence[Mapping[str, Any]] = (),
) -> Digits:
    """How values are written wherever a report, or a board, tells of an arena: all alike."""
    rows = [leader or {}, *rivals, *recent]
    return digits(noise.get("sigma"), *(row.get(name) for row in rows for name in ("value", "mean")))


def _with_interval(board: Board, row: dict[str, Any]) -> dict[str, Any]:
    """A challenger with its true value as far as it is known."""
    rival = next(one for one in board.contenders if one.run.run_id == row["run_id"])
    return row | board.estimate(rival)


def _untried(knobs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Settings beside those that were tried, of the knobs that were tried most."""
    return [
        f"{knob['knob']} {number(knob['suggestion'])}" for knob in knobs if isinstance(knob.get("suggestion"), float)
    ]


def _failures(board: Board, window: Window, seen: Seen) -> list[dict[str, Any]]:
    """Crashes in the same message, then what else failed alike; a group of which all is told already is left out."""
    messages = failures.by_message(window.runs)
    said = {failures.shape(row["error"]) for row in messages}
    rest = []
    for item in board.failures:
        runs = seen.failed.get((item.kind, item.label), ())
        if item.kind != "crash" or not all(failures.shape(run.error_summary or "") in said for run in runs):
            rest.append(failures.told(item, runs, board.noise, board.direction))
    return [*messages, *rest]


def _bought(
    board: Board,
    window: Window,
    first: Contender | None,
    leader: Mapping[str, Any] | None,
    gained: float | None,
    sure: float | None,
) -> bills.Bought:
    """The gain of the period; of a whole campaign the gain over what it began with, mean over mean."""
    if window.champion_before is not None and gained is None:
        return bills.Bought(0.0, None, "the champion before")
    if gained is not None or leader is None or board.champion is None or first is None:
        return bills.Bought(gained, sure, "the champion before")
    if first.run.candidate == board.champion.run.candidate:
        return bills.Bought(0.0, None, "what it began with")
    begun, now = board.belief(first), board.belief(board.champion)
    middle, spread = bounded(now.mean - begun.mean), registry.INTERVAL * math.hypot(begun.sd, now.sd)
    over = f"the mean of {first.runs:,} runs of the first code" if first.runs > 1 else "the first run"
    gain = arenas.improvement(leader["mean"], first.mean, board.direction)
    return bills.Bought(gain, ahead(now, begun), over, (bounded(middle - spread), bounded(middle + spread)))


def _doubted(run: RunView) -> dict[str, Any]:
    return {**registry.brief_of(run), "integrity": run.integrity, "reasons": run.doubts}


def _withheld(counts: Mapping[str, int]) -> list[str]:
    """A warning where runs were starved: time that bought nothing, until the machine is quiet."""
    found, runs = counts.get(STARVED, 0), sum(counts.values())
    if not found:
        return []
    were = "was" if found == 1 else "were"
    return [
        f"{found:,} of {plural(runs, 'run')} {were} starved: something else used the machine. They are no evidence "
        "either way; wait for a quiet machine before they are run again."
    ]


def _gained(board: Board, window: Window, leader: Mapping[str, Any] | None) -> tuple[float | None, float | None]:
    before = window.champion_before
    if leader is None or before is None or before.value is None or before.run_id == leader["run_id"]:
        return None, None
    gain = arenas.improvement(leader["mean"], before.value, board.direction)
    assert board.champion is not None
    known = board.track.believed(before.candidate, good(before.value, board.direction), 1)
    return gain, ahead(board.belief(board.champion), known)


def _families(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for label, n in counts.items():
        family, _, status = label.rpartition("\t")  # a family is whatever an agent calls it
        row = rows.setdefault(family, {"family": family, **dict.fromkeys(ENDINGS, 0)})
        row[status] = row.get(status, 0) + n
    return sorted(rows.values(), key=lambda row: (-sum(row[status] for status in ENDINGS), row["family"]))


def _recent(run: RunView) -> dict[str, Any]:
    return {
        **registry.brief_of(run),
        "gain_over_base": arenas.gain_of(run),
        "next_action": run.next_action,
        "classification": run.classification,
        "error": run.error_summary,
    }
