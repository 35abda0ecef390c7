"""The JSON interface: what the pages show, for programs. Its description is made from the same table as its routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from memorylab import __version__
from memorylab.errors import UsageError
from memorylab.lab.browsing import MOST, SORTS
from memorylab.lab.window import Window
from memorylab.records import ENDINGS, MODES, Run, RunView, text, texts
from memorylab.render import words
from memorylab.tuples import NamedTuple
from memorylab.web import answers, forms, live, shapes
from memorylab.web.schemas import Schemas

Params = Mapping[str, Any]
_PROBLEM = {
    "type": "object",
    "description": "Why there is no answer, and what to do about it.",
    "properties": {"error": {"type": "string"}, "hint": {"type": "string"}},
    "required": ["error", "hint"],
}
_HIDDEN = ("after", "rank", "words", "said", "root", "key")


class Parameter(NamedTuple):
    """A parameter of a call."""

    name: str
    about: str
    required: bool = False
    known: tuple[str, ...] = ()
    longest: int = forms.LONGEST
    """Characters."""


class Call(NamedTuple):
    """One call: its path, what it is for, what it takes and what answers it."""

    path: str
    about: str
    takes: tuple[Parameter, ...]
    answer: Callable[[Window, Params], Any]
    shape: Any
    """The type of the answer as JSON."""


def brief(run: RunView) -> dict[str, Any]:
    """A run of a list."""
    told = {name: value for name, value in run._asdict().items() if name not in _HIDDEN}
    return told | {"gain_over_base": words.gain_of(run), "tags": texts(run.tags)}


def _overview(window: Window, params: Params) -> dict[str, Any]:
    window.version()
    found = window.morning(forms.hours(params), 1_000)
    return found._asdict() | {"progress": [point._asdict() for point in found.progress]}


def _runs(window: Window, params: Params) -> dict[str, Any]:
    asked = forms.listing(params)
    page = window.runs(asked.wanted, asked.sort, asked.after, asked.before, asked.limit)
    runs = [brief(run) for run in page.runs]
    return {"runs": runs, "total": page.total, "exact": page.exact, "before": page.before, "after": page.after}


def _run(window: Window, params: Params) -> Any:
    return window.run(forms.text(params, "id"))


def _compare(window: Window, params: Params) -> dict[str, Any]:
    found = window.compare(forms.text(params, "a"), forms.text(params, "b"))
    return found._asdict() | {"measures": [measure._asdict() for measure in found.measures]}


def _lineage(window: Window, params: Params) -> dict[str, Any]:
    graph = window.lineage()
    ids = {node.run.seq: node.run.run_id for node in graph.nodes}
    nodes = [
        {
            **{name: getattr(node.run, name) for name in ("run_id", "commit", "value", "description", "depth")},
            "line": node.lane,
            "parent": ids.get(node.parent) if node.parent is not None else None,
            "tip": node.tip,
            "earlier": node.earlier,
        }
        for node in graph.nodes
    ]
    return {"nodes": nodes, "champion": ids.get(graph.champion) if graph.champion is not None else None}


def _knobs(window: Window, params: Params) -> Any:
    name = forms.text(params, "name")
    return window.knob(name) if name else {"knobs": window.knobs()}


def _check(window: Window, params: Params) -> Any:
    asked = forms.idea(params)
    return window.check(window.idea(*asked), forms.mode({"mode": text(params.get("mode"))}))


_ID = Parameter("id", "a run id, a commit, or the start of either", True)
_LISTING = (
    Parameter("q", "words, all of which must be in the description, hypothesis, notes, tags or knobs"),
    Parameter("status", "only these", known=ENDINGS),
    Parameter("family", "only this kind of idea"),
    Parameter("tag", "only runs with this tag"),
    Parameter("commit", "only runs on a commit that begins so"),
    Parameter("since", "only from this UTC date or time on", longest=40),
    Parameter("until", "only up to the end of this UTC date or time", longest=40),
    Parameter("knob", "only runs that changed this knob, by any of its names"),
    Parameter("direction", "the way in which they changed it", known=("up", "down")),
    Parameter("error", "only this kind of crash"),
    Parameter("arena", "only this arena, by its number"),
    Parameter("sort", "the order", known=SORTS),
    Parameter("after", "begin behind this page, by the name that it gave as `after`", longest=60),
    Parameter("before", "end before this page, by the name that it gave as `before`", longest=60),
    Parameter("limit", f"runs a page, 1 to {MOST} (50)"),
)
_IDEA = (
    Parameter("description", "what is tried, in a line", True, longest=forms.WORDS),
    Parameter("tags", "words to find it by, separated by commas", longest=forms.TAGS * (forms.TAG + 1)),
    Parameter("family", "kind of idea", longest=forms.TAG),
    Parameter("hypothesis", "why it should help", longest=forms.WORDS),
    Parameter("mode", "what repeats are for", known=MODES),
)

CALLS = (
    Call("/api/overview", "The morning report: champion, decisions, challengers, failures, the newest runs.",
         (Parameter("hours", "only the last hours (all)"),), _overview, answers.Overview),
    Call("/api/runs", "A page of runs under a filter.", _LISTING, _runs, answers.RunPage),
    Call("/api/run", "One run in full: its ledger row.", (_ID,), _run, Run),
    Call("/api/compare", "Two runs against each other: measurements and code.",
         (Parameter("a", "the first run", True), Parameter("b", "the second run", True)), _compare,
         answers.Compared),
    Call("/api/lineage", "The best lines of kept runs, back towards their roots.", (), _lineage, answers.Lineage),
    Call("/api/knobs", "The knobs that were tried, or one of them with each of its tries.",
         (Parameter("name", "one knob, by any of its names"),), _knobs, answers.Knobs | shapes.Knob),
    Call("/api/failures", "The largest groups of runs that failed alike.", (),
         lambda window, _: {"failures": window.failures()}, answers.Failures),
    Call("/api/noise", "How much one run varies by itself, and what was run more than once.", (),
         lambda window, _: window.noise(), answers.NoiseOf),
    Call("/api/check", "What history says of an idea; nothing is reserved.", _IDEA, _check, answers.Verdict),
    Call("/api/live", "How many runs there are, the newest, and the experiments that run now.", (),
         lambda window, _: live.state(window), answers.State),
)  # fmt: skip
"""All calls but the stream of events, each a GET; `/api/check` takes a POST with a JSON object too, and a `patch`."""


def required(call: Call, params: Params) -> None:
    """Refuse a call that lacks what it needs.

    Raises:
        UsageError: a required parameter is missing.

    """
    for parameter in call.takes:
        if parameter.required and not params.get(parameter.name):
            raise UsageError(f"{parameter.name} is missing", f"it is {parameter.about}")


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    schemas = Schemas()
    paths: dict[str, Any] = {call.path: {"get": _operation(call, schemas)} for call in CALLS}
    properties = {p.name: _schema(p) for p in _IDEA} | {
        "tags": {"type": "array", "maxItems": forms.TAGS, "items": {"type": "string", "maxLength": forms.TAG}},
        "patch": {
            "type": "string",
            "maxLength": forms.PATCH,
            "description": f"a unified diff of the files that experiments change, of at most {forms.LINES:,} lines",
        },
    }
    body = {"type": "object", "required": ["description"], "properties": properties}
    check = next(call for call in CALLS if call.path == "/api/check")
    paths["/api/check"]["post"] = _operation(check, schemas) | {
        "parameters": [],
        "operationId": "post_check",
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
    }
    stream = {"description": "events named `state`, each as /api/live", "content": {"text/event-stream": {}}}
    paths["/api/events"] = {
        "get": {"operationId": "events", "summary": "News, as they come.", "responses": {"200": stream}}
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "MemoryLab",
            "version": __version__,
            "description": "The research memory of a training loop, read-only.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas.components | {"Problem": _PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }  # fmt: skip


def _operation(call: Call, schemas: Schemas) -> dict[str, Any]:
    problem = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    found = {"application/json": {"schema": schemas.of(call.shape)}}
    taken = [
        {"name": p.name, "in": "query", "required": p.required, "description": p.about, "schema": _schema(p)}
        for p in call.takes
    ]
    return {
        "operationId": call.path.rpartition("/")[2],
        "summary": call.about,
        "parameters": taken,
        "responses": {
            "200": {"description": "found", "content": found},
            "400": {"description": "a parameter can't be what it is", "content": problem},
            "404": {"description": "there is no such thing", "content": problem},
            "413": {"description": "longer than what is read", "content": problem},
            "503": {
                "description": "not now: the index is being built, or many ask; see Retry-After",
                "content": problem,
            },
        },
    }


def _schema(parameter: Parameter) -> dict[str, Any]:
    more = {"enum": list(parameter.known)} if parameter.known else {"maxLength": parameter.longest}
    return {"type": "string"} | more
