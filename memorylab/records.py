"""The shapes that travel through the house: a ledger row and its parts, as plain JSON-able dicts.

Rows come from agents, other tools and older versions, so they stay dictionaries (unknown fields are kept) and are
typed with `TypedDict`; nothing here reads a file or a clock.
"""

from __future__ import annotations

import math
from typing import Any, Literal, NotRequired, TypedDict, cast

from memorylab.tuples import NamedTuple

SCHEMA_VERSION = 1

Status = Literal["keep", "discard", "crash"]
"""What an operator may say of a run, and all that upstream's table knows."""
Ending = Literal["keep", "discard", "crash", "starved"]
"""What a row may say: a run that was starved is no evidence, so it is neither kept nor discarded."""
Mode = Literal["explore", "exploit", "replicate"]
Direction = Literal["min", "max"]

STATUSES: tuple[Status, ...] = ("keep", "discard", "crash")
ENDINGS: tuple[Ending, ...] = (*STATUSES, "starved")
MODES: tuple[Mode, ...] = ("explore", "exploit", "replicate")
CLASSIFICATIONS = ("novel", "known_success", "incremental_followup", "repeat_failure", "duplicate_run")
DECISIONS = ("allow", "caution", "block")
NEXT_ACTIONS = ("promote", "branch_followup", "replicate", "retry", "abandon", "fix_and_retry", "investigate_crash")
HYPOTHESIS_STATUSES = ("supported", "mixed", "unsupported", "inconclusive", "not_stated")

# The keys of the upstream summary block (karpathy/autoresearch, end of train.py), in its order.
METRIC_FIELDS = (
    "val_bpb",
    "training_seconds",
    "total_seconds",
    "peak_vram_mb",
    "mfu_percent",
    "total_tokens_M",
    "num_steps",
    "num_params_M",
    "depth",
)

Metrics = dict[str, float | int | None]
"""Measurements of one run by name; a value that was not measured is None, never zero."""


EditRecord = TypedDict(
    "EditRecord",
    {
        "target": str,  # a knob such as MATRIX_LR, or a block such as CausalSelfAttention.forward
        "op": str,  # set, scale, add, remove, replace
        "from": float | str | None,
        "to": float | str | None,
        "direction": str | None,  # up, down, or None where there is no order
        "scope": str | None,  # the part it is limited to ("last 3 layers"), None for the whole
        "knob": NotRequired[str],  # what it is compared by, where the code calls the target otherwise
    },
)


class ErrorRecord(TypedDict):
    """Why a run crashed; only crash runs have one."""

    summary: str
    tail: str
    source: str
    kind: NotRequired[str]


class Arena(TypedDict, total=False):
    """What makes two runs comparable. A field that nobody recorded is None."""

    metric: str
    direction: Direction
    budget_s: float | None
    protected: str | None
    data: str | None
    device: str | None
    source: str | None
    arguments: str  # of the judge, and budgets from outside; missing for none
    environment: str
    era: str | None  # the control run that showed that what was measured before no longer holds
    campaign: str  # missing for the first one


class Policy(TypedDict):
    """The mode-specific layer of the guard: may this idea be run, and why."""

    decision: str
    reason: str
    mode: str
    evidence: NotRequired[list[str]]
    odds: NotRequired[float | None]


class NoveltyGuard(TypedDict, total=False):
    """What the guard says of an idea."""

    classification: str
    probe_text: str
    threshold: float
    match_count: int
    counts: dict[str, int]
    top_matches: list[dict[str, Any]]
    mode: str
    effective_threshold: float
    policy: Policy
    edits: list[EditRecord]
    knobs: list[dict[str, Any]]
    field_prior: list[dict[str, Any]]
    p_keep: float | None
    suggestion: str | None
    elsewhere: list[dict[str, Any]]
    change: str | None
    mismatch: str | None
    claimed_by: dict[str, str]
    claim: dict[str, str] | None
    judged: str
    judged_note: str


class Run(TypedDict, total=False):
    """One ledger row: one execution of the training command on one commit."""

    schema: int
    run_id: str
    timestamp_utc: str
    branch: str | None
    commit: str | None
    parent_commit: str | None
    family: str
    status: Ending
    description: str
    hypothesis: str
    sandbox: str | None
    resources: dict[str, Any]
    starved: str
    tags: list[str]
    notes: str
    metrics: Metrics
    error: ErrorRecord | None
    artifacts: dict[str, Any]
    novelty_guard: NoveltyGuard
    decision_packet: dict[str, Any]
    edits: list[EditRecord]
    base: dict[str, Any] | None
    arena: Arena
    key: str | None
    dirty: bool
    integrity: str
    integrity_reasons: list[dict[str, str]]
    code: str | None
    state: dict[str, Any] | None
    command: str | None
    environment: dict[str, str] | None
    parent_run: str | None
    candidate: str
    change: str | None
    claim: str | None
    promoted: bool
    demoted: str
    control: dict[str, Any]
    source: dict[str, Any]
    chain: str


def finite(value: object) -> float | None:
    """The number if it is one and finite, else None. Booleans are not numbers.

    >>> finite("0.5"), finite(float("nan")), finite(True)
    (0.5, None, None)
    """
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(cast(Any, value))
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def measured(run: Run, metric: str) -> float | None:
    """The run's value of `metric`, or None: a crash has none, whatever number a tool wrote for it.

    autoresearch logs a crash as 0.000000, which for a lower-is-better metric would be the best score ever seen.
    """
    metrics = run.get("metrics")
    if run.get("status") == "crash" or not isinstance(metrics, dict):
        return None
    return finite(metrics.get(metric))


class RunView(NamedTuple):
    """One run as the index serves it: the fields that lists, boards and judgements need, without its packet."""

    seq: int
    after: int
    run_id: str
    timestamp_utc: str
    branch: str | None
    commit: str | None
    parent_commit: str | None
    family: str
    status: str
    description: str
    hypothesis: str
    tags: str
    words: str
    said: str
    arena: int
    value: float | None
    rank: float | None
    base_value: float | None
    memory_gb: float | None
    seconds: float | None
    error_kind: str | None
    error_summary: str | None
    next_action: str | None
    classification: str | None
    decision: str | None
    integrity: str
    code: str | None
    candidate: str
    dirty: int
    key: str | None
    source: str | None
    root: int
    depth: int
    """Kept runs before it in the history of its commit."""
    ancestor: int | None = None
    """The number of the nearest of them."""
    change: str | None = None
    base: str | None = None
    tokens: float | None = None
    steps: float | None = None
    train_seconds: float | None = None
    tokens_ratio: float | None = None
    starved: int = 0
    """It was no evidence: 2 where others were seen at work on the machine, 1 where only its own speed tells."""
    doubts: str | None = None
    sure: float | None = None
    """The probability that its gain over its base is real, as it was judged when it was logged."""
    tree: str | None = None
    """The key of its code's state, without arguments."""
    identity: str | None = None
    """The same with its command's; None where nobody knows how it was called."""


class Contender(NamedTuple):
    """A candidate: a run that stands for all reruns of it, how many there are, and their mean value."""

    run: RunView
    runs: int
    mean: float


class Blocked(NamedTuple):
    """A run that the guard held back: nothing was executed."""

    timestamp_utc: str
    description: str
    family: str
    classification: str
    reason: str
    owner: str
    evidence: tuple[str, ...]
    """The runs, or the claim, that speak against it."""


def text(value: object) -> str:
    """The value if it is text, else an empty string: rows by other tools may hold anything anywhere."""
    return value if isinstance(value, str) else ""


def texts(value: object) -> list[str]:
    """A list of texts from a list or a comma-separated text; anything else is empty."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list | tuple):
        return []
    return [item.strip() for item in value if isinstance(item, str) and item.strip()]
