"""The sandbox: of a compiled guest only what is known to be harmless reaches a QEMU that is started to look.

Front ends, their ids and the ids of back ends stay. Disks become empty ones of the same size, networks
ports without a wire, sockets and files null devices; the processor is emulated (TCG). Files that the hardware
is made from are copies. An option, a type or a property that nothing is known of is left out, and so are
verbatim arguments. `Harmless.places` says where the front end may look different because of all that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from machdesc.backend.option import Option
from machdesc.library import Compiled
from machdesc.live.sandbox import back_end, hardware, known
from machdesc.live.sandbox.disk import resolve_disks
from machdesc.live.sandbox.front_end import front_ends
from machdesc.live.sandbox.job import Job
from machdesc.live.sandbox.result import Harmless
from machdesc.resolve.guest import Guest


def replace_back_ends(compiled: Compiled, directory: Path | None = None) -> Harmless:
    """A compiled guest with harmless back ends. Names of files are relative to `directory`, by default the
    current one."""
    return replace_options(compiled.options, compiled.guest, directory)


def replace_options(options: Sequence[Option], guest: Guest, directory: Path | None = None) -> Harmless:
    """The same for some options of a guest."""
    where = directory or Path.cwd()
    job = Job(where, guest, resolve_disks(options, where), front_ends(options))
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


_RULES: dict[str, Callable[[Job, Option], list[Option]]] = {
    "nodefaults": hardware.as_it_is_rule,
    "no-user-config": hardware.as_it_is_rule,
    "accel": back_end.accel_rule,
    "machine": hardware.machine_rule,
    "cpu": hardware.cpu_rule,
    **dict.fromkeys(known.OPTION_WORDS, hardware.words_rule),
    "name": hardware.name_rule,
    "global": hardware.global_rule,
    "smbios": hardware.smbios_rule,
    "fw_cfg": hardware.fw_cfg_rule,
    "blockdev": back_end.blockdev_rule,
    "drive": back_end.drive_rule,
    "netdev": back_end.netdev_rule,
    "chardev": back_end.chardev_rule,
    "audiodev": back_end.audiodev_rule,
    "tpmdev": back_end.tpmdev_rule,
    "fsdev": back_end.fsdev_rule,
    "object": hardware.object_rule,
    "device": hardware.device_rule,
}
"""Option -> what takes its place; any other option is left out."""
