"""The tables of terms: what stands in them is found in a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from memorylab.core.reading import terms
from memorylab.core.reading.aliases import start
from memorylab.core.reading.atoms import atoms
from memorylab.core.reading.edits import parse
from memorylab.core.reading.lexicon import longest
from memorylab.core.reading.lines import table
from memorylab.core.reading.tokens import tokens
from memorylab.core.reading.wording import AMBIGUOUS

TABLES = {
    "composable knobs": terms.COMPOSABLE,
    "knobs": terms.KNOBS,
    "concepts": terms.CONCEPTS,
    "parts": terms.PARTS,
}


def spread(alias: str) -> Iterator[str]:
    """Runs of words that an alias stands for: each option of each of its choices once."""
    pieces = [piece.split("|") for part in alias.split("(") for piece in part.rsplit(")", 1)]
    for at, options in enumerate(pieces):
        for option in options if len(options) > 1 else options[: at == 0]:
            chosen = [option if i == at else others[0] for i, others in enumerate(pieces)]
            yield " ".join("".join(chosen).split())


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_every_alias_is_read_as_one_term(text: str) -> None:
    unread = [
        run
        for aliases in table(text).values()
        for alias in aliases
        for run in spread(alias)
        if run not in AMBIGUOUS and [kind for kind, _, term in atoms(tokens(run)) if term is None or not kind]
    ]
    assert unread == []


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_no_name_stands_in_a_table_twice(text: str) -> None:
    names = Counter(line.partition(": ")[0] for line in text.splitlines() if line and not line.startswith(" "))
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize(
    ("run", "complete"),
    [
        ("lr", True),
        ("lr floor", True),
        ("learning rate", True),
        ("learning rate floor", True),
        ("learning", False),
        ("lr ceiling", False),
        ("floor", False),
    ],
)
def test_an_alias_with_choices_stands_for_each_of_them(run: str, complete: bool) -> None:
    states = [start("(lr|learning rate) (floor|)", ("knob", "LR"))]
    for word in run.split():
        states = [then for state in states for then in state.ahead.get(word, ())]
    assert any(state.named for state in states) == complete


def test_the_longest_name_is_taken() -> None:
    for text, length in (("learning rate", 2), ("learning rate floor", 3), ("learning curve", 0)):
        found = longest(tokens(text), 0)
        assert (found[0] if found else 0) == length, text


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("second beta 0.97 for Adam", "ADAM_BETA2"),
        ("clamp the logits smoothly with tanh at 20", "SOFTCAP"),
        ("route each token to 2 experts", "TOP_K"),
        ("attention and feed-forward side by side from the same input", "parallel block"),
        ("lm_head.weight = wte.weight", "weight tying"),
        ("use the transposed wte as output head", "weight tying"),
        ("Muon mu = .85", "MUON_MOMENTUM"),
        ("end the decay at 10%", "FINAL_LR_FRAC"),
        ("rotate only 16 of each head's dims", "PARTIAL_ROPE"),
        ("no attention across document boundaries", "document masking"),
        ("--per-device-train-batch-size 16", "DEVICE_BATCH_SIZE"),
        ("max_grad_norm 0.5", "GRAD_CLIP"),
        ("recompute activations in the backward pass", "activation checkpointing"),
        ("draft 7 tokens: speculative tokens 7", "DRAFT_TOKENS"),
        ("ent_coef 0.01", "ENTROPY_BONUS"),
        ("close winners at 2%", "TAKE_PROFIT"),
    ],
)
def test_other_words_name_the_same_target(text: str, target: str) -> None:
    assert target in {edit.target for edit in parse(text)}


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("0.1 in place of 0.2", "in-place update"),
        ("AdamW beta2 0.95", "MUON_BETA2"),
        ("long only", "short selling"),
        ("ResNet 18", "wide resnet"),
    ],
)
def test_words_that_look_like_a_term_are_not_it(text: str, other: str) -> None:
    assert other not in {edit.target for edit in parse(text)}


def test_days_that_something_is_held_are_its_holding_period() -> None:
    for text in ("halve the max holding days", "halve the maximum hold days"):
        assert [edit.target for edit in parse(text)] == ["HOLDING_PERIOD"], text
    assert [edit.target for edit in parse("halve the max holdings")] == ["MAX_POSITIONS"]
