from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from memorylab.web.api import CALLS
from tests.conftest import Shell
from tests.web.schema import problems
from tests.web.site import HOSTILE, Reader, night, row, write

EXAMPLES = {
    "/api/run": {"id": night()[3]["run_id"]},
    "/api/compare": {"a": night()[0]["run_id"], "b": night()[5]["run_id"]},
    "/api/check": {"description": "raise MATRIX_LR to 0.05"},
}


def test_the_document_describes_every_call_and_each_answers(reader: Reader) -> None:
    document = reader.json("/api/openapi.json")
    assert document["openapi"].startswith("3.1") and set(document["paths"]) == {call.path for call in CALLS} | {
        "/api/events"
    }
    names = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(names) == len(set(names))
    for call in CALLS:
        operation = document["paths"][call.path]["get"]
        assert operation["summary"] and {p["name"] for p in operation["parameters"]} == {p.name for p in call.takes}
        assert isinstance(reader.json(call.path, params=EXAMPLES.get(call.path, {})), dict)
        for parameter in call.takes:
            if parameter.required:
                lacking = {k: v for k, v in EXAMPLES[call.path].items() if k != parameter.name}
                answer = reader.get(call.path, params=lacking)
                assert answer.status_code == 400 and parameter.name in answer.json()["error"]
            for value in parameter.known:
                given = EXAMPLES.get(call.path, {}) | {parameter.name: value}
                assert reader.get(call.path, params=given).status_code == 200, (call.path, given)


def described(reader: Reader, path: str, params: dict[str, str]) -> list[str]:
    """What an answer has that the document doesn't allow, or doesn't tell."""
    document = reader.json("/api/openapi.json")
    schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return list(problems(reader.json(path, params=params), schema, document["components"]["schemas"]))


def test_every_answer_is_as_the_document_describes_it(place: Path, reader: Reader) -> None:
    write(place, [row(200 + n, "discard", 0.9, description=HOSTILE, family=f"a\tb{n}", edits=[]) for n in range(3)])
    for call in CALLS:
        assert described(reader, call.path, EXAMPLES.get(call.path, {})) == [], call.path
    assert described(reader, "/api/knobs", {"name": "MATRIX_LR"}) == []
    assert described(reader, "/api/overview", {"hours": "1"}) == []


def test_so_is_what_is_told_of_runs_that_were_logged_here(lab: Shell) -> None:
    lab.ok("log", "--description", "baseline", "--status", "keep", "--summary", lab.summary(val_bpb=1.0))
    lab.commit("MATRIX_LR = 0.05\n")
    lab.ok("log", "--description", "MATRIX_LR from 0.04 to 0.05", "--status", "auto", "--summary",
           lab.summary(val_bpb=0.99))  # fmt: skip
    lab.ok("log", "--description", "double DEPTH", "--status", "crash", "--error", "out of memory")
    lab.run("check", "--description", "DEPTH 12", "--claim", "--as", "somebody else")
    reader = Reader(lab.root)
    try:
        runs = [run["run_id"] for run in reader.json("/api/runs")["runs"]]
        asked = [(call.path, EXAMPLES.get(call.path, {})) for call in CALLS if call.path not in EXAMPLES]
        asked += [("/api/run", {"id": run_id}) for run_id in runs]
        asked += [("/api/compare", {"a": runs[-1], "b": runs[-2]}), ("/api/check", {"description": "DEPTH 12"})]
        for path, params in asked:
            assert described(reader, path, params) == [], path
    finally:
        reader.close()


def test_a_wrong_document_would_be_noticed() -> None:
    schema = {"type": "object", "properties": {"x": {"type": ["number", "null"]}}, "required": ["x"]}
    assert list(problems({"x": None}, schema, {})) == []
    wrongs: list[Any] = [{}, {"x": "1"}, {"x": True}, {"x": 1, "y": 2}, []]
    for wrong in wrongs:
        assert list(problems(wrong, schema, {})), wrong


@pytest.mark.parametrize("date", ["2026-13-45", "2026-02-30", "2026-13", "0000", "2026-01-01T25", "2026-01-01T10:61"])
def test_a_date_that_the_calendar_does_not_have_is_told(reader: Reader, date: str) -> None:
    for name in ("since", "until"):
        answer = reader.get("/api/runs", params={name: date})
        assert answer.status_code == 400 and date in answer.json()["error"]
        assert reader.get("/runs", params={name: date}).status_code == 400


@pytest.mark.parametrize("date", ["2026", "2026-02", "2024-02-29", "2026-01-05 10", "2026-01-05T10:30:00Z", ""])
def test_a_date_may_be_given_in_part(reader: Reader, date: str) -> None:
    assert reader.get("/api/runs", params={"since": date, "until": date}).status_code == 200


@pytest.mark.parametrize("given", [{"limit": "0"}, {"limit": "501"}, {"limit": "-1"}, {"arena": "0"}, {"arena": "x"}])
def test_a_number_out_of_its_range_is_told(reader: Reader, given: dict[str, str]) -> None:
    answer = reader.get("/api/runs", params=given)
    assert answer.status_code == 400 and "it is a number from" in answer.json()["hint"]


def test_a_list_says_of_each_run_what_the_ledger_does(reader: Reader) -> None:
    found = reader.json("/api/runs?limit=60")
    assert found["total"] == 60 and found["exact"] and found["after"] is None
    for told, written in zip(found["runs"], reversed(night()), strict=True):
        assert told["run_id"] == written["run_id"] and told["value"] == written["metrics"]["val_bpb"]
        assert told["status"] == written["status"] and told["tags"] == written["tags"]


def test_a_number_that_is_none_and_half_a_character_are_json(place: Path, reader: Reader) -> None:
    with (place / "results" / "memorylab" / "experiments.jsonl").open("a") as file:
        odd = row(500, "keep", 0.5, description="half a \ud83d face")
        odd["metrics"] |= {"mfu_percent": float("nan"), "x": float("-inf")}
        file.write(json.dumps(odd) + "\n")
    answer = reader.get(f"/api/run?id={odd['run_id']}")
    found = json.loads(answer.content, parse_constant=lambda name: pytest.fail(name))
    assert found["metrics"]["mfu_percent"] is None and found["metrics"]["x"] is None
    assert "half a ? face" in reader.text(f"/run?id={odd['run_id']}")


def test_an_idea_may_come_with_its_patch(place: Path, reader: Reader) -> None:
    (place / "train.py").write_text("MATRIX_LR = 0.04\n")
    patch = "--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-MATRIX_LR = 0.04\n+MATRIX_LR = 0.5\n"
    answer = reader.ask("POST", "/api/check", json={"description": "a bold step", "patch": patch, "tags": ["x"]})
    assert answer.status_code == 200, answer.text
    edits = answer.json()["edits"]
    assert [(edit["target"], edit["to"]) for edit in edits] == [("MATRIX_LR", 0.5)]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'"x"', b"[" * 100_000, b'{"description": 3}', b'{"description": "x", "patch": 3}',
             b'{"description": "x", "patch": "no patch"}', b'{"description": "x", "mode": "bold"}', b"\xff\xfe"],
)  # fmt: skip
def test_a_bad_request_is_refused_with_a_reason(reader: Reader, body: bytes) -> None:
    answer = reader.ask("POST", "/api/check", content=body)
    assert answer.status_code in (400, 404) and answer.json()["error"]


def test_a_request_without_end_is_refused(reader: Reader) -> None:
    assert reader.ask("POST", "/api/check", content=b"x" * (6 << 20)).status_code == 413


def test_a_patch_is_never_the_name_of_a_file(place: Path, reader: Reader) -> None:
    body = {"description": "x", "patch": str(place / "memorylab.toml")}
    answer = reader.ask("POST", "/api/check", json=body)
    assert answer.status_code == 404 and "pins" not in answer.text
