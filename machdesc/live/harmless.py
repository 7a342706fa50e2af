"""Replaces the back ends of compiled options, so that a guest can be started anywhere and touches nothing.

Front ends, their ids and the ids of back ends stay. Disks become empty ones of the same size,
networks ports without a wire, sockets and files null devices; the processor is emulated (TCG). What
cannot be had so, such as a device of the host, is left out. `Harmless.places` tells where the front
end may look different because of all that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from machdesc.backend.argument import emit_arguments
from machdesc.backend.option import Option
from machdesc.live.disk import Disk, firmware_copy, resolve_disks
from machdesc.live.front_end import FrontEnd, front_ends, replace_front_end
from machdesc.live.host_object import replace_object
from machdesc.live.server import Server
from machdesc.live.tpm import answer_tpm
from machdesc.live.vhost_user import answer_vhost_user


@dataclass(frozen=True)
class Place:
    """Where a front end may look different, or is missing: `subject` is an option, such as `netdev lan`."""

    subject: str
    reason: str


@dataclass(frozen=True)
class Harmless:
    """Options to start with, and what `machdesc.live.process.start` needs for them."""

    options: tuple[Option, ...]
    copies: dict[int, bytes]
    servers: dict[str, Server]
    places: tuple[Place, ...]

    def arguments(self) -> list[str]:
        """The options as arguments, without the program."""
        return emit_arguments(list(self.options))


_DROPPED = {
    "display", "vnc", "spice", "mon", "monitor", "qmp", "msg", "run-with", "sandbox", "overcommit",
    "action", "incoming", "qtest", "gdb", "trace", "pidfile", "D", "d", "snapshot", "loadvm",
}  # fmt: skip
"""Options that concern the QEMU process only."""

_ARGUMENT_WORDS = dict.fromkeys(_DROPPED, 1) | {"snapshot": 0, "daemonize": 0, "S": 0, "s": 0, "accel": 1}
"""Verbatim arguments that are dropped -> how many words follow them."""

_WITH_OFFLOADS = ("tap", "bridge", "vhost-user", "vhost-vdpa")
"""Kinds of netdevs that can take work off the front end."""

_FIRST_HUB = 1000
_DRIVE_KEYS = ("if", "bus", "unit", "index", "media", "cache", "werror", "rerror")


def replace_back_ends(options: Sequence[Option], directory: Path | None = None) -> Harmless:
    """The options with harmless back ends. File names are relative to `directory`, else the current one."""
    where = directory or Path.cwd()
    job = _Job(where, resolve_disks(options, where), front_ends(options))
    found = [Option("accel", "tcg")]
    for option in _without_arguments(job, options):
        if option.name not in _DROPPED:
            rule = _RULES.get(option.name)
            found += [option] if rule is None else rule(job, option)
    return Harmless(tuple(found), job.copies, job.servers, tuple(job.places))


@dataclass
class _Job:
    """What the rules know of the whole, and what they add to the result."""

    directory: Path
    disks: dict[str, Disk]
    users: dict[str, FrontEnd]
    copies: dict[int, bytes] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    hubs: int = 0

    def note(self, subject: str, reason: str) -> None:
        """Adds a place where the front end may look different."""
        self.places.append(Place(subject, reason))

    def socket(self, name: str, server: Server) -> Option:
        """A character device that is connected to a server of ours."""
        address = f"machdesc-server-of-{name}"
        self.servers[address] = server
        return Option("chardev", "socket", name, (("path", address), ("abstract", "on")))


def _without_arguments(job: _Job, options: Sequence[Option]) -> Iterator[Option]:
    """The options, of the verbatim arguments only those that may concern the guest."""
    skip = 0
    for option in options:
        if option.name or not option.plain:
            yield option
        elif skip:
            skip -= 1
        elif option.first.startswith("-") and option.first.lstrip("-") in _ARGUMENT_WORDS:
            skip = _ARGUMENT_WORDS[option.first.lstrip("-")]
        else:
            if option.first.startswith("-"):
                job.note(f"arguments {option.first}", "is kept as it is written")
            yield option


def _accel(job: _Job, option: Option) -> list[Option]:
    if option.first != "tcg":
        job.note(f"accel {option.first}", "the processor is emulated: features that TCG lacks are off")
    return []


def _machine(job: _Job, option: Option) -> list[Option]:
    dropped = ("confidential-guest-support", "memory-encryption")
    for key, _ in option.pairs:
        if key in dropped:
            job.note(f"machine {key}", "needs the host's processor")
    return [option._replace(pairs=tuple(pair for pair in option.pairs if pair[0] not in dropped))]


def _cpu(job: _Job, option: Option) -> list[Option]:
    if option.first == "host":
        job.note("cpu host", "is the host's processor: shown as `max`, emulated")
        option = option._replace(first="max")
    # QEMU would refuse a feature that TCG lacks.
    return [option._replace(pairs=tuple(pair for pair in option.pairs if pair[0] != "enforce"))]


def _name(_: _Job, option: Option) -> list[Option]:
    pairs = tuple(pair for pair in option.pairs if pair[0] == "guest")
    return [option._replace(pairs=pairs)] if pairs else []


def _blockdev(job: _Job, option: Option) -> list[Option]:
    name = dict(option.pairs).get("node-name", "")
    disk = job.disks[name]
    if disk.firmware:
        return [firmware_copy(option, job.directory, job.copies)]
    _note_disk(job, f"blockdev {name}", disk)
    return [Option("blockdev", "null-co", pairs=(("node-name", name), *_null_pairs(disk)))]


def _drive(job: _Job, option: Option) -> list[Option]:
    disk = job.disks[option.id]
    if disk.firmware:
        return [firmware_copy(option, job.directory, job.copies)]
    _note_disk(job, f"drive {option.id}", disk)
    kept = tuple(pair for pair in option.pairs if pair[0] in _DRIVE_KEYS)
    return [option._replace(pairs=(*kept, ("driver", "null-co"), *_null_pairs(disk)))]


def _note_disk(job: _Job, subject: str, disk: Disk) -> None:
    if not disk.is_known and disk.is_top:
        job.note(subject, f"its size cannot be told from here: shown as {disk.size} bytes")


def _null_pairs(disk: Disk) -> list[tuple[str, str]]:
    pairs = [("size", str(disk.size)), ("read-zeroes", "on")]
    return [*pairs, ("read-only", "on")] if disk.read_only else pairs


def _netdev(job: _Job, option: Option) -> list[Option]:
    """A port of a hub, which has no side at the host and nothing in the state; or a vhost-user server.

    Only with the second does a virtio-net device show its offloads and all of its queues.
    """
    user = job.users.get(option.id)
    if option.first in _WITH_OFFLOADS and user is not None and user.type.startswith("virtio-net"):
        queues = dict(option.pairs).get("queues", "1")
        job.note(f"netdev {option.id}", "offers all offloads: shown is what the front end lets through")
        name = f"machdesc-{option.id}"
        pairs = (("chardev", name), ("queues", queues))
        return [
            job.socket(name, answer_vhost_user),
            option._replace(first="vhost-user", pairs=pairs, section=""),
        ]
    job.hubs += 1
    return [option._replace(first="hubport", pairs=(("hubid", str(_FIRST_HUB + job.hubs)),))]


def _chardev(job: _Job, option: Option) -> list[Option]:
    user = job.users.get(option.id)
    if user is not None and user.is_vhost_user:
        job.note(f"chardev {option.id}", "its server offers everything, and has nothing to tell")
        return [job.socket(option.id, answer_vhost_user)]
    return [option._replace(first="null", pairs=tuple(pair for pair in option.pairs if pair[0] == "mux"))]


def _audiodev(_: _Job, option: Option) -> list[Option]:
    return [option._replace(first="none", pairs=())]


def _tpmdev(job: _Job, option: Option) -> list[Option]:
    job.note(f"tpmdev {option.id}", "is shown as a TPM 2.0")
    name = f"machdesc-{option.id}"
    return [job.socket(name, answer_tpm), option._replace(first="emulator", pairs=(("chardev", name),))]


def _fsdev(_: _Job, option: Option) -> list[Option]:
    return [option._replace(first="synth", pairs=())]


def _object(job: _Job, option: Option) -> list[Option]:
    replaced, reason = replace_object(option)
    if reason:
        job.note(f"object {option.id}", reason)
    return [] if replaced is None else [replaced]


def _device(job: _Job, option: Option) -> list[Option]:
    replaced, reason = replace_front_end(option)
    if reason:
        job.note(f"device {FrontEnd.of(option).name}", reason)
    return [] if replaced is None else [replaced]


_RULES: dict[str, Callable[[_Job, Option], list[Option]]] = {
    "accel": _accel,
    "machine": _machine,
    "cpu": _cpu,
    "name": _name,
    "blockdev": _blockdev,
    "drive": _drive,
    "netdev": _netdev,
    "chardev": _chardev,
    "audiodev": _audiodev,
    "tpmdev": _tpmdev,
    "fsdev": _fsdev,
    "object": _object,
    "device": _device,
}
"""Option -> what stands in its place; any other option stays."""
