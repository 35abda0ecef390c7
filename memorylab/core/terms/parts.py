"""What a number can be applied to: knobs that join with a part ("embedding lr"), and the parts."""

from __future__ import annotations

# A number or switch that joins with the part it is applied to: "embedding lr" is EMBEDDING_LR.
COMPOSABLE = """
LR: learning rate, step size, stepsize, peak lr, max lr, peak learning rate, base lr, adam lr, adamw lr,
    rate multiplier, lr multiplier, lrs, all learning rate
WEIGHT_DECAY: wd, l2 penalty, l2 regularization, decoupled weight decay, decay of weight
BETA1: beta 1, b1, first moment decay, first moment
BETA2: beta 2, b2, second moment decay, second moment, normuon beta2, nor muon beta2, variance decay,
    average squared grad
BETAS: adam betas, adamw betas
EPS: epsilon, adam eps, adam epsilon
MOMENTUM: momentum beta
INIT: init std, init scale, init bound, initialization, initialisation, initialize, initialise, initializer, std,
    initialized, initialised, lambda init, init value, gaussian start, random start, init gain, initialization scale,
    initialization std, initialization bound, starting scale
DROPOUT: drop rate, dropout rate, dropout probability
NORM: normalization, normalisation, normalize, normalise
RANK: lora rank, r
TEMPERATURE: temp
DECAY: decay
"""

# The part of the model or of the optimizer state that a composable knob is applied to.
PARTS = """
EMBEDDING: embed, wte, token embedding, tok emb, token table, emb, input embedding, embedding table, embedding group,
    token vector, token embed, embedding layer, embedding matrix, embedding param
UNEMBEDDING: unembed, lm head, output head, unembedding matrix, output projection layer, unembedding head,
    classifier head, output embedding, final projection, lmhead, output layer, readout, lm head matmul,
    unembedding group, unembedding layer, vocab projection, untied head, untied output head
VE: value embedding, value embed, value emb, value embedding table, value table, ve table
X0: x0 lambda, x0 scalar, x0 skip scalar, embedding skip scalar, x0 residual scalar, x0 init, input skip scalar,
    x0 skip coefficient, x0 gain
RESID: resid lambda, residual scalar, residual lambda, resid scalar, residual mixing, residual, residual stream,
    residual branch, residual weight
SCALAR: scalar param, scalar group, per layer scalar
MATRIX: matrices, hidden matrix, hidden layer, 2 d param, matrix param, matrix group, hidden weight
MUON: muon
ADAM: adamw
C_PROJ: cproj, output projection, attn proj, out projection, attention output projection, o proj, projection weight,
    residual projection, block output projection
QKV: q k v, qkv projection, query key value, c attn, wqkv
QK: q k, query and key, query key, q and k, c q, c k, wq, wk
V_PROJ: c v, value projection, wv
MLP: ffn, feed forward, feedforward, c fc, mlp block, mlp matmul, mlp product, mlp layer
ATTN: attention, self attention, attention block, attention layer, attention weight
GATE: gating
BIAS: bias param
VISION: vision tower, vision encoder
"""
