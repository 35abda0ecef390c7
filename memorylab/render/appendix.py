"""The runs that a report names, told in full at its end: what was decided, the end of the log, the diff."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zlib import crc32

from memorylab.core.numerals import Digits
from memorylab.records import RunView, text, texts
from memorylab.render import words
from memorylab.render.escape import block, html, html_raw, link_target, one_line, opening
from memorylab.render.words import plural
from memorylab.tuples import NamedTuple

LOG_LINES = 15
PATCH_LINES = 120
LONGEST = 600
FILES = {"decision_packet.md": "packet", "run.log": "log", "train.patch": "diff"}
"""The files of an archive that a page links to, by name, and what they are called there."""


class Detail(NamedTuple):
    """A run in full."""

    run: RunView
    packet: Mapping[str, Any]
    log: str
    """The end of it."""
    patch: str
    files: tuple[str, ...]
    """What its archive holds."""


Appendix = dict[str, Detail]


def anchor(run_id: str) -> str:
    """A run's place in the page; ids come from anywhere, so that only plain signs are kept."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", run_id)[:80]
    return f"run-{plain}" if plain == run_id else f"run-{plain}-{crc32(run_id.encode('utf-8', 'replace')):08x}"


def short(run_id: object, commit: object) -> str:
    """A run's name where room is scarce: seven digits of its commit, else its id."""
    digits = one_line(commit, 40)[:7]
    return digits if re.fullmatch(r"[0-9a-f]{7}", digits) else one_line(run_id, 40)


def links(run_id: str, named: Appendix, at: str | None) -> list[tuple[str, str]]:
    """(name, target) of the files in a run's archive, from a page that sees the archives at `at`."""
    detail = named.get(run_id)
    if detail is None or at is None:
        return []
    directory = f"{at}/{run_id}"
    return [(name, link_target(f"{directory}/{file}")) for file, name in FILES.items() if file in detail.files]


def section(named: Appendix, at: str | None, shown: Digits) -> str:
    """The runs as folded parts of an HTML page; a link to one opens it."""
    return "\n".join(_run(run_id, detail, named, at, shown) for run_id, detail in named.items())


def _run(run_id: str, detail: Detail, named: Appendix, at: str | None, shown: Digits) -> str:
    run, packet = detail.run, detail.packet
    told = "no value"
    if run.value is not None:
        told = f"{shown.value(run.value)}, {shown.signed(words.gain_of(run))} over its base"
    head = (
        f"<summary><code>{html(short(run_id, run.commit))}</code> {html(run.description, 160) or html(run_id, 60)} "
        f'<span class="note">{html(run.status, 20)}, {told}</span></summary>'
    )
    files = " · ".join(f'<a href="{html_raw(target)}">{name}</a>' for name, target in links(run_id, named, at))
    when = html(words.when(run.timestamp_utc, full=True))
    parts = [f'<p class="note">{html(run_id, 80)} · {when} UTC{f" · files: {files}" if files else ""}</p>']
    summary = html(packet.get("summary"), LONGEST)
    parts += [f"<p>{summary}</p>"] if summary else []
    reasons = "".join(f"<li>{html(reason, LONGEST)}</li>" for reason in texts_of(packet.get("rationale")))
    parts += [f"<ul>{reasons}</ul>"] if reasons else []
    parts += _log(detail.log) + _patch(detail.patch)
    return f'<details class="run">{head}<div id="{anchor(run_id)}">{"".join(parts)}</div></details>'


def texts_of(value: object) -> list[str]:
    """The texts of a list; a text with commas is one."""
    return texts(value) if isinstance(value, list) else [text(value)] if text(value) else []


def _log(log: str) -> list[str]:
    lines = [line for line in block(log).split("\n") if line.strip()][-LOG_LINES:]
    return [f"<h3>End of the log</h3><pre>{html_raw(chr(10).join(lines))}</pre>"] if lines else []


def _patch(patch: str) -> list[str]:
    """The diff, its lines marked by what they do and not by colour alone: the signs stay."""
    lines, more = opening(patch, PATCH_LINES, 200)
    if not any(lines):
        return []
    marked = (f'<span class="{kind}">{html_raw(line)}</span>' if (kind := _kind(line)) else html_raw(line)
              for line in lines)  # fmt: skip
    rest = f'<p class="note">{plural(more, "more line")}</p>' if more else ""
    return [f"<h3>Diff</h3><pre>{chr(10).join(marked)}</pre>{rest}"]


def _kind(line: str) -> str:
    if line.startswith(("+++", "---", "diff ", "index ")):
        return "meta"
    return {"+": "plus", "-": "minus", "@": "meta"}.get(line[:1], "")
