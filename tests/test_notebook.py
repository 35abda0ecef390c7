"""A workspace in a notebook: the frame, the figure, and the notebook of the documentation run from top to bottom."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import memorylab
from memorylab import notebook
from memorylab.errors import InputError, MissingExtra
from tests.conftest import REPOSITORY, Shell


@pytest.fixture
def night(lab: Shell) -> Shell:
    """Three runs: a baseline, a kept step with a tag, a crash."""
    lab.ok("log", "--description", "baseline", "--status", "keep", "--summary", lab.summary(val_bpb=1.0))
    lab.commit("MATRIX_LR = 0.05\n")
    lab.ok("log", "--description", "raise MATRIX_LR from 0.04 to 0.05", "--status", "keep", "--tags", "lr,muon",
           "--summary", lab.summary(val_bpb=0.99))  # fmt: skip
    lab.ok("log", "--description", "double DEPTH", "--status", "crash", "--error", "out of memory")
    return lab


def opened(shell: Shell) -> notebook.Notebook:
    return memorylab.open(shell.root, environment={})


def check(rows: list[dict[str, Any]]) -> None:
    """What both kinds of frame must hold."""
    first, second, crash = rows
    assert [row["status"] for row in rows] == ["keep", "keep", "crash"]
    assert second["gain"] == pytest.approx(0.01)
    assert second["base_value"] == 1.0
    assert second["parent_commit"] == first["commit"]
    assert {row["arena"] for row in rows} == {"val_bpb (lower is better), 300 s budget"}
    assert second["value"] == 0.99
    assert 0.5 < second["probability"] < 1
    assert list(second["tags"]) == ["lr", "muon"]
    assert list(second["edits"]) == ["MATRIX_LR 0.04 → 0.05"]
    assert second["memory_gb"] == 4.0
    assert second["seconds"] == 310.0
    assert first["timestamp"].utcoffset().total_seconds() == 0
    assert not list(first["tags"])
    assert crash["value"] is None or crash["value"] != crash["value"]  # missing, and never 0


def test_the_runs_are_a_frame_of_pandas(night: Shell) -> None:
    pytest.importorskip("pandas")
    frame = opened(night).runs()
    assert str(frame["timestamp"].dtype).startswith("datetime64[") and str(frame["timestamp"].dtype).endswith("UTC]")
    assert {str(frame[name].dtype) for name in notebook.NUMBERS} == {"float64"}
    check(frame.to_dict("records"))


def test_without_pandas_they_are_a_frame_of_polars(night: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("polars")
    monkeypatch.setitem(sys.modules, "pandas", None)
    check(opened(night).runs().to_dicts())


def test_without_either_it_is_said_what_to_install(night: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingExtra) as told:
        opened(night).runs()
    assert str(told.value) == "a data frame needs pandas or polars; hint: pip install pandas matplotlib"


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_an_empty_memory_is_a_frame_with_all_columns(lab: Shell, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip(package)
    if package == "polars":
        monkeypatch.setitem(sys.modules, "pandas", None)
    frame = opened(lab).runs()
    assert len(frame) == 0
    assert {*notebook.TEXTS, *notebook.NUMBERS, "timestamp", "tags", "edits"} == set(frame.columns)


def test_arenas_that_their_words_do_not_tell_apart_have_numbers(lab: Shell) -> None:
    pytest.importorskip("pandas")
    for judge in ("# the judge\n", "# another judge\n"):
        (lab.root / "prepare.py").write_text(judge)
        (lab.root / "memorylab.toml").unlink()
        lab.ok("init")
        lab.ok("log", "--description", f"baseline {judge}", "--status", "keep", "--summary", lab.summary(val_bpb=1.0))
    arenas = list(opened(lab).runs()["arena"])
    assert len(set(arenas)) == 2
    assert all(" #" in arena for arena in arenas)


def test_it_says_what_it_is(night: Shell, tmp_path: Path) -> None:
    assert repr(opened(night)) == f"<MemoryLab at {night.root}: 3 runs, val_bpb (lower is better)>"
    nothing = memorylab.open(tmp_path, environment={})
    assert repr(nothing) == f"<MemoryLab at {tmp_path}: no memory, see init()>"
    assert not (tmp_path / "results").exists()


def test_a_place_without_a_memory_has_no_frame_but_may_get_one(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    lab = memorylab.open(tmp_path, environment={})
    with pytest.raises(InputError, match="there is no memory in"):
        lab.runs()
    lab.init()
    assert len(lab.runs()) == 0


def test_the_progress_is_a_figure_that_shows_itself(night: Shell) -> None:
    pytest.importorskip("matplotlib")
    figure: Any = opened(night).progress()
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert figure.axes[0].get_title(loc="left") == "val_bpb · lower is better"


def test_importing_memorylab_imports_nothing_else(tmp_path: Path) -> None:
    code = "import sys, memorylab; print(sorted(m for m in sys.modules if m.startswith('memorylab')))"
    shown = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "['memorylab']"


def test_a_star_import_leaves_the_built_in_open_alone() -> None:
    assert "open" not in memorylab.__all__


def test_the_notebook_of_the_documentation_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for package in ("ipykernel", "pandas", "matplotlib"):
        pytest.importorskip(package)
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    book = nbformat.read(REPOSITORY / "docs" / "notebook.ipynb", as_version=4)
    nbclient.NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [output for cell in book.cells for output in cell.get("outputs", ())]
    assert any("image/png" in output.get("data", {}) for output in shown)
    assert not [output for output in shown if output.output_type == "error"]
