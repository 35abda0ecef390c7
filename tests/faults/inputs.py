"""Hostile files, made from a number: the same number gives the same input, so that any failure can be repeated."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

GOOD: dict[str, Any] = {
    "schema": 1,
    "run_id": "20260101T000000Z-abcdef0",
    "timestamp_utc": "2026-01-01T00:00:00Z",
    "branch": "main",
    "commit": "abcdef0" * 5 + "abcde",
    "parent_commit": None,
    "family": "optimizer",
    "status": "keep",
    "description": "raise MATRIX_LR from 0.04 to 0.05",
    "hypothesis": "faster",
    "tags": ["lr"],
    "notes": "",
    "metrics": {"val_bpb": 0.99, "total_seconds": 300.0, "peak_vram_mb": 4000.0},
    "error": None,
    "artifacts": {},
    "novelty_guard": {"classification": "novel", "policy": {"decision": "allow", "reason": "", "evidence": []}},
    "decision_packet": {"next_action": "promote", "comparison": {"delta_to_champion": -0.01}, "rationale": ["x"]},
    "edits": [{"target": "MATRIX_LR", "op": "set", "from": 0.04, "to": 0.05, "direction": "up", "scope": None}],
    "base": {"run_id": "x", "commit": None, "value": 1.0},
    "arena": {
        "metric": "val_bpb",
        "direction": "min",
        "budget_s": 300.0,
        "protected": "a",
        "data": None,
        "device": None,
    },
    "integrity": "ok",
    "integrity_reasons": [],
    "key": None,
    "promoted": True,
    "control": None,
}
NUMBERS: list[Any] = [
    0, -0.0, 1, -1, 1e9, 1e12, 1e300, 1e308, -1e308, 5e-324, 1e-9, 2**31, 2**63, -(2**63), 2**64, 10**40,
]  # fmt: skip
TEXTS = [
    "", " ", "\0", "\ud800", "\udfff\ud800", "\x1b[31mred\x1b[0m", "\u202eabc\u2066", "\u061c\u00ad\u180e\ufff9", "\U000e0041",
    "<script>alert(1)</script>", "=1+1", "@x|y", "'; drop table runs; --", "%s%n{0}{{7*7}}", "../../etc/passwd", "C:\\x",
    "a\tb\r\nc\u2028d\u0085e", "NaN", "1e999", "null", "-", "--", "漢字 → é 😀", "x" * 3000, "a " * 800, "\\" * 99, '"' * 50,
    "9" * 400, "0x1p-3", "1_000", "٣", "½", "2026-13-45T99:99:99Z", "9999-12-31T23:59:59Z", "-0001-01-01", "é" * 300,
]  # fmt: skip
WORDS = [
    "raise", "lower", "halve", "double", "set", "MATRIX_LR", "muon", "lr", "learning", "rate", "DEPTH", "depth",
    "from", "to", "0.04", "0.05", "8", "9", "warmup", "dropout", "add", "remove", "replace", "relu", "gelu", "with",
    "attention", "window", "by", "10%", "x2", "batch", "size", "seed", "revert", "and", "no", "weight", "decay",
    "1e-4", "→", "3e-4", "use", "bf16",
]  # fmt: skip


def odd(chance: random.Random, depth: int = 3) -> Any:
    """A value that nobody expects there."""
    match chance.randrange(9 if depth else 6):
        case 0:
            return chance.choice(NUMBERS)
        case 1 | 2:
            return chance.choice(TEXTS)
        case 3:
            return chance.choice([None, True, False])
        case 4:
            return chance.choice([[], {}, [[]], [None], {"": None}])
        case 5:
            return " ".join(chance.choices(WORDS, k=chance.randrange(1, 12)))
        case 6:
            return [odd(chance, depth - 1) for _ in range(chance.randrange(5))]
        case 7:
            return {chance.choice([*GOOD, *TEXTS[:12], "kind", "text"]): odd(chance, depth - 1) for _ in range(3)}
        case _:
            nested: Any = 1
            for _ in range(chance.choice([5, 60, 400])):
                nested = [nested] if chance.random() < 0.5 else {"a": nested}
            return nested


def changed(chance: random.Random, value: Any) -> Any:
    """A sound value with something odd at one place in it."""
    if isinstance(value, dict) and value and chance.random() < 0.85:
        name = chance.choice(list(value))
        found = dict(value)
        match chance.randrange(6):
            case 0:
                del found[name]
            case 1:
                found[chance.choice(TEXTS)] = found[name]
            case 2:
                found[name] = odd(chance)
            case _:
                found[name] = changed(chance, value[name])
        return found
    if isinstance(value, list) and value and chance.random() < 0.6:
        return [
            changed(chance, one) if chance.random() < 0.7 else odd(chance, 1)
            for one in value * chance.choice([1, 1, 3])
        ]
    return odd(chance)


def encoded(chance: random.Random, value: Any) -> bytes:
    """As JSON, sometimes with what JSON of other tools has: escapes or raw surrogates, NaN, numbers out of range."""
    raw = chance.random() < 0.3
    data = json.dumps(value, ensure_ascii=not raw).encode("utf-8", "surrogatepass" if raw else "strict")
    if chance.random() < 0.15:
        data = data.replace(
            b"0.99", chance.choice([b"NaN", b"-Infinity", b"1e999", b"1" + b"0" * 400, b"1e-999", b"-0"]), 1
        )
    return spoilt(chance, data) if chance.random() < 0.15 else data


def spoilt(chance: random.Random, data: bytes) -> bytes:
    """Some bytes of it lost, doubled or changed."""
    found = bytearray(data)
    for _ in range(chance.randrange(1, 5)):
        at = chance.randrange(len(found) + 1)
        match chance.randrange(5):
            case 0:
                del found[at : at + chance.randrange(1, 40)]
            case 1:
                found[at:at] = found[at : at + chance.randrange(1, 80)]
            case 2:
                found[at:at] = chance.choice(
                    [b"\xed\xa0\x80", b"\xff\xfe", b"\0", b"\r", b"\x1b[2J", b"{", b'"', b"\xc3", b"\n"]
                )
            case 3:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case _:
                del found[at:]
    return bytes(found)


OTHER_ROWS: list[dict[str, Any]] = [
    {"schema": 1, "kind": "claim", "claim_id": "20260101T000000Z-claim", "timestamp_utc": "2026-01-01T00:00:00Z",
     "expires_utc": "2099-01-01T00:00:00Z", "owner": "me", "named": True, "worktree": "h:/x", "branch": "b", "command": "check",
     "description": "halve DEPTH", "hypothesis": "", "tags": [], "family": "x", "edits": GOOD["edits"], "arena": GOOD["arena"]},
    {"schema": 1, "kind": "accept", "run_id": GOOD["run_id"], "timestamp_utc": "2026-01-01T00:00:00Z", "owner": "me", "note": ""},
    {"schema": 1, "kind": "check", "timestamp_utc": "2026-01-01T00:00:00Z", "owner": "me", "command": "run", "mode": "exploit",
     "description": "halve DEPTH", "hypothesis": "", "tags": [], "family": "x", "edits": GOOD["edits"], "decision": "block",
     "classification": "duplicate_run", "reason": "it is", "evidence": ["x"]},
    {"schema": 1, "kind": "release", "claim_id": "20260101T000000Z-claim", "timestamp_utc": "2026-01-01T00:00:00Z", "owner": "me"},
]  # fmt: skip


def ledger(chance: random.Random) -> bytes:
    """A few odd lines between two sound runs, `good 0` and `good 1`."""
    lines = []
    for n in range(chance.randrange(1, 6)):
        base = GOOD if chance.random() < 0.8 else chance.choice(OTHER_ROWS)
        row = changed(chance, base | ({"run_id": f"odd {n}"} if base is GOOD else {}))
        for _ in range(chance.choice([0, 0, 1, 3])):
            row = changed(chance, row)
        lines.append(encoded(chance, row).replace(b"\n", b" "))
    sound = [json.dumps(GOOD | {"run_id": f"good {n}"}).encode() for n in range(2)]
    return b"\n".join([sound[0], *lines, sound[1], b""])


def sidecar(chance: random.Random) -> bytes:
    """A training summary."""
    value = {
        "val_bpb": 0.99,
        "total_seconds": 300.0,
        "training_seconds": 290.0,
        "peak_vram_mb": 4000.0,
        "num_steps": 100,
    }
    for _ in range(chance.randrange(3)):
        value = changed(chance, value)
    return encoded(chance, value)


def log(chance: random.Random) -> bytes:
    """What a training prints."""
    lines = []
    for n in range(chance.randrange(1, 30)):
        value = chance.choice([*map(str, NUMBERS), "nan", "inf", "2.5", "-", "1,5", chance.choice(TEXTS)])
        lines.append(
            chance.choice(
                [
                    f"step {n} ({n}%) | loss: {value} | lrm: 1.00 | dt: 10ms | tok/sec: {value}",
                    f"\rstep {value}/{n} loss={value} epoch {value}",
                    f"val_bpb: {value}",
                    f"{chance.choice(['total_seconds', 'peak_vram_mb', 'num_steps', 'x y', ''])}:   {value}",
                    "---",
                    "Traceback (most recent call last):",
                    f'  File "train.py", line {value}, in <module>',
                    f"{chance.choice(['RuntimeError', 'AssertionError', 'torch.cuda.OutOfMemoryError'])}: {value}",
                    f"password={value} token: ghp_{'a' * 36}",
                    chance.choice(TEXTS),
                ]
            )
        )
    data = "\n".join(lines).encode("utf-8", "surrogatepass")
    return spoilt(chance, data) if chance.random() < 0.5 else data


COLUMNS = [
    "commit",
    "val_bpb",
    "memory_gb",
    "status",
    "description",
    "score",
    "acc (%)",
    "#",
    "",
    "time",
    "run",
    "notes",
]
CELLS = ["0.99", "1,5", "97 %", "n/a", "-", "1e9", "1e400", "nan", "0.000000", "1.2.3", "(2)"]


def table(chance: random.Random) -> bytes:
    """A results table, of whatever kind."""
    comma = chance.choice(["\t", ",", ";", "|", " | ", "  "])
    columns = chance.sample(COLUMNS, k=chance.randrange(1, 9))
    lines = [comma.join(columns)] if chance.random() < 0.8 else []
    for _ in range(chance.randrange(0, 12)):
        cells = []
        for column in columns:
            if chance.random() < 0.15:
                cells.append(str(odd(chance, 1)))
            elif column in ("val_bpb", "score", "acc (%)", "memory_gb"):
                cells.append(chance.choice(CELLS))
            elif column == "status":
                cells.append(chance.choice(["keep", "KEPT", "discard", "crash", "OOM", "✓", "baseline", "", "?"]))
            elif column == "description":
                cells.append(" ".join(chance.choices(WORDS, k=6)))
            else:
                cells.append(f"{chance.getrandbits(28):07x}")
        lines.append(comma.join(cells))
    data = chance.choice(["\n", "\r\n", "\r"]).join(lines).encode("utf-8", "replace")
    data = chance.choice([b"", b"", b"\xef\xbb\xbf", b"\xff\xfe"]) + data
    return spoilt(chance, data) if chance.random() < 0.4 else data


SOURCE = [
    "import torch", "MATRIX_LR = 0.04", "DEPTH = 8", "class MLP(nn.Module):", "    def forward(self, x):", "        return x",
    "BETAS = (0.9, 0.95)", "optimizer = Muon(lr=MATRIX_LR, momentum=0.95)", "for step in range(10):", "    loss = f(x)", "", "# x",
]  # fmt: skip


def diff(chance: random.Random) -> bytes:
    """A patch of train.py, more or less."""
    lines = ["diff --git a/train.py b/train.py", "index 1111111..2222222 100644", "--- a/train.py", "+++ b/train.py"]
    for _ in range(chance.randrange(1, 4)):
        a, b = (chance.choice([1, 3, 0, 10**9, -1, 10**30]) for _ in range(2))
        lines.append(chance.choice([f"@@ -{a},{b} +{b},{a} @@ def x", "@@ -1,3 +1,4 @@", "@@ bad @@", "@@ -1 +1 @@"]))
        for _ in range(chance.randrange(1, 10)):
            text = chance.choice(SOURCE)
            if chance.random() < 0.25:
                nested = chance.choice(
                    ["(" * 90 + ")" * 90, "-" * 300 + "1", "1+" * 500 + "1", "[" * 150, "x." * 300 + "x"]
                )
                text = f"MATRIX_LR = {chance.choice([nested, str(odd(chance, 1)), '1e999', '10**10**10', 'f(' * 80])}"
            lines.append(chance.choice([" ", "+", "-", "+", "-", "\\ No newline", ""]) + text)
    data = "\n".join(lines).encode("utf-8", "surrogatepass") + b"\n"
    return spoilt(chance, data) if chance.random() < 0.5 else data


SETTINGS: dict[str, list[str]] = {
    "": ['metric = "val_bpb"', 'direction = "min"', 'command = ["python", "train.py"]', "time_budget_s = 300",
         'mutable = ["train.py"]', 'protected = ["prepare.py"]', "false_wins = 0.1", "priors = true"],
    "guard": ["threshold = 0.62", 'mode = "exploit"', "block_below = 0.05"],
    "vocabulary": ['MY_KNOB = ["my knob"]', 'families = {MY_KNOB = "trading"}', 'interacts = {MY_KNOB = ["DEPTH"]}'],
    "pins": ['"prepare.py" = "abc"'],
}  # fmt: skip
TOML_VALUES = [
    "1", "-1", "0", "1e400", "nan", "-inf", "true", '""', "[]", "{}", "[[1]]", "[1, 2]", "1979-05-27T07:32:00Z", "07:32:00",
    "9" * 5000, "[" * 90 + "]" * 90, "{a=" * 90 + "1" + "}" * 90, '"\\u0000"', '"../x"', '"*"', '"**/*"', '["a\\u0000b"]', '"' + "x" * 5000 + '"',
    '["' + "y" * 300 + '"]', "0x7fffffffffffffffffff", '"\\ud800"', "1_000", "'''", '"(" ', '["prepare.py", "/nowhere", "."]', '"é"',
]  # fmt: skip


def toml(chance: random.Random) -> bytes:
    """A memorylab.toml."""
    lines = []
    for section, settings in SETTINGS.items():
        if section and chance.random() < 0.5:
            lines.append(
                chance.choice(
                    [f"[{section}]"] * 8 + [f"[[{section}]]", f"[{section}", f'["{section}\\u0000"]', "[a.b.c]"]
                )
            )
        for line in chance.sample(settings, k=chance.randrange(len(settings) + 1)):
            name = line.partition(" = ")[0]
            name = name if chance.random() < 0.95 else chance.choice(['"\\u0000"', "a.b", '"é"', "x", '""', "store2"])
            lines.append(f"{name} = {chance.choice(TOML_VALUES)}" if chance.random() < 0.3 else line)
    data = "\n".join(lines).encode("utf-8", "replace") + b"\n"
    return spoilt(chance, data) if chance.random() < 0.4 else data


FILES: dict[str, Callable[[random.Random], bytes]] = {
    "ledger": ledger,
    "table": table,
    "log": log,
    "sidecar": sidecar,
    "diff": diff,
    "toml": toml,
}
