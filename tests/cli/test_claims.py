"""Holds that an idea has one claimant at a time: many processes, leases, releases, kill -9, and what runs do to it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY, Shell

AGENTS = 8
MEMORY = Path("results") / "memorylab"
IDEAS = [
    (f"set {knob} to {value}", f"change {words} to {value}")
    for knob, words, values in (
        ("MATRIX_LR", "the Muon learning rate", [0.01 + n / 200 for n in range(20)]),
        ("WARMDOWN_RATIO", "the warmdown ratio", [0.1 + n / 25 for n in range(20)]),
        ("DEPTH", "the number of layers", range(4, 24)),
    )
    for value in values
]
LOW, LOW_AGAIN = "raise MATRIX_LR to 0.05", "increase the Muon step size to 0.05"
TRAIN = "import json, os; json.dump({'val_bpb': 0.9}, open(os.environ['AUTORESEARCH_SUMMARY_PATH'], 'w'))"


def start(shell: Shell, *words: str, cwd: Path | None = None) -> subprocess.Popen[str]:
    """A command that runs while the test goes on."""
    return subprocess.Popen(
        [sys.executable, str(REPOSITORY / "memorylab.py"), *words],
        cwd=cwd or shell.root,
        env=shell.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def claim(shell: Shell, description: str, *words: str, **options: Any) -> dict[str, Any]:
    """The verdict on an idea that is asked for; the exit code says whether it was granted."""
    done = shell.run("check", "--claim", "--description", description, "--json", *words, **options)
    guard: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == (0 if guard["claim"] else 2), done.stderr
    return guard


def refused(guard: dict[str, Any], owner: str) -> bool:
    """Whether the verdict names `owner` as the one who has the idea."""
    decision, reason = guard["policy"]["decision"], guard["policy"]["reason"]
    told = guard["classification"] == "duplicate_run" and decision == "block" and f"claimed by {owner}" in reason
    return bool(told and guard["claimed_by"]["owner"] == owner and guard.get("claim") is None)


def run(shell: Shell, description: str, *words: str, code: str = TRAIN, **options: Any) -> Any:
    return shell.run("run", "--description", description, "--json", *words, "--", sys.executable, "-c", code, **options)


# -- one claimant


@pytest.mark.parametrize("named", [True, False], ids=["named", "nameless"])
def test_eight_processes_that_want_sixty_ideas_get_sixty_claims(lab: Shell, tmp_path: Path, named: bool) -> None:
    processes = []
    for number in range(AGENTS):
        ideas = list(range(len(IDEAS)))
        random.Random(number).shuffle(ideas)
        wanted = tmp_path / f"{number}.jsonl"
        wanted.write_text(
            "".join(json.dumps({"description": IDEAS[n][number % 2], "tags": [f"i{n}"]}) + "\n" for n in ideas)
        )
        name = ("--as", f"agent-{number}") if named else ()
        processes.append((ideas, start(lab, "check", "--claim", "--from", str(wanted), *name)))
    granted: Counter[int] = Counter()
    lost: list[tuple[int, dict[str, Any]]] = []
    owners: dict[int, str] = {}
    for ideas, process in processes:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, err) == (2, "")
        for idea, guard in zip(ideas, map(json.loads, out.splitlines()), strict=True):
            if guard["claim"]:
                granted[idea] += 1
                owners[idea] = guard["claim"]["owner"]
            else:
                lost.append((idea, guard))

    assert granted == Counter(range(60))
    assert len(lost) == 60 * (AGENTS - 1)
    assert all(refused(guard, owners[idea]) for idea, guard in lost)
    assert len({row["claim_id"] for row in lab.ledger()}) == len(lab.ledger()) == 60
    assert len(lab.json("claims")) == 60
    assert lab.json("verify") == {"ok": True, "runs": 0, "repaired": [], "problems": []}


def test_of_eight_that_ask_at_once_one_gets_the_idea(lab: Shell) -> None:
    asked = [start(lab, "check", "--claim", "--description", (LOW, LOW_AGAIN)[n % 2], "--json") for n in range(AGENTS)]
    codes = []
    for process in asked:
        process.communicate(timeout=120)
        codes.append(process.returncode)
    assert sorted(codes) == [0] + [2] * (AGENTS - 1)


def test_other_words_for_a_claimed_idea_are_refused_and_a_neighbour_is_not(lab: Shell) -> None:
    assert claim(lab, LOW, "--as", "ann")["claim"]
    assert refused(claim(lab, LOW_AGAIN, "--as", "bob"), "ann")
    assert claim(lab, "raise MATRIX_LR to 0.06", "--as", "bob")["claim"]


@pytest.mark.parametrize("mode", ["explore", "exploit"])
def test_a_plain_check_is_told_who_has_the_idea_and_until_when(lab: Shell, mode: str) -> None:
    claim(lab, LOW, "--as", "ann", "--lease", "1500")
    guard = lab.json("check", "--description", LOW_AGAIN, "--mode", mode)
    assert refused(guard, "ann")
    assert guard["policy"]["reason"].endswith(" UTC (25 min left)")
    assert lab.run("check", "--description", LOW_AGAIN, "--fail-on-similar").returncode == 2
    assert "claimed by ann until " in lab.ok("check", "--description", LOW_AGAIN)


def test_a_claim_in_replicate_mode_is_had_by_one_as_well(lab: Shell) -> None:
    run(lab, LOW)
    assert claim(lab, LOW, "--mode", "replicate", "--as", "ann")["claim"]
    guard = claim(lab, LOW, "--mode", "replicate", "--as", "bob")
    assert (guard["claim"], guard["claimed_by"]["owner"], guard["policy"]["decision"]) == (None, "ann", "allow")


def test_what_history_blocks_is_not_claimed(lab: Shell) -> None:
    lab.ok("log", "--description", LOW, "--status", "crash", "--error", "shape mismatch", "--skip-archive")
    guard = claim(lab, LOW)
    assert guard["policy"]["decision"] == "block"
    assert "claimed_by" not in guard
    assert len(lab.ledger()) == 1


def test_a_claim_says_until_when_and_under_which_name(lab: Shell) -> None:
    last = lab.ok("check", "--claim", "--description", LOW).splitlines()[-1]
    (row,) = lab.ledger()
    assert last == f"claimed until {row['expires_utc'][11:16]} UTC as {row['claim_id']}"
    assert row["kind"] == "claim"
    assert row["branch"] == "night"
    assert row["edits"][0]["target"] == "MATRIX_LR"


def test_the_default_lease_is_two_budgets(lab: Shell) -> None:
    before = time.time()
    stamp = claim(lab, LOW, AUTORESEARCH_TIME_BUDGET="1800")["claim"]["expires_utc"]
    expected = [time.strftime("%Y-%m-%dT%H:%M", time.gmtime(before + 3600 + n)) for n in (0, 60)]
    assert stamp[:16] in expected


def test_a_claim_for_another_budget_blocks_nobody(lab: Shell) -> None:
    assert claim(lab, LOW, "--as", "ann", AUTORESEARCH_TIME_BUDGET="12")["claim"]
    assert claim(lab, LOW, "--as", "bob")["claim"]
    assert refused(claim(lab, LOW, "--as", "eve", AUTORESEARCH_TIME_BUDGET="12"), "ann")


# -- its end


def test_an_expired_lease_blocks_nobody(lab: Shell) -> None:
    assert claim(lab, LOW, "--as", "ann", "--lease", "1")["claim"]
    time.sleep(2.1)
    assert lab.json("check", "--description", LOW)["classification"] == "novel"
    assert lab.json("claims") == []
    assert claim(lab, LOW, "--as", "bob")["claim"]["owner"] == "bob"


def test_a_released_claim_blocks_nobody(lab: Shell) -> None:
    name = claim(lab, LOW, "--as", "ann")["claim"]["claim_id"]
    assert lab.json("claims", "--release", name) == {"released": name}
    assert "is over: released" in lab.refused("claims", "--release", name)
    assert [row["kind"] for row in lab.ledger()] == ["claim", "release"]
    assert claim(lab, LOW, "--as", "bob")["claim"]
    assert lab.run("verify").returncode == 0


def test_a_named_owner_renews_its_claim_and_is_never_blocked_by_it(lab: Shell) -> None:
    first = claim(lab, LOW, "--lease", "60", MEMORYLAB_AGENT="ann")["claim"]
    second = claim(lab, LOW_AGAIN, "--as", "ann", "--lease", "6000")["claim"]
    assert second["claim_id"] == first["claim_id"]
    assert second["expires_utc"] > first["expires_utc"]
    assert [held["expires_utc"] for held in lab.json("claims")] == [second["expires_utc"]]
    assert lab.json("check", "--description", LOW, "--as", "ann")["classification"] == "novel"


def test_a_name_asked_for_on_the_command_line_is_stronger_than_the_environment(lab: Shell) -> None:
    claim(lab, LOW, "--as", "ann", MEMORYLAB_AGENT="bob")
    assert refused(claim(lab, LOW, MEMORYLAB_AGENT="bob"), "ann")


def test_a_logged_run_fulfils_the_claim(lab: Shell) -> None:
    name = claim(lab, LOW, "--as", "ann")["claim"]["claim_id"]
    words = ("log", "--description", LOW_AGAIN, "--status", "keep", "--summary", lab.summary(), "--skip-archive")
    assert lab.json(*words, "--as", "bob")["claim"] is None
    assert [held["claim_id"] for held in lab.json("claims")] == [name]
    assert lab.json(*words, "--as", "ann")["claim"] == name
    assert lab.json("claims") == []
    assert "fulfilled" in lab.refused("claims", "--release", name)


# -- runs


def test_a_run_in_the_worktree_that_claimed_is_not_blocked_and_one_elsewhere_is(lab: Shell, tmp_path: Path) -> None:
    linked = tmp_path / "agent 2"
    lab.git("worktree", "add", "-q", "-b", "second", str(linked))
    owner = claim(lab, LOW)["claim"]["owner"]
    assert owner.endswith(":research")

    blocked = run(lab, LOW_AGAIN, cwd=linked)
    assert blocked.returncode == 2
    assert refused(json.loads(blocked.stdout)["novelty_guard"], owner)

    done = run(lab, LOW_AGAIN)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["claim"] == lab.ledger()[0]["claim_id"]
    assert lab.json("claims") == []


def test_a_run_with_a_claim_keeps_others_off_while_it_goes_on(lab: Shell, tmp_path: Path) -> None:
    (lab.root / "memorylab.toml").write_text("[run]\nslots = 2\n")
    flag = tmp_path / "go on"
    code = f"import pathlib, time\nwhile not pathlib.Path({str(flag)!r}).exists(): time.sleep(0.05)\n{TRAIN}"
    going = start(lab, "run", "--claim", "--description", LOW, "--json", "--", sys.executable, "-c", code)
    try:
        while not lab.ledger():
            time.sleep(0.05)
        held = lab.json("claims")
        others = [run(lab, LOW_AGAIN), run(lab, LOW, "--claim"), run(lab, LOW, "--claim", "--no-check")]
        assert [other.returncode for other in others] == [2, 2, 2]
        assert run(lab, LOW, "--no-check").returncode == 0
    finally:
        flag.touch()
        out, err = going.communicate(timeout=60)
    assert going.returncode == 0, err
    assert json.loads(out)["claim"] == held[0]["claim_id"]
    assert lab.json("claims") == []
    assert lab.json("verify")["problems"] == []


def test_a_run_takes_over_the_claim_that_its_agent_made_before(lab: Shell) -> None:
    name = claim(lab, LOW, "--as", "ann")["claim"]["claim_id"]
    assert run(lab, LOW, "--claim", "--as", "bob").returncode == 2
    done = run(lab, LOW_AGAIN, "--claim", "--as", "ann")
    assert json.loads(done.stdout)["claim"] == name
    assert lab.json("claims") == []


def test_a_run_that_cannot_start_gives_its_claim_back(lab: Shell) -> None:
    lab.refused("run", "--claim", "--description", LOW, "--", "no-such-program")
    assert [row["kind"] for row in lab.ledger()] == ["claim", "release"]
    assert claim(lab, LOW)["claim"]


# -- nothing lost, nothing half


def test_a_claim_killed_at_any_moment_is_whole_or_not_there(lab: Shell) -> None:
    chance = random.Random(1)
    acknowledged = []
    for number in range(10):
        process = start(lab, "check", "--claim", "--description", IDEAS[number][0], "--json")
        time.sleep(chance.uniform(0.05, 0.25))
        process.kill()
        out, _ = process.communicate()
        if out.endswith("}\n"):
            acknowledged.append(json.loads(out)["claim"]["claim_id"])
    claim(lab, IDEAS[20][0])
    names = [row["claim_id"] for row in lab.ledger()]
    assert set(acknowledged) <= set(names)
    assert [held["claim_id"] for held in lab.json("claims")] == names
    assert lab.json("verify")["problems"] == []


def test_a_torn_claim_blocks_nobody(lab: Shell) -> None:
    claim(lab, "DEPTH 9")
    ledger = lab.root / MEMORY / "experiments.jsonl"
    whole = ledger.read_bytes()
    claim(lab, LOW, "--as", "ann")
    ledger.write_bytes(ledger.read_bytes()[:-20])
    assert claim(lab, LOW, "--as", "bob")["claim"]["owner"] == "bob"
    assert ledger.read_bytes().startswith(whole)
    assert len(lab.ledger()) == 2


def test_claims_outlive_the_index_and_are_counted_as_no_runs(lab: Shell) -> None:
    run(lab, "baseline")
    claim(lab, LOW, "--as", "ann")
    before = lab.json("claims")
    for path in (lab.root / MEMORY).glob("index.sqlite*"):
        path.unlink()
    assert lab.json("claims") == before
    assert refused(claim(lab, LOW, "--as", "bob"), "ann")
    assert len(lab.json("history")) == 1
    assert len((lab.root / "results.tsv").read_text().splitlines()) == 2
    assert sum(json.loads((lab.root / MEMORY / "champion_challenger.json").read_text())["status_counts"].values()) == 1
    assert len(lab.ok("export").splitlines()) == 2
    assert lab.json("replay", str(MEMORY / "experiments.jsonl"))["runs"] == 1
    assert lab.json("report")["total_counts"] == {"keep": 1, "discard": 0, "crash": 0}
    assert lab.json("verify")["runs"] == 1


def test_a_name_full_of_escapes_is_shown_as_data(lab: Shell) -> None:
    claim(lab, LOW, "--as", "ann\x1b[31m\nred\x07")
    for words in (("claims",), ("check", "--description", LOW)):
        said = lab.ok(*words)
        assert "\x1b" not in said
        assert "\x07" not in said
        assert "ann red" in said


# -- bad input


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("check", "--claim", "--description", LOW, "--lease", "0"), 64),
        (("check", "--claim", "--description", LOW, "--lease", "-5"), 64),
        (("check", "--claim", "--description", LOW, "--lease", "nan"), 64),
        (("check", "--claim", "--description", LOW, "--threshold", "2.0"), 64),
        (("check", "--claim", "--description", LOW, "--as", " "), 64),
        (("check", "--claim", "--description", " "), 64),
        (("check", "--claim"), 64),
        (("check", "--description", LOW, "--lease", "60"), 64),
        (("run", "--description", LOW, "--lease", "60", "--", "true"), 64),
        (("claims", "--release", "no-such-claim"), 1),
        (("claims", "--release", ""), 1),
    ],
)
def test_bad_input_is_one_line_and_claims_nothing(lab: Shell, words: tuple[str, ...], code: int) -> None:
    assert "; hint: " in lab.refused(*words, code=code)
    assert lab.ledger() == []


def test_one_bad_line_among_many_ideas_claims_none_of_them(lab: Shell) -> None:
    lines = json.dumps({"description": LOW}) + '\n{"description": ""}\n'
    lab.refused("check", "--claim", "--from", "-", stdin=lines)
    assert lab.ledger() == []
