"""Holds that an exception is found whatever prints it, and that its own type decides its kind before words do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from memorylab.core.runs.crash import diagnose, unhandled
from memorylab.records import ErrorRecord

FRAME = '  File "/home/me/lab/fit.py", line 41, in fit\n    step(batch)\n'
HEADER = "Traceback (most recent call last):\n"


def raised(line: str) -> str:
    return f"{HEADER}{FRAME}{line}\n"


def crash(tail: str, exit_code: int | None = 1, **how: bool) -> ErrorRecord:
    return diagnose(
        tail, exit_code=exit_code, signal=None, timed_out=how.pop("timed_out", False), stopped_for=None, **how
    )


KINDS = {
    "oom": [
        "RuntimeError: MPS backend out of memory (MPS allocated: 17 GB, other allocations: 1 GB)",
        "RuntimeError: [metal::malloc] Attempting to allocate 9 bytes, greater than the maximum allowed buffer size",
        "RuntimeError: [METAL] Command buffer execution failed: Insufficient Memory (00000008)",
        "tensorflow.python.framework.errors_impl.ResourceExhaustedError: Graph execution error:\n\nOOM when allocating",
        "jaxlib._jax.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 8 bytes.",
        "ray.exceptions.OutOfMemoryError: Task was killed due to the node running low on memory.",
        "RuntimeError: DataLoader worker (pid 9) is killed by signal: Killed. ",
        "torch._dynamo.exc.BackendCompilerFailed: backend='inductor' raised:\nOutOfMemoryError: CUDA out of memory",
        "OSError: [Errno 12] Cannot allocate memory",
        "cupy.cuda.memory.OutOfMemoryError: Out of memory allocating 8 bytes",
    ],
    "compile_error": [
        "triton.runtime.errors.OutOfResources: out of resource: shared memory, Required: 9, Hardware limit: 8",
        "torch._dynamo.exc.BackendCompilerFailed: backend='inductor' raised:\nTypeError: Invalid NaN comparison",
        "torch._dynamo.exc.Unsupported: call_function nan",
        "numba.core.errors.TypingError: Failed in nopython mode pipeline",
        "RuntimeError: Error building extension 'fused': [1/2] nvcc",
    ],
    "machine": [
        "torch.distributed.DistNetworkError: The server socket has failed to listen. EADDRINUSE",
        "OSError: [Errno 98] Address already in use",
        "OSError: [Errno 24] Too many open files: 'x.bin'",
        "RuntimeError: unable to open shared memory object </torch_1> in read-write mode: No space left on device (28)",
        "RuntimeError: DataLoader worker (pid 3) is killed by signal: Bus error. workers are out of shared memory.",
        "PermissionError: [Errno 13] Permission denied: '/data/x'",
        "wandb.errors.errors.CommError: Error communicating with wandb process",
        "OSError: [Errno 116] Stale file handle",
        "socket.gaierror: [Errno -2] Name or service not known",
        "RuntimeError: received 0 items of ancdata",
        "ray.exceptions.NodeDiedError: the node was lost",
        "RuntimeError: CUDA error: uncorrectable ECC error encountered",
        "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='h', port=443): Max retries exceeded",
    ],
    "collective_timeout": [
        "torch.distributed.DistBackendError: NCCL communicator was aborted on rank 0.",
        "RuntimeError: [gloo/transport/tcp/unbound_buffer.cc:81] Timed out waiting 1800000ms for recv operation",
    ],
    "killed": [
        "concurrent.futures.process.BrokenProcessPool: A process in the process pool was terminated abruptly",
        "RuntimeError: DataLoader worker (pid(s) 311) exited unexpectedly",
    ],
    "exception": [
        "KeyError: 'out of memory'",
        "NameError: name 'permission denied' is not defined",
        "TypeError: 'inf' object is not callable",
    ],
    "assertion": ["AssertionError: the budget must not be out of memory"],
    "shape_mismatch": [
        "TypeError: dot_general requires contracting dimensions to have the same shape, got (3,) and (4,)."
    ],
    "interrupted": ["torch.distributed.elastic.multiprocessing.api.SignalException: Process 3 got signal: 15"],
}


@pytest.mark.parametrize(("kind", "line"), [(kind, line) for kind, lines in KINDS.items() for line in lines])
def test_the_types_own_kind_comes_first_and_words_after_it(kind: str, line: str) -> None:
    assert crash(raised(line)).get("kind") == kind


def prefixed(prefix: str) -> str:
    return "".join(f"{prefix}{row}\n" for row in raised("ModuleNotFoundError: No module named 'fla'").splitlines())


RICH = """\
\u256d\u2500\u2500\u2500\u2500 Traceback (most recent call last) \u2500\u2500\u2500\u256e
\u2502 /home/me/lab/fit.py:41 in fit      \u2502
\u2502                                    \u2502
\u2502   40 def fit():                    \u2502
\u2502 \u2771 41   step(batch)                 \u2502
\u2570\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u2500\u256f
ModuleNotFoundError: No module named 'fla'
"""
IPYTHON = """\
---------------------------------------------------------------------------
ModuleNotFoundError                       Traceback (most recent call last)
Cell In[3], line 1
----> 1 fit()

File /home/me/lab/fit.py:41, in fit(x)
     40 def fit():
---> 41     step(batch)

ModuleNotFoundError: No module named 'fla'
"""


@pytest.mark.parametrize(
    "text",
    [
        prefixed(""),
        prefixed("[rank3]: "),
        prefixed("[default0]:"),
        prefixed("3: "),
        prefixed("[1,0]<stderr>:"),
        prefixed("(TrainWorker pid=9, ip=10.0.0.1) "),
        prefixed("trainer-1  | "),
        prefixed("[pod/train-0/main] "),
        prefixed("2024-05-01 12:00:00,123 - ERROR - "),
        prefixed("2024-05-01T12:00:00.000Z "),
        prefixed("ERROR:root:"),
        prefixed("\x1b[31m"),
        RICH,
        IPYTHON,
    ],
)
def test_what_stands_around_a_traceback_hides_nothing(text: str) -> None:
    error = crash("step 3 | loss: 2.5 | remaining: 9s\n" + text)
    assert error.get("kind") == "import_error"
    assert error["summary"] == "ModuleNotFoundError: No module named 'fla' at fit.py:41 in fit"


def test_ranks_that_write_at_once_are_told_apart_and_the_cause_is_named() -> None:
    first = [f"[rank0]: {row}" for row in raised("ValueError: bad depth").splitlines()]
    lost = raised("torch.distributed.DistBackendError: NCCL error: remote process exited or there was a network error")
    second = [f"[rank1]: {row}" for row in lost.splitlines()]
    both = "\n".join(row for pair in zip(first, second, strict=True) for row in pair)
    assert crash(both)["summary"] == "ValueError: bad depth at fit.py:41 in fit"


def test_a_group_is_told_by_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "fit.py").write_text(
        "def part(error):\n    try:\n        raise error\n    except Exception as found:\n        return found\n"
        "raise ExceptionGroup('training', [part(MemoryError('no room')), part(ValueError('x'))])\n"
    )
    done = subprocess.run([sys.executable, "-S", "fit.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert crash(done.stderr)["summary"] == "MemoryError: no room at fit.py:3 in part"


def test_a_launchers_own_exception_gives_way_to_the_watchdog_and_to_the_signal() -> None:
    watchdog = (
        "[rank1]:[E424 01:11:21.1 ProcessGroupNCCL.cpp:629] [Rank 1] Watchdog caught collective operation timeout: X\n"
    )
    launcher = raised("torch.distributed.elastic.multiprocessing.errors.ChildFailedError: \n====\nfit.py FAILED\n[0]:")
    error = crash(watchdog + launcher)
    assert (error.get("kind"), error["summary"]) == (
        "collective_timeout",
        "Watchdog caught collective operation timeout: X",
    )
    assert crash(launcher + "  exitcode  : -9 (pid: 202)\n").get("kind") == "oom"
    assert crash(launcher + "  exitcode  : -11 (pid: 202)\n").get("kind") == "killed"
    assert crash(launcher + "  exitcode  : 1 (pid: 202)\n").get("kind") == "exception"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "slurmstepd: error: Detected 1 oom_kill event in StepId=12.0.\nsrun: error: node1: task 0: Out Of Memory\n",
            "oom",
        ),
        ("slurmstepd: error: *** JOB 12 ON n CANCELLED AT 2024-05-01T00:00:00 DUE TO TIME LIMIT ***\n", "interrupted"),
        ("Segmentation fault (core dumped)\n", "killed"),
        ("thread 'main' panicked at src/main.rs:3:5:\nindex out of bounds\n", "exception"),
        ("panic: runtime error: index out of range\n\ngoroutine 1 [running]:\n", "exception"),
        ("fit.c:12:5: error: expected ';'\nmake: *** [all] Error 1\n", "syntax_error"),
        ("ERROR: LoadError: UndefVarError: `x` not defined\nStacktrace:\n", "exception"),
    ],
)
def test_other_programs_say_it_their_way(text: str, kind: str) -> None:
    assert crash("step 3 | loss: 2.5\n" + text).get("kind") == kind


def test_who_watched_was_killed() -> None:
    error = crash("step 3 | loss: 2.5\n", None, unwatched=True)
    assert (error.get("kind"), error["source"]) == ("interrupted", "supervisor")


def test_an_overrun_in_the_evaluation_is_said() -> None:
    over = crash("step 900 (100.0%) | loss: 2.5 | remaining: 0s\n", timed_out=True)
    assert over["summary"].startswith("stopped: out of time while it was evaluating")
    assert "evaluating" not in crash("step 90 (10.0%) | loss: 2.5 | remaining: 99s\n", timed_out=True)["summary"]


NOISE = "Exception ignored in: <function _Iter.__del__ at 0x7f>\n" + raised("AssertionError: can only test a child")


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        (raised("torch.OutOfMemoryError: CUDA out of memory."), "oom"),
        ("Killed\n", "oom"),
        ("Segmentation fault (core dumped)\n", "killed"),
        (NOISE + raised("ValueError: bad depth"), "exception"),
        ("", None),
        (NOISE, None),
        ("--- Logging error ---\n" + raised("ValueError: bad format"), None),
        (raised("ValueError: no font") + "plot failed, continuing\n", None),
        (raised("ValueError: no font") + "step 9 | loss: 2.0\n", None),
        ("we avoid out of memory by small batches\n", None),
        ("wandb: View run at x\n", None),
    ],
)
def test_what_ended_a_program_behind_its_number(after: str, kind: str | None) -> None:
    found = unhandled(after)
    assert (found.kind if found else None) == kind
