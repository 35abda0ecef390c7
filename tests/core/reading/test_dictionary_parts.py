"""Dictionaries of one kind in a dictionary are parts: what is set for one of them is set for none of the others."""

from __future__ import annotations

from memorylab.core.reading import naming
from memorylab.core.reading.agreement import describe
from memorylab.core.reading.diffs import change as between
from memorylab.core.reading.edits import parse
from memorylab.core.reading.state import state_of
from memorylab.core.reading.state_edits import change as step

CODE = """Z_ENTRY = 2.0
SECTORS = {
    "tech": {"weight": 0.25, "z_entry": 2.0, "hedge": True},
    "energy": {"weight": 0.25, "z_entry": 2.0},
}
CONFIG = {"optim": {"lr": 0.1}, "model": {"depth": 8}}
"""
TECH = CODE.replace('"z_entry": 2.0, "hedge"', '"z_entry": 1.8, "hedge"')
ENERGY = CODE.replace('"z_entry": 2.0}', '"z_entry": 1.8}')


def _key(after: str) -> str:
    done = between({"a.py": CODE}, {"a.py": after})
    assert done is not None
    (edit,) = done.edits
    return naming.joined(edit).key


def test_the_slots_bear_the_path_where_the_name_is_shared() -> None:
    state = state_of({"a.py": CODE})
    assert state is not None
    names = set(state.slots)
    assert {"Z_ENTRY", "SECTORS.tech.z_entry", "SECTORS.energy.z_entry", "SECTORS.tech.weight"} <= names
    assert {"SECTORS.hedge", "CONFIG.lr", "CONFIG.depth"} <= names and not any("#" in name for name in names)


def test_one_part_is_neither_the_other_nor_the_constant() -> None:
    keys = {_key(TECH), _key(ENERGY), _key(CODE.replace("Z_ENTRY = 2.0", "Z_ENTRY = 1.8"))}
    assert len(keys) == 3


def test_a_text_that_names_the_part_is_the_same_idea_as_its_code() -> None:
    (said,) = parse("tech: z_entry 2.0 -> 1.8")
    assert said.key == _key(TECH) != _key(ENERGY)


def test_two_parts_changed_at_once_are_two_edits() -> None:
    both = ENERGY.replace('"z_entry": 2.0, "hedge"', '"z_entry": 1.8, "hedge"')
    done = between({"a.py": CODE}, {"a.py": both})
    assert done is not None
    assert {edit.scope for edit in done.edits} == {"tech", "energy"}
    assert describe(done).count("tech: ") == describe(done).count("energy: ") == 1


def test_two_states_tell_the_part_as_the_code_does() -> None:
    before, after = state_of({"a.py": CODE}), state_of({"a.py": TECH})
    assert before is not None and after is not None
    (edit,) = step(before, after).edits
    assert naming.joined(edit).key == _key(TECH)
    assert naming.of_slot("SECTORS.tech.z_entry") == "SECTORS.tech.z_entry"


def test_a_setting_of_a_file_has_the_home_that_its_state_gives_it() -> None:
    old, new = {"m.yaml": "reg:\n  l2: 1.0\n"}, {"m.yaml": "reg:\n  l2: 3.0\n"}
    done, before, after = between(old, new), state_of(old), state_of(new)
    assert done is not None and before is not None and after is not None
    assert [edit.target for edit in done.edits] == [edit.target for edit in step(before, after).edits] == ["reg.l2"]
