"""Tells whether a process that left its number in a file is still the one that runs under it, and what it has taken."""

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


def cpu_seconds_below(pid: int) -> float | None:
    """Processor time of all that a process has started and of what those have waited for; None where nobody tells.

    What has ended without its parent waiting for it is missing.
    """
    parents: dict[int, tuple[int, float]] = {}
    try:
        tick = os.sysconf("SC_CLK_TCK")
        names = [entry.name for entry in os.scandir("/proc") if entry.name.isdigit()]
    except (OSError, ValueError, AttributeError):
        return None
    for name in names:
        try:
            fields = Path(f"/proc/{name}/stat").read_bytes().rpartition(b")")[2].split()
            parents[int(name)] = (int(fields[1]), sum(map(int, fields[11:15])) / tick)  # proc_pid_stat(5), 14 to 17
        except (OSError, ValueError, IndexError):  # it ended meanwhile
            continue
    below, size = {pid}, 0
    while len(below) > size:
        size = len(below)
        below.update(one for one, (parent, _) in parents.items() if parent in below)
    return sum(parents[one][1] for one in below - {pid} if one in parents)
