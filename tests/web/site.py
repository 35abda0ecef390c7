"""A night to look at, and a reader who asks the application without a port or a browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar, cast

import httpx
from starlette.applications import Starlette

from memorylab.lab import open_lab
from memorylab.lab.context import Context
from memorylab.lab.window import Window
from memorylab.web.app import application
from memorylab.web.security import Access

T = TypeVar("T")
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>\x1b[31m\u202ejavascript:alert(3)</textarea>{{7*7}}'
STRANGE = ("..", "../../etc/passwd", "a/b?c=d&e#f", "<b>bold</b>", "é \u202e x", "%2e%2e%2f", "a\\b", "'\"", "{{ 7 }}")


def row(number: int, status: str = "keep", value: float | None = None, **more: Any) -> dict[str, Any]:
    """A ledger row as a tool might write it."""
    commit = f"{number * 2654435761 % 2**28:07x}".ljust(40, "0")
    stamp = f"2026-01-{5 + number // 240:02d}T{number // 10 % 24:02d}:{number * 6 % 60:02d}:22Z"
    found: dict[str, Any] = {
        "run_id": f"{stamp.replace('-', '').replace(':', '')}-{commit[:7]}",
        "timestamp_utc": stamp,
        "branch": "night",
        "commit": commit,
        "family": "optimizer",
        "status": status,
        "description": f"raise MATRIX_LR to {0.03 + number / 1000:.3f}",
        "hypothesis": "",
        "tags": ["lr"],
        "metrics": {"val_bpb": value, "total_seconds": 300.0, "peak_vram_mb": 40_000.0},
        "arena": {"metric": "val_bpb", "direction": "min", "budget_s": 300.0},
        "error": {"summary": "CUDA out of memory", "kind": "oom", "tail": "boom"} if status == "crash" else None,
    }
    return found | more


def night(count: int = 60) -> list[dict[str, Any]]:
    """Runs in a line of kept ones: every fifth is kept on the one before, every eleventh crashes."""
    rows: list[dict[str, Any]] = []
    kept: dict[str, Any] | None = None
    for number in range(1, count + 1):
        status = "keep" if number % 5 == 1 else "crash" if number % 11 == 0 else "discard"
        value = None if status == "crash" else 1.0 - number / 2000 + (0.01 if status == "discard" else 0.0)
        parent = kept["commit"] if kept else None
        rows.append(row(number, status, value, parent_commit=parent))
        kept = rows[-1] if status == "keep" else kept
    return rows


def write(root: Path, rows: list[dict[str, Any]]) -> None:
    """Append rows as they are."""
    with (root / "results" / "memorylab" / "experiments.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in rows)


def archive(root: Path, run_id: str, log: str = "step 1 (1%) | loss: 2.5\n", patch: str = "") -> dict[str, Any]:
    """An archive for a run, and the part of its row that names it."""
    directory = root / "results" / "memorylab" / "runs" / run_id
    directory.mkdir(parents=True)
    (directory / "run.log").write_text(log)
    if patch:
        (directory / "train.patch").write_text(patch)
    return {"directory": f"runs/{run_id}"}


class Reader:
    """Asks the application as a browser would, each request in a loop that goes on."""

    def __init__(
        self,
        root: Path,
        access: Access | None = None,
        open_window: Callable[[], Window] | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        opened = open_window or (lambda: Window(Context.open(root)))
        self.app = application(opened, access or Access(), tell=tell)
        self._runner = asyncio.Runner()
        inner = cast(Starlette, self.app.app)
        self._life = inner.router.lifespan_context(inner)
        self._runner.run(self._life.__aenter__())

    def client(self) -> httpx.AsyncClient:
        """Somebody who asks several things at once, in what `run` is given."""
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8787")

    def run(self, asking: Coroutine[Any, Any, T]) -> T:
        """What comes of asking."""
        return self._runner.run(asking)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request, without following where it leads."""

        async def asked() -> httpx.Response:
            async with self.client() as client:
                return await client.request(method, path, **options)

        return self._runner.run(asked())

    def get(self, path: str, **options: Any) -> httpx.Response:
        """A page."""
        return self.ask("GET", path, **options)

    def text(self, path: str, **options: Any) -> str:
        """A page that is there."""
        answer = self.get(path, **options)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return answer.text

    def json(self, path: str, **options: Any) -> Any:
        """A document that is there."""
        answer = self.get(path, **options)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return answer.json()

    def close(self) -> None:
        """Let go."""
        self._runner.run(self._life.__aexit__(None, None, None))
        self._runner.close()


def workspace(root: Path, rows: list[dict[str, Any]] | None = None) -> Path:
    """A workspace with these runs."""
    root.mkdir(exist_ok=True)
    open_lab(root).init()
    write(root, night() if rows is None else rows)
    return root
