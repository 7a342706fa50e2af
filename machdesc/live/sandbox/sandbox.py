"""The sandbox: of a compiled guest only what is known to be harmless reaches a QEMU that is started to look.

Front ends, their ids and the ids of back ends stay. Disks become empty ones of the same size, networks
ports without a wire, sockets and files null devices; the processor is emulated (TCG). Files that the hardware
is made from are copies. An option, a type or a property that nothing is known of is left out, and so are
verbatim arguments. `Harmless.places` says where the front end may look different because of all that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from machdesc.backend.argument import emit_arguments
from machdesc.backend.option import Option
from machdesc.library import Compiled
from machdesc.live.sandbox import file_copy, known
from machdesc.live.sandbox.disk import Disk, firmware_copy, resolve_disks
from machdesc.live.sandbox.file_copy import MOST_FILES, NotCopied, placeholder, read_file
from machdesc.live.sandbox.filter import UNKNOWN, Gate, Knowledge, device_knowledge, filter_pairs, is_word
from machdesc.live.sandbox.front_end import FrontEnd, filter_front_end, front_ends, replace_front_end
from machdesc.live.sandbox.host_object import object_id, replace_object
from machdesc.live.sandbox.server import Server
from machdesc.live.sandbox.tpm import answer_tpm
from machdesc.live.sandbox.vhost_user import answer_vhost_user
from machdesc.resolve.guest import Guest


@dataclass(frozen=True)
class Place:
    """Where a front end may look different, or is missing: `subject` is an option, such as `netdev lan`."""

    subject: str
    reason: str


@dataclass(frozen=True)
class Harmless:
    """Options to start with, and what `machdesc.live.guest.start_guest` needs for them.

    `copies` are contents of file descriptors by their set's number, `files` contents of files and `servers`
    what answers at sockets, by the placeholders that stand for their names in the options. `replaced` names
    the back ends that others take the place of. `changed` are properties that were left out, or are
    copies: the name of a device (its type where it has none), or `machine`, `cpu`, and the key.
    """

    options: tuple[Option, ...]
    copies: dict[int, bytes]
    files: dict[str, bytes]
    servers: dict[str, Server]
    places: tuple[Place, ...]
    replaced: tuple[str, ...]
    changed: frozenset[tuple[str, str]]

    def arguments(self, names: Mapping[str, str] | None = None) -> list[str]:
        """The options as arguments, without the program; `names` are those that placeholders stand for."""
        if not names:
            return emit_arguments(list(self.options))
        return emit_arguments([_named(option, names) for option in self.options])


def _named(option: Option, names: Mapping[str, str]) -> Option:
    """An option with the names that its placeholders stand for."""
    pairs = tuple((key, names.get(value, value)) for key, value in option.pairs)
    if not option.json:
        return option._replace(pairs=pairs)
    import json

    values = json.loads(option.json)
    changed = {k: names.get(v, v) if isinstance(v, str) else v for k, v in values.items()}
    return option._replace(json=json.dumps(changed))


_WITH_OFFLOADS = ("tap", "bridge", "vhost-user", "vhost-vdpa")
"""Kinds of netdevs that can take work off the front end."""

_MUX = (("mux", "on"), ("mux", "off"))
_FIRST_HUB = 1000
_DRIVE_KEYS = ("if", "bus", "unit", "index", "media", "cache", "werror", "rerror")


def replace_back_ends(compiled: Compiled, directory: Path | None = None) -> Harmless:
    """A compiled guest with harmless back ends. Names of files are relative to `directory`, by default the
    current one."""
    return replace_options(compiled.options, compiled.guest, directory)


def replace_options(options: Sequence[Option], guest: Guest, directory: Path | None = None) -> Harmless:
    """The same for some options of a guest."""
    where = directory or Path.cwd()
    job = _Job(where, guest, resolve_disks(options, where), front_ends(options))
    found = [Option("accel", "tcg")]
    for option in options:
        rule = _RULES.get(option.name)
        if rule is not None:
            found += rule(job, option)
        else:
            job.leave_out(option)
    return Harmless(
        tuple(found),
        job.copies,
        job.files,
        job.servers,
        tuple(job.places),
        tuple(dict.fromkeys(job.replaced)),
        frozenset(job.changed),
    )


@dataclass
class _Job:
    """What the rules know of the whole, and what they add to the result."""

    directory: Path
    guest: Guest
    disks: dict[str, Disk]
    users: dict[str, FrontEnd]
    copies: dict[int, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    changed: set[tuple[str, str]] = field(default_factory=set)
    hubs: int = 0

    def note(self, subject: str, reason: str) -> None:
        """Adds a place where the front end may look different."""
        self.places.append(Place(subject, reason))

    def leave_out(self, option: Option) -> None:
        """Notes an option that is not passed on."""
        if not option.name:  # a word of `arguments`: one note for an option
            if option.first.startswith("-") or not any(
                p.subject.startswith("arguments") for p in self.places
            ):
                self.note(f"arguments {option.first}", "is left out: arguments do not reach this QEMU")
        elif option.name in _LISTENING:
            self.note(option.name, "is left out: the guest sees nothing of it")
        elif option.name not in _OF_THE_PROCESS:
            self.note(f"{option.name} {option.first or option.id}".rstrip(), "is left out: not known here")

    def copy(self, name: str, key: str) -> str | None:
        """The placeholder of a copy of a file, or the name of one that QEMU brings along; None, with a note,
        when there is none."""
        is_own = key in known.OWN_FILES and "/" not in name and is_word(name)
        if is_own and (not name or not (self.directory / name).exists()):
            return name  # where QEMU is started is no file, so such a name means its own
        try:
            if len(self.files) >= MOST_FILES:
                raise NotCopied(f"more than {MOST_FILES} files")
            content = read_file(self.directory / name)
            if sum(map(len, self.files.values())) + len(content) > file_copy.MOST_BYTES_TOGETHER:
                raise NotCopied(f"all copies are larger than {file_copy.MOST_BYTES_TOGETHER >> 20} MiB")
        except NotCopied as reason:
            self.note(f"{key} {name}", f"is left out: {reason}")
            return None
        found = placeholder(len(self.files), name)
        self.files[found] = content
        return found

    def gate(self, kind: str, name: str) -> Gate:
        """What `machdesc.live.sandbox.filter` asks of the properties of one thing, and reports to."""

        def copy(key: str, file: str) -> str | None:
            self.changed.add((name, key))
            return self.copy(file, key)

        def leave_out(key: str) -> None:
            self.changed.add((name, key))
            self.note(" ".join(dict.fromkeys((kind, name, key))), UNKNOWN)

        return Gate(copy, leave_out)

    def socket(self, name: str, server: Server) -> Option:
        """A character device that is connected to a server of ours."""
        address = f"machdesc-server-{len(self.servers)}"
        self.servers[address] = server
        return Option("chardev", "socket", name, (("path", address), ("abstract", "on")))


def _accel(job: _Job, option: Option) -> list[Option]:
    if option.first != "tcg":
        job.note(f"accel {option.first}", "the processor is emulated: features that TCG lacks are off")
    return []


def _machine(job: _Job, option: Option) -> list[Option]:
    dropped = ("confidential-guest-support", "memory-encryption")
    for key, _ in option.pairs:
        if key in dropped:
            job.note(f"machine {key}", "needs the host's processor")
    schema = job.guest.machine_schema
    properties = schema.properties(job.guest.release) if schema is not None else {}
    pairs = _boot_files(job, tuple(pair for pair in option.pairs if pair[0] not in dropped))
    knowledge = Knowledge(properties, {*known.MACHINE_TEXTS, *known.MACHINE_FILES})
    return [option._replace(pairs=filter_pairs(pairs, knowledge, job.gate("machine", "machine")))]


def _boot_files(job: _Job, pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The pairs with copies in place of the files that the guest starts from. Without a kernel, QEMU refuses
    what goes with one (qemu_validate_options in softmmu/vl.c of 7.2)."""
    copies: dict[str, str | None] = {}
    for key, value in pairs:
        if key in known.MACHINE_FILES:
            copies[key] = job.copy(value, key)
    gone = {key for key, copy in copies.items() if copy is None}
    if "kernel" in gone:
        gone |= {"initrd", "append", "dtb", "shim"}
    return tuple((key, copies.get(key) or value) for key, value in pairs if key not in gone)


def _cpu(job: _Job, option: Option) -> list[Option]:
    if option.first == "host":
        job.note("cpu host", "is the host's processor: shown as `max`, emulated")
        option = option._replace(first="max")
    schema = job.guest.catalog.cpu_schema()
    properties = schema.properties(job.guest.release) if schema is not None else {}
    # QEMU would refuse a feature that TCG lacks.
    pairs = tuple(pair for pair in option.pairs if pair[0] != "enforce")
    return [
        option._replace(
            pairs=filter_pairs(pairs, Knowledge(properties, known.CPU_TEXTS), job.gate("cpu", "cpu"))
        )
    ]


def _words(job: _Job, option: Option) -> list[Option]:
    """An option whose values are words, numbers and names of things in the same QEMU."""
    files = known.OPTION_WORDS[option.name] or ()
    kept: list[tuple[str, str]] = []
    for key, value in option.pairs:
        if key in files:
            copy = job.copy(value, key)
            kept += [(key, copy)] if copy is not None else []
        elif is_word(value):
            kept.append((key, value))
        else:
            job.note(f"{option.name} {key}", UNKNOWN)
    if not is_word(option.first) or not (kept or option.first):
        return []
    return [option._replace(pairs=tuple(kept))]


def _as_it_is(_: _Job, option: Option) -> list[Option]:
    return [option]


def _global(job: _Job, option: Option) -> list[Option]:
    """A property of all devices of a type: judged as one of each of them."""
    values = dict(option.pairs)
    driver, key = values["driver"], values["property"]
    knowledge = device_knowledge(job.guest.catalog, driver, job.guest.release)
    pairs = filter_pairs(((key, values["value"]),), knowledge, job.gate("global", driver))
    if not pairs:
        return []
    return [option._replace(pairs=tuple((k, pairs[0][1] if k == "value" else v) for k, v in option.pairs))]


def _smbios(job: _Job, option: Option) -> list[Option]:
    """A table's texts are shown to the guest; `file` and `path` name files that hold some."""
    kept: list[tuple[str, str]] = []
    for key, value in option.pairs:
        copy = job.copy(value, key) if key in ("file", "path") else value
        kept += [(key, copy)] if copy is not None else []
    return [option._replace(pairs=tuple(kept))]


def _fw_cfg(job: _Job, option: Option) -> list[Option]:
    """An item of a text, or of a file's copy; what an object would make up for one is left out."""
    values = dict(option.pairs)
    if "file" in values:
        copy = job.copy(values["file"], "file")
        if copy is None:
            return []
        values["file"] = copy
    if "file" not in values and "string" not in values:
        job.note(f"fw_cfg {values.get('name', '')}", "is left out: its content is made by an object")
        return []
    kept = tuple((key, values[key]) for key, _ in option.pairs if key in ("name", "file", "string"))
    return [option._replace(pairs=kept)]


def _name(_: _Job, option: Option) -> list[Option]:
    pairs = tuple(pair for pair in option.pairs if pair[0] == "guest")
    return [option._replace(pairs=pairs)] if pairs else []


def _blockdev(job: _Job, option: Option) -> list[Option]:
    name = dict(option.pairs).get("node-name", "")
    disk = job.disks[name]
    if disk.firmware:
        return [firmware_copy(option, job.directory, job.copies)]
    job.replaced.append(f"blockdev {name}")
    _note_disk(job, f"blockdev {name}", disk)
    return [Option("blockdev", "null-co", pairs=(("node-name", name), *_null_pairs(disk)))]


def _drive(job: _Job, option: Option) -> list[Option]:
    disk = job.disks[option.id]
    if disk.firmware:
        return [firmware_copy(option, job.directory, job.copies)]
    job.replaced.append(f"drive {option.id}")
    _note_disk(job, f"drive {option.id}", disk)
    kept = tuple(pair for pair in option.pairs if pair[0] in _DRIVE_KEYS and is_word(pair[1]))
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
    job.replaced.append(f"netdev {option.id}")
    if option.first in _WITH_OFFLOADS and user is not None and user.type.startswith("virtio-net"):
        queues = dict(option.pairs).get("queues", "1")
        queues = queues if queues.isdecimal() else "1"
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
    job.replaced.append(f"chardev {option.id}")
    if user is not None and user.is_vhost_user:
        job.note(f"chardev {option.id}", "its server offers everything, and has nothing to tell")
        return [job.socket(option.id, answer_vhost_user)]
    return [option._replace(first="null", pairs=tuple(p for p in option.pairs if p in _MUX))]


def _audiodev(job: _Job, option: Option) -> list[Option]:
    job.replaced.append(f"audiodev {option.id}")
    return [option._replace(first="none", pairs=())]


def _tpmdev(job: _Job, option: Option) -> list[Option]:
    job.note(f"tpmdev {option.id}", "is shown as a TPM 2.0")
    name = f"machdesc-{option.id}"
    return [job.socket(name, answer_tpm), option._replace(first="emulator", pairs=(("chardev", name),))]


def _fsdev(job: _Job, option: Option) -> list[Option]:
    job.replaced.append(f"fsdev {option.id}")
    return [option._replace(first="synth", pairs=())]


def _object(job: _Job, option: Option) -> list[Option]:
    replaced, reason = replace_object(option, job.guest.catalog, job.guest.release)
    name = f"object {object_id(option)}"
    if reason:
        job.note(name, reason)
    if replaced is None:
        return []
    if replaced != option:
        job.replaced.append(name)
    return [replaced]


def _device(job: _Job, option: Option) -> list[Option]:
    replaced, reason = replace_front_end(option)
    device = FrontEnd.of(option)
    if reason:
        job.note(f"device {device.name}", reason)
    if replaced is None:
        return []
    # What takes the place of a disk of the host has other properties.
    type_ = FrontEnd.of(replaced).type
    knowledge = device_knowledge(job.guest.catalog, type_, job.guest.release)
    filtered = filter_front_end(replaced, knowledge, job.gate("device", device.name))
    lost = device.properties.keys() - FrontEnd.of(filtered).properties.keys()
    if lost & set(known.MADE_FROM.get(type_, ())):
        job.note(f"device {device.name}", "is left out: it is made from a file that is")
        return []
    return [filtered]


_RULES: dict[str, Callable[[_Job, Option], list[Option]]] = {
    "nodefaults": _as_it_is,
    "no-user-config": _as_it_is,
    "accel": _accel,
    "machine": _machine,
    "cpu": _cpu,
    **dict.fromkeys(known.OPTION_WORDS, _words),
    "name": _name,
    "global": _global,
    "smbios": _smbios,
    "fw_cfg": _fw_cfg,
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
"""Option -> what takes its place; any other option is left out."""

_LISTENING = ("vnc", "spice")
_OF_THE_PROCESS = ("display", "mon", "msg", "run-with", "sandbox", "overcommit", "action")
"""Options that concern the QEMU process only: the guest sees nothing of them."""
