"""Holds that a git that refuses, is silent or prints without end holds nothing up."""

from __future__ import annotations

import os
import time

import pytest

from memorylab.adapters import git
from tests.conftest import Shell


def test_a_git_that_does_not_answer_is_given_up_once(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "_PATIENCE_S", 0.3)
    (shell.root / ".git" / "HEAD").unlink()
    os.mkfifo(shell.root / ".git" / "HEAD")
    began = time.monotonic()
    assert "doesn't answer" in git.head(shell.root).problem
    assert git.commit(shell.root, "HEAD") is None
    assert time.monotonic() - began < 3


def test_a_file_larger_than_any_code_is_none_and_a_huge_patch_is_cut(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "_MOST", 100_000)
    commit = shell.commit("X = 1\n" * 100_000)
    assert git.sources(shell.root, commit, ("train.py", "prepare.py"))["train.py"] is None
    head = git.head(shell.root)
    assert head.commit == commit
    assert 0 < len(head.patch) <= 100_000


def test_a_name_that_git_can_not_be_asked_for_is_nobodys(shell: Shell) -> None:
    assert git.commit(shell.root, "a\0b") is None
    assert git.commit(shell.root, "--output=x") is None
    assert not (shell.root / "x").exists()


def test_an_exclude_file_in_other_letters_is_added_to(shell: Shell) -> None:
    (shell.root / ".git" / "info" / "exclude").write_bytes(b"caf\xe9/\n")
    assert git.exclude(shell.root, ["results.tsv"])
    assert (shell.root / ".git" / "info" / "exclude").read_bytes() == b"caf\xe9/\nresults.tsv\n"


@pytest.mark.parametrize("folder", ["", "loops/one"])
def test_a_changed_file_that_nobody_would_read_is_left_out_of_the_patch(shell: Shell, folder: str) -> None:
    root = shell.root / folder
    root.mkdir(parents=True, exist_ok=True)
    for name in ("weights.bin", "model.py"):
        (root / name).write_text("old\n")
    shell.git("add", ".")
    shell.git("commit", "-qm", "both")
    (root / "model.py").write_text("new\n")
    (root / "weights.bin").write_text("small as well\n")
    assert b"weights.bin" in git.head(root).patch.partition(b"# not committed:")[2]
    os.truncate(root / "weights.bin", git.LARGEST + 1)
    patch = git.head(root).patch.partition(b"# not committed:")[2]
    assert b"+new" in patch
    assert b"weights.bin" not in patch
