"""Fixtures of the live tests: the releases, and guests started from the examples."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.live.binary import RELEASES, Binary, Unavailable, find_binary
from tests.live.compilation import compile_argv
from tests.live.description import Example
from tests.live.machine import Machine, start, working_directory
from tests.live.stand_in import write_kernel

StartExample = Callable[[Example, Binary, str], AbstractContextManager[Machine]]

NEEDS = {
    "windows-q35": ("/usr/bin/swtpm", "/usr/share/OVMF/OVMF_CODE_4M.ms.fd"),
    "shared-folder": ("/usr/lib/qemu/virtiofsd",),
}
"""Programs and files of the host that the preparation of an example uses."""

COMPILE_ONLY = {
    "passthrough": "needs a PCI device to take away from this host, and /dev/vhost-vsock",
}
"""Examples that cannot start just anywhere, with the reason."""


@pytest.fixture(params=RELEASES)
def binary(request: pytest.FixtureRequest) -> Binary:
    """QEMU of each release; the test is skipped where there is none."""
    return binary_or_skip(request.param)


def binary_or_skip(release: str) -> Binary:
    """QEMU of one release, or skip with the reason."""
    try:
        return find_binary(release)
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def start_example() -> StartExample:
    """`start_example(example, binary, form)`: the example's guest, compiled, prepared, paused."""

    @contextlib.contextmanager
    def started(example: Example, binary: Binary, form: str) -> Iterator[Machine]:
        for path in NEEDS.get(example.name, ()):
            if not Path(path).exists():
                pytest.skip(f"{example.name} needs {path}")
        with working_directory(binary) as directory:
            prepare(example, directory)
            argv = compile_argv(example.path, binary.release, form, directory)
            with start(binary, argv, directory) as machine:
                yield machine

    return started


def prepare(example: Example, directory: Path) -> None:
    """Run the shell lines of the example's last section, and add what a reader brings along."""
    write_kernel(directory / "vmlinuz")
    # A service that stays must not inherit a pipe, or waiting for the shell would wait for it.
    with open(directory / "preparation.log", "w+") as log:
        shell = ["sh", "-euc", example.preparation]
        done = subprocess.run(
            shell, cwd=directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False, timeout=60
        )
        log.seek(0)
        assert done.returncode == 0, f"preparing {example.name}: {log.read()}"
