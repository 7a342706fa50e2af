"""Lets a binary dump the layouts of the states that it saves (`-dump-vmstate`).

The dump tells of the types, not of a machine (`dump_vmstate_json_to_file` in migration/savevm.c walks
all classes): under every machine type it is the same.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from machdesc.live.child import QemuFailure
from machdesc.live.conversation import PATIENCE_SECONDS

_WITHOUT_ANYTHING = ("-accel", "tcg", "-nodefaults", "-display", "none")


async def probe_vmstate(binary: Sequence[str], root: Path, machine: str = "none") -> dict[str, Any]:
    """What `-dump-vmstate` writes under a machine type; `root` is the folder that the binary sees as `/`,
    where a file of a moment is written.

    :raises QemuFailure: when there is no dump; the text says why.
    """
    return await asyncio.to_thread(_dump, binary, root, machine)


def _dump(binary: Sequence[str], root: Path, machine: str) -> dict[str, Any]:
    try:
        with tempfile.TemporaryDirectory(prefix="machdesc-", dir=root / "tmp") as directory:
            path = Path(directory) / "vmstate.json"
            inside = Path("/") / path.relative_to(root)
            done = subprocess.run(
                [*binary, "-machine", machine, *_WITHOUT_ANYTHING, "-dump-vmstate", str(inside)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=PATIENCE_SECONDS,
                check=False,
            )
            if done.returncode:
                words = "; ".join(done.stderr.strip().splitlines()[-3:])
                raise QemuFailure(f"-dump-vmstate: {words} (exit status {done.returncode})")
            dump = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise QemuFailure(f"-dump-vmstate: {error}") from error
    if not isinstance(dump, dict):
        raise QemuFailure("-dump-vmstate: wrote no object")
    return dump
