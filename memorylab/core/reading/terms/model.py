"""Sizes and layout of a model: depth, width, activations, norms, embeddings, residual paths."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
DEPTH: n layer, num layer, number of layer, layer count, block count, number of block, (number|num|count) of (hidden
    layer|decoder layer|decoder block|residual block|stacked block|stacked layer), (num|n) (hidden layer|decoder
    layer|blocks|decoder block), nlayer, layer number, (network|model|net|stack|trunk) depth, depth of (model|
    network|net|stack), layer in stack, block in stack, layer deep, block deep
MODEL_DIM: width, dim, embd dim, wider model, (model|network|net|residual|residual stream|hidden|channel|embedding|
    embed|trunk|stream|layer|token|feature) (width|dim|dimension|size|channel|dimensionality), (d|dim) (model|embd|
    embed|hidden), n (embd|embed), emb dim, emb size, dmodel, nembd, hidden (state size|unit|dimension|channel|state
    width), (width|dimension|dimensionality) of (model|network|residual stream|net|embedding|hidden state|stream),
    (residual|stream) channel, base channel, num channel, channel count, units per layer
ASPECT_RATIO: ar, aspect, (width to depth|width depth|depth to width) ratio, width per (layer|depth|block), channel
    per (layer|block), dim per layer, model dim per layer, (width|dim) (over|divided by|/) depth, ratio of width to
    depth, depth width ratio
MLP_RATIO: expansion factor, width of mlp, (mlp|ffn|ff|feed forward|feedforward) (ratio|expansion|expand|mult|
    multiplier|factor|multiple|hidden|hidden dim|hidden size|hidden width|inner dim|inner size|inner width|width|
    size|dim|intermediate size|intermediate dim|hidden ratio|hidden multiplier|expansion factor|expansion ratio|width
    multiplier|scale|hidden layer size|hidden unit|width factor|dimension|hidden dimension|hidden multiple|expansion
    rate|blow up|widening|hidden factor|up projection ratio|channel), (hidden|intermediate|inner|expansion) (ratio|
    multiplier|multiple|mult) (of mlp|of ffn|of feed forward|in mlp|), intermediate (dim|width|dimension|size),
    (expansion|inner) (dim|width|size), d (ff|ffn|inner|mlp|intermediate), dff, dim feedforward, n inner, expand
    ratio, ffn (mult|multi), hidden (width|size|dim|layer|dimension|unit) of (mlp|ffn|feed forward|feedforward|feed
    forward layer|feed forward block), (width|size|expansion) of (ffn|feed forward|feedforward|feed forward layer|
    feed forward block|mlp hidden layer), hidden unit in (mlp|ffn|feed forward), mlp expand ratio, parameter in mlp
N_EXPERTS: expert, num expert, number of expert, (number|num|count) of (routed expert|local expert|moe expert), num
    (routed expert|local expert|experts total), (routed|total|moe) expert, expert count, n routed expert, e expert
TOP_K: topk, (active|activated|selected|chosen) expert (per token|), expert per (token|tok), num expert per tok,
    (route|routing|send|dispatch|assign|sending) (each|every|) token to, token routed to, (top 1|top 2|top one|top
    two) routing, router top k, moe (top k|topk), k (active|of n) expert, token choice
KERNEL_SIZE: (conv|convolution|filter|kernel|conv1d|causal conv) (kernel|size|width|length|kernel size|tap|kernel
    width|filter width|window), receptive field of conv, d conv, filter (width|length), kernel (width|length|of
    size), conv kernel (size|width)
D_STATE: (ssm|state|recurrent|mamba|recurrent state) (state|state size|state dim|dimension|width|dim|state dimension|
    size), state expansion, n state
N_SHARED_EXPERTS: shared expert, (number of|num|n) shared expert, always on (shared|) expert, always active expert,
    dense expert beside
CAPACITY_FACTOR: (expert|moe) capacity (factor|)
RECURSION_STEPS: (recursion|recurrence|loop|refinement|recurrent|unroll|inner|outer) (step|iteration|depth|cycle|
    count|loop), number of (loop|recursion|cycle|recurrence|refinement step), n cycle, num cycles, h cycle, l cycle,
    (low level|high level) (cycle|recursion cycle), recur, num loop, n loop, cycle per (step|pass)
NORM_EPS: (norm|rms norm|rmsnorm|layer norm|layernorm|ln|batch norm) (eps|epsilon), (eps|epsilon) of (norm|rmsnorm|
    rms norm|layernorm|layer norm)
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
relu2: relusquared, relusq, relu (squared|square|sq|2|^2|** 2), (squared|square|sqr|sq|squaring) (relu|rectified
    linear|rectifier|rectified linear unit), relusquare, relu sqr, square of (relu|rectifier|rectified linear unit),
    relu then square, squared rectified (linear|linear unit)
relu: rectified linear unit, rectifier, rectified linear, plain relu, ordinary relu, relu activation, vanilla relu
leaky relu: leakyrelu, leaky rectifier, leaky relu activation, leaky (rectified linear|rectified linear unit|
    rectifier activation|relu slope), lrelu, leaky relu nonlinearity, negative slope
gelu: gaussian error linear unit, gelu activation, gelu (nonlinearity|tanh|approximation|new), gaussian error
    (linear|linear unit activation|unit), quick gelu, quickgelu, fast gelu
silu: swish, sigmoid linear unit, (swish|silu) (activation|nonlinearity), sigmoid weighted linear unit, x sigmoid x,
    x times sigmoid, swish 1
swiglu: swish glu, silu glu, swiglu mlp, (swish|silu) (gated|gate) (mlp|feed forward|feedforward|ffn|linear unit|
    unit|linear|hidden layer|), gated (silu|swish) (mlp|feed forward|feedforward|ffn|linear unit|unit|activation|),
    swiglu (ffn|feed forward|gated mlp|activation|block|gating), swi glu, llama style (mlp|ffn|feed forward), llama
    (mlp|ffn), silu activated gate, swish gating
geglu: gelu gated, gelu glu, (gelu) (gated|gate) (mlp|feed forward|ffn|linear unit|unit), gated gelu (mlp|feed
    forward|ffn|linear unit|), geglu (mlp|ffn|activation|feed forward), ge glu, gaussian error gated linear unit,
    gelu gating
reglu: relu gated, relu glu, relu (gated|gate) (mlp|feed forward|ffn|linear unit|unit), gated relu (mlp|), reglu
    (mlp|ffn), re glu, relu gating
glu: gated (linear unit|mlp|feed forward|feedforward|ffn|feed forward layer|activation unit|hidden layer|mlp block),
    glu (variant|gating|mlp|style|ffn), gating in (mlp|feed forward|ffn), multiplicative (gate in mlp|mlp gate|gating
    in mlp), bilinear mlp, bilinear glu
mish: mish activation
elu: elu activation, exponential linear unit
rmsnorm: (rms|root mean square) (norm|normalization|normalisation|layer norm|layernorm|normalize|normalise|
    normalizer), normalize by rms
layernorm: layer norm, ln, layer (normalization|normalisation), mean centered norm, mean subtracting norm, layernorm
    (with mean|)
dynamic tanh: dyt, dynamic (tanh norm|hyperbolic tangent), tanh (instead of|in place of) norm, derf, normalization
    free, norm free
post norm: postnorm, output norm, norm after each block, norm on block output, (post|sandwich|peri|double|branch
    output|post branch|post sublayer|sublayer output) (norm|normalization|normalisation|ln|rmsnorm|layernorm|rms
    norm|layer norm), pre and post norm, pre + post (norm|rms norm|rmsnorm), peri (layernorm|norm), postln, norm
    (after|on output of|at end of|at output of|on) (attention and mlp|each sublayer|every sublayer|each branch|block|
    sublayer|each sub layer|sublayer output|branch output|each branch output|every branch output|branch|sub layer
    output|residual branch output|attention and mlp output|attention and mlp branch output), (normalize|normalise|
    normalized|normalised|normalizing|normalising) (sublayer output|branch output|each branch output|output of each
    branch|output of each sublayer|each sublayer output|block output|output of block|residual branch output|every
    branch output|each branch), (rmsnorm|rms norm|layernorm|layer norm) (on|after) (attention and mlp branch output|
    branch output|each branch|attention and mlp output|sublayer output|each sublayer|each branch output|attention and
    mlp)
learnable norm: norm gain, learnable gain, rmsnorm with learned scale, rmsnorm with learnable gain, rmsnorm with
    learned gain, norm with learned gain, per channel gain, norm scale, (learnable|learned|trainable|affine|
    elementwise affine) (norm|rmsnorm|layernorm|norm gain|norm scale|norm weight|rms norm|rmsnorm gain|rmsnorm
    weight|rmsnorm scale|scale in norm|gain in norm|gain on norm|gain in rmsnorm|normalization), (norm|rmsnorm|rms
    norm|layernorm) (weight|gamma|affine|affine gain|scale parameter|gain parameter|with learnable scale|with weight|
    with affine|with gain|with scale), elementwise affine, gain (in|on|for) (norm|rmsnorm|rms norm|each norm|every
    norm), learnable gain (in|on|for|per channel)
u-net skip: u net, unet, skip connection, long skip from first half to second half, first half to second half skip,
    (u net|unet) (skip connection|connection|style|style skip|shortcut|architecture|structure|pattern|wiring|skips|
    topology|residual), (symmetric|mirrored|mirror|encoder decoder|hourglass|long range|long) (skip|skip connection|
    shortcut|skips|residual connection), (skip|shortcut|connection) (from|between) (early to late|first to last|lower
    to upper|early layer to late|encoder to decoder|lower half to upper half|encoder and decoder|first half to second
    half|early and late|mirrored), encoder half and decoder half, skip weights between halves, (early|encoder|lower)
    layer (feed|feeds|added to|fed to|skip to|output added to) (late|decoder|upper|mirrored)
parallel block: palm style parallel, attention beside mlp, attention mlp parallel, (parallel|concurrent) (attention|
    attn|residual|block|layer|branch|attn mlp|attention mlp|attn + mlp|attention + mlp|attn / mlp|attention / mlp|
    attn & mlp|attention & mlp|attention feed forward|attention ffn|attn and mlp|attention and mlp|attention and ffn|
    attention and feed forward|attn + mlp block|attn ffn|sublayer|formulation|branches|mlp and attention|residual
    branch), parallelize (attention and mlp|attn and mlp|attention and feed forward), (attention|attn|self attention)
    (and|with|beside|next to|alongside) (mlp|ffn|feed forward|feedforward) (in parallel|side by side|concurrently|
    simultaneously|at same time|from same input|from one input|from same norm|from one norm|on same input|from same
    block input|read same input|share input|share one norm), (mlp|ffn|feed forward|feedforward) (and|in parallel
    with|beside|next to|alongside|parallel to) (attention|attn) (in parallel|side by side|simultaneously|from same
    input|), (gpt j|palm|gptj|neox|gpt neox) (style|block|layout|parallel|parallel block|residual|formulation), (mlp|
    ffn) parallel to (attn|attention), attn ||mlp, one norm for attention and mlp, side by side attention and mlp
mixture of experts: moe, mixture of (expert|experts layer|mlp|ffn), (sparse|routed|switch) (mlp|ffn|expert mlp|feed
    forward|mixture|expert layer), switch layer, sparse moe, expert (layer|routing|mlp|mixture), moe (layer|mlp|ffn|
    block|model), (routed|router|gating) expert, (token|expert) router, expert choice
short conv: conv1d, causal 1 d filter, causal filter, causal conv of width, conv of width, convolution of width,
    depthwise causal conv, depthwise causal convolution, (short|depthwise|causal|local|small|1d|temporal|token)
    (conv|convolution|conv1d|convolutional filter|convolution layer|conv layer|1d convolution|1d conv|depthwise conv|
    depthwise convolution|1 d convolution|1 d conv|depthwise conv1d|separable conv), depth wise (conv|convolution),
    (canon|h3 style|mamba style|hyena) (conv|convolution|layer|canon conv), conv (before|on|over|after) (attention|q
    k|qkv|key|q k v|embedding|k), convolution (before|on|over|after) (attention|q k|qkv|key|embedding), conv (mixing|
    stem), shortconv, causal conv 1d
layer sharing: looped, weight sharing, weight tying layer, (share|sharing|shared|tie|tied|tying|reuse|reusing|reused|
    repeat|repeating|recycle|loop|looping) (layer|block|block weight|layer weight|weight across layer|weight between
    layer|weight across block|weight between block|weight across depth|param across layer|parameter across layer|
    parameter between layer|parameter across depth|layer parameter|layers twice|block twice|stack twice|all layer|all
    block|same block|same layer|one block|single block|middle layer|core|stack|trunk), (cross layer|across layer|
    layer weight|depth wise|depthwise weight|albert style|albert|block weight) (sharing|parameter sharing|weight
    sharing|tying|reuse|share), (depth|weight|layer) (recurrence|recurrent|looping|recycling|looped|recursion),
    (looped|recurrent|recursive|weight tied) (layer|block|depth|stack|core|model|middle|net), loop (through|over|
    around|layer|block|stack) (layer|block|stack|), (run|apply|pass through|go through|iterate) (block|stack|same
    layer|layer|same block|same stack|one block|whole stack|trunk|core) (twice|repeatedly|several time|multiple time|
    n time|two time|2 time|again|twice in row|two time in row), weight reuse across depth, apply (each block|each
    layer) twice, mobilellm
layer scale: layerscale, depth scaled residual, (layer|residual|branch|block|sublayer|resid|residual branch) (scale|
    scaling|gain|multiplier|scaler|rescaling) (by depth|per layer|per channel|vector|parameter|with depth|),
    (learned|learnable|trainable|per channel|per layer) (residual|branch|layer|block|sublayer) (scale|gain|scaling|
    multiplier|weight), (scale|multiply|scaling|rescale|damp|shrink) (residual|each branch|residual branch|branch
    output|residual update|sublayer output|block output|each residual branch|norm output|norm|residual contribution)
    (output|by|with|per|), rezero, re zero, fixup, skipinit, deepnorm, residual alpha, (gain|scale|multiplier) on
    (residual branch|residual|branch|each branch|sublayer output|residual update), branch (multiplier|weight|gain|
    coefficient)
bias term: linear bias, biases, bias, bias (vector|parameter|in linear layer|in linear|in attention|in mlp|in
    projection|in all linear), linear (layer bias|with bias|bias term), additive bias, use bias, qkv bias, attention
    bias term
final norm: norm before lm head, norm before unembedding, last norm, norm before head, (final|last|output|closing|
    top) (rmsnorm|rms norm|layernorm|layer norm|normalization|normalisation|norm layer|ln), ln f, norm (at end|before
    output head|before logit|at top|after last block|after last layer|before classifier|before output), norm f,
    normalize before (head|lm head|unembedding|logit)
hyper connections: hyperconnection, manifold hyper connection, (hyper|manifold constrained hyper|mhc|multi stream|
    multiple residual stream|parallel residual stream|expanded residual stream) (connection|residual|), (two|
    multiple|several|n|parallel|multi lane|2) residual (stream|lane), multiple (stream|residual lane), altup,
    residual stream (expansion|replication), frac connection
highway: highway gate, gated residual, residual gate, highway (network|connection|layer|gating|style), (gated|gating)
    (residual connection|skip|skip connection|residual stream|residual branch), gate (residual|residual branch|
    residual update|skip connection|each residual), learned gate on residual, sigmoid gate on residual
weight normalization: spectral norm, weight (norm|normalization|normalisation), (normalize|normalise|normalized|
    normalised|normalizing) (weight|weight row|weight matrix|weight matrices|row of weight|all weight|matrix row),
    unit norm (row|column|weight), weight on unit sphere
orthogonal init: orthogonal initialization, orthogonal start, orthogonal, orthogonally, orthogonal (initialisation|
    initialized|initialised|matrices at init|matrix init|weight init|initial weight|initializer|random matrices),
    orthonormal init, init orthogonal, initialize orthogonally, (initialize|initialise|init) (with|as|to) orthogonal
    (matrices|matrix|)
mup: mu p, maximal update, maximal update parametrization, maximal update (parameterization|parameterisation|param|
    parametrisation), mup (scaling|parameterization|parametrization|style|lr|init|transfer|lr scaling), u mup, tensor
    program, mu parametrization, mu parameterization, completep
depth-scaled init: scaled residual init, scaled init, init by depth, depth dependent init, init scale by depth, gpt 2
    init, (depth|depth dependent|layer|gpt2|gpt 2|1 / sqrt depth|1 / sqrt 2l|inverse sqrt depth|residual|megatron|
    mitchell|depth aware) (scaled init|scaled initialization|init scaling|initialization scaling|scaled
    initialisation|style scaled init|init scale|style init|init scaling by depth|scaled residual init|scaled output
    init), (scale|divide|shrink|scaling) (init|initialization|initialisation|output projection init|residual
    projection init|init std|c proj init|residual init) (by|with) (depth|sqrt depth|number of layer|1 / sqrt|sqrt 2|
    layer count|sqrt of depth|layer index), init (divided|scaled) by (sqrt|depth|square root of depth|number of
    layer|sqrt depth), init std / sqrt, deeper layer smaller init
prelu: parametric relu
selu: selu
celu: celu
softplus: softplus (activation|)
tanh activation: tanh (activation|nonlinearity), hyperbolic tangent activation
xielu: x ielu
star relu: starrelu
polynomial activation: polynorm, poly norm
learnable activation: pade activation
kan: kolmogorov arnold (network|)
sine activation: snake activation, periodic activation, siren
batchnorm: batch (norm|normalization|normalisation), bn, batchnorm1d, batchnorm2d
groupnorm: group (norm|normalization|normalisation)
instancenorm: instance (norm|normalization|normalisation)
pre norm: pre ln, prenorm, pre layernorm, pre rmsnorm, pre normalization, pre normalisation
dense connections: dense (connection|connectivity|skip), denseformer, densenet, depth weighted average, layer
    aggregation, multi layer residual
attention residual: attnres, (attention|attend|softmax mix) over (previous|prior|all previous|all prior) (layer|layer
    output|hidden state|block output), cross layer attention
mixture of depths: token skip layer, dynamic depth per token
spectral norm: spectral (normalization|normalisation|constraint), spectrally normalized
weight standardization: weight standardization
ngpt: hyperspherical, hypersphere
low rank: low rank (matrix|matrices|weight|linear|factorization|factorisation|projection|layer|approximation|mlp|
    attention projection), (factorized|factorised|factored) (linear|weight|matrices|projection|layer), svd
    (factorization|compression|truncation), matrix factorization
block sparse: (structured|block) sparsity, monarch (matrix|matrices), block diagonal (matrix|matrices|weight|linear|
    mlp), butterfly matrix, grouped linear, group linear
pruning: (prune|pruning|pruned) (weight|head|neuron|channel|layer|), magnitude pruning, lottery ticket, sparsify,
    sparsification, weight sparsity, remove small weight
kaiming init: kaiming (init|uniform|normal|he|initialization|), he (init|initialization|normal|uniform)
xavier init: xavier (init|uniform|normal|initialization|), glorot (init|uniform|normal|initialization|)
identity init: identity (init|initialization|initialisation), (init|initialize|initialise) (as|to|at|with) identity,
    start as identity, identity start
mamba: mamba (block|layer|mixer|ssm), mamba 2, mamba2
ssm: (state space|ssm) (model|layer|block|mixer), selective (scan|ssm), structured state space, s4, s4d
rwkv: rwkv (block|layer|), rwkv7, rwkv6
lstm: lstm (layer|cell)
gru: gru (layer|cell)
rnn: recurrent neural network, rnn (layer|cell)
xlstm: xlstm
mingru: min gru
minlstm: min lstm
griffin: rg lru
mlp mixer: gmlp, mixer layer, spatial gating unit
no mlp: attention only (layer|block|model), without mlp layer
attention-free layers: mlp only (layer|block), attention free (layer|block), (layer|block) without attention, no
    attention (in|on) (layer|odd|even|some|first)
byte level model: byte latent, blt, h net, hnet, patching of byte, dynamic chunking
residual-free: no residual connection, without residual connection, remove skip connection
stochastic weight precision: stochastic rounding of weight
"""
