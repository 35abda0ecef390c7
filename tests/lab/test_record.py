from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from memorylab.errors import LedgerMoved
from memorylab.lab import Lab, open_lab
from memorylab.lab.finding import Finding
from memorylab.lab.judge import clean_idea
from memorylab.ledger.base import Ledger


class Bench:
    """A workspace whose clock moves a minute a run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.now = 1_790_000_000.0
        for name, text in (("train.py", "A = 0\n"), ("prepare.py", "# judge\n")):
            (root / name).write_text(text)
        self.git("init", "-q", "-b", "night")
        self.git("add", ".")
        self.git("commit", "-qm", "base")
        self.lab().init()

    def git(self, *words: str) -> str:
        command = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost", *words]
        return subprocess.run(command, cwd=self.root, check=True, capture_output=True, text=True).stdout.strip()

    def lab(self) -> Lab:
        self.warnings: list[str] = []
        return open_lab(self.root, environment={}, clock=lambda: self.now, warn=self.warnings.append)

    def log(
        self,
        description: str,
        status: str,
        value: float | None = None,
        *,
        code: str | None = None,
        lab: Lab | None = None,
        **options: Any,
    ) -> dict[str, Any]:
        self.now += 60
        if code is not None:
            (self.root / "train.py").write_text(code)
            self.git("commit", "-qam", description, "--allow-empty")
        summary = None
        if value is not None:
            summary = self.root / "summary.json"
            summary.write_text(json.dumps({"val_bpb": value, "device": "H100", "peak_vram_mb": 1024}))
        finding = Finding(clean_idea(description, [], None, None), status, summary=summary, **options)
        return dict((lab or self.lab()).log(finding).row)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


class Overtaken:
    """A ledger in which somebody else appends a row just before our first append."""

    def __init__(self, inner: Ledger, row: Mapping[str, Any]) -> None:
        self.inner = inner
        self.row: Mapping[str, Any] | None = row
        self.refusals = 0

    @property
    def url(self) -> str:
        return self.inner.url

    def read(self, after: int = 0) -> Any:
        return self.inner.read(after)

    def append(self, rows: Sequence[Mapping[str, Any]], expect: int | None = None) -> int:
        if self.row is not None:
            self.inner.append([self.row])
            self.row = None
        try:
            return self.inner.append(rows, expect)
        except LedgerMoved:
            self.refusals += 1
            raise


def test_a_run_that_is_overtaken_is_judged_again_with_the_other_run_in_view(bench: Bench) -> None:
    first = bench.log("baseline", "keep", 1.0)
    rival = {**first, "run_id": "rival", "description": "MATRIX_LR 0.05", "candidate": "rival", "key": None}
    rival["metrics"] = {**first["metrics"], "val_bpb": 0.9}
    lab = bench.lab()
    overtaken = Overtaken(lab.context.ledger, rival)
    lab.context.ledger = lab.context.index.ledger = overtaken
    row = bench.log("DEPTH 9", "keep", 0.95, code="A = 1\n", lab=lab)
    assert overtaken.refusals == 1
    comparison = row["decision_packet"]["comparison"]
    assert comparison["prior_champion"]["run_id"] == "rival"
    assert not comparison["is_champion"]


def test_a_key_makes_a_retried_log_one_run_also_when_the_first_try_was_overtaken(bench: Bench) -> None:
    first = bench.log("baseline", "keep", 1.0)
    lab = bench.lab()
    twin = {**first, "run_id": "twin", "key": "k"}
    lab.context.ledger = lab.context.index.ledger = Overtaken(lab.context.ledger, twin)
    assert bench.log("idea", "discard", 1.1, lab=lab, key="k")["run_id"] == "twin"
    assert bench.log("idea", "discard", 1.1, key="k")["run_id"] == "twin"
    assert len(bench.lab().history()) == 2
    archives = {path.name for path in (bench.root / "results/memorylab/runs").iterdir()}
    assert archives == {first["run_id"]}


def test_reruns_of_the_same_code_are_one_candidate_with_a_mean(bench: Bench) -> None:
    bench.log("baseline", "keep", 1.0, code="A = 1\n")
    second = bench.log("baseline, another seed", "keep", 1.002, mode="replicate")
    third = bench.log("baseline", "keep", 0.998)
    assert second["candidate"] == third["candidate"]
    assert third["decision_packet"]["run"]["runs_of_candidate"] == 3
    assert third["decision_packet"]["run"]["val_bpb"] == pytest.approx(1.0)
    champion = bench.lab().best()["champion"]
    assert champion["runs"] == 3 and champion["mean"] == pytest.approx(1.0)
    assert bench.lab().noise()["replicates"] == 2


def test_other_ideas_on_unchanged_files_are_no_reruns(bench: Bench) -> None:
    """Knobs may be passed on the command line."""
    bench.log("baseline", "keep", 1.0)
    row = bench.log("DEPTH 9", "keep", 0.9)
    assert row["decision_packet"]["run"]["runs_of_candidate"] == 1
    assert row["decision_packet"]["comparison"]["is_champion"]
    assert bench.lab().noise()["replicates"] == 0


def test_a_crash_belongs_to_the_arena_of_the_runs_around_it(bench: Bench) -> None:
    measured = bench.log("baseline", "keep", 1.0)
    crashed = bench.log("DEPTH 99", "crash", error="CUDA out of memory")
    assert crashed["arena"] == measured["arena"]
    assert crashed["arena"]["device"] == "H100"
    assert crashed["metrics"]["val_bpb"] is None


def test_another_device_is_another_arena_with_its_own_champion(bench: Bench) -> None:
    bench.log("baseline", "keep", 1.0)
    (bench.root / "other.json").write_text(json.dumps({"val_bpb": 2.0, "device": "cpu"}))
    finding = Finding(clean_idea("baseline", [], None, None), "keep", summary=bench.root / "other.json")
    row = bench.lab().log(finding).row
    assert row["decision_packet"]["comparison"]["prior_champion"] is None
    assert row["decision_packet"]["comparison"]["is_champion"]
    registry = json.loads((bench.root / "results/memorylab/champion_challenger.json").read_text())
    assert {a["champion"]["value"] for a in registry["arenas"]} == {1.0, 2.0}


def test_a_changed_judge_is_marked_and_never_leads(bench: Bench) -> None:
    bench.log("baseline", "keep", 1.0)
    (bench.root / "prepare.py").write_text("# a kinder judge\n")
    row = bench.log("miracle", "keep", 0.1, code="A = 2\n")
    assert row["integrity"] == "modified"
    assert row["decision_packet"]["next_action"] == "investigate_crash"
    assert bench.lab().best()["champion"]["value"] == 1.0


def test_the_base_of_a_run_is_the_run_on_its_parent_commit(bench: Bench) -> None:
    bench.log("baseline", "keep", 1.0, code="A = 1\n")
    bench.log("champion", "keep", 0.9, code="A = 2\n")
    bench.git("reset", "-q", "--hard", "HEAD~1")
    row = bench.log("from the baseline", "discard", 0.95, code="A = 3\n")
    assert row["base"]["value"] == 1.0
    assert row["decision_packet"]["comparison"]["prior_champion"]["value"] == 0.9


def test_lineages_follow_commit_ancestry(bench: Bench) -> None:
    for number, value in enumerate((1.0, 0.98, 0.96)):
        bench.log(f"step {number}", "keep", value, code=f"A = {number + 1}\n")
    bench.log("dead end", "discard", 1.2, code="A = 9\n")
    registry = json.loads((bench.root / "results/memorylab/champion_challenger.json").read_text())
    (line,) = registry["best_lineages"]
    assert [step["description"] for step in line["path"]] == ["step 0", "step 1", "step 2"]
    assert line["gain_since_root"] == pytest.approx(0.04)


def test_the_report_tells_of_arenas_that_it_does_not_compare_with(bench: Bench) -> None:
    table = bench.root / "earlier.tsv"
    table.write_text("commit\tval_bpb\tmemory_gb\tstatus\tdescription\na1b2c3d\t0.9932\t44.0\tkeep\tLR 0.04\n")
    bench.lab().import_table(table)
    assert bench.lab().morning().others == []
    bench.log("baseline", "keep", 1.0)
    found = bench.lab().morning()
    (other,) = found.others
    assert found.champion is not None and found.champion["value"] == 1.0
    assert (other["champion"]["value"], other["status_counts"]["keep"]) == (0.9932, 1)
    assert other["words"].endswith("imported from earlier.tsv")


def test_a_process_that_died_after_the_append_is_made_good_by_the_next_command(bench: Bench, monkeypatch: Any) -> None:
    from memorylab.lab import derived

    bench.log("baseline", "keep", 1.0)
    with monkeypatch.context() as patch:
        patch.setattr(derived, "refresh", lambda context: None)
        lost = bench.log("the machine stops here", "discard", 1.1)
    table = bench.root / "results.tsv"
    assert "machine stops" not in table.read_text()
    bench.lab().history()
    assert table.read_text().count("machine stops") == 1
    assert (bench.root / "results/memorylab/runs" / lost["run_id"] / "decision_packet.md").exists()
    assert bench.lab().verify().problems == []


def test_secrets_and_escapes_reach_neither_ledger_nor_archive(bench: Bench) -> None:
    token = "hf_" + "a1B2" * 10
    log = bench.root / "run.log"
    log.write_text(f"Traceback (most recent call last):\n  File 'train.py'\nRuntimeError: \x1b[31mbad {token}\n")
    row = bench.log(f"try \x1b[2J {token}", "crash", log=log, notes=f"note {token}")
    text = json.dumps(row) + "".join(
        p.read_text()
        for p in (bench.root / "results").rglob("*")
        if p.suffix in (".log", ".json", ".md", ".jsonl", ".tsv")
    )
    assert token not in text
    assert "\\u001b" not in json.dumps(row) and row["description"] == "try [redacted]"


def test_results_tsv_keeps_what_others_wrote_into_it(bench: Bench) -> None:
    table = bench.root / "results.tsv"
    bench.log("ours", "keep", 1.0)
    table.write_text(table.read_text() + "abc1234\t0.990000\t44.0\tkeep\twritten by hand")
    bench.log("ours too", "discard", 1.1)
    lines = table.read_text().splitlines()
    assert [line.split("\t")[-1] for line in lines] == ["description", "ours", "written by hand", "ours too"]
    table.unlink()
    bench.lab().history()
    assert [line.split("\t")[-1] for line in table.read_text().splitlines()] == ["description", "ours", "ours too"]


def test_the_own_table_imported_is_neither_doubled_nor_lost(bench: Bench) -> None:
    table = bench.root / "results.tsv"
    table.write_text(
        "commit\tval_bpb\tmemory_gb\tstatus\tdescription\nabc1234\t0.990000\t44.0\tkeep\tan earlier night\n"
    )
    done = bench.lab().import_table(table)
    assert (done.added, bench.lab().import_table(table).added) == (1, 0)
    bench.log("tonight", "keep", 0.98)
    assert bench.lab().import_table(table).added == 0
    assert table.read_text().count("an earlier night") == table.read_text().count("tonight") == 1
    assert bench.lab().best()["champion"]["description"] == "tonight"
    table.unlink()
    bench.lab().history()
    assert table.read_text().count("an earlier night") == 1


def test_a_lucky_champion_that_falls_back_when_repeated_loses_its_place(bench: Bench) -> None:
    bench.log("baseline", "keep", 1.0, code="A = 1\n")
    bench.log("honest gain", "keep", 0.98, code="A = 2\n")
    bench.log("lucky draw", "keep", 0.97, code="A = 3\n")
    assert bench.lab().best()["champion"]["description"] == "lucky draw"
    again = bench.log("lucky draw", "auto", 1.01, mode="replicate")
    assert again["status"] == "discard"
    assert again["decision_packet"]["next_action"] == "abandon"
    assert bench.lab().best()["champion"]["description"] == "honest gain"
    assert bench.lab().verify().problems == []
