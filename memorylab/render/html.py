"""The morning report as one HTML file that opens from disk, asks the network for nothing and reads well on a phone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from memorylab.core.report import bill, headline
from memorylab.records import finite
from memorylab.render import appendix, html_sections, progress, words
from memorylab.render.appendix import Appendix
from memorylab.render.escape import html, one_line, shorten_middle
from memorylab.render.html_parts import STATUSES, WORDS, bar, section, tag, tile
from memorylab.render.words import duration, gain, number, percent

if TYPE_CHECKING:
    from memorylab.core.report.morning import Morning

LONGEST = 600
"""Characters shown of a sentence; what an agent calls its run may have any length."""
_VERBS = {
    "replicate": "run it again",
    "retry": "try it again",
    "control": "run the champion again",
    "branch_followup": "a step further",
    "new": "something new",
    "fix_and_retry": "mend it",
    "investigate_crash": "look at it",
}


def report(m: Morning, named: Appendix | None = None, at: str | None = None) -> str:
    """The morning report. What agents wrote is escaped, and the page's policy forbids scripts and outside content.

    `named` are the runs told in full at its end, `at` is where the page finds their archives, if it does.
    """
    from string import Template  # 1 ms that only a report needs

    skeleton = Template(Path(__file__).with_name("report.html").read_text(encoding="utf-8"))
    generated = html(words.when(m.generated_utc, full=True))
    period = f"runs since {html(words.when(m.since_utc, full=True))} UTC" if m.since_utc else "all runs"
    warnings = [*m.warnings, *words.integrity(m)]
    runs = named or {}
    parts = [_progress(m), *html_sections.sections(m, runs), _appendix(runs, at)]
    page = skeleton.substitute(
        title=f"Research report {generated}",
        meta=f"{html(m.arena, 200)} · {period} · written {generated} UTC",
        headline="\n".join(f"<p>{_sentence(sentence)}</p>" for sentence in m.headline),
        warnings="\n".join(f'<p class="warn">{html(warning, LONGEST)}</p>' for warning in warnings),
        tiles="\n".join((_champion_tile(m), _belief_tile(m), _next_tile(m))),
        sections="\n".join(part for part in parts if part),
        footer=_footer(m),
    )
    return re.sub(r"(?<=\d) %", "\u00a0%", page)


def _sentence(sentence: str) -> str:
    """A sentence of the headline, the question or the order at its start in bold."""
    shown = html(shorten_middle(one_line(sentence), LONGEST))
    return re.sub(r"^(Believe it\? [A-Z][a-z ]+:|Do next:)", r"<strong>\1</strong>", shown)


def _champion_tile(m: Morning) -> str:
    if m.champion is None:
        return tile("Champion", "none yet", ["Nothing has been kept with a measurement."])
    name = f"<strong>{html(words.name_of(m.champion, 160))}</strong>"
    moved = "It led when the period began, too." if m.champion_before else ""
    if m.gained is not None:
        moved = f"{number(abs(m.gained))} {'better' if m.gained > 0 else 'worse'} than when the period began"
    interval = progress.estimate(m)
    true = f"true value {number(interval[0])} to {number(interval[2])} (90 %)" if interval else ""
    return tile(f"Champion, {html(m.metric, 40)}", number(m.champion.get("mean")), [name, true, moved])


def _belief_tile(m: Morning) -> str:
    if m.champion is None:
        return ""
    seen = headline.verdict(m.champion, m.direction)
    state = one_line(m.champion.get("state"), 20)
    big = f"{seen.word} {tag(state, {'confirmed': 'keep', 'contested': 'crash'}.get(state, 'now'))}"
    what = "that it is the best here" if state == "contested" else "that its gain is real"
    sure = (
        f"{bar([('', seen.chance)])}<strong>{percent(seen.chance)}</strong> {what}" if seen.chance is not None else ""
    )
    return tile("Believe it?", big, [sure, html(words.promotions(m.promotions))])


def _next_tile(m: Morning) -> str:
    if not m.queue and m.champion is None:
        return tile("Do next", "run a baseline", ["What follows is judged against it."])
    if not m.queue:
        return tile("Do next", "nothing waits", ["No run of this period asks for a decision."])
    first, more = m.queue[0], len(m.queue) - 1
    action = one_line(first.get("action"), 40)
    name = f"<strong>{html(words.name_of(first, 160))}</strong>" if first.get("run_id") else ""
    below = f'<a href="#queue">{words.plural(more, "more step")} below</a>' if more else ""
    return tile("Do next", html(_VERBS.get(action, action.replace("_", " "))), [name, html(words.worth(first)), below])


def _progress(m: Morning) -> str:
    """The chart twice, since the names of runs can't be read when a wide chart is shrunk to a phone."""
    if not m.progress:
        return ""
    wide, narrow = (progress.svg(m, width, height) for width, height in ((960, 420), (400, 360)))
    drawn = f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>'
    return section("Progress", f'<div class="card">{drawn}</div>{_bill(m)}')


def _bill(m: Morning) -> str:
    """What the period cost and what it bought, under the picture of it."""
    told = bill.sentences(m.bill, m.counts)
    if not told:
        return ""
    hours = {status: finite(words.mapping(m.bill.get("hours_by_status")).get(status)) or 0.0 for status in STATUSES}
    total = sum(hours.values())
    key = ", ".join(f"{duration(60 * value)} {WORDS[status]}" for status, value in hours.items() if value)
    spent = bar([(status, value / total) for status, value in hours.items()]) if total else ""
    time = f'<p class="note spent">{spent} {key}</p>' if total else ""
    return f'<div class="bill"><h3>What it cost and what it bought</h3><p>{html(" ".join(told))}</p>{time}</div>'


def _appendix(runs: Appendix, at: str | None) -> str:
    if not runs:
        return ""
    note = '<p class="note">What was decided on each run named above, the end of its log, and its diff.</p>'
    return section("The runs in full", f"{note}\n{appendix.section(runs, at)}", "runs")


def _footer(m: Morning) -> str:
    counts = ", ".join(f"{m.total_counts.get(status, 0)} {WORDS[status]}" for status in STATUSES)
    return f"All runs so far: {counts}. Gains and gaps are positive where better ({gain(0.001)} is a gain)."
