"""The signs of the progress chart, and the legend that says what they mean."""

from __future__ import annotations

from memorylab.render import labels
from memorylab.tuples import NamedTuple

NARROW = 600
"""Below this width a chart is drawn for a phone: fewer and shorter names."""
ROW = 20
"""Pixels from one row of the legend to the next."""


class Shown(NamedTuple):
    """What a chart shows: runs by status, how many repeat another or are off the scale, and which marks beside them."""

    totals: dict[str, int]
    again: int
    off: int
    line: bool
    band: bool
    estimate: bool


def legend(shown: Shown, width: int, title: float) -> tuple[list[str], int]:
    """What the signs mean, with counts: every mark that is drawn. Beside the title of this width, or in rows below it.

    Returns the parts of the drawing and how many rows they take below the title.
    """
    entries = [(sign, text, 28 + labels.text_width(text, 12)) for sign, text in _entries(shown)]
    whole = sum(wide for *_, wide in entries)
    beside = title + 12 + whole <= width
    x, y = (width - whole, 20.0) if beside else (12.0, 20.0 + ROW)
    parts = []
    for sign, text, wide in entries:
        if not beside and x > 12 and x + wide > width + 12:
            x, y = 12.0, y + ROW
        parts.append(f'<g transform="translate({x:.0f} {y:.0f})">{sign}<text x="17" y="0">{text}</text></g>')
        x += wide
    return parts, 0 if beside or not parts else int(y - 20) // ROW


def _entries(shown: Shown) -> list[tuple[str, str]]:
    kept, discarded, crashed = (shown.totals.get(status, 0) for status in ("keep", "discard", "crash"))
    entries = [
        ('<circle class="keep" cx="6" cy="-4" r="4"/>', f"{kept - shown.again:,} kept", kept - shown.again),
        ('<circle class="keep again" cx="6" cy="-4" r="3.5"/>', f"{shown.again:,} run again", shown.again),
        ('<circle class="discard" cx="6" cy="-4" r="3"/>', f"{discarded:,} discarded", discarded),
        (f'<path class="crash" d="{cross(6, -4)}"/>', f"{crashed:,} crashed", crashed),
        ('<path class="off discard" d="M6 -7l4 6h-8z"/>', f"of them {shown.off:,} off the scale", shown.off),
        ('<path class="best" d="M0 -4h12"/>', "best single run so far", shown.line),
        ('<rect class="band" y="-9" width="12" height="10"/>', "noise of one run", shown.band),
        (f'<path class="estimate" d="{whisker(6, -9, 1)}"/>', "champion's true value, 90 %", shown.estimate),
    ]
    return [(sign, text) for sign, text, there in entries if there]


def whisker(x: float, top: float, bottom: float) -> str:
    """The path of an interval."""
    return f"M{x - 4:.1f} {top:.1f}h8m-4 0V{bottom:.1f}m-4 0h8"


def cross(x: float, y: float) -> str:
    """The path of a crash."""
    return f"M{x - 3.5:.1f} {y - 3.5:.1f}l7 7m0 -7l-7 7"


def triangle(x: float, y: float, up: bool) -> str:
    """The path of a run off the scale, which points to where it is."""
    return f"M{x:.1f} {y:.1f}l4 {6 if up else -6}h-8z"
