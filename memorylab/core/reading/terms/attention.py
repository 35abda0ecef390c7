"""Attention: heads, windows, positions, masks, gates and its kernels."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
HEAD_DIM: headdim, (head|attention head|per head|q head|query head) (dim|dimension|size|width|channel|
    dimensionality), (dim|channel|width|dimension|size|feature) (per|of each|of every) (attention head|head), d
    (head|k|kv), dhead, head (widths|channels), dim head, size of (head|each head|attention head)
N_HEAD: head, num head, number of head, (attention|attn|query|q) (head count|heads), number of (attention head|query
    head|q head|attn head), (num|n) (attention head|q head|query head|attn head), nhead, head count, head number,
    heads of attention, count of (head|attention head|query head)
N_KV_HEAD: kv, nkv, (kv|key value|key / value|key and value|k / v|k v|k and v|grouped kv|key) (head|group|head count|
    heads|head group|pair), number of (kv head|key value head|kv group|key / value head|query group|kv pair), (num|n)
    (kv head|key value head|kv group|query group|key value group|kv heads), nkvhead, kv (head|heads) (count|number|),
    query per kv (head|group), query head per (kv head|kv group), gqa (group|ratio|group size), kv sharing ratio,
    shared kv head, shared key value head
WINDOW_PATTERN: attention pattern, windowing pattern, layer pattern, attn pattern, (window|attention window|sliding
    window|local global|local / global|local and global|short long|window size) (pattern|layout|arrangement|sequence
    of layer|mix|interleaving|schedule across layer|assignment|alternation|order|cycle|placement|mixture), pattern of
    (local and global|window|sliding window|attention|long and short) (layer|attention|window|), (alternating|
    alternate|interleave|interleaved|interleaving|mix of) (local and global|local / global|local global|sliding and
    full|short and long|global and local|full and sliding|windowed and full|full and local|window) (attention|layer|
    window|), (ratio|number) of (local to global|global layer|full attention layer|long window|global attention
    layer), (which|what) layer (use|get|have) (full|global) attention, layer types, arrangement of (window|local and
    global layer|attention window)
SHORT_WINDOW: window, (short|sliding|local|attention|sliding attention|short attention|local attention|small|narrow|s
    layer|s block|s window|causal|banded) (window|window size|window length|window width|span|context|context window|
    range|radius|field|view|attention window|attention span|window token|horizon|band|window fraction|attention
    range|reach), sliding (window length|window attention|window width|window attention size|attention), window
    (size|length|width|span|of|radius|token), (local|windowed|sliding|banded|short range) (attention|attn) (see|sees|
    cover|covers|limited to|restricted to|over|size|reach|reaches|span|spans|look|looks|range|length|width|extent|
    horizon|window of|to|with|), token (back|in past|of lookback), lookback window, attention (lookback|span|
    reach|range|horizon|field|distance), (short|local) layer (window|see|sees|attend), swa window, ws short, ws long,
    window block size, attn window, local (context|span) size, long window (size|), width of (attention|local|
    sliding) window, size of (attention|local|sliding) window, length of (attention|local|sliding) window
ROPE_BASE: base frequency, theta base, frequency base, theta, (rope|rotary|rotary embedding|rotary position
    embedding|positional|rope frequency|rotary positional embedding|rope position|position encoding|rotary position)
    (base|theta|base frequency|frequency|freq|base freq|frequency base|theta base|wavelength|base value|base period|
    base theta|period|frequency scale|max period|angle base|base wavelength|rotation base|constant), base (frequency
    of rope|of rope|of rotary|of rotary embedding|theta|period of rope|frequency of rotary|wavelength of rope|for
    rope|for rotary|of rotary frequency|of rotary position embedding), freq base, rope freq base, theta (of|for|in)
    (rope|rotary), (rotary|rope) (rotates slower|rotate slower|rotation speed|frequencies), max wavelength
PARTIAL_ROPE: rotary position on, rotary on, (partial|fractional|half|truncated|reduced|incomplete|selective|part|
    quarter|gptj style) (rope|rotary|rotary embedding|rotary position|rotary position embedding|rotary dim|rotation|
    rope dim|rotary application|rotary encoding), (rotary|rope|rotation|rotated) (fraction|pct|percent|percentage|
    dim|dims|ratio|share|ndims|ndim|portion|proportion|dimension|channel|dim fraction|on first|on only|applied to|on
    half|on part|on fraction|only on|over|on quarter|dims only), (rotate|rotating|rotation of|apply rope to|apply
    rotary to|apply rotary embedding to|rope only|rotary only|rope applied to|rope on|rotary applied to|rotating
    only) (only|half|part|some|first|fraction|subset|quarter|just|few) (of|dims|dim|channel|head dim|each head|head
    dims|), partial rotary factor, rotary embedding on (part|half|fraction|only), (leave|keep) (half|rest|part|some|
    other) of (head|head dim|dim|channel|each head|head dims) (unrotated|without rotation|position free|without
    rope), unrotated (dim|channel|half|dims), (dim|channel) (rotated|with rope|with rotary), half truncate rope,
    position free channel, (dim|channel|dims) per head rotated, rotated (dims|dim) per head
QK_GAIN: (qk|q / k|q k|query|q|query key|attention) (gain|gain init|learnable gain|scale gain|multiplier gain), gain
    (on|for|of) (q|qk|query|normalized q|q and k|normalized query), (learnable|learned|per head) (qk|q|query|
    attention) gain, (gain|scale) after qk norm, qk norm (gain|scale|multiplier)
ATTN_SCALE: logit scale, qk dot product, qk product, softmax scale of attention, scale attention score, (attention|
    attn|sdpa|softmax|qk|dot product|attention logit|attention score|attn logit|score|q k|attention softmax|pre
    softmax|query key) (scale|scaling|temperature|temp|multiplier|scale factor|scaling factor|softmax scale|softmax
    temperature|sharpness|logit scale|inverse temperature|dot product scale|scalar|divisor), (scale|scaling|
    temperature|multiplier|sharpness) (of|on|for|in) (attention|attention logit|attention score|attention softmax|qk|
    qk product|softmax|sdpa|attn logit|qk dot product|dot product attention|query key product), (divide|multiply|
    scale|dividing|scaling) (qk|qk dot product|attention score|attention logit|attn logit|dot product|qk product|
    score|qk score) by, (learnable|learned|trainable|per head|per layer) (attention temperature|softmax scale|
    attention scale|softmax temperature|attn temperature|attn scale|attention softmax scale), query (scale|
    temperature|scaling), query head temperature, scaled attention logit, ssmax, scalable softmax, log n scaling
ROPE_SCALING: rope (scaling|scale|extension|interpolation), position interpolation, rope scaling factor
ATTN_WINDOW_BLOCK: attention block size, block sparse attention block
ATTN_BACKEND: (attn|attention) implementation
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
qk norm: qknorm, (qk|q k|query key|q / k|query and key|q and k|query / key|key query) (norm|normalization|
    normalisation|rmsnorm|rms norm|layernorm|l2 norm|rms normalization|layer norm|normalize|normalized|normalised|rms
    normalisation), (normalize|normalise|normalizing|normalising|rms normalize|rmsnorm|l2 normalize|unit normalize)
    (query and key|q and k|q / k|qk|queries and key|q k|key and query|both query and key|queries and keys), (norm|
    rmsnorm|rms norm|layernorm|layer norm|normalization) (on|for|of|over|applied to|to) (q and k|query and key|q / k|
    qk|queries and key|q k|key and query|queries and keys), cosine attention, norm (q|query) and (k|key), unit length
    query and key
mqa: multi query attention, multi query, query head share one kv pair, query head share one kv head, share one k v
    pair, share one k v head, multiquery, (all|every|each) (query head|head) (share|shares|sharing|use|using) (one|
    single|same) (kv head|k v pair|kv pair|key value head|k / v pair|key and value|key / value pair|kv|key value
    pair), (single|one|1) (shared|) (kv head|key value head|kv pair|k v head|k / v head|key / value head|kv group|key
    value pair) (for all|shared by all|across all|), share (one|single) (kv|kv head|key value head)
gqa: grouped query attention, grouped query, (grouped|group) query (attn|attention head|head|key value), (share|
    sharing|group) (kv|key value|key and value|k / v) (across|between|among) (query head|head|group), grouped kv
    (attention|head), gqa attention, kv head sharing, grouped key value
mla: multi latent attention, latent attention, multi head latent attention, (compressed|low rank|latent) (kv|key
    value|kv attention|key value attention|kv cache|kv projection), deepseek (attention|mla|style attention), kv
    (lora rank|compression)
full attention: full window, long window everywhere, all full context window, (full|global|unrestricted|dense|long
    range|complete|full causal|full sequence|full range|unwindowed|full length|full context|whole context|full
    window) (attention|context attention|causal attention|self attention|attn|context window|context|window
    attention|sequence attention) (everywhere|in every layer|in all layer|on every layer|on all layer|at every layer|
    in every block|in all block|layer|), (no|without|remove|drop|disable|removing|dropping|disabling) (sliding
    window|local attention|windowed attention|window|short window|attention window|sliding window attention|banded
    attention|windowing|local window|sliding attention|local layer) (anywhere|at all|attention|), (every|all|each)
    (layer|block) (see|sees|attend|attends|attending|cover|look) (to|at|over|) (full|whole|entire|complete|
    everything|all) (context|sequence|token|history|), (all|every) (layer|block) (global|full|full attention|full
    context|full window|global attention|long|long window|fully global), all (global|full|long) (attention|layer|
    window|), fully global, attend to (whole|entire|full) (context|sequence) (everywhere|in every layer|in every
    block|in all layer)
linear attention: deltanet, (linear|linearized|linearised|kernelized|delta|gated delta|kernelised|subquadratic)
    (attention layer|attn|net|rule|attention kernel|attention head), (gated|kimi) (deltanet|delta net|linear
    attention|delta attention), gla, retnet, retention (layer|head|), performer, based attention, lightning attention
differential attention: diff attention, (differential|diff|difference) (attention head|attn|style attention|of two
    softmax|attention map), (subtract|difference of|subtracting) (two|pair of|second) (attention map|softmax|
    attention softmax|attention pattern|softmax map|attention distribution), noise cancelling attention, two softmax
    subtracted
gated attention: gate on attention, gate on sdpa output, (attention|attn|sdpa|head|headwise|head wise|per head|sparse
    attention|attention output|attn output|sdpa output|query dependent|attention head|attention value|output) (gate|
    gating|output gate|output gating|head gate|sigmoid gate|gated output|gates), (sigmoid|learned|learnable|per head|
    elementwise|multiplicative|input dependent|headwise|token dependent) (gate|gating|output gate) (on|for|after|
    over|at|of) (attention|attn|attention output|attn output|sdpa|sdpa output|head output|each head|attention head|
    each attention head|output of attention|each head output|heads), gate (attention|attn|sdpa|attention output|attn
    output|sdpa output|each head|head output|each attention head|output of attention|heads|each head output|output of
    each head|attention head) (output|by sigmoid|with sigmoid|with learned sigmoid|), (multiply|scale|modulate)
    (attention output|attn output|each head output|head output|sdpa output|output of each head) (by|with) (sigmoid|
    gate|learned gate|sigmoid gate), (gated|gating) (sdpa|attn|multi head attention|attention output|head|self
    attention|softmax attention|head output)
attention sink: sink token, sink logit, (attention|learned|learnable|softmax|sink|null|dummy) (sink|sinks|sink token|
    sink logit|sink bias|sink key|null key|null token|attention sink), (extra|learned|learnable) (logit in softmax|
    softmax logit|denominator logit|null key|null kv|zero key|softmax bias|sink), softmax (off by one|plus one|1|with
    sink|one), off by one softmax, quiet attention, quiet softmax, gpt oss sink, attend to nothing, null attention
exclusive self attention: xsa, (exclude|excluding|remove|mask|subtract|removing) (own value|self value|self token|
    self component|own token|self position|diagonal|own position) (from|in|) (attention|attention output|), attention
    (without self|excluding self|to others only|minus own value), orthogonal to own value, no attention to self, no
    self attention to own token, diagonal masked attention
flash attention: fa2, fa3, flash attention 2, flash attention 3, fa3 kernel, fa 3, flash attn (2|3|4|v2|v3|varlen|
    func|kernel|interface|), flash attention (v2|v3|4|kernel|varlen|), fa (kernel|4|), fa4, flash2, flash3,
    flashattn, flashattention (2|3|4|v2|v3|kernel|), fused attention kernel, tiled softmax attention, memory
    efficient attention, xformers (attention|), flash decoding, flash (kernel|sdp)
sdpa: (torch|pytorch|native) (sdpa|attention|scaled dot product attention), f scaled dot product attention, f sdpa,
    scaled dot product attention (kernel|), sdpa (backend|kernel|attention|math), cudnn attention, math attention
    backend
flex attention: flexattention, flex (attn|attention kernel), flexattn, block mask (attention|), create block mask
document masking: cu seqlen, no cross document attention, attention across document, attend across document, doc
    isolated, mask across document, attention across doc, attend across doc, attention between document, attention
    confined to document, (document|doc|intra document|cross document|per document|sequence packing|packed|intra doc|
    document aware|document level|document boundary|block diagonal|varlen|same document) (mask|masking|masked
    attention|attention mask|causal mask|attention masking|isolation|boundary|aware attention|isolated attention|
    attention|boundary masking|block mask|separation|causal attention|barrier), (no|without|block|forbid|disable|
    stop|mask|masking|cut) (attention|attending|attention flow|attend|leakage|information flow|token attending|
    context leakage|cross contamination) (across|over|between|past|beyond|through) (document|doc|document boundary|
    doc boundary|packed document|bos|documents boundary|boundary|packed doc), (attention|attend|attending|token
    attend|attends|query attend) (only|) (within|inside|in) (own|same|one|each|single|) (document|doc), (confine|
    restrict|limit|isolate|reset|keep) (attention|attention window|each token|attending|documents|document|token)
    (to|within|inside|at|from) (own|same|each|single|one|current|) (document|doc|document boundary|doc boundary|each
    other|bos), (reset|cut) attention at (document|doc|bos|document boundary|eos|boundary), never cross document
    (boundary|), (cross|crossing) document boundary, varlen (flash attention|flash attn|kernel|), document id mask,
    doc id, seqlens mask, token (from|of) other document (invisible|masked|hidden), (hide|mask|ignore) (other|
    earlier|previous|preceding) document
learned position: wpe, (learned|learnable|trainable|absolute|gpt2 style|gpt 2 style|learned absolute) (position|
    positional|positional embedding|position embedding|position encoding|positional encoding|position table|position
    vector|absolute position|absolute positional|absolute position embedding|absolute positional embedding|position
    embed|pos emb|pos embed|position lookup), (position|positional) (table|embedding table|embedding learned|lookup|
    embedding matrix|vector table|embed table), pos (emb|embed|embedding) (learned|table|), (embedding|table|vector)
    (for each|per) (position|time step), wpe table, learn (position table|position embedding|positional embedding|
    position vector|absolute position)
no position: (no|without|remove|drop|removing|disable|omit|dropping) (rope|rotary|position encoding|positional
    encoding|position embedding|positional embedding|position information|rotary embedding|position signal|positional
    information|rotary position|rotary position embedding), nope (layer|attention|), position (free|less) (attention|
    layer), rope free (layer|), no pe, unrotated attention
alibi: (linear|distance) (attention bias|bias on attention|position bias|attention penalty), attention with linear
    bias, alibi (bias|slope|position), distance penalty on attention, recency bias in attention
mha: full mha, full multi head (attention|kv), (one|own|separate|full) kv head per query head, (as many|equal number
    of) kv head as query head, no gqa, no kv sharing, full kv head, every head own kv, plain multi head attention
final global: (global|full) (attention|) only in (last|final) layer, (last|final) layer (global|full attention|full
    context|long)
eager attention: eager (attention|attn|mode attention|implementation of attention), attn implementation (= |) eager,
    (naive|manual|explicit|plain|unfused|hand written) (attention|attention implementation|softmax attention)
causal mask: causal (mask|masking), lower triangular mask, triangular mask
bidirectional attention: bidirectional (attention|context|mask), non causal (attention|mask), full bidirectional,
    prefix lm, unmasked attention, encoder style attention
sinusoidal position: (sinusoidal|sine cosine|sin cos|fixed sinusoidal|sine|fourier) (position|positional|position
    embedding|positional embedding|positional encoding|position encoding|encoding|embedding|pe)
relative position bias: relative (position|positional) (bias|embedding|encoding|attention), t5 (bias|relative bias|
    position bias), rel pos (bias|), learned distance bias, relative attention bias
kerple: kerple
fire position: fire position encoding
position scheme: position (scheme|encoding type), positional scheme
talking heads: talking (head|heads attention), mix across head, cross head mixing, head mixing, mix attention head
key shift: key (shift|offset|shifting), shift key, shifted key, k shift, paired head, shift keys by one
kv sharing: (cross layer|across layer|between layer|layer wise) (kv|key value|kv cache|k v|attention) (sharing|share|
    reuse|cache sharing), (share|reuse|sharing) (kv|key value|k v|key and value|kv cache) (across|between|from)
    (layer|adjacent layer|previous layer|block|neighbouring layer), cla, yoco, k = v, shared key and value
    projection, key equal value, tie (key and value|k and v)
sparse attention: (sparse|block sparse|native sparse) (attn|attention pattern|self attention), nsa
dilated attention: (dilated|strided) (attention|attn|window)
longformer: longformer
bigbird: big bird
routing attention: routing attention
attention dropout: attention probability dropout
multi-token attention: conv over attention (score|map|logit), attention map convolution
sigmoid attention: sigmoid attention weight
relu attention: relu attention weight
softmax-free attention: softmax free attention
entmax: entmax attention
stick-breaking attention: stickbreaking attention, stick breaking
forgetting attention: forget gate (attention|in attention), fox attention
yarn: yarn (scaling|extension)
ntk scaling: ntk (aware|aware scaling|rope), dynamic ntk
longrope: longrope
"""
