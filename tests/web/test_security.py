"""Each claim about who may ask, and about what can't be done with text from agents, has a test that would fail."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from memorylab.errors import UsageError
from memorylab.web.api import CALLS
from memorylab.web.serving import access, is_loopback
from tests.web.site import HOSTILE, STRANGE, Reader, archive, night, row, workspace, write

PAGES = ("/", "/runs", "/lineage", "/knobs", "/failures", "/noise", "/check", "/live", "/help", "/compare")
TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture
def guarded(place: Path) -> Iterator[Reader]:
    found = Reader(place, access("0.0.0.0", 8787, TOKEN))
    yield found
    found.close()


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8787", "127.0.0.1.evil.example", "localhost.", "", "[::2]"]
)
def test_a_name_that_is_not_ours_is_refused(reader: Reader, host: str) -> None:
    for path in (*PAGES, "/api/runs", "/static/app.js", "/api/events", "/nowhere"):
        assert reader.get(path, headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8787", "localhost:8787", "LOCALHOST", "[::1]:8787"])
def test_our_names_are_answered(reader: Reader, host: str) -> None:
    assert reader.get("/help", headers={"host": host}).status_code == 200


def test_a_page_of_another_site_can_not_ask(reader: Reader) -> None:
    idea = {"description": "raise MATRIX_LR to 0.9"}
    for origin in ("http://evil.example", "null", "http://127.0.0.1:9999", "https://localhost.evil"):
        assert reader.ask("POST", "/api/check", json=idea, headers={"origin": origin}).status_code == 403
        assert reader.get("/api/runs", headers={"origin": origin}).status_code == 403
    assert reader.ask("POST", "/api/check", json=idea, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    own = {"origin": "http://127.0.0.1:8787"}
    assert reader.ask("POST", "/api/check", json=idea, headers=own).status_code == 200
    assert reader.ask("POST", "/api/check", json=idea).status_code == 200, "a program sends no origin"


def test_nothing_but_reading_is_answered(reader: Reader) -> None:
    for path in (*PAGES, *(call.path for call in CALLS), "/api/events", "/static/app.js", "/archive"):
        for method in ("PUT", "DELETE", "PATCH", *(["POST"] if path != "/api/check" else [])):
            assert reader.ask(method, path).status_code == 405, (method, path)


def test_every_answer_forbids_scripts_and_styles_that_are_not_ours(reader: Reader) -> None:
    asked = [reader.get(path) for path in (*PAGES, "/nowhere", "/api/runs", "/api/run?id=x", "/static/app.js")]
    asked += [reader.get("/", headers={"host": "evil.example"}), reader.ask("POST", "/")]
    for answer in asked:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy
        assert "script-src 'self'" in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in answer.headers


def test_where_others_can_reach_the_port_a_token_is_needed(guarded: Reader) -> None:
    for path in (*PAGES, "/api/runs", "/api/events", "/static/app.js", "/archive", "/nowhere"):
        for headers in (
            {},
            {"authorization": "Bearer wrong"},
            {"authorization": TOKEN},
            {"cookie": "memorylab_8787=x"},
        ):
            assert guarded.get(path, headers=headers).status_code == 401, (path, headers)
        assert guarded.get(f"{path}?token=wrong").status_code == 401
    assert guarded.get("/api/runs", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_the_token_leaves_the_address_for_a_cookie_that_does_not_hold_it(guarded: Reader) -> None:
    answer = guarded.get(f"/runs?status=keep&token={TOKEN}")
    assert answer.status_code == 303 and answer.headers["location"] == "/runs?status=keep"
    cookie = answer.headers["set-cookie"]
    assert TOKEN not in cookie and "HttpOnly" in cookie and "samesite=lax" in cookie.lower()
    kept = cookie.partition(";")[0]
    assert guarded.get("/runs", headers={"cookie": kept}).status_code == 200
    assert guarded.get("/runs", headers={"cookie": f'other="; {kept}'}).status_code in (200, 401), (
        "odd cookies do no harm"
    )


def test_the_redirection_can_not_lead_to_another_site(guarded: Reader) -> None:
    for path in ("//evil.example", "/\\evil.example", "/%2f%2fevil.example"):
        where = guarded.get(f"{path}?token={TOKEN}").headers["location"]
        assert where.startswith("/") and not where.startswith(("//", "/\\")), where


def test_the_token_is_compared_in_constant_time(guarded: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []
    real = hmac.compare_digest

    def noted(a: Any, b: Any) -> bool:
        compared.append(b)
        return real(a, b)

    monkeypatch.setattr(hmac, "compare_digest", noted)
    guarded.get("/runs?token=wrong", headers={"authorization": "Bearer wrong", "cookie": "memorylab_8787=wrong"})
    assert compared.count(TOKEN.encode()) == 2 and len(compared) == 3


def test_a_host_beyond_this_machine_gets_a_token_whether_or_not_one_is_given() -> None:
    assert access("127.0.0.1", 1, None).token is None and access("::1", 1, None).token is None
    made = [access(host, 1, None).token or "" for host in ("0.0.0.0", "::", "192.168.1.5", "box.example") * 2]
    assert len(set(made)) == len(made) and all(len(token) >= 24 for token in made)
    assert access("127.0.0.1", 1, TOKEN).token == TOKEN
    for weak in ("short", "", "x" * 15, "ü" * 30, "line\nbreak" * 4):
        with pytest.raises(UsageError):
            access("0.0.0.0", 1, weak)
    assert not is_loopback("0.0.0.0") and not is_loopback("evil.example") and is_loopback("127.8.0.1")


def test_no_name_of_a_file_leads_out_of_an_archive(place: Path, reader: Reader) -> None:
    run = row(900, "keep", 0.9)
    run["artifacts"] = archive(place, run["run_id"], log="inside\n")
    directory = place / "results" / "memorylab" / "runs" / run["run_id"]
    (directory / "summary.json").symlink_to(place / "memorylab.toml")
    (directory / "secret.txt").write_text("secret")
    write(place, [run])
    assert reader.text(f"/archive?id={run['run_id']}&file=run.log") == "inside\n"
    outside = (
        "../../experiments.jsonl",
        "/etc/passwd",
        "..",
        "",
        "%2e%2e%2fexperiments.jsonl",
        "run.log/../secret.txt",
    )
    for name in (*outside, "summary.json", "secret.txt", "run.log\0", "decision_packet.md"):
        answer = reader.get(f"/archive?id={run['run_id']}&file={quote(name)}")
        assert answer.status_code == 404 and "secret" not in answer.text, name
    for name in ("..%2f..%2fpages.py", "../app.py", "%2e%2e/app.py", "app.js%00"):
        assert reader.get(f"/static/{name}").status_code == 404


def test_no_run_id_leads_out_of_the_archives(place: Path, reader: Reader) -> None:
    (place / "results" / "memorylab" / "run.log").write_text("outside")
    for run_id in ("..", ".", "../reports", "/etc", "runs/../..", ""):
        write(place, [row(901, "keep", 0.9, run_id=run_id, artifacts={"directory": "runs/.."})])
        answer = reader.get(f"/archive?id={quote(run_id, safe='')}&file=run.log")
        assert answer.status_code == 404 and "outside" not in answer.text


def test_an_archive_that_is_a_link_is_none(place: Path, reader: Reader) -> None:
    (place / "elsewhere").mkdir()
    (place / "elsewhere" / "run.log").write_text("outside")
    (place / "results" / "memorylab" / "runs" / "linked").symlink_to(place / "elsewhere")
    write(place, [row(902, "keep", 0.9, run_id="linked", artifacts={"directory": "runs/linked"})])
    assert reader.get("/archive?id=linked&file=run.log").status_code == 404
    assert "outside" not in reader.text("/run?id=linked")


class _Tags(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str | None] = []
        self.wrong: list[str] = []
        self.read = ""

    def handle_data(self, data: str) -> None:
        self.read += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script":
            self.scripts.append(given.get("src"))
        if tag in ("img", "iframe", "object", "embed", "base", "style", "b"):
            self.wrong.append(tag)
        for name, value in attrs:
            if name in ("title", "aria-label", "placeholder"):
                self.read += value or ""
            if name.startswith("on") or name == "style":
                self.wrong.append(f"{tag} {name}")
            if name in ("href", "src", "action", "data-href") and not (value or "").startswith(("/", "#")):
                self.wrong.append(f"{tag} {name}={value}")


def hostile(value: Any) -> Any:
    """The value with every text in it replaced by the worst that an agent could write."""
    if isinstance(value, str):
        return HOSTILE
    if isinstance(value, dict):
        return {key: hostile(item) for key, item in value.items()}
    return [hostile(item) for item in value] if isinstance(value, list) else value


def test_whatever_agents_write_stays_text(tmp_path: Path) -> None:
    edit = {"target": "MATRIX_LR", "op": "set", "from": "0.04", "to": "0.05", "direction": "up", "scope": "x"}
    guard = {"classification": "novel", "policy": {"decision": "block", "reason": "r", "mode": "m"}, "mode": "m",
             "top_matches": [{"run_id": "r", "status": "keep", "why": "w", "description": "d"}], "suggestion": "s",
             "knobs": [{"target": "t", "note": "n"}], "field_prior": [{"target": "t", "kind": "k", "source": "s"}],
             "edits": [edit], "mismatch": "m"}  # fmt: skip
    packet = {"next_action": "a", "priority": "p", "summary": "s", "rationale": ["r"], "hypothesis_status": "h",
              "comparison": {"value": 1.0, "base": {"run_id": "b", "value": 1.1}}}  # fmt: skip
    whole = row(1, "keep", 0.9, edits=[edit], novelty_guard=guard, decision_packet=packet, notes="n", hypothesis="h",
                integrity="ok", integrity_reasons=[{"text": "t"}], source={"file": "f"})  # fmt: skip
    worst = [
        hostile(whole) | {"status": status, "metrics": {"val_bpb": value, HOSTILE: 1.0, "x": HOSTILE}, "edits": [edit],
                          "arena": {"metric": "val_bpb", "direction": "min", "device": HOSTILE}}
        for status, value in (("keep", 0.9), ("keep", 0.8), ("discard", 0.95), ("discard", 0.96), ("crash", None))
    ]  # fmt: skip
    worst += [
        row(7, "crash", None, description=HOSTILE, error={"summary": HOSTILE, "kind": HOSTILE, "tail": HOSTILE})
    ] * 3
    place = workspace(tmp_path / "research", worst)
    patch = f"diff --git a/x b/x\n@@ -1 +1 @@\n-{HOSTILE}\n+{HOSTILE}x\n"
    left = archive(place, "own", log=HOSTILE, patch=patch)
    write(place, [row(5, "keep", 0.7, run_id="own", description=HOSTILE, artifacts=left)])
    found = Reader(place)
    try:
        name = quote(HOSTILE, safe="")
        asked = ("/run?id=", "/runs?q=", "/runs?tag=", "/check?description=", "/knobs?name=", "/run?id=nothing")
        more = ("/runs?status=", "/runs?sort=best&family=", "/compare?a=own&b=", "/compare?a=")
        all_at_once = f"/runs?commit={name}&knob={name}&error={name}"
        own = ("/run?id=own", "/knobs?name=MATRIX_LR", all_at_once)
        pages = [*PAGES, *own, *(path + name for path in (*asked, *more))]
        for path in pages:
            answer = found.get(path)
            assert answer.status_code in (200, 400, 404), (path, answer.text)
            tags = _Tags()
            tags.feed(answer.text)
            assert tags.scripts == ["/static/app.js"], path
            assert tags.wrong == [], path
            assert not {"\x1b", "\u202e"} & set(tags.read), path
    finally:
        found.close()


@pytest.mark.parametrize("run_id", STRANGE)
def test_a_run_with_a_strange_id_has_its_page(tmp_path: Path, run_id: str) -> None:
    rows = [*night(5), row(6, "keep", 0.7, run_id=run_id, description="the strange one")]
    found = Reader(workspace(tmp_path / "research", rows))
    try:
        assert "the strange one" in found.text(f"/run?id={quote(run_id, safe='')}")
        assert found.json(f"/api/run?id={quote(run_id, safe='')}")["run_id"] == run_id
        assert f"/run?id={quote(run_id)}" in found.text("/runs").replace("&amp;", "&").replace("%2F", "/")
    finally:
        found.close()
