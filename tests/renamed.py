"""Workspaces whose code calls its knobs otherwise than the tables do, with a night in each."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from tests.conftest import Shell


class Step(NamedTuple):
    """An edit of the code, and how its run ended; None for a value is a crash."""

    before: str
    after: str
    status: str
    value: float | None


class Kind(NamedTuple):
    """A script, its night, and by which targets its knobs are compared."""

    code: str
    steps: tuple[Step, ...]
    names: dict[str, str]
    """What the code calls each target."""


TRADING = Kind(
    "MOMENTUM = 14\nZ_ENTRY = 2.0\nFEE = 0.001\n",
    (
        Step("Z_ENTRY = 2.0", "Z_ENTRY = 2.5", "discard", 1.2),
        Step("Z_ENTRY = 2.0", "Z_ENTRY = 2.7", "discard", 1.3),
        Step("MOMENTUM = 14", "MOMENTUM = 20", "keep", 0.9),
        Step("MOMENTUM = 20", "MOMENTUM = 24", "crash", None),
        Step("MOMENTUM = 20", "MOMENTUM = 26", "crash", None),
        Step("Z_ENTRY = 2.0", "Z_ENTRY = 1.8", "keep", 0.85),
    ),
    {"ENTRY_THRESHOLD": "Z_ENTRY", "MUON_MOMENTUM": "MOMENTUM"},
)
FOREST = Kind(
    "from sklearn.ensemble import RandomForestClassifier as F\n"
    "model = F(n_estimators=100, max_features=0.5, min_samples_leaf=3)\n",
    (
        Step("max_features=0.5", "max_features=0.7", "discard", 1.2),
        Step("max_features=0.5", "max_features=0.8", "discard", 1.25),
        Step("max_features=0.5", "max_features=0.4", "keep", 0.9),
        Step("max_features=0.4", "max_features=0.3", "crash", None),
        Step("max_features=0.4", "max_features=0.2", "crash", None),
        Step("n_estimators=100", "n_estimators=200", "keep", 0.8),
    ),
    {"COLSAMPLE": "max_features"},
)
KINDS = {"trading": TRADING, "forest": FOREST}


def built(root: Path, kind: Kind) -> Shell:
    """The workspace after its night, each run logged as an agent would, its edit told by the code alone."""
    root.mkdir(parents=True)
    shell = Shell(root)
    (root / "train.py").write_text(kind.code)
    (root / "prepare.py").write_text("# the judge\n")
    shell.git("init", "-q", "-b", "main")
    shell.git("add", ".")
    shell.git("commit", "-qm", "base")
    shell.ok("init")
    log(shell, "baseline", "keep", 1.0)
    code = kind.code
    for number, step in enumerate(kind.steps):
        assert step.before in code
        shell.commit(changed := code.replace(step.before, step.after))
        log(shell, f"try {number}", step.status, step.value)
        if step.status == "keep":
            code = changed
        else:
            shell.git("reset", "-q", "--hard", "HEAD~1")
    return shell


def log(shell: Shell, description: str, status: str, value: float | None) -> None:
    """Log a run; one without a value crashed."""
    told = ("--summary", shell.summary(val_bpb=value)) if value is not None else ("--error", "ValueError: bad")
    shell.ok("log", "--description", description, "--status", status, *told)
