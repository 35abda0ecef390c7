"""One clause of a description to the edits it makes, in a single pass with the little state that a sentence needs."""

from __future__ import annotations

from collections.abc import Sequence

from memorylab.core.reading import wording
from memorylab.core.reading.atoms import Atom
from memorylab.core.reading.concepts import SETTINGS
from memorylab.core.reading.lexicon import Term, compose, lexicon
from memorylab.core.reading.proto import Proto
from memorylab.core.reading.vocabulary import PART_ORDER

FROM = frozenset(("from", "was", "vs", "versus", "than", "currently", "current", "instead"))
_RANK = {name: i for i, name in enumerate(PART_ORDER)}
_OPTIMIZERS = {"MUON": "muon", "ADAM": "adamw"}
"""Parts of an update that are optimizers of their own, by the name that they have in their slot."""


class Phrase:
    """The reading of one clause; `first` says that nothing before it was an edit."""

    def __init__(self, atoms: Sequence[Atom], first: bool) -> None:
        self.atoms = atoms
        self.first = first
        self.done: list[Proto] = []
        self.current: Proto | None = None
        self.parts: list[tuple[str, Term]] = []
        self.scope: list[str] = []
        self.op = ""
        self.direction: str | None = None
        self.factor: float | None = None
        self.pending: float | None = None  # a number that waits for the knob behind it ("5% warmup")
        self.pending_from: float | None = None
        self.pending_at = -9
        self.mark = ""  # how the next number is meant: "from", "to", "->", "="
        self.sticky = False  # after "instead of" every number is an origin
        self.skip = -1

    def protos(self) -> list[Proto]:
        """The edits of the clause; none when no known term carries one."""
        for at, atom in enumerate(self.atoms):
            if at > self.skip:
                self._step(at, atom)
        self._close()
        found = [proto for proto in self.done if proto.stands]
        if not found and self.parts and self.first:
            found = self._from_part()
        only = found[0] if len(found) == 1 else None
        if only and self.pending is not None and not only.slot and only.to is None and only.factor is None:
            only.frm, only.to = self.pending_from, self.pending  # a number that no knob followed
        for proto in found:
            proto.finish([part.lower() for part, _ in self.parts], self.scope)
        return found

    def _from_part(self) -> list[Proto]:
        """A clause that names only parts: value embeddings and x0 skips are things of their own as well."""
        starts = any(kind == "W" and value in wording.START for kind, value, _ in self.atoms)
        if starts and self.pending is not None:
            return [Proto(compose(self.parts[0][0], "INIT"))]
        for i, (_, term) in enumerate(self.parts):
            if term.concept:
                del self.parts[i]
                proto = Proto(term.concept, concept=True)
                proto.op, proto.direction, proto.factor = self.op or "add", self.direction, self.factor
                return [proto]
        return []

    def _step(self, at: int, atom: Atom) -> None:
        kind, value, term = atom
        if kind == "W":
            self._word(at, str(value))
        elif kind == "N":
            self._number(at, float(value))
        elif kind == "X":
            if (self.current is None and self.parts and self.parts[-1][0] == "MLP") or (
                at and self.atoms[at - 1][1] == "MLP"
            ):
                self._open(Proto("MLP_RATIO"))
            self._factor(float(value))
        elif kind == "V":
            if self.current is None or self.current.target != "WINDOW_PATTERN":
                self._open(Proto("WINDOW_PATTERN"))
            self._assign(str(value))
        elif kind == "S":
            self.mark = str(value) if value in ("->", "=") else self.mark
        elif kind == "K":
            self._open(Proto(str(value).upper(), own=True))
        elif kind == "P" and term is not None:
            if self.mark == "->" and value in _OPTIMIZERS and self.current is not None and self.current.slot:
                self._in_slot(self.current.target, _OPTIMIZERS[str(value)])  # "SGD -> Adam"
            else:
                self.parts.append((str(value), term))
        elif kind == "C":
            self._concept(str(value))
        elif kind in "TQ":
            self._knob(at, str(value), kind == "Q")

    def _word(self, at: int, word: str) -> None:
        if self._place(at, word):
            return
        if word in FROM:
            self.mark = "from"
            self.sticky = self.sticky or word in wording.STICKY
            self.op = self.op or ("replace" if word == "instead" else "")
        elif word == "to":
            self.mark = self.mark if self.sticky else "to"
        elif word in wording.SCALES:
            self._factor(wording.SCALES[word])
        elif word in wording.UP or word in wording.DOWN:
            if self.direction is None and not (self.current and self.current.valued):
                self.direction = "up" if word in wording.UP else "down"
                if self.current:
                    self.current.direction = self.direction
        elif word == "not" and self.atoms[at + 1 : at + 2] and self.atoms[at + 1][0] == "N":
            self.mark = "from"  # "by 0.68, not 0.7"
        elif word == "not" and self.current is not None:
            return
        elif word in wording.REMOVE or word in wording.REVERT:
            self.op = "remove"
            if self.current and not self.current.valued:
                self.current.op = "remove"
        elif word in wording.REPLACE:
            self.op = "replace"
        elif word in wording.ADD:
            self.op = self.op or "add"
        elif word == "with" and self.op == "replace":
            self.mark = "to"
        elif word == "by" and any(value in wording.MULTIPLY for _, value, _ in self.atoms[:at]):
            self.mark = "by"
        elif word in ("layer", "block") and self.pending is not None and at - self.pending_at == 1:
            self._open(Proto("DEPTH"))

    def _place(self, at: int, word: str) -> bool:
        """A phrase such as "upper two thirds of layers" or "every 3rd layer" is scope, not direction."""
        place = wording.PLACES.get(word)
        if place is None:
            return False
        following = self.atoms[at + 1 : at + 5]
        if (
            word == "every"
            and following
            and following[0][0] not in "NO"
            and following[0][1] not in ("other", "second", "third")
        ):
            self.skip = at + (following[0][1] in wording.PLACES)  # "every later block" is the whole
            return True
        numbers: list[float] = []
        for j, (kind, value, _) in enumerate(following, at + 1):
            if kind in "NO":
                numbers.append(float(value))
            elif kind == "W" and value in wording.PLACE_NOUNS:
                size = wording.SHARES.get(str(value))
                if size is not None:
                    numbers = [size * (numbers[0] if numbers else 1)]
                elif len(numbers) == 2:  # "six of nine layers"
                    numbers = [numbers[0] / (numbers[1] or 1)]
                self.scope.append(" ".join((place, *(f"{number:.3g}" for number in numbers))))
                self.skip = j
                return True
            elif not (kind == "W" and value in ("of", "global")):
                return False
        return False

    def _open(self, proto: Proto) -> None:
        self._close()
        self.current = proto
        proto.op = self.op
        proto.direction = None if proto.slot else self.direction
        # "Half of the shards" is a share of the thing; "8x" in front of a concept counts something else.
        if self.factor is not None and (self.factor < 1 or not proto.concept):
            proto.factor = self.factor
        if self.pending is not None and not proto.slot:
            proto.frm, proto.to = self.pending_from, self.pending
        self.pending = self.pending_from = self.factor = self.direction = None
        self._used()

    def _close(self) -> None:
        if self.current is not None:
            self.done.append(self.current)
        self.current = None

    def _used(self) -> None:
        """The mark served the number it stood before, unless it holds for the rest of the clause."""
        if not self.sticky:
            self.mark = ""

    def _number(self, at: int, value: float) -> None:
        current = self.current
        ahead = current is not None and current.concept and at + 1 < len(self.atoms) and self.atoms[at + 1][0] in "TQK"
        if self.mark == "by":
            self.mark = ""
            self._factor(value)
        elif current is None or current.slot or (not self.mark and (current.to is not None or ahead)):
            self.pending_from = self.pending if self.mark in ("to", "->") else self.pending_from
            self.pending, self.pending_at = value, at
            self._used()
        else:
            self._assign(value)

    def _assign(self, value: float | str) -> None:
        current = self.current
        if current is None:
            return
        if current.target == "MOMENTUM_WARMUP" and isinstance(value, float) and value <= 1:
            return  # "ramp momentum from 0.85 to 0.95 over 200 steps": the length is what is set
        if self.mark == "from":
            current.frm = value
        elif current.to is not None and self.mark in ("->", "to"):
            current.frm, current.to = current.to, value
        elif current.to is None:
            current.to = value
        self._used()

    def _factor(self, factor: float) -> None:
        current = self.current
        if current is None or (current.valued and not self.mark and current.factor is None):
            self.factor = factor
        elif current.target == "MLP_RATIO" or (current.factor is not None and self.mark):
            if current.factor is not None:
                current.to, current.factor = current.factor, None
            self._assign(factor)
        elif current.factor is None and current.to is None:
            current.factor = factor

    def _knob(self, at: int, name: str, composable: bool) -> None:
        bare = ""
        if name == "DECAY":  # a weight decay only beside a part; elsewhere an argument of what was named before
            if self.current is not None or not self._part(at, name):
                return
            name = "WEIGHT_DECAY"
        current = self.current
        if (
            current is not None
            and current.concept
            and not current.slot
            and not current.valued
            and name in ("INIT", "MODEL_DIM")
        ):
            return  # "layer scale initialised at 1e-4", "a conv of width 4": an argument of the concept
        if composable:
            part = self._part(at, name)
            bare, name = "" if part else name, compose(part, name)
        if self.current and self.current.target == name and self.mark:
            return
        proto = Proto(name)
        proto.bare = bare
        if name == "MLP_RATIO" and self.factor is not None:
            self.pending, self.factor = self.factor, None
        self._open(proto)
        self.parts.clear()

    def _part(self, at: int, knob: str) -> str:
        """The part that a composable knob is applied to: named before it, else right after "of", "for", "on", "to"."""
        named = [part for part, _ in self.parts]
        if not named or (len(named) == 1 and named[0] in _OPTIMIZERS and knob in ("LR", "WEIGHT_DECAY")):
            for kind, value, _ in self.atoms[at + 1 : at + 8]:
                if kind == "P" and (not named or value not in _OPTIMIZERS):
                    named.append(str(value))
                    break
                if kind not in "NWS" or value in ("->", "while", "and"):
                    break
        return min(named, key=lambda part: _RANK.get(part, 99)) if named else ""

    def _concept(self, name: str) -> None:
        current = self.current
        slot = lexicon().slot.get(name)
        if name in SETTINGS:
            target, value = SETTINGS[name]
            proto = Proto(target)
            self._open(proto)
            proto.to = value
        elif slot is not None:
            self._in_slot(slot, name)
        elif current is not None and current.concept and current.target not in lexicon().weak:
            current.words.append(name)
        else:
            proto = Proto(name, concept=True)
            self._open(proto)
            proto.parts.extend(part.lower() for part, _ in self.parts)

    def _in_slot(self, slot: str, name: str) -> None:
        """What takes a place takes it from another: "GELU instead of SiLU", "replace A with B", "A -> B"."""
        current = self.current
        if current is None or current.target != slot:
            current = Proto(slot, concept=True, slot=True)
            if slot == "optimizer" and self.mark == "->" and self.parts and self.parts[-1][0] in _OPTIMIZERS:
                current.frm = _OPTIMIZERS[self.parts.pop()[0]]  # "Adam -> SGD"
            self._open(current)
        replaced = any(kind == "W" and value in wording.REPLACED for kind, value, _ in self.atoms)
        empty = current.frm is None and current.to is None
        if self.op == "remove":
            current.to, current.op = name, "remove"
            return
        if self.mark == "from" or (replaced and empty and self.mark != "to"):
            current.frm = name
            self.mark = ""
        elif current.to is not None and self.mark in ("->", "to"):
            current.frm, current.to = current.to, name
        elif current.to is None:
            current.to = name
        current.op = "replace"
