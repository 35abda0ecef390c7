"""Holds that a command has succeeded once the ledger has acknowledged it, and has not before, whatever fails."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, Shell

if sys.platform == "win32":
    pytest.skip("untried on Windows", allow_module_level=True)

MEMORY = Path("results") / "memorylab"
DRIVER = """
import errno, fcntl, os, signal, sys
from memorylab.cli import main
from memorylab.ledger.jsonl import JsonlLedger
def broken(*_, **__):
    raise OSError(errno.EIO, os.strerror(errno.EIO))
{fault}
sys.exit(main())
"""
"""Runs a command with a part of the operating system broken."""

UNLOCK = """
flock = fcntl.flock
fcntl.flock = lambda fd, how: broken() if how == fcntl.LOCK_UN else flock(fd, how)
"""
CLOSE = """
close = os.close
def closed_badly(fd):
    close(fd)
    broken()
sync = os.fdatasync
def synced(fd):
    sync(fd)
    os.close = closed_badly
os.fdatasync = synced
"""
SYNC = "os.fdatasync = broken"
UNDO = "os.fdatasync = os.ftruncate = broken"
SHORT = """
write = os.write
os.write = lambda fd, data: write(fd, data[: len(data) // 2] if b"run_id" in data else data)
"""
AFTERWARDS = """
append = JsonlLedger.append
def appended(*words, **options):
    position = append(*words, **options)
    {then}
    return position
JsonlLedger.append = appended
"""
RENDERING = """
from memorylab.render import text
def packet(*_, **__):
    raise MemoryError
text.packet = packet
"""
REFRESHING = """
from memorylab.lab import derived
def registry(*_):
    {then}
derived.write_registry = registry
"""
FLUSHING = """
from memorylab.cli.console import Console
shown = Console.show
def show(self, text):
    shown(self, text)
    self.flush()
Console.show = show
"""


def broken(shell: Shell, fault: str, *words: str) -> subprocess.CompletedProcess[str]:
    """The command with that fault."""
    return subprocess.run(
        [sys.executable, "-c", DRIVER.format(fault=fault), *words],
        cwd=shell.root,
        env={**shell.environment, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def bash(shell: Shell, line: str, *words: str) -> subprocess.CompletedProcess[str]:
    """The command in a shell's line, in which it is {}."""
    command = shlex.join([sys.executable, str(REPOSITORY / "memorylab.py"), *words])
    return subprocess.run(
        ["bash", "-c", line.format(command)],
        cwd=shell.root,
        env=shell.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def words(shell: Shell, description: str = "halve the batch", value: float = 0.9) -> tuple[str, ...]:
    """A `log` that can be retried."""
    return ("log", "--description", description, "--status", "keep", "--key", "job 7",
            "--summary", shell.summary(val_bpb=value))  # fmt: skip


def stands(shell: Shell, done: subprocess.CompletedProcess[str], code: int = 0) -> None:
    """One row, its archive, the exit code, no traceback, and a retry that adds nothing."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
    (row,) = shell.ledger()
    assert (shell.root / MEMORY / "runs" / row["run_id"] / "summary.json").is_file()
    assert "recorded before" in shell.run(*words(shell)).stderr
    assert shell.ledger() == [row]
    assert shell.json("verify")["problems"] == []


def nothing(shell: Shell, done: subprocess.CompletedProcess[str]) -> None:
    """No row and no archive, and the command says so in one line."""
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    assert shell.ledger() == []
    assert list((shell.root / MEMORY / "runs").iterdir()) == []
    shell.ok(*words(shell))
    assert len(shell.ledger()) == 1


@pytest.mark.parametrize("fault", [UNLOCK, CLOSE], ids=["unlock", "close"])
def test_a_lock_or_file_that_can_not_be_given_back_is_no_failure(lab: Shell, fault: str) -> None:
    done = broken(lab, fault, *words(lab))
    assert done.stderr == ""
    stands(lab, done)


@pytest.mark.parametrize("fault", [SYNC, SHORT], ids=["sync", "short write"])
def test_a_row_that_was_not_acknowledged_is_not_there(lab: Shell, fault: str) -> None:
    nothing(lab, broken(lab, fault, *words(lab)))


def test_a_new_ledger_whose_directory_can_not_be_synced_takes_no_row(shell: Shell) -> None:
    done = broken(shell, "os.fsync = broken", *words(shell))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert shell.ledger() == []


def test_a_directory_on_a_file_system_that_syncs_none_is_no_failure(shell: Shell) -> None:
    fault = "def fsync(fd):\n    raise OSError(errno.EINVAL, 'Invalid argument')\nos.fsync = fsync"
    stands(shell, broken(shell, fault, *words(shell)))


def test_a_row_that_could_not_be_taken_back_is_said_to_be_unsure(lab: Shell) -> None:
    done = broken(lab, UNDO, *words(lab))
    assert done.returncode == 1 and "unsure" in done.stderr and "history" in done.stderr
    (row,) = lab.ledger()
    assert (lab.root / row["artifacts"]["directory"]).is_dir(), "its archive may be wanted"
    lab.ok(*words(lab))
    assert lab.ledger() == [row]


@pytest.mark.parametrize(
    "redirected",
    ["{} > /dev/full", "{} >&-", "{} >&- 2>&-", "{} > /dev/full 2>&-", "{} 2> /dev/full", "{} <&- >&- 2>&-"],
)
def test_an_outcome_that_can_not_be_printed_is_none_the_less_one(lab: Shell, redirected: str) -> None:
    done = bash(lab, redirected, *words(lab))
    (row,) = lab.ledger()
    if "2>" not in redirected:
        assert done.stderr.startswith(f"warning: recorded as {row['run_id']}; but ")
        assert done.stderr.count("\n") == 1
    stands(lab, done)


@pytest.mark.parametrize("command", ["history", "check --description x --json"])
def test_a_document_that_can_not_be_printed_is_an_error_where_it_is_all_that_was_asked_for(
    lab: Shell, command: str
) -> None:
    for redirected in ("{} > /dev/full", "{} >&-"):
        done = bash(lab, redirected, *command.split())
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
        assert done.stderr.startswith("error: the outcome can't be printed")


def test_a_reader_that_leaves_changes_no_exit_code(lab: Shell) -> None:
    gone = "set -o pipefail; (sleep 0; {}) | true; echo ${{PIPESTATUS[0]}}"
    slow = gone.replace("sleep 0", "sleep 0.3")
    assert bash(lab, slow, *words(lab)).stdout == "0\n"
    assert len(lab.ledger()) == 1
    lab.ok("log", "--description", "MATRIX_LR 0.04 to 0.08", "--status", "discard", "--summary", lab.summary(val_bpb=2))
    again = ("check", "--description", "MATRIX_LR 0.04 to 0.08", "--fail-on-similar", "--json")
    assert lab.run(*again).returncode == 2
    assert bash(lab, slow, *again).stdout == "2\n"


def test_a_claim_whose_answer_can_not_be_printed_is_named(lab: Shell) -> None:
    done = bash(lab, "{} > /dev/full", "check", "--description", "DEPTH 8 to 9", "--claim")
    (claim,) = lab.ledger()
    assert done.returncode == 0 and f"claimed as {claim['claim_id']}" in done.stderr
    ended = bash(lab, "{} >&-", "claims", "--release", claim["claim_id"])
    assert ended.returncode == 0 and f"released {claim['claim_id']}" in ended.stderr


def test_claims_of_which_only_some_were_made_are_a_failure_that_names_them(lab: Shell) -> None:
    ideas = "".join(json.dumps({"description": f"DEPTH 8 to {n}", "notes": "x" * 9000}) + "\n" for n in (9, 10, 11))
    (lab.root / "ideas").write_text(ideas)
    (lab.root / "driver.py").write_text(DRIVER.format(fault=FLUSHING))
    driven = f"PYTHONPATH={REPOSITORY} {sys.executable} driver.py"
    done = bash(lab, f"{driven} check --from ideas --claim > /dev/full # {{}}")
    (claim,) = lab.ledger()
    assert done.returncode == 1 and done.stderr.startswith(f"error: claimed as {claim['claim_id']}; ")


def test_an_accepted_run_and_an_imported_table_stand_without_being_told(lab: Shell) -> None:
    (lab.root / "table.tsv").write_text("commit\tval_bpb\tstatus\tdescription\nabc1234\t0.9\tkeep\tone\n")
    done = bash(lab, "{} > /dev/full", "import", "table.tsv")
    assert (done.returncode, len(lab.ledger())) == (0, 1) and "1 runs added" in done.stderr
    (lab.root / "prepare.py").write_text("# another judge\n")
    lab.ok(*words(lab))
    run_id = lab.ledger()[-1]["run_id"]
    lab.trust()
    done = bash(lab, "{} >&-", "accept", run_id)
    assert (done.returncode, lab.ledger()[-1]["run_id"]) == (0, run_id) and f"accepted {run_id}" in done.stderr


def test_a_run_that_the_guard_blocked_says_so_by_its_exit_code_alone(lab: Shell) -> None:
    lab.ok("log", "--description", "MATRIX_LR 0.04 to 0.08", "--status", "discard", "--summary", lab.summary(val_bpb=2))
    for redirected in ("{} > /dev/full", "{} >&-", "{} >&- 2>&-", "{} 2> /dev/full"):
        done = bash(lab, redirected, "run", "--description", "MATRIX_LR 0.04 to 0.08", "--", "true")
        assert done.returncode == 2
    assert [row.get("kind") for row in lab.ledger()[1:]] == ["check"] * 4


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("where", [AFTERWARDS, REFRESHING], ids=["append", "derived files"])
def test_a_signal_behind_the_append_ends_nothing_but_what_is_derived(lab: Shell, where: str, number: str) -> None:
    done = broken(lab, where.format(then=f"signal.raise_signal(signal.{number})"), *words(lab))
    assert done.stderr.startswith("warning: ") and done.stderr.count("\n") == 1
    stands(lab, done)


def test_a_signal_while_the_process_ends_changes_nothing(lab: Shell) -> None:
    fault = "import atexit\nfor number in (2, 15, 1):\n    atexit.register(signal.raise_signal, number)"
    done = broken(lab, fault, *words(lab))
    assert done.stderr == ""
    stands(lab, done)


@pytest.mark.parametrize("number", [2, 15, 1])
def test_a_signal_before_the_append_leaves_nothing(lab: Shell, number: int) -> None:
    fault = f"def sync(fd):\n    signal.raise_signal({number})\nos.fdatasync = sync"
    done = broken(lab, fault, *words(lab))
    assert (done.returncode, done.stderr) == (128 + number, "error: interrupted\n")
    assert lab.ledger() == [] and list((lab.root / MEMORY / "runs").iterdir()) == []


def test_a_signal_that_is_ignored_on_purpose_stays_so(lab: Shell) -> None:
    fault = "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + AFTERWARDS.format(then="signal.raise_signal(1)")
    done = broken(lab, fault, *words(lab))
    assert done.stderr == ""
    stands(lab, done)


@pytest.mark.parametrize(
    "fault",
    [
        RENDERING,
        AFTERWARDS.format(then="raise MemoryError"),
        REFRESHING.format(then="raise MemoryError"),
        REFRESHING.format(then="broken()"),
        REFRESHING.format(then="raise ZeroDivisionError"),
    ],
)
def test_what_breaks_behind_the_append_is_a_warning(lab: Shell, fault: str) -> None:
    done = broken(lab, fault, *words(lab))
    assert all(line.startswith("warning: ") for line in done.stderr.splitlines())
    stands(lab, done)


def test_derived_files_that_can_not_be_written_are_a_warning_and_the_others_are_written(lab: Shell) -> None:
    (lab.root / MEMORY / "champion_challenger.json").unlink()
    (lab.root / MEMORY / "champion_challenger.json").mkdir()
    done = lab.run(*words(lab))
    assert done.returncode == 0 and done.stderr.startswith("warning: ")
    (row,) = lab.ledger()
    assert "halve the batch" in (lab.root / "results.tsv").read_text()
    assert (lab.root / row["artifacts"]["directory"] / "decision_packet.json").is_file()


def test_a_report_that_can_not_be_written_takes_nothing_from_the_run(lab: Shell) -> None:
    (lab.root / MEMORY / "reports").rmdir()
    (lab.root / MEMORY / "reports").write_text("in the way")
    done = lab.run(*words(lab), "--report", "--json")
    assert done.returncode == 0 and "the report is not refreshed" in done.stderr
    assert json.loads(done.stdout) == lab.ledger()[0]
