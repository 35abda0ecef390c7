"""The sandbox, tried on real commands: what it keeps, what it leaves alone, and that nothing inside undoes it."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from memorylab.adapters import sandbox
from memorylab.adapters.sandbox import Place, Sandbox, kept
from tests.conftest import Shell

if sys.platform != "linux":
    pytest.skip("sandboxes are Linux's", allow_module_level=True)

PROGRAM = str(Path(__file__).resolve().parents[2] / "memorylab.py")


class Den:
    """A tree with a judge, its pinned copy, a memory with a scratch folder, and a sandbox over it."""

    def __init__(self, root: Path, kind: str) -> None:
        self.root = root
        (root / "memory" / "scratch").mkdir(parents=True)
        for name, text in (("judge.py", "kinder"), ("memory/copy", "agreed"), ("memory/rows", "1\n"), ("data", "text")):
            (root / name).write_text(text)
        places = [
            *kept(root, writable=True),
            *kept(root / "data", root / "memory", root / "nowhere"),
            Place(root / "memory" / "copy", root / "judge.py"),
            *kept(root / "memory" / "scratch", writable=True),
        ]
        found = [one for one in sandbox.working(places, root, os.environ) if one.kind == kind]
        if not found:
            pytest.skip(f"{kind} doesn't work here")
        self.box: Sandbox = found[0]

    def sh(self, script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.box.prefix, "sh", "-c", script],
            cwd=self.root,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )


@pytest.fixture(params=[sandbox.BUBBLEWRAP, sandbox.UNSHARE])
def den(tmp_path: Path, request: pytest.FixtureRequest) -> Den:
    return Den(tmp_path, request.param)


def test_the_pinned_copy_is_seen_in_place_of_the_file_and_can_not_be_written_to(den: Den) -> None:
    assert den.sh("cat judge.py").stdout == "agreed"
    for step in ("echo x > judge.py", "rm -f judge.py", "mv judge.py x", "ln -sf /dev/null judge.py", "echo x > data"):
        assert den.sh(step).returncode != 0, step
    assert (den.root / "judge.py").read_text() == "kinder"


def test_the_memory_is_read_only_but_for_the_scratch_folder(den: Den) -> None:
    assert den.sh("cat memory/rows").stdout == "1\n"
    for step in (
        "echo 2 >> memory/rows",
        "touch memory/new",
        "rmdir memory/scratch",
        "mv memory m",
        f"mv {den.root} /tmp/m",
    ):
        assert den.sh(step).returncode != 0, step
    assert den.sh("echo 0.9 > memory/scratch/summary.json").returncode == 0
    assert (den.root / "memory" / "scratch" / "summary.json").read_text() == "0.9\n"


@pytest.mark.parametrize(
    "step",
    [
        "umount judge.py && cat judge.py",
        "mount -o remount,bind,rw memory && touch memory/new",
        "unshare --user --map-root-user --mount sh -c 'umount judge.py && cat judge.py'",
        "unshare --user --map-root-user --mount sh -c 'mount -o remount,bind,rw memory && touch memory/new'",
        "nsenter --target 1 --mount sh -c 'echo x > judge.py'",
        "for p in /proc/[0-9]*; do echo x > $p/root$PWD/judge.py && exit 0; done; exit 1",
        "for p in /proc/[0-9]*; do echo x > $p/cwd/judge.py && exit 0; done; exit 1",
    ],
)
def test_nothing_inside_undoes_it(den: Den, step: str) -> None:
    assert den.sh(step).returncode != 0
    assert (den.root / "judge.py").read_text() == "kinder"
    assert not (den.root / "memory" / "new").exists()


def test_processes_outside_are_out_of_sight(den: Den) -> None:
    with subprocess.Popen(["sleep", "61.25"]) as outside:
        seen = den.sh("cat /proc/[0-9]*/cmdline | tr '\\0' ' '").stdout
        assert den.sh(f"kill -9 {outside.pid}").returncode != 0 or outside.poll() is None
        outside.terminate()
    assert "cmdline" in seen
    assert "61.25" not in seen


def test_all_else_is_as_it_was(den: Den) -> None:
    script = (
        "import os, resource, tempfile, socket, multiprocessing as m\n"
        "print(os.getcwd(), os.getuid(), os.getgid(), os.environ['HOME'], resource.getrlimit(resource.RLIMIT_NOFILE))\n"
        "print(sorted(os.listdir('/dev')), os.path.exists('/sys/class'))\n"
        "tempfile.TemporaryFile(), open('/dev/shm/memorylab-test', 'w'), os.remove('/dev/shm/memorylab-test')\n"
        "open('checkpoint.pt', 'w').write('weights'); m.Semaphore(), socket.socket()\n"
        "p = m.Pool(2); print(p.map(abs, [-1, -2])); p.close(); p.join()\n"
    )
    (den.root / "check.py").write_text(script)
    done = den.sh(f"{sys.executable} check.py")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    first = f"{den.root} {os.getuid()} {os.getgid()} {os.environ['HOME']} {limits}"
    assert done.stdout.splitlines() == [first, f"{sorted(os.listdir('/dev'))} True", "[1, 2]"], done.stderr
    assert (den.root / "checkpoint.pt").read_text() == "weights"


def test_the_system_lists_what_is_read_only(den: Den) -> None:
    done = den.sh("cat /proc/self/mountinfo")
    assert f" {den.root}/memory ro" in done.stdout
    assert f" {den.root}/memory/scratch rw" in done.stdout
    assert f" {den.root}/judge.py ro" in done.stdout


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("setpriv"), reason="only root can become somebody else")
def test_a_user_without_privileges_is_kept_in_as_well(den: Den) -> None:
    for folder in (den.root, *den.root.parents):
        if folder.stat().st_uid == os.getuid() and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o055)
    for path in (den.root, *den.root.rglob("*")):
        os.chown(path, 4321, 4321)
    words = ["setpriv", "--reuid=4321", "--regid=4321", "--clear-groups", *den.box.prefix]
    script = (
        "id -u; cat judge.py; echo x > memory/scratch/s && touch own && (echo x > judge.py) 2>&1; touch memory/n 2>&1"
    )
    done = subprocess.run([*words, "sh", "-c", script], cwd=den.root, capture_output=True, text=True, check=False)
    if "not permitted" in done.stderr or "Permission denied" in done.stderr:
        pytest.skip("no namespaces for users here")
    assert done.stdout.startswith("4321\nagreed")
    assert done.stdout.count("Read-only file system") == 2
    assert (den.root / "own").exists()


# -- where there is none


@pytest.fixture
def nowhere(lab: Shell) -> Shell:
    """A workspace on a machine that allows nobody a sandbox: played by one that forbids those inside it."""
    outer = ["bwrap", "--unshare-user", "--disable-userns", "--cap-drop", "ALL", "--dev-bind", "/", "/"]
    if not shutil.which("bwrap") or subprocess.run([*outer, "true"], capture_output=True, check=False).returncode:
        pytest.skip("needs a bubblewrap that can forbid user namespaces")
    return Enclosed(lab, outer)


class Enclosed(Shell):
    def __init__(self, shell: Shell, outer: list[str]) -> None:
        super().__init__(shell.root)
        self.outer = outer

    def run(self, *words: str, **_: object) -> subprocess.CompletedProcess[str]:
        command = [*self.outer, sys.executable, PROGRAM, *words]
        return subprocess.run(command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False)


MEASURE = ("--", "sh", "-c", "echo ---; echo val_bpb: 0.8")


def test_without_any_a_run_says_so_once_and_goes_on(nowhere: Shell) -> None:
    first = nowhere.run("run", "--description", "a first idea", *MEASURE)
    assert first.returncode == 0
    assert first.stderr.splitlines() == [
        "warning: there is no sandbox here (bubblewrap, or namespaces of the system): the judge and the memory are "
        "looked at before and after each run, but a run can write to them"
    ]
    assert "sandbox" not in nowhere.run("run", "--no-check", "--description", "a second idea", *MEASURE).stderr
    assert [row["sandbox"] for row in nowhere.ledger()] == [None, None]
    assert {row["integrity"] for row in nowhere.ledger()} == {"ok"}


def test_one_that_is_required_and_not_there_is_one_line_and_no_run(nowhere: Shell) -> None:
    path = nowhere.root / "memorylab.toml"
    path.write_text(path.read_text().replace('# sandbox = "auto"', 'sandbox = "required"'))
    line = nowhere.refused("run", "--claim", "--description", "x", "--", "touch", "executed")
    assert "requires a sandbox, and neither bubblewrap nor namespaces of the system work here; hint: " in line
    assert not (nowhere.root / "executed").exists()
    assert not [row for row in nowhere.ledger() if "status" in row]
    assert nowhere.json("claims") == []


def test_switched_off_it_is_not_looked_for(lab: Shell) -> None:
    path = lab.root / "memorylab.toml"
    path.write_text(path.read_text().replace('# sandbox = "auto"', 'sandbox = "off"'))
    done = lab.run("run", "--description", "x", *MEASURE)
    assert (done.returncode, done.stderr, lab.ledger()[-1]["sandbox"]) == (0, "", None)


def test_linked_worktrees_and_linked_folders_are_kept_too(lab: Shell, tmp_path: Path) -> None:
    if next(sandbox.working([], lab.root, os.environ), None) is None:
        pytest.skip("no sandbox works here")
    lab.git("worktree", "add", "-q", str(tmp_path / "second"), "-b", "second")
    (tmp_path / "link").symlink_to(lab.root)
    attempts = "for f in prepare.py {}/results/memorylab/experiments.jsonl {}/memorylab.toml; do echo x >> $f; done; "
    script = attempts.replace("{}", str(lab.root)) + "echo ---; echo val_bpb: 0.8"
    for place in (tmp_path / "second", tmp_path / "link", tmp_path / "link" / "results"):
        lab.ok("run", "--no-check", "--description", "x", "--", "sh", "-c", script, cwd=place)
        row = lab.ledger()[-1]
        assert (row["integrity"], row["metrics"]["val_bpb"]) == ("ok", 0.8)
        log = (lab.root / row["artifacts"]["directory"] / "run.log").read_text()
        assert log.count("Read-only file system") == 3
    assert (tmp_path / "second" / "prepare.py").read_text() == "# the judge\n"
