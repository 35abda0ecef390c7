from __future__ import annotations

from pathlib import Path

import pytest

from memorylab.adapters import config
from memorylab.adapters.config import Config
from memorylab.errors import ConfigError


def load(tmp_path: Path, text: str, **environment: str) -> Config:
    path = tmp_path / "memorylab.toml"
    path.write_text(text)
    return config.load(path, environment)


def test_no_file_and_an_empty_one_mean_the_defaults(tmp_path: Path) -> None:
    assert config.load(tmp_path / "memorylab.toml", {}) == Config() == load(tmp_path, "")


def test_every_setting_is_read(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        """
        metric = "score"
        direction = "max"
        command = "python trade.py --fast"
        time_budget_s = 60
        mutable = ["strategy.py"]
        protected = []
        store = "file:///tmp/x.jsonl"
        priors = false
        false_wins = 0.3
        [guard]
        threshold = 0.7
        block_below = 0.15
        mode = "explore"
        [pins]
        "prepare.py" = "abc"
    """,
    )
    assert found == Config(
        metric="score",
        direction="max",
        command=("python", "trade.py", "--fast"),
        time_budget_s=60.0,
        mutable=("strategy.py",),
        protected=(),
        store="file:///tmp/x.jsonl",
        false_wins=0.3,
        threshold=0.7,
        block_below=0.15,
        mode="explore",
        pins={"prepare.py": "abc"},
        priors=False,
    )


@pytest.mark.parametrize(
    "changed",
    [
        Config(),
        Config(metric="score", direction="max", command=("a b", 'c"d'), time_budget_s=12.5),
        Config(mutable=("x.py", "y.py"), pins={"prepare.py": "ab" * 32}),
        Config(priors=False),
        Config(false_wins=0.05),
    ],
)
def test_what_init_writes_reads_back_as_what_was_asked(tmp_path: Path, changed: Config) -> None:
    assert load(tmp_path, config.first_version(changed)) == changed


@pytest.mark.parametrize(
    "text",
    [
        "metric = 3",
        "metric = ''",
        "direction = 'up'",
        "command = [1]",
        "time_budget_s = 0",
        "time_budget_s = 'long'",
        "metirc = 'x'",
        "[guard]\nthreshold = 2",
        "[guard]\nblock_below = -0.1",
        "[guard]\nblock_below = 'low'",
        "[guard]\nmode = 'wild'",
        "[guard]\nx = 1",
        "guard = 3",
        "pins = 3",
        "priors = 1",
        "false_wins = 1.5",
        "false_wins = 'few'",
        "false_wins = true",
        "[pins]\npriors = false",
        "metric =",
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert "\n" not in str(caught.value)
    assert "memorylab.toml" in str(caught.value)


def test_the_training_budget_in_the_environment_wins(tmp_path: Path) -> None:
    assert load(tmp_path, "time_budget_s = 60", AUTORESEARCH_TIME_BUDGET="12").time_budget_s == 12
    assert load(tmp_path, "time_budget_s = 60", AUTORESEARCH_TIME_BUDGET="soon").time_budget_s == 60
