"""A thousand requests over all routes while four processes log: no error, and no row that the ledger doesn't hold."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from itertools import cycle, islice
from typing import Any

import httpx

from tests.conftest import REPOSITORY, Shell
from tests.web.browser import serving
from tests.web.site import night, write

REQUESTS = 1_000
AT_ONCE = 16
ROUTES = (
    *("/", "/?hours=24", "/runs", "/runs?q=MATRIX_LR", "/runs?sort=best", "/runs?status=keep&limit=5", "/lineage"),
    *("/knobs", "/knobs?name=MATRIX_LR", "/failures", "/noise", "/check?description=MATRIX_LR+0.05", "/live", "/help"),
    *("/compare", "/api/overview", "/api/runs?limit=500", "/api/runs?sort=worst&limit=20", "/api/lineage", "/api/live"),
    *("/api/knobs", "/api/failures", "/api/noise", "/api/check?description=DEPTH+9", "/api/openapi.json"),
    *("/static/app.js", "/static/style.css", "RUN", "API_RUN", "COMPARE"),
)
WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from memorylab.lab import open_lab
from memorylab.lab.finding import Finding
lab = open_lab(sys.argv[2])
for n in range(int(sys.argv[4])):
    summary = Path(sys.argv[2]) / f"summary-{sys.argv[3]}.json"
    summary.write_text('{"val_bpb": 0.%d%03d}' % (int(sys.argv[3]) + 5, n))
    idea = lab.idea(f"raise MATRIX_LR to 0.{sys.argv[3]}{n}")
    lab.log(Finding(idea, "auto", summary=summary, archive=False))
"""


async def burst(address: str, known: list[str]) -> list[tuple[str, httpx.Response]]:
    """All the requests, a few at a time."""
    gate = asyncio.Semaphore(AT_ONCE)
    first, second = known[:2]
    special = {
        "RUN": f"/run?id={first}",
        "API_RUN": f"/api/run?id={second}",
        "COMPARE": f"/compare?a={first}&b={second}",
    }
    async with httpx.AsyncClient(base_url=address, timeout=60) as client:

        async def asked(route: str) -> tuple[str, httpx.Response]:
            async with gate:
                return route, await client.get(special.get(route, route))

        return await asyncio.gather(*(asked(route) for route in islice(cycle(ROUTES), REQUESTS)))


def test_a_thousand_requests_while_four_processes_log(lab: Shell) -> None:
    write(lab.root, night())
    known = [one["run_id"] for one in night()]
    with serving(lab.root) as address:
        words = [sys.executable, "-c", WRITER, str(REPOSITORY), str(lab.root)]
        writers = [subprocess.Popen([*words, str(n), "12"], cwd=lab.root, env=lab.environment) for n in range(4)]
        answers = asyncio.run(burst(address, known))
        assert [writer.wait(120) for writer in writers] == [0] * 4
        last = httpx.get(f"{address}api/runs?limit=500", timeout=60).json()
    assert [(route, answer.status_code) for route, answer in answers if answer.status_code != 200] == []
    ledger = {row["run_id"]: row for row in lab.ledger()}
    assert len(ledger) == 60 + 48 and {run["run_id"] for run in last["runs"]} == set(ledger)
    for route, answer in answers:
        if route.startswith("/api/runs"):
            check(json.loads(answer.text), ledger, ordered="sort" not in route)


def check(found: dict[str, Any], ledger: dict[str, dict[str, Any]], ordered: bool) -> None:
    """Every row is one of the ledger, and says what that says; none is told twice."""
    seqs = [run["seq"] for run in found["runs"]]
    assert len(seqs) == len(set(seqs)) and (not ordered or seqs == sorted(seqs, reverse=True))
    for run in found["runs"]:
        row = ledger[run["run_id"]]
        assert run["value"] == row["metrics"]["val_bpb"] and run["status"] == row["status"]
        assert run["description"] == row["description"]
