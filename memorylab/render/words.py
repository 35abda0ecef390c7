"""Numbers, probabilities and facts in the words that every surface uses, so that all of them say the same thing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from memorylab.core.noise import Noise
from memorylab.records import RunView, finite, text
from memorylab.render.escape import one_line

if TYPE_CHECKING:
    from memorylab.core.morning import Morning

NONE = "–"
"""What stands for a value that nobody measured."""

ACTIONS: Mapping[str, str] = {
    "promote": "Build on it from here",
    "replicate": "Run it again unchanged, to see whether it is real",
    "branch_followup": "Take a further step from it",
    "retry": "Try it again on a later base",
    "abandon": "Leave it",
    "fix_and_retry": "Fix it, then run it again",
    "investigate_crash": "Find out what went wrong",
}
"""What a next action asks for."""

_DOUBTED = 5
"""Runs in doubt that a report names."""
_COUNTS = ("tries", "ledgers", "kept", "crashed")
_SURENESS = ((0.99, "practically certain"), (0.9, "very likely"), (0.75, "likely"), (0.6, "more likely than not"),
             (0.4, "a coin toss"))  # fmt: skip


def number(value: object) -> str:
    """A metric: 6 decimals, from 1000 on 6 significant digits, a dash for what was not measured.

    >>> number(0.9697), number(12345.678), number(None), number(0.00000042)
    ('0.969700', '12345.7', '–', '4.2e-07')
    """
    x = finite(value)
    if x is None:
        return NONE
    if 0 < abs(x) < 1e-5 or abs(x) >= 1e15:
        return f"{x:.3g}"
    if abs(x) >= 1000:
        return f"{x:.{max(0, 5 - math.floor(math.log10(abs(x))))}f}"
    return f"{x:.6f}"


def gain(value: object) -> str:
    """An improvement with its sign, positive for better whatever the metric's direction.

    >>> gain(0.0021), gain(-0.5), gain(None)
    ('+0.002100', '−0.500000', '–')
    """
    x = finite(value)
    if x is None:
        return NONE
    return f"{'+' if x > 0 else '−' if x < 0 else '±'}{number(abs(x))}"


def measurement(value: object) -> str:
    """A value of the summary block: counts as they are, others like the metric."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else number(value)


def percent(probability: object) -> str:
    """A probability in whole percent; never 0 or 100, which nobody can know.

    >>> percent(0.914), percent(0.9999), percent(None)
    ('91 %', '99 %', '–')
    """
    p = finite(probability)
    return NONE if p is None else f"{min(99, max(1, round(100 * p)))} %"


def sureness(probability: float) -> str:
    """A probability that a difference is real, as a word to remember.

    >>> sureness(0.93), sureness(0.5)
    ('very likely', 'a coin toss')
    """
    return next((word for least, word in _SURENESS if probability >= least), "unlikely")


def plural(count: int, noun: str) -> str:
    """A count with its noun.

    >>> plural(1, "run"), plural(3, "rerun")
    ('1 run', '3 reruns')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"


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


def mapping(value: object) -> dict[str, Any]:
    """The value if it is an object, else an empty one: rows by other tools may hold anything anywhere."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[dict[str, Any]]:
    """The objects of a list; anything else is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list | tuple) else []


def gain_of(run: RunView) -> float | None:
    """A run's gain over its base, positive for better; a run that can't be ranked has none."""
    if run.value is None or run.base_value is None or run.rank is None:
        return None
    return run.base_value - run.value if run.rank == run.value else run.value - run.base_value


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
    return f"One run varies by about ±{number(noise.sigma)} ({how})."


def gain_sentence(m: Morning) -> str:
    """The gain of the window with the chance that it is real, or nothing."""
    if m.gained is None or m.gained <= 0 or m.probability_gained is None:
        return ""
    sure = f"{percent(m.probability_gained)} that it is real ({sureness(m.probability_gained)})"
    return f"The gain in this period is {number(m.gained)}: {sure}."


def belief(champion: Mapping[str, Any]) -> str:
    """Whether to believe that the champion is the best, in a short sentence or two."""
    p, lead = finite(champion.get("probability_truly_best_of_two")), finite(champion.get("lead_over_next"))
    if lead is None or p is None:
        return "No other code has been measured against it yet."
    if lead <= 0:
        return "Another run measured at least as well: don't build on it before a rerun."
    told = f"{percent(p)} that it is truly better than the next best kept run ({sureness(p)})."
    reruns = finite(champion.get("reruns_to_settle"))
    if champion.get("state") == "confirmed":
        return told
    return (
        f"{told} {plural(int(reruns), 'rerun')} of each would settle it." if reruns else f"{told} A rerun tells more."
    )


def edit(item: Mapping[str, Any]) -> str:
    """A typed edit in a few words.

    >>> edit({"target": "MATRIX_LR", "op": "set", "from": 0.04, "to": 0.05})
    'MATRIX_LR 0.04 → 0.05'
    """
    target, op = one_line(item.get("target"), 60), text(item.get("op"))
    start, end = _setting(item.get("from")), _setting(item.get("to"))
    if start.startswith("#") or end.startswith("#"):
        told = f"{'change' if op == 'replace' else op} {target}"
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
    chance = raw.get("probability_better_than_champion")
    rows: list[tuple[str, dict[str, Any], object, object]] = []
    if rival := mapping(raw.get("next_best")):
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
        (name, number(run.get("value")), gain(more), percent(chance), one_line(run.get("run_id"), 60))
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
        for run in m.integrity[:_DOUBTED]
    ]
    more = len(m.integrity) - _DOUBTED
    return [*shown, f"{plural(more, 'more run')} can't lead either."] if more > 0 else shown


def _setting(value: object) -> str:
    if isinstance(value, str):
        return one_line(value, 40)
    x = finite(value)
    return "" if x is None else f"{x:.6g}"
