from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memorylab.errors import LedgerError
from memorylab.ledger import chain, gate, shapes

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.text(st.characters(), max_size=6)
    | st.sampled_from(["min", "max", "keep", "\0", "0.25", "1e400"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    "schema",
    "run_id",
    "timestamp_utc",
    "branch",
    "commit",
    "parent_commit",
    "family",
    "status",
    "description",
    "hypothesis",
    "tags",
    "notes",
    "metrics",
    "error",
    "artifacts",
    "novelty_guard",
    "decision_packet",
    "edits",
    "base",
    "arena",
    "key",
    "dirty",
    "integrity",
    "code",
    "candidate",
    "integrity_reasons",
    "change",
    "claim",
    "promoted",
    "demoted",
    "control",
    "source",
    "kind",
    "claim_id",
    "expires_utc",
    "named",
    "owner",
    "evidence",
    "decision",
    "chain",
)


TEXTS = {
    "run": ("run_id", "status", "description", "commit", "integrity", "timestamp_utc", "key", "family"),
    "claim": ("claim_id", "expires_utc", "owner", "description", "timestamp_utc"),
    "release": ("claim_id", "owner", "timestamp_utc"),
    "accept": ("run_id", "owner", "timestamp_utc"),
    "check": ("owner", "description", "decision", "timestamp_utc"),
    "repair": ("owner", "timestamp_utc"),
    "amend": ("run_id", "status", "note", "owner", "timestamp_utc"),
    "retract": ("run_id", "note", "owner", "timestamp_utc"),
}


def decoded(line: bytes) -> dict[str, Any]:
    row = gate.decode(line).row
    assert row is not None
    return row


@given(st.sampled_from([None, *shapes.KINDS, "poem"]), st.dictionaries(st.sampled_from(FIELDS), JUNK, max_size=6))
@settings(max_examples=300)
def test_whatever_a_line_says_its_row_has_the_shape_that_readers_expect(kind: str | None, row: dict[str, Any]) -> None:
    line = json.dumps(row | ({"kind": kind} if kind else {})).encode()
    found = gate.decode(line)
    if found.row is None:
        assert found.problem
        return
    assert gate.encode(found.row)  # finite, storable, not too deep
    if found.row.get("kind", "run") in shapes.KINDS:
        expect_sound(found.row)
    if not found.row.keys() - {"chain"}:  # of it nothing is left, and nothing is stored of nothing
        return
    again = gate.decode(gate.encode(found.row))
    assert again.row == {name: value for name, value in found.row.items() if name != "chain"}
    assert again.dropped == ()


def expect_sound(row: dict[str, Any]) -> None:
    for name in TEXTS[row.get("kind", "run")]:
        assert isinstance(row.get(name, ""), str | None)
    for name in ("metrics", "error", "artifacts", "novelty_guard", "decision_packet", "base", "control", "source"):
        if row.get("kind", "run") == "run":
            assert isinstance(row.get(name) or {}, dict)
    if row.get("kind", "run") in ("run", "claim"):
        arena = row.get("arena")
        assert arena is None or (arena["metric"] and arena["direction"] in ("min", "max"))
        assert all(isinstance(edit["target"], str) for edit in row.get("edits") or ())
        assert all(isinstance(tag, str) for tag in row.get("tags") or ())


@pytest.mark.parametrize(
    ("line", "field", "value", "told"),
    [
        (b'{"description": "caf\xe9 lr 0.1"}', "description", "caf\ufffd lr 0.1", "bytes that are no text"),
        (b'{"branch": "night\xed\xa0\x80"}', "branch", "night\ufffd\ufffd\ufffd", "bytes that are no text"),
        (b'{"branch": "\\ud83d alone"}', "branch", "? alone", "characters that can't be stored"),
        (b'{"commit": "ab\\u0000c"}', "commit", "ab\ufffdc", "characters that can't be stored"),
        (b'{"theirs": [NaN, 1]}', "theirs", [None, 1], "NaN, which is no measurement"),
        (b'{"metrics": {"loss": 1e999}}', "metrics", {"loss": None}, "beyond 1.8e308"),
        (b'{"seed": ' + b"7" * 5000 + b"}", "seed", None, "a number of 5,000 digits"),
        (b'{"code": "a", "code": "b"}', "code", "b", "equal keys"),
        (b'{"arena": {"metric": "fid"}}', "arena", None, "arena (an object)"),
        (b'{"arena": {"metric": "fid", "direction": "down"}}', "arena", None, "arena (an object)"),
        (b'{"dirty": "yes"}', "dirty", None, "dirty (text)"),
        (b'{"base": {"run_id": 7, "value": "0.5"}}', "base", {"value": 0.5}, "base.run_id (a number)"),
        (b'{"edits": [{"target": "A"}, 3, {"op": "set"}]}', "edits", [{"target": "A"}], "2 of 3 edits"),
        (b'{"metrics": {"depth": 1' + b"0" * 30 + b"}}", "metrics", {"depth": 1e30}, ""),
        (b'{"tags": "lr, muon"}', "tags", ["lr", "muon"], ""),
        (b'{"huge_id": 340282366920938463463374607431768211455}', "huge_id", 2**128 - 1, ""),
        (b'\xef\xbb\xbf{"key": "bom"}', "key", "bom", ""),
        (b'{"kind": null, "key": "k"}', "key", "k", ""),
    ],
)
def test_a_field_that_is_of_no_use_is_missing_and_said(line: bytes, field: str, value: Any, told: str) -> None:
    found = gate.decode(line)
    assert found.row is not None
    assert found.row.get(field) == value
    assert told in " ".join(found.dropped)
    assert bool(told) == bool(found.dropped)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b"{}", "an empty row"),
        (b"[" * 200_000, "not a JSON object"),
        (b'{"kind": 5}', "its kind is no text"),
        (b'{"kind": "claim", "claim_id": "c"}', "without a readable expires_utc"),
        (b'{"kind": "release", "claim_id": [1]}', "without a readable claim_id"),
        (b'{"kind": "accept"}', "without a readable run_id"),
        (b'{"pad": "' + b"x" * gate.MAX_LINE + b'"}', "longer than 2 MiB"),
    ],
)
def test_a_line_of_which_nothing_can_be_used_is_set_aside_with_a_reason(line: bytes, told: str) -> None:
    found = gate.decode(line)
    assert found.row is None
    assert told in found.problem


@pytest.mark.parametrize("opened", ['{"a":', "["])
def test_what_is_nested_too_deep_is_dropped_and_the_rest_of_the_row_stays(opened: str) -> None:
    closed = {"[": "]", '{"a":': "}"}[opened]
    for depth, kept in ((gate.MAX_DEPTH - 8, True), (gate.MAX_DEPTH + 8, False), (600, False)):
        deep = opened * depth + "1" + closed * depth
        row = decoded(b'{"run_id": "r", "theirs": %s, "notes": "a [bracket} in a text ]]]"}' % deep.encode())
        assert ("theirs" in row) == kept
        assert (row["run_id"], row["notes"]) == ("r", "a [bracket} in a text ]]]")


def test_long_lists_are_cut_and_that_is_said() -> None:
    row = {"edits": [{"target": f"K{n}"} for n in range(5000)], "tags": ["t"] * 300, "metrics": {}}
    row["integrity_reasons"] = [{"kind": "k", "text": "t"}] * 1000
    row["metrics"] = {f"m{n}": n for n in range(9000)}
    found = gate.decode(json.dumps(row).encode())
    assert found.row is not None
    assert [len(found.row[name]) for name in row] == [shapes.MOST, shapes.MOST, shapes.MOST_NAMES, shapes.MOST]
    assert "edits beyond the first 256 of 5,000" in found.dropped


def test_unknown_fields_and_rows_of_unknown_kinds_come_through_as_they_are() -> None:
    row = {"kind": "weather", "run_id": 5, "theirs": {"deep": [1, None, {"x": -0.5}]}, "edits": "none"}
    assert decoded(json.dumps(row).encode()) == row


@pytest.mark.parametrize("value", [1e308, -1e308, 5e-324, 1.7976931348623157e308, 2**63, -(2**63) - 1])
def test_a_finite_measurement_of_any_size_survives(value: float) -> None:
    row = decoded(json.dumps({"metrics": {"val_bpb": value}}).encode())
    assert float(row["metrics"]["val_bpb"]) == float(value)
    assert math.isfinite(row["metrics"]["val_bpb"])


def test_a_row_that_is_too_long_to_be_read_again_is_not_written() -> None:
    with pytest.raises(LedgerError, match="can't be read again; hint: shorten"):
        gate.encode({"notes": "n" * gate.MAX_LINE})


def test_only_a_seal_that_fits_spares_a_row_the_redactor() -> None:
    token = "ghp_" + "a1B2" * 9
    mine = chain.seal(gate.encode({"run_id": "r1", "notes": f"use {token}"}), "0" * 12)
    assert token.encode() not in mine
    assert gate.decode(mine).row == json.loads(mine)
    for line in (
        json.dumps({"run_id": "r1", "notes": f"use {token}"}).encode(),
        mine.replace(b"[redacted]", token.encode()),
    ):
        decoded = gate.decode(line).row
        assert decoded is not None
        assert decoded["notes"] == "use [redacted]"
