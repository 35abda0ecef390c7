"""What `Lab.ideas` offers: never what the guard would block or somebody has in hand, with the guard's own P(keep)."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from memorylab.lab import Lab, Question, open_lab, running

ARENA = {"metric": "val_bpb", "direction": "min", "budget_s": 300.0}
CODE = "MATRIX_LR = 0.04\nDEPTH = 8\nN_HEAD = 6\nMODEL_DIM = 384\nUSE_NORM = False\nSEED = 3\n"


def lab_of(root: Path, *rows: dict[str, Any], code: str = CODE, **init: Any) -> Lab:
    root.mkdir(exist_ok=True)
    (root / "train.py").write_text(code)
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=root, check=True)
    lab = open_lab(root, environment={}, warn=lambda _: None)
    lab.init(**init)
    whole = [{"arena": ARENA, "tags": [], "integrity": "ok", "candidate": row["run_id"], **row} for row in rows]
    lab.context.ledger.append(whole)
    return open_lab(root, environment={}, warn=lambda _: None)


def run(name: str, value: float, status: str, description: str, **more: Any) -> dict[str, Any]:
    base = {"base": {"run_id": "a", "commit": None, "value": 1.0}} if name != "a" else {}
    metrics = {"val_bpb": value, "total_seconds": 120.0}
    return {"run_id": name, "status": status, "description": description, "metrics": metrics, **base, **more}


BASELINE = run("a", 1.0, "keep", "baseline")
LOST = run("b", 1.05, "discard", "MATRIX_LR from 0.04 to 0.08")


def sets(lab: Lab, limit: int = 20) -> list[str]:
    return [" ".join(idea.set) for idea in lab.ideas(limit).ideas]


def test_every_knob_that_no_run_has_changed_is_offered(tmp_path: Path) -> None:
    found = lab_of(tmp_path / "w").ideas(20)
    assert (found.knobs, found.untouched) == (5, 5)
    assert {idea.set[0].partition("=")[0] for idea in found.ideas[:5]} == {
        "MATRIX_LR",
        "DEPTH",
        "N_HEAD",
        "MODEL_DIM",
        "USE_NORM",
    }
    assert found.note.startswith("nothing was measured here yet")
    assert all(idea.expected is None and idea.minutes is None for idea in found.ideas)


def test_without_a_field_nothing_is_known_before_the_first_run(tmp_path: Path) -> None:
    lab = lab_of(tmp_path / "w", metric="accuracy", direction="max")
    assert [idea.p_keep for idea in lab.ideas().ideas] == [None] * 5
    assert all(idea.field == [] for idea in lab.ideas().ideas)
    known = lab_of(tmp_path / "lm").ideas(20).ideas
    assert any(idea.p_keep is not None and idea.field for idea in known)


def test_what_is_expected_is_told_per_minute_of_what_runs_take_here(tmp_path: Path) -> None:
    for idea in lab_of(tmp_path / "w", BASELINE, LOST).ideas().ideas:
        assert idea.expected is not None and idea.expected > 0 and idea.minutes == 2.0
        assert idea.per_minute == idea.expected / 2.0
        assert idea.sigmas is not None and idea.sigmas > 0


def test_check_says_the_same_chance_of_the_same_idea(tmp_path: Path) -> None:
    lab = lab_of(tmp_path / "w", BASELINE, LOST, run("c", 1.0005, "discard", "DEPTH from 8 to 9"))
    ideas = lab.ideas(20).ideas
    assert len(ideas) > 5
    for idea in ideas:
        asked = lab.check(lab.idea(idea.description))
        assert asked["policy"]["decision"] == idea.decision != "block", idea
        assert asked["p_keep"] == idea.p_keep, idea


def test_check_of_the_edited_code_says_it_too(tmp_path: Path) -> None:
    lab = lab_of(tmp_path / "w", BASELINE, LOST)
    for idea in lab.ideas(20).ideas:
        code = CODE
        for name, _, value in (word.partition("=") for word in idea.set):
            lines = code.splitlines()
            at = next(n for n, line in enumerate(lines) if line.startswith(f"{name} = "))
            lines[at] = f"{name} = {value.replace('true', 'True')}"
            code = "\n".join(lines) + "\n"
        (tmp_path / "w" / "train.py").write_text(code)
        asked = lab.check(lab.with_diff(lab.idea(""), "worktree"))
        (tmp_path / "w" / "train.py").write_text(CODE)
        assert asked["p_keep"] == idea.p_keep, idea


def test_a_value_that_failed_here_is_not_offered_nor_one_beyond_it(tmp_path: Path) -> None:
    found = sets(lab_of(tmp_path / "w", BASELINE, LOST))
    rates = [float(one.partition("=")[2]) for one in found if one.startswith("MATRIX_LR=")]
    assert rates and max(rates) < 0.08


def test_what_somebody_has_claimed_is_not_offered(tmp_path: Path) -> None:
    lab = lab_of(tmp_path / "w", BASELINE)
    first = lab.ideas(20).ideas[0]
    (answer,) = lab.claim_many([lab.idea(first.description)], owner="agent-2")
    assert answer.claim is not None
    assert first.set not in [idea.set for idea in open_lab(tmp_path / "w", environment={}).ideas(20).ideas]


def test_what_runs_now_is_not_offered(tmp_path: Path) -> None:
    lab = lab_of(tmp_path / "w", BASELINE)
    first = lab.ideas(20).ideas[0]
    scratch = lab.context.place.scratch / "1-2"
    scratch.mkdir(parents=True)
    told = {"pid": os.getpid(), "host": socket.gethostname(), "started": time.time() - 5, "log": "run.log",
            "worktree": str(tmp_path), "description": first.description, "limit_s": 600.0}  # fmt: skip
    (scratch / running.NOTE).write_text(json.dumps(told))
    assert first.set not in [idea.set for idea in lab.ideas(20).ideas]


def test_no_idea_is_one_that_the_guard_would_block(tmp_path: Path) -> None:
    rows = [run(f"b{n}", 1.05, "discard", f"MATRIX_LR from 0.04 to {0.04 + n / 1000}") for n in range(1, 9)]
    lab = lab_of(tmp_path / "w", BASELINE, *rows)
    for idea in lab.ideas(20).ideas:
        assert lab.check(lab.idea(idea.description), Question())["policy"]["decision"] != "block"


def test_heads_divide_the_width(tmp_path: Path) -> None:
    found = [one for one in sets(lab_of(tmp_path / "w")) if one.startswith(("N_HEAD", "MODEL_DIM"))]
    for one in found:
        name, _, value = one.partition("=")
        assert (384 % int(value) if name == "N_HEAD" else int(value) % 6) == 0, one


@pytest.mark.parametrize("code", ["print('val_bpb: 1')\n", "NAME = 'x'\n", "def broken(:\n"])
def test_code_without_a_knob_is_said_to_have_none(tmp_path: Path, code: str) -> None:
    found = lab_of(tmp_path / "w", code=code).ideas()
    assert (found.ideas, found.knobs) == ([], 0)
    assert found.note == "no knob can be read in train.py: nothing there is set to a number or a switch under a name"


def test_a_name_that_is_set_twice_is_stated_by_its_place(tmp_path: Path) -> None:
    code = "DEPTH = 8\nif CPU:\n    DEPTH = 2\n"
    assert all(one.startswith("DEPTH#1=") for one in sets(lab_of(tmp_path / "w", code=code)))


def test_what_the_command_sets_itself_is_none_of_the_codes(tmp_path: Path) -> None:
    options = 'p.add_argument("--lr", default=0.1)\np.add_argument("--wd", default=0.2)\n'
    code = f"import argparse\np = argparse.ArgumentParser()\n{options}"
    found = sets(lab_of(tmp_path / "w", code=code, command="python train.py --lr 0.3"))
    assert {one.partition("=")[0] for one in found} == {"wd"}


def test_an_entry_of_settings_is_known_by_its_runs(tmp_path: Path) -> None:
    lost = run("b", 1.05, "discard", "fast from 12 to 13", edits=[
        {"target": "PARAMS.fast", "op": "set", "from": 12.0, "to": 13.0, "direction": "up", "scope": None}
    ])  # fmt: skip
    lab = lab_of(tmp_path / "w", BASELINE, lost, code='PARAMS = {"fast": 12, "slow": 26}\n')
    found = {idea.set[0]: idea for idea in lab.ideas(20).ideas}
    assert "PARAMS.fast=13" not in found
    assert found["PARAMS.fast=10"].reason.startswith("13 lost")


def test_a_name_that_the_vocabulary_has_for_two_knobs_is_told_by_the_code(tmp_path: Path) -> None:
    edit = {"target": "Z_ENTRY", "knob": "ENTRY_THRESHOLD", "op": "set", "from": 2.0, "to": 1.8, "direction": "down"}
    lost = run("b", 1.05, "discard", "enter the market earlier", edits=[edit])
    code = "Z_ENTRY = 2.0\nSECTORS = {'tech': {'z_entry': 2.0}, 'energy': {'z_entry': 2.0}}\n"
    found = lab_of(tmp_path / "w", BASELINE, lost, code=code).ideas(20)
    assert (found.knobs, found.untouched) == (3, 2)
    told = {idea.set[0].partition("=")[0]: idea.kind for idea in found.ideas[::-1]}
    assert told == {
        "Z_ENTRY": "other_side",
        "SECTORS.tech.z_entry": "untouched",
        "SECTORS.energy.z_entry": "untouched",
    }


def test_repeats_that_agree_are_not_told_as_an_unknown_noise(tmp_path: Path) -> None:
    again = [run(name, 1.0, "keep", "baseline", candidate="a") for name in "cd"]
    lab = lab_of(tmp_path / "w", BASELINE, *again)
    assert lab.noise()["sigma"] == 0
    assert lab.ideas(3).note.startswith("no run that was repeated here has varied")
