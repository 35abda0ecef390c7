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
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from memorylab.errors import InputError, LabError, UsageError
from memorylab.lab.window import Window
from memorylab.web import api, jsonable
from memorylab.web.api import Call
from memorylab.web.archive import archived_file
from memorylab.web.forms import TooLong
from memorylab.web.live import News, Stream
from memorylab.web.pages import Site
from memorylab.web.security import Access, Gate
from memorylab.web.templating import Pages
from memorylab.web.worker import NotNow, Worker

Endpoint = Callable[[Request], Awaitable[Response]]
_BODY = 1 << 20
_BODY_S = 10.0
"""A request's body must be there after so long."""
_CHECKS = 8
"""Ideas that may wait to be checked."""
_SOON_S = 2
"""A page that must wait for the index asks again after so long."""
_STATIC = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


def application(
    open_window: Callable[[], Window],
    access: Access,
    stopping: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = lambda _: None,
) -> Gate:
    """The application for one workspace, which `open_window` opens in each of the application's own threads.

    Ideas are checked in a thread of their own: however long one takes to be read, pages don't wait for it. `stopping`
    says whether the server is about to end, `tell` is told of an index that is being built.
    """
    worker, judge = Worker(open_window, tell), Worker(open_window, most=_CHECKS)
    asked = {"/check": judge, "/api/check": judge}
    site = Site(Pages())
    news = News(worker, stopping)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        warming = asyncio.create_task(_keep_warm(worker, site))
        yield
        warming.cancel()
        await news.close()
        worker.close()
        judge.close()

    async def failed(request: Request, error: Exception) -> Response:
        message, hint, status = _told(error)
        more = dict(getattr(error, "headers", None) or {})  # which methods a path answers to
        if isinstance(error, NotNow):
            more["retry-after"] = str(_SOON_S)
        if request.url.path.startswith("/api"):
            return JSONResponse({"error": message, "hint": hint}, status, more)
        page = site.problem(message, hint, status)
        page.headers.update(more | {"refresh": str(_SOON_S)} if isinstance(error, NotNow) else more)
        return page

    inner = Starlette(
        routes=[
            *(Route(path, _page(asked.get(path, worker), site, path)) for path in site.paths),
            Route("/archive", _archive(worker)),
            *(
                Route(call.path, _call(asked.get(call.path, worker), call), methods=_methods(call))
                for call in api.CALLS
            ),
            Route("/api/openapi.json", _document),
            Route("/api/events", _events(news)),
            Route("/static/{name}", _static_files()),
        ],
        middleware=[Middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)],
        exception_handlers={LabError: failed, HTTPException: failed, Exception: failed},
        lifespan=lifespan,
    )
    return Gate(inner, access)


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
        return Stream(news)

    return endpoint


def _told(error: Exception) -> tuple[str, str, int]:
    """What a reader is told of an error, and its number."""
    if isinstance(error, LabError):
        known_as = ((TooLong, 413), (Late, 408), (InputError, 404), (UsageError, 400))
        return error.message, error.hint, next((status for kind, status in known_as if isinstance(error, kind)), 503)
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


class Late(LabError):
    """A request that didn't come whole in time."""


async def _object(request: Request) -> dict[str, Any]:
    """The JSON object that a request brings.

    Raises:
        UsageError: it brings none.
        TooLong: it is longer than any idea.
        Late: it doesn't come to its end.

    """
    said = request.headers.get("content-length", "")
    if said.isdigit() and len(said) < 20 and int(said) > _BODY:
        raise TooLong("the request", f"{_BODY >> 20} MB")
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_S):
            async for piece in request.stream():
                body += piece
                if len(body) > _BODY:
                    raise TooLong("the request", f"{_BODY >> 20} MB")
        found = json.loads(body)
        # Half a character, which JSON can spell, is none that an index or a file takes.
        found = json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
    except TimeoutError:
        raise Late(f"the request took longer than {_BODY_S:.0f} s", "send it at once") from None
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
