from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from memorylab.render import markdown, markdown_report
from memorylab.render.escape import code, fence, link_target, one_line
from memorylab.render.escape import markdown as escaped
from tests.render import nights

HOSTILE = st.one_of(st.text(max_size=60), st.text("`|[]()<>!*_~$&#-+=1.:/\\ w\n", max_size=30))


def bare(text: str) -> str:
    """The text with a letter for each sign that a backslash has made harmless."""
    return re.sub(r"\\[!-/:-@\[-`{-~]", "x", text)


def packet(**more: Any) -> dict[str, Any]:
    return {
        "summary": "Keep: val_bpb 0.966700", "next_action": "replicate", "priority": "high", "rationale": ["noise"],
        "hypothesis_status": "inconclusive", "run": {"run_id": "r1", "description": "QK-norm", "hypothesis": "sharper"},
        "novelty": {"classification": "novel", "decision": "allow", "reason": "nothing close", "closest_run": "r0"},
        "comparison": {"metric": "val_bpb", "value": 0.9667, "prior_champion": {"run_id": "r0", "value": 0.967},
                       "gain_over_prior_champion": 0.0003, "probability_better_than_champion": 0.63,
                       "current_champion": {"run_id": "r1", "value": 0.9667}, "is_champion": True},
        "error": None, **more,
    }  # fmt: skip


@given(content=HOSTILE)
def test_escaped_text_opens_no_markup(content: str) -> None:
    left = bare(escaped(content))
    assert not re.search(r"[`*\[\]<>|~$]", left)
    assert not re.search(r"://|www\.", left, re.IGNORECASE)
    assert not re.match(r"[#+=-]|\d+[.)](\s|$)", left)


@given(content=HOSTILE)
def test_escaping_changes_nothing_that_a_reader_sees(content: str) -> None:
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", escaped(content)) == one_line(content)


def test_names_of_knobs_stay_readable() -> None:
    assert escaped("raise MATRIX_LR to 0.05 (+25 %)") == "raise MATRIX_LR to 0.05 (+25 %)"


@given(content=HOSTILE)
def test_a_fence_is_longer_than_any_run_of_backticks_inside(content: str) -> None:
    head, *body, foot = fence(content).split("\n")
    assert head == foot + "text"
    assert not any(line.strip().startswith(foot) for line in body)


def test_a_code_span_holds_plain_names_only() -> None:
    assert code("20260105T031522Z-a1b2c3d") == "`20260105T031522Z-a1b2c3d`"
    assert code("a`b|c") == "a\\`b\\|c"


def test_a_file_name_cannot_leave_its_link() -> None:
    assert link_target("a) b<c>.svg") == "a%29%20b%3Cc%3E.svg"


def test_the_packet_leads_with_action_and_summary() -> None:
    head, summary, then, *_ = markdown.packet(packet()).split("\n\n")
    assert head == "# replicate (high priority)"
    assert summary == "**Keep: val_bpb 0.966700**"
    assert then.startswith("Next: Run it again")


def test_the_packet_compares_with_the_champion() -> None:
    lines = markdown.packet(packet()).split("\n")
    assert "| champion before | 0.967000 | +0.000300 | 63 % | `r0` |" in lines
    assert "| champion now | 0.966700 | – | – | this run |" in lines


def test_the_packet_of_a_crash_keeps_the_log_inside_its_fence() -> None:
    error = {"summary": "boom", "kind": "exception", "source": "run.log", "tail": "````\n# not a heading\n```` x"}
    shown = markdown.packet(packet(error=error, comparison={}))
    assert "`````text\n````\n# not a heading\n```` x\n`````" in shown
    assert "## Comparison" not in shown


def test_every_row_of_a_table_has_as_many_cells_as_its_heading() -> None:
    shown = markdown_report.report(nights.report(nights.night(60, hostile=True)), "latest.svg")
    tables = re.findall(r"(?:^\|.*\|$\n?)+", shown, re.MULTILINE)
    assert len(tables) >= 4
    for found in tables:
        assert len({bare(line).count("|") for line in found.strip().split("\n")}) == 1


def test_a_hostile_night_brings_no_html_and_no_link_of_its_own() -> None:
    shown = bare(
        markdown_report.report(
            nights.report(nights.night(60, hostile=True), warnings=[nights.HOSTILE[0]]), "latest.svg"
        )
    )
    assert not re.search(r"<\w|</|<!", shown)
    assert re.findall(r"\]\([^)]*\)", shown) == ["](latest.svg)"]
    assert "\x1b" not in shown
    shown.encode()


def test_each_run_links_to_its_packet_its_log_and_its_diff() -> None:
    runs = nights.night(60, hostile=True)
    shown = markdown_report.report(nights.report(runs), None, nights.named(runs), "../runs")
    best = nights.report(runs).champion
    assert best is not None
    at = f"../runs/{best['run_id']}"
    assert f"[`{best['commit'][:7]}`]({at}/decision_packet.md) [log]({at}/run.log) [diff]({at}/train.patch)" in shown


def test_a_report_without_a_picture_draws_the_chart_in_characters() -> None:
    m = nights.report(nights.night(60))
    assert "```text\nval_bpb by run, lower is better" in markdown_report.report(m, None)
    assert "```" not in markdown_report.report(m, "latest.svg")


def test_sections_with_nothing_to_say_are_left_out() -> None:
    shown = markdown_report.report(nights.report([]), None)
    assert re.findall(r"^#.*", shown, re.MULTILINE) == ["# Research report, 2026-01-06 06:58 UTC"]
    assert "No runs yet." in shown


def test_the_report_names_runs_of_a_changed_judge() -> None:
    runs = [r._replace(integrity="modified") if r.seq == 59 else r for r in nights.night(60)]
    shown = markdown_report.report(nights.report(runs), None)
    assert re.search(r"\*\*Warning:\*\* .* can't lead: a protected file differs", shown)


def test_a_very_long_name_does_not_hide_what_the_headline_says() -> None:
    runs = [nights.run(1, "keep", 0.98, "A" * 5000)]
    shown = markdown_report.report(nights.report(runs), None)
    assert "with val_bpb 0.98" in shown
    assert max(len(line) for line in shown.split("\n")) < 1500
