"""Which GPUs a run is given, and who else uses them: from the driver's files, and nvidia-smi where there is one."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

_DRIVER = Path("/proc/driver/nvidia/gpus")
_OTHERS = ("/dev/kfd", "/dev/accel0", "/dev/dxg")
"""Of AMD, Google and Windows' Linux; nobody is asked who uses them."""
_LIMIT_S = 5.0
"""nvidia-smi takes 0.05 to 1 s; on a GPU that has fallen off its bus it never ends."""
_FADED_S = 1.2
"""Utilization is told of the last second at most: what has just ended is out of it then."""
_BUSY = 10.0
_MOST = 64
_NONE = ("", "-1", "none", "void", "NoDevFiles")


def visible(environment: Mapping[str, str]) -> list[str]:
    """The ids (UUIDs) of the NVIDIA GPUs that a command with this environment may use, sorted; none without a driver.

    Without CUDA_VISIBLE_DEVICES it may use all. Numbers are those of the bus order, as nvidia-smi counts; a name that
    isn't known (a part of a GPU, `MIG-…`) stands for itself.
    """
    known = _known()
    given = environment.get("CUDA_VISIBLE_DEVICES")
    if given is None or not known:
        return sorted(known)
    found: list[str] = []
    for name in given.split(",")[:_MOST]:
        name = name.strip()
        if name in _NONE:  # CUDA looks no further than the first that isn't there
            break
        if name.isdecimal():
            if int(name) >= len(known):
                break
            found.append(known[int(name)])
        else:
            found.append(next((one for one in known if one.startswith(name)), name))
    return sorted(set(found))


def none_here() -> bool:
    """Whether this machine has nothing but processors to train on, or a command is shown nothing else."""
    if sys.platform == "darwin":
        return False
    return not any(Path(path).exists() for path in _OTHERS)


def _known() -> list[str]:
    try:
        cards = sorted(card.name for card in _DRIVER.iterdir())[:_MOST]
    except OSError:
        return []
    found = []
    for card in cards:
        told = ""
        with suppress(OSError, UnicodeDecodeError):
            told = (_DRIVER / card / "information").read_text("utf-8")
        uuid = re.search(r"GPU UUID:\s*(GPU-[0-9a-fA-F-]+)", told)
        found.append(uuid[1] if uuid else f"GPU-{card}")
    return found


def utilization(ids: Sequence[str]) -> float | None:
    """The percentage of time in which the busiest of these GPUs computed lately; None where nobody tells.

    Asked twice where something computed: it may have been the run that has just ended.
    """
    busy = _busiest(ids)
    if busy is not None and busy > _BUSY:
        time.sleep(_FADED_S)
        return _busiest(ids)
    return busy


def _busiest(ids: Sequence[str]) -> float | None:
    values = [value for _, value in _asked("--query-gpu=uuid,utilization.gpu", ids) if value is not None]
    return max(values) if values else None


def others(ids: Sequence[str], before: float | None) -> dict[str, Any]:
    """What of a GPU was used by others: how busy it was before a run and is after it, and who is left on it now.

    A process of the run itself has ended by then. In a container nvidia-smi sees no processes, but how busy it is.
    """
    rows = _asked("--query-compute-apps=gpu_uuid,used_memory", ids)
    after = utilization(ids)
    memory = [value for _, value in rows if value is not None]
    told = {
        "devices": len(ids),
        "utilization_before": before,
        "utilization_after": after,
        "processes": len(rows) if before is not None or after is not None else None,
        "memory_mb": sum(memory) if memory else None,
    }
    return {name: value for name, value in told.items() if value is not None} if after is not None or rows else {}


def _asked(query: str, ids: Sequence[str]) -> list[tuple[str, float | None]]:
    """The rows of a query about these GPUs: (id, number)."""
    if not ids:
        return []
    try:
        done = subprocess.run(
            ["nvidia-smi", query, "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return []
    if done.returncode != 0:
        return []
    return rows_of(done.stdout, ids)


def rows_of(text: str, ids: Sequence[str]) -> list[tuple[str, float | None]]:
    """What nvidia-smi prints as CSV of an id and a number; "[N/A]" where it doesn't know the latter."""
    found: list[tuple[str, float | None]] = []
    for line in text.splitlines():
        uuid, _, told = line.partition(",")
        if uuid.strip() in ids or all(not one.startswith("GPU-") for one in ids):
            number = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*", told)
            found.append((uuid.strip(), float(number[1]) if number else None))
    return found
