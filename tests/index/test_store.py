from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memorylab.errors import LedgerTooNew
from memorylab.index import Index, Views, store
from memorylab.ledger.jsonl import JsonlLedger

REPOSITORY = Path(__file__).resolve().parents[2]

COMMITS = [f"{n:07x}" for n in range(6)]
ROWS = st.fixed_dictionaries(
    {
        "run_id": st.uuids().map(str),
        "status": st.sampled_from(["keep", "discard", "crash"]),
        "description": st.sampled_from(
            [
                "raise MATRIX_LR to 0.08",
                "depth 9",
                "replace GELU by SwiGLU",
                "",
                "warmdown 0.7",
                "ZETA_SPAN=9",
                "zeta span 14",
            ]
        ),
        "metrics": st.fixed_dictionaries({"val_bpb": st.sampled_from([0.9, 0.95, 1.0, 1.01, None])}),
    },
    optional={
        "commit": st.sampled_from(COMMITS),
        "parent_commit": st.sampled_from(COMMITS),
        "candidate": st.sampled_from(["a", "b"]),
        "arena": st.sampled_from([{"metric": "val_bpb", "direction": "min", "device": d} for d in ("cpu", "H100")]),
        "integrity": st.sampled_from(["ok", "modified"]),
        "key": st.sampled_from(["k1", "k2"]),
        "tags": st.lists(st.sampled_from(["lr", "depth"]), max_size=2),
    },
)
TABLES = ("runs", "edits", "words", "arenas", "arena_keys", "candidates", "counts")


def index_of(path: Path, metric: str = "val_bpb") -> Index:
    return Index(path.with_name("index.sqlite"), JsonlLedger(path), metric, "min")


def content(index: Index) -> dict[str, list[Any]]:
    index.catch_up()
    return {table: sorted(map(repr, index.db.execute(f"SELECT * FROM {table}"))) for table in TABLES}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "experiments.jsonl"


@given(chunks=st.lists(st.lists(ROWS, max_size=4), min_size=1, max_size=6))
@settings(max_examples=40)
def test_an_index_that_caught_up_in_steps_is_the_one_built_at_once(tmp_path_factory: Any, chunks: Any) -> None:
    path = tmp_path_factory.mktemp("index") / "experiments.jsonl"
    ledger, stepwise = JsonlLedger(path), index_of(path)
    for chunk in chunks:
        ledger.append(chunk)
        stepwise.catch_up()
    at_once = Index(path.with_name("other.sqlite"), ledger, "val_bpb", "min")
    assert content(stepwise) == content(at_once)
    stepwise.close()
    at_once.close()


def row(n: int, **values: Any) -> dict[str, Any]:
    return {
        "run_id": f"r{n}",
        "status": "discard",
        "description": f"idea {n}",
        "metrics": {"val_bpb": 1 + n / 100},
        **values,
    }


def run_ids(path: Path) -> list[str]:
    index = index_of(path)
    index.catch_up()
    found = [run.run_id for run in Views(index.db).after(0)]
    index.close()
    return found


def test_it_is_built_again_when_missing_damaged_older_or_of_another_metric(path: Path) -> None:
    JsonlLedger(path).append([row(1), row(2)])
    file = path.with_name("index.sqlite")
    assert run_ids(path) == ["r1", "r2"]
    file.unlink()
    assert run_ids(path) == ["r1", "r2"]
    file.write_bytes(b"this is no database" * 1000)
    assert run_ids(path) == ["r1", "r2"]
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA user_version = 0")
    db.close()
    assert run_ids(path) == ["r1", "r2"]
    with sqlite3.connect(file) as db:
        db.execute("DROP TABLE meta")
    db.close()
    assert run_ids(path) == ["r1", "r2"]
    other = index_of(path, metric="loss")
    other.catch_up()
    assert Views(other.db).contenders(1, 5) == []
    other.close()


def test_it_is_built_again_when_the_ledger_is_another_one(path: Path) -> None:
    JsonlLedger(path).append([row(1), row(2), row(3)])
    assert run_ids(path) == ["r1", "r2", "r3"]
    path.unlink()
    JsonlLedger(path).append([row(7), row(8), row(9), row(10)])
    assert run_ids(path) == ["r7", "r8", "r9", "r10"]
    path.write_text("")
    assert run_ids(path) == []


def test_who_opened_the_file_before_it_was_built_anew_reads_a_whole_one(path: Path) -> None:
    """A file that took its name gave it its write-ahead log as well: "database disk image is malformed"."""
    JsonlLedger(path).append([{"run_id": f"r{n}", "metrics": {"score": 1.0}} for n in range(300)])
    index_of(path).catch_up()
    early = sqlite3.connect(path.with_name("index.sqlite"))
    builder = index_of(path, "score")
    builder.catch_up()
    about = early.execute("SELECT value FROM meta WHERE name = 'about'").fetchone()
    assert "|score|" in about[0]
    assert early.execute("SELECT count(*), count(value) FROM runs").fetchone() == (300, 300)
    assert early.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    early.close()
    builder.close()


def test_who_reads_while_it_is_read_anew_sees_all_runs(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = JsonlLedger(path)
    ledger.append([{"run_id": f"r{n}", "status": "discard", "metrics": {"val_bpb": 1.0 + n}} for n in range(5)])
    index = index_of(path)
    index.catch_up()
    monkeypatch.setattr(store, "_REPORT_EVERY", 1)
    seen: list[int] = []

    def beside(_: int) -> None:
        with sqlite3.connect(index.path) as other:
            seen.append(other.execute("SELECT count(*) FROM runs").fetchone()[0])
        other.close()

    index.read_anew(beside)
    beside(0)
    assert seen == [5] * 6


def test_nothing_is_written_when_there_is_no_news(path: Path) -> None:
    JsonlLedger(path).append([row(1)])
    run_ids(path)
    index = index_of(path)
    index.catch_up()
    before = index.db.total_changes
    index.catch_up()
    assert index.db.total_changes == before
    index.close()


def test_processes_that_create_and_catch_up_at_once_agree(path: Path) -> None:
    JsonlLedger(path).append([row(n) for n in range(300)])
    code = (
        "import sys; from pathlib import Path\n"
        "from memorylab.index import Index, Views\n"
        "from memorylab.ledger.jsonl import JsonlLedger\n"
        "p = Path(sys.argv[1]); ledger = JsonlLedger(p)\n"
        "index = Index(p.with_name('index.sqlite'), ledger, 'val_bpb', 'min')\n"
        "for n in range(10):\n"
        "    ledger.append([{'run_id': f'{sys.argv[2]}-{n}', 'status': 'keep', 'description': 'x', 'metrics': {}}])\n"
        "    index.catch_up()\n"
        "print(Views(index.db).size() >= 310)\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path), str(w)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for w in range(8)
    ]
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert out.strip() == "True", err
    ids = run_ids(path)
    assert len(ids) == len(set(ids)) == 380


def test_a_corrupt_line_is_counted_and_passed_over(path: Path) -> None:
    path.write_text(json.dumps(row(1)) + "\nrubbish\n" + json.dumps(row(2)) + "\n")
    index = index_of(path)
    assert index.catch_up().corrupt == 1
    assert [run.run_id for run in Views(index.db).after(0)] == ["r1", "r2"]
    index.close()


def test_rows_that_are_no_runs_are_kept_in_the_ledger_and_out_of_the_views(path: Path) -> None:
    JsonlLedger(path).append([{"kind": "claim", "description": "mine"}, row(1)])
    assert run_ids(path) == ["r1"]


def test_a_ledger_from_a_newer_schema_is_one_clear_refusal(path: Path) -> None:
    JsonlLedger(path).append([row(1, schema=99)])
    with pytest.raises(LedgerTooNew, match="newer MemoryLab"):
        index_of(path).catch_up()


@given(
    junk=st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
        lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=5), x, max_size=3),
        max_leaves=6,
    ),
    field=st.sampled_from(
        [
            "run_id",
            "status",
            "description",
            "metrics",
            "tags",
            "error",
            "arena",
            "base",
            "edits",
            "commit",
            "parent_commit",
            "novelty_guard",
            "decision_packet",
            "artifacts",
            "source",
            "key",
            "family",
        ]
    ),
)
@settings(max_examples=150)
def test_a_row_with_anything_in_any_field_is_read_without_complaint(
    tmp_path_factory: Any, junk: Any, field: str
) -> None:
    path = tmp_path_factory.mktemp("junk") / "experiments.jsonl"
    JsonlLedger(path).append([{**row(1), field: junk}, row(2)])
    assert len(run_ids(path)) == 2


def test_a_crash_has_no_value_whatever_was_written(path: Path) -> None:
    JsonlLedger(path).append([row(1, status="crash", metrics={"val_bpb": 0.0}), row(2, status="keep")])
    index = index_of(path)
    index.catch_up()
    views = Views(index.db)
    arena = views.arenas()[0]
    assert [run.value for run in views.after(0)] == [None, 1.02]
    assert views.run(arena.champion).run_id == "r2"  # type: ignore[union-attr]
    index.close()


def test_rows_without_an_arena_share_that_of_the_first_recorded_one(path: Path) -> None:
    arena = {"metric": "val_bpb", "direction": "min", "device": "cpu"}
    JsonlLedger(path).append([row(1), row(2, arena=arena), row(3), row(4, arena={**arena, "device": "H100"})])
    index = index_of(path)
    index.catch_up()
    assert [run.arena for run in Views(index.db).after(0)] == [1, 1, 1, 2]
    index.close()
