"""The use case `replay` beyond one verdict: other tools' rules on the same ledgers, and every threshold's price."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from memorylab.core.guard import frontier, rivals, tuning
from memorylab.core.guard.frontier import Frontier, Point, Scored
from memorylab.core.guard.replay import Row, gains, pooled, shares, tally
from memorylab.core.guard.tuning import Option, Trial
from memorylab.lab.rehearsal import Case, Ledger, Settings, cases, counted, judged
from memorylab.records import NoveltyGuard

OURS = "ours"
"""Our guard among the names of the rules."""

SWEEP = tuple(round(0.3 + 0.02 * step, 2) for step in range(36))
"""The similarities at which the reference rule is tried, from 0.3 to 1."""

Progress = Callable[[str], None]


def contest(
    ledgers: Sequence[Ledger], settings: Settings, rules: Sequence[str], chart: bool, progress: Progress
) -> dict[str, Any]:
    """Judge ledgers by our guard and by the rules named, each row against the rows before it.

    Returns the results as `replay` prints them (`ledgers`, each with its `rules`), their `total` and, for a chart,
    the pooled `frontiers` by rule.
    """
    results, scored = [], []
    told: list[list[rivals.Told]] = []
    for ledger in ledgers:
        progress(f"judging {ledger.path.name}")
        asked: Iterable[Case] = list(cases(ledger)) if chart else cases(ledger)
        result = counted(ledger, judged(asked, settings), settings)
        if chart:
            free = judged(asked, settings._replace(block_below=0.0))
            scored += [Scored(row.status, frontier.score(g)) for row, g in zip(ledger.rows, free, strict=True)]
        if rules:
            told.append([rivals.tell(number, row) for number, row in enumerate(ledger.rows)])
            result["rules"] = _by_rule(ledger, told[-1], result, rules, settings.mode)
        results.append(result)
    total = pooled(results)
    if rules:
        total["rules"] = {name: pooled([result["rules"][name] for result in results]) for name in results[0]["rules"]}
    found = {"ledgers": results, "total": total}
    if chart:
        found["frontiers"] = _frontiers(told, scored, total.get("rules", {OURS: total}), settings.mode)
    return found


def _by_rule(
    ledger: Ledger, told: Sequence[rivals.Told], ours: Mapping[str, Any], rules: Sequence[str], mode: str
) -> dict[str, Any]:
    """Each rule's tally, without its rows; ours is always beside them."""
    tallies = {OURS: {name: ours[name] for name in ours if name not in _ABOUT}}
    for name in rules:
        if name != OURS:
            guards = [_as_guard(verdict, mode) for verdict in rivals.verdicts(rivals.RULES[name], told, mode)]
            tallies[name] = tally(ledger.rows, guards, ledger.direction)
            del tallies[name]["rows"]
    return tallies


_ABOUT = ("ledger", "mode", "threshold", "metric", "direction", "rows")


def _as_guard(verdict: rivals.Verdict, mode: str) -> NoveltyGuard:
    evidence = [] if verdict.match is None else [str(verdict.match)]
    return NoveltyGuard(
        classification=verdict.classification,
        policy={"decision": verdict.decision, "reason": "", "mode": mode, "evidence": evidence},
        p_keep=None,
    )


def _frontiers(
    told: Sequence[Sequence[rivals.Told]], scored: Sequence[Scored], tallies: Mapping[str, Mapping[str, Any]], mode: str
) -> dict[str, Frontier]:
    """The frontier of each rule that was tallied; one without a threshold is a single point."""
    found = {}
    for name, its in tallies.items():
        share = shares(its)
        now = Point(None, share.wins_blocked, share.failures_blocked)
        if name == OURS:
            line = frontier.curve(scored)
        elif name == "reference":
            flags = [row for rows in told for row in rivals.reference_sweep(rows, mode, SWEEP)]
            line = frontier.swept([row.status for rows in told for row in rows], SWEEP, flags)
        else:
            line = Frontier((now,), share.wins, share.failures)
        found[name] = line._replace(now=now)
    return found


def tune(ledgers: Sequence[Ledger], settings: Settings, max_lost: float | None, progress: Progress) -> dict[str, Any]:
    """Propose both thresholds of the guard for these ledgers and say what they would have cost beside `settings`."""
    trials, asked = [], []
    for ledger in ledgers:
        progress(f"reading {ledger.path.name}")
        asked += list(cases(ledger))
        trials += list(_trials(ledger))
    limit = tuning.MAX_LOST[settings.mode] if max_lost is None else max_lost

    def blocks(threshold: float) -> Option:
        progress(f"judging by a similarity of {threshold}")
        guards = judged(asked, settings._replace(threshold=threshold))
        return Option(tuning.Settings(threshold), [guard["policy"]["decision"] == "block" for guard in guards])

    default = blocks(settings.threshold)
    others = sorted(tuning.THRESHOLDS, key=lambda threshold: abs(threshold - settings.threshold))
    similar = tuning.best(trials, [default, *(blocks(t) for t in others if t != settings.threshold)], limit)
    steps = [similar]
    free = judged(asked, settings._replace(threshold=similar.settings.threshold, block_below=0.0))
    if any(guard["policy"].get("odds") is not None for guard in free):
        scored = [Scored(trial.status, frontier.score(g)) for trial, g in zip(trials, free, strict=True)]
        options = (
            Option(similar.settings._replace(block_below=below), [frontier.blocked(row, below) for row in scored])
            for below in tuning.BELOWS
        )
        steps.append(tuning.best(trials, [similar, *options], limit))
    about = {"ledgers": [str(ledger.path) for ledger in ledgers], "mode": settings.mode}
    return about | tuning.proposal(trials, default, steps, limit)


def _trials(ledger: Ledger) -> Iterable[Trial]:
    half = len(ledger.rows) / 2
    pairs: Iterable[tuple[Row, float]] = zip(ledger.rows, gains(ledger.rows, ledger.direction), strict=True)
    for number, (row, gain) in enumerate(pairs):
        yield Trial(number, str(ledger.path), number < half, row.status, row.description, gain, row.seconds)
