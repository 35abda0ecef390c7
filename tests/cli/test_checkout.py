"""`checkout` says which run's the code here is, brings back that of a run, and loses nobody's work."""

from __future__ import annotations

from tests.cli.conftest import BASE, BETTER, WORSE, log
from tests.conftest import Shell


def code(shell: Shell) -> str:
    return (shell.root / "train.py").read_text()


def test_the_champion_comes_back_and_git_stays_where_it_is(night: Shell) -> None:
    head = night.git("rev-parse", "HEAD")
    assert '(discard: "fewer steps")' in night.ok("checkout")
    assert night.ok("checkout", "champion").startswith("train.py as in ")
    assert code(night) == BETTER and night.git("rev-parse", "HEAD") == head
    assert night.git("diff", "--cached", "--name-only") == ""
    found = night.json("checkout")
    assert found["is_champion"] and found["uncommitted"] == ["train.py"] and found["commit"] == head
    assert "is that of" in night.ok("checkout", "champion")


def test_the_next_run_stands_on_what_was_brought_back(night: Shell) -> None:
    champion = night.ledger()[1]["run_id"]
    night.ok("checkout", "champion")
    night.commit(BETTER.replace("0.2", "0.3"), "larger still")
    (edit,) = log(night, "larger still", "discard", 0.85)["edits"]
    assert (edit["target"], edit["from"], edit["to"]) == ("RATE", 0.2, 0.3)
    assert night.ledger()[-1]["decision_packet"]["comparison"]["base"]["run_id"] == champion


def test_any_run_comes_back_by_its_id_or_commit(night: Shell) -> None:
    first = night.ledger()[0]
    night.ok("checkout", first["commit"][:9])
    assert code(night) == BASE
    night.ok("checkout", night.ledger()[2]["run_id"])  # what was brought back is in a commit: nothing is lost
    assert code(night) == WORSE
    night.refused("checkout", "nobody")
    assert code(night) == WORSE


def test_work_that_is_in_no_commit_is_never_lost(night: Shell) -> None:
    mine = WORSE + "# an hour's work\n"
    (night.root / "train.py").write_text(mine)
    assert "train.py holds work" in night.refused("checkout", "champion")
    assert code(night) == mine
    night.git("commit", "-qam", "mine")
    night.ok("checkout", "champion")
    night.git("add", "train.py")
    night.ok("checkout", night.ledger()[2]["commit"])
    assert code(night) == WORSE


def test_what_was_brought_back_and_edited_is_checked_as_it_is_run(night: Shell) -> None:
    night.ok("checkout", "champion")
    (night.root / "train.py").write_text(BETTER.replace("0.2", "0.3"))
    (edit,) = night.json("check")["edits"]
    assert (edit["target"], edit["from"], edit["to"]) == ("RATE", 0.2, 0.3)
    (edit,) = log(night, "larger still", "discard", 0.85)["edits"]
    assert (edit["target"], edit["from"], edit["to"]) == ("RATE", 0.2, 0.3)


def test_new_code_is_told_by_what_lies_between_it_and_the_champion(night: Shell) -> None:
    night.commit("STEPS = 3\nRATE = 0.3\n", "two at once")
    assert "2 pieces beside the champion's" in night.ok("checkout")
    assert night.json("checkout")["run_id"] is None


def test_a_run_whose_code_is_in_no_commit_is_refused(night: Shell) -> None:
    (night.root / "train.py").write_text("STEPS = 9\nRATE = 0.2\n")
    row = log(night, "many steps", "discard", 0.95)
    night.git("checkout", "-q", "train.py")
    told = night.refused("checkout", row["run_id"])
    assert "doesn't hold" in told and row["run_id"] in told and code(night) == WORSE
    (night.root / "train.py").write_text("STEPS = 9\nRATE = 0.2\n")
    assert "already" in night.ok("checkout", row["run_id"])
    night.git("commit", "-qam", "after all")
    night.commit(BASE, "and back")
    night.ok("checkout", row["run_id"])  # another commit has it now
    assert code(night) == "STEPS = 9\nRATE = 0.2\n"


def test_a_commit_that_was_amended_away_is_found_by_its_code(night: Shell) -> None:
    branch = night.git("branch", "--show-current").strip()
    night.git("checkout", "-q", "--orphan", "anew", night.ledger()[1]["commit"])
    night.git("commit", "-qm", "the champion under another name")
    night.commit(WORSE, "worse")
    night.git("branch", "-qD", branch)
    night.git("reflog", "expire", "--expire=now", "--all")
    night.git("gc", "-q", "--prune=now")
    night.ok("checkout", "champion")
    assert code(night) == BETTER


def test_before_the_first_run(lab: Shell) -> None:
    assert "no champion yet" in lab.refused("checkout", "champion")
    assert "no champion yet" in lab.refused("best", "--patch")
    assert "checkout champion" not in lab.ok("checkout")


def test_without_git_it_says_where_the_code_stands_and_refuses_the_rest(night: Shell) -> None:
    (night.root / ".git").rename(night.root / "put-aside")
    assert '(discard: "fewer steps")' in night.ok("checkout") and night.json("checkout")["commit"] is None
    assert "isn't here" in night.refused("checkout", "champion")
    assert code(night) == WORSE


def test_configurations_that_a_command_names_come_back_with_the_code(lab: Shell) -> None:
    script = "import sys\nrate = float(open(sys.argv[2]).read().split()[1])\nprint('val_bpb:', 1 - rate)\n"
    lab.commit(script, "a script that reads its settings")
    for rate in ("0.1", "0.3", "0.2"):
        (lab.root / "run.yaml").write_text(f"rate: {rate}\n")
        lab.git("add", "run.yaml")
        lab.git("commit", "-qm", f"rate {rate}")
        lab.ok("run", "--no-check", "--description", f"rate {rate}", "--", "python", "train.py", "--config", "run.yaml")
    champion = lab.json("best")["champion"]
    assert champion["description"] == "rate 0.3"
    assert lab.json("checkout", "champion")["files"] == ["run.yaml"]
    assert (lab.root / "run.yaml").read_text() == "rate: 0.3\n" and code(lab) == script
    assert "-rate: 0.1\n+rate: 0.3" in lab.ok("best", "--patch")


def test_the_whole_difference_to_the_champion(night: Shell) -> None:
    patch = night.ok("best", "--patch")
    assert "-RATE = 0.1\n+RATE = 0.2" in patch and "STEPS = 2" not in patch
    assert night.json("best", "--patch")["patch"] == patch
    night.git("checkout", "-q", night.ledger()[0]["commit"])
    (night.root / "p.diff").write_text(patch)
    night.git("apply", "p.diff")
    assert code(night) == BETTER


def test_the_difference_is_exact_and_whole(lab: Shell) -> None:
    old = "".join(f"if {number}:\n\tvalue = {number}  \n" for number in range(2_000))
    for text, words, value in ((old, "baseline", 1.0), (old.replace("value", "other"), "renamed", 0.8)):
        lab.commit(text, words)
        log(lab, words, "keep", value)
    patch = lab.ok("best", "--patch")
    assert patch.count("\n+") == 2_001 and "+\tother = 7  \n" in patch
    lab.git("checkout", "-q", lab.ledger()[0]["commit"])
    (lab.root / "p.diff").write_text(patch)
    lab.git("apply", "p.diff")
    assert code(lab) == old.replace("value", "other")
    told = lab.at_terminal("best", "--patch", typed="")[1]
    assert "+\tother = 7" in told.replace("\r", "")


def test_best_and_a_failure_name_the_way(night: Shell) -> None:
    assert "`memorylab checkout champion`" in " ".join(night.ok("best").split())
    row = night.ledger()[1]
    night.commit(WORSE.replace("2", "1", 1), "one step")
    told = night.ok("log", "--description", "one", "--status", "discard", "--summary", night.summary(val_bpb=0.99))
    assert f"({row['commit'][:7]}): memorylab checkout champion" in told
    night.ok("checkout", "champion")
    assert "The code here is the champion's." in night.ok("best")
