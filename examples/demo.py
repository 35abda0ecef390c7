"""A night in four minutes: a scratch repository, ten ideas, real training on the CPU, and a memory that watches.

Run it as `make demo`. Only the ideas below are written down; every number comes from training. What an agent would do
by hand happens here in a loop: edit train.py, commit, `memorylab.py run`, keep the commit or take it back.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

REPOSITORY = Path(__file__).resolve().parents[1]
WORKSPACE = REPOSITORY / "demo"
SECONDS = os.environ.get("MEMORYLAB_DEMO_SECONDS", "12")


CHAMPION = "<champion>"
"""Stands for the description of whichever run leads by then."""


class Idea(NamedTuple):
    """One line of train.py to change, and what an agent would say about it."""

    description: str
    knob: str = ""
    value: str = ""
    hypothesis: str = ""
    options: tuple[str, ...] = ()
    remark: str = ""


IDEAS = (
    Idea("baseline"),
    Idea("baseline again", options=("--mode", "replicate"), remark="the same code once more: how much is noise?"),
    Idea(
        "halve ASPECT_RATIO from 64 to 32",
        "ASPECT_RATIO",
        "32",
        hypothesis="at so short a budget a narrower model sees more tokens",
    ),
    Idea(
        "halve TOTAL_BATCH_SIZE from 2**12 to 2**11",
        "TOTAL_BATCH_SIZE",
        "2**11",
        hypothesis="more optimizer steps are worth more than cleaner gradients",
    ),
    Idea("raise MATRIX_LR from 0.04 to 0.4", "MATRIX_LR", "0.4", hypothesis="a larger step learns faster"),
    Idea(
        "lower MATRIX_LR from 0.04 to 0.02",
        "MATRIX_LR",
        "0.02",
        remark="the opposite direction of a failure is no repeat of it",
    ),
    Idea(
        "increase the Muon step size to 0.4",
        "MATRIX_LR",
        "0.4",
        remark="the failed idea in other words: it will not run",
    ),
    Idea("use a HEAD_DIM of 48", "HEAD_DIM", "48", remark="a mistake: 48 does not divide the width"),
    Idea("lower WARMDOWN_RATIO from 0.5 to 0.3", "WARMDOWN_RATIO", "0.3", hypothesis="longer at the full rate"),
    Idea(CHAMPION, options=("--mode", "replicate"), remark="the champion once more: was it luck?"),
)


def main() -> int:
    """Play the night and show what is left in the morning."""
    started = time.time()
    prepare()
    for number, planned in enumerate(IDEAS, 1):
        idea = planned
        if idea.description == CHAMPION:
            champion = ask("best")["champion"]
            if champion is None:
                raise SystemExit(f"error: no run measured anything; hint: see {WORKSPACE / 'run.log'}")
            idea = idea._replace(description=champion["description"])
        title(f"idea {number} of {len(IDEAS)}: {idea.description}", idea.remark)
        play(idea)
    title("the morning after")
    memorylab("report")
    memorylab("verify")
    reports = WORKSPACE / "results" / "memorylab" / "reports"
    print(
        f"\n{len(IDEAS)} ideas in {(time.time() - started) / 60:.1f} minutes. In a browser: {reports / 'latest.html'}"
    )
    return 0


def prepare() -> None:
    """A fresh git repository with the files that an agent sees, the sample data, and an empty memory."""
    marker = WORKSPACE / ".memorylab-demo"
    if WORKSPACE.exists() and not marker.exists():
        raise SystemExit(f"error: {WORKSPACE} exists and is not a demo; hint: move it away")
    shutil.rmtree(WORKSPACE, ignore_errors=True)
    WORKSPACE.mkdir()
    marker.touch()
    for name in ("memorylab.py", "prepare.py", "train.py", "program.md"):
        shutil.copy(REPOSITORY / name, WORKSPACE)
    shutil.copytree(REPOSITORY / "memorylab", WORKSPACE / "memorylab", ignore=shutil.ignore_patterns("__pycache__"))
    (WORKSPACE / ".gitignore").write_text(".memorylab-demo\nmemorylab.toml\n__pycache__/\ndata/\n")
    git("init", "--quiet", "--initial-branch", "night")
    git("add", ".")
    git("commit", "--quiet", "-m", "baseline")
    print("preparing sample data from the Python standard library's own sources")
    call(sys.executable, "prepare.py", "--sample")
    memorylab("init")


def play(idea: Idea) -> None:
    """Edit, commit, run, once more where the packet asks for it; keep the commit only if the run was kept."""
    if idea.knob:
        edit(idea.knob, idea.value)
        git("commit", "--quiet", "--all", "-m", idea.description)
    row = run(idea, idea.options)
    if row is not None and row["status"] == "keep" and row.get("promoted") is False:
        print("   (kept, but it doesn't lead yet: it is run again, as the packet says)")
        row = run(idea, ("--mode", "replicate"))
    if idea.knob and (row is None or row["status"] != "keep"):
        git("reset", "--quiet", "--hard", "HEAD~1")


def run(idea: Idea, more: tuple[str, ...]) -> dict[str, Any] | None:
    """One run; its ledger row, None where the guard blocked it."""
    options = ["--description", idea.description, *more]
    if idea.hypothesis:
        options += ["--hypothesis", idea.hypothesis]
    shown = " ".join(f"'{o}'" if " " in o else o for o in options)
    print(f"   $ python memorylab.py run {shown} -- python train.py", flush=True)
    # A busy machine may stretch the budget to six; importing PyTorch and evaluating take their time too.
    options += ["--timeout", f"{6 * float(SECONDS) + 60:g}"]
    code = call(sys.executable, "memorylab.py", "run", *options, "--", sys.executable, "train.py", check=False)
    if code not in (0, 2):
        raise SystemExit(f"error: the run ended with {code}; hint: see {WORKSPACE / 'run.log'}")
    if code == 2:
        return None
    row: dict[str, Any] = ask("show", ask("history", "--limit", "1")[0]["run_id"])
    return row


def edit(knob: str, value: str) -> None:
    """Change one knob's line in train.py, as an agent would."""
    path = WORKSPACE / "train.py"
    lines = path.read_text().splitlines(keepends=True)
    place = next(n for n, line in enumerate(lines) if line.startswith(f"{knob} = "))
    lines[place] = f"{knob} = {value}\n"
    path.write_text("".join(lines))


def title(text: str, remark: str = "") -> None:
    """A heading, bold on a terminal."""
    print(f"\n\033[1m── {text}\033[0m" if sys.stdout.isatty() else f"\n── {text}")
    if remark:
        print(f"   ({remark})")


def ask(*words: str) -> Any:
    """The JSON answer of a MemoryLab command."""
    command = [sys.executable, "memorylab.py", *words, "--json"]
    done = subprocess.run(command, cwd=WORKSPACE, env=environment(), check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def memorylab(*words: str) -> None:
    """Run a MemoryLab command and let its output through."""
    print(f"   $ python memorylab.py {' '.join(words)}", flush=True)
    call(sys.executable, "memorylab.py", *words)


def git(*words: str) -> None:
    """Run git as somebody whose name is not configured on a fresh machine."""
    call("git", "-c", "user.name=demo", "-c", "user.email=demo@localhost", "-c", "commit.gpgsign=false", *words)


def call(*command: str, check: bool = True) -> int:
    """Run a command in the scratch repository."""
    done = subprocess.run(command, cwd=WORKSPACE, env=environment(), check=False)
    if check and done.returncode:
        raise SystemExit(f"error: {' '.join(command[:4])} ended with {done.returncode}")
    return done.returncode


def environment() -> dict[str, str]:
    """A short budget, and data beside the scratch repository instead of in the home directory."""
    kept = {name: value for name, value in os.environ.items() if name not in ("MEMORYLAB_ROOT", "PYTHONPATH")}
    # Named, since the clone around it may have a memory of its own.
    own = {"MEMORYLAB_ROOT": str(WORKSPACE), "AUTORESEARCH_TIME_BUDGET": SECONDS}
    return kept | own | {"AUTORESEARCH_DATA": str(WORKSPACE / "data")}


if __name__ == "__main__":
    raise SystemExit(main())
