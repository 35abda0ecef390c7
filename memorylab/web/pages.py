"""The pages: each asks the window for what it shows and hands it to its template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from memorylab.adapters.campaigns import called
from memorylab.core.numerals import Digits, digits
from memorylab.core.runs import arenas, crash_kinds
from memorylab.errors import InputError
from memorylab.lab.window import Window
from memorylab.records import ENDINGS, MODES, STATUSES, Run, RunView, measured, text, texts
from memorylab.render import words
from memorylab.tuples import NamedTuple
from memorylab.web import archive, forms, highlight, jsonable, overview, pictures
from memorylab.web.overview import Overview
from memorylab.web.templating import Pages

Params = Mapping[str, str]
_LOG_BYTES = 24 << 10
_TITLES = {404: "Not found", 500: "Something went wrong", 503: "Not ready"}
_SHOWN_LOG = 60
"""Lines of a log's end that a run's page shows."""


class Shown(NamedTuple):
    """A page: the template, its title, where it stands in the menu, and what it says."""

    template: str
    title: str
    place: str
    values: dict[str, Any]


Page = Callable[[Window, Params], Shown]


class Site:
    """All pages by their path."""

    def __init__(self, templates: Pages) -> None:
        self._templates = templates
        self._overview = Overview()
        self.paths: dict[str, Page] = {
            "/": self._overview_page,
            "/runs": _runs,
            "/run": self._run_page,
            "/compare": _compare,
            "/lineage": _lineage,
            "/knobs": _knobs,
            "/failures": _failures,
            "/noise": _noise,
            "/check": _check,
            "/live": _live,
            "/help": _help,
        }

    def answer(self, path: str, window: Window, params: Params) -> Response:
        """The page at a path."""
        shown = self.paths[path](window, params)
        version = window.version()
        common = {
            "title": shown.title,
            "place": shown.place,
            "metric": window.metric,
            "lower": window.context.config.direction != "max",
            "total": window.size(),
            "version": version,
            "running": window.running(),
            "params": params,
        }
        return self._templates.page(shown.template, common | shown.values)

    def problem(self, message: str, hint: str, status: int) -> Response:
        """What a page says where there is nothing to show."""
        values = {"title": _TITLES.get(status, "Not understood"), "message": message, "hint": hint}
        empty: dict[str, Any] = {
            "place": "",
            "metric": "",
            "total": None,
            "version": 0,
            "running": [],
            "params": {},
            "lower": True,
        }
        return self._templates.page("error.html", empty | values, status)

    def warm(self, window: Window) -> None:
        """Draw the overview before anybody asks for it."""
        self._overview.of(window, None, False)

    def _overview_page(self, window: Window, params: Params) -> Shown:
        every = params.get("chart") == "all"
        return Shown("overview.html", "Overview", "overview", self._overview.of(window, forms.hours(params), every))

    def _run_page(self, window: Window, params: Params) -> Shown:
        shown = _run(window, params)
        around = shown.values["around"]
        m = self._overview.of(window, None, False)["m"]
        return shown._replace(values=shown.values | overview.standing(window, m, around))


def _runs(window: Window, params: Params) -> Shown:
    asked = forms.listing(params)
    page = window.runs(asked.wanted, asked.sort, asked.after, asked.before, asked.limit)
    nothing = not page.runs and asked.wanted.words and not (asked.after or asked.before)
    closest = window.closest(asked.wanted.words) if nothing else []
    state = {name: params.get(name, "") for name in (*forms.FILTERS, "sort", "limit", "compare")}
    picked = forms.text(params, "compare")
    return Shown(
        "runs.html",
        "Runs",
        "runs",
        {
            "page": page,
            "picked": window.run(picked) if picked else None,
            "closest": closest,
            "digits": words.digits_by_arena([*page.runs, *closest], window.sigmas([*page.runs, *closest])),
            "state": state,
            "knob": window.called(state["knob"]),
            "filtered": any(state[name] for name in forms.FILTERS),
            "more": any(state[name] for name in forms.FILTERS[3:]),
            "sort": asked.sort,
            "statuses": ENDINGS,
            "families": window.families(),
            "arenas": [(arena.id, arenas.describe(arena.arena)) for arena in window.arenas()],
            "gain_of": words.gain_of,
            "first": page.before is None,
        },
    )


def _run(window: Window, params: Params) -> Shown:
    whole = window.run(forms.text(params, "id"))
    row, run_id = jsonable.clipped(whole), str(whole.get("run_id") or "")
    around = window.around(run_id)
    left = window.archived(whole, _LOG_BYTES)
    lines = left.log.split("\n")
    best = window.champion()
    packet = words.mapping(row.get("decision_packet"))
    guard = words.mapping(row.get("novelty_guard"))
    return Shown(
        "run.html",
        words.name_of(row, 80),
        "runs",
        {
            "row": row,
            "run_id": run_id,
            "around": around,
            "digits": _digits(window, [around.view, *around.reruns, *around.children] if around else []),
            "gain_of": words.gain_of,
            "champion": best,
            "packet": packet,
            "rationale": texts(packet.get("rationale")),
            "comparison": words.comparison(packet),
            "guard": guard,
            "tags": texts(row.get("tags")),
            "metrics": [item for item in words.mapping(row.get("metrics")).items() if item[1] is not None][:60],
            "diff": highlight.patch(left.patch) if left.patch else [],
            "log": "\n".join(lines[-_SHOWN_LOG:]),
            "log_lines": min(len(lines), _SHOWN_LOG),
            "curve_points": [(p.step, p.loss) for p in left.progress if p.step is not None and p.loss is not None],
            "files": left.sizes,
            "sent": archive.WHOLE,
            "error": words.mapping(row.get("error")),
            **_judged_by(window, whole),
        },
    )


def _judged_by(window: Window, row: Run) -> dict[str, Any]:
    """By what the run was judged: one of another arena or campaign may have another metric than those that lead."""
    arena = words.mapping(row.get("arena"))
    metric = text(arena.get("metric")) or window.metric
    lower = text(arena.get("direction")) or window.context.config.direction
    campaign = called(arenas.campaign_of(row))
    return {"metric": metric, "lower": lower != "max", "campaign": campaign, "value": measured(row, metric)}


def _compare(window: Window, params: Params) -> Shown:
    a, b = forms.text(params, "a"), forms.text(params, "b")
    if not (a and b):
        values: dict[str, Any] = {"found": None, "champion": window.champion(), "diff": []}
    else:
        found = window.compare(a, b)
        found = found._replace(a=jsonable.clipped(found.a), b=jsonable.clipped(found.b), measures=found.measures[:200])
        seen = [around.view for name in (a, b) if found.comparable and (around := window.around(name))]
        shown = _digits(window, seen)
        values = {"found": found, "digits": shown, "diff": highlight.patch(found.diff) if found.diff else []}
    recent = window.runs(forms.listing({}).wanted, limit=20).runs
    return Shown("compare.html", "Compare two runs", "compare", values | {"a": a, "b": b, "recent": recent})


def _lineage(window: Window, params: Params) -> Shown:
    graph = window.lineage()
    values = {"graph": graph, "nodes": graph.nodes[::-1], "lines": pictures.lines(graph), "gain_of": words.gain_of}
    runs = [node.run for node in graph.nodes]
    values["digits"] = words.digits_by_arena(runs, window.sigmas(runs))
    return Shown("lineage.html", "Lineage", "lineage", values)


def _knobs(window: Window, params: Params) -> Shown:
    name = forms.text(params, "name")
    if name:
        values = _knob(window, name)
        return Shown("knob.html", f"Knob {values['knob']['knob'][:40]}", "knobs", values)
    return Shown("knobs.html", "Knobs", "knobs", {"knobs": window.knobs()})


def _knob(window: Window, name: str) -> dict[str, Any]:
    knob = window.knob(name)
    return {"knob": knob, "digits": digits(window.noise()["sigma"], *(one["value"] for one in knob["tries"]))}


def _digits(window: Window, runs: Sequence[RunView]) -> Digits:
    """How the values of runs of one arena, the first one's, are written; without a noise for none."""
    if not runs:
        return digits(None)
    sigmas = window.sigmas(runs[:1])
    return digits(sigmas.get(runs[0].arena), *(x for run in runs for x in (run.value, run.base_value)))


def _failures(window: Window, params: Params) -> Shown:
    found = window.failures()
    crashes = [row for row in found if row["kind"] == "crash"]
    values = {"crashes": _by_error(crashes), "discards": [row for row in found if row["kind"] == "discard"]}
    most = {kind: max((row["count"] for row in found if row["kind"] == kind), default=1) for kind in STATUSES}
    return Shown("failures.html", "What keeps failing", "failures", values | {"most": most})


class Alike(NamedTuple):
    """Crashes of one kind, by what was changed."""

    error: str
    advice: str
    said: str
    """The message that all of them ended in; empty where they differ."""
    rows: list[dict[str, Any]]
    """Each with `said`, its own message."""


def _by_error(crashes: list[dict[str, Any]]) -> list[Alike]:
    """Groups of crashes by their kind, so that what is common to them is said once."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for row in crashes:
        error = row["cluster"].partition("\t")[0]
        said = row["cause"].removesuffix(crash_kinds.ADVICE.get(error, "")).removesuffix(": ")
        kinds.setdefault(error, []).append(row | {"said": said})
    found = []
    for error, rows in kinds.items():
        messages = {row["said"] for row in rows}
        found.append(
            Alike(error, crash_kinds.ADVICE.get(error, ""), messages.pop() if len(messages) == 1 else "", rows)
        )
    return found


def _noise(window: Window, params: Params) -> Shown:
    found = window.noise()
    noise = words.noise_of(found)
    said = words.noise_words(noise) if noise else ""
    means = digits(found["sigma"], *(row["mean"] for row in found["repeated"]))
    return Shown("noise.html", "Noise", "noise", {"noise": found, "said": said, "digits": means})


def _check(window: Window, params: Params) -> Shown:
    asked, mode = forms.idea(params), forms.mode(params)
    guard = None
    if asked.description:
        idea = window.idea(*asked._replace(patch=""))
        if not idea.description:
            raise InputError("the description says nothing", "say in a few words what the run will try")
        guard = window.check(idea, mode)
    values = {"guard": guard, "description": asked.description, "mode": mode or "", "modes": MODES}
    return Shown("check.html", "Check an idea", "check", values)


def _live(window: Window, params: Params) -> Shown:
    return Shown("live.html", "Running now", "live", {"claims": window.claims(), "last": window.last()})


def _help(window: Window, params: Params) -> Shown:
    return Shown("help.html", "Help", "help", {})
