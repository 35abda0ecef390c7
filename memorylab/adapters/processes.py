"""Tells whether a process that left its number in a file is still the one that runs under it."""

from __future__ import annotations

import os
from pathlib import Path


def birth(pid: int) -> str | None:
    """When a process began, in the kernel's own count (proc_pid_stat(5), field 22); None where nobody tells.

    Numbers of processes are given out again: only together with this does one name a process.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return fields[19]
    except (OSError, IndexError):
        return None


def namespace() -> str:
    """In which the numbers of processes are ours, as the kernel names it (pid_namespaces(7)); "" where nobody tells."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def alive(pid: int, born: str | None) -> bool:
    """Whether the process `pid` that began at `born` still runs; with None the number alone has to do."""
    if pid <= 0 or os.name == "nt":  # on Windows signal 0 is no question: it would end the process
        return pid > 0
    try:
        os.kill(pid, 0)
    except PermissionError:
        pass
    except (OSError, OverflowError):
        return False
    return born is None or birth(pid) in (None, born)
