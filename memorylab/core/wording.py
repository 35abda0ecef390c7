"""How ideas are worded and which knobs hang together, as tables: verbs, connectors, families and interactions.

The counterpart of `vocabulary`, which names the things; data only. Words stand in their lower-case stem.
"""

from __future__ import annotations

UP = frozenset(
    "increase raise up higher larger bigger more longer wider widen deeper deepen lengthen extend boost stronger greater "
    "increased increasing raised raising doubled expanded widened extended lengthened bumped growing "
    "grow expand faster upward heavier bump enlarge looser loosen add+ sharper slower- extra additional thicken".split()
) - {"add+", "slower-"}
DOWN = frozenset(
    "decreased decreasing lowered lowering reduced reducing shrunk shortened narrowed trimmed shrinking "
    "decrease lower reduce down smaller fewer less shorter narrower narrow shrink shallower shallow shorten cut weaker "
    "lighter drop+ downward slim thinner thin tighter tighten trim slower softer soften weaken".split()
) - {"drop+"}
SCALES: dict[str, float] = {
    "half": 0.5, "halve": 0.5, "halved": 0.5, "halving": 0.5, "double": 2.0, "doubled": 2.0, "doubling": 2.0,
    "twice": 2.0, "triple": 3.0, "tripled": 3.0, "quadruple": 4.0, "quarter": 0.25, "tenfold": 10.0, "quartered": 0.25,
}  # fmt: skip
ADD = frozenset(
    "add enable use introduce insert implement apply re-add reenable allow include adopt try turn put install "
    "enabled initialize set change bring give let make run switch keep test start begin inject restore".split()
)
REMOVE = frozenset(
    "remove no without disable drop delete omit skip off disabled eliminate removed never not strip "
    "kill forget removing dropping nothing ditch abandon exclude stop".split()
)
REVERT = frozenset("revert undo rollback reverted reverting".split())
REPLACE = frozenset("replace replacing replaced swap substitute convert swapped instead".split())

# Words that tie a sentence together and say nothing of the experiment.
STOP = frozenset(
    "a an the its our this that these those is are be been being was were of in on at by to for from with into as "
    "and or but so than then it we they them their there here which who what where each per all every both only just "
    "also too very quite rather slightly slight little bit small+ modest mild much even still again further first+ "
    "now more+ same other else can could may might will would should do does did done has have had get gets got "
    "let us via using use used over under up out about after before while when if because since until toward towards "
    "one+ any some several such own itself themselves one's between within across along through around during instead "
    "against upon off+ place like well back experiment exp try test version variant setting value default current new "
    "existing stay stays kept keep keeping unchanged otherwise everything effective simple way make makes made set "
    "setting settings change changed changes go going brings give gives run running "
    "hypothesis evidence idea branch better best improve improved improvement".split()
) - {"small+", "first+", "more+", "one+", "off+"}
# Words of any experiment: they match everything, so they weigh little.
GENERIC = frozenset(
    "model train training layer step token data size scale rate loss loop code config parameter param number time "
    "learning learn value weight batch run memory compute throughput speed stability convergence performance quality "
    "capacity gradient flow dynamic budget baseline optimization optimizer regularization attention mlp block head "
    "matrix embedding different type stable adaptive network function input output proven technique session".split()
)
# What a description says of its own result; a plan does not know it.
OUTCOME = frozenset(
    "worse worsened regressed regression hurt hurts discard discarded keep kept crash crashed oom fail failed failure "
    "noise neutral marginal win loses lost gain gained tie tied+ helps help helped confirmed useless huge perfect "
    "wasted optimal diverged unstable nan result results".split()
) - {"tied+"}
# From here on a description speaks of what stays, not of what changes.
CONTEXT_START = frozenset("while keeping holding preserving leaving atop".split())
# What a context tail ends in: "on the 9-layer value-embedding stack".
CONTEXT_NOUN = frozenset(
    "stack model baseline recipe setup frontier line hybrid winner settings configuration config champion branch "
    "base stage architecture net".split()
)
PREPOSITIONS = frozenset("on in under at from to with for over of atop inside within".split())
# Connectors after which the circumstances of an edit follow: they are not the edit, but they may change its outcome.
CIRCUMSTANCE = frozenset("with after now given alongside plus+ once since because as".split()) - {"plus+", "as"}
# From here on a clause gives a purpose.
PURPOSE = frozenset("so because hence thus which where whereas".split())
RESTORE = ("lost", "restore", "restored", "re-apply", "reapply", "re-applied", "missing", "back in", "put back", "bring back",
           "dropped by accident", "had lost", "had dropped", "reinstate")  # fmt: skip
RERUN = ("seed", "rerun", "re-run", "repeat", "replicate", "replication", "second sample", "verification", "reproduce", "again")
FIX = frozenset("fix fixed guard guarded explicit retry workaround patched corrected static clean divisible cast".split())

# What a change of one knob does to the outcome of another: members of one group interact, and groups listed together.
FAMILIES: dict[str, str] = {
    "optimizer": "LR WEIGHT_DECAY WD BETA1 BETA2 BETAS EPS MOMENTUM NS_STEPS NESTEROV CAUTIOUS GRAD_CLIP LR_REFERENCE "
    "MOMENTUM_WARMUP MOMENTUM_START MOMENTUM_FINAL WD_FLOOR WD_SCHEDULE optimizer muon adamw lion sophia soap adafactor normuon "
    "muoneq adamuon schedule_free lookahead sam amsgrad nadam polar_express grokfast CLIP",
    "schedule": "WARMUP_RATIO WARMDOWN_RATIO FINAL_LR_FRAC LR_SCHEDULE schedule_shape cosine linear_decay sqrt_decay "
    "exponential_decay polynomial_decay wsd constant warm_restart EXPLORATION",
    "batching": "TOTAL_BATCH_SIZE DEVICE_BATCH_SIZE GRAD_ACCUM SEQ_LEN batch_curriculum sequence_curriculum EPOCHS BUFFER_SIZE",
    "init": "INIT orthogonal_init mup depth-scaled_init",
    "regularization": "DROPOUT LABEL_SMOOTHING Z_LOSS STOCHASTIC_DEPTH EMA_DECAY SWA ENTROPY_BONUS early_stopping "
    "augmentation deep_supervision MTP",
    "data": "VOCAB_SIZE shuffle shard dedup byte_fallback digit_splitting data_filter loss_masking bos_packing curriculum "
    "document_masking smote undersampling",
    "systems": "fp8 bf16 fp16 fp32 int8 int6 torch_compile max-autotune reduce-overhead fullgraph autotune cuda_graph "
    "activation_checkpointing fused chunked_cross_entropy prefetch pinned_memory gc_freeze gc_disable gc ddp kv_cache "
    "chunked_prefill prefix_caching speculative_decoding flash_attention sdpa flex_attention THREADS N_WARPS N_STAGES "
    "GPU_MEM_FRACTION qat gptq precision attention_kernel TIME_BUDGET",
    "replication": "SEED rerun",
    "baseline": "baseline",
    "architecture": "DEPTH MODEL_DIM ASPECT_RATIO HEAD_DIM N_HEAD N_KV_HEAD MLP_RATIO WINDOW_PATTERN SHORT_WINDOW SOFTCAP "
    "ROPE_BASE PARTIAL_ROPE QK_GAIN ATTN_SCALE VE_GATE_CHANNELS VE_GATE_SCALE N_EXPERTS TOP_K KERNEL_SIZE D_STATE NORM "
    "activation norm weight_tying untied_embedding gated_attention differential_attention linear_attention attention_sink "
    "value_embedding x0_skip u-net_skip parallel_block mixture_of_experts token_shift bigram short_conv layer_sharing "
    "layer_scale learned_position no_position alibi logit_bias bias_term post_norm learnable_norm qk_norm mqa gqa mla "
    "full_attention TEMPERATURE RANK exclusive_self_attention",
}
INTERACTIONS: tuple[str, ...] = (
    "TOTAL_BATCH_SIZE DEVICE_BATCH_SIZE GRAD_ACCUM SEQ_LEN MATRIX_LR LR EMBEDDING_LR UNEMBEDDING_LR SCALAR_LR VE_LR "
    "WARMUP_RATIO WARMDOWN_RATIO MODEL_DIM DEPTH WEIGHT_DECAY",
    "MATRIX_LR LR EMBEDDING_LR UNEMBEDDING_LR SCALAR_LR WARMUP_RATIO WARMDOWN_RATIO FINAL_LR_FRAC LR_SCHEDULE "
    "WEIGHT_DECAY MUON_MOMENTUM ADAM_BETA2 ADAM_BETA1",
    "EMA_DECAY SWA FINAL_LR_FRAC WARMDOWN_RATIO LR_SCHEDULE",
    "DEPTH MODEL_DIM ASPECT_RATIO MLP_RATIO N_HEAD HEAD_DIM N_KV_HEAD",
    "SEQ_LEN WINDOW_PATTERN SHORT_WINDOW ROPE_BASE SHORT_WINDOW document_masking bos_packing",
    "EMBEDDING_LR EMBEDDING_WD EMBEDDING_INIT VOCAB_SIZE weight_tying",
    "UNEMBEDDING_LR UNEMBEDDING_WD UNEMBEDDING_INIT SOFTCAP weight_tying Z_LOSS VOCAB_SIZE",
    "VE_LR VE_WD VE_INIT value_embedding VE_GATE_CHANNELS VE_GATE_SCALE",
    "X0_LR X0_INIT X0_BETA1 RESID_INIT RESID_LR x0_skip layer_scale",
    "MUON_MOMENTUM MOMENTUM_WARMUP MOMENTUM_START MOMENTUM_FINAL MATRIX_LR TOTAL_BATCH_SIZE MUON_BETA2",
)

# Where in the network an edit applies; each side has many names.
PLACES: dict[str, str] = {
    "last": "top", "final": "top", "top": "top", "upper": "top", "deepest": "top", "deeper": "top", "later": "top",
    "late": "top", "first": "bottom", "bottom": "bottom", "lower": "bottom", "earliest": "bottom", "early": "bottom",
    "earlier": "bottom", "lowest": "bottom", "shallowest": "bottom", "every": "every", "odd": "odd", "even": "even",
    "alternate": "every 2", "alternating": "every 2", "middle": "middle", "other": "other", "second": "second",
    "third": "third",
}  # fmt: skip
PLACE_NOUNS = frozenset("layer block half third quarter two-third thirds attn".split())
# Details that "with" may introduce: arguments of the edit itself, not circumstances.
ARGUMENTS = frozenset(
    "mode p prob probability coefficient coeff coef std k dim rate factor strength weight degree alpha gamma init "
    "sigmoid learned learnable value max_norm n clip percentile".split()
)
# Knobs that say something without a number ("label smoothing"); any other needs a value or a direction to be an edit.
ALONE = frozenset(
    "EMA_DECAY SWA LABEL_SMOOTHING Z_LOSS STOCHASTIC_DEPTH MTP DROPOUT GRAD_CLIP NESTEROV CAUTIOUS SOFTCAP PARTIAL_ROPE "
    "WARMUP_RATIO WARMDOWN_RATIO ENTROPY_BONUS SEED WD_SCHEDULE PYRAMID TAKE_PROFIT STOP_LOSS TRAILING_STOP VE_GATE_SCALE "
    "QK_GAIN COOLDOWN_BARS WD_FLOOR MOMENTUM_WARMUP".split()
)
# Concepts that mostly stand beside the real edit.
WEAK = frozenset(
    ("torch compile", "curriculum", "baseline", "shard", "shuffle", "eval window", "fused", "value embedding", "full attention",
     "rerun", "lightgbm", "xgboost", "catboost", "random forest", "early stopping", "int8", "fp16", "sdpa", "gc", "autotune")
)  # fmt: skip
# After "to" these open a purpose: "add z-loss to penalize large logits".
PURPOSE_VERBS = frozenset(
    "improve reduce allow test see regularize avoid save encourage penalize increase get let help prevent fit match cut "
    "trade waste speed enable recover free boost stabilize calm check lower raise give make produce push probe explore "
    "adapt react capture keep preserve isolate compensate widen exploit use account build ensure stop better".split()
)
STICKY = frozenset(("instead", "than"))
# Targets that are off until somebody adds them: their value before the first try is zero.
FROM_ZERO = ("DROPOUT", "LABEL_SMOOTHING", "Z_LOSS", "STOCHASTIC_DEPTH", "ENTROPY_BONUS", "_WD")
# A schedule is meant by "cosine" or "linear" only beside one of these.
SCHEDULED = frozenset("lr warmdown cooldown decay decaying schedule anneal annealing scheduler wsd".split())
AMBIGUOUS = frozenset("cosine linear sqrt exponential polynomial quadratic".split())
CONTROLS = frozenset(("baseline", "SEED", "rerun"))
# Unknown words that mean the same in this field, by their stems.
SYNONYMS: dict[str, str] = {
    "doc": "document", "char": "character", "param": "parameter", "quantis": "quant", "quantiz": "quant", "conv": "convolut",
    "lookup": "table", "reus": "shar", "dataset": "data", "sampl": "example", "len": "length", "req": "request",
    "sequenc": "seq", "tok": "token", "vec": "vector", "mat": "matrix", "initial": "init", "thresh": "threshold",
    "vol": "volatil", "frac": "fraction", "num": "number", "iter": "step", "mem": "memory", "inp": "input", "out": "output",
    "multipl": "scal", "predict": "prediction", "learnt": "learn", "featur": "input", "prob": "probability",
}  # fmt: skip
