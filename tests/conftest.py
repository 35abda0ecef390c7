"""What many tests need: a research repository to work in, and the command line as a user calls it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parents[1]

# A busy machine makes single examples slow; what the examples show is what counts. In CI they are the same each time:
# what a lucky draw finds is found at a desk, and doesn't hold up a change that has nothing to do with it.
settings.register_profile(
    "default", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("default")


class Shell:
    """A workspace and the commands that an agent would type in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("AUTORESEARCH", "MEMORYLAB", "GIT_"))},
            "GIT_AUTHOR_NAME": "t",
            "GIT_AUTHOR_EMAIL": "t@localhost",
            "GIT_COMMITTER_NAME": "t",
            "GIT_COMMITTER_EMAIL": "t@localhost",
            "NO_COLOR": "1",
            "COLUMNS": "100",
            # Tests run at once with each other, and beside whatever trains on this machine.
            "MEMORYLAB_SLOTS": str(root.parent / "slots"),
        }

    def run(
        self,
        *words: str,
        cwd: Path | None = None,
        stdin: str | None = None,
        **environment: str,
    ) -> subprocess.CompletedProcess[str]:
        """`python memorylab.py WORDS`, from outside, in a process of its own."""
        return subprocess.run(
            [sys.executable, str(REPOSITORY / "memorylab.py"), *words],
            cwd=cwd or self.root,
            capture_output=True,
            text=True,
            input=stdin,
            env={**self.environment, **environment},
            timeout=120,
            check=False,
        )

    def at_terminal(self, *words: str, typed: str, **environment: str) -> tuple[int, str]:
        """The same as a person calls it at a terminal and answers; returns the exit code and all that was shown."""
        import pty

        ours, theirs = pty.openpty()
        try:
            process = subprocess.Popen(
                [sys.executable, str(REPOSITORY / "memorylab.py"), *words],
                cwd=self.root,
                stdin=theirs,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env={**self.environment, **environment},
                start_new_session=True,
            )
            os.write(ours, typed.encode() + b"\n")
            shown, _ = process.communicate(timeout=120)
        finally:
            os.close(ours)
            os.close(theirs)
        return process.returncode, shown

    def agreed(self, *words: str) -> str:
        """A command to which a person says yes; returns all that was shown."""
        code, shown = self.at_terminal(*words, typed="yes")
        assert code == 0, shown
        return shown

    def trust(self) -> None:
        """From now on commands carry the token of a person, who made it at a terminal."""
        shown = self.agreed("accept", "--new-token")
        found = re.search(r"memorylab-[0-9a-f]{40}", shown)
        assert found, shown
        self.environment["MEMORYLAB_ACCEPT_TOKEN"] = found.group()

    def ok(self, *words: str, **options: Any) -> str:
        """The same, expected to succeed; returns stdout."""
        done = self.run(*words, **options)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def json(self, *words: str, **options: Any) -> Any:
        """The same with --json, parsed."""
        return json.loads(self.ok(*words, "--json", **options))

    def refused(self, *words: str, code: int = 1, **options: Any) -> str:
        """The same, expected to be refused with one clear line; returns that line."""
        done = self.run(*words, **options)
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        lines = [line for line in done.stderr.splitlines() if not line.startswith("warning: ")]
        assert len(lines) == 1, done.stderr
        assert lines[0].startswith("error: ")
        assert "Traceback" not in done.stderr
        return lines[0]

    def git(self, *words: str) -> str:
        """A git command in the workspace."""
        return subprocess.run(
            ["git", *words], cwd=self.root, env=self.environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    def commit(self, text: str, message: str = "edit") -> str:
        """Change train.py, commit, and return the commit."""
        (self.root / "train.py").write_text(text)
        self.git("commit", "-qam", message)
        return self.git("rev-parse", "HEAD")

    def summary(self, name: str = "summary.json", **values: Any) -> str:
        """Write a sidecar as train.py would; returns its path."""
        path = self.root / name
        path.write_text(json.dumps({"val_bpb": 1.0, "peak_vram_mb": 4096.0, "total_seconds": 310.0, **values}))
        return str(path)

    def ledger(self) -> list[dict[str, Any]]:
        """The ledger's rows."""
        text = (self.root / "results" / "memorylab" / "experiments.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A git repository with train.py and prepare.py, before `init`."""
    root = tmp_path / "research"
    root.mkdir()
    shell = Shell(root)
    (root / "train.py").write_text("MATRIX_LR = 0.04\n")
    (root / "prepare.py").write_text("# the judge\n")
    shell.git("init", "-q", "-b", "night")
    shell.git("add", ".")
    shell.git("commit", "-qm", "baseline")
    yield shell


@pytest.fixture
def lab(shell: Shell) -> Shell:
    """The same after `init`."""
    shell.ok("init")
    return shell
