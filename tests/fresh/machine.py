"""A fresh machine: a chroot of a Debian suite with Python and nothing else, and a clean clone in it.

The chroot is made by debootstrap once per suite and kept with those of `tests.live.binary`; a trial
runs in a copy of it. What a chroot needs of this machine to reach its package indexes is taken as it
is found: resolv.conf, apt's settings, certificates, the settings of pip and uv, and proxies.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.live.binary import build_chroot

ROOT = Path(__file__).parents[2]
CHECKOUT = "/root/machdesc"
_PATIENCE_SECONDS = 3600.0

_FILES = ("/etc/resolv.conf", "/etc/pip.conf", "/etc/uv/uv.toml")
_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
_AUTHORITIES_INSIDE = "/etc/ssl/authorities-of-the-host.crt"
"""Where Debian's own package does not write over them."""

_VARIABLES = {
    *("http_proxy", "https_proxy", "no_proxy"),
    *("pip_index_url", "pip_extra_index_url", "pip_proxy", "pip_default_timeout"),
    *("uv_index", "uv_default_index", "uv_index_url", "uv_native_tls"),
}


class Done(NamedTuple):
    """What came of some commands: the exit code, and all that they printed."""

    code: int
    output: str


class Machine:
    """A copy of a suite's chroot, below `top`, that can be changed."""

    def __init__(self, top: Path) -> None:
        self.top = top

    def run(self, script: str, user: str = "root", read_only: bool = False) -> Done:
        """Runs lines of shell in the checkout; the first that fails is the last.

        With `read_only` the checkout cannot be written.
        """
        enter = [
            # Mounts of a namespace of their own go when its last process ends.
            'mount -t proc proc "$0/proc"',
            'mount --rbind /dev "$0/dev"',
            *(['mount --bind -o ro "$0$1" "$0$1"'] if read_only else []),
            'user=$2; root=$0; shift 2; exec chroot --userspec="$user" "$root" env -i "$@"',
        ]
        words = [
            *("unshare", "--mount", "sh", "-euc", "; ".join(enter), str(self.top), CHECKOUT, user),
            *("PATH=/usr/sbin:/usr/bin:/sbin:/bin", f"HOME={'/root' if user == 'root' else '/tmp'}"),
            *("LANG=C.UTF-8", *_environment()),
            *("sh", "-euc", f"cd {CHECKOUT}\n{script}"),
        ]
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", check=False, timeout=_PATIENCE_SECONDS,
        )  # fmt: skip
        return Done(done.returncode, done.stdout)


@contextmanager
def fresh_machine(suite: str) -> Iterator[Machine]:
    """A machine with a clean clone of this checkout's last commit.

    :raises tests.live.binary.Unavailable: when its chroot cannot be made.
    """
    base = build_chroot(suite, "python3")
    with tempfile.TemporaryDirectory(prefix=f"fresh-{suite}.", dir=base.parent) as folder:
        top = Path(folder) / "root"
        subprocess.run(["cp", "-a", "--reflink=auto", str(base), str(top)], check=True)
        _bring_settings(top)
        clone = ["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), f"{top}{CHECKOUT}"]
        subprocess.run(clone, check=True)
        (top / "root").chmod(0o755)
        yield Machine(top)


def _bring_settings(top: Path) -> None:
    """Gives a chroot this machine's way to its package indexes."""
    for name in _FILES:
        if os.path.exists(name):
            inside = top / name.lstrip("/")
            inside.parent.mkdir(parents=True, exist_ok=True)
            inside.unlink(missing_ok=True)
            shutil.copy(name, inside)
    if os.path.exists(_AUTHORITIES):
        (top / "etc/ssl").mkdir(exist_ok=True)
        shutil.copy(_AUTHORITIES, top / _AUTHORITIES_INSIDE.lstrip("/"))
    # What README's lines would be asked: whether to install.
    settings = 'APT::Get::Assume-Yes "true";\n' + _apt_settings()
    (top / "etc/apt/apt.conf.d/99-of-the-host").write_text(settings)


def _apt_settings() -> str:
    """How apt reaches its servers here: proxies, certificates, tries."""
    done = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False)
    kept = ("Acquire::http", "Acquire::https", "Acquire::Retries")
    return "".join(f"{line}\n" for line in done.stdout.splitlines() if line.startswith(kept))


def _environment() -> Sequence[str]:
    """The variables of this machine by which pip and uv find their index."""
    found = [f"{name}={value}" for name, value in os.environ.items() if name.lower() in _VARIABLES]
    if os.path.exists(_AUTHORITIES):
        found += [f"{name}={_AUTHORITIES_INSIDE}" for name in ("PIP_CERT", "SSL_CERT_FILE")]
    return found
