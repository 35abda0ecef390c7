"""What history has on ideas, as the guard sees it; kept for as long as no run is added, since a batch asks alike."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from memorylab.core.decisions.noise import certain_distance
from memorylab.core.guard.knobs import ELSEWHERE, NOISE
from memorylab.core.guard.odds import Kin, Session
from memorylab.core.reading.edits import Edit, plain
from memorylab.core.reading.ideas import Idea, Past, verbatim
from memorylab.core.reading.vocabulary import CONTROLS
from memorylab.core.runs.arenas import improvement
from memorylab.index import Views, recall
from memorylab.lab.standing import Standing

if TYPE_CHECKING:
    from memorylab.core.reading.slots import State

BASES = 24
"""Bases whose code is compared with the present one's."""
NEAR = 16
"""Runs close to the champion that a combination is suggested from."""
_HELD = 20_000
"""Runs that are kept before all are forgotten: many ideas over a large ledger could ask for all of it."""


class Recall:
    """History as of one moment, seen from one arena, and from its champion unless `present` is another base."""

    def __init__(
        self,
        views: Views,
        where: Standing,
        state_of: Callable[[str], State | None] | None = None,
        present: State | None = None,
    ) -> None:
        self.where = where
        self._present = present
        self._apart: dict[tuple[str | None, tuple[str, ...]], tuple[str, ...]] = {}
        self._views = views
        self._asked = recall.Recall(views.db)
        self._past: dict[int, Past] = {}
        self._failed: dict[str, Kin] = {}
        self._state_of = state_of
        self._moves: dict[str, State | None] = {}

    def known(self, idea: Idea) -> dict[str, Any]:
        """What history has on an idea, as the arguments of `novelty.judge` that hold it."""
        past = self.past(
            self._asked.candidates(idea.edits, idea.words | idea.said, idea.change, verbatim(idea.description))
        )
        if self.where.arena is None:
            return {"past": past}
        kin = self._kin(idea.family)
        return {"past": past, "kin": kin, "session": self._session._replace(family_failed=len(kin.failed))}

    def past(self, seqs: Sequence[int]) -> list[Past]:
        """Runs as the guard sees them: outcome against their base in units of the noise, and what changed since."""
        held = self._past
        missing = [seq for seq in seqs if seq not in held]
        if missing:
            if len(held) > _HELD:
                held.clear()
                missing = list(seqs)
            for run, edits in self._asked.read(missing):
                held[run.seq] = self._seen(run, edits)
        return [held[seq] for seq in seqs]

    @cached_property
    def near(self) -> list[Past]:
        """The runs of the arena that came closest to its champion."""
        if self.where.arena is None:
            return []
        return self.past([one.run.seq for one in self._views.contenders(self.where.arena.id, NEAR)])

    @cached_property
    def _session(self) -> Session:
        arena = self.where.arena
        if arena is None:
            return Session()
        counts = self._views.counts(arena.id, "status")
        return Session(sum(counts.values()), counts.get("keep", 0), tuple(self._views.recent(arena.id)))

    def _kin(self, family: str) -> Kin:
        arena = self.where.arena
        if arena is not None and family not in self._failed:
            tie, sign = NOISE * self.where.noise.sigma, -1 if arena.arena.get("direction") == "max" else 1
            self._failed[family] = Kin(tuple(self._views.failed_since_keep(arena.id, family, tie, sign)))
        return self._failed.get(family, Kin())

    @cached_property
    def _base(self) -> _Base:
        return _Base(self._views.kept_targets(self.where.arena.id) if self.where.arena else ())

    def _seen(self, run: recall.Told, edits: tuple[Edit, ...]) -> Past:
        arena, noise = self.where.arena, self.where.noise
        elsewhere = arena is not None and run.arena != arena.id
        gain = None
        if run.value is not None and run.base_value is not None:
            direction = arena.arena.get("direction", "min") if arena else "min"
            gained = improvement(run.value, run.base_value, direction)
            gain = noise.distance(gained) if gained else 0.0  # nothing is nothing, also where no run varies
        words = frozenset(run.words.split())
        return Past(
            run_id=run.run_id,
            commit=run.commit,
            status=run.status,
            description=run.description,
            family=run.family,
            timestamp_utc=run.timestamp_utc,
            edits=edits,
            words=words,
            said=words.union(run.said.split()) if run.said else words,
            value=run.value,
            gain=gain,
            error_kind=run.error_kind,
            moved=self._moved(run, elsewhere),
            in_base=run.status == "keep" and not elsewhere and self._base.has(edits),
            seq=run.seq,
            change=run.change,
            left=run.unread,
            sure=None if gain is None else certain_distance(round(gain, 2), noise.freedom),
        )

    def _moved(self, run: recall.Told, elsewhere: bool) -> tuple[str, ...]:
        """What is other in the present base than in the one that the run was applied to."""
        kept = self._base.moved_since(run.seq, elsewhere)
        champion = self.where.champion
        # What was kept is part of the base since: it has moved nothing under itself.
        origin = run.run_id if run.status == "keep" else run.base
        if elsewhere or champion is None or origin is None:
            return kept
        if self._present is None and champion.run.candidate in (run.base, origin):
            return ()
        if (origin, kept) not in self._apart:
            self._apart[origin, kept] = self._differing(origin, run.base, kept)
        return self._apart[origin, kept]

    def _differing(self, origin: str, base: str | None, kept: tuple[str, ...]) -> tuple[str, ...]:
        """The targets in which the present base differs from another; those kept since where its code isn't known."""
        then, now = self._state(origin), self._present
        if then is None and base is not None:  # what was kept may repeat another
            then = self._state(base)
        if now is None and self.where.champion is not None:
            now = self._state(self.where.champion.run.candidate)
        if then is None or now is None:
            return kept
        if self._present is not None:  # of the code as it lies here: what only a command set is no part of it
            both = then.slots.keys() & now.slots.keys()
            then, now = (one._replace(slots={name: one.slots[name] for name in both}) for one in (then, now))
        from memorylab.core.guard import distance  # on one base nothing has moved

        return distance.moved(then, now, kept)

    def _state(self, candidate: str) -> State | None:
        if candidate not in self._moves:
            known = self._state_of is not None and len(self._moves) < BASES
            self._moves[candidate] = self._state_of(candidate) if known and self._state_of else None
        return self._moves[candidate]


class _Base:
    """How an arena's base came about: its newest kept edits as (seq, target, state), newest first."""

    def __init__(self, kept: Iterable[tuple[int, str, str]]) -> None:
        self._ages: list[int] = []  # the numbers of the runs, negative: they grow
        self._upto: list[int] = [0]  # how many targets the first so many edits touched
        self._state: dict[str, str] = {}  # the targets as they came up, each with its present state
        for seq, target, state in kept:
            if target in CONTROLS:  # to measure again moves nothing
                continue
            self._state.setdefault(target, state)
            self._ages.append(-seq)
            self._upto.append(len(self._state))
        self._targets = tuple(self._state)
        self._moved: dict[tuple[int, bool], tuple[str, ...]] = {}

    def has(self, edits: Sequence[Edit]) -> bool:
        """Whether one of the edits is what its target is set to now."""
        return any(self._state.get(edit.target) == edit.key for edit in plain(edits))

    def moved_since(self, seq: int, elsewhere: bool) -> tuple[str, ...]:
        """The targets that were kept since a run, the newest first, behind the arena if it is another."""
        many = self._upto[bisect_left(self._ages, -seq)], elsewhere
        if many not in self._moved:
            self._moved[many] = ((ELSEWHERE,) if elsewhere else ()) + self._targets[: many[0]]
        return self._moved[many]
