"""Lets a binary dump the layouts of the states that it saves (`-dump-vmstate`).

The dump tells of the types, not of a machine (`dump_vmstate_json_to_file` in migration/savevm.c walks
all classes): under every machine type it is the same.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from machdesc.ending import scratch_folder
from machdesc.live.child import PATIENCE_SECONDS, QemuFailure, start_child


def probe_vmstate(binary: Sequence[str], root: Path, machine: str = "none") -> dict[str, Any]:
    """What `-dump-vmstate` writes under a machine type; `root` is the folder that the binary sees as `/`,
    where a file of a moment is written.

    :raises QemuFailure: when there is no dump; the text says why.
    """
    try:
        with scratch_folder(root / "tmp") as folder:
            path = folder / "vmstate.json"
            inside = Path("/") / path.relative_to(root)
            words = ["-machine", machine, "-accel", "tcg", "-dump-vmstate", str(inside)]
            with start_child(binary, words) as child:
                if not child.ends_well(PATIENCE_SECONDS):
                    raise QemuFailure(f"-dump-vmstate: {child.last_words()}")
            dump = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise QemuFailure(f"-dump-vmstate: {error}") from error
    if not isinstance(dump, dict):
        raise QemuFailure("-dump-vmstate: wrote no object")
    return dump
