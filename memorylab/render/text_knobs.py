"""What a terminal shows of knobs: all that were tried as a table, and one with each try and a small chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memorylab.core.guard.knobs import NOISE
from memorylab.records import finite
from memorylab.render import knob_plot
from memorylab.render.escape import one_line
from memorylab.render.knob_plot import Dot, Frame, open_side, setting, sigmas, state
from memorylab.render.table import Column, fields, fit, paint, section, table, wrap
from memorylab.render.words import NONE, mapping, mappings, name_of, plural

NO_KNOB = (
    "No knob has been tried yet that is known by name: names are read in Python and in configuration files; "
    "[vocabulary] in memorylab.toml gives others."
)
CHART_WIDTH = 72
CHART_ROWS = 9


def knobs(rows: Sequence[Mapping[str, Any]], width: int, color: bool = False) -> str:
    """The knobs as a table, in the order given."""
    if not rows:
        return "\n".join(wrap(NO_KNOB, width))
    columns = (
        Column("knob", flex=True),
        Column("now", right=True),
        Column("runs", right=True),
        Column("values", right=True, priority=6),
        Column("best", right=True, priority=1),
        Column("gain", right=True, priority=3),
        Column("kept", right=True, priority=5),
        Column("failed", right=True, priority=5),
        Column("crashed", right=True, priority=7),
        Column("bracket", priority=4),
        Column("untried", priority=2),
    )
    told = []
    for row in rows:
        best = mapping(row.get("best"))
        counts = [setting(row.get(name)) for name in ("keep", "discard", "crash")]
        told.append(
            (
                _name(row),
                setting(row.get("present")) or NONE,
                setting(row.get("runs")),
                setting(row.get("values")),
                setting(best.get("to")) or NONE,
                f"{sigmas(best.get('gain'))} σ" if best else NONE,
                *counts,
                state(row) or NONE,
                open_side(row) or NONE,
            )
        )
    return "\n".join(table(columns, told, width, color, indent=""))


def knob(row: Mapping[str, Any], width: int, color: bool = False) -> str:
    """One knob: what is known of it, the chart, and each try, newest first."""
    counts = [f"{setting(row.get(key)) or 0} {word}" for key, word in _STATUSES]
    lines = [paint(fit(_name(row), width), "bold", color)]
    lines += fields(
        [
            ("known", one_line(row.get("note"), 600) or "nothing on this base"),
            ("now", setting(row.get("present")) or "unknown"),
            ("runs", f"{setting(row.get('runs'))}: {', '.join(counts)}"),
        ],
        width,
    )
    lines += section("Gain over the base by value, in σ of one run", chart(row, width), width, color)
    columns = (
        Column("value", right=True),
        Column("outcome"),
        Column("gain", right=True),
        Column("base", priority=3),
        Column("run", priority=1),
        Column("idea", flex=True, priority=2),
    )
    told = [
        (
            setting(one.get("to")),
            one_line(one.get("outcome"), 10) + ("" if one.get("alone") is not False else ", not alone"),
            f"{sigmas(one.get('gain'))} σ" if one.get("gain") is not None else NONE,
            one_line(one.get("base"), 60),
            one_line(one.get("run_id"), 60),
            name_of(one, 200),
        )
        for one in reversed(mappings(row.get("tries")))
    ]
    title = f"The newest {plural(len(told), 'try').replace('trys', 'tries')}"
    return "\n".join(lines + section(title, table(columns, told, width, color), width, color))


_STATUSES = (("keep", "kept"), ("discard", "discarded"), ("crash", "crashed"))


def _name(row: Mapping[str, Any]) -> str:
    scope = one_line(row.get("scope"), 40)
    return one_line(row.get("knob"), 60) + (f" ({scope})" if scope else "")


def chart(row: Mapping[str, Any], width: int) -> list[str]:
    """Gains by value in characters: kept `*`, others `o`, on an older base `.`, crashed `x`; the noise between dots."""
    shown = knob_plot.dots(row)
    if len({dot.value for dot in shown}) < 2:
        return []
    now = finite(row.get("present"))
    frame = knob_plot.frame(shown, now)
    left = max(len(sigmas(frame.low)), len(sigmas(frame.high)), 5)
    columns = max(min(width, CHART_WIDTH) - left - 5, 12)
    grid = _grid(shown, frame, columns)
    names = {_line(frame, gain): f"{sigmas(gain)}" for gain in (frame.high, frame.low)} | {_line(frame, 0.0): "0"}
    lines = [f"  {names.get(n, ''):>{left}} │ {''.join(line)}".rstrip() for n, line in enumerate(grid)]
    axis = [" "] * columns
    for value in (*((now,) if now is not None else ()), frame.right, frame.left):
        _write(axis, setting(value), round(frame.x(value) * (columns - 1)))
    lines.append(f"  {'':>{left}} └ {''.join(axis)}".rstrip())
    return [fit(line, width) for line in [*lines, *_key(shown, left, now)]]


def _grid(shown: Sequence[Dot], frame: Frame, columns: int) -> list[list[str]]:
    grid = [[" "] * columns for _ in range(CHART_ROWS)]
    for gain, sign in ((NOISE, "┈"), (-NOISE, "┈"), (0.0, "─")):
        grid[_line(frame, gain)] = [sign] * columns
    for dot in sorted(shown, key=lambda dot: (dot.kept, dot.here)):
        line = CHART_ROWS - 1 if dot.gain is None else _line(frame, dot.gain)
        sign = "x" if dot.gain is None else "*" if dot.kept else "o" if dot.here else "."
        grid[line][round(frame.x(dot.value) * (columns - 1))] = sign
    return grid


def _line(frame: Frame, gain: float) -> int:
    return min(int((1 - frame.y(gain)) * CHART_ROWS), CHART_ROWS - 1)


def _write(line: list[str], word: str, middle: int) -> None:
    """Put a word under its place if nothing else is there, the ends flush with the chart's."""
    start = min(max(middle - len(word) // 2, 0), len(line) - len(word))
    around = line[max(start - 1, 0) : start + len(word) + 1]
    if start >= 0 and all(sign == " " for sign in around):
        line[start : start + len(word)] = word


def _key(shown: Sequence[Dot], left: int, now: float | None) -> list[str]:
    signs = (
        ("*", "kept", sum(dot.kept for dot in shown)),
        ("o", "on this base", sum(dot.gain is not None and not dot.kept and dot.here for dot in shown)),
        (".", "on an older base", sum(dot.gain is not None and not dot.kept and not dot.here for dot in shown)),
        ("x", "crashed", sum(dot.gain is None for dot in shown)),
    )
    told = [f"{sign} {count} {word}" for sign, word, count in signs if count]
    return [f"  {'':>{left}}   {' · '.join([*told, '┈ noise', *([f'now {setting(now)}'] if now is not None else [])])}"]
