"""The morning report and the decision packet as Markdown, for people in an editor and agents that read files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memorylab.records import finite, text, texts
from memorylab.render import words
from memorylab.render.escape import code, fence, link_target, markdown, one_line, shorten_middle
from memorylab.render.words import NONE, gain, number, percent, plural

if TYPE_CHECKING:
    from memorylab.core.morning import Morning

LONGEST = 600
"""Characters shown of a sentence; what an agent calls its run may have any length."""


def packet(packet: Mapping[str, Any]) -> str:
    """A decision packet: what to do and what happened, why, the comparison, how new the idea was, the error."""
    run = words.mapping(packet.get("run"))
    action, priority = text(packet.get("next_action")), text(packet.get("priority"))
    parts = [f"# {markdown(action, 40) or 'No decision'}{f' ({markdown(priority, 20)} priority)' if priority else ''}"]
    parts += [f"**{markdown(packet.get('summary'), LONGEST)}**"] if packet.get("summary") else []
    parts += [f"Next: {words.ACTIONS[action]}."] if action in words.ACTIONS else []
    parts += _bullets("Why", [markdown(reason, LONGEST) for reason in texts(packet.get("rationale"))])
    metric = markdown(words.mapping(packet.get("comparison")).get("metric"), 40)
    compared = [
        [name, value, more, chance, code(other) if other != "this run" else other]
        for name, value, more, chance, other in words.comparison(packet)
    ]
    parts += _table("Comparison", ["against", f">{metric}", ">gain", ">truly better", "run"], compared)
    status = text(packet.get("hypothesis_status"))
    said = status.replace("_", " ")
    about = f": {markdown(run.get('hypothesis'), LONGEST)}" if run.get("hypothesis") else ""
    novelty = words.mapping(packet.get("novelty"))
    closest = f" (closest run {code(novelty['closest_run'])})" if novelty.get("closest_run") else ""
    parts += _bullets("The idea", [
        f"{markdown(run.get('description'), LONGEST)} ({code(run.get('run_id'))})" if run else "",
        f"Hypothesis {markdown(said, 40)}{about}" if status else "",
        f"Novelty {markdown(words.novelty(novelty), LONGEST)}{closest}" if novelty.get("classification") else "",
    ])  # fmt: skip
    return "\n\n".join([*parts, *_error(words.mapping(packet.get("error")))]) + "\n"


def report(m: Morning, chart_file: str | None) -> str:
    """The morning report; the picture of the progress is the file `chart_file` beside it, else drawn in characters."""
    since = f", runs since {markdown(words.when(m.since_utc, full=True))}" if m.since_utc else ""
    parts = [f"# Research report, {markdown(words.when(m.generated_utc, full=True))} UTC",
             f"{markdown(m.arena, 200)}{since}"]  # fmt: skip
    parts += _bullets("", [f"**Warning:** {markdown(told, LONGEST)}" for told in [*m.warnings, *words.integrity(m)]])
    headline = [markdown(shorten_middle(one_line(sentence), LONGEST)) for sentence in m.headline]
    parts.append("  \n".join(f"**{line}**" for line in [*headline, markdown(words.gain_sentence(m))] if line))
    parts += _queue(m)
    parts += _progress(m, chart_file)
    parts += _champion(m)
    parts += _bullets("Lineages", [_lineage(line) for line in m.lineages])
    parts += _knobs(m)
    families = [[markdown(row.get("family"), 40), *(str(row.get(status, 0)) for status in ("keep", "discard", "crash"))]
                for row in m.families]  # fmt: skip
    parts += _table("Families of ideas", ["family", ">kept", ">discarded", ">crashed"], families)
    failures = [[markdown(row.get("label"), 80), str(row.get("count", 0)),
                 markdown(words.name_of(words.mapping(row.get("last")))), markdown(row.get("error"), 160)]
                for row in m.failures]  # fmt: skip
    parts += _table("What keeps failing", ["what", ">times", "last", "error"], failures)
    parts += _recent(m)
    return "\n\n".join(part for part in parts if part) + "\n"


def _queue(m: Morning) -> list[str]:
    rows = [[code(item.get("action")), markdown(words.name_of(item)), number(item.get("value")),
             markdown(item.get("why"), 300), code(item.get("run_id"))] for item in m.queue]  # fmt: skip
    return _table("Do next, most urgent first", ["action", "idea", f">{markdown(m.metric, 40)}", "why", "run"], rows)


def _progress(m: Morning, chart_file: str | None) -> list[str]:
    if not m.progress:
        return []
    from memorylab.render import chart  # drawing is for reports alone

    sigma = finite(m.noise.get("sigma"))
    if chart_file is None:
        drawn = chart.progress_text(m.progress, metric=m.metric, direction=m.direction, width=96)
        return ["## Progress", fence(drawn)]
    told = markdown(chart.in_words(m.progress, metric=m.metric, direction=m.direction, sigma=sigma))
    return ["## Progress", f"![{told}]({link_target(chart_file)})"]


def _champion(m: Morning) -> list[str]:
    if m.champion is None:
        return []
    leader = m.champion
    state = f"{one_line(leader.get('state'), 20)}, {plural(int(finite(leader.get('runs')) or 1), 'run')}"
    rows = [["**champion**", f"**{number(leader.get('mean'))}**", NONE, NONE, markdown(state),
             markdown(words.name_of(leader)), code(leader.get("run_id"))]]  # fmt: skip
    rows += [["challenger", number(words.mean_of(row)), gain(row.get("gap_to_champion")),
              percent(row.get("probability_better")), markdown(row.get("status"), 20), markdown(words.name_of(row)),
              code(row.get("run_id"))] for row in m.challengers]  # fmt: skip
    heads = ["", f">{markdown(m.metric, 40)}", ">gap", ">truly better", "state", "idea", "run"]
    noise = words.noise_of(m.noise)
    said = markdown(words.belief(leader)) + (f" {markdown(words.noise_words(noise))}" if noise else "")
    title, *table = _table("Champion and challengers", heads, rows)
    note = "*Truly better: the chance that a challenger is better than the champion once noise is taken off.*"
    return [title, said, *table, note] if m.challengers else [title, said, *table]


def _lineage(line: Mapping[str, Any]) -> str:
    path = " → ".join(markdown(words.name_of(step, 60)) for step in words.mappings(line.get("path")))
    steps = plural(int(finite(line.get("kept_steps")) or 0), "kept step")
    return f"{number(line.get('value'))} after {steps} ({gain(line.get('gain_since_root'))}): {path}"


def _recent(m: Morning) -> list[str]:
    rows = []
    for run in m.recent:
        told = markdown(words.name_of(run))
        if run.get("error"):
            told += f" ({markdown(run.get('error'), 120)})"
        rows.append([markdown(words.when(run.get("timestamp_utc"))), markdown(run.get("status"), 20),
                     number(run.get("value")), gain(run.get("gain_over_base")), told,
                     code(run.get("next_action")), code(run.get("run_id"))])  # fmt: skip
    heads = ["when (UTC)", "status", f">{markdown(m.metric, 40)}", ">gain", "idea", "next", "run"]
    return _table("Recent runs", heads, rows)


def _knobs(m: Morning) -> list[str]:
    from memorylab.render import knob_plot

    rows = []
    for knob in m.knobs:
        best = words.mapping(knob.get("best"))
        scope = f" ({markdown(knob.get('scope'), 40)})" if knob.get("scope") else ""
        counts = [str(int(finite(knob.get(name)) or 0)) for name in ("runs", "keep", "discard", "crash")]
        gained = f"{knob_plot.sigmas(best.get('gain'))} σ" if best else NONE
        rows.append([code(knob.get("knob")) + scope, knob_plot.setting(knob.get("present")) or NONE, *counts,
                     markdown(knob_plot.setting(best.get("to"))) or NONE, gained,
                     markdown(knob_plot.state(knob)) or NONE,
                     markdown(knob_plot.open_side(knob)) or NONE])  # fmt: skip
    heads = ["knob", ">now", ">runs", ">kept", ">discarded", ">crashed", ">best", ">gain", "bracket", "untried"]
    return _table("Knobs", heads, rows)


def _error(error: Mapping[str, Any]) -> list[str]:
    if not error:
        return []
    kind, source = markdown(error.get("kind"), 40), markdown(error.get("source"), 100)
    told = markdown(error.get("summary"), LONGEST) + (f" ({kind})" if kind else "")
    parts = ["## Error", told + (f", from {source}" if source else "")]
    return [*parts, fence(error.get("tail"))] if text(error.get("tail")).strip() else parts


def _bullets(title: str, items: Sequence[str]) -> list[str]:
    """A list under a heading; nothing without items."""
    shown = [f"- {item}" for item in items if item]
    return [*([f"## {title}"] if title else []), "\n".join(shown)] if shown else []


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table under a heading; a column whose heading starts with `>` holds numbers. Nothing without rows."""
    if not rows:
        return []
    names = [head.removeprefix(">") for head in heads]
    rule = ["---:" if head.startswith(">") else "---" for head in heads]
    lines = ["| " + " | ".join(cells) + " |" for cells in (names, rule, *rows)]
    return [f"## {title}", "\n".join(lines)]
