from __future__ import annotations

import json
from pathlib import Path

import pytest

from memorylab.adapters import archive

TOKEN = "hf_" + "a1B2" * 10


def test_a_log_is_archived_byte_for_byte_without_its_secrets(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_bytes(b"step 1\r\x00\xff binary\n" + f"token {TOKEN}\n".encode() + b"last")
    target = tmp_path / "archive"
    target.mkdir()
    assert archive.store_log(target, log) == log.stat().st_size
    assert (target / "run.log").read_bytes() == b"step 1\r\x00\xff binary\ntoken [redacted]\nlast"


def test_a_huge_log_keeps_its_beginning_and_its_end(tmp_path: Path) -> None:
    log, target = tmp_path / "run.log", tmp_path / "archive"
    target.mkdir()
    with log.open("wb") as file:
        file.write(b"first line\n")
        file.truncate(200 << 20)
        file.seek(0, 2)
        file.write(b"\n---\nval_bpb: 0.9\n")
    archive.store_log(target, log)
    kept = (target / "run.log").read_bytes()
    assert len(kept) < 10 << 20
    assert kept.startswith(b"first line\n")
    assert kept.endswith(b"\n---\nval_bpb: 0.9\n")
    assert b"bytes left out" in kept


def test_a_secret_across_two_blocks_is_found(tmp_path: Path) -> None:
    log, target = tmp_path / "run.log", tmp_path / "archive"
    target.mkdir()
    line = b"x" * 99 + b"\n"
    before = line * ((1 << 20) // 100)
    log.write_bytes(before + f"token {TOKEN}\n".encode() + line)
    archive.store_log(target, log)
    assert TOKEN.encode() not in (target / "run.log").read_bytes()


def test_a_fingerprint_follows_the_content_and_names_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    one, each = archive.fingerprint(tmp_path, ("a", "missing"))
    (tmp_path / "b").write_text("1")
    assert set(each) == {"a"}
    assert one != archive.fingerprint(tmp_path, ("b",))[0]
    (tmp_path / "a").write_text("2")
    assert one != archive.fingerprint(tmp_path, ("a",))[0]
    assert archive.fingerprint(tmp_path, ("missing",)) == (None, {})


SLACK = "xoxb-" + "731905" * 2 + "-" + "Qz7" * 8
PEM = "\n".join(["-----BEGIN RSA PRIVATE " + "KEY-----", *["Mz9x" * 16] * 900, "-----END RSA PRIVATE " + "KEY-----"])
HEAD, TAIL, BLOCK = archive.LOG_HEAD, archive.LOG_TAIL, 1 << 20


def _archived(tmp_path: Path, data: bytes) -> bytes:
    log, target = tmp_path / "run.log", tmp_path / "archive"
    target.mkdir(exist_ok=True)
    log.write_bytes(data)
    archive.store_log(target, log)
    return (target / "run.log").read_bytes()


def _with(secret: str, place: int, size: int, filler: bytes) -> bytes:
    """A log of so many bytes in which the secret begins at a place."""
    body = (filler * (size // len(filler) + 1))[:size]
    text = f" {secret} ".encode()
    return body[: place - 1] + text + body[place - 1 + len(text) :]


@pytest.mark.parametrize(
    "filler", [b"step 1 | loss: 2.5\n", b"no newline in here, ", b"x" * 50], ids=["lines", "one line", "one word"]
)
@pytest.mark.parametrize("before", [1, 9, 20, 35])
@pytest.mark.parametrize("seam", ["block", "end of head", "start of tail", "second block of tail"])
def test_a_token_across_a_seam_is_taken_out(tmp_path: Path, seam: str, before: int, filler: bytes) -> None:
    size = HEAD + TAIL + (5 << 20) + 7
    tail = (size - TAIL) & ~1
    place = {"block": BLOCK, "end of head": HEAD, "start of tail": tail, "second block of tail": tail + BLOCK}[seam]
    kept = _archived(tmp_path, _with(SLACK, place - before, size, filler))
    assert SLACK[:before].encode() not in kept or before < 6
    assert SLACK[before:].encode() not in kept
    assert SLACK[-12:].encode() not in kept
    assert b"[redacted]" in kept


@pytest.mark.parametrize("before", [10, 40, 5000, len(PEM) - 30])
@pytest.mark.parametrize("seam", ["block", "end of head", "start of tail"])
def test_a_private_key_across_a_seam_is_taken_out(tmp_path: Path, seam: str, before: int) -> None:
    size = HEAD + TAIL + (3 << 20)
    place = {"block": BLOCK, "end of head": HEAD, "start of tail": size - TAIL}[seam]
    kept = _archived(tmp_path, _with(PEM, place - before, size, b"step 1 | loss: 2.5\n"))
    assert b"Mz9x" not in kept


def test_a_key_longer_than_what_is_read_ahead_is_taken_out(tmp_path: Path) -> None:
    huge = "hf_" + "Qz7" * 200_000
    kept = _archived(tmp_path, _with(huge, BLOCK - 100, 3 << 20, b"step 1 | loss: 2.5\n"))
    assert b"Qz7" not in kept
    assert kept.endswith(b"loss: 2.5\n"[-5:]) or b"loss: 2.5" in kept[-100:]


def test_a_log_of_wide_characters_keeps_its_text_and_loses_its_secrets(tmp_path: Path) -> None:
    text = "\ufeff" + "step 1 \U0001f600 loß\r\n" * 90_000 + f"HF_TOKEN={TOKEN}\r\nend"
    kept = _archived(tmp_path, text.encode("utf-16-le")).decode("utf-16-le")
    assert TOKEN not in kept
    assert kept == text.replace(TOKEN, "[redacted]")


def test_what_is_json_in_the_archive_stays_json_without_what_its_names_tell(tmp_path: Path) -> None:
    data = {"val_bpb": 0.91, "config": {"db_password": 'a"b c', "pad_token": "<pad>"}, "note": f"x {TOKEN}"}
    archive.store_text(tmp_path, "summary.json", json.dumps(data).encode())
    kept = json.loads((tmp_path / "summary.json").read_bytes())
    assert kept == {
        "val_bpb": 0.91,
        "config": {"db_password": "[redacted]", "pad_token": "<pad>"},
        "note": "x [redacted]",
    }
