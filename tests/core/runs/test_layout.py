"""Which files change and which judge, told from what is run."""

from __future__ import annotations

import pytest

from memorylab.core.runs import layout
from memorylab.core.runs.layout import Layout

PACKAGE = {
    "lab/__init__.py": "",
    "lab/loop.py": "from .nets import Net\nfrom .evaluation import val_bpb\nfrom .dataset import load\n",
    "lab/nets.py": "class Net: pass\n",
    "lab/evaluation.py": "from . import helpers\nfrom .dataset import load\ndef val_bpb(m): ...\n",
    "lab/helpers.py": "X = 1\n",
    "lab/dataset.py": "def load(): ...\n",
}
ONE_FILE = (
    "eval_iters = 200\neval_interval = 10\ndef train_step(): ...\ndef estimate_loss(): ...\nprint(estimate_loss())\n"
)


@pytest.mark.parametrize(
    ("scripts", "sources", "beside", "metric", "wanted"),
    [
        # upstream's two files, whether one imports the other or not
        (["train.py"], {"train.py": "X = 1\n", "prepare.py": "Y = 1\n"}, ["prepare.py"], "val_bpb", "train|prepare"),
        # a script in a folder, a judge that is known by the metric that it defines
        (
            ["src/fit.py"],
            {
                "src/fit.py": "import util\nimport model\n",
                "src/util.py": "def rmse(a, b): ...\n",
                "src/model.py": "M = 1\n",
            },
            [],
            "rmse",
            "src/fit src/model|src/util",
        ),
        # a package: what only the judge imports is the judge's
        (["lab/loop.py"], PACKAGE, [], "val_bpb", "lab/loop lab/nets|lab/evaluation lab/helpers lab/dataset"),
        # what is run is the judge, and imports what is judged
        (
            ["backtest.py"],
            {
                "backtest.py": "import strategy, bars_data\n",
                "strategy.py": "import ema\n",
                "ema.py": "1\n",
                "bars_data.py": "1\n",
            },
            [],
            "sharpe",
            "strategy ema|backtest bars_data",
        ),
        # two commands, one after the other
        (
            ["solve.py", "check/grade.py"],
            {"solve.py": "1\n", "check/grade.py": "2\n"},
            [],
            "points",
            "solve|check/grade",
        ),
        # a judge in a process of its own
        (
            ["go.py"],
            {"go.py": "import subprocess\nsubprocess.run(['python', 'measure/score.py'])\n", "measure/score.py": "1\n"},
            [],
            "score",
            "go|measure/score",
        ),
    ],
)
def test_judge_and_experiment_are_told_apart(
    scripts: list[str], sources: dict[str, str], beside: list[str], metric: str, wanted: str
) -> None:
    found = layout.infer(scripts, sources, beside, metric)
    mutable, _, protected = wanted.partition("|")
    assert found.mutable == tuple(f"{name}.py" for name in mutable.split())
    assert set(found.protected) == {f"{name}.py" for name in protected.split()}
    assert (found.unknown, found.shared) == ((), "")


def test_data_that_only_the_training_reads_is_asked_about() -> None:
    sources = {"t.py": "import dataset, judge\n", "dataset.py": "X = 1\n", "judge.py": "Y = 1\n"}
    assert layout.infer(["t.py"], sources, [], "loss") == Layout(("t.py",), ("judge.py",), ("dataset.py",), "")


def test_one_file_is_protected_by_its_evaluation() -> None:
    found = layout.infer(["train.py"], {"train.py": ONE_FILE}, [], "val_loss")
    assert found == Layout(("train.py",), ("train.py:estimate_loss", "train.py:eval_iters"), (), "train.py")


def test_a_model_that_knows_its_own_loss_is_no_judge() -> None:
    sources = {"train.py": "from model import GPT\n", "model.py": "def cross_entropy_score(): ...\n"}
    assert layout.infer(["train.py"], sources, [], "val_loss").protected == ()


def test_another_language_is_told_by_names() -> None:
    assert layout.infer(["opt.jl"], {}, ["opt.jl", "evaluate.jl", "plots.jl"], "loss") == Layout(
        ("opt.jl",), ("evaluate.jl",)
    )


@pytest.mark.parametrize("source", ["def broken(:\n", "(" * 5000, ""])
def test_what_is_no_python_imports_nothing(source: str) -> None:
    assert layout.infer(["train.py"], {"train.py": source}, [], "loss") == Layout(("train.py",))
