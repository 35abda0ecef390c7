"""An edit while it is read: what a clause has said of it so far, before it becomes an `Edit`."""

from __future__ import annotations

from collections.abc import Sequence

from memorylab.core.reading.lexicon import lexicon
from memorylab.core.reading.vocabulary import ALONE

_SCHEDULES = frozenset(("WARMDOWN_RATIO", "WARMUP_RATIO", "LR_SCHEDULE"))


class Proto:
    """An edit while it is read."""

    __slots__ = (
        "bare",
        "concept",
        "direction",
        "factor",
        "frm",
        "op",
        "own",
        "parts",
        "scope",
        "slot",
        "target",
        "to",
        "words",
    )

    def __init__(self, target: str = "", *, concept: bool = False, slot: bool = False, own: bool = False) -> None:
        self.target = target
        self.concept = concept
        self.slot = slot
        self.own = own  # named by an identifier that no table knows
        self.bare = ""  # the composable knob's own name while no part is known
        self.frm: float | str | None = None
        self.to: float | str | None = None
        self.factor: float | None = None
        self.op = ""
        self.direction: str | None = None
        self.scope = ""
        self.parts: list[str] = []
        self.words: list[str] = []

    @property
    def valued(self) -> bool:
        """Whether the text gives a value, a factor or an origin."""
        return self.to is not None or self.factor is not None or self.frm is not None

    @property
    def stands(self) -> bool:
        """Whether it is an edit by itself: a knob that is only mentioned, without value or verb, is not."""
        if self.concept or self.own or self.valued or self.direction or self.op == "remove":
            return True
        return self.target in ALONE or self.target.rpartition("_")[2] in ("DROPOUT", "NORM")

    def finish(self, parts: list[str], places: list[str]) -> None:
        """Settle the scope from the parts and places that the clause names, and names that depend on them."""
        if self.concept and not self.slot:
            self.parts.extend(parts)
        if self.target == "gqa" and isinstance(self.to, float):
            self.target, self.concept = "N_KV_HEAD", False
        if self.target == "rmsnorm" and self.parts == ["qk"]:
            self.target, self.parts = "qk norm", []
        if "attention" in self.target:
            self.parts = [part for part in self.parts if part != "attn"]
        self.scope = " ".join(sorted({*places, *self.parts}))


def telling(protos: list[Proto]) -> list[Proto]:
    """Drop what is only mentioned: a knob without value beside one that has a value, a weak concept beside another."""
    if len(protos) < 2:
        return protos
    protos = _merged(protos)
    valued = {p.target for p in protos if p.valued}
    protos = [p for p in protos if p.valued or p.target not in valued]
    if any(p.target in ("DEVICE_BATCH_SIZE", "TOTAL_BATCH_SIZE") for p in protos):  # they imply how often to accumulate
        protos = [p for p in protos if p.target != "GRAD_ACCUM"]
    if any(p.target == "schedule shape" for p in protos):  # "a cosine cooldown" is about the shape, not the length
        protos = [p for p in protos if p.valued or p.direction or p.op == "remove" or p.target not in _SCHEDULES]
    strong = [p for p in protos if p.op or p.valued or not (p.concept and p.target in lexicon().weak)]
    return strong or protos


def _merged(protos: Sequence[Proto]) -> list[Proto]:
    """ "The current X=1.5 ..., so a softer X=1.0": the first mention gives the origin of the second."""
    origins = {p.target: p.frm for p in protos if p.frm is not None and p.to is None and p.factor is None}
    for proto in protos:
        if proto.to is not None and proto.frm is None:
            proto.frm = origins.get(proto.target)
    settled = {p.target for p in protos if p.to is not None}
    return [p for p in protos if not (p.to is None and p.frm is not None and p.target in settled)]
