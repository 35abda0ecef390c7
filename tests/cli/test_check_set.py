"""`check --set`: an idea is judged as if it had been edited, without an edit and without prose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from memorylab.errors import InputError, UsageError
from memorylab.lab import open_lab
from tests.conftest import Shell

BASE = """import argparse

MATRIX_LR = 0.04
DEPTH = 8
WIDTH = 64 * DEPTH
ACT = "relu"
USE_GATE = True
BETAS = (0.8, 0.95)
CONFIG = {"dropout": 0.0, "patience": 3}


def forward(x, scale=1.5):
    return relu(x) * scale


optimizer = AdamW(lr=3e-4, eps=1e-8)
parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", default=32)
"""
EDITS = [
    ("MATRIX_LR=0.05", "MATRIX_LR = 0.04", "MATRIX_LR = 0.05"),  # tried, and it failed
    ("MATRIX_LR*=1.5", "MATRIX_LR = 0.04", "MATRIX_LR = 0.06"),  # further that way
    ("MATRIX_LR=0.03", "MATRIX_LR = 0.04", "MATRIX_LR = 3e-2"),  # the other way
    ("DEPTH=9", "DEPTH = 8", "DEPTH = 9  # one more"),  # kept on another line
    ("DEPTH+=2", "DEPTH = 8", "DEPTH = 10"),
    ("ACT=gelu", '"relu"', "'gelu'"),
    ("USE_GATE=False", "USE_GATE = True", "USE_GATE = False"),
    ("BETAS=(0.9, 0.95)", "(0.8, 0.95)", "(0.9, 0.95)"),
    ("dropout=0.1", '"dropout": 0.0', '"dropout": 0.1'),
    ("patience=5", '"patience": 3', '"patience": 5'),
    ("forward.scale=2", "scale=1.5", "scale=2.0"),
    ("eps=1e-6", "eps=1e-8", "eps=1e-6"),
    ("batch-size=64", "default=32", "default=64"),
]


@pytest.fixture
def night(lab: Shell) -> Shell:
    """A kept base on which one step of a knob failed, and a step of another was kept and taken back."""
    lab.commit(BASE, "base")
    log(lab, "baseline", "keep", 1.0)
    for text, status, value in (
        (BASE.replace("MATRIX_LR = 0.04", "MATRIX_LR = 0.05"), "discard", 1.2),
        (BASE.replace("DEPTH = 8", "DEPTH = 9"), "discard", 1.0001),
        (BASE.replace("eps=1e-8", "eps=1e-7"), "discard", 1.3),
    ):
        lab.commit(text)
        log(lab, "an edit in words that say nothing", status, value)
        lab.git("reset", "-q", "--hard", "HEAD~1")
    return lab


def log(shell: Shell, description: str, status: str, value: float) -> None:
    shell.ok("log", "--description", description, "--status", status, "--summary", shell.summary(val_bpb=value))


def verdict(guard: dict[str, Any]) -> dict[str, Any]:
    """All of a verdict but how it was asked."""
    return {name: value for name, value in guard.items() if not name.startswith("judged")}


@pytest.mark.parametrize(("told", "before", "after"), EDITS)
def test_what_is_stated_is_judged_as_the_edit_would_be(night: Shell, told: str, before: str, after: str) -> None:
    stated = night.json("check", "--set", told)
    described = night.json("check", "--set", told, "--description", "bolder", "--mode", "explore")
    train = night.root / "train.py"
    assert train.read_text() == BASE, "nothing is written"
    train.write_text(BASE.replace(before, after))
    edited = night.json("check")
    assert verdict(stated) == verdict(edited)
    assert verdict(stated) == verdict(night.json("check", "--diff", "worktree"))
    assert stated["edits"] and len(stated["change"]) == 16
    assert (stated["judged"], edited["judged"]) == ("set", "worktree")
    assert verdict(described) == verdict(night.json("check", "--description", "bolder", "--mode", "explore"))


def test_the_code_of_a_run_is_known_again_whatever_was_said_of_it(night: Shell) -> None:
    guard = night.json("check", "--set", "MATRIX_LR=0.05", "--description", "a wholly new idea")
    assert guard["classification"] == "duplicate_run"
    assert "this is the code of" in guard["policy"]["reason"] or guard["policy"]["decision"] == "block"
    assert guard["judged_note"] == ("the code with MATRIX_LR 0.04 -> 0.05; the description is only its label")
    shown = night.ok("check", "--set", "MATRIX_LR=0.05")
    assert "judges    the code with MATRIX_LR 0.04 -> 0.05\n" in shown


def test_several_knobs_are_one_idea_and_what_is_so_already_is_told(night: Shell) -> None:
    guard = night.json("check", "--set", "DEPTH=9", "--set", "ACT=gelu", "--set", "MATRIX_LR=0.04")
    assert [(edit["target"], edit["to"]) for edit in guard["edits"]] == [("DEPTH", 9.0), ("ACT", "gelu")]
    assert guard["judged_note"] == "the code with DEPTH 8 -> 9, ACT 'relu' -> 'gelu'; MATRIX_LR is 0.04 already"


@pytest.mark.parametrize("mode", ["explore", "exploit", "replicate"])
def test_a_value_that_is_set_already_is_waste_and_told_so(night: Shell, mode: str) -> None:
    for told in ("MATRIX_LR=0.04", "MATRIX_LR=4e-2", "MATRIX_LR*=1", "BETAS=(0.8, 0.95)"):
        guard = night.json("check", "--set", told, "--mode", mode)
        assert guard["policy"]["decision"] == ("allow" if mode == "replicate" else "block")
        assert guard["classification"] == "duplicate_run"
        assert guard["policy"]["reason"].startswith("nothing would change: ")
        assert guard["policy"]["reason"].endswith(" already")
        assert (guard["judged"], guard["change"], guard["top_matches"]) == ("set", "", [])


def test_what_is_not_committed_is_part_of_the_code_that_is_set(night: Shell) -> None:
    train = night.root / "train.py"
    train.write_text(BASE.replace("DEPTH = 8", "DEPTH = 10"))
    stated = night.json("check", "--set", "ACT=gelu")
    assert stated["judged_note"].endswith("'relu' -> 'gelu', and the uncommitted change of train.py")
    train.write_text(train.read_text().replace("relu", "gelu", 1))
    assert verdict(stated) == verdict(night.json("check"))


def test_taking_a_knob_away_is_judged_as_the_edit_would_be(night: Shell) -> None:
    for name, after in (
        ("eps", BASE.replace(", eps=1e-8", "")),
        ("MATRIX_LR", BASE.replace("MATRIX_LR = 0.04\n", "")),
        ("dropout", BASE.replace('"dropout": 0.0, ', "")),
    ):
        stated = night.json("check", "--unset", name)
        (night.root / "train.py").write_text(after)
        assert verdict(stated) == verdict(night.json("check"))
        assert stated["edits"][0]["to"] is None
        night.git("checkout", "-q", "train.py")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--set", "MATRX_LR=1"), 1, "no knob MATRX_LR in train.py; nearest: MATRIX_LR"),
        (("--set", "WIDTH=3"), 1, "WIDTH in train.py is no plain value"),
        (("--set", "MATRIX_LR"), 64, "'MATRIX_LR' sets nothing"),
        (("--set", "MATRIX_LR="), 64, "--unset MATRIX_LR takes it away"),
        (("--set", "MATRIX_LR=__import__('os').remove('train.py')"), 64, "is no value for MATRIX_LR, which is 0.04"),
        (("--set", "MATRIX_LR=big"), 64, "'big' is no value for MATRIX_LR, which is 0.04"),
        (("--set", "ACT*=2"), 64, "*= takes numbers, but ACT is 'relu'"),
        (("--set", "DEPTH/=0"), 64, "leads to no number"),
        (("--set", "DEPTH=9", "--set", "DEPTH=10"), 1, "DEPTH is set twice"),
        (("--unset", " "), 64, "has no name"),
        (("--set", "DEPTH=9", "--diff", "worktree"), 64, "--diff names one change of the code, and --set another"),
        (("--set", "DEPTH=9", "--no-diff"), 64, "--no-diff judges words alone"),
        (("--set", "DEPTH=9", "--from", "-"), 64, "--from gives many ideas"),
        (("--set",), 64, "expected one argument"),
    ],
)
def test_bad_settings_are_one_clear_line(night: Shell, words: tuple[str, ...], code: int, said: str) -> None:
    before = sorted(path.name for path in night.root.iterdir())
    assert said in night.refused("check", *words, stdin="", code=code)
    assert sorted(path.name for path in night.root.iterdir()) == before
    assert (night.root / "train.py").read_text() == BASE


def test_ambiguous_names_are_listed_in_full(night: Shell) -> None:
    night.commit(BASE + "warm = SGD(lr=0.1)\n")
    assert "lr may be any of optimizer.AdamW.lr (0.0003), warm.SGD.lr (0.1)" in night.refused("check", "--set", "lr=1")
    assert night.json("check", "--set", "SGD.lr=1")["judged_note"] == "the code with warm.SGD.lr 0.1 -> 1"


def test_many_ideas_may_be_stated(night: Shell) -> None:
    lines = [
        {"set": {"MATRIX_LR": 0.05}},
        {"set": ["DEPTH*=2"], "description": "twice as deep"},
        {"description": "lower MATRIX_LR to 0.02"},
        {"unset": "eps"},
        {"set": {"DEPTH": 8}},
    ]
    (night.root / "train.py").write_text(BASE.replace('"relu"', '"gelu"'))  # words in a list are about later edits
    said = "\n".join(map(json.dumps, lines))
    guards = [json.loads(line) for line in night.ok("check", "--from", "-", stdin=said).splitlines()]
    assert [guard["judged"] for guard in guards] == ["set", "set", "words", "set", "set"]
    for guard, words in ((guards[0], ("--set", "MATRIX_LR=0.05")), (guards[3], ("--unset", "eps"))):
        assert guard == night.json("check", *words)
    assert guards[1]["probe_text"] == "twice as deep"
    assert guards[4]["policy"]["reason"] == "nothing would change: DEPTH is 8 already"


@pytest.mark.parametrize(
    "line", ['{"set": 5}', '{"set": {"MATRX_LR": 1}}', '{"set": ["DEPTH"]}', '{"set": {"DEPTH": {}}}', '{"set": {}}']
)
def test_a_bad_line_of_a_list_is_named(night: Shell, line: str) -> None:
    assert "error: - line 1" in night.refused("check", "--from", "-", stdin=line)


def test_a_stated_idea_can_be_claimed(night: Shell) -> None:
    claim = night.json("check", "--set", "ACT=gelu", "--claim", "--as", "one")
    assert claim["claim"]["owner"] == "one"
    (night.root / "train.py").write_text(BASE.replace('"relu"', '"gelu"'))
    done = night.run("check", "--claim", "--as", "two", "--json")
    assert done.returncode == 2 and json.loads(done.stdout)["claimed_by"]["owner"] == "one"
    assert night.run("check", "--set", "MATRIX_LR=0.04", "--claim").returncode == 2, "a no-op is nobody's"


def test_without_git_or_a_commit_the_tree_is_what_is_changed(shell: Shell) -> None:
    root = shell.root.parent / "plain"
    root.mkdir()
    (root / "train.py").write_text(BASE)
    for _ in range(2):
        guard = shell.json("check", "--set", "DEPTH=9", "--root", str(root))
        assert [(edit["target"], edit["from"], edit["to"]) for edit in guard["edits"]] == [("DEPTH", 8.0, 9.0)]
        shell.git("init", "-q", str(root))


def test_there_must_be_a_file_to_set_anything_in(night: Shell) -> None:
    night.git("rm", "-q", "train.py")
    assert "experiments change train.py, which isn't here" in night.refused("check", "--set", "DEPTH=9")
    (night.root / "train.py").write_bytes(bytes(range(256)) * 8)
    assert "no knob DEPTH in train.py" in night.refused("check", "--set", "DEPTH=9")


def test_settings_of_configurations_and_of_other_languages(lab: Shell) -> None:
    for name, text, told, edit in (
        ("conf.yaml", "model:\n  width: 64\n  act: relu\n", "model.width*=2", ("MODEL_DIM", 64.0, 128.0)),
        ("kernel.cu", "#define BLOCK_X 64\nfloat f();\n", "BLOCK_X=128", ("BLOCK_X", 64.0, 128.0)),
        ("train.py", "LR = 0.1\ndef broken(:\n", "LR=0.2", ("LR", 0.1, 0.2)),
    ):
        (lab.root / name).write_text(text)
        lab.git("add", name)
        lab.git("commit", "-qm", name)
        (lab.root / "memorylab.toml").write_text(f'mutable = ["{name}"]\n')
        guard = lab.json("check", "--set", told)
        assert [(one["target"], one["from"], one["to"]) for one in guard["edits"]] == [edit]


def test_a_constant_of_the_judge_within_the_code_is_told(shell: Shell) -> None:
    script = "patience = 3\neval_rounds = 6\n\n\ndef score():\n    return eval_rounds\n"
    shell.commit(script)
    (shell.root / "memorylab.toml").write_text('protected = ["prepare.py", "train.py:eval_rounds"]\n')
    shell.ok("init")
    stated = shell.json("check", "--set", "eval_rounds=2")
    assert "train.py:eval_rounds: not as agreed on" in stated["mismatch"]
    assert shell.json("check", "--set", "patience=4")["mismatch"] is None
    (shell.root / "train.py").write_text(script.replace("6", "2"))
    assert verdict(stated) == verdict(shell.json("check"))


def test_a_secret_in_the_code_is_not_shown(night: Shell) -> None:
    token = "hf_" + "a1B2c3D4e5" * 4
    night.commit(f'{BASE}API_TOKEN = "{token}"\n')
    shown = night.ok("check", "--set", "API_TOKEN=none") + night.ok("check", "--set", f"API_TOKEN={token}", "--json")
    assert token not in shown and "API_TOKEN" in shown


def test_a_program_states_ideas_as_well(night: Shell, tmp_path: Path) -> None:
    lab = open_lab(night.root, environment=night.environment)
    idea = lab.with_set(lab.idea(""), {"MATRIX_LR": 0.05})
    assert (idea.description, idea.judged and idea.judged.by) == ("MATRIX_LR from 0.04 to 0.05", "set")
    guard = lab.check(idea)
    assert guard["judged"] == "set"
    assert verdict(dict(guard)) == verdict(night.json("check", "--set", "MATRIX_LR=0.05"))
    assert lab.check(lab.with_set(lab.idea(""), ["MATRIX_LR=0.05"])) == guard
    assert lab.with_worktree(lab.idea("as it is")).judged is None
    with pytest.raises(InputError):
        lab.with_set(lab.idea("x"), {"MATRX_LR": 1})
    with pytest.raises(UsageError):
        lab.with_set(lab.idea("x"), [f"X{number}=1" for number in range(65)])
