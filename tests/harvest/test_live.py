"""Harvests of a real QEMU 7.2: twice the same bytes, the shipped ones; and what happens when it fails."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from machdesc.harvest.release import harvest_release
from machdesc.harvest.shelf import Shelf, emit_shelf, merge_release, read_shelf
from machdesc.live.child import QemuFailure
from machdesc.live.conversation import start_conversation

pytestmark = pytest.mark.live
_SHIPPED = Path(__file__).parents[2] / "machines"


@pytest.fixture
def binary() -> str:
    found = shutil.which("qemu-system-x86_64")
    told = subprocess.run([found, "--version"], capture_output=True, text=True).stdout if found else ""
    if found and "version 7.2." in told:
        return found
    reason = "needs a qemu-system-x86_64 of release 7.2"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def test_harvest_gives_the_shipped_files(binary: str) -> None:
    fact = asyncio.run(harvest_release([binary]))
    again = asyncio.run(harvest_release([binary]))
    assert fact == again
    shipped = read_shelf(_SHIPPED, "x86_64")
    if shipped.releases["7.2"]["package"] != fact.package:
        pytest.skip(f"the shipped files are of {shipped.releases['7.2']['package']}")
    files, _ = emit_shelf(merge_release(shipped, fact)[0])
    assert files == emit_shelf(shipped)[0]
    assert merge_release(Shelf("x86_64", {}, {}), fact)[1] == []


def test_last_words(binary: str) -> None:
    async def start() -> None:
        async with start_conversation([binary], "-machine", "no-such"):
            pass

    with pytest.raises(QemuFailure, match=r"unsupported machine type.*exit status 1"):
        asyncio.run(start())


def test_a_binary_that_is_not_there() -> None:
    with pytest.raises(QemuFailure, match="cannot run no-such-binary"):
        asyncio.run(harvest_release(["no-such-binary"]))


def test_a_binary_that_stays_silent_is_ended() -> None:
    async def start() -> None:
        silent = [sys.executable, "-c", "import time; time.sleep(60)"]
        async with start_conversation(silent, patience=0.3):
            pass

    with pytest.raises(QemuFailure, match="-sandbox help does not end within"):
        asyncio.run(start())
