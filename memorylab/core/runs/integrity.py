"""Whether a run was measured as agreed: what speaks against it, in a short name and a sentence each.

A run in doubt keeps its number and its place in the ledger; it leads only once a person has accepted it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from memorylab.core.numerals import digits, number, rough, times
from memorylab.core.runs.arenas import improvement
from memorylab.records import Direction, Metrics, RunView, finite
from memorylab.tuples import NamedTuple

if TYPE_CHECKING:
    from memorylab.core.runs.gaming import Suspicion
    from memorylab.core.runs.judge_code import Touch  # indexing needs no parser

UNPINNED, OK, MODIFIED, SUSPECT, ACCEPTED = "unpinned", "ok", "modified", "suspect", "accepted"
UNKNOWN = "unknown"
BARRED = (MODIFIED, SUSPECT)
"""A run whose own row has one of these states can't become champion; of a run that is known, ask `barred`."""
PROTECTED_FILE = "protected_file"
_JUDGE = ("pins_changed", "judge_changed", "judge_shadowed", "data_changed", "settings_changed")
MODIFIES = (PROTECTED_FILE, *_JUDGE)
"""Reasons for which a number is not by the agreed judge: the run is modified."""
_NAMED = 3
NOTES = ("stale_metric", "short_training", "late_crash")
"""Reasons that are worth a look and bar nothing."""

OVER_BUDGET, OVERHEAD_S = 1.1, 10.0
"""Training may take so much longer than agreed: the last step ends after the budget, and some scripts compile in it."""
OVER_BUDGET_CPU = 1.3
"""On a CPU train.py counts the time for which it computed, up to so many budgets of wall-clock time."""
SHORT = 0.5
JUMP_HISTORY = 64
JUMP_RUNS, JUMP_GAINS = 10, 3
"""So many measured runs, and so many gains among them, are needed before a gain can be called implausible."""
JUMP_LARGEST, JUMP_TYPICAL = 3.0, 10.0
"""An implausible gain is beyond so many times the largest gain of the arena's newest runs and so many times the median
distance from what they had to beat. Of 899 improvements that were kept in 82 public ledgers this and the halving below
mark 6 (0.7 %); with a third of JUMP_LARGEST it would be 15."""
JUMP_RELATIVE = 0.03
"""A gain of less than this share of the best is never implausible: real discoveries of one percent come after a row of
small steps, and to bar one costs more than all that a small false number could."""
JUMP_HALVED = 0.5
"""Nor does a loss fall below so much of the best after JUMP_GAINS measured runs: 2 of those 6."""
DIVERGED_LOSS = 1e6
"""A best loss beyond it is of runs that diverged: coming down from there is no wonder, however far."""
JUMP_EXPLODED = 1e6
"""Nor does any metric grow to so many times its best after as many runs."""
_PER_SYMBOL = re.compile(r"(?:^|_)(?:bpb|bpc|bits_per_byte|perplexity|ppl)(?:_|$)")
_LOSS = re.compile(r"(?:^|_)(?:bpb|bpc|bits_per_byte|perplexity|ppl|loss|nll|xent|cross_entropy)(?:_|$)")
_REACHES_ZERO = re.compile(
    r"(?:^|_)(?:packets?|zero_one|01|hamming|hinge|triplet|margin|ranking|stop|weight|frames?|data|counts?|rates?|ratio"
    r"|pct|percent|pnl|trades?|usd|money)(?:_|$)"
)
"""Words beside "loss" of a quantity for which zero is a goal, or that is no loss of a model at all."""
_SAME_DIGITS = 6


class Reason(NamedTuple):
    """Something that speaks against a run: a short name for programs, a sentence for people."""

    kind: str
    text: str


class Verdict(NamedTuple):
    """What becomes of the reasons: the run's state, and they themselves."""

    state: str
    reasons: tuple[Reason, ...] = ()

    def record(self) -> list[dict[str, str]]:
        """The reasons as the ledger keeps them."""
        return [reason._asdict() for reason in self.reasons]


def barred(run: RunView) -> bool:
    """Whether the run can't become champion until a person accepts it."""
    return run.integrity in BARRED or (run.value is not None and run.rank is None)


def foreign_row() -> Reason:
    """A row stands in a chained ledger that MemoryLab didn't append, or that was changed since."""
    return Reason("foreign_row", "MemoryLab didn't append this row, or somebody changed it since.")


def verdict(pinned: str, reasons: Sequence[Reason], accepted: bool) -> Verdict:
    """The state that reasons lead to; without a grave one it is what the pinned files say (`ok`, `unpinned`)."""
    grave = [reason for reason in reasons if reason.kind not in NOTES]
    state = pinned
    if grave:
        state = MODIFIED if any(reason.kind in MODIFIES for reason in grave) else SUSPECT
    return Verdict(ACCEPTED if accepted and state in BARRED else state, tuple(reasons))


def is_loss(metric: str, direction: Direction) -> bool:
    """Whether a metric is a loss of language modelling, as its name says: val_bpb, val_loss, perplexity.

    >>> is_loss("val_bpb", "min"), is_loss("val_bpb", "max"), is_loss("sharpe_loss_ratio", "max"), is_loss("fid", "min")
    (True, False, False, False)
    >>> is_loss("packet_loss", "min"), is_loss("zero_one_loss", "min"), is_loss("val/loss", "min")
    (False, False, True)
    """
    name = re.sub(r"[^0-9a-z]+", "_", metric.lower())
    return direction == "min" and _LOSS.search(name) is not None and _REACHES_ZERO.search(name) is None


def protected_file(names: Sequence[str], replaced: Sequence[str] = ()) -> Reason:
    """A protected file differs from the one pinned at init, or is gone. Of `replaced` the pinned copy is what ran."""
    they = "differs from the one" if len(names) == 1 else "differ from those"
    told = f"{', '.join(names)} {they} pinned at init"
    if {*names} <= {*replaced}:
        own = "the pinned one" if len(names) == 1 else "the pinned ones"
        return Reason(PROTECTED_FILE, f"{told}. In its sandbox the run got {own} all the same.")
    return Reason(PROTECTED_FILE, f"{told}: this number is not by the agreed judge.")


def pins_changed(what: str) -> Reason:
    """What was agreed on as the judge is contradicted."""
    return Reason("pins_changed", f"{what[:1].upper()}{what[1:]}: only a person can change the judge (memorylab pin).")


Written = tuple[str, str | None]
"""A file that was written to during a run, and when; None for one that is gone."""


def judge_changed(written: Sequence[Written]) -> Reason:
    """A protected file, or its pinned copy, was written to while the run went on, whatever it holds now."""
    return Reason("judge_changed", f"During the run the judge was changed: {_named(written)}.")


def data_changed(written: Sequence[Written]) -> Reason:
    """Data that the judge reads were written to while the run went on."""
    return Reason("data_changed", f"During the run data of the judge were changed: {_named(written)}.")


def settings_changed(what: str, file: str) -> Reason:
    """The settings in that file are others than before the run; the run is judged by what they were."""
    return Reason("settings_changed", f"During the run {file} was changed: {what}.")


def ledger_written(rows: int) -> Reason:
    """The ledger got rows that MemoryLab didn't append while the run went on."""
    told = "a row that MemoryLab didn't append" if rows == 1 else f"{rows} rows that MemoryLab didn't append"
    return Reason("ledger_written", f"During the run the ledger got {told}.")


def judge_shadowed(names: Sequence[str]) -> Reason:
    """Something lies where Python finds it in place of a protected file, or before it."""
    told = ", ".join(names[:_NAMED])
    return Reason("judge_shadowed", f"Python runs {told} before the judge, or in the place of it.")


def _named(written: Sequence[Written]) -> str:
    told = [f"{name} at {when}" if when else f"{name} is gone" for name, when in written[:_NAMED]]
    more = len(written) - _NAMED
    return ", ".join([*told, *([f"{more} more"] if more > 0 else [])])


def touched(touches: Sequence[Touch]) -> list[Reason]:
    """What the edit does to the judge."""
    said = {
        "patched": "The edit sets {name} of {judge} from outside.",
        "redefined": "The edit gives {name}, which {judge} defines, a meaning of its own.",
        "read": "The edit names {name}, which {judge} reads to judge: it may know the answers.",
        "unused": "The edit no longer calls {name} of {judge}, by which runs are measured.",
    }
    return [Reason(f"judge_{t.how}", said[t.how].format(name=t.name, judge=t.judge)) for t in touches]


def reached(suspicions: Sequence[Suspicion]) -> list[Reason]:
    """What the edit does to the number beside the model."""
    said = {
        "metric_altered": "The edit changes what is reported as the metric",
        "trains_on_validation": "The edit trains on what runs are measured by",
        "source_patched": "The edit gives a clock, a random source or a measure another meaning",
        "reads_results": "The edit reads results, or the answers, from the disk",
        "judge_shrunk": "The edit measures on less, or in another way",
        "measured_otherwise": "The edit may change how, or on what, runs are measured",
        "answers_used": "The edit may predict with the answers, or with what comes later",
        "work_skipped": "The edit may skip work that is timed, or keep it from an earlier call",
        "unread": "The edit is in a file that is too large to be read",
    }
    return [Reason(one.kind, f"{said[one.kind]}: {one.where}") for one in suspicions]


def disagreement(told: Sequence[str], metric: str) -> list[Reason]:
    """Sidecar and log differ on the metric or on the training time, beyond what the log rounds away."""
    about = [line for line in told if line.partition(":")[0] in (metric, "training_seconds")]
    return [Reason("sidecar_disagrees", f"The sidecar disagrees with the log ({line}).") for line in about]


def training(
    metrics: Metrics, budget_s: float, champion_s: float | None, *, cpu: bool = False, file: str = "memorylab.toml"
) -> list[Reason]:
    """Nothing was trained, or not for the time agreed; a champion that took longer by consent sets the time."""
    seconds, steps = finite(metrics.get("training_seconds")), finite(metrics.get("num_steps"))
    if steps is not None and steps <= 0:
        return [Reason("no_training", "It trained for 0 steps.")]
    if seconds is None:
        return []
    if seconds <= 0 and budget_s >= 1:
        return [Reason("no_training", "It trained for 0 s.")]
    over = OVER_BUDGET_CPU if cpu else OVER_BUDGET
    consented = champion_s is not None and champion_s > over * budget_s + OVERHEAD_S
    allowed = champion_s if consented and champion_s else budget_s
    if seconds > over * allowed + OVERHEAD_S:
        told = f"It trained for {number(seconds)} s where {number(allowed)} s are agreed (time_budget_s in {file})."
        return [Reason("over_budget", told)]
    if champion_s is not None and seconds < SHORT * min(budget_s, champion_s):
        told = f"It trained for {number(seconds)} s only; the champion took {number(champion_s)} s."
        return [Reason("short_training", told)]
    return []


def impossible(metric: str, value: float, direction: Direction) -> list[Reason]:
    """A value that no honest measurement yields: a model's loss of 0, fewer than 0 bits for a byte.

    Counts, errors and times reach 0, and logarithms of densities go below it.
    """
    if is_loss(metric, direction) and (value == 0 or (value < 0 and _PER_SYMBOL.search(metric.lower()))):
        told = f"{metric} {number(value)} can't be measured: something failed or was skipped."
        return [Reason("impossible_value", told)]
    return []


def jump(metric: str, value: float, best: float, gains: Sequence[float], direction: Direction) -> list[Reason]:
    """A gain that is out of proportion to all that the arena's newest runs gained or lost against their bases."""
    gain, loss = improvement(value, best, direction), is_loss(metric, direction)
    if gain <= JUMP_RELATIVE * abs(best) or (loss and best > DIVERGED_LOSS) or _counted(value, best, gains, direction):
        return []
    # A share of the best says something above zero only, and where runs haven't moved as far before.
    fell = digits(None, value, best)
    halved = 0 < value < JUMP_HALVED * best and gain > max(map(abs, gains), default=0.0)
    if loss and len(gains) >= JUMP_GAINS and halved:
        told = f"{metric} fell from {fell.value(best)} to {fell.value(value)}, by more than half, in one step."
        return [Reason("implausible_gain", told)]
    if len(gains) >= JUMP_GAINS and abs(value) / JUMP_EXPLODED > max(1.0, abs(best)):
        told = f"{metric} went from {fell.value(best)} to {fell.value(value)} in one step."
        return [Reason("implausible_gain", told)]
    positive = [one for one in gains if one > 0]
    if len(gains) < JUMP_RUNS or len(positive) < JUMP_GAINS:
        return []
    largest, typical = max(positive), sorted(map(abs, gains))[len(gains) // 2]
    if gain > JUMP_LARGEST * largest and gain > JUMP_TYPICAL * typical:
        told = (
            f"The gain of {rough(gain)} is {times(gain / largest)} times the largest of the last {len(gains)} runs "
            f"({rough(largest)})."
        )
        return [Reason("implausible_gain", told)]
    return []


def _counted(value: float, best: float, gains: Sequence[float], direction: Direction) -> bool:
    """Whether failures are counted: one cause that is mended takes all of its own along, in one step."""
    return direction == "min" and value >= 0 and all(float(one).is_integer() for one in (value, best, *gains))


def stale(metric: str, value: float, run_id: str, before: float) -> list[Reason]:
    """Other code with the very value of the run before: an edit without effect, or an old log read again."""
    digits = f"{value!r}".partition("e")[0].replace(".", "").lstrip("-0")
    if value != before or len(digits) < _SAME_DIGITS or not math.isfinite(value):
        return []
    told = f"{metric} is to the last digit that of {run_id}, though the code differs"
    return [Reason("stale_metric", f"{told}: an edit without effect, or an old log.")]
