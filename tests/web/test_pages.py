from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.conftest import Shell
from tests.web.site import Reader, archive, night, row, workspace, write

PATHS = ("/", "/?hours=12", "/?chart=all", "/runs", "/lineage", "/knobs", "/failures", "/noise", "/check", "/live",
         "/help", "/compare", "/knobs?name=muon+lr", "/check?description=raise+MATRIX_LR+to+0.9",
         "/runs?sort=best", "/runs?sort=worst&status=discard", "/runs?q=matrix&since=2026&until=2026-02")  # fmt: skip


def links(page: str, text: str) -> list[str]:
    """The addresses of the links whose text contains this."""
    found = re.findall(r'<a[^>]*href="([^"]*)"[^>]*>(.*?)</a>', page, re.DOTALL)
    return [unescape(address) for address, label in found if text in label]


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_there(reader: Reader, path: str) -> None:
    assert "<h1" in reader.text(path)


@pytest.mark.parametrize("path", [path for path in PATHS if "knobs?" not in path])
def test_every_page_is_there_before_the_first_run(tmp_path: Path, path: str) -> None:
    reader = Reader(workspace(tmp_path / "research", []))
    try:
        assert "<h1" in reader.text(path)
    finally:
        reader.close()


def test_every_page_is_there_in_a_directory_that_is_no_workspace_yet(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    try:
        for path in ("/", "/runs", "/lineage", "/knobs", "/noise", "/live"):
            reader.text(path)
        assert list(tmp_path.iterdir()) == []
    finally:
        reader.close()


def test_the_first_screen_says_what_leads_whether_to_believe_it_and_what_next(reader: Reader) -> None:
    page = reader.text("/")
    champion = reader.json("/api/overview")["champion"]
    start = page[: page.index("Progress</h2>")]
    assert champion["description"] in start and f"{champion['mean']:.6f}" in start
    for heading in ("Champion", "Believe it?", "Do next"):
        assert heading in start
    assert " %" in start and champion["state"] in start


def test_the_pages_of_runs_laid_end_to_end_are_all_runs(reader: Reader) -> None:
    seen: list[str] = []
    path = "/runs?limit=7"
    while True:
        page = reader.text(path)
        seen += [unescape(address) for address in re.findall(r'<tr data-href="/run\?id=([^"]*)"', page)]
        onward = links(page, "next ›")
        if not onward:
            break
        path = onward[0]
    assert seen == [one["run_id"] for one in reversed(night())]
    back = links(page, "‹ previous")[0]
    assert len(re.findall("<tr data-href", reader.text(back))) == 7


def test_a_filter_stays_in_the_address_of_every_link_of_the_table(reader: Reader) -> None:
    page = reader.text("/runs?status=discard&q=MATRIX_LR&limit=3")
    assert "discarded" in page and "● kept" not in unescape(page[page.index("<tbody") :])
    for address in (links(page, "next ›")[0], links(page, "when")[0]):
        assert "status=discard" in address and "q=MATRIX_LR" in address and "limit=3" in address
    assert 'value="MATRIX_LR"' in page and '<option value="discard" selected>' in page


def test_words_that_no_run_has_all_of_show_the_closest(reader: Reader) -> None:
    page = reader.text("/runs?q=MATRIX_LR+elephants")
    assert "No run matches" in page and "Closest to these words" in page


@pytest.mark.parametrize(
    "path",
    ["/runs?status=kept", "/runs?sort=random", "/runs?limit=0", "/runs?limit=9999", "/runs?since=yesterday",
     "/runs?after=nonsense", "/runs?after=1_2", "/runs?sort=best&after=5", f"/runs?q={'x' * 600}", "/?hours=-1",
     "/?hours=nan", "/check?description=x&mode=bold", "/runs?arena=x", "/runs?direction=left"],
)  # fmt: skip
def test_an_address_that_says_nothing_is_told_so(reader: Reader, path: str) -> None:
    answer = reader.get(path)
    assert answer.status_code == 400 and "Not understood" in answer.text
    answer = reader.get("/api" + (path if path[1] != "?" else f"/overview{path[1:]}"))
    assert answer.status_code == 400 and set(answer.json()) == {"error", "hint"}


@pytest.mark.parametrize(
    "path", ["/run?id=nothing", "/run", "/run?id=", "/nowhere", "/knobs?name=zzz", "/compare?a=x&b=y"]
)
def test_what_is_not_there_is_told_so(reader: Reader, path: str) -> None:
    assert reader.get(path).status_code == 404


def test_a_run_shows_its_packet_its_patch_and_the_end_of_its_log(place: Path, reader: Reader) -> None:
    head = "diff --git a/train.py b/train.py\n--- a/train.py\n+++ b/train.py\n"
    patch = f"{head}@@ -1,2 +1,2 @@\n x = 1\n-LR = 0.04\n+LR = 0.05\n"
    log = "".join(f"step {n} ({n}%) | loss: {9 - n / 50:.3f}\n" for n in range(100)) + "the last line\n"
    packet = {"next_action": "replicate", "priority": "high", "summary": "Keep it for now.", "rationale": ["Because."]}
    run = row(700, "keep", 0.8, description="with everything", decision_packet=packet)
    write(place, [run | {"artifacts": archive(place, run["run_id"], log, patch)}])
    page = reader.text(f"/run?id={run['run_id']}")
    for said in ("with everything", "Replicate", "Keep it for now.", "Because.", "the last line", "run.log"):
        assert said.lower() in page.lower(), said
    assert '<span class="number changed">0.04</span>' in page and '<span class="number changed">0.05</span>' in page
    assert "Loss from" in page and "step 0 (" not in page, "the curve goes back to the start, the text shows the end"
    assert reader.text(f"/archive?id={run['run_id']}&file=train.patch") == patch


def test_a_run_leads_to_its_neighbours(reader: Reader) -> None:
    rows = night()
    kept = [one for one in rows if one["status"] == "keep"]
    page = reader.text(f"/run?id={kept[3]['run_id']}")
    around = [rows[rows.index(kept[3]) + step]["run_id"] for step in (-1, 1)]
    for run_id in (*around, kept[2]["run_id"], kept[4]["run_id"]):
        assert f"/run?id={run_id}" in page
    assert reader.text(f"/run?id={kept[3]['commit'][:9]}") == page, "a commit names it, too"


def test_two_runs_are_compared_by_the_code_of_their_commits(lab: Shell) -> None:
    for value, code in ((1.0, "MATRIX_LR = 0.04\n"), (0.9, "MATRIX_LR = 0.05\n")):
        (lab.root / "train.py").write_text(code)
        lab.git("commit", "--allow-empty", "-qam", "edit")
        lab.ok(
            "log",
            "--description",
            f"MATRIX_LR run {value}",
            "--status",
            "keep",
            "--summary",
            lab.summary(val_bpb=value),
        )
    first, second = (one["run_id"] for one in lab.ledger())
    reader = Reader(lab.root)
    try:
        page = reader.text(f"/compare?a={first}&b={second}")
        assert "0.100000 better" in page and "number changed" in page and "to the second" in page
        found = reader.json(f"/api/compare?a={second}&b={first}")
        assert found["gain"] == pytest.approx(-0.1) and "-MATRIX_LR = 0.05" in found["diff"]
        assert reader.json(f"/api/compare?a={first}&b={first}")["diff"] == ""
        board = reader.json("/api/overview")["challengers"]
        assert board[0]["probability_better"] == pytest.approx(found["probability"], abs=1e-4)  # one run, one chance
        lab.ok("log", "--description", "MATRIX_LR run 0.9", "--status", "keep", "--summary", lab.summary(val_bpb=0.91))
        again = lab.ledger()[-1]["run_id"]
        found = reader.json(f"/api/compare?a={second}&b={again}")
        assert (found["again"], found["probability"], found["runs"]) == (True, None, [2, 2])
        assert "both are runs of one code, so that is noise" in reader.text(f"/compare?a={second}&b={again}")
    finally:
        reader.close()


def test_runs_of_different_arenas_are_not_compared_by_value(place: Path, reader: Reader) -> None:
    other = row(800, "keep", 0.1, arena={"metric": "val_bpb", "direction": "min", "device": "a toaster"})
    write(place, [other])
    page = reader.text(f"/compare?a={night()[0]['run_id']}&b={other['run_id']}")
    assert "of different arenas" in page and "better</strong>" not in page


def test_the_lineage_draws_what_it_lists(reader: Reader) -> None:
    page = reader.text("/lineage")
    nodes = reader.json("/api/lineage")["nodes"]
    kept = [one["run_id"] for one in night() if one["status"] == "keep"]
    assert [node["run_id"] for node in nodes] == kept
    assert [node["parent"] for node in nodes] == [None, *kept[:-1]]
    assert page.count("<circle") == len(re.findall("<li[ >]", page)) == len(kept) and "champion" in page


def test_a_failure_cluster_links_to_exactly_its_runs(reader: Reader) -> None:
    page = reader.text("/failures")
    counts = [int(n) for n in re.findall(r'<td class="n">(\d+)</td>', page)]
    addresses = links(page, "list<")
    assert counts and len(addresses) == len(counts)
    for count, address in zip(counts, addresses, strict=True):
        assert reader.json("/api" + address)["total"] == count, address


def test_an_idea_is_checked_from_its_address(reader: Reader) -> None:
    words = "raise the muon step size to 0.032"
    page = reader.text(f"/check?description={quote(words)}")
    guard = reader.json(f"/api/check?description={quote(words)}")
    assert guard["policy"]["decision"] in page and guard["classification"].replace("_", " ") in page
    assert guard["top_matches"][0]["run_id"] in unescape(page)


def test_looking_writes_nothing_but_the_index(place: Path) -> None:
    def held() -> dict[str, bytes]:
        return {
            str(path): path.read_bytes()
            for path in place.rglob("*")
            if path.is_file() and not path.name.startswith(("index.sqlite", "."))
        }

    before = held()
    reader = Reader(place)
    try:
        for path in PATHS:
            reader.text(path)
    finally:
        reader.close()
    assert held() == before
