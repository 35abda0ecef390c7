"""The command report: its forms, its files, and the way from them to the archives."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

import memorylab
from memorylab.lab import reporting
from tests.conftest import Shell


@pytest.fixture
def night(lab: Shell) -> Shell:
    """A kept baseline, a kept step with a log and a diff, a crash, and a run that the guard held back."""
    lab.ok("log", "--description", "baseline", "--status", "keep", "--summary", lab.summary(val_bpb=1.0))
    lab.commit("MATRIX_LR = 0.05\n")
    (lab.root / "run.log").write_text("step 1\n---\nval_bpb: 0.99\n")
    lab.ok("log", "--description", "raise MATRIX_LR from 0.04 to 0.05", "--status", "keep", "--log", "run.log")
    lab.commit("MATRIX_LR = 5.0\n")
    lab.ok("log", "--description", "set MATRIX_LR to 5.0", "--status", "crash", "--error", "the loss is NaN")
    lab.git("reset", "-q", "--hard", "HEAD~1")
    lab.commit("MATRIX_LR = 0.02\n")
    lab.ok(
        "log", "--description", "lower MATRIX_LR to 0.02", "--status", "discard", "--summary", lab.summary(val_bpb=1.9)
    )
    lab.git("reset", "-q", "--hard", "HEAD~1")
    lab.run("run", "--description", "MATRIX_LR down to 0.02", "--", "true")
    return lab


def reports(shell: Shell) -> Path:
    return shell.root / "results" / "memorylab" / "reports"


def test_the_report_tells_what_the_guard_held_back_and_why(night: Shell) -> None:
    document = night.json("report")
    (row,) = document["blocked"]
    assert (row["description"], row["times"]) == ("MATRIX_LR down to 0.02", 1)
    assert row["reason"] and row["evidence"]
    assert document["bill"]["blocked"] == 1
    assert "Held back by the guard" in night.ok("report")


def test_every_link_of_the_written_pages_leads_to_a_file(night: Shell) -> None:
    night.ok("report")
    page = (reports(night) / "latest.html").read_text()
    ways = set(re.findall(r'href="(\.\./[^"]+)"', page)) | set(
        re.findall(r"\]\((\.\./[^)]+)\)", (reports(night) / "latest.md").read_text())
    )
    assert {Path(way).name for way in ways} == {"decision_packet.md", "run.log", "train.patch"}
    assert all((reports(night) / way).is_file() for way in ways)
    assert "-MATRIX_LR = 0.04" in page


def test_a_page_written_elsewhere_finds_the_archives_too(night: Shell, tmp_path: Path) -> None:
    out = tmp_path / "morning.html"
    night.ok("report", "--format", "html", "--output", str(out))
    ways = re.findall(r'href="([^"#]+)"', out.read_text())
    assert ways
    assert all((out.parent / way).is_file() for way in ways)
    assert 'href="#run-' in night.ok("report", "--format", "html")


def test_the_markdown_shows_the_picture_that_is_there(night: Shell) -> None:
    night.ok("report")
    form = "png" if (reports(night) / "latest.png").exists() else "svg"
    assert f"](latest.{form})" in (reports(night) / "latest.md").read_text()


def test_a_picture_of_an_earlier_report_does_not_stay(night: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = reports(night) / "latest.png"
    stale.parent.mkdir(parents=True, exist_ok=True)
    stale.write_bytes(b"old")
    monkeypatch.setattr("memorylab.render.picture.png", lambda m: None)
    reporting.report(memorylab.open(night.root).context)
    assert not stale.exists()


def test_reruns_are_no_ideas_of_their_own_in_the_bill(night: Shell) -> None:
    document = night.json("report")
    assert document["bill"]["ideas_kept"] == 2
    assert document["bill"]["runs_of_unknown_time"] == {"keep": 1, "crash": 1}
    assert document["bill"]["gained_over"] == "the first run"


def test_the_places_of_the_files_fit_a_narrow_terminal(night: Shell) -> None:
    *_, place, names, more = night.ok("report", COLUMNS="40").rstrip().split("\n")
    assert place == "In results/memorylab/reports:"
    assert names.startswith("  latest.md, latest.html")
    assert max(len(names), len(more)) <= 40


def test_a_report_over_no_time_says_that_nothing_was_run(night: Shell) -> None:
    time.sleep(1.1)  # the ledger's clock ticks in seconds
    assert "No runs in this period." in night.ok("report", "--since-hours", "0.000001")
