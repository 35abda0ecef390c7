"""Number formats, quantization and compression of an export."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = """
N_BITS: (weight|quantization|quantisation|number of|num|w|activation) (bit|bits|bit width|bitwidth), bit (width|
    depth|per weight|per parameter|count), bitwidth, bpw, nbit
GROUP_SIZE: (quantization|quantisation|quant|scale|weight|q|scaling) (group|group size|block size|block|groups),
    (group|groupwise|group wise) (size|quantization|scale|quantisation|wise scale), groupsize, (weight|value|column|
    element) per (scale|quantization group|group), per group (scale|quantization), block wise quantization, block
    scale size, blockwise scale
CLIP_PERCENTILE: (clip|clipping|quantile|outlier|quant clip|int8 clip|weight clip) (percentile|quantile|threshold
    percentile|percentile for quantization), percentile (clip|clipping|of clip|for clipping|calibration), (quantile|
    percentile) for (int8|clipping|quantization), int8 clip q
QAT_START: (qat|fake quant|fake quantization|fake quantisation|late qat|quantization aware training|quantisation
    aware training) (start|threshold|begin|onset|start step|start frac|start fraction|from|delay|phase|warmup), late
    qat (threshold|start|), (start|begin|enable|turn on|switch on) (qat|fake quant|fake quantization|fake
    quantisation|quantization aware training) (at|from|after|earlier|later|), when (qat|fake quantization) start
CALIBRATION_SAMPLES: calibration (sample|set|set size|data|token|batch|dataset|example|sequence), number of
    calibration (sample|sequence|batch|example), calib (sample|size|data)
SPARSITY: (sparsity|pruning) (level|ratio|target|fraction|rate|amount|), target sparsity, prune ratio, fraction of
    weight pruned
"""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
qat: (quantization|quantisation) aware (training|train|finetuning|fine tuning), fake (quant|quantization|
    quantisation|quantize|quantise|quantized weight|quant noise), train with (fake quantization|quantization in loop|
    quantized weight|quantization noise), quantize in forward, straight through (estimator|quantization), ste,
    simulated quantization, quantization noise during training, int6 qat, int8 qat, qat (training|int6|int8)
gptq: gptq (quantization|calibration|style|lite), hessian based (quantization|rounding), optimal brain quantization,
    obq, second order rounding, error compensating rounding
fp8: mxfp8, 8 bit floating, fp8 (matmul|training|weight|linear|gemm|quantization|e4m3|precision|compute|mm|scaled
    matmul), float8 (training|linear|matmul|e4m3fn|), e4m3, e5m2, e4m3fn, 8 bit (floating point|floats|float matmul),
    eight bit (floating point|floats), fp 8, fp8 scaled mm, scaled mm, mxfp8 (gemm|matmul)
bf16: bf16 (training|mode|autocast|precision|mixed precision|compute|amp), bfloat16 (training|precision|autocast|
    mode|), bfloat, brain float (16|), 16 bit brain float, bf 16, brain floating point
fp16: float16, half precision, fp16 (weight|training|autocast|precision|mode|mixed precision|amp|inference|
    passthrough|storage|export), float 16, fp 16, half (float|precision training|precision autocast|type|precision
    weight|precision mode|precision inference), f16, 16 bit (float|floating point), sixteen bit float, torch half,
    torch float16
fp32: float32, tf32, fp32 (weight|training|precision|mode|master weight|accumulation), float 32, fp 32, f32, (single|
    full) precision (training|float|weight|), 32 bit (float|floating point|precision|), upcast to (fp32|float32|
    float), torch float32
int8: 8 bit integer, int8 (quantization|weight|export|quantized|quantisation|checkpoint|matmul|inference), 8 bit
    (quantization|weight|quantized|quantisation|integer export|weights|checkpoint|export|optimizer|adam|), 8bit,
    eight bit (integer|weight|quantization|), w8a8, w8a16, q8, llm int8, u8, uint8, (round|quantize|quantise|
    quantised|quantized|rounded) to 8 bit, bitsandbytes, load in 8bit
int6: int6 (quantization|weight|export|quantized|), 6 bit (integer|quantization|weight|quantized|quantisation|export|
    ), 6bit, six bit (integer|weight|quantization|)
awq: activation aware (weight quantization|quantization|scaling)
smoothquant: smooth quant
hadamard rotation: hadamard (transform|), random rotation before quantization, rotate weight before quantization,
    incoherence processing, quarot, spinquant
turboquant: turbo quant
hqq: half quadratic quantization
gguf: k quant, imatrix, importance matrix, iq quant
q4 k m: q4 k m
q5 k m: q5 k m
q6 k: q6 k
q8 0: q8 0
q4 0: q4 0
weight rounding: (stochastic|adaptive|nearest|learned) rounding, adaround, round to nearest, rtn
nvfp4: nv fp4, 4 bit float, four bit float, fp4, float4 e2m1
mxfp4: mxfp4
w4a16: w4a16
w4a8: w4a8
int4: 4 bit integer, 4 bit (quantization|weight|quantized|quantisation|), four bit (integer|weight|quantization),
    4bit, nf4, int4 weight only, u4
int5: 5 bit (integer|quantization|weight|), 5bit
ternary weights: ternary (weight|quantization|), bitnet, 1 58 bit, b1 58, ternary bitlinear, bitlinear
binary weights: binary (weight|network), 1 bit (weight|quantization), one bit weight
mixed precision: (automatic|auto|) mixed precision (training|), amp, autocast, torch (autocast|amp), grad scaler,
    gradscaler, loss scaling, torch cuda amp
fp64: float64, double precision
bf16 optimizer state: (bf16|low precision|8 bit|16 bit|half precision|bfloat16|compressed) (optimizer state|momentum|
    moment|optimizer|momentum buffer|adam state|second moment), optimizer state in (bf16|bfloat16|half precision|
    fp16)
post-training quantization: ptq, post training quantisation
mixed-bit export: (mixed|variable|per layer|per tensor|adaptive|layer dependent) (bit|bit width|bit allocation|
    precision quantization|bitwidth|bits|precision export), bit allocation, sensitive layer in higher precision
per-channel scale: (per|one scale per) (channel|row|column|output channel) (scale|quantization|scaling|quantisation|
    scales|quant|), (channelwise|rowwise|row wise|channel wise) (scale|quantization|scaling|quantisation), scale per
    (row|channel|output channel|output row)
zero point: (asymmetric|affine|zero point|symmetric) (quantization|quantisation|quant|offset|)
entropy coding: (entropy|huffman|arithmetic|range|ans|rans) (coding|coder|encoded|coded weight|code|encoding), zstd
    (compress|compression|), zlib (compress|compression|), lzma, brotli compressed, compressed artifact, (compress|
    compression of) (artifact|checkpoint|weight|model file|state dict|exported weight), bytes shuffle before
    compression
vector quantization: vector (quantization|quantisation|quantized), vq, codebook (size|quantization|), product
    quantization, k means quantization, weight clustering, residual vector quantization, rvq, additive quantization
outlier handling: outlier (weight|channel|handling|extraction|clipping|suppression), keep outlier in (fp16|high
    precision|full precision)
dequant cache: (dequant|dequantized|dequantised|unpacked) (cache|weight cache|matrix cache|caching|weight caching),
    (cache|keep|store) (dequantized|dequantised|unpacked|dequant) (weight|matrix|tensor)
"""
