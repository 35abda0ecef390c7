"""What a number can be applied to: knobs that join with a part ("embedding lr"), and the parts."""

from __future__ import annotations

# A number or switch that joins with the part it is applied to: "embedding lr" is EMBEDDING_LR.
COMPOSABLE = """
LR: learning rate, step size, stepsize, adam lr, adamw lr, rate multiplier, lrs, all learning rate, (peak|max|
    maximum|base|initial|starting|start|top|nominal|global|main|target|default|optimizer|optimiser) (lr|learning
    rate|step size), learn rate, lrate, lr0, eta, learning rate init, lr (max|peak|value|multiplier|mult|scale|
    factor), learning rate (multiplier|mult|scale|factor|value), step length, shrinkage rate, learning step, learning
    rate of step, learning speed, update size, lr group, rate of learning, (highest|largest) learning rate
WEIGHT_DECAY: wd, l2 penalty, l2 regularization, decoupled weight decay, decay of weight, l2 (shrinkage|reg|
    coefficient|coef|strength|term|loss|regularisation|regulariser|regularizer|weight penalty|decay|norm penalty),
    weight shrinkage, decay on weight, parameter decay, decoupled (decay|wd|l2|shrinkage), adamw decay, weight decay
    (coefficient|coef|strength|rate|factor|value|term|multiplier|lambda), wdecay, weightdecay, decay strength, shrink
    weight, shrinking of weight, shrinkage of weight, pull weight toward zero, penalty on weight size, ridge
    shrinkage, penalty on weight norm, weight norm penalty, multiplicative shrinkage
BETA1: beta 1, b1, first moment decay, first moment, first beta, betas [ 0 ], first moment (coefficient|coef|memory|
    averaging|ema|smoothing|beta|rate|horizon|average), gradient ema, gradient averaging, gradient moving average,
    running average of gradient, moving average of gradient, average of gradient, exp avg decay, adam momentum, adamw
    momentum, momentum of adam, momentum of adamw
BETA2: beta 2, b2, second moment decay, second moment, variance decay, average squared grad, second beta, betas [ 1
    ], second moment (coefficient|coef|memory|averaging|ema|smoothing|beta|rate|horizon|average|estimate), variance
    (ema|averaging|memory|beta|smoothing|estimate|horizon|coefficient), squared gradient (average|ema|decay|
    averaging|memory|smoothing), (average|running average|moving average|exponential average|ema) of squared
    (gradient|grad), (average|averaging) squared gradient, exp avg sq decay, squared grad (average|ema|memory|
    averaging)
BETAS: adam betas, adamw betas, beta pair, both beta, adam beta pair
EPS: epsilon, adam eps, adam epsilon, (optimizer|optimiser|numerical|stability|denominator) (eps|epsilon), eps term,
    epsilon term, denominator constant, stability constant, stabilizing constant, stabilising constant, constant in
    denominator
MOMENTUM: momentum beta, mu, momentum (coefficient|coef|factor|parameter|term|value|mu|decay|constant), heavy ball,
    heavy ball (momentum|coefficient)
INIT: init std, init scale, init bound, initialization, initialisation, initialize, initialise, initializer, std,
    initialized, initialised, lambda init, gaussian start, random start, initialization scale, initialization std,
    initialization bound, starting scale, (init|initial|starting|start|initialization|initialisation) (standard
    deviation|stddev|sigma|range|multiplier|value|weight|gain|variance|width|spread), standard deviation, stddev, std
    dev, initializer range, initial (std|scale|bound), starting (std|point|bound), initialisation (scale|std|bound),
    init (method|scheme|strategy|distribution), weight init, weight initialization, weight initialisation, param
    init, parameter init, (gaussian|normal|uniform|random|truncated normal) (init|initialization|initialisation|
    initial value), init method std, init (from|with) (normal|gaussian|uniform)
DROPOUT: drop rate, dropout rate, dropout probability, drop prob, drop probability, dropout (prob|p|ratio|fraction|
    strength|layer|level), pdrop, p drop, drop out, (zero|drop) activation at random, randomly (zero|drop)
    activation, random zeroing, randomly zeroed, activation dropout, hidden dropout
NORM: normalization, normalisation, normalize, normalise, (normalization|normalisation|norm) layer, normalizing layer
RANK: lora rank, r, lora (r|dim|rank r), adapter rank, low rank dim, bottleneck rank, rank of (adapter|lora|
    factorization|factorisation), rank r, inner rank, factor rank, low rank size, factorization rank
TEMPERATURE: temp, (sampling|decoding|generation|softmax sampling|distillation) (temperature|temp), tau temperature
DECAY: decay
"""

# The part of the model or of the optimizer state that a composable knob is applied to.
PARTS = """
EMBEDDING: embed, wte, emb, embedding table, embedding group, embedding layer, embedding matrix, embedding param,
    embd, (tok|token|word|input|vocab|vocabulary) (embedding|embed|emb|embd|table|vector) (table|matrix|weight|param|
    parameter|group|lookup|layer|), embed (token|table|matrix|weight|group|param|layer|lookup), nn embedding, (token|
    input|vocab) lookup, token lookup table, input token table, embedding (weight|parameter|lookup|vector|row|
    parameter group|param group), wte (weight|table|matrix|group|param), emb (table|matrix|weight|layer)
UNEMBEDDING: unembed, lm head, output head, unembedding matrix, output projection layer, unembedding head, classifier
    head, output embedding, final projection, lmhead, output layer, readout, lm head matmul, unembedding group,
    unembedding layer, untied head, untied output head, lm head (weight|matrix|group|param|parameter|projection|
    layer), (language model|language modelling|language modeling|lang model) head, output (matrix|classifier|logit
    layer|token embedding|vocab projection|embedding matrix|embedding table|head weight|projection to vocab|
    projection to vocabulary|softmax layer), logit (layer|projection|head|matrix|weight), (vocab|vocabulary) (head|
    projection|output layer|projection matrix), prediction head, final linear, final linear layer, final projection
    layer, final (classifier|output projection|output layer), softmax (layer|weight|matrix), head (weight|matrix),
    unembed (matrix|weight|layer|head), unembedding (weight|param|projection|parameter), de embedding, to logit, out
    embedding, output unembedding, classifier layer, token readout
VE: value embedding, value embed, value emb, ve table, value (embedding|embed|emb) (weight|table|matrix|lookup|param|
    parameter|group|vector|tensor|layer), value (token table|lookup|lookup table|vector table|token embedding|
    tables), ve (param|group|lookup|matrix|weight|embedding|vector|parameter), (extra|second|auxiliary|separate|
    additional) (value table|token table|lookup table|embedding table|token lookup|value embedding table|value
    embedding|token indexed table), token indexed (table|value table|lookup), token value (table|vector|embedding),
    per token value (vector|embedding), v embed, v embedding
X0: x0 scalar, x0 skip scalar, embedding skip scalar, x0 residual scalar, x0 init, input skip scalar, x0 skip
    coefficient, x0 gain, x0 (scale|weight|coefficient|coef|mix|mixing|multiplier|lambdas|mixing weight|mixing
    coefficient|factor|skip scale|skip weight|residual weight|residual lambda|skip gain|residual scale|injection
    scale), input reinjection (scalar|scale|weight), lambda x0, embedding shortcut (scalar|weight), (input|embedding)
    skip (scale|weight|coefficient|gain|lambda|multiplier), skip scalar to (input|embedding)
RESID: resid lambda, residual scalar, residual lambda, resid scalar, residual mixing, residual, residual stream,
    residual branch, residual weight, residual (coefficient|coef|path|connection|add|addition|mix|mixing weight|
    mixing scalar|mixing coefficient|lane|stream scalar|stream weight|multiplier scalar), resid (stream|mix|mix
    scalar|weight|branch|coefficient), skip weight, shortcut (path|weight|connection), lambda resid, residual stream
    (scale|lambda)
SCALAR: per layer scalar, (scalar|learnable scalar|learned scalar|trainable scalar|per block scalar|vector)
    (parameter|group|param), (learnable|learned|trainable|per block) scalar, 1 d param, 1d param, 1d parameter, 1 d
    parameter, 0 d param, scalar parameter group
MATRIX: matrices, hidden matrix, hidden layer, 2 d param, matrix param, matrix group, hidden weight, weight (matrix|
    matrices), hidden (matrices|weight matrix|weight matrices|linear layer), matrix (weight|parameter|parameter
    group), 2d (param|parameter|weight|matrix|tensor|matrices), 2 d (parameter|weight|matrix|tensor|matrices), linear
    (weight|layer weight), block (matrix|matrices|weight), body (matrix|matrices), matrices group
MUON: muon (group|param|parameter|weight|parameter group|param group|matrix|matrices|side)
ADAM: adamw, adam (group|param|parameter|side|parameter group|param group), adamw (group|param|parameter|side|
    parameter group|param group), non muon, non muon (group|param|parameter|parameter group|param group|weight)
C_PROJ: cproj, output projection, attn proj, out projection, attention output projection, o proj, projection weight,
    residual projection, block output projection, (attn|attention) (out proj|out projection|output proj|output
    matrix|output weight|o proj|out|output linear|projection), wo, w o, out proj, output proj, proj out, (branch|
    sublayer|sub layer|residual branch) (output projection|output proj|projection), projection back into residual,
    projection into residual, residual output projection, block output proj, c proj weight, o projection, output
    linear
QKV: q k v, qkv projection, query key value, c attn, wqkv, qkv (matrices|weight|proj|matrix|layer), attention input
    projection, in proj, attn qkv, query key value (projection|matrix|weight), q k v projection, q k and v, query key
    and value (projection|matrices|), fused qkv projection
QK: q k, query and key, query key, q and k, c q, c k, wq, wk, query and key (projection|matrix|matrices|vector), q
    and k (projection|matrices|vector), qk (projection|weight|proj|matrices|vector), query key (projection|vector), q
    / k, query / key, wq and wk, q k projection, keys and query
V_PROJ: c v, value projection, wv, value (matrix|weight|proj|matrices), v (projection|matrix|weight), w v, to v,
    attention value projection
MLP: ffn, feed forward, feedforward, c fc, mlp block, mlp matmul, mlp product, mlp layer, mlp (weight|group|matrix|
    matrices|module|branch|sublayer|sub layer|part|hidden layer), feed forward (network|layer|block|part|branch|
    sublayer|sub layer|module), feedforward (network|layer|block|part|branch|sublayer|module), ffn (block|layer|
    branch|weight|sublayer|module), ff (layer|block|network|), fully connected (block|part)
ATTN: attention, self attention, attention block, attention layer, attention weight, (attention|attn|self attention)
    (module|sublayer|sub layer|branch|part|operation), attn (layer|block|weight)
GATE: gating, gate (weight|param|parameter|projection|proj|matrix|linear), gating (weight|param|network)
BIAS: bias param
VISION: vision tower, vision encoder
DOWN_PROJ: down projection, mlp (down proj|down projection|output projection|out projection|output proj|c proj|out
    proj|proj), mlp second (matrix|linear), ffn (down proj|down projection|output projection|out projection)
UP_PROJ: up projection, mlp (up proj|up projection|input projection|in proj|c fc|fc), fc1, ffn (up proj|up
    projection|input projection)
Q_PROJ: query (projection|proj|matrix|weight), q (projection|matrix|weight)
K_PROJ: key (projection|proj|matrix|weight), k (projection|matrix|weight)
ROPE: rotary, (rotary|rope) (embedding|position embedding|positional embedding|position encoding|encoding|position|
    emb)
NORM_GAIN: norm (gain|weight|scale), rmsnorm (gain|weight|scale), layernorm (gain|weight)
"""
