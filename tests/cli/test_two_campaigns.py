"""Two campaigns in one repository: nothing of one is in the other, but that the guard knows what both tried."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY, Shell

LOOP = 'LR=3\n. ./nap\necho "error: $((LR * LR)).5"\necho "speed: $((100 - LR))"\n'
MEMORY = Path("results") / "memorylab"
SECOND = ("init", "--campaign", "speed", "--metric", "speed", "--direction", "max")


@pytest.fixture
def two(shell: Shell) -> Shell:
    """A loop of a shell script that prints two numbers, with a campaign on each; the first one has a run."""
    shell.git("rm", "-q", "train.py", "prepare.py")
    for name, text in (("loop.sh", LOOP), ("nap", ""), ("judge.cfg", "scale=1\n")):
        (shell.root / name).write_text(text)
    shell.git("add", "-A")
    shell.git("commit", "-qm", "laid out")
    first = ("--metric", "error", "--direction", "min", "--command", "sh loop.sh", "--protected", "judge.cfg")
    shell.ok("init", *first)
    shell.ok("run", "--description", "baseline")
    shell.ok(*SECOND)
    return shell


def edit(shell: Shell, lr: int) -> None:
    path = shell.root / "loop.sh"
    path.write_text(LOOP.replace("LR=3", f"LR={lr}"))
    shell.git("commit", "-qam", f"LR {lr}")


def told(shell: Shell) -> dict[str, tuple[Any, ...]]:
    names = ("active", "metric", "direction", "runs")
    return {one["name"]: tuple(one[name] for name in names) for one in shell.json("campaign", "list")}


def described(shell: Shell, *words: str) -> list[str]:
    return [run["description"] for run in shell.json("history", *words)][::-1]


def test_each_has_settings_champion_table_and_report_of_its_own(two: Shell) -> None:
    two.ok("run", "--description", "the same code by its speed")
    edit(two, 2)
    two.ok("run", "--description", "lower LR from 3 to 2")
    assert told(two) == {"default": (False, "error", "min", 1), "speed": (True, "speed", "max", 2)}
    assert described(two) == ["the same code by its speed", "lower LR from 3 to 2"]
    assert described(two, "--campaign", "default") == ["baseline"]
    best = {name: two.json("best", "--campaign", name) for name in ("default", "speed")}
    assert best["default"]["champion"]["description"] == "baseline" and "campaign" not in best["default"]["arena"]
    assert best["speed"]["champion"]["description"] == "lower LR from 3 to 2"
    first, second = ((two.root / name).read_text() for name in ("results.tsv", "results.speed.tsv"))
    assert first.startswith("commit\terror\t") and first.count("\n") == 2 and "9.500000" in first
    assert second.startswith("commit\tspeed\t") and second.count("\n") == 3 and "98.000000" in second
    shown = two.ok("report")
    assert "speed (higher is better)" in shown and "campaign speed" in shown and "error" not in shown
    two.ok("report", "--campaign", "default")
    pages = [(two.root / MEMORY / place / "latest.md").read_text() for place in ("reports", "campaigns/speed/reports")]
    assert "lower LR" not in pages[0] and "campaign speed" not in pages[0] and "lower LR" in pages[1]
    registry = json.loads((two.root / MEMORY / "champion_challenger.json").read_text())
    assert [one["arena"]["metric"] for one in registry["arenas"]] == ["error"]
    assert two.ok("verify") == "3 runs, no problems\n"


def test_the_first_row_of_a_campaign_has_nothing_of_the_other_as_its_base(two: Shell) -> None:
    two.ok("run", "--description", "the same code by its speed")
    one, two_ = (row for row in two.ledger() if row.get("kind", "run") == "run")
    assert (two_["base"], two_["parent_run"], two_["candidate"]) == (None, None, two_["run_id"])
    assert one["state"] == two_["state"] and two_["arena"]["campaign"] == "speed"
    assert "campaign" not in one["arena"] and "elsewhere" not in one["novelty_guard"]


def test_rows_of_the_first_are_what_they_were_before_there_was_a_second(two: Shell) -> None:
    two.ok("campaign", "use", "default")
    edit(two, 2)
    two.ok("run", "--description", "lower LR from 3 to 2")
    before, after = two.ledger()
    assert after["arena"] == before["arena"] and list(after["arena"]) == list(before["arena"])
    assert set(after) - {"promoted"} == set(before) and set(after["novelty_guard"]) == set(before["novelty_guard"])


def test_use_changes_no_file_that_its_owner_edits_and_is_undone_by_use(two: Shell) -> None:
    first = two.root / "memorylab.toml"
    first.write_text(f"# mine\n{first.read_text()}")
    names = ("memorylab.toml", "memorylab.speed.toml", "results.tsv", "results.speed.tsv")
    before = [(two.root / name).read_bytes() for name in names]
    assert two.ok("campaign", "use", "default") == "default is in use; its settings are in memorylab.toml\n"
    assert not (two.root / MEMORY / "campaign").exists()
    assert two.json("campaign", "use", "speed") == {"campaign": "speed", "settings": "memorylab.speed.toml"}
    assert told(two)["speed"][0] and [(two.root / name).read_bytes() for name in names] == before


def test_neither_clean_nor_stash_nor_reset_changes_which_is_in_use_or_its_settings(two: Shell) -> None:
    (two.root / ".git" / "info" / "exclude").write_text("")  # as in a clone where somebody tracks the settings
    two.git("add", "-f", "memorylab.toml")
    two.git("commit", "-qm", "settings")
    two.ok("init")  # excluded again
    for words in (("clean", "-fdq"), ("stash", "-uq"), ("reset", "--hard", "-q")):
        two.git(*words) if words[0] != "stash" else subprocess.run(["git", *words], cwd=two.root, check=False)
    assert told(two) == {"default": (False, "error", "min", 1), "speed": (True, "speed", "max", 0)}
    (two.root / "memorylab.speed.toml").unlink()
    done = two.run("run", "--description", "the same code by its speed")
    assert done.returncode == 0 and "memorylab.speed.toml was gone, and was restored" in done.stderr
    assert told(two)["speed"] == (True, "speed", "max", 1)


def test_a_run_that_trains_stays_in_the_campaign_that_it_began_in(two: Shell) -> None:
    (two.root / "nap").write_text("sleep 3\n")
    going = subprocess.Popen(
        [sys.executable, str(REPOSITORY / "memorylab.py"), "run", "--description", "slow", "--json"],
        cwd=two.root, env=two.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until(lambda: any((two.root / MEMORY).glob("scratch/*/running.json")))
    two.ok("campaign", "use", "default")
    out, err = going.communicate(timeout=60)
    row = json.loads(out)
    assert going.returncode == 0, err
    assert (row["arena"]["campaign"], row["metrics"]["speed"]) == ("speed", 97)
    assert row["integrity"] == "ok" and not row["integrity_reasons"]
    assert (described(two), described(two, "--campaign", "speed")) == (["baseline"], ["slow"])


def test_a_run_whose_memorylab_was_killed_is_recorded_where_it_began(two: Shell) -> None:
    (two.root / "nap").write_text("sleep 2\n")
    going = subprocess.Popen(
        [sys.executable, str(REPOSITORY / "memorylab.py"), "run", "--description", "killed"],
        cwd=two.root, env=two.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until(lambda: any((two.root / MEMORY).glob("scratch/*/running.json")))
    time.sleep(0.3)
    os.kill(going.pid, signal.SIGKILL)
    going.wait()
    (two.root / "nap").write_text("")
    two.ok("campaign", "use", "default")
    two.ok("run", "--description", "another idea")
    assert "killed" not in described(two)
    assert described(two, "--campaign", "speed") == ["killed"]


def until(there: Any, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("mode", ["explore", "exploit"])
def test_what_the_first_tried_is_told_and_blocks_nothing(two: Shell, mode: str) -> None:
    idea = ("--description", "raise MATRIX_LR from 0.04 to 0.05", "--mode", mode)
    summary = two.summary(error=50.0)
    tried = two.json("log", *idea, "--status", "discard", "--summary", summary, "--campaign", "default")
    assert two.json("check", *idea, "--campaign", "default")["policy"]["decision"] == "block"
    guard = two.json("check", *idea)
    assert guard["classification"] == "novel" and guard["policy"]["decision"] != "block"
    assert f"campaign default tried the same in {tried['run_id']} (discard" in guard["policy"]["reason"]
    (said,) = guard["elsewhere"]
    assert (said["campaign"], said["metric"], said["run_id"]) == ("default", "error", tried["run_id"])
    assert "in campaign default by error" in two.ok("check", *idea, COLUMNS="200")
    (many,) = (json.loads(line) for line in two.ok("check", "--from", "-", "--mode", mode,
               stdin=json.dumps({"description": idea[1]}) + "\n").splitlines())  # fmt: skip
    assert many["elsewhere"] == guard["elsewhere"]


def test_a_run_of_the_other_is_shown_and_not_corrected_by_accident(two: Shell) -> None:
    (run_id,) = (run["run_id"] for run in two.json("history", "--campaign", "default"))
    assert two.json("show", run_id)["run_id"] == run_id
    assert "note: it is a run of the campaign default" in two.run("show", run_id).stderr
    assert refused(two, "retract", run_id).endswith("the campaign default has one: name that with --campaign")
    two.ok("retract", run_id, "--campaign", "default")


def refused(shell: Shell, *words: str, code: int = 1, **environment: Any) -> str:
    """The one line of a refusal; which campaign it was in may stand before it."""
    done = shell.run(*words, **environment)
    assert done.returncode == code, done.stderr
    lines = [line for line in done.stderr.splitlines() if not line.startswith("note: campaign ")]
    assert len(lines) == 1 and lines[0].startswith("error: "), done.stderr
    return lines[0]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("history", "--campaign", "nope"), 1, "there is no campaign nope; known are default, speed"),
        (("campaign", "use", "nope"), 1, "there is no campaign nope; known are default, speed"),
        (("campaign", "use", "../up"), 64, "can't be the name of a campaign"),
        (("init", "--campaign", "a/b"), 64, "can't be the name of a campaign"),
        (("init", "--campaign", "Speed"), 64, "there is a campaign speed"),
        (("init", "--campaign", "DEFAULT"), 64, "there is a campaign default"),
        (("init", "--campaign", "b", "--store", "x.jsonl"), 64, "share one ledger"),
        (("init", "--campaign", "b", "--mutable", "nothing*"), 64, "matches no file"),
        (
            ("init", "--campaign", "speed", "--metric", "error"),
            64,
            "memorylab.speed.toml exists and has another metric",
        ),
    ],
)
def test_what_cannot_be_is_one_line_and_writes_nothing(two: Shell, words: Any, code: int, said: str) -> None:
    before = sorted(two.root.rglob("*"))
    assert said in refused(two, *words, code=code)
    assert [path for path in sorted(two.root.rglob("*")) if path not in before and ".git" not in path.parts] == []
    assert told(two)["speed"][0]


def test_a_variable_names_the_campaign_of_one_agent(two: Shell) -> None:
    environment: Any = {"MEMORYLAB_CAMPAIGN": "default"}
    assert [run["description"] for run in two.json("history", **environment)] == ["baseline"]
    assert described(two) == []
    assert "which MEMORYLAB_CAMPAIGN names" in refused(two, "best", MEMORYLAB_CAMPAIGN="nope")
    done = two.run("campaign", "use", "speed", **environment)
    assert "MEMORYLAB_CAMPAIGN is set to default, which goes before it" in done.stderr


def test_a_new_one_is_set_as_the_one_in_use_in_all_that_isnt_said(two: Shell) -> None:
    path = two.root / "memorylab.speed.toml"
    extra = (
        '\n[vocabulary]\nMY_KNOB = ["my knob"]\n[vocabulary.families]\nMY_KNOB = "trading"\n[guard]\nmode = "explore"\n'
    )
    plain = path.read_text().replace("# time_budget_s = 300", "time_budget_s = 77.5")
    path.write_text(plain.replace('# metric_pattern = ""', "metric_pattern = 'speed: (\\d+)'") + extra)
    two.ok("init", "--campaign", "same-metric")
    import tomllib

    before, after = (tomllib.loads((two.root / name).read_text()) for name in (path.name, "memorylab.same-metric.toml"))
    assert after == before and after["pins"] and after["metric_pattern"] and after["vocabulary"]["families"]
    two.ok("init", "--campaign", "other", "--metric", "error")
    other = tomllib.loads((two.root / "memorylab.other.toml").read_text())
    changed = {"metric": "error"}
    assert other == {k: v for k, v in before.items() if k not in ("direction", "metric_pattern")} | changed
    assert set(told(two)) == {"default", "speed", "same-metric", "other"} and told(two)["other"][0]


def test_the_judge_is_agreed_on_by_each(two: Shell) -> None:
    two.ok("run", "--description", "the same code by its speed")
    (two.root / "judge.cfg").write_text("scale=2\n")
    two.agreed("pin")  # speed's
    two.ok("run", "--description", "by the new judge")
    rows = [row for row in two.ledger() if row.get("kind", "run") == "run"]
    assert rows[-1]["integrity"] == "ok" and rows[-1]["arena"]["protected"] != rows[-2]["arena"]["protected"]
    two.ok("run", "--description", "by the new judge, where nobody agreed", "--campaign", "default")
    assert two.ledger()[-1]["integrity"] == "modified"


def test_a_table_is_taken_over_into_either_under_ids_of_their_own(two: Shell, tmp_path: Path) -> None:
    table = tmp_path / "night.tsv"
    table.write_text("commit\tspeed\tstatus\tdescription\nabcdef1\t1.0\tkeep\tone\nabcdef2\t2.0\tdiscard\ttwo\n")
    for name in ("default", "speed"):
        assert two.json("import", str(table), "--campaign", name)["added"] == 2
    ids = [row["run_id"] for row in two.ledger() if row.get("source")]
    assert len(set(ids)) == len(ids) == 4
    assert described(two) == ["one", "two"] and described(two, "--campaign", "default") == ["baseline", "one", "two"]


def test_an_idea_that_is_claimed_in_one_is_free_in_the_other(two: Shell) -> None:
    idea = ("check", "--claim", "--description", "raise MATRIX_LR from 0.04 to 0.05")
    assert two.json(*idea, "--as", "a")["claim"] and two.json(*idea, "--as", "b", "--campaign", "default")["claim"]
    assert two.run(*idea, "--as", "b").returncode == 2
    assert [one["owner"] for one in two.json("claims")] == ["a"]


def test_all_that_is_derived_of_a_campaign_comes_back(two: Shell) -> None:
    import shutil

    two.ok("run", "--description", "the same code by its speed")
    for place in (two.root / MEMORY / "campaigns" / "speed" / "index.sqlite", two.root / "results.speed.tsv"):
        place.unlink()
    assert described(two) == ["the same code by its speed"]
    assert (two.root / "results.speed.tsv").read_text().count("\n") == 2
    shutil.rmtree(two.root / MEMORY / "campaigns")  # its settings lie beside the others'
    assert told(two)["speed"] == (True, "speed", "max", 1)
    assert described(two) == ["the same code by its speed"] and two.ok("verify") == "2 runs, no problems\n"


def test_verify_looks_at_every_campaign(two: Shell) -> None:
    two.ok("run", "--description", "the same code by its speed")
    registry = two.root / MEMORY / "campaigns" / "speed" / "champion_challenger.json"
    registry.write_text("{}")
    two.ok("campaign", "use", "default")
    done = two.run("verify")
    assert done.returncode == 1 and "campaigns/speed/champion_challenger.json: it doesn't say" in done.stdout
    two.ok("verify", "--repair")
    assert two.ok("verify") == "2 runs, no problems\n"


def test_a_first_campaign_may_have_a_name_too(shell: Shell) -> None:
    shell.ok("init", "--campaign", "only", "--metric", "val_bpb")
    shell.ok("log", "--description", "baseline", "--status", "keep", "--summary", shell.summary())
    assert told(shell) == {"only": (True, "val_bpb", "min", 1)}
    assert not (shell.root / "memorylab.toml").exists()


def test_the_list_tells_what_is_wrong_with_one_and_goes_on(two: Shell) -> None:
    (two.root / "memorylab.toml").write_text("metric = 3\n")
    first, second = two.json("campaign")
    assert (first["metric"], first["runs"], second["runs"]) == (None, None, 0) and "must be" in first["problem"]
    (two.root / "memorylab.speed.toml").write_text("mertic = 'x'\n")
    assert "memorylab.speed.toml: unknown setting 'mertic'" in refused(two, "history")


def test_where_there_is_no_memory_there_are_no_campaigns(shell: Shell) -> None:
    for words in (("campaign",), ("campaign", "list"), ("campaign", "use", "default")):
        assert "there is no memory in" in shell.refused(*words)


def test_a_campaign_behind_a_link_is_refused_and_nothing_is_written_there(two: Shell, tmp_path: Path) -> None:
    home, elsewhere = two.root / MEMORY / "campaigns" / "speed", tmp_path / "elsewhere"
    home.rename(elsewhere)
    (elsewhere / "index.sqlite").unlink()
    home.symlink_to(elsewhere)
    before = sorted(elsewhere.rglob("*"))
    for words in (("history",), ("run", "--description", "x"), ("init",)):
        assert "results/memorylab/campaigns/speed is a link, which is not followed" in refused(two, *words)
    assert two.json("campaign")[1]["problem"] is not None
    done = two.run("check", "--description", "x", "--campaign", "default")
    assert done.returncode == 0 and "what the campaign speed knows is left out" in done.stderr
    assert sorted(elsewhere.rglob("*")) == before


def test_rows_and_files_that_name_any_number_of_campaigns_cost_nobody_a_check(two: Shell) -> None:
    (two.root / "memorylab.backup.toml").write_text((two.root / "memorylab.toml").read_text())  # somebody's copy
    rows = [
        {"run_id": f"x{n}", "status": "keep", "description": "depth 9", "metrics": {"error": 1.0},
         "arena": {"metric": "error", "direction": "min", "campaign": name}}
        for n, name in enumerate([f"c{n}" for n in range(300)] + ["../../up", "a b", "default", ""])
    ]  # fmt: skip
    with (two.root / MEMORY / "experiments.jsonl").open("a") as ledger:
        ledger.writelines(json.dumps(row) + "\n" for row in rows)
    began = time.monotonic()
    guard = two.json("check", "--description", "depth 9", "--campaign", "default")
    assert len(guard["elsewhere"]) <= 4 and guard["top_matches"] and time.monotonic() - began < 60
    made = [path.name for path in (two.root / MEMORY / "campaigns").iterdir()]
    assert len(made) <= 64 and "backup" not in made and not (two.root / "up").exists()
    assert two.json("history", "--campaign", "c299")[0]["run_id"] == "x299"
    assert [run["run_id"] for run in two.json("history", "--campaign", "default")][:2] == ["x303", "x302"]
    done = two.run("verify", "--campaign", "default")
    assert "1 run of the campaign '../../up', which can be no campaign's name" in done.stdout
    assert "Traceback" not in done.stderr


def test_writers_of_both_at_once_share_one_chain_and_no_id(two: Shell) -> None:
    summary = two.summary(error=5.0, speed=5.0)
    words = ("log", "--status", "discard", "--summary", summary, "--skip-archive", "--description")
    going = [
        subprocess.Popen(
            [sys.executable, str(REPOSITORY / "memorylab.py"), *words, f"idea {n}", "--campaign", name],
            cwd=two.root, env=two.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        for n in range(3) for name in ("default", "speed")
    ]  # fmt: skip
    for process in going:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    ids = [row["run_id"] for row in two.ledger()]
    assert len(set(ids)) == len(ids) == 7
    for name, runs in (("default", 4), ("speed", 3)):
        assert len(described(two, "--campaign", name)) == runs
    assert two.ok("verify") == "7 runs, no problems\n"


def test_what_init_says_of_which_is_in_use_is_so(two: Shell) -> None:
    two.ok("campaign", "use", "default")
    (two.root / "results.speed.tsv").unlink()  # something to create again
    assert "default is in use; `memorylab campaign use speed` changes that" in two.ok("init", "--campaign", "speed")
    third = two.ok("init", "--campaign", "third", MEMORYLAB_CAMPAIGN="speed")
    assert "MEMORYLAB_CAMPAIGN is set to speed: commands here are about that" in third
    assert "it is in use from now on; `memorylab campaign use third` goes back to third" in two.ok(
        "init", "--campaign", "fourth"
    )


def test_an_odd_line_of_the_ledger_is_told_once(two: Shell) -> None:
    with (two.root / MEMORY / "experiments.jsonl").open("a") as ledger:
        ledger.write("no row\n")
    assert two.run("check", "--description", "depth 9").stderr.count("can't be read") == 1


def test_a_campaign_in_use_that_is_gone_is_told_with_what_mends_it(two: Shell) -> None:
    import shutil

    shutil.rmtree(two.root / MEMORY / "campaigns")
    (two.root / "memorylab.speed.toml").unlink()
    line = two.refused("history")
    assert "there is no campaign speed, which results/memorylab/campaign names; known are default" in line
    two.ok("campaign", "use", "default")
    assert described(two) == ["baseline"]
