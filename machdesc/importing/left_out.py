"""What of a command line does not come into the description: secrets, and options that nothing carries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from machdesc.importing.argument import CommandLine, Tree

_SECRETS = {"password", "data", "cookie"}
"""Keys whose values let somebody in: of block drivers, `spice` and objects `secret`."""

_CARRIED = {
    "accel", "action", "audiodev", "blockdev", "boot", "chardev", "cpu", "display", "drive", "fsdev",
    "fw_cfg", "global", "netdev", "numa", "object", "overcommit", "rtc", "run-with", "sandbox", "smbios",
    "spice", "tpmdev", "vnc",
}  # fmt: skip

_TOLD = {
    "M", "machine", "m", "smp", "name", "uuid", "device", "kernel", "initrd", "append", "dtb", "bios", "hda",
    "hdb", "hdc", "hdd", "cdrom", "fda", "fdb", "net", "nic", "usb", "usbdevice", "vga", "watchdog", "serial",
    "parallel", "enable-kvm", "nodefaults", "no-user-config", "no-hpet", "no-acpi", "pflash",
}  # fmt: skip
"""What the monitor tells itself, by the devices and the machine."""

_OF_THE_RUN = {
    "S", "s", "daemonize", "pidfile", "qmp", "qmp-pretty", "mon", "monitor", "D", "d", "trace", "nographic",
    "gdb", "incoming", "loadvm", "snapshot", "qtest", "qtest-log", "L", "msg", "preconfig", "only-migratable",
}  # fmt: skip
"""What concerns one run of QEMU, and no later one."""


def without_secrets(properties: Mapping[str, Tree]) -> dict[str, Tree]:
    """The properties without secrets, however deep; a switch such as `password on` is none."""
    return {
        name: without_secrets(value) if isinstance(value, dict) else value
        for name, value in properties.items()
        if not _is_secret(name, value)
    }


def left_out(command_line: CommandLine) -> Iterator[str]:
    """A sentence for each thing that is left out; no secret is in it."""
    for argument in command_line:
        for key in _secret_keys(argument.properties):
            owner = f"-{argument.name} {argument.id or argument.first}"
            yield f"{owner}: `{key}` is a secret and not written down"
        if argument.name not in _CARRIED | _TOLD | _OF_THE_RUN:
            help = "put it into `arguments` of `host` if the guest needs it"
            yield f"-{argument.name}: is not carried over; {help}"


def _is_secret(name: str, value: Tree) -> bool:
    return name in _SECRETS and value not in ("on", "off", True, False)


def _secret_keys(properties: Mapping[str, Tree], above: str = "") -> Iterator[str]:
    for name, value in properties.items():
        if isinstance(value, dict):
            yield from _secret_keys(value, f"{above}{name}.")
        elif _is_secret(name, value):
            yield f"{above}{name}"
