"""Writing files: what is kept of a file, what is not a regular file, and failures that change nothing."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from machdesc import writing
from machdesc.cli.main import main
from machdesc.writing import ChangedMeanwhile, write_whole

MACHDESC = (sys.executable, "-m", "machdesc")
NOBODY = 65534
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="gives files to other users")
GUEST = "machdesc 1\nguest g\nmachine q35 @ 9.2\nmemory   1GiB\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with an old content, alone in a folder."""
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "file"
    path.write_bytes(b"old")
    return path


def entries(file: Path) -> list[str]:
    """What lies in the folder of a file."""
    return sorted(os.listdir(file.parent))


def as_nobody(work: Callable[[], None]) -> str:
    """What becomes of some work when somebody does it who owns nothing: empty, or the name of the error."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        text = ""
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            work()
        except OSError as failed:
            text = errno.errorcode[failed.errno or 0]
        except BaseException as failed:
            text = repr(failed)
        os.write(writer, text.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return told


def reachable(file: Path) -> None:
    """Lets everybody pass through the folders above a file (pytest's are its user's alone)."""
    for folder in file.parents:
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)


def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(str(tmp_path / "new"), "ü")
    finally:
        os.umask(before)
    assert (tmp_path / "new").read_bytes() == "ü".encode()
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["new"]


@pytest.mark.parametrize("mode", [0o444, 0o600, 0o4755, 0o2755, 0o1644])
@pytest.mark.parametrize("links", [1, 2])
def test_the_mode_stays(mode: int, links: int, file: Path) -> None:
    if links == 2:
        os.link(file, file.parent / "other")
    file.chmod(mode)
    before = file.stat()
    write_whole(str(file), "new", "old")
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert (file.stat().st_ino == before.st_ino) is (links == 2)


@as_root
@pytest.mark.parametrize("links", [1, 2])
def test_the_owner_and_attributes_stay(links: int, file: Path) -> None:
    os.chown(file, 1234, 2345)
    try:
        os.setxattr(file, "user.x", b"1")
    except OSError:
        pytest.skip("no extended attributes here")
    if links == 2:
        os.link(file, file.parent / "other")
    write_whole(str(file), "new", "old")
    assert (file.stat().st_uid, file.stat().st_gid) == (1234, 2345)
    assert os.getxattr(file, "user.x") == b"1"
    assert file.read_bytes() == b"new"
    if links == 2:
        assert (file.parent / "other").read_bytes() == b"new"


@as_root
def test_a_file_of_somebody_else_is_written_in_place_or_not_at_all(file: Path) -> None:
    reachable(file)
    file.parent.chmod(0o777)
    file.chmod(0o666)
    before = file.stat()
    assert as_nobody(lambda: write_whole(str(file), "new", "old")) == ""
    assert file.read_bytes() == b"new"
    assert (file.stat().st_ino, file.stat().st_uid) == (before.st_ino, before.st_uid)
    file.chmod(0o644)
    assert as_nobody(lambda: write_whole(str(file), "newer", "new")) == "EPERM"
    assert file.read_bytes() == b"new"
    assert entries(file) == ["file"]


@as_root
@pytest.mark.parametrize("mode", [0o755, 0o1777])
def test_a_folder_that_may_not_be_written(mode: int, file: Path) -> None:
    reachable(file)
    file.parent.chmod(mode)
    os.chown(file, NOBODY, NOBODY)
    if mode & stat.S_ISVTX:
        file.chmod(0o666)
        os.chown(file, 1234, 2345)
    assert as_nobody(lambda: write_whole(str(file), "new", "old")) == ""
    assert file.read_bytes() == b"new"
    assert as_nobody(lambda: write_whole(str(file) + "2", "new")) == ("" if mode & 0o002 else "EACCES")
    assert not [name for name in entries(file) if name.startswith(".")]


@as_root
def test_an_immutable_file_stays(file: Path) -> None:
    if subprocess.run(["chattr", "+i", str(file)], capture_output=True, check=False).returncode:
        pytest.skip("no immutable files here")
    try:
        with pytest.raises(PermissionError):
            write_whole(str(file), "new", "old")
        assert file.read_bytes() == b"old"
        assert entries(file) == ["file"]
    finally:
        subprocess.run(["chattr", "-i", str(file)], check=True)


def test_symlinks_are_followed(file: Path) -> None:
    (file.parent / "a").symlink_to("b")
    (file.parent / "b").symlink_to(file)
    (file.parent / "lost").symlink_to("made")
    write_whole(str(file.parent / "a"), "new", "old")
    write_whole(str(file.parent / "lost"), "made")
    assert file.read_bytes() == b"new"
    assert (file.parent / "made").read_bytes() == b"made"
    assert all((file.parent / name).is_symlink() for name in ("a", "b", "lost"))
    (file.parent / "c").symlink_to("d")
    (file.parent / "d").symlink_to("c")
    with pytest.raises(OSError, match="symbolic links"):
        write_whole(str(file.parent / "c"), "new")


def test_names_may_be_as_long_as_they_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "n" * 255
    write_whole(str(tmp_path / name), "first")
    write_whole(str(tmp_path / name), "second", "first")
    assert (tmp_path / name).read_bytes() == b"second"
    with pytest.raises(OSError, match="too long"):
        write_whole(str(tmp_path / (name + "n")), "x")
    monkeypatch.chdir(tmp_path)
    for _ in range(20):  # no path from the root is short enough to be used
        os.mkdir(name[1:])
        os.chdir(name[1:])
    write_whole(name, "third")
    write_whole(name, "fourth", "third")
    assert os.listdir() == [name]


def test_a_folder_or_a_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        write_whole(str(tmp_path), "x")
    os.mknod(tmp_path / "socket", stat.S_IFSOCK | 0o600)
    with pytest.raises(OSError, match="No such device"):
        write_whole(str(tmp_path / "socket"), "x")
    assert os.listdir(tmp_path) == ["socket"]


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    found: list[bytes] = []
    thread = threading.Thread(target=lambda: found.append((tmp_path / "pipe").read_bytes()))
    thread.start()
    write_whole(str(tmp_path / "pipe"), "x" * 200_000)
    thread.join(10)
    assert found == [b"x" * 200_000]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@as_root
@pytest.mark.parametrize(("device", "code"), [(3, 0), (7, 2)])
def test_a_device_is_written_to(device: int, code: int, tmp_path: Path) -> None:
    try:
        os.mknod(tmp_path / "device", stat.S_IFCHR | 0o666, os.makedev(1, device))
        (tmp_path / "device").open("wb").close()
    except OSError:
        pytest.skip("no devices here")
    (tmp_path / "a.txt").write_text(GUEST)
    paths = [str(tmp_path / "a.txt")] * 2
    assert main(["check", *paths, "-o", str(tmp_path / "device")]) == code
    assert stat.S_ISCHR((tmp_path / "device").stat().st_mode)


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_is_written_to_where_it_is(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(GUEST)
    words = [*MACHDESC, "check", "a.txt", "a.txt", "-q", "--format", "github", "-o", name]
    with (tmp_path / "log").open("w") as log:
        log.write("before\n")
        log.flush()
        subprocess.run(words, cwd=tmp_path, stdout=log, check=True)
        os.write(log.fileno(), b"after\n")
    assert (tmp_path / "log").read_text() == "before\n`live` is kept in 1 pair\nafter\n"
    piped = subprocess.run(words, cwd=tmp_path, stdout=subprocess.PIPE, check=True)
    assert piped.stdout == b"`live` is kept in 1 pair\n"


def test_a_file_that_must_be_new(file: Path) -> None:
    with pytest.raises(FileExistsError):
        write_whole(str(file), "new", fresh=True)
    assert file.read_bytes() == b"old"
    write_whole(str(file.parent / "fresh"), "new", fresh=True)
    assert (file.parent / "fresh").read_bytes() == b"new"
    assert entries(file) == ["file", "fresh"]


def test_a_file_that_comes_meanwhile_is_kept(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file.parent / "fresh"
    fsync = os.fsync

    def meanwhile(handle: int) -> None:
        path.write_bytes(b"theirs")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(FileExistsError):
        write_whole(str(path), "new", fresh=True)
    assert path.read_bytes() == b"theirs"
    assert entries(file) == ["file", "fresh"]


@pytest.mark.parametrize("links", [1, 2])
def test_no_space(links: int, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, links):
        os.link(file, file.parent / f"other{number}")
    before = entries(file)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for name in ("write", "pwrite", "fsync"):
        with monkeypatch.context() as patch:
            calls = iter([full, full]) if name != "pwrite" else iter([full])
            real = getattr(os, name)
            patch.setattr(os, name, lambda *words, calls=calls, real=real: next(calls, real)(*words))
            if name == "pwrite" and links == 1:
                continue
            with pytest.raises(OSError, match="No space left"):
                write_whole(str(file), "newer content", "old")
        assert file.read_bytes() == b"old"
        assert entries(file) == before


def test_what_cannot_be_put_back_has_a_copy(
    file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    os.link(file, file.parent / "other")

    def broken(*_: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "pwrite", broken)
    with pytest.raises(OSError, match="Input/output"):
        write_whole(str(file), "new", "old")
    (copy,) = [name for name in entries(file) if name.startswith(".machdesc-")]
    assert (file.parent / copy).read_bytes() == b"old"
    assert f"its old content is in {file.parent / copy}" in capfd.readouterr().err


@pytest.mark.parametrize("links", [1, 2])
def test_one_of_two_that_rewrite_at_once_sees_the_other(links: int, file: Path) -> None:
    for number in range(1, links):
        os.link(file, file.parent / f"other{number}")
    told: list[object] = []
    start = threading.Barrier(8)

    def work(number: int) -> None:
        start.wait(10)
        try:
            write_whole(str(file), f"new {number}", "old")
            told.append(number)
        except ChangedMeanwhile as changed:
            told.append(changed)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    (winner,) = [each for each in told if isinstance(each, int)]
    assert len(told) == 8
    assert file.read_text() == f"new {winner}"


def test_a_file_that_is_locked_for_long_is_left_alone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fcntl import LOCK_EX, flock

    monkeypatch.setattr(writing, "_SECONDS", 0.1)
    with file.open() as held:
        flock(held, LOCK_EX)
        with pytest.raises(BlockingIOError, match="locked"):
            write_whole(str(file), "new", "old")
    assert file.read_bytes() == b"old"


def test_a_lone_byte_is_that_byte(tmp_path: Path) -> None:
    write_whole(str(tmp_path / "f"), "\udcff")
    assert (tmp_path / "f").read_bytes() == b"\xff"
    write_whole(str(tmp_path / "f"), "\ud800")
    assert (tmp_path / "f").read_bytes() == b"\\ud800"
