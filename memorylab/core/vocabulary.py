"""The field's terms as a table, because what an edit changes hides behind a hundred spellings of the same knob.

Data only: `lexicon` compiles it, `edits` reads text with it. A line is `canonical name: "alias, alias"`; aliases are
lower case, without underscores or hyphens (both are read as spaces) and without plural endings where one stem does.
Terms are those of small language-model training, and of the neighbouring loops that the same ledgers are kept for
(kernels, inference servers, reinforcement learning, gradient boosting, trading).
"""

from __future__ import annotations

# A number or switch that an experiment turns. COMPOSABLE ones join with the part they are applied to: "embedding lr".
COMPOSABLE: dict[str, str] = {
    "LR": "lr, learning rate, step size, stepsize, peak lr, max lr, peak learning rate, base lr, adam lr, adamw lr, "
    "rate multiplier, lr multiplier",
    "WEIGHT_DECAY": "weight decay, wd, l2 penalty, l2 regularization, decoupled weight decay, decay of weight",
    "BETA1": "beta1, beta 1, b1, first moment decay, first moment",
    "BETA2": "beta2, beta 2, b2, second moment decay, second moment, normuon beta2, nor muon beta2, "
    "variance decay, average squared grad",
    "BETAS": "betas, adam betas, adamw betas",
    "EPS": "eps, epsilon, adam eps, adam epsilon",
    "MOMENTUM": "momentum, momentum beta",
    "INIT": "init, init std, init scale, init bound, initialization, initialisation, initialize, initialise, "
    "initializer, std, initialized, initialised, lambda init, init value, gaussian start, random start, init gain, "
    "initialization scale, initialization std, initialization bound, starting scale, transformer init scale",
    "DROPOUT": "dropout, drop rate, dropout rate, dropout probability",
    "NORM": "norm, normalization, normalisation, normalize, normalise",
    "RANK": "rank, lora rank, r",
    "TEMPERATURE": "temperature, temp",
    "DECAY": "decay",
}

KNOBS: dict[str, str] = {
    # schedule
    "WARMUP_RATIO": "warmup, warmup ratio, warmup step, lr warmup, learning rate warmup, warm up, warmup frac, "
    "warmup fraction, warmup iter, lr ramp, linear warmup, lr warmup ratio, lr warmup step",
    "WARMDOWN_RATIO": "warmdown, warmdown ratio, lr warmdown, cooldown, cooldown ratio, warmdown iter, warmdown step, "
    "cooldown frac, cooldown fraction, decay phase, warmdown fraction, warmdown frac, lr cooldown, cool down, "
    "warm down, decay fraction, cooldown step, lr decay phase, learning rate cooldown, learning rate warmdown, cooldown phase",
    "FINAL_LR_FRAC": "final lr frac, final lr, lr floor, final lr floor, final learning rate, min lr, minimum lr, "
    "lr decay floor, final lr fraction, residual lr, lr min, min lr frac, min lr ratio, learning rate floor, "
    "stop decay at, end decay at, end cooldown at, schedule end at, lr end at, floor of lr, decay floor, cosine floor, end lr, eta min, min learning rate, minimum learning rate, floor lr",
    "MOMENTUM_WARMUP": "momentum warmup, momentum warmup step, muon warmup, muon momentum warmup, momentum ramp, "
    "muon momentum ramp, muon momentum warmup step, muonwarmup, momentum warm up, muon ramp",
    "MOMENTUM_START": "start momentum, starting momentum, initial momentum, starting muon momentum, momentum start, "
    "initial muon momentum, muon start momentum, muon starting momentum, muon initial momentum, momentum warmup start, "
    "muon momentum start, muon momentum warmup start",
    "MOMENTUM_FINAL": "final momentum, final muon momentum, target momentum, peak momentum, muon target momentum, "
    "momentum endpoint, muon momentum endpoint, muon peak momentum, muon final momentum, end momentum, momentum target, "
    "momentum final, max momentum, final value of muon momentum, muon end momentum",
    "WD_FLOOR": "weight decay floor, muon weight decay floor, wd floor, muon wd floor, final weight decay, final wd",
    "WD_SCHEDULE": "weight decay schedule, wd schedule, constant weight decay, constant wd, decaying weight decay, "
    "wd follow lr, wd constant, cosine weight decay, linear weight decay, muon wd schedule",
    "LR_SCHEDULE": "lr schedule, learning rate schedule, lr decay, learning rate decay, lr decay schedule, "
    "warmdown decay, warmdown schedule, decay shape, cooldown shape, warmdown shape, lr curve, schedule shape, "
    "annealing, lr annealing, lr scheduler, cooldown schedule, cooldown curve, decay to zero schedule",
    # optimizer
    "NS_STEPS": "ns step, newton schulz step, muon ns step, ns iteration, newton schulz iteration, muon backend step, "
    "backend step, muon ns iteration, newton schulz, orthogonalization step, orthogonalisation step, ns iter, ns5, "
    "polar express step, muon iteration, orthogonalization iteration",
    "NESTEROV": "nesterov, nesterov momentum",
    "CAUTIOUS": "cautious, cautious wd, cautious weight decay, cautious wd mask, cautious mask, cautious update, "
    "cautious weight decay mask",
    "GRAD_CLIP": "grad clip, gradient clipping, gradient clip, clip grad, grad clipping, gradient norm clipping, "
    "clip gradient, max grad norm, grad norm clip, global gradient norm clipping, clip grad norm, max norm, gradclip, "
    "gradient norm clip, clip gradient at norm, clip grad at norm, clip gradient norm, clip norm, global norm clip, norm clipping, gradient norm limit, grad norm clipping, clipping",
    "LR_REFERENCE": "lr scale reference, lr scaling reference, lr reference dim",
    # batching
    "TOTAL_BATCH_SIZE": "total batch, total batch size, batch, batch size, global batch, global batch size, tbs, "
    "batch token, train batch token, token per optimizer step, token per step, token per update, tokens per batch, "
    "effective batch, effective batch size, batch scale, batch of token, optimizer batch, bs, train batch, "
    "train batch size, sequences per step, tokens per optimiser step, token per optimiser step, total batch token",
    "DEVICE_BATCH_SIZE": "device batch, device batch size, dbs, micro batch, microbatch, micro batch size, device bs, "
    "per device batch, per device batch size, microbatch size, per gpu batch, per gpu batch size, local batch, "
    "local batch size, sequences per device, row per device, rows per gpu, rows per micro step",
    "GRAD_ACCUM": "grad accum, gradient accumulation, accum, grad accumulation, gradient accumulation step, accumulate, "
    "grad accum step, accumulation step, accumulation",
    "SEQ_LEN": "seq len, sequence length, max seq len, context length, seq, ctx, context window, context, block size, "
    "seqlen, row length, ctx len, context size, training context, train seq len, max sequence length, num ctx, n ctx",
    "EPOCHS": "epoch, pass over data, pass over, num epoch",
    "SEED": "seed, random seed, rng seed, other seed",
    "TIME_BUDGET": "time budget, budget, wall clock budget, training time",
    # architecture
    "DEPTH": "depth, n layer, num layer, number of layer, layer count, block count, number of block, n block, num block",
    "MODEL_DIM": "model dim, d model, width, n embd, hidden size, hidden dim, embedding dim, model width, dim, "
    "embd dim, d embd, residual width, channel width, residual dim, wider model",
    "ASPECT_RATIO": "aspect ratio, ar, aspect",
    "HEAD_DIM": "head dim, head size, d head, dim per head, head dimension, head width, headdim, channel per head, "
    "head dims, dims per head",
    "N_HEAD": "head, n head, num head, attention head, query head, number of head, n heads, q head",
    "N_KV_HEAD": "kv head, n kv head, kv, num kv head, k v head, key value head, k v pair, kv pair, kv group, nkv",
    "MLP_RATIO": "mlp ratio, mlp expansion, mlp hidden, mlp mult, ffn expansion, mlp hidden dim, ffn hidden, "
    "expansion factor, mlp expansion factor, mlp width, ffn ratio, mlp multiplier, hidden mult, ffn mult, "
    "feed forward expansion, mlp size, mlp dim, ffn dim, ffn width, ffn size, ffn expansion ratio, expansion ratio, "
    "mlp hidden size, mlp hidden width, feed forward width, feedforward expansion, intermediate size, feed forward hidden",
    "VOCAB_SIZE": "vocab, vocab size, vocabulary, vocabulary size, vocabulary piece, bpe size, tokenizer size",
    "WINDOW_PATTERN": "window pattern, attention pattern, windowing pattern, layer pattern, sliding window pattern, "
    "attn pattern, window layout",
    "SHORT_WINDOW": "short window, short window size, sliding window, window size, local window, s layer window, "
    "attention window, sliding window size, window, short attention window, local attention window, short span",
    "SOFTCAP": "softcap, logit softcap, logit cap, soft cap, logit soft cap, logit capping, tanh cap, cap on logit, "
    "tanh bound, tanh squashing, logits softcap, softcapping, final logit softcap, output logit cap, logit bound, "
    "tanh bound on output score, tanh squashing of output score, cap of logit, logit tanh",
    "ROPE_BASE": "rope base, rotary base, rope theta, rotary theta, rope base frequency, rope frequency, base frequency, "
    "rope freq, theta base, rope base freq, rotary base frequency, rotary frequency base, frequency base",
    "PARTIAL_ROPE": "partial rope, partial rotary, rotary fraction, rope fraction, rotary position on, rotate only, "
    "rotary dim, rope dim, rotary on part, half rope, rotary pct",
    "QK_GAIN": "qk gain, qk gain init, q gain, attention gain, qk scale gain",
    "ATTN_SCALE": "attention scale, attn scale, sdpa scale, softmax scale, qk scale, attention scaling, logit scale, "
    "attention logit scale, scale of attention, qk dot product, attention temperature, attn temperature, attn temp, "
    "attention softmax temperature, softmax temperature",
    "VE_GATE_CHANNELS": "ve gate channel, value embedding gate channel, gate channel, ve gate input, gate input slice, "
    "value embedding gate input slice, channel value embedding gate, gate input channel, value gate channel, ve gate width, "
    "gate input dim, value embedding gate",
    "VE_GATE_SCALE": "ve gate scale, value embedding gate scale, gate scale, ve gate range, ve gate multiplier",
    "N_EXPERTS": "expert, num expert, n expert, number of expert",
    "TOP_K": "top k, topk, active expert",
    "KERNEL_SIZE": "kernel size, conv kernel, filter size, conv width, conv size",
    "D_STATE": "d state, state size, state dim, ssm state",
    # regularization
    "LABEL_SMOOTHING": "label smoothing, smooth label, soft target, smoothed target, smoothed label, label smooth",
    "Z_LOSS": "z loss, zloss, logsumexp penalty, log partition penalty, squared logsumexp, log z penalty, "
    "penalty on log partition, logit norm penalty, penalty on logsumexp, penalty on log z",
    "STOCHASTIC_DEPTH": "stochastic depth, layer drop, layerdrop, drop path, droppath, skip block at random, "
    "drop each block with probability, randomly skip block, random layer skip, skip layer at random, "
    "drop block at random, randomly drop layer, randomly drop block, block dropout, layer dropout, drop whole block, "
    "skip random block, drop each layer with probability",
    "EMA_DECAY": "ema, ema decay, ema of weight, weight ema, exponential moving average, moving average of weight, "
    "ema weight, exponential moving average of weight, weight averaging, averaged weight, average of weight, "
    "polyak averaging, weight average, exponential moving average of model weight, moving average of parameter, "
    "averaging of weight, parameter averaging, running average of weight, ema at eval, running mean of weight",
    "SWA": "swa, stochastic weight averaging, checkpoint averaging, average of last checkpoint, average checkpoint",
    "ENTROPY_BONUS": "entropy bonus, entropy coefficient, reward policy randomness, entropy coef, entropy regularization",
    "MTP": "multi token prediction, mtp, predict two token, next two token, second next token, 2nd next token, "
    "aux head, auxiliary head, two token ahead, position t, predict token t, extra head for second token, "
    "extra output layer",
    # evaluation and neighbouring loops
    "EVAL_STRIDE": "eval stride, sliding eval stride, sliding window eval, eval window stride, stride, overlapping window",
    "TAU": "tau, target smoothing, polyak tau",
    "GAMMA": "gamma, discount, discount factor",
    "BUFFER_SIZE": "buffer, replay buffer, buffer size, replay buffer size, replay size",
    "EXPLORATION": "anneal, epsilon anneal, eps end, eps anneal, exploration anneal",
    "TARGET_SYNC": "sync target net, target sync, target update, target network sync",
    "N_ESTIMATORS": "n estimator, n est, num tree, number of tree, num iteration, num boost round",
    "MAX_DEPTH": "max depth, tree depth",
    "NUM_LEAVES": "num leaf, num leave, leaf count, max leaf",
    "SUBSAMPLE": "subsample, bagging fraction, row sampling",
    "COLSAMPLE": "colsample bytree, colsample, feature fraction, column sampling",
    "PATIENCE": "patience, early stopping patience",
    "IMGSZ": "imgsz, image size, input resolution",
    "THREADS": "thread, num thread, n thread",
    "N_WARPS": "num warp, n warp, warp",
    "N_STAGES": "num stage, n stage, pipeline stage",
    "GPU_MEM_FRACTION": "mem frac, gpu memory utilization, mem fraction, memory fraction, mem fraction static",
    "TAKE_PROFIT": "take profit, tp, profit target, take profit pct, take profit exit",
    "STOP_LOSS": "stop loss, sl",
    "TRAILING_STOP": "trailing stop, atr stop, atr stop mult, atr trailing stop",
    "COOLDOWN_BARS": "cooldown bar, re entry delay",
    "MIN_VOTES": "min vote, minimum vote, signal agree, required vote",
    "PYRAMID": "pyramid, pyramiding, add to open position, scale into position",
}

# Named things that are there or not, or stand in a slot. The name's slot, if any, is in SLOTS.
CONCEPTS: dict[str, str] = {
    "weight tying": "weight tying, tie weight, tied weight, tied embedding, tie embedding, tie embed, tied embed, weight tie, "
    "tie input and output embedding, share embed and unembed, share wte and lm head, share embedding and unembedding, "
    "tie lm head, tied lm head, lm head wte, wte lm head, share input and output embedding, shared wte lm head, "
    "tie unembedding, share token table and output head, tie wte, one matrix for embedding and unembedding, "
    "reuse token table as output head",
    "untied embedding": "untie embedding, untied embed, untie embed, untied embedding, untie weight, untied output head",
    "relu2": "relu2, relu 2, relu squared, squared relu, relusquared, relusq, relu square, square relu",
    "relu": "relu, rectified linear unit",
    "leaky relu": "leaky relu, leakyrelu, leaky rectifier, leaky relu activation",
    "gelu": "gelu, gaussian error linear unit, gelu activation",
    "silu": "silu, swish, sigmoid linear unit",
    "swiglu": "swiglu, swish gated linear unit, swish glu, silu gated, silu glu, gated silu, swish gated, swiglu mlp",
    "geglu": "geglu, gelu gated, gelu glu, gated gelu",
    "reglu": "reglu, relu gated, relu glu",
    "glu": "glu, gated linear unit, gated mlp",
    "mish": "mish",
    "elu": "elu",
    "rmsnorm": "rmsnorm, rms norm, root mean square norm, rms normalization",
    "layernorm": "layernorm, layer norm, ln",
    "dynamic tanh": "dyt, dynamic tanh",
    "qk norm": "qk norm, qknorm, qk normalization, query key norm, normalize q and k, query and key norm, "
    "norm on q and k, norm of query and key",
    "post norm": "post norm, postnorm, sandwich norm, output norm, peri ln, norm after block, norm after sublayer",
    "learnable norm": "learnable norm, norm gain, learnable gain, norm weight, learnable rmsnorm, affine norm",
    "mqa": "mqa, multi query attention, multi query, single shared kv head, one kv head, query head share one kv pair, query head share one kv head, all query head share one kv pair, "
    "all query head share one k v pair, share one k v pair, share one k v head",
    "gqa": "gqa, grouped query attention, grouped query",
    "mla": "mla, multi latent attention, latent attention, multi head latent attention",
    "full attention": "full attention, full context attention, full window, full context window, global attention, "
    "all full attention, full attention layer, long window everywhere, all full context window",
    "linear attention": "linear attention, gated deltanet, deltanet, retention",
    "differential attention": "differential attention, diff attention, diff attn",
    "gated attention": "gated attention, attention gate, attention output gate, attention output gating, attn gate, "
    "sparse attention gate, head gate, per head gating, sigmoid gate on attention, attn output gate, gate on attention, "
    "headwise gate, sigmoid gate on sdpa output",
    "attention sink": "attention sink, sink token, sink logit",
    "exclusive self attention": "xsa, exclusive self attention",
    "flash attention": "flash attention, flash attn, fa, fa2, fa3, flash attention 2, flash attention 3, fa3 kernel, "
    "flash attn 3, flashattention, flashattention 3, fa 3",
    "sdpa": "sdpa, scaled dot product attention",
    "flex attention": "flex attention, flexattention",
    "document masking": "document masking, doc masking, varlen, varlen attention, cu seqlen, doc mask, document mask, "
    "no attention across document, no cross document attention, attention across document, attend across document, block diagonal attention, intra document masking, "
    "cross document attention, doc isolated, cross document boundary, mask across document, document boundary mask, "
    "attention across doc, attend across doc, attention between document, document isolation",
    "bos packing": "bos aligned packing, bos packing, bos aligned, bos aligned row, packing, best fit packing, "
    "row start at bos, document packing, row starting at bos, bos aligned data loader",
    "value embedding": "value embedding, ve, value embed, value emb, value token embedding",
    "x0 skip": "x0 skip, x0 residual, input skip, embedding skip, input skip connection, embedding skip connection, "
    "re inject token, x0 residual skip, input skip pathway, x0 injection, embedding injection, residual to embedding, "
    "inject input embedding, token vector into every later block, raw token embedding",
    "u-net skip": "u net skip, unet skip, u net, unet, long skip, skip connection, encoder decoder skip",
    "parallel block": "parallel attn mlp, parallel attention and mlp, parallel block, parallel attention mlp, "
    "parallel attention, parallel attn and mlp, palm style parallel, attention and mlp in parallel, "
    "attn and mlp in parallel, parallel residual",
    "mixture of experts": "moe, mixture of expert",
    "token shift": "token shift, smear, smeargate, smear gate, token smearing, shift token, previous token mix, time shift",
    "bigram": "bigram, bigram hash, bigramhash, n gram embedding, bigram embedding, bigram table, hashed bigram",
    "short conv": "short conv, short convolution, depthwise conv, causal conv, conv1d, causal conv1d, canon layer, "
    "causal depthwise conv1d, depthwise convolution, causal 1 d filter, causal convolution, tap causal filter, causal filter",
    "layer sharing": "layer sharing, share layer, looped, weight sharing, recurrent depth, shared layer, tie layer, "
    "reuse layer, depth recurrence, looped transformer, universal transformer, loop block, share weight between layer, "
    "weight tying layer, twice in a row, reuse block",
    "layer scale": "layer scale, layerscale, residual scale, residual scaling, residual gain, resid scale, "
    "residual multiplier, branch scale, depth scaled residual",
    "learned position": "learned positional embedding, learned position, absolute position, learned position embedding, wpe",
    "no position": "nope, no positional embedding, no rope, no position",
    "alibi": "alibi",
    "logit bias": "logit bias, output bias, lm head bias, unembedding bias",
    "bias term": "bias term, linear bias, bias in linear, biases, bias",
    "deep supervision": "deep supervision, aux loss, auxiliary loss, intermediate loss, intermediate layer loss, auxiliary head loss",
    "muon": "muon optimizer",
    "adamw": "adamw optimizer, plain adamw, adam optimizer",
    "lion": "lion, lion optimizer",
    "sophia": "sophia",
    "soap": "soap, shampoo, soap optimizer",
    "adafactor": "adafactor",
    "normuon": "normuon, nor muon, normuon variance reduction, variance reduction, neuron wise normalization",
    "muoneq": "muoneq",
    "adamuon": "adamuon",
    "schedule free": "schedule free, schedulefree",
    "lookahead": "lookahead",
    "sam": "sam, sharpness aware minimization",
    "amsgrad": "amsgrad",
    "nadam": "nadam",
    "polar express": "polar express",
    "grokfast": "grokfast",
    "cosine": "cosine, half cosine, cosine decay, cos lr, cosine annealing, cosine shaped, cosine lr decay, cosine warmdown",
    "linear decay": "linear, linear decay, linear warmdown",
    "sqrt decay": "sqrt, square root, 1 sqrt, one minus sqrt",
    "exponential decay": "exponential decay, exponential, exp decay",
    "polynomial decay": "polynomial, polynomial decay, power law, quadratic, poly",
    "wsd": "wsd, trapezoidal, warmup stable decay, trapezoid",
    "constant": "constant lr, constant learning rate, flat lr",
    "warm restart": "warm restart, cyclic lr, cosine restart, cyclical lr, cyclic learning rate, sgdr",
    "qat": "qat, quantization aware training, fake quant, quantisation aware training, fake quantization",
    "gptq": "gptq",
    "fp8": "fp8, float8, 8 bit float, mxfp8, 8 bit floating, eight bit float",
    "bf16": "bf16, bfloat16, brain float",
    "fp16": "fp16, float16, half precision",
    "fp32": "fp32, float32, full precision, tf32",
    "int8": "int8, 8 bit integer",
    "int6": "int6",
    "torch compile": "torch compile, compile, compiled, compiled model, torch inductor",
    "max-autotune": "max autotune",
    "reduce-overhead": "reduce overhead",
    "fullgraph": "fullgraph, full graph",
    "autotune": "autotune, autotuning, autotune config",
    "cuda graph": "cuda graph, cudagraph, graph capture, cuda graph capture",
    "activation checkpointing": "activation checkpointing, gradient checkpointing, recompute activation, grad checkpointing, "
    "activation recomputation, rematerialization, recompute attention, checkpoint only, checkpoint activation",
    "fused": "fused, fuse, fusion",
    "chunked cross entropy": "chunked cross entropy, chunked ce, chunked loss, cross entropy in chunk, chunk cross entropy, "
    "loss in chunk, sliced cross entropy",
    "prefetch": "prefetch, prefetching, prefetch thread, background loader, load batch ahead, loader thread, prefetcher, "
    "async data loading, read batch ahead, asynchronous data loading",
    "pinned memory": "pin memory, pinned memory, pinned host memory, pinned buffer, page locked memory, page locked",
    "gc freeze": "gc freeze",
    "gc disable": "gc disable, disable gc, gc off, turn off garbage collection, disable garbage collection",
    "gc": "gc, garbage collection, garbage collector",
    "ddp": "ddp, distributed data parallel, data parallel",
    "kv cache": "kv cache, attention cache",
    "chunked prefill": "chunked prefill",
    "prefix caching": "prefix cache, prefix caching",
    "speculative decoding": "speculative decoding, speculative, spec draft, draft model, spec",
    "curriculum": "curriculum, progressive, progressive growing, progressive schedule, growing window",
    "sequence curriculum": "sequence length curriculum, seq len curriculum, context curriculum, context length curriculum, "
    "seq curriculum, sequence length warmup, seq len warmup, growing context, context warmup",
    "window warmup": "window warmup, window curriculum, window schedule",
    "batch curriculum": "batch curriculum, batch size warmup, batch warmup, batch size schedule, batch ramp, "
    "grad accum curriculum, batch size curriculum, growing batch, batch schedule, batch size ramp",
    "shuffle": "shuffle, shuffling, shuffled",
    "shard": "shard, data shard",
    "dedup": "dedup, deduplicate, deduplication, exact duplicate doc, duplicate doc, duplicate document, repeated document",
    "byte fallback": "byte fallback",
    "digit splitting": "split digit, digit splitting, single digit, split digit singly, digit token, digit one by one, "
    "one token per digit, number split into digit, individual digit",
    "data filter": "filter doc, quality filter, filter document, filter out document",
    "loss masking": "mask loss, loss mask, loss masking, ignore loss, no loss on, loss ignored on, exclude from loss",
    "augmentation": "augmentation, augment, mixup, cutmix, data augmentation",
    "orthogonal init": "orthogonal init, orthogonal initialization, orthogonal start",
    "mup": "mup, mu p, maximal update, maximal update parametrization, mup init",
    "depth-scaled init": "depth scaled init, scaled residual init, scaled init, init by depth, depth dependent init, "
    "init scale by depth, gpt2 style init, gpt 2 init",
    "lora": "lora, low rank adapter",
    "smote": "smote, smote ratio",
    "undersampling": "undersample, under sampling, drop majority class row, undersampling, drop majority class",
    "early stopping": "early stopping, early stop",
    "lightgbm": "lgbm, lightgbm",
    "xgboost": "xgb, xgboost",
    "catboost": "catboost",
    "random forest": "random forest, randomforest, rf",
    "rsi": "rsi",
    "macd": "macd",
    "baseline": "baseline, stock, unmodified, reference run, control run, control",
    "rerun": "rerun, re run, repeat, replicate, replication, second sample, verification run, verification, again with same",
    "eval window": "final eval, eval every, evaluation every",
}

# The part of the model or of the optimizer state that a COMPOSABLE knob is applied to.
PARTS: dict[str, str] = {
    "EMBEDDING": "embedding, embed, wte, token embedding, tok emb, token table, emb, input embedding, embedding table, "
    "embedding group, token vector, token embed, embedding layer, embedding matrix, embedding param",
    "UNEMBEDDING": "unembedding, unembed, lm head, output head, unembedding matrix, output projection layer, "
    "unembedding head, classifier head, output embedding, final projection, lmhead, output layer, "
    "readout, lm head matmul, unembedding group, unembedding layer, vocab projection, untied head, untied output head",
    "VE": "ve, value embedding, value embed, value emb, value embedding table, value table, ve table",
    "X0": "x0, x0 lambda, x0 scalar, x0 skip scalar, embedding skip scalar, x0 residual scalar, x0 init, input skip scalar, "
    "x0 skip coefficient, x0 gain",
    "RESID": "resid, resid lambda, residual scalar, residual lambda, resid scalar, residual mixing, residual, "
    "residual stream, residual branch, residual weight",
    "SCALAR": "scalar, scalar param, scalar group, per layer scalar",
    "MATRIX": "matrix, matrices, hidden matrix, hidden layer, 2 d param, matrix param, matrix group, hidden weight",
    "MUON": "muon",
    "ADAM": "adam, adamw",
    "C_PROJ": "c proj, cproj, output projection, attn proj, out projection, attention output projection, o proj, "
    "projection weight, residual projection, block output projection",
    "QKV": "qkv, q k v, qkv projection, query key value, c attn, wqkv",
    "QK": "qk, q k, query and key, query key, q and k, c q, c k, wq, wk",
    "V_PROJ": "c v, v proj, value projection, wv",
    "MLP": "mlp, ffn, feed forward, feedforward, c fc, mlp block, mlp matmul, mlp product, mlp layer",
    "ATTN": "attn, attention, self attention, attention block, attention layer, attention weight",
    "GATE": "gate, gating, gates",
    "BIAS": "bias param",
    "VISION": "vision, vision tower, vision encoder",
}

# (part, knob) pairs whose usual name differs from PART_KNOB. Muon drives the matrices, Adam the rest.
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
SUFFIXES: dict[str, str] = {"WEIGHT_DECAY": "WD", "BETAS": "BETAS"}
# Of several parts named before one knob the more telling wins: "x0 scalar AdamW beta1" is X0_BETA1.
PART_ORDER = ("X0", "RESID", "VE", "UNEMBEDDING", "EMBEDDING", "C_PROJ", "QKV", "QK", "V_PROJ", "GATE", "SCALAR", "MLP",
              "ATTN", "BIAS", "VISION", "MATRIX", "MUON", "ADAM")  # fmt: skip

# A concept that is a knob at a value.
SETTINGS: dict[str, tuple[str, float | str]] = {
    "mqa": ("N_KV_HEAD", 1.0),
    "full attention": ("WINDOW_PATTERN", "L"),
    "untied embedding": ("weight tying", "off"),
}

# What stands in one slot replaces its neighbour there: another member is another replacement, not a repeat.
SLOTS: dict[str, str] = {
    "activation": "relu2, relu, leaky relu, gelu, silu, swiglu, geglu, reglu, glu, mish, elu",
    "optimizer": "muon, adamw, lion, sophia, soap, adafactor, schedule free, nadam, adamuon",
    "schedule shape": "cosine, linear decay, sqrt decay, exponential decay, polynomial decay, wsd, constant, warm restart",
}
