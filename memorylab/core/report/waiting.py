"""The decision queue: what the next run is best spent on, and what only a person can settle, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memorylab.core.decisions import registry
from memorylab.core.decisions.registry import Board
from memorylab.core.numerals import bounded, percent, plural, times
from memorylab.core.report.failures import LOOSE, shape
from memorylab.core.report.headline import name
from memorylab.core.runs import crash_kinds
from memorylab.core.runs.arenas import improvement
from memorylab.core.runs.integrity import barred
from memorylab.records import RunView, finite

RUNS, LOOKS, AGAIN = 6, 5, 4
"""Steps of each kind: what a run is best spent on, what a person has to look at, what deserves a second try."""
NEAR_MISSES = 3
"""Runs to be tried again that the queue itself holds; the rest stand in a section of their own."""
LIKELY = 0.2
"""Chance from which a run that doesn't lead is called a near miss."""
_NOTHING = 1000.0
"""Something that is worth so many times less promises nothing."""
HINTS = 3
"""Untried settings that a new idea is offered."""
_AGAIN = ("replicate", "retry")
_MENDING = ("fix_and_retry", "investigate_crash")


def queue(board: Board, runs: Sequence[RunView], untried: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The next steps: a doubted run that would lead, then by what a run is worth, then what has to be mended.

    Each row has `kind` ("run", "look" for what costs a person's look and no run, "again" for a second try whose worth
    nobody can tell), `action`, the run that it is about (none for a new idea), `why`, and where it is a run: `minutes`
    (its price), `worth`, `times_new` (against a new idea), `chance`, `reruns`.

    Args:
        board: the arena's.
        runs: those of the period, newest first.
        untried: neighbours of known settings, for a new idea.

    """
    doubted = [_doubted(run) for run in runs if barred(run) and run.next_action == "investigate_crash"]
    first = [row for row in doubted if _would_lead(board, row)]
    steps, again = [], 0
    for row in worthwhile(board):
        again += _is_near_miss(board, row)
        if row["action"] == "new" and untried:
            row["why"] += f"; untried: {', '.join(untried[:HINTS])} (`memorylab ideas` has more, with values)"
        if not _is_near_miss(board, row) or again <= NEAR_MISSES:
            steps.append(row)
    rest = [row for row in doubted if row not in first]
    told = {row["description"] for row in steps}
    untested = [row for row in _untested(runs) if row["description"] not in told]
    looks = [*rest, *_broken(runs)]
    return [
        *_of_kind("look", first[:2]),
        *_of_kind("run", [*_unrepeated(board), *steps][:RUNS]),
        *_of_kind("look", looks[:LOOKS]),
        *_of_kind("again", untested[:AGAIN]),
    ]


def _unrepeated(board: Board) -> list[dict[str, Any]]:
    """After a first measured run nothing is worth more than a second one of the same code: luck has no size yet."""
    leader = board.champion
    if leader is None or leader.runs > 1 or len(board.contenders) > 1 or board.noise.replicates:
        return []
    why = "nothing has been run twice here, so that nobody knows which gain would be real"
    price = next((option.get("minutes") for option in board.options), None)
    told = {"why": f"{why}; `memorylab noise --calibrate 3` measures it", "minutes": price, "mean": leader.mean}
    return [{"action": "replicate", **registry.brief_of(leader.run), **told}]


def _of_kind(kind: str, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"kind": kind, **row} for row in rows]


def near_misses(board: Board, told: Sequence[Mapping[str, Any]] = ()) -> list[dict[str, Any]]:
    """Runs that don't lead, have a real chance and aren't among those told of already, the most valuable first."""
    known = {row["run_id"] for row in told}
    return [
        row for row in worthwhile(board) if _is_near_miss(board, row) and row["run_id"] not in known and _likely(row)
    ]


def _likely(row: Mapping[str, Any]) -> bool:
    chance = finite(row["better"] if row["better"] is not None else row.get("chance"))
    return chance is not None and chance >= LIKELY


def worthwhile(board: Board) -> list[dict[str, Any]]:
    """The board's options with their reasons in words; none before there is a base to gain anything over."""
    if board.champion is None:
        return []
    rivals = {row["run_id"]: row for row in registry.challengers(board)}
    fresh = next((finite(option["worth"]) for option in board.options if option["action"] == "new"), None)
    found = []
    for place, option in enumerate(board.options):
        if option["action"] == "branch_followup" and _leads(board, option) and board.champion.run.base_value is None:
            continue  # what a campaign began with is no step
        worth = finite(option["worth"]) or 0.0
        about = rivals.get(option["run_id"]) if option["run_id"] else None
        found.append(
            {
                **option,
                "times_new": bounded(worth / fresh) if fresh else None,
                "better": about["probability_better"] if about else None,
                "gap_to_champion": about["gap_to_champion"] if about else None,
                "why": _untried(board.options, fresh)
                if place == 0 and option["action"] == "new"
                else _why(board, option, about),
            }
        )
    return found


def _untried(options: Sequence[Mapping[str, Any]], fresh: float | None) -> str:
    """Why a new idea comes first, against the best of what could be run instead: somebody may have expected that."""
    second = next((option for option in options if option["action"] in _AGAIN and option.get("run_id")), None)
    worth = finite(second["worth"]) if second else None
    if second is None or not fresh or not worth or fresh / worth > _NOTHING:
        return "nothing tried so far promises more"
    again = f"running {name(second)} again" if second["action"] == "replicate" else f"another try of {name(second)}"
    return f"it is expected to bring {times(fresh / worth)} times as much as {again}, which comes next"


def _why(board: Board, option: Mapping[str, Any], about: Mapping[str, Any] | None) -> str:
    action, chance = option["action"], finite(option.get("chance"))
    if action == "new":
        return "what an idea that nobody tried is worth here"
    if action == "branch_followup":
        return "its step was kept, and a further step on such a knob is kept twice as often as other ideas"
    if action == "control":
        return (
            f"{plural(board.due.row, 'run')} in a row came nowhere near it: {percent(board.due.probability)} that the "
            "machine, the data or the code has changed under it"
        )
    if _leads(board, option):
        return f"it leads, but only {percent(chance)} that it gains anything"
    if about is not None and action == "replicate":
        better = about["probability_better"]
        though = ", though measured worse" if about["gap_to_champion"] < 0 and better > 0.5 else ""
        return f"{percent(better)} that it is truly better than the champion{though}"
    sure = f"{percent(chance)} that it gains something" if chance is not None else "its result was too close to call"
    return f"{sure}{', and it was never tried on the present champion' if action == 'retry' else ''}"


def _is_near_miss(board: Board, row: Mapping[str, Any]) -> bool:
    return row["action"] in _AGAIN and not _leads(board, row)


def _leads(board: Board, row: Mapping[str, Any]) -> bool:
    return board.champion is not None and row["run_id"] == board.champion.run.run_id


def _doubted(run: RunView) -> dict[str, Any]:
    why = run.doubts or "its number was not measured by the agreed judge"
    return {"action": "investigate_crash", **registry.brief_of(run), "why": f"it can't lead as it is: {_clause(why)}"}


def _would_lead(board: Board, row: Mapping[str, Any]) -> bool:
    value, leader = finite(row.get("value")), board.champion
    return value is not None and (leader is None or improvement(value, leader.mean, board.direction) > 0)


def _untested(runs: Sequence[RunView]) -> list[dict[str, Any]]:
    """Runs whose result says little, for a reason that lay outside of them; a later try of the same idea settles it."""
    rows, seen = [], set()
    for run in runs:
        settled = run.description in seen
        seen.add(run.description)
        slow, drifted = run.error_kind == crash_kinds.STARVED, run.status == "keep" and run.next_action == "retry"
        if settled or run.next_action != "retry" or not (slow or drifted):
            continue
        why = "it was starved: the machine withheld what its peers had, so it says nothing of the idea"
        if not slow:
            why = "the base no longer held when it was run: what failed since it last did is untested"
        rows.append({"action": "retry", **registry.brief_of(run), "why": why})
    return rows


def _broken(runs: Sequence[RunView]) -> list[dict[str, Any]]:
    """One step for each cause of crashes that nobody has mended, about its newest run."""
    kinds: dict[tuple[str, str], list[RunView]] = {}
    seen: set[str] = set()
    for run in runs:
        settled = run.description in seen
        seen.add(run.description)
        if run.status == "crash" and not settled and run.next_action in _MENDING:
            kind = run.error_kind or "unknown"
            kinds.setdefault((kind, shape(run.error_summary or "") if kind in LOOSE else ""), []).append(run)
    rows = []
    for (kind, _), crashed in sorted(kinds.items(), key=lambda item: -len(item[1])):
        newest, others = crashed[0], len(crashed) - 1
        said = _clause(newest.error_summary or kind.replace("_", " "))
        more = f" (and {plural(others, 'more run')} like it)" if others else ""
        why = f"it crashed{more}: {said}; {crash_kinds.ADVICE.get(kind, '')}"
        rows.append({"action": newest.next_action, **registry.brief_of(newest), "why": why.rstrip("; ")})
    return rows


def _clause(sentence: str) -> str:
    return sentence.strip().rstrip(".")
