"""How much one run varies by itself in the arena in use: what is known, and runs made to know it better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from memorylab.errors import UsageError
from memorylab.lab import supervised
from memorylab.lab.context import Context
from memorylab.lab.finding import Finding
from memorylab.lab.judge import clean_idea, home_arena
from memorylab.lab.outlook import outlook
from memorylab.lab.standing import current_arena, standing
from memorylab.lab.supervised import Outcome

if TYPE_CHECKING:
    from memorylab.adapters.training_log import Progress

SEED_VARIABLE = "AUTORESEARCH_SEED"
"""What the training script reads its seed from. An edit changes a run's course as another seed does, so runs that are
repeated with one seed vary too little: on a CPU not at all."""
MOST = 100


def noise(context: Context) -> dict[str, Any]:
    """Sigma of one run with its 90 % interval, what it rests on, and whether the base should be run again."""
    views = context.views()
    where = standing(views, current_arena(views, home_arena(context)))
    found = where.noise
    low, high = found.interval() if found.sigma else (0.0, 0.0)
    due = outlook(views, where).due
    kinds = Counter(kind for _, kind in views.contrasts(where.arena.home)) if where.arena else {}
    return {
        "metric": context.config.metric,
        **found._asdict(),
        "sigma_low": low,
        "sigma_high": high,
        "kinds": dict(kinds),
        "control_due": due.due,
        "probability_drifted": round(due.probability, 4),
    }


def calibrate(
    context: Context,
    runs: int,
    command: Sequence[str],
    *,
    timeout_s: float | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Iterator[Outcome]:
    """Run the code as it is `runs` times, each with another seed, and record each as a rerun.

    Raises:
        UsageError: no sensible number of runs.

    """
    if not 1 <= runs <= MOST:
        raise UsageError(f"--calibrate {runs} is no number of runs from 1 to {MOST}", "3 to 5 tell most")
    context.catch_up()
    first = context.views().size() + 1
    for number in range(runs):
        idea = clean_idea(f"baseline run again to measure the noise, {number + 1} of {runs}", [], "baseline", None)
        with _seeded(context, first + number):
            made = supervised.run(
                context,
                Finding(idea, "auto", mode="replicate"),
                command,
                timeout_s=timeout_s,
                check=False,
                on_progress=on_progress,
            )
        yield made
        error: Mapping[str, Any] = (made.logged.row.get("error") if made.logged else None) or {}
        if (error.get("kind"), error.get("source")) == ("interrupted", "supervisor"):
            raise KeyboardInterrupt  # whoever ends a run wants no further one


@contextmanager
def _seeded(context: Context, seed: int) -> Iterator[None]:
    before: Mapping[str, str] = context.environment
    context.environment = {**before, SEED_VARIABLE: str(seed)}
    try:
        yield
    finally:
        context.environment = before
