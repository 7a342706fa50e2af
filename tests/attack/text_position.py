"""Where a description takes text, and texts that somebody could write there to say something else."""

from __future__ import annotations

from typing import NamedTuple


class Position(NamedTuple):
    """A place for a text: a name for people, the part of the description it stands in (`outside` the host
    or `host`, or a block's inside: `machine`, `cpu`, `boot`, `guest`), and the statement with `TEXT`."""

    name: str
    part: str
    statement: str
    free: bool = True
    """Whether any text makes sense there; else lint may refuse all of them."""
    release: str = "11.1"


POSITIONS = (
    Position("guest name", "guest", "TEXT"),
    Position("machine property", "machine", "x-oem-id TEXT"),
    Position("cpu property", "cpu", "model-id TEXT"),
    Position("device property", "outside", "device usb-tablet d at xhci.0/1 { serial TEXT }\nXHCI"),
    Position(
        "device property without a bus of its own", "outside", "device nvme d at pcie.0/05.0 { serial TEXT }"
    ),
    Position(
        "device property as JSON",
        "outside",
        "device virtio-blk-pci d at pcie.0/05.0 { drive n  serial TEXT  num-queues 1"
        "  iothread-vq-mapping [{ iothread io }] }\nhost { blockdev null-co n  object iothread io }",
    ),
    Position("object property", "outside", "object authz-simple a { identity TEXT }"),
    Position("global", "outside", "global usb-tablet { serial TEXT }\ndevice usb-tablet d at xhci.0/1\nXHCI"),
    Position("boot append", "boot", "kernel vmlinuz  append TEXT"),
    Position("boot kernel", "boot", "kernel TEXT"),
    Position("boot initrd", "boot", "kernel vmlinuz  initrd TEXT"),
    Position("boot splash", "boot", "splash TEXT", free=False),
    Position("smbios 1", "outside", "smbios 1 { manufacturer TEXT  product TEXT }"),
    Position("smbios 11", "outside", "smbios 11 { value [TEXT, TEXT] }"),
    Position("fw_cfg string", "outside", 'fw_cfg "opt/org.example/a" { string TEXT }'),
    Position("fw_cfg name", "outside", 'fw_cfg TEXT { string "a" }'),
    Position("rtc", "outside", "rtc { base TEXT }", free=False),
    Position("accel", "host", "accel kvm { device TEXT }", free=False),
    Position("netdev", "host", "netdev user n { hostname TEXT  bootfile TEXT }"),
    Position("netdev list", "host", "netdev user n { dnssearch [TEXT, TEXT] }"),
    Position("netdev stream", "host", "netdev stream n { addr { type unix  path TEXT } }"),
    Position("chardev", "host", "chardev file c { path TEXT  logfile TEXT }"),
    Position("blockdev", "host", "blockdev raw n { file { driver file  filename TEXT } }"),
    Position("drive", "host", "drive n { file TEXT  format raw  if none }"),
    Position("audiodev", "host", "audiodev wav a { path TEXT }"),
    Position("tpmdev", "host", "tpmdev passthrough t { path TEXT  cancel-path TEXT }", free=False),
    Position("fsdev", "host", "fsdev local f { path TEXT  security_model none }"),
    Position("display", "host", "display egl-headless { rendernode TEXT }", free=False),
    Position("vnc", "host", "vnc TEXT { password on }"),
    Position("vnc alone", "host", "vnc TEXT"),
    Position("vnc property", "host", 'vnc ":1" { sasl-authz TEXT }', free=False),
    Position("spice", "host", "spice { addr TEXT  tls-channel [TEXT, TEXT] }"),
    Position("name", "host", "name { process TEXT }"),
    Position("host object", "host", "object secret s { data TEXT }"),
    Position(
        "host object as JSON", "host", "object throttle-group t { limits { iops-total TEXT } }", free=False
    ),
    Position("numa", "outside", "numa node { nodeid 0  memdev TEXT }", free=False),
    Position("sandbox", "host", "sandbox { enable TEXT }", free=False),
    Position("msg", "host", "msg { timestamp TEXT }", free=False),
    Position("action", "host", "action { panic TEXT }", free=False),
    Position("run-with", "host", "run-with { chroot TEXT }"),
    Position("overcommit", "host", "overcommit { mem-lock TEXT }", free=False),
    Position("arguments", "host", 'arguments ["-pidfile", TEXT]'),
    Position("device id", "outside", "device usb-tablet TEXT at xhci.0/1\nXHCI"),
    Position("object id", "outside", "object authz-simple TEXT { identity a }"),
    Position("netdev id", "host", "netdev user TEXT"),
    Position("chardev id", "host", "chardev null TEXT"),
    Position("blockdev id", "host", "blockdev null-co TEXT"),
    Position("drive id", "host", "drive TEXT { if none }"),
    Position("monitor id", "host", "chardev null TEXT monitor TEXT { mode control }"),
)

LONG = "x" * 2000
INJECTION = 'x",id=evil\n[chardev "evil"]\n  backend = "file"\n  path = "pwn"\n'

PAYLOADS = (
    *(",", ",,", "a,b", ",a", "a,", "a,,b", '"', "'", "''", "=", "a=b", "a=b,c=d", "=,", "\n", "a\nb", "a\n"),
    *(
        "\\",
        "\\,",
        "\\n",
        "a\\",
        "\\\n",
        "%s%n",
        "%",
        "$(touch pwn)",
        "${HOME}",
        "`touch pwn`",
        "-x",
        "--",
        "-",
    ),
    *(
        "@x",
        "a b",
        " ",
        " a ",
        "; touch pwn",
        "#x",
        "#",
        "& touch pwn",
        "| touch pwn",
        "> pwn",
        "*",
        "~",
        "!x",
    ),
    *(
        "\t",
        "\x85",
        "\u2028",
        "\ufeffa",
        "ü€😀",
        "\ufffe",
        "\U0001ffff",
        "help",
        "?",
        "{",
        "}",
        "[x]",
        "{}",
        "on",
    ),
    *(
        "010",
        "0x10",
        "1e3",
        "x,,ssse3=on,,hv-vendor-id=zz",
        "x,ssse3=on",
        INJECTION,
        "'; touch pwn; '",
        "a\n\nb",
    ),
    *(LONG, "," * 2000, "é" * 1000, "'" * 2000, "\n" * 2000, "a\nx" * 700, '"x,=' * 500),
    "x" * 900 + '[chardev "evil"]\n' * 60,
)


def quoted(text: str) -> str:
    """A text as the language writes it."""
    for character, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t")):
        text = text.replace(character, escape)
    return f'"{text}"'


def description(position: Position, text: str) -> str:
    """A description of a guest that has the text at one position."""
    return whole([(position, text)])


def whole(said: list[tuple[Position, str]]) -> str:
    """A description of a guest that has a text at each of some positions."""
    parts: dict[str, list[str]] = {}
    for position, text in said:
        parts.setdefault(position.part, []).append(position.statement.replace("TEXT", quoted(text)))
    outside = "\n".join(parts.get("outside", []))
    if "XHCI" in outside:
        outside = outside.replace("XHCI", "") + "\ndevice qemu-xhci xhci at pcie.0/04.0"
    lines = [
        "machdesc 1",
        f"guest {parts.get('guest', ['g'])[0]}",
        f"machine q35 @ 5.2 {{ {' '.join(parts.get('machine', []))} }}",
        f"cpu qemu64 @ v1 {{ cpus 1 {' '.join(parts.get('cpu', []))} }}",
        "memory 64MiB",
        f"boot {{ {' '.join(parts.get('boot', []))} }}",
        outside,
        "host {\n  " + "\n  ".join(["accel tcg", *parts.get("host", [])]) + "\n}",
    ]
    return "\n".join(lines) + "\n"
