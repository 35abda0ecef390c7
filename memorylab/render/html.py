"""The morning report as one HTML file that opens from disk, asks the network for nothing and reads well on a phone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memorylab.records import finite
from memorylab.render import chart, knob_chart, knob_plot, words
from memorylab.render.escape import html, one_line, shorten_middle
from memorylab.render.words import NONE, gain, number, percent, plural

if TYPE_CHECKING:
    from memorylab.core.morning import Morning

LONGEST = 600
"""Characters shown of a sentence; what an agent calls its run may have any length."""

_STATUSES = ("keep", "discard", "crash")


def report(m: Morning) -> str:
    """The morning report. What agents wrote is escaped, and the page's policy forbids scripts and outside content."""
    from string import Template  # 1 ms that only a report needs

    skeleton = Template(Path(__file__).with_name("report.html").read_text(encoding="utf-8"))
    generated = html(words.when(m.generated_utc, full=True))
    period = f"runs since {html(words.when(m.since_utc, full=True))} UTC" if m.since_utc else "all runs"
    warnings = [*m.warnings, *words.integrity(m)]
    sections = [_progress(m), _queue(m), _board(m), _lineages(m), _knobs(m), _families(m), _failures(m), _recent(m)]
    page = skeleton.substitute(
        title=f"Research report {generated}",
        meta=f"{html(m.arena, 200)} · {period} · written {generated} UTC",
        headline=" ".join(html(shorten_middle(one_line(sentence), LONGEST)) for sentence in m.headline),
        warnings="\n".join(f'<p class="warn">{html(warning, LONGEST)}</p>' for warning in warnings),
        tiles="\n".join((_champion_tile(m), _belief_tile(m), _next_tile(m))),
        sections="\n".join(section for section in sections if section),
        footer=_footer(m),
    )
    return re.sub(r"(?<=\d) %", "\u00a0%", page)


def _champion_tile(m: Morning) -> str:
    if m.champion is None:
        return _tile("Champion", "none yet", ["Nothing has been kept with a measurement."])
    name = f"<strong>{html(words.name_of(m.champion, 160))}</strong>"
    moved = "It led when the period began, too." if m.champion_before else ""
    if m.gained is not None:
        moved = f"{number(abs(m.gained))} {'better' if m.gained > 0 else 'worse'} than when the period began"
    run = f"<code>{html(m.champion.get('run_id'), 60)}</code>"
    return _tile(f"Champion, {html(m.metric, 40)}", number(m.champion.get("mean")), [name, moved, run])


def _belief_tile(m: Morning) -> str:
    chance = finite(m.champion.get("probability_truly_best_of_two")) if m.champion else None
    if m.champion is None:
        return ""
    if chance is None:
        return _tile("Believe it?", "unknown", [html(words.belief(m.champion))])
    state = one_line(m.champion.get("state"), 20)
    big = f"{percent(chance)} {_tag(state, 'keep' if state == 'confirmed' else 'crash')}"
    return _tile(
        "Believe it?", big, [_bar([("", chance)]), html(words.belief(m.champion)), html(words.gain_sentence(m))]
    )


def _next_tile(m: Morning) -> str:
    if not m.queue and m.champion is None:
        return _tile("Do next", "run a baseline", ["What follows is judged against it."])
    if not m.queue:
        return _tile("Do next", "nothing waits", ["No run of this period asks for a decision."])
    first, more = m.queue[0], len(m.queue) - 1
    action = one_line(first.get("action"), 40)
    name = f"<strong>{html(words.name_of(first, 160))}</strong>"
    asked = f"{words.ACTIONS[action]}." if action in words.ACTIONS else ""
    below = f"{plural(more, 'more decision')} below" if more else ""
    return _tile("Do next", html(action.replace("_", " ")), [name, html(first.get("why"), 300), asked, below])


def _progress(m: Morning) -> str:
    """The chart twice, since the names of runs can't be read when a wide chart is shrunk to a phone."""
    if not m.progress:
        return ""
    sigma = finite(m.noise.get("sigma"))
    wide, narrow = (
        chart.progress_svg(m.progress, metric=m.metric, direction=m.direction, sigma=sigma, width=width, height=height)
        for width, height in ((960, 420), (400, 360))
    )
    drawn = f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>'
    return _section("Progress", f'<div class="card">{drawn}</div>')


def _queue(m: Morning) -> str:
    rows = [
        [_tag(item.get("action"), "now"), _idea(item, item.get("why")), number(item.get("value")), _run(item)]
        for item in m.queue
    ]
    return _table("Decisions, most urgent first", ["next", "*idea", f">{html(m.metric, 40)}", "run"], rows)


def _board(m: Morning) -> str:
    if m.champion is None:
        return ""
    leader = m.champion
    state = f"{html(leader.get('state'), 20)}, {plural(int(finite(leader.get('runs')) or 1), 'run')}"
    rows = [["1", _idea(leader), number(leader.get("mean")), NONE, NONE, state, _run(leader)]]
    for place, run in enumerate(m.challengers, 2):
        chance = finite(run.get("probability_better"))
        share = f"{_bar([('', chance)])}{percent(chance)}" if chance is not None else NONE
        told = number(words.mean_of(run)), gain(run.get("gap_to_champion")), share
        rows.append([str(place), _idea(run), *told, _status(run), _run(run)])
    noise = words.noise_of(m.noise)
    note = "The chance is that of being truly better than the champion. " if m.challengers else ""
    note += html(words.noise_words(noise)) if noise else ""
    heads = ["", "*idea", f">{html(m.metric, 40)}", ">gap", "chance", "state", "run"]
    return _table("Champion and challengers", heads, rows, "first", note)


def _lineages(m: Morning) -> str:
    parts = ""
    for line in m.lineages:
        steps, path = int(finite(line.get("kept_steps")) or 0), words.mappings(line.get("path"))
        branch = f" on {html(line.get('branch'), 80)}" if line.get("branch") else ""
        came = gain(line.get("gain_since_root"))
        said = f"{number(line.get('value'))} after {plural(steps, 'kept step')} ({came} since its root){branch}"
        items = [f"<li>{html(words.name_of(step, 200))} <code>{number(step.get('value'))}</code></li>" for step in path]
        first = max(steps + 2 - len(path), 1)
        parts += f'<p>{said}</p><div class="card"><ol class="path" start="{first}">{"".join(items)}</ol></div>\n'
    return _section("Lineages", parts) if parts else ""


def _knobs(m: Morning) -> str:
    """A small picture a knob, with what it comes to in words below."""
    parts = []
    for knob in m.knobs:
        told = "; ".join(part for part in (knob_plot.state(knob), knob_plot.untried_words(knob)) if part)
        runs = plural(int(finite(knob.get("runs")) or 0), "run")
        caption = f'<p class="note">{runs}{f"; {html(told, 200)}" if told else ""}</p>'
        parts.append(f'<div class="card">{knob_chart.knob_svg(knob)}{caption}</div>')
    note = f'<p class="note">{html(knob_chart.LEGEND)}</p>'
    return _section("Knobs", f'<div class="multiples">{"".join(parts)}</div>\n{note}') if parts else ""


def _families(m: Morning) -> str:
    rows = []
    for row in m.families:
        counts = [int(finite(row.get(status)) or 0) for status in _STATUSES]
        shares = [(status, count / max(sum(counts), 1)) for status, count in zip(_STATUSES, counts, strict=True)]
        rows.append([html(row.get("family"), 60), _bar(shares), *(str(count) for count in counts)])
    return _table("Families of ideas", ["family", "share", ">kept", ">discarded", ">crashed"], rows, "short")


def _failures(m: Morning) -> str:
    rows = []
    for row in m.failures:
        last = _idea(words.mapping(row.get("last")), row.get("error"))
        rows.append([html(row.get("label"), 80), str(row.get("count", 0)), last])
    return _table("What keeps failing", ["what", ">times", "*last time"], rows)


def _recent(m: Morning) -> str:
    rows = []
    for run in m.recent:
        told = number(run.get("value")), gain(run.get("gain_over_base"))
        after = html(one_line(run.get("next_action"), 40).replace("_", " "))
        when = html(words.when(run.get("timestamp_utc")))
        rows.append([when, _status(run), _idea(run, run.get("error")), *told, after, _run(run)])
    heads = ["when (UTC)", "status", "*idea", f">{html(m.metric, 40)}", ">gain over base", "next", "run"]
    return _table("Recent runs", heads, rows)


def _footer(m: Morning) -> str:
    named = zip(_STATUSES, ("kept", "discarded", "crashed"), strict=True)
    counts = ", ".join(f"{m.total_counts.get(status, 0)} {word}" for status, word in named)
    return f"All runs so far: {counts}. This period: {m.hours:.1f} h of runs. Gains and gaps are positive where better."


def _tile(title: str, big: str, lines: Sequence[str]) -> str:
    told = "".join(f"<p>{line}</p>" for line in lines if line)
    return f'<section class="tile"><h2>{title}</h2><p class="big">{big}</p>{told}</section>'


def _section(title: str, body: str) -> str:
    return f"<section><h2>{title}</h2>\n{body}</section>"


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "", note: str = "") -> str:
    """A table in a box that scrolls by itself; `>` marks a column of numbers, `*` the one that takes the room."""
    if not rows:
        return ""
    classes = [{">": ' class="n"', "*": ' class="idea"'}.get(head[:1], "") for head in heads]
    names = [f'<th scope="col"{style}>{head.lstrip(">*")}</th>' for head, style in zip(heads, classes, strict=True)]
    body = ""
    for row in rows:
        cells = (f"<td{style}>{cell}</td>" for cell, style in zip(row, classes, strict=True))
        body += f"<tr>{''.join(cells)}</tr>\n"
    table = f'<table class="{kind}"><thead><tr>{"".join(names)}</tr></thead>\n<tbody>{body}</tbody></table>'
    box = f'<div class="scroll" tabindex="0" role="region" aria-label="{title}">{table}</div>'
    return _section(title, f'{box}\n<p class="note">{note}</p>' if note else box)


def _bar(shares: Sequence[tuple[str, float]]) -> str:
    parts = "".join(f'<i class="{kind}" style="--share:{100 * share:.1f}%"></i>' for kind, share in shares)
    return f'<span class="bar" aria-hidden="true">{parts}</span>'


def _tag(word: object, kind: str) -> str:
    return f'<span class="tag {kind}">{html(one_line(word, 40).replace("_", " "))}</span>'


def _status(run: Mapping[str, Any]) -> str:
    status = one_line(run.get("status"), 20)
    return _tag(status, status if status in _STATUSES else "")


def _idea(run: Mapping[str, Any], more: object = None) -> str:
    """A run's name, with what there is to say of it below."""
    return html(words.name_of(run, 200)) + (f'<br><span class="note">{html(more, 300)}</span>' if more else "")


def _run(run: Mapping[str, Any]) -> str:
    return f"<code>{html(run.get('run_id'), 60)}</code>"
