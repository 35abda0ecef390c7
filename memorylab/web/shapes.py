"""The shapes of the parts of answers: a run in short, what leads, what waits, what failed, what is known of a knob."""

from __future__ import annotations

from typing import Required, TypedDict

from memorylab.records import Arena, Status

Value = float | str | None
"""What a knob is set to."""


class Brief(TypedDict):
    """The few fields that name a run."""

    run_id: str
    commit: str | None
    branch: str | None
    status: Status
    value: float | None
    memory_gb: float | None
    description: str
    family: str
    timestamp_utc: str


class Measured(Brief):
    """A candidate with the mean over its runs."""

    runs: int
    mean: float


class Champion(Brief, total=False):
    """What leads: the mean over its reruns, what is known of its true value, and whether to believe it."""

    runs: Required[int]
    mean: Required[float]
    state: Required[str]
    estimate: float
    estimate_low: float
    estimate_high: float
    lead_over_next: float | None
    probability_real: float | None
    expected_gain: float | None
    probability_best: float | None
    probability_truly_best_of_two: float | None
    ties: int
    reruns_to_settle: int | None
    contested_by: Measured | None


class OtherArena(TypedDict):
    """An arena whose runs are not compared with those of the report."""

    arena: Arena
    words: str
    champion: Brief | None
    status_counts: dict[str, int]


class Challenger(Brief, total=False):
    """A candidate after the champion, with the chance that it is truly better."""

    runs: Required[int]
    mean: Required[float]
    gap_to_champion: float
    probability_better: float
    estimate: float
    estimate_low: float
    estimate_high: float


class QueueItem(TypedDict, total=False):
    """What the next run may be spent on, and why; without a run where it is a new idea."""

    action: Required[str]
    why: Required[str]
    run_id: Required[str | None]
    description: Required[str]
    kind: str
    commit: str | None
    branch: str | None
    status: Status
    value: float | None
    memory_gb: float | None
    family: str
    timestamp_utc: str
    mean: float | None
    runs: int | None
    worth: float
    minutes: float | None
    per_minute: float | None
    chance: float | None
    reruns: int | None
    times_new: float | None
    better: float | None
    gap_to_champion: float | None


class PathStep(TypedDict):
    """A run on a line."""

    run_id: str
    value: float | None
    description: str


class Line(TypedDict):
    """A line of kept runs: where it began, how far it came, and its last steps."""

    root_run: str | None
    tip_run: str
    branch: str | None
    kept_steps: int
    value: float | None
    gain_since_root: float | None
    path: list[PathStep]


class FailureGroup(TypedDict, total=False):
    """Runs that failed alike."""

    kind: Required[str]
    label: Required[str]
    target: Required[str]
    count: Required[int]
    last: Required[Brief | None]
    error: Required[str | None]
    knob: str
    first: Brief | None
    cluster: str
    examples: list[Brief]
    cause: str | None


class Family(TypedDict):
    """How the runs of one kind of idea ended."""

    family: str
    keep: int
    discard: int
    crash: int
    starved: int


class Doubted(Brief):
    """A run that can't lead as it is."""

    integrity: str
    reasons: str | None


class Recent(Brief):
    """A run of the recent ledger."""

    gain_over_base: float | None
    next_action: str | None
    classification: str | None
    error: str | None


class TreeStep(Brief):
    """A step of the lineages as one tree."""

    depth: int
    begins: bool
    rails: list[bool]
    runs: int
    mean: float | None
    gain: float | None
    leads: bool
    tip: bool
    earlier: int


class HeldBack(TypedDict):
    """An idea that the guard held back, and how often."""

    timestamp_utc: str
    description: str
    family: str
    classification: str
    reason: str
    owner: str
    evidence: list[str]
    times: int


class Bill(TypedDict):
    """What a period cost, and what it brought."""

    runs: int
    hours: float
    minutes_per_run: float | None
    hours_by_status: dict[str, float]
    runs_of_unknown_time: dict[str, int]
    ideas_kept: int | None
    runs_elsewhere: int
    runs_stopped: int
    runs_retracted: int
    blocked: int
    minutes_saved: float | None
    gained: float | None
    gained_over: str
    gained_truly: list[float] | None
    probability_gained: float | None


class Promotions(TypedDict):
    """The ideas that stand as kept, and how many of them probably gain nothing."""

    kept: int
    expected_false: float
    risk_available: float


class Noise(TypedDict):
    """How much one run varies by itself."""

    sigma: float | None
    freedom: int
    replicates: int


class Bracket(TypedDict):
    """The failed values next to the best one."""

    below: Value
    above: Value


class BestTry(TypedDict):
    """The try that gained most."""

    to: Value
    gain: float
    run_id: str


class KnobTry(TypedDict):
    """One run that changed a knob; `gain` is in standard deviations of one run."""

    to: Value
    outcome: str
    status: Status
    gain: float | None
    value: float | None
    run_id: str
    here: bool
    alone: bool
    base: str | None
    description: str


class Knob(TypedDict):
    """What is known of one knob; `knob` is what the code calls it, `key` what it is compared and found by."""

    knob: str
    scope: str | None
    present: Value
    runs: int
    values: int
    keep: int
    discard: int
    crash: int
    best: BestTry | None
    bracket: Bracket
    bracketed: bool
    untried: str | None
    suggestion: Value
    note: str
    tries: list[KnobTry]
    key: str
