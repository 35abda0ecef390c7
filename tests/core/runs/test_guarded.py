"""A protected function keeps its fingerprint through everything but a change of what it does."""

from __future__ import annotations

import pytest

from memorylab.core.runs import guarded

SOURCE = '''import math
EVAL_STEPS = 20

class Trainer:
    rate = 1

    def fit(self):
        return 1

    @property
    def score(self):
        return 2  # the number

def evaluate(model):
    """Measure."""
    total = 0

    for x in range(EVAL_STEPS):  # each
        total += model(x)
    return total
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  # each", ""),
        ("    total = 0\n\n", "    total = 0\n    # start\n"),
        ("return 1", "return 3"),
        ("import math", "import math, os"),
        ("rate = 1", "rate = 2"),
    ],
)
def test_what_is_around_it_does_not_count(old: str, new: str) -> None:
    assert old in SOURCE
    after = SOURCE.replace(old, new)
    for name in ("evaluate", "EVAL_STEPS", "Trainer.score"):
        assert guarded.fingerprint(after, name) == guarded.fingerprint(SOURCE, name) is not None


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("evaluate", "return total\n", "return total * 0.9\n"),
        ("evaluate", "return total\n", "return total\nevaluate = lambda model: 0.5\n"),
        ("evaluate", "return total\n", "return total\nif True:\n    def evaluate(model):\n        return 0.5\n"),
        ("evaluate", "return total\n", "return total\nfrom cheat import evaluate\n"),
        ("evaluate", "return total\n", "return total\nevaluate.__wrapped__ = evaluate\nevaluate = max\n"),
        ("evaluate", "def evaluate", "@cache\ndef evaluate"),
        ("EVAL_STEPS", "EVAL_STEPS = 20", "EVAL_STEPS = 2"),
        ("EVAL_STEPS", "EVAL_STEPS = 20", "EVAL_STEPS = 20\nEVAL_STEPS -= 19"),
        ("Trainer.score", "@property", "@staticmethod"),
        ("Trainer.score", "return 2", "return 200"),
        ("Trainer.score", "    return total\n", "    return total\nTrainer.score = 3\n"),
    ],
)
def test_a_change_shows(name: str, old: str, new: str) -> None:
    assert old in SOURCE
    assert guarded.fingerprint(SOURCE.replace(old, new), name) not in (None, guarded.fingerprint(SOURCE, name))


@pytest.mark.parametrize("source", ["", "def evaluate(:\n", "x = 1\n", "(" * 5000])
def test_without_a_definition_there_is_none(source: str) -> None:
    assert guarded.fingerprint(source, "evaluate") is None
