"""The knobs in the files that experiments change."""

from __future__ import annotations

import time
from pathlib import Path

from memorylab.adapters.assignments import assignments


def read(tmp_path: Path, text: str, name: str = "train.py") -> dict[str, float | str]:
    (tmp_path / name).write_text(text)
    return assignments(tmp_path, [name])


def test_numbers_switches_and_short_texts_are_read_with_their_names(tmp_path: Path) -> None:
    text = """
MATRIX_LR = 0.04  # Muon
BATCH_SIZE = 2**19
ROWS: int = 64 * 1_024
USE_CAP = True
PATTERN = "SSSL"  # layers
MATRIX_LR = .05
"""
    assert read(tmp_path, text) == {
        "MATRIX_LR": 0.05,
        "BATCH_SIZE": 2.0**19,
        "ROWS": 65536.0,
        "USE_CAP": "on",
        "PATTERN": "SSSL",
    }


def test_what_is_no_literal_at_the_left_margin_is_left_alone(tmp_path: Path) -> None:
    text = """
DEPTH = 8 if CUDA else 2
BETAS = (0.8, 0.95)
A == 3
lower = 3
    INDENTED = 3
PROSE 5
ROOT = "a very long text that is certainly no setting of a knob"
DIV = 1 / 0
"""
    assert read(tmp_path, text) == {}


def test_a_kernel_in_c_has_knobs_too(tmp_path: Path) -> None:
    text = (
        "#define BLOCK_M 128 // tile\nconstexpr int BLOCK_N = 64;\nstatic const float ALPHA_F = 1.5f;\n#define GUARD\n"
    )
    assert read(tmp_path, text, "kernel.cu") == {"BLOCK_M": 128.0, "BLOCK_N": 64.0, "ALPHA_F": 1.5}


def test_a_file_that_is_not_there_or_no_text_has_none(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 10)
    assert assignments(tmp_path, ["missing.py", ".", "binary", "a\0b"]) == {}


def test_a_hostile_file_costs_no_time(tmp_path: Path) -> None:
    text = "A" * 90_000 + "\n" + "const " * 9_000 + "\n" + "A: " * 9_000 + "\n" + "A = 1" + " " * 9_000
    start = time.perf_counter()
    read(tmp_path, text)
    assert time.perf_counter() - start < 1.0
