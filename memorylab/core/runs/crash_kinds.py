"""The kinds of crash: what to do about each, which say nothing about the idea, which are mended without a search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ADVICE: Mapping[str, str] = {
    "oom": "lower DEVICE_BATCH_SIZE (gradient accumulation keeps the total batch) or the model's size, then run again",
    "nan": "find the first value that isn't finite (data, a division, the numeric type); else lower the learning rate",
    "timeout": "look for a slow step, a hang or a long compilation before trying the idea again; or raise --timeout",
    "assertion": "make the values that the assertion names fit together, then run again",
    "import_error": "use only packages that are installed, or install the missing one; the idea itself was not tried",
    "syntax_error": "fix the syntax and run again; the idea itself was not tried",
    "shape_mismatch": "fix the tensor shapes that the message names, then run again",
    "cuda_error": "run once with CUDA_LAUNCH_BLOCKING=1 to find the kernel; if nvidia-smi fails too, it is the machine",
    "file_missing": "correct the path, or make the file first (prepare its data), then run again",
    "patch_failed": "apply the change to the current train.py again; the idea itself was not tried",
    "compile_error": "run once without torch.compile to see whether the model or the compiler is at fault",
    "collective_timeout": "look how the other ranks ended: one was lost, or called another collective; then run again",
    "machine": "mend the machine (port, network, shared memory, file handles, permissions, tracker), then run it again",
    "disk_full": "free some disk space, then run again; the idea itself was not judged",
    "interrupted": "run it again when it may finish",
    "killed": "look at the end of the log and at dmesg: the process died of a signal, often in native code",
    "no_result": "print `name: number` at the end or write it into the sidecar, or set metric_pattern; then run again",
    "exception": "fix the line that the traceback names, then run again",
    "unknown": "read the end of the log; nothing in it has a known form",
}
"""What to do about each kind of crash, one line each. Its keys are all the kinds."""

INFRASTRUCTURE = frozenset(
    # The idea was never trained, or never measured, so its crash is no evidence against it. Out-of-memory, NaN,
    # timeout, shapes, assertions, compiler and kernel errors are not here: the same edit meets them again.
    (
        "patch_failed",
        "syntax_error",
        "import_error",
        "file_missing",
        "disk_full",
        "interrupted",
        "no_result",
        "machine",
        "collective_timeout",
    )
)

DRIFT = "drift"
"""No crash: what a discarded run is marked with when a control shows that its base no longer held when it was tried."""

STARVED: Final = "starved"
"""No crash either: a run that got markedly less of the machine than its peers (`starved.py`)."""

RETRACTED = "retracted"
"""Nor this: a run that somebody took out of evidence."""

UNTRIED = INFRASTRUCTURE | {DRIFT, STARVED, RETRACTED}
"""The marks of a run that say nothing of its idea."""

UNHEARD_BEYOND = UNTRIED | {"assertion", "shape_mismatch", "exception"}
"""The marks of a run that say nothing of other values of its knob: a HEAD_DIM of 48 doesn't divide a width, 32 does."""

REMEDY: Mapping[str, str] = {
    # "fix" where the message tells what to change, "investigate" where somebody has to find the cause first.
    kind: "investigate" if kind in ("nan", "timeout", "cuda_error", "killed", "unknown") else "fix"
    for kind in ADVICE
}
