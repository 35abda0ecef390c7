"""Holds that nothing acknowledged is lost: many writers, kill -9, torn lines, damage, full and read-only disks."""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Shell

if sys.platform == "win32":
    pytest.skip("untried on Windows", allow_module_level=True)

PROGRAM = str(Path(__file__).resolve().parents[2] / "memorylab.py")
MEMORY = Path("results") / "memorylab"
WRITERS = 8
KILLS = 14


def start(shell: Shell, *words: str, **options: Any) -> subprocess.Popen[str]:
    """A command that runs while the test goes on."""
    return subprocess.Popen(
        [sys.executable, PROGRAM, *words],
        cwd=options.pop("cwd", shell.root),
        env=shell.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def log_words(shell: Shell, description: str, value: float = 1.0) -> tuple[str, ...]:
    path = shell.summary(f"{description}.json".replace(" ", "-"), val_bpb=value)
    return ("log", "--description", description, "--status", "keep", "--summary", path, "--json")


def finish(processes: list[subprocess.Popen[str]]) -> list[dict[str, Any]]:
    """The rows that `log --json` processes acknowledged; all must have succeeded."""
    rows = []
    for process in processes:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        rows.append(json.loads(out))
    return rows


def agree(shell: Shell, rows: list[dict[str, Any]], *, killed: bool = False) -> None:
    """Ledger, table, registry, archive and index tell of exactly these runs, and `verify` is content.

    What was `killed` may have left an archive that no row refers to.
    """
    ids = sorted(row["run_id"] for row in rows)
    assert len(set(ids)) == len(ids)
    assert sorted(row["run_id"] for row in shell.ledger()) == ids
    lines = (shell.root / "results.tsv").read_text().splitlines()[1:]
    assert sorted(line.split("\t")[4] for line in lines) == sorted(row["description"] for row in rows)
    registry = json.loads((shell.root / MEMORY / "champion_challenger.json").read_text())
    assert sum(registry["status_counts"].values()) == len(rows)
    # Which run leads depends on the order in which they came; the ledger alone says it.
    led = next(shell.root.glob(f"{MEMORY}/index.sqlite"))
    led.unlink()
    assert registry["champion"]["run_id"] == shell.json("best")["champion"]["run_id"]
    archived = {path.name for path in (shell.root / MEMORY / "runs").iterdir()}
    assert archived >= set(ids) if killed else archived == set(ids)
    assert sorted(run["run_id"] for run in shell.json("history", "--limit", "1000")) == ids
    assert shell.json("verify") == {"ok": True, "runs": len(rows), "repaired": [], "problems": []}


# -- many at once


def test_eight_concurrent_logs_lose_nothing_and_agree(lab: Shell) -> None:
    rows = finish([start(lab, *log_words(lab, f"idea {n}", 1 - n / 100)) for n in range(WRITERS)])
    agree(lab, rows)
    assert {row["run_id"]: row for row in lab.ledger()} == {row["run_id"]: row for row in rows}


def test_each_of_eight_concurrent_logs_was_judged_with_the_earlier_ones_in_view(lab: Shell) -> None:
    finish([start(lab, *log_words(lab, f"idea {n}", 1 - n / 100)) for n in range(WRITERS)])
    champion = None
    for row in lab.ledger():
        comparison = row["decision_packet"]["comparison"]
        prior = comparison["prior_champion"]
        assert (prior["run_id"] if prior else None) == champion
        if comparison["is_champion"]:
            champion = row["run_id"]
    assert champion is not None


def test_eight_processes_may_create_the_store_at_the_same_moment(shell: Shell) -> None:
    inits = [start(shell, "init") for _ in range(WRITERS // 2)]
    rows = finish([start(shell, *log_words(shell, f"idea {n}", 1 - n / 100)) for n in range(WRITERS // 2)])
    for process in inits:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    agree(shell, rows)


def test_eight_processes_may_build_the_index_at_the_same_moment(lab: Shell) -> None:
    row = lab.json(*log_words(lab, "raise MATRIX_LR to 0.05"))
    ledger = lab.root / MEMORY / "experiments.jsonl"
    ledger.write_text("".join(json.dumps(row | {"run_id": f"r{n}", "artifacts": {}}) + "\n" for n in range(500)))
    for path in (lab.root / MEMORY).glob("index.sqlite*"):
        path.unlink()
    guards = finish([start(lab, "check", "--description", "MATRIX_LR 0.05", "--json") for _ in range(WRITERS)])
    assert all(guard == guards[0] for guard in guards)
    assert guards[0]["classification"] == "known_success"
    assert len(lab.json("history", "--limit", "1000")) == 500


def test_concurrent_calls_with_one_key_record_one_run(lab: Shell) -> None:
    rows = finish([start(lab, *log_words(lab, "the same"), "--key", "job 1") for _ in range(4)])
    assert len({row["run_id"] for row in rows}) == 1
    agree(lab, rows[:1])


def test_logs_with_and_without_an_archive_never_share_a_run_id(lab: Shell) -> None:
    processes = []
    for number in range(WRITERS // 2):
        words = log_words(lab, f"idea {number}")
        processes += [start(lab, *words), start(lab, *words, "--skip-archive")]
    rows = finish(processes)
    assert len({row["run_id"] for row in rows}) == len(rows)
    lab.ok("verify")


def test_a_repair_beside_a_log_takes_nothing_from_it(lab: Shell) -> None:
    processes, repairs = [], []
    for number in range(WRITERS // 2):
        processes.append(start(lab, *log_words(lab, f"idea {number}")))
        repairs.append(start(lab, "verify", "--repair"))
    rows = finish(processes)
    for repair in repairs:
        _, err = repair.communicate(timeout=120)
        assert "unexpected" not in err
    agree(lab, rows)


# -- killed


@pytest.mark.parametrize("seed", [1, 2])
def test_a_log_killed_at_any_moment_leaves_a_whole_run_or_none(lab: Shell, seed: int) -> None:
    chance = random.Random(seed)
    began = time.monotonic()
    acknowledged = [lab.json(*log_words(lab, "baseline"))]
    usual = time.monotonic() - began
    for number in range(KILLS // 2):
        process = start(lab, *log_words(lab, f"idea {number}", 1 - number / 100))
        time.sleep(chance.uniform(0.3, 1.2) * usual)
        process.kill()
        out, _ = process.communicate()
        if out.endswith("}\n"):
            acknowledged.append(json.loads(out))

    lab.ok("history")  # the next command makes good what the last kill left open
    rows = lab.ledger()
    assert {row["run_id"] for row in acknowledged} <= {row["run_id"] for row in rows}
    assert all(row["decision_packet"] and row["novelty_guard"] for row in rows)
    problems = lab.run("verify", "--json")
    found = json.loads(problems.stdout)["problems"]
    # An archive whose run was never appended is no run: nothing refers to it, and repair sets it aside.
    assert [p for p in found if "never recorded" not in p["what"]] == []
    lab.ok("verify", "--repair")
    lab.json(*log_words(lab, "the next"))
    agree(lab, lab.ledger(), killed=True)


def test_an_archive_without_its_run_is_seen_by_no_reader(lab: Shell) -> None:
    row = lab.json(*log_words(lab, "baseline"))
    left = lab.root / MEMORY / "runs" / "20260101T000000Z-abcdef0"
    shutil.copytree(lab.root / MEMORY / "runs" / row["run_id"], left)
    for path in (*left.iterdir(), left):
        os.utime(path, (1_767_225_600, 1_767_225_600))  # long ago: no log that goes on just now
    assert len(lab.json("history")) == 1
    assert lab.run("show", "20260101").returncode == 1
    found = lab.run("verify")
    assert (found.returncode, "never recorded" in found.stdout) == (1, True)
    lab.ok("verify", "--repair")
    kept = lab.root / MEMORY / "quarantine"
    assert any(path.name == "decision_packet.json" for path in kept.rglob("*"))


def test_a_run_appended_by_a_process_that_died_is_made_good_by_the_next_command(lab: Shell) -> None:
    lab.json(*log_words(lab, "baseline"))
    saved = {name: (lab.root / name).read_bytes() for name in ("results.tsv", str(MEMORY / "champion_challenger.json"))}
    row = lab.json(*log_words(lab, "idea", 0.5))
    for name, data in saved.items():
        (lab.root / name).write_bytes(data)
    for name in ("decision_packet.json", "decision_packet.md"):
        (lab.root / row["artifacts"]["directory"] / name).unlink()
    for path in (lab.root / MEMORY).glob("index.sqlite*"):
        path.unlink()

    lab.ok("check", "--description", "anything")

    agree(lab, lab.ledger())


# -- torn and foreign lines


def test_a_torn_last_line_is_set_aside_without_touching_earlier_bytes(lab: Shell) -> None:
    first = lab.json(*log_words(lab, "baseline"))
    ledger = lab.root / MEMORY / "experiments.jsonl"
    whole = ledger.read_bytes()
    ledger.write_bytes(whole + b'{"schema": 1, "run_id": "torn", "metr')

    assert [run["run_id"] for run in lab.json("history")] == [first["run_id"]]
    assert "line 2" in lab.run("verify").stdout
    second = lab.json(*log_words(lab, "idea", 0.9))

    assert ledger.read_bytes().startswith(whole)
    agree(lab, [first, second])
    assert b"torn" in b"".join(path.read_bytes() for path in (lab.root / MEMORY / "quarantine").iterdir())


def test_a_last_line_that_lacks_only_its_newline_is_kept(lab: Shell) -> None:
    first = lab.json(*log_words(lab, "baseline"))
    ledger = lab.root / MEMORY / "experiments.jsonl"
    ledger.write_bytes(ledger.read_bytes().rstrip(b"\n"))
    second = lab.json(*log_words(lab, "idea", 0.9))
    agree(lab, [first, second])


def test_a_broken_line_in_the_middle_is_named_and_passed_over(lab: Shell) -> None:
    rows = [lab.json(*log_words(lab, f"idea {n}", 1 - n / 100)) for n in range(2)]
    ledger = lab.root / MEMORY / "experiments.jsonl"
    lines = ledger.read_bytes().splitlines(keepends=True)
    ledger.write_bytes(lines[0] + b"\x00\xffbroken\n" + lines[1])

    done = lab.run("history", "--json")

    assert len(json.loads(done.stdout)) == 2
    assert done.stderr.startswith("warning: ")
    assert "line 2" in lab.run("verify").stdout
    lab.ok("verify", "--repair")
    agree(lab, rows)
    assert any(b"broken" in path.read_bytes() for path in (lab.root / MEMORY / "quarantine").iterdir())


SEED_ROW: dict[str, Any] = {
    "run_id": "theirs",
    "timestamp_utc": "2026-01-01T00:00:00Z",
    "branch": "main",
    "commit": "abcdef0",
    "parent_commit": None,
    "family": "optimizer",
    "status": "keep",
    "description": "raise MATRIX_LR to 0.05",
    "hypothesis": "",
    "tags": ["lr"],
    "notes": "",
    "metrics": {"val_bpb": 0.9},
    "error": None,
    "artifacts": {},
    "novelty_guard": {},
    "decision_packet": {},
}


def add(shell: Shell, *rows: dict[str, Any]) -> None:
    with (shell.root / MEMORY / "experiments.jsonl").open("a") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def test_a_row_of_another_tool_is_read_and_its_own_fields_are_kept(lab: Shell) -> None:
    add(lab, SEED_ROW | {"their_field": {"deep": [1, None]}})
    assert lab.json("best")["champion"]["run_id"] == "theirs"
    assert lab.json("check", "--description", "MATRIX_LR = 0.05")["classification"] == "known_success"
    lab.json(*log_words(lab, "idea", 0.8))
    assert lab.json("show", "theirs")["their_field"] == {"deep": [1, None]}
    assert json.loads(lab.ok("export", "--format", "jsonl").splitlines()[0])["their_field"] == {"deep": [1, None]}
    assert lab.run("verify").returncode == 0


STRANGE: dict[str, dict[str, Any]] = {
    "guard of text": {"novelty_guard": "x"},
    "policy of a number": {"novelty_guard": {"policy": 3}},
    "packet of text": {"decision_packet": "p"},
    "packet of lists": {"decision_packet": {"run": [], "comparison": 1}},
    "artifacts of a number": {"artifacts": 3},
    "directory of a number": {"artifacts": {"directory": 1}},
    "edits of rubbish": {"edits": [1, {"target": 3}, {"target": "MATRIX_LR", "op": 5, "to": {}}]},
    "arena of text": {"arena": "x"},
    "arena of rubbish": {"arena": {"metric": 5, "direction": "up", "budget_s": "x"}},
    "tags of a number": {"tags": 5},
    "error of text": {"status": "crash", "error": "boom"},
    "commit of a number": {"commit": 5},
    "time in words": {"timestamp_utc": "yesterday"},
    "metrics of text": {"metrics": "none"},
    "no fields": dict.fromkeys(SEED_ROW),
    "number in words": {"metrics": {"val_bpb": "NaN"}},
    "run id of an object": {"run_id": {"a": 1}},
    "run id with NUL": {"run_id": "x\0"},
    "half a character": {"description": "lr \ud800", "tags": ["\udc00"], "family": "\ud800"},
    "schema in words": {"schema": "two"},
}


def test_rows_with_anything_anywhere_stop_no_command(lab: Shell) -> None:
    rows = [SEED_ROW | {"run_id": name} | fields for name, fields in STRANGE.items()]
    add(lab, *rows)
    (lab.root / MEMORY / "runs" / "packet of text").mkdir()
    words = log_words(lab, "idea", 0.8)
    for command in (
        ("check", "--description", "MATRIX_LR 0.05"),
        words,
        ("history",),
        ("best",),
        ("search", "lr"),
        ("report",),
        ("export",),
        ("replay", str(MEMORY / "experiments.jsonl")),
    ):
        done = lab.run(*command)
        assert done.returncode == 0, (command[0], done.stderr)
    assert "unexpected" not in lab.run("verify").stderr
    assert len(lab.ledger()) == len(rows) + 1


@pytest.mark.parametrize("kind", list(STRANGE))
def test_a_strange_row_is_read_without_complaint(kind: str, strange: Callable[[str], str]) -> None:
    assert strange(kind) == ""


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Logs into a workspace that holds one strange row and returns the complaint, if any."""
    shell = Shell(tmp_path_factory.mktemp("strange"))
    shell.ok("init")
    ledger = shell.root / MEMORY / "experiments.jsonl"

    def tried(kind: str) -> str:
        ledger.write_text(json.dumps(SEED_ROW | {"run_id": kind} | STRANGE[kind]) + "\n")
        (shell.root / MEMORY / "runs" / kind).mkdir()
        return shell.run(*log_words(shell, "MATRIX_LR 0.05", 0.8)).stderr

    return tried


@pytest.mark.parametrize("run_id", ["../../../outside", "{root}/outside", ".", ""])
def test_a_run_id_never_leads_out_of_the_archive(lab: Shell, run_id: str) -> None:
    (lab.root / "outside").mkdir()
    add(lab, SEED_ROW | {"run_id": run_id.format(root=lab.root), "decision_packet": {"summary": "planted"}})
    lab.ok("check", "--description", "x")
    lab.json(*log_words(lab, "idea", 0.8))
    lab.run("verify", "--repair")
    assert list((lab.root / "outside").iterdir()) == []
    assert [path for path in (lab.root / MEMORY / "runs").iterdir() if path.is_file()] == []
    assert not (lab.root / MEMORY / "decision_packet.json").exists()


# -- derived files


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A workspace with two runs, to be damaged by several tests and mended by the commands under test."""
    shell = Shell(tmp_path_factory.mktemp("derived"))
    shell.git("init", "-q")
    shell.ok("init")
    for number in range(2):
        shell.json(*log_words(shell, f"idea {number}", 1 - number / 100))
    return shell


def damage(path: Path, how: str) -> None:
    match how:
        case "gone":
            path.unlink()
        case "emptied":
            path.write_bytes(b"")
        case "overwritten":
            path.write_bytes(b"\x00garbage\n" * 2000)
        case _:
            data = path.read_bytes()
            path.write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize("how", ["gone", "emptied", "overwritten", "cut in half"])
def test_the_next_command_builds_the_index_anew(recorded: Shell, how: str) -> None:
    for suffix in ("-wal", "-shm"):
        Path(f"{recorded.root / MEMORY / 'index.sqlite'}{suffix}").unlink(missing_ok=True)
    damage(recorded.root / MEMORY / "index.sqlite", how)
    done = recorded.run("check", "--description", "idea 1")
    assert (done.returncode, done.stderr) == (0, "")
    agree(recorded, recorded.ledger())


@pytest.mark.parametrize("name", ["results.tsv", "results/memorylab/champion_challenger.json"])
def test_the_next_command_writes_a_lost_file_anew(recorded: Shell, name: str) -> None:
    before = (recorded.root / name).read_text()
    (recorded.root / name).unlink()
    recorded.ok("check", "--description", "idea 1")
    after = (recorded.root / name).read_text()
    assert [line for line in after.splitlines() if "updated_utc" not in line] == [
        line for line in before.splitlines() if "updated_utc" not in line
    ]
    agree(recorded, recorded.ledger())


@pytest.mark.parametrize("how", ["emptied", "overwritten", "cut in half"])
def test_a_damaged_registry_is_found_and_written_anew(recorded: Shell, how: str) -> None:
    damage(recorded.root / MEMORY / "champion_challenger.json", how)
    assert "champion_challenger.json" in recorded.run("verify").stdout
    recorded.ok("verify", "--repair")
    agree(recorded, recorded.ledger())


def test_a_lost_packet_is_found_and_written_anew(recorded: Shell) -> None:
    packet = next((recorded.root / MEMORY / "runs").glob("*/decision_packet.json"))
    packet.unlink()
    assert "decision_packet.json" in recorded.run("verify").stdout
    recorded.ok("verify", "--repair")
    agree(recorded, recorded.ledger())


def test_a_line_that_somebody_added_to_the_table_stays(recorded: Shell) -> None:
    table = recorded.root / "results.tsv"
    whole = table.read_text()
    try:
        table.write_text(whole + "abc1234\t0.999000\t1.0\tkeep\tby hand")
        shell_row = recorded.json(*log_words(recorded, "after the hand", 1.5))
        lines = table.read_text().splitlines()
        assert lines[-2:] == ["abc1234\t0.999000\t1.0\tkeep\tby hand", lines[-1]]
        assert lines[-1].endswith("\tafter the hand")
        assert recorded.run("verify").returncode == 0
    finally:
        text = table.read_text().replace("abc1234\t0.999000\t1.0\tkeep\tby hand\n", "")
        table.write_text(text)
    assert shell_row["status"] == "keep"


def test_deleting_everything_but_the_ledger_loses_nothing(recorded: Shell) -> None:
    ledger = (recorded.root / MEMORY / "experiments.jsonl").read_bytes()
    shutil.rmtree(recorded.root / MEMORY)
    (recorded.root / "results.tsv").unlink()
    (recorded.root / MEMORY).mkdir(parents=True)
    (recorded.root / MEMORY / "experiments.jsonl").write_bytes(ledger)

    recorded.ok("history")

    assert len((recorded.root / "results.tsv").read_text().splitlines()) == len(recorded.ledger()) + 1
    assert (recorded.root / MEMORY / "champion_challenger.json").is_file()
    recorded.json(*log_words(recorded, "the next", 0.5))
    assert json.loads((recorded.root / MEMORY / "champion_challenger.json").read_text())["champion"]["value"] == 0.5


def test_a_ledger_replaced_by_another_is_noticed(lab: Shell, tmp_path: Path) -> None:
    for number in range(3):
        lab.json(*log_words(lab, f"mine {number}", 1 - number / 100))
    other = [
        SEED_ROW | {"run_id": f"other {n}", "description": f"other {n}", "metrics": {"val_bpb": 2.0 + n}}
        for n in range(2)
    ]
    (lab.root / MEMORY / "experiments.jsonl").write_text("".join(json.dumps(row) + "\n" for row in other))

    assert [run["run_id"] for run in lab.json("history")] == ["other 1", "other 0"]
    assert lab.json("best")["champion"]["value"] == 2.0
    registry = json.loads((lab.root / MEMORY / "champion_challenger.json").read_text())
    assert registry["champion"]["run_id"] == "other 0"


# -- worktrees


def test_a_linked_worktree_shares_the_memory_of_its_main_worktree(lab: Shell, tmp_path: Path) -> None:
    mine = lab.json(*log_words(lab, "raise MATRIX_LR to 0.05", 0.9))
    linked = tmp_path / "agent 2"
    lab.git("worktree", "add", "-q", "-b", "second", str(linked))
    deep = linked / "deep"
    deep.mkdir()

    guard = lab.json("check", "--description", "raise MATRIX_LR to 0.05", cwd=deep)
    theirs = lab.json(*log_words(lab, "DEPTH 8 to 9", 0.8), cwd=linked)

    assert guard["top_matches"][0]["run_id"] == mine["run_id"]
    assert theirs["branch"] == "second"
    assert not (linked / "results").exists()
    assert not (linked / "results.tsv").exists()
    agree(lab, [mine, theirs])


# -- disks


@contextlib.contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Children can write no file beyond `size` bytes, and get an error for it as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_row_that_does_not_fit_is_refused_whole(lab: Shell) -> None:
    first = lab.json(*log_words(lab, "baseline"))
    ledger = lab.root / MEMORY / "experiments.jsonl"
    whole = ledger.read_bytes()
    words = log_words(lab, "idea", 0.9)
    ledger.write_bytes(whole + json.dumps({"kind": "note", "pad": "x" * 300_000}).encode() + b"\n")
    lab.ok("history")
    whole = ledger.read_bytes()
    with file_size_limit(len(whole) + 100):
        line = lab.refused(*words)
    assert "; hint: " in line
    assert ledger.read_bytes() == whole
    assert [path.name for path in (lab.root / MEMORY / "runs").iterdir()] == [first["run_id"]]
    second = lab.json(*words)
    agree_after_note(lab, [first, second])


def agree_after_note(shell: Shell, rows: list[dict[str, Any]]) -> None:
    assert [row["run_id"] for row in shell.ledger() if row.get("kind") != "note"] == [row["run_id"] for row in rows]
    assert shell.run("verify").returncode == 0


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 KiB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip("mounting is not possible here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_loses_nothing_acknowledged(tiny_disk: Path, tmp_path: Path) -> None:
    shell = Shell(tiny_disk)
    shell.ok("init")
    summary = tmp_path / "summary.json"
    summary.write_text('{"val_bpb": 1.0}')
    words = ("log", "--description", "an idea", "--status", "keep", "--summary", str(summary), "--json")
    acknowledged = [shell.json(*words)]
    with contextlib.suppress(OSError), (tiny_disk / "ballast").open("wb", buffering=0) as ballast:
        while ballast.write(b"x" * 4096):
            pass

    done = shell.run(*words)

    if done.returncode == 0:
        acknowledged.append(json.loads(done.stdout))
    else:
        assert done.stderr.splitlines()[-1].startswith("error: ")
        assert "the disk is full" in done.stderr
        assert "unexpected" not in done.stderr
    assert shell.run("check", "--description", "x").returncode == 0
    (tiny_disk / "ballast").unlink()
    acknowledged.append(shell.json(*words))
    assert [row["run_id"] for row in shell.ledger()] == [row["run_id"] for row in acknowledged]
    agree(shell, acknowledged)


@pytest.fixture
def read_only(lab: Shell) -> Iterator[Shell]:
    """A workspace with one run on a file system that is mounted read-only."""
    lab.json(*log_words(lab, "raise MATRIX_LR to 0.05", 0.9))
    root = str(lab.root)
    done = subprocess.run(["mount", "--bind", root, root], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("mounting is not possible here")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", root], check=True)
        yield lab
    finally:
        subprocess.run(["umount", "-l", root], check=True)


@pytest.mark.parametrize("index", ["present", "gone", "behind"])
def test_check_answers_in_a_read_only_workspace(read_only: Shell, index: str) -> None:
    if index != "present":
        root = str(read_only.root)
        subprocess.run(["mount", "-o", "remount,bind,rw", root], check=True)
        for path in (read_only.root / MEMORY).glob("index.sqlite*"):
            path.unlink() if index == "gone" else None
        if index == "behind":
            add(read_only, SEED_ROW | {"metrics": {"val_bpb": 0.7}})
        subprocess.run(["mount", "-o", "remount,bind,ro", root], check=True)
    guard = read_only.json("check", "--description", "raise MATRIX_LR to 0.05")
    assert guard["classification"] == "known_success"
    assert len(read_only.json("history")) == (2 if index == "behind" else 1)


def test_log_in_a_read_only_workspace_is_refused_in_one_line(read_only: Shell) -> None:
    line = read_only.refused("log", "--description", "x", "--status", "crash")
    assert "read-only" in line
    assert "; hint: " in line
    assert len(read_only.ledger()) == 1


@pytest.fixture
def unprivileged() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command for which permission bits count, also where the tests run as root."""
    drop = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner"] if os.getuid() == 0 else []
    if drop and subprocess.run([*drop, "true"], capture_output=True, check=False).returncode:
        pytest.skip("root's privileges can't be dropped here")

    def run(shell: Shell, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*drop, sys.executable, PROGRAM, *words],
            cwd=shell.root,
            env=shell.environment,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )

    return run


@contextlib.contextmanager
def write_protected(root: Path) -> Iterator[None]:
    """While entered, nobody may write to anything below `root`."""
    places = [(place, place.stat().st_mode) for place in (root, *root.rglob("*"))]
    for place, mode in places:
        place.chmod(mode & ~0o222)
    try:
        yield
    finally:
        for place, mode in places:
            if place.exists():
                place.chmod(mode)


def test_without_permission_log_is_refused_and_check_answers(
    lab: Shell, unprivileged: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    lab.json(*log_words(lab, "raise MATRIX_LR to 0.05", 0.9))

    with write_protected(lab.root):
        refused = unprivileged(lab, "log", "--description", "x", "--status", "crash")
        answered = unprivileged(lab, "check", "--description", "raise MATRIX_LR to 0.05", "--json")

    assert refused.returncode == 1
    assert refused.stderr.startswith("error: ")
    assert "no permission" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert answered.returncode == 0, answered.stderr
    assert answered.stderr == ""
    assert json.loads(answered.stdout)["classification"] == "known_success"
    assert len(lab.ledger()) == 1


def test_without_permission_init_is_refused_in_one_line(
    shell: Shell, unprivileged: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    with write_protected(shell.root):
        done = unprivileged(shell, "init")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no permission" in done.stderr
    assert not (shell.root / "memorylab.toml").exists()


def test_verify_numbers_lines_as_an_editor_does_also_behind_blank_ones(lab: Shell) -> None:
    row = lab.json(*log_words(lab, "baseline"))
    ledger = lab.root / MEMORY / "experiments.jsonl"
    ledger.write_bytes(b"\n   \n" + ledger.read_bytes() + b"\n" + b"broken\n" + b'{"torn')
    said = lab.run("verify").stdout
    assert "line 5: not JSON" in said
    assert "line 6: an interrupted write" in said
    assert row["run_id"] not in said
