"""`python -m tests.faults [KIND …]`: plan trials, try them on all cores, print what was tried and what failed.

Exits 1 if anything failed. Each failure is printed with the `--only` that repeats it alone.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import multiprocessing
import multiprocessing.util
import os
import random
import shlex
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing.pool import Pool
from pathlib import Path
from typing import NamedTuple

from tests.faults import fuzz, inputs, sweeps
from tests.faults.stage import Stage, build_shim, has_shim, warm_up
from tests.faults.sweeps import Trial


class Kind(NamedTuple):
    """A kind of fault: what is tried, how one is tried, and what it needs that may be missing here."""

    plan: Callable[[Stage], Iterator[Trial]]
    attempt: Callable[[Stage, Trial], list[str]]
    about: str
    needs: Callable[[], str] = lambda: ""
    quick: int = 0
    """Trials of the quick part."""


def _shim() -> str:
    return "" if has_shim() else "no C compiler, or not Linux"


def _mounts() -> str:
    stage = Stage()
    try:
        return "" if sweeps.mount(stage) else "mounting is not possible here"
    finally:
        sweeps.unmount(stage)
        stage.close()


KINDS = {
    "kills": Kind(sweeps.kills, sweeps.attempt, "SIGKILL before a call, or amid a write", _shim, 26),
    "errors": Kind(sweeps.errors, sweeps.attempt, "a call fails with an errno, or writes a part", _shim, 26),
    "outputs": Kind(sweeps.outputs, sweeps.attempt, "what is printed can't be written", quick=7),
    "disks": Kind(sweeps.disks, sweeps.attempt, "a disk or a file with little space left", _mounts, 13),
    **{name: Kind(kind.plan, fuzz.attempt, kind.about, kind.needs, kind.quick) for name, kind in fuzz.KINDS.items()},
}


GROUPS = {
    "calls": ("kills", "errors"),
    "space": ("outputs", "disks"),
    "inputs": (*inputs.FILES, "words", "requests"),
    "costs": ("heavy", "endless"),
}
"""Kinds that the quick part tries together."""


class Outcome(NamedTuple):
    """What came of one trial."""

    trial: Trial
    complaints: list[str]
    seconds: float


_stages: dict[bool, Stage] = {}


def _work(trial: Trial) -> Outcome:
    """In a worker, whose workspaces are made for its first trial: one on the disk, one on a small disk of its own."""
    small = trial.kind == "disks"
    if small not in _stages:
        _stages[small] = Stage()
        if small:
            sweeps.mount(_stages[small])
    began = time.monotonic()
    return Outcome(trial, KINDS[trial.kind].attempt(_stages[small], trial), time.monotonic() - began)


def _started() -> None:
    """Whichever way a worker ends, what it made goes with it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    multiprocessing.util.Finalize(None, _leave, exitpriority=10)


def _leave() -> None:
    for stage in _stages.values():
        sweeps.unmount(stage)
        stage.close()


def planned(stage: Stage, name: str, share: float, quick: bool, seed: int) -> list[Trial]:
    """The plan of one kind, or a sample of it that has something of every command."""
    trials = list(KINDS[name].plan(stage))
    if share >= 1 and not quick:
        return trials
    chance = random.Random(seed)
    wanted = KINDS[name].quick if quick else round(share * len(trials))
    groups: dict[str, list[Trial]] = {}
    for trial in chance.sample(trials, len(trials)):
        groups.setdefault(trial.command, []).append(trial)
    # From every command in turn: one with a thousand calls isn't more important than one with thirty.
    turns = (trial for turn in itertools.zip_longest(*groups.values()) for trial in turn if trial is not None)
    chosen = set(itertools.islice(turns, wanted))
    return [trial for trial in trials if trial in chosen]


def tried(pool: Pool, name: str, trials: list[Trial], args: argparse.Namespace) -> list[Outcome]:
    """The outcomes of all trials of a kind; failures are told as they come."""
    began = time.monotonic()
    outcomes = []
    # In small pieces of the plan's order: what one trial puts into the workspace the next one often needs.
    for outcome in pool.imap_unordered(_work, trials, chunksize=max(1, min(20, len(trials) // (4 * args.jobs)))):
        outcomes.append(outcome)
        if outcome.complaints:
            trial, told = outcome.trial, "; ".join(outcome.complaints)
            line = f"FAILED --only {shlex.quote(trial.id)} {trial.label}: {told}"
            print(line[:600], flush=True)
            if args.failures:
                with args.failures.open("a", errors="replace") as file:
                    file.write(f"{line}\n")
    failed = sum(bool(outcome.complaints) for outcome in outcomes)
    print(f"{name}: {len(outcomes):,} tried, {failed:,} failed, {time.monotonic() - began:.0f} s", flush=True)
    return outcomes


def table(outcomes: list[Outcome], skipped: dict[str, str]) -> str:
    """What was tried and what failed, as Markdown; with each command how often it was tried."""
    lines = ["| kind | of what | with | tried | failed |", "|---|---|---|---:|---:|"]
    for name, kind in KINDS.items():
        mine = [outcome for outcome in outcomes if outcome.trial.kind == name]
        commands = Counter(outcome.trial.command for outcome in mine)
        told = ", ".join(f"`{command}` {tried:,}" for command, tried in commands.most_common())
        failed = sum(bool(outcome.complaints) for outcome in mine)
        if mine:
            lines.append(f"| {name} | {kind.about} | {told} | {len(mine):,} | {failed:,} |")
        elif name in skipped:
            lines.append(f"| {name} | {kind.about} | skipped: {skipped[name]} | | |")
    return "\n".join(lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__.splitlines()[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)} (all)")
    parser.add_argument("--quick", action="store_true", help="a sample of each kind")
    parser.add_argument("--share", type=float, default=1.0, help="a sample of this share (1)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample (1)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="trials at once (cores)")
    parser.add_argument("--only", metavar="ID", action="append", default=[], help="this trial, as a failure names it")
    parser.add_argument("--failures", metavar="FILE", type=Path, help="write all complaints there")
    args = parser.parse_args()
    if unknown := [kind for kind in args.kinds if kind not in KINDS]:
        parser.error(f"unknown kind {unknown[0]}: known are {', '.join(KINDS)}")
    return args


def main() -> int:
    """Plan, try, print."""
    args = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped by SIGTERM"))  # workers and mounts go, too
    warm_up()
    only = [Trial(*(*id_.split(":")[:3], int(id_.split(":")[3]))) for id_ in args.only]
    names = list(dict.fromkeys(trial.kind for trial in only)) or args.kinds or list(KINDS)
    skipped = {name: why for name in names if (why := KINDS[name].needs())}
    outcomes: list[Outcome] = []
    with contextlib.closing(Stage()) as stage, multiprocessing.get_context("fork").Pool(args.jobs, _started) as pool:
        for name in names:
            if name in skipped:
                print(f"{name}: skipped, {skipped[name]}", flush=True)
                continue
            asked = [trial for trial in only if trial.kind == name]
            trials = asked or planned(stage, name, args.share, args.quick, args.seed)
            outcomes += tried(pool, name, trials, args)
        pool.close()
        pool.join()
    print(f"\n{table(outcomes, skipped)}")
    return int(any(outcome.complaints for outcome in outcomes))


def _with_shim() -> None:
    """Start again with the shim in between, where one can be built."""
    place = os.environ.pop("FAULTS_SHIM", None)
    if place is None:
        place = tempfile.mkdtemp(prefix="faults-shim-")
        shim = build_shim(Path(place))
        environment = {**os.environ, "FAULTS_SHIM": place, **({"LD_PRELOAD": str(shim)} if shim else {})}
        os.execve(sys.executable, [sys.executable, "-m", "tests.faults", *sys.argv[1:]], environment)
    shutil.rmtree(place)  # it is loaded


if __name__ == "__main__":
    _with_shim()
    raise SystemExit(main())
