"""`import` and `replay` of what other loops call a verdict, and of what they don't."""

from __future__ import annotations

import json

from tests.conftest import Shell


def write(shell: Shell, name: str, text: str) -> str:
    (shell.root / name).write_text(text)
    return name


def test_a_run_that_was_killed_without_a_score_is_imported_as_stopped(shell: Shell) -> None:
    shell.ok("init", "--metric", "sharpe", "--direction", "max")
    text = (
        "commit\tsharpe\tstatus\tdescription\nabc1230\t1.1\tkeep\tbaseline\nabc1231\t0.7\tkilled\tLOOKBACK 20 -> 5\n"
        "abc1232\t\tkilled\tLOOKBACK 20 -> 60\nabc1233\t\tpolicy_reject\tLOOKBACK 20 -> 90\n"
    )
    shell.ok("import", write(shell, "theirs.tsv", text), "--same-arena")
    found = [(row["status"], (row["error"] or {}).get("kind")) for row in shell.ledger()]
    assert found == [("keep", None), ("discard", None), ("crash", "interrupted")]
    assert shell.json("check", "--description", "LOOKBACK 20 -> 60")["policy"]["decision"] != "block"


def test_a_log_with_a_heading_for_each_run_is_imported_and_replayed(shell: Shell) -> None:
    shell.ok("init", "--metric", "f1", "--direction", "max")
    text = "# Log\n\n" + "".join(
        f"## Run {n} — {verdict}\n\n- f1: {value}\n- change: {change}\n\n"
        for n, (verdict, value, change) in enumerate(
            [("✅ KEPT", 0.6, "bag of words"), ("❌ REVERTED", 0.5, "stop words"), ("KEPT", 0.7, "n-grams")], 1
        )
    )
    name = write(shell, "LOG.md", text)
    assert shell.json("import", name)["added"] == 3
    found = shell.json("replay", name)
    assert [row["status"] for row in found["rows"]] == ["keep", "discard", "keep"]


def test_json_lines_of_another_shape_are_refused_by_name_and_may_be_imported(shell: Shell) -> None:
    rows = [{"iteration": n, "accepted": n != 2, "score": 0.5 + n / 10, "idea": f"idea {n}"} for n in range(1, 5)]
    name = write(shell, "theirs.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    said = shell.refused("replay", name)
    assert "theirs.jsonl is no ledger as MemoryLab writes it" in said and "memorylab import" in said
    shell.ok("init", "--metric", "score", "--direction", "max")
    shell.ok("import", name)
    assert [row["status"] for row in shell.ledger()] == ["keep", "discard", "keep", "keep"]
