"""Holds that no link inside a store makes a command write outside of it, and that a store may be a link as a whole."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from memorylab.cli import main
from tests.conftest import Shell

if sys.platform == "win32":
    pytest.skip("untried on Windows", allow_module_level=True)

MEMORY = Path("results") / "memorylab"
READING = (
    ("history",),
    ("best",),
    ("check", "--description", "x"),
    ("search", "batch"),
    ("knobs",),
    ("noise",),
    ("claims",),
    ("export",),
    ("watch", "--once"),
    ("verify",),
)


def log(lab: Shell, description: str, value: float, *words: str) -> tuple[str, ...]:
    return ("log", "--description", description, "--status", "keep", "--summary", lab.summary(val_bpb=value), *words)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A directory that is none of the store's business, with something in it."""
    place = tmp_path / "outside"
    (place / "inner").mkdir(parents=True)
    (place / "inner" / "file").write_text("mine\n")
    (place / "file").write_text("mine\n")
    for path in (*place.rglob("*"), place):
        os.utime(path, (1e9, 1e9))
    return place


def contents(place: Path) -> dict[str, bytes | None]:
    return {str(path.relative_to(place)): path.read_bytes() if path.is_file() else None for path in place.rglob("*")}


def everything(lab: Shell) -> None:
    """Every command that may write something, whatever comes of it."""
    for command in (
        *READING,
        log(lab, "halve the batch", 0.8),
        log(lab, "double the batch", 0.7, "--skip-archive"),
        ("run", "--description", "DEPTH 8 to 9", "--no-check", "--", "printf", "%s\n", "---", "val_bpb: 0.5"),
        ("report",),
        ("check", "--claim", "--description", "WARMUP 0.1"),
        ("verify", "--repair"),
        *READING,
    ):
        main([command[0], "--root", str(lab.root), *command[1:]])


@pytest.mark.parametrize(
    "name", ["runs", "reports", "scratch", "quarantine", "unrecorded", "priors", "runs/RUN", "index.sqlite"]
)
@pytest.mark.parametrize("target", ["outside", "nowhere"])
def test_a_linked_directory_is_not_written_through(
    lab: Shell, outside: Path, name: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = lab.json(*log(lab, "baseline", 0.9))["run_id"]
    place = lab.root / MEMORY / name.replace("RUN", run_id)
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.symlink_to(outside.parent / target)
    with (lab.root / MEMORY / "experiments.jsonl").open("a") as file:
        file.write('{"torn')
    before = contents(outside)
    everything(lab)
    assert "unexpected" not in capsys.readouterr().err
    assert contents(outside) == before
    assert not (outside.parent / "nowhere").exists()


@pytest.mark.parametrize(
    "name",
    [
        "results.tsv",
        "run.log",
        ".run.lock",
        *(f"{MEMORY}/{name}" for name in (
            "champion_challenger.json", "experiments.jsonl", ".lock", ".derived.lock", ".index.lock", "index.sqlite",
            "index.sqlite-wal", "reports/latest.md", "reports/latest.html",
        )),
        f"{MEMORY}/runs/RUN/decision_packet.json",
    ],
)  # fmt: skip
@pytest.mark.parametrize("target", ["file", "empty", "nowhere"])
def test_a_linked_file_is_not_written_through(
    lab: Shell, outside: Path, name: str, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = lab.json(*log(lab, "baseline", 0.9))["run_id"]
    (outside / "empty").touch()
    place = lab.root / name.replace("RUN", run_id)
    place.unlink(missing_ok=True)
    place.symlink_to(outside / target)
    before = contents(outside)
    everything(lab)
    assert contents(outside) == before
    assert "unexpected" not in capsys.readouterr().err


def test_a_linked_archive_of_one_run_is_named_and_the_others_are_written(lab: Shell, outside: Path) -> None:
    first = lab.json(*log(lab, "baseline", 0.9))
    archive = lab.root / first["artifacts"]["directory"]
    shutil.rmtree(archive)
    archive.symlink_to(outside)
    for path in (lab.root / MEMORY).glob("index.sqlite*"):
        path.unlink()  # then it isn't known which packets were written
    second = lab.json(*log(lab, "halve the batch", 0.8))
    assert (lab.root / second["artifacts"]["directory"] / "decision_packet.json").is_file()
    assert not list(outside.rglob("decision_packet*"))
    assert f"runs/{first['run_id']}: it is a link" in lab.run("verify").stdout


def test_a_run_is_refused_before_it_trains_where_its_archive_would_be_elsewhere(lab: Shell, outside: Path) -> None:
    (lab.root / MEMORY / "runs").rmdir()
    (lab.root / MEMORY / "runs").symlink_to(outside)
    line = lab.refused("run", "--description", "x", "--", "touch", "trained")
    assert "is a link" in line and not (lab.root / "trained").exists()
    assert "is a link" in lab.refused(*log(lab, "halve the batch", 0.8))
    lab.ok(*log(lab, "halve the batch", 0.8, "--skip-archive"))


def test_a_store_that_is_a_link_as_a_whole_works_like_any_other(lab: Shell, tmp_path: Path) -> None:
    disk = tmp_path / "bigger disk"
    shutil.move(lab.root / "results", disk)
    (lab.root / "results").symlink_to(disk)
    shutil.move(disk / "memorylab", tmp_path / "memory")
    (disk / "memorylab").symlink_to(tmp_path / "memory")
    row = lab.json(*log(lab, "baseline", 0.9))
    everything(lab)
    assert (tmp_path / "memory" / "runs" / row["run_id"] / "decision_packet.json").is_file()
    assert (tmp_path / "memory" / "reports" / "latest.md").is_file()
    assert lab.json("verify")["problems"] == []


def test_a_ledger_that_the_settings_name_may_be_a_link(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "real.jsonl").touch()
    (tmp_path / "named.jsonl").symlink_to(tmp_path / "real.jsonl")
    shell.ok("init", "--store", str(tmp_path / "named.jsonl"))
    shell.ok(*log(shell, "baseline", 0.9))
    assert "baseline" in (tmp_path / "real.jsonl").read_text()
