"""What `ideas` proposes, `check --set` judges alike: the same chance, and nothing that it would block."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Shell

_GPT = """MATRIX_LR = 0.04
EMBEDDING_LR = 0.6
WEIGHT_DECAY = 0.2
WARMDOWN_RATIO = 0.5
DEPTH = 8
USE_QK_NORM = True
"""
_FOREST = """from sklearn.ensemble import GradientBoostingClassifier as G

model = G(n_estimators=100, max_features=0.5, learning_rate=0.1, min_samples_leaf=3)
"""
_TRADING = "MOMENTUM = 14\nZ_ENTRY = 2.0\nSTOP_LOSS = 0.05\nFEE = 0.001\n"

Edit = tuple[str, str, str, float]
"""What an edit replaces by what, and how its run ended."""
KINDS: dict[str, tuple[str, str, str, list[Edit]]] = {
    "language model": (
        _GPT,
        "val_bpb",
        "min",
        [
            ("MATRIX_LR = 0.04", "MATRIX_LR = 0.05", "discard", 1.05),
            ("DEPTH = 8", "DEPTH = 7", "keep", 0.99),
            ("EMBEDDING_LR = 0.6", "EMBEDDING_LR = 0.5", "discard", 0.9901),
            ("WARMDOWN_RATIO = 0.5", "WARMDOWN_RATIO = 0.6", "keep", 0.985),
        ],
    ),
    "forest": (
        _FOREST,
        "score",
        "max",
        [
            ("max_features=0.5", "max_features=0.7", "discard", 0.80),
            ("n_estimators=100", "n_estimators=200", "keep", 0.91),
            ("learning_rate=0.1", "learning_rate=0.2", "discard", 0.85),
        ],
    ),
    "trading": (
        _TRADING,
        "sharpe",
        "max",
        [
            ("Z_ENTRY = 2.0", "Z_ENTRY = 2.5", "discard", 0.7),
            ("MOMENTUM = 14", "MOMENTUM = 20", "keep", 1.2),
            ("STOP_LOSS = 0.05", "STOP_LOSS = 0.04", "discard", 1.1),
        ],
    ),
}


def log(shell: Shell, metric: str, description: str, status: str, value: float) -> None:
    values: dict[str, Any] = {metric: value, "total_seconds": 60.0}
    words = ("log", "--description", description, "--status", status, "--summary", shell.summary(**values))
    shell.ok(*words, "--skip-archive")


def agree(shell: Shell) -> int:
    """Hold each proposed idea against what `check` says of it; returns how many there were."""
    ideas = shell.json("ideas", "--limit", "20")["ideas"]
    for idea in ideas:
        stated = [word for one in idea["set"] for word in ("--set", one)]
        guard = shell.json("check", *stated)
        assert guard["p_keep"] == idea["p_keep"], (idea["set"], guard["policy"]["reason"])
        assert guard["policy"]["decision"] == idea["decision"] != "block", idea["set"]
        assert guard["classification"] != "duplicate_run", idea["set"]
        assert guard["probe_text"] == idea["description"].lower()
    return len(ideas)


@pytest.mark.parametrize("kind", KINDS)
def test_check_says_of_each_idea_what_ideas_said(shell: Shell, kind: str) -> None:
    code, metric, direction, edits = KINDS[kind]
    (shell.root / "train.py").write_text(code)
    shell.git("add", ".")
    shell.git("commit", "-qm", "code")
    shell.ok("init", "--metric", metric, "--direction", direction)
    assert agree(shell) >= 3  # before the first run nobody knows a chance, or the field does
    log(shell, metric, "baseline", "keep", 1.0)
    for number, (before, after, status, value) in enumerate(edits):
        assert before in code
        shell.commit(changed := code.replace(before, after))
        log(shell, metric, f"{before} becomes {after}" if number % 2 else f"try {number}", status, value)
        if status == "keep":
            code = changed
        else:
            shell.git("reset", "-q", "--hard", "HEAD~1")
    assert agree(shell) >= 4
