"""The few file calls where operating systems differ or order matters: locks, durable writes, bounded reads."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from memorylab.errors import LabError

NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
"""For `os.open`: a link is refused with ELOOP instead of being followed."""
LARGEST = 64 << 20
"""Bytes read of a file where no narrower limit is known."""
_SHOWN = 200
"""Characters of a path in a message."""
NONBLOCK = getattr(os, "O_NONBLOCK", 0)
_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a link",
}

if os.name == "nt":  # untried: written from the documentation of msvcrt.locking
    import msvcrt

    def _lock(fd: int) -> None:
        while True:
            with contextlib.suppress(OSError):
                msvcrt.locking(fd, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined,unused-ignore]
                return

    def _try_lock(fd: int) -> bool:
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True

    def _unlock(fd: int) -> None:
        os.lseek(fd, 0, os.SEEK_SET)
        msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]
else:
    import fcntl

    def _lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX)

    def _try_lock(fd: int) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_UN)


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold an inter-process lock on `path`, a file used for nothing else and never replaced.

    The kernel releases it when the holder dies, so a kill -9 leaves nothing to mend. What is done under it is done: a
    lock that can't be given back properly is no failure of that.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | NO_FOLLOW, 0o666)
    try:
        _lock(fd)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                _unlock(fd)
    finally:
        close(fd)


@contextlib.contextmanager
def try_exclusive(path: Path) -> Iterator[bool]:
    """Like `exclusive`, but doesn't wait: yields whether the lock was free."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | NO_FOLLOW, 0o666)
    try:
        yield _try_lock(fd)
    finally:
        close(fd)


def try_lock(fd: int) -> bool:
    """Lock an open file for this process if nobody has; the lock ends when the descriptor is closed."""
    return _try_lock(fd)


def close(fd: int) -> None:
    """Close a descriptor whose bytes are synced, or of no account: what close says then is no news (close(2))."""
    with contextlib.suppress(OSError):
        os.close(fd)


def linked(path: Path, root: Path) -> Path | None:
    """The first part of `path` below `root` that is a link, None where none is.

    A link inside a store may have been put there by the code that an agent wrote, so nothing is written through one.
    `root` itself may be a link: that is how a user moves a whole store to another disk.
    """
    place = root
    for part in path.relative_to(root).parts:
        place = place / part
        if place.is_symlink():
            return place
    return None


def refuse_links(path: Path, root: Path) -> None:
    """Raise the `OSError` that opening a link would where `linked` finds one."""
    if (link := linked(path, root)) is not None:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(link))


def sync(fd: int) -> None:
    """Bring the file's bytes and size to the disk, not only to its cache where the system tells them apart."""
    if hasattr(os, "fdatasync"):
        os.fdatasync(fd)
        return
    if os.name != "nt" and hasattr(fcntl, "F_FULLFSYNC"):  # macOS: fsync alone stops at the drive's cache
        with contextlib.suppress(OSError):
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
            return
    os.fsync(fd)


def sync_directory(path: Path) -> None:
    """Make a file's creation or renaming in `path` durable; a no-op where directories can't be opened or synced."""
    if os.name == "nt":
        return
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems know no such thing
            raise
    finally:
        close(fd)


class Unsuitable(OSError):
    """A path that leads to something that isn't read or written here: a pipe, a device, a file beyond its limit."""

    def __init__(self, path: object, what: str, hint: str) -> None:
        super().__init__(errno.EINVAL, f"{_clipped(path)} {what}", str(path))
        self.hint = hint


def write_atomic(path: Path, text: str | bytes) -> None:
    """Replace `path`, a file of the store, by `text` in one step: readers see the old file or the new one.

    Parent directories are created. A link in its place is replaced and not followed: it may lead anywhere.

    Raises:
        OSError: it can't be written, or a directory, a pipe or a device stands there; that is left as it is.

    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_pieces(path, [text])


def write_durable(path: Path, data: bytes) -> None:
    """Like `write_atomic`, and on the disk when it returns: for what can't be derived again."""
    write_pieces(path, [data], durable=True)
    sync_directory(path.parent)


def write_pieces(path: Path, pieces: Iterable[str | bytes], durable: bool = False) -> None:
    """The same for a text in pieces, into a directory that exists; whatever goes wrong, the old file is still there."""
    mode = _mode(path)
    # A short name of its own: with the file's in it, a name near the system's limit couldn't be written.
    temporary = path.parent / f".memorylab-{os.getpid()}-{time.monotonic_ns()}.tmp"
    try:
        with temporary.open("xb") as file:
            if mode is not None:
                temporary.chmod(mode)  # what was private stays so
            for piece in pieces:
                file.write(encoded(piece))
            if durable:
                file.flush()
                sync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is not None:
            error.filename = str(path)  # what was asked for; nobody knows the other name
        raise


def _mode(path: Path) -> int | None:
    """The permissions of the regular file that is to be replaced; None where there is none, or a link."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(status.st_mode):
        return None
    _demand_regular(path, status, "move it away")
    return stat.S_IMODE(status.st_mode) & 0o777


def encoded(piece: str | bytes) -> bytes:
    """What is written of a piece: half a character, as bytes that are no UTF-8 leave it, becomes a question mark."""
    return piece.encode("utf-8", "replace") if isinstance(piece, str) else piece


def open_regular(path: Path, limit: int | None = None) -> BinaryIO:
    """A regular file for reading, through links. Nothing is waited for, and what is no file isn't even opened.

    Whoever reads from it bounds that too: it may grow, and files of /proc don't say their size.

    Raises:
        OSError: it can't be opened; Unsuitable if it is no regular file, or larger than `limit` bytes.

    """
    try:
        # Before it is opened, too: opening a pipe ends its writer, opening a tape rewinds it.
        _demand_regular(path, path.stat(), "name a regular file; what a program prints is saved to one first")
        fd = os.open(path, os.O_RDONLY | NONBLOCK)
    except ValueError as error:
        raise Unsuitable(repr(str(path))[:80], "is no name of a file", "check the path") from error
    file = os.fdopen(fd, "rb")
    try:
        status = os.fstat(fd)
        _demand_regular(path, status, "name a regular file")
        if limit is not None and status.st_size > limit:
            raise too_large(path, limit)
    except BaseException:
        file.close()
        raise
    return file


def read_bounded(path: Path, limit: int = LARGEST) -> bytes:
    """The whole of a regular file of at most `limit` bytes, however its size changes meanwhile.

    Raises:
        OSError: as `open_regular`.

    """
    with open_regular(path, limit) as file:
        return read_stream(file, path, limit)


def read_stream(file: BinaryIO, name: object, limit: int = LARGEST) -> bytes:
    """The same for what is open already, such as the standard input.

    Raises:
        OSError: Unsuitable if there is more.

    """
    data = file.read(limit + 1) or b""
    if len(data) > limit:
        raise too_large(name, limit)
    return data


def blocks(file: BinaryIO, name: object, limit: int) -> Iterator[bytes]:
    """The same in blocks, for what needn't be held in memory at once."""
    read = 0
    while block := file.read(1 << 20):
        read += len(block)
        if read > limit:
            raise too_large(name, limit)
        yield block


def too_large(name: object, limit: int) -> Unsuitable:
    """What is said of a file, or of a part of one, beyond the `limit` of bytes."""
    unit, sign = next((u for u in ((1 << 30, "GiB"), (1 << 20, "MiB")) if limit % u[0] == 0), (1, "bytes"))
    return Unsuitable(name, f"is larger than {limit // unit:,} {sign}", "is it the right file?")


def _demand_regular(path: Path, status: os.stat_result, hint: str) -> None:
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFDIR:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if kind != stat.S_IFREG:
        raise Unsuitable(path, f"is {_KINDS.get(kind, 'something else')}, not a regular file", hint)


def at_home(name: str) -> Path:
    """A path as a user writes it, with ~ for the home directory where there is one."""
    try:
        return Path(name).expanduser()
    except RuntimeError:  # no HOME, or no such user
        return Path(name)


def stands(path: Path) -> bool:
    """Whether there is anything of this name, be it a link to nothing; False where nobody may look."""
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True


def open_plain(path: Path) -> BinaryIO | None:
    """A regular file for reading; None for anything else: a link leads elsewhere, a pipe would never end."""
    try:
        fd = os.open(path, os.O_RDONLY | NO_FOLLOW | NONBLOCK)
    except (OSError, ValueError):
        return None
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return os.fdopen(fd, "rb")
    os.close(fd)
    return None


def explain(error: OSError, doing: str, hint: str = "") -> LabError:
    """The one-line form of an operating system's refusal while `doing` something.

    >>> explain(PermissionError(13, "Permission denied", "x.jsonl"), "append to the ledger").message
    "can't append to the ledger: no permission for x.jsonl"
    """
    if isinstance(error, Unsuitable):
        return LabError(f"can't {doing}: {error.strerror}", hint or error.hint)
    name = f" for {_clipped(error.filename)}" if error.filename else ""
    advice = hint
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            what, advice = "the disk is full", "free some space, then run the same command again"
        case errno.EACCES | errno.EPERM:
            what, advice = f"no permission{name}", hint or "check the owner and mode of the file and its directory"
        case errno.EROFS:
            what, advice = f"the file system is read-only{name}", hint or "use --root with a writable workspace"
        case errno.ENAMETOOLONG:
            what, advice = f"the name is too long{name}", hint or "use a shorter one"
        case errno.ENOENT:
            what, advice = f"no such file{name}", hint or "check the path"
        case errno.EISDIR:
            what, advice = f"it is a directory{name}", hint or "name a file, or move the directory away"
        case errno.ELOOP:
            what = f"{error.filename or 'it'} is a link, which is not followed"
            advice = "put the file or directory itself there; results/memorylab as a whole may be a link"
        case errno.ENOTDIR:
            what, advice = f"a part of the path is a file{name}", hint or "move that file away"
        case _:
            what, advice = f"{error.strerror or error}{name}", hint or "check the file and its directory"
    return LabError(f"can't {doing}: {what}", advice)


def _clipped(name: object) -> str:
    told = os.fsdecode(name) if isinstance(name, bytes) else str(name)
    return told if len(told) <= _SHOWN else f"{told[: _SHOWN // 2]}...{told[-_SHOWN // 2 :]}"


def unique_directory(parent: Path, name: str, taken: Callable[[str], bool] = lambda _: False) -> Path:
    """Create `parent/name`, or `name-2`, `name-3` … when taken; exclusive between processes, also over NFS."""
    parent.mkdir(parents=True, exist_ok=True)
    for suffix in range(1, 1_000_000):
        candidate = name if suffix == 1 else f"{name}-{suffix}"
        if not taken(candidate):
            with contextlib.suppress(FileExistsError):
                (parent / candidate).mkdir()
                return parent / candidate
    raise LabError(f"no free name for {name} under {parent}")
