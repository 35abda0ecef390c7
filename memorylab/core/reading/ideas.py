"""The two sides of every comparison: an idea that somebody plans to run, and an earlier run as the guard sees it."""

from __future__ import annotations

from collections.abc import Sequence

from memorylab.core.reading.edits import Edit, infer_family, parse, said, words
from memorylab.tuples import NamedTuple


class JudgedBy(NamedTuple):
    """What of an idea is judged, as somebody who asked is told."""

    by: str
    """`words`, `diff` (a commit or a patch), `worktree` (what isn't committed) or `set` (what is stated)."""
    note: str = ""
    """What that is, in words."""
    unchanged: bool = False
    """Nothing would be other than it is."""


class Idea(NamedTuple):
    """What somebody plans to run."""

    description: str
    tags: tuple[str, ...]
    family: str
    hypothesis: str
    edits: tuple[Edit, ...]
    words: frozenset[str]
    said: frozenset[str] = frozenset()
    change: str | None = None
    """The fingerprint of the code's change: "" where nothing changed, None where nobody looked."""
    mismatch: str | None = None
    """How the description contradicts the diff."""
    repeats: str | None = None
    """The run whose very code this is, where somebody looked: nothing was changed."""
    anew: bool = False
    """That run was made under other conditions: this one measures the code anew."""
    judged: JudgedBy | None = None
    """What is judged, where somebody asked."""
    left: str | None = None
    """What its edits leave of its text, packed; None where nobody has worked it out."""


class Past(NamedTuple):
    """An earlier run as the guard sees it. `gain` is in units of the noise sigma, positive is better; `sure` is what is
    certain of it, where sigma is hardly known."""

    run_id: str
    commit: str | None
    status: str
    description: str
    family: str
    timestamp_utc: str
    edits: tuple[Edit, ...]
    words: frozenset[str]
    value: float | None
    gain: float | None
    error_kind: str | None
    moved: tuple[str, ...]
    in_base: bool
    seq: int
    said: frozenset[str] = frozenset()
    change: str | None = None
    sure: float | None = None
    left: str | None = None
    """What its edits leave of its text, packed; None where nobody has worked it out."""


def verbatim(description: str) -> str:
    """A text as one word, by which the very same text is found again in whatever language."""
    return "=" + " ".join(description.casefold().split())


def make_idea(description: str, tags: Sequence[str] = (), family: str = "", hypothesis: str = "") -> Idea:
    """The idea with its edits and words read from the text, its family inferred unless given."""
    edits = parse(description, tags)
    return Idea(
        description,
        tuple(tags),
        family or infer_family(edits, description),
        hypothesis,
        edits,
        words(description, tags),
        said(description),
    )
