from __future__ import annotations

from pathlib import Path
from typing import Any

from memorylab.lab import open_lab
from memorylab.lab.context import Context
from memorylab.lab.window import Window


def opened(root: Path, rows: list[dict[str, Any]]) -> Window:
    lab = open_lab(root)
    lab.init()
    lab.context.ledger.append([{"description": "d", "status": "keep", **row} for row in rows])
    return Window(Context.open(root))


def line(length: int, name: str = "a", on: str | None = None, best: float = 1.0) -> list[dict[str, Any]]:
    """Kept runs, each on the commit of the one before."""
    rows: list[dict[str, Any]] = []
    for step in range(length):
        commit = f"{name}{step:06x}".ljust(40, "0")
        rows.append({"run_id": f"{name}{step}", "commit": commit, "parent_commit": on,
                     "metrics": {"val_bpb": best - step / 1000}})  # fmt: skip
        on = commit
    return rows


def test_lines_that_part_share_the_runs_before(tmp_path: Path) -> None:
    trunk = line(4, "a")
    window = opened(tmp_path, [*trunk, *line(3, "b", trunk[1]["commit"], 0.9)])
    graph = window.lineage()
    ids = {node.run.seq: node.run.run_id for node in graph.nodes}
    parents = {node.run.run_id: ids.get(node.parent or -1) for node in graph.nodes}
    assert parents == {"a0": None, "a1": "a0", "a2": "a1", "a3": "a2", "b0": "a1", "b1": "b0", "b2": "b1"}
    assert {node.run.run_id for node in graph.nodes if node.tip} == {"a3", "b2"}
    assert {node.run.run_id for node in graph.nodes if node.lane == 0} == {"b2", "b1", "b0", "a1", "a0"}
    assert ids[graph.champion or 0] == "b2"


def test_what_was_built_on_without_being_kept_is_no_step(tmp_path: Path) -> None:
    rows = line(4, "a")
    rows[1]["status"] = rows[2]["status"] = "discard"
    window = opened(tmp_path, rows)
    first, last = window.lineage().nodes
    assert (first.run.run_id, first.tip, last.run.run_id, last.parent, last.tip) == ("a0", False, "a3", 1, True)
    assert last.run.depth == 1


def test_of_a_long_line_the_end_is_drawn_and_the_rest_counted(tmp_path: Path) -> None:
    graph = opened(tmp_path, line(100)).lineage()
    assert [node.run.run_id for node in graph.nodes] == [f"a{step}" for step in range(60, 100)]
    assert [node.earlier for node in graph.nodes] == [60] + [0] * 39


def test_commits_in_a_circle_end(tmp_path: Path) -> None:
    rows = [{"run_id": "x", "commit": "a" * 40, "parent_commit": "b" * 40, "metrics": {"val_bpb": 1.0}},
            {"run_id": "y", "commit": "b" * 40, "parent_commit": "a" * 40, "metrics": {"val_bpb": 0.9}}]  # fmt: skip
    graph = opened(tmp_path, rows).lineage()
    assert {node.run.run_id for node in graph.nodes} <= {"x", "y"}


def test_what_stands_around_a_run(tmp_path: Path) -> None:
    window = opened(tmp_path, line(3))
    around = window.around("a1")
    assert around is not None and around.earlier and around.later and around.parent
    assert (around.earlier.run_id, around.later.run_id, around.parent.run_id) == ("a0", "a2", "a0")
    assert [child.run_id for child in around.children] == ["a2"]
    assert window.around("nothing") is None


def test_what_was_repeated_is_listed_with_its_mean_in_the_metric(tmp_path: Path) -> None:
    arena = {"metric": "score", "direction": "max"}
    rows = [{"run_id": f"r{n}", "candidate": "c", "metrics": {"score": value}, "arena": arena}
            for n, value in enumerate((0.5, 0.7))]  # fmt: skip
    lab = open_lab(tmp_path)
    lab.init(metric="score", direction="max")
    window = opened(tmp_path, rows)
    (repeated,) = window.noise()["repeated"]
    assert repeated["runs"] == 2 and abs(repeated["mean"] - 0.6) < 1e-9
