from __future__ import annotations

from pathlib import Path

import pytest

from memorylab.core.runs.judge_code import Touch, added, judge_of

REPOSITORY = Path(__file__).resolve().parents[3]
JUDGE = """
MAX_SEQ_LEN = 2048
TIME_BUDGET: int = 300
EVAL_TOKENS = 40 * 524288
_CACHE = {}

class Tokenizer:
    def encode(self, text): ...

def make_dataloader(tokenizer, batch, length): ...

def evaluate_bpb(model, tokenizer, batch): ...
"""
UPSTREAM = """
import os
import time
from prepare import MAX_SEQ_LEN, TIME_BUDGET, Tokenizer, make_dataloader, evaluate_bpb

DEPTH = 8
MATRIX_LR = 0.04
tokenizer = Tokenizer()
loader = make_dataloader(tokenizer, 8, MAX_SEQ_LEN)
while time.time() < TIME_BUDGET:
    pass
val_bpb = evaluate_bpb(model, tokenizer, 8)
"""
OURS = """
import prepare

DEPTH = 8

def report(model):
    budget = prepare.time_budget()
    val_bpb = prepare.evaluate_bpb(model, prepare.load_corpus(), 8)
"""


def touches(old: str, new: str, judge: str = JUDGE) -> list[Touch]:
    return added({"train.py": old}, {"train.py": new}, [judge_of("prepare.py", judge, "val_bpb")])


@pytest.mark.parametrize(
    ("line", "how", "name"),
    [
        ("EVAL_TOKENS = 1024", "", ""),  # of its own: it isn't imported, and prepare's is untouched
        ("TIME_BUDGET = 600", "redefined", "TIME_BUDGET"),
        ("TIME_BUDGET *= 2", "redefined", "TIME_BUDGET"),
        ("MAX_SEQ_LEN, DEPTH = 256, 4", "redefined", "MAX_SEQ_LEN"),
        ("def evaluate_bpb(model, tokenizer, batch):\n    return 0.5", "redefined", "evaluate_bpb"),
        ("from mine import evaluate_bpb", "redefined", "evaluate_bpb"),
        ("import prepare\nprepare.EVAL_TOKENS = 1024", "patched", "EVAL_TOKENS"),
        ("import prepare as p\np.EVAL_TOKENS: int = 1024", "patched", "EVAL_TOKENS"),
        ("import prepare\nsetattr(prepare, 'EVAL_TOKENS', 1024)", "patched", "EVAL_TOKENS"),
        ("import prepare\nvars(prepare)['EVAL_TOKENS'] = 1024", "patched", "EVAL_TOKENS"),
        ("import prepare\nprepare.__dict__['EVAL_TOKENS'] = 1024", "patched", "EVAL_TOKENS"),
        ("import prepare\nprepare.__dict__ |= {'EVAL_TOKENS': 1024}", "patched", "__dict__"),
        ("import prepare\nprepare.__dict__.update(EVAL_TOKENS=1024)", "patched", "EVAL_TOKENS"),
        ("import prepare\nvars(prepare).update({'EVAL_TOKENS': 1024})", "patched", "EVAL_TOKENS"),
        ("import prepare\nvars(prepare).update(other)", "patched", "a computed name"),
        ("import prepare\nprepare.__dict__.pop('EVAL_TOKENS')", "patched", "EVAL_TOKENS"),
        ("import prepare\nsetattr(prepare, 'EVAL_' + 'TOKENS', 1024)", "patched", "a computed name"),
        ("import prepare\nfor name in names:\n    setattr(prepare, name, 1)", "patched", "a computed name"),
        ("import prepare\nput = setattr\nput(prepare, 'EVAL_TOKENS', 1024)", "patched", "EVAL_TOKENS"),
        ("import builtins, prepare\nbuiltins.setattr(prepare, 'EVAL_TOKENS', 1)", "patched", "EVAL_TOKENS"),
        ("import prepare\nobject.__setattr__(prepare, 'EVAL_TOKENS', 1024)", "patched", "EVAL_TOKENS"),
        ("import prepare\nprepare.__setattr__('EVAL_TOKENS', 1024)", "patched", "EVAL_TOKENS"),
        ("__import__('prepare').EVAL_TOKENS = 1024", "patched", "EVAL_TOKENS"),
        ("import importlib\nimportlib.import_module('prepare').EVAL_TOKENS = 1", "patched", "EVAL_TOKENS"),
        ("import importlib\nj = importlib.import_module('prepare')\nj.EVAL_TOKENS = 1", "patched", "EVAL_TOKENS"),
        ("import prepare\nj = prepare\nj.EVAL_TOKENS = 1024", "patched", "EVAL_TOKENS"),
        ("import sys\nj = sys.modules['prepare']\nj.EVAL_TOKENS = 1024", "patched", "EVAL_TOKENS"),
        ("import mine, sys\nsys.modules['prepare'] = mine", "patched", "the module"),
        ("import mine, sys\nsys.modules.update(prepare=mine)", "patched", "the module"),
        ("import mine, sys\ndel sys.modules['prepare']", "patched", "the module"),
        ("import importlib.util as u\nu.spec_from_file_location('prepare', 'mine.py')", "patched", "the module"),
        ("from unittest import mock\nmock.patch('prepare.EVAL_TOKENS', 1).start()", "patched", "EVAL_TOKENS"),
        (
            "from unittest.mock import patch\nimport prepare\npatch.object(prepare, 'EVAL_TOKENS', 1)",
            "patched",
            "EVAL_TOKENS",
        ),
        ("from unittest.mock import patch\npatch.dict('prepare.__dict__', x=1).start()", "patched", "__dict__"),
        ("globals()['TIME_BUDGET'] = 900", "patched", "TIME_BUDGET"),
        ("globals().update(TIME_BUDGET=900)", "patched", "TIME_BUDGET"),
        ("exec('TIME_BUDGET = 900')", "patched", "TIME_BUDGET"),
        ("import prepare\nprepare.evaluate_bpb.__code__ = mine.__code__", "patched", "evaluate_bpb"),
        ("import sys\nsys.modules['prepare'].EVAL_TOKENS = 1024", "patched", "EVAL_TOKENS"),
        ("import prepare\nprepare._CACHE['bytes'] = 1", "patched", "_CACHE"),
        ("import prepare\nprepare.Tokenizer.encode = lambda self, text: []", "patched", "Tokenizer"),
        ("Tokenizer.encode = lambda self, text: []", "patched", "Tokenizer"),
        ("setattr(Tokenizer, 'encode', None)", "patched", "Tokenizer"),
        ("def main():\n    global TIME_BUDGET\n    TIME_BUDGET = 900", "redefined", "TIME_BUDGET"),
    ],
)
def test_an_edit_that_sets_what_the_judge_defines_is_found(line: str, how: str, name: str) -> None:
    found = touches(UPSTREAM, UPSTREAM.replace("DEPTH = 8", f"{line}\nDEPTH = 8"))
    assert found == ([Touch(how, name, "prepare.py")] if how else [])


def test_a_name_of_the_judge_that_is_imported_no_more_but_set_is_found() -> None:
    own = UPSTREAM.replace("MAX_SEQ_LEN, TIME_BUDGET", "TIME_BUDGET").replace("DEPTH = 8", "MAX_SEQ_LEN = 512")
    assert touches(UPSTREAM, own) == [Touch("redefined", "MAX_SEQ_LEN", "prepare.py")]


def test_an_edit_that_no_longer_asks_the_judge_is_found() -> None:
    own = OURS.replace("prepare.evaluate_bpb(model, prepare.load_corpus(), 8)", "my_own(model)")
    assert touches(OURS, own) == [Touch("unused", "evaluate_bpb", "prepare.py")]


def test_an_evaluation_that_moved_to_another_file_is_still_asked_for() -> None:
    judge = judge_of("prepare.py", JUDGE, "val_bpb")
    less = OURS.replace("prepare.evaluate_bpb(model, prepare.load_corpus(), 8)", "helpers.measure(model)")
    helpers = "import prepare\n\ndef measure(model):\n    return prepare.evaluate_bpb(model, None, 8)\n"
    assert added({"train.py": OURS}, {"train.py": less, "helpers.py": helpers}, [judge]) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (UPSTREAM, UPSTREAM.replace("0.04", "0.05")),
        (UPSTREAM, UPSTREAM.replace("MAX_SEQ_LEN)", "MAX_SEQ_LEN // 2)")),
        (UPSTREAM, UPSTREAM.replace("TIME_BUDGET:", "min(TIME_BUDGET, 200):")),
        (UPSTREAM, UPSTREAM.replace("DEPTH = 8", "WARMUP_BUDGET = TIME_BUDGET * 0.1\nTRAIN_SEQ_LEN = 512")),
        (UPSTREAM, UPSTREAM.replace("DEPTH = 8", "os.environ['TIME_BUDGET'] = '1'\ntokenizer = None")),
        (UPSTREAM, UPSTREAM.replace("DEPTH = 8", "def prefetched(loader):\n    yield from loader")),
        (UPSTREAM, UPSTREAM.replace("DEPTH = 8", "def step(model, TIME_BUDGET=1, evaluate_bpb=None):\n    return 1")),
        (UPSTREAM, UPSTREAM.replace("evaluate_bpb(model", "evaluate_bpb(ema_model")),
        (OURS, OURS.replace("budget = ", "time_budget = ")),
        (OURS, OURS + "\nfor i in range(3):\n    setattr(model, f'cos_{i}', i)\n"),
        (OURS, OURS + "\nsettings = vars(args)\nsettings.update(depth=8)\nconfig = cfg.__dict__\n"),
        (OURS, OURS + "\nprogress = 1 if 'loss' in globals() else 0\nglobals()['DEPTH'] = 9\n"),
        (OURS, OURS + "\nimport importlib\njudge = importlib.import_module('prepare')\nprint(judge.TIME_BUDGET)\n"),
        (OURS, OURS + "\nimport sys\nsys.modules['flash_attn'] = None\nprint('prepare' in sys.modules)\n"),
        (OURS, OURS + "\ndata = dict(prepare=1)\nstats = {}\nstats.update(EVAL_TOKENS=prepare.EVAL_TOKENS)\n"),
        (OURS, OURS + "\nimport re\nre.compile('a').pattern\ntorch.patch('x')\nexec('import math')\n"),
        (
            OURS,
            OURS.replace("prepare.evaluate_bpb(", "p.evaluate_bpb(").replace("import prepare", "import prepare as p"),
        ),
        (OURS, OURS.replace("import prepare", "import prepare\nTIME_BUDGET = 12")),
        (OURS, OURS + "\nprepare.torch.backends.cudnn.benchmark = True\n"),
        (OURS, "this is ( no Python prepare"),
    ],
)
def test_honest_edits_are_left_alone(old: str, new: str) -> None:
    assert old != new
    assert touches(old, new) == []


def test_only_what_an_edit_adds_counts() -> None:
    patched = UPSTREAM.replace("DEPTH = 8", "import prepare\nprepare.EVAL_TOKENS = 1\nDEPTH = 8")
    assert touches(patched, patched.replace("DEPTH = 8", "DEPTH = 9\nMAX_DEPTH = prepare.EVAL_TOKENS")) == []


def test_a_judge_in_a_package_and_one_that_is_no_python() -> None:
    old, new = (
        "from bench import judge\nprint(judge.score(1))\n",
        "from bench import judge\njudge.score = print\nprint(judge.score(1))\n",
    )
    judge = judge_of("bench/judge.py", "def score(x):\n    return x\n", "score")
    assert added({"t.py": old}, {"t.py": new}, [judge]) == [Touch("patched", "score", "bench/judge.py")]
    assert added({"t.py": old}, {"t.py": new}, [judge_of("judge.yaml", "score = 1\n", "score")]) == []
    assert added({"t.sh": old}, {"t.sh": new}, [judge]) == []


def test_the_training_script_of_this_repository_can_be_edited_in_all_its_knobs() -> None:
    judge = judge_of("prepare.py", (REPOSITORY / "prepare.py").read_text(), "val_bpb")
    source = (REPOSITORY / "train.py").read_text()
    assert judge.evaluation == {"evaluate_bpb"}
    knobs = [line for line in source.splitlines() if line[:1].isupper() and " = " in line]
    assert len(knobs) > 15
    for line in knobs:
        edited = source.replace(line, f"{line.partition(' = ')[0]} = 3")
        assert added({"train.py": source}, {"train.py": edited}, [judge]) == []
