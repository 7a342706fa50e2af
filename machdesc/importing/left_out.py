"""What of a command line does not come into the description, and is told."""

from __future__ import annotations

from collections.abc import Iterator

from machdesc.importing.argument import Argument, CommandLine
from machdesc.importing.secret import DESCRIPTORS, sifted

_WRITTEN = {
    "accel", "action", "audio", "audiodev", "blockdev", "boot", "chardev", "cpu", "display", "drive", "fsdev",
    "fw_cfg", "msg", "name", "net", "netdev", "nic", "numa", "object", "overcommit", "rtc", "run-with",
    "sandbox", "smbios", "snapshot", "spice", "tpmdev", "virtfs", "vnc",
}  # fmt: skip
"""Options whose properties are written."""

_TOLD = {
    "M", "machine", "m", "smp", "uuid", "device", "kernel", "initrd", "append", "dtb", "bios", "hda", "hdb",
    "hdc", "hdd", "cdrom", "fda", "fdb", "usb", "usbdevice", "vga", "watchdog", "soundhw", "serial",
    "parallel", "debugcon", "enable-kvm", "nodefaults", "no-user-config", "no-hpet", "no-acpi", "pflash",
    "global", "no-reboot", "no-shutdown", "watchdog-action", "readconfig",
}  # fmt: skip
"""What the monitor tells itself, by the devices and the machine, or what has no properties."""

_OF_THE_RUN = {
    "S", "s", "daemonize", "pidfile", "qmp", "qmp-pretty", "mon", "monitor", "D", "d", "trace", "nographic",
    "gdb", "incoming", "loadvm", "qtest", "qtest-log", "preconfig", "only-migratable", "add-fd",
}  # fmt: skip
"""What concerns one run of QEMU, and no later one."""


def left_out(command_line: CommandLine) -> Iterator[str]:
    """A sentence for each thing that is left out; no secret is in it."""
    yield from command_line.unread
    for argument in command_line:
        owner = " ".join(filter(None, (f"-{argument.name}", argument.id or argument.first)))
        yield from (f"{owner}: {why}" for why in _missing(argument))
        if argument.name not in _WRITTEN | _TOLD | _OF_THE_RUN:
            help = "put it into `arguments` of `host` if the guest needs it"
            yield f"-{argument.name}: is not carried over; {help}"


def _missing(argument: Argument) -> Iterator[str]:
    """What is wrong with an option, for people."""
    if argument.name in _WRITTEN:
        yield from sifted(argument.properties).missing
    elif argument.name == "device":
        for name in argument.properties.keys() & DESCRIPTORS.keys():
            yield f"`{name}` is a file that another program opened for this run: {DESCRIPTORS[name]}"
    elif argument.name == "global" and not argument.properties.keys() >= {"driver", "property", "value"}:
        yield f"`{argument.text}` sets nothing"
