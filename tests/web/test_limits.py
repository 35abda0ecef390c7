"""What is asked for is bounded before it costs anything, and what takes long holds up nobody else."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from memorylab.core.reading.ideas import Idea
from memorylab.lab.context import Context
from memorylab.lab.window import Window
from memorylab.records import NoveltyGuard
from memorylab.web import forms
from memorylab.web.pages import Site
from memorylab.web.security import HEADERS, Access
from memorylab.web.templating import Pages
from memorylab.web.worker import NotNow, Worker
from tests.web.site import Reader, archive, row, workspace, write

PATCH = "--- a/train.py\n+++ b/train.py\n@@ -1,9 +1,9 @@\n"


def _lines(count: int) -> str:
    return PATCH + "".join(f"+X{n} = {n}\n" for n in range(count - 3))


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"description": "x" * (forms.WORDS + 1)}, "description"),
        ({"hypothesis": "x" * (forms.WORDS + 1)}, "hypothesis"),
        ({"family": "x" * (forms.TAG + 1)}, "family"),
        ({"tags": ["x"] * (forms.TAGS + 1)}, "tags"),
        ({"tags": ["x" * (forms.TAG + 1)]}, "tag"),
        ({"tags": "x," * (forms.TAGS + 1)}, "tags"),
        ({"patch": _lines(forms.LINES + 1)}, "1,000 lines"),
        ({"patch": _lines(forms.LINES + 1).replace("\n+", "\x0b+")}, "1,000 lines"),
        ({"patch": PATCH + "+" + "x" * forms.PATCH}, "64,000 characters"),
    ],
)
def test_what_is_too_long_is_named_with_its_limit(reader: Reader, given: dict[str, Any], what: str) -> None:
    answer = reader.ask("POST", "/api/check", json={"description": "raise MATRIX_LR to 0.05"} | given)
    assert answer.status_code == 413 and set(answer.json()) == {"error", "hint"}
    assert what in answer.json()["error"] and "longer than" in answer.json()["error"]
    assert "is longer than" in reader.get("/check", params={"description": "x" * (forms.WORDS + 1)}).text


def test_what_is_just_short_enough_is_read(reader: Reader) -> None:
    given = {
        "description": "raise MATRIX_LR " + "x" * (forms.WORDS - 16),
        "hypothesis": "h" * forms.WORDS,
        "family": "f" * forms.TAG,
        "tags": ["t" * forms.TAG] * forms.TAGS,
        "patch": _lines(forms.LINES),
    }
    answer = reader.ask("POST", "/api/check", json=given)
    assert answer.status_code == 200, answer.text


def test_the_document_tells_the_limits(reader: Reader) -> None:
    post = reader.json("/api/openapi.json")["paths"]["/api/check"]["post"]
    told = post["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert told["description"]["maxLength"] == forms.WORDS and told["patch"]["maxLength"] == forms.PATCH
    assert told["tags"]["maxItems"] == forms.TAGS and told["tags"]["items"]["maxLength"] == forms.TAG
    assert "413" in post["responses"]


@pytest.mark.parametrize("half", ["\\ud800", "\\udfff", "LR\\ud83d", "\\ud800_LR"])
def test_half_a_character_anywhere_in_an_idea_is_no_fault(reader: Reader, half: str) -> None:
    body = f'{{"description": "raise {half} to 0.05", "tags": ["{half}"], "family": "{half}", "hypothesis": "{half}"}}'
    answer = reader.ask("POST", "/api/check", content=body.encode())
    assert answer.status_code == 200, answer.text


def test_a_packed_body_is_not_unpacked(reader: Reader) -> None:
    body = gzip.compress(b'{"description": "' + b"x" * (64 << 20) + b'"}')
    answer = reader.ask("POST", "/api/check", content=body, headers={"content-encoding": "gzip"})
    assert answer.status_code == 400


def test_an_error_of_ours_is_told_with_the_headers_too(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError("\x1b[31mhostile")

    monkeypatch.setattr(Window, "failures", broken)
    for path in ("/failures", "/api/failures"):
        answer = reader.get(path)
        assert answer.status_code == 500 and "unexpected ZeroDivisionError" in answer.text
        assert "hostile" not in answer.text and all(answer.headers[name] == value for name, value in HEADERS.items())


def test_a_method_that_is_not_answered_names_those_that_are(reader: Reader) -> None:
    assert set(reader.ask("OPTIONS", "/api/check").headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert set(reader.ask("DELETE", "/runs").headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_a_cookie_of_quotes_and_backslashes_is_read_at_once(place: Path) -> None:
    access = Access(token="a-token-that-nobody-guesses", port=8787)
    reader = Reader(place, access)
    try:
        began = time.monotonic()
        for cookie in ('memorylab_8787="' + "\\" * 30_000 + '"', "a=b;" * 8_000, '"' * 30_000):
            assert reader.get("/help", headers={"cookie": cookie}).status_code == 401
        assert time.monotonic() - began < 1
        kept = f'a="b; c"; {access.cookie}={access.pass_word()}; d'
        assert reader.get("/help", headers={"cookie": kept}).status_code == 200
    finally:
        reader.close()


class Pondering(Window):
    """A window that thinks about an idea until it is told to stop."""

    stop = threading.Event()

    def check(self, idea: Idea, mode: str | None = None, limit: int = 8) -> NoveltyGuard:
        """Think."""
        self.stop.wait(20)
        return super().check(idea, mode, limit)


@pytest.fixture
def pondering(place: Path) -> Iterator[Reader]:
    Pondering.stop.clear()
    found = Reader(place, open_window=lambda: Pondering(Context.open(place)))
    yield found
    Pondering.stop.set()
    found.close()


def test_while_an_idea_is_thought_about_pages_are_answered_and_further_ideas_told_to_wait(pondering: Reader) -> None:
    idea = {"description": "raise MATRIX_LR to 0.05"}

    async def told() -> list[int]:
        async with pondering.client() as client:
            ideas = [asyncio.create_task(client.post("/api/check", json=idea)) for _ in range(12)]
            await asyncio.sleep(0.3)
            began = time.monotonic()
            pages = [await client.get(path) for path in ("/", "/runs", "/api/noise")]
            assert [page.status_code for page in pages] == [200] * 3 and time.monotonic() - began < 5
            Pondering.stop.set()
            return [(await task).status_code for task in ideas]

    found = pondering.run(told())
    assert found.count(503) >= 2 and found.count(200) >= 8 and set(found) == {200, 503}


def test_a_thought_that_does_not_end_keeps_nobody_from_leaving(place: Path) -> None:
    async def told() -> float:
        never = threading.Event()
        worker = Worker(lambda: Window(Context.open(place)))
        waiting = [asyncio.create_task(worker.ask(lambda _: never.wait(20))) for _ in range(3)]
        await asyncio.sleep(0.2)
        began = time.monotonic()
        worker.close()
        took = time.monotonic() - began
        never.set()
        await asyncio.gather(*waiting, return_exceptions=True)
        return took

    assert asyncio.run(told()) < 1


def test_so_many_questions_wait_and_no_more(place: Path) -> None:
    async def told() -> list[object]:
        go_on = threading.Event()
        worker = Worker(lambda: Window(Context.open(place)), most=4)
        asked: list[asyncio.Task[int]] = [asyncio.create_task(worker.ask(lambda _: int(go_on.wait(20))))]
        await asyncio.sleep(0.3)
        asked += [asyncio.create_task(worker.ask(lambda window: window.size())) for _ in range(7)]
        await asyncio.sleep(0.1)
        go_on.set()
        found: list[object] = [*await asyncio.gather(*asked, return_exceptions=True)]
        worker.close()
        return found

    found = asyncio.run(told())
    assert found[:5] == [1, 60, 60, 60, 60] and all(isinstance(error, NotNow) for error in found[5:])


@pytest.mark.parametrize("kind", ["letters", "long words", "one sign", "blank lines"])
def test_no_patch_makes_a_page_slow(tmp_path: Path, kind: str) -> None:
    signs = {"letters": "a b " * 120, "long words": "abc" * 160, "one sign": "+" * 480, "blank lines": " " * 480}[kind]
    body = "".join(f"{'-+'[n % 2]}{signs[n % 7 :]}{n % 3}\n" for n in range(1_990))
    rows = [row(1, "keep", 0.9, run_id="a"), row(2, "keep", 0.8, run_id="b")]
    place = workspace(tmp_path / "research")
    for one, more in zip(rows, ("", body), strict=True):
        left = archive(place, one["run_id"], patch="diff --git a/x b/x\n@@ -1,9 +1,9 @@\n" + body + more[::-1])
        write(place, [one | {"artifacts": left, "commit": None}])
    reader = Reader(place)
    try:
        reader.text("/run?id=a")
        for path in ("/run?id=a", "/compare?a=a&b=b", "/api/compare?a=a&b=b"):
            began = time.monotonic()
            reader.text(path)
            assert time.monotonic() - began < 2, path
    finally:
        reader.close()


@pytest.mark.parametrize("loss", ["1e308", "-1e308", "1e-308", "9" * 400, "nan", "1e99"])
def test_no_number_in_a_log_breaks_the_curve(tmp_path: Path, loss: str) -> None:
    log = "".join(f"step {10**n} (1%) | loss: {loss if n % 2 else 2.5}\n" for n in range(12))
    place = workspace(tmp_path / "research")
    write(place, [row(1, "keep", 0.9, run_id="odd", artifacts=archive(place, "odd", log=log))])
    reader = Reader(place)
    try:
        page = reader.text("/run?id=odd")
        assert "the last" in page and "NaN" not in page.partition("<svg")[2].partition("</svg>")[0]
    finally:
        reader.close()


@pytest.mark.parametrize("path", sorted(Site(Pages()).paths))
def test_a_thousand_parameters_are_no_burden(reader: Reader, path: str) -> None:
    began = time.monotonic()
    assert reader.get(path + "?" + "a=b&" * 1_900).status_code in (200, 404)
    assert time.monotonic() - began < 2


def test_an_address_that_is_too_long_is_refused_in_words_and_in_json(reader: Reader) -> None:
    assert reader.get("/runs?q=" + "a" * 9_000).text.startswith("414: the address is longer than 8 kB")
    assert json.loads(reader.get("/api/runs?q=" + "a" * 9_000).text)["hint"]
