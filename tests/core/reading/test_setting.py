"""What may be stated of a knob, and which value of the code a name means."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.reading import rewriting, setting
from memorylab.core.reading.choosing import FoundSlot, choose
from memorylab.core.reading.literals import Value
from memorylab.core.reading.setting import Setting
from memorylab.errors import InputError, UsageError

CODE = """MATRIX_LR = 0.04
WIDTH = 4 * HEADS
opt = AdamW(lr=0.1, eps=1e-8)
other = SGD(lr=0.2)
DEPTH = 8 if BIG else 2
"""


def there(text: str = CODE, file: str = "train.py") -> list[FoundSlot]:
    return [FoundSlot(file, slot) for slot in rewriting.slots(file, text)]


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ("MATRIX_LR=0.05", Setting("MATRIX_LR", "=", 0.05)),
        (" DEPTH *= 2 ", Setting("DEPTH", "*=", 2.0)),
        ("DEPTH/=2", Setting("DEPTH", "/=", 2.0)),
        ("x-=-1", Setting("x", "-=", -1.0)),
        ("x+=1e-3", Setting("x", "+=", 0.001)),
        ("--batch-size=8", Setting("--batch-size", "=", 8.0)),
        ("a.yaml:model.lr=1_000", Setting("a.yaml:model.lr", "=", 1000.0)),
        ("BATCH=2**15", Setting("BATCH", "=", 32768.0)),
        ("A='x=y'", Setting("A", "=", "x=y")),
        ("A=True", Setting("A", "=", True)),
        ("A=None", Setting("A", "=", None)),
        ("A=(0.9, 0.95)", Setting("A", "=", (0.9, 0.95))),
        ("A=gelu", Setting("A", "=", "gelu")),
    ],
)
def test_settings_are_read_as_they_are_typed(told: str, wanted: Setting) -> None:
    assert setting.read(told) == wanted
    assert isinstance(setting.read(told).value, bool) == isinstance(wanted.value, bool)


@pytest.mark.parametrize("told", ["", "=", "=3", "MATRIX_LR", "LR=", "LR*=", "LR=1e999", "LR=-1e999", "LR=(1, 1e999)"])
def test_what_is_no_setting_is_one_line_of_wrong_usage(told: str) -> None:
    with pytest.raises(UsageError) as caught:
        setting.read(told)
    assert "\n" not in str(caught.value) and caught.value.hint


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_a_setting_or_refused(name: str, value: str) -> None:
    try:
        found = setting.read(f"{name}={value}")
        setting.outcome(found, 0.5)
    except UsageError as error:
        assert len(error.message) < 400


@pytest.mark.parametrize(
    "value",
    ["(" * 1500, "[" * 900 + "]" * 900, "-" * 1999, "9**9**9**9", "x" * 5000, "1+" * 900 + "a", "'" + "a" * 100],
)
def test_a_value_beyond_reason_is_refused_and_never_worked_out(value: str) -> None:
    with pytest.raises(UsageError):
        setting.outcome(setting.read(f"LR={value}"), 0.5)


@pytest.mark.parametrize(
    ("told", "present", "wanted"),
    [
        ("X*=1.1", 0.04, 0.044),  # not 0.044000000000000004
        ("X/=2", 8.0, 4.0),
        ("X+=0.1", 0.2, 0.3),
        ("X-=0.1", 0.3, 0.2),
        ("X=0.5", "gelu", 0.5),
        ("X=8", "64", "8"),  # os.environ.get("X", "64") stays a text
        ("X=true", True, True),
        ("X=false", True, False),
        ("X=null", 3.0, None),
        ("X=true", "auto", "true"),
        ("X=path/to.pt", None, "path/to.pt"),
    ],
)
def test_the_value_that_a_knob_has_then(told: str, present: Value, wanted: Value) -> None:
    found = setting.outcome(setting.read(told), present)
    assert (found, type(found)) == (wanted, type(wanted))


@pytest.mark.parametrize(
    ("told", "present"),
    [("X*=2", "a"), ("X*=2", True), ("X*=2", None), ("X*='a'", 2.0), ("X/=0", 1.0), ("X=gelu", 1.0)],
)
def test_a_setting_that_does_not_fit_is_refused(told: str, present: Value) -> None:
    with pytest.raises(UsageError):
        setting.outcome(setting.read(told), present)


def test_json_states_values_or_texts() -> None:
    assert setting.stated({"LR": 0.1, "A": [1, 2], "B": True, "C": "gelu", "D": None}) == [
        Setting("LR", "=", 0.1),
        Setting("A", "=", (1.0, 2.0)),
        Setting("B", "=", True),
        Setting("C", "=", "gelu"),
        Setting("D", "=", None),
    ]
    assert setting.stated(["LR=0.1", "DEPTH*=2"]) == [Setting("LR", "=", 0.1), Setting("DEPTH", "*=", 2.0)]
    wrong: object
    for wrong in (5, "LR=1", [1], {"LR": {}}, {"LR": []}, {"LR": float("inf")}, {"LR": 10**400}):
        with pytest.raises(UsageError):
            setting.stated(wrong)


@pytest.mark.parametrize(
    ("name", "slot"),
    [
        ("MATRIX_LR", "MATRIX_LR"),
        ("matrix_lr", "MATRIX_LR"),
        ("matrix-lr", "MATRIX_LR"),
        ("train.py:MATRIX_LR", "MATRIX_LR"),
        ("eps", "opt.AdamW.eps"),
        ("AdamW.lr", "opt.AdamW.lr"),
        ("opt.AdamW.lr", "opt.AdamW.lr"),
        ("DEPTH#1", "DEPTH"),
        ("DEPTH#2", "DEPTH#2"),
    ],
)
def test_a_name_means_the_one_value_that_has_it(name: str, slot: str) -> None:
    assert choose(name, there(), {"train.py": CODE}).slot.name == slot


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("MATRX_LR", "no knob MATRX_LR in train.py; nearest: MATRIX_LR"),
        ("quux", "no knob quux in train.py"),
        ("", "no knob  in train.py"),
        ("lr", "lr may be any of opt.AdamW.lr (0.1), other.SGD.lr (0.2)"),
        ("DEPTH", "DEPTH may be any of DEPTH#1 (8), DEPTH#2 (2)"),
        ("WIDTH", "WIDTH in train.py is no plain value"),
    ],
)
def test_a_name_that_means_none_or_several_is_told_with_what_is_there(name: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        choose(name, there(), {"train.py": CODE})
    assert caught.value.message == said


def test_among_very_many_names_the_nearest_is_no_matter_of_minutes() -> None:
    text = "".join(f"k{number}: {number}\n" for number in range(30_000))
    started = time.process_time()
    with pytest.raises(InputError, match=r"no knob kk in a\.yaml"):
        choose("kk", there(text, "a.yaml"), {"a.yaml": text})
    assert time.process_time() - started < 5


def test_a_name_in_two_files_is_told_with_its_file() -> None:
    both = [*there("LR = 1\n", "a.py"), *there("LR = 2\n", "b.py")]
    with pytest.raises(InputError, match=r"LR may be any of a\.py:LR \(1\), b\.py:LR \(2\)"):
        choose("LR", both, {})
    assert choose("b.py:LR", both, {}).file == "b.py"
