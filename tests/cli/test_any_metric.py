"""Whatever finite numbers a campaign measures, every command answers in readable numbers, and judges sensibly.

In this process, since hundreds of commands are asked.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from memorylab.cli import main
from tests.conftest import Shell

CAMPAIGNS: dict[str, list[float]] = {
    "one diverged": [1.0, 1e12, 0.99, 0.985, 8e13, 0.98],
    "one far beyond": [1.0, 0.995, 1e300, 0.99, 1.7e308, 0.985, -1e308, 0.98],
    "the first diverged": [1e12, 1.0, 0.99, 0.985, 1.01],
    "the first is nearly nothing": [1e-300, 1.0, 0.99, 0.985],
    "tiny ones among others": [1.0, 5e-324, 0.99, 1e-300, -0.0, 0.985],
    "at 1e-8": [1.002e-8, 1.001e-8, 1.02e-8, 1.0005e-8],
    "at 1e9": [1.002e9, 1.001e9, 1.02e9, 1.0005e9],
    "at 1e300": [1.002e300, 1.001e300, 1.02e300, 1.0005e300, 1.01e300],
    "at 1e-300": [1.002e-300, 1.001e-300, 1.02e-300],
    "all the same": [0.5] * 5,
    "from one end to the other": [1e308, -1e308, 1e308, -1e308, 1.7e308],
    "counts": [100, 98, 103, 97],
    "negative log-likelihoods": [-1.5, -1.6, -1.4, -1e300, -1.7],
}
REPORTS = (
    ("report",),
    ("report", "--format", "html"),
    ("report", "--format", "json"),
    *((name, *more) for name in ("best", "history", "noise", "knobs") for more in ((), ("--json",))),
    ("knobs", "MATRIX_LR"),
    ("verify",),
    ("export", "--format", "csv"),
    ("export", "--format", "jsonl"),
)
_NO_NUMBER = re.compile(r"(?<![\w.])-?(?:nan|inf|NaN|Infinity)(?!\w)")
_ENDLESS = re.compile(r"\d{25}")


class Campaign:
    """A workspace in which values are logged, each of an idea of its own."""

    def __init__(self, shell: Shell, capsys: pytest.CaptureFixture[str], direction: str = "min") -> None:
        self.shell, self._capsys, self._ideas = shell, capsys, 0
        self.ask("init", "--direction", direction)

    def ask(self, *words: str, codes: tuple[int, ...] = (0,)) -> str:
        """What a command says; it holds no number that is none."""
        code = main([*words, "--root", str(self.shell.root)])
        out, err = self._capsys.readouterr()
        assert code in codes, (words, err)
        readable(out + err, " ".join(words[:2]), machine="--json" in words or words[0] in ("export", "log"))
        return out

    def log(self, value: float, *words: str) -> dict[str, Any]:
        """Log a value; without words as a new idea on its own code, of which `check` was asked before."""
        work: dict[str, Any] = {"training_seconds": 300.0, "total_tokens_M": 1e308 if self._ideas % 3 else 5e-324}
        summary = self.shell.summary(val_bpb=value, total_seconds=1e308, peak_vram_mb=1e308 * (self._ideas % 2), **work)
        if not words:
            self._ideas += 1
            (self.shell.root / "train.py").write_text(f"MATRIX_LR = {0.04 + self._ideas / 1000}\n")
            words = ("--description", f"raise matrix lr to {0.04 + self._ideas / 1000}")
            self.ask("check", *words, codes=(0, 2))
        row = json.loads(self.ask("log", *words, "--status", "auto", "--summary", summary, "--json"))
        assert row["metrics"]["val_bpb"] == value
        return dict(row)

    def baseline(self, value: float) -> dict[str, Any]:
        """Log a run of the code that it began with."""
        (self.shell.root / "train.py").write_text("MATRIX_LR = 0.04\n")
        return self.log(value, "--description", "baseline", "--family", "baseline")


def readable(text: str, where: str, machine: bool = False) -> None:
    """Nothing in it is infinite, and what people read has no row of digits."""
    assert not (found := _NO_NUMBER.search(text)), (where, text[max(0, found.start() - 80) : found.end() + 20])
    assert machine or not (row := _ENDLESS.search(text)), (where, text[max(0, row.start() - 80) : row.end() + 20])


def pages(root: Path) -> None:
    """Every page of the dashboard and its JSON, read."""
    site = pytest.importorskip("tests.web.site")
    reader = site.Reader(root)
    ids = [
        json.loads(line)["run_id"] for line in (root / "results/memorylab/experiments.jsonl").read_text().splitlines()
    ]
    views = [
        "/",
        "/runs",
        "/knobs?name=MATRIX_LR",
        "/noise",
        "/lineage",
        "/failures",
        f"/compare?a={ids[0]}&b={ids[-1]}",
    ]
    try:
        for path in (*views, *(f"/api{view}" for view in views[1:]), "/api/overview", *(f"/run?id={n}" for n in ids)):
            readable(reader.text(path), path, machine=path.startswith("/api"))
    finally:
        reader.close()


@pytest.mark.parametrize("direction", ["min", "max"])
@pytest.mark.parametrize("name", CAMPAIGNS)
def test_any_campaign_is_recorded_judged_and_told(
    shell: Shell, capsys: pytest.CaptureFixture[str], name: str, direction: str
) -> None:
    campaign = Campaign(shell, capsys, direction)
    for number, value in enumerate(CAMPAIGNS[name]):
        if number in (0, 3):
            campaign.baseline(value)
        else:
            campaign.log(value)
    for words in REPORTS:
        campaign.ask(*words)
    for path in (shell.root / "results").rglob("*"):
        if path.suffix in (".md", ".html", ".json", ".tsv"):
            readable(path.read_text(), path.name, machine=path.suffix == ".json")
    pages(shell.root)


@pytest.mark.parametrize("value", [1e12, 1e300, 1.7e308])
def test_a_run_that_diverged_is_discarded_and_changes_nothing_of_what_follows(
    tmp_path: Path, shell: Shell, capsys: pytest.CaptureFixture[str], value: float
) -> None:
    def after(*values: float) -> list[tuple[Any, ...]]:
        rows = [campaign.log(one) for one in values]
        told = [(row["status"], row["promoted"], row["decision_packet"]["comparison"]) for row in rows]
        return [
            (status, led, seen["verdict"], seen["noise_sigma"], seen["expected_gain"]) for status, led, seen in told
        ]

    campaign = Campaign(shell, capsys)
    campaign.baseline(1.0)
    assert campaign.log(0.999)["status"] == "keep"
    campaign.baseline(1.0005)
    bad = campaign.log(value)
    assert bad["status"] == "discard" and bad["decision_packet"]["comparison"]["probability_better_than_base"] == 0.0
    good = after(0.97, 0.9699, 0.99)
    assert [status for status, *_ in good] == ["keep", "keep", "discard"]
    assert good[0][1] is True and good[0][2] == "better" and good[0][3] < 0.01


def test_a_first_run_that_diverged_gives_way_to_the_first_that_did_not(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = Campaign(shell, capsys)
    campaign.baseline(1e12)
    assert campaign.log(1.0)["decision_packet"]["comparison"]["is_champion"]
    again = campaign.baseline(0.999)  # the mean of both is no use, and their difference is no noise
    assert again["status"] == "discard" and again["decision_packet"]["comparison"]["noise_sigma"] < 0.01
    assert campaign.log(0.97)["decision_packet"]["comparison"]["is_champion"]
    assert campaign.log(1.05)["status"] == "discard"


def test_a_first_run_that_is_too_good_is_the_base_until_a_control_shows_that_it_does_not_hold(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = Campaign(shell, capsys)
    campaign.baseline(1e-9)
    rows = [campaign.log(1.0 + number / 1000) for number in range(11)]
    assert {row["status"] for row in rows} == {"discard"}
    assert rows[-1]["decision_packet"]["next_action"] == "replicate"
    assert campaign.baseline(1.001)["control"]["failed"]
    assert campaign.log(0.98)["decision_packet"]["comparison"]["is_champion"]


def test_a_table_tells_extreme_values_so_that_they_are_read_back(
    tmp_path: Path, shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    campaign = Campaign(shell, capsys)
    values = [0.97, 1.25e-8, 8e13, 1.5e300, 123456.5]
    for value in values:
        campaign.log(value)
    table = (shell.root / "results.tsv").read_text().splitlines()[1:]
    assert [line.split("\t")[1] for line in table] == ["0.970000", "1.25e-08", "8e+13", "1.5e+300", "123456.500000"]
    other = Shell(tmp_path / "other")
    other.root.mkdir()
    (other.root / "elsewhere.tsv").write_text((shell.root / "results.tsv").read_text())
    assert main(["init", "--root", str(other.root)]) == 0
    assert main(["import", str(other.root / "elsewhere.tsv"), "--root", str(other.root)]) == 0
    capsys.readouterr()
    assert [row["metrics"].get("val_bpb") for row in other.ledger() if "metrics" in row] == values
