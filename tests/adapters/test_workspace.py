from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from memorylab.adapters import git, workspace
from memorylab.adapters.workspace import Workspace, below, find
from memorylab.errors import InputError


def test_an_option_wins_over_the_environment_and_both_over_the_place(tmp_path: Path) -> None:
    for name in ("option", "variable", "here"):
        (tmp_path / name).mkdir()
    environment = {"MEMORYLAB_ROOT": str(tmp_path / "variable")}
    here = tmp_path / "here"
    assert workspace.find(str(tmp_path / "option"), environment, here).code_root == tmp_path / "option"
    assert workspace.find(None, environment, here).code_root == tmp_path / "variable"
    assert workspace.find(None, {}, here).code_root == here


def test_a_named_workspace_must_exist(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no directory"):
        workspace.find(str(tmp_path / "nowhere"), {}, tmp_path)


def test_the_nearest_ancestor_with_a_memory_or_a_configuration_is_the_workspace(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c"
    deep.mkdir(parents=True)
    (tmp_path / "a" / "memorylab.toml").touch()
    assert workspace.find(None, {}, deep).code_root == tmp_path / "a"
    (tmp_path / "a" / "b" / "results" / "memorylab").mkdir(parents=True)
    assert workspace.find(None, {}, deep).code_root == tmp_path / "a" / "b"


def test_without_either_it_is_the_git_top_level(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    deep = tmp_path / "src" / "x"
    deep.mkdir(parents=True)
    assert workspace.find(None, {}, deep).code_root == tmp_path


def make_repository(root: Path) -> None:
    root.mkdir()
    (root / "train.py").write_text("A = 1\n")
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@localhost", *words], cwd=root, check=True)


def test_a_linked_worktree_has_its_own_code_and_the_main_ones_memory(tmp_path: Path) -> None:
    main = tmp_path / "main"
    make_repository(main)
    (main / "memorylab.toml").touch()
    for place in (tmp_path / "beside", main / "inside"):
        subprocess.run(["git", "worktree", "add", "-q", "--detach", str(place)], cwd=main, check=True)
        found = workspace.find(None, {}, place)
        assert found.code_root == place
        assert found.memory_root == main.resolve()


def test_a_repository_inside_a_linked_worktree_has_a_memory_of_its_own(tmp_path: Path) -> None:
    make_repository(tmp_path / "main")
    linked = tmp_path / "linked"
    subprocess.run(["git", "worktree", "add", "-q", "--detach", str(linked)], cwd=tmp_path / "main", check=True)
    make_repository(linked / "nested")
    found = workspace.find(None, {}, linked / "nested")
    assert found.code_root == found.memory_root == linked / "nested"


def test_a_submodule_is_a_workspace_of_its_own(tmp_path: Path) -> None:
    (tmp_path / ".git" / "modules" / "sub").mkdir(parents=True)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / ".git").write_text("gitdir: ../.git/modules/sub\n")
    found = workspace.find(None, {}, tmp_path / "sub")
    assert found.memory_root == found.code_root == tmp_path / "sub"


def test_git_tells_commit_parent_branch_and_patch(tmp_path: Path) -> None:
    root = tmp_path / "r"
    make_repository(root)
    first = git.head(root)
    assert first.commit and first.parent is None and first.branch == "main" and not first.dirty
    (root / "train.py").write_text("A = 2\n")
    assert git.head(root).dirty
    assert b"+A = 2" in git.head(root).patch
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-qam", "two"], cwd=root, check=True
    )
    second = git.head(root)
    assert second.parent == first.commit
    assert b"-A = 1\n+A = 2" in second.patch
    subprocess.run(["git", "checkout", "-q", "--detach"], cwd=root, check=True)
    assert git.head(root).branch is None


def test_without_a_repository_or_a_commit_there_is_nothing_to_tell(tmp_path: Path) -> None:
    assert git.head(tmp_path) == git.Head()
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=tmp_path, check=True)
    assert git.head(tmp_path).commit is None
    assert git.head(tmp_path).branch == "main"


def test_the_memory_is_excluded_from_git_once(tmp_path: Path) -> None:
    make_repository(tmp_path / "r")
    assert git.exclude(tmp_path / "r", ["results.tsv"])
    assert not git.exclude(tmp_path / "r", ["results.tsv"])
    (tmp_path / "r" / "results.tsv").touch()
    shown = subprocess.run(["git", "status", "--porcelain"], cwd=tmp_path / "r", capture_output=True, check=True).stdout
    assert shown == b""


def git_in(directory: Path, *words: str) -> None:
    identity = ("-c", "user.email=t@localhost", "-c", "user.name=t")
    subprocess.run(["git", *identity, *words], cwd=directory, check=True, capture_output=True)


def bare_with_worktrees(root: Path, name: str) -> tuple[Path, Path]:
    """Two worktrees beside a bare repository, as git itself lays them out."""
    root.mkdir()
    git_in(root, "init", "-q", "-b", "main", "--bare", name)
    bare = root / name
    tree = bare.parent / "seed"
    git_in(root, "clone", "-q", str(bare), str(tree))
    (tree / "train.py").write_text("LR = 1\n")
    git_in(tree, "add", "-A")
    git_in(tree, "commit", "-qm", "x")
    git_in(tree, "push", "-q", "origin", "HEAD:main")
    for branch in ("one", "two"):
        git_in(bare, "worktree", "add", "-q", "-b", branch, str(root / branch), "main")
    return root / "one", root / "two"


def test_worktrees_of_a_bare_repository_have_one_memory(tmp_path: Path) -> None:
    for name, home in (("repo.git", "repo.git"), (".bare", "")):
        root = tmp_path / f"with{name}"
        one, two = bare_with_worktrees(root, name)
        for place in (one, two, one / "deep"):
            place.mkdir(exist_ok=True)
            found = find(None, {}, place)
            assert found == Workspace(two if place == two else one, root / home if home else root)


def test_a_memory_that_one_worktree_has_is_that_of_all_and_two_are_asked_about(tmp_path: Path) -> None:
    one, two = bare_with_worktrees(tmp_path / "r", "repo.git")
    (one / "results" / "memorylab").mkdir(parents=True)
    assert find(None, {}, two).memory_root == one
    assert find(None, {}, one).memory_root == one
    (two / "memorylab.toml").write_text("")
    with pytest.raises(InputError, match="several memories"):
        find(None, {}, two)


def test_memories_below_are_found_and_not_those_of_hidden_folders(tmp_path: Path) -> None:
    for name in ("apps/a", "apps/deep/b", ".venv/c", "x/y/z/far"):
        (tmp_path / name / "results" / "memorylab").mkdir(parents=True)
    assert [path.relative_to(tmp_path).as_posix() for path in below(tmp_path)] == ["apps/a", "apps/deep/b"]
