"""A guest of 250 lines with 30 devices, on q35 @ 9.2."""

from __future__ import annotations

_BLOCKS = {
    0: (
        "virtio-net-pci",
        ["mac 52:54:00:00:00:{i:02x}", "netdev n{i}", "mq on", "vectors 10", "rx_queue_size 512"],
    ),
    1: ("virtio-blk-pci", ["drive d{i}", "num-queues 4", "write-cache on", "queue-size 256", "serial S{i}"]),
    2: ("e1000e", ["mac 52:54:00:00:00:{i:02x}", "netdev n{i}", "rombar 0", "bootindex {i}", "subsys 1"]),
}


def guest_text() -> str:
    """The text, in literate form."""
    lines = ["machdesc 1", "", "guest big", "", "machine q35 @ 9.2 {", "  smm on", "}", ""]
    lines += [
        "cpu Skylake-Server @ v2 {",
        "  cpus 4  sockets 1  cores 4  threads 1",
        "  pcid on",
        "}",
        "",
        "memory 8GiB",
        "",
    ]
    for i in range(1, 11):
        lines += [
            f"device pcie-root-port rp{i} at pcie.0/{i:02x}.0 {{",
            f"  chassis {i}",
            f"  port {i + 15:#x}",
        ]
        lines += [f"  slot {i}", "  hotplug on", "}", ""]
    for i in range(1, 11):
        kind, properties = _BLOCKS[i % 3]
        lines += [
            f"device {kind} dev{i} at rp{i}/00.0 {{",
            *("  " + p.format(i=i) for p in properties),
            "}",
            "",
        ]
    lines += ["device qemu-xhci usb at pcie.0/12.0 {", "  p2 8", "  p3 8", "}", ""]
    for i in range(1, 5):
        lines += [f"device usb-tablet tablet{i} at usb.0/{i} {{", "  msos-desc on", "}", ""]
    lines += ["device virtio-scsi-pci scsi at pcie.0/13.0 {", "  num_queues 4", "}", ""]
    for i in range(1, 5):
        lines += [f"device scsi-hd disk{i} at scsi.0/0:{i}:0 {{", f"  drive s{i}", "  scsi_version 5"]
        lines += ["  rotation_rate 1", "}", ""]
    lines += ["host {", "  accel kvm"]
    lines += [f"  netdev user n{i}" for i in range(1, 11) if i % 3 != 1]
    lines += [f"  blockdev null-co d{i} {{\n    size 1G\n  }}" for i in range(1, 11) if i % 3 == 1]
    lines += [f"  blockdev null-co s{i} {{\n    size 1G\n  }}" for i in range(1, 5)]
    lines += ["}"]
    return "# A large guest\n\n```machdesc\n" + "\n".join(lines) + "\n```\n"
