"""What the names of knobs and parts mean together, and how a knob behaves; the names stand in `terms`.

Data only: `lexicon`, `phrases` and `proto` read text with it.
"""

from __future__ import annotations

# (part, knob) pairs whose usual name is not PART_KNOB. Muon drives the matrices, Adam the rest.
COMPOSED: dict[tuple[str, str], str] = {
    ("MATRIX", "LR"): "MATRIX_LR",
    ("MUON", "LR"): "MATRIX_LR",
    ("MUON", "WEIGHT_DECAY"): "WEIGHT_DECAY",
    ("MATRIX", "WEIGHT_DECAY"): "WEIGHT_DECAY",
    ("MATRIX", "MOMENTUM"): "MUON_MOMENTUM",
    ("", "MOMENTUM"): "MUON_MOMENTUM",
    ("MATRIX", "BETA1"): "MUON_MOMENTUM",
    ("MUON", "BETA1"): "MUON_MOMENTUM",
    ("MATRIX", "BETA2"): "MUON_BETA2",
    ("", "BETA1"): "ADAM_BETA1",
    ("", "BETA2"): "ADAM_BETA2",
    ("", "BETAS"): "ADAM_BETAS",
    ("", "EPS"): "ADAM_EPS",
    ("ADAM", "LR"): "LR",
    ("ADAM", "WEIGHT_DECAY"): "ADAM_WD",
    ("ADAM", "MOMENTUM"): "ADAM_BETA1",
    ("QK", "NORM"): "qk norm",
}
SUFFIXES = {"WEIGHT_DECAY": "WD"}
# Of several parts named before one knob the more telling wins: "x0 scalar AdamW beta1" is X0_BETA1.
PART_ORDER = (
    "X0",
    "RESID",
    "VE",
    "UNEMBEDDING",
    "EMBEDDING",
    "C_PROJ",
    "DOWN_PROJ",
    "UP_PROJ",
    "QKV",
    "QK",
    "Q_PROJ",
    "K_PROJ",
    "V_PROJ",
    "GATE",
    "SCALAR",
    "MLP",
    "ATTN",
    "BIAS",
    "VISION",
    "MATRIX",
    "MUON",
    "ADAM",
)
# Targets that are off until somebody adds them, by ending: their value before the first keep is zero.
FROM_ZERO = ("DROPOUT", "_NOISE", "_PENALTY", "LABEL_SMOOTHING", "Z_LOSS", "STOCHASTIC_DEPTH", "ENTROPY_BONUS", "_WD")
# Knobs that say something without a number ("label smoothing"); any other needs a value or a direction to be an edit.
ALONE = frozenset(
    (
        "ADAPTIVE_CLIP",
        "ATTN_SCALE",
        "ATTN_SOFTCAP",
        "BB_COMPRESSION",
        "CAUTIOUS",
        "CONFIDENCE_PENALTY",
        "COOLDOWN_BARS",
        "DROPOUT",
        "EMA_DECAY",
        "ENTROPY_BONUS",
        "FOCAL_GAMMA",
        "FRAME_STACK",
        "GRAD_CLIP",
        "GRAD_NOISE",
        "LABEL_SMOOTHING",
        "LOGIT_PENALTY",
        "LR_MULT",
        "MAX_DRAWDOWN",
        "MOMENTUM_WARMUP",
        "MTP",
        "NESTEROV",
        "NOISE_SCHEDULE",
        "PARTIAL_ROPE",
        "PYRAMID",
        "QK_GAIN",
        "REWARD_SCALE",
        "ROPE_SCALING",
        "SCALE_POS_WEIGHT",
        "SEED",
        "SOFTCAP",
        "SPLIT_K",
        "STOCHASTIC_DEPTH",
        "STOP_LOSS",
        "SWA",
        "TAKE_PROFIT",
        "TIMESTEP_SAMPLING",
        "TOKEN_DROPOUT",
        "TRAILING_STOP",
        "UNROLL",
        "UPDATE_CLIP",
        "VECTOR_WIDTH",
        "VE_GATE_SCALE",
        "VOL_TARGET",
        "WARMDOWN_RATIO",
        "WARMUP_RATIO",
        "WD_FLOOR",
        "WD_SCHEDULE",
        "WEIGHT_NOISE",
        "Z_LOSS",
    )
)
# A run of these repeats the base on purpose.
CONTROLS = frozenset(("baseline", "SEED", "rerun"))
