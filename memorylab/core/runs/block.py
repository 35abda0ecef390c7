"""The block in which a run prints its result, and what stands around it: was it the end, did a crash follow it?"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence

from memorylab.core.lazily import pattern
from memorylab.core.runs import metric_line
from memorylab.core.runs.crash import Cause, unhandled
from memorylab.core.runs.lines import bare
from memorylab.core.runs.metric_line import NOT_FINITE, NUMBER, Value
from memorylab.core.runs.progress import Progress, read_progress, training_loss
from memorylab.records import METRIC_FIELDS, Metrics, finite
from memorylab.tuples import NamedTuple

KEYS = 256
_FIELD = pattern(r"([A-Za-z_][\w./%-]{0,63})[ \t]*[:=](?:[ \t]+|(?=[-+.\d]))(\S.{0,500})$")
_NUMBER = pattern(NUMBER)
_LOST = pattern(NOT_FINITE)
_ENDS = ("training_seconds", "total_seconds", "num_steps", "total_tokens_M")
"""What a run can tell only at its end."""
_OVER = 95.0
"""Percent of training from which a block behind it is the final one."""
_HEADER_CHARS = 8
_OWN = pattern(r"(?:final[\w ]{0,24} )?[\w./@-]+ ?[:=]", re.IGNORECASE)

Find = Callable[[str], Value | None]
"""What a line says of the metric."""


class Block(NamedTuple):
    """What a run printed of itself."""

    metrics: Metrics
    facts: dict[str, str]
    decimals: dict[str, int]
    lost: set[str]
    """Names of values that are NaN or infinite."""

    @classmethod
    def empty(cls) -> Block:
        """Nothing yet."""
        return cls({}, {}, {}, set())

    @property
    def known(self) -> bool:
        """Whether a field of upstream's stands in it."""
        return any(key in METRIC_FIELDS for key in self.metrics)


class Ending(NamedTuple):
    """What a log's end says of the number in it."""

    final: Callable[[], bool]
    """Asked only where it matters, since it reads the training before the number."""
    restarted: bool
    """Another run began behind it: the number is an earlier run's."""
    crash: Cause | None
    """What ended the program behind it."""
    later: Value | None
    """Another value that was printed behind it."""

    @property
    def finished(self) -> bool:
        """The number stands in a block that was printed once training was over."""
        return self.final()


def read(rows: Iterable[str], metric: str, find: Find) -> Block:
    """The fields of a block: any up to the first other line, then only those of upstream (a warning may interrupt).

    A field's first value counts: what follows a block may speak of other runs.
    """
    block, whole = Block.empty(), True
    for raw in rows:
        row = bare(raw.strip())
        if row == "---" or len(block.metrics) + len(block.facts) >= KEYS:
            break
        field = _FIELD.match(row)
        if (told := find(row)) is not None:
            put_value(block, metric, told)
        elif row.startswith("{"):
            put_object(block, row, METRIC_FIELDS)
        elif field is None:
            whole = whole and not (row or block.metrics or block.facts)
        elif whole or field[1] in METRIC_FIELDS or field[1] == metric:
            put(block, field[1], field[2].strip())
    return block


def put(block: Block, key: str, value: str) -> None:
    """Note a field unless it was there before."""
    if key in block.metrics or key in block.facts:
        return
    if _NUMBER.fullmatch(value) or _LOST.fullmatch(value):
        put_value(block, key, metric_line.value(value))
    else:
        block.facts[key] = value[:200]


def put_line(block: Block, row: str) -> bool:
    """Note the field that a line is, if it is one."""
    field = _FIELD.match(bare(row.strip()))
    if field is not None:
        put(block, field[1], field[2].strip())
    return field is not None


def put_value(block: Block, key: str, told: Value) -> None:
    """Note what was read under a name unless it was there before."""
    if key in block.metrics:
        return
    block.facts.pop(key, None)
    block.metrics[key] = told.number
    if told.number is not None:
        block.decimals[key] = told.decimals
    elif told.lost:
        block.lost.add(key)


def put_object(block: Block, row: str, names: Iterable[str]) -> None:
    """Note the named numbers of a line that is a JSON object."""
    try:
        table = json.loads(row)
    except (ValueError, RecursionError):
        return
    for name in names if isinstance(table, dict) else ():
        number = table.get(name)
        if name not in block.metrics and isinstance(number, int | float) and not isinstance(number, bool):
            block.metrics[name] = finite(number)


def ending(
    block: Block, in_block: bool, before: Sequence[str], after: Sequence[str], head: Sequence[str], find: Find
) -> Ending:
    """What the cleaned lines around a number say of it; `head` are the first lines of the log."""
    steps_after = _steps(after)
    steps_before = _steps(before) if steps_after else []
    both = bool(steps_before and steps_after)
    anew = _begins_anew(head, after) and not (both and steps_after[0] > steps_before[-1])
    back = in_block and both and steps_after[0] < steps_before[-1]
    # A table of earlier runs may follow; this run's own value stands at the beginning of a line.
    told = [value for row in after if _OWN.match(bare(row.strip())) and (value := find(row)) and value.told]
    return Ending(
        final=lambda: in_block and not steps_after and _is_final(block, before, find),
        restarted=anew or back or (in_block and any("SyntaxError: " in row for row in after)),
        crash=unhandled("\n".join(after)),
        later=told[-1] if told else None,
    )


def _is_final(block: Block, before: Sequence[str], find: Find) -> bool:
    """Whether a block tells of a training that is over; one that every evaluation prints doesn't."""
    rules = [number for number, row in enumerate(before) if bare(row.strip()) == "---"]
    earlier = [number for number in rules if any(find(row) for row in before[number + 1 : number + 12])]
    if earlier:
        first, second = _steps(before[: earlier[-1]]), _steps(before[earlier[-1] :])
        if first and second and second[-1] > first[-1]:
            return False
    last = next((told for row in reversed(before) if (told := _progress(row))), None)
    if last is not None and last.percent is not None:
        return last.percent >= _OVER
    return any(block.metrics.get(name) is not None for name in _ENDS)


def _progress(row: str) -> Progress | None:
    """Progress of training: with its loss, be it none."""
    if "oss" not in row[:500]:
        return None
    told = read_progress(row[:500], 0.0)
    return told if told is not None and training_loss(bare(row[:500])) else None


def _steps(rows: Sequence[str]) -> list[int]:
    """The first and the last step that the rows tell together with training's loss."""
    first = next((told.step for row in rows if (told := _progress(row)) and told.step is not None), None)
    last = next((told.step for row in reversed(rows) if (told := _progress(row)) and told.step is not None), None)
    return [] if first is None or last is None else [first, last]


def _begins_anew(head: Sequence[str], after: Sequence[str]) -> bool:
    """Whether the log's first words stand there again: it was appended to."""
    openings = [bare(row.strip()) for row in head if row.strip()][:2]
    if not openings or len(openings[0]) < _HEADER_CHARS or _progress(openings[0]):
        return False
    rows = [bare(row.strip()) for row in after if row.strip()]
    return any(rows[at : at + len(openings)] == openings for at in range(len(rows)))


def behind(rows: Sequence[str], find: Find) -> Sequence[str]:
    """The rows behind a block, or behind a line that tells the metric, which they begin with."""
    at = next((number for number, row in enumerate(rows) if find(row) is not None), -1) + 1
    while at < len(rows) and (not rows[at].strip() or _is_number(bare(rows[at].strip()))):
        at += 1
    return rows[at:]


def _is_number(row: str) -> bool:
    """Whether a row is a field with a number: words may be the first ones of another run."""
    field = _FIELD.match(row)
    return field is not None and _NUMBER.fullmatch(field[2].strip()) is not None
