from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memorylab.errors import UsageError
from memorylab.index.pages import Filter
from memorylab.lab import open_lab
from memorylab.lab.browsing import SORTS, Sort, browse
from memorylab.lab.context import Context
from memorylab.records import RunView

COMMITS = ["a1" * 20, "a2" * 20, "b7" * 20]
ROWS = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["keep", "discard", "crash"]),
        "description": st.sampled_from(
            ["raise MATRIX_LR to 0.08", "lower DEPTH to 6", "tie weights", "MATRIX_LR 0.02"]
        ),
        "metrics": st.fixed_dictionaries({"val_bpb": st.sampled_from([0.9, 0.95, 1.0, 1.01, None])}),
        "timestamp_utc": st.sampled_from([f"2026-01-0{day}T0{hour}:00:00Z" for day in (5, 6) for hour in (1, 2, 3)]),
        "tags": st.lists(st.sampled_from(["lr", "night one", "x"]), max_size=2, unique=True),
        "commit": st.sampled_from([*COMMITS, None]),
        "family": st.sampled_from(["optimizer", "width"]),
        "arena": st.sampled_from([{"metric": "val_bpb", "direction": "min", "device": d} for d in ("cpu", "H100")]),
        "error": st.sampled_from([{"summary": "s", "kind": "oom"}, {"summary": "s", "kind": "nan"}]),
    }
)
FILTERS = st.builds(
    Filter,
    words=st.sampled_from(["", "", "MATRIX_LR", "weights tie", "no such words", "…"]),
    status=st.sampled_from(["", "", "keep", "discard", "crash"]),
    family=st.sampled_from(["", "", "optimizer", "width", "none"]),
    tag=st.sampled_from(["", "", "", "lr", "night one", "one"]),
    commit=st.sampled_from(["", "", "", "a", "a1a1a1", COMMITS[2]]),
    since=st.sampled_from(["", "", "2026-01-05T02", "2026-01-06"]),
    until=st.sampled_from(["", "", "2026-01-05", "2026-01-06T01:00", "2025"]),
    knob=st.sampled_from(["", "", "", "MATRIX_LR", "DEPTH"]),
    direction=st.sampled_from(["", "", "up"]),
    error=st.sampled_from(["", "", "", "oom", "zzz"]),
    arena=st.sampled_from([None, None, 1, 2, 9]),
)


SIZES = st.integers(1, 7)


def matches(run: RunView, changed: dict[int, set[tuple[str, str | None]]], wanted: Filter) -> bool:
    """The filter by its meaning, without an index."""
    text = f"{run.description} {run.tags} {run.family}".lower()
    ways = {way for knob, way in changed.get(run.seq, set()) if knob == wanted.knob}
    return (
        all(word.lower() in text for word in wanted.words.split())
        and (not wanted.words or any(sign.isalnum() for sign in wanted.words))
        and wanted.status in ("", run.status)
        and wanted.family in ("", run.family)
        and (not wanted.tag or wanted.tag in run.tags.split(","))
        and (run.commit or "").startswith(wanted.commit)
        and run.timestamp_utc >= wanted.since
        and (not wanted.until or run.timestamp_utc[: len(wanted.until)] <= wanted.until)
        and (not wanted.knob or bool(ways))
        and (not (wanted.knob and wanted.direction) or wanted.direction in ways)
        and (not wanted.error or run.error_kind == wanted.error)
        and wanted.arena in (None, run.arena)
    )


def made(root: Path, rows: list[dict[str, Any]]) -> Context:
    lab = open_lab(root)
    lab.init()
    lab.context.ledger.append([{"run_id": f"r{number}", **row} for number, row in enumerate(rows)])
    lab.context.catch_up()
    return lab.context


@settings(max_examples=60)
@given(
    st.lists(ROWS, max_size=25), st.lists(FILTERS, min_size=4, max_size=8), st.sampled_from(SORTS), st.integers(1, 7)
)
def test_the_pages_laid_end_to_end_are_what_matches_in_order(
    rows: list[dict[str, Any]], filters: list[Filter], sort: Sort, size: int
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        context = made(Path(directory), rows)
        changed: dict[int, set[tuple[str, str | None]]] = {}
        for seq, knob, way in context.index.db.execute("SELECT seq, target, direction FROM edits"):
            changed.setdefault(seq, set()).add((knob, way))
        for wanted in filters:
            found: list[int] = []
            after, firsts = "", []
            while True:
                page = browse(context, wanted, sort=sort, after=after, limit=size)
                found += [run.seq for run in page.runs]
                firsts.append(page)
                if page.after is None:
                    break
                after = page.after
            arena = firsts[0].arena
            runs = [run for run in context.views().after(0) if matches(run, changed, wanted._replace(arena=arena))]
            if sort in ("best", "worst"):
                ranked = [run for run in runs if run.rank is not None] if arena is not None else []
                ranked.sort(key=lambda run: (run.rank or 0.0, run.seq), reverse=sort == "worst")
                expected = [run.seq for run in ranked]
            else:
                expected = [run.seq for run in runs][:: -1 if sort == "newest" else 1]
                assert firsts[0].total == len(expected) and firsts[0].exact
            assert found == expected
            for earlier, page in itertools.pairwise(firsts):
                assert page.before is not None
                assert browse(context, wanted, sort=sort, before=page.before, limit=size).runs == earlier.runs
        context.index.close()


def test_what_is_logged_meanwhile_moves_no_run_to_another_page(tmp_path: Path) -> None:
    row: dict[str, Any] = {"status": "keep", "description": "d", "metrics": {"val_bpb": 1.0}}
    context = made(tmp_path, [row] * 20)
    first = browse(context, Filter(), limit=8)
    context.ledger.append([{"run_id": f"new{number}", **row} for number in range(5)])
    context.catch_up()
    second = browse(context, Filter(), after=first.after or "", limit=8)
    assert [run.seq for run in first.runs + second.runs] == list(range(20, 4, -1))
    assert second.before is not None
    assert browse(context, Filter(), before=second.before, limit=8).runs == first.runs


@pytest.mark.parametrize("name", ["x", "1_2", "-1", "1e3", "²", "9" * 61, "nan_x"])
def test_a_page_that_no_page_named_is_refused(tmp_path: Path, name: str) -> None:
    context = made(tmp_path, [])
    with pytest.raises(UsageError):
        browse(context, Filter(), after=name)


def test_every_walk_goes_along_an_index(tmp_path: Path) -> None:
    context = made(tmp_path, [{"status": "keep", "description": "d", "metrics": {"val_bpb": 1.0}}])
    asked: list[str] = []
    context.index.db.set_trace_callback(asked.append)
    wanted = [
        *(Filter(), Filter(words="d"), Filter(status="keep"), Filter(family="x"), Filter(tag="t"), Filter(commit="a")),
        *(Filter(since="2026"), Filter(knob="k"), Filter(error="oom", arena=1), Filter(arena=1)),
    ]
    for one in wanted:
        for sort in SORTS:
            browse(context, one, sort=sort)
            browse(context, one, sort=sort, after="1.0_1" if sort in ("best", "worst") else "1")
    context.index.db.set_trace_callback(None)
    for sql in dict.fromkeys(one for one in asked if one.startswith("SELECT")):
        plan = [detail for *_, detail in context.index.db.execute(f"EXPLAIN QUERY PLAN {sql}")]
        for step in plan:
            along = "VIRTUAL TABLE" in step or "arenas" in step or step.startswith("SCAN (subquery")
            newest_of_all = step == "SCAN runs" and "ORDER BY runs.seq" in sql and "LIMIT" in sql
            assert not step.startswith("SCAN") or along or newest_of_all, (sql, plan)
