"""Rules for back ends: what takes the place of each, so that the front end shows what it would."""

from __future__ import annotations

from machdesc.backend.option import Option
from machdesc.live.sandbox.disk import Disk, firmware_copy
from machdesc.live.sandbox.filter import is_word
from machdesc.live.sandbox.job import Job
from machdesc.live.sandbox.tpm import answer_tpm
from machdesc.live.sandbox.vhost_user import answer_vhost_user

_WITH_OFFLOADS = ("tap", "bridge", "vhost-user", "vhost-vdpa")
"""Kinds of netdevs that can take work off the front end."""

_MUX = (("mux", "on"), ("mux", "off"))
_FIRST_HUB = 1000
_DRIVE_KEYS = ("if", "bus", "unit", "index", "media", "cache", "werror", "rerror")


def accel_rule(job: Job, option: Option) -> list[Option]:
    """The accelerator, which is always TCG."""
    if option.first != "tcg":
        job.note(f"accel {option.first}", "the processor is emulated: features that TCG lacks are off")
    return []


def blockdev_rule(job: Job, option: Option) -> list[Option]:
    """An empty disk of the same size, or a copy of firmware."""
    name = dict(option.pairs).get("node-name", "")
    disk = job.disks[name]
    copied = firmware_copy(option, job.directory, job.copies) if disk.firmware else None
    if copied is not None:
        return [copied]
    job.replaced.append(f"blockdev {name}")
    _note_disk(job, f"blockdev {name}", disk)
    return [Option("blockdev", "null-co", pairs=(("node-name", name), *_null_pairs(disk)))]


def drive_rule(job: Job, option: Option) -> list[Option]:
    """The same for a drive."""
    disk = job.disks[option.id]
    copied = firmware_copy(option, job.directory, job.copies) if disk.firmware else None
    if copied is not None:
        return [copied]
    job.replaced.append(f"drive {option.id}")
    _note_disk(job, f"drive {option.id}", disk)
    kept = tuple(pair for pair in option.pairs if pair[0] in _DRIVE_KEYS and is_word(pair[1]))
    return [option._replace(pairs=(*kept, ("driver", "null-co"), *_null_pairs(disk)))]


def _note_disk(job: Job, subject: str, disk: Disk) -> None:
    if not disk.is_known and disk.is_top:
        job.note(subject, f"its size is unknown here: shown as {disk.size} bytes")


def _null_pairs(disk: Disk) -> list[tuple[str, str]]:
    pairs = [("size", str(disk.size)), ("read-zeroes", "on")]
    return [*pairs, ("read-only", "on")] if disk.read_only else pairs


def netdev_rule(job: Job, option: Option) -> list[Option]:
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


def chardev_rule(job: Job, option: Option) -> list[Option]:
    """A null device, or a vhost-user server."""
    user = job.users.get(option.id)
    job.replaced.append(f"chardev {option.id}")
    if user is not None and user.is_vhost_user:
        job.note(f"chardev {option.id}", "its server offers everything, and reports nothing")
        return [job.socket(option.id, answer_vhost_user)]
    return [option._replace(first="null", pairs=tuple(p for p in option.pairs if p in _MUX))]


def audiodev_rule(job: Job, option: Option) -> list[Option]:
    """No sound."""
    job.replaced.append(f"audiodev {option.id}")
    return [option._replace(first="none", pairs=())]


def tpmdev_rule(job: Job, option: Option) -> list[Option]:
    """A server that answers as a TPM 2.0 does."""
    job.note(f"tpmdev {option.id}", "is shown as a TPM 2.0")
    name = f"machdesc-{option.id}"
    return [job.socket(name, answer_tpm), option._replace(first="emulator", pairs=(("chardev", name),))]


def fsdev_rule(job: Job, option: Option) -> list[Option]:
    """An empty file system."""
    job.replaced.append(f"fsdev {option.id}")
    return [option._replace(first="synth", pairs=())]
