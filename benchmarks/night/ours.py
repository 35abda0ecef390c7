"""MemoryLab itself as the policy of a night: the real checks and logs, in a workspace that is thrown away."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.night.play import Said, Trial
from benchmarks.night.words import FEATURES, KNOBS
from benchmarks.night.world import START, Config
from memorylab.adapters import archive
from memorylab.adapters.git import Head
from memorylab.lab import Lab, open_lab
from memorylab.lab.code import Snapshot
from memorylab.lab.finding import Finding
from memorylab.records import NoveltyGuard

SHARED_MEMORY = Path("/dev/shm")
BEGIN = 1_700_000_000.0
"""When the night begins, in seconds since the epoch; each run takes five minutes."""


class Ours:
    """An agent that asks before a run, logs with `--status auto` after it, and spends the next run as it is told.

    `_follow` is all that knows what a row means; the rest is files and clocks.
    """

    def __init__(self, guard: bool = True) -> None:
        memory = str(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else None
        self.root = Path(tempfile.mkdtemp(prefix="memorylab-night-", dir=memory))
        self.guard = guard
        self.now = BEGIN
        self.lab: Lab | None = None
        self.asked: tuple[str, NoveltyGuard] | None = None
        self.firsts: dict[str, int] = {}
        """The trial whose configuration each run had, by the run's id."""
        self.current = 0
        _write(self.root, START)
        (self.root / "prepare.py").write_text("# the judge\n")
        self._open().init()

    def refuses(self, words: str, base: Config) -> bool:
        """Whether the guard blocks the idea, a no-op included."""
        if not self.guard:
            return False
        if self.lab is None:
            _write(self.root, base)
        lab = self._open()
        guard = lab.check(lab.idea(words))
        self.asked = words, guard
        return guard["policy"]["decision"] == "block"

    def decide(self, trial: Trial, current: Config) -> Said:
        """Log the run as an agent would, and do what the packet says."""
        _write(self.root, trial.config)
        row = self._log(trial)
        self.now += 300
        self._open().context.index.close()
        self.lab = self.asked = None
        self.firsts[row["run_id"]] = trial.first
        said = self._follow(trial, row)
        self.current = said.current
        return said

    def _follow(self, trial: Trial, row: Any) -> Said:
        """What a ledger row tells an agent to do."""
        compared = row["decision_packet"]["comparison"]
        champion, base = compared["current_champion"], compared["base"]
        said = Said(
            kept=row["status"] == "keep",
            current=self.firsts[champion["run_id"]] if champion else self.current,
            probability=compared["probability_better_than_base"],
            against=self.firsts[base["run_id"]] if base else None,
        )
        if row["status"] == "keep" and row.get("promoted") is False:
            return said._replace(rerun=trial.first)  # too little to lead, enough to run it again
        wanted = self._open().next_runs(1)[0]
        about = self.firsts.get(wanted["run_id"])
        if wanted["action"] in ("replicate", "control"):
            return said._replace(rerun=about)
        if wanted["action"] == "retry":
            return said._replace(retry=about)
        return said._replace(further=wanted["action"] == "branch_followup")

    def close(self) -> None:
        """Throw the workspace away."""
        shutil.rmtree(self.root, ignore_errors=True)

    def _open(self) -> Lab:
        """The workspace as one command finds it: the files are read anew for each run."""
        if self.lab is None:
            self.lab = open_lab(self.root, environment={}, clock=lambda: self.now, warn=lambda message: None)
        return self.lab

    def _log(self, trial: Trial) -> Any:
        lab, summary = self._open(), None
        rerun = trial.first != trial.number
        if trial.value is not None:
            summary = self.root / "summary.json"
            summary.write_text(json.dumps({"val_bpb": trial.value, "total_seconds": 300.0, "device": "simulated"}))
        asked = self.asked[1] if self.asked is not None and self.asked[0] == trial.words and not rerun else None
        return lab.log(
            Finding(
                lab.idea(trial.words),
                "auto" if summary else "crash",
                summary=summary,
                mode="replicate" if rerun else None,
                error=trial.error,
                archive=False,
                guard=asked,
                snapshot=self._snapshot(lab),
            )
        ).row

    def _snapshot(self, lab: Lab) -> Snapshot:
        """What `log` would find, without asking git whether there is a repository."""
        code, _ = archive.fingerprint(self.root, lab.context.config.mutable)
        protected, _ = archive.fingerprint(self.root, lab.context.config.protected)
        return Snapshot(Head(), code, protected, "ok")


def _write(root: Path, config: Config) -> None:
    """The training script: a configuration as an agent would have edited it in."""
    lines = [f"{knob.name} = {value:g}" for knob, value in zip(KNOBS, config.knobs, strict=True)]
    lines += [f"# {FEATURES[feature][0]}\nchange_{feature}()" for feature in sorted(config.features)]
    (root / "train.py").write_text("\n".join(lines) + "\n")
