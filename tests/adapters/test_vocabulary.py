"""A user's own terms in `memorylab.toml`."""

from __future__ import annotations

from pathlib import Path

import pytest

from memorylab.adapters import config
from memorylab.core.reading.own import Own
from memorylab.errors import ConfigError


def load(tmp_path: Path, text: str) -> Own:
    path = tmp_path / "memorylab.toml"
    path.write_text(text)
    return config.load(path, {}).vocabulary


def test_knobs_families_and_interactions_are_read(tmp_path: Path) -> None:
    text = """
        [vocabulary]
        MY_KNOB = ["my knob", "the knob"]
        BARE = []
        [vocabulary.families]
        MY_KNOB = "trading"
        [vocabulary.interacts]
        MY_KNOB = ["OTHER_KNOB"]
    """
    assert load(tmp_path, text) == Own(
        (("MY_KNOB", ("my knob", "the knob")), ("BARE", ())),
        (("MY_KNOB", "trading"),),
        (("MY_KNOB", ("OTHER_KNOB",)),),
    )
    assert load(tmp_path, "") == Own()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("vocabulary = 3", "vocabulary must be a table"),
        ("[vocabulary]\nMY_KNOB = 'my knob'", "vocabulary.MY_KNOB must be a list"),
        ("[vocabulary]\nMY_KNOB = [3]", "vocabulary.MY_KNOB must be a short text"),
        ("[vocabulary]\nMY_KNOB = ['']", "vocabulary.MY_KNOB must be a short text"),
        ("[vocabulary]\nMY_KNOB = ['the']", "vocabulary.MY_KNOB: 'the' names nothing"),
        ("[vocabulary]\nmy_knob = []", "a knob's name is capitals"),
        ("[vocabulary.families]\nMY_KNOB = []", "vocabulary.families.MY_KNOB must be a short text"),
        ("[vocabulary.interacts]\nMY_KNOB = 'A'", "vocabulary.interacts.MY_KNOB must be a list"),
        ("[vocabulary]\nfamilies = 3", "vocabulary.families must be a table"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(ConfigError, match=where) as caught:
        load(tmp_path, text)
    assert "\n" not in str(caught.value)
