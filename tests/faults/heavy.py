"""Inputs that cost: of a megabyte, each built to make one loop work; and files that have no end or aren't files."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults import oracle
from tests.faults.inputs import GOOD
from tests.faults.scenarios import night
from tests.faults.stage import Stage

MB = 1_000_000
_READ: tuple[tuple[str, ...], ...] = (
    ("history",),
    ("check", "--description", "raise MATRIX_LR from 0.04 to 0.05"),
    ("verify",),
    ("report",),
)
_READ += (("show", "heavy"), ("knobs",), ("best",), ("search", "matrix lr"), ("export", "--format", "csv"))
_READ += (("replay", "results/memorylab/experiments.jsonl"),)
_LOG = ("log", "--description", "x", "--status", "auto", "--log", "input")
_CRASH = ("log", "--description", "x", "--status", "crash")
_DIFF = (("check", "--diff", "input"),)
_TABLE = (("replay", "input"), ("import", "input"))
Build = Callable[[Stage], bytes | None]


def _row(**fields: Any) -> Build:
    def build(stage: Stage) -> None:
        row = GOOD | {"run_id": "heavy"} | fields
        stage.ledger.write_bytes(json.dumps(row).encode()[: 2 * MB] + b"\n" + json.dumps(GOOD).encode() + b"\n")

    return build


def _lines(line: bytes, name: str = "results/memorylab/experiments.jsonl") -> Build:
    def build(stage: Stage) -> None:
        path = stage.lab / name
        path.write_bytes((line + b"\n") * (MB // (len(line) + 1)))

    return build


def _file(data: bytes | str, name: str = "input") -> Build:
    def build(stage: Stage) -> None:
        (stage.lab / name).write_bytes((data.encode() if isinstance(data, str) else data)[:MB])

    return build


def _ideas(**fields: Any) -> Build:
    return lambda stage: json.dumps({"description": "DEPTH 8 to 9", **fields}, ensure_ascii=False).encode()


def _patch(*added: str, removed: tuple[str, ...] = ()) -> str:
    lines = [*(f"-{line}" for line in removed), *(f"+{line}" for line in added)]
    head = f"--- a/train.py\n+++ b/train.py\n@@ -1,{max(1, len(removed))} +1,{len(added)} @@\n"
    return head + "\n".join(lines) + "\n"


_EDIT = {"target": "MATRIX_LR", "op": "set", "from": 0.04, "to": 0.05, "direction": "up", "scope": None}
_LONG = "raise MATRIX_LR by 0.01 and lower DEPTH to 8 "
_NEST = "[" * 90_000 + "]" * 90_000
_MANY = tuple(f"KNOB_{n} = {n}" for n in range(40_000))
INPUTS: dict[str, tuple[Build, tuple[tuple[str, ...], ...]]] = {
    # rows
    "row with 8,000 edits": (_row(edits=[_EDIT] * 8_000), _READ),
    "row with 8,000 other edits": (_row(edits=[_EDIT | {"target": f"K_{n}"} for n in range(8_000)]), _READ),
    "row with 90,000 tags": (_row(tags=[f"t{n}" for n in range(90_000)]), _READ),
    "row with 10 tags of 90 kB": (_row(tags=["lr " * 30_000] * 10), _READ),
    "row with a description of 1 MB": (_row(description=_LONG * 20_000), _READ),
    "row with a description without spaces": (_row(description="x" * 900_000), _READ),
    "row with a family of 1 MB": (_row(family="fam" * 300_000), _READ),
    "row with 50,000 metrics": (_row(metrics={f"m{n}": n for n in range(50_000)} | {"val_bpb": 1.0}), _READ),
    "row with a tail of 1 MB": (_row(status="crash", error={"summary": "x", "tail": "at x\n" * 180_000, "kind": "x"}), _READ),
    "row of nested lists": (_row(their=json.loads("[" * 900 + "]" * 900), notes="y" * 900_000), _READ),
    "row with 50,000 matches": (_row(novelty_guard={"top_matches": [{"run_id": "x"}] * 50_000}), _READ),
    "row with a key of 1 MB": (_row(key="k" * 900_000), _READ),
    "lines of rubbish": (_lines(b"{"), _READ[:4]),
    "lines of lists": (_lines(b"[]"), _READ[:4]),
    "lines of empty rows": (_lines(b"{}"), _READ[:4]),
    "blank lines": (_lines(b""), _READ[:4]),
    "rows of one id": (_lines(b'{"run_id":"a","status":"keep","metrics":{"val_bpb":1}}'), _READ[:4]),
    "a line of 1 MB of brackets": (_file(_NEST, "results/memorylab/experiments.jsonl"), _READ[:4]),
    "a line without an end": (_file("x" * MB, "results/memorylab/experiments.jsonl"), _READ[:4]),
    # tables
    "table of one line": (_file("commit\tval_bpb\tstatus\tdescription\n" + "x" * MB), _TABLE),
    "table of tabs": (_file("commit\tval_bpb\tstatus\tdescription\n" + "\t" * MB), _TABLE),
    "table with 200,000 columns": (_file("\t".join(f"c{n}" for n in range(200_000))), _TABLE),
    "table with a long description": (_file("commit\tval_bpb\tstatus\tdescription\nabc\t1.0\tkeep\t" + _LONG * 20_000), _TABLE),
    "table of open quotes": (_file("commit,val_bpb,status,description\n" + '"a,' * 300_000), _TABLE),
    "table of short rows": (_file("commit\tval_bpb\tstatus\tdescription\n" + "a\t1\tkeep\tlr\n" * 400), _TABLE[:1]),
    "table of empty lines": (_file("commit\tval_bpb\tstatus\tdescription\n" + "\n" * MB), _TABLE),
    "table of digits": (_file("commit\tval_bpb\tstatus\tdescription\na\t" + "9" * 900_000 + "\tkeep\tx\n"), _TABLE),
    # logs
    "log of passwords": (_file("password=" * 100_000), (_LOG,)),
    "log of one line": (_file("a" * MB), (_LOG,)),
    "log of digits": (_file("val_bpb: " + "1" * 900_000), (_LOG,)),
    "log of dots": (_file("loss: " + "." * 900_000), (_LOG,)),
    "log of carriage returns": (_file("step 1 loss 2.0\r" * 60_000), (_LOG,)),
    "log of results": (_file("---\nval_bpb: 1.0\n" * 55_000), (_LOG,)),
    "log of tracebacks": (_file('Traceback (most recent call last):\n  File "x", line 1\nE: x\n' * 15_000), (_LOG,)),
    "log of key headers": (_file("-----BEGIN PRIVATE KEY-----\n" * 35_000), (_LOG,)),
    "log of addresses": (_file("https://user:pass@" * 55_000), (_LOG,)),
    "log of base64": (_file("QUJD" * 250_000), (_LOG,)),
    "log of escapes": (_file("\x1b[31" * 200_000), (_LOG,)),
    "log of spaces": (_file("token" + " " * 900_000), (_LOG,)),
    # sidecars
    "sidecar of 1 MB": (_file(json.dumps({"val_bpb": 1.0, **{f"m{n}": n for n in range(60_000)}})), ((*_LOG[:5], "--summary", "input"),)),
    "sidecar of brackets": (_file(_NEST), ((*_LOG[:5], "--summary", "input"),)),
    "sidecar of digits": (_file('{"val_bpb": ' + "1" * 900_000 + "}"), ((*_LOG[:5], "--summary", "input"),)),
    # diffs
    "diff of constants": (_file(_patch(*_MANY)), _DIFF),
    "diff of changed constants": (_file(_patch(*_MANY[:20_000], removed=tuple(f"{m}1" for m in _MANY[:20_000]))), _DIFF),
    "diff of one line": (_file(_patch("X = '" + "a" * 900_000 + "'")), _DIFF),
    "diff of brackets": (_file(_patch("X = " + "(" * 400_000 + ")" * 400_000)), _DIFF),
    "diff of a long sum": (_file(_patch("X = " + "+".join(["1"] * 400_000))), _DIFF),
    "diff of minus signs": (_file(_patch("X = " + "-" * 900_000 + "1")), _DIFF),
    "diff of a list": (_file(_patch("X = [" + "1," * 400_000 + "]")), _DIFF),
    "diff of hunks": (_file("--- a/train.py\n+++ b/train.py\n" + "@@ -1 +1 @@\n-a\n+b\n" * 50_000), _DIFF),
    "diff of files": (_file("--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-A = 1\n+A = 2\n" * 15_000), _DIFF),
    "diff of functions": (_file(_patch(*(f"def f{n}(x): return x + {n}" for n in range(30_000)))), _DIFF),
    "diff of attributes": (_file(_patch("X = a" + ".b" * 400_000)), _DIFF),
    "diff of passwords": (_file(_patch("password=" * 100_000)), _DIFF),
    "diff of an open string": (_file(_patch("X = '''" + "a\n+" * 300_000)), _DIFF),
    # settings
    "toml of brackets": (_file("a = " + "[" * 400_000, "memorylab.toml"), _READ[:1]),
    "toml of tables": (_file("[a" + ".a" * 400_000 + "]\n", "memorylab.toml"), _READ[:1]),
    "toml of digits": (_file("time_budget_s = " + "9" * 900_000, "memorylab.toml"), _READ[:1]),
    "toml of knobs": (_file("[vocabulary]\n" + "".join(f'K_{n} = ["k {n}"]\n' for n in range(40_000)), "memorylab.toml"), _READ[:2]),
    "toml of one knob": (_file("[vocabulary]\nK = [" + '"a b c", ' * 90_000 + "]\n", "memorylab.toml"), _READ[:2]),
    "toml of files": (_file("mutable = [" + '"x.py", ' * 100_000 + "]\n", "memorylab.toml"), _READ[:2]),
    # ideas
    "idea with a long description": (_ideas(description=_LONG * 20_000), (("check", "--from", "-"),)),
    "idea of one word": (_ideas(description="x" * 900_000), (("check", "--from", "-"),)),
    "idea of numbers": (_ideas(description="0.1 to 0.2 " * 80_000), (("check", "--from", "-"),)),
    "idea of knobs": (_ideas(description="MATRIX_LR " * 90_000), (("check", "--from", "-"),)),
    "idea of passwords": (_ideas(description="password=" * 100_000), (("check", "--from", "-"),)),
    "idea with 10 tags of 90 kB": (_ideas(tags=["muon lr " * 11_000] * 10), (("check", "--from", "-"),)),
    "idea with 200,000 tags": (_ideas(tags=["t"] * 200_000), (("check", "--from", "-"),)),
    "idea of arrows": (_ideas(description="→" * 300_000), (("check", "--from", "-"),)),
    "idea of brackets": (_ideas(description="(" * 900_000), (("check", "--from", "-"),)),
    # code
    "code of constants": (_file("\n".join(_MANY), "train.py"), (*_READ[:2], ("check", "--diff", "worktree"), _CRASH)),
    "code of brackets": (_file("X = " + "(" * 900_000, "train.py"), (*_READ[:2], ("check", "--diff", "worktree"), _CRASH)),
    "code of one line": (_file("X = 1;" * 160_000, "train.py"), (*_READ[:2], ("check", "--diff", "worktree"), _CRASH)),
    "judge of brackets": (_file("X = " + "(" * 900_000, "prepare.py"), (*_READ[:2], _CRASH)),
}  # fmt: skip

# -- what has no end, or is no file


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _zero(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(8 << 30)


def _socket(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)  # the name of a socket has at most 108 bytes
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


ENDLESS: dict[str, Callable[[Path], None]] = {
    "a pipe": _fifo,
    "/dev/zero": _zero,
    "8 GiB of nothing": _sparse,
    "a directory": lambda path: path.mkdir(),
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a socket": _socket,
}
READERS: list[tuple[str, ...]] = [
    ("import", "{}"),
    ("replay", "{}"),
    ("check", "--from", "{}"),
    ("check", "--diff", "{}"),
    ("log", "--description", "x", "--status", "keep", "--log", "{}"),
    ("log", "--description", "x", "--status", "auto", "--summary", "{}"),
    ("priors", "load", "{}"),
    ("priors", "build", "{}"),
    ("history", "memorylab.toml"),
    ("check", "--description", "x", "train.py"),
    ("log", "--description", "x", "--status", "crash", "train.py"),
    ("log", "--description", "x", "--status", "crash", "prepare.py"),
    ("history", "results/memorylab/experiments.jsonl"),
    ("verify", "results/memorylab/experiments.jsonl"),
    ("history", "results/memorylab/index.sqlite"),
    ("log", "--description", "x", "--status", "crash", "results.tsv"),
    ("verify", "results/memorylab/champion_challenger.json"),
]
"""Commands with the file that they read: an argument, or where they find it by themselves (then the last word)."""
WRITERS: list[tuple[str, ...]] = [("export", "--format", "tsv", "--output", "{}"), ("report", "--output", "{}")]
PLACES: dict[str, Callable[[Path], None]] = {
    "a device": lambda path: os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3)),
    "a link to a file": lambda path: path.symlink_to("train.log"),
    "a link to nowhere": lambda path: path.symlink_to("made.tsv"),
    "a directory": lambda path: path.mkdir(),
    "a full device": lambda path: os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 7)),
}


def endless(stage: Stage, name: str, n: int, output: bool) -> list[str]:
    """Hand such a file in, or let a command write to it; nothing hangs, fills the memory, or replaces it."""
    night(stage)
    words = (WRITERS if output else READERS)[n]
    target = "strange" if "{}" in words else words[-1]
    path = stage.lab / target
    if path.exists():
        path.unlink()
    try:
        (PLACES if output else ENDLESS)[name](path)
    except PermissionError:
        return []  # only root makes devices
    words = tuple(word.replace("{}", target) for word in words) if "{}" in words else words[:-1]
    before = os.lstat(path)
    done = stage.call(*words, space=2 << 30)
    found = list(oracle.clear(words, done, 0, 1, 64))
    if done.cpu_s > 5 or done.peak_mb > 300:
        found.append(f"it took {done.cpu_s:.1f} s and {done.peak_mb:.0f} MB")
    if output and (not os.path.lexists(path) or stat.S_IFMT(os.lstat(path).st_mode) != stat.S_IFMT(before.st_mode)):
        found.append(f"{name} was replaced")
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
    return found
