"""What a terminal shows of a replay of several ledgers or by several rules, and of the thresholds proposed for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from memorylab.core.guard.replay import Shares, shares
from memorylab.render import words
from memorylab.render.escape import one_line
from memorylab.render.table import Column, paint, section, table, wrap
from memorylab.render.words import NONE, gain, plural

SHOWN = 10
"""Wins lost that are named; the rest is counted."""

_SHARES = (
    Column("wins lost", right=True),
    Column("", right=True, priority=3),
    Column("failures caught", right=True),
    Column("", right=True, priority=4),
    Column("gain lost", right=True, priority=2),
    Column("blocks right", right=True, priority=1),
)


def share(part: float | None) -> str:
    """A share with one decimal, a dash where there is none.

    >>> share(0.0584), share(0.0), share(None)
    ('5.8 %', '0.0 %', '–')
    """
    return NONE if part is None else f"{100 * part:.1f} %"


def rules(tallies: Mapping[str, Mapping[str, Any]], width: int, color: bool = False) -> str:
    """One line a rule: what it would have lost and caught on the same runs."""
    rows = [(name, *_cells(shares(counted))) for name, counted in tallies.items()]
    return "\n".join(["", *table((Column("rule"), *_SHARES), rows, width, color)])


def ledgers(results: Sequence[Mapping[str, Any]], total: Mapping[str, Any], width: int, color: bool = False) -> str:
    """One line a ledger, the total, and the wins that were lost with most gain."""
    rows = [(one_line(PurePath(r["ledger"]).name, 400), str(r["runs"]), *_cells(shares(r))) for r in results]
    rows.append((f"all {len(results)}", str(total["runs"]), *_cells(shares(total))))
    lines = table((Column("ledger", flex=True), Column("runs", right=True), *_SHARES), rows, width, color)
    lost = [(_percent_of(win["gain"], result["gain_total"]), win) for result in results for win in result["wins_lost"]]
    lines += _named("Kept runs blocked, with their share of what their ledger gained", lost, width, color)
    saved = total["seconds_saved"]
    return "\n".join([*lines, "", f"Time saved: {words.duration(saved / 60)}."] if saved else lines)


def tuning(found: Mapping[str, Any], width: int, color: bool = False) -> str:
    """The thresholds that were found, their price in either half, what they lose by name, and the lines to write."""
    title = f"Thresholds for {plural(found['runs'], 'run')} in {found['mode']} mode, "
    title += f"at most {share(found['max_lost'])} of the wins lost"
    lines = [*(paint(line, "bold", color) for line in wrap(title, width)), ""]
    default, steps = found["default"], [step for step in found["proposed"] if _differs(step, found["default"])]
    rows = [("default", *_settings(default), *_priced(default))]
    rows += [("proposed", *_settings(step), *_priced(step)) for step in steps]
    columns = (
        Column(""),
        Column("threshold", right=True),
        Column("block_below", right=True),
        Column("first half", right=True, priority=2),
        Column("second half", right=True, priority=1),
        Column("all", right=True, priority=3),
        Column("time saved", right=True, priority=4),
    )
    lines += table(columns, rows, width, color)
    told = (
        "Wins lost of all wins, then failures caught of all failures. The thresholds were chosen on the first half of "
    )
    lines += wrap(told + "each ledger; the second half had no say.", width, "  ")
    if all(step["block_below"] is None for step in found["proposed"]):
        lines += wrap("block_below is left as it is: no P(keep) below which blocking would catch more.", width, "  ")
    for name, priced in (("default", default), *(("proposal", step) for step in steps[-1:])):
        lost = [(gain(win["gain"]), win) for win in priced["all"]["wins_lost"]]
        lines += _named(f"Wins that the {name} would have lost, with their gain", lost, width, color)
    verdict = "Keep the defaults" if found["keep_defaults"] else "Use the proposal"
    lines += ["", *wrap(f"{verdict}: {found['reason']}.", width)]
    if not found["keep_defaults"]:
        lines += ["", "In memorylab.toml:", "", *(f"  {line}" for line in found["lines"].splitlines())]
    return "\n".join(lines)


def _cells(s: Shares) -> tuple[str, ...]:
    return (
        share(s.lost),
        f"{s.wins_blocked} of {s.wins}",
        share(s.caught),
        f"{s.failures_blocked} of {s.failures}",
        share(s.gain_lost),
        share(s.precision),
    )


def _differs(priced: Mapping[str, Any], default: Mapping[str, Any]) -> bool:
    return _settings(priced) != _settings(default)


def _settings(priced: Mapping[str, Any]) -> tuple[str, str]:
    below = priced["block_below"]
    return f"{priced['threshold']:g}", "unset" if below is None else f"{below:g}"


def _priced(priced: Mapping[str, Any]) -> list[str]:
    told = [_lost_and_caught(priced[part]) for part in ("first_half", "second_half", "all")]
    seconds = priced["all"]["seconds_saved"]
    return [*told, f"{seconds / 3600:.1f} h" if seconds else NONE]


def _lost_and_caught(price: Mapping[str, Any]) -> str:
    return f"{len(price['wins_lost'])}/{price['wins']}, {price['failures_caught']}/{price['failures']}"


def _named(title: str, lost: Sequence[tuple[str, Mapping[str, Any]]], width: int, color: bool) -> list[str]:
    ranked = sorted(lost, key=lambda pair: -pair[1]["gain"])
    lines = []
    for told, win in ranked[:SHOWN]:
        lines += wrap(f"{told}  {words.name_of(win, 200)}", width, "    ", "  ")
    lines += [f"  and {len(ranked) - SHOWN} more"] if len(ranked) > SHOWN else []
    return section(title, lines, width, color)


def _percent_of(part: float, whole: float) -> str:
    return share(part / whole if whole > 0 else None)
