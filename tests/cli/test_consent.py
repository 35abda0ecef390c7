"""A person has to agree: at a terminal, or by a token that agents aren't given."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.conftest import Shell

if sys.platform == "win32":
    pytest.skip("needs a terminal", allow_module_level=True)


@pytest.fixture
def doubted(lab: Shell) -> tuple[Shell, str]:
    """A workspace and a run in it that trained too long."""
    return lab, str(log(lab)["run_id"])


def log(lab: Shell, *words: str, seconds: float = 900.0, **environment: str) -> dict[str, Any]:
    summary = lab.summary(val_bpb=0.9, training_seconds=seconds)
    row: dict[str, Any] = lab.json(
        "log", "--description", "a long one", "--status", "keep", "--summary", summary, *words, **environment
    )
    return row


def token_of(lab: Shell) -> str:
    code, shown = lab.at_terminal("accept", "--new-token", typed="yes")
    assert code == 0, shown
    return next(word for word in shown.split() if word.startswith("memorylab-"))


def test_nobody_at_a_terminal_and_no_token_is_one_line_and_no_row(doubted: tuple[Shell, str]) -> None:
    lab, run_id = doubted
    rows = lab.ledger()
    for words in (["accept", run_id], ["accept", run_id, "--json"], ["accept", "--new-token"]):
        assert "terminal" in lab.refused(*words)
        assert "terminal" in lab.refused(*words, stdin="yes\n")
    options = ("--description", "x", "--accept")
    assert "only a person" in lab.refused("log", *options, "--status", "keep", "--summary", lab.summary())
    assert "only a person" in lab.refused("run", *options, "--", "touch", "executed")
    assert not (lab.root / "executed").exists()
    assert lab.ledger() == rows


@pytest.mark.parametrize("answer", ["no", "", "yes please", "y"])
def test_anything_but_yes_is_a_no(doubted: tuple[Shell, str], answer: str) -> None:
    lab, run_id = doubted
    rows = lab.ledger()
    code, shown = lab.at_terminal("accept", run_id, typed=answer)
    assert code == 1
    assert "It trained for 900 s" in shown
    assert "nobody said yes, and nothing was written" in shown
    assert lab.ledger() == rows


def test_a_person_says_yes(doubted: tuple[Shell, str]) -> None:
    lab, run_id = doubted
    assert "is accepted; it is the champion" in lab.agreed("accept", run_id)


def test_a_token_agrees_in_a_persons_place(doubted: tuple[Shell, str]) -> None:
    lab, run_id = doubted
    token = token_of(lab)
    assert token not in "".join(path.read_text() for path in (lab.root / "results" / "memorylab").glob("*.json*"))
    assert lab.json("accept", run_id, MEMORYLAB_ACCEPT_TOKEN=token)["integrity"] == "accepted"
    assert log(lab, "--accept", seconds=2000.0, MEMORYLAB_ACCEPT_TOKEN=token)["integrity"] == "accepted"


@pytest.mark.parametrize("wrong", ["memorylab-00", "yes", "ä"])
def test_a_wrong_token_is_refused_whether_or_not_there_is_a_right_one(doubted: tuple[Shell, str], wrong: str) -> None:
    lab, run_id = doubted
    assert "isn't the token of this memory" in lab.refused("accept", run_id, MEMORYLAB_ACCEPT_TOKEN=wrong)
    right = token_of(lab)
    assert "isn't the token of this memory" in lab.refused("accept", run_id, MEMORYLAB_ACCEPT_TOKEN=wrong)
    assert token_of(lab) != right
    assert "isn't the token of this memory" in lab.refused("accept", run_id, MEMORYLAB_ACCEPT_TOKEN=right)
    (lab.root / "results" / "memorylab" / "consent.json").write_text('{"sha256": 3}')
    assert "isn't the token of this memory" in lab.refused("accept", run_id, MEMORYLAB_ACCEPT_TOKEN=right)


def test_accept_takes_a_run_or_makes_a_token_not_both(lab: Shell) -> None:
    assert "accept takes a RUN or --new-token" in lab.refused("accept", code=64)
    assert "accept takes a RUN or --new-token" in lab.refused("accept", "x", "--new-token", code=64)
