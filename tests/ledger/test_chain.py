from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from memorylab.ledger import chain, gate
from memorylab.ledger.jsonl import JsonlLedger

ROWS = [{"run_id": f"r{n}", "description": f"idea {n}", "metrics": {"val_bpb": 1 - n / 100}} for n in range(5)]


def stored(path: Path) -> list[bytes]:
    JsonlLedger(path).append(ROWS)
    return path.read_bytes().splitlines(keepends=True)


def followed(lines: list[bytes]) -> chain.Chain:
    found = chain.Chain()
    for number, line in enumerate(lines, 1):
        found.add(number, gate.decode(line).row, line)
    return found


def test_a_healthy_ledger_is_unbroken(tmp_path: Path) -> None:
    found = followed(stored(tmp_path / "l.jsonl"))
    assert (found.broken, found.foreign) == ([], [])


@given(place=st.integers(0, 3))
@settings(max_examples=4)
def test_a_removed_line_is_named_by_the_one_behind_it(tmp_path_factory: object, place: int) -> None:
    path = tmp_path_factory.mktemp("gap") / "l.jsonl"  # type: ignore[attr-defined]
    lines = stored(path)
    del lines[place]
    (broken,) = followed(lines).broken
    assert (broken.line, broken.changed) == (place + 1, False)


def test_a_changed_line_is_named_once_and_by_itself(tmp_path: Path) -> None:
    lines = stored(tmp_path / "l.jsonl")
    lines[2] = lines[2].replace(b"0.98", b"0.10")
    assert [(one.line, one.changed) for one in followed(lines).broken] == [(3, True)]


def test_a_line_that_was_inserted_or_swapped_breaks_the_chain(tmp_path: Path) -> None:
    lines = stored(tmp_path / "l.jsonl")
    inserted = followed([*lines[:2], b'{"run_id": "planted"}\n', *lines[2:]])
    assert [one.line for one in inserted.broken] == [4]
    assert inserted.foreign == [(3, "planted")]
    assert [one.line for one in followed([lines[1], lines[0], *lines[2:]]).broken] == [1, 2, 3]


def test_garbage_and_blank_lines_are_no_links(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    ledger = JsonlLedger(path)
    ledger.append([ROWS[0]])
    with path.open("ab") as file:
        file.write(b"rubbish\n\n   \n\xff\n")
    ledger.append([ROWS[1]])
    ledger.repair()
    found = followed(path.read_bytes().splitlines(keepends=True))
    assert (found.broken, found.foreign) == ([], [])


def test_a_row_by_another_tool_is_a_link_but_has_no_place_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    ledger = JsonlLedger(path)
    path.write_bytes(b'{"run_id": "older"}\n')
    ledger.append([ROWS[0]])
    with path.open("ab") as file:
        file.write(b'{"run_id": "theirs", "chain": "of command"}\r\n')
    ledger.append([ROWS[1]])
    found = followed(path.read_bytes().splitlines(keepends=True))
    assert found.broken == []
    assert found.foreign == [(3, "theirs")]
    theirs = list(ledger.read())[2].row
    assert theirs is not None and theirs["chain"] == "of command"


def test_line_ends_of_another_system_break_nothing(tmp_path: Path) -> None:
    lines = [line.replace(b"\n", b"\r\n") for line in stored(tmp_path / "l.jsonl")]
    assert followed(lines).broken == []


def test_a_file_that_another_program_wrote_anew_counts_as_written_by_it(tmp_path: Path) -> None:
    lines = [json.dumps(json.loads(line)).encode() + b"\n" for line in stored(tmp_path / "l.jsonl")]
    found = followed(lines)
    assert (found.broken, found.foreign) == ([], [])  # it has no chain, so it reads as one that never had any
    assert all(chain.read(line) is None for line in lines)


def test_what_a_repair_took_note_of_is_known(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    lines = stored(path)
    path.write_bytes(b"".join([lines[0], *lines[2:]]))
    (broken,) = followed(path.read_bytes().splitlines(keepends=True)).broken
    JsonlLedger(path).append([{"kind": "repair", "gaps": [broken.own]}])
    found = followed(path.read_bytes().splitlines(keepends=True))
    assert [one.own for one in found.broken] == [broken.own]
    assert found.known == {broken.own}
