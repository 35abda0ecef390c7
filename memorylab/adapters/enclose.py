"""The sandbox without bubblewrap: namespaces of its own for one command, by the system calls that `unshare` makes.

Run by `sandbox.py` as `python -I -S enclose.py (KIND SOURCE TARGET)... -- COMMAND...`, never imported. KIND is `ro`
(read-only) or `as` (as it is). The command sees only its own processes, is process 1 among them, and all of them die
with it, with this process or with MemoryLab. Without the privilege to mount it can't undo any of it.
"""

# Importing pathlib and contextlib would double the time to start.
# ruff: noqa: PTH123
from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x20000, 0x10000000, 0x20000000  # linux/sched.h
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18  # linux/mount.h
MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE, ATTR_RDONLY = 442, -100, 0x8000, 1  # Linux 5.12, one number everywhere
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, SIGKILL = 1, 24, 38, 9  # linux/prctl.h
DROPPED = (2, 16, 17, 18, 19, 21, 27)
"""Capabilities that lead out, which only root has anything of: see DROPPED of `sandbox.py`; by linux/capability.h."""

libc: Any = ctypes.CDLL(None, use_errno=True)


def check(what: str, result: int) -> None:
    """Raise what the system said of the last call, unless it went well."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def separate() -> None:
    """Enter namespaces of one's own: for mounts and processes, and for users where only that allows the others."""
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWNS | CLONE_NEWPID) < 0:
        check("unshare", libc.unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER))
        for name, line in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(line)
    check("mount /", libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))


def place(kind: str, source: int, target: str) -> None:
    """Put an opened path over another, or over itself."""
    over, origin = os.fsencode(target), f"/proc/self/fd/{source}".encode()
    check(f"bind {target}", libc.mount(origin, over, None, MS_BIND | MS_REC, None))
    if kind == "ro":
        attributes = (ctypes.c_uint64 * 4)(ATTR_RDONLY)
        size = ctypes.c_size_t(ctypes.sizeof(attributes))
        made = libc.syscall(MOUNT_SETATTR, AT_FDCWD, over, AT_RECURSIVE, attributes, size)
        check(f"mount_setattr {target}", made)


def inside(places: list[list[str]], directory: str, command: list[str]) -> None:
    """As process 1 of the new namespace: mount, give up the privilege to do so, become the command."""
    libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    check("mount /proc", libc.mount(b"proc", b"/proc", b"proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, None))
    # Opened before the first is mounted: what is writable within a read-only one is what it was.
    opened = [os.open(source, os.O_PATH | os.O_CLOEXEC) for _, source, _ in places]
    for source, (kind, _, target) in zip(opened, places, strict=True):
        place(kind, source, target)
    os.chdir(directory)  # anew: what was mounted over it isn't seen from a directory entered before
    for capability in DROPPED:  # of a user they all go with the exec; root keeps what isn't dropped
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    check("no_new_privs", libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    os.execvp(command[0], command)


def main(words: list[str]) -> int:
    """Start the command inside and end as it does."""
    split = words.index("--")
    places = [words[at : at + 3] for at in range(0, split, 3)]
    directory, parent = os.getcwd(), os.getppid()  # noqa: PTH109
    separate()
    child = os.fork()
    if child == 0:
        inside(places, directory, words[split + 1 :])
    libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before it was asked to tell
        return SIGKILL
    os.closerange(0, 1024)  # the pipes are the command's: whoever reads them waits for their last holder
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 255


if __name__ == "__main__":
    try:
        status = main(sys.argv[1:])
    except OSError as error:
        sys.stderr.write(f"{error.strerror}\n")
        status = 125
    os._exit(status)
