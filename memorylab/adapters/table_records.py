"""Ledgers of other trackers that are JSON: one object a line, or a list of objects, read as the rows of a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from memorylab import files
from memorylab.adapters.table_columns import plain
from memorylab.adapters.table_text import LARGEST, Cells, Header, Piece, Problem, Remark

_SETTINGS: Final = ("params", "parameters", "config", "configuration", "hparams", "hyperparameters", "args", "knobs")
_DESCRIBES: Final = ("description", "desc", "idea", "hypothesis", "title", "message", "name", "display_name", "change")
_METRIC: Final = ("metricName", "metric_name", "metric", "objective", "objective_metric")
_DIRECTION: Final = ("bestDirection", "best_direction", "direction", "goal", "optimization_direction")
_LESS: Final = ("lower", "min", "minimize", "minimise", "less", "smaller", "down")
_MORE: Final = ("higher", "max", "maximize", "maximise", "more", "larger", "up")
_DEEPEST: Final = 4
_MOST_COLUMNS: Final = 2_000


def is_records(path: Path) -> bool:
    """Whether a file begins as a JSON object or a list of them does; one that can't be read is no such."""
    try:
        with files.open_regular(path, LARGEST) as file:
            head = file.read(4096).decode("utf-8-sig", "replace").lstrip()
    except OSError:
        return False
    return head[:1] == "{" or (head[:1] == "[" and head[1:].lstrip()[:1] == "{")


def read_records(path: Path) -> Iterator[Piece]:
    """The records as one table: what a header object says of the metric, then a row for each run."""
    numbered: list[tuple[int, Mapping[str, Any]]] = []
    metric = ""
    for line, found in _objects(path):
        if isinstance(found, str):
            yield Problem(line, found)
        elif _announces(found):
            metric = next((str(found[name]) for name in _METRIC if isinstance(found.get(name), str)), metric)
            direction = next((str(found[name]).casefold() for name in _DIRECTION if found.get(name)), "")
            if direction.startswith(_LESS):
                yield Remark(line, "direction: lower is better")
            elif direction.startswith(_MORE):
                yield Remark(line, "direction: higher is better")
        else:
            numbered.append((line, found))
    rows = [(line, _flat(row, metric)) for line, row in numbered]
    names = tuple(dict.fromkeys(name for _, row in rows for name in row))[:_MOST_COLUMNS]
    if not names:
        return
    yield Header(rows[0][0], names, " ")
    for line, row in rows:
        yield Cells(line, [row.get(name, "") for name in names])


def _objects(path: Path) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    """Each object with the line, or the place in the list, where it stands; in words where there is none."""
    text = files.read_bounded(path, LARGEST).decode("utf-8-sig", "replace")
    whole = _parsed(text)
    if isinstance(whole, Mapping):  # one object that holds the list, as trackers export it
        lists = [value for value in whole.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
        longest = max(lists, key=len, default=[whole])
        if lists:
            yield (
                0,
                {name: value for name, value in whole.items() if not isinstance(value, list | dict)}
                | {"type": "config"},
            )
        whole = longest
    if isinstance(whole, list):
        for number, item in enumerate(whole, start=1):
            yield number, item if isinstance(item, Mapping) else "skipped, no object"
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            found = _parsed(line)
            yield number, found if isinstance(found, Mapping) else "skipped, no JSON object"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _announces(row: Mapping[str, Any]) -> bool:
    """Whether an object tells of the campaign, and is no run."""
    kind = str(row.get("type", row.get("kind", ""))).casefold()
    return kind in ("config", "header", "meta", "metadata", "session", "campaign", "study") or (
        any(name in row for name in _DIRECTION) and "status" not in row and "description" not in row
    )


def _flat(row: Mapping[str, Any], metric: str) -> dict[str, str]:
    """One level of names with texts; settings become the description of a run that has none."""
    found: dict[str, str] = {}
    settings: list[str] = []

    def take(values: Mapping[str, Any], depth: int) -> None:
        for name, value in values.items():
            if isinstance(value, Mapping):
                if plain(str(name)) in _SETTINGS:
                    settings.extend(f"{key}={_cell(one)}" for key, one in value.items())
                elif depth < _DEEPEST:
                    take(value, depth + 1)
            elif isinstance(value, list):
                if value and len(value) <= 1 and not isinstance(value[0], Mapping | list):
                    found.setdefault(_name(str(name), metric), _cell(value[0]))  # a single objective
            elif value is not None:
                found.setdefault(_name(str(name), metric), _cell(value))

    take(row, 0)
    if settings and not any(found.get(name) for name in _DESCRIBES):
        found["description"] = ", ".join(settings)
    return found


def _name(name: str, metric: str) -> str:
    """The column's name; a generic "metric" or "value" is called what the ledger says that it is."""
    return metric if metric and name in ("metric", "value") else " ".join(name.split()) or "column"


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(str(value).split())
