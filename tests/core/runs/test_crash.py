"""The kinds of crash, told apart from what real programs leave behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memorylab.core.runs.crash import clean, diagnose, last_lines
from memorylab.core.runs.crash_kinds import ADVICE, INFRASTRUCTURE, REMEDY
from memorylab.records import ErrorRecord

PROGRESS = "\rstep 00041 (12.1%) | loss: 3.501234 | remaining: 11s    "
PROGRESS += "\rstep 00042 (12.3%) | loss: 3.456789 | remaining: 10s    "
USER = '  File "/home/me/lab/train.py", line 123, in forward\n    y = self.c_proj(x)\n        ^^^^^^^^^^^^^^\n'
TORCH = '  File "/v/lib/python3.11/site-packages/torch/nn/modules/linear.py", line 125, in forward\n    return y\n'


def raised(line: str, frames: str = USER + TORCH) -> str:
    return f"Traceback (most recent call last):\n{frames}{line}\n"


def crash(
    tail: str,
    exit_code: int | None = 1,
    signal: int | None = None,
    timed_out: bool = False,
    stopped_for: str | None = None,
    oom_kills: int | None = None,
) -> ErrorRecord:
    return diagnose(
        tail,
        exit_code=exit_code,
        signal=signal,
        timed_out=timed_out,
        stopped_for=stopped_for,
        oom_kills=oom_kills,
    )


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of",
            "oom",
        ),
        ("torch.cuda.OutOfMemoryError: HIP out of memory. Tried to allocate 20.00 MiB", "oom"),
        ("RuntimeError: CUDA error: out of memory", "oom"),
        ("RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", "oom"),
        ("RuntimeError: [enforce fail at alloc_cpu.cpp:114] DefaultCPUAllocator: can't allocate memory", "oom"),
        ("numpy.core._exceptions._ArrayMemoryError: Unable to allocate 8.00 TiB for an array", "oom"),
        ("MemoryError", "oom"),
        ("OSError: [Errno 28] No space left on device: 'model.pt'", "disk_full"),
        ("OSError: [Errno 122] Disk quota exceeded", "disk_full"),
        ("ModuleNotFoundError: No module named 'triton.ops'", "import_error"),
        ("ImportError: cannot import name 'flex_attention' from 'torch.nn'", "import_error"),
        ("OSError: libcudart.so.12: cannot open shared object file: No such file or directory", "import_error"),
        ("RuntimeError: mat1 and mat2 shapes cannot be multiplied (8x64 and 128x64)", "shape_mismatch"),
        ("RuntimeError: The size of tensor a (64) must match the size of tensor b (128)", "shape_mismatch"),
        ("RuntimeError: shape '[8, 6, 64]' is invalid for input of size 1024", "shape_mismatch"),
        ("torch._dynamo.exc.TorchRuntimeError: Dynamo failed: a and b must have same reduction dim", "shape_mismatch"),
        ("torch._dynamo.exc.BackendCompilerFailed: backend='inductor' raised:\nKeyError: 'x'", "compile_error"),
        ("torch._inductor.exc.InductorError: LoweringException: NotImplementedError: x", "compile_error"),
        ("triton.compiler.errors.CompilationError: at 12:4: x", "compile_error"),
        ("RuntimeError: CUDA error: an illegal memory access was encountered", "cuda_error"),
        ("torch.AcceleratorError: CUDA error: unspecified launch failure", "cuda_error"),
        ("AssertionError: Torch not compiled with CUDA enabled", "machine"),
        ("RuntimeError: No CUDA GPUs are available", "machine"),
        ("RuntimeError: CUDA error: device-side assert triggered", "assertion"),
        ("AssertionError: n_embd must be divisible by n_head", "assertion"),
        ("AssertionError: loss is nan at step 3", "nan"),
        ("ValueError: cannot convert float NaN to integer", "nan"),
        ("RuntimeError: Function 'PowBackward0' returned nan values in its 0th output.", "nan"),
        ("ValueError: Out of range float values are not JSON compliant", "nan"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'data/shard_00.bin'", "file_missing"),
        ("KeyboardInterrupt", "interrupted"),
        ("ValueError: Input X contains NaN.", "nan"),
        ("ValueError: Input y contains infinity or a value too large for dtype('float64').", "nan"),
        (
            "InvalidParameterError: 'alpha' must be a float in [0.0, inf). Got nan",
            "nan",
        ),
        (
            "sklearn.utils._param_validation.InvalidParameterError: The 'n_estimators' parameter of Boosting"
            " must be an int in the range [1, inf). Got 0 instead.",
            "exception",
        ),
        ("ValueError: C must be a float in the range (0.0, inf]", "exception"),
        ("ValueError: bounds lie in (-inf, 3.5], got 4", "exception"),
        ("ValueError: temperature has to be between 0 and infinity, not -1", "exception"),
        ("ValueError: nan_policy must be one of {'omit', 'raise', 'nan'}", "exception"),
        ("AssertionError: width 0 isn't in [1, inf)", "assertion"),
        ("NameError: name 'nan' is not defined", "exception"),
        ("AttributeError: 'GPT' object has no attribute 'inf'", "exception"),
        ("queue.Empty", "exception"),
        ("ZeroDivisionError: division by zero", "exception"),
    ],
)
def test_a_traceback_says_its_kind(line: str, kind: str) -> None:
    error = crash(PROGRESS + raised(line))
    assert (error.get("kind"), error["source"]) == (kind, "traceback")
    assert error["summary"].endswith(" at train.py:123 in forward")


def test_a_summary_names_type_message_and_the_innermost_line_of_the_users_code() -> None:
    error = crash(raised("RuntimeError: mat1 and mat2 shapes cannot be multiplied (8x64 and 128x64)"))
    assert error["summary"] == (
        "RuntimeError: mat1 and mat2 shapes cannot be multiplied (8x64 and 128x64) at train.py:123 in forward"
    )


def test_a_long_message_keeps_the_place_and_stays_one_line() -> None:
    error = crash(raised("torch.OutOfMemoryError: CUDA out of memory. " + "Tried to allocate. " * 100))
    assert len(error["summary"]) <= 300
    assert error["summary"].endswith("… at train.py:123 in forward")


@pytest.mark.parametrize(
    ("program", "kind", "summary"),
    [
        (
            "import no_such_package\n",
            "import_error",
            "ModuleNotFoundError: No module named 'no_such_package' at train.py:1",
        ),
        ("x = 7\nassert x % 2 == 0\n", "assertion", "AssertionError: assert x % 2 == 0 at train.py:2"),
        ("x = (1,\n", "syntax_error", "SyntaxError: '(' was never closed at train.py:1"),
        ("if True:\nx = 1\n", "syntax_error", "IndentationError: expected an indented block after 'if' statement"),
        ("<<<<<<< HEAD\nx = 1\n=======\n", "patch_failed", "SyntaxError: invalid syntax at train.py:1"),
        ("import json\ndef load():\n    json.loads('{')\nload()\n", "exception", " at train.py:3 in load"),
        (
            "raise SystemExit('error: no prepared data in /d; hint: python prepare.py')",
            "file_missing",
            "no prepared data",
        ),
        ("import sys; sys.exit(3)", "unknown", "exit code 3, no known error in the log; the log is empty"),
        ("open('/no/such')", "file_missing", "FileNotFoundError: [Errno 2] No such file or directory: '/no/such'"),
        (
            "try:\n    raise MemoryError('no room')\nexcept MemoryError:\n    raise ValueError('worse')\n",
            "oom",
            "MemoryError: no room at train.py:2",
        ),
        (
            "x = [0]\ndef f(): f()\nf()\n",
            "exception",
            "RecursionError: maximum recursion depth exceeded at train.py:2 in f",
        ),
    ],
)
def test_what_python_really_prints_is_understood(tmp_path: Path, program: str, kind: str, summary: str) -> None:
    (tmp_path / "train.py").write_text(program)
    done = subprocess.run([sys.executable, "-S", "train.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    error = crash(done.stdout + done.stderr, exit_code=done.returncode)
    assert error.get("kind") == kind
    assert summary in error["summary"]


@pytest.mark.parametrize(
    ("tail", "exit_code", "signal", "kind", "words"),
    [
        (PROGRESS + "FAIL\n", 1, None, "nan", "printed FAIL; last progress: step 00042"),
        (PROGRESS + "\nFAIL: loss nan at step 43\n", 1, None, "nan", "FAIL: loss nan at step 43"),
        ("step 00042 (12.3%) | loss: nan | remaining: 10s", 1, None, "nan", "loss: nan"),
        ("terminate called after throwing an instance of 'std::bad_alloc'\n", None, 6, "oom", "bad_alloc"),
        ("python: x.cpp:12: int f(): Assertion `a == b' failed.\n", 134, None, "assertion", "a == b"),
        ("error: patch failed: train.py:12\nerror: train.py: patch does not apply\n", 1, None, "patch_failed", "apply"),
        ("CONFLICT (content): Merge conflict in train.py\n", 1, None, "patch_failed", "train.py"),
        (
            "python: can't open file '/x/train.py': [Errno 2] No such file or directory\n",
            2,
            None,
            "file_missing",
            "open",
        ),
        ("x.cu:7: Assertion `t < n_classes` failed.\n", None, 6, "assertion", "n_classes"),
        ("sh: 1: uv: not found\n", 127, None, "file_missing", "uv: not found"),
        ("", 127, None, "file_missing", "not found"),
        (PROGRESS, None, 9, "oom", "likely the kernel's out-of-memory killer"),
        (PROGRESS, 137, None, "oom", "likely"),
        ("train.sh: line 3: 2131 Killed python train.py\nKilled\n", 1, None, "oom", "likely"),
        (PROGRESS, None, 11, "killed", "SIGSEGV"),
        (PROGRESS, 139, None, "killed", "SIGSEGV"),
        (PROGRESS, None, 15, "interrupted", "SIGTERM"),
        (PROGRESS, 130, None, "interrupted", "SIGINT"),
        (PROGRESS, None, 63, "killed", "killed by"),
        (PROGRESS, 124, None, "timeout", "124"),
        (PROGRESS, 0, None, "no_result", "no metric; last line: step 00042"),
        ("warning: no such file or directory: cache\n" + PROGRESS, 0, None, "no_result", "no metric"),
        ("no such file or directory: cache\n", None, 9, "oom", "likely"),
        ("bye\n", 1, None, "unknown", "exit code 1, no known error in the log; last line: bye"),
        ("bye\n", None, None, "unknown", "no exit code recorded"),
    ],
)
def test_without_a_traceback_the_last_lines_and_the_exit_status_decide(
    tail: str, exit_code: int | None, signal: int | None, kind: str, words: str
) -> None:
    error = crash(tail, exit_code, signal)
    assert error.get("kind") == kind
    assert words in error["summary"]


@pytest.mark.parametrize(
    ("tail", "exit_code", "signal"),
    [
        (PROGRESS, None, 9),
        (PROGRESS, 137, None),
        ("train.sh: line 3: 2131 Killed python train.py\nKilled\n", 1, None),
        (raised("ChildFailedError: train.py FAILED") + "exitcode  : -9 (pid: 77)\n", 1, None),
    ],
)
def test_the_kernel_tells_whether_it_ended_a_process_for_want_of_memory(
    tail: str, exit_code: int | None, signal: int | None
) -> None:
    found = {kills: crash(tail, exit_code, signal, oom_kills=kills) for kills in (None, 0, 2)}
    assert {kills: error.get("kind") for kills, error in found.items()} == {None: "oom", 0: "interrupted", 2: "oom"}
    assert "likely the kernel's out-of-memory killer" in found[None]["summary"]
    assert "SIGKILL" in found[0]["summary"] and "from outside" in found[0]["summary"]
    assert "the kernel's out-of-memory killer" in found[2]["summary"] and "likely" not in found[2]["summary"]


def test_what_memorylab_stopped_a_run_for_outranks_its_log() -> None:
    tail = PROGRESS + raised("KeyboardInterrupt")
    assert crash(tail, timed_out=True)["summary"].startswith("stopped: out of time; last progress: step 00042 (12.3%)")
    assert crash(tail, timed_out=True).get("kind") == "timeout"
    assert crash(tail, stopped_for="nan").get("kind") == "nan"
    assert crash(tail, stopped_for="interrupt").get("kind") == "interrupted"
    assert crash("", timed_out=True)["source"] == "supervisor"


def test_a_handled_exception_before_more_training_does_not_explain_a_kill() -> None:
    tail = raised("ImportError: no flash attention, using sdpa") + PROGRESS
    assert crash(tail, exit_code=None, signal=9).get("kind") == "oom"
    assert crash(tail, exit_code=0).get("kind") == "no_result"
    assert crash(tail, exit_code=1).get("kind") == "import_error"


def test_a_failure_that_a_pipe_hides_behind_exit_code_0_is_still_seen() -> None:
    assert crash(PROGRESS + raised("ZeroDivisionError: division by zero"), exit_code=0).get("kind") == "exception"


def test_the_specific_exception_of_a_chain_is_told_and_wrappers_are_not() -> None:
    chain = (
        raised("torch.OutOfMemoryError: CUDA out of memory.")
        + "\nDuring handling of the above exception, another exception occurred:\n\n"
        + raised("RuntimeError: step failed")
        + raised("torch.distributed.elastic.multiprocessing.errors.ChildFailedError: train.py FAILED", TORCH)
    )
    assert crash(chain)["summary"] == "OutOfMemoryError: CUDA out of memory. at train.py:123 in forward"
    plain = raised("ValueError: bad depth") + raised("subprocess.CalledProcessError: exit status 1", TORCH)
    assert crash(plain)["summary"] == "ValueError: bad depth at train.py:123 in forward"


def test_the_ranks_of_torchrun_are_read() -> None:
    tail = "".join(f"[rank0]: {row}\n" for row in raised("ValueError: bad depth").splitlines())
    assert crash(PROGRESS + tail)["summary"] == "ValueError: bad depth at train.py:123 in forward"


def test_chatter_inside_a_traceback_is_no_exception() -> None:
    tail = f"Traceback (most recent call last):\n{USER}wandb: syncing run\nValueError: bad depth\n"
    assert crash(tail)["summary"].startswith("ValueError: bad depth")


def test_a_multi_line_message_counts_as_a_whole() -> None:
    line = "RuntimeError: Error(s) in loading state_dict for GPT:\n\tsize mismatch for wte.weight: copying a param"
    error = crash(raised(line))
    assert error.get("kind") == "shape_mismatch"
    assert "size mismatch for wte.weight" in error["summary"]


def test_frames_of_the_library_alone_give_no_place() -> None:
    assert crash(raised("ValueError: x", TORCH))["summary"] == "ValueError: x"


def test_every_kind_has_advice_and_a_remedy() -> None:
    assert set(REMEDY) == set(ADVICE)
    assert set(ADVICE) >= INFRASTRUCTURE
    assert set(REMEDY.values()) == {"fix", "investigate"}
    assert not INFRASTRUCTURE & {"oom", "nan", "timeout", "assertion", "shape_mismatch", "compile_error"}


def test_progress_collapses_and_escapes_go() -> None:
    text = clean(
        "\x1b[31mred\x1b[0m\r\n\x1b]0;title\x07" + PROGRESS + "Traceback (most recent call last):\n\x9b2J\u202eend\x00"
    )
    assert text == (
        "red\nstep 00042 (12.3%) | loss: 3.456789 | remaining: 10s\nTraceback (most recent call last):\nend"
    )


def test_the_tail_has_the_last_forty_lines_and_at_most_8_kb() -> None:
    tail = crash("".join(f"line {i}\n" for i in range(1000)))["tail"].split("\n")
    assert (tail[0], tail[-1], len(tail)) == ("line 960", "line 999", 40)
    assert len(crash("ö" * 100_000 + "\n" + "ü" * 100_000)["tail"].encode()) <= 8000
    assert len(last_lines("\n".join(["é" * 499] * 40)).encode()) <= 8000


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda data: data.decode("latin-1")))
def test_any_text_gives_one_clean_line(text: str) -> None:
    error = crash(PROGRESS + raised("ValueError: " + text) + text)
    assert error.get("kind") in ADVICE
    assert len(error["summary"]) <= 300
    assert not any(ord(char) < 32 or char in "\x7f\x9b\u202e" for char in error["summary"])
    assert not any(ord(char) < 32 and char not in "\n\t" for char in error["tail"])
    error["summary"].encode()
