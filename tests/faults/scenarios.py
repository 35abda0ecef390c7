"""The commands that write, each in the state where it has most to do, and how to tell whether it did it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.faults.stage import Stage

VALUE = 0.987654
"""What the training command of `run` measures."""
TRAINING = ("sh", "-c", f"printf -- '---\\nval_bpb: {VALUE}\\n'")
OLD = "from yesterday\n"
BROKEN = b'{"run_id": "broken by something, '
TABLE = "commit\tval_bpb\tmemory_gb\tstatus\tdescription\n" + "".join(
    f"abc{n}123\t0.99{n}000\t4.0\tkeep\timported {n}\n" for n in range(3)
)
JUDGE = "EVAL_TOKENS = 65536\n\n\ndef evaluate_bpb(model):\n    return 1.0\n"
TRAIN = "import prepare\n\nMATRIX_LR = 0.04\nDEPTH = 8\nprint(prepare.evaluate_bpb(None))\n"


class Scenario(NamedTuple):
    """A command, what is there before it, and how often the workspace shows what it does."""

    name: str
    words: tuple[str, ...]
    prepare: Callable[[Stage], None]
    done: Callable[[Stage], int]
    sound: bool = True
    """Whether `verify` is content before the command; if not, only after it has succeeded."""
    again: int = 0
    """The exit code of the same command where all was done before."""


def rows(stage: Stage) -> list[dict[str, Any]]:
    """The ledger's whole rows."""
    found = []
    data = stage.ledger.read_bytes() if stage.ledger.exists() else b""
    for line in data.split(b"\n")[:-1]:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            found.append(row)
    return found


def _ok(stage: Stage, *words: str) -> None:
    done = stage.call(*words)
    assert done.code == 0, (words, done.code, done.err)


def repository(stage: Stage) -> None:
    """A research repository before `init`."""
    (stage.lab / "train.py").write_text(TRAIN)
    (stage.lab / "prepare.py").write_text(JUDGE)
    stage.git("init", "-q", "-b", "night")
    for sample in (stage.lab / ".git" / "hooks").glob("*"):
        sample.unlink()
    stage.git("add", ".")
    stage.git("commit", "-qm", "baseline")


def _log(stage: Stage, name: str, status: str, value: float | None, *more: str) -> None:
    words = ["log", "--description", name, "--status", status, *more]
    if value is not None:
        (stage.lab / "s.json").write_text(json.dumps({"val_bpb": value, "total_seconds": 310.0}))
        words += ["--summary", "s.json"]
    _ok(stage, *words)


def night(stage: Stage) -> None:
    """A memory of three runs, and a fourth that waits to be logged."""
    stage.saved("night", _night)


def _night(stage: Stage) -> None:
    repository(stage)
    _ok(stage, "init")
    _log(stage, "baseline", "keep", 1.0)
    _log(stage, "raise MATRIX_LR from 0.04 to 0.05", "discard", 1.02)
    _log(stage, "DEPTH 8 to 9", "crash", None, "--error", "CUDA out of memory")
    (stage.lab / "s.json").write_text(json.dumps({"val_bpb": 0.97, "total_seconds": 300.0}))
    (stage.lab / "train.log").write_text("step 1 (50%) | loss: 2.5\n---\nval_bpb: 0.970000\n")
    (stage.lab / "theirs.tsv").write_text(TABLE)
    (stage.lab / "out.tsv").write_text(OLD)


def _torn(stage: Stage) -> None:
    night(stage)
    with stage.ledger.open("ab") as file:
        file.write(b'{"schema": 1, "run_id": "torn", "metr')


def _damaged(stage: Stage) -> None:
    night(stage)
    first, _, rest = stage.ledger.read_bytes().partition(b"\n")
    stage.ledger.write_bytes(first + b"\n" + BROKEN + b"\n" + rest)
    next(stage.memory.glob("runs/*/decision_packet.json")).unlink()
    (stage.memory / "champion_challenger.json").write_text("{")
    left = stage.memory / "runs" / "20250101T000000Z-abcdef0"
    left.mkdir()
    (left / "run.log").write_text("step 1\n")
    for path in (left / "run.log", left):
        os.utime(path, (1_735_689_600, 1_735_689_600))


def _without_index(stage: Stage) -> None:
    night(stage)
    for path in stage.memory.glob("index.sqlite*"):
        path.unlink()


def _claimed(stage: Stage) -> None:
    night(stage)
    day = ("--lease", "86400")  # a sweep beside other work goes on for longer than two budgets
    _ok(stage, "check", "--claim", "--as", "me", *day, "--description", "halve DEPTH")


def _keyed(stage: Stage) -> int:
    """Whole rows under the key, each with its packet and what it says is in its archive."""
    found = [row for row in rows(stage) if row.get("key") == "k1"]
    for row in found:
        assert row["decision_packet"] and row["novelty_guard"] and row["metrics"]["val_bpb"], "the row isn't whole"
        directory = stage.lab / row["artifacts"]["directory"]
        for name in ("log", "summary"):
            assert (directory / row["artifacts"][name]).stat().st_size, f"{name} of an appended row isn't archived"
    return len(found)


def _imported(stage: Stage) -> int:
    """How often the whole table is there. Rows are written at once: only a write cut short leaves a part."""
    texts = [row.get("description") for row in rows(stage)]
    counts = {texts.count(f"imported {n}") for n in range(3)}
    torn = not stage.ledger.read_bytes().endswith(b"\n")
    assert len(counts) == 1 or (torn and counts == {0, 1}), f"a part of the table was imported: {counts}"
    return min(counts)


def _count(**fields: object) -> Callable[[Stage], int]:
    return lambda stage: sum(all(row.get(k) == v for k, v in fields.items()) for row in rows(stage))


def _claims(stage: Stage) -> int:
    """A claim that is made again by its owner is renewed: another row of the same id."""
    return len({row.get("claim_id") for row in rows(stage) if row.get("description") == "halve DEPTH"})


def _whole_file(name: str, end: str) -> Callable[[Stage], int]:
    """Whether the file holds a whole document; an old one is none, a part of one is a fault."""

    def done(stage: Stage) -> int:
        path = stage.lab / name
        text = path.read_text() if path.exists() else OLD
        assert text == OLD or re.search(end, text), f"{name} is a part of a document"
        return int(text != OLD)

    return done


def _mended(stage: Stage) -> int:
    inside = BROKEN in stage.ledger.read_bytes()
    aside = any(BROKEN in path.read_bytes() for path in stage.memory.glob("quarantine/*.txt"))
    assert inside or aside, "a broken line was lost"
    return int(not inside)


def _listed(stage: Stage) -> int:
    return 1  # the index is derived: what counts is that the next command answers


def _initialised(stage: Stage) -> int:
    return int((stage.lab / "memorylab.toml").exists() and stage.ledger.exists())


_LOG: tuple[str, ...] = ("log", "--description", "lower MATRIX_LR to 0.03", "--status", "auto", "--summary", "s.json")
_LOG += ("--log", "train.log", "--key", "k1")
_RUN = ("run", "--description", "lower MATRIX_LR to 0.03", "--key", "k1", "--", *TRAINING)
SCENARIOS = {
    s.name: s
    for s in (
        Scenario("init", ("init",), repository, _initialised),
        Scenario("log", _LOG, night, _keyed),
        Scenario("log over a torn line", _LOG, _torn, _keyed, sound=False),
        Scenario("log --report", (*_LOG, "--report"), night, _keyed),
        Scenario("import", ("import", "theirs.tsv"), night, _imported),
        Scenario(
            "check --claim",
            ("check", "--claim", "--as", "me", "--description", "halve DEPTH"),
            night,
            _claims,
        ),
        Scenario(
            "claims --release",
            ("claims", "--as", "me", "--release", "{claim}"),
            _claimed,
            _count(kind="release"),
            again=1,
        ),
        Scenario("run", _RUN, night, _keyed),
        Scenario("run --claim", (*_RUN[:-4], "--claim", "--as", "me", *_RUN[-4:]), night, _keyed),
        Scenario(
            "report", ("report",), night, _whole_file("results/memorylab/reports/latest.md", "CUDA out of memory")
        ),
        Scenario(
            "export --output",
            ("export", "--format", "tsv", "--output", "out.tsv"),
            night,
            _whole_file("out.tsv", r"DEPTH 8 to 9.*\n\Z"),
        ),
        Scenario("verify --repair", ("verify", "--repair"), _damaged, _mended, sound=False),
        Scenario("rebuild of the index", ("history",), _without_index, _listed),
    )
}


def words_of(stage: Stage, scenario: Scenario) -> tuple[str, ...]:
    """The command as it is typed in this workspace."""
    claim = next((str(row["claim_id"]) for row in rows(stage) if row.get("kind") == "claim"), "")
    return tuple(word.replace("{claim}", claim) for word in scenario.words)
