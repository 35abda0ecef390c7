"""Holds that code which was run before is known again under other conditions, and what `check --diff` says of it."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.conftest import Shell

if sys.platform == "win32":
    pytest.skip("untried on Windows", allow_module_level=True)

COMMAND = (sys.executable, "train.py")
SCRIPT = """import os
import sys

patience = 3
shrinkage = 0.25
eval_rounds = 6
for told in sys.argv[1:]:
    name, _, text = told.lstrip("-").partition("=")
    globals()[name] = float(text)


def score_holdout():
    return os.environ["VALUE"]


print("---")
print("val_bpb: " + score_holdout())
"""


def run(shell: Shell, description: str, value: float, *args: str, **environment: str) -> dict[str, Any]:
    """`run --json` of the script with some arguments; the row."""
    words = ("run", "--json", "--description", description, "--", *COMMAND, *args)
    row: dict[str, Any] = json.loads(shell.ok(*words, VALUE=str(value), **environment))
    return row


def edits(row: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    return [(edit["target"].removesuffix(".value").lower(), edit["from"], edit["to"]) for edit in row["edits"]]


@pytest.fixture
def season(shell: Shell) -> Shell:
    """One file that trains and judges, with a baseline and an edit that was kept and committed."""
    shell.commit(SCRIPT, "the script")
    shell.git("rm", "-q", "prepare.py")
    shell.ok("init")
    assert '"train.py:score_holdout", "train.py:eval_rounds"' in (shell.root / "memorylab.toml").read_text()
    run(shell, "as it is", 1.0)
    shell.commit(SCRIPT.replace("patience = 3", "patience = 5"), "more patience")
    run(shell, "more patience", 0.8)
    return shell


@pytest.mark.parametrize(
    ("args", "environment"),
    [
        (("--max_iters=90",), {}),
        (("--split=test",), {}),
        (("--eval_rounds=2",), {}),
        ((), {"AUTORESEARCH_TIME_BUDGET": "7"}),
        ((), {"AUTORESEARCH_MAX_STEPS": "12"}),
    ],
)
def test_known_code_in_another_arena_has_changed_nothing(
    season: Shell, args: tuple[str, ...], environment: dict[str, Any]
) -> None:
    known = season.ledger()[-1]["run_id"]
    words = ("run", "--description", "use huber loss", "--", *COMMAND, *args)
    done = season.run(*words, VALUE="0.5", **environment)
    assert done.returncode == 0, done.stderr
    assert f"this is the code of {known}, unchanged; it is measured anew" in done.stderr
    row = season.ledger()[-1]
    assert (row["base"], row["change"], edits(row)) == (None, "", [("rerun", None, None)])
    assert row["candidate"] == row["run_id"] and row["parent_run"] == known
    policy = row["novelty_guard"]["policy"]
    assert policy["decision"] == "allow" and policy["reason"].startswith(f"this is the code of {known}")
    assert season.json("check", "--description", "use huber loss")["classification"] == "novel"
    assert season.json("best")["champion"]["value"] == 0.8


@pytest.mark.parametrize("seconds", ["7", "900"])
def test_another_budget_is_named_in_the_first_line(season: Shell, seconds: str) -> None:
    row = run(season, "what does time bring?", 0.5, AUTORESEARCH_TIME_BUDGET=seconds)
    told = f"Keep (another arena: {seconds} s budget instead of 300 s): val_bpb 0.5"
    assert row["decision_packet"]["summary"].startswith(told)


def test_a_rerun_of_the_only_run_is_no_first_measurement(shell: Shell) -> None:
    shell.commit(SCRIPT, "the script")
    shell.ok("init")
    first, again = run(shell, "as it is", 1.0), run(shell, "as it is", 1.01)
    assert "Status keep: it is the first measurement here." in first["decision_packet"]["rationale"]
    assert "first" not in " ".join([again["decision_packet"]["summary"], *again["decision_packet"]["rationale"]])


def test_in_another_arena_an_argument_is_held_against_what_leads_there(season: Shell) -> None:
    run(season, "more shrinkage", 0.7, "--shrinkage=0.5")
    longer = run(season, "longer", 0.6, "--max_iters=90")
    both = run(season, "longer, with more shrinkage", 0.55, "--max_iters=90", "--shrinkage=0.5")
    assert both["base"]["run_id"] == longer["run_id"]
    assert edits(both) == [("shrinkage", 0.25, 0.5)]


def test_code_from_another_arena_is_held_against_the_code_that_leads_here(season: Shell) -> None:
    longer = run(season, "longer", 0.6, "--max_iters=90")
    season.git("checkout", "-q", "HEAD~1")
    back = run(season, "what do they cost?", 0.75, "--max_iters=90")
    assert back["base"]["run_id"] == longer["run_id"]
    assert edits(back) == [("patience", 5.0, 3.0)]


def test_an_argument_of_the_code_is_an_edit_whatever_the_words(season: Shell) -> None:
    row = run(season, "a quick look", 0.79, "--shrinkage=0.5")
    assert edits(row) == [("shrinkage", 0.25, 0.5)]
    season.commit((season.root / "train.py").read_text().replace("shrinkage = 0.25", "shrinkage = 0.75"))
    assert edits(run(season, "by the code", 0.82)) == [("shrinkage", 0.25, 0.75)]
    season.git("reset", "-q", "--hard", "HEAD~1")
    without = run(season, "and another thing", 0.81)
    assert without["candidate"] == season.ledger()[1]["run_id"]


def test_an_argument_that_sets_a_constant_of_the_judge_is_another_arena(season: Shell) -> None:
    row = run(season, "quick", 0.1, "--eval_rounds=1")
    assert row["arena"]["arguments"] == "--eval-rounds 1"
    assert "which makes another arena" in row["decision_packet"]["summary"]
    assert season.json("best")["champion"]["value"] == 0.8


def test_the_diff_of_a_run_is_known_as_that_run(season: Shell) -> None:
    known = season.ledger()[-1]["run_id"]
    for source in ("HEAD", "night"):
        guard = season.json("check", "--diff", source, "--description", "anything at all")
        assert guard["classification"] == "duplicate_run"
        assert guard["policy"]["reason"].startswith(f"this is the code of {known}, unchanged")
        assert guard["policy"]["evidence"] == [known]
        assert (guard["match_count"], guard["top_matches"]) == (0, [])
    (season.root / "train.py").write_text(SCRIPT.replace("patience = 3", "patience = 7"))
    run(season, "yet more", 0.9)
    dirty = season.json("check", "--diff", "worktree")
    assert dirty["policy"]["reason"].startswith(f"this is the code of {season.ledger()[-1]['run_id']}")


@pytest.mark.parametrize(("old", "new"), [("eval_rounds = 6", "eval_rounds = 1"), ("return os", "return 0 and os")])
@pytest.mark.parametrize("committed", [True, False])
def test_a_diff_that_touches_the_judge_is_told(season: Shell, old: str, new: str, committed: bool) -> None:
    text = (season.root / "train.py").read_text().replace(old, new)
    (season.root / "train.py").write_text(text)
    if committed:
        season.git("commit", "-qam", "smoother")
    guard = season.json("check", "--diff", "HEAD" if committed else "worktree", "--description", "smoother")
    assert "not as agreed on, so that such a run can't lead" in guard["policy"]["reason"]
    assert guard["policy"]["decision"] != "allow"


def test_a_clean_tree_has_no_diff_to_check(season: Shell) -> None:
    assert "hint: edit them first, or name a commit" in season.refused("check", "--diff", "worktree")


def test_the_bill_says_which_of_its_runs_the_chart_leaves_out(season: Shell) -> None:
    run(season, "longer", 0.6, "--max_iters=90")
    lost = run(season, "longer", 0.61, "--max_iters=90")["run_id"]
    season.ok("retract", lost, "--note", "the box was on fire")
    told = " ".join(season.ok("report").split())
    assert "4 runs (2 in other arenas)" in told
    assert "1 crashed (1 taken out of evidence)" in told


def test_a_baseline_of_an_empty_memory_is_no_control(shell: Shell) -> None:
    shell.commit(SCRIPT, "the script")
    shell.ok("init")
    before = shell.json("check", "--description", "baseline")["policy"]
    assert (before["decision"], before["reason"][:32]) == ("allow", "nothing was measured here yet; w")
    assert run(shell, "baseline", 1.0)["novelty_guard"]["policy"]["decision"] == "allow"
    assert "nothing (baseline)" in shell.ok("show", shell.ledger()[0]["run_id"])
    after = shell.json("check", "--description", "baseline")["policy"]
    assert "measured here yet" not in after["reason"]
