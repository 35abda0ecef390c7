from __future__ import annotations

import json
from pathlib import Path

import pytest

from memorylab.web.api import CALLS
from tests.web.site import Reader, night, row

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
    assert reader.ask("POST", "/api/check", content=b"x" * (6 << 20)).status_code == 400


def test_a_patch_is_never_the_name_of_a_file(place: Path, reader: Reader) -> None:
    body = {"description": "x", "patch": str(place / "memorylab.toml")}
    answer = reader.ask("POST", "/api/check", json=body)
    assert answer.status_code == 404 and "pins" not in answer.text
