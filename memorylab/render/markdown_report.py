"""The morning report as Markdown, for people in an editor and agents that read files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memorylab.core.numerals import Digits
from memorylab.core.report import bill
from memorylab.core.report import headline as headlines
from memorylab.records import finite, texts
from memorylab.render import knob_plot, progress, words
from memorylab.render.appendix import Appendix, links, short
from memorylab.render.escape import code, fence, link_target, markdown, one_line, shorten_middle
from memorylab.render.markdown import LONGEST, bullets, table
from memorylab.render.words import NONE, duration, percent, plural

if TYPE_CHECKING:
    from memorylab.core.report.morning import Morning


_LINKS = 24
"""Runs to which a warning leads."""


class _Page:
    """A report while it is written: how it links to the runs that it names."""

    def __init__(self, m: Morning, named: Appendix, at: str | None) -> None:
        self.m, self.named, self.at = m, named, at
        self.metric, self.digits = markdown(m.metric, 40), words.digits_of(m)

    def run(self, run: Mapping[str, Any]) -> str:
        """A run's name, with links to its packet, its log and its diff."""
        run_id = one_line(run.get("run_id"), 80)
        if not run_id:
            return ""
        found = dict(links(run_id, self.named, self.at))
        shown = code(short(run_id, run.get("commit"))) if found else code(run_id)
        packet = found.pop("packet", "")
        rest = " ".join(f"[{name}]({target})" for name, target in found.items())
        return f"[{shown}]({packet}) {rest}".rstrip() if packet else f"{shown} {rest}".rstrip()

    def packet(self, run: Mapping[str, Any], shown: str) -> str:
        """What is shown of a run, as a link to its packet where there is one."""
        target = dict(links(one_line(run.get("run_id"), 80), self.named, self.at)).get("packet")
        return f"[{shown}]({target})" if target else shown


def report(m: Morning, chart_file: str | None, named: Appendix | None = None, at: str | None = None) -> str:
    """The report; the picture of the progress is the file `chart_file` beside it, else drawn in characters.

    Runs among `named` link to the files of their archives, which the page finds at `at`.
    """
    page = _Page(m, named or {}, at)
    since = f", runs since {markdown(words.when(m.since_utc, full=True))}" if m.since_utc else ""
    parts = [f"# Research report, {markdown(words.when(m.generated_utc, full=True))} UTC",
             f"{markdown(m.arena, 200)}{since}"]  # fmt: skip
    parts += bullets("", [f"**Warning:** {told}" for told in _warnings(page)])
    headline = [_sentence(page, sentence) for sentence in m.headline]
    parts.append("  \n".join(f"**{line}**" for line in headline if line))
    parts += [markdown(words.promotions(m.promotions))]
    parts += _progress(m, chart_file)
    parts += [markdown(" ".join(bill.sentences(m.bill, m.counts, page.digits)))]
    for section in (_queue, _champion, _near_misses, _tree, _knobs, _failures, _blocked, _families, _recent):
        parts += section(page)
    parts += bullets(words.OTHERS, [markdown(told, LONGEST) for told in words.others(m)])
    return "\n\n".join(part for part in parts if part) + "\n"


def _warnings(page: _Page) -> list[str]:
    """The warnings; each run that one is about leads to its packet."""
    m = page.m
    told = [markdown(warning, LONGEST) for warning in m.warnings]
    if told and m.slow:
        told[-1] += f" {_packets(page, m.slow)}"
    doubts = [markdown(warning, LONGEST) for warning in words.integrity(m)]
    for place, run in enumerate(m.integrity[: words.DOUBTED]):
        run_id = one_line(run.get("run_id"), 40)
        doubts[place] = doubts[place].replace(f"({markdown(run_id)})", f"({page.packet(run, code(run_id))})", 1)
    if len(m.integrity) > words.DOUBTED:
        doubts[-1] += f" {_packets(page, m.integrity[words.DOUBTED :])}"
    return told + doubts


def _packets(page: _Page, runs: Sequence[Mapping[str, Any]]) -> str:
    more = f" and {len(runs) - _LINKS:,} more" if len(runs) > _LINKS else ""
    shown = (page.packet(run, code(short(run.get("run_id"), run.get("commit")))) for run in runs[:_LINKS])
    return " ".join(shown) + more


def _sentence(page: _Page, sentence: str) -> str:
    """A sentence of the headline, in which the run that it is about leads to its packet."""
    m, shown = page.m, markdown(shorten_middle(one_line(sentence), LONGEST))
    about = m.queue[0] if sentence.startswith("Do next") and m.queue else m.champion or {}
    name = markdown(one_line(headlines.name(about)))
    return shown.replace(name, page.packet(about, name), 1)


def _progress(m: Morning, chart_file: str | None) -> list[str]:
    if not m.progress:
        return []
    from memorylab.render import chart  # drawing is for reports alone

    if chart_file is None:
        drawn = chart.progress_text(
            m.progress, metric=m.metric, direction=m.direction, shown=words.digits_of(m), width=96
        )
        return ["## Progress", fence(drawn)]
    return ["## Progress", f"![{markdown(progress.in_words(m))}]({link_target(chart_file)})"]


def _queue(page: _Page) -> list[str]:
    """The steps; those without a price or a value under headings of their own."""
    parts = []
    for title, items in words.steps(page.m):
        priced = title == words.STEPS["run"]
        rows = []
        for item in items:
            worth = [duration(item.get("minutes")) or NONE, _expected(item)] if priced else []
            rows.append([code(words.task(item)), _name(item), *worth, markdown(item.get("why"), 500),
                         page.run(item)])  # fmt: skip
        heads = ["step", "idea", *([">price", ">expected"] if priced else []), "why", "run"]
        parts += table(title, heads, rows)
    return parts


def _name(item: Mapping[str, Any]) -> str:
    return markdown(words.name_of(item)) if item.get("run_id") else "an idea that nobody tried"


def _expected(item: Mapping[str, Any]) -> str:
    times = finite(item.get("times_new"))
    more = f" ({words.times(times)}×)" if times is not None and times >= words.LEAST else ""
    return f"{words.expected(item.get('worth'))}{more}" if item.get("worth") is not None else NONE


def _champion(page: _Page) -> list[str]:
    m = page.m
    if m.champion is None:
        return []
    leader, shown = m.champion, page.digits
    state = f"{one_line(leader.get('state'), 20)}, {plural(int(finite(leader.get('runs')) or 1), 'run')}"
    rows = [["**champion**", f"**{shown.value(leader.get('mean'))}**", _interval(leader, shown), NONE, markdown(state),
             markdown(words.name_of(leader)), page.run(leader)]]  # fmt: skip
    rows += [["challenger", shown.value(words.mean_of(row)), _interval(row, shown),
              percent(row.get("probability_better")), markdown(row.get("status"), 20), markdown(words.name_of(row)),
              page.run(row)]
             for row in m.challengers]  # fmt: skip
    heads = ["", f">{page.metric}", ">true value (90 %)", ">truly better", "state", "idea", "run"]
    noise = words.noise_of(m.noise)
    title, *drawn = table("Champion and challengers", heads, rows)
    note = "*Truly better: the chance that a challenger is better than the champion once luck is taken off.*"
    said = [markdown(words.noise_words(noise))] if noise else []
    return [title, *said, *drawn, note] if m.challengers else [title, *said, *drawn]


def _interval(row: Mapping[str, Any], shown: Digits) -> str:
    low, high = finite(row.get("estimate_low")), finite(row.get("estimate_high"))
    return NONE if low is None or high is None else " to ".join(shown.span(low, high))


def _near_misses(page: _Page) -> list[str]:
    rows = []
    for item in page.m.near_misses:
        better = item.get("better") if item.get("better") is not None else item.get("chance")
        rows.append([markdown(words.name_of(item)), page.digits.value(words.mean_of(item)), percent(better),
                     words.settled(item), _expected(item), markdown(item.get("why"), 300), page.run(item)])  # fmt: skip
    heads = ["idea", f">{page.metric}", ">chance", ">to settle it", ">expected", "why", "run"]
    if all(row[3] == NONE for row in rows):
        heads, rows = heads[:3] + heads[4:], [row[:3] + row[4:] for row in rows]
    return table("More near misses worth another run", heads, rows)


def _tree(page: _Page) -> list[str]:
    """Nested lists: each line straight down from its root, a branch nested below the run that it was made on."""
    if len(page.m.tree) < 2:
        return []
    lists: list[str] = []
    shown = page.digits
    for step in page.m.tree:
        depth, earlier, runs = (int(finite(step.get(name)) or 0) for name in ("depth", "earlier", "runs"))
        told = f"{shown.value(step.get('value'))} {markdown(words.name_of(step, 80))}"
        told += f" ({shown.signed(step.get('gain'))})" if step.get("gain") is not None else ""
        told = f"**{told}**, the champion" if step.get("leads") is True else told
        told += f", mean of {plural(runs, 'run')} {shown.value(step.get('mean'))}" if runs > 1 else ""
        begins = step.get("begins") is True
        before = f"{plural(earlier, 'earlier kept step')}, then " if earlier else "branch: " if begins and depth else ""
        line = f"{'  ' * min(depth, 8)}- {before}{told} {page.run(step)}".rstrip()
        if begins and depth == 0:
            lists.append(f"Line {len(lists) + 1}, from its first run on:\n\n{line}")
        else:
            lists[-1] += f"\n{line}"
    note = (
        "*A branch is nested below the run that it was made on. Gains are those of a code's first run over its base.*"
    )
    return ["## Lineage of the kept runs", *lists, note]


def _knobs(page: _Page) -> list[str]:
    rows = []
    for knob in page.m.knobs:
        best = words.mapping(knob.get("best"))
        scope = f" ({markdown(knob.get('scope'), 40)})" if knob.get("scope") else ""
        counts = [str(int(finite(knob.get(name)) or 0)) for name in ("runs", "keep", "discard", "crash")]
        gained = f"{knob_plot.sigmas(best.get('gain'))} σ" if best else NONE
        rows.append([code(knob.get("knob")) + scope, knob_plot.setting(knob.get("present")) or NONE, *counts,
                     markdown(knob_plot.setting(best.get("to"))) or NONE, gained,
                     markdown(knob_plot.state(knob)) or NONE,
                     markdown(knob_plot.open_side(knob)) or NONE])  # fmt: skip
    heads = ["knob", ">now", ">runs", ">kept", ">discarded", ">crashed", ">best", ">gain", "bracket", "untried"]
    return table("Knobs", heads, rows)


def _failures(page: _Page) -> list[str]:
    rows = []
    for row in page.m.failures:
        examples = [
            f"{markdown(words.name_of(one, 80))} {page.run(one)}" for one in words.mappings(row.get("examples"))
        ]
        shown = "; ".join(examples) or markdown(words.name_of(words.mapping(row.get("last"))))
        cause = markdown(row.get("cause") or row.get("error"), 400)
        rows.append([markdown(row.get("label"), 80), f"{row.get('count', 0):,}", cause or NONE, shown])
    return table("What keeps failing", ["what", ">times", "common cause", "examples"], rows)


def _blocked(page: _Page) -> list[str]:
    rows = []
    for row in page.m.blocked:
        times = int(finite(row.get("times")) or 1)
        again = f" ({times} times)" if times > 1 else ""
        evidence = " ".join(
            page.run({"run_id": run_id, "commit": run_id.rpartition("-")[2]})
            for run_id in texts(row.get("evidence"))
            if run_id in page.named
        )
        rows.append([markdown(words.when(row.get("timestamp_utc"))), f"{markdown(words.name_of(row))}{again}",
                     code(row.get("classification")), markdown(row.get("reason"), 400), evidence])  # fmt: skip
    return table("Held back by the guard", ["when (UTC)", "idea", "class", "reason", "because of"], rows)


def _families(page: _Page) -> list[str]:
    rows = [[markdown(row.get("family"), 40), *(f"{row.get(status, 0):,}" for status in ("keep", "discard", "crash"))]
            for row in page.m.families]  # fmt: skip
    return table("Families of ideas", ["family", ">kept", ">discarded", ">crashed"], rows)


def _recent(page: _Page) -> list[str]:
    rows = []
    for run in page.m.recent:
        told = markdown(words.name_of(run))
        if run.get("error"):
            told += f" ({markdown(run.get('error'), 120)})"
        rows.append([markdown(words.when(run.get("timestamp_utc"))), markdown(run.get("status"), 20),
                     page.digits.value(run.get("value")), page.digits.signed(run.get("gain_over_base")), told,
                     code(words.task({**run, "action": run.get("next_action")})), page.run(run)])  # fmt: skip
    heads = ["when (UTC)", "status", f">{page.metric}", ">gain", "idea", "next", "run"]
    return table("Recent runs", heads, rows)
