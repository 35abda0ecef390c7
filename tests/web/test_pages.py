from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from memorylab.core.numerals import digits, number
from memorylab.core.report import bill, headline
from memorylab.lab import open_lab
from memorylab.lab.context import Context
from memorylab.lab.reporting import gather
from memorylab.render import text_board, words
from memorylab.web import templating
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
    assert champion["description"] in start and number(champion["mean"]) in start
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


def test_a_run_says_first_what_holds_today_and_of_its_packet_when_it_was_judged(place: Path, reader: Reader) -> None:
    packet = {"next_action": "replicate", "summary": "Keep it for now.", "rationale": ["It beats 20260105T003622Z-x1."]}
    write(place, [row(61, "keep", 0.5, description="the best by far", decision_packet=packet)])
    overview = reader.json("/api/overview")
    page = unescape(reader.text(f"/run?id={overview['champion']['run_id']}"))
    assert overview["champion"]["description"] == "the best by far"
    verdict = headline.verdict(overview["champion"], "min", digits(0.001))
    today, then = page.index("Today</h2>"), page.index("As judged when it was logged")
    assert today < page.index(verdict.why.replace(" %", "\u00a0%")) < then < page.index("Advice then")
    assert "2026-01-05 06:06" in page[then : then + 120] and "champion" in page[today:then].lower()
    assert '<a href="/run?id=20260105T003622Z-x1">' in page[then:]


def test_the_chance_on_a_run_s_page_is_the_overview_s(reader: Reader) -> None:
    overview = reader.json("/api/overview")
    for rival in overview["challengers"]:
        page = reader.text(f"/run?id={rival['run_id']}")
        said = page[page.index("Today</h2>") : page.index("Compare with the champion")]
        assert f"{words.percent(rival['probability_better'])} <span" in said
        asked = [item for item in overview["queue"] if item.get("run_id") == rival["run_id"]]
        assert ("In the queue" in said) == bool(asked)
        assert not asked or asked[0]["why"] in unescape(said).replace("\u00a0", " ")


def test_a_run_of_another_arena_has_no_place_in_this_one(place: Path, reader: Reader) -> None:
    other = row(61, "keep", 0.1, arena={"metric": "val_bpb", "direction": "min", "device": "a toaster"})
    write(place, [other, row(62, "keep", 0.4)])
    assert "another arena than the one in use" in reader.text(f"/run?id={other['run_id']}")


def test_lists_of_runs_give_no_advice_of_yore(place: Path, reader: Reader) -> None:
    write(place, [row(61, "discard", 1.5, decision_packet={"next_action": "investigate_crash"})])
    for path in ("/runs", "/"):
        page = reader.text(path)
        assert "investigate crash" not in page[page.index("Newest runs") if path == "/" else 0 :]


def test_a_log_keeps_its_indentation(place: Path, reader: Reader) -> None:
    log = "Traceback:\n  File <x>\n    y = 1 / 0\n        ~~^~~\n"
    run = row(700, "crash", None)
    write(place, [run | {"artifacts": archive(place, run["run_id"], log)}])
    assert "Traceback:\n  File <x>\n    y = 1 / 0\n        ~~^~~" in unescape(reader.text(f"/run?id={run['run_id']}"))


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
        assert "0.1 better" in page and "number changed" in page and "to the second" in page
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
    counts = [int(n.replace(",", "")) for n in re.findall(r'data-label="times">([\d,]+)</td>', page)]
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


def test_the_overview_has_what_the_report_has(place: Path, reader: Reader) -> None:
    write(place, [
        {"kind": "check", "decision": "block", "timestamp_utc": "2026-01-05T06:00:00Z", "description": "tie embeddings",
         "classification": "repeat_failure", "reason": "failed in 20260105T000622Z-e3779b1", "evidence": []},
    ])  # fmt: skip
    page = unescape(reader.text("/")).replace("\u00a0", " ")
    m = gather(Context.open(place))
    assert m.queue[0]["why"] in page
    for sentence in bill.sentences(m.bill, m.counts, words.digits_of(m))[1:]:
        assert sentence in page
    for item in [*m.queue, *m.near_misses]:
        assert words.name_of(item) in page or item["action"] == "new"
    held = page[page.index("Held back by the guard") :]
    assert "tie embeddings" in held and '<a href="/run?id=20260105T000622Z-e3779b1">' in held


def test_the_queue_names_what_is_untried_as_the_report_does(tmp_path: Path) -> None:
    rows = [row(n, "discard" if n > 1 else "keep", 1 + n / 100, description=f"{knob} {2.0 ** (n - 3)}")
            for n in range(1, 7) for knob in ("MATRIX_LR", "SCALAR_LR", "EMBEDDING_LR", "SOFTCAP")]  # fmt: skip
    rows = [one | {"run_id": f"r{number}", "commit": f"{number:040x}"} for number, one in enumerate(rows)]
    place = workspace(tmp_path / "research", rows)
    reader = Reader(place)
    try:
        page, m = unescape(reader.text("/")), gather(Context.open(place))
        why = next(item["why"] for item in m.queue if item["action"] == "new")
        assert "untried: " in why and why in page
    finally:
        reader.close()


def test_what_a_page_of_nothing_says_counts_no_runs(reader: Reader) -> None:
    assert "60 runs in the ledger" in reader.text("/")
    assert "in the ledger" not in reader.get("/run?id=nothing").text


def test_crashes_are_told_by_their_kind_and_measured_among_themselves(place: Path, reader: Reader) -> None:
    page = unescape(reader.text("/failures"))
    crashes = page[: page.index("Discarded")]
    assert crashes.count("CUDA out of memory") == 1 and 'class="crash" x="0.0" width="100.0"' in crashes
    assert 'class="discard" x="0.0" width="100.0"' in page
    assert all(row["cause"] in page for row in reader.json("/api/failures")["failures"] if row["kind"] == "discard")
    other = {"description": "set SOFTCAP to 3", "error": {"summary": "too small a card", "kind": "oom"}}
    write(place, [row(61 + n, "crash", None, **other) for n in range(2)])
    assert "too small a card" in reader.text("/failures"), "where messages differ each has its own"


def test_the_noise_is_said_as_by_the_command(place: Path, reader: Reader) -> None:
    said = text_board.noise(open_lab(place).noise(), "val_bpb", 1_000)
    sentence = next(line for line in said.split("\n") if "counts as real" in line).rstrip(".")
    assert sentence in unescape(reader.text("/noise")), sentence


def test_two_runs_are_picked_from_the_list_without_scripts(reader: Reader) -> None:
    rows = night()
    page = reader.text("/runs?status=keep&limit=5")
    first = next(address for address in links(page, "compare<") if rows[55]["run_id"] in address)
    assert "status=keep" in first and "limit=5" in first
    page = reader.text(first)
    assert "Choose the run to hold against" in page and rows[55]["description"] in page
    assert 'name="compare" value="' in page, "a filter keeps the pick"
    second = links(page, "compare<")[0]
    assert second.startswith("/compare?a=" + rows[55]["run_id"]) and "<h2" in reader.text(second)
    assert reader.get("/runs?compare=nothing").status_code == 404


def test_what_is_shown_of_a_reason_leads_to_the_run_that_it_names() -> None:
    found = templating.linked("failed in 20260105T000622Z-e3779b1 <b>, again: 20260105T000622Z-e3779b1")
    assert found == (
        'failed in <a href="/run?id=20260105T000622Z-e3779b1">20260105T000622Z-e3779b1</a> &lt;b&gt;, '
        "again: 20260105T000622Z-e3779b1"
    )
