"""What is asked over QMP: which commands a guest of somebody else is sent, and what each answer looks like.

The shapes hold what is read of an answer; QEMU may say more. They follow the schemas in QEMU's `qapi/` (5.2
to 11.1), where what some release lacks is optional.
"""

from __future__ import annotations

import re
from typing import Any

from machdesc.shape import ANY, NUMBER, SIZE, WORD, Text, Whole

READING = frozenset(
    {
        "qom-get",
        "qom-list",
        "query-audiodevs",
        "query-block",
        "query-chardev",
        "query-cpus-fast",
        "query-hotpluggable-cpus",
        "query-kvm",
        "query-memory-size-summary",
        "query-name",
        "query-named-block-nodes",
        "query-target",
        "query-tpm",
        "query-uuid",
        "query-version",
    }
)
"""All that a running guest of somebody else is sent, after the `qmp_capabilities` that QMP begins with. Each
only reads: the guest goes on and cannot notice."""

_COUNT = Whole(0, (1 << 32) - 1)
_NAMED = {"name": str}
_PROPERTIES = [{"name": str, "type": str, "description?": str, "default-value?": ANY}]
_NODE = {
    "drv": str,
    "file?": str,
    "node-name?": str,
    "ro?": bool,
    "detect_zeroes?": str,
    "cache?": {"direct?": bool, "no-flush?": bool},
    "image?": {"virtual-size?": SIZE, "filename?": str, "backing-image?": {"format?": str}},
    "backing_file?": str,
}
_META = {kind: Text(re.compile(kind), f"`{kind}`") for kind in ("enum", "object")}
_MEMBERS = [{"name": str, "type": str}]

ANSWERS: dict[str, Any] = {
    "chardev-add": ANY,
    "device-list-properties": _PROPERTIES,
    "getfd": ANY,
    "human-monitor-command": str,
    "migrate": ANY,
    "migrate-incoming": ANY,
    "migrate-set-parameters": ANY,
    "object-add": ANY,
    "qom-get": ANY,
    "qom-list": [{"name": str, "type": str}],
    "qom-list-get": [{"properties": [{"name": str, "type": str, "value?": ANY}]}],
    "qom-list-properties": _PROPERTIES,
    "qom-list-types": [{"name": str, "parent?": str}],
    "qom-set": ANY,
    "query-audiodevs": [{"id": str, "driver": str}],
    "query-block": [{"device": str, "qdev?": str, "inserted?": _NODE}],
    "query-chardev": [{"label": str, "filename": str}],
    "query-commands": [_NAMED],
    "query-cpu-definitions": [
        {"name": str, "alias-of?": str, "deprecated?": bool, "static?": bool, "typename?": str}
    ],
    "query-cpus-fast": [{"qom-path": str, "props?": {str: NUMBER}}],
    "query-hotpluggable-cpus": [
        {"type": str, "vcpus-count?": _COUNT, "qom-path?": str, "props?": {str: NUMBER}}
    ],
    "query-kvm": {"enabled": bool},
    "query-machines": [
        {
            "name": str,
            "alias?": str,
            "is-default?": bool,
            "cpu-max": _COUNT,
            "hotpluggable-cpus": bool,
            "deprecated?": bool,
            "default-cpu-type?": str,
            "default-ram-id?": str,
            "compat-props?": [{"qom-type": str, "property": str, "value": str}],
        }
    ],
    "query-memory-devices": [{"data": {str: (str, bool, NUMBER)}}],
    "query-memory-size-summary": {"base-memory": SIZE},
    "query-migrate": {"status?": str, "error-desc?": str},
    "query-name": {"name?": str},
    "query-named-block-nodes": [{**_NODE, "node-name": str}],
    "query-pci": [{"bus": Whole(0, 255)}],
    "query-qmp-schema": [
        (
            {"name": str, "meta-type": _META["enum"], "members": [_NAMED]},
            {"name": str, "meta-type": _META["enum"], "values": [str]},
            {
                "name": str,
                "meta-type": _META["object"],
                "members": _MEMBERS,
                "variants?": [{"case": str, "type": str}],
            },
            {"name": str, "meta-type": Text(re.compile("(?!enum|object).*"), "a kind"), "arg-type?": str},
        )
    ],
    "query-target": {"arch": Text(re.compile(r"[a-z0-9_]{1,32}"), "an architecture")},
    "query-tpm": [{"id": str, "options": {"type": str, "data?": {str: (str, bool, NUMBER)}}}],
    "query-uuid": {"UUID": Text(re.compile(r"[0-9A-Fa-f-]{36}"), "a UUID")},
    "query-version": {"qemu": {"major": _COUNT, "minor": _COUNT, "micro": _COUNT}, "package": str},
    "x-exit-preconfig": ANY,
}
"""Command -> the shape of what it returns; what is ANY is either not read, or checked where it is."""

MACHINE = {
    "type": WORD,
    "smp?": ({str: _COUNT}, str),
    "memory?": ({"size?": SIZE, "slots?": SIZE, "max-size?": SIZE}, str),
}
"""What is read of the machine object; a text stands in place of what QEMU refuses to say."""

OBJECT = {"type": WORD}
"""What is read of every device and every object."""
