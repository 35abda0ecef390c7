"""Whatever is asked, and whatever rows the ledger holds: an answer without a fault, soon, in bounded memory."""

from __future__ import annotations

import http.client
import json
import random
import sys
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote_from_bytes, urlencode

import pytest

from tests.web.site import HOSTILE, Reader, archive, night, row, workspace, write
from tests.web.wire import Served, served

REQUESTS = 600
PAGES = ("/", "/runs", "/run", "/lineage", "/knobs", "/failures", "/noise", "/check", "/live", "/help", "/compare",
         "/archive", "/static/app.js", "/nowhere", "/%ed%a0%80%00", "//", "/static/..%2fapp.py")  # fmt: skip
TEXTS = (
    "", "x", "0", "-1", "1e308", "nan", "9" * 400, "\x00", "\x1b[31m", "\u202e", "\ud800", "é" * 60, " ", "%", "*", '"',
    "a" * 499, "a" * 501, "a" * 7000, "a b " * 120, "LR", "raise MATRIX_LR to 0.05", "keep", "best", "2026-01-05",
    "best_" + "9" * 50, "nan_1", "inf_7", "1_-1", "12", "(" * 300, "' OR 1=1 --", "NEAR(a b)", '"a" OR b*', HOSTILE,
    "raise \ud83d_LR from 1e999 to -1e999", "LR=" + "1" * 300, "\U0010ffff", "../../etc/passwd", "run.log",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**70,
    1e308,
    float("nan"),
    [],
    {},
    [[]],
    [None],
    {"a": {"b": []}},
    *TEXTS,
)
EXPECTED = {200, 303, 304, 400, 401, 403, 404, 405, 408, 413, 414, 421, 422}


class Asked(NamedTuple):
    """A request."""

    method: str
    target: str
    body: bytes | None
    headers: dict[str, str]


def requests(document: dict[str, Any], ids: list[str], rng: random.Random) -> Asked:
    """A request that the document describes, more or less, or one for a page."""
    operations = [(path, method, told) for path, item in document["paths"].items() for method, told in item.items()]
    if rng.random() < 0.3:
        names = ["id", "a", "b", "q", "file", "name", "limit", "sort", "after", "description", "tags", "hours", "chart"]
        path, method, parameters = rng.choice(PAGES), "get", names
    else:
        path, method, told = rng.choice(operations)
        parameters = [parameter["name"] for parameter in told["parameters"]] if "parameters" in told else []
    values = [*TEXTS, *ids]
    given = [(name, rng.choice(values)) for name in parameters if rng.random() < 0.4]
    given += [(rng.choice(values), rng.choice(values)) for _ in range(rng.choice((0, 0, 0, 1, 60)))]
    query = urlencode(given, errors="surrogatepass")
    if rng.random() < 0.1:
        query += "&" + quote_from_bytes(rng.randbytes(20), safe="%&=;+")
    body = None
    headers = {"accept-encoding": rng.choice(("", "gzip", "br;q=\xff")), "range": "bytes=0-1,1-2,2-3"}
    if method == "post":
        body = _body(rng)
        headers |= {"content-type": "application/json", "content-encoding": rng.choice(("identity", "gzip"))}
    method = rng.choice(("HEAD", "OPTIONS", "PUT", "TRACE", "GET")) if rng.random() < 0.1 else method.upper()
    return Asked("HEAD" if path == "/api/events" else method, f"{path}?{query}"[:16_000], body, headers)


def _body(rng: random.Random) -> bytes:
    kind = rng.random()
    if kind < 0.15:
        return rng.randbytes(rng.choice((0, 3, 3000)))
    if kind < 0.25:
        return rng.choice((b"[" * 90_000, b'{"a":' * 9_000, b'"\\ud800"', b"9" * 90_000, b"x" * (1 << 20) + b"x"))
    signs = "ab ()[]{}:,.=+-*'\"#\\1\n\t"
    lines = ("".join(rng.choices(signs, k=rng.randrange(60))) for _ in range(rng.randrange(200)))
    patch = "--- a/train.py\n+++ b/train.py\n@@ -1,90 +1,90 @@\n" + "\n".join(
        rng.choice("+- ") + line for line in lines
    )
    found = {"description": rng.choice((*VALUES, "raise MATRIX_LR to 0.05")), "patch": rng.choice((patch, *VALUES)),
             "tags": rng.choice((list(VALUES), ["x" * 99] * 50, "a,b", *VALUES)), "mode": rng.choice(VALUES),
             "family": rng.choice(VALUES), "hypothesis": rng.choice(VALUES)}  # fmt: skip
    return json.dumps({name: value for name, value in found.items() if rng.random() < 0.8}).encode()


def barrage(server: Served, ids: list[str], count: int, seed: int) -> tuple[list[object], float]:
    """What went wrong, and the longest that an answer took."""
    rng, longest = random.Random(seed), 0.0
    wrong: list[object] = []
    document = json.loads(_answer(server, Asked("GET", "/api/openapi.json", None, {}))[1])
    for _ in range(count):
        asked = requests(document, ids, rng)
        began = time.monotonic()
        try:
            answer, _ = _answer(server, asked)
        except (OSError, http.client.HTTPException) as error:
            wrong.append((asked, repr(error)))
            continue
        longest = max(longest, time.monotonic() - began)
        if answer.status not in EXPECTED or "default-src 'none'" not in (
            answer.headers["content-security-policy"] or ""
        ):
            wrong.append((asked, answer.status, dict(answer.headers)))
    return wrong, longest


def _answer(server: Served, asked: Asked) -> tuple[http.client.HTTPResponse, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request(asked.method, asked.target, asked.body, asked.headers)
        answer = connection.getresponse()
        return answer, answer.read()


def test_no_request_is_a_fault_or_takes_long(place: Path) -> None:
    (place / "train.py").write_text("MATRIX_LR = 0.04\n")
    with served(place) as server:
        before = None
        ids = [one["run_id"] for one in night()[:4]]
        wrong, longest = barrage(server, ids, 50, 1)
        before = server.memory_mb()
        more, slower = barrage(server, ids, REQUESTS, 2)
        grown = server.memory_mb() - before
    assert wrong + more == []
    assert max(longest, slower) < 4, "two seconds on a machine with nothing else to do"
    assert sys.platform != "linux" or grown < 80


def odd_rows(rng: random.Random, count: int) -> list[dict[str, Any]]:
    """Rows in which fields hold what no tool would write there."""
    rows = []
    for number in range(count):
        one = row(300 + number, rng.choice(("keep", "discard", "crash")), 0.9)
        whole: dict[str, Any] = one | {
            "edits": [{"target": "MATRIX_LR", "op": "set", "from": 0.04, "to": 0.05, "direction": "up", "scope": None}],
            "novelty_guard": {"classification": "novel", "policy": {"decision": "allow"}, "top_matches": [{}]},
            "decision_packet": {"summary": "s", "next_action": "promote", "comparison": {"value": 1.0, "base": {}}},
            "error": {"summary": "s", "kind": "oom", "tail": "t"}, "integrity_reasons": [{"text": "t"}],
            "artifacts": archive_of(one), "accepted": {"owner": "o"}, "dirty": False, "notes": "n",
        }  # fmt: skip
        for _ in range(rng.randrange(1, 4)):
            at: Any = whole
            path = [name for name in whole if name not in ("run_id", "schema_version")]
            name: Any = rng.choice(path)
            while isinstance(at[name], dict | list) and at[name] and rng.random() < 0.6:
                at = at[name]
                name = rng.choice(list(at)) if isinstance(at, dict) else rng.randrange(len(at))
            at[name] = rng.choice((*VALUES, ["x" * 500] * 3000, "y" * 300_000, {str(n): n for n in range(3000)}))
        rows.append(whole)
    return rows


def archive_of(one: dict[str, Any]) -> dict[str, Any]:
    """What a row says of an archive that isn't there."""
    return {"directory": f"runs/{one['run_id']}"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_row_is_a_fault_on_any_page(tmp_path: Path, seed: int) -> None:
    rows = odd_rows(random.Random(seed), 60)
    place = workspace(tmp_path / "research", night(20))
    write(place, rows)
    reader = Reader(place)
    try:
        known = [run["run_id"] for run in reader.json("/api/runs?limit=500")["runs"]]
        assert len(known) > 20
        paths = ["/compare", "/", "/runs?limit=500", "/runs?sort=best", "/lineage", "/knobs", "/failures", "/noise",
                 "/live",
                 "/check?description=raise+MATRIX_LR+to+0.05", "/api/overview", "/api/lineage", "/api/knobs",
                 "/api/failures", "/api/noise", "/api/live", "/api/runs?sort=worst"]  # fmt: skip
        for path in paths:
            assert reader.get(path).status_code == 200, path
        for run_id in known:
            for path in ("/run", "/api/run"):
                answer = reader.get(path, params={"id": run_id})
                assert answer.status_code == 200, (path, run_id, answer.text[:300])
                assert path != "/run" or len(answer.content) < 2 << 20
        for first, second in pairwise(known):
            for path in ("/compare", "/api/compare"):
                assert reader.get(path, params={"a": first, "b": second}).status_code == 200, (path, first, second)
    finally:
        reader.close()


def test_a_long_list_in_a_row_does_not_make_a_long_page(place: Path, reader: Reader) -> None:
    edit = {"target": "MATRIX_LR", "op": "set", "from": 1, "to": 2, "direction": "up", "scope": None}
    lists = {"edits": [edit] * 8_000, "tags": [f"t{n}" for n in range(8_000)], "artifacts": archive(place, "many")}
    write(place, [row(400, "keep", 0.9, run_id="many", integrity_reasons=[{"text": "odd"}] * 8_000, **lists)])
    reader.get("/run?id=many")
    began = time.monotonic()
    page = reader.text("/run?id=many")
    assert len(page) < 200_000 and time.monotonic() - began < 2
