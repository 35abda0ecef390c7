"""The dashboard's application: routes to pages, calls and files, answered in the thread that owns the workspace."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from memorylab.errors import InputError, LabError, UsageError
from memorylab.lab.window import Window
from memorylab.web import api, jsonable
from memorylab.web.api import Call
from memorylab.web.live import News
from memorylab.web.pages import Site, archived_file
from memorylab.web.security import Access, Gate
from memorylab.web.templating import Pages
from memorylab.web.worker import Building, Worker

Endpoint = Callable[[Request], Awaitable[Response]]
_BODY = 5 << 20
_SOON_S = 2
"""A page that must wait for the index asks again after so long."""
_STATIC = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


def application(
    open_window: Callable[[], Window],
    access: Access,
    stopping: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = lambda _: None,
) -> Starlette:
    """The application for one workspace, which `open_window` opens in the application's own thread.

    `stopping` says whether the server is about to end, `tell` is told of an index that is being built.
    """
    worker = Worker(open_window, tell)
    site = Site(Pages())
    news = News(worker, stopping)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        warming = asyncio.create_task(_keep_warm(worker, site))
        yield
        warming.cancel()
        await news.close()
        worker.close()

    async def failed(request: Request, error: Exception) -> Response:
        message, hint, status = _told(error)
        soon = {"retry-after": str(_SOON_S)} if isinstance(error, Building) else {}
        if request.url.path.startswith("/api"):
            return JSONResponse({"error": message, "hint": hint}, status, soon)
        page = site.problem(message, hint, status)
        page.headers.update(soon | {"refresh": str(_SOON_S)} if soon else {})
        return page

    return Starlette(
        routes=[
            *(Route(path, _page(worker, site, path)) for path in site.paths),
            Route("/archive", _archive(worker)),
            *(Route(call.path, _call(worker, call), methods=_methods(call)) for call in api.CALLS),
            Route("/api/openapi.json", _document),
            Route("/api/events", _events(news)),
            Route("/static/{name}", _static_files()),
        ],
        middleware=[Middleware(Gate, access=access), Middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)],
        exception_handlers={LabError: failed, HTTPException: failed, Exception: failed},
        lifespan=lifespan,
    )


async def _keep_warm(worker: Worker, site: Site) -> None:
    """Draw the overview, anew when the ledger has grown, so that nobody waits for it; a tenth of the time at most.

    Being first to ask, this opens the workspace, too.
    """
    while True:
        began = time.monotonic()
        with suppress(LabError, OSError, sqlite3.Error):  # a request that meets the same tells its reader
            await worker.ask(site.warm)
        await asyncio.sleep(max(1.0, 10 * (time.monotonic() - began)))


def _page(worker: Worker, site: Site, path: str) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        params = dict(request.query_params)
        return await worker.ask(lambda window: site.answer(path, window, params))

    return endpoint


def _archive(worker: Worker) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        params = dict(request.query_params)
        return await worker.ask(lambda window: archived_file(window, params))

    return endpoint


def _events(news: News) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        if news.full:
            raise HTTPException(503, "too many pages wait for news already")
        return StreamingResponse(news.stream(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})

    return endpoint


def _told(error: Exception) -> tuple[str, str, int]:
    """What a reader is told of an error, and its number."""
    if isinstance(error, LabError):
        return error.message, error.hint, 404 if isinstance(error, InputError) else (
            400 if isinstance(error, UsageError) else 503)  # fmt: skip
    if isinstance(error, HTTPException):
        known = {404: "There is no such page.", 405: "This only answers to GET."}
        return known.get(error.status_code, error.detail), "Start again from the overview.", error.status_code
    return f"unexpected {type(error).__name__}", "The terminal in which `memorylab serve` runs says more.", 500


def _methods(call: Call) -> list[str]:
    return ["GET", "POST"] if call.path == "/api/check" else ["GET"]


def _call(worker: Worker, call: Call) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        params: dict[str, Any] = dict(request.query_params)
        if request.method == "POST":
            params = await _object(request)
        api.required(call, params)
        return await worker.ask(lambda window: jsonable.answer(call.answer(window, params)))

    return endpoint


async def _object(request: Request) -> dict[str, Any]:
    """The JSON object that a request brings.

    Raises:
        UsageError: it brings none, or a far too long one.

    """
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > _BODY:
                raise UsageError("the request is too long", f"send at most {_BODY >> 20} MB")
        found = json.loads(body)
    except (ValueError, RecursionError, ClientDisconnect) as error:
        raise UsageError("the request is no JSON", 'send {"description": "…"}') from error
    if not isinstance(found, dict):
        raise UsageError("the request is no JSON object", 'send {"description": "…"}')
    return found


async def _document(request: Request) -> Response:
    return jsonable.answer(api.document())


def _static_files() -> Endpoint:
    """Style sheet and script, read once: a name that isn't among theirs leads nowhere."""
    here = Path(__file__).parent
    places = [path for path in (here / "static").iterdir() if path.suffix in _STATIC]
    places.append(here.parent / "render" / "chart.css")
    held = {path.name: (path.read_bytes(), _STATIC[path.suffix]) for path in places}
    tags = {name: f'"{hashlib.sha256(data).hexdigest()[:20]}"' for name, (data, _) in held.items()}

    async def endpoint(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in held:
            raise HTTPException(404)
        headers = {"etag": tags[name], "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == tags[name]:
            return Response(status_code=304, headers=headers)
        return Response(held[name][0], media_type=held[name][1], headers=headers)

    return endpoint
