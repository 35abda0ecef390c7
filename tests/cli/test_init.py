"""What `init` finds, says, pins and refuses; and settings that survive their file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Shell

LOOP = "K = 1\nimport os\nprint('---')\nprint('score: ' + os.environ['S'])\nprint('val_bpb: 1.0')\n"


def lay(shell: Shell, **contents: str) -> None:
    """The files of a repository, in the place of those that the fixture has."""
    shell.git("rm", "-q", "train.py", "prepare.py")
    for name, text in contents.items():
        path = shell.root / name.replace("__", "/").replace("_py", ".py").replace("_sh", ".sh")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    shell.git("add", "-A")
    shell.git("commit", "-qm", "laid out")


def settings(shell: Shell) -> str:
    return (shell.root / "memorylab.toml").read_text()


def test_the_judge_is_found_by_the_imports_of_the_script_and_pinned(shell: Shell) -> None:
    lay(shell, src__fit_py="import scoring\nprint('rmse: 1.0')\n", src__scoring_py="def rmse(a, b): return 1\n")
    shown = shell.ok("init", "--metric", "rmse", "--command", "python src/fit.py")
    assert "experiments may change: src/fit.py\nthey are judged by: src/scoring.py (pinned)" in shown
    (shell.root / "src" / "scoring.py").write_text("def rmse(a, b): return 0.1\n")
    row = shell.json("log", "--description", "x", "--status", "keep", "--summary", shell.summary(rmse=0.1))
    assert (row["integrity"], row["integrity_reasons"][0]["kind"]) == ("modified", "protected_file")
    assert row["code"]


def test_patterns_are_what_they_match_also_later(shell: Shell) -> None:
    lay(shell, src__a_py="A = 1\n", src__deep__b_py="B = 1\n", judge_py="J = 1\n")
    told = shell.json("init", "--mutable", "src/**/*.py", "--protected", "judge.py", "--command", "true")
    assert told["mutable"] == ["src/a.py", "src/deep/b.py"]
    assert told["pinned"] == ["judge.py"]
    first = shell.json("log", "--description", "one", "--status", "keep", "--summary", shell.summary())
    (shell.root / "src" / "c.py").write_text("C = 1\n")
    second = shell.json("log", "--description", "two", "--status", "keep", "--summary", shell.summary())
    assert None not in (first["code"], second["code"]) and first["code"] != second["code"]
    assert shell.json("init", "--mutable", "src/**/*.py")["created"] == []
    assert "another mutable" in shell.refused("init", "--mutable", "judge.py", code=64)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--mutable", "nothing/*.py", "matches no file"),
        ("--protected", "judge.py", "matches no file"),
        ("--protected", "train.py:evaluate", "defines no evaluate"),
    ],
)
def test_what_matches_nothing_is_refused_and_nothing_is_written(
    shell: Shell, option: str, value: str, said: str
) -> None:
    assert said in shell.refused("init", option, value, code=64)
    assert not (shell.root / "results").exists()
    assert not (shell.root / "memorylab.toml").exists()


def test_one_file_is_protected_by_function(shell: Shell) -> None:
    source = "LR = 1\nimport os\ndef estimate_loss():\n    return float(os.environ['V'])\n"
    source += "print('---')\nprint('val_loss:', estimate_loss())\n"
    lay(shell, gpt_py=source)
    done = shell.run("init", "--metric", "val_loss", "--command", "python gpt.py")
    assert "gpt.py trains and evaluates in one file" in done.stderr
    assert "they are judged by: gpt.py:estimate_loss (pinned)" in done.stdout
    shell.ok("run", "--description", "baseline", V="2.0")
    for number, (old, new, state) in enumerate(
        [("LR = 1", "LR = 2", "ok"), ("['V'])", "['V']) * 0.9", "modified"), ("['V']) * 0.9", "['V'])", "ok")]
    ):
        text = (shell.root / "gpt.py").read_text()
        assert old in text
        (shell.root / "gpt.py").write_text(text.replace(old, new))
        shell.git("commit", "-qam", f"edit {number}")
        row = shell.json("run", "--no-check", "--description", f"edit number {number}", V=f"1.9{number}")
        assert row["integrity"] == state, row["integrity_reasons"]


def test_a_judge_is_pinned_also_where_the_settings_were_there_before(shell: Shell) -> None:
    (shell.root / "memorylab.toml").write_text('# by hand\nmetric = "val_bpb"\n[guard]\nthreshold = 0.7\n')
    assert "they are judged by: prepare.py (pinned)" in shell.ok("init")
    assert settings(shell).startswith("# by hand") and '[pins]\n"prepare.py"' in settings(shell)
    (shell.root / "prepare.py").write_text("# another\n")
    row = shell.json("log", "--description", "x", "--status", "keep", "--summary", shell.summary())
    assert row["integrity"] == "modified"


def test_an_agreement_thrown_away_is_not_made_anew_by_init(shell: Shell) -> None:
    shell.ok("init")
    shell.json("log", "--description", "x", "--status", "keep", "--summary", shell.summary())
    (shell.root / "results" / "memorylab" / "pins" / "agreed.json").unlink()
    path = shell.root / "memorylab.toml"
    path.write_text(settings(shell).partition("[pins]")[0])
    (shell.root / "prepare.py").write_text("# another\n")
    assert "nothing known" in shell.ok("init")
    assert "pins" not in path.read_text().replace("# ", "").splitlines()


def test_every_run_says_that_nothing_is_pinned_or_there(shell: Shell) -> None:
    lay(shell, loop_sh="echo 'val_bpb: 1.0'\n")
    shell.ok("init", "--command", "make all")
    for number in range(2):
        done = shell.run("run", "--no-check", "--description", f"try {number}", "--", "sh", "loop.sh")
        assert done.returncode == 0, done.stderr
        assert "warning: train.py, which experiments may change, isn't there" in done.stderr
        assert "warning: no judge is pinned" in done.stderr


@pytest.mark.parametrize("clean", ["clean -fdq", "stash -qu", "reset -q --hard", "rm"])
def test_settings_survive_what_git_cleans(shell: Shell, clean: str) -> None:
    shell.commit(LOOP)
    shell.ok("init", "--metric", "score", "--direction", "max")
    shell.ok("run", "--description", "baseline", S="0.80")
    text = settings(shell)
    if clean == "rm":
        (shell.root / "memorylab.toml").unlink()
    else:
        shell.git(*clean.split())
    shell.commit(LOOP.replace("K = 1", "K = 2"))
    done = shell.run("run", "--json", "--description", "set K to 2", S="0.70")
    row = json.loads(done.stdout)
    assert (row["status"], row["integrity"], row["arena"]["metric"]) == ("discard", "ok", "score")
    assert settings(shell) == text
    assert ("memorylab.toml was gone, and was restored" in done.stderr) == (clean == "rm")


def test_a_tracked_settings_file_that_git_takes_back_is_restored_or_told(shell: Shell) -> None:
    shell.commit(LOOP)
    shell.ok("init", "--metric", "score", "--direction", "max")
    shell.ok("run", "--description", "baseline", S="0.80")
    shell.git("add", "-f", "memorylab.toml")
    shell.git("commit", "-qm", "settings")
    shell.git("reset", "-q", "--hard", "HEAD~")
    assert not (shell.root / "memorylab.toml").exists()
    assert "restored" in shell.run("run", "--no-check", "--description", "again", S="0.81").stderr
    (shell.root / "memorylab.toml").write_text(settings(shell).replace('metric = "score"', 'metric = "val_bpb"'))
    done = shell.run("run", "--no-check", "--description", "yet again", S="0.82")
    assert "memorylab.toml isn't as the last run found it: metric score → val_bpb" in done.stderr


def test_settings_that_are_gone_without_a_copy_stop_the_command(shell: Shell) -> None:
    shell.ok("init", "--metric", "score", "--direction", "max")
    shell.ok("log", "--description", "x", "--status", "keep", "--summary", shell.summary(score=0.8))
    (shell.root / "memorylab.toml").unlink()
    (shell.root / "results" / "memorylab" / "settings.toml").unlink()
    said = shell.refused("log", "--description", "y", "--status", "keep", "--summary", shell.summary(score=0.7))
    assert "the ledger was about score (higher is better)" in said
    assert len(shell.ledger()) == 1


def test_a_workspace_in_a_folder_hides_nothing_beside_it(shell: Shell) -> None:
    inner = shell.root / "sub dir"
    inner.mkdir()
    (inner / "train.py").write_text("LR = 1\n")
    (inner / "prepare.py").write_text("# judge\n")
    shell.git("add", "-A")
    shell.git("commit", "-qm", "sub")
    shell.ok("--root", str(inner), "init")
    (shell.root / "results.tsv").write_text("mine\n")
    assert shell.git("status", "--porcelain") == "?? results.tsv"


def test_results_that_git_tracks_stay_visible(shell: Shell) -> None:
    (shell.root / "results").mkdir()
    (shell.root / "results" / "table.md").write_text("x\n")
    shell.git("add", "-A")
    shell.git("commit", "-qm", "results")
    shell.ok("init")
    Path(shell.root, "results", "more.md").write_text("y\n")
    assert shell.git("status", "--porcelain") == "?? results/more.md"


FOREIGN = (
    "commit\tval_bpb\tmemory_gb\tmfu\tstatus\tdescription\na1b2c3d\t1.27\t5.5\t58.1\tkeep\tMATRIX_LR 0.03 to 0.04\n"
)


@pytest.mark.parametrize(
    "table", [FOREIGN, FOREIGN.replace("\t", ","), "id\tscore\n1\t0.5\n", "| a | b |\n|---|---|\n"]
)
def test_a_table_of_other_columns_is_left_alone_and_offered(shell: Shell, table: str) -> None:
    path = shell.root / "results.tsv"
    path.write_text(table)
    done = shell.run("init")
    assert "results.tsv has columns of its own and is kept as it is" in done.stderr
    assert ("`memorylab import results.tsv`" in done.stderr) == ("keep" in table or "score" in table)
    shell.ok("log", "--description", "MATRIX_LR 0.05", "--status", "keep", "--summary", shell.summary())
    assert path.read_text() == table
    assert (shell.root / "results" / "memorylab" / "results.tsv").read_text().count("\n") == 2
    assert shell.ok("verify") == "1 run, no problems\n"
    if "keep" in table:
        assert "1 runs added" in shell.ok("import", "results.tsv", cwd=shell.root)


def test_a_night_of_upstreams_columns_is_offered_once(shell: Shell) -> None:
    text = "commit\tval_bpb\tmemory_gb\tstatus\tdescription\na1b2c3d\t1.27\t5.5\tkeep\tbaseline\n"
    (shell.root / "results.tsv").write_text(text)
    (shell.root / "autoresearch.jsonl").write_text('{"run":1,"metric":0.9,"status":"keep","description":"x"}\n')
    done = shell.run("init")
    assert "results.tsv holds 1 run from before; `memorylab import results.tsv` takes them over" in done.stderr
    assert "autoresearch.jsonl holds 1 run from before" in done.stderr
    shell.ok("import", "results.tsv", cwd=shell.root)
    assert "import" not in shell.run("init").stderr


def test_a_bare_repositorys_worktrees_share_what_they_record(shell: Shell, tmp_path: Path) -> None:
    shell.git("clone", "-q", "--bare", str(shell.root), str(tmp_path / "repo.git"))
    bare = Shell(tmp_path / "repo.git")
    for name in ("one", "two"):
        bare.git("worktree", "add", "-q", "-b", name, str(tmp_path / name), "night")
    one, two = Shell(tmp_path / "one"), Shell(tmp_path / "two")
    one.ok("init")
    one.ok("log", "--description", "MATRIX_LR 0.05", "--status", "discard", "--summary", one.summary())
    for other in (two, bare):
        assert "MATRIX_LR 0.05" in other.ok("history")
    assert json.loads(two.run("check", "--description", "MATRIX_LR to 0.05", "--json").stdout)
    one.git("add", "-A")
    assert one.git("status", "--porcelain") == "A  summary.json"


def test_above_the_memories_of_a_monorepo_one_is_asked_which(shell: Shell) -> None:
    for name in ("a", "b"):
        (shell.root / "apps" / name).mkdir(parents=True)
        (shell.root / "apps" / name / "train.py").write_text("LR = 1\n")
        shell.ok("--root", str(shell.root / "apps" / name), "init")
    said = "but below it: apps/a, apps/b"
    assert said in shell.refused("history")
    assert said in shell.refused("log", "--description", "x", "--status", "keep", "--summary", shell.summary())
    assert not (shell.root / "results").exists()
    shell.ok(
        "log", "--description", "x", "--status", "keep", "--summary", shell.summary(), cwd=shell.root / "apps" / "a"
    )
    assert "x" in shell.ok("history", cwd=shell.root / "apps" / "a")


@pytest.mark.parametrize("name", ["fit.py", "solver.py", "iris.py"])
def test_the_only_script_is_the_command_whatever_it_is_called(shell: Shell, name: str) -> None:
    shell.git("rm", "-q", "train.py", "prepare.py")
    (shell.root / name).write_text("C = 1.0\nprint('val_bpb: 0.5')\n")
    (shell.root / "test_it.py").write_text("")
    said = shell.run("init")
    assert f"{name} is taken for the script" in said.stderr
    assert shell.ok("init").count(name) == 1


@pytest.mark.parametrize("campaign", [(), ("--campaign", "second")])
def test_an_option_that_no_settings_can_say_is_refused_before_anything_is_written(
    shell: Shell, campaign: tuple[str, ...]
) -> None:
    shell.commit("LR = 0.1\n", "the script")
    if campaign:
        shell.ok("init")
    before = sorted(path.relative_to(shell.root) for path in shell.root.rglob("*"))
    for metric in ("\u202eabc\u2066", "two\nlines", "x" * 500):
        done = shell.run("init", "--metric", metric, *campaign)
        assert (done.returncode, done.stderr.count("\n")) == (64, 1), done
        assert "metric must be a short text on one line" in done.stderr
    assert sorted(path.relative_to(shell.root) for path in shell.root.rglob("*")) == before
