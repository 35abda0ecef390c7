"""The field's concepts as tables: what is there or not, what replaces what, families, and which changes interact.

Data only, in the form of `vocabulary`.
"""

from __future__ import annotations

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
weight tying: weight tying, tie weight, tied weight, tied embedding, tie embedding, tie embed, tied embed, weight
    tie, tie input and output embedding, share embed and unembed, share wte and lm head, share embedding and
    unembedding, tie lm head, tied lm head, lm head wte, wte lm head, share input and output embedding, shared wte
    lm head, tie unembedding, share token table and output head, tie wte, one matrix for embedding and unembedding,
    reuse token table as output head, lm head share weight with wte, wte share weight with lm head, lm head share
    its weight, unembedding share weight, share wte with lm head, one table for input and output
untied embedding: untie embedding, untied embed, untie embed, untied embedding, untie weight, untied output head
relu2: relu2, relu 2, relu squared, squared relu, relusquared, relusq, relu square, square relu
relu: relu, rectified linear unit
leaky relu: leaky relu, leakyrelu, leaky rectifier, leaky relu activation
gelu: gelu, gaussian error linear unit, gelu activation
silu: silu, swish, sigmoid linear unit
swiglu: swiglu, swish gated linear unit, swish glu, silu gated, silu glu, gated silu, swish gated, swiglu mlp
geglu: geglu, gelu gated, gelu glu, gated gelu
reglu: reglu, relu gated, relu glu
glu: glu, gated linear unit, gated mlp
mish: mish
elu: elu
rmsnorm: rmsnorm, rms norm, root mean square norm, rms normalization
layernorm: layernorm, layer norm, ln
dynamic tanh: dyt, dynamic tanh
qk norm: qk norm, qknorm, qk normalization, query key norm, normalize q and k, query and key norm, norm on q and k,
    norm of query and key
post norm: post norm, postnorm, sandwich norm, output norm, peri ln, norm after block, norm after sublayer, norm
    after each sublayer, norm after each block, norm on block output, norm after attention and mlp
learnable norm: learnable norm, norm gain, learnable gain, norm weight, learnable rmsnorm, affine norm, rmsnorm with
    learned scale, learned norm scale, rmsnorm with learnable gain, rmsnorm with learned gain, norm with learned
    gain, learned scale in norm, per channel gain, norm scale
mqa: mqa, multi query attention, multi query, single shared kv head, one kv head, query head share one kv pair,
    query head share one kv head, share one k v pair, share one k v head
gqa: gqa, grouped query attention, grouped query
mla: mla, multi latent attention, latent attention, multi head latent attention
full attention: full attention, full context attention, full window, full context window, global attention, all full
    attention, full attention layer, long window everywhere, all full context window, no sliding window, without
    sliding window, no window, no short window, all long window, every layer full attention, global attention in
    every layer
linear attention: linear attention, gated deltanet, deltanet, retention
differential attention: differential attention, diff attention, diff attn
gated attention: gated attention, attention gate, attention output gate, attention output gating, attn gate, sparse
    attention gate, head gate, per head gating, sigmoid gate on attention, attn output gate, gate on attention,
    headwise gate, sigmoid gate on sdpa output, gate attention output, gate on sdpa output, per head gate, head wise
    gate, sigmoid gate on attention output
attention sink: attention sink, sink token, sink logit
exclusive self attention: xsa, exclusive self attention
flash attention: flash attention, flash attn, fa, fa2, fa3, flash attention 2, flash attention 3, fa3 kernel, flash
    attn 3, flashattention, flashattention 3, fa 3
sdpa: sdpa, scaled dot product attention
flex attention: flex attention, flexattention
document masking: document masking, doc masking, varlen, varlen attention, cu seqlen, doc mask, document mask, no
    attention across document, no cross document attention, attention across document, attend across document, block
    diagonal attention, intra document masking, cross document attention, doc isolated, cross document boundary,
    mask across document, document boundary mask, attention across doc, attend across doc, attention between
    document, document isolation, attention within document, attend within document, mask attention across document,
    attention confined to document, document causal mask
bos packing: bos aligned packing, bos packing, bos aligned, bos aligned row, packing, best fit packing, row start at
    bos, document packing, row starting at bos, bos aligned data loader
value embedding: value embedding, ve, value embed, value emb, value token embedding
x0 skip: x0 skip, x0 residual, input skip, embedding skip, input skip connection, embedding skip connection, re
    inject token, x0 residual skip, input skip pathway, x0 injection, embedding injection, residual to embedding,
    inject input embedding
u-net skip: u net skip, unet skip, u net, unet, long skip, skip connection, encoder decoder skip, skip from first
    half to second half, long skip from first half to second half, first half to second half skip
parallel block: parallel attn mlp, parallel attention and mlp, parallel block, parallel attention mlp, parallel
    attention, parallel attn and mlp, palm style parallel, attention and mlp in parallel, attn and mlp in parallel,
    parallel residual, attention and mlp side by side, attn and mlp side by side, attention beside mlp, attention
    mlp parallel
mixture of experts: moe, mixture of expert
token shift: token shift, smear, smeargate, smear gate, token smearing, shift token, previous token mix, time shift,
    mix each token with previous, mix token with previous, blend token with previous, previous token mixing, shift
    by one token
bigram: bigram, bigram hash, bigramhash, n gram embedding, bigram embedding, bigram table, hashed bigram
short conv: short conv, short convolution, depthwise conv, causal conv, conv1d, causal conv1d, canon layer, causal
    depthwise conv1d, depthwise convolution, causal 1 d filter, causal convolution, causal filter, causal conv of
    width, conv of width, convolution of width, depthwise causal conv, depthwise causal convolution
layer sharing: layer sharing, share layer, looped, weight sharing, recurrent depth, shared layer, tie layer, reuse
    layer, depth recurrence, looped transformer, universal transformer, loop block, share weight between layer,
    weight tying layer, reuse block
layer scale: layer scale, layerscale, residual scale, residual scaling, residual gain, resid scale, residual
    multiplier, branch scale, depth scaled residual, per channel residual scale, residual branch scale
learned position: learned positional embedding, learned position, absolute position, learned position embedding, wpe
no position: nope, no positional embedding, no rope, no position
alibi: alibi
logit bias: logit bias, output bias, lm head bias, unembedding bias
bias term: bias term, linear bias, bias in linear, biases, bias
final norm: final norm, norm before lm head, norm before unembedding, last norm, norm before head, output layer norm
value residual: value residual, v residual, v1 mixing, value mixing, first layer value, resformer, mix first layer
    value, value of first layer
embedding scale: embedding scale, scale embedding, embedding multiplier, multiply embedding, sqrt d embedding scale
embedding norm: embedding norm, norm after embedding, norm on embedding, normalize embedding, initial embedding norm
hyper connections: hyper connection, hyperconnection, manifold hyper connection
highway: highway gate, gated residual, residual gate
memory tokens: register token, memory token, meta token, sink register
weight normalization: weight norm, weight normalization, normalized weight, unit norm row, spectral norm, unit norm
    weight
factorized embedding: factorized embedding, low rank embedding, factor embedding, factored embedding
sliding eval: sliding eval, sliding evaluation
test time training: ttt, test time training
distillation: distillation, distill, teacher
curriculum by length: sort by length, length curriculum, short document first
deep supervision: deep supervision, aux loss, auxiliary loss, intermediate loss, intermediate layer loss, auxiliary
    head loss
muon: muon optimizer
adamw: adamw optimizer, plain adamw, adam optimizer
lion: lion, lion optimizer
sophia: sophia
soap: soap, shampoo, soap optimizer
adafactor: adafactor
normuon: normuon, nor muon, normuon variance reduction, variance reduction, neuron wise normalization
muoneq: muoneq
adamuon: adamuon
schedule free: schedule free, schedulefree
lookahead: lookahead
sam: sam, sharpness aware minimization
amsgrad: amsgrad
nadam: nadam
polar express: polar express
grokfast: grokfast
cosine: cosine, half cosine, cosine decay, cos lr, cosine annealing, cosine shaped, cosine lr decay, cosine warmdown
linear decay: linear, linear decay, linear warmdown
sqrt decay: sqrt, square root, 1 sqrt, one minus sqrt
exponential decay: exponential decay, exponential, exp decay
polynomial decay: polynomial, polynomial decay, power law, quadratic, poly
wsd: wsd, trapezoidal, warmup stable decay, trapezoid
constant: constant lr, constant learning rate, flat lr
warm restart: warm restart, cyclic lr, cosine restart, cyclical lr, cyclic learning rate, sgdr
qat: qat, quantization aware training, fake quant, quantisation aware training, fake quantization
gptq: gptq
fp8: fp8, float8, 8 bit float, mxfp8, 8 bit floating, eight bit float
bf16: bf16, bfloat16, brain float
fp16: fp16, float16, half precision
fp32: fp32, float32, full precision, tf32
int8: int8, 8 bit integer
int6: int6
torch compile: torch compile, compile, compiled, compiled model, torch inductor
max-autotune: max autotune
reduce-overhead: reduce overhead
fullgraph: fullgraph, full graph
autotune: autotune, autotuning, autotune config
cuda graph: cuda graph, cudagraph, graph capture, cuda graph capture
activation checkpointing: activation checkpointing, gradient checkpointing, recompute activation, grad
    checkpointing, activation recomputation, rematerialization, recompute attention, checkpoint only, checkpoint
    activation, recompute in backward, recompute activation in backward
fused: fused, fuse, fusion
chunked cross entropy: chunked cross entropy, chunked ce, chunked loss, cross entropy in chunk, chunk cross entropy,
    loss in chunk, sliced cross entropy
prefetch: prefetch, prefetching, prefetch thread, background loader, load batch ahead, loader thread, prefetcher,
    async data loading, read batch ahead, asynchronous data loading, prefetch batch, load next batch ahead,
    background thread for batch
pinned memory: pin memory, pinned memory, pinned host memory, pinned buffer, page locked memory, page locked
gc freeze: gc freeze
gc disable: gc disable, disable gc, gc off, turn off garbage collection, disable garbage collection
gc: gc, garbage collection, garbage collector
ddp: ddp, distributed data parallel, data parallel
kv cache: kv cache, attention cache
chunked prefill: chunked prefill
prefix caching: prefix cache, prefix caching
speculative decoding: speculative decoding, speculative, spec draft, draft model, spec
curriculum: curriculum, progressive, progressive growing, progressive schedule, growing window
sequence curriculum: sequence length curriculum, seq len curriculum, context curriculum, context length curriculum,
    seq curriculum, sequence length warmup, seq len warmup, growing context, context warmup
window warmup: window warmup, window curriculum, window schedule
batch curriculum: batch curriculum, batch size warmup, batch warmup, batch size schedule, batch ramp, grad accum
    curriculum, batch size curriculum, growing batch, batch schedule, batch size ramp
shuffle: shuffle, shuffling, shuffled
shard: shard, data shard
dedup: dedup, deduplicate, deduplication, exact duplicate doc, duplicate doc, duplicate document, repeated document
byte fallback: byte fallback
digit splitting: split digit, digit splitting, single digit, split digit singly, digit token, digit one by one, one
    token per digit, number split into digit, individual digit
data filter: filter doc, quality filter, filter document, filter out document
loss masking: mask loss, loss mask, loss masking, ignore loss, no loss on, loss ignored on, exclude from loss
augmentation: augmentation, augment, mixup, cutmix, data augmentation
orthogonal init: orthogonal init, orthogonal initialization, orthogonal start, orthogonal, orthogonally
mup: mup, mu p, maximal update, maximal update parametrization, mup init
depth-scaled init: depth scaled init, scaled residual init, scaled init, init by depth, depth dependent init, init
    scale by depth, gpt2 style init, gpt 2 init
lora: lora, low rank adapter
smote: smote, smote ratio
undersampling: undersample, under sampling, drop majority class row, undersampling, drop majority class
early stopping: early stopping, early stop
lightgbm: lgbm, lightgbm
xgboost: xgb, xgboost
catboost: catboost
random forest: random forest, randomforest, rf
rsi: rsi
macd: macd
baseline: baseline, stock, unmodified, reference run, control run, control
rerun: rerun, re run, repeat, replicate, replication, second sample, verification run, verification, again with same
eval window: final eval, eval every, evaluation every
"""

# A concept that is a knob at a value.
SETTINGS: dict[str, tuple[str, float | str]] = {
    "mqa": ("N_KV_HEAD", 1.0),
    "full attention": ("WINDOW_PATTERN", "L"),
    "untied embedding": ("weight tying", "off"),
}

# Who stands in a slot replaces its neighbour there: another member is another replacement, not a repeat.
SLOTS = """
activation: relu2, relu, leaky relu, gelu, silu, swiglu, geglu, reglu, glu, mish, elu
optimizer: muon, adamw, lion, sophia, soap, adafactor, schedule free, nadam, adamuon
schedule shape: cosine, linear decay, sqrt decay, exponential decay, polynomial decay, wsd, constant, warm restart
"""

# Concepts that mostly stand beside the real edit.
WEAK = """
autotune, baseline, catboost, curriculum, early stopping, eval window, fp16, full attention, fused, gc, int8,
lightgbm, random forest, rerun, sdpa, shard, shuffle, torch compile, value embedding, xgboost
"""

# Families by target, or by the target's ending ("EMBEDDING_LR" ends in LR).
FAMILIES = """
optimizer: LR, WEIGHT_DECAY, WD, BETA1, BETA2, BETAS, EPS, MOMENTUM, NS_STEPS, NESTEROV, CAUTIOUS, GRAD_CLIP,
    LR_REFERENCE, MOMENTUM_WARMUP, MOMENTUM_START, MOMENTUM_FINAL, WD_FLOOR, WD_SCHEDULE, optimizer, muon, adamw,
    lion, sophia, soap, adafactor, normuon, muoneq, adamuon, schedule free, lookahead, sam, amsgrad, nadam, polar
    express, grokfast, CLIP
schedule: WARMUP_RATIO, WARMDOWN_RATIO, FINAL_LR_FRAC, LR_SCHEDULE, schedule shape, cosine, linear decay, sqrt
    decay, exponential decay, polynomial decay, wsd, constant, warm restart, EXPLORATION
batching: TOTAL_BATCH_SIZE, DEVICE_BATCH_SIZE, GRAD_ACCUM, SEQ_LEN, batch curriculum, sequence curriculum, EPOCHS,
    BUFFER_SIZE
init: INIT, orthogonal init, mup, depth-scaled init
regularization: DROPOUT, LABEL_SMOOTHING, Z_LOSS, STOCHASTIC_DEPTH, EMA_DECAY, SWA, ENTROPY_BONUS, early stopping,
    augmentation, deep supervision, MTP
data: VOCAB_SIZE, shuffle, shard, dedup, byte fallback, digit splitting, data filter, loss masking, bos packing,
    curriculum, document masking, smote, undersampling
systems: fp8, bf16, fp16, fp32, int8, int6, torch compile, max-autotune, reduce-overhead, fullgraph, autotune, cuda
    graph, activation checkpointing, fused, chunked cross entropy, prefetch, pinned memory, gc freeze, gc disable,
    gc, ddp, kv cache, chunked prefill, prefix caching, speculative decoding, flash attention, sdpa, flex attention,
    THREADS, N_WARPS, N_STAGES, GPU_MEM_FRACTION, qat, gptq, precision, attention kernel, TIME_BUDGET
replication: SEED, rerun
baseline: baseline
architecture: DEPTH, MODEL_DIM, ASPECT_RATIO, HEAD_DIM, N_HEAD, N_KV_HEAD, MLP_RATIO, WINDOW_PATTERN, SHORT_WINDOW,
    SOFTCAP, ROPE_BASE, PARTIAL_ROPE, QK_GAIN, ATTN_SCALE, VE_GATE_CHANNELS, VE_GATE_SCALE, N_EXPERTS, TOP_K,
    KERNEL_SIZE, D_STATE, NORM, activation, norm, weight tying, untied embedding, gated attention, differential
    attention, linear attention, attention sink, value embedding, x0 skip, u-net skip, parallel block, mixture of
    experts, token shift, bigram, short conv, layer sharing, layer scale, learned position, no position, alibi,
    logit bias, bias term, post norm, learnable norm, qk norm, mqa, gqa, mla, full attention, TEMPERATURE, RANK,
    exclusive self attention
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
