from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.decisions import decision
from memorylab.core.decisions import situation as situations
from memorylab.core.decisions.noise import Noise, probability_better
from memorylab.core.guard import novelty
from memorylab.core.numerals import digits
from memorylab.core.reading import ideas
from memorylab.records import NoveltyGuard
from memorylab.render import html, markdown_report, table, text, text_board, text_report, words
from memorylab.render.escape import one_line
from tests.render import nights

NOISE = Noise(0.0006, 9, 6)
ALIEN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)
FIELDS = (
    *("run_id", "timestamp_utc", "status", "description", "tags", "notes", "metrics", "error", "artifacts", "edits"),
    *("source", "integrity", "dirty", "decision_packet", "summary", "next_action", "priority", "rationale", "run"),
    *("comparison", "novelty", "hypothesis_status", "champion", "challengers", "best_lineages", "failure_clusters"),
    *("status_counts", "policy", "top_matches", "knobs", "p_keep", "match_count", "wins_lost"),
)
ROWS = st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, ALIEN))


def guard(**more: Any) -> NoveltyGuard:
    idea = ideas.make_idea("raise MATRIX_LR to 0.05")
    past: dict[str, Any] = dict.fromkeys(ideas.Past._fields)
    past.update(
        run_id="20260105T031522Z-a1b2c3d", status="discard", description=idea.description, family="optimizer",
        timestamp_utc="2026-01-05T03:15:22Z", edits=idea.edits, words=idea.words, value=0.9812, gain=-2.1, moved=(),
        in_base=False, seq=7,
    )  # fmt: skip
    found = novelty.judge(idea, [ideas.Past(**past)])
    return cast(NoveltyGuard, {**found, **more})


def packet(**more: Any) -> dict[str, Any]:
    before = situations.Reference("20260105T021522Z-b1b2c3d", "b1b2c3d", 0.9670)
    situation: dict[str, Any] = {
        "run_id": "20260105T031522Z-a1b2c3d", "commit": "a1b2c3d", "status": "keep", "description": "QK-norm gain 1.15",
        "family": "optimizer", "hypothesis": "sharper attention helps", "metric": "val_bpb", "direction": "min",
        "value": 0.9667, "runs": 1, "leads": False, "before": before, "base": before, "champion": before,
        "noise": NOISE, "guard": guard(), "error": None,
        "same_failures": 0, "integrity": "ok", "run_s": 300.0,
    }  # fmt: skip
    situation.update(more)
    return decision.decide(situations.Situation(**situation)).packet


CRASH = {"summary": "CUDA out of memory", "kind": "oom", "source": "run.log", "tail": "step 1\n```\n\x1b[31mOOM\x1b[0m"}


def everything(width: int, color: bool = False, hostile: bool = True) -> dict[str, str]:
    """Every document that the terminal shows, of a night with 60 runs."""
    runs = nights.night(60, hostile=hostile)
    name = nights.HOSTILE[4] if hostile else "QK-norm"
    m = nights.report(runs, warnings=[nights.HOSTILE[0]])
    row = {
        "run_id": "r",
        "status": "crash",
        "description": name,
        "metrics": {"depth": 8, "val_bpb": 0.9},
        "notes": name,
        "decision_packet": packet(status="crash", value=None, error=CRASH, description=name),
        "error": CRASH,
    }
    board = {"champion": m.champion, "challengers": m.challengers, "best_lineages": m.lineages,
             "failure_clusters": m.failures, "status_counts": m.counts}  # fmt: skip
    result = {"runs": 3, "keep": {"allow": 1}, "wins_lost": [{"description": name, "gain": 0.1}], "seconds_saved": 7200}
    return {
        "guard": text.guard(guard(p_keep=0.083, probe_text=name), width, color),
        "packet": text.packet(packet(description=name), width, color),
        "history": text.history(runs, "val_bpb", width, color),
        "run": text.run(row, width, color),
        "best": text_board.best(m.champion, m.challengers, width, color),
        "noise": text_board.noise(NOISE._asdict(), "val_bpb", width),
        "registry": text_board.registry(board, width, color),
        "replay": text_board.replay(result, width, color),
        "report": text_report.report(m, width, color),
    }


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_every_document_fits_the_terminal(width: int) -> None:
    wide = {
        name: line
        for name, document in everything(width).items()
        for line in document.split("\n")
        if table.cells(line) > width
    }
    assert not wide


def test_nothing_an_agent_wrote_reaches_the_terminal_as_an_escape() -> None:
    control = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
    assert not [name for name, document in everything(80).items() if control.search(document)]


@pytest.mark.parametrize("name", sorted(everything(80)))
def test_colours_change_nothing_but_colours(name: str) -> None:
    assert re.sub(r"\x1b\[[\d;]*m", "", everything(80, color=True)[name]) == everything(80)[name]


def test_the_guard_says_decision_and_class_in_its_first_line() -> None:
    first, second, *rest = text.guard(guard(p_keep=0.083), 100).split("\n")
    assert first == "block: duplicate_run (mode exploit)"
    assert second.startswith("  MATRIX_LR 0.05 was tried in 20260105T031522Z-a1b2c3d")
    assert "  P(keep)   8 % that such a run would be kept" in rest
    assert any(re.search(r"1\.00  discard  0\.9812  −2\.1 σ  raise MATRIX_LR to 0\.05", line) for line in rest)
    assert any("same knob, same value" in line for line in rest)


def test_an_unknown_probability_is_said_to_be_unknown_and_a_missing_one_is_not_mentioned() -> None:
    assert "  P(keep)   not known yet: no run has been judged here" in text.guard(guard(p_keep=None), 80).split("\n")
    older = guard(p_keep=0.5)
    del older["p_keep"]
    assert "P(keep)" not in text.guard(older, 80)


def test_the_packet_begins_with_what_to_do_and_what_happened() -> None:
    told = packet()
    first, second, *rest = text.packet(told, 120).split("\n")
    assert first == f"replicate ({told['priority']} priority)"
    assert second.startswith("Keep: val_bpb 0.9667, 0.0003 better than the champion")
    compared = next(line for line in rest if "champion, its base" in line)
    assert compared.split()[3:] == [
        *("0.9670", "+0.0003"),
        *f"{100 * told['comparison']['probability_better_than_champion']:.0f} %".split(),
        "20260105T021522Z-b1b2c3d",
    ]


def test_a_crash_shows_the_end_of_its_log_and_no_comparison() -> None:
    shown = text.packet(packet(status="crash", value=None, error=CRASH), 80)
    assert "CUDA out of memory (oom)" in shown
    assert "  │ OOM" in shown
    assert "against" not in shown


def test_the_history_keeps_idea_status_and_value_when_the_terminal_is_narrow() -> None:
    runs = [nights.run(1, "keep", 0.98, "raise the warm-up by half", base_value=0.99, next_action="promote")]
    assert text.history(runs, "val_bpb", 32).split("\n")[1] == "keep    0.980000  raise the war…"
    wide = text.history(runs, "val_bpb", 120).split("\n")[1].split()
    assert wide[3:6] == ["keep", "0.980000", "+0.010000"]
    assert wide[-1] == "promote"


def test_a_gain_is_positive_for_better_in_either_direction() -> None:
    lower = nights.run(1, "keep", 0.98, "", base_value=0.99)
    higher = nights.run(1, "keep", 0.98, "", base_value=0.99, rank=-0.98)
    unranked = nights.run(1, "keep", 0.98, "", base_value=0.99, rank=None)
    found = [words.gain_of(run) for run in (lower, higher, unranked)]
    assert found == [pytest.approx(0.01), pytest.approx(-0.01), None]


def test_an_empty_memory_says_so() -> None:
    assert text.history([], "val_bpb", 80) == "No runs."
    assert text_board.best(None, [], 80).startswith("No champion yet")
    assert text_board.noise({}, "val_bpb").startswith("val_bpb: nothing was measured yet")
    assert "No runs yet." in text_report.report(nights.report([]), 80)


def test_the_noise_names_the_gain_from_which_a_run_counts() -> None:
    shown = text_board.noise(NOISE._asdict(), "val_bpb")
    found = re.search(r"counts as real \(90 %\) from ([\d.]+)\.$", shown.replace("\n", " "))
    assert found is not None
    assert probability_better(float(found[1]), NOISE) == pytest.approx(0.9, abs=1e-2)


def test_the_report_tells_the_gain_of_the_period_and_its_chance() -> None:
    m = nights.report(nights.night(60))
    assert m.gained is not None and m.probability_gained is not None
    shown = " ".join(text_report.report(m, 80).split())
    sure = words.percent(m.probability_gained)
    assert (
        f"It bought a gain of {words.digits_of(m).size(m.gained)} over the champion before, {sure} that it is real"
        in shown
    )


def test_a_champion_of_several_runs_is_shown_as_their_mean() -> None:
    champion = {"mean": 0.98, "value": 0.97, "runs": 3, "state": "confirmed", "description": "x" * 90, "run_id": "r1"}
    first, *rest = text_board.best(champion, [], 40).split("\n")
    assert first == "0.980000  confirmed champion"
    assert "  The mean of 3 runs of its code." in rest


def test_a_champion_that_another_run_equals_is_not_to_be_built_on() -> None:
    told = words.belief(
        {"lead_over_next": -0.001, "probability_truly_best_of_two": 0.3, "state": "provisional"}, "min", digits(0.01)
    )
    assert "rerun" in told
    assert "%" not in told


@given(row=ROWS, width=st.integers(40, 120))
def test_rows_by_other_tools_may_hold_anything_anywhere(row: dict[str, Any], width: int) -> None:
    for show in (text.run, text.packet, text_board.registry, text_board.replay):
        assert max(table.cells(line) for line in show(row, width).split("\n")) <= width
    assert text.guard(cast(NoveltyGuard, row), width)


@given(content=st.text(), limit=st.integers(1, 50))
def test_one_line_is_one_printable_line_within_its_limit(content: str, limit: int) -> None:
    shown = one_line(content, limit)
    assert len(shown) <= limit
    assert len(shown.splitlines()) <= 1
    assert "\x1b" not in shown
    shown.encode()


@given(content=st.text(st.characters(codec="utf-8")), width=st.integers(20, 90))
def test_wrapping_keeps_every_sign_and_the_width(content: str, width: int) -> None:
    lines = table.wrap(one_line(content), width, "  ")
    assert max(table.cells(line) for line in lines) <= width
    assert "".join("".join(lines).split()) == "".join(content_ for content_ in one_line(content).split())


def test_arenas_that_are_not_compared_are_named_in_every_form() -> None:
    best = {"run_id": "r9", "description": "a *wider* head", "value": 0.9932}
    other = {"arena": {}, "words": "val_bpb (lower is better), imported from <old>.tsv", "champion": best,
             "status_counts": {"keep": 1, "discard": 2, "crash": 0}}  # fmt: skip
    found = nights.report(nights.night(10))._replace(others=[other])
    (told,) = words.others(found)
    assert told == "val_bpb (lower is better), imported from <old>.tsv: 3 runs, the best 0.9932: a *wider* head"
    assert words.OTHERS in text_report.report(found, 200) and told in text_report.report(found, 200)
    assert "&lt;old&gt;.tsv: 3 runs" in html.report(found, nights.named([]))
    assert "a \\*wider\\* head" in markdown_report.report(found, "latest.svg")


def test_the_terminal_room_starts_light() -> None:
    code = "import sys; import memorylab.render.text; print(*sys.modules)"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=root, capture_output=True, text=True, check=True)
    heavy = "asyncio logging inspect dataclasses textwrap string html urllib.parse unicodedata"
    ours = ("core.report.morning", "render.chart", "render.chart_text", "render.html", "render.markdown")
    assert not {*heavy.split(), *(f"memorylab.{name}" for name in ours)} & set(done.stdout.split())


def test_a_run_in_doubt_is_to_be_looked_into_and_no_crash() -> None:
    lead = nights.run(1, "keep", 0.9, "the base")
    doubted = {"integrity": "suspect", "next_action": "investigate_crash", "doubts": "score.sh was edited."}
    crashed = {"next_action": "investigate_crash", "error_kind": "unknown", "error_summary": "exit code 3"}
    runs = [lead, nights.run(2, "discard", 0.95, "half the points", **doubted)]
    told = nights.report(runs)
    for page in (text_report.report(told, 100), markdown_report.report(told, "a.svg"), html.report(told)):
        assert "investigate" in page and not re.search("investigate.crash", page)
    page = text_report.report(nights.report([*runs, nights.run(3, "crash", None, "no points", **crashed)]), 100)
    assert "investigate: half the points" in page and "investigate crash: no points" in page
