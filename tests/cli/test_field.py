"""Holds `priors`, and the counts that `check` and `replay` show: as what they are, and gone in one line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from memorylab.core.guard import packs
from memorylab.lab import field
from tests.conftest import REPOSITORY, Shell

TABLE = (
    "commit\tval_bpb\tmemory_gb\tstatus\tdescription\n"
    "a1b2c3d\t0.997900\t44.0\tkeep\tbaseline\n"
    "b2c3d4e\t0.993200\t44.2\tkeep\traise matrix LR to 0.05\n"
    "c3d4e5f\t1.005000\t44.0\tdiscard\traise matrix LR to 0.06\n"
    "d4e5f6a\t0.000000\t0.0\tcrash\tsecret sauce of project orion\n"
)


def build(shell: Shell, *words: str) -> Path:
    (shell.root / "theirs.tsv").write_text(TABLE)
    shell.ok("priors", "build", "theirs.tsv", "--output", "pack.json", *words)
    return shell.root / "pack.json"


def test_the_shipped_pack_is_what_every_pack_must_be() -> None:
    text = field.SHIPPED.read_text("utf-8")
    pack = packs.parse(text)
    assert pack == field.shipped()
    assert packs.dump(pack) == text, "make it with tools/field_prior.py"
    assert packs.shared(pack, least_ledgers=2) == pack
    assert pack.name == packs.PUBLIC
    assert len(text) < 30_000


def test_check_says_what_became_of_such_ideas_elsewhere(lab: Shell) -> None:
    counts = field.shipped().cells["weight tying|on"]
    told = lab.json("check", "--description", "tie the embedding weights")
    assert told["field_prior"] == [{"target": "weight tying", "kind": "on", **counts._asdict(), "source": "public"}]
    text = lab.ok("check", "--description", "tie the embedding weights")
    assert f"weight tying, in {counts.ledgers} public ledgers: {counts.tries} tries, {counts.kept} kept" in text


def test_the_field_is_no_reason_to_block(lab: Shell) -> None:
    lab.ok("check", "--description", "tie the embedding weights", "--fail-on-similar")
    verdict = lab.json("check", "--description", "tie the embedding weights")
    (lab.root / "memorylab.toml").write_text("priors = false\n")
    without = lab.json("check", "--description", "tie the embedding weights")
    assert (verdict["classification"], verdict["policy"]) == (without["classification"], without["policy"])


def test_one_line_switches_the_field_off(lab: Shell) -> None:
    config = lab.root / "memorylab.toml"
    assert "# priors = true\n" in config.read_text()
    config.write_text(config.read_text().replace("# priors = true", "priors = false"))
    assert lab.json("check", "--description", "tie the embedding weights")["field_prior"] == []
    assert lab.json("priors")["on"] is False
    assert "switched off" in lab.refused("priors", "show", "depth")
    assert "priors = false" in lab.ok("priors")
    config.write_text('priors = "off"\n')
    assert "priors must be true or false" in lab.refused("priors")


def test_priors_shows_the_packs_and_one_target(lab: Shell) -> None:
    found = lab.json("priors")
    assert [pack["name"] for pack in found["packs"]] == ["public"]
    assert found["most_tried"][0]["tries"] >= found["most_tried"][1]["tries"]
    assert "Kept least" in lab.ok("priors")
    rows = lab.json("priors", "show", "matrix", "lr")
    assert {row["target"] for row in rows} == {"MATRIX_LR"}
    assert rows[0]["kind"] is None
    assert "MATRIX_LR down" in lab.ok("priors", "show", "MATRIX_LR")
    assert "frobnicator" in lab.refused("priors", "show", "frobnicator")


def test_a_table_becomes_a_pack_without_its_words(shell: Shell) -> None:
    pack = packs.parse(build(shell, "--name", "acme").read_text())
    assert (pack.name, pack.ledgers, pack.runs) == ("acme", 1, 3)
    assert pack.cells["MATRIX_LR|up"] == (2, 1, 1, 0)
    assert "orion" not in (shell.root / "pack.json").read_text()


def test_a_ledger_becomes_a_pack_that_another_workspace_loads(lab: Shell) -> None:
    build(lab)
    lab.ok("import", "theirs.tsv")
    ledger = "results/memorylab/experiments.jsonl"
    made = lab.json("priors", "build", ledger, "--output", "mine.json", "--name", "acme")
    assert (made["ledgers"], made["runs"]) == (1, 3)
    loaded = lab.json("priors", "load", "mine.json")
    assert Path(loaded["file"]) == lab.root / "results" / "memorylab" / "priors" / "acme.json"
    (lab.root / "mine.json").unlink()
    lab.ok("priors", "load", "pack.json")
    assert [pack["name"] for pack in lab.json("priors")["packs"]] == ["public", "acme", "own"]
    told = lab.json("check", "--description", "raise matrix LR to 0.07")["field_prior"]
    assert [(item["source"], item["tries"]) for item in told[1:]] == [("acme", 2), ("own", 2)]
    assert "in 1 acme ledger: 2 tries, 1 kept" in lab.ok("check", "--description", "raise matrix LR to 0.07")


def test_a_pack_of_the_same_name_replaces_the_one_before(lab: Shell) -> None:
    build(lab)
    lab.ok("priors", "load", "pack.json")
    lab.ok("priors", "load", "pack.json")
    assert [pack["name"] for pack in lab.json("priors")["packs"]] == ["public", "own"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b'{"format": "memorylab-priors", "version": 7}', "version 7"),
        (None, "no such file"),
    ],
)
def test_what_is_no_pack_is_not_loaded(lab: Shell, content: bytes | None, said: str) -> None:
    if content is not None:
        (lab.root / "pack.json").write_bytes(content)
    line = lab.refused("priors", "load", "pack.json")
    assert said in line
    assert "pack.json" in line
    assert not (lab.root / "results" / "memorylab" / "priors").exists()


def test_the_shipped_name_can_not_be_loaded_or_built(lab: Shell) -> None:
    shutil.copy(field.SHIPPED, lab.root / "pack.json")
    assert "shipped" in lab.refused("priors", "load", "pack.json")
    (lab.root / "theirs.tsv").write_text(TABLE)
    assert "shipped" in lab.refused("priors", "build", "theirs.tsv", "--output", "x.json", "--name", "public")
    assert not (lab.root / "x.json").exists()


def test_a_pack_that_was_damaged_later_is_told_and_left_out(lab: Shell) -> None:
    build(lab)
    place = Path(lab.json("priors", "load", "pack.json")["file"])
    place.write_text("{")
    done = lab.run("check", "--description", "raise matrix LR to 0.07", "--json")
    assert done.returncode == 0
    assert [item["source"] for item in json.loads(done.stdout)["field_prior"]] == ["public"]
    assert done.stderr.startswith("warning: own.json is no pack of counts: it is not JSON")
    assert len(done.stderr.splitlines()) == 1


def test_a_ledger_without_a_try_makes_no_pack(shell: Shell) -> None:
    (shell.root / "theirs.tsv").write_text("".join(TABLE.splitlines(keepends=True)[:2]))
    assert "no finished try" in shell.refused("priors", "build", "theirs.tsv", "--output", "pack.json")
    assert not (shell.root / "pack.json").exists()


def test_replay_judges_with_the_counts_it_is_given(shell: Shell) -> None:
    build(shell)
    for priors in ([], ["--priors", "off"], ["--priors", "pack.json"]):
        assert len(shell.json("replay", "theirs.tsv", *priors)["rows"]) == 4
    assert "no such file" in shell.refused("replay", "theirs.tsv", "--priors", "none.json")


def test_every_action_of_priors_explains_its_options(shell: Shell) -> None:
    for action in ("show", "build", "load"):
        assert "usage: memorylab priors" in shell.ok("priors", action, "--help")
    page = (REPOSITORY / "docs" / "cli.md").read_text()
    assert "## memorylab priors build" in page
