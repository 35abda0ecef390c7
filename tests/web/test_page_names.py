"""The pages call a knob what the code calls it, and link by what it is compared by."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.renamed import FOREST, KINDS, Kind, built
from tests.web.site import Reader


@pytest.fixture(scope="module", params=KINDS)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Reader, Kind]]:
    kind = KINDS[request.param]
    reader = Reader(built(tmp_path_factory.mktemp(request.param) / "research", kind).root)
    yield reader, kind
    reader.close()


def read(page: str) -> str:
    """What a page shows: without the addresses of its links."""
    return re.sub(r'\b(?:href|data-href)="[^"]*"', "", page)


def paths(reader: Reader, kind: Kind) -> list[str]:
    runs = [run["run_id"] for run in reader.json("/api/runs")["runs"]]
    return [
        *("/", "/runs", "/lineage", "/knobs", "/failures", "/noise", "/live", f"/compare?a={runs[1]}&b={runs[2]}"),
        *(f"/run?id={run}" for run in runs),
        *(f"/knobs?name={target}" for target in kind.names),
        *(f"/runs?knob={target}" for target in kind.names),
        *(f"/check?description={name}+0.45" for name in kind.names.values()),
    ]


def test_no_page_shows_a_name_that_the_code_does_not_have(site: tuple[Reader, Kind]) -> None:
    reader, kind = site
    for path in paths(reader, kind):
        shown = read(reader.text(path))
        for target in kind.names:
            assert not re.search(rf"(?<!\w){target}(?!\w)", shown), path


def test_links_name_what_is_compared_and_filters_take_either_name(site: tuple[Reader, Kind]) -> None:
    reader, kind = site
    for target, name in kind.names.items():
        page = reader.text("/knobs")
        assert re.search(rf'href="/knobs\?name={target}">{name}</a>', page)
        assert f"<h1>{name}</h1>" in reader.text(f"/knobs?name={target}")
        one, other = (reader.json(f"/api/runs?knob={word}") for word in (target, name))
        assert one == other and one["total"] > 1
        assert f'name="knob" value="{name}"' in reader.text(f"/runs?knob={target}")
        assert reader.json(f"/api/knobs?name={name}") == reader.json(f"/api/knobs?name={target}")


def test_every_group_of_failures_leads_to_its_runs(site: tuple[Reader, Kind]) -> None:
    reader, _ = site
    page = reader.text("/failures")
    addresses = [unescape(one) for one in re.findall(r'<a href="(/runs\?[^"]*)">list', page)]
    assert len(addresses) == 2
    groups = {(group["kind"], group["count"]) for group in reader.json("/api/failures")["failures"]}
    for address in addresses:
        found = reader.json(f"/api{address}")
        asked = parse_qs(urlsplit(address).query)
        assert (asked["status"][0], found["total"]) in groups, (address, json.dumps(found))


def test_a_run_is_found_by_the_codes_name_among_its_words(tmp_path: Path) -> None:
    reader = Reader(built(tmp_path / "research", FOREST).root)
    try:
        assert reader.json("/api/runs?q=max_features")["total"] == len(FOREST.steps) - 1
    finally:
        reader.close()
