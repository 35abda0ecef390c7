"""What a workspace adds to the vocabulary: terms that its user declares, and knobs learnt from its files and ledger.

A trading or a kernel repository has knobs that no table knows. "RSI_PERIOD = 10" in a file that experiments change, or
"RSI_PERIOD=14" in a ledger, teaches the name; from then on "rsi period 14" is the same target. What is declared goes
before the built-in tables, what is learnt behind them: it never takes words from a known term.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from memorylab.core.reading import terms, wording
from memorylab.core.reading.aliases import Key
from memorylab.core.reading.identifiers import pieces
from memorylab.core.reading.lexicon import FILLERS, Lexicon, Term, changed, in_tables, spelled, tables
from memorylab.core.reading.lines import begins, table
from memorylab.core.reading.own import Own
from memorylab.core.reading.tokens import stem, tokens

MOST = 500
"""Names that are learnt; a repository has tens of knobs, a ledger full of noise must not slow every reading."""

_NAME = re.compile(r"[A-Z](?:[A-Z0-9_]{0,38}[A-Z0-9])?", re.ASCII)
_GENERIC = frozenset(("device", "seed", "debug", "verbose", "version", "path", "file", "name", "dtype", "url", "log"))
_PROSE = frozenset().union(
    wording.STOP,
    wording.GENERIC,
    wording.OUTCOME,
    wording.ARGUMENTS,
    wording.PURPOSE_VERBS,
    wording.UP,
    wording.DOWN,
    wording.ADD,
    wording.REMOVE,
    wording.REPLACE,
    wording.PLACES,
    wording.PLACE_NOUNS,
    wording.SCHEDULED,
    wording.AMBIGUOUS,
    FILLERS,
    _GENERIC,
)


def is_knob(target: str) -> bool:
    """Whether a target is a knob and no concept: knobs are named in capitals."""
    return _NAME.fullmatch(target) is not None


@lru_cache(maxsize=4096)
def learnable(name: str) -> bool:
    """Whether a name in capitals is a knob that no table knows, and none that any sentence could mean.

    >>> [name for name in ("FUDGE_ROUNDS", "GRIDSTEP", "MATRIX_LR", "N", "DEVICE", "ATTN_GATE") if learnable(name)]
    ['FUDGE_ROUNDS', 'GRIDSTEP']
    """
    if not _NAME.fullmatch(name):
        return False
    parts = pieces(name)
    words = [str(value) for kind, value in parts if kind == "w"]
    if len(words) < len(parts) or not 1 <= len(words) <= 5:
        return False
    unknown = [word for word in words if not begins(word)]
    if len(words) == 1:
        return len(words[0]) > 2 and words == unknown and words[0] not in _PROSE
    # A name made of known words alone, or of unknown ones that any sentence has, is read in its own spelling only.
    return any(word not in _PROSE and len(word) > 1 for word in unknown) and not _known(name)


def _known(name: str) -> bool:
    return in_tables(_key(name))


class Dialect:
    """The vocabulary of one workspace; `lexicon.use(dialect)` puts it in force."""

    def __init__(self, own: Own | None = None, more: Callable[[], Iterable[str]] = tuple) -> None:
        self.own = own or Own()
        self._more: Callable[[], Iterable[str]] | None = more  # names that are asked for when a word is read
        self._names: dict[str, None] = {}

    def __call__(self) -> Lexicon:
        """The built-in tables with what this workspace adds."""
        learnt = [name for name in self.names() if learnable(name)][:MOST]
        found = _declared(tables(), self.own)
        begun = {key[0] for key in found.declared}
        return found._replace(
            learnt={_key(name): Term(knob=name) for name in learnt if "_" in name},
            singles={word: name for name in learnt if "_" not in name and (word := stem(name)) not in begun},
            names=found.names.union(map(spelled, learnt)),
        )

    def names(self) -> list[str]:
        """The names that the files and the ledger have, whatever of them is learnt."""
        if self._more is not None:
            self._names = dict.fromkeys([*self._more(), *self._names])
            self._more = None
        return list(self._names)

    def learn(self, names: Iterable[str]) -> None:
        """Take over names; which of them are knobs is decided when a word is read, so that learning costs nothing."""
        fresh = [name for name in names if name not in self._names]
        if fresh and len(self._names) < 2 * MOST:
            self._names.update(dict.fromkeys(fresh))
            changed()


def _key(name: str) -> Key:
    return tuple(value for _, value in pieces(name))


def _declared(base: Lexicon, own: Own) -> Lexicon:
    """A user's terms go before the tables: who declares that "pace" is the learning rate means it."""
    if not any(own):
        return base
    declared = dict(_terms(own))
    interacting = dict(base.interacting)
    for name, others in own.interacts:
        for one, more in ((name, others), *((other, (name,)) for other in others)):
            interacting[one] = interacting.get(one, frozenset((one,))) | {one, *more}
    return base._replace(
        declared=declared,
        names=base.names.union(term.word for term in declared.values()),
        families={**base.families, **dict(own.families)},
        interacting=interacting,
    )


def _terms(own: Own) -> Iterator[tuple[Key, Term]]:
    composable = table(terms.COMPOSABLE)
    for name, aliases in own.aliases:
        for alias in (*aliases, name):
            key = alias_key(alias)
            if key:
                yield key, Term(knob=name, composable=name in composable)


def alias_key(alias: str) -> Key:
    """An alias as it stands in a text that is read: stems, numbers worked out, without determiners."""
    found = tokens(alias.lower().replace("_", " ").replace("-", " "))
    return tuple(value for kind, value in found if kind in "wn" and value not in FILLERS)
