"""The sections of the HTML report below its first screen; one with nothing to say is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from memorylab.core.numerals import Digits
from memorylab.records import finite, text, texts
from memorylab.render import knob_chart, knob_plot, words
from memorylab.render.appendix import Appendix
from memorylab.render.escape import html
from memorylab.render.html_parts import STATUSES, Scale, bar, idea, run_link, section, status, table, tag
from memorylab.render.words import NONE, duration, percent, plural

if TYPE_CHECKING:
    from memorylab.core.report.morning import Morning

_DEEPEST = 8
"""Lines that are drawn left of a step of the tree."""


def sections(m: Morning, named: Appendix) -> list[str]:
    """All sections, in the order of what a reader needs first."""
    return [
        _queue(m, named),
        _board(m, named),
        _near_misses(m, named),
        _knobs(m),
        _tree(m, named),
        _failures(m, named),
        _blocked(m, named),
        _families(m),
        _recent(m, named),
        _others(m),
    ]


def _queue(m: Morning, named: Appendix) -> str:
    """The steps; those without a price or a value under headings of their own."""
    parts: list[str] = []
    for title, items in words.steps(m):
        priced = title == words.STEPS["run"]
        heads = ["", "step", "*idea", *([">price", ">expected"] if priced else []), "run"]
        rows = []
        for place, item in enumerate(items, 1):
            about = {**item, "description": item.get("description") or "an idea that nobody tried"}
            worth = [duration(item.get("minutes")) or NONE, _expected(item)] if priced else []
            rows.append([str(place), tag(words.task(item), "now"), idea(about, item.get("why")), *worth,
                         run_link(item, named)])  # fmt: skip
        note = (
            "Expected: the improvement that one such run brings on average, before anybody knows how it ends; "
            "× says how many new ideas that is."
        )
        parts.append(table(title, heads, rows, "", note if priced else "", "" if parts else "queue"))
    return "\n".join(parts)


def _expected(item: Mapping[str, Any]) -> str:
    if item.get("worth") is None:
        return NONE
    times = finite(item.get("times_new"))
    told = times is not None and times >= words.LEAST and item.get("action") != "new"
    more = f' <span class="note">{words.times(times)}×</span>' if told and times is not None else ""
    return f"{words.expected(item.get('worth'))}{more}"


def _board(m: Morning, named: Appendix) -> str:
    if m.champion is None:
        return ""
    leader = m.champion
    shown = words.digits_of(m)
    scale = Scale([leader, *m.challengers], shown)
    runs = int(finite(leader.get("runs")) or 1)
    rows = [
        ["1", idea(leader), shown.value(leader.get("mean")), scale.draw(leader), NONE, str(runs),
         tag(leader.get("state"), "now"), run_link(leader, named)]
    ]  # fmt: skip
    for place, run in enumerate(m.challengers, 2):
        chance = finite(run.get("probability_better"))
        share = f"{bar([('', chance)])}{percent(chance)}" if chance is not None else NONE
        rows.append([str(place), idea(run), shown.value(words.mean_of(run)), scale.draw(run), share,
                     str(int(finite(run.get("runs")) or 1)), status(run), run_link(run, named)])  # fmt: skip
    noise = words.noise_of(m.noise)
    note = (
        "True value: where it lies with 90 %, without the luck of having been picked; the tick is what was measured. "
        "Better: the chance to be truly better than the champion. "
    )
    note += html(words.noise_words(noise)) if noise else ""
    heads = ["", "*idea", f">{html(m.metric, 40)}", "true value", "better", ">runs", "state", "run"]
    return table("Champion and challengers", heads, rows, "first", note)


def _near_misses(m: Morning, named: Appendix) -> str:
    shown = words.digits_of(m)
    rows = [
        [
            idea(item, item.get("why") if item.get("action") == "retry" else None),
            shown.value(words.mean_of(item)),
            percent(item.get("better") if item.get("better") is not None else item.get("chance")),
            words.settled(item),
            _expected(item),
            run_link(item, named),
        ]
        for item in m.near_misses
    ]
    heads = ["*idea", f">{html(m.metric, 40)}", ">chance", ">to settle it", ">expected", "run"]
    if all(row[3] == NONE for row in rows):
        heads, rows = heads[:3] + heads[4:], [row[:3] + row[4:] for row in rows]
    return table("More near misses worth another run", heads, rows)


def _knobs(m: Morning) -> str:
    """A small picture a knob, with what it comes to in words below."""
    parts: list[str] = []
    for knob in m.knobs:
        told = "; ".join(part for part in (knob_plot.state(knob), knob_plot.untried_words(knob)) if part)
        runs = plural(int(finite(knob.get("runs")) or 0), "run")
        caption = f'<p class="note">{runs}{f"; {html(told, 200)}" if told else ""}</p>'
        parts.append(f'<div class="card">{knob_chart.knob_svg(knob)}{caption}</div>')
    note = f'<p class="note">{html(knob_chart.LEGEND)}</p>'
    return (
        section("Knobs: value against gain", f'<div class="multiples">{"".join(parts)}</div>\n{note}') if parts else ""
    )


def _tree(m: Morning, named: Appendix) -> str:
    """Each line straight down from its root, what branches off it on a line of its own right below; roots apart."""
    if len(m.tree) < 2:
        return ""
    lists: list[str] = []
    shown = words.digits_of(m)
    for step in m.tree:
        begins, depth = step.get("begins") is True, int(finite(step.get("depth")) or 0)
        if begins and depth == 0:
            lists.append("")
        lists[-1] += _step(step, begins, named, shown)
    drawn = "".join(f'<ol class="tree">{rows}</ol>' for rows in lists)
    note = (
        "Each line from its first run down; a branch starts at the run above it that it was made on. "
        "Gains are those of a code's first run over its base, as they were recorded."
    )
    apart = (
        f" {len(lists)} trees, since {len(lists)} first runs have no kept run before them." if len(lists) > 1 else ""
    )
    return section("Lineage of the kept runs", f'<div class="card">{drawn}</div><p class="note">{note}{apart}</p>')


def _step(step: Mapping[str, Any], begins: bool, named: Appendix, shown: Digits) -> str:
    on = [rail is True for rail in step.get("rails") or ()]
    rails = [f"rail{' on' if there else ''}" for there in on]
    if begins and rails:
        rails[-1] += " branch"
    earlier, runs = (int(finite(step.get(name)) or 0) for name in ("earlier", "runs"))
    before = f'<span class="note">{plural(earlier, "earlier kept step")} · </span>' if earlier else ""
    kind = "leads" if step.get("leads") is True else ""
    node = f"node{' first' if begins and not earlier else ''}{' tip' if step.get('tip') is True else ''}"
    mark = f" {tag('champion', 'keep')}" if kind else ""
    told = [shown.signed(step.get("gain"))] if step.get("gain") is not None else []
    told += [f"mean of {plural(runs, 'run')} {shown.value(step.get('mean'))}"] if runs > 1 else []
    more = f' <span class="note">{" · ".join(told)}</span>' if told else ""
    drawn = "".join(f'<i class="{rail}"></i>' for rail in rails[:_DEEPEST]) + f'<i class="{node}"></i>'
    return (
        f'<li class="{kind}">{drawn}<span class="value">{shown.value(step.get("value"))}</span> '
        f"<span>{before}<bdi>{html(words.name_of(step, 200))}</bdi>{more}{mark} {run_link(step, named)}</span></li>\n"
    )


def _families(m: Morning) -> str:
    rows = []
    for row in m.families:
        counts = [int(finite(row.get(status)) or 0) for status in STATUSES]
        shares = [(status, count / max(sum(counts), 1)) for status, count in zip(STATUSES, counts, strict=True)]
        rows.append([html(row.get("family"), 60), bar(shares), *(f"{count:,}" for count in counts)])
    return table("Families of ideas", ["family", "share", ">kept", ">discarded", ">crashed"], rows, "short")


def _others(m: Morning) -> str:
    told = "".join(f"<li>{html(told)}</li>" for told in words.others(m))
    return section(words.OTHERS, f"<ul>{told}</ul>") if told else ""


def _failures(m: Morning, named: Appendix) -> str:
    rows = []
    for row in m.failures:
        examples = [
            f"{html(words.name_of(one, 90))} {run_link(one, named)}" for one in words.mappings(row.get("examples"))
        ]
        shown = "<br>".join(examples) or idea(words.mapping(row.get("last")))
        cause = html(row.get("cause") or row.get("error"), 400)
        rows.append([html(row.get("label"), 80), f"{row.get('count', 0):,}", cause or NONE, shown])
    return table("What keeps failing", ["what", ">times", "*common cause", "*examples"], rows, "wrap")


def _blocked(m: Morning, named: Appendix) -> str:
    rows = []
    for row in m.blocked:
        times = int(finite(row.get("times")) or 1)
        again = f" ({times} times)" if times > 1 else ""
        evidence = " ".join(
            run_link({"run_id": run_id, "commit": run_id.rpartition("-")[2]}, named) for run_id in _runs(row, named)
        )
        what = tag(text(row.get("classification")), "crash")
        told = f"{html(words.name_of(row, 200))}{again}"
        why = f'<br><span class="note">{html(row.get("reason"), 500)}</span>'
        rows.append([html(words.when(row.get("timestamp_utc"))), told + why, what, evidence or NONE])
    title = "Held back by the guard"
    return table(title, ["when (UTC)", "*idea and reason", "class", "because of"], rows)


def _runs(row: Mapping[str, Any], named: Appendix) -> list[str]:
    return [run_id for run_id in texts(row.get("evidence")) if run_id in named][:3]


def _recent(m: Morning, named: Appendix) -> str:
    rows, shown = [], words.digits_of(m)
    for run in m.recent:
        told = shown.value(run.get("value")), shown.signed(run.get("gain_over_base"))
        after = html(words.task({**run, "action": run.get("next_action")}).replace("_", " "))
        when = html(words.when(run.get("timestamp_utc")))
        rows.append([when, status(run), idea(run, run.get("error")), *told, after, run_link(run, named)])
    heads = ["when (UTC)", "status", "*idea", f">{html(m.metric, 40)}", ">gain over base", "next", "run"]
    return table("Recent runs", heads, rows)
