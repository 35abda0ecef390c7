"""The templates and the words that they use; whatever is put into one is escaped, unless our own code drew it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from memorylab.core.numerals import loss, rough
from memorylab.core.runs.crash_kinds import ADVICE
from memorylab.core.runs.integrity import barred
from memorylab.records import finite
from memorylab.render import knob_plot, words
from memorylab.render.escape import block, one_line
from memorylab.web import pictures
from memorylab.web.forms import address

_HERE = Path(__file__).parent
MENU = (
    ("/", "overview", "Overview", "o"), ("/runs", "runs", "Runs", "r"), ("/live", "live", "Live", "l"),
    ("/check", "check", "Check an idea", "c"), ("/knobs", "knobs", "Knobs", "k"),
    ("/lineage", "lineage", "Lineage", "t"), ("/failures", "failures", "Failures", "f"),
    ("/noise", "noise", "Noise", "n"), ("/compare", "compare", "Compare", "v"),
)  # fmt: skip
"""The pages: address, name, words, and the key that leads there after `g`."""
_RUN_ID = r"\b\d{8}T\d{6}Z-[0-9a-z]+(?:-\d+)?\b"
STATUS_WORDS = {"keep": "kept", "discard": "discarded", "crash": "crashed", "starved": "starved"}
STATUS_MARKS = {"keep": "●", "discard": "○", "crash": "✕", "starved": "◌"}


def environment() -> Environment:
    """The templates, loaded once and not looked at again."""
    found = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(_filters())
    found.globals.update(
        address=address,
        menu=MENU,
        share=pictures.share,
        knob_picture=pictures.knob,
        curve=pictures.curve,
        knob_state=knob_plot.state,
        knob_untried=knob_plot.untried_words,
        actions=words.ACTIONS,
        advice=ADVICE,
        status_words=STATUS_WORDS,
        status_marks=STATUS_MARKS,
        barred=barred,
    )
    return found


def _filters() -> dict[str, Any]:
    return {
        "line": line,
        "linked": linked,
        "count": lambda count: f"{count:,}",
        "block": block,
        "number": lambda value, shown=None: shown.value(value) if shown else words.number(value),
        "rough": lambda value: words.NONE if finite(value) is None else rough(value),
        "apart": lambda difference, shown: shown.size(difference),
        "loss": loss,
        "brief": brief,
        "gain": words.gain,
        "percent": words.percent,
        "when": words.when,
        "name": words.name_of,
        "edit": words.edit,
        "field": words.field,
        "elsewhere": words.elsewhere,
        "setting": knob_plot.setting,
        "sigmas": knob_plot.sigmas,
        "step": words.step,
        "task": words.task,
        "sentence": lambda told: told[:1].upper() + told[1:],
        "action": lambda word: one_line(word, 40).replace("_", " "),
        "duration": duration,
        "price": words.duration,
        "size": size,
        "worth": words.worth,
        "mapping": words.mapping,
        "mappings": words.mappings,
    }


class Pages:
    """Renders pages."""

    def __init__(self) -> None:
        self._templates = environment()

    def page(self, name: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
        """A page from its template."""
        text = self._templates.get_template(name).render(values)
        return HTMLResponse(text.encode("utf-8", "replace"), status)


def line(value: object, limit: int = 0) -> str:
    """The value as one line, in which no number is parted from its per cent sign."""
    return re.sub(r"(?<=\d) %", "\u00a0%", one_line(value, limit))


def linked(value: object, limit: int = 0) -> Markup:
    """The value as one line in which a run's id leads to the run, the first time that it is named."""
    named: set[str] = set()

    def link(found: re.Match[str]) -> str:
        if found[0] in named:
            return found[0]
        named.add(found[0])
        return f'<a href="{address("/run", id=found[0])}">{found[0]}</a>'

    return Markup(re.sub(_RUN_ID, link, str(escape(line(value, limit)))))


def duration(seconds: object) -> str:
    """A length of time for people.

    >>> duration(42), duration(312.4), duration(600), duration(7380), duration(None)
    ('42 s', '5 min 12 s', '10 min', '2 h 3 min', '–')
    """
    x = finite(seconds)
    if x is None or x < 0:
        return words.NONE
    whole = int(x)
    if whole < 120:
        return f"{whole} s"
    big, unit, small, rest = (whole // 60, "min", whole % 60, "s") if whole < 7200 else (
        whole // 3600, "h", whole % 3600 // 60, "min")  # fmt: skip
    return f"{big} {unit} {small} {rest}" if small else f"{big} {unit}"


def brief(value: object, signed: bool = False) -> str:
    """A measurement other than the deciding one, to six digits; texts as they are.

    >>> brief(300.1), brief(45238.932), brief(953), brief(-2.5, True), brief(None)
    ('300.1', '45238.9', '953', '−2.5', '–')
    """
    if isinstance(value, str):
        return one_line(value, 60)
    x = finite(value)
    if x is None:
        return words.NONE
    told = words.number(x)
    return f"−{told[1:]}" if told.startswith("-") else f"+{told}" if signed and x > 0 else told


def size(count: int) -> str:
    """Bytes for people.

    >>> size(900), size(2048), size(5 << 20)
    ('900 B', '2 kB', '5.0 MB')
    """
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.0f} kB" if count < 1 << 20 else f"{count / (1 << 20):.1f} MB"
