"""Holds what a run is: by its code, its command and its judge, and never by what is said of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Shell

if sys.platform == "win32":
    pytest.skip("untried on Windows", allow_module_level=True)

COMMAND = (sys.executable, "train.py")
CODE = """import argparse
import os

RATE = 0.3
LAYERS = 4
parser = argparse.ArgumentParser()
parser.add_argument("--momentum", type=float, default=0.8)
parser.parse_known_args()
print("---")
print("val_bpb: " + os.environ["VALUE"])
print("training_seconds: 300")
"""


def code(**values: object) -> str:
    """The script with other constants."""
    text = CODE
    for name, value in values.items():
        old = next(line for line in CODE.splitlines() if line.startswith(f"{name} = "))
        text = text.replace(old, f"{name} = {value}")
    return text


def run(
    shell: Shell, description: str, value: float, *options: str, args: tuple[str, ...] = (), **environment: str
) -> dict[str, Any]:
    """`run --json` of the script, expected to record that value; the row."""
    words = ("run", "--json", "--description", description, *options, "--", *COMMAND, *args)
    row: dict[str, Any] = json.loads(shell.ok(*words, VALUE=str(value), **environment))
    assert row["metrics"]["val_bpb"] == value
    return row


def edits(row: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    return [(edit["target"], edit["from"], edit["to"]) for edit in row["edits"]]


@pytest.fixture
def night(shell: Shell) -> Shell:
    """A workspace whose first run measured 1.0."""
    shell.commit(CODE, "the script")
    shell.ok("init")
    run(shell, "baseline", 1.0)
    return shell


def first(shell: Shell) -> dict[str, Any]:
    return shell.ledger()[0]


# -- the same again


@pytest.mark.parametrize("mode", ["explore", "exploit", "replicate"])
@pytest.mark.parametrize("words", ["use huber loss", "raise RATE from 0.3 to 0.5", "is it real?", "baseline"])
def test_unchanged_code_is_a_rerun_in_every_mode_and_in_any_words(night: Shell, mode: str, words: str) -> None:
    done = night.run("run", "--mode", mode, "--description", words, "--", *COMMAND, VALUE="1.002")
    assert done.returncode == 0, done.stderr
    name = first(night)["run_id"]
    assert f"this is the code of {name}, unchanged" in done.stderr
    row = night.ledger()[-1]
    assert (row["candidate"], row["change"]) == (name, "")
    assert [edit["target"] for edit in row["edits"]] == ["rerun"]
    assert row["novelty_guard"]["classification"] == "duplicate_run"
    assert row["decision_packet"]["run"]["runs_of_candidate"] == 2


def test_a_rerun_says_nothing_of_what_it_was_called(night: Shell) -> None:
    for number in range(4):
        run(night, "use huber loss", 1.3 + number / 100)
    guard = night.json("check", "--description", "use huber loss")
    assert guard["classification"] == "novel"
    assert guard["policy"]["decision"] != "block"
    assert guard["match_count"] == 0
    assert night.json("noise")["replicates"] == 4
    assert len({row["candidate"] for row in night.ledger()}) == 1


def test_the_mean_of_all_its_runs_is_what_counts(night: Shell) -> None:
    row = run(night, "confirm the gain", 1.01, "--mode", "replicate")
    assert row["decision_packet"]["comparison"]["value"] == pytest.approx(1.005)


def test_another_seed_another_python_and_another_comment_are_the_same(night: Shell) -> None:
    (night.root / "train.py").write_text("# a comment\n" + CODE.replace("RATE = 0.3", "RATE   =  3e-1"))
    row = run(night, "anything", 1.001, args=("--seed", "7", "--out=runs/1"), AUTORESEARCH_SEED="9")
    assert row["candidate"] == first(night)["run_id"]
    assert row["environment"] == {"AUTORESEARCH_SEED": "9"}


BROKEN = "import os\nassert os.environ.get('MENDED'), 'widths differ: (4, 5)'\n"
WANTING = "import sys\nprint('torch.cuda.OutOfMemoryError: CUDA out of memory.')\nsys.exit(1)\n"
KILLED = "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n"


@pytest.mark.parametrize(
    ("body", "mode", "decision"),
    [
        (BROKEN, "explore", "block"),
        (BROKEN, "exploit", "block"),
        (BROKEN, "replicate", "allow"),
        (WANTING, "exploit", "block"),
        (WANTING, "replicate", "allow"),
    ],
)
def test_code_that_crashed_and_was_not_mended_is_told_in_any_words(
    night: Shell, body: str, mode: str, decision: str
) -> None:
    night.commit(body + CODE)
    night.ok("run", "--description", "a wider gate", "--", *COMMAND)
    crash = night.ledger()[-1]
    assert crash["status"] == "crash"
    done = night.run("run", "--json", "--mode", mode, "--description", "use huber loss", "--", *COMMAND)
    told = json.loads(done.stdout)
    policy = told["novelty_guard"]["policy"]
    assert policy["decision"] == decision, policy
    assert f"this is the code of {crash['run_id']}, unchanged, and it crashed there" in policy["reason"]
    runs = [row for row in night.ledger() if row.get("kind", "run") == "run"]
    assert len(runs) == (2 if decision == "block" else 3)


def test_mended_code_isnt_held_back_by_the_crash_before_it(night: Shell) -> None:
    night.commit(BROKEN + CODE)
    night.ok("run", "--description", "a wider gate", "--", *COMMAND)
    night.commit(BROKEN.replace("(4, 5)", "(5, 5)") + CODE)
    row = run(night, "a gate that fits", 0.98, MENDED="1")
    assert "it crashed there" not in row["novelty_guard"]["policy"]["reason"]


def test_code_that_was_stopped_from_outside_is_run_again_as_if_for_the_first_time(night: Shell) -> None:
    night.commit(KILLED + CODE)
    night.ok("run", "--description", "a wider gate", "--", *COMMAND)
    assert night.ledger()[-1]["error"]["kind"] == "interrupted"
    again = night.run("run", "--description", "a wider gate", "--", *COMMAND)
    assert again.returncode == 0 and "it crashed there" not in again.stdout + again.stderr


def test_a_mode_that_asks_for_the_same_again_doesnt_get_other_code(night: Shell) -> None:
    night.commit(code(RATE=0.5))
    done = night.run("run", "--mode", "replicate", "--description", "rerun", "--", *COMMAND, VALUE="0.9")
    assert done.returncode == 2
    assert "RATE" in done.stdout


def test_a_rerun_is_no_step_of_a_line_and_moves_no_base(night: Shell) -> None:
    night.commit(code(RATE=0.4))
    kept = run(night, "raise RATE from 0.3 to 0.4", 0.9)
    night.git("commit", "-q", "--allow-empty", "-m", "nothing")
    again = run(night, "is it real?", 0.901)
    assert again["candidate"] == kept["run_id"]
    night.commit(code(RATE=0.4, LAYERS=5))
    row = run(night, "one layer more", 0.8)
    assert row["parent_run"] == kept["run_id"]
    assert edits(row) == [("LAYERS", 4.0, 5.0)]
    assert row["base"]["value"] == pytest.approx(0.9005)


def test_what_was_tried_is_known_on_the_base_that_is_back(night: Shell) -> None:
    """An edit that was kept and taken back has moved nothing: the failure before it still stands."""
    night.commit(code(LAYERS=9))
    run(night, "raise LAYERS from 4 to 9", 1.4)
    night.git("reset", "-q", "--hard", "HEAD~1")
    run(night, "is the base as it was?", 1.001)
    guard = night.json("check", "--description", "raise LAYERS from 4 to 9")
    assert guard["policy"]["decision"] == "block"
    assert "on the same base" in guard["policy"]["reason"]


# -- arguments


def test_an_argument_of_the_code_is_an_idea(night: Shell) -> None:
    row = run(night, "more momentum", 0.9, args=("--momentum", "0.9"))
    assert edits(row) == [("momentum", 0.8, 0.9)]
    assert row["candidate"] == row["run_id"]
    assert row["parent_run"] == first(night)["run_id"]
    assert row["state"]["slots"]["--momentum"] == 0.9
    assert row["command"].endswith("train.py --momentum 0.9")
    assert row["decision_packet"]["summary"].startswith("Keep (other command: --momentum 0.9): ")
    same = run(night, "anything", 0.901, args=("--momentum=.90",))
    assert same["candidate"] == row["run_id"]
    default = run(night, "anything else", 1.001, args=("--momentum", "0.8"))
    assert default["candidate"] == first(night)["run_id"]


@pytest.mark.parametrize("args", [("--max-steps", "50"), ("--time-budget=60",), ("--split", "test")])
def test_a_budget_from_outside_is_another_arena(night: Shell, args: tuple[str, ...]) -> None:
    row = run(night, "more of it", 0.5, args=args)
    assert row["base"] is None
    assert row["arena"]["arguments"]
    assert "which makes another arena" in row["decision_packet"]["summary"]
    back = run(night, "as before", 1.001)
    assert back["candidate"] == first(night)["run_id"]
    assert "arguments" not in back["arena"]
    assert night.json("best")["champion"]["mean"] == pytest.approx(1.0005)


def test_steps_from_the_environment_are_another_arena(night: Shell) -> None:
    row = run(night, "more of it", 0.5, AUTORESEARCH_MAX_STEPS="7")
    assert (row["base"], row["arena"]["environment"]) == (None, "AUTORESEARCH_MAX_STEPS 7")
    assert row["environment"] == {"AUTORESEARCH_MAX_STEPS": "7"}


def test_an_argument_of_the_judge_is_another_arena(night: Shell) -> None:
    (night.root / "prepare.py").write_text("import os\nprint('val_bpb: ' + os.environ['VALUE'])\n")
    night.git("commit", "-qam", "a judge that is called")
    night.agreed("pin")
    for args, base in (((), None), (("--assets", "10"), None), (("--assets", "10"), None)):
        row = json.loads(
            night.ok("run", "--json", "--description", "x", "--", sys.executable, "prepare.py", *args, VALUE="0.7")
        )
        assert row["base"] == base
    assert row["arena"]["arguments"] == "--assets 10"
    assert row["decision_packet"]["run"]["runs_of_candidate"] == 2


def test_a_short_run_is_not_what_the_commands_tell_of(night: Shell) -> None:
    night.commit(code(LAYERS=9))
    run(night, "raise LAYERS from 4 to 9", 1.4)
    night.git("reset", "-q", "--hard", "HEAD~1")
    run(night, "does it run at all?", 5.0, args=("--max-steps", "1"))
    assert night.json("best")["champion"]["value"] == 1.0
    assert night.json("check", "--description", "raise LAYERS from 4 to 9")["policy"]["decision"] == "block"


def test_the_settings_say_what_of_a_command_says_what(night: Shell) -> None:
    with (night.root / "memorylab.toml").open("a") as file:
        file.write(
            '\n[arena]\narguments = ["--folds"]\nignore = ["note", "LAYERS"]\n[environment]\nrecord = ["KNOB"]\n'
        )
    base = run(night, "baseline with them", 1.0)
    (night.root / "train.py").write_text(code(LAYERS=7))
    assert run(night, "a", 1.001, args=("--note", "x"))["candidate"] == base["run_id"]
    assert run(night, "b", 0.7, args=("--folds", "3"))["base"] is None
    assert edits(run(night, "c", 0.9, KNOB="3")) == [("KNOB", None, 3.0)]


@pytest.mark.parametrize(
    "text", ["[arena]\nfolds = 1\n", "[arena]\nignore = 3\n", "arena = 3\n", '[environment]\nrecord = [""]\n']
)
def test_settings_that_make_no_sense_are_refused_in_one_line(night: Shell, text: str) -> None:
    (night.root / "memorylab.toml").write_text(text)
    assert "memorylab.toml" in night.refused("check", "--description", "x")


def test_no_secret_of_a_command_is_kept(night: Shell) -> None:
    run(night, "a", 1.001, args=("--api-key", "sk-proj-abcdefghijklmnopqrstuvwxyz012345"))
    stored = (night.root / "results" / "memorylab" / "experiments.jsonl").read_text()
    assert "abcdefghijklmnop" not in stored
    for path in (night.root / "results").rglob("*"):
        assert not path.is_file() or b"sk-proj-abcdef" not in path.read_bytes(), path


def test_secrets_in_the_code_are_kept_nowhere(night: Shell) -> None:
    secret = "hf_" + "abcdefghijklmnopqrstuvwxyz0123456789"[:34]
    night.commit(CODE + f'HF_TOKEN = "{secret}"\n')
    run(night, "a token", 0.9)
    for path in (night.root / "results").rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes(), path


# -- what it stands on


@pytest.mark.parametrize("how", ["nothing", "amend", "rebase", "cherry-pick", "squash", "other files"])
def test_the_base_is_found_whatever_git_made_of_its_commit(night: Shell, how: str) -> None:
    night.git("checkout", "-q", "-b", "idea")
    night.commit(code(RATE=0.4))
    run(night, "raise RATE from 0.3 to 0.4", 0.9)
    night.commit(code(RATE=0.4, LAYERS=5))
    kept = run(night, "raise LAYERS from 4 to 5", 0.8)
    readme = night.root / "README"
    if how == "amend":
        night.git("commit", "-q", "--amend", "-m", "kept at 0.8")
    elif how in ("rebase", "cherry-pick"):
        night.git("checkout", "-q", "night")
        readme.write_text("words\n")
        night.git("add", "README")
        night.git("commit", "-qm", "words")
        if how == "rebase":
            night.git("checkout", "-q", "idea")
            night.git("rebase", "-q", "night")
        else:
            night.git("cherry-pick", "night..idea")
    elif how == "squash":
        night.git("checkout", "-q", "night")
        night.git("merge", "-q", "--squash", "idea")
        night.git("commit", "-qm", "both")
    elif how == "other files":
        readme.write_text("words\n")
        night.git("add", "README")
        night.git("commit", "-qm", "words")
    night.commit(code(RATE=0.4, LAYERS=6))
    row = run(night, "raise LAYERS from 5 to 6", 0.85)
    assert row["parent_run"] == kept["run_id"]
    assert (row["base"]["run_id"], row["base"]["value"]) == (kept["run_id"], 0.8)
    assert edits(row) == [("LAYERS", 5.0, 6.0)]


def test_several_commits_are_one_edit_of_the_run_before(night: Shell) -> None:
    night.commit(code(RATE=0.4))
    night.commit(code(RATE=0.4, LAYERS=5))
    row = run(night, "both", 0.9)
    assert row["parent_run"] == first(night)["run_id"]
    assert sorted(edits(row)) == [("LAYERS", 4.0, 5.0), ("RATE", 0.3, 0.4)]


def test_a_dirty_tree_is_told_and_never_stands_for_its_commit(night: Shell) -> None:
    (night.root / "train.py").write_text(code(RATE=0.4))
    dirty = run(night, "raise RATE to 0.4", 0.9)
    assert dirty["dirty"] is True
    assert dirty["decision_packet"]["summary"].startswith("Keep (uncommitted changes): ")
    night.git("checkout", "-q", "train.py")
    assert run(night, "the commit itself", 1.001)["candidate"] == first(night)["run_id"]
    night.commit(code(LAYERS=5))
    row = run(night, "raise LAYERS", 1.1)
    assert row["parent_run"] == first(night)["run_id"]
    assert edits(row) == [("LAYERS", 4.0, 5.0)]


def test_who_commits_nothing_builds_on_the_tree_before(night: Shell) -> None:
    (night.root / "train.py").write_text(code(RATE=0.4))
    kept = run(night, "raise RATE", 0.9)
    (night.root / "train.py").write_text(code(RATE=0.4, LAYERS=5))
    row = run(night, "raise LAYERS", 0.8)
    assert row["parent_run"] == kept["run_id"]
    assert edits(row) == [("LAYERS", 4.0, 5.0)]
    assert row["base"]["value"] == 0.9


def test_without_git_the_base_is_the_code_that_is_closest(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    (tmp_path / "train.py").write_text(CODE)
    (tmp_path / "prepare.py").write_text("X = 1\n")
    shell.ok("init")
    before = run(shell, "baseline", 1.0)
    assert run(shell, "use huber loss", 1.001)["candidate"] == before["run_id"]
    (tmp_path / "train.py").write_text(code(RATE=0.4))
    row = run(shell, "faster", 0.9)
    assert (row["parent_run"], edits(row)) == (before["run_id"], [("RATE", 0.3, 0.4)])


def test_a_run_of_another_budget_gains_nothing_on_one_that_it_cant_be_held_against(night: Shell) -> None:
    run(night, "more", 0.5, args=("--epochs", "9"))
    assert night.json("history")[0]["base_value"] is None


# -- what can't be read


def test_nobody_can_say_what_changed_where_nothing_is_read(shell: Shell) -> None:
    shell.git("rm", "-q", "train.py")
    (shell.root / "loop.sh").write_text("echo val_bpb: $VALUE\n")
    shell.git("add", ".")
    shell.git("commit", "-qm", "a loop")
    shell.ok("init", "--command", "sh loop.sh")
    for number, words in enumerate(("baseline", "try a thing", "another thing")):
        (shell.root / "loop.sh").write_text(f"# {number}\necho val_bpb: $VALUE\n")
        shell.ok("run", "--description", words, VALUE=str(1 + number))
    rows = shell.ledger()
    assert "" not in [row["change"] for row in rows]
    assert len({row["candidate"] for row in rows}) == 3  # another text is another state, whatever it says


def test_a_change_that_no_reader_understands_is_not_no_change(shell: Shell) -> None:
    (shell.root / "fit.c").write_text("#pragma unroll 2\nint x;\n")
    (shell.root / "loop.sh").write_text("echo val_bpb: $VALUE\n")
    shell.git("add", ".")
    shell.git("commit", "-qm", "a loop")
    shell.ok("init", "--command", "sh loop.sh", "--mutable", "fit.c", "--protected", "loop.sh")
    shell.ok("run", "--description", "baseline", VALUE="1")
    (shell.root / "fit.c").write_text("#pragma unroll 4\nint x;\n")
    shell.git("commit", "-qam", "unroll")
    shell.ok("run", "--description", "unroll more", VALUE="0.9")
    shell.ok("run", "--description", "use mish", VALUE="0.91")
    one, two, three = shell.ledger()
    assert two["change"] is None
    assert two["candidate"] == two["run_id"]
    assert (three["change"], three["candidate"]) == ("", two["run_id"])
    assert one["state"]["slots"] == {"script": "loop.sh"}


def test_configurations_by_argument_are_code_too(night: Shell) -> None:
    (night.root / "a.yaml").write_text("opt:\n  rate: 0.1\n")
    night.git("add", "a.yaml")
    night.git("commit", "-qm", "a configuration")
    base = run(night, "with a file", 0.99, args=("--config", "a.yaml"))
    (night.root / "b.yaml").write_text("opt:\n    rate: 1e-1 # the same\n")
    assert run(night, "use mish", 0.991, args=("--config", "b.yaml"))["candidate"] == base["run_id"]
    (night.root / "b.yaml").write_text("opt:\n    rate: 0.2\n")
    row = run(night, "faster", 0.9, args=("--config", "b.yaml"))
    assert row["candidate"] == row["run_id"]
    assert [(frm, to) for _, frm, to in edits(row)] == [(0.1, 0.2)]


# -- by hand


def test_a_run_by_hand_is_judged_by_its_words_as_ever(night: Shell) -> None:
    before = first(night)["run_id"]
    same = night.json("log", "--status", "auto", "--description", "baseline", "--summary", night.summary(val_bpb=1.01))
    other = night.json("log", "--status", "auto", "--description", "use mish", "--summary", night.summary(val_bpb=0.99))
    assert (other["candidate"], other["command"]) == (other["run_id"], None)
    assert same["candidate"] == before


def test_who_logs_by_hand_may_say_how_it_was_called(night: Shell) -> None:
    said = ("log", "--status", "auto", "--description", "use mish", "--summary", night.summary(val_bpb=1.01))
    same = night.json(*said, "--command", "python train.py --seed 3")
    assert (same["candidate"], same["change"]) == (first(night)["run_id"], "")
    other = night.json(*said, "--command", "python train.py --momentum 0.9")
    assert edits(other) == [("momentum", 0.8, 0.9)]
    assert "can't be read" in night.refused(*said, "--command", "python 'train.py", code=64)


def test_run_commits_what_is_about_to_run(night: Shell) -> None:
    (night.root / "train.py").write_text(code(RATE=0.4))
    (night.root / "README").write_text("not mine\n")
    row = run(night, "raise RATE from 0.3 to 0.4", 0.9, "--commit")
    assert row["commit"] == night.git("rev-parse", "HEAD") != first(night)["commit"]
    assert night.git("log", "-1", "--format=%s") == "raise RATE from 0.3 to 0.4"
    assert row["dirty"] is False
    assert "uncommitted" not in row["decision_packet"]["summary"]
    assert "README" in night.git("status", "--short")
    assert row["parent_run"] == first(night)["run_id"]
    assert edits(row) == [("RATE", 0.3, 0.4)]


def test_with_nothing_to_commit_nothing_is_committed(night: Shell) -> None:
    before = night.git("rev-parse", "HEAD")
    run(night, "again", 1.001, "--commit", "--mode", "replicate")
    assert night.git("rev-parse", "HEAD") == before


def test_a_run_that_is_held_back_commits_nothing(night: Shell) -> None:
    night.commit(code(LAYERS=9))
    run(night, "raise LAYERS from 4 to 9", 1.4)
    night.git("reset", "-q", "--hard", "HEAD~1")
    before = night.git("rev-parse", "HEAD")
    (night.root / "train.py").write_text(code(LAYERS=10))
    done = night.run("run", "--commit", "--description", "raise LAYERS from 4 to 10", "--", *COMMAND, VALUE="1.41")
    assert done.returncode == 2
    assert night.git("rev-parse", "HEAD") == before


def test_what_git_refuses_is_told_and_nothing_runs(night: Shell) -> None:
    hook = night.root / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\necho no commits at night >&2\nexit 1\n")
    hook.chmod(0o755)
    (night.root / "train.py").write_text(code(RATE=0.4))
    said = night.refused("run", "--commit", "--description", "raise RATE", "--", *COMMAND, VALUE="0.9")
    assert "no commits at night" in said
    assert len(night.ledger()) == 1


# -- names


def test_an_entry_of_the_settings_is_known_by_its_own_name(shell: Shell) -> None:
    text = "import os\nSETTINGS = {'min_margin': 10.0}\nprint('val_bpb: ' + os.environ['VALUE'])\n"
    shell.commit(text)
    shell.ok("init")
    run(shell, "baseline", 1.0)
    shell.commit(text.replace("10.0", "15.0"))
    assert edits(run(shell, "be pickier", 1.4)) == [("SETTINGS.min_margin", 10.0, 15.0)]
    shell.git("reset", "-q", "--hard", "HEAD~1")
    for words in ("raise min_margin from 10 to 15", "be pickier"):
        guard = shell.json("check", "--description", words)
        assert guard["policy"]["decision"] == "block", words
    assert shell.json("knobs")[0]["knob"] == "MIN_MARGIN"
    assert "15 worse" in shell.ok("knobs", "min_margin").splitlines()[1]


def test_a_text_that_no_reader_knows_is_known_again_word_for_word(night: Shell) -> None:
    night.commit(code(RATE=0.5))
    run(night, "加大步长试试看", 1.4)
    night.git("reset", "-q", "--hard", "HEAD~1")
    assert night.json("check", "--description", "加大步长试试看")["policy"]["decision"] == "block"
    assert night.json("check", "--description", "减小批量")["policy"]["decision"] != "block"


# -- old ledgers


def test_rows_without_an_identity_read_as_ever(night: Shell) -> None:
    ledger = night.root / "results" / "memorylab" / "experiments.jsonl"
    row = {
        name: value
        for name, value in first(night).items()
        if name not in ("state", "command", "environment", "parent_run", "chain")
    }
    ledger.write_text(json.dumps(row) + "\n")
    again = run(night, "baseline", 1.001)
    assert again["metrics"]["val_bpb"] == 1.001
    assert night.json("history")[1]["value"] == 1.0
    assert night.run("verify").returncode == 0


def test_fields_of_another_shape_are_dropped(night: Shell) -> None:
    ledger = night.root / "results" / "memorylab" / "experiments.jsonl"
    row = first(night)
    row |= {"state": [1], "command": 3, "environment": {"A": 1, "B": "x"}, "parent_run": {}}
    row.pop("chain")
    ledger.write_text(json.dumps(row) + "\n")
    done = night.run("verify")
    for name in ("state", "command", "environment.A", "parent_run"):
        assert name in done.stdout + done.stderr
    run(night, "baseline", 1.001)


def test_the_code_of_a_run_by_hand_is_unchanged_code_too(shell: Shell) -> None:
    shell.commit(CODE, "the script")
    shell.ok("init")
    by_hand = shell.json(
        "log", "--status", "keep", "--description", "baseline", "--summary", shell.summary(val_bpb=1.0)
    )
    assert run(shell, "rerun", 1.001, "--mode", "replicate")["candidate"] == by_hand["run_id"]
    other = run(shell, "use mish", 1.002, args=("--momentum", "0.9"))
    assert (other["candidate"], other["parent_run"]) == (other["run_id"], by_hand["run_id"])


def test_a_program_among_the_words_is_kept_by_its_fingerprint(night: Shell) -> None:
    program = "print('val_bpb: 0.9')  # a marvel"
    for words in ("a", "b"):
        night.ok("run", "--no-check", "--description", words, "--", sys.executable, "-c", program, "3")
    one, two = night.ledger()[-2:]
    assert "marvel" not in one["command"]
    assert two["candidate"] == one["run_id"]
