"""What the dashboard costs at a size: first paint of its pages in a real browser, memory, and a burst beside writers.

    python benchmarks/dashboard.py                        100,000 runs
    python benchmarks/dashboard.py --size 1000

Needs the extras web and dev, and Chromium (or CHROMIUM=/path/to/it). The floor is the first paint of the help page,
which asks the memory for nothing, in the same browser; "new run" is the overview in the second in which a run was
logged, the worst moment to open it. The burst is a thousand requests, sixteen at a time, while four processes log:
every answer must be 200, and every row in it what the ledger says.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, sync_playwright
from scale import REPOSITORY, build, clock_log

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
PAGES = ("", "?hours=24", "?chart=all", "runs", "runs?sort=best", "runs?q=matrix+lr&sort=best", "lineage", "knobs",
         "failures", "noise", "check?description=raise+MATRIX_LR+to+0.05", "live")  # fmt: skip
API = ("api/overview", "api/runs?limit=500", "api/runs?sort=worst&limit=20", "api/lineage", "api/knobs", "api/noise")
REQUESTS, AT_ONCE, WRITERS = 1_000, 16, 4
WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from memorylab.lab import open_lab
from memorylab.lab.finding import Finding
lab, root = open_lab(sys.argv[2]), Path(sys.argv[2])
for n in range(12):
    summary = root / f"summary-{sys.argv[3]}.json"
    summary.write_text('{"val_bpb": 0.99%s%02d}' % (sys.argv[3], n))
    lab.log(Finding(lab.idea(f"raise MATRIX_LR to 0.{sys.argv[3]}{n}"), "auto", summary=summary, archive=False))
"""


def main() -> int:
    """Print a line a page, then what a burst met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=100_000, help="runs in the ledger")
    parser.add_argument("--rounds", type=int, default=5, help="visits a page")
    options = parser.parse_args()
    if CHROMIUM is None:
        raise SystemExit("error: no Chromium; hint: apt-get install chromium, or set CHROMIUM=/path/to/it")
    with tempfile.TemporaryDirectory(prefix="memorylab-dashboard-") as directory:
        root = Path(directory)
        build(root, options.size)
        with serving(root) as (address, pid):
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
                paint(browser, address, root, options.rounds)
                browser.close()
            problems = burst(root, address)
            print(f"memory of the server: {resident(pid):.0f} MB, at most {resident(pid, 'VmHWM'):.0f} MB")
    return 1 if problems else 0


def paint(browser: Browser, address: str, root: Path, rounds: int) -> None:
    """First paint of every page, the medians of visits in turn with the floor's."""
    first_paint(browser, address)  # the browser's own start
    print(f"{'page':<44} {'first paint ms':>14} {'worst':>7} {'x help page':>12}")
    for page in (*PAGES, "new run"):
        pairs = []
        for number in range(rounds):
            floor = first_paint(browser, address + "help")
            if page == "new run":
                clock_log(root, number)
            pairs.append((floor, first_paint(browser, address + ("" if page == "new run" else page))))
        floor, times = statistics.median(pair[0] for pair in pairs), [pair[1] for pair in pairs]
        median = statistics.median(times)
        print(f"{page or '(overview)':<44} {median:>14.0f} {max(times):>7.0f} {median / floor:>12.1f}", flush=True)


def first_paint(browser: Browser, address: str) -> float:
    """Milliseconds from the start of a navigation to the first paint, with an empty cache."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(address)
    found: float | None = None
    while found is None:  # wait_for_function is an eval, which the page's policy forbids
        page.wait_for_timeout(20)
        found = page.evaluate("performance.getEntriesByType('paint')[0]?.startTime ?? null")
    page.close()
    return found


def burst(root: Path, address: str) -> int:
    """Ask a thousand times while four processes log; returns how many answers were wrong."""
    words = [sys.executable, "-c", WRITER, str(REPOSITORY), str(root)]
    writers = [subprocess.Popen([*words, str(n)], cwd=root, stdout=subprocess.DEVNULL) for n in range(WRITERS)]
    began = time.perf_counter()
    answers = asyncio.run(ask(address))
    took = time.perf_counter() - began
    logged = sum(writer.wait(300) == 0 for writer in writers)
    wrong = sum(answer.status_code != 200 for _, answer, _ in answers) + WRITERS - logged
    ledger: dict[str, dict[str, Any]] = {}
    with (root / "results" / "memorylab" / "experiments.jsonl").open() as file:
        for line in file:
            row = json.loads(line)
            ledger[row["run_id"]] = row
    rows = 0
    for route, answer, _ in answers:
        for run in answer.json()["runs"] if route.startswith("api/runs") else ():
            row, rows = ledger.get(run["run_id"], {}), rows + 1
            told = (run["value"], run["status"], run["description"])
            wrong += told != (row.get("metrics", {}).get("val_bpb"), row.get("status"), row.get("description"))
    times = sorted(seconds for _, _, seconds in answers)
    print(
        f"burst: {len(answers):,} requests in {took:.1f} s beside {WRITERS} writers, {wrong} wrong, {rows:,} rows "
        f"compared; median {1000 * times[len(times) // 2]:.0f} ms, 95 % within {1000 * times[-len(times) // 20]:.0f} ms"
    )
    return wrong


async def ask(address: str) -> list[tuple[str, httpx.Response, float]]:
    """All the requests, a few at a time, with the seconds that each took."""
    gate = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(base_url=address, timeout=120) as client:

        async def asked(route: str) -> tuple[str, httpx.Response, float]:
            async with gate:
                began = time.perf_counter()
                return route, await client.get(route), time.perf_counter() - began

        return await asyncio.gather(*(asked(route) for route in islice(cycle((*PAGES, *API)), REQUESTS)))


@contextmanager
def serving(root: Path) -> Iterator[tuple[str, int]]:
    """`memorylab serve` on a free port: its address, once it answers, and its process."""
    words = [sys.executable, str(REPOSITORY / "memorylab.py"), "serve", "--port", "0", "--json", "--root", str(root)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["address"], process.pid
    finally:
        process.terminate()
        process.wait(30)


def resident(pid: int, what: str = "VmRSS") -> float:
    """Resident memory of a process in MB, now or at its highest; Linux tells."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith(what))


if __name__ == "__main__":
    raise SystemExit(main())
