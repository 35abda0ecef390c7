"""Keeps autoresearch's own table, `results.tsv`, in step with the ledger and never touches a line it didn't write."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from memorylab import files
from memorylab.core.runs import redact
from memorylab.core.runs.crash_kinds import STARVED
from memorylab.records import STATUSES, RunView

STARVED_MARK = "(starved: no evidence)"
_COLUMNS = 5
_SMALL, _DROWNED = 1e-4, 1e9
"""Values outside are written in powers of ten."""
_LONGEST = 1 << 16
LARGEST = 256 << 20
"""Bytes of a table that is read: of two million runs."""


def header(metric: str) -> str:
    """The five columns of upstream's table."""
    return f"commit\t{redact.plain(metric)}\tmemory_gb\tstatus\tdescription\n"


def line(run: RunView) -> str:
    """A run as upstream writes it: a crash is 0.000000 and 0.0, every text is one line without tabs.

    Upstream's loop knows keep, discard and crash alone, and takes back what isn't kept: so a run that was starved is a
    discard there (a crash if it measured nothing), and its description says that it was none.

    Source: karpathy/autoresearch, program.md, "Logging results".
    """
    value = run.value if run.value is not None else 0.0
    memory = run.memory_gb if run.memory_gb is not None and run.value is not None else 0.0
    told = (run.commit or "-", run.status, run.description)
    if run.status == STARVED:
        told = (told[0], "crash" if run.value is None else "discard", f"{run.description} {STARVED_MARK}")
    commit, status, description = map(redact.plain, told)
    return f"{commit[:7] or '-'}\t{_value(value)}\t{_cell(memory, 1)}\t{status}\t{description}\n"


def _value(x: float) -> str:
    """The metric as it was recorded, to be read back to the last digit.

    With upstream's six decimals where they hold it, else with all that it has, in powers of ten where it is very large
    or small.
    """
    if x == 0:
        return f"{0:.6f}"  # a zero has no sign here
    told = f"{x:.6f}"
    if abs(x) < _DROWNED and float(told) == x:
        return told
    powers = next(told for digits in range(17) if float(told := f"{x:.{digits}e}") == x)
    return repr(x) if _SMALL <= abs(x) < _DROWNED else powers


def _was(x: float) -> str:
    """As it was written before it was held to the last digit."""
    told = f"{x:.6f}"
    if abs(x) >= _DROWNED:
        digits, _, power = f"{x:.14e}".partition("e")
        return f"{digits.rstrip('0').rstrip('.')}e{power}"
    return told if x == 0 or abs(x) >= 1e-2 or abs(float(told) - x) <= 1e-6 * abs(x) else f"{x:.15g}"


def _cell(x: float, decimals: int, least: float = 0.0) -> str:
    """A number with upstream's decimals; in powers of ten what they would drown in digits, or make a crash's 0."""
    return f"{x:.{decimals}f}" if x == 0 or least <= abs(x) < 1e9 else f"{x:.9g}"


def _forms(run: RunView) -> tuple[bytes, ...]:
    """A run's line as it is written now, and as it was before numbers kept all their digits."""
    now = line(run).rstrip("\n")
    first, _, rest = now.split("\t", 2)
    x = run.value or 0.0
    return now.encode(), *("\t".join((first, was, rest)).encode() for was in (_was(x), _cell(x, 6, 1e-5)))


def is_ours(path: Path) -> bool:
    """Whether a table has upstream's columns, whatever its metric; one of others is theirs to write to.

    One without a header, or without anything, is taken for ours if its rows could be.
    """
    try:
        with files.open_regular(path) as file:
            first = file.readline(_LONGEST).decode("utf-8-sig", "replace").rstrip("\r\n")
    except OSError:
        return True  # none, or none to be read: whoever writes says what is wrong
    cells = [cell.strip().casefold() for cell in first.split("\t")]
    if not first.strip():
        return True
    if cells[0] == "commit":
        return len(cells) == _COLUMNS and cells[2:] == ["memory_gb", "status", "description"]
    return len(cells) == _COLUMNS and cells[3] in STATUSES


def create(path: Path, metric: str) -> bool:
    """Write the header if there is no table yet; returns whether there was none."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(header(metric))
    except FileExistsError:
        return False
    return True


def append(path: Path, runs: Iterable[RunView]) -> int:
    """Append runs, on lines of their own even behind a file without a final newline; returns the file's new size."""
    text = "".join(line(run) for run in runs)
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if text:
            if size:
                file.seek(size - 1)
                text = text if file.read(1) == b"\n" else "\n" + text
            file.write(text.encode())
        return file.seek(0, os.SEEK_END)


def missing(path: Path, runs: Iterable[RunView]) -> list[RunView]:
    """The runs that the table has no line for, told by the line's text; used when somebody else wrote to it."""
    with files.open_regular(path, LARGEST) as file:
        present = Counter(row.rstrip(b"\r\n") for row in file)
    lacking = []
    for run in runs:
        text = next((form for form in _forms(run) if present[form] > 0), None)
        if text is not None:
            present[text] -= 1
        else:
            lacking.append(run)
    return lacking


def replace(path: Path, before: RunView, after: RunView) -> None:
    """Put a run's new line in place of its old one, in one step, and touch no other line."""
    rows = files.read_bounded(path, LARGEST).split(b"\n")
    old = next((form for form in _forms(before) if form in (row.rstrip(b"\r") for row in rows)), None)
    if old is not None:
        at = next(number for number, row in enumerate(rows) if row.rstrip(b"\r") == old)
        rows[at] = _forms(after)[0]
        files.write_atomic(path, b"\n".join(rows))


def foreign(path: Path, runs: Iterable[RunView]) -> int:
    """How many of the table's lines are neither runs of the ledger nor were imported from it."""
    with path.open("rb") as file:
        present = Counter(row.rstrip(b"\r\n") for row in file if row.count(b"\t") >= 4)
    total = present.total() - any(row.startswith(b"commit\t") for row in present)
    for run in runs:
        text = next((form for form in _forms(run) if present[form] > 0), None)
        if run.source == path.name:
            total -= 1
        elif text is not None:
            present[text] -= 1
            total -= 1
    return max(total, 0)


def rewrite(path: Path, metric: str, runs: Iterable[RunView]) -> int:
    """Write the whole table anew, in one step; returns its size."""
    files.write_atomic(path, header(metric) + "".join(line(run) for run in runs))
    return path.stat().st_size
