"""Records in `recorded.json` what a small guest answers to all that commands with `--qmp` ask.

python -m tests.attack.record
"""

from __future__ import annotations

import json
import shlex
import tempfile
from pathlib import Path
from typing import Any

from machdesc.cli.main import main
from tests.attack.monitor import RECORDED, key_of
from tests.attack.proxy import proxy
from tests.live.binary import find_binary
from tests.live.test_import import running

LINE = (
    "-M q35 -nodefaults -m 128M -smp 1,maxcpus=2 -name guest -device qemu-xhci,id=usb -device usb-tablet "
    "-netdev user,id=lan -device virtio-net-pci,netdev=lan,id=net,addr=5 "
    "-blockdev null-co,node-name=disk,size=1048576 -device virtio-blk-pci,drive=disk,id=root,addr=6 "
    "-chardev null,id=c -device isa-serial,chardev=c -object rng-random,id=r,filename=/dev/urandom"
)
_KEPT_FLAGS = (
    "type",
    "realized",
    "hotpluggable",
    "hotplugged",
    "parent_bus",
    "avx",
    "family",
    "model",
    "vmx",
)
_KEPT_CHILDREN = {
    "/machine": ("peripheral", "peripheral-anon", "unattached", "q35"),
    "/machine/q35": ("pcie.0",),
    "/machine/unattached": ("device[0]",),
}
"""Enough of QEMU's tree: most of it is alike."""


def pruned(path: str, listed: list[dict[str, str]]) -> list[dict[str, str]]:
    """A part of what an object has."""
    if path == "/machine/unattached/device[0]":
        return [entry for entry in listed if entry["name"] in _KEPT_FLAGS]
    kept = _KEPT_CHILDREN.get(path)
    if path == "/machine/q35/pcie.0":
        kept = ()
    if kept is None:
        return listed
    return [entry for entry in listed if not entry["type"].startswith("child<") or entry["name"] in kept]


def record() -> None:
    """Writes the file."""
    answers: dict[str, Any] = {}

    def keep(question: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        command, arguments = question["execute"], question.get("arguments", {})
        if command == "qom-list" and "return" in answer:
            answer["return"] = pruned(arguments["path"], answer["return"])
        answers[key_of(command, arguments)] = {k: answer[k] for k in ("return", "error") if k in answer}
        return answer

    binary = find_binary("7.2")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running(binary, shlex.split(LINE), folder) as where, proxy(where, folder / "p", keep):
            file = folder / "guest.md"
            assert main(["import", "qmp", "--qmp", str(folder / "p"), "-o", str(file)]) == 0
            assert main(["verify", str(file), "--qmp", str(folder / "p")]) in (0, 1)
            text = file.read_text(encoding="utf-8")
    content = {"line": shlex.split(LINE), "guest": text, "answers": dict(sorted(answers.items()))}
    lines = json.dumps(content["answers"], indent=None, separators=(",", ":")).replace('},"', '},\n"')
    head = json.dumps({"line": content["line"], "guest": text})[:-1]
    RECORDED.write_text(f'{head},\n"answers": {lines}}}\n', encoding="utf-8")


if __name__ == "__main__":
    record()
