"""A night of real runs beside processes that never rest: is a true win ever discarded as worse, or blocked?

An agent's loop on the CPU: edit one knob of train.py, commit, `run`, keep the commit or take it back, run again what
was starved. Meanwhile other processes use every core. What was discarded, and what the guard says of it afterwards, is
held against the truth: the same two commits without these processes, three seeds each, by train.py alone.

    python benchmarks/busy_night.py [--runs 30] [--budget 5] [--rivals 2]
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple

REPOSITORY = Path(__file__).resolve().parents[1]
SEEDS = (101, 102, 103)
IDEAS = (
    *(("ASPECT_RATIO", "32"), ("TOTAL_BATCH_SIZE", "2**11"), ("MATRIX_LR", "0.02"), ("WARMDOWN_RATIO", "0.3")),
    *(("EMBEDDING_LR", "0.3"), ("MATRIX_LR", "0.2"), ("DEPTH", "1"), ("SCALAR_LR", "0.25"), ("WARMUP_RATIO", "0.1")),
    *(("ADAM_BETAS", "(0.9, 0.95)"), ("FINAL_LR_FRAC", "0.1"), ("DEPTH", "4"), ("UNEMBEDDING_LR", "0.008")),
    *(("TOTAL_BATCH_SIZE", "2**13"), ("WEIGHT_DECAY", "0.0"), ("SOFTCAP", "30.0"), ("MUON_MOMENTUM", "0.9")),
    *(("EMBEDDING_LR", "1.2"), ("WARMDOWN_RATIO", "0.8"), ("MATRIX_LR", "0.08"), ("UNEMBEDDING_LR", "0.002")),
    *(("SCALAR_LR", "1.0"), ("WEIGHT_DECAY", "0.4"), ("ASPECT_RATIO", "128"), ("FINAL_LR_FRAC", "0.05")),
    *(("MATRIX_LR", "0.06"), ("WARMUP_RATIO", "0.02"), ("MUON_MOMENTUM", "0.97")),
)


class Discarded(NamedTuple):
    """A run that was thrown away: what it was built on, what it was, and what it measured."""

    description: str
    base: str
    commit: str
    verdict: str


class Night:
    """A scratch repository with real training in it."""

    def __init__(self, root: Path, budget: float) -> None:
        self.root = root
        keep = {k: v for k, v in os.environ.items() if not k.startswith(("MEMORYLAB", "AUTORESEARCH", "PYTHONPATH"))}
        self.environment = {
            **keep,
            "AUTORESEARCH_TIME_BUDGET": f"{budget:g}",
            "AUTORESEARCH_DATA": str(root.parent / "data"),
            "AUTORESEARCH_THREADS": "1",
            "MEMORYLAB_SLOTS": str(root.parent / "slots"),
        }
        root.mkdir()
        for name in ("prepare.py", "train.py"):
            (root / name).write_bytes((REPOSITORY / name).read_bytes())
        (root / ".gitignore").write_text("memorylab.toml\n__pycache__/\n")
        self.git("init", "--quiet", "-b", "night")
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", "baseline")
        self.call(sys.executable, "prepare.py", "--sample")
        self.memory("init")

    def call(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the repository."""
        return subprocess.run(
            words, cwd=self.root, env={**self.environment, **more}, capture_output=True, text=True, check=False
        )

    def git(self, *words: str) -> str:
        """What a git command prints."""
        named = ("-c", "user.name=night", "-c", "user.email=night@localhost", "-c", "commit.gpgsign=false")
        return self.call("git", *named, *words).stdout.strip()

    def memory(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of MemoryLab."""
        return self.call(sys.executable, str(REPOSITORY / "memorylab.py"), *words)

    def run(self, description: str, *more: str) -> dict[str, Any] | None:
        """One run's row; None where the guard held it back."""
        done = self.memory(
            "run", "--json", "--description", description, "--timeout", "150", *more, "--", sys.executable, "train.py"
        )
        if done.returncode not in (0, 2):
            raise SystemExit(f"error: the run ended with {done.returncode}: {done.stderr[-500:]}")
        return dict(json.loads(done.stdout)) if done.returncode == 0 else None

    def edit(self, knob: str, value: str) -> str:
        """Set a knob and commit; returns what an agent would say of it."""
        path = self.root / "train.py"
        text = path.read_text()
        old = re.search(rf"^{knob} = ([^#\n]*)", text, re.MULTILINE)
        assert old, knob
        path.write_text(text[: old.start(1)] + value + "\n" + text[text.index("\n", old.end(1)) + 1 :])
        description = f"set {knob} from {old[1].strip()} to {value}"
        self.git("commit", "--quiet", "-am", description)
        return description

    def truth(self, commit: str) -> list[float]:
        """What a commit measures on a quiet machine, once for each seed."""
        self.git("checkout", "--quiet", "--detach", commit)
        found = []
        for seed in SEEDS:
            done = self.call(sys.executable, "train.py", AUTORESEARCH_SEED=str(seed))
            value = re.search(r"^val_bpb:\s+(\S+)", done.stdout, re.MULTILINE)
            found += [float(value[1])] if value else []
        self.git("checkout", "--quiet", "night")
        return found


@contextmanager
def rivals(count: int) -> Iterator[None]:
    """Processes that never rest, and end with this one."""
    code = f"import os\nwhile os.getppid() == {os.getpid()}: sum(range(1000))"
    running = [subprocess.Popen([sys.executable, "-S", "-c", code]) for _ in range(count)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def play(night: Night, runs: int) -> list[Discarded]:
    """The night: at most so many runs; a starved idea is tried once more. Returns what was thrown away."""
    lost: list[Discarded] = []
    base = tell(night.run("baseline"), "baseline")
    left = runs - 1
    while base is None or base["status"] != "keep":
        base, left = tell(night.run("baseline", "--mode", "replicate"), "baseline"), left - 1
        if left < 1:
            return lost
    for knob, value in IDEAS:
        if left < 1:
            break
        before = night.git("rev-parse", "HEAD")
        description = night.edit(knob, value)
        row = None
        for attempt in range(2):
            row = tell(night.run(description, *(["--no-check"] if attempt else [])), description)
            left -= 1
            again = row is not None and (row["status"] == "starved" or row.get("promoted") is False)
            if row is None or row["status"] in ("discard", "crash") or not again or left < 1:
                break
        if row is not None and row["status"] == "discard":
            verdict = row["decision_packet"]["comparison"]["verdict"]
            lost.append(Discarded(description, before, night.git("rev-parse", "HEAD"), verdict))
        if row is None or row["status"] != "keep":
            night.git("reset", "--quiet", "--hard", before)
    return lost


def tell(row: dict[str, Any] | None, description: str) -> dict[str, Any] | None:
    """One line about a run."""
    had = row.get("resources", {}) if row else {}
    value = row["metrics"]["val_bpb"] if row else None
    what = f"{row['status']:8}" if row else "blocked "
    steps = row["metrics"].get("num_steps") if row else None
    print(f"{time.strftime('%H:%M:%S')}  {what} {value} steps {steps} cores {had.get('cores')} of others "
          f"{had.get('cores_of_others')} pressure {had.get('pressure')}  {description}", flush=True)  # fmt: skip
    return row


def judge(night: Night, lost: list[Discarded]) -> int:
    """Hold what was thrown away against the truth; returns how many true wins were discarded as worse or blocked."""
    known: dict[str, list[float]] = {}
    wrong = 0
    for one in lost:
        for commit in (one.base, one.commit):
            if commit not in known:
                known[commit] = night.truth(commit)
        base, own = known[one.base], known[one.commit]
        gain = fmean(base) - fmean(own)
        error = math.sqrt(stdev(base) ** 2 / len(base) + stdev(own) ** 2 / len(own))
        said = night.memory("check", "--json", "--description", one.description)
        blocked = said.returncode == 0 and json.loads(said.stdout)["policy"]["decision"] == "block"
        won = gain > 2 * error
        bad = won and (one.verdict == "worse" or blocked)
        wrong += bad
        print(f"{'WRONG' if bad else 'right'}  true gain {gain:+.4f} (one standard error {error:.4f}), "
              f"{one.verdict}, {'blocked' if blocked else 'open'}  {one.description}", flush=True)  # fmt: skip
    return wrong


def main() -> None:
    """Play the night and judge it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--budget", type=float, default=5.0)
    parser.add_argument("--rivals", type=int, default=os.cpu_count() or 2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        night = Night(Path(place) / "research", args.budget)
        with rivals(args.rivals):
            lost = play(night, args.runs)
        report = night.memory("report", "--format", "json")
        print(f"\ncounts: {json.loads(report.stdout)['counts']}\n")
        wrong = judge(night, lost)
        print(f"\n{wrong} true wins discarded as worse, or blocked, of {len(lost)} discards")


if __name__ == "__main__":
    main()
