"""What identifiers name: RSI_PERIOD, warmdown200, muon_lr are words, a value, a known target, or knobs of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from memorylab.core.reading.lexicon import Term, compose, longest, remembered
from memorylab.core.reading.lines import begins
from memorylab.core.reading.tokens import Token, stem, tokens


def pieces(name: str) -> list[Token]:
    """The words of an identifier."""
    return [token for piece in name.split("_") if piece for token in tokens(piece)]


def _terms_of(name: str) -> tuple[Term, ...]:
    """The terms that an identifier is made of where together they name one thing, else none."""
    parts = pieces(name)
    at = 0
    known: list[Term] = []
    while at < len(parts):
        hit = longest(parts, at) if parts[at][0] == "w" else None
        if hit is None:
            return ()
        known.append(hit[1])
        at += hit[0]
    single = len(known) == 1
    composed = len(known) == 2 and bool(known[0].part) and known[1].composable
    return tuple(known) if single or composed else ()


SWITCH = ("use_", "enable_", "with_", "has_", "is_", "do_")


def without_switch(name: str) -> str:
    """A name without what says that it is a switch: USE_QK_NORM is QK_NORM, as a text on it calls it."""
    return next((name[len(start) :] for start in SWITCH if name.lower().startswith(start)), name)


@remembered(8192)
def identifier(name: str) -> tuple[Token, ...]:
    """An identifier with underscores as its words where the lexicon knows all of it, else as one knob of its own."""
    found = next((one for one in (name, without_switch(name)) if _terms_of(one)), None)
    return tuple(pieces(found)) if found else (("k", name.upper()),)


def target_of(name: str) -> str:
    """The target that an identifier names: "MUON_LR" is MATRIX_LR, one that no table knows is itself."""
    known = _terms_of(name)
    if len(known) == 2:
        return compose(known[0].part, known[1].knob)
    if not known or not known[0].knob:
        return name.upper()
    return compose("", known[0].knob) if known[0].composable else known[0].knob


class ByTarget(Mapping[str, float | str]):
    """The values of identifiers by the target that each names; one in the target's own spelling goes first.

    Which target a name means is found when one is asked for that no name spells: most ideas name what the code does.
    """

    def __init__(self, values: Mapping[str, float | str]) -> None:
        self._values = values

    def __getitem__(self, target: str) -> float | str:
        if target not in self._values:
            return self._values[self._meant[target]]
        value = self._values[target]
        if target_of(target) != target or _counts(target, value):
            raise KeyError(target)
        return value

    def __iter__(self) -> Iterator[str]:
        yield from (target for target in self._values if target in self)
        yield from self._meant

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return bool(self._values)

    def name(self, target: str) -> str | None:
        """The identifier that means a target which none spells."""
        return None if target in self._values else self._meant.get(target)

    @cached_property
    def _meant(self) -> dict[str, str]:
        """The identifier by each target that none spells."""
        found: dict[str, str] = {}
        for name, value in self._values.items():
            target = target_of(name)
            if target not in self._values and not _counts(target, value):
                found.setdefault(target, name)
        return found


def _counts(target: str, value: float | str) -> bool:
    """Whether a value of steps stands under the name of a share: WARMUP_STEPS is no WARMUP_RATIO."""
    return target.endswith(("_RATIO", "_FRAC")) and isinstance(value, float) and value > 1


@remembered(32768)
def split_glued(word: str) -> tuple[str, float] | None:
    """ "warmdown200" as ("warmdown", 200.0) where the letters name a knob or concept; None otherwise."""
    letters = word.rstrip("0123456789")
    if letters == word or len(letters) < 2:
        return None
    if begins(word) or not begins(stem(letters)):
        return None
    return stem(letters), float(word[len(letters) :])
