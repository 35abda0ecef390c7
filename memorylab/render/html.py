"""The morning report as one HTML file that opens from disk, asks the network for nothing and reads well on a phone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memorylab.core.numerals import Digits
from memorylab.core.report import bill, headline
from memorylab.render import appendix, html_sections, progress, words
from memorylab.render.appendix import Appendix, anchor
from memorylab.render.escape import html, one_line, shorten_middle
from memorylab.render.html_parts import STATUSES, WORDS, bar, linked, run_link, section, tag, tile
from memorylab.render.words import gain, percent

if TYPE_CHECKING:
    from memorylab.core.report.morning import Morning

LONGEST = 600
"""Characters shown of a sentence; what an agent calls its run may have any length."""
LINKS = 24
"""Runs to which a warning leads."""


def report(m: Morning, named: Appendix | None = None, at: str | None = None) -> str:
    """The morning report. What agents wrote is escaped, and the page's policy forbids scripts and outside content.

    `named` are the runs told in full at its end, `at` is where the page finds their archives, if it does.
    """
    from string import Template  # 1 ms that only a report needs

    skeleton = Template(Path(__file__).with_name("report.html").read_text(encoding="utf-8"))
    generated = html(words.when(m.generated_utc, full=True))
    period = f"runs since {html(words.when(m.since_utc, full=True))} UTC" if m.since_utc else "all runs"
    runs = named or {}
    parts = [_progress(m, runs), *html_sections.sections(m, runs), _appendix(runs, at, words.digits_of(m))]
    page = skeleton.substitute(
        title=f"Research report {generated}",
        meta=f"{html(m.arena, 200)} · {period} · written {generated} UTC",
        headline="\n".join(f"<p>{_sentence(sentence, m, runs)}</p>" for sentence in m.headline),
        warnings="\n".join(f'<p class="warn">{warning}</p>' for warning in _warnings(m, runs)),
        tiles="\n".join((_champion_tile(m, runs), _belief_tile(m), _next_tile(m, runs))),
        sections="\n".join(part for part in parts if part),
        footer=_footer(m),
    )
    return re.sub(r"(?<=\d) %", "\u00a0%", page)


def _sentence(sentence: str, m: Morning, named: Appendix) -> str:
    """A sentence of the headline, the question or the order at its start in bold; runs lead to their packets."""
    shown = html(shorten_middle(one_line(sentence), LONGEST))
    about = m.queue[0] if sentence.startswith("Do next") and m.queue else m.champion or {}
    shown = linked(shown, one_line(headline.name(about)), about, named)
    return re.sub(r"^(Believe it\? [A-Z][a-z ]+:|Do next:)", r"<strong>\1</strong>", shown)


def _warnings(m: Morning, named: Appendix) -> list[str]:
    """The warnings; each run that one is about leads to its packet."""
    told = [html(warning, LONGEST) for warning in m.warnings]
    if told and m.slow:
        told[-1] += f" {_links(m.slow, named)}"
    doubts = [html(warning, LONGEST) for warning in words.integrity(m)]
    for place, run in enumerate(m.integrity[: words.DOUBTED]):
        doubts[place] = linked(doubts[place], one_line(run.get("run_id"), 40), run, named)
    if len(m.integrity) > words.DOUBTED:
        doubts[-1] += f" {_links(m.integrity[words.DOUBTED :], named)}"
    return told + doubts


def _links(runs: Sequence[Mapping[str, Any]], named: Appendix) -> str:
    more = f" and {len(runs) - LINKS:,} more" if len(runs) > LINKS else ""
    return " ".join(run_link(run, named) for run in runs[:LINKS]) + more


def _champion_tile(m: Morning, named: Appendix) -> str:
    if m.champion is None:
        return tile("Champion", "none yet", ["Nothing has been kept with a measurement."])
    name = words.name_of(m.champion, 160)
    shown = f"<strong>{linked(html(name), name, m.champion, named)}</strong>"
    numbers = words.digits_of(m)
    moved = "It led when the period began, too." if m.champion_before else ""
    if m.gained is not None:
        moved = f"{numbers.size(m.gained)} {'better' if m.gained > 0 else 'worse'} than when the period began"
    interval = progress.estimate(m)
    true = f"true value {' to '.join(numbers.span(interval[0], interval[2]))} (90 %)" if interval else ""
    return tile(f"Champion, {html(m.metric, 40)}", numbers.value(m.champion.get("mean")), [shown, true, moved])


def _belief_tile(m: Morning) -> str:
    if m.champion is None:
        return ""
    seen = headline.verdict(m.champion, m.direction, words.digits_of(m))
    state = one_line(m.champion.get("state"), 20)
    big = f"{seen.word} {tag(state, {'confirmed': 'keep', 'contested': 'crash'}.get(state, 'now'))}"
    sure = (
        f"{bar([('', seen.chance)])}<strong>{percent(seen.chance)}</strong> {html(seen.of, 160)}"
        if seen.chance is not None
        else ""
    )
    return tile("Believe it?", big, [sure, html(words.promotions(m.promotions))])


def _next_tile(m: Morning, named: Appendix) -> str:
    if not m.queue and m.champion is None:
        return tile("Do next", "run a baseline", ["What follows is judged against it."])
    if not m.queue:
        return tile("Do next", "nothing waits", ["No run of this period asks for a decision."])
    first, more = m.queue[0], len(m.queue) - 1
    action = one_line(first.get("action"), 40)
    name = words.name_of(first, 160)
    shown = f"<strong>{linked(html(name), name, first, named)}</strong>" if first.get("run_id") else ""
    below = f'<a href="#queue">{words.plural(more, "more step")} below</a>' if more else ""
    return tile("Do next", html(words.step(action)), [shown, html(words.worth(first)), below])


def _progress(m: Morning, named: Appendix) -> str:
    """The chart twice, since the names of runs can't be read when a wide chart is shrunk to a phone."""
    if not m.progress:
        return ""
    wide, narrow = (
        progress.svg(m, width, height, lambda point: f"#{anchor(point.run_id)}" if point.run_id in named else None)
        for width, height in ((960, 420), (400, 380))
    )
    drawn = f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>'
    return section("Progress", f'<div class="card">{drawn}</div>{_bill(m)}')


def _bill(m: Morning) -> str:
    """What the period cost and what it bought, under the picture of it."""
    told = bill.sentences(m.bill, m.counts, words.digits_of(m))
    if not told:
        return ""
    shares = bill.shares(m.bill)
    spent = bar([(status, share) for status, share, _ in shares])
    time = f'<p class="note spent">{spent} {", ".join(words for *_, words in shares)}</p>' if shares else ""
    return f'<div class="bill"><h3>What it cost and what it bought</h3><p>{html(" ".join(told))}</p>{time}</div>'


def _appendix(runs: Appendix, at: str | None, shown: Digits) -> str:
    if not runs:
        return ""
    note = '<p class="note">What was decided on each run named above, the end of its log, and its diff.</p>'
    paper = (
        '<p class="note paper-only">The runs in full, with their logs and diffs, are in the page and not on paper.</p>'
    )
    return section("The runs in full", f"{note}\n{appendix.section(runs, at, shown)}", "runs") + paper


def _footer(m: Morning) -> str:
    shown = [status for status in WORDS if status in STATUSES or m.total_counts.get(status)]
    counts = ", ".join(f"{m.total_counts.get(status, 0):,} {WORDS[status]}" for status in shown)
    return f"All runs so far: {counts}. Gains and gaps are positive where better ({gain(0.001)} is a gain)."
