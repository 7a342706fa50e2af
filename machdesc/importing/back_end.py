"""Back ends of a running guest: what its command line says of them, else what QMP does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from machdesc.importing.argument import CommandLine, Tree
from machdesc.importing.implied import flash_drives, is_nameless, named_back_ends, network_of
from machdesc.importing.lasting import socket_properties
from machdesc.importing.node import node_of
from machdesc.importing.secret import sifted
from machdesc.importing.snapshot import drive_beneath
from machdesc.importing.text import head_text, statement, tree_text
from machdesc.live.conversation import Refusal
from machdesc.live.monitor import Monitor
from machdesc.syntax.edit import id_text

_WITH_ID = ("chardev", "netdev", "audiodev", "tpmdev", "fsdev")
_PROCESS = ("overcommit", "sandbox", "action", "run-with", "spice", "name", "msg")
_WITH_KIND = ("display", "vnc", "accel")
_AS_THEY_ARE = ("no-reboot", "no-shutdown", "watchdog-action")
"""Options that no statement says in all releases."""

_MACHINE = ("machine", "M")
_PLACE = ("if", "bus", "unit", "index")
"""Keys of `-drive` that say where QEMU shall plug in a device that it makes."""

_DISKS = ("block", "drive")
_CACHE = ("direct", "no-flush")
_OF_A_NODE = {*_PLACE, "media", "file", "format", "cache", "readonly", "read-only", "detect-zeroes"}
"""Keys of `-drive` that say where it is, or that the monitor tells of its node."""


_DEFAULT_AUDIO = "#default"
"""What 10.0 and 11.1 call the back end of sound cards that name none (audio/audio.c); it has no options."""

_PROTOCOLS = ("file", "host_device", "host_cdrom")


def host_statements(command_line: CommandLine, is_microvm: bool) -> Iterator[str]:
    """What the command line says of back ends and of QEMU's process."""
    yield from _accelerators(command_line)
    for name in _PROCESS:
        said = {key: value for key, value in command_line.together(name).items() if key != "guest"}
        if said:
            yield statement((name,), said)
    for id, properties in flash_drives(command_line).items():
        yield statement(("drive", id_text(id)), properties)
    for argument in command_line:
        name, properties = argument.name, dict(argument.properties)
        if name == "blockdev":
            id = str(properties.pop("node-name", ""))
            yield statement((name, argument.first, id_text(id)), properties)
        elif name in _WITH_ID:
            id = str(properties.pop("id", ""))
            if name == "netdev":
                properties = {key: _texts(value) for key, value in (properties | _queues(properties)).items()}
            yield statement((name, argument.first, id_text(id)), properties)
        elif name == "drive" and "id" in properties and properties.get("if") != "pflash":
            yield _drive(str(properties.pop("id")), properties)
        elif name in _WITH_KIND:
            yield statement((name, head_text(argument.first)), properties)
        elif name in _AS_THEY_ARE:
            words = [f"-{name}", *([argument.text] if argument.text else [])]
            yield f"arguments {tree_text(list(words))}"
        elif name == "smbios" and "file" in properties:
            # A whole table, which no statement holds.
            yield f"arguments {tree_text(['-smbios', argument.text])}"
    if is_microvm:
        # The port is the machine's own, and no device that could name a back end.
        texts = [argument.text for argument in command_line.all("serial")]
        bare = ["null"] if len(command_line) and not command_line.all("nodefaults") else []
        for text in texts or bare:
            yield f"arguments {tree_text(['-serial', text])}"


def _accelerators(command_line: CommandLine) -> Iterator[str]:
    """`accel` of `-machine`, where `:` stands between those to be tried (softmmu/vl.c)."""
    said = command_line.together(*_MACHINE)
    irqchip = said.get("kernel-irqchip", said.get("kernel_irqchip"))
    for kind in str(said.get("accel", "")).split(":"):
        if kind:
            kvms: dict[str, Tree] = (
                {"kernel-irqchip": irqchip} if kind == "kvm" and irqchip is not None else {}
            )
            yield statement(("accel", kind), kvms)


def _queues(properties: Mapping[str, Tree]) -> dict[str, Tree]:
    """The number of queues that a list of descriptors stands for."""
    return {"queues": str(properties["fds"]).count(":") + 1} if "fds" in properties else {}


def _texts(value: Tree) -> Tree:
    """A list of the texts that JSON wraps each into a block (qapi/common.json: String)."""
    if isinstance(value, list):
        return [item["str"] if isinstance(item, dict) and item.keys() == {"str"} else item for item in value]
    return value


def _drive(id: str, properties: Mapping[str, Tree]) -> str:
    """A drive for a device that is described."""
    rest = {name: value for name, value in properties.items() if name not in _PLACE}
    return statement(("drive", id_text(id)), {"if": "none", **rest})


class BackEnds:
    """Back ends that devices name and that the command line does not: asked for over the monitor."""

    def __init__(self, monitor: Monitor, command_line: CommandLine) -> None:
        self._said = {a.id for a in command_line if a.id and a.name in (*_WITH_ID, "blockdev", "drive")}
        self._implied = dict(named_back_ends(command_line))
        self._command_line = command_line
        self._chardevs = {str(c["label"]): str(c["filename"]) for c in monitor.ask("query-chardev")}
        self._blocks: list[dict[str, Any]] = monitor.ask("query-block")
        self._nodes = {str(n["node-name"]): n for n in monitor.ask("query-named-block-nodes")}
        self._drives = [
            a for a in command_line.all("drive") if not a.id and a.properties.get("if") != "pflash"
        ]
        self._made: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._untold: list[str] = []
        try:
            self._audio = {str(a["id"]): a for a in monitor.ask("query-audiodevs")}
        except Refusal:
            self._audio = {}
        kvm = bool(monitor.ask("query-kvm")["enabled"])
        if not command_line.all("accel") and not any(_accelerators(command_line)):
            self._made["accel"] = statement(("accel", "kvm" if kvm else "tcg"), {})
        self._tpms = {str(t["id"]): t for t in monitor.ask("query-tpm")}

    def statements(self) -> Iterable[str]:
        """Those that were made, in order."""
        return self._made.values()

    def untold(self) -> Iterator[str]:
        """Sentences of what could not be found out, once all devices have named their back ends."""
        yield from self._untold
        for argument in self._drives:
            for key in argument.properties.keys() - _OF_A_NODE:
                owner = f"-drive {argument.properties.get('file', '')}".rstrip()
                yield f"{owner}: `{key}` is not carried over, since the drive has no id"

    def name(self, kind: str, shown: str, owner: str) -> str:
        """The id by which a device names a back end of a kind; empty where it has none.

        `shown` is what the device tells, `owner` the device's QOM path. What is not on the command
        line is made up from what the monitor tells.
        """
        if kind in _DISKS:
            return self._disk(shown, owner)
        if shown in self._said or not shown:
            return shown
        if shown not in self._made:
            make = {
                "netdev": self._netdev,
                "chardev": self._chardev,
                "audiodev": self._audiodev,
                "tpmdev": self._tpmdev,
            }.get(kind, self._other)
            make(shown)
        return self._names.get(shown, shown)

    def _write(self, keyword: str, kind: str, id: str, properties: Mapping[str, Tree]) -> None:
        """Keeps a statement, and what is missing in it."""
        name = self._names.get(id, id)
        self._made[id] = statement((keyword, kind, id_text(name)), properties)
        self._untold += [f"{keyword} {name}: {why}" for why in sifted(properties).missing]

    def _is_implied(self, id: str) -> bool:
        """Whether an option makes this back end, which is written then."""
        if id not in self._implied:
            return False
        keyword, kind, properties = self._implied[id]
        self._write(keyword, "null" if kind == "vc" else kind, id, {} if kind == "vc" else properties)
        return True

    def _other(self, id: str) -> None:
        self._is_implied(id)

    def _netdev(self, id: str) -> None:
        if is_nameless(id):
            self._names[id] = self._free("net")
            made = network_of(id, self._command_line)
            if made is not None:
                self._implied[id] = made
        if self._is_implied(id):
            return
        # No question of QMP is answered by what a network back end is.
        self._write("netdev", "user", id, {})
        self._untold.append(
            f"netdev {self._names.get(id, id)}: neither QMP nor the command line says what it is; it is "
            "written as `user`: write what it is"
        )

    def _free(self, stem: str) -> str:
        """An id that nothing has yet."""
        taken = {*self._said, *self._made, *self._names.values()}
        return next(name for name in (f"{stem}{number}" for number in count()) if name not in taken)

    def _chardev(self, id: str) -> None:
        if self._is_implied(id):
            return
        filename = self._chardevs.get(id, "")
        kind = filename.partition(":")[0]
        properties = socket_properties(filename)
        if properties:
            kind = "socket"
        elif kind not in ("pty", "null", "stdio", "ringbuf"):
            kind = "null"  # among them a window's console, and there may be no window
        if kind != filename and filename != "vc":
            self._untold.append(f"chardev {id}: taken as `{kind}` from `{filename}`")
        self._write("chardev", kind, id, properties)

    def _audiodev(self, id: str) -> None:
        if self._is_implied(id):
            return
        if id == _DEFAULT_AUDIO:
            self._names[id] = self._free("audio")
        else:
            self._untold.append(f"audiodev {id}: only its driver is told")
        self._write("audiodev", str(self._audio.get(id, {}).get("driver", "none")), id, {})

    def _tpmdev(self, id: str) -> None:
        options = self._tpms.get(id, {}).get("options", {})
        properties: dict[str, Tree] = dict(options.get("data", {}))
        if isinstance(properties.get("chardev"), str):
            properties["chardev"] = self.name("chardev", str(properties["chardev"]), "")
        self._write("tpmdev", str(options.get("type", "passthrough")), id, properties)

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
        beneath = drive_beneath(inserted)
        file = beneath.get("file", inserted.get("file"))
        option = next((a for a in self._drives if a.properties.get("file") == file), None)
        if option is not None and drive:
            self._drives.remove(option)
            self._made[drive] = _drive(drive, option.properties)
            return drive
        if beneath and drive:
            self._write("drive", "", drive, {"if": "none", **beneath})
            return drive
        name = name if name and not name.startswith("#") else re.sub(r"[^\w.-]", "-", shown) or "disk"
        if name not in self._made:
            self._write("blockdev", str(inserted["drv"]), name, _block(inserted))
        return name


def _is_at(block: Mapping[str, Any], shown: str, owner: str) -> bool:
    where = str(block.get("qdev", ""))
    named = bool(shown) and block.get("device") == shown
    return named or where in (owner, owner.rpartition("/")[2]) or where.startswith(f"{owner}/")


def _block(told: Mapping[str, Any]) -> dict[str, Tree]:
    """The options of a node, from what is told of an inserted medium."""
    properties = _file(told)
    if told.get("ro"):
        properties["read-only"] = "on"
    cache = told.get("cache", {})
    on = [key for key in _CACHE if cache.get(key)]
    if on:
        properties["cache"] = dict.fromkeys(on, "on")
    if told.get("detect_zeroes", "off") != "off":
        properties["detect-zeroes"] = str(told["detect_zeroes"])
    return properties


def _file(told: Mapping[str, Any]) -> dict[str, Tree]:
    """What a node reads."""
    driver, file = str(told["drv"]), str(told.get("file", ""))
    node = node_of(file)
    if node:
        return {name: value for name, value in node.items() if name != "driver"}
    if driver in _PROTOCOLS:
        return {"filename": file}
    if driver.startswith("null-"):
        return {"size": int(told.get("image", {}).get("virtual-size", 0))}
    below = "host_device" if file.startswith("/dev/") else "file"
    return {"file": {"driver": below, "filename": file}}
