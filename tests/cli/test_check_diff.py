"""Edits from the code: `check --diff`, and what `log` and `run` read of the commit."""

from __future__ import annotations

import sys

import pytest

from tests.conftest import Shell

BASE = """MATRIX_LR = 0.04
DEPTH = 8


def forward(x):
    return relu(x)
"""
RAISED = BASE.replace("0.04", "0.05")


@pytest.fixture
def night(lab: Shell) -> Shell:
    """A workspace with a kept baseline, whose next commit is an experiment."""
    lab.commit(BASE, "base")
    lab.ok("log", "--description", "baseline", "--status", "keep", "--summary", lab.summary(val_bpb=1.0))
    return lab


def log(shell: Shell, description: str, status: str = "discard", value: float = 1.2) -> dict[str, object]:
    row: dict[str, object] = shell.json(
        "log", "--description", description, "--status", status, "--summary", shell.summary(val_bpb=value)
    )
    return row


def test_log_records_what_the_commit_changes_whatever_was_written_about_it(night: Shell) -> None:
    night.commit(RAISED)
    row = log(night, "bolder steps for the matrices")
    assert row["edits"] == [
        {"target": "MATRIX_LR", "op": "set", "from": 0.04, "to": 0.05, "direction": "up", "scope": None}
    ]
    assert row["family"] == "optimizer"
    assert len(str(row["change"])) == 16
    assert night.ledger()[0]["change"] is None, "a baseline has nothing to be held against"


def test_one_change_is_a_duplicate_whatever_the_words_and_the_layout(night: Shell) -> None:
    night.commit(BASE.replace("relu(x)", "relu(x) + bump(x)"))
    first = log(night, "a bump behind the activation")
    night.git("reset", "-q", "--hard", "HEAD~1")
    night.commit(BASE.replace("return relu(x)", "y = relu(x)  # as before\n    return y"), "refactor")
    night.commit(BASE.replace("return relu(x)", "return (relu(x)\n            + bump(x))  # new"), "wholly other words")
    night.git("reset", "-q", "--soft", "HEAD~2")
    night.git("commit", "-qm", "wholly other words")
    guard = night.json("check", "--diff", "HEAD")
    assert (guard["classification"], guard["policy"]["decision"]) == ("duplicate_run", "block")
    assert guard["change"] == first["change"]
    assert guard["top_matches"][0]["run_id"] == first["run_id"]
    assert guard["top_matches"][0]["why"] == "the same change of the code"
    assert guard["probe_text"] == "wholly other words"


def test_the_same_words_over_other_code_are_no_duplicate(night: Shell) -> None:
    night.commit(BASE.replace("relu(x)", "relu(x) + bump(x)"))
    log(night, "a bump behind the activation")
    night.git("reset", "-q", "--hard", "HEAD~1")
    night.commit(BASE.replace("relu(x)", "relu(bump(x))"), "other")
    guard = night.json("check", "--diff", "HEAD", "--description", "a bump behind the activation")
    assert guard["classification"] != "duplicate_run"
    assert night.json("check", "--description", "a bump behind the activation")["classification"] == "duplicate_run"


def test_vague_words_find_the_run_that_was_typed_from_its_code(night: Shell) -> None:
    night.commit(RAISED)
    run = log(night, "raise the learning rate of the optimizer")
    guard = night.json("check", "--description", "raise the learning rate of the optimizer")
    assert (guard["classification"], guard["top_matches"][0]["run_id"]) == ("duplicate_run", run["run_id"])


def test_a_description_that_contradicts_the_diff_is_named_in_verdict_and_row(night: Shell) -> None:
    night.commit(BASE.replace("DEPTH = 8", "DEPTH = 10"))
    said = "the description says MATRIX_LR 0.02, the diff changes DEPTH 10"
    guard = night.json("check", "--diff", "HEAD", "--description", "lower MATRIX_LR to 0.02", "--mode", "explore")
    assert guard["mismatch"] == said
    assert guard["policy"]["decision"] == "caution"
    assert said in guard["policy"]["reason"]
    row = log(night, "lower MATRIX_LR to 0.02")
    assert [edit["target"] for edit in row["edits"]] == ["DEPTH"]  # type: ignore[attr-defined]
    assert row["novelty_guard"]["mismatch"] == said  # type: ignore[index]
    assert night.json("check", "--description", "MATRIX_LR 0.02")["mismatch"] is None


def test_a_diff_comes_from_a_revision_the_tree_a_file_or_stdin(night: Shell) -> None:
    base = night.git("rev-parse", "HEAD")
    night.commit(RAISED, "raise it")
    patch = night.git("show", "--format=", "HEAD")
    (night.root / "idea.patch").write_text(patch + "\n")
    wanted = night.json("check", "--diff", "HEAD")
    assert wanted["edits"][0]["to"] == 0.05
    changes = [
        night.json("check", "--diff", str(night.root / "idea.patch")),  # is in the tree already
        night.json("check", "--diff", "-", stdin=patch + "\n"),
    ]
    night.git("reset", "-q", "--hard", base)
    changes.append(night.json("check", "--diff", "-", stdin=patch + "\n"))
    (night.root / "train.py").write_text(RAISED.replace("DEPTH", "# as it was\nDEPTH"))
    changes += [night.json("check", "--diff", name) for name in ("worktree", ".")]
    (night.root / "train.py").write_text("MATRIX_LR = 0.3\n")  # the patch fits no more; it is read for itself
    changes.append(night.json("check", "--diff", "-", stdin=patch + "\n"))
    assert [guard["change"] for guard in changes] == [wanted["change"]] * 6
    assert changes[0]["probe_text"] == "matrix_lr from 0.04 to 0.05"


def test_a_diff_that_cannot_be_read_is_one_clear_line(night: Shell) -> None:
    (night.root / "notes.txt").write_text("no patch\n")
    (night.root / "binary.patch").write_bytes(bytes(range(256)))
    for words, said in (
        (("nope",), "there is no revision or file 'nope'"),
        (("--diff",), "expected one argument"),
        (("worktree",), "worktree changes nothing in train.py"),
        ((str(night.root / "notes.txt"),), "holds no unified diff"),
        ((str(night.root / "binary.patch"),), "holds no unified diff"),
        (("-",), "standard input is no patch"),
    ):
        line = night.refused("check", "--diff", *words, stdin="", code=64 if words[0] == "--diff" else 1)
        assert said in line
    assert "--option" in night.refused("check", "--diff=--option")
    patch = "--- a/other.py\n+++ b/other.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"
    assert "it leaves train.py alone" in night.refused("check", "--diff", "-", stdin=patch)
    night.refused("check", "--diff", "HEAD", "--from", "-", code=64)


def test_without_git_a_patch_can_be_checked_and_a_revision_not(tmp_path: object, shell: Shell) -> None:
    root = shell.root.parent / "plain"
    root.mkdir()
    (root / "train.py").write_text(BASE)
    patch = "--- a/train.py\n+++ b/train.py\n@@ -1,2 +1,2 @@\n-MATRIX_LR = 0.04\n+MATRIX_LR = 0.05\n DEPTH = 8\n"
    assert shell.json("check", "--diff", "-", "--root", str(root), stdin=patch)["edits"][0]["to"] == 0.05
    assert "no git repository" in shell.refused("check", "--diff", "HEAD", "--root", str(root))


def test_what_is_not_committed_on_a_kept_run_is_the_next_edit(night: Shell) -> None:
    night.commit(RAISED)
    log(night, "raise MATRIX_LR to 0.05", "keep", 0.9)
    (night.root / "train.py").write_text(RAISED.replace("DEPTH = 8", "DEPTH = 9"))
    row = log(night, "one more layer")
    assert [(edit["target"], edit["to"]) for edit in row["edits"]] == [("DEPTH", 9.0)]  # type: ignore[attr-defined]


def test_a_rerun_has_the_edits_of_its_text(night: Shell) -> None:
    night.commit(RAISED)
    first = log(night, "raise MATRIX_LR to 0.05")
    again = log(night, "raise MATRIX_LR to 0.05")
    assert (again["change"], again["edits"]) == (first["change"], first["edits"])
    other = log(night, "dropout 0.1 by the command line")
    assert other["change"] == ""
    assert other["edits"][0]["target"] == "DROPOUT"  # type: ignore[index]
    assert log(night, "baseline again")["change"] == ""


def test_run_asks_with_what_the_tree_changes_and_blocks_the_same_code(night: Shell) -> None:
    night.commit(RAISED)
    log(night, "bolder steps")
    night.git("commit", "-q", "--amend", "-m", "the very same")
    command = [sys.executable, "-c", "print('val_bpb: 1.0')"]
    done = night.run("run", "--description", "something new", "--", *command)
    assert done.returncode == 2
    assert "MATRIX_LR 0.05 was tried" in done.stdout
    recorded = night.run("run", "--description", "something new", "--no-check", "--json", "--", *command)
    assert recorded.returncode == 0, recorded.stderr
    assert night.ledger()[-1]["edits"][0]["to"] == 0.05


@pytest.mark.parametrize("source", ["def broken(:\n", "\0\n", "x = '" + "é" * 10 + "\n", "#" * 2_100_000])
def test_log_records_a_run_whatever_is_in_the_file(night: Shell, source: str) -> None:
    night.commit(source)
    row = log(night, "an odd file", "crash")
    assert row["status"] == "crash"
    assert row["description"] == "an odd file"


def test_log_records_a_run_on_a_merge_a_deleted_file_and_a_shallow_clone(night: Shell) -> None:
    night.git("rm", "-q", "train.py")
    night.git("commit", "-qm", "gone")
    assert log(night, "no file at all", "crash")["edits"]
    night.git("reset", "-q", "--hard", "HEAD~1")
    head = night.git("rev-parse", "HEAD")
    (night.root / ".git" / "shallow").write_text(head + "\n")
    assert log(night, "MATRIX_LR 0.06", "crash")["change"] in ("", None)
