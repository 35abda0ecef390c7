"""The knobs of the code are read once for each code and vocabulary, and never where either is another."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from memorylab.index import pieces
from memorylab.lab import Lab, identity, open_lab, turnable
from memorylab.lab.turnable import Turnable

CODE = "MATRIX_LR = 0.04\nDEPTH = 8\nUSE_NORM = False\nFUDGE_ROUNDS = 3\n"


def opened(root: Path, code: str = CODE, settings: str = "") -> Lab:
    """The workspace with this code and these settings, opened anew."""
    if not root.exists():
        root.mkdir()
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
        (root / "train.py").write_text(code)
        open_lab(root, environment={}, warn=lambda _: None).init()
    (root / "train.py").write_text(code)
    config = root / "memorylab.toml"
    if settings:
        config.write_text(config.read_text() + settings)
    lab = open_lab(root, environment={}, warn=lambda _: None)
    lab.context.catch_up()
    return lab


def read(lab: Lab) -> list[Turnable]:
    names, state = identity.present(lab.context)
    assert state is not None
    return turnable.knobs(lab.context, names, state)


def test_what_is_kept_is_what_is_read(tmp_path: Path) -> None:
    first = read(opened(tmp_path / "w"))
    assert [(one.knob.slot, one.knob.now, one.knob.known, one.target) for one in first] == [
        ("MATRIX_LR", 0.04, True, "MATRIX_LR"),
        ("DEPTH", 8.0, True, "DEPTH"),
        ("USE_NORM", False, False, "NORM"),
        ("FUDGE_ROUNDS", 3.0, True, "FUDGE_ROUNDS"),
    ]
    again = read(opened(tmp_path / "w"))
    assert again == first and isinstance(again[2].knob.now, bool) and isinstance(again[1].knob.now, float)


@pytest.mark.parametrize(
    ("code", "settings"),
    [
        (CODE.replace("0.04", "0.05"), ""),
        (CODE + "EMBEDDING_LR = 0.6\n", ""),
        (CODE, '\n[vocabulary]\nPACE = ["matrix lr"]\n'),
    ],
)
def test_other_code_or_other_words_are_read_anew(tmp_path: Path, code: str, settings: str) -> None:
    before = read(opened(tmp_path / "w"))
    after = read(opened(tmp_path / "w", code, settings))
    assert after != before
    lab = opened(tmp_path / "w", code)
    pieces.keep(lab.context.index.db, turnable._KEPT, "{}")
    assert read(lab) == after


@pytest.mark.parametrize("told", ["", "[]", "{", '{"of": 1}', "null"])
def test_what_somebody_else_wrote_there_is_no_answer(tmp_path: Path, told: str) -> None:
    lab = opened(tmp_path / "w")
    fresh = read(lab)
    pieces.keep(lab.context.index.db, turnable._KEPT, told)
    assert read(lab) == fresh
