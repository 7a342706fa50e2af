"""What QEMU refuses, and lint reports, beside the nearest that both take.

Each row was tried on QEMU 7.2 and 11.1, and `tests/live/test_refusal.py` tries it again.
"""

from __future__ import annotations

from machdesc.record import Record

MACHINE = "machine q35 @ 7.2"
"""The machine of rows that name none."""


class Row(Record):
    """The code of the diagnostic, and statements of a guest that is refused and of one that is taken."""

    code: str
    refused: str
    taken: str


DISK = "host { blockdev null-co n }\n"
BLK = "device virtio-blk-pci a at pcie.0/04.0"
XHCI = "device qemu-xhci x at pcie.0/03.0\n"
SERIAL = "device virtio-serial-pci s at pcie.0/03.0\n"
RAM = "object memory-backend-ram m { size 128M }\n"
RAMS = RAM + "object memory-backend-ram n { size 128M }\n"
NODES = RAMS + "numa node { nodeid 0  memdev m  cpus 0 }\nnuma node { nodeid 1  memdev n }\n"
NODE = "object memory-backend-ram m { size 256M }\nnuma node { nodeid 0  memdev m"
ROOM = "memory 256M { slots 2  max 1G }\n"
SHARE = 'fsdev local f { path "."  security_model none }'


def _placed(before: str, device: str, wrong: str, right: str) -> Row:
    """A device at a place that there is not, and at one that there is."""
    return Row("bad-address", f"{before}device {device} at {wrong}", f"{before}device {device} at {right}")


def _machine(code: str, wrong: str, right: str) -> Row:
    """A machine with a property that QEMU refuses, and with one that it takes."""
    return Row(code, f"{MACHINE} {{ {wrong} }}", f"{MACHINE} {{ {right} }}")


def _distance(code: str, wrong: str, right: str) -> Row:
    """A distance between two nodes that QEMU refuses, and one that it takes."""
    return Row(code, f"{NODES}numa dist {{ {wrong} }}", f"{NODES}numa dist {{ {right} }}")


def _valued(code: str, before: str, device: str, wrong: str, right: str) -> Row:
    """A device with a property that QEMU refuses, and with one that it takes."""
    return Row(code, f"{before}device {device} {{ {wrong} }}", f"{before}device {device} {{ {right} }}")


MEMORY = (
    Row("memory-slots", "memory 256M { slots 2 }", "memory 256M { max 1G }"),
    Row("memory-slots", "memory 256M { slots 257  max 4G }", "memory 256M { slots 256  max 4G }"),
    Row("memory-size", RAM + "memory 256M { backend m }", RAM + "memory 128M { backend m }"),
)

REQUIRED = (
    Row("missing-property", BLK, f"{DISK}{BLK} {{ drive n }}"),
    Row("missing-property", "device ide-hd a at ide.0/0", DISK + "device ide-hd a at ide.0/0 { drive n }"),
    Row(
        "missing-property",
        "device virtio-scsi-pci s at pcie.0/03.0\ndevice scsi-hd a at s.0/0:0:0",
        DISK + "device virtio-scsi-pci s at pcie.0/03.0\ndevice scsi-hd a at s.0/0:0:0 { drive n }",
    ),
    Row(
        "missing-property",
        XHCI + "device usb-storage a at x.0/1",
        DISK + XHCI + "device usb-storage a at x.0/1 { drive n }",
    ),
    Row("missing-property", "device nvme a at pcie.0/04.0", "device nvme a at pcie.0/04.0 { serial x }"),
    Row(
        "missing-property",
        "device nvme a at pcie.0/04.0 { serial x }\ndevice nvme-ns b at a/1",
        DISK + "device nvme a at pcie.0/04.0 { serial x }\ndevice nvme-ns b at a/1 { drive n }",
    ),
    Row("missing-property", ROOM + "device pc-dimm a", ROOM + RAM + "device pc-dimm a { memdev m }"),
    Row(
        "missing-property",
        ROOM + "device virtio-mem-pci a at pcie.0/04.0",
        ROOM + RAM + "device virtio-mem-pci a at pcie.0/04.0 { memdev m }",
    ),
    Row(
        "missing-property",
        "device ivshmem-plain a at pcie.0/04.0",
        RAM + "device ivshmem-plain a at pcie.0/04.0 { memdev m }",
    ),
    Row(
        "missing-property",
        "device isa-debugcon a at isa.0",
        "host { chardev null c }\ndevice isa-debugcon a at isa.0 { chardev c }",
    ),
    Row(
        "missing-property",
        f"host {{ {SHARE} }}\ndevice virtio-9p-pci a at pcie.0/04.0 {{ fsdev f }}",
        f"host {{ {SHARE} }}\ndevice virtio-9p-pci a at pcie.0/04.0 {{ fsdev f  mount_tag t }}",
    ),
    Row(
        "missing-property",
        'host { fsdev local f { path "." } }\ndevice virtio-9p-pci a at pcie.0/04.0 { fsdev f  mount_tag t }',
        f"host {{ {SHARE} }}\ndevice virtio-9p-pci a at pcie.0/04.0 {{ fsdev f  mount_tag t }}",
    ),
    Row(
        "missing-property",
        "device virtio-crypto-pci a at pcie.0/04.0",
        "object cryptodev-backend-builtin c\ndevice virtio-crypto-pci a at pcie.0/04.0 { cryptodev c }",
    ),
    Row(
        "missing-property",
        "device pci-bridge a at pcie.0/04.0",
        "device pci-bridge a at pcie.0/04.0 { chassis_nr 1 }",
    ),
)

ONCE = (
    Row(
        "used-twice",
        "device e1000 a at pcie.0/03.0 { bootindex 1 }\ndevice e1000 b at pcie.0/04.0 { bootindex 1 }",
        "device e1000 a at pcie.0/03.0 { bootindex 1 }\ndevice e1000 b at pcie.0/04.0 { bootindex 2 }",
    ),
    Row(
        "used-twice",
        "device e1000 a at pcie.0/03.0 { acpi-index 1 }\ndevice e1000 b at pcie.0/04.0 { acpi-index 1 }",
        "device e1000 a at pcie.0/03.0 { acpi-index 0 }\ndevice e1000 b at pcie.0/04.0 { acpi-index 0 }",
    ),
    Row(
        "used-twice",
        "host { netdev user u }\n"
        "device e1000 a at pcie.0/03.0 { netdev u }\ndevice e1000 b at pcie.0/04.0 { netdev u }",
        "host { netdev user u  netdev user v }\n"
        "device e1000 a at pcie.0/03.0 { netdev u }\ndevice e1000 b at pcie.0/04.0 { netdev v }",
    ),
    Row(
        "used-twice",
        "host { chardev null c }\n"
        "device isa-serial a at isa.0 { chardev c }\ndevice isa-serial b at isa.0 { chardev c }",
        "host { chardev null c { mux on } }\n"
        "device isa-serial a at isa.0 { chardev c }\ndevice isa-serial b at isa.0 { chardev c }",
    ),
    Row(
        "used-twice",
        "host { chardev null c  monitor c { mode control } }\ndevice isa-serial a at isa.0 { chardev c }",
        "host { chardev null c { mux on }  monitor c { mode readline } }\n"
        "device isa-serial a at isa.0 { chardev c }",
    ),
    Row(
        "used-twice",
        f"{DISK}{BLK} {{ drive n }}\ndevice virtio-blk-pci b at pcie.0/05.0 {{ drive n }}",
        f"{DISK}{BLK} {{ drive n  share-rw on }}\n"
        "device virtio-blk-pci b at pcie.0/05.0 { drive n  share-rw on }",
    ),
    Row(
        "used-twice",
        f"{DISK}{XHCI}device ide-hd a at ide.0/0 {{ drive n }}\ndevice usb-storage b at x.0/1 {{ drive n }}",
        "host { blockdev null-co n { read-only on } }\n"
        f"{XHCI}{BLK} {{ drive n }}\ndevice usb-storage b at x.0/1 {{ drive n }}",
    ),
    Row(
        "used-twice",
        ROOM + RAM + "device pc-dimm a { memdev m }\ndevice pc-dimm b { memdev m }",
        ROOM + RAMS + "device pc-dimm a { memdev m }\ndevice pc-dimm b { memdev n }",
    ),
    Row(
        "used-twice",
        RAM + "numa node { nodeid 0  memdev m }\nnuma node { nodeid 1  memdev m }",
        RAMS + "numa node { nodeid 0  memdev m }\nnuma node { nodeid 1  memdev n }",
    ),
    Row(
        "used-twice",
        "device pcie-root-port a at pcie.0/03.0\ndevice pcie-root-port b at pcie.0/04.0",
        "device pcie-root-port a at pcie.0/03.0\ndevice pcie-root-port b at pcie.0/04.0 { slot 1 }",
    ),
    Row(
        "used-twice",
        "device pxb-pcie a at pcie.0/03.0 { bus_nr 32 }\ndevice pxb-pcie b at pcie.0/04.0 { bus_nr 32 }",
        "device pxb-pcie a at pcie.0/03.0 { bus_nr 32 }\ndevice pxb-pcie b at pcie.0/04.0 { bus_nr 33 }",
    ),
    Row(
        "used-twice",
        SERIAL + "device virtserialport a at s.0/1 { name x }\ndevice virtconsole b at s.0/2 { name x }",
        SERIAL + "device virtserialport a at s.0/1 { name x }\ndevice virtconsole b at s.0/2 { name y }",
    ),
    Row(
        "only-one",
        "device virtio-balloon-pci a at pcie.0/03.0\ndevice virtio-balloon-pci b at pcie.0/04.0",
        "device virtio-balloon-pci a at pcie.0/03.0",
    ),
    Row("only-one", "device vmgenid a\ndevice vmgenid b", "device vmgenid a"),
    Row("only-one", "device vmcoreinfo a\ndevice vmcoreinfo b", "device vmcoreinfo a"),
    Row("only-one", "device pvpanic a at isa.0\ndevice pvpanic b at isa.0", "device pvpanic a at isa.0"),
    Row(
        "only-one",
        "device intel-iommu a\ndevice virtio-iommu-pci b at pcie.0/04.0",
        "device virtio-iommu-pci b at pcie.0/04.0",
    ),
    Row(
        "only-one",
        "\n".join(f"device isa-serial s{number} at isa.0" for number in range(5)),
        "\n".join(f"device isa-serial s{number} at isa.0" for number in range(4)),
    ),
    Row("only-one", "device isa-serial a at isa.0 { index 4 }", "device isa-serial a at isa.0 { index 3 }"),
)

PLACES = (
    *(
        _placed(f"device {type} s at pcie.0/03.0\n", "scsi-cd c", f"s.0/{wrong}", f"s.0/{right}")
        for type, wrong, right in (
            ("virtio-scsi-pci", "0:256:0", "0:255:0"),
            ("virtio-scsi-pci", "0:0:16384", "0:0:16383"),
            ("virtio-scsi-pci", "1:0:0", "0:0:0"),
            ("lsi53c895a", "0:8:0", "0:7:0"),
            ("lsi53c895a", "0:0:1", "0:0:0"),
            ("lsi53c810", "0:8:0", "0:7:0"),
            ("am53c974", "0:8:0", "0:7:0"),
            ("dc390", "0:0:8", "0:0:7"),
            ("megasas", "0:65:0", "0:64:0"),
            ("megasas-gen2", "0:1:256", "0:1:255"),
            ("mptsas1068", "0:9:0", "0:8:0"),
            ("mptsas1068", "0:1:2", "0:1:1"),
            ("pvscsi", "0:65:0", "0:64:0"),
            ("pvscsi", "0:1:1", "0:1:0"),
        )
    ),
    _placed(
        XHCI + "device usb-uas u at x.0/1\n",
        "scsi-cd c",
        "u.0/0:1:0",
        "u.0/0:0:255",
    ),
    _placed(XHCI + "device usb-bot u at x.0/1\n", "scsi-cd c", "u.0/0:0:16", "u.0/0:0:0"),
    _placed(XHCI, "usb-tablet t", "x.0/5", "x.0/4"),
    _placed("device qemu-xhci x at pcie.0/03.0 { p2 8  p3 2 }\n", "usb-tablet t", "x.0/9", "x.0/8"),
    _placed(XHCI + "device usb-hub h at x.0/1\n", "usb-tablet t", "x.0/1.9", "x.0/1.8"),
    _placed(XHCI + "device usb-hub h at x.0/1 { ports 4 }\n", "usb-tablet t", "x.0/1.5", "x.0/1.4"),
    _placed(XHCI + "device usb-tablet u at x.0/1\n", "usb-tablet t", "x.0/1.1", "x.0/2"),
    Row(
        "bad-address",
        XHCI + "device usb-tablet t at x.0/1.1\ndevice usb-hub h at x.0/1",
        XHCI + "device usb-hub h at x.0/1\ndevice usb-tablet t at x.0/1.1",
    ),
    _placed("device usb-ehci x at pcie.0/03.0\n", "usb-tablet t", "x.0/7", "x.0/6"),
    _placed("device piix3-usb-uhci x at pcie.0/03.0\n", "usb-tablet t", "x.0/3", "x.0/2"),
    _placed("device pci-ohci x at pcie.0/03.0\n", "usb-tablet t", "x.0/4", "x.0/3"),
    _placed(SERIAL, "virtserialport p", "s.0/0", "s.0/1"),
    _placed(SERIAL, "virtconsole p", "s.0/31", "s.0/0"),
    _placed(
        "device virtio-serial-pci s at pcie.0/03.0 { max_ports 4 }\n",
        "virtserialport p",
        "s.0/4",
        "s.0/3",
    ),
)

E1000 = "e1000 a at pcie.0/04.0"
BLK_N = "virtio-blk-pci a at pcie.0/04.0"
VALUES = (
    _valued("out-of-range", XHCI, "usb-hub h at x.0/1", "ports 9", "ports 8"),
    *(
        _valued("bad-value", "", E1000, f'mac "{wrong}"', 'mac "52-54:00-00:00:aF"')
        for wrong in ("52:54:00:00:01", "52:54:00:00:01:zz", "5:54:0:0:0:1", "525400000001")
    ),
    *(
        _valued("out-of-range", DISK, BLK_N, f"drive n  {wrong}", f"drive n  {right}")
        for wrong, right in (
            ("queue-size 100", "queue-size 4"),
            ("queue-size 2", "queue-size 1024"),
            ("queue-size 2048", "queue-size 8"),
            ("num-queues 0", "num-queues 1"),
            ("logical_block_size 513", "logical_block_size 0"),
            ("logical_block_size 256", "logical_block_size 512"),
            ("physical_block_size 4M", "physical_block_size 2M"),
        )
    ),
    *(
        _valued("out-of-range", "", f"{type} a at pcie.0/04.0", wrong, right)
        for type, wrong, right in (
            ("virtio-net-pci", "rx_queue_size 300", "rx_queue_size 256"),
            ("virtio-net-pci", "rx_queue_size 2048", "rx_queue_size 1024"),
            ("virtio-net-pci", "tx_queue_size 128", "tx_queue_size 256"),
            ("virtio-scsi-pci", "virtqueue_size 2", "virtqueue_size 3"),
            ("virtio-scsi-pci", "virtqueue_size 2048", "virtqueue_size 1024"),
            ("virtio-scsi-pci", "num_queues 0", "num_queues 1"),
            ("virtio-rng-pci", "period 0", "period 1"),
            ("pci-ohci", "num-ports 16", "num-ports 15"),
            ("virtio-serial-pci", "max_ports 0", "max_ports 1"),
            ("virtio-serial-pci", "max_ports 512", "max_ports 511"),
            ("pci-bridge", "chassis_nr 0", "chassis_nr 1"),
            ("e1000", "acpi-index 16384", "acpi-index 16383"),
        )
    ),
    _valued("bad-value", "", "intel-iommu i", "aw-bits 40", "aw-bits 48"),
    _valued("bad-value", "", "vmgenid i", 'guid "x"', 'guid "auto"'),
    _valued(
        "wrong-length",
        f"host {{ {SHARE} }}\n",
        "virtio-9p-pci a at pcie.0/04.0",
        f"fsdev f  mount_tag {'a' * 32}",
        f"fsdev f  mount_tag {'a' * 31}",
    ),
    _machine("wrong-length", "x-oem-id ABCDEFG", "x-oem-id ABCDEF"),
    _machine("wrong-length", "x-oem-table-id ABCDEFGHI", "x-oem-table-id ABCDEFGH"),
    _machine("out-of-range", "max-ram-below-4g 8G", "max-ram-below-4g 4G"),
    _machine("bad-value", "smbios-entry-point-type 16", "smbios-entry-point-type 64"),
    Row("wrong-length", "cpu qemu64 { vendor GenuineInte }", "cpu qemu64 { vendor GenuineIntel }"),
    Row(
        "bad-value",
        'smbios 1 { uuid "6c2f0d3452ab4d0b9a6f8f2f3f8f1a10" }',
        'smbios 1 { uuid "6c2f0d34-52ab-4d0b-9a6f-8f2f3f8f1a10" }',
    ),
    Row("out-of-range", "boot { splash-time 65536 }", "boot { splash-time 65535 }"),
    Row("out-of-range", "boot { reboot-timeout -2 }", "boot { reboot-timeout -1 }"),
)

BOOT = (
    *(Row("boot", f"boot {{ order {wrong} }}", "boot { order dcn }") for wrong in ("cc", "z", "C", "acdn")),
    Row("boot", "boot { once dd }", "boot { once d }"),
    Row("boot", 'boot { append "x" }', 'boot { kernel "file" }'),
    Row("fw-cfg", 'fw_cfg "opt/a" { string "a"  file "file" }', 'fw_cfg "opt/a" { file "file" }'),
    Row("fw-cfg", 'fw_cfg "opt/a" { }', 'fw_cfg "opt/a" { string "a" }'),
    Row(
        "fw-cfg",
        f'fw_cfg "opt/{"a" * 52}" {{ string "a" }}',
        f'fw_cfg "opt/{"a" * 51}" {{ string "a" }}',
    ),
)

HMAT = f"{MACHINE} {{ hmat on }}\n"
LATENCY = "hierarchy memory  data-type access-latency  latency 5"
CACHE = "numa hmat-cache { node-id 0  size 1M  level 1  associativity direct  policy write-back  line 8 }"
BOTH = f"numa hmat-lb {{ initiator 0  target 0  {LATENCY} }}\n"
BOTH += "numa hmat-lb { initiator 0  target 0  hierarchy memory  data-type access-bandwidth  bandwidth 5M }\n"
NUMA = (
    Row("numa", f"{NODE}  initiator 0 }}", f"{HMAT}{NODE}  initiator 0  cpus 0 }}"),
    Row("numa", f"{HMAT}{NODE}  cpus 0 }}\n{CACHE}", f"{HMAT}{NODE}  cpus 0 }}\n{BOTH}{CACHE}"),
    Row(
        "numa",
        "cpu qemu64 { cpus 2 }\n" + NODES.replace("memdev n", "memdev n  cpus [0, 1]"),
        "cpu qemu64 { cpus 2 }\n" + NODES.replace("memdev n", "memdev n  cpus 1"),
    ),
    Row(
        "numa",
        f"cpu qemu64 {{ cpus 2 }}\n{NODE}  cpus [0, 1, 2] }}",
        f"cpu qemu64 {{ cpus 2  maxcpus 3 }}\n{NODE}  cpus [0, 1, 2] }}",
    ),
    _distance("out-of-range", "src 0  dst 1  val 9", "src 0  dst 1  val 10"),
    _distance("numa", "src 0  dst 0  val 20", "src 1  dst 0  val 20"),
    _distance("numa", "src 0  dst 2  val 20", "src 0  dst 1  val 20"),
    Row("numa", NODES.replace("nodeid 1", "nodeid 2"), NODES),
    _valued("no-such-node", "", "pxb-pcie p at pcie.0/03.0", "bus_nr 32  numa_node 0", "bus_nr 32"),
    _valued(
        "no-such-node",
        f"{NODE} }}\n",
        "pxb-pcie p at pcie.0/03.0",
        "bus_nr 32  numa_node 1",
        "bus_nr 32  numa_node 0",
    ),
    _valued("no-such-node", ROOM + RAM, "pc-dimm d", "memdev m  node 1", "memdev m  node 0"),
)

CONFLICTS = (
    _valued("conflict", "", "intel-iommu i", "eim on  intremap off", "eim off  intremap off"),
    _valued(
        "conflict",
        "",
        "virtio-rng-pci a at pcie.0/04.0",
        "disable-legacy on  disable-modern on",
        "disable-legacy off  disable-modern on",
    ),
    _valued(
        "conflict",
        "",
        "virtio-rng-pci a at pcie.0/04.0",
        "disable-modern on  iommu_platform on",
        "disable-legacy on  iommu_platform on",
    ),
    _valued(
        "conflict",
        DISK,
        BLK_N,
        "drive n  logical_block_size 4096  physical_block_size 512",
        "drive n  logical_block_size 4096  physical_block_size 4096",
    ),
    Row("conflict", "machine pc @ 7.2\ndevice intel-iommu i", "machine q35 @ 7.2\ndevice intel-iommu i"),
    Row(
        "conflict",
        ROOM + RAM + "device nvdimm d { memdev m }",
        f"{MACHINE} {{ nvdimm on }}\n" + ROOM + RAM + "device nvdimm d { memdev m }",
    ),
    Row(
        "conflict",
        f"{MACHINE} {{ pflash1 n }}\n{DISK}",
        f'{MACHINE} {{ pflash0 n }}\nhost {{ blockdev file n {{ filename "file" }} }}',
    ),
)

ROWS = (*MEMORY, *REQUIRED, *ONCE, *PLACES, *VALUES, *BOOT, *NUMA, *CONFLICTS)


def whole(text: str) -> str:
    """The description of a guest with some statements."""
    machine = "" if text.startswith("machine ") else MACHINE + "\n"
    memory = "" if any(line.startswith("memory ") for line in text.splitlines()) else "memory 256M\n"
    return f"machdesc 1\nguest g\n{machine}{memory}{text}\n"
