"""Compilers, kernels, memory and inference servers."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
THREADS: num thread, n thread
N_WARPS: num warp, warp
N_STAGES: num stage, pipeline stage
GPU_MEM_FRACTION: mem frac, gpu memory utilization, mem fraction, memory fraction, mem fraction static
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
torch compile: compile, compiled, compiled model, torch inductor
max-autotune: max autotune
reduce-overhead: reduce overhead
fullgraph: full graph
autotune: autotuning, autotune config
cuda graph: cudagraph, graph capture, cuda graph capture
activation checkpointing: gradient checkpointing, recompute activation, grad checkpointing, activation recomputation,
    rematerialization, recompute attention, checkpoint only, checkpoint activation, recompute in backward,
    recompute activation in backward
fused: fuse, fusion
chunked cross entropy: chunked ce, chunked loss, cross entropy in chunk, chunk cross entropy, loss in chunk,
    sliced cross entropy
prefetch: prefetching, prefetch thread, background loader, load batch ahead, loader thread, prefetcher,
    async data loading, read batch ahead, asynchronous data loading, prefetch batch, load next batch ahead,
    background thread for batch
pinned memory: pin memory, pinned host memory, pinned buffer, page locked memory, page locked
gc freeze: gc freeze
gc disable: disable gc, gc off, turn off garbage collection, disable garbage collection
gc: garbage collection, garbage collector
ddp: distributed data parallel, data parallel
kv cache: attention cache
chunked prefill: chunked prefill
prefix caching: prefix cache
speculative decoding: speculative, spec draft, draft model, spec
"""
