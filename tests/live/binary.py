"""Finds a QEMU binary of each release that the tests want, and builds it where it is missing.

QEMU comes from Debian's own archives: one suite per release. A release that is not the one on
PATH runs from a chroot made by debootstrap, kept below `$XDG_CACHE_HOME/machdesc/chroots/SUITE`
for all checkouts of a machine. A chroot appears there complete or not at all: it is built in a
directory beside it and renamed, so two test runs at a time cannot see each other's halves.
"""

from __future__ import annotations

import fcntl
import functools
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

PROGRAM = "qemu-system-x86_64"
SUITES = {"5.2": "bullseye", "7.2": "bookworm", "10.0": "trixie", "11.1": "sid"}
RELEASES = ("7.2", "10.0", "11.1")
"""Releases that every example runs on; 5.2 is there for the catalog, and for the values that it tells."""


class Binary(NamedTuple):
    """A QEMU that can be started: `root` is the chroot to start it in, None for the host."""

    release: str
    root: Path | None

    def command(self, directory: Path) -> list[str]:
        """Words that start QEMU with `directory` (below `scratch()`) as working directory."""
        if self.root is None:
            return [*_without_kvm(), "env", f"--chdir={directory}", PROGRAM]
        inside = Path("/") / directory.relative_to(self.root)
        return ["chroot", str(self.root), "env", f"--chdir={inside}", PROGRAM]

    def scratch(self) -> Path:
        """Directory, as seen from outside, in which this QEMU can see files."""
        return Path(tempfile.gettempdir()) if self.root is None else self.root / "tmp"


class Unavailable(Exception):
    """No such QEMU here; the text says why, for people."""


def chroot_directory(suite: str) -> Path:
    """Where the chroot of a Debian suite is kept on this machine."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "machdesc" / "chroots" / suite


@functools.cache
def find_binary(release: str) -> Binary:
    """The QEMU of `release` on PATH or in an existing chroot; raises Unavailable."""
    if shutil.which(PROGRAM) and _release_of([PROGRAM]) == release:
        return Binary(release, None)
    root = chroot_directory(SUITES[release])
    if not (root / "usr/bin" / PROGRAM).exists():
        raise Unavailable(f"no QEMU {release}: neither on PATH nor in {root}")
    if os.geteuid() != 0:
        raise Unavailable(f"QEMU {release} is in a chroot, and only root can enter it")
    found = _release_of(["chroot", str(root), PROGRAM])
    if found != release:
        raise Unavailable(f"{root} holds QEMU {found}, not {release}: Debian's {SUITES[release]} moved on")
    return Binary(release, root)


def build_chroot(suite: str, package: str = "qemu-system-x86") -> Path:
    """Make the chroot of `suite` with one package unless it is there; raises Unavailable when that fails.

    Needs root, debootstrap and a network, and takes a minute or two.
    """
    name = suite if package == "qemu-system-x86" else f"{suite}-{package}"
    root = chroot_directory(name)
    root.parent.mkdir(parents=True, exist_ok=True)
    with open(root.parent / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if root.exists():
            return root
        partial = Path(tempfile.mkdtemp(prefix=f"{name}.", suffix=".partial", dir=root.parent))
        partial.chmod(0o755)
        command = ["debootstrap", "--variant=minbase", f"--include={package}", suite, str(partial)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
            )
            if done.returncode != 0:
                raise Unavailable(
                    f"debootstrap of {suite} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}"
                )
            shutil.rmtree(partial / "var/cache/apt/archives", ignore_errors=True)
            partial.rename(root)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    return root


@functools.cache
def _without_kvm() -> tuple[str, ...]:
    """Words before a command that hide /dev/kvm from it, none where there is nothing to hide.

    Guests prefer KVM and fall back to TCG. What KVM can do depends on the host (one without Hyper-V
    enlightenments refuses the Windows guests), so tests see TCG everywhere, as in the chroots,
    and the command line under test stays the one that a reader gets.
    """
    if not os.path.exists("/dev/kvm"):
        return ()
    user = () if os.geteuid() == 0 else ("--map-root-user",)
    hide = ("unshare", *user, "--mount", "sh", "-c", 'mount --bind /dev/null /dev/kvm && exec "$@"', "sh")
    works = subprocess.run([*hide, "true"], capture_output=True, check=False).returncode == 0
    return hide if works else ()


def _release_of(program: list[str]) -> str:
    """major.minor that the program says it is; empty when it says nothing of the kind."""
    done = subprocess.run([*program, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"version (\d+\.\d+)", done.stdout)
    return found.group(1) if found else ""


def main() -> None:
    """Build whatever release is missing here: `python -m tests.live.binary`."""
    for release in SUITES:
        try:
            binary = find_binary(release)
        except Unavailable:
            build_chroot(SUITES[release])
            find_binary.cache_clear()
            binary = find_binary(release)
        print(f"QEMU {release}: {binary.root or PROGRAM}", flush=True)


if __name__ == "__main__":
    main()
