"""Replaces the back ends of compiled options, so that a guest can be started anywhere and touches nothing.

Front ends, their ids and the ids of back ends stay. Disks become empty ones of the same size,
networks ports without a wire, sockets and files null devices; the processor is emulated (TCG). What
cannot be had so, such as a device of the host, is left out. `Harmless.places` tells where the front
end may look different because of all that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from machdesc.backend.option import Option
from machdesc.live.disk import Disk, firmware_copy, resolve_disks


class Place(NamedTuple):
    """Where a front end may look different: `subject` is an option, such as `netdev lan`."""

    subject: str
    reason: str


class Harmless(NamedTuple):
    """Options to start with; `copies` are for `machdesc.live.process.start`."""

    options: tuple[Option, ...]
    copies: dict[int, bytes]
    places: tuple[Place, ...]


_DROPPED = {
    "display", "vnc", "spice", "mon", "monitor", "qmp", "msg", "run-with", "sandbox", "overcommit",
    "action", "incoming", "qtest", "gdb", "trace", "pidfile", "D", "d", "snapshot", "loadvm",
}  # fmt: skip
"""Options that concern the QEMU process only."""

_ARGUMENT_WORDS = dict.fromkeys(_DROPPED, 1) | {"snapshot": 0, "daemonize": 0, "S": 0, "s": 0, "accel": 1}
"""Verbatim arguments that are dropped -> how many words follow them."""

_HOST_OBJECTS = (
    "secret", "secret_keyring", "tls-*", "authz-*", "filter-*", "colo-compare", "can-host-*", "input-*",
    "pr-manager-*", "iommufd", "thread-context", "dbus-*", "x-remote-*", "vfio-user-server", "sev*-guest",
    "tdx-guest", "s390-*",
)  # fmt: skip

_LEFT_OUT = {
    "vfio-*": "needs a device of the host",
    "vhost-user-*": "needs its server",
    "vhost-vsock*": "needs the host's vhost",
    "vhost-scsi*": "needs the host's vhost",
    "vhost-vdpa*": "needs a device of the host",
    "usb-host": "needs a device of the host",
    "virtio-input-host*": "needs a device of the host",
    "ivshmem-doorbell": "needs its server",
    "u2f-passthru": "needs a device of the host",
    "u2f-emulated": "needs its files",
    "*-gl": "needs a display with OpenGL",
    "*-gl-pci": "needs a display with OpenGL",
    "tpm-*": "needs its emulator",
    "sgx-*": "needs KVM",
}
"""Types of devices that cannot be started without the host's -> why."""

_KEPT_MEMORY = ("size", "share", "merge", "dump", "reserve", "prealloc-threads")


def replace_back_ends(options: Sequence[Option], directory: Path | None = None) -> Harmless:
    """The options with harmless back ends. File names are relative to `directory`."""
    return _Replacement(options, directory or Path.cwd()).result()


class _Replacement:
    def __init__(self, options: Sequence[Option], directory: Path) -> None:
        self._options = options
        self._directory = directory
        self._copies: dict[int, bytes] = {}
        self._places: list[Place] = []
        self._hubs = 0
        self._disks = resolve_disks(options, directory)
        self._gone: set[str] = set()

    def result(self) -> Harmless:
        rules: dict[str, Callable[[Option], Iterator[Option]]] = {
            "accel": self._nothing,
            "blockdev": self._blockdev,
            "drive": self._drive,
            "netdev": self._netdev,
            "chardev": self._chardev,
            "audiodev": self._audiodev,
            "tpmdev": self._tpmdev,
            "fsdev": self._fsdev,
            "object": self._object,
            "device": self._device,
            "machine": self._machine,
            "cpu": self._cpu,
            "name": self._name,
        }
        found = [Option("accel", "tcg")]
        for option in self._without_arguments():
            if option.name in _DROPPED:
                continue
            rule = rules.get(option.name)
            found += [option] if rule is None else rule(option)
        return Harmless(tuple(found), self._copies, tuple(self._places))

    def _note(self, subject: str, reason: str) -> None:
        self._places.append(Place(subject, reason))

    def _without_arguments(self) -> Iterator[Option]:
        """The options, of the verbatim arguments only those that may concern the guest."""
        skip = 0
        for option in self._options:
            if option.name or not option.plain:
                yield option
                continue
            if skip:
                skip -= 1
                continue
            word = option.first.lstrip("-")
            if option.first.startswith("-") and word in _ARGUMENT_WORDS:
                skip = _ARGUMENT_WORDS[word]
                continue
            if option.first.startswith("-"):
                self._note(f"arguments {option.first}", "is kept as it is written")
            yield option

    def _nothing(self, option: Option) -> Iterator[Option]:
        if option.first != "tcg":
            self._note(f"accel {option.first}", "the processor is emulated: features that TCG lacks are off")
        yield from ()

    def _machine(self, option: Option) -> Iterator[Option]:
        pairs = []
        for key, value in option.pairs:
            if key in ("confidential-guest-support", "memory-encryption"):
                self._note(f"machine {key}", "needs the host's processor")
            else:
                pairs.append((key, value))
        yield option._replace(pairs=tuple(pairs))

    def _cpu(self, option: Option) -> Iterator[Option]:
        first = option.first
        if first == "host":
            self._note("cpu host", "is the host's processor: shown as `max`, emulated")
            first = "max"
        pairs = tuple((key, value) for key, value in option.pairs if key != "enforce")
        yield option._replace(first=first, pairs=pairs)

    def _name(self, option: Option) -> Iterator[Option]:
        pairs = tuple((key, value) for key, value in option.pairs if key == "guest")
        if pairs:
            yield option._replace(pairs=pairs)

    def _blockdev(self, option: Option) -> Iterator[Option]:
        pairs = dict(option.pairs)
        name = pairs.get("node-name", "")
        disk = self._disks[name]
        if disk.firmware:
            yield firmware_copy(option, self._directory, self._copies)
            return
        self._note_disk(f"blockdev {name}", disk)
        yield Option("blockdev", "null-co", pairs=(("node-name", name), *_null_pairs(disk)))

    def _drive(self, option: Option) -> Iterator[Option]:
        pairs = dict(option.pairs)
        disk = self._disks[option.id]
        if disk.firmware:
            yield firmware_copy(option, self._directory, self._copies)
            return
        self._note_disk(f"drive {option.id}", disk)
        front = ("if", "bus", "unit", "index", "media", "cache", "werror", "rerror")
        kept = tuple((key, pairs[key]) for key in front if key in pairs)
        back = (("driver", "null-co"), *_null_pairs(disk))
        yield option._replace(pairs=(*kept, *back))

    def _note_disk(self, subject: str, disk: Disk) -> None:
        if not disk.is_known:
            self._note(subject, f"its size cannot be told from here: shown as {disk.size} bytes")

    def _netdev(self, option: Option) -> Iterator[Option]:
        if option.first != "user":
            queues = dict(option.pairs).get("queues", "1")
            more = f", and one queue pair instead of {queues}" if queues != "1" else ""
            self._note(f"netdev {option.id}", f"offers no offloads to the front end{more}")
        # A hub's port has no side at the host, and nothing in the state.
        pairs = (("hubid", str(_HUB + self._hubs)),)
        self._hubs += 1
        yield option._replace(first="hubport", pairs=pairs)

    def _chardev(self, option: Option) -> Iterator[Option]:
        pairs = tuple((key, value) for key, value in option.pairs if key == "mux")
        yield option._replace(first="null", pairs=pairs)

    def _audiodev(self, option: Option) -> Iterator[Option]:
        yield option._replace(first="none", pairs=())

    def _tpmdev(self, option: Option) -> Iterator[Option]:
        yield from ()

    def _fsdev(self, option: Option) -> Iterator[Option]:
        yield option._replace(first="synth", pairs=())

    def _object(self, option: Option) -> Iterator[Option]:
        pairs = dict(option.pairs)
        kind = option.first
        if _matches(kind, _HOST_OBJECTS):
            return
        if kind.startswith("memory-backend-"):
            kept = tuple(
                (key, value) for key, value in option.pairs if key in _KEPT_MEMORY or key[:2] == "x-"
            )
            if kind in ("memory-backend-file", "memory-backend-shm"):
                # Like a file, it can be shared; a private one is plain memory.
                kind = "memory-backend-memfd" if pairs.get("share", "off") == "on" else "memory-backend-ram"
                kept = tuple(pair for pair in kept if pair[0] != "merge" or kind != "memory-backend-memfd")
            yield option._replace(first=kind, pairs=kept)
        elif kind in ("rng-random", "rng-egd"):
            yield option._replace(first="rng-builtin", pairs=())
        elif kind.startswith("cryptodev-"):
            kept = tuple((key, value) for key, value in option.pairs if key == "queues")
            if kind != "cryptodev-backend-builtin":
                self._note(f"object {option.id}", "another back end may offer other algorithms")
            yield option._replace(first="cryptodev-backend-builtin", pairs=kept)
        else:
            yield option

    def _device(self, option: Option) -> Iterator[Option]:
        values: dict[str, Any] = json.loads(option.json) if option.json else dict(option.pairs)
        kind = values.get("driver", "") if option.json else option.first
        name = values.get("id", "") if option.json else option.id
        for pattern, reason in _LEFT_OUT.items():
            if _matches(kind, (pattern,)):
                self._note(f"device {name or kind}", f"is left out: {reason}")
                return
        if kind in ("scsi-block", "scsi-generic"):
            self._note(f"device {name or kind}", "is the host's disk: shown as scsi-hd")
            kept = {key: values[key] for key in _SCSI if key in values}
            yield Option("device", "scsi-hd", name, tuple((k, str(v)) for k, v in kept.items()))
            return
        if kind == "vmgenid" and values.get("guid") == "auto":
            self._note(f"device {name or kind}", "is random at each start: shown as one and the same")
            yield option._replace(pairs=tuple((k, _GUID if k == "guid" else v) for k, v in option.pairs))
            return
        yield option


_HUB = 1000
_GUID = "00000000-0000-0000-0000-000000000001"
_SCSI = ("bus", "channel", "scsi-id", "lun", "drive", "bootindex")


def _null_pairs(disk: Disk) -> tuple[tuple[str, str], ...]:
    pairs = [("size", str(disk.size)), ("read-zeroes", "on")]
    if disk.read_only:
        pairs.append(("read-only", "on"))
    return tuple(pairs)


def _matches(name: str, patterns: Sequence[str]) -> bool:
    from fnmatch import fnmatchcase

    return any(fnmatchcase(name, pattern) for pattern in patterns)
