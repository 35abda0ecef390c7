"""Builds the wheel and the source archive into dist/ with the backend that pyproject.toml names; needs no network.

Run by `make dist`, in the repository. The wheel is how MemoryLab is installed without a clone: no package index has it.
"""

from __future__ import annotations

import contextlib
import io
import shutil
from pathlib import Path

from setuptools import build_meta

REPOSITORY = Path(__file__).resolve().parents[1]


def build(into: Path) -> list[Path]:
    """The two files, made anew."""
    for left in (into, REPOSITORY / "build"):
        shutil.rmtree(left, ignore_errors=True)  # setuptools would ship what an older build left there
    with contextlib.redirect_stdout(io.StringIO()):  # a line for every file
        return [into / build_meta.build_sdist(str(into)), into / build_meta.build_wheel(str(into))]


if __name__ == "__main__":
    for path in build(REPOSITORY / "dist"):
        print(path.relative_to(REPOSITORY))
