"""From one ledger row to the values that the index keeps of it; rows by other tools get what they lack derived here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from memorylab.core.guard import rerun
from memorylab.core.reading import edits, naming
from memorylab.core.reading.residue import residue
from memorylab.core.reading.vocabulary import CONTROLS
from memorylab.core.runs import arenas, integrity
from memorylab.core.runs.crash_kinds import STARVED
from memorylab.errors import LedgerTooNew
from memorylab.records import ENDINGS, SCHEMA_VERSION, Arena, Direction, Run, finite, measured, text
from memorylab.tuples import NamedTuple


class Facts(NamedTuple):
    """What a row says of a run, read without complaint whoever wrote it."""

    run_id: str
    timestamp_utc: str
    status: str
    description: str
    hypothesis: str
    tags: list[str]
    family: str
    arena: Arena
    arena_recorded: bool
    value: float | None
    base_value: float | None
    base_run: str
    eligible: bool
    code: str | None
    candidate: str | None
    edits: tuple[edits.Edit, ...]
    words: frozenset[str]
    said: frozenset[str]
    unread: str
    """What the edits leave of the description, packed (`core.reading.residue`)."""
    change: str | None
    control: str | None
    """What kind of repetition the run declares to be: a seed, or a no-op, a rerun or a baseline."""
    promoted: bool | None
    """Whether the decision of its time let it lead; None where none was made."""
    demoted: str
    """The run whose candidate steps back from the lead; empty for none."""
    drifted_since: str | None
    """The run is a control that failed: since this run nothing was comparable."""
    starved: bool
    """It is no evidence: the machine withheld what its peers had."""
    work: tuple[float | int | str | None, ...]
    """The columns from `tokens` to `wall`."""
    tree: str | None = None
    """The key of its code's state."""
    identity: str | None = None
    """The same with what its command adds."""
    parent_run: str = ""
    """The run that its code stands on, where that was looked for."""
    looked: bool = False
    """Whether it was."""
    again: bool = False
    """By its identity it repeats an earlier run: what is said of it says nothing of an idea."""


def is_run(row: dict[str, Any]) -> bool:
    """Whether the row records a run; rows of other kinds (claims, notes) have a `kind` and are not runs."""
    return bool(row.get("kind", "run") == "run")


def refuse_newer(row: Mapping[str, Any]) -> None:
    """Stop at a row whose meaning this version can't know.

    Raises:
        LedgerTooNew: a newer MemoryLab wrote it.

    """
    schema = row.get("schema")
    if isinstance(schema, int) and schema > SCHEMA_VERSION:
        raise LedgerTooNew(
            f"the ledger was written by a newer MemoryLab (schema {schema}, this one knows {SCHEMA_VERSION})",
            "update MemoryLab; nothing was changed",
        )


def disowned(row: dict[str, Any]) -> dict[str, Any]:
    """What counts of a run's row that breaks the ledger's chain: the run is there, but nobody vouches for it."""
    reasons = [*(row.get("integrity_reasons") or ()), integrity.foreign_row()._asdict()]
    return {**row, "integrity": integrity.UNKNOWN, "integrity_reasons": reasons}


def facts_of(row: dict[str, Any], metric: str, direction: Direction) -> Facts:
    """Read a ledger row, whose shape `memorylab.ledger.gate` has seen to.

    Raises:
        LedgerTooNew: a newer MemoryLab wrote it.

    """
    refuse_newer(row)
    run = Run(**row)  # type: ignore[typeddict-item]
    description, tags = text(row.get("description")), row.get("tags") or []
    again = _repeats(row)
    changes = (rerun.EDIT,) if again else edits_of(row, description, tags)
    arena, recorded = arenas.arena_of(run, metric, direction)
    value = measured(run, arena.get("metric", metric))
    base, state = row.get("base") or {}, part(row, "state")
    starved = _starved(row)
    status = STARVED if starved else text(row.get("status"))
    return Facts(
        run_id=text(row.get("run_id")),
        timestamp_utc=text(row.get("timestamp_utc")),
        status=status if status in ENDINGS else "discard",
        description=description,
        hypothesis=text(row.get("hypothesis")),
        tags=tags,
        family=text(row.get("family")) or edits.infer_family(changes, description),
        arena=arena,
        arena_recorded=recorded,
        value=value,
        base_value=finite(base.get("value")),
        base_run=text(base.get("run_id")),
        eligible=value is not None and not starved and text(row.get("integrity")) not in integrity.BARRED,
        code=text(row.get("code")) or None,
        candidate=_candidate_of(row),
        edits=tuple(naming.joined(edit) for edit in changes),
        words=frozenset() if again else edits.words(description, tags),
        said=frozenset() if again else edits.said(description),
        unread="" if again else residue(description, edits.parse(description, tags)).packed(),
        change=text(row.get("change")) or None,
        control=_control(changes),
        promoted=row.get("promoted"),
        demoted=text(row.get("demoted")),
        drifted_since=_drifted_since(row),
        starved=starved,
        work=_work(row, starved),
        tree=text(state.get("tree")) or None,
        identity=text(state.get("key")) or None,
        parent_run=text(row.get("parent_run")),
        looked=bool(state),
        again=again,
    )


def _repeats(row: dict[str, Any]) -> bool:
    """Whether a run is known by its identity to repeat another, here or in another arena, whatever was said of it."""
    if not text(part(row, "state").get("key")) or row.get("change") != "":
        return False
    told = row.get("edits") or []
    anew = len(told) == 1 and isinstance(told[0], dict) and told[0].get("target") == rerun.EDIT.target
    return anew or text(row.get("candidate")) not in ("", text(row.get("run_id")))


def _work(row: Mapping[str, Any], starved: bool) -> tuple[float | int | str | None, ...]:
    """What a run did for its number, against its base as its packet says, what speaks against it and for it."""
    metrics, compared = part(row, "metrics"), part(part(row, "decision_packet"), "comparison")
    told = [text(reason.get("text")) for reason in row.get("integrity_reasons") or ()]
    return (
        *(finite(metrics.get(name)) for name in ("total_tokens_M", "num_steps", "training_seconds")),
        finite(compared.get("tokens_ratio")),
        (1 + (row.get("starved") == "measured")) if starved else 0,
        " ".join(told) or None,
        finite(compared.get("probability_better_than_base")),
        *(finite(part(row, "resources").get(name)) for name in ("cpu_seconds", "wall_seconds")),
    )


def _starved(row: Mapping[str, Any]) -> bool:
    """Whether the run is no evidence. Older packets say `excused` of a bad result for which the machine was to blame,

    and still older ones `contended` of every slow run; whoever kept one has decided.
    """
    status = text(row.get("status"))
    compared = part(part(row, "decision_packet"), "comparison")
    told = compared.get("starved", compared.get("excused", compared.get("contended")))
    return status == STARVED or (status == "discard" and told is True)


def part(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object within a row; empty where it is missing."""
    return row.get(name) or {}


def edits_of(row: Mapping[str, Any], description: str, tags: list[str]) -> tuple[edits.Edit, ...]:
    """The typed edits that a row records, else those that its words mean."""
    recorded = row.get("edits")
    if recorded is not None:
        return tuple(edits.Edit.from_record(item) for item in recorded)
    return edits.parse(description, tags)


def _control(changes: tuple[edits.Edit, ...]) -> str | None:
    if not changes or any(change.target not in CONTROLS for change in changes):
        return None
    return "seed" if changes[0].target == "SEED" else "no-op"


def _drifted_since(row: Mapping[str, Any]) -> str | None:
    control = part(row, "control")
    return text(control.get("since")) or None if control.get("failed") else None


def _candidate_of(row: dict[str, Any]) -> str | None:
    """What reruns share. A row that doesn't say belongs with those of its commit that were described alike.

    An imported table's commit column is no key: 934 rows of public ledgers share an id with another row of their file.
    """
    if text(row.get("candidate")):
        return text(row.get("candidate"))
    commit = text(row.get("commit"))
    if not commit or row.get("source") or row.get("dirty"):
        return None
    return f"{commit}|{' '.join(text(row.get('description')).lower().split())}"
