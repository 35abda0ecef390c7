"""Which values of the code are knobs, in repositories of many kinds, and which are none."""

from __future__ import annotations

from memorylab.core.guard.settable import MOST, Apart, knobs
from memorylab.core.reading.leaves import leaves
from memorylab.core.reading.state import state_of


def names(file: str, text: str, **apart: tuple[str, ...]) -> list[str]:
    state = state_of({file: text})
    assert state is not None
    found = knobs(state.slots, Apart(**apart)._replace(leaves=frozenset(leaves(file, text) or ())))  # type: ignore[arg-type]
    return [knob.slot for knob in found]


def test_constants_in_capitals_are_knobs_and_what_does_not_train_is_none() -> None:
    code = """
        MATRIX_LR = 0.04
        DEVICE_BATCH_SIZE = 128
        USE_NORM = True
        WARMUP_STEPS = 100
        SEED = 1
        DATA_PATH = "x"
        EVAL_TOKENS = 10
        TIME_BUDGET = 300
        MAX_STEPS = 1000
        EPOCHS = 3
        LOG_INTERVAL = 10
        NUM_WORKERS = 4
        DEVICE = 0
        VERSION = 2
        N_FOLDS = 5
        VERBOSE = True
    """
    assert names("train.py", "\n".join(map(str.strip, code.splitlines()))) == [
        "MATRIX_LR",
        "DEVICE_BATCH_SIZE",
        "USE_NORM",
        "WARMUP_STEPS",
    ]


def test_costs_and_capital_of_a_backtest_are_no_choice_of_a_strategy() -> None:
    code = "RSI_PERIOD = 14\nFEE = 0.001\nSLIPPAGE_BPS = 2\nINITIAL_CAPITAL = 10000\nSTART_YEAR = 2015\n"
    assert names("strategy.py", code) == ["RSI_PERIOD"]


def test_settings_in_a_dictionary_a_class_and_options_are_knobs() -> None:
    code = (
        "from dataclasses import dataclass\n"
        'PARAMS = {"fast": 12, "verbose": 1}\n'
        "@dataclass\nclass ModelConfig:\n    n_layer: int = 8\n    seed: int = 0\n"
        'parser.add_argument("--batch-size", type=int, default=64)\nparser.add_argument("--num-workers", default=4)\n'
    )
    assert names("train.py", code) == ["PARAMS.fast", "ModelConfig.n_layer", "--batch-size"]


def test_an_argument_of_a_call_is_a_knob_where_its_name_is_known_or_it_makes_something() -> None:
    code = (
        "def build(max_features=0.5):\n"
        "    return Forest(min_impurity=0.01, random_state=3, max_features=max_features)\n"
        'def main():\n    print("x", flush=True)\n    json.dump({}, f, indent=2)\n    torch.cat(x, dim=-1)\n'
    )
    assert names("model.py", code) == ["build.max_features", "build.Forest.min_impurity"]


def test_entries_of_a_configuration_are_knobs_but_for_where_and_how_long() -> None:
    text = "model:\n  n_layers: 8\n  dropout: 0.1\ntraining:\n  lr: 3e-4\n  eval_every: 10\n  port: 29500\nseed: 1\n"
    assert names("config.yaml", text) == ["model.n_layers", "model.dropout", "training.lr"]


def test_what_the_settings_ignore_or_what_judges_is_none() -> None:
    code = "LR = 0.1\nNOISE = 0.2\ndef evaluate(dropout=0.1):\n    return dropout\n"
    assert names("train.py", code) == ["LR", "NOISE", "evaluate.dropout"]
    assert names("train.py", code, ignore=("noise",), judging=("evaluate",)) == ["LR"]


def test_no_number_is_none_and_of_very_many_the_known_ones_come_first() -> None:
    assert names("train.py", "NAME = 'a'\nBETAS = (0.8, 0.9)\nNOTHING = None\nLR = 1e400\n") == []
    code = "".join(f"ZQ{n}_ROUNDS = {n + 1}\n" for n in range(2 * MOST)) + "MATRIX_LR = 0.04\n"
    found = names("train.py", code)
    assert len(found) == MOST and found[0] == "MATRIX_LR"


def test_code_that_cannot_be_read_has_none() -> None:
    assert names("train.py", "LR = 0.1\ndef broken(:\n") == []
    assert names("kernel.cu", "#define TILE 16\n") == []
