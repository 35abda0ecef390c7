"""What `check` and `log` cost as the ledger grows: wall time of whole commands, against a bare start of Python.

    python benchmarks/scale.py                       1 k, 10 k, 100 k runs
    python benchmarks/scale.py --sizes 1000 1000000

The floor is `python -c "import json,sqlite3,argparse"`, started in turn with the commands, so that a busy machine slows
both. Wanted: check within 3 floors and log within 5 at every size, and 100,000 runs at most 1.5 times 1,000. "idea" is
what one idea of `check --from` costs when a command asks about many; wanted is a tenth of a floor.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
CACHE = tempfile.mkdtemp(prefix="memorylab-bytecode-")
"""Commands run as a user's do, with bytecode kept. Where that is forbidden (containers), one costs a floor more."""
FLOOR = [sys.executable, "-c", "import json,sqlite3,argparse"]
KNOBS = [
    "MATRIX_LR",
    "EMBEDDING_LR",
    "UNEMBEDDING_LR",
    "SCALAR_LR",
    "WEIGHT_DECAY",
    "WARMDOWN_RATIO",
    "FINAL_LR_FRAC",
    "DEPTH",
    "ASPECT_RATIO",
    "HEAD_DIM",
    "TOTAL_BATCH_SIZE",
    "ADAM_BETA1",
    "WARMUP_RATIO",
]
IDEAS = [
    "replace ReLU squared by {}",
    "add {} to the attention output",
    "value embeddings in the {} third of layers",
    "{} window pattern",
    "tie embeddings with a {} projection",
]
BATCH = 1_000
"""Ideas of one `check --from`."""
WORDS = ["GELU", "SwiGLU", "gate", "deepest", "earliest", "SSSL", "full", "low rank", "softcap", "norm", "dropout"]


def main() -> int:
    """Print one line a size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    print(
        f"{'runs':>9} {'floor ms':>9} {'check ms':>9} {'x floor':>8} {'log ms':>9} {'x floor':>8} "
        f"{'idea ms':>8} {'x floor':>8} {'index s':>8} {'ledger MB':>10} {'index MB':>9}"
    )
    for size in options.sizes:
        with tempfile.TemporaryDirectory(prefix="memorylab-scale-") as directory:
            print(measure(Path(directory), size, options.rounds), flush=True)
    shutil.rmtree(CACHE, ignore_errors=True)
    return 0


def measure(root: Path, size: int, rounds: int) -> str:
    """Build a workspace of `size` runs and time the commands in turn."""
    ledger = build(root, size)
    started = time.perf_counter()
    command(root, "history", "--limit", "1")
    indexing = time.perf_counter() - started
    floor: list[float] = []
    check: list[float] = []
    log: list[float] = []
    for number in range(-1, rounds):
        times = (clock(FLOOR), clock_check(root, number), clock_log(root, number))
        if number >= 0:  # the round before warms the page cache
            for series, value in zip((floor, check, log), times, strict=True):
                series.append(value)
    f, c, g = (statistics.median(series) * 1000 for series in (floor, check, log))
    batch = statistics.median(clock_batch(root, number) for number in range(3)) * 1000
    idea = (batch - c) / (BATCH - 1)
    index = ledger.parent / "index.sqlite"
    return (
        f"{size:>9,} {f:>9.1f} {c:>9.1f} {c / f:>8.2f} {g:>9.1f} {g / f:>8.2f} "
        f"{idea:>8.2f} {idea / f:>8.3f} {indexing:>8.1f} "
        f"{ledger.stat().st_size / 1e6:>10.1f} {index.stat().st_size / 1e6:>9.1f}"
    )


def build(root: Path, size: int) -> Path:
    """A git repository with a ledger of `size` plausible runs, as `log` would have written them but without packets."""
    for name in ("train.py", "prepare.py"):
        (root / name).write_text("MATRIX_LR = 0.04\n")
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=b", "-c", "user.email=b@localhost", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *words], cwd=root, check=True)
    command(root, "init")
    ledger = root / "results" / "memorylab" / "experiments.jsonl"
    chance = random.Random(7)
    best, parent = 1.0, "0" * 40
    with ledger.open("a") as file:
        for n in range(size):
            commit = f"{chance.getrandbits(160):040x}"
            row, kept = make_row(n, commit, parent, best, chance)
            if kept:
                best, parent = row["metrics"]["val_bpb"], commit
            file.write(json.dumps(row) + "\n")
    return ledger


def make_row(n: int, commit: str, parent: str, best: float, chance: random.Random) -> tuple[dict[str, Any], bool]:
    """One run: mostly a knob moved, sometimes a structural idea; most fail, some crash."""
    if chance.random() < 0.7:
        knob, value = chance.choice(KNOBS), round(chance.uniform(0.01, 2.0), 4)
        description = f"set {knob} to {value} in variant {chance.randrange(size_of(n))}"
    else:
        description = chance.choice(IDEAS).format(chance.choice(WORDS)) + f" number {chance.randrange(size_of(n))}"
    luck = chance.random()
    status = "keep" if n == 0 or luck < 0.15 else "crash" if luck < 0.2 else "discard"
    value = best - 1e-7 * chance.random() if status == "keep" else best + 0.002 * chance.random()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_700_000_000 + 300 * n))
    metrics = {"val_bpb": None if status == "crash" else value, "peak_vram_mb": 45060.2, "total_seconds": 325.1}
    error = {"summary": "CUDA out of memory", "tail": "", "source": "log", "kind": "oom"} if status == "crash" else None
    row = {
        "schema": 1,
        "run_id": f"{stamp.replace('-', '').replace(':', '')}-{commit[:7]}",
        "timestamp_utc": stamp,
        "branch": "b",
        "commit": commit,
        "parent_commit": parent,
        "family": "",
        "status": status,
        "description": description,
        "hypothesis": "",
        "tags": [],
        "notes": "",
        "metrics": metrics,
        "error": error,
        "artifacts": {},
        "novelty_guard": {},
        "decision_packet": {"next_action": "abandon", "summary": "x" * 400},
    }
    return row, status == "keep"


def size_of(n: int) -> int:
    """Rare words get rarer as a ledger grows."""
    return 10 + n // 10


def clock_check(root: Path, number: int) -> float:
    """Seconds of one check of an idea whose knob has been tried often."""
    return clock(
        [
            sys.executable,
            str(REPOSITORY / "memorylab.py"),
            "check",
            "--root",
            str(root),
            "--description",
            f"raise the Muon step size to 0.{number + 11}",
        ]
    )


def clock_batch(root: Path, number: int) -> float:
    """Seconds of one check of many ideas, three of five of which move a knob."""
    chance = random.Random(number)
    file = root / "ideas.jsonl"
    with file.open("w") as ideas:
        for _ in range(BATCH):
            knob, value = chance.choice(KNOBS), round(chance.uniform(0.01, 2.0), 4)
            idea = chance.choice(IDEAS).format(chance.choice(WORDS))
            ideas.write(
                json.dumps({"description": f"raise {knob} to {value}" if chance.random() < 0.6 else idea}) + "\n"
            )
    return clock([sys.executable, str(REPOSITORY / "memorylab.py"), "check", "--root", str(root), "--from", str(file)])


def clock_log(root: Path, number: int) -> float:
    """Seconds of one log of a fresh sidecar."""
    summary = root / "summary.json"
    summary.write_text(json.dumps({"val_bpb": 0.9 + number / 1e6, "peak_vram_mb": 1000.0, "device": "bench"}))
    return clock(
        [
            sys.executable,
            str(REPOSITORY / "memorylab.py"),
            "log",
            "--root",
            str(root),
            "--summary",
            str(summary),
            "--status",
            "discard",
            "--description",
            f"set EMBEDDING_LR to 0.{number + 11}",
        ]
    )


def clock(words: list[str]) -> float:
    """Wall seconds of a process, its output thrown away."""
    started = time.perf_counter()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = CACHE
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - started


def command(root: Path, *words: str) -> None:
    """Run a MemoryLab command in the workspace."""
    subprocess.run(
        [sys.executable, str(REPOSITORY / "memorylab.py"), *words, "--root", str(root)],
        check=True,
        stdout=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    raise SystemExit(main())
