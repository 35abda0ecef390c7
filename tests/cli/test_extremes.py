"""Holds that every option of every command, and every file that is handed in, ends in an answer or one clear line.

In this process, since thousands of calls are made; what is generated is the same each time.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from memorylab.cli import COMMANDS, build_parser, main
from tests.conftest import Shell

SECONDS = 5.0
"""Two on a quiet machine."""
VALUES = ("0", "-1", "nan", "1" + "0" * 30, "9" * 5000, "", "--", "a" * 300, "\udcff", "no/x/y")
NEEDED = {
    "check": ["--description", "x"],
    "log": ["--description", "x", "--status", "crash", "--skip-archive"],
    "watch": ["--once"],
    "priors build": ["results.tsv", "--output", "pack.json"],
    "replay": ["results.tsv"],
    "import": ["results.tsv"],
    **{name: ["x"] for name in ("show", "search", "accept", "priors show")},
    "priors load": ["pack.json"],
}
ELSEWHERE = {"run": "executes its arguments", "serve": "serves until it is ended"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace with one run, in which the commands run; `--root` can't lead further up than its repository."""
    root = tmp_path_factory.mktemp("extremes") / "research"
    root.mkdir()
    shell = Shell(root)
    (root / "train.py").write_text("MATRIX_LR = 0.04\nDEPTH = 8\n\n\ndef loss(x):\n    return x * 2\n")
    (root / "prepare.py").write_text("# the judge\n")
    for words in (("init", "-q", "-b", "night"), ("add", "."), ("commit", "-qm", "baseline")):
        shell.git(*words)
    shell.ok("init")
    shell.ok("log", "--description", "baseline", "--status", "keep", "--summary", shell.summary())
    before = Path.cwd()
    os.chdir(root)
    yield root
    os.chdir(before)


class Caller:
    """Calls of the command line, each held to the promise."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def call(self, *words: str) -> int:
        """The exit code of one command; it must have come in time and, for a refusal, with one line that says why."""
        began = time.monotonic()
        code = main(words)
        taken = time.monotonic() - began
        told = self._capsys.readouterr().err
        about = f"{[word[:60] for word in words]}: {told[-400:]}"
        assert "unexpected " not in told, about
        assert "Traceback" not in told, about
        assert taken < SECONDS, f"{taken:.1f} s for {about}"
        if code in (1, 64) and words[0] != "verify":
            errors = [line for line in told.splitlines() if line.startswith("error: ")]
            assert len(errors) == 1, about
            assert "; hint: " in errors[0], about
        return code


@pytest.fixture
def caller(place: Path, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(capsys)


def options() -> Iterator[tuple[str, argparse.Action]]:
    """Every argument that takes a value, by the command that it belongs to; found, so that none is forgotten."""

    def walk(parser: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, argparse.Action]]:
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for child, below in action.choices.items():
                    yield from walk(below, f"{name} {child}".strip())
            elif name and action.nargs != 0 and name not in ELSEWHERE:
                yield name, action

    yield from walk(build_parser(list(COMMANDS)), "")


def test_every_option_at_its_extremes_is_answered(caller: Caller) -> None:
    called = 0
    for name, action in options():
        for value in VALUES:
            if (action.dest == "root" and (name != "check" or not value)) or (name, action.dest) == (
                "noise",
                "calibrate",
            ):
                continue
            needed = NEEDED.get(name, [])
            if action.option_strings:
                words = [*name.split(), *needed, f"{action.option_strings[-1]}={value}"]
            else:
                words = [*name.split(), *(needed[1:] if needed and needed[0][:1] != "-" else needed), "--", value]
            caller.call(*words)
            called += 1
    assert called > 500
    assert caller.call("campaign", "use", "default") == 0  # `init --campaign` has begun others


@pytest.mark.parametrize("count", ["0", "-1", "9" * 30, "9" * 5000, "nan", "1.5"])
def test_a_number_of_calibration_runs_that_nobody_makes_is_refused(caller: Caller, count: str) -> None:
    assert caller.call("noise", f"--calibrate={count}", "--", "false") == 64


# -- settings


KEYS = (
    *("metric", "direction", "command", "time_budget_s", "mutable", "protected", "store", "false_wins", "priors"),
    *("guard", "guard.threshold", "guard.mode", "vocabulary", "vocabulary.MY_KNOB", "vocabulary.families", "pins", "x"),
)
SETTINGS = (
    *("1", "-1", "nan", "-inf", "1e308", "9" * 5000, "0x" + "f" * 5000, '""', '"x"', '"\\u0000"', '"../x"', '"/"'),
    *('"file:"', '"a\\tb"', '"\\u001b[31m"', "[]", "[1]", '["/dev/zero"]', '["\\u0000"]', '["."]', "{a={b=1}}", "true"),
    *("1979-05-27", "[" * 200 + "]" * 200, "[" * 50_000, '"' + "a" * 300 + '"', '"' + "a/" * 3000 + '"', '["a", "b"]'),
)
WHOLE: dict[str, bytes] = {
    "with a byte order mark": b"\xef\xbb\xbfmetric = 'val_bpb'\n",
    "with the line ends of Windows": b"metric = 'val_bpb'\r\npriors = true\r\n",
    "with the line ends of an old Mac": b"metric = 'val_bpb'\rpriors = true\r",
    "with a NUL": b"metric = 'val_bpb'\0\n",
    "in UTF-16": "metric = 'x'".encode("utf-16"),
    "not UTF-8": b"metric = '\xff'\n",
    "with half a character": b"metric = '\xed\xa0\x80'\n",
    "that says a thing twice": b"metric = 'a'\nmetric = 'b'\n",
    "of 2 MiB": b"#" * (2 << 20),
    "nested 20,000 deep": b"pins" + b".a" * 20_000 + b" = 1\n",
    "with a table 20,000 deep": b"[a" + b".a" * 20_000 + b"]\n",
    "with lists 100,000 deep": b"pins = " + b"[" * 100_000,
    "of a megabyte of blank lines": b"\n" * 1_000_000,
}


@pytest.fixture
def settings(place: Path) -> Iterator[Path]:
    path = place / "memorylab.toml"
    good = path.read_bytes()
    yield path
    path.unlink()
    path.write_bytes(good)


def test_whatever_memorylab_toml_says_is_answered(caller: Caller, settings: Path) -> None:
    chance = random.Random(11)
    good = settings.read_bytes()
    for number in range(600):
        if number % 4:
            lines = [f"{chance.choice(KEYS)} = {chance.choice(SETTINGS)}" for _ in range(chance.choice((1, 1, 2)))]
            settings.write_text("\n".join(lines))
        else:
            data = bytearray(good)
            for _ in range(chance.randint(1, 5)):
                at = chance.randrange(len(data))
                data[at : at + chance.choice((0, 1, 3))] = chance.choice((b'"', b"[", b"=", b"\n", b"\xff", b"{", b"."))
            settings.write_bytes(bytes(data))
        caller.call("check", "--description", "raise MATRIX_LR to 0.05")


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_a_memorylab_toml(caller: Caller, settings: Path, data: bytes) -> None:
    settings.write_bytes(data)
    usable = (
        data in (WHOLE["with a byte order mark"], WHOLE["of a megabyte of blank lines"]) or b"priors = true" in data
    )
    assert caller.call("check", "--description", "x") == (0 if usable else 1)


@pytest.mark.parametrize("what", ["pipe", "directory", "device", "link to nothing", "loop"])
def test_settings_that_are_no_file_are_told_of_and_not_passed_over(caller: Caller, settings: Path, what: str) -> None:
    settings.unlink()
    targets = {"device": "/dev/zero", "link to nothing": "gone.toml", "loop": settings.name}
    if what == "pipe":
        os.mkfifo(settings)
    elif what == "directory":
        settings.mkdir()
    else:
        settings.symlink_to(targets[what])
    assert caller.call("check", "--description", "x") == 1
    if what == "directory":
        settings.rmdir()
        settings.touch()


# -- files that are handed in

TABLE = b"commit\tval_bpb\tmemory_gb\tstatus\tdescription\n" + b"".join(
    b"%07x\t0.9%d\t44.0\t%s\traise KNOB_%d to 0.%d\n" % (n * 9973, n, (b"keep", b"crash")[n % 2], n % 5, n)
    for n in range(12)
)
IDEAS = b"".join(b'{"description": "raise LR to 0.%d", "tags": ["a", "b"], "family": "x"}\n' % n for n in range(5))
DIFF = b"--- a/train.py\n+++ b/train.py\n@@ -1,2 +1,2 @@\n-MATRIX_LR = 0.04\n+MATRIX_LR = 0.05\n DEPTH = 8\n"
SIDECAR = b'{"val_bpb": 0.99, "device": "cpu", "nested": {"a": [1]}}'
HANDED_IN: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "table": (TABLE, ("import", "given.tsv")),
    "replayed": (TABLE, ("replay", "given.tsv")),
    "ideas": (IDEAS, ("check", "--from", "given.tsv")),
    "patch": (DIFF, ("check", "--diff", "given.tsv")),
    "sidecar": (SIDECAR, ("log", "--description", "q", "--status", "auto", "--skip-archive", "--summary", "given.tsv")),
    "counts": (b'{"format": "memorylab-priors", "version": 1}', ("priors", "load", "given.tsv")),
}
NOISE = (
    b"\n",
    b"\t",
    b",",
    b'"',
    b"\0",
    b"\xed\xa0\x80",
    b"\r",
    b"1e999",
    b"9" * 5000,
    b"[[[",
    b"\\ud800",
    b"@@",
    b"(" * 99,
)


@pytest.mark.parametrize("name", HANDED_IN)
def test_a_file_with_any_damage_is_answered(caller: Caller, place: Path, name: str) -> None:
    good, words = HANDED_IN[name]
    chance = random.Random(name)
    for _ in range(120):
        data = bytearray(good)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data))
            end = at + chance.choice((0, 0, 1, 30))
            data[at:end] = chance.choice(NOISE) if chance.random() < 0.6 else bytes([chance.randrange(256)])
        (place / "given.tsv").write_bytes(bytes(data))
        caller.call(*words)


@pytest.mark.parametrize("name", HANDED_IN)
def test_a_file_that_goes_on_and_on_is_answered(caller: Caller, place: Path, name: str) -> None:
    endless = (
        b"\0" * 900_000,
        b"\r" * 300_000,
        b"|a" * 300_000,
        b"x" * 900_000,
        b"[" * 100_000,
        b"--- a/train.py\n" * 9000,
    )
    for data in endless:
        (place / "given.tsv").write_bytes(data)
        caller.call(*HANDED_IN[name][1])


@pytest.mark.parametrize("name", HANDED_IN)
def test_what_is_no_file_is_refused_at_once(caller: Caller, place: Path, name: str) -> None:
    words = HANDED_IN[name][1]
    (place / "given.tsv").unlink(missing_ok=True)
    os.mkfifo(place / "given.tsv")
    assert caller.call(*words) == 1
    (place / "given.tsv").unlink()
    for target in ("/dev/zero", "/dev/random", "given.tsv", "/proc/kcore"):
        (place / "given.tsv").symlink_to(target)
        assert caller.call(*words) == 1
        (place / "given.tsv").unlink()
    with (place / "given.tsv").open("wb") as file:
        file.truncate(100 << 30)
    assert caller.call(*words) == 1
    (place / "given.tsv").unlink()


def test_a_stream_of_ideas_that_never_ends_ends(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    from memorylab.cli import asking

    monkeypatch.setattr(asking, "_MOST_IDEAS", 20)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"description": "x"}\n' * 1000)))
    assert caller.call("check", "--from", "-") == 1
    for words in (("check", "--from", "-"), ("check", "--diff", "-")):
        with Path("/dev/zero").open("rb") as zero:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(zero))
            assert caller.call(*words) == 1
    monkeypatch.setattr(sys, "stdin", None)
    assert caller.call("check", "--diff", "-") == 1


def test_a_log_with_a_hole_of_100_gb_is_read_at_its_ends(lab: Shell) -> None:
    with (lab.root / "run.log").open("wb") as file:
        file.write(b"---\nval_bpb: 0.875000\n")
        file.truncate(100 << 30)
    began = time.monotonic()
    done = lab.run("log", "--description", "x", "--status", "keep", "--log", "run.log", "--skip-archive", "--json")
    assert time.monotonic() - began < 2 * SECONDS
    assert json.loads(done.stdout)["metrics"]["val_bpb"] == 0.875
    assert "only its first 16 and last 256 MiB were read" in done.stderr


# -- where a command runs


def test_a_directory_that_is_gone_a_long_root_and_closed_streams_are_named(lab: Shell) -> None:
    program = f"{sys.executable} {Path(__file__).parents[2] / 'memorylab.py'}"
    for words, code in (
        (f"mkdir gone; cd gone; rmdir ../gone; {program} check --description x", 1),
        (f"{program} --root {'x' * 300} check --description x", 1),
        (f"COLUMNS={'9' * 30} {program} best", 0),
        (f"HOME= {program} export --output '~nobody-here/x.tsv'", 1),
        (f"{program} check --from - <&-", 1),
        (f"{program} check --description x >&-", 1),  # an answer that nobody got is none
        (f"{program} history <&- >&- 2>&-", 1),
    ):
        done = subprocess.run(
            ["bash", "-c", words], cwd=lab.root, env=lab.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, (words, done.stderr)
        assert "unexpected " not in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stderr.count("\n") <= 1
    lab.ok("verify")


def test_output_never_replaces_the_memory(lab: Shell) -> None:
    ledger = lab.root / "results" / "memorylab" / "experiments.jsonl"
    lab.ok("log", "--description", "x", "--status", "crash")
    before = ledger.read_bytes()
    (lab.root / "alias.tsv").symlink_to(ledger)
    (lab.root / "twin.tsv").hardlink_to(ledger)
    for place in (
        str(ledger),
        "results.tsv",
        "memorylab.toml",
        "alias.tsv",
        "twin.tsv",
        "results/memorylab/index.sqlite",
    ):
        assert "belongs to the memory" in lab.refused("export", "--output", place, code=64)
    assert "belongs to the memory" in lab.refused("report", "--output", "alias.tsv", code=64)
    assert ledger.read_bytes() == before
    lab.ok("export", "--output", "results/memorylab/reports/all.tsv")


@pytest.mark.parametrize("name", ["train.py", "prepare.py", "results.tsv"])
def test_a_pipe_in_the_repository_holds_nothing_up(lab: Shell, name: str) -> None:
    (lab.root / name).unlink(missing_ok=True)
    os.mkfifo(lab.root / name)
    began = time.monotonic()
    lab.ok("check", "--description", "raise MATRIX_LR to 0.05")
    lab.ok("log", "--description", "x", "--status", "crash")
    lab.run("verify")
    assert time.monotonic() - began < 4 * SECONDS
    assert len(lab.ledger()) == 1
