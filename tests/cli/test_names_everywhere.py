"""Whatever is asked, a knob bears the name that the code has for it, in a night of a script of another trade."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Shell
from tests.renamed import KINDS, TRADING, Kind, built

KEYS = ("key", "knob")
"""Fields that say by what a knob is compared, for whoever links to it."""


@pytest.fixture(scope="module", params=KINDS)
def night(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Shell, Kind]:
    kind = KINDS[request.param]
    return built(tmp_path_factory.mktemp(request.param) / "research", kind), kind


def canonical(found: str, kind: Kind) -> list[str]:
    """The lines with a name that the code doesn't have."""
    names = "|".join(kind.names)
    return [line for line in found.splitlines() if re.search(rf"(?<!\w)({names})(?!\w)", line)]


def without_keys(found: Any) -> Any:
    if isinstance(found, dict):
        shown = "knob" if "key" in found else ""  # a row of the table of knobs
        return {name: without_keys(one) for name, one in found.items() if name == shown or name not in KEYS}
    return [without_keys(one) for one in found] if isinstance(found, list) else found


@pytest.mark.parametrize(
    "words",
    [
        ("knobs",),
        ("ideas", "--limit", "20"),
        ("history",),
        ("best",),
        ("search", "colsample"),
        ("search", "entry threshold"),
        ("report",),
        ("check", "--description", "colsample 0.72"),
        ("check", "--description", "entry threshold 2.2, momentum 22"),
        ("export", "--format", "csv"),
    ],
)
def test_no_command_shows_a_name_that_the_code_does_not_have(night: tuple[Shell, Kind], words: tuple[str, ...]) -> None:
    shell, kind = night
    assert canonical(shell.ok(*words), kind) == []
    if words[0] != "export":
        told = json.dumps(without_keys(shell.json(*words)), indent=1)
        assert canonical(told, kind) == []


def test_every_file_of_a_report_and_what_is_derived_bear_the_codes_names(night: tuple[Shell, Kind]) -> None:
    shell, kind = night
    shell.ok("report")
    reports = sorted((shell.root / "results" / "memorylab" / "reports").glob("latest.*"))
    assert {file.suffix for file in reports} >= {".md", ".html", ".svg"}
    for file in reports:
        if file.suffix != ".png":
            assert canonical(file.read_text(), kind) == [], file.name
    failing = next(iter(kind.names.values()))
    page = (shell.root / "results" / "memorylab" / "reports" / "latest.md").read_text()
    assert f"| {failing} up |" in page.replace("\\_", "_") and f"`{failing}`" in page
    (registry,) = (shell.root / "results").rglob("champion_challenger.json")
    told = json.loads(registry.read_text())
    assert canonical(json.dumps(without_keys(told), indent=1), kind) == []
    groups = told["failure_clusters"]
    assert {(one["target"], one["knob"]) for one in groups} >= {(failing, next(iter(kind.names)))}


def test_what_is_derived_stays_what_the_ledger_says_whatever_the_code_calls_it_now(tmp_path: Path) -> None:
    shell = built(tmp_path / "research", TRADING)
    shell.commit("LOOKBACK = 14\nENTRY_Z = 2.0\n", "other names")
    assert "registry" not in shell.ok("verify")
    assert {row["knob"] for row in shell.json("knobs")} >= {"ENTRY_Z"}


def test_a_name_that_the_code_has_no_more_is_told_as_the_ledger_has_it(tmp_path: Path) -> None:
    shell = built(tmp_path / "research", TRADING)
    shell.commit("FEE = 0.001\n", "both are gone")
    assert {row["knob"]: row["key"] for row in shell.json("knobs")} == {
        shown: target for target, shown in TRADING.names.items()
    }
    assert shell.json("knobs", "Z_ENTRY")["key"] == "ENTRY_THRESHOLD"


@pytest.mark.parametrize(
    ("description", "told"),
    [
        ("entry threshold from 2.0 to 2.9", "the description says Z_ENTRY 2.9, the diff sets Z_ENTRY 2.6"),
        ("lower the entry threshold", "the description moves Z_ENTRY down, the diff sets Z_ENTRY 2.6"),
        ("momentum 30", "the description says MOMENTUM 30, the diff changes Z_ENTRY 2.6"),
    ],
)
def test_a_mismatch_is_told_in_the_codes_names(lab: Shell, description: str, told: str) -> None:
    lab.commit(TRADING.code, "base")
    lab.ok("log", "--description", "baseline", "--status", "keep", "--summary", lab.summary())
    (lab.root / "train.py").write_text(TRADING.code.replace("2.0", "2.6"))
    guard = lab.json("check", "--description", description)
    assert guard["mismatch"] == told
    lab.git("commit", "-qam", "edit")
    lab.ok("log", "--description", description, "--status", "discard", "--summary", lab.summary(val_bpb=1.2))
    assert lab.ledger()[-1]["novelty_guard"]["mismatch"] == told


def test_a_row_of_words_alone_is_shown_by_the_codes_name(lab: Shell) -> None:
    lab.commit(TRADING.code, "base")
    table = lab.root / "others.tsv"
    table.write_text(
        "commit\tval_bpb\tmemory_gb\tstatus\tdescription\n"
        "aaaaaaa\t1.0\t1\tkeep\tbaseline\nbbbbbbb\t1.1\t1\tdiscard\tentry threshold 2.4\n"
    )
    lab.ok("import", str(table))
    run = lab.ledger()[-1]["run_id"]
    edits = lab.json("show", run)["edits"]
    assert [(one["target"], one["knob"]) for one in edits] == [("Z_ENTRY", "ENTRY_THRESHOLD")]
    assert "Z_ENTRY" in lab.ok("show", run) and "ENTRY_THRESHOLD" not in lab.ok("show", run)
