"""The ends of a language model: token tables, value embeddings, input skips, the output head and its logits."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
SOFTCAP: cap on logit, tanh squashing, softcapping, cap of logit, (soft|logit|softcapped|final logit|output logit|
    logit soft|tanh soft|output soft|tanh logit|final) (cap|capping|clamp|bound|squash|squashing|softcap|softcapping|
    capped|soft capping|limit|ceiling|saturation|tanh), softcapped (logit|), soft (clip|clipping|clamp|clamping|
    bound|limit|saturate|saturation) (of|on|logit|), tanh (softcap|cap|clamp|squash|bound|limit|saturation|clip|
    clipping|capping) (of|on|logit|), (clamp|squash|bound|cap|limit|squeeze|saturate|compress|clip) (logit|output|
    output score|output logit|final logit|score) (smoothly|softly|with tanh|by tanh|through tanh|using tanh), (clamp|
    squash|bound|cap|limit|capping|clamping|bounding) (logit|final logit|output logit) (at|to|within|between|),
    (logit|output|score) (squashed|bounded|clamped|capped|saturated|passed) (by|with|through|at) (tanh|), (smooth|
    smoothly|softly) (clamp|clamped|bounded|capped|capping|bound|cap|clamping|saturate|squash) (logit|output|final
    logit|), attn logit softcapping, logit (saturation|scale of tanh|squeeze), cap (final|output) logit, bounded
    logit
VE_GATE_CHANNELS: value embedding gate channel, gate channel, ve gate input, gate input slice, value embedding gate
    input slice, gate input channel, value gate channel, ve gate width, gate input dim, value embedding gate, (ve|
    value embedding|value|value embed) gate (bottleneck|input width|input channel|input dim|fan in|input size|read|
    reader|input feature|features), channel (fed|feeding|read|seen) (to|into|by) (ve|value|value embedding) gate,
    gate (bottleneck|input width|input size|reader channel|fan in|read width), (ve|value) gate (read|see|look at)
VE_GATE_SCALE: value embedding gate scale, gate scale, ve gate range, ve gate multiplier, (ve|value embedding|value|
    value embed) gate (amplitude|gain|factor|max|maximum|ceiling|upper bound|output scale|strength|span|coefficient),
    gate (range|multiplier|amplitude|ceiling)
ATTN_SOFTCAP: (attention|attn|attention logit|attention score|attn logit) (softcap|soft cap|softcapping|logit cap|
    logit softcap|logit softcapping|score cap|tanh cap|capping), softcap (on|for|in) (attention|attn|attention logit|
    attention score), qk clip, qkclip
LOGIT_SCALE: logit (multiplier|scaling|temperature|gain), output (logit scale|logit multiplier|multiplier|
    temperature), (scale|multiply) (final logit|output logit|logit) by, learnable logit (scale|multiplier), final
    logit (scale|multiplier|temperature), scale of (output|final) logit
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
weight tying: weight tie, share embed and unembed, lm head wte, wte lm head, shared wte lm head, share token table
    and output head, wte share weight with lm head, lm head share weight, unembedding share weight, (tie|tying|tied|
    share|sharing|shared) (weight|embedding|embed|emb|input and output embedding|input output embedding|token
    embedding and unembedding|embedding and unembedding|wte and lm head|lm head and wte|wte with lm head|lm head with
    wte|lm head to wte|wte to lm head|head and embedding|embedding and head|head to embedding|lm head to embedding|
    output head to embedding|unembedding to embedding|unembedding and embedding|input and output weight|input and
    output table|input and output matrix|embedding with unembedding|token embedding and output projection|token
    embedding and output head|token embedding and lm head|embedding and output head|embedding with lm head|embedding
    weight|output and input embedding|word embedding|input output weight|input / output embedding|embedding /
    unembedding|wte / lm head|embed / unembed|lm head weight|token embedding with output head|token embedding with lm
    head|embedding and lm head|lm head and embedding|token embedding and unembedding weight|unembedding), (tie|tied|
    tying) (wte|lm head|output head|head|output projection|unembedding), lm head weight = (wte weight|embedding
    weight|embed weight|embed token weight), wte weight = lm head weight, (one|single|same|common|1) (matrix|table|
    weight matrix|embedding matrix|tensor|weight|shared matrix|parameter matrix) (for|between|as|serves|serving|used
    for|shared by|shared between) (both|) (wte and lm head|embedding and unembedding|input and output embedding|input
    and output|embedding and head|embedding and lm head|embed and unembed|lm head and wte|input embedding and output
    head|token embedding and output head|input and output token), share (one|same|single) (matrix|table|weight|weight
    matrix|tensor) between (wte and lm head|embedding and unembedding|input and output|embedding and lm head|
    embedding and head), transposed (wte|embedding|token embedding|embedding matrix|embedding table|token table|wte
    matrix) (as|for|in|used as) (output head|lm head|unembedding|head|output projection|output layer|output matrix|
    classifier), (reuse|use|using|reusing) (transposed|transpose of|same|) (wte|embedding|token embedding|embedding
    matrix|embedding table|token table|input embedding|embedding weight|wte weight|token matrix) (as|for|in) (output
    head|lm head|unembedding|head|output projection|output layer|output matrix|classifier|unembedding matrix), (wte|
    embedding|token embedding) (doubles|doubling|serving|also serves|also used|also acts|used) as (output head|lm
    head|unembedding|head|output projection|output layer), (lm head|head|unembedding|output head|output projection|
    output layer) (share|shares|shared|sharing|reuse|reuses|reusing|equal|equals|tied|is) (weight with|with|to|)
    (wte|embedding|token embedding|embedding table|embedding weight|embedding matrix|input embedding|token table|
    token matrix), embedding transposed as (output|head|unembedding|lm head), (share|shares|sharing) single token
    matrix, emb t as head
untied embedding: (untie|untied|untying|separate|independent|decouple|decoupled|unshared) (weight|embedding|embed|lm
    head|head|output head|wte and lm head|embedding and unembedding|input and output embedding|unembedding|output
    embedding|embedding and lm head|output projection|output matrix|unembedding matrix), own (matrix|weight) for
    (output head|lm head|unembedding), (separate|independent) (matrices|weight|table) for (input and output|embedding
    and unembedding|wte and lm head|embedding and head), (untie|decouple) (lm head|head|unembedding|output head|
    embedding) from (wte|embedding|token embedding|unembedding|lm head), independently initialized untied
value embedding: ve, value embed, value emb, value token embedding, (ve|value embedding|value embed|value emb) (on|
    in|at) (every|all|alternate) layer, token value (embedding|lookup), value stream embedding, (token|embedding)
    (lookup|row|vector|table) (added|summed|mixed|injected) (to|into|in) (v|value|attention value), (added|summed|
    add|sum|mixed|mix|injected|inject) (into|to|in|in to) (attention value|v|value stream|attention v), row (get|are|
    ) summed into v, extra embedding (for|into|added to) (value|v), value injection, lexical (value|injection), token
    conditioned value
x0 skip: x0 residual, x0 residual skip, input skip pathway, inject input embedding, (x0|input|embedding|token
    embedding|initial embedding|first embedding|raw embedding|input embedding|residual x0|normed embedding) (skip|
    shortcut|residual connection|reinjection|re injection|injection|residual reinjection|highway|passthrough|skip
    path|skip connection|shortcut connection|bypass|carry|feed through|mixing|mix in), (reinject|re inject|inject|
    feed|add|mix|mixing|adding|carry|route|blend) (x0|input embedding|token embedding|initial embedding|first
    embedding|raw embedding|embedding|original embedding|raw token embedding|embedding back) (back|) (into|in|to|at)
    (every layer|each layer|every block|each block|all layer|residual stream|all block|residual|later layer|deeper
    layer|stream), (reinject|re inject|reinjecting|re injecting) (x0|input|embedding|token embedding|token), input
    injection (into every layer|), skip (from|to) (input|embedding|x0|token embedding), residual (to|from) (input|x0|
    embedding|token embedding), late layer see embedding, access to (token embedding|raw embedding|input embedding)
token shift: smear, smeargate, smear gate, shift token, previous token mix, (token|time|previous token|sequence|
    temporal) (shift|smear|smearing|mixing|shifting|shifted|blend|blending), smear (module|gating|token|embedding),
    (mix|blend|add|combine|average|interpolate|lerp) (each token|token|each position|embedding|each embedding|hidden
    state|current token|current) (with|and) (previous|preceding|prior|one before|left neighbour|left neighbor|
    previous token), rwkv (shift|style shift), (previous|preceding) token (embedding mix|blend|added|smear|mixed in|
    leak), (shift|lag) by one (token|position), token lerp, look one token back, gate previous token into
bigram: bigramhash, hashed bigram, (bigram|2 gram|two gram|trigram|3 gram|n gram|ngram|hashed n gram|hash bigram|
    previous token pair) (table|hash|embedding|hash embedding|hash table|lookup|lookup table|feature|logit|logit
    bias|prior|head|hashing|embed|hashed embedding|hash lookup|memory), hash (embedding|of previous token|of token
    pair), hashed (n gram|ngram|token pair|pair of token) (embedding|table|), token pair (embedding|hash|table|
    lookup), embedding of (token pair|previous two token|last two token), engram, n gram (engram|memory)
logit bias: lm head bias, unembedding bias, (bias|bias vector|bias term) (on|for|in|at) (logit|output head|lm head|
    unembedding|output|output logit|output layer|head|vocabulary logit), (output|head|logit|vocab|unigram|per token|
    vocabulary|token) (bias|logit bias|bias vector|bias term), unigram (prior|log prior|bias init), (initialize|init)
    (output bias|logit bias) (with|to) (log frequency|unigram|log unigram), log frequency bias
value residual: v1 mixing, value mixing, first layer value, resformer, (value|v) (residual|skip|shortcut|residual
    connection|residual learning|carry|reuse|highway), v1 (residual|mix|skip|blend), (first|layer 1|first block|layer
    0) (layer|block|) v (mixed|blended|reused|added|carried|shared), (mix|blend|reuse|share|add|carry|combine|
    interpolate) (first layer|first block|layer 1|layer 0|first) (value|v|values|attention value) (into|with|in|
    across|to|), value (from|of) (first|layer 1|layer 0) (layer|block|), (first|initial) (layer|block) value
    (residual|skip|mixed into|reused|added|carried), resformer value, values of layer one, cross layer value
embedding scale: scale embedding, multiply embedding, sqrt d embedding scale, (embedding|embed|emb|input embedding|
    token embedding|input) (scale|scaling|multiplier|gain|rescale|scale factor), (scale|multiply|rescale|scaling|
    multiplying) (token embedding|input embedding|embedding|embed|embedding output|wte output) (by|up|output|with),
    sqrt (d model|model dim|dim) (scaling|embedding scale), embedding (times|scaled by|multiplied by) sqrt, gemma
    style embedding scale, embedding output scale
embedding norm: initial embedding norm, (embedding|embed|emb|input embedding|token embedding|post embedding|input)
    (norm|normalization|normalisation|rmsnorm|layernorm|rms norm|layer norm), (norm|rmsnorm|layernorm|rms norm|layer
    norm|normalization) (after|on|over|right after|of) (embedding|token embedding|input embedding|wte|embed|embedding
    layer|embedding output|embedding lookup), (normalize|normalise|rms normalize) (token embedding|input embedding|
    embedding|embedding output|wte output|x after embedding)
memory tokens: sink register, (register|memory|meta|learnable|prefix|persistent|extra) (token|token prefix|slot|
    vector prepended|tokens prepended|memory), prefix (tuning|token), (prepend|prepended) (learnable|learned|
    trainable) token, soft prompt, persistent (key value|memory vector), learnable (kv|key value)
factorized embedding: (factorized|factorised|low rank|factored|bottlenecked|decomposed) (embedding|token embedding|
    embedding table|embed|embedding matrix|input embedding|wte), (factor|factorize|factorise|decompose) (embedding|
    token embedding|embedding table|embedding matrix|wte|input embedding), albert embedding, embedding
    (factorization|factorisation|bottleneck|low rank), small embedding (with|plus|then) projection, low rank
    (factorization|factorisation) of embedding
factorized value embedding: (factorized|factorised|low rank|factored|bottlenecked|decomposed) (ve|value embedding|
    value embedding table|ve table|value table|value embed), (factor|factorize|factorise|decompose) (ve|value
    embedding|value embedding table|ve table|value table|value embed), low rank (factorization|factorisation) of (ve|
    value embedding)
factorized head: (factorized|factorised|low rank|factored|bottlenecked|decomposed) (lm head|head|unembedding|output
    head|output projection layer), (factor|factorize|factorise|decompose) (lm head|head|unembedding|output head)
multi-head output: multiple (output head|lm head|softmax), mixture of softmax
adaptive softmax: hierarchical softmax, sampled softmax, adaptive input
copy mechanism: copy (mechanism|head), pointer (network|generator|sentinel), pointer head, cache (model|lm), neural
    cache, knn lm
shared value embedding: (share|reuse|sharing|reusing|use|using) (one|single|same|common|) (auxiliary|learned|) (ve|
    value embedding|value emb|value embed) (table|lookup|matrix|) (across|between|in|for|over|at) (all|every|each|)
    (layer|block), (one|single|common|shared|global|same) (auxiliary|learned|) (ve|value embedding|value emb|value
    embed) (table|lookup|matrix|) (shared|reused|used|) (by|across|in|between|for) (all|every|each) (layer|block),
    (shared|global) (auxiliary|) (ve|value embedding|value emb|value embed) (table|)
"""
