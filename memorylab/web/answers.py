"""The shapes of what the JSON interface answers with: it is described by them, and its tests hold answers to them."""

from __future__ import annotations

from typing import Any, Required, TypedDict

from memorylab.core.report.morning import Point
from memorylab.lab.comparing import Measure
from memorylab.records import Direction, EditRecord, Mode, Policy, Run, Status
from memorylab.web.shapes import (
    Bill,
    Brief,
    Challenger,
    Champion,
    Doubted,
    FailureGroup,
    Family,
    HeldBack,
    Knob,
    Line,
    Noise,
    OtherArena,
    Promotions,
    QueueItem,
    Recent,
    TreeStep,
)


class Overview(TypedDict):
    """The morning report."""

    generated_utc: str
    since_utc: str | None
    metric: str
    direction: Direction
    arena: str
    headline: list[str]
    counts: dict[str, int]
    total_counts: dict[str, int]
    hours: float
    champion: Champion | None
    champion_before: Brief | None
    gained: float | None
    probability_gained: float | None
    queue: list[QueueItem]
    challengers: list[Challenger]
    lineages: list[Line]
    failures: list[FailureGroup]
    families: list[Family]
    integrity: list[Doubted]
    recent: list[Recent]
    knobs: list[Knob]
    noise: Noise
    progress: list[Point]
    warnings: list[str]
    slow: list[Brief]
    promotions: Promotions
    bill: Bill
    near_misses: list[QueueItem]
    blocked: list[HeldBack]
    tree: list[TreeStep]
    others: list[OtherArena]


class ListedRun(TypedDict):
    """A run of a list, as the index knows it; `gain_over_base` is positive where better."""

    seq: int
    run_id: str
    timestamp_utc: str
    branch: str | None
    commit: str | None
    parent_commit: str | None
    family: str
    status: Status
    description: str
    hypothesis: str
    tags: list[str]
    arena: int
    value: float | None
    base_value: float | None
    gain_over_base: float | None
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
    source: str | None
    depth: int
    ancestor: int | None
    change: str | None
    base: str | None
    tokens: float | None
    steps: float | None
    train_seconds: float | None
    tokens_ratio: float | None
    starved: int
    doubts: str | None
    sure: float | None
    tree: str | None
    identity: str | None


class RunPage(TypedDict):
    """A page of runs; where `exact` is false there are more than `total`."""

    runs: list[ListedRun]
    total: int
    exact: bool
    before: str | None
    after: str | None


class Compared(TypedDict):
    """Two runs; `gain` is how much better the second is, `diff` a patch from the first one's code to its."""

    a: Run
    b: Run
    measures: list[Measure]
    comparable: bool
    gain: float | None
    probability: float | None
    runs: list[int]
    again: bool
    diff: str
    source: str


class Node(TypedDict):
    """A kept run in the picture of the lines; `earlier` is how many steps before it are left out."""

    run_id: str
    commit: str | None
    value: float | None
    description: str
    depth: int
    line: int
    parent: str | None
    tip: bool
    earlier: int


class Lineage(TypedDict):
    """The best lines of kept runs, and which of them leads."""

    nodes: list[Node]
    champion: str | None


class Knobs(TypedDict):
    """The knobs that most runs changed."""

    knobs: list[Knob]


class Failures(TypedDict):
    """The largest groups of runs that failed alike."""

    failures: list[FailureGroup]


class Repeated(TypedDict):
    """A candidate that was run more than once."""

    run_id: str
    description: str
    runs: int
    mean: float | None


class NoiseOf(Noise):
    """The noise of the metric, and the repeated candidates."""

    metric: str
    real_gain: float | None
    repeated: list[Repeated]


class Match(TypedDict):
    """A run that an idea resembles."""

    run_id: str
    commit: str | None
    status: Status
    description: str
    family: str
    similarity: float
    why: str
    relation: str
    value: float | None
    gain: float | None
    base_moved: bool


class Verdict(TypedDict, total=False):
    """What history says of an idea."""

    classification: Required[str]
    policy: Required[Policy]
    mode: Required[Mode]
    p_keep: Required[float | None]
    probe_text: str
    threshold: float
    effective_threshold: float
    match_count: int
    counts: dict[str, int]
    top_matches: list[Match]
    edits: list[EditRecord]
    knobs: list[dict[str, Any]]
    field_prior: list[dict[str, Any]]
    suggestion: str | None
    change: str | None
    mismatch: str | None
    claimed_by: dict[str, str]


class LastRun(TypedDict):
    """The newest run."""

    run_id: str
    status: Status
    value: float | None
    description: str


class RunningNow(TypedDict):
    """An experiment that runs; not `alive` where its process ended without having recorded it."""

    name: str
    description: str
    alive: bool
    elapsed_s: float
    limit_s: float | None
    step: int | None
    loss: float | None
    percent: float | None


class State(TypedDict):
    """How things stand; another `version` means that the ledger has grown."""

    version: int
    runs: int
    last: LastRun | None
    running: list[RunningNow]
