"""Holds what a command says: whose each argument is, and what tells two runs apart."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.runs import command, command_line
from memorylab.core.runs.command import Rules, Told

RULES = Rules(("train.py", "src/*.py"), ("prepare.py", "backtest.py"))


def told(line: str, rules: Rules = RULES, **environment: str) -> Told:
    return command.read(shlex.split(line), environment, rules)


@pytest.mark.parametrize(
    "line",
    [
        "python train.py --rate 0.1",
        "python3 -u ./train.py --rate=1e-1",
        "/usr/bin/python3.12 train.py --rate .1",
        "uv run train.py --rate 0.10",
        "uv run --with numpy python train.py --rate 0.1 --seed 3",
        "nice -n 10 timeout 300 python train.py --rate 0.1 --out runs/7 -v",
        "python train.py --rate 0.1 > out.txt 2>&1",
        "sh -c 'cd . && python train.py --rate 0.1 2>&1 | tee run.txt'",
        "CUDA_VISIBLE_DEVICES=1 python train.py --rate 0.1",
        "env OMP_NUM_THREADS=2 python train.py --rate 0.1",
        "python train.py rate=0.1",
        "bash -lc 'python train.py --rate 0.1'",
    ],
)
def test_one_experiment_in_many_spellings(line: str) -> None:
    assert told(line) == told("python train.py --rate 0.1")
    assert told(line).slots == {"script": "train.py", "--rate": 0.1}
    assert told(line).own == ("--rate",)


@pytest.mark.parametrize(
    ("line", "slots"),
    [
        ("python train.py", {}),
        ("python -m src.model --wide", {"--wide": True}),
        ("python train.py --n_layer -3 --act gelu", {"--n-layer": -3, "--act": "gelu"}),
        ("python train.py +model.dim=64 --flag", {"--model.dim": 64, "--flag": True}),
        ("python train.py small 3", {"argument 1": "small", "argument 2": 3}),
        ("python train.py --warmup-steps 10", {"--warmup-steps": 10}),
        ("python train.py --config a.yaml", {"--config": "a.yaml"}),
    ],
)
def test_an_argument_of_the_code_under_trial_is_a_slot(line: str, slots: dict[str, object]) -> None:
    found = told(line)
    assert {name: value for name, value in found.slots.items() if name != "script"} == slots
    assert set(found.own) == set(slots)
    assert found.arguments == found.environment == ""


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("python backtest.py --assets 10 --split test", "--assets 10 --split test"),
        ("python prepare.py 7", "7"),
        ("python train.py --max-steps 100 --rate 1", "--max-steps 100"),
        ("python train.py --epochs 3", "--epochs 3"),
        ("python train.py --time_budget 60", "--time-budget 60"),
        ("python train.py --num_train_epochs=2", "--num-train-epochs 2"),
        ("python train.py --device cpu", "--device cpu"),
        ("python train.py --split test", "--split test"),
        ("torchrun --nproc_per_node=2 train.py", "--nproc-per-node 2"),
        ("accelerate launch --num_processes 4 train.py", "--num-processes 4"),
        ("sh -c 'python train.py && python backtest.py --assets 10'", "backtest.py --assets 10"),
    ],
)
def test_an_argument_of_the_judge_a_budget_or_steps_are_another_arena(line: str, arguments: str) -> None:
    assert told(line).arguments == arguments


def test_the_settings_settle_what_nobody_can_know() -> None:
    rules = RULES._replace(
        arguments=("--folds",), ignore=("run_tag", "NIGHT"), environment=("PART",), record=("RATE", "NIGHT")
    )
    found = told("python train.py --folds 5 --run-tag x --rate 2", rules, PART="b", RATE="3", NIGHT="7", HOME="/h")
    assert found.arguments == "--folds 5"
    assert found.environment == "PART b"
    assert found.slots == {"script": "train.py", "--rate": 2, "$RATE": 3}
    assert command.recorded({"PART": "b", "RATE": "3", "HOME": "/h"}, rules) == {"PART": "b", "RATE": "3"}


def test_variables_of_autoresearch_steer_a_run() -> None:
    found = told(
        "python train.py",
        AUTORESEARCH_RATE="0.2",
        AUTORESEARCH_MAX_STEPS="10",
        AUTORESEARCH_SEED="4",
        AUTORESEARCH_SUMMARY_PATH="/tmp/x",
        PATH="/bin",
    )
    assert found.slots["$AUTORESEARCH_RATE"] == 0.2
    assert found.environment == "AUTORESEARCH_MAX_STEPS 10"
    assert "SEED" not in str(found)
    assert "SUMMARY" not in str(found)
    assert command.recorded({"AUTORESEARCH_SEED": "4", "AUTORESEARCH_SUMMARY_PATH": "x"}, RULES) == {
        "AUTORESEARCH_SEED": "4"
    }
    assert told("AUTORESEARCH_RATE=0.2 python train.py").slots == {"script": "train.py", "$AUTORESEARCH_RATE": 0.2}


def test_a_script_that_belongs_to_nobody_tells_runs_apart_and_says_nothing_of_the_code() -> None:
    for line in ("bash run.sh 3", "make night RATE=3", "./solver 3 --fast", "python -c 'print(1)' 3", "julia fit.jl 3"):
        found = told(line)
        assert found.own == ()
        assert found.arguments == ""
        assert found.slots != told(line.replace("3", "4")).slots
        assert found == told(line)


def test_two_scripts_are_two_commands() -> None:
    assert told("python src/a.py").slots != told("python src/b.py").slots


def test_what_differs_is_told_in_words() -> None:
    base = told("python train.py --rate 0.1 --deep")
    assert command.contrast(base, base) == ()
    assert command.contrast(told("python train.py --rate 0.2 --wide 3"), base) == (
        "--rate 0.2 instead of 0.1",
        "--wide 3",
        "without --deep",
    )
    (said,) = command.contrast(told("python train.py --rate 0.1 --deep --steps 9"), base)
    assert said == "--steps 9, which makes another arena"


def test_the_scripts_of_a_command() -> None:
    line = shlex.split("sh -c 'python train.py --a b.py; python backtest.py | grep x'")
    assert command.scripts(line, RULES) == ("train.py", "backtest.py")
    assert command.scripts(shlex.split("python -m src.model"), RULES) == ("src/model.py",)


def test_a_command_is_kept_as_one_text_that_is_read_back() -> None:
    words = ["python", "train.py", "--note", "two words", "--rate", "0.1"]
    assert list(command_line.split(command.spoken(words))) == words
    assert command_line.split("python 'train.py") == ()


@given(st.lists(st.text(alphabet="ab -='\"&|;>$.py/c3", max_size=12), max_size=8))
def test_no_words_break_it(words: list[str]) -> None:
    found = command.read(words, {}, RULES)
    assert found == command.read(words, {}, RULES)
    assert command.contrast(found, found) == ()
