"""Back ends of a running guest: what its command line says of them, else what the monitor tells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from machdesc.importing.argument import CommandLine, Tree
from machdesc.importing.text import head_text, statement
from machdesc.lifecycle.amendment import value_text
from machdesc.live.conversation import Refusal
from machdesc.live.monitor import Monitor
from machdesc.syntax.edit import id_text

_WITH_ID = ("chardev", "netdev", "audiodev", "tpmdev", "fsdev")
_PROCESS = ("overcommit", "sandbox", "action", "run-with", "spice")
_WITH_KIND = ("display", "vnc")
_DISKS = ("block", "drive")
_CACHE = ("direct", "no-flush")

_NETDEV = re.compile(r"^ *\\? ?(?P<id>[^:\s]+): index=\d+,type=(?P<kind>[\w-]+),?(?P<rest>.*)$", re.MULTILINE)
_NETDEV_KEYS = ("ifname", "script", "downscript", "br", "path")
_PROTOCOLS = ("file", "host_device", "host_cdrom")


def host_statements(command_line: CommandLine, is_microvm: bool) -> Iterator[str]:
    """What the command line says of back ends and of QEMU's process."""
    for argument in command_line:
        name, properties = argument.name, dict(argument.properties)
        if name == "blockdev":
            id = str(properties.pop("node-name", ""))
            yield statement((name, argument.first, id_text(id)), properties)
        elif name in _WITH_ID:
            id = str(properties.pop("id", ""))
            yield statement((name, argument.first, id_text(id)), properties)
        elif name == "drive" and ("id" in properties or properties.get("if") == "pflash"):
            id = str(properties.pop("id", f"pflash{properties.get('unit', 0)}"))
            yield statement((name, id_text(id)), properties)
        elif name in _WITH_KIND or name == "accel":
            yield statement((name, head_text(argument.first)), properties)
        elif name in _PROCESS:
            yield statement((name,), properties)
        elif name == "serial" and argument.text.startswith("chardev:") and is_microvm:
            # The port is the machine's own, and no device that could name a back end.
            yield f'arguments ["-serial", {value_text(argument.text)}]'


class BackEnds:
    """Back ends that devices name and that the command line does not: asked for over the monitor.

    `untold` are sentences of what could not be found out.
    """

    def __init__(self, monitor: Monitor, command_line: CommandLine) -> None:
        self._said = {argument.id for argument in command_line if argument.id}
        self._network = monitor.human("info network")
        self._chardevs = {str(c["label"]): str(c["filename"]) for c in monitor.ask("query-chardev")}
        self._blocks: list[dict[str, Any]] = monitor.ask("query-block")
        self._nodes = {str(n["node-name"]): n for n in monitor.ask("query-named-block-nodes")}
        self._made: dict[str, str] = {}
        self.untold: list[str] = []
        try:
            self._audio = {str(a["id"]): a for a in monitor.ask("query-audiodevs")}
        except Refusal:
            self._audio = {}
        kvm = bool(monitor.ask("query-kvm")["enabled"])
        if not command_line.all("accel"):
            self._made["accel"] = statement(("accel", "kvm" if kvm else "tcg"), {})
        self._tpms = {str(t["id"]): t for t in monitor.ask("query-tpm")}

    def statements(self) -> Iterable[str]:
        """Those that were made, in order."""
        return self._made.values()

    def name(self, kind: str, shown: str, owner: str) -> str:
        """The id by which a device names a back end of a kind; empty where it has none.

        `shown` is what the device tells, `owner` the device's QOM path. What is not on the command
        line is made up from what the monitor tells.
        """
        if kind in _DISKS:
            return self._disk(shown, owner)
        if shown in self._said or shown in self._made or not shown:
            return shown
        make = {"netdev": self._netdev, "chardev": self._chardev, "audiodev": self._audiodev}.get(kind)
        if kind == "tpmdev":
            make = self._tpmdev
        return make(shown) if make is not None else shown

    def _netdev(self, id: str) -> str:
        found = {m["id"]: m for m in _NETDEV.finditer(self._network)}
        match = found.get(id)
        if match is None:  # behind a hub, which only a bare command line makes
            match = next((m for m in found.values() if m["kind"] not in ("nic", "hubport")), None)
        kind, rest = (match["kind"], match["rest"]) if match is not None else ("user", "")
        words = dict(word.split("=", 1) for word in rest.split(",") if "=" in word)
        kept: dict[str, Tree] = {
            key: words[key] for key in ("ifname", "script", "downscript", "br", "path") if key in words
        }
        name = id if match is not None and match["id"] == id else f"net{len(self._made)}"
        self.untold.append(f"netdev {name}: only its kind and a few of its options are told")
        self._made[id] = statement(("netdev", kind, id_text(name)), kept)
        self._said.add(name)
        return name

    def _chardev(self, id: str) -> str:
        filename = self._chardevs.get(id, "")
        kind, _, rest = filename.partition(":")
        properties: dict[str, Tree] = {}
        if kind in ("unix", "disconnected"):
            path, *options = rest.removeprefix("unix:").split(",")
            properties = {"path": path}
            if "server=on" in options or "server" in options:
                properties |= {"server": "on", "wait": "off"}
            kind = "socket"
        elif kind in ("file", "pipe"):
            properties = {"path": rest}
        elif kind not in ("pty", "null", "stdio", "vc", "ringbuf"):
            kind = "null"
        if kind == "vc":
            kind = "null"  # a window's console, and there may be no window
        if kind != filename and kind != "file":
            self.untold.append(f"chardev {id}: taken as `{kind}` from `{filename}`")
        self._made[id] = statement(("chardev", kind, id_text(id)), properties)
        return id

    def _audiodev(self, id: str) -> str:
        told = self._audio.get(id, {})
        self.untold.append(f"audiodev {id}: only its driver is told")
        self._made[id] = statement(("audiodev", str(told.get("driver", "none")), id_text(id)), {})
        return id

    def _tpmdev(self, id: str) -> str:
        options = self._tpms.get(id, {}).get("options", {})
        kind = str(options.get("type", "passthrough"))
        properties: dict[str, Tree] = dict(options.get("data", {}))
        if isinstance(properties.get("chardev"), str):
            properties["chardev"] = self.name("chardev", str(properties["chardev"]), "")
        self._made[id] = statement(("tpmdev", kind, id_text(id)), properties)
        return id

    def _disk(self, shown: str, owner: str) -> str:
        """The node that a device has, by its name, the name of its drive, or where it is plugged."""
        if shown in self._said or shown in self._made:
            return shown
        block = next((b for b in self._blocks if _is_at(b, shown, owner)), None)
        node = self._nodes.get(shown)
        inserted = (block or {}).get("inserted") or node
        if not inserted:
            return ""  # a drive without a medium
        name = str(inserted.get("node-name", ""))
        drive = str((block or {}).get("device", ""))
        if name in self._said or drive in self._said:
            return name if name in self._said else drive
        name = name if name and not name.startswith("#") else re.sub(r"[^\w.-]", "-", shown) or "disk"
        if name not in self._made:
            self._made[name] = statement(("blockdev", str(inserted["drv"]), id_text(name)), _block(inserted))
        return name


def _is_at(block: Mapping[str, Any], shown: str, owner: str) -> bool:
    where = str(block.get("qdev", ""))
    named = bool(shown) and block.get("device") == shown
    return named or where in (owner, owner.rpartition("/")[2]) or where.startswith(f"{owner}/")


def _block(told: Mapping[str, Any]) -> dict[str, Tree]:
    """The options of a node, from what is told of an inserted medium."""
    driver, file = str(told["drv"]), str(told.get("file", ""))
    properties: dict[str, Tree] = {}
    if driver in _PROTOCOLS:
        properties["filename"] = file
    elif driver.startswith("null-"):
        properties["size"] = int(told.get("image", {}).get("virtual-size", 0))
    else:
        below = "host_device" if file.startswith("/dev/") else "file"
        properties["file"] = {"driver": below, "filename": file}
    if told.get("ro"):
        properties["read-only"] = "on"
    cache = told.get("cache", {})
    on = [key for key in _CACHE if cache.get(key)]
    if on:
        properties["cache"] = dict.fromkeys(on, "on")
    if told.get("detect_zeroes", "off") != "off":
        properties["detect-zeroes"] = str(told["detect_zeroes"])
    return properties
