"""Logs in Markdown with a heading for each run ("## Run 12 — KEPT"), read as the rows of a table.

What stands under a heading as `key: value`, in a list or in a table of two columns, are the cells of the run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from memorylab import files
from memorylab.adapters.table_cells import number
from memorylab.adapters.table_columns import plain
from memorylab.adapters.table_text import LARGEST, Cells, Header, Piece
from memorylab.core.runs.verdicts import is_baseline, verdict
from memorylab.tuples import NamedTuple

_SUFFIXES: Final = (".md", ".markdown")
_FEWEST: Final = 2  # headings of runs from which a file is such a log
_MOST_KEYS: Final = 60
_LONGEST_WORDS: Final = 4  # a longer piece of a heading is prose, and no verdict
_HEADING: Final = re.compile(r"(#{1,6})\s+(.*?)\s*#*$")
_NAME: Final = re.compile(
    r"(?:(?:run|exp|experiment|iter|iteration|trial|round|attempt|idea|cycle|generation|gen)\.?[\s#_-]*\d+\w*|#?\d+)\b",
    re.IGNORECASE,
)
_PIECES: Final = re.compile(r"\s+[—–-]\s+|\s*[:|()\[\]]\s*|,\s+")
_FIELD: Final = re.compile(r"^(?:[-*+]\s+)?(?:\*\*|__|`)?([^:*`|]{1,40}?)(?:\*\*|__|`)?\s*[:=]\s*(?:\*\*|__)?\s*(.+)$")
_ARROW: Final = re.compile(r"\s*(?:->|→|=>|⇒)\s*")
_STATUS: Final = ("status", "verdict", "decision", "outcome", "result", "kept")
_CHANGES: Final = ("description", "change", "changes", "key_change", "idea", "hypothesis", "what", "edit")


class _Section(NamedTuple):
    """What one heading and the lines under it say."""

    line: int
    name: str
    status: str
    title: str
    fields: dict[str, str]
    prose: str


def is_sections(path: Path) -> bool:
    """Whether a file is a log with a heading for each run, some with a verdict; one that can't be read is none."""
    if not path.name.casefold().endswith(_SUFFIXES):
        return False
    try:
        found = _sections(_lines(path))
    except OSError:
        return False
    return len(found) >= _FEWEST and sum(verdict(_status(one)) is not None for one in found) >= _FEWEST


def read_sections(path: Path) -> Iterator[Piece]:
    """The runs under one header: name, verdict, description, and every key that a run has."""
    found = _sections(_lines(path))
    keys = dict.fromkeys(key for one in found for key in one.fields if plain(key) not in (*_STATUS, *_CHANGES))
    names = list(keys)[:_MOST_KEYS]
    yield Header(found[0].line, ("run", "status", "description", *names), " ")
    for one in found:
        yield Cells(
            one.line, [one.name, _status(one), _description(one), *(_last(one.fields.get(key, "")) for key in names)]
        )


def _lines(path: Path) -> list[str]:
    return files.read_bounded(path, LARGEST).decode("utf-8-sig", "replace").splitlines()


def _sections(lines: Sequence[str]) -> list[_Section]:
    """The runs in the order of their headings; a table of runs among them is none of ours, and ends the search."""
    found: list[_Section] = []
    inside = False
    for number_, line in enumerate(lines, start=1):
        heading = _HEADING.fullmatch(line.strip())
        if heading is not None:
            one = _of_heading(number_, heading[2])
            inside = one is not None
            if one is not None:
                found.append(one)
        elif inside:
            cells = _cells(line)
            if len(cells) > 2:
                return []
            found[-1] = _with(found[-1], line, cells)
    return found


def _of_heading(line: int, text: str) -> _Section | None:
    """The run that a heading names, with its verdict and its title; None where it names none."""
    bare = text.strip("*_ ")
    pieces = [piece.strip(" *_`.-—–") for piece in _PIECES.split(bare)]
    pieces = [piece for piece in pieces if piece]
    at = next((n for n, piece in enumerate(pieces) if _named(piece)), None)
    if at is None:
        return None
    sign, name, rest = _apart(pieces[at])
    others = [piece for n, piece in enumerate(pieces) if n != at]
    told = next((piece for piece in others if len(piece.split()) <= _LONGEST_WORDS and _is_verdict(piece)), sign)
    title = " ".join(filter(None, [rest, *(piece for piece in others if piece != told)]))
    return _Section(line, name, told, title, {}, "")


def _named(piece: str) -> bool:
    return _NAME.match(_apart(piece)[1]) is not None


def _apart(piece: str) -> tuple[str, str, str]:
    """The sign before a run's name, the name, and what stands behind it."""
    found = re.match(r"(\W*?)\s*([\w#].*)", piece)
    sign, text = (found[1].strip(), found[2]) if found else ("", piece)
    name = _NAME.match(text)
    return sign, name[0] if name else "", text[name.end() :].strip() if name else text


def _is_verdict(piece: str) -> bool:
    """Whether a piece of a heading is a verdict or says that there is none yet."""
    if is_baseline(piece):
        return False  # it is what the run was
    return verdict(piece) is not None or piece.casefold().split()[0] in ("running", "pending", "skipped", "killed")


def _cells(line: str) -> list[str]:
    text = line.strip()
    if not text.startswith("|"):
        return []
    return [cell.strip().strip("*`").strip() for cell in text.strip("|").split("|")]


def _with(one: _Section, line: str, cells: Sequence[str]) -> _Section:
    text = line.strip()
    if len(cells) == 2:
        key, value = cells
    elif (field := _FIELD.match(text)) is not None and len(field[1].split()) <= _LONGEST_WORDS:
        key, value = field[1], field[2]
    else:
        plain_text = bool(text) and not cells and set(text) - set("-=*_ ") and not one.prose
        return one._replace(prose=text.strip("*_ ")) if plain_text else one
    if not key.strip("-: ") or (plain(key), plain(value)) == ("field", "value"):
        return one
    return one._replace(fields={key.strip(): value.strip().strip("*`").strip(), **one.fields})


def _status(one: _Section) -> str:
    if one.status:
        return one.status
    told = next((value for key, value in one.fields.items() if plain(key) in _STATUS), "")
    return told or (one.title if is_baseline(one.title) else "")


def _description(one: _Section) -> str:
    told = {plain(key): value for key, value in one.fields.items()}
    return one.title or next((told[name] for name in _CHANGES if told.get(name)), "") or one.prose


def _last(value: str) -> str:
    """What a value came to be: of "0.50 -> 0.53" the second."""
    parts = _ARROW.split(value)
    return parts[-1] if len(parts) > 1 and all(number(part) is not None for part in parts[-1:]) else value
