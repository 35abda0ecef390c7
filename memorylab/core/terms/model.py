"""Sizes and layout of a model: depth, width, activations, norms, embeddings, residual paths."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
DEPTH: n layer, num layer, number of layer, layer count, block count, number of block, n block, num block
MODEL_DIM: d model, width, n embd, hidden size, hidden dim, embedding dim, model width, dim, embd dim, d embd,
    residual width, channel width, residual dim, wider model
ASPECT_RATIO: ar, aspect
MLP_RATIO: mlp expansion, mlp hidden, mlp mult, ffn expansion, mlp hidden dim, ffn hidden, expansion factor,
    mlp expansion factor, mlp width, ffn ratio, mlp multiplier, hidden mult, ffn mult, feed forward expansion,
    mlp size, mlp dim, ffn dim, ffn width, ffn size, ffn expansion ratio, expansion ratio, mlp hidden size,
    mlp hidden width, feed forward width, feedforward expansion, intermediate size, feed forward hidden, mlp multiple,
    width of mlp, hidden width of mlp, mlp hidden multiple
SOFTCAP: logit softcap, logit cap, soft cap, logit soft cap, logit capping, tanh cap, cap on logit, tanh bound,
    tanh squashing, softcapping, final logit softcap, output logit cap, logit bound, cap of logit, logit tanh
VE_GATE_CHANNELS: value embedding gate channel, gate channel, ve gate input, gate input slice,
    value embedding gate input slice, gate input channel, value gate channel, ve gate width, gate input dim,
    value embedding gate
VE_GATE_SCALE: value embedding gate scale, gate scale, ve gate range, ve gate multiplier
N_EXPERTS: expert, num expert, number of expert
TOP_K: topk, active expert
KERNEL_SIZE: conv kernel, filter size, conv width, conv size
D_STATE: state size, state dim, ssm state
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
weight tying: tie weight, tied weight, tied embedding, tie embedding, tie embed, tied embed, weight tie,
    tie input and output embedding, share embed and unembed, share wte and lm head, share embedding and unembedding,
    tie lm head, tied lm head, lm head wte, wte lm head, share input and output embedding, shared wte lm head,
    tie unembedding, share token table and output head, tie wte, one matrix for embedding and unembedding,
    reuse token table as output head, lm head share weight with wte, wte share weight with lm head,
    lm head share weight, unembedding share weight, share wte with lm head, one table for input and output
untied embedding: untie embedding, untied embed, untie embed, untie weight, untied output head
relu2: relu 2, relu squared, squared relu, relusquared, relusq, relu square, square relu
relu: rectified linear unit
leaky relu: leakyrelu, leaky rectifier, leaky relu activation
gelu: gaussian error linear unit, gelu activation
silu: swish, sigmoid linear unit
swiglu: swish gated linear unit, swish glu, silu gated, silu glu, gated silu, swish gated, swiglu mlp
geglu: gelu gated, gelu glu, gated gelu
reglu: relu gated, relu glu
glu: gated linear unit, gated mlp
mish: mish
elu: elu
rmsnorm: rms norm, root mean square norm, rms normalization
layernorm: layer norm, ln
dynamic tanh: dyt
post norm: postnorm, sandwich norm, output norm, peri ln, norm after block, norm after sublayer,
    norm after each sublayer, norm after each block, norm on block output, norm after attention and mlp
learnable norm: norm gain, learnable gain, norm weight, learnable rmsnorm, affine norm, rmsnorm with learned scale,
    learned norm scale, rmsnorm with learnable gain, rmsnorm with learned gain, norm with learned gain,
    learned scale in norm, per channel gain, norm scale
value embedding: ve, value embed, value emb, value token embedding
x0 skip: x0 residual, input skip, embedding skip, input skip connection, embedding skip connection, re inject token,
    x0 residual skip, input skip pathway, x0 injection, embedding injection, residual to embedding,
    inject input embedding
u-net skip: unet skip, u net, unet, long skip, skip connection, encoder decoder skip,
    skip from first half to second half, long skip from first half to second half, first half to second half skip
parallel block: parallel attn mlp, parallel attention and mlp, parallel attention mlp, parallel attention,
    parallel attn and mlp, palm style parallel, attention and mlp in parallel, attn and mlp in parallel,
    parallel residual, attention and mlp side by side, attn and mlp side by side, attention beside mlp,
    attention mlp parallel
mixture of experts: moe
token shift: smear, smeargate, smear gate, token smearing, shift token, previous token mix, time shift,
    mix each token with previous, mix token with previous, blend token with previous, previous token mixing,
    shift by one token
bigram: bigram hash, bigramhash, n gram embedding, bigram embedding, bigram table, hashed bigram
short conv: short convolution, depthwise conv, causal conv, conv1d, causal conv1d, canon layer,
    causal depthwise conv1d, depthwise convolution, causal 1 d filter, causal convolution, causal filter,
    causal conv of width, conv of width, convolution of width, depthwise causal conv, depthwise causal convolution
layer sharing: share layer, looped, weight sharing, recurrent depth, shared layer, tie layer, reuse layer,
    depth recurrence, universal, loop block, share weight between layer, weight tying layer, reuse block
layer scale: layerscale, residual scale, residual scaling, residual gain, resid scale, residual multiplier,
    branch scale, depth scaled residual, per channel residual scale, residual branch scale
logit bias: output bias, lm head bias, unembedding bias
bias term: linear bias, bias in linear, biases, bias
final norm: norm before lm head, norm before unembedding, last norm, norm before head, output layer norm
value residual: v residual, v1 mixing, value mixing, first layer value, resformer, mix first layer value,
    value of first layer
embedding scale: scale embedding, embedding multiplier, multiply embedding, sqrt d embedding scale
embedding norm: norm after embedding, norm on embedding, normalize embedding, initial embedding norm
hyper connections: hyperconnection, manifold hyper connection
highway: highway gate, gated residual, residual gate
memory tokens: register token, meta token, sink register
weight normalization: weight norm, normalized weight, unit norm row, spectral norm, unit norm weight
factorized embedding: low rank embedding, factor embedding, factored embedding
orthogonal init: orthogonal initialization, orthogonal start, orthogonal, orthogonally
mup: mu p, maximal update, maximal update parametrization, mup init
depth-scaled init: scaled residual init, scaled init, init by depth, depth dependent init, init scale by depth,
    gpt2 style init, gpt 2 init
"""
