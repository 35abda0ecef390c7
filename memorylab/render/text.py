"""What a terminal shows, in any width: the guard's verdict, decision packets, and runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memorylab.core.numerals import in_sigmas
from memorylab.records import NoveltyGuard, RunView, finite, text, texts
from memorylab.render import words
from memorylab.render.escape import block, one_line
from memorylab.render.table import TONES, Column, cells, fields, fit, paint, section, table, wrap
from memorylab.render.words import NONE, number, percent

LONGEST = 600
"""Characters shown of a text that is told in full."""
UNKNOWN = "not known yet: no run has been judged here"
"""What is said of a chance that rests on nothing."""


def guard(guard: NoveltyGuard, width: int, color: bool = False) -> str:
    """The guard's verdict: a line with decision and class, the reason, what is known of the knobs, the closest runs."""
    policy = words.mapping(guard.get("policy"))
    decision = fit(one_line(policy.get("decision"), 12), 12) or "no decision"
    mode = one_line(guard.get("mode"), 20)
    head = fit(f": {one_line(guard.get('classification'), 40)}", width - cells(decision))
    more = f" (mode {mode})" if mode and cells(decision + head + mode) + 8 <= width else ""
    lines = [paint(decision, TONES.get(decision), color) + head + more]
    lines += wrap(one_line(policy.get("reason"), LONGEST), width, "  ")
    edits = [words.edit(item) for item in words.mappings(guard.get("edits"))[:6]]
    known = [
        ("judges", one_line(guard.get("judged_note"), LONGEST)),
        ("P(keep)", _chance(guard)),
        ("reads as", ", ".join(edits)),
    ]
    known += [("knob", words.knob(item)) for item in words.mappings(guard.get("knobs"))[:8]]
    known += [("field", words.field(item)) for item in words.mappings(guard.get("field_prior"))[:8]]
    known += [("elsewhere", words.elsewhere(item)) for item in words.mappings(guard.get("elsewhere"))[:4]]
    known.append(("instead", one_line(guard.get("suggestion"), LONGEST)))
    lines += fields(known, width)
    return "\n".join(lines + section(_matches_title(guard), _matches(guard, width, color), width, color))


def _chance(guard: NoveltyGuard) -> str:
    """How likely the idea is to be kept, or that nobody knows; an older verdict may say neither."""
    if "p_keep" in guard and guard["p_keep"] is None:
        return UNKNOWN
    chance = finite(guard.get("p_keep"))
    return f"{percent(chance)} that such a run would be kept" if chance is not None else ""


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
        rows.append(
            (
                NONE if likeness is None else f"{likeness:.2f}",
                one_line(match.get("status"), 10),
                number(match.get("value")),
                NONE if sigmas is None else f"{in_sigmas(sigmas, '+')} σ".replace("-", "−"),
                words.name_of(match, 300),
            )
        )
        stale = match.get("base_moved") is True
        moved = "; its base has moved since in this knob or one that interacts" if stale else ""
        reasons.append(f"{one_line(match.get('why'), 200)}{moved} ({one_line(match.get('run_id'), 60)})")
    columns = (
        Column("alike", right=True),
        Column("status"),
        Column("value", right=True, priority=1),
        Column("gain", right=True, priority=2),
        Column("idea", flex=True),
    )
    lines = table(columns, rows, width, color)
    told = lines[:1]
    for line, reason in zip(lines[1:], reasons, strict=True):
        told += [line, *(paint(part, "dim", color) for part in wrap(reason, width, "         "))]
    return told


def packet(packet: Mapping[str, Any], width: int, color: bool = False) -> str:
    """A decision packet: what to do and what happened, why, the comparison, how new the idea was, the error."""
    priority = fit(one_line(packet.get("priority"), 8), 8)
    urgency = f" ({paint(f'{priority} priority', TONES.get(priority), color)})" if priority else ""
    lines = [paint(fit(one_line(packet.get("next_action"), 20), 20) or "no decision", "bold", color) + urgency]
    lines += wrap(one_line(packet.get("summary"), LONGEST), width)
    for reason in texts(packet.get("rationale")):
        lines += wrap(one_line(reason, LONGEST), width, "    ", "  - ")
    metric = one_line(words.mapping(packet.get("comparison")).get("metric"), 20)
    columns = (
        Column("against", flex=True),
        Column(metric, right=True),
        Column("gain", right=True),
        Column("truly better", right=True, priority=2),
        Column("run", flex=True, priority=1),
    )
    compared = table(columns, words.comparison(packet), width, color)
    lines += ["", *compared] if compared else []
    status, about = (
        text(packet.get("hypothesis_status")),
        one_line(words.mapping(packet.get("run")).get("hypothesis"), LONGEST),
    )
    told = [
        ("hypothesis", f"{status}: {about}" if status and status != "not_stated" else ""),
        ("novelty", words.novelty(words.mapping(packet.get("novelty")))),
    ]
    lines += ["", *fields(told, width)] if any(value for _, value in told) else []
    return "\n".join(lines + _error(packet.get("error"), width, color))


def way_back(packet: Mapping[str, Any]) -> str:
    """How to go to the champion's code from a run that was not kept, as one line; "" where nothing leads."""
    comparison, run = words.mapping(packet.get("comparison")), words.mapping(packet.get("run"))
    champion = words.mapping(comparison.get("current_champion"))
    if comparison.get("is_champion") is not False or run.get("status") == "keep" or not champion:
        return ""
    name = one_line(champion.get("commit"))[:7] or one_line(champion.get("run_id"), 80)
    return f"back to the champion's code ({name}): memorylab checkout champion"


def whereabouts(found: Mapping[str, Any]) -> str:
    """Which run's the code in the workspace is, and the command that goes to the champion's, as one paragraph.

    `found` has the fields of `memorylab.lab.checkout.Whereabouts`.
    """
    run: RunView | None = found["run"]
    champion: RunView | None = found["champion"]
    loose = one_line(", ".join(found["uncommitted"]), 200)
    unsaved = f" {loose} {'differs' if len(found['uncommitted']) == 1 else 'differ'} from HEAD." if loose else ""
    if found["leads"]:
        return f"The code here is the champion's.{unsaved}"
    if run is not None:
        name = words.quoted(run.description, 200)
        told = f"The code here is that of {one_line(run.run_id, 80)} ({run.status}: {name})."
    elif found["beside"] is None:
        told = "Which run's the code here is, nobody can tell."
    else:
        count = found["beside"]
        told = f"The code here was not run yet: {count} {'piece' if count == 1 else 'pieces'} beside the champion's."
    back = " `memorylab checkout champion` goes to the champion's." if champion is not None else ""
    return told + unsaved + back


def history(
    runs: Sequence[RunView], metric: str, width: int, color: bool = False, sigmas: Mapping[int, float] | None = None
) -> str:
    """Runs as a table, in the order given; `sigmas` is the noise of one run by arena."""
    shown = words.digits_by_arena(runs, sigmas or {})
    if not runs:
        return "No runs."
    columns = (
        Column("when (UTC)", priority=4),
        Column("run", priority=2),
        Column("status"),
        Column(one_line(metric, 16), right=True),
        Column("gain", right=True, priority=3),
        Column("family", priority=5),
        Column("idea", flex=True),
        Column("next", priority=6),
    )
    rows = []
    for run in runs:
        told = one_line(run.description, 300) or NONE
        if run.status == "crash" and run.error_summary:
            told += f" ({one_line(run.error_summary, 120)})"
        rows.append(
            (
                words.when(run.timestamp_utc),
                one_line(run.commit, 40)[:7] or one_line(run.run_id, 24),
                one_line(run.status, 10),
                shown[run.arena].value(run.value),
                shown[run.arena].signed(words.gain_of(run)),
                one_line(run.family, 16),
                told,
                one_line(run.next_action, 20),
            )
        )
    return "\n".join(table(columns, rows, width, color, indent=""))


def run(row: Mapping[str, Any], width: int, color: bool = False) -> str:
    """One run in full, from its ledger row, whoever wrote it."""
    status, time = fit(one_line(row.get("status"), 12), 12), words.when(row.get("timestamp_utc"), full=True)
    name = fit(one_line(row.get("run_id"), 80), width - cells(status) - 1)
    lines = [f"{paint(status, TONES.get(status), color)} {paint(name, 'bold', color)}".strip()]
    lines += wrap(one_line(row.get("description"), 2000), width)
    integrity = one_line(row.get("integrity"), 40)
    told = [
        ("when", f"{time} UTC" if time else ""),
        ("corrected", _corrected(words.mapping(row.get("corrected")))),
        ("edits", ", ".join(words.edit(item) for item in words.mappings(row.get("edits")))),
        *((name, one_line(row.get(name), 2000)) for name in ("family", "hypothesis", "notes")),
        ("tags", one_line(", ".join(texts(row.get("tags"))), LONGEST)),
        *((name, one_line(row.get(name), 80)) for name in ("branch", "commit", "parent_commit", "key")),
        ("working tree", "dirty: it held changes that are in no commit" if row.get("dirty") is True else ""),
        ("integrity", "" if integrity == "ok" else integrity),
        (
            "doubts",
            " ".join(one_line(reason.get("text"), 300) for reason in words.mappings(row.get("integrity_reasons"))),
        ),
        ("campaign", one_line(words.mapping(row.get("arena")).get("campaign"), 64)),
        ("accepted", _accepted(words.mapping(row.get("accepted")))),
        ("source", one_line(", ".join(one_line(v, 80) for v in words.mapping(row.get("source")).values()), LONGEST)),
    ]
    lines += fields(told, width)
    metrics = [(one_line(k, 24), words.measurement(v)) for k, v in list(words.mapping(row.get("metrics")).items())[:40]]
    lines += section("Metrics", fields([(k, v) for k, v in metrics if v != NONE], width), width, color)
    files = [
        (one_line(k, 24), one_line(v, 300))
        for k, v in words.mapping(row.get("artifacts")).items()
        if isinstance(v, str)
    ]
    lines += section("Files", fields(files, width), width, color)
    decision = words.mapping(row.get("decision_packet"))
    if decision:
        then = ", before it was corrected" if row.get("corrected") else ""
        lines += section(f"Decision{then}", packet({**decision, "error": None}, width, color).split("\n"), width, color)
    return "\n".join(lines + _error(row.get("error"), width, color))


def _corrected(told: Mapping[str, Any]) -> str:
    """What was corrected of a run, by whom, when and why."""
    if not told:
        return ""
    what = [one_line(told.get("status"), 12)] if told.get("status") else []
    what += [f"value {number(told.get('value'))}"] if told.get("value") is not None else []
    done = "taken out of evidence" if told.get("retracted") else ", ".join(what)
    return f"{done}, {_accepted(told)}"


def _accepted(told: Mapping[str, Any]) -> str:
    """Who accepted a marked run after it was logged, when and why."""
    if not told:
        return ""
    note = one_line(told.get("note"), LONGEST)
    by = f"{words.when(told.get('timestamp_utc'), full=True)} UTC by {one_line(told.get('owner'), 80)}"
    return f"{by}: {note}" if note else by


def _error(error: object, width: int, color: bool) -> list[str]:
    raw = words.mapping(error)
    if not raw:
        return []
    kind, source = one_line(raw.get("kind"), 30), one_line(raw.get("source"), 80)
    head = wrap(one_line(raw.get("summary"), LONGEST) + (f" ({kind})" if kind else ""), width, "  ")
    tail = [fit(f"  │ {line}", width) for line in block(raw.get("tail")).split("\n")[-12:] if line.strip()]
    return section(f"Error, from {source}" if source else "Error", [*head, *tail], width, color)
