"""What the field's terms are to each other: what replaces what, families, and which changes interact.

Data only, in the form of the tables in `terms`.
"""

from __future__ import annotations

# A concept that is a knob at a value.
SETTINGS: dict[str, tuple[str, float | str]] = {
    "mqa": ("N_KV_HEAD", 1.0),
    "full attention": ("WINDOW_PATTERN", "L"),
    "untied embedding": ("weight tying", "off"),
}

# Who stands in a slot replaces its neighbour there: another member is another replacement, not a repeat.
SLOTS = """
activation: relu2, relu, leaky relu, gelu, silu, swiglu, geglu, reglu, glu, mish, elu, softplus, tanh activation, xielu,
    star relu, polynomial activation, sine activation
optimizer: muon, adamw, lion, sophia, soap, adafactor, schedule free, nadam, adamuon, sgd, rmsprop, adagrad, adam-mini,
    lamb, ademamix, mars, adopt, prodigy, came, radam, scion, dion, psgd, kfac, signsgd, lbfgs
schedule shape: cosine, linear decay, sqrt decay, exponential decay, polynomial decay, wsd, constant, warm restart,
    step decay, one cycle, reduce on plateau
"""

# Concepts that mostly stand beside the real edit.
WEAK = """
a2c, atr, autotune, baseline, bpe, catboost, causal mask, cross entropy, cross validation, curriculum, dqn,
eager mode, early stopping, eval window, extra trees, fp16, fp32, full attention, fused, gc, gradient boosting,
grpo, hist gradient boosting, int8, kv cache, lightgbm, linear model, logistic regression, lora, lstm, mae loss,
mamba, mixed precision, mse loss, ppo, pretraining, random forest, rerun, resnet, rope, sac, sdpa, shard,
shared memory, shuffle, simd, tensor cores, tfidf, torch compile, unet model, value embedding, vit, xgboost, yolo
"""

# Families by target, or by the target's ending ("EMBEDDING_LR" ends in LR).
FAMILIES = """
optimizer: LR, WEIGHT_DECAY, WD, BETA1, BETA2, BETAS, EPS, MOMENTUM, NS_STEPS, NESTEROV, CAUTIOUS, GRAD_CLIP,
    LR_REFERENCE, MOMENTUM_WARMUP, MOMENTUM_START, MOMENTUM_FINAL, WD_FLOOR, WD_SCHEDULE, optimizer, muon, adamw,
    lion, sophia, soap, adafactor, normuon, muoneq, adamuon, schedule free, lookahead, sam, amsgrad, nadam,
    polar express, grokfast, CLIP, MUON_BETA2, LR_MULT, GRAD_NOISE, WEIGHT_NOISE, ADAPTIVE_CLIP, UPDATE_CLIP, sgd,
    rmsprop, adagrad, adam-mini, lamb, ademamix, mars, adopt, prodigy, came, radam, scion, dion, psgd, kfac, galore,
    signsgd, lbfgs, gradient centralization, gradient normalization, bias correction, optimizer state reset,
    no decay on norms
schedule: WARMUP_RATIO, WARMDOWN_RATIO, FINAL_LR_FRAC, LR_SCHEDULE, schedule shape, cosine, linear decay,
    sqrt decay, exponential decay, polynomial decay, wsd, constant, warm restart, EXPLORATION, step decay,
    one cycle, reduce on plateau, LR_RESTARTS
batching: TOTAL_BATCH_SIZE, DEVICE_BATCH_SIZE, GRAD_ACCUM, SEQ_LEN, batch curriculum, sequence curriculum, EPOCHS,
    BUFFER_SIZE, MAX_STEPS, window warmup
init: INIT, orthogonal init, mup, depth-scaled init, kaiming init, xavier init, identity init
regularization: DROPOUT, LABEL_SMOOTHING, Z_LOSS, STOCHASTIC_DEPTH, EMA_DECAY, SWA, ENTROPY_BONUS, early stopping,
    augmentation, deep supervision, MTP, TOKEN_DROPOUT, CONFIDENCE_PENALTY, LOGIT_PENALTY, AUX_LOSS_WEIGHT,
    gradient penalty, l1 penalty, orthogonality penalty, weight clamping, distillation, loss weighting, focal loss,
    mixup
data: VOCAB_SIZE, shuffle, shard, dedup, byte fallback, digit splitting, data filter, loss masking, bos packing,
    curriculum, document masking, smote, undersampling, NUM_SHARDS, MASK_RATIO, bpe, byte level bpe,
    pretokenizer regex, data mix, synthetic data, curriculum by length, fim, bos token
systems: fp8, bf16, fp16, fp32, int8, int6, torch compile, max-autotune, reduce-overhead, fullgraph, autotune,
    cuda graph, activation checkpointing, fused, chunked cross entropy, prefetch, pinned memory, gc freeze,
    gc disable, gc, ddp, kv cache, chunked prefill, prefix caching, speculative decoding, flash attention, sdpa,
    flex attention, THREADS, N_WARPS, N_STAGES, GPU_MEM_FRACTION, qat, gptq, precision, attention kernel,
    TIME_BUDGET, TILE_SIZE, THREADS_PER_BLOCK, GRID_SIZE, UNROLL, VECTOR_WIDTH, SPLIT_K, GROUP_M, PAGE_SIZE,
    MAX_NUM_SEQS, MAX_BATCHED_TOKENS, MAX_MODEL_LEN, GPU_LAYERS, DRAFT_TOKENS, TENSOR_PARALLEL, NUM_WORKERS, N_BITS,
    CLIP_PERCENTILE, dynamic shapes, eager mode, fsdp, kv offload, kv quantization, continuous batching,
    paged attention, attention backend, eager attention, shared memory, bank conflict, double buffering, async copy,
    tensor cores, warp specialization, warp reduction, memory coalescing, persistent kernel, register blocking,
    loop tiling, simd, openmp, compiler flags, lookup table, memory pool, expandable segments, channels last,
    matmul precision, batched op, mixed precision, int4, int5, nvfp4, awq, entropy coding,
    post-training quantization
replication: SEED, rerun
baseline: baseline
architecture: DEPTH, MODEL_DIM, ASPECT_RATIO, HEAD_DIM, N_HEAD, N_KV_HEAD, MLP_RATIO, WINDOW_PATTERN, SHORT_WINDOW,
    SOFTCAP, ROPE_BASE, PARTIAL_ROPE, QK_GAIN, ATTN_SCALE, VE_GATE_CHANNELS, VE_GATE_SCALE, N_EXPERTS, TOP_K,
    KERNEL_SIZE, D_STATE, NORM, activation, norm, weight tying, untied embedding, gated attention,
    differential attention, linear attention, attention sink, value embedding, x0 skip, u-net skip, parallel block,
    mixture of experts, token shift, bigram, short conv, layer sharing, layer scale, learned position, no position,
    alibi, logit bias, bias term, post norm, learnable norm, qk norm, mqa, gqa, mla, full attention, TEMPERATURE,
    RANK, exclusive self attention, ATTN_SOFTCAP, LOGIT_SCALE, NORM_EPS, N_SHARED_EXPERTS, RECURSION_STEPS,
    ROPE_SCALING, mha, rope, sinusoidal position, relative position bias, kv sharing, key shift, talking heads,
    sparse attention, dense connections, value residual, hyper connections, embedding norm, embedding scale,
    final norm, factorized embedding, low rank, mamba, rwkv, lstm, mlp only, memory tokens, weight normalization,
    pre norm, highway, batchnorm, groupnorm, softmax alternatives
"""

# A change of one target changes the outcome of the others in its group.
INTERACTIONS = """
TOTAL_BATCH_SIZE, DEVICE_BATCH_SIZE, GRAD_ACCUM, SEQ_LEN, MATRIX_LR, LR, EMBEDDING_LR, UNEMBEDDING_LR, SCALAR_LR,
    VE_LR, WARMUP_RATIO, WARMDOWN_RATIO, MODEL_DIM, DEPTH, WEIGHT_DECAY
MATRIX_LR, LR, EMBEDDING_LR, UNEMBEDDING_LR, SCALAR_LR, WARMUP_RATIO, WARMDOWN_RATIO, FINAL_LR_FRAC, LR_SCHEDULE,
    WEIGHT_DECAY, MUON_MOMENTUM, ADAM_BETA2, ADAM_BETA1
EMA_DECAY, SWA, FINAL_LR_FRAC, WARMDOWN_RATIO, LR_SCHEDULE
DEPTH, MODEL_DIM, ASPECT_RATIO, MLP_RATIO, N_HEAD, HEAD_DIM, N_KV_HEAD
SEQ_LEN, WINDOW_PATTERN, SHORT_WINDOW, ROPE_BASE, document masking, bos packing
EMBEDDING_LR, EMBEDDING_WD, EMBEDDING_INIT, VOCAB_SIZE, weight tying
UNEMBEDDING_LR, UNEMBEDDING_WD, UNEMBEDDING_INIT, SOFTCAP, weight tying, Z_LOSS, VOCAB_SIZE
VE_LR, VE_WD, VE_INIT, value embedding, VE_GATE_CHANNELS, VE_GATE_SCALE
X0_LR, X0_INIT, X0_BETA1, RESID_INIT, RESID_LR, x0 skip, layer scale
MUON_MOMENTUM, MOMENTUM_WARMUP, MOMENTUM_START, MOMENTUM_FINAL, MATRIX_LR, TOTAL_BATCH_SIZE, MUON_BETA2
"""
