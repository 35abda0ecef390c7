"""A table of settings that a run goes through is no measure: another setting in the same rows measures the same."""

from __future__ import annotations

from memorylab.core.runs import gaming

CODE = """SECTORS = {
    "tech": {"weight": 0.25, "z_entry": 2.0, "val_days": 90},
    "energy": {"weight": 0.25, "z_entry": 2.0, "val_days": 90},
}
days = list(zip(*[trade(n, load(n)) for n in SECTORS]))
pnl = [sum(d) for d in days]
print(f"sharpe: {score(pnl)}")
"""


def _kinds(after: str) -> list[str]:
    return [one.kind for one in gaming.in_text(CODE, after, "sharpe")]


def test_another_setting_of_a_row_is_no_reach() -> None:
    assert (
        _kinds(CODE.replace('"tech": {"weight": 0.25, "z_entry": 2.0', '"tech": {"weight": 0.5, "z_entry": 1.8')) == []
    )


def test_a_row_less_and_a_smaller_held_out_part_are_one() -> None:
    assert _kinds(CODE.replace('    "energy": {"weight": 0.25, "z_entry": 2.0, "val_days": 90},\n', ""))
    assert _kinds(CODE.replace('"val_days": 90', '"val_days": 9', 1))
