"""Holds `run`: check, a real process under supervision, and log, in one command that leaves nothing running."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Shell

if sys.platform == "win32":
    pytest.skip("untried on Windows", allow_module_level=True)

PROGRAM = str(Path(__file__).resolve().parents[2] / "memorylab.py")
MEMORY = Path("results") / "memorylab"
PYTHON = (sys.executable, "-S", "-u", "-c")
TRAIN = """
import json, os, sys
value = float(sys.argv[1])
path = os.environ["AUTORESEARCH_SUMMARY_PATH"]
print("sidecar", path, "exists", os.path.exists(path), flush=True)
print(f"---\\nval_bpb:          {value:.6f}\\ntotal_seconds:    12.5\\npeak_vram_mb:     2048.0")
with open(path, "w") as file:
    json.dump({"val_bpb": value, "total_seconds": 12.5, "peak_vram_mb": 2048.0}, file)
"""


def training(value: float) -> tuple[str, ...]:
    """A command that measures `value` and says so in both ways."""
    return ("--", *PYTHON, TRAIN, str(value))


def run(shell: Shell, description: str, *words: str, **environment: str) -> dict[str, Any]:
    """`run --json`, expected to record the run."""
    row: dict[str, Any] = json.loads(shell.ok("run", "--json", "--description", description, *words, **environment))
    return row


@pytest.fixture
def baseline(lab: Shell) -> Shell:
    """A workspace whose champion measured 1.0."""
    run(lab, "baseline", *training(1.0))
    return lab


# -- one good run


def test_run_checks_executes_and_records(lab: Shell) -> None:
    row = run(
        lab, "baseline", "--tags", "a,b", "--family", "other", "--hypothesis", "h", "--notes", "n", *training(1.0)
    )

    assert lab.ledger() == [row]
    assert (row["status"], row["metrics"]["val_bpb"], row["metrics"]["total_seconds"]) == ("keep", 1.0, 12.5)
    assert (row["tags"], row["family"], row["hypothesis"], row["notes"]) == (["a", "b"], "other", "h", "n")
    assert row["novelty_guard"]["classification"] == "novel"
    assert row["commit"] == lab.git("rev-parse", "HEAD")
    archive = lab.root / row["artifacts"]["directory"]
    assert json.loads((archive / "summary.json").read_text())["val_bpb"] == 1.0
    assert (archive / "run.log").read_text() == (lab.root / "run.log").read_text()
    assert lab.run("verify").returncode == 0


def test_each_run_gets_a_fresh_path_for_its_sidecar(lab: Shell) -> None:
    stale = lab.summary("stale.json", val_bpb=0.1)
    paths = []
    for _ in range(2):
        run(lab, "baseline", "--mode", "replicate", "--no-check", *training(1.0), AUTORESEARCH_SUMMARY_PATH=stale)
        name, path, _, existed = (lab.root / "run.log").read_text().splitlines()[0].split()
        assert (name, existed) == ("sidecar", "False")
        paths.append(path)
    assert stale not in paths
    assert len(set(paths)) == 2
    assert not any(Path(path).exists() for path in paths)
    assert {row["metrics"]["val_bpb"] for row in lab.ledger()} == {1.0}


def test_a_stale_summary_is_not_picked_up_for_a_run_that_wrote_none(lab: Shell) -> None:
    stale = lab.summary("stale.json", val_bpb=0.1)
    row = run(lab, "baseline", "--", "false", AUTORESEARCH_SUMMARY_PATH=stale)
    assert (row["status"], row["metrics"]["val_bpb"]) == ("crash", None)


def test_stdout_and_stderr_of_the_command_go_to_run_log(lab: Shell) -> None:
    done = lab.run("run", "--description", "x", "--", "sh", "-c", "echo to stdout; echo to stderr >&2; exit 3")
    assert (lab.root / "run.log").read_text() == "to stdout\nto stderr\n"
    assert "to std" not in done.stderr


def test_the_metric_may_come_from_the_log_alone(lab: Shell) -> None:
    assert run(lab, "x", "--", "printf", "%s\n", "---", "val_bpb: 0.75")["metrics"]["val_bpb"] == 0.75


def test_the_command_keeps_options_of_its_own(lab: Shell) -> None:
    words = ("--json", "--debug", "--description", "y", "--", "-x", "--help")
    row = run(lab, "x", "--", *PYTHON, "import sys; print(sys.argv[1:]); sys.exit(1)", *words)
    assert (lab.root / "run.log").read_text() == f"{list(words)}\n"
    assert row["description"] == "x"


def test_without_a_command_the_configured_one_runs(shell: Shell) -> None:
    (shell.root / "job.sh").write_text("echo '---'; echo 'val_bpb: 0.5'\n")
    shell.ok("init", "--command", "sh job.sh")
    assert run(shell, "x")["metrics"]["val_bpb"] == 0.5


def test_the_command_runs_where_the_code_is(lab: Shell) -> None:
    deep = lab.root / "deep"
    deep.mkdir()
    lab.ok("run", "--description", "x", "--", "sh", "-c", "pwd; exit 1", cwd=deep)
    assert (lab.root / "run.log").read_text().strip() == str(lab.root.resolve())


def test_people_are_shown_the_packet_and_no_live_line_without_a_terminal(lab: Shell) -> None:
    done = lab.run("run", "--description", "baseline", *training(1.0))
    assert "promote" in done.stdout
    assert done.stderr == ""
    assert "\r" not in done.stdout


# -- status


@pytest.mark.parametrize(("value", "status"), [(0.9, "keep"), (1.1, "discard")])
def test_auto_decides_by_metric_base_and_noise(baseline: Shell, value: float, status: str) -> None:
    assert run(baseline, "replace GELU by SwiGLU", *training(value))["status"] == status


def test_the_operator_may_decide_the_status_of_a_measured_run(baseline: Shell) -> None:
    assert run(baseline, "replace GELU by SwiGLU", "--status", "keep", *training(1.1))["status"] == "keep"


@pytest.mark.parametrize(
    ("program", "kind"),
    [
        ("raise MemoryError('CUDA out of memory. Tried to allocate 2 GiB')", "oom"),
        ("import no_such_module", "import_error"),
        ("assert 1 == 2, 'heads must divide the width'", "assertion"),
        ("import os; os.kill(os.getpid(), 11)", "killed"),
        ("print('---'); print('val_bpb: nan')", "nan"),
        ("import sys; sys.exit(3)", "unknown"),
    ],
)
def test_a_crash_is_recorded_with_its_kind_and_exit_0(lab: Shell, program: str, kind: str | None) -> None:
    row = run(lab, "x", "--", *PYTHON, program)
    assert row["status"] == "crash"
    assert kind is None or row["error"]["kind"] == kind
    assert row["error"]["summary"]
    assert row["metrics"]["val_bpb"] is None
    assert row["metrics"]["total_seconds"] > 0  # it took its time, though it says nothing of it
    assert row["decision_packet"]["next_action"] in ("fix_and_retry", "investigate_crash")
    assert (lab.root / "results.tsv").read_text().splitlines()[1].split("\t")[1:4] == ["0.000000", "0.0", "crash"]


@pytest.mark.parametrize("status", ["auto", "keep"])
def test_a_command_that_fails_is_a_crash_though_it_measured_something(lab: Shell, status: str) -> None:
    row = run(lab, "x", "--status", status, "--", *PYTHON, TRAIN + "\nsys.exit(3)", "0.5")
    assert row["status"] == "crash"
    assert row["decision_packet"]["comparison"]["is_champion"] is False
    assert lab.json("best")["champion"] is None


@pytest.mark.parametrize("status", ["auto", "keep"])
def test_a_run_of_which_no_metric_is_found_is_kept_aside_and_is_no_crash(lab: Shell, status: str) -> None:
    said = lab.refused("run", "--description", "x", "--status", status, "--", "echo", "validation bpb 0.75, 9 steps")
    assert 'the log has "validation bpb 0.75, 9 steps": set metric = "validation bpb"' in said
    assert lab.ledger() == []
    command = said.partition("`memorylab ")[2].partition("`")[0]
    settings = lab.root / "memorylab.toml"
    settings.write_text("metric_pattern = 'bpb ([0-9.]+)'\n" + settings.read_text())
    row = lab.json(*shlex.split(command))
    assert (row["status"], row["metrics"]["val_bpb"]) == ("keep", 0.75)
    assert not (lab.root / "results" / "memorylab" / "unrecorded").exists()


def test_a_loss_of_nan_ends_the_run(lab: Shell) -> None:
    began = time.monotonic()
    row = run(lab, "x", "--", "sh", "-c", "echo 'step 00010 (1.0%) | loss: nan | remaining: 290s'; sleep 30")
    assert time.monotonic() - began < 20
    assert (row["status"], row["error"]["kind"]) == ("crash", "nan")


# -- blocked


def test_a_blocked_idea_is_not_executed_and_no_run(baseline: Shell) -> None:
    run(baseline, "replace GELU by SwiGLU", *training(1.5))
    done = baseline.run("run", "--description", "swap GELU for SwiGLU", "--", "touch", "executed")
    assert done.returncode == 2
    assert "block" in done.stdout
    assert "--no-check" in done.stderr
    assert "instead" not in done.stdout + done.stderr, "there is no neighbour of it"
    assert not (baseline.root / "executed").exists()
    assert len(baseline.json("history")) == 2


def test_a_blocked_value_is_answered_with_its_untried_neighbour(baseline: Shell) -> None:
    run(baseline, "raise MATRIX_LR from 0.04 to 0.06", *training(1.5))
    done = baseline.run("run", "--description", "raise MATRIX_LR from 0.04 to 0.08", "--", "touch", "executed")
    assert done.returncode == 2
    assert "instead" in done.stdout and "take what stands there instead" in done.stderr


def test_the_ledger_says_what_was_held_back_and_why(baseline: Shell) -> None:
    tried = run(baseline, "replace GELU by SwiGLU", *training(1.5))
    baseline.run("run", "--description", "swap GELU for SwiGLU", "--as", "night-2", "--", "true")
    row = baseline.ledger()[-1]
    assert (row["kind"], row["decision"], row["owner"]) == ("check", "block", "night-2")
    assert (row["description"], row["classification"]) == ("swap GELU for SwiGLU", "duplicate_run")
    assert row["reason"]
    assert row["evidence"] == [tried["run_id"]]
    assert baseline.run("verify").returncode == 0


def test_blocked_json_is_one_document(baseline: Shell) -> None:
    run(baseline, "replace GELU by SwiGLU", *training(1.5))
    done = baseline.run("run", "--json", "--description", "swap GELU for SwiGLU", "--", "true")
    assert done.returncode == 2
    document = json.loads(done.stdout)
    assert document["blocked"] is True
    assert document["novelty_guard"]["policy"]["decision"] == "block"


def test_no_check_runs_it_all_the_same_and_records_what_the_guard_said(baseline: Shell) -> None:
    run(baseline, "replace GELU by SwiGLU", *training(1.5))
    row = run(baseline, "swap GELU for SwiGLU", "--no-check", *training(1.4))
    assert row["novelty_guard"]["policy"]["decision"] == "block"
    assert len(baseline.ledger()) == 3


# -- stopped


class Watched:
    """Processes that carry a mark in their environment, so that orphans are found."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.mark = f"mark-{uuid.uuid4()}"
        self.process: subprocess.Popen[str] | None = None

    def start(self, *words: str) -> subprocess.Popen[str]:
        """`run` in a session of its own, as in a terminal of its own."""
        self.process = subprocess.Popen(
            [sys.executable, PROGRAM, "run", *words],
            cwd=self.shell.root,
            text=True,
            start_new_session=True,
            env=self.shell.environment | {"MARK": self.mark},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        return self.process

    def alive(self) -> list[int]:
        """The marked processes but our own `run`."""
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if self.mark.encode() in path.read_bytes():
                    found.append(int(path.parent.name))
        return [pid for pid in found if self.process is None or pid != self.process.pid]

    def gone_within(self, seconds: float) -> bool:
        """Whether all of them end in time."""
        end = time.monotonic() + seconds
        while self.alive() and time.monotonic() < end:
            time.sleep(0.02)
        return not self.alive()

    def wait_for(self, text: str) -> None:
        """Wait until the command has printed something."""
        end = time.monotonic() + 30
        log = self.shell.root / "run.log"
        while not (log.exists() and text in log.read_text()):
            assert time.monotonic() < end, "the command did not start"
            time.sleep(0.02)


@pytest.fixture
def watched(lab: Shell) -> Iterator[Watched]:
    if not Path("/proc/self/environ").exists():
        pytest.skip("finds processes in /proc")
    watched = Watched(lab)
    yield watched
    if watched.process is not None:
        watched.process.kill()
        watched.process.communicate()
    for pid in watched.alive():
        os.kill(pid, signal.SIGKILL)


FAMILY = "echo ready; setsid sleep 60 & sleep 60; sleep 60"
"""A command with a child in its group and one that left it."""


def test_a_timeout_ends_the_command_and_all_that_it_started(watched: Watched) -> None:
    began = time.monotonic()
    process = watched.start("--json", "--description", "x", "--timeout", "1", "--", "sh", "-c", FAMILY)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    row = json.loads(out)
    assert (row["status"], row["error"]["kind"]) == ("crash", "timeout")
    assert time.monotonic() - began < 30
    assert watched.gone_within(2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupt_is_forwarded_and_the_run_is_recorded(watched: Watched, number: signal.Signals) -> None:
    program = (
        "import time\ntry: print('ready'); time.sleep(60)\nexcept KeyboardInterrupt: print('asked to stop'); raise"
    )
    process = watched.start("--json", "--description", "x", "--", *PYTHON, program)
    watched.wait_for("ready")
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert "Traceback" not in err
    row = json.loads(out)
    assert (row["status"], row["error"]["kind"]) == ("crash", "interrupted")
    assert ("asked to stop" in (watched.shell.root / "run.log").read_text()) == (number == signal.SIGINT)
    assert watched.gone_within(2)
    assert watched.shell.ledger() == [row]


def test_kill_9_of_memorylab_leaves_no_orphan_and_no_half_run(watched: Watched) -> None:
    process = watched.start("--description", "x", "--key", "job 1", "--", "sh", "-c", FAMILY)
    watched.wait_for("ready")
    assert watched.alive()
    process.kill()
    process.communicate()
    assert watched.gone_within(5)
    assert watched.shell.ledger() == []
    assert watched.shell.run("verify").returncode == 0
    # The key is free for the run that there never was.
    watched.shell.ok("run", "--description", "baseline", "--key", "job 1", *training(1.0))
    stopped, baseline = watched.shell.ledger()
    assert (stopped["key"] != "job 1", baseline["key"]) == (True, "job 1")
    assert (stopped["status"], stopped["error"]["kind"], stopped["description"]) == ("crash", "interrupted", "x")
    assert "the process that watches over the run was killed" in stopped["error"]["summary"]
    assert stopped["commit"] == baseline["commit"] and stopped["decision_packet"]["next_action"] == "retry"
    assert watched.shell.json("check", "--description", "x")["policy"]["decision"] != "block"


def test_two_runs_at_once_in_one_worktree_do_not_mix_their_logs(watched: Watched) -> None:
    (watched.shell.root / "memorylab.toml").write_text("[run]\nslots = 2\n")
    process = watched.start(
        "--json", "--description", "slow", "--", "sh", "-c", "echo ready; sleep 2; echo slow done; exit 1"
    )
    watched.wait_for("ready")
    done = watched.shell.run("run", "--json", "--description", "quick", *training(0.5))
    out, _ = process.communicate(timeout=60)
    rows = {"slow": json.loads(out), "quick": json.loads(done.stdout)}
    logs = {
        name: (watched.shell.root / row["artifacts"]["directory"] / "run.log").read_text() for name, row in rows.items()
    }
    assert logs["slow"] == "ready\nslow done\n"
    assert logs["quick"].startswith("sidecar ")
    assert "another run is going on" in done.stderr
    assert rows["quick"]["metrics"]["val_bpb"] == 0.5
    assert rows["slow"]["status"] == "crash"


def test_a_key_that_is_known_runs_nothing_again(baseline: Shell) -> None:
    first = run(baseline, "replace GELU by SwiGLU", "--key", "job 1", *training(0.9))
    again = baseline.run(
        "run",
        "--json",
        "--description",
        "replace GELU by SwiGLU",
        "--key",
        "job 1",
        "--no-check",
        "--",
        "touch",
        "executed",
    )
    assert json.loads(again.stdout) == first
    assert not (baseline.root / "executed").exists()
    assert len(baseline.ledger()) == 2
