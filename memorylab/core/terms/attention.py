"""Attention: heads, windows, positions, masks, gates and its kernels."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
HEAD_DIM: head size, d head, dim per head, head dimension, head width, headdim, channel per head
N_HEAD: head, num head, attention head, query head, number of head, q head
N_KV_HEAD: kv head, kv, num kv head, k v head, key value head, k v pair, kv pair, kv group, nkv
WINDOW_PATTERN: attention pattern, windowing pattern, layer pattern, sliding window pattern, attn pattern,
    window layout
SHORT_WINDOW: short window size, sliding window, window size, local window, attention window, sliding window size,
    window, short attention window, local attention window, short span
ROPE_BASE: rotary base, rope theta, rotary theta, rope base frequency, rope frequency, base frequency, rope freq,
    theta base, rope base freq, rotary base frequency, rotary frequency base, frequency base, rope base theta,
    rotary embedding base, theta
PARTIAL_ROPE: partial rotary, rotary fraction, rope fraction, rotary position on, rotate only, rotary dim, rope dim,
    rotary on part, half rope, rotary pct, rotate part, rope on part, rotary on
QK_GAIN: qk gain init, q gain, attention gain, qk scale gain
ATTN_SCALE: attention scale, sdpa scale, softmax scale, qk scale, attention scaling, logit scale,
    attention logit scale, scale of attention, qk dot product, attention temperature, attn temperature, attn temp,
    attention softmax temperature, softmax temperature, scale qk product by, qk product, scale of qk,
    softmax scale of attention, attention softmax scale, scale attention score, attention score scale
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
qk norm: qknorm, qk normalization, query key norm, normalize q and k, query and key norm, norm on q and k,
    norm of query and key
mqa: multi query attention, multi query, single shared kv head, one kv head, query head share one kv pair,
    query head share one kv head, share one k v pair, share one k v head
gqa: grouped query attention, grouped query
mla: multi latent attention, latent attention, multi head latent attention
full attention: full context attention, full window, full context window, global attention, all full attention,
    full attention layer, long window everywhere, all full context window, no sliding window, without sliding window,
    no window, no short window, all long window, every layer full attention, global attention in every layer
linear attention: gated deltanet, deltanet, retention
differential attention: diff attention, diff attn
gated attention: attention gate, attention output gate, attention output gating, attn gate, sparse attention gate,
    head gate, per head gating, sigmoid gate on attention, attn output gate, gate on attention, headwise gate,
    sigmoid gate on sdpa output, gate attention output, gate on sdpa output, per head gate, head wise gate,
    sigmoid gate on attention output
attention sink: sink token, sink logit
exclusive self attention: xsa
flash attention: flash attn, fa, fa2, fa3, flash attention 2, flash attention 3, fa3 kernel, flash attn 3,
    flashattention, flashattention 3, fa 3
sdpa: scaled dot product attention
flex attention: flexattention
document masking: doc masking, varlen, varlen attention, cu seqlen, doc mask, document mask,
    no attention across document, no cross document attention, attention across document, attend across document,
    block diagonal attention, intra document masking, cross document attention, doc isolated, cross document boundary,
    mask across document, document boundary mask, attention across doc, attend across doc, attention between document,
    document isolation, attention within document, attend within document, mask attention across document,
    attention confined to document, document causal mask
learned position: learned positional embedding, absolute position, learned position embedding, wpe
no position: nope, no positional embedding, no rope
alibi: alibi
"""
