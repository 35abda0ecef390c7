"""The process between MemoryLab and a training command, so that nothing the command started outlives MemoryLab.

Run by `child.py` as `python -I -S watchdog.py STATUS_FD COMMAND...`, never imported: it starts in 13 ms because it
imports next to nothing. Standard input is a pipe that only MemoryLab writes: a byte is a signal for the command's
process group, the pipe's end means that MemoryLab has finished or was killed, and everything dies. The pipe STATUS_FD
says what happened: `P<pid>` started, `E<errno>` couldn't be started, `X<status>` ended with this wait status,
`C<milliseconds>` of processor time were taken by all that it started, once nothing of it is left.

On Linux it adopts orphans and finds descendants in /proc, so that workers which lead sessions of their own, as
torchrun's do, don't escape. Elsewhere it reaches the command's process group alone.
"""

# Importing pathlib and contextlib would double the time to start.
# ruff: noqa: PTH112, PTH123, PTH208, SIM105
from __future__ import annotations

import _thread
import os
import sys
import time

SIGKILL, SIGPIPE, SIGXFSZ = 9, 13, 25  # the same on Linux and macOS; the signal module would cost 4 ms
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
SWEEPS = 400  # of 5 ms: a process in an uninterruptible wait dies when the kernel lets it, not sooner


def descendants() -> set[int]:
    """Every living process below this one, as far as the system shows them in /proc."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc") if sys.platform == "linux" and os.path.isdir("/proc/self") else ():
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    state, parent = file.read().rpartition(b")")[2].split()[:2]
            except (OSError, ValueError):  # it ended meanwhile
                continue
            if state != b"Z":
                parents[int(name)] = int(parent)
    found, size = {os.getpid()}, 0
    while len(found) > size:
        size = len(found)
        found.update([pid for pid, parent in parents.items() if parent in found])
    return found - {os.getpid()}


def sweep(group: int) -> None:
    """Kill the process group and every descendant, until none is left."""
    for _ in range(SWEEPS):
        left = descendants()  # before the kill: without the adoption of orphans their ancestry is lost after it
        signal_group(group, SIGKILL)
        for pid in left:
            try:
                os.kill(pid, SIGKILL)
            except OSError:
                pass
        if not left:
            return
        time.sleep(0.005)


def signal_group(group: int, number: int) -> None:
    """Send a signal to a process group that may be gone."""
    try:
        os.killpg(group, number)
    except OSError:
        pass


def listen(lifeline: int, group: int) -> None:
    """Forward signals until MemoryLab closes its end, then kill everything."""
    while byte := os.read(lifeline, 1):
        signal_group(group, byte[0])
    sweep(group)


def tell(status: int, message: str) -> None:
    """Report to MemoryLab, which may be gone."""
    try:
        os.write(status, message.encode() + b"\n")
    except OSError:
        pass


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends (Linux 3.4); where that fails, groups still die."""
    if sys.platform == "linux":
        try:
            import ctypes

            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        except (ImportError, OSError, AttributeError):
            pass


def taken_ms() -> int:
    """Processor time of everything that this process has waited for: the command, and the orphans that came to it."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except OSError:  # none is left
        pass
    spent = os.times()
    return round(1000 * (spent.children_user + spent.children_system))


def main(status: int, command: list[str]) -> None:
    """Start the command and stay until it and all that it started are gone."""
    os.set_inheritable(status, False)
    lifeline, null = os.dup(0), os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    adopt_orphans()  # 4 ms, but a command that leaves a daemon and ends in its first millisecond needs it this early
    try:  # posix_spawn reports a failing exec by itself; Python had set the two signals to be ignored
        child = os.posix_spawnp(command[0], command, os.environ, setpgroup=0, setsigdef=(SIGPIPE, SIGXFSZ))
    except OSError as error:
        tell(status, f"E{error.errno}")
        return
    os.dup2(null, 1)  # the output ends when the command's descendants have closed it
    os.dup2(null, 2)
    _thread.start_new_thread(listen, (lifeline, child))
    tell(status, f"P{child}")
    while True:
        pid, ended = os.wait()
        if pid == child:
            break
    tell(status, f"X{ended}")
    sweep(child)
    tell(status, f"C{taken_ms()}")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
    os._exit(0)  # without waiting for the listener
