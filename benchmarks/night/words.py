"""What the simulated agent can try and how it says so: knobs with their names, structural ideas in several wordings."""

from __future__ import annotations

from typing import NamedTuple


class Knob(NamedTuple):
    """A number in the training script."""

    name: str
    start: float
    kind: str
    """rate: any positive number; share: 0 to 1; beta: 1 minus it is a rate; whole: a whole number; power: of two."""
    names: tuple[str, ...]
    """What an agent calls it, beside its name in the code."""


KNOBS = (
    Knob("MATRIX_LR", 0.04, "rate", ("matrix LR", "Muon learning rate", "the learning rate of the matrices")),
    Knob("EMBEDDING_LR", 0.6, "rate", ("embedding LR", "learning rate of the embeddings", "wte step size")),
    Knob("UNEMBEDDING_LR", 0.004, "rate", ("unembedding LR", "lm_head learning rate", "LR of the output layer")),
    Knob("SCALAR_LR", 0.5, "rate", ("scalar LR", "learning rate of the scalars", "LR for the per-layer scalars")),
    Knob("WEIGHT_DECAY", 0.2, "rate", ("weight decay", "WD", "decay of the weights")),
    Knob("WARMDOWN_RATIO", 0.5, "share", ("warmdown", "warmdown ratio", "share of the run that is cooldown")),
    Knob("WARMUP_RATIO", 0.05, "share", ("warmup", "warmup ratio", "share of the run that warms up")),
    Knob("FINAL_LR_FRAC", 0.05, "share", ("final LR fraction", "LR floor", "learning rate left at the end")),
    Knob("TOTAL_BATCH_SIZE", 524288, "power", ("total batch size", "batch", "tokens per step")),
    Knob("DEPTH", 8, "whole", ("depth", "number of layers", "layers")),
    Knob("ASPECT_RATIO", 64, "whole", ("aspect ratio", "width per layer", "model width ratio")),
    Knob("HEAD_DIM", 128, "power", ("head dim", "head dimension", "width of a head")),
    Knob("ADAM_BETA1", 0.8, "beta", ("Adam beta1", "AdamW beta1", "first Adam beta")),
    Knob("ADAM_BETA2", 0.95, "beta", ("Adam beta2", "AdamW beta2", "second Adam beta")),
    Knob("MUON_MOMENTUM", 0.95, "beta", ("Muon momentum", "momentum of Muon", "momentum for the matrices")),
    Knob("SOFTCAP", 15, "rate", ("softcap", "logit softcap", "cap on the logits")),
)

MOVES = (
    "set {name} to {new}",
    "{verb} {name} from {old} to {new}",
    "{name} {old} -> {new}",
    "{verb} {name} to {new}",
    "try {name} = {new}",
)
"""How an agent words a step of a knob."""

_TABLE: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("use {} in the MLP", "replace the MLP nonlinearity by {}", "feed-forward with {} as activation"),
        ("GELU", "SwiGLU", "SiLU", "GeGLU", "Mish", "ELU", "leaky ReLU", "softplus", "tanh", "ReGLU", "plain ReLU"),
    ),
    (
        ("add an RMS norm {}", "normalize {} as well", "extra RMSNorm {}"),
        (
            "after the attention output",
            "after the MLP",
            "on the values",
            "on the token embeddings",
            "before the output layer",
            "on queries and keys",
            "on the residual every second layer",
            "inside the MLP",
        ),
    ),
    (
        ("value embeddings {}", "put value embeddings {}", "learned per-token values {}"),
        (
            "in every layer",
            "in every second layer",
            "in the first third of the layers",
            "in the deepest third of the layers",
            "in the last two layers only",
            "shared by all layers",
            "at half rank",
        ),
    ),
    (
        ("window pattern {}", "change the attention windows to {}", "attention spans in the order {}"),
        ("SSSL", "SSL", "SL", "LLLL", "SSSSL", "LSSS", "SLLS", "SSSSSL"),
    ),
    (
        ("sigmoid gate on {}", "gate {} by a learned sigmoid", "let a small gate scale {}"),
        (
            "the attention output",
            "the MLP output",
            "the values",
            "the residual branch",
            "the skip from the input",
            "the embeddings",
            "each head",
            "the logits",
        ),
    ),
    (
        ("learned scale for {}", "one trained scalar for {}", "multiply {} by a learned factor"),
        (
            "each residual branch",
            "the queries",
            "the keys",
            "the output logits",
            "the embedding at the input",
            "each MLP",
            "the attention of each layer",
            "the first block",
        ),
    ),
    (
        ("dropout {}", "drop units {} at random", "light dropout {}"),
        ("in the MLP at 0.05", "on attention weights", "on the embeddings", "of whole layers", "on the residual"),
    ),
    (
        ("initialize {}", "init: {}", "start with {}"),
        (
            "output projections at zero",
            "embeddings at half the scale",
            "embeddings at twice the scale",
            "orthogonal matrices",
            "lm_head at zero",
            "MLP outputs at a tenth",
            "queries and keys as identity",
            "scalars at 0.5",
            "truncated normal weights",
        ),
    ),
    (
        ("{} for the embeddings", "optimize the embeddings by {}", "switch the embedding optimizer to {}"),
        ("Lion", "Adafactor", "NAdam", "SGD with momentum", "Adagrad", "RMSprop", "AMSGrad", "Sophia"),
    ),
    (
        ("{} for the matrices", "optimize the weight matrices by {}", "switch the matrix optimizer to {}"),
        (
            "SOAP",
            "Shampoo",
            "AdEMAMix",
            "AdamW",
            "Muon without Nesterov",
            "Muon with 3 Newton-Schulz steps",
            "Muon with 7 Newton-Schulz steps",
            "cautious Muon",
            "Muon with row norms",
            "schedule-free AdamW",
        ),
    ),
    (
        ("{} learning-rate decay", "let the LR fall on a {} curve", "schedule: {} cooldown"),
        ("cosine", "square-root", "exponential", "quadratic", "two-stage", "polynomial", "stepwise"),
    ),
    (
        ("average the weights by {}", "evaluate {} of the weights", "weight averaging: {}"),
        (
            "an EMA at 0.99",
            "an EMA at 0.999",
            "a mean over the last tenth",
            "a mean over the cooldown",
            "a mean of 5 checkpoints",
            "an EMA of the embeddings",
        ),
    ),
    (
        ("add {} to the loss", "loss with {}", "train with {} besides cross entropy"),
        (
            "z-loss",
            "label smoothing",
            "prediction of the token after the next",
            "a focal weight",
            "a penalty on activations",
            "an entropy bonus",
            "a weight on late positions",
            "a contrastive term",
        ),
    ),
    (
        ("{} attention heads", "attention with {} heads", "use {} heads for keys and values"),
        ("one key-value", "two key-value", "four key-value", "talking", "low-rank", "twice as many", "half as many"),
    ),
    (
        ("positions: {}", "encode positions with {}", "switch the position code to {}"),
        (
            "RoPE at base 50000",
            "RoPE at base 1000",
            "ALiBi",
            "no code in every fourth layer",
            "RoPE on half of the channels",
            "learned absolute vectors",
            "a learned RoPE base",
            "no code at all",
        ),
    ),
    (
        ("skip connection {}", "add a shortcut {}", "residual path {}"),
        (
            "from the first to the last layer",
            "from each layer to its mirror",
            "from the input to every block",
            "around pairs of layers",
            "with a decay of 0.9",
            "from the middle to the output",
            "past the attention",
            "over the last block",
        ),
    ),
    (
        ("clip {}", "put a bound on {}", "limit {}"),
        (
            "the gradient norm at 1",
            "the gradient norm at 0.3",
            "each gradient at 0.1",
            "attention logits at 50",
            "attention logits at 20",
            "the update by its RMS",
            "the norm of the embeddings",
        ),
    ),
    (
        ("{} in the attention", "attention: {}", "change the attention to have {}"),
        (
            "a sink token",
            "a causal convolution on keys",
            "a causal convolution on values",
            "shared keys and queries",
            "no output projection",
            "differential maps",
            "a softmax with an extra one",
            "keys from the layer below",
            "a token shift",
        ),
    ),
    (
        ("{} MLP", "make the feed-forward part {}", "MLP: {}"),
        (
            "three times as wide as the model",
            "six times as wide as the model",
            "shared by pairs of layers",
            "parallel to the attention",
            "of two experts",
            "of four experts",
            "wider in late layers",
            "wider in early layers",
            "low rank at the output",
        ),
    ),
    (
        ("{} weight decay", "regularize by {} decay", "decay of the weights: {}"),
        ("cautious", "scheduled", "embedding-only", "norm-wise", "late", "no scalar", "inverse-rate"),
    ),
)

FEATURES: tuple[tuple[str, ...], ...] = tuple(
    tuple(pattern.format(what) for pattern in patterns) for patterns, whats in _TABLE for what in whats
)
"""The structural ideas, each in several wordings."""

GROUPS: tuple[int, ...] = tuple(group for group, (_, whats) in enumerate(_TABLE) for _ in whats)
"""To which part of the model each belongs: ideas of one part get in each other's way."""
