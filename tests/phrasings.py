"""A grammar of ideas for property tests: knobs and concepts with their other names, values in every spelling, and the
phrases, verbs and tails that people put around them."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

from memorylab.core.reading.ideas import Past, make_idea

KNOBS: dict[str, tuple[str, ...]] = {
    "MATRIX_LR": ("matrix lr", "matrix_lr", "Matrix learning rate", "muon step size", "muon learning rate"),
    "EMBEDDING_LR": ("embedding lr", "embedding learning rate"),
    "UNEMBEDDING_LR": ("unembedding lr", "lm_head lr", "lm head learning rate"),
    "SCALAR_LR": ("scalar lr", "scalar learning rate"),
    "WEIGHT_DECAY": ("weight decay", "wd", "weight_decay"),
    "ADAM_BETA1": ("adam beta1", "AdamW beta1", "beta1"),
    "ADAM_BETA2": ("adam beta2", "AdamW beta2", "beta2"),
    "WARMDOWN_RATIO": ("warmdown ratio", "warmdown", "lr cooldown"),
    "WARMUP_RATIO": ("warmup ratio", "warmup", "lr warmup"),
    "FINAL_LR_FRAC": ("final lr frac", "final lr fraction", "lr floor"),
    "MUON_MOMENTUM": ("muon momentum", "momentum"),
    "SOFTCAP": ("softcap", "logit softcap"),
    "GRAD_CLIP": ("grad clip", "gradient clipping", "max grad norm"),
    "EMA_DECAY": ("ema decay", "polyak averaging"),
    "Z_LOSS": ("z loss", "z-loss", "zloss"),
    "LABEL_SMOOTHING": ("label smoothing",),
    "DROPOUT": ("dropout",),
    "MLP_RATIO": ("mlp ratio", "mlp expansion"),
    "ROPE_BASE": ("rope base", "rope theta"),
    "DEPTH": ("depth", "n_layer"),
    "ASPECT_RATIO": ("aspect ratio", "aspect_ratio"),
    "HEAD_DIM": ("head dim", "head_dim"),
    "SEQ_LEN": ("sequence length", "seq len", "context length"),
    "TOTAL_BATCH_SIZE": ("total batch size", "batch size", "tbs", "batch"),
    "DEVICE_BATCH_SIZE": ("device batch size", "dbs", "microbatch"),
}
BATCHES = ("TOTAL_BATCH_SIZE", "SEQ_LEN")
"""Knobs whose values are powers of two that people round."""
CONCEPTS = (
    "weight tying",
    "qk norm",
    "value embeddings",
    "document masking",
    "byte fallback",
    "z-loss",
    "stochastic depth",
)
ACTIVATIONS = ("GELU", "SwiGLU", "SiLU", "ReLU")
UP, DOWN = ("raise", "increase", "bump", "boost"), ("lower", "reduce", "decrease", "cut")
ADDING = ("add {}", "enable {}", "use {}", "introduce {}")
REMOVING = ("remove {}", "no {}", "without {}", "drop {}", "disable {}")
STEPS = (
    "{name} {a} -> {b}",
    "{name} {a}->{b}",
    "{name}: {a} -> {b}",
    "{name} {a} → {b}",
    "{name} {a} => {b}",
    "{name} {a}-->{b}",
    "{name} from {a} to {b}",
    "{name} {a} to {b}",
    "{verb} {name} from {a} to {b}",
    "{verb} the {name} to {b} (from {a})",
)
GOALS = (
    "{name}={b}",
    "{name} = {b}",
    "{name}: {b}",
    "{name} {b}",
    "{name} to {b}",
    "{verb} {name} to {b}",
    "set {name} to {b}",
    "change {name} to {b}",
    "try {name} {b}",
    "use {name} of {b}",
)
TAILS = (
    "",
    ".",
    " while keeping the head width and 3% cosine tail",
    " on the 9-layer stack",
    " on the 12-layer baseline",
    " on top of the current best",
    ", everything else unchanged",
    " (hypothesis: it settles better; evidence: none)",
)
QUIET = ("", ".", ", everything else unchanged")
"""Tails that say nothing at all."""
SCOPES = (" in the last 3 layers", " in the first 2 layers", " on the middle third of layers", " in every 2nd layer")


class Move(NamedTuple):
    """A knob moved from one value to another."""

    knob: str
    a: float
    b: float


def spelled(value: float, batch: bool = False) -> st.SearchStrategy[str]:
    """The spellings of a number."""
    if batch:
        power = int(value).bit_length() - 1
        return st.sampled_from(
            [f"{int(value)}", f"{int(value):,}", f"2**{power}", f"2^{power}", f"{int(value) // 1000}K"]
        )
    forms = [f"{value:g}", f"{value:.6f}", f"{value:e}"]
    if 0 < value < 1:
        forms += [f"{value:g}".removeprefix("0"), f"{value * 100:g}%", f"{value * 100:g} %"]
    return st.sampled_from(forms)


@st.composite
def moves(draw: st.DrawFn, knobs: tuple[str, ...] = tuple(KNOBS)) -> Move:
    """A knob and two of its values."""
    knob = draw(st.sampled_from(knobs))
    values = (
        st.integers(14, 19).map(lambda n: 2.0**n) if knob in BATCHES else st.integers(1, 999).map(lambda n: n / 1000)
    )
    a = draw(values)
    return Move(knob, a, draw(values.filter(lambda b: b != a)))


@st.composite
def phrased(draw: st.DrawFn, move: Move, forms: tuple[str, ...] = STEPS + GOALS, tails: tuple[str, ...] = TAILS) -> str:
    """A move in words."""
    batch = move.knob in BATCHES
    name = draw(st.sampled_from([move.knob, *KNOBS[move.knob]]))
    text = draw(st.sampled_from(forms)).format(
        name=name,
        a=draw(spelled(move.a, batch)),
        b=draw(spelled(move.b, batch)),
        verb=draw(st.sampled_from(UP if move.b > move.a else DOWN)),
    )
    return text + draw(st.sampled_from(tails))


def plainly(move: Move) -> str:
    """A move as a lab would write it."""
    return f"{move.knob} {move.a} -> {move.b}"


IDEAS = st.one_of(
    moves().flatmap(phrased),
    st.builds(str.format, st.sampled_from(ADDING + REMOVING), st.sampled_from(CONCEPTS)),
    st.builds("{} -> {}".format, st.sampled_from(ACTIVATIONS), st.sampled_from(ACTIVATIONS)),
    st.builds("{} and {}".format, moves().flatmap(phrased), st.sampled_from(CONCEPTS)),
    st.sampled_from(["halve the batch", "baseline", "random seed 137", "sort docs by length", "cosine lr schedule"]),
)
"""Descriptions of every kind."""


def past(
    seq: int,
    description: str,
    status: str = "discard",
    gain: float | None = -9.0,
    *,
    moved: tuple[str, ...] = (),
    name: str = "",
) -> Past:
    """An earlier run; what was kept is in the base."""
    idea = make_idea(description)
    measured = status != "crash"
    if status == "keep" and gain is not None:
        gain = abs(gain)
    return Past(
        run_id=name or f"r{seq}",
        commit=None,
        status=status,
        description=description,
        family=idea.family,
        timestamp_utc="2026-01-01T00:00:00Z",
        edits=idea.edits,
        words=idea.words,
        value=1.0 if measured else None,
        gain=gain if measured else None,
        error_kind=None,
        moved=moved,
        in_base=status == "keep",
        seq=seq,
        said=idea.said,
    )


@st.composite
def histories(draw: st.DrawFn, texts: st.SearchStrategy[str] = IDEAS, most: int = 6) -> list[Past]:
    """Runs, oldest first."""
    rows = draw(st.lists(st.tuples(texts, _STATUS, st.floats(-30, 30), _MOVED), max_size=most))
    return [past(n, text, status, gain, moved=moved) for n, (text, status, gain, moved) in enumerate(rows, 1)]


_STATUS = st.sampled_from(["keep", "discard", "crash"])
_MOVED = st.sampled_from([(), (), ("MATRIX_LR",), ("TOTAL_BATCH_SIZE", "DEPTH")])
