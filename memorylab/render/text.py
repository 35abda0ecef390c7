"""What a terminal shows: the guard's verdict, decision packets, tables of runs and the morning report, in any width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memorylab.records import NoveltyGuard, RunView, finite, text, texts
from memorylab.render import words
from memorylab.render.escape import block, one_line, shorten, shorten_middle
from memorylab.render.table import TONES, Column, fields, paint, section, table, wrap
from memorylab.render.words import NONE, gain, number, percent, plural

if TYPE_CHECKING:
    from memorylab.core.morning import Morning

LONGEST = 600
"""Characters shown of a text that is told in full."""


def guard(guard: NoveltyGuard, width: int, color: bool = False) -> str:
    """The guard's verdict: a line with decision and class, the reason, what is known of the knobs, the closest runs."""
    policy = words.mapping(guard.get("policy"))
    decision, mode = one_line(policy.get("decision"), 20) or "no decision", one_line(guard.get("mode"), 20)
    lines = [f"{paint(decision, TONES.get(decision), color)}: {one_line(guard.get('classification'), 40)}"
             + (f" (mode {mode})" if mode else "")]  # fmt: skip
    lines += wrap(one_line(policy.get("reason"), LONGEST), width, "  ")
    chance = finite(guard.get("p_keep"))
    edits = [words.edit(item) for item in words.mappings(guard.get("edits"))[:6]]
    known = [("P(keep)", f"{percent(chance)} that such a run would be kept" if chance is not None else ""),
             ("reads as", ", ".join(edits))]
    known += [("knob", words.knob(item)) for item in words.mappings(guard.get("knobs"))[:8]]
    lines += fields(known, width)
    return "\n".join(lines + section(_matches_title(guard), _matches(guard, width, color), width, color))


def _matches_title(guard: NoveltyGuard) -> str:
    threshold, count = finite(guard.get("effective_threshold")), finite(guard.get("match_count"))
    if threshold is None or count is None:
        return "Closest runs"
    return f"Closest runs ({count:.0f} at or above the similarity of {threshold:g} that counts)"


def _matches(guard: NoveltyGuard, width: int, color: bool) -> list[str]:
    """A line of numbers and the idea for each run, and under it why it is close."""
    matches = words.mappings(guard.get("top_matches"))
    rows, reasons = [], []
    for match in matches:
        likeness, sigmas = finite(match.get("similarity")), finite(match.get("gain"))
        rows.append((NONE if likeness is None else f"{likeness:.2f}", one_line(match.get("status"), 10),
                     number(match.get("value")), NONE if sigmas is None else f"{sigmas:+.1f} σ".replace("-", "−"),
                     words.name_of(match, 300)))
        moved = "; its base has moved since in knobs that interact" if match.get("base_moved") is True else ""
        reasons.append(f"{one_line(match.get('why'), 200)}{moved} ({one_line(match.get('run_id'), 60)})")
    columns = (Column("alike", right=True), Column("status"), Column("value", right=True, priority=1),
               Column("gain", right=True, priority=2), Column("idea", flex=True))
    lines = table(columns, rows, width, color)
    told = lines[:1]
    for line, reason in zip(lines[1:], reasons, strict=True):
        told += [line, *(paint(part, "dim", color) for part in wrap(reason, width, "         "))]
    return told


def packet(packet: Mapping[str, Any], width: int, color: bool = False) -> str:
    """A decision packet: what to do and what happened, why, the comparison, how new the idea was, the error."""
    priority = one_line(packet.get("priority"), 20)
    urgency = f" ({paint(f'{priority} priority', TONES.get(priority), color)})" if priority else ""
    lines = [paint(one_line(packet.get("next_action"), 40) or "no decision", "bold", color) + urgency]
    lines += wrap(one_line(packet.get("summary"), LONGEST), width)
    for reason in texts(packet.get("rationale")):
        lines += wrap(one_line(reason, LONGEST), width, "    ", "  - ")
    metric = one_line(words.mapping(packet.get("comparison")).get("metric"), 20)
    columns = (Column("against"), Column(metric, right=True), Column("gain", right=True),
               Column("chance it is real", right=True, priority=2), Column("run", flex=True, priority=1))
    compared = table(columns, words.comparison(packet), width, color)
    lines += ["", *compared] if compared else []
    status, about = text(packet.get("hypothesis_status")), one_line(words.mapping(packet.get("run")).get("hypothesis"), LONGEST)
    told = [("hypothesis", f"{status}: {about}" if status and status != "not_stated" else ""),
            ("novelty", words.novelty(words.mapping(packet.get("novelty"))))]
    lines += ["", *fields(told, width)] if any(value for _, value in told) else []
    return "\n".join(lines + _error(packet.get("error"), width, color))


def history(runs: Sequence[RunView], metric: str, width: int, color: bool = False) -> str:
    """Runs as a table, in the order given."""
    if not runs:
        return "No runs."
    columns = (Column("when (UTC)", priority=4), Column("run", priority=2), Column("status"),
               Column(one_line(metric, 16), right=True), Column("gain", right=True, priority=3),
               Column("family", priority=5), Column("idea", flex=True), Column("next", priority=6))
    rows = []
    for run in runs:
        told = one_line(run.description, 300) or NONE
        if run.status == "crash" and run.error_summary:
            told += f" ({one_line(run.error_summary, 120)})"
        rows.append((words.when(run.timestamp_utc), one_line(run.commit, 40)[:7] or one_line(run.run_id, 24),
                     one_line(run.status, 10), number(run.value), gain(words.gain_of(run)), one_line(run.family, 16),
                     told, one_line(run.next_action, 20)))
    return "\n".join(table(columns, rows, width, color, indent=""))


def run(row: Mapping[str, Any], width: int, color: bool = False) -> str:
    """One run in full, from its ledger row, whoever wrote it."""
    status, time = one_line(row.get("status"), 12), words.when(row.get("timestamp_utc"), full=True)
    lines = [" ".join(paint(one_line(row.get(key), 80), tone, color) for key, tone in
                      (("status", TONES.get(status)), ("run_id", "bold")) if row.get(key))]  # fmt: skip
    lines += wrap(one_line(row.get("description"), 2000), width)
    integrity = one_line(row.get("integrity"), 40)
    told = [("when", f"{time} UTC" if time else ""),
            ("edits", ", ".join(words.edit(item) for item in words.mappings(row.get("edits")))),
            *((name, one_line(row.get(name), 2000)) for name in ("family", "hypothesis", "notes")),
            ("tags", one_line(", ".join(texts(row.get("tags"))), LONGEST)),
            *((name, one_line(row.get(name), 80)) for name in ("branch", "commit", "parent_commit", "key")),
            ("working tree", "dirty: it held changes that are in no commit" if row.get("dirty") is True else ""),
            ("integrity", "" if integrity == "ok" else integrity),
            ("source", one_line(", ".join(one_line(v, 80) for v in words.mapping(row.get("source")).values()), LONGEST))]
    lines += fields(told, width)
    metrics = [(one_line(k, 24), words.measurement(v)) for k, v in list(words.mapping(row.get("metrics")).items())[:40]]
    lines += section("Metrics", fields([(k, v) for k, v in metrics if v != NONE], width), width, color)
    files = [(one_line(k, 24), one_line(v, 300)) for k, v in words.mapping(row.get("artifacts")).items() if isinstance(v, str)]
    lines += section("Files", fields(files, width), width, color)
    decision = words.mapping(row.get("decision_packet"))
    if decision:
        lines += section("Decision", packet({**decision, "error": None}, width, color).split("\n"), width, color)
    return "\n".join(lines + _error(row.get("error"), width, color))


def best(champion: Mapping[str, Any] | None, challengers: Sequence[Mapping[str, Any]], width: int,
         color: bool = False) -> str:
    """The champion, whether to believe it, and the runs that come close."""
    if champion is None:
        return "No champion yet: nothing has been kept with a measurement."
    value = champion.get("mean") if champion.get("mean") is not None else champion.get("value")
    runs = finite(champion.get("runs")) or 1
    lines = [f"{paint(number(value), 'bold', color)}  {one_line(champion.get('state'), 20)} champion"
             + (f", mean of {runs:.0f} runs" if runs > 1 else "")]  # fmt: skip
    for told in (words.name_of(champion, 300), words.belief(champion), one_line(champion.get("run_id"), 80)):
        lines += wrap(told, width, "  ")
    rows = [(number(c.get("value")), gain(c.get("gap_to_champion")), percent(c.get("probability_better")),
             one_line(c.get("status"), 10), words.name_of(c)) for c in challengers]
    columns = (Column("value", right=True), Column("gap", right=True, priority=2), Column("chance", right=True),
               Column("status", priority=1), Column("idea", flex=True))
    title = "Challengers, with the chance that each is truly better than the champion"
    return "\n".join(lines + section(title, table(columns, rows, width, color), width, color))


def noise(noise: Mapping[str, Any], about: str, width: int = 80) -> str:
    """How much a run varies by itself, and which gains count as real; `about` names the metric or the arena."""
    model, name = words.noise_of(noise), one_line(about, 200)
    if model is None:
        return f"{name}: no noise model yet."
    told = (f"Noise of {name}.", words.noise_words(model),
            f"A gain of one run over one other counts as real (90 %) from {number(words.real_gain(model))}.")
    return "\n".join(line for sentence in told for line in wrap(sentence, width))


def registry(registry: Mapping[str, Any], width: int, color: bool = False) -> str:
    """The champion/challenger registry: who leads, from which line, and what keeps failing."""
    counts = words.mapping(registry.get("status_counts"))
    champion = words.mapping(registry.get("champion"))
    lines = [f"{counts.get('keep', 0)} kept, {counts.get('discard', 0)} discarded, {counts.get('crash', 0)} crashed", "",
             best(champion or None, words.mappings(registry.get("challengers")), width, color)]
    lines += section("Lineages", _lineages(words.mappings(registry.get("best_lineages")), width), width, color)
    lines += section("What keeps failing", _failures(words.mappings(registry.get("failure_clusters")), width), width, color)
    return "\n".join(lines)


def replay(result: Mapping[str, Any], width: int, color: bool = False) -> str:
    """What the guard would have saved and lost on a ledger."""
    lines = [paint(one_line(result.get("ledger"), 200), "bold", color)] if result.get("ledger") else []
    rows = []
    for status in ("keep", "discard", "crash"):
        counts = words.mapping(result.get(status))
        rows.append((status, *(str(counts.get(decision, 0)) for decision in ("allow", "caution", "block"))))
    columns = (Column(plural(int(finite(result.get("runs")) or 0), "run")),
               *(Column(title, right=True) for title in ("allow", "caution", "block")))
    lines += table(columns, rows, width, color)
    lost, saved = words.mappings(result.get("wins_lost")), finite(result.get("seconds_saved"))
    lines += wrap(f"Kept runs blocked: {len(lost)}, with {number(result.get('gain_lost'))} of all "
                  f"{number(result.get('gain_total'))} gained.", width)
    for item in lost[:10]:
        lines += wrap(f"{gain(item.get('gain'))}  {words.name_of(item, 200)}", width, "    ", "  ")
    return "\n".join([*lines, f"Time saved: {saved / 3600:.1f} h."] if saved else lines)


def report(m: Morning, width: int, color: bool = False) -> str:
    """The morning report for a terminal: the headline, the chart, and what waits for a decision."""
    from memorylab.render.chart_text import progress_text

    title = f"Research report, {words.when(m.generated_utc, full=True)} UTC"
    title += f" (since {words.when(m.since_utc, full=True)})" if m.since_utc else ""
    lines = [paint(shorten(title, width), "bold", color), *wrap(one_line(m.arena, 200), width), ""]
    for sentence in m.headline:
        lines += wrap(shorten_middle(one_line(sentence), LONGEST), width)
    lines += wrap(words.gain_sentence(m), width) if words.gain_sentence(m) else []
    for warning in [*m.warnings, *words.integrity(m)]:
        lines += wrap(one_line(warning, LONGEST), width, "  ", paint("! ", "red", color))
    if m.progress:
        lines += ["", progress_text(m.progress, metric=m.metric, direction=m.direction, width=width)]
    queue = [(one_line(item.get("action"), 20), f"{words.name_of(item)}: {one_line(item.get('why'), 300)}")
             for item in m.queue]  # fmt: skip
    lines += section("Do next, most urgent first", fields(queue, width), width, color)
    champion = best(m.champion, m.challengers, width, color).split("\n") if m.champion else []
    lines += section("Champion", champion, width, color)
    lines += section("Lineages", _lineages(m.lineages, width), width, color)
    return "\n".join(lines + section("What keeps failing", _failures(m.failures, width), width, color))


def _lineages(lines: Sequence[Mapping[str, Any]], width: int) -> list[str]:
    told = []
    for line in lines:
        path = " → ".join(words.name_of(step, 40) for step in words.mappings(line.get("path")))
        steps = plural(int(finite(line.get("kept_steps")) or 0), "kept step")
        told += wrap(f"{number(line.get('value'))} after {steps} ({gain(line.get('gain_since_root'))}): {path}", width,
                     "    ", "  ")
    return told


def _failures(clusters: Sequence[Mapping[str, Any]], width: int) -> list[str]:
    told = []
    for cluster in clusters:
        last = words.name_of(words.mapping(cluster.get("last")), 100)
        told += wrap(f"{cluster.get('count', 0)} × {one_line(cluster.get('label'), 80)}, last: {last}", width,
                     "    ", "  ")
    return told


def _error(error: object, width: int, color: bool) -> list[str]:
    raw = words.mapping(error)
    if not raw:
        return []
    kind, source = one_line(raw.get("kind"), 30), one_line(raw.get("source"), 80)
    head = wrap(one_line(raw.get("summary"), LONGEST) + (f" ({kind})" if kind else ""), width, "  ")
    tail = [f"  │ {line}"[:width] for line in block(raw.get("tail")).split("\n")[-12:] if line.strip()]
    return section(f"Error, from {source}" if source else "Error", [*head, *tail], width, color)
