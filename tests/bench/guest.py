"""A guest of 250 lines with 30 devices, on q35 @ 9.2, and a fleet of such guests."""

from __future__ import annotations

_CARD, _DISK, _CARD_E1000E = range(3)
_MODELS = ("Skylake-Server", "Cascadelake-Server", "Icelake-Server")
_SIZES = (8, 4, 16, 24, 32, 64)
_QUEUES = (256, 128, 512, 1024)


def guest_text(number: int = 0) -> str:
    """The text, in literate form.

    Each number gives another guest: other names, MACs, serials and disks in all of them; other
    models, sizes, addresses and properties in some, as in a fleet.
    """
    name = f"vm{number}" if number else "big"
    lines = ["machdesc 1", "", f"guest {name}", "", "machine q35 @ 9.2 {", "  smm on", "}", ""]
    lines += [f"cpu {_of(_MODELS, number)} @ v2 {{"]
    lines += ["  cpus 4  sockets 1  cores 4  threads 1", "  pcid on", "}", ""]
    lines += [f"memory {_of(_SIZES, number)}GiB", ""]
    for i in range(1, 11):
        # The ports stand at other slots in every guest of four.
        slot = (i - 1 + number % 4) % 10 + 1
        lines += [f"device pcie-root-port rp{i} at pcie.0/{slot:02x}.0 {{"]
        lines += [f"  chassis {i}", f"  port {slot + 15:#x}", f"  slot {slot}", "  hotplug on", "}", ""]
    for i in range(1, 11):
        kind, properties = _card_or_disk(number, i)
        lines += [f"device {kind} dev{i} at rp{i}/00.0 {{", *("  " + item for item in properties), "}", ""]
    lines += ["device qemu-xhci usb at pcie.0/12.0 {", "  p2 8", f"  p3 {_of((8, 4), number)}", "}", ""]
    for i in range(1, 5):
        lines += [f"device usb-tablet tablet{i} at usb.0/{i} {{", "  msos-desc on", "}", ""]
    lines += ["device virtio-scsi-pci scsi at pcie.0/13.0 {", f"  num_queues {4 + number % 5}", "}", ""]
    for i in range(1, 5):
        lines += [f"device scsi-hd disk{i} at scsi.0/0:{i}:0 {{", f"  drive {_end('s', number, i)}"]
        lines += ["  scsi_version 5", f"  rotation_rate {1 + number % 2 * 7199}", "}", ""]
    lines += ["host {", "  accel kvm"]
    lines += [f"  netdev user {_end('n', number, i)}" for i in range(1, 11) if i % 3 != _DISK]
    disks = [_end("d", number, i) for i in range(1, 11) if i % 3 == _DISK]
    disks += [_end("s", number, i) for i in range(1, 5)]
    lines += [f"  blockdev null-co {disk} {{\n    size {1 + number % 9}G\n  }}" for disk in disks]
    lines += ["}"]
    return "# A large guest\n\n```machdesc\n" + "\n".join(lines) + "\n```\n"


def _card_or_disk(number: int, i: int) -> tuple[str, list[str]]:
    """The type behind a root port, and what its block says."""
    mac, back_end = (
        f"mac 52:54:{number >> 8:02x}:{number & 255:02x}:00:{i:02x}",
        f"netdev {_end('n', number, i)}",
    )
    if i % 3 == _CARD:
        return "virtio-net-pci", [mac, back_end, "mq on", "vectors 10", f"rx_queue_size {512 << number % 2}"]
    if i % 3 == _CARD_E1000E:
        return "e1000e", [mac, back_end, "rombar 0", f"bootindex {i}", "subsys 1"]
    queues = ["num-queues 4", "write-cache on", f"queue-size {_of(_QUEUES, number)}"]
    serial = f"serial S{number}-{i}" if number else f"serial S{i}"
    return "virtio-blk-pci", [f"drive {_end('d', number, i)}", *queues, serial]


def _end(letter: str, number: int, i: int) -> str:
    """The id of a back end; no two guests have one in common."""
    return f"{letter}{number}-{i}" if number else f"{letter}{i}"


def _of(choices: tuple[object, ...], number: int) -> object:
    return choices[number % len(choices)]
