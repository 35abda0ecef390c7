"""The morning report for a terminal of any width: the headline, the chart, what to do next and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memorylab.core.numerals import Digits
from memorylab.core.report import bill
from memorylab.records import finite
from memorylab.render import words
from memorylab.render.chart_text import progress_text
from memorylab.render.escape import one_line, shorten_middle
from memorylab.render.table import Column, fit, paint, section, table, wrap
from memorylab.render.words import NONE, duration, percent, plural

if TYPE_CHECKING:
    from memorylab.core.report.morning import Morning

LONGEST = 600
"""Characters shown of a sentence; what an agent calls its run may have any length."""
_HELD_BACK = 5
_DEEPEST = 6
"""Lines that are drawn left of a step of the tree."""


def report(m: Morning, width: int, color: bool = False) -> str:
    """The whole report."""
    title = f"Research report, {words.when(m.generated_utc, full=True)} UTC"
    title += f" (since {words.when(m.since_utc, full=True)})" if m.since_utc else ""
    lines = [paint(fit(title, width), "bold", color), *wrap(one_line(m.arena, 200), width), ""]
    lines += headline(m, width, color)
    if m.progress:
        lines += [
            "",
            progress_text(m.progress, metric=m.metric, direction=m.direction, shown=words.digits_of(m), width=width),
        ]
    lines += (
        ["", *wrap(" ".join(bill.sentences(m.bill, m.counts, words.digits_of(m))), width)] if m.bill["runs"] else []
    )
    for title, items in words.steps(m):
        lines += section(title, queue(items, width, color), width, color)
    lines += section("Champion and challengers", board(m, width, color), width, color)
    lines += section("More near misses worth another run", _near_misses(m, width, color), width, color)
    lines += section("Lineage of the kept runs", _tree(m, width, color), width, color)
    lines += section("What keeps failing", _failures(m, width), width, color)
    lines += section("Held back by the guard", _blocked(m, width), width, color)
    others = [line for told in words.others(m) for line in wrap(told, width, "    ", "  ")]
    return "\n".join(lines + section(words.OTHERS, others, width, color))


def headline(m: Morning, width: int, color: bool) -> list[str]:
    """The sentences that matter most, and the warnings."""
    lines = []
    for sentence in [*m.headline, words.promotions(m.promotions)]:
        lines += wrap(shorten_middle(one_line(sentence), LONGEST), width) if sentence else []
    for warning in [*m.warnings, *words.integrity(m)]:
        lines += wrap(one_line(warning, LONGEST), width, "  ", paint("! ", "red", color))
    return lines


def queue(items: Sequence[Mapping[str, Any]], width: int, color: bool) -> list[str]:
    """Steps, numbered, each with its price and below it the reason."""
    lines = []
    for place, item in enumerate(items, 1):
        about = words.name_of(item, 200) if item.get("run_id") else "an idea that nobody tried"
        action = words.task(item).replace("_", " ")
        told = words.worth(item)
        head = f"{action}: {about}" + (f" ({told})" if told else "")
        wrapped = wrap(head, width, "     ", f"  {place}. ")
        wrapped[0] = wrapped[0].replace(f"{action}:", f"{paint(action, 'blue', color)}:", 1)
        lines += wrapped + [paint(line, "dim", color) for line in wrap(one_line(item.get("why"), 500), width, "     ")]
    return lines


def board(m: Morning, width: int, color: bool) -> list[str]:
    """The champion and who comes close, with what their true values are believed to be."""
    if m.champion is None:
        return []
    shown = words.digits_of(m)
    rows = [_candidate("1", m.champion, one_line(m.champion.get("state"), 12), shown)]
    rows += [
        _candidate(str(place), row, one_line(row.get("status"), 10), shown)
        for place, row in enumerate(m.challengers, 2)
    ]
    columns = (
        Column(""),
        Column(one_line(m.metric, 16), right=True),
        Column("true value, 90 %", right=True, priority=2),
        Column("better", right=True),
        Column("state", priority=1),
        Column("idea", flex=True),
    )
    noise = words.noise_of(m.noise)
    note = "Better: the chance to be truly better than the champion. " if m.challengers else ""
    told = wrap(note + (words.noise_words(noise) if noise else ""), width, "  ")
    return table(columns, rows, width, color) + [paint(line, "dim", color) for line in told]


def _candidate(place: str, row: Mapping[str, Any], state: str, shown: Digits) -> tuple[str, ...]:
    low, high = finite(row.get("estimate_low")), finite(row.get("estimate_high"))
    interval = NONE if low is None or high is None else "..".join(shown.span(low, high))
    return (
        place,
        shown.value(words.mean_of(row)),
        interval,
        percent(row.get("probability_better")),
        state,
        words.name_of(row),
    )


def _near_misses(m: Morning, width: int, color: bool) -> list[str]:
    rows, shown = [], words.digits_of(m)
    for item in m.near_misses:
        better = item.get("better")
        rows.append((shown.value(words.mean_of(item)), percent(better if better is not None else item.get("chance")),
                     words.settled(item), duration(item.get("minutes")), words.name_of(item, 200)))  # fmt: skip
    columns = (
        Column(one_line(m.metric, 16), right=True),
        Column("chance", right=True),
        Column("to settle", right=True, priority=1),
        Column("a run", right=True, priority=2),
        Column("idea", flex=True),
    )
    return table(columns, rows, width, color)


def _tree(m: Morning, width: int, color: bool) -> list[str]:
    """Each line straight down from its root, what branches off it on a line of its own right below; roots apart."""
    if len(m.tree) < 2:
        return []
    lines: list[str] = []
    shown = words.digits_of(m)
    for step in m.tree:
        begins, rails = step.get("begins") is True, [rail is True for rail in step.get("rails") or ()][:_DEEPEST]
        left = "".join("│ " if rail else "  " for rail in rails)
        if begins and rails:
            left = f"{left[:-2]}{'├' if rails[-1] else '└'}─"
        elif begins and lines:
            lines.append("")
        mark = "*" if step.get("leads") is True else "o"
        gained = f" {shown.signed(step.get('gain'))}" if step.get("gain") is not None else ""
        told = f"  {left}{mark} {shown.value(step.get('value'))}{gained} {words.name_of(step, 200)}"
        earlier, runs = (int(finite(step.get(name)) or 0) for name in ("earlier", "runs"))
        told += f" (mean of {plural(runs, 'run')} {shown.value(step.get('mean'))})" if runs > 1 else ""
        told += f" (after {plural(earlier, 'earlier kept step')})" if earlier else ""
        line = fit(told, width)
        lines.append(paint(line, "green", color) if step.get("leads") is True else line)
    note = "* champion; a branch starts at the run above it that it was made on; gains of a first run over its base"
    return [*lines, *(paint(line, "dim", color) for line in wrap(note, width, "  "))]


def _failures(m: Morning, width: int) -> list[str]:
    told = []
    for row in m.failures:
        examples = [words.name_of(one, 80) for one in words.mappings(row.get("examples"))]
        last = examples or [words.name_of(words.mapping(row.get("last")), 100)]
        cause = one_line(row.get("cause") or row.get("error"), 300)
        head = f"{row.get('count', 0):,} × {one_line(row.get('label'), 80)}" + (f": {cause}" if cause else "")
        told += wrap(head, width, "    ", "  ") + wrap(f"such as {'; '.join(last)}", width, "    ")
    return told


def _blocked(m: Morning, width: int) -> list[str]:
    told = []
    for row in m.blocked[:_HELD_BACK]:
        times = int(finite(row.get("times")) or 1)
        again = f" ({times} times)" if times > 1 else ""
        what = one_line(row.get("classification"), 30)
        head = f"{words.name_of(row, 200)}{again}: {what}, {one_line(row.get('reason'), 300)}"
        told += wrap(head, width, "    ", "  ")
    more = len(m.blocked) - _HELD_BACK
    return told + (wrap(f"and {plural(more, 'more idea')}", width, "  ") if more > 0 else [])
