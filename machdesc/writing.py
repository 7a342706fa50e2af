"""Writing files: a reader finds the old content or the new one, never a half, and all else of a file stays.

A regular file is replaced by a temporary one beside it (`.machdesc-` and 16 digits), which gets its owner,
mode and extended attributes; symlinks are followed. Where that would change more than the content (a file
with several hard links, an owner that cannot be given away, a folder that may not be written), the content
is written in place, after a copy of the old one has been synced, and put back when that fails. What is not a
regular file, such as a device or a pipe, is opened and written to.

Ctrl-C, SIGTERM and SIGHUP leave no temporary file. SIGKILL and a power cut may: a file that was written in
place then has a copy of its old content beside it.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import AbstractContextManager, nullcontext, suppress
from threading import current_thread, main_thread

from machdesc.diagnostic import printable
from machdesc.ending import ended_in_order, held

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_LINKS = 40
"""Symlinks that are followed, as Linux has it (MAXSYMLINKS)."""

_UNCOPIED = ("security.capability", "security.evm", "security.ima")
"""Extended attributes that hold for one content."""

_SECONDS, _STEP = 5.0, 0.05
"""How long to wait for another machdesc that rewrites the same file."""


class ChangedMeanwhile(Exception):
    """A file is no longer what was read of it."""


class _OtherThanContent(Exception):
    """Replacing the file would change more of it than its content."""


def write_whole(
    path: str, text: str, old: str | None = None, *, fresh: bool = False, one_of_many: bool = False
) -> None:
    """Writes a text, in UTF-8, into a file, or into what is no regular file.

    `old` is what the file has to hold until then. `fresh`: a regular file must not be there yet. One
    of many files, within `ending.undisturbed`, is not synced, and no signal ends the program meanwhile.

    :raises ChangedMeanwhile: when it holds something else; it is then as it was.
    :raises OSError: when it cannot be written; an existing file is then as it was, or the message names a
        copy.
    """
    data = _encoded(text)
    number = own_descriptor(path)
    if number is not None:
        _write_all(number, data)
        return
    try:
        status = os.stat(path)
    except FileNotFoundError:
        status = None
    if status is not None and not stat.S_ISREG(status.st_mode):
        _write_into(path, data)
        return
    if status is not None and fresh:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
    target = _followed(path)
    if _is_descriptor(target):  # of another process
        _write_into(path, data, os.O_APPEND)
        return
    with nullcontext() if one_of_many else _ended_in_order():
        _replace(target, data, _encoded(old) if old is not None else None, fresh, not one_of_many)


def _encoded(text: str) -> bytes:
    """The bytes of a text; a lone byte of a file's name is that byte."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace")


def _ended_in_order() -> AbstractContextManager[None]:
    """Signals undo what is under way; only the main thread can see to that."""
    return ended_in_order() if current_thread() is main_thread() else nullcontext()


# -- what is no regular file ----------------------------------------------------------------------------


def own_descriptor(path: str) -> int | None:
    """The number of an open file of this process that a path means, such as `/dev/stdout`.

    It is written to as it is: opened anew, a file would be written from its start.
    """
    path = _followed(path)
    if not _is_descriptor(path):
        return None
    folder = os.path.realpath(os.path.dirname(path))
    own = folder in (f"/proc/{os.getpid()}/fd", "/dev/fd") or folder.startswith(f"/proc/{os.getpid()}/task/")
    return int(os.path.basename(path)) if own else None


def _is_descriptor(path: str) -> bool:
    """Whether a path is an entry of a process's table of open files."""
    if not os.path.basename(path).isdecimal():
        return False
    folder = os.path.realpath(os.path.dirname(path))
    return folder == "/dev/fd" or (folder.startswith("/proc/") and folder.endswith("/fd"))


def _followed(path: str) -> str:
    """The path at the end of the symlinks that a path leads along; its last part is none, except for an open
    file of a process.

    :raises OSError: when they go round.
    """
    for _ in range(_LINKS):
        if _is_descriptor(path):
            return path
        try:
            path = os.path.join(os.path.dirname(path), os.readlink(path))
        except OSError:
            return path
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)


def _write_into(path: str, data: bytes, flags: int = 0) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_NOCTTY | flags)
    try:
        _write_all(handle, data)
    finally:
        os.close(handle)


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


# -- regular files ----------------------------------------------------------------------------------------


def _replace(target: str, data: bytes, old: bytes | None, fresh: bool, synced: bool) -> None:
    """Gives a regular file, which need not be there, its new content."""
    name = os.path.basename(target)
    folder = _open_folder(os.path.dirname(target) or ".")
    try:
        lock = _lock(name, folder) if old is not None else None
        try:
            status = _status(name, folder)
            if status is not None and status.st_nlink > 1:
                _write_in_place(target, name, folder, data, old)
                return
            try:
                _rename_over(name, folder, status, data, old, fresh, synced)
            except (_OtherThanContent, PermissionError):
                if status is None or not os.access(target, os.W_OK):
                    raise
                _write_in_place(target, name, folder, data, old)
            except OSError as failed:
                if failed.errno != errno.EROFS or status is None:  # the file may be mounted by itself
                    raise
                _write_in_place(target, name, folder, data, old)
        finally:
            if lock is not None:
                os.close(lock)
    except _OtherThanContent as kept:
        reason = f"replacing it would not keep its {kept}, and it is not writable"
        raise PermissionError(errno.EPERM, reason, target) from None
    finally:
        os.close(folder)


def _open_folder(path: str) -> int:
    """A folder, in which names are found though their whole path be too long, or the folder be moved."""
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except PermissionError:
        return os.open(path, getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY)


def _status(name: str, folder: int) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _lock(name: str, folder: int) -> int | None:
    """Keeps another machdesc from rewriting a file between our last look at it and our writing."""
    import time
    from fcntl import LOCK_EX, LOCK_NB, flock

    for _ in range(int(_SECONDS / _STEP)):
        try:
            handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        except FileNotFoundError:
            return None
        try:
            flock(handle, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            time.sleep(_STEP)
            continue
        except OSError:  # not every file system has locks
            return handle
        status = _status(name, folder)
        if status is not None and os.path.samestat(status, os.fstat(handle)):
            return handle
        os.close(handle)
    raise BlockingIOError(errno.EAGAIN, "is locked by another program", name)


def _temporary(folder: int, mode: int) -> str:
    """A new file in a folder; its name is short, since that of the file may be as long as names can be."""
    name = f".machdesc-{os.urandom(8).hex()}"
    os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode, dir_fd=folder))
    return name


def _removal(folder: int) -> Callable[[str], None]:
    def remove(name: str) -> None:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)

    return remove


def _rename_over(
    name: str,
    folder: int,
    status: os.stat_result | None,
    data: bytes,
    old: bytes | None,
    fresh: bool,
    synced: bool,
) -> None:
    """Puts a new file in the place of one that is there, or of none."""
    mode = 0o600 if status is not None else 0o666
    with held(lambda: _temporary(folder, mode), _removal(folder)) as temporary:
        handle = os.open(temporary, os.O_WRONLY | os.O_NOFOLLOW, dir_fd=folder)
        try:
            if status is not None:
                _take_over(name, folder, status, handle)
            _write_all(handle, data)
            if synced:
                os.fsync(handle)
        finally:
            os.close(handle)
        if old is not None and _content(name, folder) != old:
            raise ChangedMeanwhile(name)
        if fresh:
            _name_anew(temporary, name, folder)
        else:
            os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    if synced:
        with suppress(OSError):  # not every file system syncs folders
            os.fsync(folder)


def _name_anew(temporary: str, name: str, folder: int) -> None:
    """Gives a file a name that is not there yet.

    :raises FileExistsError: when it is.
    """
    try:
        os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:  # no hard links here
        if _status(name, folder) is not None:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name) from None
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)


def _take_over(name: str, folder: int, status: os.stat_result, handle: int) -> None:
    """Gives a new file the owner, the mode and the extended attributes of the one that it replaces.

    :raises _OtherThanContent: when that is not possible.
    """
    own = os.fstat(handle)
    if (own.st_uid, own.st_gid) != (status.st_uid, status.st_gid):
        try:
            os.fchown(handle, status.st_uid, status.st_gid)
        except OSError as failed:
            raise _OtherThanContent("owner") from failed
    os.fchmod(handle, stat.S_IMODE(status.st_mode))
    if stat.S_IMODE(os.fstat(handle).st_mode) != stat.S_IMODE(status.st_mode):
        raise _OtherThanContent("mode")
    _copy_attributes(name, folder, handle)


def _copy_attributes(name: str, folder: int, handle: int) -> None:
    if not hasattr(os, "listxattr"):
        return
    try:
        source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except PermissionError:
        raise _OtherThanContent("attributes") from None
    try:
        attributes = {key: os.getxattr(source, key) for key in _attributes(source)}
        for key in set(_attributes(handle)) - attributes.keys():  # from the folder's default access list
            with suppress(OSError):
                os.removexattr(handle, key)
        for key, value in attributes.items():
            try:
                if key not in _attributes(handle) or os.getxattr(handle, key) != value:
                    os.setxattr(handle, key, value)
            except OSError as failed:
                if not key.startswith("security."):
                    raise _OtherThanContent(f"attribute {key}") from failed
    finally:
        os.close(source)


def _attributes(handle: int) -> list[str]:
    try:
        return [name for name in os.listxattr(handle) if name not in _UNCOPIED]
    except OSError:  # the file system has none
        return []


def _content(name: str, folder: int) -> bytes:
    with open(os.open(name, os.O_RDONLY | os.O_NONBLOCK, dir_fd=folder), "rb") as file:
        return file.read()


def _write_in_place(target: str, name: str, folder: int, data: bytes, old: bytes | None) -> None:
    """Writes over the content of a file, with a copy of the old one beside it until that is done."""
    handle = os.open(name, os.O_RDWR | os.O_NOFOLLOW, dir_fd=folder)
    try:
        before = os.pread(handle, os.fstat(handle).st_size, 0)
        if old is not None and before != old:
            raise ChangedMeanwhile(target)
        mode = stat.S_IMODE(os.fstat(handle).st_mode)
        place = _Place(target, handle, folder, before)
        with held(place.keep_copy, place.end):
            _write_over(handle, data)
            if stat.S_IMODE(os.fstat(handle).st_mode) != mode:  # writing takes the set-user-id bit away
                with suppress(OSError):
                    os.fchmod(handle, mode)
            place.done = True
    finally:
        os.close(handle)


def _write_over(handle: int, data: bytes) -> None:
    """Gives a file its new content, and first what is longer, for which there may be no space."""
    length = os.fstat(handle).st_size
    if len(data) > length:
        rest = memoryview(data)[length:]
        while rest:
            rest = rest[os.pwrite(handle, rest, len(data) - len(rest)) :]
    rest = memoryview(data)[:length]
    while rest:
        rest = rest[os.pwrite(handle, rest, min(len(data), length) - len(rest)) :]
    os.ftruncate(handle, len(data))
    os.fsync(handle)


class _Place:
    """A file that is written in place."""

    def __init__(self, target: str, handle: int, folder: int, before: bytes) -> None:
        self.done = False
        self._target, self._handle, self._folder, self._before = target, handle, folder, before
        self._copy = ""

    def keep_copy(self) -> str:
        """A synced copy of the old content: beside the file, or where temporary files are."""
        try:
            self._copy = os.path.join(os.path.dirname(self._target), _temporary(self._folder, 0o600))
        except OSError:
            from tempfile import mkstemp

            handle, self._copy = mkstemp(prefix="machdesc-")
            os.close(handle)
        try:
            handle = os.open(self._copy, os.O_WRONLY)
            try:
                _write_all(handle, self._before)
                os.fsync(handle)
            finally:
                os.close(handle)
            with suppress(OSError):
                os.fsync(self._folder)
        except BaseException:
            os.unlink(self._copy)
            raise
        return self._copy

    def end(self, copy: str) -> None:
        """Puts the old content back, unless the new one is there; the copy goes, unless that fails."""
        if not self.done:
            try:
                _write_over(self._handle, self._before)
            except OSError as failed:
                lost = f"{self._target}: {failed.strerror}; its old content is in {copy}"
                os.write(2, f"machdesc: {printable(lost)}\n".encode())
                return
        with suppress(FileNotFoundError):
            os.unlink(copy)
