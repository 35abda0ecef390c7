"""What a terminal shows of the whole: the champion, the noise, the registry, and a replay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from memorylab.core.decisions.noise import real_gain
from memorylab.core.numerals import digits, rough
from memorylab.records import Direction, finite
from memorylab.render import words
from memorylab.render.escape import one_line
from memorylab.render.table import Column, fit, paint, section, table, wrap
from memorylab.render.words import gain, percent, plural

if TYPE_CHECKING:
    from memorylab.core.guard.claims import Claim


def best(
    champion: Mapping[str, Any] | None,
    challengers: Sequence[Mapping[str, Any]],
    width: int,
    color: bool = False,
    direction: Direction = "min",
    noise: Mapping[str, Any] | None = None,
) -> str:
    """The champion, whether to believe it, and the runs that come close; `noise` says how many digits that deserves."""
    if champion is None:
        return "\n".join(wrap("No champion yet: nothing has been kept with a measurement.", width))
    from memorylab.core.report import morning  # no other command has boards

    shown = morning.digits_of(noise or {}, champion, challengers)
    runs = finite(champion.get("runs")) or 1
    mean = f"The mean of {runs:.0f} runs of its code." if runs > 1 else ""
    value = paint(shown.value(words.mean_of(champion)), "bold", color)
    lines = [f"{value}  {fit(one_line(champion.get('state'), 12), 12)} champion"]
    belief, run_id = words.belief(champion, direction, shown), one_line(champion.get("run_id"), 80)
    for told in (words.name_of(champion, 300), mean, belief, run_id):
        lines += wrap(told, width, "  ") if told else []
    rows = [
        (
            shown.value(words.mean_of(c)),
            shown.signed(c.get("gap_to_champion")),
            percent(c.get("probability_better")),
            one_line(c.get("status"), 10),
            words.name_of(c),
        )
        for c in challengers
    ]
    columns = (
        Column("value", right=True),
        Column("gap", right=True, priority=2),
        Column("chance", right=True),
        Column("status", priority=1),
        Column("idea", flex=True),
    )
    title = "Challengers, with the chance that each is truly better than the champion"
    return "\n".join(lines + section(title, table(columns, rows, width, color), width, color))


def claims(claims: Sequence[Claim], now: float, width: int) -> str:
    """The ideas that are reserved, by whom and for how long."""
    if not claims:
        return "No claims."
    from memorylab.core.guard.claims import left, until  # no other command shows them

    rows = [
        (
            one_line(c.claim_id, 40),
            one_line(c.owner, 60),
            until(c, now),
            left(c.expires - now),
            one_line(c.description, 300),
        )
        for c in claims
    ]
    columns = (
        Column("claim"),
        Column("owner", flex=True, priority=1),
        Column("until", priority=3),
        Column("left", right=True),
        Column("idea", flex=True),
    )
    return "\n".join(table(columns, rows, width, False, indent=""))


def noise(noise: Mapping[str, Any], about: str, width: int = 80) -> str:
    """How much a run varies by itself, and which gains count as real; `about` names the metric or the arena."""
    model, name = words.noise_of(noise), one_line(about, 200)
    if model is None or (model.sigma == 0 and not model.replicates):
        told = f"{name}: nothing was measured yet; `memorylab noise --calibrate 3` runs the code as it is three times."
        return "\n".join(wrap(told, width))
    sentences = (
        f"Noise of {name}.",
        words.noise_words(model),
        *_noise_known(noise),
        f"A gain of one run over one other counts as real (90 %) from {rough(real_gain(model))}."
        if model.sigma
        else "Any gain counts as real.",
        *(["Run the base again before the next idea: it may no longer hold."] if noise.get("control_due") else []),
    )
    return "\n".join(line for sentence in sentences for line in wrap(sentence, width))


_REPEATED = {
    "rerun": ("rerun", ""),
    "seed": ("change of the seed", "changes of the seed"),
    "no-op": ("declared no-op", ""),
}


def _noise_known(noise: Mapping[str, Any]) -> list[str]:
    low, high = finite(noise.get("sigma_low")), finite(noise.get("sigma_high"))
    kinds = words.mapping(noise.get("kinds"))
    told = [f"With 90 % it is between {rough(low)} and {rough(high)}."] if low is not None and high else []
    if kinds:
        counted = ", ".join(
            words.plural(int(finite(n) or 0), *_REPEATED.get(kind, (one_line(kind, 20), "")))
            for kind, n in sorted(kinds.items())
        )
        told.append(f"It rests on {counted}.")
    return told


def registry(registry: Mapping[str, Any], width: int, color: bool = False) -> str:
    """The champion/challenger registry: who leads, from which line, and what keeps failing."""
    counts = words.mapping(registry.get("status_counts"))
    champion = words.mapping(registry.get("champion"))
    lines = [
        words.endings(counts),
        "",
        best(
            champion or None,
            words.mappings(registry.get("challengers")),
            width,
            color,
            _direction(registry),
            words.mapping(registry.get("noise")),
        ),
    ]
    lines += section(
        "Lineages", _lineages(words.mappings(registry.get("best_lineages")), _sigma(registry), width), width, color
    )
    lines += section(
        "What keeps failing", _failures(words.mappings(registry.get("failure_clusters")), width), width, color
    )
    return "\n".join(lines)


def replay(result: Mapping[str, Any], width: int, color: bool = False) -> str:
    """What the guard would have saved and lost on a ledger."""
    lines = [paint(fit(one_line(result.get("ledger"), 400), width), "bold", color)] if result.get("ledger") else []
    rows = []
    for status in ("keep", "discard", "crash"):
        counts = words.mapping(result.get(status))
        rows.append((status, *(str(counts.get(decision, 0)) for decision in ("allow", "caution", "block"))))
    columns = (
        Column(plural(int(finite(result.get("runs")) or 0), "run")),
        *(Column(title, right=True) for title in ("allow", "caution", "block")),
    )
    lines += table(columns, rows, width, color)
    lost, saved = words.mappings(result.get("wins_lost")), finite(result.get("seconds_saved"))
    gone, total = result.get("gain_lost"), result.get("gain_total")
    shown = digits(None, gone, total)
    lines += wrap(
        f"Kept runs blocked: {len(lost)}, with {shown.value(gone)} of all {shown.value(total)} gained.",
        width,
    )
    for item in lost[:10]:
        lines += wrap(f"{gain(item.get('gain'))}  {words.name_of(item, 200)}", width, "    ", "  ")
    return "\n".join([*lines, f"Time saved: {words.duration(saved / 60)}."] if saved else lines)


def _direction(registry: Mapping[str, Any]) -> Direction:
    return "max" if words.mapping(registry.get("arena")).get("direction") == "max" else "min"


def _sigma(registry: Mapping[str, Any]) -> object:
    return words.mapping(registry.get("noise")).get("sigma")


def _lineages(lines: Sequence[Mapping[str, Any]], sigma: object, width: int) -> list[str]:
    told, shown = [], digits(sigma, *(line.get("value") for line in lines))
    for line in lines:
        path = " → ".join(words.name_of(step, 40) for step in words.mappings(line.get("path")))
        steps = plural(int(finite(line.get("kept_steps")) or 0), "kept step")
        told += wrap(
            f"{shown.value(line.get('value'))} after {steps} ({shown.signed(line.get('gain_since_root'))}): {path}",
            width,
            "    ",
            "  ",
        )
    return told


def _failures(clusters: Sequence[Mapping[str, Any]], width: int) -> list[str]:
    told = []
    for cluster in clusters:
        last = words.name_of(words.mapping(cluster.get("last")), 100)
        told += wrap(
            f"{cluster.get('count', 0)} × {one_line(cluster.get('label'), 80)}, last: {last}", width, "    ", "  "
        )
    return told
