"""Compilers, kernels, memory and inference servers."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
THREADS: (cpu|omp|openmp|num|n|worker|torch|intra op|number of|mkl|host|inference|decode|batch) (thread|threads|
    thread count), thread (count|number|per process), omp num thread, threads batch, torch num thread, set num
    thread, n job, parallel job, num core, cpu core, number of (core|cpu core)
N_WARPS: warp, (number of|num|n) (warp|warps|simdgroup|wavefront|subgroup), warp (count|per block|per cta|number),
    nwarps
N_STAGES: (number of|num|n|software|pipeline|pipelining|software pipeline|buffering|smem|async copy) (stage|stages|
    pipeline stage|pipelining stage|pipelining depth|pipeline depth|buffer stage|depth|pipelining), pipeline (depth|
    stage count), stage in pipeline
GPU_MEM_FRACTION: mem frac, memory fraction, (gpu|vram|static|device|cuda) (memory|mem) (utilization|utilisation|
    fraction|share|limit|usage fraction|budget|reserve|ratio|percentage), gpu memory util, mem fraction (static|),
    (fraction|share|part|portion) of (gpu memory|vram|device memory|gpu ram|memory for kv cache|gpu mem), memory
    utilization, gpu utilization limit, kv cache (budget|memory fraction|free gpu mem fraction), free gpu memory
    fraction
THREADS_PER_BLOCK: thread per (block|cta|threadblock|workgroup), (block|workgroup|threadgroup|cta|thread block) (dim|
    thread|of thread), blockdim, threads in block, work group size, workgroup size, threadgroup size, threadblock
    size, local work size, launch bound
GRID_SIZE: grid (size|dim|shape|launch), number of (block launched|threadblock|cta|program), griddim, block per sm,
    cta per sm, occupancy (target|)
TILE_SIZE: (tile|block|tiling|cta) (size|shape|m|n|k|size m|size n|size k|dim|m n|m n k|width|height|q|kv), block (m|
    n|k|size m|size n|size k|q|kv), tiling (factor|dimension), bm bn bk, tile of, tile, size of tile, threadblock
    tile
GROUP_M: group (m|size m), swizzle group, program grouping, l2 swizzle group
UNROLL: unroll (factor|loop|inner loop|by|depth|), loop unrolling, pragma unroll, unrolled (loop|inner loop|by),
    unrolling
VECTOR_WIDTH: vector (width|load width|lane|size), (vectorized|vectorised|vector|wide|128 bit|float4|half2|half8|
    packed|16 byte|uint4) (load|store|memory access|access|memory load|load and store|loads|read), vectorize (load|
    store|memory access), float4, half2, int4 load, simd width
SPLIT_K: split k (factor|slice|), split kv, splitk, (number of|num) split, kv split, k split, flash decoding split
PAGE_SIZE: (kv|kv cache|cache|memory|attention|paged attention|block manager) (page|page size|block size|pages|
    block), page (size|of token|length), block size of kv cache, paged kv, token per (page|kv block), pages of
MAX_NUM_SEQS: (max|maximum) (num seq|num sequence|concurrent request|concurrent sequence|running request|number of
    sequence|concurrency|num req|batch sequence|parallel request|num request|running seq|concurrent seq), (cap|limit|
    bound) (concurrent|running|parallel|number of) (sequence|request|seq|requests), (concurrent|parallel|
    simultaneous|in flight) (sequence|request|stream|user|client|decode sequence|requests), (batch|scheduler) slot,
    number of (slot|concurrent request|concurrent sequence|parallel sequence|parallel request), parallel slot, np
    slot, n parallel, concurrency (level|limit|of|), concurrent
MAX_BATCHED_TOKENS: (max|maximum) (num batched token|batched token|number of batched token|batch token|prefill token|
    num token|token per iteration|total token), batched token, (token|prefill|batch|iteration|scheduler) (budget|
    token budget|budget per step), long prefill token threshold, chunked prefill size, prefill chunk (size|)
MAX_MODEL_LEN: model len, (serving|server|served) context (length|)
UBATCH_SIZE: ubatch (size|), physical batch size, n ubatch, micro batch of llama
N_BATCH: logical batch, logical batch size, prompt batch size, prompt processing batch
GPU_LAYERS: (gpu|offloaded|offload) layer, n gpu layer, ngl, layer (on|in|offloaded to) (gpu|vram), number of layer
    on gpu, offload layer to gpu, cpu moe, n cpu moe
DRAFT_TOKENS: (draft|speculative|speculated|drafted|lookahead|proposed|speculation) (token|length|depth|tokens|token
    count|len|steps|window), (number of|num|max|n) (draft token|speculative token|draft|drafted token|speculated
    token|draft step), num (speculative step|draft token|spec token), speculation (depth|length), draft (max|n max|
    step|per step), gamma draft, token drafted
TENSOR_PARALLEL: tensor (parallel|parallelism|model parallel) (size|degree|), tp (size|degree)
PIPELINE_PARALLEL: pipeline (parallel|parallelism) (size|degree|), pp size
EXPERT_PARALLEL: expert (parallel|parallelism) (size|), ep size
DATA_PARALLEL: (data parallel|dp) (size|degree|replica), number of (gpu|replica|device|node), world size, nproc per
    node, num gpu
SCHEDULE_STEPS: num scheduler step, multi step scheduling
CACHE_SIZE: cache (size|capacity|limit|entries), (lru|result) cache size, size of cache, maxsize
TIMEOUT: timeout (second|ms|), time out
MAX_NEW_TOKENS: max output token, max generated token, num predict, n predict, output length, generation length, max
    completion token
TOP_P: nucleus (sampling|), topp
MIN_P: min p
REPETITION_PENALTY: (repetition|repeat|frequency|presence) penalty, no repeat ngram size, no repeat n gram size
NUM_BEAMS: (num|number of|n) beam, beam (size|width|search|count)
COMPRESSION_LEVEL: (compression|zstd|zlib|gzip|brotli|lzma) level, compress level, level of compression
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
torch compile: compile, compiled, torch (compile|compiled|inductor|compilation|dynamo|compile model), (compile|
    compiled|compiling|jit|jitted|jit compile) (model|whole model|network|with torch compile|with inductor),
    torchinductor, inductor (backend|), torch jit, torchscript, torchdynamo, compile mode, graph compilation,
    compilation of model, jax jit
max-autotune: max autotune (mode|gemm|compile|), mode max autotune, compile with max autotune, maxautotune,
    coordinate descent tuning
reduce-overhead: reduce overhead (mode|), mode reduce overhead
fullgraph: full graph, fullgraph true, (no|without) graph break, whole graph compile, single graph compile, one graph
autotune: autotuning, autotune config, auto tune, auto tuning, (kernel|triton|config|tile|batch size|block size)
    (autotune|autotuning|autotuner|tuning search), autotuner, autotuned, auto tuned, autotune (key|search|space)
cuda graph: (cuda|hip|gpu) (graph|graphs|graph replay|graph capture|graph decoding|graph mode), capture (cuda graph|
    step in graph|graph|step as graph|step as cuda graph), (graph|graphs) (capture|replay|captured|captured step|
    replayed), cudagraph (mode|capture|), replay captured (graph|step), captured graph, cudagraph capture size,
    piecewise cuda graph
activation checkpointing: rematerialization, recompute attention, checkpoint only, checkpoint activation, recompute
    activation in backward, (activation|gradient|grad|selective|selective activation|block|layer) (checkpointing|
    checkpoint|recomputation|recompute|rematerialization|recomputing|rematerialisation|checkpoints|offload no),
    (recompute|recomputing|rematerialize|rematerialise) (activation|forward|forward pass|hidden state|intermediate|in
    backward|during backward|on backward), (not|don t|avoid) (store|storing|save|saving|keep) (activation|
    intermediate), remat, torch utils checkpoint, (trade|save) memory by recomputing, activation (recompute|
    offloading|offload)
fused: fuse, fusion, fusing, (kernel|epilogue|operator|op|horizontal|vertical) (fusion|fused|fusing), single kernel,
    one kernel, single pass kernel, fused kernel, merge into one kernel
chunked cross entropy: (chunk|chunked|chunking|slice|sliced|split|splitting|piecewise|blockwise|tiled|streamed|block
    wise|row chunk|mini batch) (cross entropy|ce|loss|logit|cross entropy loss|loss computation|lm head|vocab loss|
    output logit|logit computation|lm loss|logsumexp|head|logit matrix), (cross entropy|loss|logit|ce|lm head|output
    logit) (in|by|over|computed in|computed over|evaluated in|piece by) (chunk|slice|piece|row block|block|several
    piece|row chunk|token chunk|small piece), (never|not|without) (materialize|materialise|materializing|
    materialising|hold|build|building) (full|whole|complete|all|entire) (logit|logit tensor|logits|logit matrix), cut
    cross entropy, linear cross entropy, loss chunk, logit chunk, logit (chunking|slicing)
prefetch: prefetching, loader thread, prefetcher, (prefetch|prefetching|prefetched|preload|preloading|pre load|async|
    asynchronous|background|double buffer|double buffered|overlap|threaded|ahead of time|double buffering|overlapped)
    (data|batch|next batch|data loading|data loader|loading|dataloader|loader|loading thread|tokenization|data
    transfer|next shard|data fetch|input|data copy|h2d copy|host to device copy|io|shard|disk read|thread|tokens),
    (load|fetch|read|prepare|copy|stage|tokenize) (next batch|batch|data|next shard|next data|shard|next) (ahead|in
    background|in advance|asynchronously|early|in thread|in background thread|while gpu work|beforehand|ahead of
    time|during compute|on side stream), (background|loader|side|separate|worker|helper) (thread|process|stream) for
    (data|loading|batch|loads|load|prefetch|copy|h2d|fetches|fetch), (copy|transfer) stream, non blocking (copy|
    transfer|), nonblocking copy
pinned memory: page locked, (pin|pinned|pinning|page locked|page lock) (memory|buffer|host memory|host buffer|staging
    buffer|cpu memory|tensor|batch|copy|transfer), memory pinning
gc freeze: (gc|garbage collector|garbage collection) freeze, freeze (gc|garbage collector), gc collect then freeze
gc disable: (gc|garbage collector|garbage collection) (disable|disabled|off|turned off|suspended|paused), (disable|
    turn off|suspend|stop|switch off|pause|skip|no) (gc|garbage collector|garbage collection|python gc|cyclic gc|
    automatic gc)
gc: garbage collection, garbage collector, (manual|periodic|python|cyclic) (gc|garbage collection), garbage collect,
    gc collect
ddp: (distributed|data) (data parallel|parallel|training|parallelism), multi gpu (training|), two gpu, all gpu,
    dataparallel, torchrun
kv cache: (kv|key value|attention|attention key value|k v|past key value|past kv) (cache|caching|caches), use cache,
    cache (kv|key and value|keys and values|past key), past key value
chunked prefill: (split|chunk|chunking|slice|piecewise|splitting) (prefill|long prompt|prompt|prompt processing|
    prompt prefill), prefill (chunking|in chunk|in piece|chunk|splitting|in slice), process prompt in (chunk|piece)
prefix caching: (prefix|prompt|automatic prefix|radix|shared prefix|system prompt|kv prefix) (cache|caching|reuse|
    cached|sharing|cache reuse), enable prefix caching, radix (attention|tree), reuse (kv of shared prefix|prefix|
    shared prefix|prompt prefix|common prefix|cached prefix), (cache|reuse|caching) (common|shared|repeated|prompt|
    system) (prefix|prompt|prompt prefix), radixattention
speculative decoding: speculative, spec draft, spec, (speculative|speculated|assisted|draft model|draft|self
    speculative) (decoding|decode|generation|sampling|speculation|drafting|inference|spec decode), (draft|drafter|
    assistant|small helper|helper) (model|network), spec (decode|decoding|dec), draft and verify, drafter
dynamic shapes: dynamic shape (compile|compilation|), mark dynamic
static shapes: static shapes
eager mode: enforce eager, eager execution, uncompiled, interpreted mode
liger: liger kernel
foreach: foreach (implementation|optimizer)
fsdp: fsdp2, fully sharded (data parallel|), zero (2|3|stage 2|stage 3|1|stage 1|optimizer|redundancy), deepspeed,
    shard optimizer state, sharded optimizer, zero redundancy optimizer
gradient compression: powersgd, compressed all reduce, all reduce (overlap|bucket), overlap communication, reduce
    scatter, bucket cap mb, gradient bucket
kv offload: (kv cache|kv|attention cache|key value cache) (offload|offloading|in host ram|off gpu|on cpu|in cpu
    memory|in ram|in system memory|in host memory|on host|offloaded), (leave|keep|put|move|hold) (kv cache|attention
    cache|kv|key value cache) (in|on|to) (host ram|ram|cpu|host|system memory|cpu memory|host memory|cpu ram|system
    ram), nkvo
kv quantization: (fp8|int8|q8 0|q4 0|q8|q4|int4|8 bit|4 bit|quantized|quantised|f16|turboquant) (kv|kv cache|key
    value cache|k cache|v cache|kv cache dtype|attention cache), (kv|kv cache|key value cache) (quantization|
    quantisation|dtype|in fp8|cache dtype|quant|in 8 bit|in int8|cache type|compression|precision), quantize (kv|kv
    cache|key value cache), cache type (k|v), ctk, ctv
eagle: eagle 2, eagle 3, eagle2, eagle3, eagle (head|speculation)
medusa: medusa (head|heads)
n-gram speculation: (n gram|ngram|prompt lookup|suffix) (speculation|speculative decoding|decoding|drafting|draft)
dflash: dflash
mtp speculation: mtp (speculation|speculative decoding|drafter)
continuous batching: (continuous|in flight|inflight|dynamic|iteration level|request) batching, cont batching, batch
    request dynamically, orca scheduling, micro batching of request, request coalescing
paged attention: paged (attention|kv|kv cache), pagedattention, paging of kv cache, block table
disaggregated prefill: (disaggregated|separate) prefill, prefill decode (disaggregation|split|separation), pd
    disaggregation
attention backend: attn backend
flashinfer: flash infer
flashmla: flashmla
trtllm attention: trtllm (mha|backend)
overlap scheduling: (overlap|async|asynchronous|zero overhead) (scheduling|scheduler|schedule), scheduling overlap
cpu offload: (cpu|weight|model|layer|expert|optimizer|host) (offload|offloading|offloaded), offload (weight|expert|
    optimizer|layer|to cpu|to ram|to host), device map
mmap: memory (mapped|map|mapping) (file|weight|io|data|model|), memmap
async output: async (output|output processing|logging|checkpoint|checkpointing|eval|save)
warmup run: (cuda|kernel|gpu|jit|compile|untimed|throwaway|engine|model|server) (warmup|warm up) (step|iteration|run|
    pass|request|), untimed (step|iteration), throwaway (iteration|step|run), warmup (run|pass|request) before timing
shared memory: (shared|smem|threadgroup|local|lds|block shared) (memory|mem tiling|memory tiling|memory tile|memory
    buffer|memory cache|memory staging|memory padding|tile), smem (buffer|staging|tile|), stage (in|through|into)
    shared memory, cache tile in shared memory, load (tile|data|operand) into shared memory, shared mem
bank conflict: bank (conflict|conflicts|conflict free), (pad|padding|padded|swizzle|swizzled) (shared memory|smem|
    tile|row|layout|shared tile), (shared memory|smem) (padding|swizzle|swizzling), swizzle, xor swizzle
double buffering: double (buffer|buffering|buffered) (smem|shared memory|tile|), ping pong (buffer|buffering|),
    overlap (load|copy|memory load) (with|and) (compute|math|mma), software (pipeline|pipelined|pipelining loop),
    multi buffering, triple buffering
async copy: cp async, asynchronous (copy|memcpy|global to shared copy), tma (load|copy|store|), tensor memory
    accelerator, bulk async copy, ldgsts, global to shared copy without register
tensor cores: tensor (core|cores|core mma), wmma, mma sync, wgmma, ldmatrix, mfma, matrix core, simdgroup matrix,
    matrix multiply accumulate instruction, use mma, hopper mma, amx
warp specialization: warp (specialization|specialisation|specialized|specialised), producer consumer warp,
    (dedicated|separate) (load|producer|copy) warp
warp reduction: (warp|simd|subgroup|simdgroup|wave|warp level|shuffle) (reduction|shuffle reduction|reduce|sum|level
    reduction|primitive|shuffle), shfl (down sync|xor sync|down|xor|), tree reduction, block reduction, cub reduce,
    reduce within warp
memory coalescing: (memory|global memory|access) coalescing, coalesced (access|load|memory access|read|write|store|
    global load), coalesce (memory|load|access|global load), contiguous memory access, stride 1 access
persistent kernel: persistent (cta|thread|threads|block|matmul|scheduling|grid|thread block|program), tile scheduler
stream-k: stream k
grid stride loop: grid stride (loop|)
register blocking: register (tiling|blocking|tile|block|accumulator|level tiling|caching|cache), thread (coarsening|
    tile|tiling|coarsened), per thread tile, micro tile, microkernel, (more|several|multiple) (output|element|row|
    column) per thread, (element|output|row|column|work|item) per thread, accumulate in register, register pressure,
    outer product per thread
loop tiling: (loop|cache|l1|l2) (tiling|blocking|tile|blocked), tile (loop|over k), cache (blocked|block), blocked
    matmul
loop interchange: loop (interchange|reordering|order|nest order|swap), reorder loop, ikj (order|loop)
loop hoisting: loop (hoisting|invariant), hoist (load|scale|invariant)
simd: (simd|avx|avx2|avx512|neon|sse|rvv|sve) (intrinsic|vectorization|kernel|instruction|code|path|loop|), auto
    vectorization, autovectorization, vectorize (loop|inner loop|), vector intrinsics, vectorized numpy,
    vectorization
openmp: omp parallel (for|), parallelize (loop|outer loop|over), multithread, multithreading, multi thread,
    multithreaded, rayon, thread pool, threadpool, multiprocessing, process pool, parallel for
bounds check removal: (bound|bounds|boundary|range|out of range|edge|tail) (check|checking|mask|masking|checks|
    guard), (no|skip|skipping|drop|without|remove) (bound|bounds|boundary|edge|out of range|tail) (check|mask|
    masking|checks|handling), unchecked (indexing|access|get), aligned shape fast path, even k, mask free (load|
    store), without mask when divisible
compiler flags: compiler (flag|option|optimization level), opt level, optimization flag, o3, o2, ofast, release build
march native: mtune native
lto: link time (optimization|optimisation)
pgo: profile guided (optimization|optimisation)
fast math: ffast math, use fast math
inlining: (inline|inlining|force inline|always inline|inlined|forceinline) (function|helper|call|kernel|hot function|
    ), inline always
branchless: (branchless|branch free|branch elimination|predicated|without branch|remove branch|no branch) (code|loop|
    select|version|), conditional move, branch prediction hint, likely hint
lookup table: (precomputed|precompute|lookup|look up) (table|lut), lut, table driven
memoization: memoize, memoise, memoisation, lru cache, (cache|memoize) (result|computed value|intermediate result),
    caching of result
memory pool: (memory|buffer|object|scratch|allocation) (pool|pooling|recycling), (arena) (allocation|allocator|),
    bump allocator, object reuse
preallocation: (preallocate|pre allocate|preallocated|pre allocated|reuse|reusing) (buffer|memory|scratch|output|
    workspace|tensor|array|scratch buffer), buffer reuse
allocator: jemalloc, mimalloc, tcmalloc, (custom|faster) allocator
expandable segments: pytorch cuda alloc conf, cuda alloc conf, caching allocator, allocator fragmentation, empty
    cache, max split size
in-place update: inplace, (in place|inplace) (operation|op|add|write|activation|relu|modification|buffer), write in
    place
channels last: nhwc (layout|)
memory layout: (data|tensor|memory) (layout|format)
structure of arrays: soa, array of structure
weight repacking: weight (repack|prepack|repacking|interleaving), interleaved weight
column major: column major (layout|)
matmul precision: (matmul|float32 matmul|fp32 matmul) precision, set float32 matmul precision, allow tf32, tf32
    (matmul|enabled|), high matmul precision
cudnn benchmark: cudnn (benchmark|autotune|deterministic), benchmark = true
nccl: nccl (setting|env|algo|protocol|)
batched op: batch (operation|matmul|kernel launch|update|call|query|insert), (batched|stacked) (matmul|gemm|
    optimizer|muon|newton schulz|update|inference|operation|call|params|parameter|ns|kernel), (stack|group)
    (parameter|param|matrices|same shape parameter|weights|equal shape) (for|into|in) (muon|batched|one|newton
    schulz|single|batch), (bmm|baddbmm|batched gemm), grouped gemm, foreach update
database index: (database|db|secondary|covering|partial|b tree|btree|composite) index, add index, indexed column,
    hash index
async io: (async|asynchronous|non blocking|nonblocking) (io|request|http|call|server|fetch|handler), asyncio, uvloop,
    event loop, io uring, epoll
connection pool: connection (pool|pooling|reuse), keep alive, http 2, http2, persistent connection
compression of response: (gzip|brotli|deflate) (response|compression|compress|encoding|), response compression
lazy loading: lazy (load|loading|import|init|initialization|evaluation|imports), deferred (loading|import|script),
    defer (script|loading|load), load on demand, on demand loading, code splitting, dynamic import, tree shaking
stochastic scheduling: work stealing, load balancing of work, dynamic scheduling
"""
