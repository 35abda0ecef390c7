from __future__ import annotations

from pathlib import Path

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
