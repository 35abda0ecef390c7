"""What a run may not do to judge, data and memory: tried by runs that do it, in each sandbox and in none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from memorylab.adapters import sandbox
from tests.conftest import REPOSITORY, Shell

if sys.platform == "win32":
    pytest.skip("untried on Windows", allow_module_level=True)

JUDGE = "HELD_OUT = 4096\n\n\ndef evaluate_bpb(model):\n    return 0.97\n"
TRAIN = "import prepare\n\nDEPTH = 6\nprint(prepare.evaluate_bpb(None))\n"
OFF = "off"
REPORT = """
import json, os, sys
sys.path.insert(0, os.getcwd())
from prepare import evaluate_bpb
value = evaluate_bpb(None)
with open(os.environ["AUTORESEARCH_SUMMARY_PATH"], "w") as file:
    json.dump({"val_bpb": value, "training_seconds": 300.0, "total_seconds": 301.0}, file)
"""
TRY = """
import os, pathlib, shutil, sys, time
from pathlib import Path
def attempt(*steps):
    for step in steps:
        try: step()
        except OSError as error: print("refused:", error.strerror, flush=True)
"""


class Bench(Shell):
    """A workspace with a judge, and one way to keep runs from it."""

    def __init__(self, shell: Shell, kind: str, path: str) -> None:
        super().__init__(shell.root)
        self.kind = kind
        self.environment = {**shell.environment, "PATH": path}
        (self.root / "prepare.py").write_text(JUDGE)
        (self.root / "bench").mkdir()
        (self.root / "bench" / "rules.py").write_text("LIMIT = 3\n")
        (self.root / "held_out.bin").write_bytes(b"unseen text")
        self.git("add", ".")
        self.commit(TRAIN, "a judge")
        settings = [
            'protected = ["prepare.py", "bench/rules.py"]',
            'data = ["held_out.bin"]',
            'sandbox = "off"' if kind == OFF else 'sandbox = "required"',
        ]
        (self.root / "memorylab.toml").write_text("\n".join(settings) + "\n")
        self.ok("init")
        self.agreed("pin")

    def attack(self, program: str, *, report: str = REPORT, description: str = "an idea") -> dict[str, Any]:
        """The row of a run that does something before it measures."""
        words = ("--no-check", "--description", description, "--", sys.executable, "-S", "-c", TRY + program + report)
        self.said = self.run("run", *words)
        assert self.said.returncode == 0, self.said.stderr
        return self.ledger()[-1]

    def output(self) -> str:
        return (self.root / "run.log").read_text()


@pytest.fixture(scope="session")
def without_bubblewrap(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH on which everything is but bwrap."""
    place = tmp_path_factory.mktemp("bin")
    for folder in os.environ["PATH"].split(os.pathsep):
        for program in Path(folder).iterdir() if Path(folder).is_dir() else ():
            if program.name != "bwrap" and not (place / program.name).exists():
                (place / program.name).symlink_to(program)
    return str(place)


@pytest.fixture(params=[OFF, sandbox.BUBBLEWRAP, sandbox.UNSHARE])
def bench(shell: Shell, request: pytest.FixtureRequest, without_bubblewrap: str) -> Bench:
    kind = request.param
    path = without_bubblewrap if kind == sandbox.UNSHARE else os.environ["PATH"]
    if kind != OFF:
        found = next(sandbox.working([], shell.root, {"PATH": path}), None)
        if found is None or found.kind != kind:
            pytest.skip(f"{kind} doesn't work here")
    return Bench(shell, kind, path)


def kinds(row: dict[str, Any]) -> list[str]:
    return [reason["kind"] for reason in row["integrity_reasons"]]


def told(row: dict[str, Any]) -> str:
    return " ".join(reason["text"] for reason in row["integrity_reasons"])


def is_champion(bench: Shell, row: dict[str, Any]) -> bool:
    champion = bench.json("best")["champion"]
    return champion is not None and champion["run_id"] == row["run_id"]


def expect(bench: Bench, row: dict[str, Any], kind: str, name: str) -> None:
    """In a sandbox the attempt fails and the run is as good as any; without one it is seen, named and can't lead."""
    if bench.kind == OFF:
        assert (row["integrity"], kinds(row)) == ("modified", [kind])
        assert name in told(row)
        assert not is_champion(bench, row)
    else:
        assert (row["integrity"], kinds(row)) == ("ok", [])
        assert "refused: " in bench.output()
        assert row["metrics"]["val_bpb"] == 0.97
        assert is_champion(bench, row)


def test_an_honest_run_is_ok_and_says_in_what_it_ran(bench: Bench) -> None:
    row = bench.attack("")
    assert (row["integrity"], row["sandbox"]) == ("ok", None if bench.kind == OFF else bench.kind)
    assert bench.said.stderr == ""
    assert is_champion(bench, row)


@pytest.mark.parametrize(
    "program",
    [
        "attempt(lambda: Path('prepare.py').write_text('evaluate_bpb = lambda model: 0.5'))",
        "attempt(lambda: Path('better').write_text('evaluate_bpb = lambda model: 0.5'), "
        "lambda: os.replace('better', 'prepare.py'))",
        "attempt(lambda: os.rename('prepare.py', 'judge.py'), "
        "lambda: Path('prepare.py').write_text('evaluate_bpb = lambda model: 0.5'))",
        "attempt(lambda: os.remove('prepare.py'), lambda: os.symlink('/dev/null', 'prepare.py'))",
        "attempt(lambda: os.chmod('prepare.py', 0o666), lambda: open('prepare.py', 'a').write('# more'))",
    ],
    ids=["written", "replaced", "renamed", "linked", "appended to"],
)
def test_a_judge_edited_during_the_run(bench: Bench, program: str) -> None:
    report = REPORT if bench.kind != OFF else REPORT.replace("evaluate_bpb(None)", "0.5").replace("from prep", "#")
    expect(bench, bench.attack(program, report=report), "judge_changed", "prepare.py at 20")


def test_a_judge_edited_and_restored_to_the_last_bit_and_second(bench: Bench) -> None:
    program = """
source, when = Path('prepare.py').read_bytes(), os.stat('prepare.py')
attempt(lambda: Path('prepare.py').write_text('HELD_OUT = 1'))
attempt(lambda: Path('prepare.py').write_bytes(source))
attempt(lambda: os.utime('prepare.py', ns=(when.st_atime_ns, when.st_mtime_ns)))
"""
    row = bench.attack(program)
    assert (bench.root / "prepare.py").read_text() == JUDGE
    expect(bench, row, "judge_changed", "prepare.py at 20")


def test_a_judge_whose_folder_makes_room_for_another_one(bench: Bench) -> None:
    program = """
attempt(lambda: os.rename('bench', 'stool'), lambda: os.mkdir('bench'),
        lambda: Path('bench/rules.py').write_text('LIMIT = 9'))
"""
    expect(bench, bench.attack(program), "judge_changed", "bench/rules.py at 20")


def test_validation_data_written_over(bench: Bench) -> None:
    program = "attempt(lambda: Path('held_out.bin').write_bytes(b'known text!'))"
    expect(bench, bench.attack(program), "data_changed", "held_out.bin at 20")


@pytest.mark.parametrize(
    "program",
    [
        "attempt(lambda: Path('memorylab.toml').write_text('protected = []\\nsandbox = \"off\"\\n'))",
        "p = Path('memorylab.toml'); attempt(lambda: p.write_text('direction = \"max\"\\n' + p.read_text()))",
        "attempt(lambda: os.remove('memorylab.toml'))",
        "attempt(lambda: Path('memorylab.toml').write_text('no TOML'))",
    ],
    ids=["pins emptied", "direction turned", "removed", "broken"],
)
def test_settings_changed_during_the_run_have_no_effect_on_it(bench: Bench, program: str) -> None:
    before = (bench.root / "memorylab.toml").read_text()
    row = bench.attack(program)
    (bench.root / "memorylab.toml").write_text(before)
    assert row["arena"]["direction"] == "min"
    if bench.kind == OFF:
        assert row["integrity"] == "modified"
        assert "settings_changed" in kinds(row)
        assert not is_champion(bench, row)
    else:
        expect(bench, row, "", "")


def test_the_agreement_itself_thrown_away(bench: Bench) -> None:
    program = "attempt(lambda: shutil.rmtree('results/memorylab/pins'))"
    expect(bench, bench.attack(program), "judge_changed", "is gone")


@pytest.mark.parametrize(
    "program",
    [
        "os.mkdir('prepare'); Path('prepare/__init__.py').write_text('evaluate_bpb = lambda model: 0.1')",
        "Path('prepare.cpython-311-x86_64-linux-gnu.so').write_bytes(b'elf')",
        "Path('prepare.pyc').write_bytes(b'code')",
        "Path('sitecustomize.py').write_text('import builtins')",
        "Path('prepare.pth').write_text('import evil')",
        "os.makedirs('bench/rules'); Path('bench/rules/__init__.py').touch()",
    ],
    ids=["package", "extension", "compiled", "sitecustomize", "path file", "package in a folder"],
)
def test_what_shadows_the_judge_marks_the_run_that_puts_it_there_and_all_after_it(bench: Bench, program: str) -> None:
    measured = REPORT.replace("from prepare import evaluate_bpb", "evaluate_bpb = lambda model: 0.4")
    for row in (bench.attack(program, report=measured), bench.attack("", report=measured)):
        assert (row["integrity"], kinds(row)) == ("modified", ["judge_shadowed"])
        assert not is_champion(bench, row)


def test_a_forged_compiled_form_is_not_run(bench: Bench) -> None:
    plant = """
import importlib.util, marshal
code = compile('evaluate_bpb = lambda model: 0.1', 'prepare.py', 'exec')
os.makedirs('__pycache__', exist_ok=True)
head = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, 'little') + bytes(8)
Path(importlib.util.cache_from_source('prepare.py')).write_bytes(head + marshal.dumps(code))
"""
    bench.attack("", description="honest")
    planted = subprocess.run([sys.executable, "-c", TRY + plant], cwd=bench.root, check=False)
    assert planted.returncode == 0
    logged = bench.json("log", "--description", "by hand", "--status", "keep", "--summary", bench.summary(val_bpb=0.2))
    assert kinds(logged) == ["judge_shadowed"]
    row = bench.attack("")
    assert (row["integrity"], row["metrics"]["val_bpb"]) == ("ok", 0.97)


def test_the_memory_can_not_be_written_to_from_a_sandbox(bench: Bench) -> None:
    if bench.kind == OFF:
        pytest.skip("without one it can; rows that MemoryLab didn't append are another test's")
    first = bench.attack("")
    memory = bench.root / "results" / "memorylab"
    before = {p: p.read_bytes() for p in memory.rglob("*") if p.is_file() and "index" not in p.name}
    table = (bench.root / "results.tsv").read_bytes()
    program = f"""
row = '{{"run_id": "gold", "status": "keep", "metrics": {{"val_bpb": 0.001}}, "integrity": "ok"}}\\n'
memory = Path('results/memorylab')
attempt(lambda: (memory / 'experiments.jsonl').open('a').write(row),
        lambda: Path('results.tsv').open('a').write('x\\t0.001\\t0\\tkeep\\tgold\\n'),
        lambda: (memory / 'runs' / '{first["run_id"]}' / 'summary.json').write_text('{{"val_bpb": 0.001}}'),
        lambda: (memory / 'scratch' / 'other').mkdir(),
        lambda: (memory / 'champion_challenger.json').write_text('[]'),
        lambda: os.rename(memory, 'results/elsewhere'), lambda: os.rename('results', 'old'),
        lambda: os.rename(os.getcwd(), os.getcwd() + '2'),
        lambda: Path('.git/hooks/post-commit').write_text('#!/bin/sh'),
        lambda: Path('.git/config').open('a').write('[core]'))
"""
    row = bench.attack(program)
    assert row["integrity"] == "ok"
    assert bench.output().count("refused: ") == 10
    assert {path: path.read_bytes() for path in before if path.name != "experiments.jsonl"} == {
        path: data
        for path, data in before.items()
        if path.name not in ("experiments.jsonl", "champion_challenger.json")
    } | {memory / "champion_challenger.json": (memory / "champion_challenger.json").read_bytes()}
    assert [r["run_id"] for r in bench.ledger()] == [first["run_id"], row["run_id"]]
    assert (bench.root / "results.tsv").read_bytes().startswith(table)
    assert "gold" not in (bench.root / "results.tsv").read_text()
    assert "no problems" in bench.ok("verify")


def test_a_row_that_a_run_appends_itself_does_not_count(bench: Bench) -> None:
    program = """
row = {"run_id": "gold", "status": "keep", "metrics": {"val_bpb": 0.001}, "integrity": "ok", "description": "gold"}
import json
attempt(lambda: Path('results/memorylab/experiments.jsonl').open('a').write(json.dumps(row) + '\\n'))
"""
    first = bench.attack("", description="honest")
    row = bench.attack(program)
    best = bench.json("best")["champion"]
    assert best["run_id"] in (first["run_id"], row["run_id"])
    assert best["value"] == 0.97
    if bench.kind == OFF:
        assert (row["integrity"], kinds(row)) == ("suspect", ["ledger_written"])
        assert "MemoryLab didn't append the run gold" in bench.run("verify").stdout
    else:
        assert row["integrity"] == "ok"
        assert [kept["run_id"] for kept in bench.ledger()] == [first["run_id"], row["run_id"]]


def test_rows_of_older_versions_speak_against_no_run(bench: Bench) -> None:
    with (bench.root / "results" / "memorylab" / "experiments.jsonl").open("a") as file:
        file.write('{"run_id": "old", "status": "keep", "metrics": {"val_bpb": 1.5}, "description": "old"}\n')
    for _ in range(2):
        assert bench.attack("")["integrity"] == "ok"


def test_a_run_can_not_accept_itself(bench: Bench) -> None:
    words = [sys.executable, str(REPOSITORY / "memorylab.py"), "accept"]
    program = f"""
import subprocess
print('MEMORYLAB_ACCEPT_TOKEN' in os.environ)
done = subprocess.run([*{words!r}, json.loads(open('results/memorylab/experiments.jsonl').readline())['run_id']])
print('accepted' if done.returncode == 0 else 'not accepted')
"""
    (bench.root / "prepare.py").write_text(JUDGE + "# kinder\n")
    doubted = bench.json("log", "--description", "x", "--status", "keep", "--summary", bench.summary(val_bpb=0.5))
    assert doubted["integrity"] == "modified"
    (bench.root / "prepare.py").write_text(JUDGE)
    _, token = bench.at_terminal("accept", "--new-token", typed="yes")
    bench.environment["MEMORYLAB_ACCEPT_TOKEN"] = next(w for w in token.split() if w.startswith("memorylab-"))
    bench.attack("import json\n" + program)
    assert "False" in bench.output()
    assert "not accepted" in bench.output()
    assert not any(row.get("kind") == "accept" for row in bench.ledger())


# -- before the run


def test_a_judge_that_differs_before_the_run(bench: Bench) -> None:
    (bench.root / "prepare.py").write_text(JUDGE.replace("0.97", "0.3"))
    row = bench.attack("")
    assert (row["integrity"], kinds(row)) == ("modified", ["protected_file"])
    # In a sandbox what was agreed on runs all the same; whoever meant another judge gets no number of it.
    assert row["metrics"]["val_bpb"] == (0.3 if bench.kind == OFF else 0.97)
    assert ("prepare.py: not as pinned" in bench.said.stderr) == (bench.kind != OFF)
    (bench.root / "prepare.py").write_text(JUDGE)
    again = bench.attack("")
    assert again["integrity"] == "ok"


def test_a_judge_that_is_gone_is_restored(bench: Bench) -> None:
    (bench.root / "bench" / "rules.py").unlink()
    (bench.root / "bench").rmdir()
    row = bench.attack("")
    assert row["integrity"] == "ok"
    assert (bench.root / "bench" / "rules.py").read_text() == "LIMIT = 3\n"
    assert "was gone, and was restored" in bench.said.stderr


@pytest.mark.parametrize("tampered", ["pins", "protected", "both", "agreement"])
def test_pins_that_were_changed_between_runs_are_seen(bench: Bench, tampered: str) -> None:
    path = bench.root / "memorylab.toml"
    text = path.read_text()
    if tampered in ("pins", "both"):
        text = text.partition("[pins]")[0]
    if tampered in ("protected", "both"):
        text = text.replace('"prepare.py", ', "")
        (bench.root / "prepare.py").write_text(JUDGE.replace("0.97", "0.3"))
    path.write_text(text)
    if tampered == "agreement":
        (bench.root / "results" / "memorylab" / "pins" / "agreed.json").write_text("{}")
    row = bench.json("log", "--description", "x", "--status", "keep", "--summary", bench.summary(val_bpb=0.3))
    assert row["integrity"] == "modified"
    assert not is_champion(bench, row)
    assert ("protected_file" if tampered == "protected" else "pins_changed") in kinds(row)


def test_settings_thrown_away_come_back_from_the_memory(bench: Bench) -> None:
    path = bench.root / "memorylab.toml"
    text = path.read_text()
    path.unlink()
    row = bench.json("log", "--description", "x", "--status", "keep", "--summary", bench.summary(val_bpb=0.3))
    assert (row["integrity"], path.read_text()) == ("ok", text)


def test_a_pinned_copy_that_was_tampered_with_is_not_run(bench: Bench) -> None:
    for copy in (bench.root / "results" / "memorylab" / "pins").iterdir():
        if copy.suffix != ".json":
            copy.chmod(0o644)
            copy.write_text("evaluate_bpb = lambda model: 0.2\n")
    assert bench.attack("")["metrics"]["val_bpb"] == 0.97


# -- renewing


def test_the_judge_is_renewed_by_a_person_only(bench: Bench) -> None:
    settings = (bench.root / "memorylab.toml").read_text()
    (bench.root / "prepare.py").write_text(JUDGE.replace("4096", "8192"))
    assert "only a person can agree to that" in bench.refused("pin")
    code, shown = bench.at_terminal("pin", typed="no")
    assert (code, "nobody said yes" in shown) == (1, True)
    assert (bench.root / "memorylab.toml").read_text() == settings
    assert "pinned as they are now: prepare.py" in bench.agreed("pin")
    assert bench.attack("")["integrity"] == "ok"
    assert bench.ok("pin") == "the judge is as pinned\n"
    (bench.root / "prepare.py").write_text(JUDGE)
    assert bench.json("log", "--description", "x", "--status", "keep", "--summary", bench.summary())["integrity"] == (
        "modified"
    )


def test_settings_thrown_away_and_made_anew_by_init_agree_on_no_other_judge(bench: Bench) -> None:
    (bench.root / "prepare.py").write_text(JUDGE.replace("0.97", "0.2"))
    (bench.root / "memorylab.toml").unlink()
    bench.ok("init")
    row = bench.json("log", "--description", "x", "--status", "keep", "--summary", bench.summary(val_bpb=0.2))
    assert (row["integrity"], kinds(row)) == ("modified", ["protected_file"])


def test_an_older_workspace_agrees_on_the_pins_that_it_has(bench: Bench) -> None:
    shutil.rmtree(bench.root / "results" / "memorylab" / "pins")
    assert bench.attack("")["integrity"] == "ok"
    assert json.loads((bench.root / "results" / "memorylab" / "pins" / "agreed.json").read_text())["files"].keys() == {
        "prepare.py",
        "bench/rules.py",
    }
