"""The signs of the progress chart, and the legend that says what they mean."""

from __future__ import annotations

from memorylab.render import labels

NARROW = 600
"""Below this width the legend has a row of its own and fewer names are shown."""


def legend(totals: dict[str, int], off: int, bests: int, sigma: float | None, width: int, estimate: bool) -> list[str]:
    """What the signs mean, with counts; only those that appear. At the right, or in a row of its own when narrow."""
    kept, discarded, crashed = (totals.get(status, 0) for status in ("keep", "discard", "crash"))
    entries = [
        ('<circle class="keep" cx="6" cy="-4" r="4"/>', f"{kept} kept", kept),
        ('<circle class="discard" cx="6" cy="-4" r="3"/>', f"{discarded} discarded", discarded),
        (f'<path class="crash" d="{cross(6, -4)}"/>', f"{crashed} crashed", crashed),
        ('<path class="off discard" d="M6 -7l4 6h-8z"/>', f"{off} off the scale", off),
    ]
    if width >= NARROW:
        entries += [
            ('<path class="best" d="M0 -4h12"/>', "best so far", bests),
            ('<rect class="band" y="-9" width="12" height="10"/>', "noise of one run", bests if sigma else 0),
            (f'<path class="estimate" d="{whisker(6, -9, 1)}"/>', "champion's true value, 90 %", int(estimate)),
        ]
    shown = [(sign, text, 28 + labels.text_width(text, 12)) for sign, text, there in entries if there]
    x, y = (max(12.0, width - sum(wide for *_, wide in shown)), 20) if width >= NARROW else (12.0, 42)
    parts = []
    for sign, text, wide in shown:
        if x + wide <= width + 12:
            parts.append(f'<g transform="translate({x:.0f} {y})">{sign}<text x="17" y="0">{text}</text></g>')
        x += wide
    return parts


def whisker(x: float, top: float, bottom: float) -> str:
    """The path of an interval."""
    return f"M{x - 4:.1f} {top:.1f}h8m-4 0V{bottom:.1f}m-4 0h8"


def cross(x: float, y: float) -> str:
    """The path of a crash."""
    return f"M{x - 3.5:.1f} {y - 3.5:.1f}l7 7m0 -7l-7 7"
