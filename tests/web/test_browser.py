"""The pages in a real browser: no errors, no request elsewhere, keys, live updates, sizes, accessible names."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.web.browser import CHROMIUM, FLAGS, missing, serving
from tests.web.site import HOSTILE, archive, night, row, workspace, write

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

RUNS = night()
PAGES = (
    *("/", "/runs", "/lineage", "/knobs", "/knobs?name=MATRIX_LR", "/failures", "/noise", "/live", "/help", "/compare"),
    *("/check?description=raise+MATRIX_LR+to+0.9", f"/run?id={RUNS[5]['run_id']}", f"/run?id={RUNS[10]['run_id']}"),
    f"/compare?a={RUNS[0]['run_id']}&b={RUNS[5]['run_id']}",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield found
        found.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A night that no test adds to."""
    with serving(workspace(tmp_path_factory.mktemp("night") / "research")) as address:
        yield address.rstrip("/")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context(viewport={"width": 1280, "height": 800})
    found.set_default_timeout(10_000)
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails its test if it logs an error or asks anybody but its server for anything."""
    found = context.new_page()
    wrong: list[str] = []
    asked: list[str] = []
    found.on("console", lambda message: wrong.append(message.text) if message.type in ("error", "warning") else None)
    found.on("pageerror", lambda error: wrong.append(str(error)))
    found.on("request", lambda request: asked.append(request.url))
    yield found
    assert wrong == []
    assert [url for url in asked if not url.startswith("http://127.0.0.1:")] == []


def until(page: Page, expression: str, seconds: float = 10.0) -> None:
    """Wait until an expression is true; the page's policy forbids the browser to look for it by itself."""
    for _ in range(int(seconds / 0.05)):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never true: {expression}")


def soon(page: Page, selector: str, count: int) -> None:
    """Wait until so many elements are there: a click returns before the page that it asks for has come."""
    from playwright.sync_api import expect

    expect(page.locator(selector)).to_have_count(count, timeout=10_000)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_in_light_and_dark_and_on_a_phone(page: Page, shared: str, path: str) -> None:
    for width, scheme in ((1280, "light"), (1280, "dark"), (390, "light"), (320, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(shared + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        light = page.evaluate("getComputedStyle(document.body).backgroundColor").startswith("rgb(24")
        assert light == (scheme == "light"), "the style sheet was not taken"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.skipif(importlib.util.find_spec("axe_playwright_python") is None, reason="no axe-playwright-python")
def test_every_page_is_accessible(page: Page, shared: str, path: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(shared + path)
        # Into the page as the inspector does it: the page's own policy allows no script but its own.
        found: Any = Axe().run(page)
        told = [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found.response["violations"]]
        assert told == [], (path, scheme)


def test_a_run_by_another_process_appears_within_two_seconds(page: Page, tmp_path: Path) -> None:
    place = workspace(tmp_path / "research")
    with serving(place) as address:
        page.goto(address)
        page.wait_for_timeout(1_000)  # until it listens
        write(place, [row(61, "keep", 0.5, description="fresh from another process")])
        began = time.monotonic()
        page.wait_for_selector("#overview >> text=fresh from another process")
        assert time.monotonic() - began < 2.0
        assert "0.5" in page.inner_text(".tiles") and "13 kept" in page.inner_text("#overview")
        until(page, "document.getElementById('news').textContent.includes('fresh')")
        page.goto(address + "runs?status=keep")
        page.wait_for_timeout(700)
        write(place, [row(62, "keep", 0.4, description="and one more"), row(63, "crash", None, description="filtered")])
        page.wait_for_selector("#results >> text=and one more", timeout=2_000)
        assert "filtered" not in page.inner_text("#results")


def test_many_tabs_hear_of_a_run(context: BrowserContext, tmp_path: Path) -> None:
    place = workspace(tmp_path / "research")
    with serving(place) as address:
        tabs = [context.new_page() for _ in range(9)]
        for tab in tabs:
            tab.goto(address)
        tabs[0].wait_for_timeout(700)
        write(place, [row(61, "keep", 0.5, description="fresh")])
        for tab in tabs:
            tab.wait_for_selector("#overview >> text=fresh")
        tabs[0].close()
        tabs[1].wait_for_timeout(700)
        write(place, [row(62, "keep", 0.4, description="after the first tab was closed")])
        for tab in tabs[1:]:
            tab.wait_for_selector("#overview >> text=after the first tab was closed")


def test_keys_are_enough(page: Page, shared: str) -> None:
    page.goto(shared)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("g")
    page.keyboard.press("r")
    page.wait_for_url("**/runs")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("0.047")
    until(page, "location.search === '?q=0.047'")
    until(page, "document.querySelectorAll('#results tr[data-href]').length === 1")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/run?id=*")
    page.keyboard.press("p")
    page.wait_for_url(f"**{RUNS[15]['run_id']}")
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open] >> text=next and previous row")
    page.keyboard.press("Escape")
    until(page, "!document.querySelector('dialog').open")


def test_rows_are_walked_and_pages_turned_by_keys(page: Page, shared: str) -> None:
    page.goto(f"{shared}/runs?limit=5")
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        rows = page.evaluate("[...document.querySelectorAll('tr[data-href]')].map(row => row.className)")
        assert [at for at, name in enumerate(rows) if name == "here"] == [place]
    first = page.inner_text("tbody")
    page.keyboard.press("n")
    page.wait_for_url("**after=*")
    assert page.inner_text("tbody") != first


def test_all_works_without_scripts_but_what_is_live(browser: Browser, shared: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(shared + "/runs")
    page.fill("main input[name=q]", "0.047")
    page.select_option("select[name=status]", "discard")
    page.click("button:has-text('Filter')")
    page.wait_for_url("**q=0.047*status=discard*")
    soon(page, "tr[data-href]", 1)
    page.click("tr[data-href] a")
    page.wait_for_url("**/run?id=*")
    page.goto(shared + "/check")
    page.fill("#idea", "raise MATRIX_LR to 0.031")
    page.click("button:has-text('Check')")
    soon(page, "#verdict .tag", 1)
    page.click("a.help")
    page.wait_for_url("**/help")
    context.close()


def test_a_dot_of_the_chart_leads_to_its_run(page: Page, shared: str) -> None:
    page.goto(shared)
    page.locator(".wide a circle.keep").last.click()
    page.wait_for_url(f"**/run?id={[one['run_id'] for one in RUNS if one['status'] == 'keep'][-1]}")


def test_what_agents_write_is_shown_and_never_run(page: Page, tmp_path: Path) -> None:
    place = workspace(tmp_path / "research", [*night(5), row(9, "keep", 0.1, run_id=HOSTILE, description=HOSTILE)])
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    with serving(place) as address:
        page.goto(address)
        assert "<script>alert(1)</script>" in page.inner_text(".tiles")
        page.click(".tiles a:has-text('script')")
        page.wait_for_url("**/run?id=*")
        assert "<script>alert(1)</script>" in page.inner_text("h1")
        page.goto(address + "runs")
        write(place, [row(10, "keep", 0.05, description=HOSTILE + "live")])
        page.wait_for_selector("#results >> text=live")
        until(page, "document.getElementById('news').textContent.includes('alert')")
        assert page.locator("#content script, #content img, #news *").count() == 0


def test_a_token_is_asked_for_and_then_remembered(context: BrowserContext, tmp_path: Path) -> None:
    page = context.new_page()
    with serving(workspace(tmp_path / "research"), "--token", "a-token-of-sixteen-signs") as address:
        answer = page.goto(address.partition("?")[0])
        assert answer is not None and answer.status == 401
        page.goto(address)
        assert "token" not in page.url and "Champion" in page.inner_text("main")
        page.click("nav >> text=Runs")
        soon(page, "tr[data-href]", 50)


LONG = row(61, "keep", 0.4, description="long", family="architecture_of_the_" * 3, tags=["t" * 60])


@pytest.fixture(scope="module")
def wordy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A night with words that are as long as a phone is wide."""
    with serving(workspace(tmp_path_factory.mktemp("wordy") / "research", [*RUNS, LONG])) as address:
        yield address.rstrip("/")


@pytest.mark.parametrize("path", ["/runs", "/", f"/compare?a={RUNS[0]['run_id']}&b={LONG['run_id']}"])
def test_long_words_push_nothing_out(page: Page, wordy: str, path: str) -> None:
    for width in (1280, 768, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(wordy + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        wide = "[...document.querySelectorAll('.scroll:not(.diff)')].map(one => one.scrollWidth - one.clientWidth)"
        assert max(page.evaluate(wide)) <= 1, (path, width)


@pytest.mark.parametrize("path", ["/lineage", "/failures", "/noise", "/compare"])
def test_a_phone_shows_where_it_is(page: Page, shared: str, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(shared + path)
    box = page.locator("nav [aria-current]").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_a_phone_names_every_number(page: Page, shared: str) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    for path in ("/", "/runs", "/noise", "/failures"):
        page.goto(shared + path)
        bare = "[...document.querySelectorAll('.runs td.n')].filter(cell => cell.offsetParent && !cell.dataset.label)"
        assert page.evaluate(f"{bare}.map(cell => cell.textContent)") == [], path
    label = "getComputedStyle(document.querySelector('.runs td[data-label]'), '::before').content"
    assert "times" in page.evaluate(label)


def test_the_axes_of_a_loss_can_be_read_on_a_phone(page: Page, tmp_path: Path) -> None:
    place = workspace(tmp_path / "research", [])
    log = "".join(f"step {n} ({n}%) | loss: {9 - n / 50:.3f}\n" for n in range(100))
    write(place, [row(1, "keep", 0.8) | {"artifacts": archive(place, row(1)["run_id"], log)}])
    page.set_viewport_size({"width": 390, "height": 800})
    with serving(place) as address:
        page.goto(f"{address}run?id={row(1)['run_id']}")
        high = (
            "Math.max(...[...document.querySelectorAll('.chart text')].map(one => one.getBoundingClientRect().height))"
        )
        assert page.evaluate(high) >= 9


def test_help_opens_at_its_top_with_the_way_out_in_hand(page: Page, shared: str) -> None:
    page.set_viewport_size({"width": 390, "height": 500})
    page.goto(shared)
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    assert page.evaluate("[document.querySelector('dialog').scrollTop, document.activeElement.textContent]") == [
        0,
        "Close",
    ]
    page.keyboard.press("Enter")
    until(page, "!document.querySelector('dialog').open")


@pytest.mark.parametrize(("key", "path"), [("t", "/lineage"), ("f", "/failures"), ("n", "/noise"), ("v", "/compare")])
def test_every_page_has_a_key(page: Page, shared: str, key: str, path: str) -> None:
    page.goto(shared)
    page.keyboard.press("g")
    page.keyboard.press(key)
    page.wait_for_url(f"**{path}")


def test_names_of_runs_are_offered_while_typing(page: Page, shared: str) -> None:
    page.goto(shared + "/compare")
    page.fill("input[name=a]", "0.047")
    until(page, "document.querySelectorAll('#known option').length === 1")
    assert page.evaluate("document.querySelector('#known option').value") == RUNS[16]["run_id"]
