"""Campaigns from Python: the same names as on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

import memorylab
from memorylab.core.reading import lexicon
from memorylab.errors import InputError
from memorylab.lab import Lab, make_idea, open_lab
from memorylab.lab.window import Window
from tests.lab.test_recall import add

IDEA = "raise MATRIX_LR to 0.05"


def tried(root: Path, campaign: str | None, status: str = "discard") -> None:
    arena = {"metric": "val_bpb", "direction": "min", **({"campaign": campaign} if campaign else {})}
    told = {"run_id": f"r-{campaign}", "status": status, "description": IDEA, "metrics": {"val_bpb": 1.5}}
    add(root, {**told, "arena": arena})


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    lab = open_lab(tmp_path, environment={})
    lab.init()
    lab.init(campaign="second", metric="val_bpb")
    return lab


def test_a_lab_is_about_one_campaign_and_says_which(lab: Lab, tmp_path: Path) -> None:
    assert lab.campaign == "second" and [one.name for one in lab.campaigns()] == ["default", "second"]
    assert open_lab(tmp_path, environment={}).campaign == "second"
    assert open_lab(tmp_path, "default", environment={}).campaign == "default"
    lab.use_campaign("default")
    assert (lab.campaign, open_lab(tmp_path, environment={}).campaign) == ("default", "default")
    with pytest.raises(InputError, match="there is no campaign third; known are default, second"):
        lab.use_campaign("third")
    assert lab.campaign == "default"


def test_what_the_other_learns_meanwhile_is_told_by_a_lab_that_stays_open(lab: Lab, tmp_path: Path) -> None:
    idea = make_idea(IDEA)
    assert "elsewhere" not in lab.check(idea)
    tried(tmp_path, None)
    (told,) = lab.check(idea)["elsewhere"]
    assert (told["campaign"], told["run_id"]) == ("default", "r-None")
    tried(tmp_path, "second")
    guard = lab.check(idea)
    assert guard["policy"]["decision"] == "block" and guard["policy"]["evidence"] == ["r-second"]
    assert [run.run_id for run in lab.history()] == ["r-second"]


def test_asking_the_others_leaves_the_words_as_this_campaign_reads_them(lab: Lab, tmp_path: Path) -> None:
    settings = tmp_path / "memorylab.second.toml"
    settings.write_text(settings.read_text() + '\n[vocabulary]\nZETA_SPAN = ["zeta span"]\n')
    opened = open_lab(tmp_path, environment={})
    tried(tmp_path, None)
    for _ in range(2):
        idea = opened.idea("set the zeta span to 4")
        opened.check(idea)
        assert idea.edits[0].target == "ZETA_SPAN"
    assert lexicon.lexicon() is not None and opened.context.others is not None


def test_broken_settings_of_another_are_told_and_stop_nobody(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "memorylab.toml").write_text("metric = 3\n")
    said: list[str] = []
    guard = open_lab(tmp_path, environment={}, warn=said.append).check(make_idea(IDEA))
    assert guard["policy"]["decision"] != "block"
    assert len(said) == 1 and said[0].startswith("what the campaign default knows is left out: memorylab.toml: metric")


def test_a_notebook_and_a_window_look_at_the_campaign_that_is_named(lab: Lab, tmp_path: Path) -> None:
    tried(tmp_path, None, "keep")
    assert "campaign second" in repr(memorylab.open(tmp_path, environment={}))
    assert "campaign" not in repr(memorylab.open(tmp_path, "default", environment={}))
    first, second = (Window(open_lab(tmp_path, name, environment={}).context) for name in ("default", "second"))
    assert [first.version() > 0, first.size(), second.version() > 0, second.size()] == [True, 1, True, 0]
    assert second.run("r-None")["description"] == IDEA  # the guard names it
