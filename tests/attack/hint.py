"""Hostile files of hints: damaged ones, and such whose digest is right and whose content is not."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from random import Random
from typing import Any

from tests.attack.corpus import Corpus
from tests.attack.hostile import NAMES

_VALUES: tuple[Any, ...] = (
    0, 1, -1, 1 << 31, 1 << 64, -(1 << 64), 10**40, True, False, "", "on", "x", "\x1b[31m", "a,b=c",
    "\x00", "é", "1", "0x10", None, 1.5, [], {}, ["x"], {"x": 1},
)  # fmt: skip


def _content() -> dict[str, Any]:
    """What a small guest had."""
    return {
        "version": "7.2.19", "package": "Debian 1:7.2", "arch": "x86_64", "machine": "pc-q35-7.2",
        "machine_values": {"smm": "auto", "usb": False},
        "memory": {"size": 1 << 30, "slots": 2, "max": 4 << 30},
        "topology": {"cpus": 2, "maxcpus": 4, "sockets": 4}, "cpu": "qemu64-x86_64-cpu",
        "cpu_values": {"family": 15, "phys-bits": 40}, "cpu_flags": {"pcid": True},
        "devices": [
            ["virtio-net-pci", "a", True, "pcie.0", "02.0",
            {"mac": "52:54:00:00:00:01", "mq": False, "vectors": 3}],
            ["VGA", "", True, "pcie.0", "01.0", {"vgamem_mb": 16}],
            ["ICH9-LPC", "", False, "pcie.0", "1f.0", {"noreboot": True}],
            ["virtio-blk-pci", "b", True, "pcie.0", "03.0", {"num-queues": 2, "serial": "x"}],
        ],
    }  # fmt: skip


HINTED = """machdesc 1
guest g
machine q35 @ {release}
cpu qemu64 {{ cpus 2  maxcpus 4 }}
memory 1GiB {{ slots 2  max 4GiB }}
device VGA at pcie.0/01.0
device virtio-net-pci a at pcie.0/02.0 {{ netdev n }}
device virtio-blk-pci b at pcie.0/03.0 {{ drive d }}
host {{
  netdev user n
  blockdev null-co d
}}
"""
"""A guest that the hints fit."""


def hint_file(random: Random, corpus: Corpus) -> bytes:
    """The bytes of a file."""
    content = _content()
    if random.random() < 0.5:
        content["machine"] = random.choice(("pc-q35-9.2", "pc-i440fx-7.2", "pc-q35-5.2", "x", "none"))
    if random.random() < 0.5:
        content["version"] = random.choice(
            (*(f"{release}.1" for release in corpus.releases), "1", "", "99.9.9")
        )
    for _ in range(random.randrange(3)):
        _change(random, corpus, content)
    text = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    packed = base64.b64encode(zlib.compress(text, 1)).decode()
    lines = [packed[start : start + 76] for start in range(0, len(packed), 76)]
    data = "\n".join([f"machdesc-hints 2 sha256={hashlib.sha256(text).hexdigest()}", *lines, ""]).encode()
    if random.random() < 0.1:
        at = random.randrange(len(data))
        data = data[:at] + random.randbytes(random.randrange(3)) + data[at + random.randrange(3) :]
    return data


def _change(random: Random, corpus: Corpus, content: dict[str, Any]) -> None:
    """One change: of a field, of a value, or of a device."""
    kind = random.randrange(6)
    tables = ("machine_values", "memory", "topology", "cpu_values", "cpu_flags")
    name = random.choice(sorted(content)) if kind < 2 else random.choice(tables)
    if kind == 0:
        content[name] = random.choice(_VALUES)
    elif kind == 1:
        content.pop(name)
    elif kind < 4 and isinstance(content.get(name), dict):
        known = sorted(content[name])
        key = (
            random.choice(known)
            if known and random.random() < 0.7
            else random.choice((*NAMES, *corpus.words))
        )
        if random.random() < 0.5:
            content[name][key] = random.choice(_VALUES)
        else:
            content[name].pop(key, None)
    elif isinstance(content.get("devices"), list) and content["devices"]:
        device = random.choice(content["devices"])
        if not isinstance(device, list) or len(device) < 6:
            return  # an earlier change made something else of it
        at = random.randrange(6)
        if at == 5 and isinstance(device[5], dict):
            type_, properties = random.choice(corpus.types)
            device[5][random.choice(properties).name if properties else type_] = random.choice(_VALUES)
        elif at == 0:
            device[0] = random.choice(corpus.types)[0]
        else:
            device[at] = random.choice((*_VALUES, *NAMES))
