"""Numbers, probabilities and facts in the words that every surface uses, so that all of them say the same thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memorylab.core.decisions.noise import Noise
from memorylab.core.numerals import NONE as NONE
from memorylab.core.numerals import Digits, digits, recorded, rough
from memorylab.core.numerals import duration as duration
from memorylab.core.numerals import number as number
from memorylab.core.numerals import percent as percent
from memorylab.core.numerals import plural as plural
from memorylab.core.numerals import times as times
from memorylab.core.reading.vocabulary import CONTROLS
from memorylab.core.runs.arenas import gain_of as gain_of
from memorylab.records import Direction, RunView, finite, text
from memorylab.render.escape import one_line

if TYPE_CHECKING:
    from memorylab.core.report.morning import Morning

ACTIONS: Mapping[str, str] = {
    "promote": "Build on it from here",
    "replicate": "Run it again unchanged, to see whether it is real",
    "control": "Run the base again, to see whether it still holds",
    "branch_followup": "Take a further step from it",
    "new": "Try something new",
    "retry": "Try it again on a later base",
    "abandon": "Leave it",
    "fix_and_retry": "Fix it, then run it again",
    "investigate_crash": "Find out what went wrong",
}
"""What a next action asks for."""

DOUBTED = 5
"""Runs in doubt whose doubts a report tells."""
STEPS: Mapping[str, str] = {
    "run": "Do next, most valuable first",
    "look": "For a person to look at",
    "again": "Worth a second try",
}
"""What the steps of each kind in a report's queue stand under."""
LEAST = 0.05
"""A step that is worth less than this of a new idea is told as nothing."""
_COUNTS = ("tries", "ledgers", "kept", "crashed")
_SURENESS = ((0.99, "practically certain"), (0.9, "very likely"), (0.75, "likely"), (0.6, "more likely than not"),
             (0.4, "a coin toss"))  # fmt: skip


def gain(value: object, shown: Digits | None = None) -> str:
    """An improvement with its sign, positive for better whatever the metric's direction, in the digits of its values.

    >>> gain(0.0021), gain(-0.5), gain(None), gain(-3.34e-8), gain(-3.34e-8, digits(0.001, 0.97))
    ('+0.0021', '−0.5', '–', '−3.34e-08', '±0.00')
    """
    if shown is not None:
        return shown.signed(value)
    x = finite(value)
    return NONE if x is None else f"{'+' if x > 0 else '−' if x < 0 else '±'}{number(abs(x))}"


def expected(value: object) -> str:
    """What a run is expected to bring.

    >>> expected(0.00087213), expected(0.0), expected(None)
    ('+0.00087', '±0', '–')
    """
    x = finite(value)
    return NONE if x is None else f"{'+' if x > 0 else '−' if x < 0 else '±'}{rough(abs(x))}"


def digits_of(m: Morning) -> Digits:
    """How a report writes the values of its metric, and what they differ by."""
    from memorylab.core.report import morning  # where there is a report it is known

    return morning.digits_of(m.noise, m.champion, m.challengers, m.recent)


def digits_by_arena(runs: Sequence[RunView], sigmas: Mapping[int, float]) -> dict[int, Digits]:
    """How values of each arena are written in a list of runs, by the noise of one run of it."""
    return {
        arena: digits(sigmas.get(arena), *(run.value for run in runs if run.arena == arena))
        for arena in {run.arena for run in runs}
    }


def measurement(value: object) -> str:
    """A value of the summary block, as it was recorded."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    x = finite(value)
    return NONE if x is None else recorded(x)


def sureness(probability: float) -> str:
    """A probability that a difference is real, as a word to remember.

    >>> sureness(0.93), sureness(0.5)
    ('very likely', 'a coin toss')
    """
    return next((word for least, word in _SURENESS if probability >= least), "unlikely")


def when(timestamp: object, full: bool = False) -> str:
    """A UTC timestamp for people, to the minute: month, day and time, with the year when `full`.

    >>> when("2026-01-05T03:15:22Z"), when("2026-01-05T03:15:22Z", full=True)
    ('01-05 03:15', '2026-01-05 03:15')
    """
    told = one_line(timestamp, 40).replace("T", " ")
    return told[0 if full else 5 : 16] if len(told) >= 16 else told


def name_of(run: Mapping[str, Any], limit: int = 100) -> str:
    """What a run is called: its description, else its id."""
    return one_line(run.get("description"), limit) or one_line(run.get("run_id"), limit) or "(no description)"


def quoted(value: object, limit: int = 100) -> str:
    """What somebody wrote, as one line in quotes that nothing in it ends.

    >>> quoted('a "better" idea\\n')
    '"a \\'better\\' idea"'
    """
    return '"' + one_line(value, limit).replace('"', "'") + '"'


def mapping(value: object) -> dict[str, Any]:
    """The value if it is an object, else an empty one: rows by other tools may hold anything anywhere."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[dict[str, Any]]:
    """The objects of a list; anything else is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list | tuple) else []


def mean_of(run: Mapping[str, Any]) -> object:
    """What a candidate is judged by: the mean over its reruns, or its one value."""
    return run.get("value") if run.get("mean") is None else run.get("mean")


def noise_of(noise: Mapping[str, Any] | None) -> Noise | None:
    """The noise model out of its stored form, None where there is none that can be used."""
    raw = noise or {}
    sigma, freedom = finite(raw.get("sigma")), finite(raw.get("freedom"))
    if sigma is None or freedom is None or sigma < 0 or freedom < 1:
        return None
    return Noise(sigma, int(freedom), int(finite(raw.get("replicates")) or 0))


def noise_words(noise: Noise) -> str:
    """How much one run varies, and how that is known."""
    how = (
        f"from {plural(noise.replicates, 'repeated run')} here and a prior"
        if noise.replicates
        else "assumed from public runs: nothing has been repeated here yet"
    )
    if not noise.sigma:
        return f"No run that was repeated here has varied ({how})." if noise.replicates else f"Noise is {how}."
    return f"One run varies by about ±{rough(noise.sigma)} ({how})."


def gain_sentence(m: Morning) -> str:
    """The gain of the window with the chance that it is real, or nothing."""
    if m.gained is None or m.gained <= 0 or m.probability_gained is None:
        return ""
    sure = f"{percent(m.probability_gained)} that it is real ({sureness(m.probability_gained)})"
    return f"The gain in this period is {digits_of(m).size(m.gained)}: {sure}."


_VERBS = {
    "replicate": "run it again",
    "retry": "try it again",
    "control": "run the champion again",
    "branch_followup": "a step further",
    "new": "something new",
    "fix_and_retry": "mend it",
    "investigate_crash": "look at it",
}
"""What the next step is, in as few words as a heading has."""


def step(action: object) -> str:
    """An action as a heading."""
    return _VERBS.get(one_line(action, 40), one_line(action, 40).replace("_", " "))


def task(item: Mapping[str, Any]) -> str:
    """The name of what a step of the queue asks for; a run whose number is in doubt hasn't crashed.

    >>> task({"action": "investigate_crash", "status": "discard"}), task({"action": "fix_and_retry"})
    ('investigate', 'fix_and_retry')
    """
    action = one_line(item.get("action"), 40)
    measured = item.get("status") in ("keep", "discard")
    return "investigate" if measured and action == "investigate_crash" else action


def belief(champion: Mapping[str, Any], direction: Direction, shown: Digits) -> str:
    """Whether to believe in the champion, in a few short sentences."""
    from memorylab.core.report import headline  # a check says nothing of the champion

    told = headline.verdict(champion, direction, shown).told
    return told[:1].upper() + told[1:]


def promotions(kept: Mapping[str, Any] | None) -> str:
    """How many of the ideas kept lately probably gain nothing."""
    count, false = int(finite(mapping(kept).get("kept")) or 0), finite(mapping(kept).get("expected_false"))
    if not count or false is None:
        return ""
    if false >= 0.05:
        return f"Of {plural(count, 'idea')} kept lately about {false:.1f} probably gain nothing."
    if count == 1:
        return "The idea kept lately is very likely a real gain."
    return f"The {count} ideas kept lately are all very likely real gains."


def worth(item: Mapping[str, Any]) -> str:
    """What a step costs and may bring: "5 min, expected improvement 0.00087, as much as 1.5 new ideas"."""
    price, ratio, value = duration(item.get("minutes")), finite(item.get("times_new")), finite(item.get("worth"))
    told = [price] if price else []
    if value and item.get("action") != "control":  # that one gains nothing: it saves runs
        told.append(f"expected improvement {rough(value)}")
    if ratio is not None and item.get("action") != "new":
        told.append(f"as much as {times(ratio)} new ideas" if ratio >= LEAST else "next to nothing")
    return ", ".join(told)


def edit(item: Mapping[str, Any]) -> str:
    """A typed edit in a few words.

    >>> edit({"target": "MATRIX_LR", "op": "set", "from": 0.04, "to": 0.05})
    'MATRIX_LR 0.04 → 0.05'
    """
    target, op = one_line(item.get("target"), 60), text(item.get("op"))
    start, end = _setting(item.get("from")), _setting(item.get("to"))
    if target in CONTROLS and op == "add":
        return f"nothing ({target})"
    if start.startswith("#") or end.startswith("#"):
        told = f"{'change' if op == 'replace' else op} {target}"
    elif op in ("add", "remove") and item.get("knob") and not (start or end):
        told = f"{target} {'on' if op == 'add' else 'off'}"  # a switch of the code's own name
    elif op in ("add", "remove", "replace"):
        told = f"{op} {target}" + (f" with {end}" if end and op == "replace" else "")
    elif op == "scale" and end:
        told = f"{target} × {end}"
    elif start and end:
        told = f"{target} {start} → {end}"
    else:
        told = f"{target} {end or one_line(item.get('direction'), 10)}".rstrip()
    return told + (f" ({one_line(item.get('scope'), 40)})" if item.get("scope") else "")


def field(item: Mapping[str, Any]) -> str:
    """What became of such edits in other ledgers.

    >>> field({"target": "weight tying", "kind": "on", "tries": 44, "ledgers": 25, "kept": 1, "source": "public"})
    'weight tying, in 25 public ledgers: 44 tries, 1 kept'
    """
    tries, ledgers, kept, crashed = (int(finite(item.get(name)) or 0) for name in _COUNTS)
    ended = f"{kept} kept" + (f", {crashed} crashed" if crashed else "")
    where = plural(ledgers, f"{one_line(item.get('source'), 40)} ledger").replace("  ", " ")
    return f"{change(item)}, in {where}: {'1 try' if tries == 1 else f'{tries} tries'}, {ended}"


def elsewhere(item: Mapping[str, Any]) -> str:
    """What another campaign made of such an idea.

    >>> told = {"campaign": "speed", "metric": "ms", "description": "depth 9", "outcome": "keep", "run_id": "r-1"}
    >>> elsewhere(told)
    'depth 9: keep, in campaign speed by ms (r-1)'
    """
    names = ("description", "outcome", "campaign", "metric", "run_id")
    idea, ended, campaign, metric, run_id = (one_line(item.get(name), 200) for name in names)
    return f"{idea}: {ended}, in campaign {campaign} by {metric} ({run_id})"


def change(item: Mapping[str, Any]) -> str:
    """A kind of change of a target.

    >>> change({"target": "activation", "kind": "to:gelu"}), change({"target": "DEPTH", "kind": None})
    ('activation to gelu', 'DEPTH (any change)')
    """
    target, kind = one_line(item.get("target"), 60), one_line(item.get("kind"), 60)
    if kind == "off":
        return f"removing {target}"
    if kind.startswith("to:"):
        return f"{target} to {kind[3:]}"
    return target + {"": " (any change)", "on": "", "set": " to another value"}.get(kind, f" {kind}")


def knob(item: Mapping[str, Any]) -> str:
    """What is known of one knob: the values tried with their outcomes."""
    return f"{one_line(item.get('target'), 60)}: {one_line(item.get('note'), 300) or 'nothing known'}"


def comparison(packet: Mapping[str, Any]) -> list[tuple[str, str, str, str, str]]:
    """A packet's comparison as rows: against what, its value, the gain over it, the chance of being better, its run."""
    raw = mapping(packet.get("comparison"))
    if finite(raw.get("value")) is None:
        return []
    base, before, now = (mapping(raw.get(key)) for key in ("base", "prior_champion", "current_champion"))
    chance, rival = raw.get("probability_better_than_champion"), mapping(raw.get("next_best"))
    shown = digits(raw.get("noise_sigma"), *(one.get("value") for one in (raw, base, before, rival, now)))
    rows: list[tuple[str, dict[str, Any], object, object]] = []
    if rival:
        rows.append(("next best kept", rival, raw.get("gain_over_next_best"), chance))
        rows.append(("its earlier runs", before, None, None))
    else:
        same = bool(base) and base.get("run_id") == before.get("run_id")
        if base and not same:
            rows.append(("base", base, raw.get("gain_over_base"), raw.get("probability_better_than_base")))
        if before:
            name = "champion, its base" if same else "champion before"
            rows.append((name, before, raw.get("gain_over_prior_champion"), chance))
    if raw.get("is_champion") is True:
        rows.append(("champion now", {"value": now.get("value"), "run_id": "this run"}, None, None))
    elif now and now.get("run_id") != before.get("run_id"):
        rows.append(("champion now", now, raw.get("gain_over_current_champion"), None))
    return [
        (name, shown.value(run.get("value")), shown.signed(more), percent(chance), one_line(run.get("run_id"), 60))
        for name, run, more, chance in rows
    ]


def novelty(item: Mapping[str, Any]) -> str:
    """A packet's view of how new the idea was, or nothing."""
    told = one_line(item.get("classification"), 40)
    decision, reason = one_line(item.get("decision"), 20), one_line(item.get("reason"), 400)
    told += f", {decision}" if decision else ""
    return f"{told}: {reason}" if reason else told


def integrity(m: Morning) -> list[str]:
    """A warning for each of the newest runs that are in doubt, with what speaks against it."""
    shown = [
        f"“{name_of(run, 60)}” ({one_line(run.get('run_id'), 40)}) can't lead: "
        f"{one_line(run.get('reasons'), 400) or 'a protected file differs.'} "
        f"If it is right as it is: memorylab accept {one_line(run.get('run_id'), 40)}"
        for run in m.integrity[:DOUBTED]
    ]
    more = len(m.integrity) - DOUBTED
    return [*shown, f"{plural(more, 'more run')} can't lead either."] if more > 0 else shown


def steps(m: Morning) -> list[tuple[str, list[dict[str, Any]]]]:
    """A report's queue by what its steps stand under, in the order of the queue."""
    found: dict[str, list[dict[str, Any]]] = {}
    for item in m.queue:
        found.setdefault(STEPS.get(text(item.get("kind")), STEPS["run"]), []).append(item)
    return list(found.items())


OTHERS = "Not compared with these runs"
"""Over what is said of other arenas."""


def others(m: Morning) -> list[str]:
    """Arenas whose runs say nothing about the report's: imported ones, other budgets or judges, before a break."""
    told = []
    for arena in m.others:
        best = mapping(arena.get("champion"))
        runs = sum(int(finite(n) or 0) for n in mapping(arena.get("status_counts")).values())
        named = f", the best {number(best.get('value'))}: {name_of(best, 120)}" if best else ""
        told.append(f"{one_line(arena.get('words'), 200)}: {plural(runs, 'run')}{named}")
    return told


def settled(item: Mapping[str, Any]) -> str:
    """How many reruns would settle whether a run's gain is real, where that is a number worth saying."""
    runs, minutes = finite(item.get("reruns")), finite(item.get("minutes"))
    if not runs:
        return NONE
    return plural(int(runs), "run") + (f", {duration(runs * minutes)}" if minutes else "")


def _setting(value: object) -> str:
    if isinstance(value, str):
        return one_line(value, 40)
    x = finite(value)
    return "" if x is None else number(x)


def endings(counts: Mapping[str, Any]) -> str:
    """How many runs ended how: "3 kept, 8 discarded, 1 crashed", and how many were starved where any was."""
    told = [f"{counts.get(status, 0)} {word}" for status, word in _ENDINGS.items()]
    return ", ".join(told if counts.get("starved") else told[:-1])


_ENDINGS = {"keep": "kept", "discard": "discarded", "crash": "crashed", "starved": "starved"}
