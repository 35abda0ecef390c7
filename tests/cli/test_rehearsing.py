"""Holds `replay` with rules, chart and tuning, as a user calls it on small ledgers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from memorylab.cli.rehearsing import RULES
from memorylab.core.guard import rivals
from memorylab.core.guard.tuning import BELOWS, THRESHOLDS
from memorylab.lab.rehearsal import Settings, cases, judged, read
from tests.conftest import Shell

HEAD = "commit\tval_bpb\tmemory_gb\tstatus\tdescription\n"
ROWS = [
    ("keep", 1.0, "baseline"),
    ("discard", 1.1, "MATRIX_LR 0.04 to 0.06"),
    ("keep", 0.9, "depth 8 to 9"),
    ("discard", 1.2, "MATRIX_LR 0.04 to 0.06"),
    ("discard", 1.2, "MATRIX_LR 0.04 to 0.08"),
    ("keep", 0.8, "MATRIX_LR 0.04 to 0.05"),
    ("crash", 0.0, "double model width"),
]
CONTRACT = {
    "ledger", "mode", "threshold", "metric", "direction", "runs", "keep", "discard", "crash", "classifications",
    "wins_lost", "gain_total", "gain_lost", "runs_saved", "seconds_saved", "rows",
}  # fmt: skip
TALLY = CONTRACT - {"ledger", "mode", "threshold", "metric", "direction", "rows"}


def table(rows: list[tuple[str, float, str]]) -> str:
    return HEAD + "".join(f"{n:07x}\t{v:.6f}\t4.0\t{status}\t{text}\n" for n, (status, v, text) in enumerate(rows))


@pytest.fixture
def night(tmp_path: Path) -> Shell:
    """A directory without a workspace, with two ledgers."""
    (tmp_path / "night.tsv").write_text(table(ROWS))
    (tmp_path / "other.tsv").write_text(table(ROWS[:4]))
    return Shell(tmp_path)


def test_one_ledger_without_new_options_prints_the_contract_and_nothing_else(night: Shell) -> None:
    found = night.json("replay", "night.tsv")
    assert set(found) == CONTRACT
    assert set(found["rows"][0]) == {"row", "status", "classification", "decision", "p_keep", "match"}
    assert {*map(frozenset, night.json("replay", "night.tsv", "other.tsv"))} == {frozenset(CONTRACT)}


def test_rules_of_other_tools_stand_beside_ours(night: Shell) -> None:
    plain, found = night.json("replay", "night.tsv"), night.json("replay", "night.tsv", "--rules", "family,exact")
    assert list(found["rules"]) == ["ours", "family", "exact"]
    assert {name: found[name] for name in CONTRACT} == plain
    assert found["rules"]["ours"] == {name: plain[name] for name in TALLY}
    assert all(set(tally) == TALLY for tally in found["rules"].values())
    assert found["rules"]["exact"]["discard"]["block"] == 1
    assert found["rules"]["exact"]["keep"]["block"] == 0
    family = found["rules"]["family"]
    assert [win["row"] for win in family["wins_lost"]] == [5]
    assert family["gain_lost"] == pytest.approx(0.1)


def test_all_rules_and_a_table_that_names_them(night: Shell) -> None:
    assert set(night.json("replay", "night.tsv", "--rules", "all")["rules"]) == {"ours", *rivals.RULES} == set(RULES)
    shown = night.ok("replay", "night.tsv", "--rules", "all")
    for words in ("ours", "reference", "family", "exact", "wins lost", "1 of 3", "25.0 %  1 of 4", "blocks right"):
        assert words in shown


def test_several_ledgers_are_a_line_each_and_a_total(night: Shell) -> None:
    again = [("keep", 1.0, "baseline"), ("discard", 1.1, "DEPTH 8 to 9"), ("keep", 0.9, "DEPTH 8 to 9")]
    (night.root / "other.tsv").write_text(table([*again, ("discard", 0.95, "WARMUP 0.1 to 0.2")]))
    shown = night.ok("replay", "night.tsv", "other.tsv")
    lines = [line.split() for line in shown.splitlines()]
    assert [line[:2] for line in lines[1:4]] == [["night.tsv", "7"], ["other.tsv", "4"], ["all", "2"]]
    assert " ".join(lines[3][2:]) == "11 20.0 % 1 of 5 16.7 % 1 of 6 50.0 % 50.0 %"
    assert "DEPTH 8 to 9" in shown


def test_several_ledgers_with_rules_are_one_document_with_their_total(night: Shell) -> None:
    found = night.json("replay", "night.tsv", "other.tsv", "--rules", "exact")
    assert [ledger["runs"] for ledger in found["ledgers"]] == [7, 4]
    assert found["total"]["runs"] == 11
    assert found["total"]["rules"]["exact"]["discard"]["block"] == 2
    assert night.json("replay", "night.tsv", "night.tsv", "--rules", "exact")["total"]["runs"] == 14


def test_the_frontier_of_each_rule_is_in_the_document(night: Shell) -> None:
    found = night.json("replay", "night.tsv", "--rules", "all", "--chart")["frontier"]
    assert set(found) == set(RULES)
    assert [point["threshold"] for point in found["reference"]][::35] == [0.3, 1.0]
    assert found["exact"] == [{"threshold": None, "wins_lost": 0.0, "failures_caught": 0.25}]
    assert all(0 <= point["wins_lost"] <= 1 for line in found.values() for point in line)
    assert set(night.json("replay", "night.tsv", "--chart")["frontier"]) == {"ours"}


def test_a_chart_is_drawn_in_the_terminal_or_into_a_file(night: Shell) -> None:
    assert "wins lost, % of kept runs" in night.ok("replay", "night.tsv", "--chart")
    assert "chart.svg" in night.ok("replay", "night.tsv", "--rules", "all", "--chart", "chart.svg")
    assert (night.root / "chart.svg").read_text().startswith("<svg ")
    assert "<svg" not in night.ok("replay", "night.tsv", "--chart", "again.svg", "--json")
    assert (night.root / "again.svg").is_file()


def test_a_small_ledger_is_told_to_keep_the_defaults(night: Shell) -> None:
    shown = night.ok("replay", "night.tsv", "--tune")
    assert "Keep the defaults: 3 kept and 4 failed runs are too few to tune on" in " ".join(shown.split())
    found = night.json("replay", "night.tsv", "other.tsv", "--tune")
    assert (found["runs"], found["kept"], found["failed"], found["enough"]) == (11, 5, 6, False)
    assert found["recommended"] == {"threshold": 0.62, "block_below": None}
    assert (found["max_lost"], found["mode"]) == (0.02, "exploit")
    assert night.json("replay", "night.tsv", "--tune", "--mode", "explore")["max_lost"] == 0.05
    assert night.json("replay", "night.tsv", "--tune", "--max-lost", "7")["max_lost"] == pytest.approx(0.07)


def test_tuning_says_what_the_defaults_cost_in_both_halves(night: Shell) -> None:
    good = [("keep", 1.0 - n / 1000, f"idea number {n} of its own kind k{n}") for n in range(12)]
    bad = [("discard", 1.5, f"MATRIX_LR 0.04 to 0.0{5 + n % 4}") for n in range(40)]
    rows = [row for n in range(40) for row in ([good[n // 4]] if n % 4 == 0 and n < 48 else []) + [bad[n]]]
    (night.root / "long.tsv").write_text(table(rows))
    found = night.json("replay", "long.tsv", "--tune")
    assert found["enough"]
    plain = night.json("replay", "long.tsv")
    price = found["default"]
    assert price["all"]["failures_caught"] == plain["discard"]["block"] > 0
    assert price["first_half"]["failures_caught"] + price["second_half"]["failures_caught"] == plain["discard"]["block"]
    assert price["all"]["wins_lost"] == [
        {"ledger": "long.tsv", "row": win["row"], "description": win["description"], "gain": win["gain"]}
        for win in plain["wins_lost"]
    ]
    assert night.ok("replay", "long.tsv", "--tune").count("/") >= 6


def test_the_proposed_lines_are_settings_that_are_read(lab: Shell) -> None:
    (lab.root / "night.tsv").write_text(table(ROWS))
    lines = lab.json("replay", "night.tsv", "--tune")["lines"]
    (lab.root / "memorylab.toml").write_text(lines + "block_below = 0.1\n")
    assert lab.json("check", "--description", "depth 9")["threshold"] == 0.62


@pytest.mark.parametrize("below", [0.0, *BELOWS[::7]])
def test_a_threshold_on_chances_blocks_what_tuning_says_it_blocks(night: Shell, below: float) -> None:
    from memorylab.core.guard import frontier

    asked = list(cases(read(night.root / "night.tsv")))
    free = judged(asked, Settings(block_below=0.0))
    found = judged(asked, Settings(block_below=below))
    said = [frontier.blocked(frontier.Scored(None, frontier.score(guard)), below) for guard in free]
    assert [guard["policy"]["decision"] == "block" for guard in found] == said


def test_the_default_threshold_is_among_those_tried() -> None:
    assert Settings().threshold in THRESHOLDS


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--rules", "wandb"), "'wandb' is no rule; there are reference, family, exact, ours, and all"),
        (("--rules", ""), "'' is no rule"),
        (("--rules", "family,"), "'' is no rule"),
        (("--rules", "all,family"), "'all' is no rule"),
        (("--max-lost", "3"), "--max-lost is about --tune"),
        (("--tune", "--max-lost", "101"), "is no percentage"),
        (("--tune", "--max-lost", "few"), "is no percentage"),
        (("--tune", "--rules", "all"), "--tune proposes thresholds of our guard only"),
        (("--chart", "other.tsv"), "does not end in .svg"),
    ],
)
def test_wrong_usage_is_one_line_that_says_what_is_accepted(night: Shell, words: tuple[str, ...], told: str) -> None:
    assert told in night.refused("replay", "night.tsv", *words, code=64)


def test_a_chart_never_overwrites_a_ledger_and_a_missing_directory_is_one_line(night: Shell) -> None:
    night.refused("replay", "--chart", "night.tsv", "other.tsv", code=64)
    assert (night.root / "night.tsv").read_text() == table(ROWS)
    assert "no such file" in night.refused("replay", "night.tsv", "--chart", "nowhere/chart.svg")
    assert sorted(path.name for path in night.root.iterdir()) == ["night.tsv", "other.tsv"]


def test_rules_judge_jsonl_ledgers_and_rows_without_outcome(night: Shell) -> None:
    rows = [{"status": status, "description": "depth 9", "tags": ["x"]} for status in ("discard", "pending", "keep")]
    (night.root / "theirs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = night.json("replay", "theirs.jsonl", "--rules", "all", "--chart")
    assert found["rules"]["exact"]["keep"]["block"] == 1
    assert found["frontier"]["exact"] == [{"threshold": None, "wins_lost": 1.0, "failures_caught": 0.0}]
