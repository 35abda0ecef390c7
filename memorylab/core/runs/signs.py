"""What a crash's own words say of its kind: the exception's type first, then its message, then lines without either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from memorylab.core.lazily import pattern

Signs = Sequence[tuple[str, tuple[str, ...]]]

TYPES: Mapping[str, str] = {
    name: kind
    for kind, names in {
        "import_error": "ModuleNotFoundError ImportError ZipImportError",
        "syntax_error": "SyntaxError IndentationError TabError",
        "file_missing": "FileNotFoundError NotADirectoryError",
        "interrupted": "KeyboardInterrupt SignalException",
        "nan": "FloatingPointError",
        "oom": "OutOfMemoryError MemoryError ArrayMemoryError _ArrayMemoryError ResourceExhaustedError"
        " ResourceExhausted CUDAOutOfMemoryError",
        "compile_error": "BackendCompilerFailed InductorError LoweringException LoweringError CompilationError"
        " CompileError CppCompileError OutOfResources PTXASError Unsupported InternalTorchDynamoError"
        " UserError ConstraintViolationError GuardOnDataDependentSymNode UncapturedHigherOrderOpError"
        " SubprocException TypingError CompileException RecompileError RecompileLimitExceeded FailOnRecompileLimitHit",
        "machine": "DistNetworkError DistStoreError ConnectionError ConnectionRefusedError ConnectionResetError"
        " ConnectionAbortedError BrokenPipeError RemoteDisconnected HTTPError URLError ReadTimeout ConnectTimeout"
        " ReadTimeoutError ConnectTimeoutError MaxRetryError NewConnectionError ProtocolError ChunkedEncodingError"
        " IncompleteRead SSLError SSLCertVerificationError ProxyError gaierror HfHubHTTPError OfflineModeIsEnabled"
        " LocalEntryNotFoundError PermissionError CommError MlflowException AuthenticationError NodeDiedError"
        " WorkerCrashedError ActorDiedError RayActorError ActorUnavailableError ObjectLostError OwnerDiedError"
        " NodeDiedError RaySystemError RpcError NVMLError RendezvousConnectionError RendezvousTimeoutError"
        " RendezvousClosedError ClientError EndpointConnectionError NoCredentialsError ServiceError WandbServiceError",
    }.items()
    for name in names.split()
}
"""Types that say by themselves what went wrong."""

PROGRAM_TYPES = frozenset(
    ("NameError", "AttributeError", "KeyError", "IndexError", "TypeError", "UnboundLocalError", "ZeroDivisionError")
)
"""Types of plain mistakes: a message with `nan` or `memory` in it names somebody's variable there."""

WRAPPERS = frozenset(
    ("ChildFailedError", "CalledProcessError", "ProcessRaisedException", "ProcessExitedException", "ExceptionGroup",
     "BaseExceptionGroup", "RayTaskError", "TrainingFailedError", "SystemExit", "MultiProcessingError",
     "InstantiationException")
)  # fmt: skip
"""Raised in a parent process for what its child has already told better."""

_MACHINE = (
    "address already in use", "eaddrinuse", "failed to bind", "too many open files", "errno 24]", "errno 98]",
    "errno 99]", "errno 111]", "errno 104]", "errno 110]", "errno 113]", "errno 101]", "errno 5]", "errno 116]",
    "errno 30]", "errno 13]", "errno 1]", "errno 107]", "errno 121]", "stale file handle", "input/output error",
    "read-only file system", "permission denied", "operation not permitted", "connection refused",
    "connection reset by peer", "connection closed by peer", "connection timed out", "connection aborted",
    "network is unreachable",
    "no route to host", "temporary failure in name resolution", "name or service not known",
    "failed to resolve", "max retries exceeded", "read timed out", "couldn't connect to", "could not connect to",
    "unable to open shared memory object", "insufficient shared memory", "out of shared memory", "bus error",
    "no space left on device: '/dev/shm", "of ancdata", "too many files", "transport endpoint is not connected",
    "fallen off the bus", "gpu is lost", "uncorrectable ecc", "ecc error", "nvml: ", "unknown error: nvml",
    "busy or unavailable", "no cuda gpus are available", "cuda driver version", "found no nvidia driver",
    "driver/library version mismatch", "system not yet initialized", "node failure", "node_fail", "slurm_load",
    "api_key not configured", "not logged in", "stopping due to node", "lost connection to", "socket timeout",
    "the client socket has failed", "the server socket has failed", "no such host", "certificate verify failed",
    "unhandled system error", "remote process exited or there was a network error",
    "failed to establish a new connection",
    "could not resolve host", "service unavailable", "bad gateway", "too many requests", "gateway timeout",
    "torch not compiled with cuda", "device or resource busy", "no module named torch_xla", "cuda unknown error",
)  # fmt: skip
_OOM = (
    "out of memory", "outofmemory", "bad_alloc", "memoryerror", "cannot allocate memory", "alloc_failed",
    "can't allocate memory", "not enough memory", "oom-kill", "oom_kill", "oomkilled", "oom killed",
    "oom when allocating", "insufficient memory", "failed to allocate", "unable to allocate", "attempting to allocate",
    "greater than the maximum allowed buffer size", "exceeded job memory limit", "exceeded memory limit",
    "exceeded step memory limit", "running low on memory", "cudaerrormemoryallocation", "memory_limit_exceeded",
    "is killed by signal: killed", "sigkill(-9)", "excessive memory usage", "ran out of memory", "errno 12]",
    "exceeded hbm capacity", "exceeded the memory", "memory quota exceeded", "invalid buffer size",
)  # fmt: skip
_COLLECTIVE = (
    "watchdog caught collective operation timeout", "collective operation timeout", "heartbeat monitor timed out",
    "nccl operations have failed or timed out", "nccl communicator was aborted", "timed out waiting",
    "monitoredbarrier", "monitored barrier", "wait timeout after", "ran for", "stalled ranks",
    "collective timeout", "nccl timeout", "waitsend", "waitrecv", "recv operation to complete",
    "send operation to complete", "barrier timed out", "barrier timeout",
)  # fmt: skip
_PATCH = (
    "patch does not apply", "patch failed", "merge conflict", "conflict (content)", "automatic merge failed",
    "error: could not apply", "corrupt patch", "<<<<<<< ",
)  # fmt: skip
_DISK = ("no space left on device", "disk quota exceeded", "errno 28]", "errno 122]", "os error 28)", "disk is full")
_STOPPED = (
    "due to preemption", "due to time limit", "due to node failure", "got signal: 15", "got signal: 2",
    "received sigterm", "received sigint", "preempted", "cancelled at", "job was cancelled", "was evicted",
    "died with <signals.sigterm", "terminated by signal 15",
)  # fmt: skip
_COMPILE = (
    "torch._dynamo", "torch._inductor", "torch.fx.", "triton.", "backendcompilerfailed", "inductorerror",
    "loweringexception", "ptxas", "nvcc fatal", "error building extension", "ninja: build stopped",
    "out of resource: shared memory", "out of resource:", "compilation error", "failed to compile", "mosaic",
    "metal shader", "library not found for -l", "failed to pipeline", "failed to legalize", "xla compilation",
    "passmanager::run failed", "cc1plus", "collect2: error", "subprocess-exited-with-error",
)  # fmt: skip

DECISIVE: Signs = (
    ("compile_error", ("out of resource:",)),
    ("machine", ("/dev/shm", "unable to open shared memory object", "out of shared memory",
                 "insufficient shared memory")),
    ("disk_full", _DISK),
    ("interrupted", _STOPPED),
    ("oom", _OOM),
    ("patch_failed", _PATCH),
    ("assertion", ("device-side assert",)),
    ("collective_timeout", _COLLECTIVE[:11]),
    ("machine", _MACHINE),
)  # fmt: skip
"""Words that say enough wherever they stand."""

TELLING: Signs = (
    (
        "shape_mismatch",
        ("size mismatch", "shape mismatch", "mat1 and mat2", "shapes cannot be multiplied", "must match the size of",
         "must match the existing size", "sizes of tensors must match", "is invalid for input of size",
         "could not be broadcast", "are not broadcastable", "split_with_sizes", "expected size for first two",
         "einsum():", "same reduction dim", "inner dimensions", "shapes of the input", "expected input batch_size",
         "incompatible shapes", "dot_general requires contracting", "cannot be broadcast", "shapes do not match",
         "shapes must be equal", "last dimension of first input", "have incompatible shapes", "[addmm]",
         "dimension mismatch"),
    ),
    ("killed", ("is killed by signal", "exited unexpectedly", "terminated abruptly", "segmentation fault",
                "fatal python error", "(core dumped)", "illegal instruction")),
    ("compile_error", _COMPILE),
    ("collective_timeout", _COLLECTIVE),
    ("cuda_error", ("cuda error", "cudnn_status", "cublas_status", "nccl error", "ncclinternalerror", "hip error",
                    "acceleratorerror", "cudaerror", "cuda runtime error", "cuda_error_", "hiperror", "mps backend",
                    "ncclunhandledcudaerror", "xla:tpu", "internal: during context")),
    ("import_error", ("cannot open shared object file", "symbol not found", "undefined symbol", "dll load failed")),
    ("file_missing", ("no such file or directory", "can't open file", "command not found", ": not found",
                      "no prepared data", "is missing or not as it was prepared")),
    ("assertion", ("assertionerror", "assertion `", "assertion failed")),
)  # fmt: skip
"""Words that say it where nothing stronger does."""

_NOT_FINITE = pattern(r"\bnan\b|\binf\b|non-?finite|not finite|diverged|float values are not json|infinity")
_ALLOWED = pattern(  # `[1, inf)`, `between 0 and infinity` and `'nan'` name what a parameter may be, not what came out
    r"[\[(\]]\s*(?:[-+]?[\d.e+-]+|-inf(?:inity)?)\s*(?:,|;|\.\.+)\s*\+?(?:inf(?:inity)?|\u221e)\s*[\])\[]"
    r"|[\[(\]]\s*-(?:inf(?:inity)?|\u221e)\s*(?:,|;|\.\.+)\s*[-+]?[\d.e+-]+\s*[\])\[]"
    r"|\bbetween \S{1,20} and \+?inf(?:inity)?\b|(?P<quote>['\"`])[-+]?(?:nan|inf|infinity)(?P=quote)"
)


def kind_of(name: str, message: str, detail: str) -> str:
    """The kind of an exception: its own type's, else what its message says, else `exception`.

    `detail` is all of it in lower case, with the message's further lines.

    >>> kind_of("BackendCompilerFailed", "TypeError: Invalid NaN comparison", "typeerror: invalid nan comparison")
    'compile_error'
    >>> kind_of("KeyError", "'out of memory'", "keyerror: 'out of memory'")
    'exception'
    """
    told = message.lower()
    own = TYPES.get(name)
    if own == "syntax_error":
        return "patch_failed" if sign(detail, (("patch_failed", ("<<<<<<<", ">>>>>>>")),)) else own
    if own == "compile_error":  # tuning a kernel may run out of memory
        outer = own
        return "oom" if "outofmemoryerror" in detail or "out of memory" in detail else outer
    if own == "machine":
        return _of_machine(detail)
    if own is not None:
        return own
    if name == "AssertionError":
        strong = "assertion" if "device-side assert" in detail else None
        return strong or ("machine" if "not compiled with cuda" in detail else _assertion(told))
    if name in PROGRAM_TYPES:
        shapes = sign(detail, TELLING[:1]) if name in ("TypeError", "IndexError") else None
        return shapes or ("assertion" if "device-side assert" in detail else "exception")
    if decided := sign(detail, (*DECISIVE, TELLING[-3])):  # a library that isn't there comes before a missing file
        return decided
    return "nan" if _tells_nan(told) else sign(detail, TELLING) or "exception"


def _assertion(told: str) -> str:
    return "nan" if _tells_nan(told) else "assertion"


def _tells_nan(told: str) -> bool:
    """Whether a message speaks of a value that left the numbers, and not only of a range that has no end."""
    return _NOT_FINITE.search(_ALLOWED.sub(" ", told)) is not None


def _of_machine(detail: str) -> str:
    """A worker or node that was lost may have told why; a full disk has advice of its own."""
    found = sign(detail, (("disk_full", _DISK), ("oom", _OOM)))
    return found or "machine"


def sign(text: str, table: Signs) -> str | None:
    """The first kind of a table of which some word stands in a text of lower case."""
    return next((kind for kind, words in table if any(word in text for word in words)), None)
