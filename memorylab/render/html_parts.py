"""What the sections of the HTML report are made of: tables, tiles, bars, tags, links to runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from memorylab.core.numerals import Digits
from memorylab.records import finite
from memorylab.render import words
from memorylab.render.appendix import Appendix, anchor, short
from memorylab.render.escape import html, one_line

STATUSES = ("keep", "discard", "crash")
WORDS = {"keep": "kept", "discard": "discarded", "crash": "crashed", "starved": "starved"}
INTERVAL_WIDTH = 150


def tile(title: str, big: str, lines: Sequence[str]) -> str:
    """A large word or number under a question, and what there is to say of it."""
    told = "".join(f"<p>{line}</p>" for line in lines if line)
    return f'<section class="tile"><h2>{title}</h2><p class="big">{big}</p>{told}</section>'


def section(title: str, body: str, kind: str = "", name: str = "") -> str:
    """A part of the page; links lead to its name."""
    named = f' id="{name}"' if name else ""
    return f"<section{named}{_class(kind)}><h2>{title}</h2>\n{body}</section>"


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def table(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "", note: str = "", name: str = ""
) -> str:
    """A table in a box that scrolls by itself; `>` marks a column of numbers, `*` the one that takes the room.

    Nothing without rows. On a phone each row is a card, in which every cell says what it is.
    """
    if not rows:
        return ""
    classes = [{">": "n", "*": "idea"}.get(head[:1], "") for head in heads]
    names = [head.lstrip(">*") for head in heads]
    head = "".join(f'<th scope="col"{_class(style)}>{name}</th>' for name, style in zip(names, classes, strict=True))
    body = ""
    for row in rows:
        cells = (
            f"<td{_class(f'{style} none'.strip() if cell == words.NONE else style)}{_named(name, style)}>{cell}</td>"
            for cell, name, style in zip(row, names, classes, strict=True)
        )
        body += f"<tr>{''.join(cells)}</tr>\n"
    drawn = f'<table class="{kind}"><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>'
    box = f'<div class="scroll" tabindex="0" role="region" aria-label="{title}">{drawn}</div>'
    return section(
        title, f'{box}\n<p class="note">{note}</p>' if note else box, f"{kind}-section" if kind else "", name
    )


def _named(name: str, style: str) -> str:
    return f' data-name="{name}"' if name and style != "idea" else ""


def bar(shares: Sequence[tuple[str, float]]) -> str:
    """Shares of a whole, side by side; what they are is said beside it."""
    parts = "".join(f'<i class="{kind}" style="--share:{100 * share:.1f}%"></i>' for kind, share in shares)
    return f'<span class="bar" aria-hidden="true">{parts}</span>'


def tag(word: object, kind: str) -> str:
    """A word in a coloured box."""
    return f'<span class="tag {kind}">{html(one_line(word, 40).replace("_", " "))}</span>'


def status(run: Mapping[str, Any]) -> str:
    """How a run ended."""
    told = one_line(run.get("status"), 20)
    return tag(WORDS.get(told, told), told if told in STATUSES else "")


def idea(run: Mapping[str, Any], more: object = None) -> str:
    """A run's name, with what there is to say of it below."""
    return html(words.name_of(run, 200)) + (f'<br><span class="note">{html(more, 500)}</span>' if more else "")


def run_link(run: Mapping[str, Any], named: Appendix) -> str:
    """A run's short name, which leads to what the page tells of it."""
    run_id = one_line(run.get("run_id"), 80)
    if not run_id:
        return ""
    shown = f'<code title="{html(run_id)}">{html(short(run_id, run.get("commit")))}</code>'
    return f'<a href="#{anchor(run_id)}">{shown}</a>' if run_id in named else shown


def linked(shown: str, name: str, run: Mapping[str, Any], named: Appendix) -> str:
    """Escaped text in which a run's name leads to what the page tells of it, where it does."""
    run_id = one_line(run.get("run_id"), 80)
    if run_id not in named or not name:
        return shown
    return shown.replace(html(name), f'<a href="#{anchor(run_id)}">{html(name)}</a>', 1)


class Scale:
    """One scale for the intervals of several candidates, drawn small in a table's column."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], shown: Digits) -> None:
        self._shown = shown
        ends = [x for row in rows for name in ("estimate_low", "estimate_high", "mean")
                if (x := finite(row.get(name))) is not None]  # fmt: skip
        self.low, self.high = min(ends, default=0.0), max(ends, default=0.0)

    def draw(self, row: Mapping[str, Any]) -> str:
        """The interval as a line, its middle a dot, and the measured mean a tick; the same in words for a reader."""
        low, middle, high = (finite(row.get(name)) for name in ("estimate_low", "estimate", "estimate_high"))
        if low is None or middle is None or high is None or self.high <= self.low:
            return words.NONE
        mean = finite(row.get("mean"))
        tick = f'<path class="mean" d="M{self._x(mean):.1f} 2v12"/>' if mean is not None else ""
        told = " to ".join(self._shown.span(low, high))
        return (
            f'<svg class="interval" viewBox="0 0 {INTERVAL_WIDTH} 16" role="img" aria-label="{told}">'
            f"<title>{told}</title>{tick}"
            f'<path class="span" d="M{self._x(low):.1f} 8H{self._x(high):.1f}"/>'
            f'<circle class="dot" cx="{self._x(middle):.1f}" cy="8" r="3.5"/></svg>'
        )

    def _x(self, value: float) -> float:
        value, low, high = value / 2, self.low / 2, self.high / 2  # a difference of halves never overflows
        return 5 + (INTERVAL_WIDTH - 10) * ((value - low) / (high - low))
