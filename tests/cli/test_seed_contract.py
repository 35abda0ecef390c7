"""Holds every row of the published API reference, as a user meets it: through `python memorylab.py`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.conftest import Shell

MEMORY = Path("results") / "memorylab"
ENTRY_FIELDS = (
    "run_id",
    "timestamp_utc",
    "branch",
    "commit",
    "parent_commit",
    "family",
    "status",
    "description",
    "hypothesis",
    "tags",
    "notes",
    "metrics",
    "error",
    "artifacts",
    "novelty_guard",
    "decision_packet",
)
METRIC_FIELDS = (
    "val_bpb",
    "training_seconds",
    "total_seconds",
    "peak_vram_mb",
    "mfu_percent",
    "total_tokens_M",
    "num_steps",
    "num_params_M",
    "depth",
)
GUARD_FIELDS = (
    "classification",
    "probe_text",
    "threshold",
    "match_count",
    "counts",
    "top_matches",
    "mode",
    "effective_threshold",
    "policy",
)
PACKET_FIELDS = (
    "summary",
    "next_action",
    "priority",
    "rationale",
    "hypothesis_status",
    "run",
    "novelty",
    "comparison",
    "error",
)
CLASSIFICATIONS = ("novel", "known_success", "incremental_followup", "repeat_failure", "duplicate_run")
SIDECAR: dict[str, Any] = {
    "val_bpb": 1.0,
    "training_seconds": 300.1,
    "total_seconds": 325.9,
    "peak_vram_mb": 45060.2,
    "mfu_percent": 39.8,
    "total_tokens_M": 499.6,
    "num_steps": 953,
    "num_params_M": 50.3,
    "depth": 8,
}
BLOCK = "".join(f"{name + ':':<18}{value}\n" for name, value in SIDECAR.items())
IMPORT_FAILURE = """Traceback (most recent call last):
  File "train.py", line 3, in <module>
    import flash
ModuleNotFoundError: No module named 'flash'
"""


class Night(NamedTuple):
    """A workspace with one run for each next action, and what `log --json` printed for each."""

    shell: Shell
    rows: dict[str, dict[str, Any]]


def lay_out(root: Path) -> Shell:
    """A git repository after `init`."""
    root.mkdir()
    shell = Shell(root)
    (root / "train.py").write_text("MATRIX_LR = 0.04\n")
    (root / "prepare.py").write_text("# the judge\n")
    shell.git("init", "-q", "-b", "night")
    shell.git("add", ".")
    shell.git("commit", "-qm", "baseline")
    shell.ok("init")
    return shell


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """Eight runs on four commits; nothing in this module writes to it except reports."""
    shell = lay_out(tmp_path_factory.mktemp("seed") / "research")
    rows: dict[str, dict[str, Any]] = {}

    def log(name: str, description: str, status: str, *words: str, **metrics: float) -> None:
        given = ["--summary", shell.summary(**(SIDECAR | metrics))] if metrics else []
        rows[name] = shell.json("log", "--description", description, "--status", status, *given, *words)

    (shell.root / "good.log").write_text(f"step 1 loss 9.0\n---\n{BLOCK}")
    rows["promote_first"] = shell.json(
        "log",
        "--description",
        "baseline",
        "--status",
        "keep",
        "--summary",
        shell.summary(**SIDECAR),
        "--log",
        "good.log",
    )
    shell.commit("MATRIX_LR = 0.05\n", "faster")
    log(
        "promote",
        "raise MATRIX_LR to 0.05",
        "keep",
        "--tags",
        "lr, muon",
        "--family",
        "optimizer",
        "--hypothesis",
        "steps were too small",
        "--notes",
        "as\nexpected",
        "--mode",
        "explore",
        val_bpb=0.95,
    )
    shell.commit("MATRIX_LR = 0.05\nWARMDOWN_RATIO = 0.7\n", "warmdown")
    log("replicate", "WARMDOWN_RATIO 0.5 to 0.7", "keep", val_bpb=0.9499)
    log("abandon", "replace GELU by SwiGLU in the MLP", "discard", "--hypothesis", "gates help", val_bpb=1.2)
    log("retry", "EMBEDDING_LR 0.6 to 0.7", "discard", "--hypothesis", "a bit", val_bpb=0.9502)
    log("branch_followup", "shorten the window pattern to SSSL", "keep", "--hypothesis", "locality", val_bpb=0.97)
    (shell.root / "import.log").write_text(f"\x1b[31mloading\x1b[0m HF_TOKEN=hf_abcdefghijklmnop0123\n{IMPORT_FAILURE}")
    log("fix_and_retry", "use flash attention", "crash", "--log", "import.log")
    log("investigate_crash", "DEPTH 8 to 40", "crash")
    return Night(shell, rows)


# -- init


@pytest.mark.parametrize(
    "name",
    [
        "results/memorylab/experiments.jsonl",
        "results/memorylab/champion_challenger.json",
        "results.tsv",
        "memorylab.toml",
    ],
)
def test_init_creates_the_file(lab: Shell, name: str) -> None:
    assert (lab.root / name).is_file()


@pytest.mark.parametrize("name", ["results/memorylab/reports", "results/memorylab/runs"])
def test_init_creates_the_directory(lab: Shell, name: str) -> None:
    assert (lab.root / name).is_dir()


def test_init_starts_an_empty_ledger_a_bare_table_and_an_empty_registry(lab: Shell) -> None:
    assert (lab.root / MEMORY / "experiments.jsonl").read_bytes() == b""
    assert (lab.root / "results.tsv").read_text() == "commit\tval_bpb\tmemory_gb\tstatus\tdescription\n"
    registry = json.loads((lab.root / MEMORY / "champion_challenger.json").read_text())
    assert registry["champion"] is None
    assert registry["challengers"] == []


def test_a_second_init_changes_nothing_and_says_so(lab: Shell) -> None:
    before = {path: path.read_bytes() for path in lab.root.rglob("*") if path.is_file() and ".git" not in path.parts}

    created = lab.json("init")["created"]

    assert created == []
    after = {path: path.read_bytes() for path in lab.root.rglob("*") if path.is_file() and ".git" not in path.parts}
    assert after == before


def test_init_keeps_the_memory_out_of_git(lab: Shell) -> None:
    assert "results" not in lab.git("status", "--porcelain")
    lab.git("add", "-A")
    assert "results" not in lab.git("ls-files")


def test_init_options_are_written_down_and_used(shell: Shell) -> None:
    shell.ok("init", "--metric", "accuracy", "--direction", "max", "--command", "python other.py --fast")
    shell.ok("log", "--description", "first", "--status", "keep", "--summary", shell.summary(accuracy=0.5))
    shell.ok("log", "--description", "second", "--status", "keep", "--summary", shell.summary(accuracy=0.9))

    assert shell.json("best")["champion"]["value"] == 0.9
    assert (shell.root / "results.tsv").read_text().startswith("commit\taccuracy\tmemory_gb\tstatus\tdescription\n")
    assert '["python", "other.py", "--fast"]' in (shell.root / "memorylab.toml").read_text()


# -- check


@pytest.fixture(scope="module")
def guard(night: Night) -> dict[str, Any]:
    """What `check --json` prints."""
    found: dict[str, Any] = night.shell.json("check", "--description", "MATRIX_LR to 0.06")
    return found


@pytest.mark.parametrize("field", [*GUARD_FIELDS, "edits", "knobs", "p_keep"])
def test_check_prints_the_guard_field(guard: dict[str, Any], field: str) -> None:
    assert field in guard


def test_check_takes_every_input_of_the_reference(night: Night) -> None:
    guard = night.shell.json(
        "check",
        "--description",
        "raise MATRIX_LR to 0.05",
        "--tags",
        "lr,muon",
        "--family",
        "optimizer",
        "--mode",
        "explore",
        "--threshold",
        "0.5",
        "--limit",
        "1",
        "--hypothesis",
        "why not",
    )

    assert guard["mode"] == guard["policy"]["mode"] == "explore"
    assert guard["threshold"] == 0.5
    assert 0 <= guard["effective_threshold"] <= 1
    assert len(guard["top_matches"]) == 1


def test_check_is_in_exploit_mode_with_a_threshold_of_0_62_unless_told(night: Night) -> None:
    guard = night.shell.json("check", "--description", "anything at all")
    assert (guard["mode"], guard["threshold"]) == ("exploit", 0.62)


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("add label smoothing of 0.1", "novel"),
        ("raise MATRIX_LR to 0.05", "known_success"),
        ("raise MATRIX_LR to 0.06", "incremental_followup"),
        ("swap GELU for SwiGLU in the MLP", "duplicate_run"),
        ("DEPTH 8 to 48", "repeat_failure"),
    ],
)
def test_check_classifies(night: Night, description: str, expected: str) -> None:
    assert night.shell.json("check", "--description", description)["classification"] == expected


@pytest.mark.parametrize(
    ("mode", "description", "decision"),
    [
        ("explore", "add label smoothing of 0.1", "allow"),
        ("exploit", "add label smoothing of 0.1", "allow"),
        ("replicate", "add label smoothing of 0.1", "block"),
        ("explore", "raise MATRIX_LR to 0.06", "caution"),
        ("exploit", "raise MATRIX_LR to 0.06", "allow"),
        ("exploit", "raise MATRIX_LR to 0.05", "block"),
        ("replicate", "raise MATRIX_LR to 0.05", "allow"),
        ("explore", "swap GELU for SwiGLU in the MLP", "block"),
        ("exploit", "swap GELU for SwiGLU in the MLP", "block"),
        ("replicate", "swap GELU for SwiGLU in the MLP", "allow"),
    ],
)
def test_check_decides_by_mode(night: Night, mode: str, description: str, decision: str) -> None:
    policy = night.shell.json("check", "--description", description, "--mode", mode)["policy"]
    assert policy["decision"] == decision
    assert policy["reason"]


def test_check_shows_the_prior_runs_with_their_outcomes(night: Night) -> None:
    guard = night.shell.json("check", "--description", "swap GELU for SwiGLU in the MLP")

    match = guard["top_matches"][0]
    assert match["run_id"] == night.rows["abandon"]["run_id"]
    assert (match["status"], match["value"]) == ("discard", 1.2)
    assert match["run_id"] in guard["policy"]["evidence"]
    assert guard["match_count"] >= 1
    assert guard["counts"]["discard"] >= 1
    assert sum(guard["counts"].values()) == guard["match_count"]


def test_check_prints_class_decision_and_matches_for_people(night: Night) -> None:
    shown = night.shell.ok("check", "--description", "swap GELU for SwiGLU in the MLP")
    assert "block" in shown
    assert "duplicate_run" in shown
    assert "replace GELU by SwiGLU in the MLP" in shown


def test_fail_on_similar_turns_a_block_into_exit_2(night: Night) -> None:
    idea = ("--description", "swap GELU for SwiGLU in the MLP")
    assert night.shell.run("check", *idea).returncode == 0
    assert night.shell.run("check", *idea, "--fail-on-similar").returncode == 2
    assert night.shell.run("check", "--description", "add label smoothing of 0.1", "--fail-on-similar").returncode == 0


def test_strict_explore_blocks_what_belongs_into_exploit(night: Night) -> None:
    idea = ("check", "--description", "raise MATRIX_LR to 0.06", "--mode", "explore", "--strict")
    assert night.shell.json(*idea)["policy"]["decision"] == "block"


def test_check_from_a_stream_prints_one_object_a_line_in_order(night: Night) -> None:
    ideas = [{"description": "raise MATRIX_LR to 0.06"}, {"description": "label smoothing", "tags": ["loss"]}]
    shown = night.shell.ok("check", "--from", "-", stdin="\n".join(map(json.dumps, ideas)) + "\n\n")
    probes = [json.loads(line)["probe_text"] for line in shown.splitlines()]
    assert probes == ["raise matrix_lr to 0.06", "label smoothing"]


def test_check_changes_nothing(night: Night) -> None:
    ledger = night.shell.ledger()
    night.shell.ok("check", "--description", "raise MATRIX_LR to 0.06")
    assert night.shell.ledger() == ledger


# -- log: the ledger entry


@pytest.mark.parametrize("field", ENTRY_FIELDS)
def test_every_ledger_entry_has_the_field(night: Night, field: str) -> None:
    entries = night.shell.ledger()
    assert len(entries) == 8
    assert all(field in entry for entry in entries)


def test_log_prints_the_entry_that_it_appended(night: Night) -> None:
    assert night.shell.ledger() == list(night.rows.values())


def test_the_entry_says_what_the_operator_said(night: Night) -> None:
    row = night.rows["promote"]
    assert row["description"] == "raise MATRIX_LR to 0.05"
    assert row["tags"] == ["lr", "muon"]
    assert row["family"] == "optimizer"
    assert row["hypothesis"] == "steps were too small"
    assert row["notes"] == "as\nexpected"
    assert row["status"] == "keep"
    assert row["novelty_guard"]["mode"] == "explore"


def test_the_entry_says_what_git_says(night: Night) -> None:
    row = night.rows["replicate"]
    assert row["branch"] == "night"
    assert row["commit"] == night.shell.git("rev-parse", "HEAD")
    assert row["parent_commit"] == night.shell.git("rev-parse", "HEAD^")
    assert night.rows["promote_first"]["parent_commit"] is None


def test_the_run_id_is_time_and_commit(night: Night) -> None:
    for row in night.rows.values():
        assert re.fullmatch(rf"\d{{8}}T\d{{6}}Z-{row['commit'][:7]}(-\d+)?", row["run_id"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["timestamp_utc"])


def test_runs_on_one_commit_stay_distinct(night: Night) -> None:
    same = [row for row in night.rows.values() if row["commit"] == night.rows["replicate"]["commit"]]
    assert len(same) == 6
    assert len({row["run_id"] for row in same}) == 6
    assert len({row["artifacts"]["directory"] for row in same}) == 6


@pytest.mark.parametrize("field", METRIC_FIELDS)
def test_metrics_come_from_the_sidecar(night: Night, field: str) -> None:
    expected = {**SIDECAR, "val_bpb": 0.95}[field]
    assert night.rows["promote"]["metrics"][field] == expected


def test_metrics_come_from_the_log_where_there_is_no_sidecar(lab: Shell) -> None:
    (lab.root / "run.log").write_text(
        f"---\nval_bpb: 7.5\n\nstep 00001 loss: 3.1\rstep 00002 loss: 3.0\r\n---\n{BLOCK}"
    )
    row = lab.json("log", "--description", "from the log", "--status", "keep", "--log", "run.log")
    assert {name: row["metrics"][name] for name in METRIC_FIELDS} == SIDECAR


def test_the_sidecar_goes_before_the_log(lab: Shell) -> None:
    (lab.root / "run.log").write_text("---\nval_bpb: 1.100000\nnum_steps: 7\n")
    done = lab.run(
        "log",
        "--description",
        "both",
        "--status",
        "keep",
        "--json",
        "--log",
        "run.log",
        "--summary",
        lab.summary(val_bpb=0.9),
    )
    metrics = json.loads(done.stdout)["metrics"]
    assert (metrics["val_bpb"], metrics["num_steps"]) == (0.9, 7)
    assert "warning: " in done.stderr
    assert "val_bpb" in done.stderr


def test_the_sidecar_is_found_by_the_environment_variable(lab: Shell) -> None:
    path = lab.summary("side car.json", val_bpb=0.75)
    row = lab.json("log", "--description", "by variable", "--status", "keep", AUTORESEARCH_SUMMARY_PATH=path)
    assert row["metrics"]["val_bpb"] == 0.75


def test_a_crash_has_null_metrics_where_nothing_was_measured(night: Night) -> None:
    metrics = night.rows["investigate_crash"]["metrics"]
    assert {name: metrics[name] for name in METRIC_FIELDS} == dict.fromkeys(METRIC_FIELDS)


@pytest.mark.parametrize("field", ["summary", "tail", "source"])
def test_a_crash_has_an_error_with_the_field(night: Night, field: str) -> None:
    for name in ("fix_and_retry", "investigate_crash"):
        assert isinstance(night.rows[name]["error"][field], str)


def test_the_error_says_what_the_log_says(night: Night) -> None:
    error = night.rows["fix_and_retry"]["error"]
    assert error["summary"].startswith("ModuleNotFoundError: No module named 'flash'")
    assert "import flash" in error["tail"]
    assert error["source"]


def test_the_operator_s_word_about_a_crash_is_the_summary(lab: Shell) -> None:
    row = lab.json("log", "--description", "x", "--status", "crash", "--error", "the node was preempted")
    assert row["error"]["summary"] == "the node was preempted"


def test_only_crashes_have_an_error(night: Night) -> None:
    for row in night.rows.values():
        assert (row["error"] is not None) == (row["status"] == "crash")


@pytest.mark.parametrize("field", GUARD_FIELDS)
def test_the_entry_carries_the_guard_field(night: Night, field: str) -> None:
    assert all(field in row["novelty_guard"] for row in night.rows.values())
    assert all(row["novelty_guard"]["classification"] in CLASSIFICATIONS for row in night.rows.values())


# -- log: the decision packet


@pytest.mark.parametrize("field", PACKET_FIELDS)
def test_the_packet_has_the_field(night: Night, field: str) -> None:
    assert all(field in row["decision_packet"] for row in night.rows.values())


@pytest.mark.parametrize(
    "action", ["promote", "branch_followup", "replicate", "retry", "abandon", "fix_and_retry", "investigate_crash"]
)
def test_the_packet_can_recommend(night: Night, action: str) -> None:
    packet = night.rows[action]["decision_packet"]
    assert packet["next_action"] == action
    assert packet["priority"] in ("high", "medium", "low")
    assert packet["summary"]
    assert packet["rationale"]
    assert all(isinstance(reason, str) and reason for reason in packet["rationale"])


@pytest.mark.parametrize(
    ("run", "status"),
    [
        ("promote", "supported"),
        ("abandon", "unsupported"),
        ("retry", "inconclusive"),
        ("branch_followup", "mixed"),
        ("replicate", "not_stated"),
    ],
)
def test_the_packet_says_what_became_of_the_hypothesis(night: Night, run: str, status: str) -> None:
    assert night.rows[run]["decision_packet"]["hypothesis_status"] == status


def test_the_packet_names_the_run_and_its_novelty(night: Night) -> None:
    for row in night.rows.values():
        packet = row["decision_packet"]
        assert packet["run"]["run_id"] == row["run_id"]
        assert packet["novelty"]["classification"] == row["novelty_guard"]["classification"]
        assert packet["error"] == row["error"]


def test_the_comparison_is_with_the_prior_and_the_current_champion(night: Night) -> None:
    comparison = night.rows["promote"]["decision_packet"]["comparison"]
    assert comparison["prior_champion"]["run_id"] == night.rows["promote_first"]["run_id"]
    assert comparison["current_champion"]["run_id"] == night.rows["promote"]["run_id"]
    assert comparison["gain_over_prior_champion"] == pytest.approx(0.05)
    assert 0.9 < comparison["probability_better_than_champion"] <= 1
    loser = night.rows["abandon"]["decision_packet"]["comparison"]
    assert loser["current_champion"] == loser["prior_champion"]
    assert loser["gain_over_current_champion"] == pytest.approx(-0.25)


def test_a_gain_inside_the_noise_says_what_would_settle_it(night: Night) -> None:
    packet = night.rows["replicate"]["decision_packet"]
    assert packet["comparison"]["verdict"] == "tie"
    assert 0.1 < packet["comparison"]["probability_better_than_champion"] < 0.9
    assert not packet["comparison"]["is_champion"]  # the champion is confirmed: a tie doesn't replace it
    assert any("rerun" in reason for reason in packet["rationale"])


# -- log: side effects


def test_each_log_appends_one_line_to_the_compatibility_table(night: Night) -> None:
    lines = (night.shell.root / "results.tsv").read_text().splitlines()
    assert lines[0] == "commit\tval_bpb\tmemory_gb\tstatus\tdescription"
    cells = [line.split("\t") for line in lines[1:]]
    assert [row[4] for row in cells] == [row["description"] for row in night.rows.values()]
    assert all(len(row) == 5 for row in cells)
    first = night.rows["promote_first"]
    assert cells[0] == [first["commit"][:7], "1.000000", "44.0", "keep", "baseline"]
    assert cells[-1][1:4] == ["0.000000", "0.0", "crash"]


def test_a_description_of_many_lines_is_one_line_of_the_table(lab: Shell) -> None:
    lab.ok("log", "--description", "one\ttwo\nthree\x1b[31m \u202ered", "--status", "keep", "--summary", lab.summary())
    assert (lab.root / "results.tsv").read_text().splitlines()[1].split("\t")[4] == "one two three red"


@pytest.mark.parametrize("name", ["summary.json", "train.patch", "decision_packet.json", "decision_packet.md"])
def test_the_archive_of_a_run_holds(night: Night, name: str) -> None:
    for row in night.rows.values():
        directory = night.shell.root / MEMORY / "runs" / row["run_id"]
        assert row["artifacts"]["directory"] == directory.relative_to(night.shell.root).as_posix()
        assert (directory / name).stat().st_size > 0


def test_the_archive_says_what_the_run_said(night: Night) -> None:
    row = night.rows["promote_first"]
    directory = night.shell.root / row["artifacts"]["directory"]
    assert (directory / "run.log").read_text() == f"step 1 loss 9.0\n---\n{BLOCK}"
    assert json.loads((directory / "summary.json").read_text()) == SIDECAR
    assert json.loads((directory / "decision_packet.json").read_text()) == row["decision_packet"]
    patch = (night.shell.root / night.rows["promote"]["artifacts"]["directory"] / "train.patch").read_text()
    assert "-MATRIX_LR = 0.04\n+MATRIX_LR = 0.05" in patch


def test_the_archive_keeps_no_secret(night: Night) -> None:
    archived = (night.shell.root / night.rows["fix_and_retry"]["artifacts"]["directory"] / "run.log").read_text()
    assert "ModuleNotFoundError" in archived
    ledger = (night.shell.root / MEMORY / "experiments.jsonl").read_text()
    assert "hf_abcdefghijklmnop0123" not in archived + ledger


def test_the_packet_for_people_leads_with_the_action(night: Night) -> None:
    for row in night.rows.values():
        heading = (night.shell.root / row["artifacts"]["directory"] / "decision_packet.md").read_text().splitlines()[0]
        assert row["decision_packet"]["next_action"] in heading.replace("\\", "")


def test_skip_archive_records_without_an_archive(lab: Shell) -> None:
    row = lab.json("log", "--description", "x", "--status", "keep", "--summary", lab.summary(), "--skip-archive")
    assert list((lab.root / MEMORY / "runs").iterdir()) == []
    assert lab.ledger() == [row]
    assert lab.run("verify").returncode == 0


def test_a_key_makes_a_retried_call_a_no_op(lab: Shell) -> None:
    words = ("log", "--description", "x", "--status", "keep", "--summary", lab.summary(), "--key", "job 7")
    first = lab.json(*words)
    again = lab.run(*words, "--json")
    assert json.loads(again.stdout) == first == lab.ledger()[0]
    assert "nothing was added" in again.stderr
    assert len(lab.ledger()) == 1


@pytest.mark.parametrize(
    ("value", "status"), [({"val_bpb": 0.9}, "keep"), ({"val_bpb": 1.1}, "discard"), ({"val_bpb": None}, "crash")]
)
def test_auto_decides_from_metric_base_and_noise(lab: Shell, value: dict[str, Any], status: str) -> None:
    lab.ok("log", "--description", "baseline", "--status", "keep", "--summary", lab.summary())
    row = lab.json("log", "--description", "an idea", "--status", "auto", "--summary", lab.summary(**value))
    assert row["status"] == status


# -- the registry


def registry_of(shell: Shell) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shell.root / MEMORY / "champion_challenger.json").read_text())
    return found


def test_the_registry_names_the_best_run_that_was_kept_for_a_real_gain(night: Night) -> None:
    champion = registry_of(night.shell)["champion"]
    assert champion["run_id"] == night.rows["promote"]["run_id"]
    assert champion["value"] == 0.95
    assert champion["state"] == "confirmed"


def test_the_registry_ranks_the_challengers(night: Night) -> None:
    challengers = registry_of(night.shell)["challengers"]
    assert [row["run_id"] for row in challengers[:3]] == [
        night.rows[name]["run_id"] for name in ("replicate", "retry", "branch_followup")
    ]


def test_the_registry_derives_lineages_from_commit_ancestry(night: Night) -> None:
    best = registry_of(night.shell)["best_lineages"][0]
    assert [step["run_id"] for step in best["path"]] == [
        night.rows[name]["run_id"] for name in ("promote_first", "promote", "replicate")
    ]
    assert best["gain_since_root"] == pytest.approx(0.0501)


def test_the_registry_clusters_repeated_failures(lab: Shell) -> None:
    (lab.root / "oom.log").write_text("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB\n")
    for depth in (16, 20, 24):
        lab.ok("log", "--description", f"DEPTH 8 to {depth}", "--status", "crash", "--log", "oom.log")
    clusters = registry_of(lab)["failure_clusters"]
    assert clusters[0]["count"] == 3
    assert "oom" in clusters[0]["label"]
    assert "DEPTH" in clusters[0]["label"]


def test_the_registry_counts_by_status(night: Night) -> None:
    assert registry_of(night.shell)["status_counts"] == {"keep": 4, "discard": 2, "crash": 2}


def test_another_device_is_another_arena(lab: Shell) -> None:
    for device, value in (("H200", 0.9), ("cpu", 1.5)):
        summary = lab.summary(val_bpb=value, device=device)
        lab.ok("log", "--description", device, "--status", "keep", "--summary", summary)
    registry = registry_of(lab)
    assert registry["champion"]["value"] == 1.5
    assert sorted(arena["champion"]["value"] for arena in registry["arenas"]) == [0.9, 1.5]
    assert lab.ledger()[1]["decision_packet"]["comparison"]["prior_champion"] is None


def test_the_registry_holds_runs_not_commits(lab: Shell) -> None:
    for value in (1.0, 0.9, 0.8):
        lab.ok("log", "--description", f"idea {value}", "--status", "keep", "--summary", lab.summary(val_bpb=value))
    registry = registry_of(lab)
    assert registry["champion"]["value"] == 0.8
    assert [row["value"] for row in registry["challengers"]] == [0.9, 1.0]


def test_a_run_with_a_changed_judge_can_not_become_champion(lab: Shell) -> None:
    lab.ok("log", "--description", "baseline", "--status", "keep", "--summary", lab.summary())
    (lab.root / "prepare.py").write_text("# an easier judge\n")
    row = lab.json("log", "--description", "cheat", "--status", "keep", "--summary", lab.summary(val_bpb=0.1))
    assert row["integrity"] == "modified"
    assert registry_of(lab)["champion"]["value"] == 1.0


# -- the report


def test_the_report_is_written_as_latest_and_under_its_time(night: Night) -> None:
    night.shell.ok("report")
    reports = night.shell.root / MEMORY / "reports"
    stamped = [path for path in reports.glob("*.md") if path.name != "latest.md"]
    assert all(re.fullmatch(r"\d{8}T\d{6}Z(-\d+)?\.md", path.name) for path in stamped)
    newest = max(stamped, key=lambda path: path.name)
    assert newest.read_text().replace(newest.stem, "latest") == (reports / "latest.md").read_text()
    assert (reports / "latest.html").is_file()
    assert (reports / f"{newest.stem}.html").is_file()


def test_the_report_tells_the_night_to_a_person(night: Night) -> None:
    night.shell.ok("report")
    text = (night.shell.root / MEMORY / "reports" / "latest.md").read_text()
    for part in ("0.9499", "replicate", "8 runs", "WARMDOWN_RATIO", "No module named"):
        assert part in text.replace("\\", ""), part


@pytest.mark.parametrize("form", ["md", "html", "json"])
def test_the_report_can_be_written_elsewhere(night: Night, tmp_path: Path, form: str) -> None:
    target = tmp_path / f"morning.{form}"
    night.shell.ok("report", "--format", form, "--output", str(target))
    text = target.read_text()
    assert "0.9499" in text
    if form == "json":
        assert json.loads(text)["champion"]["value"] == 0.95


def test_the_report_covers_the_last_hours_only(lab: Shell) -> None:
    old = {
        "run_id": "old",
        "timestamp_utc": "2020-01-01T00:00:00Z",
        "status": "keep",
        "description": "long ago",
        "metrics": {"val_bpb": 1.0},
    }
    (lab.root / MEMORY / "experiments.jsonl").write_text(json.dumps(old) + "\n")
    lab.ok("log", "--description", "tonight", "--status", "discard", "--summary", lab.summary(val_bpb=2.0))
    assert lab.json("report", "--since-hours", "12")["counts"] == {"keep": 0, "discard": 1, "crash": 0}
    assert lab.json("report")["counts"] == {"keep": 1, "discard": 1, "crash": 0}


def test_log_can_refresh_the_report(lab: Shell) -> None:
    lab.ok(
        "log", "--description", "x", "--status", "keep", "--summary", lab.summary(), "--report", "--since-hours", "9"
    )
    assert (lab.root / MEMORY / "reports" / "latest.md").is_file()


def test_a_report_of_nothing_says_so(lab: Shell) -> None:
    assert "No runs" in lab.ok("report")


# -- reading


@pytest.mark.parametrize(
    "words",
    [
        ("init",),
        ("check", "--description", "x"),
        ("report",),
        ("history",),
        ("search", "SwiGLU"),
        ("best",),
        ("noise",),
        ("verify",),
        ("show", "{run}"),
        ("replay", "results.tsv"),
        ("export", "--format", "jsonl"),
    ],
    ids=lambda words: words[0],
)
def test_json_is_one_document_and_nothing_else(night: Night, words: tuple[str, ...]) -> None:
    run = night.rows["abandon"]["run_id"]
    done = night.shell.run(*(word.format(run=run) for word in words), "--json")
    assert done.returncode == 0, done.stderr
    documents = done.stdout.splitlines() if words[0] == "export" else [done.stdout]
    assert all(isinstance(json.loads(document), dict | list) for document in documents)


def test_json_may_stand_before_the_command_too(night: Night) -> None:
    assert json.loads(night.shell.ok("--json", "history"))[0]["status"] == "crash"


def test_history_lists_the_newest_first(night: Night) -> None:
    rows = night.shell.json("history", "--limit", "3")
    assert [row["description"] for row in rows] == [row["description"] for row in [*night.rows.values()][:-4:-1]]
    assert {row["status"] for row in night.shell.json("history", "--status", "discard")} == {"discard"}


def test_show_prints_the_row_of_a_run_by_id_or_by_commit(night: Night) -> None:
    row = night.rows["promote"]
    assert night.shell.json("show", row["run_id"]) == row
    assert night.shell.json("show", row["commit"][:7]) == row


def test_search_finds_by_words_wherever_they_stand(night: Night) -> None:
    assert night.shell.json("search", "swiglu")[0]["run_id"] == night.rows["abandon"]["run_id"]
    assert night.shell.json("search", "muon")[0]["run_id"] == night.rows["promote"]["run_id"]
    assert night.shell.json("search", "expected")[0]["run_id"] == night.rows["promote"]["run_id"]


def test_best_agrees_with_the_registry(night: Night) -> None:
    found = night.shell.json("best", "--limit", "2")
    registry = registry_of(night.shell)
    assert found["champion"] == registry["champion"]
    assert found["challengers"] == registry["challengers"][:2]


def test_a_night_leaves_nothing_to_complain_about(night: Night) -> None:
    assert night.shell.json("verify") == {"ok": True, "runs": 8, "repaired": [], "problems": []}


# -- the operator's flow and the workspace


def test_the_operator_flow_of_the_reference_works_as_written(lab: Shell) -> None:
    lab.ok("log", "--description", "baseline", "--status", "keep", "--summary", lab.summary())
    guard = lab.json("check", "--description", "raise MATRIX_LR to 0.05")
    assert guard["policy"]["decision"] != "block"
    lab.commit("MATRIX_LR = 0.05\n")
    sidecar = lab.summary("sidecar.json", val_bpb=0.95)
    lab.ok("log", "--description", "raise MATRIX_LR to 0.05", "--status", "keep", AUTORESEARCH_SUMMARY_PATH=sidecar)
    packet = lab.root / lab.ledger()[-1]["artifacts"]["directory"] / "decision_packet.md"
    assert packet.read_text().startswith("# promote")
    lab.ok("report")
    assert "promote" in (lab.root / MEMORY / "reports" / "latest.md").read_text()


@pytest.mark.parametrize("how", ["root", "variable", "ancestor", "git top level"])
def test_the_workspace_is_found_by(shell: Shell, tmp_path: Path, how: str) -> None:
    deep = shell.root / "a" / "b"
    deep.mkdir(parents=True)
    if how != "git top level":
        shell.ok("init")
    if how == "root":
        shell.ok("--root", str(shell.root), "init", cwd=tmp_path, MEMORYLAB_ROOT="/")
    elif how == "variable":
        shell.ok("init", cwd=tmp_path, MEMORYLAB_ROOT=str(shell.root))
    else:
        shell.ok("init", cwd=deep)
    assert (shell.root / MEMORY / "experiments.jsonl").is_file()
    assert not (tmp_path / "results").exists()
    assert not (deep / "results").exists()


def test_the_root_may_be_named_like_a_command(shell: Shell) -> None:
    (shell.root / "report").mkdir()
    shell.ok("--root", "report", "init")
    assert (shell.root / "report" / MEMORY).is_dir()


@pytest.mark.parametrize("missing", ["repository", "commit", "program"])
def test_a_run_without_git_s_help_has_no_commit(tmp_path: Path, missing: str) -> None:
    shell = Shell(tmp_path)
    options = {"PATH": str(tmp_path)} if missing == "program" else {}
    if missing == "commit":
        shell.git("init", "-q")
    shell.ok("init", **options)
    words = ("log", "--description", "x", "--status", "keep", "--summary", shell.summary(), "--json")
    row = json.loads(shell.ok(*words, **options))
    assert (row["commit"], row["parent_commit"]) == (None, None)
    assert (tmp_path / "results.tsv").read_text().splitlines()[1].startswith("-\t1.000000\t4.0\tkeep\tx")


def test_a_detached_head_has_a_commit_and_no_branch(lab: Shell) -> None:
    lab.git("checkout", "-q", "--detach")
    row = lab.json("log", "--description", "x", "--status", "keep", "--summary", lab.summary())
    assert (row["branch"], row["commit"]) == (None, lab.git("rev-parse", "HEAD"))


def test_a_dirty_tree_is_recorded_with_its_change(lab: Shell) -> None:
    (lab.root / "train.py").write_text("MATRIX_LR = 0.09\n")
    row = lab.json("log", "--description", "x", "--status", "keep", "--summary", lab.summary())
    assert row["dirty"] is True
    assert "+MATRIX_LR = 0.09" in (lab.root / row["artifacts"]["directory"] / "train.patch").read_text()
    lab.git("checkout", "-q", "train.py")
    assert lab.json("log", "--description", "y", "--status", "keep", "--summary", lab.summary())["dirty"] is False
