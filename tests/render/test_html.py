from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

import pytest

from memorylab.core.decisions.registry import brief_of
from memorylab.core.report import headline
from memorylab.core.report.morning import Morning
from memorylab.render import html, words
from memorylab.render.appendix import Detail, anchor
from tests.render import nights

VOID = {"meta", "br"}


class Page(HTMLParser):
    """The page as a browser would read it: its elements, its text, and whether every element is closed in order."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self.text: list[str] = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if re.fullmatch(r"h\d", tag):
            self.headings.append((int(tag[1]), ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self.open and re.fullmatch(r"h\d", self.open[-1]):
            self.headings[-1] = (self.headings[-1][0], self.headings[-1][1] + data)


def page(m: Morning) -> Page:
    return Page(html.report(m))


def full(count: int, hostile: bool = False) -> Page:
    """A page with all its runs told in full."""
    runs = nights.night(count, hostile=hostile)
    return Page(html.report(nights.report(runs), nights.named(runs), "../runs"))


def titles(m: Morning) -> list[str]:
    return [title for _, title in page(m).headings]


def test_the_page_answers_champion_belief_and_next_step_before_anything_else() -> None:
    assert titles(nights.report(nights.night(60)))[:4] == [
        "Research report", "Champion, val_bpb", "Believe it?", "Do next"
    ]  # fmt: skip


def test_the_champion_stands_with_value_name_and_chance() -> None:
    m = nights.report(nights.night(60))
    assert m.champion is not None
    shown = html.report(m)
    value, name = words.digits_of(m).value(m.champion["mean"]), m.champion["description"]
    assert f'<p class="big">{value}</p><p><strong>{name}</strong></p>' in shown
    seen = headline.verdict(m.champion, m.direction, words.digits_of(m))
    assert f"Believe it? {seen.word}:" in shown
    assert words.percent(seen.chance).replace(" ", "\u00a0") in shown
    ends = m.champion["estimate_low"], m.champion["estimate_high"]
    assert " to ".join(words.digits_of(m).span(*ends)) in shown


def test_headings_descend_one_level_at_a_time() -> None:
    levels = [level for level, _ in page(nights.report(nights.night(60))).headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_the_page_asks_the_network_for_nothing() -> None:
    runs = nights.night(60, hostile=True)
    found = Page(html.report(nights.report(runs), nights.named(runs[-20:]), "../runs"))
    policy = next(a for _, a in found.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert (policy["content"] or "").startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert not [tag for tag, _ in found.tags if tag in ("script", "link", "img", "iframe", "object", "base", "form")]
    assert not [name for _, a in found.tags for name in a if name.startswith("on") or name in ("src", "srcset")]
    assert {tag for tag, a in found.tags if "href" in a} == {"a"}
    ways = {(a["href"] or "").partition("2026")[0] for _, a in found.tags if "href" in a}
    assert ways == {"#queue", "#run-", "../runs/"}
    assert "url(" not in html.report(nights.report(nights.night(60)))


def test_what_agents_wrote_is_shown_as_they_wrote_it() -> None:
    runs = nights.night(60, hostile=True)
    shown = "".join(page(nights.report(runs, warnings=[nights.HOSTILE[0]])).text)
    assert nights.HOSTILE[0] in shown
    assert nights.HOSTILE[13] in shown
    assert "\x1b" not in shown
    shown.encode()


@pytest.mark.parametrize("count", [0, 1, 5, 60])
@pytest.mark.parametrize("hostile", [False, True])
def test_every_element_is_closed_and_every_id_is_unique(count: int, hostile: bool) -> None:
    found = full(count, hostile)
    assert found.open == []
    ids = [a["id"] for _, a in found.tags if "id" in a]
    assert len(ids) == len(set(ids))


def test_every_link_within_the_page_leads_somewhere() -> None:
    found = full(60, hostile=True)
    places = {f"#{a['id']}" for _, a in found.tags if "id" in a}
    wanted = {a["href"] for tag, a in found.tags if tag == "a" and (a["href"] or "").startswith("#")}
    assert len(wanted) > 20
    assert wanted <= places


def test_a_run_is_told_with_its_reasons_its_log_its_diff_and_its_files() -> None:
    run = nights.night(1)[0]
    detail = Detail(
        run, {"summary": "Keep.", "rationale": ["it leads"]}, "step 1\nstep 2", "-a = 1\n+a = 2", ("run.log",)
    )
    shown = html.report(nights.report([run]), {run.run_id: detail}, "../runs")
    told = shown[shown.index("The runs in full") :]
    assert "<p>Keep.</p><ul><li>it leads</li></ul>" in told
    assert "<pre>step 1\nstep 2</pre>" in told
    assert '<span class="minus">-a = 1</span>\n<span class="plus">+a = 2</span>' in told
    assert f'<a href="../runs/{run.run_id}/run.log">log</a>' in told
    assert "packet</a>" not in told


def test_a_page_that_lies_nowhere_links_to_no_files() -> None:
    runs = nights.night(5)
    assert "../runs" not in html.report(nights.report(runs), nights.named(runs), None)


def test_a_run_of_any_name_has_a_place_of_its_own() -> None:
    assert len({anchor(name) for name in ("a b", "a_b", "a.b", "", "値")}) == 5


def test_sections_with_nothing_to_say_are_left_out() -> None:
    assert titles(nights.report([])) == ["Research report", "Champion", "Do next"]
    shown = titles(nights.report(nights.night(60)))
    for title in (
        "Do next, most valuable first",
        "For a person to look at",
        "Lineage of the kept runs",
        "Held back by the guard",
    ):
        assert title in shown


def test_the_champion_and_every_run_in_doubt_lead_to_what_the_page_tells_of_them() -> None:
    runs = nights.night(60)
    doubted = [{**brief_of(run), "reasons": "it sets evaluate_bpb", "integrity": "suspect"} for run in runs[20:28]]
    found = nights.report(runs, integrity=doubted, warnings=["2 runs were slow."], slow=[brief_of(r) for r in runs[:2]])
    page = html.report(found, nights.named(runs))
    assert found.champion is not None
    lead = page[page.index('<div class="lead">') : page.index("</header>")]
    assert f'<a href="#{anchor(found.champion["run_id"])}">“idea' in lead
    warned = page[page.index("</header>") : page.index('<div class="tiles">')]
    assert all(f'href="#{anchor(run.run_id)}"' in warned for run in [*runs[:2], *runs[20:28]])


def test_the_dots_of_the_chart_lead_to_the_runs_that_the_page_tells_of() -> None:
    runs = nights.night(30)
    page = html.report(nights.report(runs), nights.named(runs[:10]))
    wide = page[page.index('<div class="wide">') : page.index('<div class="narrow">')]
    assert set(re.findall(r'<a href="#([^"]+)"', wide)) == {anchor(run.run_id) for run in runs[:10]}


def test_roots_are_lists_of_their_own() -> None:
    tree = nights.report(nights.night(60)).tree
    page = html.report(nights.report(nights.night(60), tree=[*tree, {**tree[0], "run_id": "other"}]))
    assert page.count('<ol class="tree">') == 2
    assert "2 trees" in page


def test_only_crashes_leave_no_champion_and_nothing_to_believe() -> None:
    runs = [nights.run(i, "crash", None, "depth 16", next_action="fix_and_retry", error_kind="oom") for i in (1, 2, 3)]
    found = titles(nights.report(runs))
    assert "Believe it?" not in found
    assert "What keeps failing" in found


def test_the_page_is_in_a_language_and_fits_a_phone() -> None:
    tags = page(nights.report([])).tags
    assert ("html", {"lang": "en"}) in tags
    assert any(a.get("name") == "viewport" for _, a in tags)


def test_every_table_scrolls_in_a_box_that_the_keyboard_reaches() -> None:
    tags = page(nights.report(nights.night(60))).tags
    tables = [i for i, (tag, _) in enumerate(tags) if tag == "table"]
    assert len(tables) >= 5
    for i in tables:
        box = tags[i - 1][1]
        assert (box.get("class"), box.get("tabindex"), box.get("role")) == ("scroll", "0", "region")
        assert box.get("aria-label")


def test_a_warning_stands_before_the_tiles() -> None:
    shown = html.report(nights.report(nights.night(60), warnings=["the ledger has a corrupt line"]))
    assert shown.index('<p class="warn">the ledger has a corrupt line</p>') < shown.index('class="tile"')


def test_twenty_thousand_runs_stay_a_small_page() -> None:
    assert len(html.report(nights.report(nights.night(20_000))).encode()) < 1_500_000
