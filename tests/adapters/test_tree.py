"""Whether files are as the commit has them, told by git's own names for content."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from memorylab.adapters import tree
from tests.conftest import Shell


def dirty(shell: Shell, *names: str) -> bool:
    return tree.uncommitted(shell.root, names or ("train.py",))


def test_a_tree_is_held_against_the_commit_byte_by_byte(shell: Shell) -> None:
    path = shell.root / "train.py"
    before = path.read_bytes()
    assert not dirty(shell)
    os.utime(path)
    assert not dirty(shell), "a time is no content"
    path.write_bytes(before + b"#")
    assert dirty(shell)
    shell.git("add", "train.py")
    assert dirty(shell), "staged is not committed"
    shell.git("commit", "-qm", "x")
    assert not dirty(shell)
    path.unlink()
    assert dirty(shell)


def test_files_that_no_commit_has_count_beside_one_that_it_has(shell: Shell) -> None:
    (shell.root / "new.py").write_text("X = 1\n")
    assert not dirty(shell, "new.py")
    assert dirty(shell, "train.py", "new.py")
    assert not dirty(shell, "train.py", "missing.py")


def test_odd_names_and_folders(shell: Shell) -> None:
    names = ("a b.py", ":(glob)x.py", "é.py", "sub/b.py", "-c.py")
    (shell.root / "sub").mkdir()
    for name in names:
        (shell.root / name).write_text("X = 1\n")
    shell.git("--literal-pathspecs", "add", "--", *names)
    shell.git("commit", "-qm", "odd")
    assert not dirty(shell, *names)
    for name in names:
        (shell.root / name).write_text("X = 2\n")
        assert dirty(shell, *names), name
        (shell.root / name).write_text("X = 1\n")
    assert not tree.uncommitted(shell.root / "sub", ("b.py",))
    assert not dirty(shell, "./train.py")


def test_where_there_is_nothing_to_compare_with_nothing_is_uncommitted(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "train.py").write_text("X = 1\n")
    assert not tree.uncommitted(plain, ("train.py",))
    shell.git("init", "-q", str(plain))
    assert not tree.uncommitted(plain, ("train.py",)), "no commit"
    (shell.root / "train.py").write_text("X = 1\n")
    monkeypatch.setenv("PATH", str(plain))
    assert not dirty(shell), "no git"
    (shell.root / ".git" / "HEAD").write_text("damage")
    monkeypatch.undo()
    assert not dirty(shell)


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes")
def test_links_and_pipes_are_no_edit_of_the_code(shell: Shell) -> None:
    path = shell.root / "train.py"
    path.rename(shell.root / "real.py")
    path.symlink_to("real.py")
    shell.git("add", ".")
    shell.git("commit", "-qm", "a link")
    assert not dirty(shell)
    path.unlink()
    os.mkfifo(path)
    assert not dirty(shell)


def test_a_repository_with_other_names_for_content(tmp_path: Path, shell: Shell) -> None:
    root = tmp_path / "sha256"
    shell.git("init", "-q", "--object-format=sha256", str(root))
    (root / "train.py").write_text("X = 1\n")
    shell.git("-C", str(root), "add", ".")
    shell.git("-C", str(root), "commit", "-qm", "x")
    assert not tree.uncommitted(root, ("train.py",))
    (root / "train.py").write_text("X = 2\n")
    assert tree.uncommitted(root, ("train.py",))
