"""`check` judges code that isn't committed by itself: the words are then only its label."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Shell

BASE = """MATRIX_LR = 0.04
DEPTH = 8
SEED = 1


def forward(x):
    return relu(x)
"""
RAISED = BASE.replace("0.04", "0.05")


@pytest.fixture
def night(lab: Shell) -> Shell:
    """A kept base, and a step on it that failed and was taken back."""
    lab.commit(BASE, "base")
    log(lab, "baseline", "keep", 1.0)
    lab.commit(RAISED)
    log(lab, "bolder steps", "discard", 1.2)
    lab.git("reset", "-q", "--hard", "HEAD~1")
    return lab


def log(shell: Shell, description: str, status: str, value: float) -> dict[str, Any]:
    words = ("log", "--description", description, "--status", status, "--summary", shell.summary(val_bpb=value))
    row: dict[str, Any] = shell.json(*words)
    return row


def write(shell: Shell, text: str) -> None:
    (shell.root / "train.py").write_text(text)


def test_code_that_is_not_committed_is_judged_and_its_words_are_a_label(night: Shell) -> None:
    write(night, BASE.replace("DEPTH = 8", "DEPTH = 10"))
    guard = night.json("check", "--description", "something wholly new")
    assert guard["judged"] == "worktree"
    assert guard["judged_note"] == (
        "the uncommitted change of train.py: DEPTH 8 -> 10; the description is only its label"
    )
    assert [(edit["target"], edit["to"]) for edit in guard["edits"]] == [("DEPTH", 10.0)]
    shown = night.ok("check", "--description", "something wholly new")
    assert "judges    the uncommitted change of train.py: DEPTH 8 -> 10; the description is" in shown
    same = night.json("check", "--diff", "worktree", "--description", "something wholly new")
    assert {k: v for k, v in guard.items() if k != "judged_note"} == same


def test_a_known_failure_is_blocked_under_any_words(night: Shell) -> None:
    write(night, RAISED)
    for words in (("--description", "a wholly other idea"), ()):
        guard = night.json("check", *words)
        assert guard["classification"] == "duplicate_run"
        assert guard["edits"] == [] or guard["edits"][0]["target"] in ("MATRIX_LR", "rerun")
    assert night.json("check", "--no-diff", "--description", "a wholly other idea")["classification"] == "novel"


def test_without_words_the_change_tells_the_idea(night: Shell) -> None:
    write(night, BASE.replace("DEPTH = 8", "DEPTH = 10"))
    guard = night.json("check")
    assert guard["probe_text"] == "depth from 8 to 10"
    assert guard["judged_note"] == "the uncommitted change of train.py: DEPTH 8 -> 10"
    night.git("add", "train.py")
    assert night.json("check") == guard, "staged or not"


def test_words_are_judged_where_a_run_would_notice_nothing(night: Shell) -> None:
    clean = night.json("check", "--description", "one more layer")
    assert (clean["judged"], "judged_note" in clean, clean["change"]) == ("words", False, None)
    write(night, BASE.replace("DEPTH", "# a remark\nDEPTH"))
    (night.root / "notes.txt").write_text("not mutable\n")
    night.git("add", "notes.txt")
    assert night.json("check", "--description", "one more layer") == clean
    assert "check needs --description" in night.refused("check", code=64)
    assert "description is empty" in night.refused("check", "--description", "", code=64)


def test_no_diff_judges_words_alone(night: Shell) -> None:
    clean = night.json("check", "--description", "one more layer")
    write(night, RAISED)
    assert night.json("check", "--description", "one more layer", "--no-diff") == clean
    assert "give one of them" in night.refused("check", "--no-diff", "--diff", "HEAD", code=64)
    assert "check needs --description" in night.refused("check", "--no-diff", code=64)


def test_a_tree_with_the_code_of_the_newest_run_is_what_words_build_on(night: Shell) -> None:
    night.ok("init", "--command", "python train.py")
    write(night, BASE.replace("DEPTH = 8", "DEPTH = 10"))
    words = ("run", "--description", "deeper", "--json", "--", "python", "-c", "print('val_bpb: 1.1')")
    assert night.run(*words).returncode == 0
    (night.root / "memorylab.toml").write_text('command = ["python", "-c", "print(\'val_bpb: 1.1\')"]\n')
    run = night.ledger()[-1]
    guard = night.json("check", "--description", "lower MATRIX_LR to 0.02")
    assert guard["judged"] == "words"
    assert guard["judged_note"] == (
        f"the words; what isn't committed of train.py is the code of {run['run_id']}, on which they build"
    )
    assert [edit["target"] for edit in guard["edits"]] == ["MATRIX_LR"]
    assert night.json("check")["policy"]["reason"].startswith(f"this is the code of {run['run_id']}")


def test_who_commits_nothing_is_judged_by_the_step_from_what_was_kept(night: Shell) -> None:
    kept = BASE.replace("DEPTH = 8", "DEPTH = 10")
    write(night, kept)
    assert log(night, "deeper", "keep", 0.9)["status"] == "keep"
    write(night, kept.replace("MATRIX_LR = 0.04", "MATRIX_LR = 0.03"))
    guard = night.json("check")
    assert [(edit["target"], edit["to"]) for edit in guard["edits"]] == [("MATRIX_LR", 0.03)]
    assert night.json("check", "--set", "MATRIX_LR=0.03")["judged"] == "set"
    row = log(night, "smaller steps", "discard", 1.0)
    assert row["change"] == guard["change"], "what was asked is what is recorded"


def test_a_list_of_ideas_is_about_later_edits(night: Shell) -> None:
    write(night, RAISED)
    lines = '{"description": "one more layer"}\n'
    assert '"judged": "words"' in night.ok("check", "--from", "-", stdin=lines)


def test_a_file_that_no_commit_has_is_no_change(shell: Shell) -> None:
    shell.git("rm", "-q", "--cached", "train.py")
    shell.git("commit", "-qm", "without")
    shell.ok("init")
    assert shell.json("check", "--description", "one more layer")["judged"] == "words"
    assert "check needs" in shell.refused("check", code=64)


def test_a_file_that_is_gone_broken_or_binary_is_judged_as_far_as_it_is_read(night: Shell) -> None:
    for content, target in (
        (b"MATRIX_LR = 0.05\nDEPTH = 8\nSEED = 1\ndef forward(:\n", "MATRIX_LR"),
        (bytes(range(256)), "module"),
        (None, "train.py"),
    ):
        (night.root / "train.py").unlink()
        if content is not None:
            (night.root / "train.py").write_bytes(content)
        guard = night.json("check", "--description", "an idea")
        assert guard["judged"] == "worktree"
        assert target in [edit["target"] for edit in guard["edits"]] + guard["judged_note"].replace(",", "").split()
        night.git("checkout", "-q", "train.py")


def test_a_judge_that_is_changed_too_is_told(night: Shell) -> None:
    (night.root / "prepare.py").write_text("# another judge\n")
    write(night, BASE.replace("DEPTH = 8", "DEPTH = 10"))
    assert "prepare.py: not as agreed on" in night.json("check")["mismatch"]


def test_a_workspace_below_the_top_and_a_linked_worktree(shell: Shell) -> None:
    below = shell.root / "a b" / "exp"
    below.mkdir(parents=True)
    (below / "train.py").write_text(BASE)
    (below / "prepare.py").write_text("# judge\n")
    (below / "memorylab.toml").write_text("")
    shell.git("add", ".")
    shell.git("commit", "-qm", "below")
    there = ("--root", str(below))
    assert shell.json("check", "--description", "one more layer", *there)["judged"] == "words"
    (below / "train.py").write_text(RAISED)
    assert shell.json("check", *there)["judged_note"] == "the uncommitted change of train.py: MATRIX_LR 0.04 -> 0.05"
    shell.git("worktree", "add", "-q", "../beside", "-b", "beside")
    beside = shell.root.parent / "beside"
    assert shell.json("check", "--description", "x", cwd=beside)["judged"] == "words"
    (beside / "train.py").write_text("MATRIX_LR = 0.06\n")
    assert shell.json("check", cwd=beside)["edits"][0]["to"] == 0.06
