"""Holds `import`, `export` and `replay`: what goes in comes out again, once, and every row is judged."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Shell

CORPUS = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"
MEMORY = Path("results") / "memorylab"
UPSTREAM = (
    "commit\tval_bpb\tmemory_gb\tstatus\tdescription\n"
    "a1b2c3d\t0.997900\t44.0\tkeep\tbaseline\n"
    "b2c3d4e\t0.993200\t44.2\tkeep\tincrease LR to 0.04\n"
    "c3d4e5f\t1.005000\t44.0\tdiscard\tswitch to GeLU activation\n"
    "d4e5f6a\t0.000000\t0.0\tcrash\tdouble model width (OOM)\n"
)


def write(shell: Shell, text: str | bytes, name: str = "theirs.tsv") -> str:
    (shell.root / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def essence(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(row["commit"], row["metrics"].get("val_bpb"), row["status"], row["description"]) for row in rows]


EXPECTED = [
    ("a1b2c3d", 0.9979, "keep", "baseline"),
    ("b2c3d4e", 0.9932, "keep", "increase LR to 0.04"),
    ("c3d4e5f", 1.005, "discard", "switch to GeLU activation"),
    ("d4e5f6a", None, "crash", "double model width (OOM)"),
]


# -- import


def test_an_imported_table_becomes_runs(lab: Shell) -> None:
    done = lab.json("import", write(lab, UPSTREAM))
    assert (done["rows"], done["added"], done["known"], done["problems"]) == (4, 4, 0, [])
    assert essence(lab.ledger()) == EXPECTED
    assert [row["error"] is not None for row in lab.ledger()] == [False, False, False, True]
    assert len({row["run_id"] for row in lab.ledger()}) == 4
    assert lab.run("verify").returncode == 0


@pytest.mark.parametrize(
    "text",
    [
        UPSTREAM.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + UPSTREAM.encode(),
        UPSTREAM.rstrip("\n").encode(),
        UPSTREAM.replace("\t", ",").encode(),
        UPSTREAM.split("\n", 1)[1].encode(),
        UPSTREAM.replace("keep", "KEPT").replace("discard", "reverted").encode(),
        UPSTREAM.encode("utf-16"),
    ],
    ids=["CRLF", "BOM", "no final newline", "comma", "no header", "odd status words", "UTF-16"],
)
def test_other_spellings_of_a_table_give_the_same_runs(lab: Shell, text: bytes) -> None:
    lab.ok("import", write(lab, text))
    assert essence(lab.ledger()) == EXPECTED


def test_a_second_import_adds_only_what_is_new(lab: Shell) -> None:
    name = write(lab, UPSTREAM)
    lab.ok("import", name)
    assert lab.json("import", name)["added"] == 0
    write(lab, UPSTREAM + "e5f6a7b\t0.990000\t44.0\tkeep\tone more\n")
    assert lab.json("import", name)["added"] == 1
    assert [row["description"] for row in lab.ledger()][4:] == ["one more"]


def test_equal_rows_of_one_table_are_several_runs(lab: Shell) -> None:
    line = "a1b2c3d\t0.997900\t44.0\tkeep\tbaseline\n"
    name = write(lab, UPSTREAM + line + line)
    assert lab.json("import", name)["added"] == 6
    assert lab.json("import", name)["added"] == 0


def test_what_cannot_be_read_is_named_by_line(lab: Shell) -> None:
    text = UPSTREAM + "\x00\x01 rubbish\nb2c3d4e\tabout one\t44.0\tkeep\twords for a number\n"
    done = lab.run("import", write(lab, text))
    assert done.returncode == 0
    assert "line 7" in done.stderr
    assert len(lab.ledger()) >= 4


def test_foreign_runs_do_not_become_the_champion_to_beat(lab: Shell) -> None:
    lab.ok("log", "--description", "baseline", "--status", "keep", "--summary", lab.summary(val_bpb=1.2))
    lab.ok("import", write(lab, UPSTREAM))
    assert lab.json("best")["champion"]["value"] == 1.2
    lab.ok("import", write(lab, UPSTREAM.replace("0.9932", "0.9933"), "ours.tsv"), "--same-arena")
    assert lab.json("best")["champion"]["value"] == 0.9933


def test_imported_runs_are_known_to_the_guard(lab: Shell) -> None:
    lab.ok("import", write(lab, UPSTREAM))
    guard = lab.json("check", "--description", "switch to GeLU activation")
    assert guard["top_matches"][0]["description"] == "switch to GeLU activation"


def test_another_metric_and_direction_are_read_from_the_table(lab: Shell) -> None:
    text = "commit\taccuracy\tstatus\tdescription\na1b2c3d\t0.5\tkeep\tbaseline\nb2c3d4e\t0.7\tkeep\tmore data\n"
    done = lab.json("import", write(lab, text))
    assert (done["metric"], done["direction"]) == ("accuracy", "max")
    assert [row["metrics"]["accuracy"] for row in lab.ledger()] == [0.5, 0.7]


# -- the workspace's own table


def test_the_own_table_of_an_older_loop_is_taken_over_without_doubling_it(shell: Shell) -> None:
    write(shell, UPSTREAM, "results.tsv")
    shell.ok("init")
    shell.ok("import", "results.tsv")
    assert (shell.root / "results.tsv").read_text() == UPSTREAM
    assert shell.json("best")["champion"]["value"] == 0.9932
    shell.ok("log", "--description", "next", "--status", "keep", "--summary", shell.summary(val_bpb=0.99))
    assert (shell.root / "results.tsv").read_text().startswith(UPSTREAM)
    assert len((shell.root / "results.tsv").read_text().splitlines()) == 6
    assert shell.json("import", "results.tsv")["added"] == 0


def test_the_own_table_holds_no_run_that_the_ledger_lacks(lab: Shell) -> None:
    for number in range(2):
        lab.ok(
            "log",
            "--description",
            f"idea {number}",
            "--status",
            "keep",
            "--summary",
            lab.summary(val_bpb=1 - number / 10),
        )
    lab.ok("log", "--description", "idea 3", "--status", "crash")
    assert lab.json("import", "results.tsv")["added"] == 0
    assert len(lab.ledger()) == 3


def test_a_line_that_a_person_added_to_the_own_table_is_imported_once(lab: Shell) -> None:
    lab.ok("log", "--description", "idea", "--status", "keep", "--summary", lab.summary())
    with (lab.root / "results.tsv").open("a") as file:
        file.write("abc1234\t0.900000\t1.0\tkeep\tby hand\n")
    assert lab.json("import", "results.tsv")["added"] == 1
    assert [row["description"] for row in lab.ledger()] == ["idea", "by hand"]
    assert lab.json("import", "results.tsv")["added"] == 0
    (lab.root / "results.tsv").unlink()
    lab.ok("history")
    cells = [line.split("\t")[4] for line in (lab.root / "results.tsv").read_text().splitlines()[1:]]
    assert sorted(cells) == ["by hand", "idea"]


# -- export


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A workspace with a kept, a discarded and a crashed run whose texts are hard to write in a table."""
    lab = Shell(tmp_path_factory.mktemp("recorded"))
    lab.ok("init")
    lab.ok(
        "log",
        "--description",
        'baseline, "quoted"; a=b',
        "--status",
        "keep",
        "--summary",
        lab.summary(),
        "--tags",
        "x,y",
    )
    lab.ok(
        "log",
        "--description",
        "tab\there → ünï\nnext line",
        "--status",
        "discard",
        "--summary",
        lab.summary(val_bpb=2.0),
    )
    lab.ok("log", "--description", "=cmd()", "--status", "crash", "--error", "out of memory, again")
    return lab


def test_jsonl_gives_the_ledger_s_rows(recorded: Shell) -> None:
    assert [json.loads(line) for line in recorded.ok("export", "--format", "jsonl").splitlines()] == recorded.ledger()


@pytest.mark.parametrize("form", ["tsv", "csv"])
def test_a_table_has_a_header_and_one_line_a_run(recorded: Shell, form: str) -> None:
    text = recorded.ok("export", "--format", form)
    plain = [line.split("\t") for line in text.splitlines()]
    lines = plain if form == "tsv" else list(csv.reader(io.StringIO(text)))
    rows = [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    assert [row["run_id"] for row in rows] == [row["run_id"] for row in recorded.ledger()]
    assert [row["status"] for row in rows] == ["keep", "discard", "crash"]
    assert [row["description"] for row in rows] == ['baseline, "quoted"; a=b', "tab here → ünï next line", "'=cmd()"]
    assert [row["value"] for row in rows] == ["1.0", "2.0", ""]
    assert rows[2]["error_summary"] == "out of memory, again"


@pytest.mark.parametrize("form", ["tsv", "csv", "jsonl"])
def test_export_writes_the_same_to_a_file(recorded: Shell, tmp_path: Path, form: str) -> None:
    target = tmp_path / "all"
    assert recorded.ok("export", "--format", form, "--output", str(target)) == ""
    assert target.read_text() == recorded.ok("export", "--format", form)


@pytest.mark.parametrize("form", ["tsv", "csv"])
def test_an_exported_table_can_be_imported_elsewhere(recorded: Shell, tmp_path: Path, form: str) -> None:
    target = tmp_path / f"all.{form}"
    recorded.ok("export", "--format", form, "--output", str(target))
    other = Shell(tmp_path / "other")
    other.root.mkdir()
    other.ok("init")
    other.ok("import", str(target), "--metric", "value")
    assert [(row["status"], row["metrics"].get("value"), row["description"]) for row in other.ledger()] == [
        ("keep", 1.0, 'baseline, "quoted"; a=b'),
        ("discard", 2.0, "tab here → ünï next line"),
        ("crash", None, "=cmd()"),
    ]


SPREADSHEET = [
    '=HYPERLINK("http://x","y")',
    "+0.5 to LR",
    "-0.5",
    "- lower LR",
    "@SUM(A1)",
    "'=quoted already",
    "''=twice",
    "'tis plain",
    "＝wide",
    "+1e-3%",
    '"all quoted"',
    '"half quoted',
    "a, b; c",
    "x='=1'",
]


@pytest.mark.parametrize("form", ["tsv", "csv"])
def test_no_cell_of_an_export_is_a_formula_and_all_read_back_as_they_were(
    lab: Shell, tmp_path: Path, form: str
) -> None:
    for text in SPREADSHEET:
        lab.ok("log", f"--description={text}", "--status", "crash", "--error", "x", "--skip-archive")
    target = tmp_path / f"all.{form}"
    lab.ok("export", "--format", form, "--output", str(target))
    with target.open(newline="") as file:
        cells = [cell for row in csv.reader(file, delimiter="\t" if form == "tsv" else ",") for cell in row]
    risky = [cell for cell in cells if len(cell) > 1 and cell[0] in "=+-@＝" and cell not in ("-0.5", "+1e-3%")]
    assert risky == []
    other = Shell(tmp_path / "other")
    other.root.mkdir()
    other.ok("init")
    other.ok("import", str(target), "--metric", "value")
    assert [row["description"] for row in other.ledger()] == SPREADSHEET


@pytest.mark.parametrize("form", ["tsv", "csv"])
def test_a_table_without_runs_has_its_header(lab: Shell, form: str) -> None:
    assert lab.ok("export", "--format", form).startswith("run_id")


# -- replay


def test_replay_counts_what_the_guard_would_have_done(lab: Shell) -> None:
    text = UPSTREAM + (
        "e5f6a7b\t1.010000\t44.0\tdiscard\tswitch to GeLU activation\n"
        "f6a7b8c\t0.980000\t44.0\tkeep\tswitch to GeLU activation\n"
    )
    found = lab.json("replay", write(lab, text))

    assert found["runs"] == 6
    for status, count in (("keep", 3), ("discard", 2), ("crash", 1)):
        assert set(found[status]) == {"allow", "caution", "block"}
        assert sum(found[status].values()) == count
    assert found["discard"]["block"] == 1
    assert [(lost["description"], round(lost["gain"], 6)) for lost in found["wins_lost"]] == [
        ("switch to GeLU activation", 0.0132)
    ]
    assert found["gain_lost"] == pytest.approx(0.0132)
    assert found["gain_total"] == pytest.approx(0.0047 + 0.0132)
    assert sum(found["classifications"].values()) == 6
    assert found["seconds_saved"] == 0


def test_replay_has_one_object_a_row_in_order(lab: Shell) -> None:
    text = UPSTREAM + "e5f6a7b\t1.010000\t44.0\tdiscard\tswitch to GeLU activation\n"
    rows = lab.json("replay", write(lab, text))["rows"]
    assert [row["row"] for row in rows] == list(range(5))
    assert [row["status"] for row in rows] == ["keep", "keep", "discard", "crash", "discard"]
    for row in rows:
        assert {"row", "status", "classification", "decision", "p_keep", "match"} <= set(row)
        assert row["decision"] in ("allow", "caution", "block")
        assert row["match"] is None or 0 <= row["match"] < row["row"]
    assert (rows[4]["classification"], rows[4]["decision"], rows[4]["match"]) == ("duplicate_run", "block", 2)


def test_replay_of_the_ledger_gives_one_object_a_ledger_row(recorded: Shell) -> None:
    ledger = str(MEMORY / "experiments.jsonl")
    found = recorded.json("replay", ledger)
    assert [row["status"] for row in found["rows"]] == ["keep", "discard", "crash"]
    assert found["runs"] == 3


def test_replay_of_a_foreign_ledger_gives_one_object_a_row_whatever_the_row_is(lab: Shell) -> None:
    lines = [
        '{"status": "keep", "description": "a", "metrics": {"val_bpb": 1.0}}',
        '{"status": "pending", "description": "b"}',
        '{"note": 7}',
        '{"status": "discard", "description": "\\ud800", "metrics": {"val_bpb": "x"}}',
        "{}",
    ]
    found = lab.json("replay", write(lab, "\n".join(lines) + "\n", "theirs.jsonl"))
    assert [row["row"] for row in found["rows"]] == [0, 1, 2, 3], "an object that is empty says nothing and is none"
    assert [row["status"] for row in found["rows"]] == ["keep", None, None, "discard"]


def test_replay_judges_as_check_would(lab: Shell) -> None:
    lab.ok("log", "--description", "baseline", "--status", "keep", "--summary", lab.summary())
    for text, status, value in (("MATRIX_LR 0.04 to 0.06", "discard", 1.4), ("DEPTH 8 to 9", "keep", 0.9)):
        lab.ok("log", "--description", text, "--status", status, "--summary", lab.summary(val_bpb=value))
    live = [row["novelty_guard"] for row in lab.ledger()]
    replayed = lab.json("replay", str(MEMORY / "experiments.jsonl"))["rows"]
    assert [(row["classification"], row["decision"]) for row in replayed] == [
        (guard["classification"], guard["policy"]["decision"]) for guard in live
    ]


def test_replay_reads_and_writes_nothing_of_the_workspace(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.ok(
        "replay", write(shell, UPSTREAM), "--mode", "explore", "--metric", "val_bpb", "--direction", "min", "--json"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["theirs.tsv"]


def test_replay_of_several_ledgers_is_still_one_document(lab: Shell) -> None:
    name = write(lab, UPSTREAM)
    assert [found["runs"] for found in lab.json("replay", name, name)] == [4, 4]


# -- tables found in the wild


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the collection of public ledgers is not here")
def test_public_tables_are_imported_and_replayed_without_an_error(lab: Shell) -> None:
    tables = sorted((CORPUS / "raw").rglob("*.tsv"), key=lambda path: path.stat().st_size)[::20]
    assert tables
    done = lab.json("import", *map(str, tables))
    assert sum(item["added"] for item in done) == len(lab.ledger()) > 0
    again = lab.json("import", *map(str, tables))
    assert sum(item["added"] for item in again) == 0
    assert lab.run("verify").returncode == 0
    readable = [str(table) for table, item in zip(tables, done, strict=True) if item["rows"]]
    for found, item in zip(lab.json("replay", *readable), [item for item in done if item["rows"]], strict=True):
        assert len(found["rows"]) == found["runs"] == item["rows"]
        assert math.isfinite(found["gain_total"])
