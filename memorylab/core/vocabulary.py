"""The field's knobs and parts as tables, because what an edit changes hides behind a hundred spellings of one knob.

Data only: `lexicon` compiles it, `phrases` reads text with it. A table line is `NAME: alias, alias`; an indented line
goes on with the one before. Aliases are lower case, without underscores or hyphens (both are read as spaces), and
without plural endings. The terms are those of small language-model training and of the neighbouring loops that people
keep the same ledgers for: kernels, inference servers, reinforcement learning, gradient boosting, trading.
"""

from __future__ import annotations

# A number or switch that joins with the part it is applied to: "embedding lr" is EMBEDDING_LR.
COMPOSABLE = """
LR: lr, learning rate, step size, stepsize, peak lr, max lr, peak learning rate, base lr, adam lr, adamw lr, rate
    multiplier, lr multiplier, lrs, all learning rate
WEIGHT_DECAY: weight decay, wd, l2 penalty, l2 regularization, decoupled weight decay, decay of weight
BETA1: beta1, beta 1, b1, first moment decay, first moment
BETA2: beta2, beta 2, b2, second moment decay, second moment, normuon beta2, nor muon beta2, variance decay, average
    squared grad
BETAS: betas, adam betas, adamw betas
EPS: eps, epsilon, adam eps, adam epsilon
MOMENTUM: momentum, momentum beta
INIT: init, init std, init scale, init bound, initialization, initialisation, initialize, initialise, initializer,
    std, initialized, initialised, lambda init, init value, gaussian start, random start, init gain, initialization
    scale, initialization std, initialization bound, starting scale, transformer init scale
DROPOUT: dropout, drop rate, dropout rate, dropout probability
NORM: norm, normalization, normalisation, normalize, normalise
RANK: rank, lora rank, r
TEMPERATURE: temperature, temp
DECAY: decay
"""

# A number or switch with a place of its own.
KNOBS = """
WARMUP_RATIO: warmup, warmup ratio, warmup step, lr warmup, learning rate warmup, warm up, warmup frac, warmup
    fraction, warmup iter, lr ramp, linear warmup, lr warmup ratio, lr warmup step, ramp lr up over, ramp lr up,
    ramp lr, ramp learning rate, ramp up lr, ramp of lr, warm lr up, lr ramp up
WARMDOWN_RATIO: warmdown, warmdown ratio, lr warmdown, cooldown, cooldown ratio, warmdown iter, warmdown step,
    cooldown frac, cooldown fraction, decay phase, warmdown fraction, warmdown frac, lr cooldown, cool down, warm
    down, decay fraction, cooldown step, lr decay phase, learning rate cooldown, learning rate warmdown, cooldown
    phase, decay lr over, decay lr over last, cool lr over, cool lr down over, decay over last, lr decay over, decay
    learning rate over, anneal lr over, cooldown over, decay start at, start decay at, begin decay at
FINAL_LR_FRAC: final lr frac, final lr, lr floor, final lr floor, final learning rate, min lr, minimum lr, lr decay
    floor, final lr fraction, residual lr, lr min, min lr frac, min lr ratio, learning rate floor, stop decay at,
    end decay at, end cooldown at, schedule end at, lr end at, floor of lr, decay floor, cosine floor, end lr, eta
    min, min learning rate, minimum learning rate, floor lr, end schedule at, end at, cooldown end at, decay end at,
    end lr at, floor at, schedule floor, lr ends at
MOMENTUM_WARMUP: momentum warmup, momentum warmup step, muon warmup, muon momentum warmup, momentum ramp, muon
    momentum ramp, muon momentum warmup step, muonwarmup, momentum warm up, muon ramp, ramp muon momentum, ramp
    momentum, muon momentum ramp up
MOMENTUM_START: start momentum, starting momentum, initial momentum, starting muon momentum, momentum start, initial
    muon momentum, muon start momentum, muon starting momentum, muon initial momentum, momentum warmup start, muon
    momentum start, muon momentum warmup start
MOMENTUM_FINAL: final momentum, final muon momentum, target momentum, peak momentum, muon target momentum, momentum
    endpoint, muon momentum endpoint, muon peak momentum, muon final momentum, end momentum, momentum target,
    momentum final, max momentum, muon end momentum
WD_FLOOR: weight decay floor, muon weight decay floor, wd floor, muon wd floor, final weight decay, final wd
WD_SCHEDULE: weight decay schedule, wd schedule, constant weight decay, constant wd, decaying weight decay, wd
    follow lr, wd constant, cosine weight decay, linear weight decay, muon wd schedule
LR_SCHEDULE: lr schedule, learning rate schedule, lr decay, learning rate decay, lr decay schedule, warmdown decay,
    warmdown schedule, decay shape, cooldown shape, warmdown shape, lr curve, schedule shape, annealing, lr
    annealing, lr scheduler, cooldown schedule, cooldown curve, decay to zero schedule
NS_STEPS: ns step, newton schulz step, muon ns step, ns iteration, newton schulz iteration, muon backend step,
    backend step, muon ns iteration, newton schulz, orthogonalization step, orthogonalisation step, ns iter, ns5,
    polar express step, muon iteration, orthogonalization iteration
MUON_MOMENTUM: muon beta, beta of muon, muon momentum coefficient
NESTEROV: nesterov, nesterov momentum
CAUTIOUS: cautious, cautious wd, cautious weight decay, cautious wd mask, cautious mask, cautious update, cautious
    weight decay mask, cautious masking, sign agreement mask
GRAD_CLIP: grad clip, gradient clipping, gradient clip, clip grad, grad clipping, gradient norm clipping, clip
    gradient, max grad norm, grad norm clip, global gradient norm clipping, clip grad norm, max norm, gradclip,
    gradient norm clip, clip gradient at norm, clip grad at norm, clip gradient norm, clip norm, global norm clip,
    norm clipping, gradient norm limit, grad norm clipping, clipping, clip global gradient norm, global gradient
    norm, global grad norm, gradient norm, grad norm, clip global norm
LR_REFERENCE: lr scale reference, lr scaling reference, lr reference dim
TOTAL_BATCH_SIZE: total batch, total batch size, batch, batch size, global batch, global batch size, tbs, batch
    token, train batch token, token per optimizer step, token per step, token per update, tokens per batch,
    effective batch, effective batch size, batch scale, batch of token, optimizer batch, bs, train batch, train
    batch size, sequences per step, tokens per optimiser step, token per optimiser step, total batch token
DEVICE_BATCH_SIZE: device batch, device batch size, dbs, micro batch, microbatch, micro batch size, device bs, per
    device batch, per device batch size, microbatch size, per gpu batch, per gpu batch size, local batch, local
    batch size, sequences per device, row per device, rows per gpu, rows per micro step, micro batch of, sequence
    per micro step, row per micro step
GRAD_ACCUM: grad accum, gradient accumulation, accum, grad accumulation, gradient accumulation step, accumulate,
    grad accum step, accumulation step, accumulation
SEQ_LEN: seq len, sequence length, max seq len, context length, seq, ctx, context window, context, block size,
    seqlen, row length, ctx len, context size, training context, train seq len, max sequence length, num ctx, n ctx,
    token row, token sequence, token context, length of row, rows of token, train sequence length
EPOCHS: epoch, pass over data, pass over, num epoch
SEED: seed, random seed, rng seed, other seed
TIME_BUDGET: time budget, budget, wall clock budget, training time
DEPTH: depth, n layer, num layer, number of layer, layer count, block count, number of block, n block, num block
MODEL_DIM: model dim, d model, width, n embd, hidden size, hidden dim, embedding dim, model width, dim, embd dim, d
    embd, residual width, channel width, residual dim, wider model
ASPECT_RATIO: aspect ratio, ar, aspect
HEAD_DIM: head dim, head size, d head, dim per head, head dimension, head width, headdim, channel per head, head
    dims, dims per head
N_HEAD: head, n head, num head, attention head, query head, number of head, n heads, q head
N_KV_HEAD: kv head, n kv head, kv, num kv head, k v head, key value head, k v pair, kv pair, kv group, nkv
MLP_RATIO: mlp ratio, mlp expansion, mlp hidden, mlp mult, ffn expansion, mlp hidden dim, ffn hidden, expansion
    factor, mlp expansion factor, mlp width, ffn ratio, mlp multiplier, hidden mult, ffn mult, feed forward
    expansion, mlp size, mlp dim, ffn dim, ffn width, ffn size, ffn expansion ratio, expansion ratio, mlp hidden
    size, mlp hidden width, feed forward width, feedforward expansion, intermediate size, feed forward hidden, mlp
    multiple, width of mlp, hidden width of mlp, mlp hidden multiple
VOCAB_SIZE: vocab, vocab size, vocabulary, vocabulary size, vocabulary piece, bpe size, tokenizer size
WINDOW_PATTERN: window pattern, attention pattern, windowing pattern, layer pattern, sliding window pattern, attn
    pattern, window layout
SHORT_WINDOW: short window, short window size, sliding window, window size, local window, attention window, sliding
    window size, window, short attention window, local attention window, short span
SOFTCAP: softcap, logit softcap, logit cap, soft cap, logit soft cap, logit capping, tanh cap, cap on logit, tanh
    bound, tanh squashing, logits softcap, softcapping, final logit softcap, output logit cap, logit bound, cap of
    logit, logit tanh
ROPE_BASE: rope base, rotary base, rope theta, rotary theta, rope base frequency, rope frequency, base frequency,
    rope freq, theta base, rope base freq, rotary base frequency, rotary frequency base, frequency base, rope base
    theta, rotary embedding base, theta
PARTIAL_ROPE: partial rope, partial rotary, rotary fraction, rope fraction, rotary position on, rotate only, rotary
    dim, rope dim, rotary on part, half rope, rotary pct, rotate part, rope on part, rotary on
QK_GAIN: qk gain, qk gain init, q gain, attention gain, qk scale gain
ATTN_SCALE: attention scale, attn scale, sdpa scale, softmax scale, qk scale, attention scaling, logit scale,
    attention logit scale, scale of attention, qk dot product, attention temperature, attn temperature, attn temp,
    attention softmax temperature, softmax temperature, scale qk product by, qk product, scale of qk, softmax scale
    of attention, attention softmax scale, scale attention score, attention score scale
VE_GATE_CHANNELS: ve gate channel, value embedding gate channel, gate channel, ve gate input, gate input slice,
    value embedding gate input slice, gate input channel, value gate channel, ve gate width, gate input dim, value
    embedding gate
VE_GATE_SCALE: ve gate scale, value embedding gate scale, gate scale, ve gate range, ve gate multiplier
N_EXPERTS: expert, num expert, n expert, number of expert
TOP_K: top k, topk, active expert
KERNEL_SIZE: kernel size, conv kernel, filter size, conv width, conv size
D_STATE: d state, state size, state dim, ssm state
LABEL_SMOOTHING: label smoothing, smooth label, soft target, smoothed target, smoothed label, label smooth, smooth
    target, target smoothing, smoothing of label, smoothing of target
GRAD_NOISE: gradient noise, noise on gradient, noise to gradient, noisy gradient
WEIGHT_NOISE: weight noise, noise on weight, embedding noise
Z_LOSS: z loss, zloss, logsumexp penalty, log partition penalty, squared logsumexp, log z penalty, penalty on log
    partition, logit norm penalty, penalty on logsumexp, penalty on log z, penalize log z, penalise log z, penalize
    logsumexp, penalty on log partition function, log partition regularizer, squared log z, log z squared
STOCHASTIC_DEPTH: stochastic depth, layer drop, layerdrop, drop path, droppath, skip block at random, drop each
    block with probability, randomly skip block, random layer skip, skip layer at random, drop block at random,
    randomly drop layer, randomly drop block, block dropout, layer dropout, drop whole block, skip random block,
    drop each layer with probability, bypass block at random, random block skip, randomly bypass layer
EMA_DECAY: ema, ema decay, ema of weight, weight ema, exponential moving average, moving average of weight, ema
    weight, exponential moving average of weight, weight averaging, averaged weight, average of weight, polyak
    averaging, weight average, exponential moving average of model weight, moving average of parameter, averaging of
    weight, parameter averaging, running average of weight, ema at eval, running mean of weight, average weight,
    averaging weight, averaged parameter, average parameter, smoothed weight, shadow weight
SWA: swa, stochastic weight averaging, checkpoint averaging, average of last checkpoint, average checkpoint
ENTROPY_BONUS: entropy bonus, entropy coefficient, entropy coef, entropy regularization
MTP: multi token prediction, mtp, predict two token, next two token, aux head, auxiliary head, two token ahead,
    extra head for second token, token after next, two step ahead prediction, predict next two token
EVAL_STRIDE: eval stride, sliding eval stride, sliding window eval, eval window stride, stride, overlapping window
TAU: tau, target smoothing, polyak tau
GAMMA: gamma, discount, discount factor
BUFFER_SIZE: buffer, replay buffer, buffer size, replay buffer size, replay size
EXPLORATION: anneal, epsilon anneal, eps end, eps anneal, exploration anneal
TARGET_SYNC: sync target net, target sync, target update, target network sync
N_ESTIMATORS: n estimator, n est, num tree, number of tree, num iteration, num boost round
MAX_DEPTH: max depth, tree depth
NUM_LEAVES: num leaf, num leave, leaf count, max leaf
SUBSAMPLE: subsample, bagging fraction, row sampling
COLSAMPLE: colsample bytree, colsample, feature fraction, column sampling
PATIENCE: patience, early stopping patience
IMGSZ: imgsz, image size, input resolution
THREADS: thread, num thread, n thread
N_WARPS: num warp, n warp, warp
N_STAGES: num stage, n stage, pipeline stage
GPU_MEM_FRACTION: mem frac, gpu memory utilization, mem fraction, memory fraction, mem fraction static
TAKE_PROFIT: take profit, tp, profit target, take profit pct, take profit exit
STOP_LOSS: stop loss, sl
TRAILING_STOP: trailing stop, atr stop, atr stop mult, atr trailing stop
COOLDOWN_BARS: cooldown bar, re entry delay
MIN_VOTES: min vote, minimum vote
PYRAMID: pyramid, pyramiding, add to open position, scale into position
"""

# The part of the model or of the optimizer state that a composable knob is applied to.
PARTS = """
EMBEDDING: embedding, embed, wte, token embedding, tok emb, token table, emb, input embedding, embedding table,
    embedding group, token vector, token embed, embedding layer, embedding matrix, embedding param
UNEMBEDDING: unembedding, unembed, lm head, output head, unembedding matrix, output projection layer, unembedding
    head, classifier head, output embedding, final projection, lmhead, output layer, readout, lm head matmul,
    unembedding group, unembedding layer, vocab projection, untied head, untied output head
VE: ve, value embedding, value embed, value emb, value embedding table, value table, ve table
X0: x0, x0 lambda, x0 scalar, x0 skip scalar, embedding skip scalar, x0 residual scalar, x0 init, input skip scalar,
    x0 skip coefficient, x0 gain
RESID: resid, resid lambda, residual scalar, residual lambda, resid scalar, residual mixing, residual, residual
    stream, residual branch, residual weight
SCALAR: scalar, scalar param, scalar group, per layer scalar
MATRIX: matrix, matrices, hidden matrix, hidden layer, 2 d param, matrix param, matrix group, hidden weight
MUON: muon
ADAM: adam, adamw
C_PROJ: c proj, cproj, output projection, attn proj, out projection, attention output projection, o proj, projection
    weight, residual projection, block output projection
QKV: qkv, q k v, qkv projection, query key value, c attn, wqkv
QK: qk, q k, query and key, query key, q and k, c q, c k, wq, wk
V_PROJ: c v, v proj, value projection, wv
MLP: mlp, ffn, feed forward, feedforward, c fc, mlp block, mlp matmul, mlp product, mlp layer
ATTN: attn, attention, self attention, attention block, attention layer, attention weight
GATE: gate, gating, gates
BIAS: bias param
VISION: vision, vision tower, vision encoder
"""

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
    "QKV",
    "QK",
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
FROM_ZERO = ("DROPOUT", "LABEL_SMOOTHING", "Z_LOSS", "STOCHASTIC_DEPTH", "ENTROPY_BONUS", "_WD")
# Knobs that say something without a number ("label smoothing"); any other needs a value or a direction to be an edit.
ALONE = frozenset(
    (
        "CAUTIOUS",
        "COOLDOWN_BARS",
        "DROPOUT",
        "EMA_DECAY",
        "ENTROPY_BONUS",
        "GRAD_CLIP",
        "LABEL_SMOOTHING",
        "MOMENTUM_WARMUP",
        "MTP",
        "NESTEROV",
        "PARTIAL_ROPE",
        "PYRAMID",
        "QK_GAIN",
        "SEED",
        "SOFTCAP",
        "STOCHASTIC_DEPTH",
        "STOP_LOSS",
        "SWA",
        "TAKE_PROFIT",
        "TRAILING_STOP",
        "VE_GATE_SCALE",
        "WARMDOWN_RATIO",
        "WARMUP_RATIO",
        "WD_FLOOR",
        "WD_SCHEDULE",
        "Z_LOSS",
    )
)
# A run of these repeats the base on purpose.
CONTROLS = frozenset(("baseline", "SEED", "rerun"))
