"""A campaign's name is untrusted text that becomes a part of file names; what says which is in use may be anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.adapters import campaigns
from memorylab.adapters.workspace import MEMORY, Workspace
from memorylab.errors import InputError, UsageError


def place_of(root: Path, campaign: str = "") -> Workspace:
    return Workspace(root, root, campaign)


@given(st.one_of(st.text(max_size=80), st.from_regex(r"[A-Za-z0-9._-]{1,70}", fullmatch=True)))
def test_what_may_be_a_name_stays_one_file_of_its_directory(name: str) -> None:
    if not campaigns.is_name(name):
        with pytest.raises(UsageError):
            campaigns.checked(name)
        return
    place = place_of(Path("/w"), campaigns.checked(name))
    assert place.home.parent == (place.campaigns if place.campaign else place.memory.parent)
    assert place.config.parent == place.results_tsv.parent == Path("/w")
    assert len(name) <= campaigns.LONGEST and name.isascii() and name[0].isalnum() and name[-1] != "."


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a b", "-x", ".x", "x.", "é", "a\n", "x" * 65, "a\0"])
def test_other_names_are_refused(name: str) -> None:
    assert not campaigns.is_name(name)


def test_the_first_campaign_has_the_files_that_it_always_had(tmp_path: Path) -> None:
    place = place_of(tmp_path)
    assert place.config == tmp_path / "memorylab.toml" and place.results_tsv == tmp_path / "results.tsv"
    memory = tmp_path / MEMORY
    names = ("index.sqlite", "champion_challenger.json", "reports", "pins", "settings.toml")
    own = (place.index_file, place.registry, place.reports, place.pins, place.settings)
    assert own == tuple(memory / name for name in names) and place.home == memory


def test_a_campaign_shares_the_ledger_and_the_archives_alone(tmp_path: Path) -> None:
    first, second = place_of(tmp_path), place_of(tmp_path, "speed")
    assert (second.ledger, second.runs, second.scratch) == (first.ledger, first.runs, first.scratch)
    assert second.config.name == "memorylab.speed.toml" and second.results_tsv.name == "results.speed.tsv"
    for name in ("index_file", "registry", "reports", "pins", "settings"):
        assert getattr(second, name) == first.memory / "campaigns" / "speed" / getattr(first, name).name


@pytest.mark.parametrize("said", [b"../..\n", b"", b"\xff\xfe", b"a b", b"x" * 1000])
def test_what_names_no_campaign_is_told_and_never_taken_for_the_first(tmp_path: Path, said: bytes) -> None:
    place = place_of(tmp_path)
    place.memory.mkdir(parents=True)
    place.used.write_bytes(said)
    with pytest.raises(InputError, match="names no campaign"):
        campaigns.in_use(place)


def test_a_link_says_nothing_of_which_is_in_use(tmp_path: Path) -> None:
    place = place_of(tmp_path)
    place.memory.mkdir(parents=True)
    (tmp_path / "elsewhere").write_text("speed\n")
    place.used.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError):
        campaigns.in_use(place)
    with pytest.raises(OSError):
        campaigns.use(place, "speed")
    assert (tmp_path / "elsewhere").read_text() == "speed\n"


def test_the_settings_and_tables_of_all_campaigns_belong_to_the_memory(tmp_path: Path) -> None:
    place = place_of(tmp_path)
    (place.campaigns / "speed" / "reports").mkdir(parents=True)
    kept = ("memorylab.toml", "memorylab.speed.toml", "results.tsv", "results.speed.tsv", MEMORY / "campaign")
    assert all(campaigns.keeps(one, tmp_path / name) for name in kept for one in (place, place_of(tmp_path, "speed")))
    free = ("memorylab.other.toml", MEMORY / "reports" / "x.md", MEMORY / "campaigns" / "speed" / "reports" / "x.md")
    assert not any(campaigns.keeps(place, tmp_path / name) for name in free)
