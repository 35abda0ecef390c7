"""A sample of every sweep, and that the sweeps would notice what they look for. The whole is `make faults`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import heavy, inputs, oracle
from tests.faults.__main__ import GROUPS, KINDS
from tests.faults.scenarios import SCENARIOS, rows, words_of
from tests.faults.stage import REPOSITORY, Done, Stage, build_shim, environment

if sys.platform == "win32":
    pytest.skip("untried on Windows", allow_module_level=True)


@pytest.mark.parametrize("group", GROUPS)
def test_a_sample_of_faults_does_no_harm(group: str) -> None:
    command = [sys.executable, "-m", "tests.faults", *GROUPS[group], "--quick"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    if skipped := re.findall(r"^.*: skipped, .*$", done.stdout, re.MULTILINE):
        pytest.skip("; ".join(skipped))


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.close()


def harmed(stage: Stage, name: str, done: Done | None = None) -> list[str]:
    """What the oracle says of a command that ended so, or that didn't run at all."""
    before = stage.ledger.read_bytes()
    return oracle.after(stage, SCENARIOS[name], before, done or Done(0, "", "", 0, 0, []), killed=done is None)


def prepared(stage: Stage, name: str) -> tuple[str, ...]:
    stage.saved(name, SCENARIOS[name].prepare)
    return words_of(stage, SCENARIOS[name])


@pytest.mark.parametrize("name", ["log --report", "run --claim", "verify --repair"])
def test_of_a_healthy_command_nothing_is_complained(name: str, stage: Stage) -> None:
    words = prepared(stage, name)
    before = stage.ledger.read_bytes() if stage.ledger.exists() else b""
    done = stage.call(*words)
    assert SCENARIOS[name].done(stage) == 1
    assert oracle.after(stage, SCENARIOS[name], before, done, killed=False) == []


def test_a_success_without_a_row_is_noticed(stage: Stage) -> None:
    prepared(stage, "log")
    assert "exit 0, but nothing was done" in harmed(stage, "log", Done(0, "", "", 0, 0, []))[0]


def test_a_failure_with_a_row_is_noticed(stage: Stage) -> None:
    stage.call(*prepared(stage, "log"))
    found = harmed(stage, "log", Done(1, "", "error: the disk is full; hint: nothing was recorded\n", 0, 0, []))
    assert "exit 1, but it is recorded" in found[0]


def test_a_lost_row_is_noticed(stage: Stage) -> None:
    prepared(stage, "log")
    before = stage.ledger.read_bytes()
    stage.ledger.write_bytes(before.partition(b"\n")[2])
    found = oracle.after(stage, SCENARIOS["log"], before, Done(-9, "", "", 0, 0, []), killed=True)
    assert "an acknowledged row is there 0 times" in found[0]


def test_a_doubled_run_is_noticed(stage: Stage) -> None:
    stage.call(*prepared(stage, "log"))
    with stage.ledger.open("ab") as file:
        file.write(stage.ledger.read_bytes().splitlines(keepends=True)[-1])
    assert "it was done 2 times" in harmed(stage, "log")


def test_a_lost_measurement_is_noticed(stage: Stage) -> None:
    stage.call(*prepared(stage, "run"))
    kept = [line for line in stage.ledger.read_bytes().splitlines(keepends=True) if b'"k1"' not in line]
    stage.ledger.write_bytes(b"".join(kept))
    found = harmed(stage, "run", Done(1, "", "error: it failed; hint: no idea\n", 0, 0, []))
    assert "nobody says where its measurement is" in found[0]


@pytest.mark.parametrize(
    ("done", "what"),
    [
        (Done(1, "", "Traceback (most recent call last):\nKeyError: 1\n", 0, 0, []), "a traceback"),
        (Done(1, "", "error: unexpected KeyError: 1; hint: report\n", 0, 0, []), "an unexpected error"),
        (Done(1, "", "error: a\nb\n", 0, 0, []), "2 lines on stderr"),
        (Done(1, "", "", 0, 0, []), "0 lines on stderr"),
        (Done(-11, "", "", 0, 0, []), "ended in -11"),
        (Done(-14, "", "", 0, 0, []), "hung"),
    ],
)
def test_an_end_that_is_not_one_clear_line_is_noticed(done: Done, what: str) -> None:
    assert what in "; ".join(oracle.clear(("history",), done, 0, 1))


@pytest.mark.parametrize("kind", inputs.FILES)
def test_a_number_makes_the_same_input_every_time(kind: str) -> None:
    code = "import random, sys; from tests.faults import inputs\n"
    code += f"sys.stdout.buffer.write(inputs.FILES[{kind!r}](random.Random(7)))"
    made = {
        subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, check=True).stdout
        for _ in range(2)
    }
    assert len(made) == 1


def test_there_are_50_000_hostile_inputs_and_none_is_heavier_than_a_megabyte(stage: Stage) -> None:
    fuzzed = [name for name in KINDS if name not in ("kills", "errors", "outputs", "disks", "heavy", "endless")]
    assert sum(len(list(KINDS[name].plan(stage))) for name in fuzzed) >= 50_000
    for name, (build, _) in heavy.INPUTS.items():
        prepared(stage, "log")
        before = sum(path.stat().st_size for path in stage.lab.rglob("*") if path.is_file())
        made = len(build(stage) or b"")
        assert made + sum(p.stat().st_size for p in stage.lab.rglob("*") if p.is_file()) - before < 1_100_000, name


# -- what the shim sees

_CHANGES = "write,pwrite64,fsync,fdatasync,ftruncate,flock,fcntl,mkdir,mkdirat,rmdir,unlink,unlinkat,rename,renameat,"
_CHANGES += "renameat2,link,linkat,symlink,symlinkat,open,openat,creat,truncate,fallocate,copy_file_range,sendfile,"
_CHANGES += "chmod,fchmod,fchmodat"
_ACTS = {
    **dict.fromkeys(("write", "pwrite64", "sendfile", "copy_file_range"), "write"),
    **dict.fromkeys(("fsync", "fdatasync"), "sync"),
    **dict.fromkeys(("ftruncate", "truncate"), "truncate"),
    **dict.fromkeys(("flock", "fcntl"), "lock"),
    **dict.fromkeys(("mkdir", "mkdirat"), "mkdir"),
    **dict.fromkeys(("rename", "renameat", "renameat2"), "rename"),
    **dict.fromkeys(("link", "linkat", "symlink", "symlinkat"), "link"),
    **dict.fromkeys(("open", "openat", "creat"), "open"),
    **dict.fromkeys(("chmod", "fchmod", "fchmodat"), "chmod"),
}


def seen_by_strace(trace: Path, below: Path) -> Counter[str]:
    """The calls by which a process changed or locked something below a directory, which is its working directory."""
    found: Counter[str] = Counter()
    for line in trace.read_text("utf-8", "replace").splitlines():
        name, _, rest = line.partition("(")
        # What is written may name a file here as well; only where to counts.
        where = rest.partition(", ")[0] if name in ("write", "pwrite64") else rest.split(" = ")[0]
        at_home = f"{below}/" in where or re.match(r'(AT_FDCWD<[^>]*>, )?"[^/]', rest)
        opened_to_read = "open" in name and not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", rest)
        if at_home and not opened_to_read and not (name == "fcntl" and "F_SETLK" not in rest):
            removed = "rmdir" if "AT_REMOVEDIR" in rest else "unlink"
            found[removed if name == "unlinkat" else _ACTS.get(name, name)] += 1
    return found


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace")
@pytest.mark.parametrize("name", ["log", "verify --repair", "run"])
def test_the_shim_sees_every_call_that_strace_sees(name: str, stage: Stage, tmp_path: Path) -> None:
    shim = build_shim(tmp_path)
    if shim is None:
        pytest.skip("no C compiler")
    words = prepared(stage, name)
    code = (
        "import os, sys; from pathlib import Path; from tests.faults.stage import Fault, arm\n"
        f"os.chdir({str(stage.lab)!r}); told = os.open({str(tmp_path / 'calls')!r}, os.O_WRONLY | os.O_CREAT)\n"
        f"from memorylab.cli import main; arm(Path({str(stage.lab)!r}), Fault(), told); sys.exit(main({list(words)!r}))"
    )
    command = ["strace", "-y", "-s", "4096", "-o", str(tmp_path / "trace"), "-e", f"trace={_CHANGES}"]
    command += ["-E", f"LD_PRELOAD={shim}", "-E", f"PYTHONPATH={REPOSITORY}", sys.executable, "-c", code]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=300, check=False)
    if "ptrace" in done.stderr:
        pytest.skip("tracing is not allowed here")
    assert done.returncode == 0, done.stderr
    seen = Counter(line.partition(" ")[0] for line in (tmp_path / "calls").read_text().splitlines())
    removals = Counter({"unlink": seen.pop("rmdir", 0)})
    traced = seen_by_strace(tmp_path / "trace", stage.lab)
    removals_traced = Counter({"unlink": traced.pop("rmdir", 0)})
    assert seen + removals == traced + removals_traced
    assert rows(stage)
