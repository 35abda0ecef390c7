"""Holds the promise that no secret reaches a file of the memory, whichever way it comes in."""

from __future__ import annotations

import json
import random
import string
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Shell

DICE = random.Random("invented")
TOKEN = "ghp_" + "".join(DICE.choice(string.ascii_letters + string.digits) for _ in range(36))
BARE = "".join(DICE.choice(string.ascii_lowercase) for _ in range(18)) + "42"
"""Known as a secret by nothing but the name that it stands under."""
CODE = (
    'MATRIX_LR = {lr}\nAPI_TOKEN = "{bare}"\nHUB = "{token}"\n\n\ndef load(password="{bare}"):\n    return "{token}"\n'
)


def leaks(root: Path) -> list[str]:
    """The files of the memory, and the tables and reports beside it, in which a part of a secret stands."""
    places = [*(root / "results").rglob("*"), root / "results.tsv", *root.glob("export*"), *root.glob("summary-*")]
    words = [word.encode() for whole in (TOKEN, BARE) for word in (whole, whole[6:], whole[: len(whole) // 2])]
    return [str(path) for path in places if path.is_file() and any(word in path.read_bytes() for word in words)]


def code(lr: float, bare: str = BARE, token: str = TOKEN) -> str:
    return CODE.format(lr=lr, bare=bare, token=token)


@pytest.fixture
def leaky(lab: Shell) -> Shell:
    """A workspace with a run, and then a token in every place where words come from."""
    lab.commit(code(0.04, bare="", token=""))
    (lab.root / "summary.json").write_text('{"val_bpb": 1.0}')
    lab.ok("log", "--description", "baseline", "--status", "keep", "--summary", "summary.json")
    lab.git("checkout", "-q", "-b", f"try/{TOKEN}")
    lab.commit(code(0.05), f"use {TOKEN}")
    return lab


IDEA = (
    "--description",
    f"MATRIX_LR to 0.05 with {TOKEN} and API_TOKEN={BARE}",
    "--family",
    TOKEN,
    "--tags",
    f"a,{TOKEN}",
    "--hypothesis",
    f"because of {TOKEN}",
)


def test_nothing_that_log_writes_holds_a_secret(leaky: Shell) -> None:
    summary = {"val_bpb": 0.98, "config": {"api_key": BARE}, "url": f"https://me:{BARE}@example.org", "device": TOKEN}
    (leaky.root / "s.json").write_text(json.dumps(summary))
    (leaky.root / "run.log").write_text(
        f"{TOKEN} " * 9000 + f'\n"password": "{BARE}"\n---\nval_bpb: 0.98\ndata_sha: {TOKEN}\n'
    )
    words = (
        "log",
        *IDEA,
        "--status",
        "auto",
        "--notes",
        f"note {TOKEN}",
        "--summary",
        "s.json",
        "--log",
        "run.log",
        "--key",
        f"job-{TOKEN}",
        "--as",
        f"agent {TOKEN}",
        "--report",
    )
    told = leaky.ok(*words)
    assert leaks(leaky.root) == []
    assert TOKEN not in told
    assert "already" in leaky.ok(*words) or len(leaky.ledger()) == 2
    assert len(leaky.ledger()) == 2, "a key with a token in it is found again"
    row = leaky.ledger()[-1]
    assert row["edits"] and row["branch"] == "try/[redacted]"


def test_nothing_that_a_crash_leaves_holds_a_secret(leaky: Shell) -> None:
    half = "step 1\n" * 9362  # the log's last 64 KiB begin within the token
    (leaky.root / "run.log").write_text(f"x {TOKEN}\n" + half[: (64 << 10) - 20] + f"\nRuntimeError: {TOKEN}\n")
    leaky.ok("log", *IDEA, "--status", "crash", "--error", f"refused {TOKEN}", "--log", "run.log", "--report")
    assert leaks(leaky.root) == []


def test_nothing_that_a_run_writes_holds_a_secret_while_it_runs_and_after(leaky: Shell) -> None:
    notes = f"{leaky.root}/results/memorylab/scratch/*/running.json"
    watch = (
        "import glob, os, sys, time\n"
        f"notes = [open(p).read() for p in glob.glob({notes!r})]\n"
        "assert notes\n"
        "open('seen.txt', 'w').write(''.join(notes))\n"
        f"print('token', {TOKEN!r}, 'password:', {BARE!r})\n"
        "open(os.environ['AUTORESEARCH_SUMMARY_PATH'], 'w').write('{\"val_bpb\": 0.97}')\n"
    )
    leaky.ok("run", *IDEA, "--no-check", "--", sys.executable, "-c", watch, "--hf-token", BARE, TOKEN)
    seen = (leaky.root / "seen.txt").read_text()
    assert '"--hf-token", "[redacted]"' in seen
    assert TOKEN not in seen
    assert leaks(leaky.root) == []
    assert leaky.ledger()[-1]["status"] in ("keep", "discard")


def test_the_same_idea_with_a_token_in_it_is_still_a_duplicate(leaky: Shell) -> None:
    (leaky.root / "s.json").write_text('{"val_bpb": 1.2}')
    leaky.ok("log", *IDEA, "--status", "discard", "--summary", "s.json")
    again = leaky.json("check", *IDEA, "--diff", "HEAD")
    assert again["classification"] == "duplicate_run"
    assert TOKEN not in json.dumps(again)
    assert BARE not in json.dumps(again)
    assert leaks(leaky.root) == []


def test_nothing_that_claims_and_refusals_write_holds_a_secret(leaky: Shell) -> None:
    leaky.ok("check", *IDEA, "--claim", "--as", f"me {TOKEN}", "--diff", "HEAD")
    leaky.run("run", *IDEA, "--claim", "--as", f"you {TOKEN}", "--", "true")
    assert len(leaky.ledger()) >= 3
    assert leaks(leaky.root) == []


def test_nothing_that_import_report_and_export_write_holds_a_secret(leaky: Shell) -> None:
    name = f"{TOKEN}.tsv"
    (leaky.root / name).write_text(
        "commit\tval_bpb\tmemory_gb\tstatus\tdescription\tapi_key\tremark\n"
        f"abc1234\t0.99\t40\tkeep\tlower LR {TOKEN}\t{BARE}\tsee https://x:{BARE}@example.org\n"
    )
    leaky.ok("import", name)
    assert leaky.json("import", name)["added"] == 0
    leaky.ok("report")
    for form in ("md", "html", "json"):
        leaky.ok("report", "--format", form, "--output", f"export.{form}")
    for form in ("tsv", "csv", "jsonl"):
        leaky.ok("export", "--format", form, "--output", f"export-runs.{form}")
    assert leaks(leaky.root) == []


def test_a_row_of_another_tool_is_read_without_its_secrets(leaky: Shell) -> None:
    ledger = leaky.root / "results" / "memorylab" / "experiments.jsonl"
    row = {
        "run_id": "theirs-1",
        "status": "keep",
        "description": f"LR {TOKEN}",
        "metrics": {"val_bpb": 0.9},
        "edits": [{"target": "API_TOKEN", "op": "set", "from": None, "to": BARE}],
        "commit": "abc\t1\x1b[2J",
    }
    with ledger.open("a") as file:
        file.write(json.dumps(row).replace(TOKEN, TOKEN.replace("_", "\\u005f")) + "\n")
    told = "".join(
        leaky.ok(*words)
        for words in (("history",), ("show", "theirs-1", "--json"), ("report",), ("best",), ("export",))
    )
    assert TOKEN not in told
    assert BARE not in told
    (leaky.root / "results.tsv").unlink()
    leaky.ok("history")
    ledger.unlink()
    assert leaks(leaky.root) == []


def test_a_note_of_acceptance_is_kept_without_its_secrets(leaky: Shell) -> None:
    (leaky.root / "prepare.py").write_text(f"# another judge\nKEY = '{TOKEN}'\n")
    leaky.git("commit", "-qam", "judge")
    leaky.ok("log", *IDEA, "--status", "keep", "--summary", leaky.summary(val_bpb=0.5))
    run = leaky.ledger()[-1]["run_id"]
    leaky.agreed("accept", run, "--note", f"fine, {TOKEN}", "--as", TOKEN)
    assert leaky.ledger()[-1]["note"] == "fine, [redacted]"
    assert leaks(leaky.root) == []


def test_no_page_shows_a_secret_of_an_older_archive_or_a_foreign_row(leaky: Shell) -> None:
    pytest.importorskip("starlette")
    from tests.web.site import Reader

    (leaky.root / "run.log").write_text("val_bpb: 0.9\n")
    leaky.ok("log", *IDEA, "--status", "auto", "--log", "run.log")
    run = leaky.ledger()[-1]["run_id"]
    archive = leaky.root / "results" / "memorylab" / "runs" / run
    (archive / "run.log").write_text(f"step 1 (1%) | loss: 2.5\npassword: {BARE}\n{TOKEN}\n")
    (archive / "train.patch").write_text(f"--- a/train.py\n+++ b/train.py\n@@ -1 +1 @@\n-A = 1\n+HUB = '{TOKEN}'\n")
    row = {
        "run_id": "theirs-1",
        "status": "keep",
        "description": f"LR {TOKEN}",
        "metrics": {"val_bpb": 0.8},
        "hypothesis": TOKEN,
        "error": {"tail": TOKEN},
        "edits": [{"target": "API_TOKEN", "op": "set", "from": None, "to": BARE}],
    }
    with (leaky.root / "results" / "memorylab" / "experiments.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")
    reader = Reader(leaky.root)
    try:
        shown = [f"/run?id={name}" for name in (run, "theirs-1")]
        for path in (
            "/",
            "/runs",
            "/knobs",
            "/failures",
            "/api/runs",
            "/api/overview",
            *shown,
            *("/api" + name for name in shown),
        ):
            page = reader.text(path)
            assert TOKEN not in page
            assert BARE not in page
        assert "[redacted]" in reader.text(shown[0])
    finally:
        reader.close()


def test_a_foreign_commit_breaks_no_line_of_the_table(leaky: Shell) -> None:
    ledger = leaky.root / "results" / "memorylab" / "experiments.jsonl"
    odd = {"commit": "a\tb\nc\x1b[2Jd\u202e", "status": "keep\t1", "description": "x\ty\u2028z"}
    with ledger.open("a") as file:
        file.write(json.dumps({"run_id": "odd-1", "metrics": {"val_bpb": 0.9}, **odd}) + "\n")
    (leaky.root / "results.tsv").unlink()
    leaky.ok("history")
    table = (leaky.root / "results.tsv").read_text()
    assert {line.count("\t") for line in table.split("\n")[:-1]} == {4}
    assert all(sign.isprintable() or sign in "\t\n" for sign in table)


def test_verify_prints_no_escape_of_a_row(lab: Shell) -> None:
    ledger = lab.root / "results" / "memorylab" / "experiments.jsonl"
    with ledger.open("a") as file:
        file.write(
            json.dumps({"run_id": "a\x1b]0;x\x07\x1b[2J\u202eb", "artifacts": {"directory": "gone\x9b2J"}}) + "\n" * 2
        )
        file.write('{"run_id": "a\x1b[2J\n')
    done = lab.run("verify")
    assert done.returncode == 1
    assert all(sign.isprintable() or sign == "\n" for sign in done.stdout + done.stderr)


def test_a_check_with_a_hundred_thousand_passwords_takes_no_time(lab: Shell) -> None:
    """108 kB of `password=` took 16 s."""
    (lab.root / "ideas.jsonl").write_text(json.dumps({"description": "password=" * 12_000}) + "\n")
    begun = time.monotonic()
    lab.ok("check", "--from", "ideas.jsonl")
    assert time.monotonic() - begun < 10
