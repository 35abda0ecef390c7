"""Number formats, quantization and compression of an export."""

from __future__ import annotations

# A number or switch with a place of its own.
KNOBS = ""

# Named things that are added or removed, or that stand in a slot.
CONCEPTS = """
qat: quantization aware training, fake quant, quantisation aware training, fake quantization
gptq: gptq
fp8: float8, 8 bit float, mxfp8, 8 bit floating, eight bit float
bf16: bfloat16, brain float
fp16: float16, half precision
fp32: float32, full precision, tf32
int8: 8 bit integer
int6: int6
"""
