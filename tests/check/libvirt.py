"""What libvirt's check of ABI stability compares (src/conf/domain_conf.c of 11.3.0), line by line.

Each row is a pair of guests that differ in this alone, and the code of the finding that tells of it.
"""

from __future__ import annotations

BASE = {
    "guest": "guest a",
    "machine": "machine q35 @ 9.2",
    "cpu": "cpu Skylake-Server @ v5 { cpus 4  sockets 1  cores 4  threads 1 }",
    "memory": "memory 2GiB",
}
CPU = "cpu Skylake-Server @ v5 { cpus 4  sockets 1  cores 4  threads 1  "
MEM = "memory 2GiB { slots 4  max 8GiB }\nobject memory-backend-ram m1 { size 1GiB }\n"
NV = (
    "machine q35 @ 9.2 { nvdimm on }\nmemory 2GiB { slots 4  max 8GiB }\n"
    'object memory-backend-file m1 { size 1GiB  mem-path "/nv"  share on }\n'
)
NODES = (
    "object memory-backend-ram n0 { size 1GiB }\nobject memory-backend-ram n1 { size 1GiB }\n"
    "numa node { nodeid 0  cpus [0, 1]  memdev n0 }\nnuma node { nodeid 1  cpus [2, 3]  memdev n1 }\n"
)
DISK = "blockdev null-co d { size 1GiB }"
SCSI = "device virtio-scsi-pci scsi0 at pcie.0/03.0\n"
OLD = "machine q35 @ 7.2\n"
EMULATOR = 'chardev socket c { path "/run/t"  server off }  tpmdev emulator t { chardev c }'
PORT = "device pcie-root-port rp at pcie.0/03.0 { chassis 1 }\n"
USB = "device qemu-xhci usb at pcie.0/03.0\n"
SERIAL = "device virtio-serial-pci vser0 at pcie.0/03.0\n"


def hv(name: str) -> tuple[str, str]:
    """A Hyper-V enlightenment on and off, with those that it needs."""
    needs = (
        "hv-relaxed on  hv-vapic on  hv-vpindex on  hv-runtime on  hv-synic on  hv-time on  hv-stimer on  "
    )
    needs = needs.replace(f"{name} on  ", "")
    return f"{CPU}{needs}{name} on }}", f"{CPU}{needs}{name} off }}"


def flag(name: str) -> tuple[str, str]:
    """A property of the CPU on and off."""
    return f"{CPU}{name} on }}", f"{CPU}{name} off }}"


def device(before: str, after: str, host: str = "", beside: str = "") -> tuple[str, str]:
    """A device before and after, with what it needs."""
    tail = f" | {host}" if host else ""
    return f"{beside}device {before}{tail}", f"{beside}device {after}{tail}"


def item(type: str, one: str, other: str, host: str = "", beside: str = "") -> tuple[str, str]:
    """A property of a PCI device."""
    return device(
        f"{type} x at pcie.0/02.0 {{ {one} }}", f"{type} x at pcie.0/02.0 {{ {other} }}", host, beside
    )


ROWS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    ("domain", "UUID", ('guest a { uuid "6f2f9c9e-6b3d-4c0d-9d0e-3f1f7a1b2c3d" }', "guest a"), "MD065"),
    ("domain", "name", ("guest a", "guest b"), ""),
    ("domain", "virtualization type", ("| accel kvm", "| accel tcg"), "MD071"),
    ("domain", "machine type", ("machine q35 @ 9.2", "machine q35 @ 10.0"), "MD002"),
    ("domain", "SMBIOS mode, sysinfo", ('smbios 1 { serial "1" }', ""), "MD063"),
    (
        "domain",
        "generation id",
        device(
            'vmgenid x { guid "6f2f9c9e-6b3d-4c0d-9d0e-3f1f7a1b2c3d" }',
            'vmgenid x { guid "6f2f9c9e-6b3d-4c0d-9d0e-3f1f7a1b2c3e" }',
        ),
        "MD033",
    ),
    (
        "vCPU, CPU",
        "max vCPUs",
        ("cpu host { cpus 4  maxcpus 8 }", "cpu host { cpus 4  maxcpus 16 }"),
        "MD014",
    ),
    ("vCPU, CPU", "mode", ("cpu host", "cpu Skylake-Server @ v5"), "MD010"),
    ("vCPU, CPU", "model", ("cpu Skylake-Server @ v5", "cpu EPYC @ v1"), "MD010"),
    (
        "vCPU, CPU",
        "vendor, vendor id",
        (f'{CPU}vendor "GenuineIntel" }}', f'{CPU}vendor "AuthenticAMD" }}'),
        "MD012",
    ),
    ("vCPU, CPU", "check", (f"{CPU}enforce on }}", f"{CPU}enforce off }}"), ""),
    ("vCPU, CPU", "cache", flag("l3-cache"), "MD012"),
    ("vCPU, CPU", "maxphysaddr", (f"{CPU}phys-bits 40 }}", f"{CPU}phys-bits 46 }}"), "MD012"),
    *(
        (
            "vCPU, CPU",
            level,
            (f"cpu host {{ cpus 4  {level} 1 }}", f"cpu host {{ cpus 4  {level} 2 }}"),
            "MD014",
        )
        for level in ("sockets", "dies", "cores", "threads")
    ),
    ("vCPU, CPU", "features", flag("pcid"), "MD012"),
    ("memory", "size", ("memory 2GiB", "memory 4GiB"), "MD020"),
    ("memory", "slots", ("memory 2GiB { slots 2  max 8GiB }", "memory 2GiB { slots 4  max 8GiB }"), "MD021"),
    (
        "memory",
        "max size",
        ("memory 2GiB { slots 2  max 8GiB }", "memory 2GiB { slots 2  max 16GiB }"),
        "MD021",
    ),
    (
        "memory",
        "backing source",
        tuple(
            f"machine q35 @ 9.2 {{ memory-backend m }}\nobject memory-backend-{kind} m {{ size 2GiB }}"
            for kind in ("ram", "memfd")
        ),
        "",
    ),
    (
        "memory device",
        "model",
        (
            f"{MEM}device pc-dimm x {{ memdev m1  addr 0x100000000 }}",
            f"{MEM}device virtio-mem-pci x at pcie.0/02.0 {{ memdev m1  memaddr 0x100000000 }}",
        ),
        "MD032",
    ),
    (
        "memory device",
        "size",
        (
            f"{MEM}device pc-dimm x {{ memdev m1 }}",
            f"{MEM}device pc-dimm x {{ memdev m1 }}".replace("size 1GiB", "size 2GiB"),
        ),
        "MD020",
    ),
    *(
        (
            "memory device",
            told,
            item("virtio-mem-pci", f"memdev m1  {one}", f"memdev m1  {other}", "", MEM),
            "MD033",
        )
        for told, one, other in (
            ("block size", "block-size 2MiB", "block-size 4MiB"),
            ("requested size", "requested-size 0", "requested-size 512MiB"),
            ("address", "memaddr 0x100000000", "memaddr 0x140000000"),
            ("dynamic memslots", "dynamic-memslots off", "dynamic-memslots on"),
        )
    ),
    (
        "memory device",
        "target node",
        device("pc-dimm x { memdev m1  node 0 }", "pc-dimm x { memdev m1  node 1 }", "", MEM + NODES),
        "MD033",
    ),
    (
        "memory device",
        "slot",
        device("pc-dimm x { memdev m1  slot 0 }", "pc-dimm x { memdev m1  slot 1 }", "", MEM),
        "MD033",
    ),
    (
        "memory device",
        "alias",
        (
            f"{MEM}device pc-dimm x {{ memdev m1 }}",
            f"{MEM}device pc-dimm x {{ memdev m1 }}".replace("m1", "m2"),
        ),
        "MD022",
    ),
    (
        "NVDIMM",
        "UUID",
        device(
            'nvdimm x { memdev m1  uuid "6f2f9c9e-6b3d-4c0d-9d0e-3f1f7a1b2c3d" }',
            'nvdimm x { memdev m1  uuid "6f2f9c9e-6b3d-4c0d-9d0e-3f1f7a1b2c3e" }',
            "",
            NV,
        ),
        "MD033",
    ),
    (
        "NVDIMM",
        "label",
        device("nvdimm x { memdev m1 }", "nvdimm x { memdev m1  label-size 128KiB }", "", NV),
        "MD033",
    ),
    (
        "NVDIMM",
        "alignment",
        tuple(
            f"{NV}device nvdimm x {{ memdev m1 }}".replace("share on", f"share on  align {size}")
            for size in ("2MiB", "1GiB")
        ),
        "MD046",
    ),
    (
        "NVDIMM",
        "pmem",
        tuple(
            f"{NV}device nvdimm x {{ memdev m1 }}".replace("share on", f"share on  pmem {word}")
            for word in ("on", "off")
        ),
        "",
    ),
    (
        "NVDIMM",
        "read-only",
        tuple(
            f"{NV}device nvdimm x {{ memdev m1  unarmed on }}".replace(
                "share on", f"share on  readonly {word}"
            )
            for word in ("on", "off")
        ),
        "MD024",
    ),
    (
        "NUMA",
        "node count, cells",
        (NODES, NODES.replace("[0, 1]", "[0]").replace("[2, 3]", "[1, 2, 3]")),
        "MD023",
    ),
    (
        "NUMA",
        "distances",
        (f"{NODES}numa dist {{ src 0  dst 1  val 20 }}", f"{NODES}numa dist {{ src 0  dst 1  val 30 }}"),
        "MD023",
    ),
    *(
        (
            "features",
            told,
            (f"machine q35 @ 9.2 {{ {name} on }}", f"machine q35 @ 9.2 {{ {name} off }}"),
            "MD003",
        )
        for told, name in (("ACPI", "acpi"), ("SMM", "smm"), ("vmport", "vmport"), ("PS/2", "i8042"))
    ),
    *(
        ("features", told, flag(name), "MD012")
        for told, name in (
            ("APIC", "apic"),
            ("APIC EOI", "kvm-pv-eoi"),
            ("PAE", "pae"),
            ("PMU", "pmu"),
            ("pvspinlock", "kvm-pv-unhalt"),
            ("KVM: hidden", "kvm"),
            ("KVM: hint-dedicated", "kvm-hint-dedicated"),
            ("KVM: poll-control", "kvm-poll-control"),
            ("KVM: pv-ipi", "kvm-pv-ipi"),
        )
    ),
    ("features", "KVM: dirty-ring", ("| accel kvm { dirty-ring-size 4096 }", "| accel kvm"), ""),
    ("features", "vmcoreinfo", ("device vmcoreinfo x", ""), "MD030"),
    ("features", "IOAPIC", ("| accel kvm { kernel-irqchip split }", "| accel kvm"), "MD071"),
    ("features", "TCG", ("| accel tcg { tb-size 64 }", "| accel tcg { tb-size 128 }"), ""),
    ("features", "async teardown", ("| run-with { async-teardown on }", ""), ""),
    *(
        ("features", f"Hyper-V: {name}", hv(f"hv-{name}"), "MD013")
        for name in (
            "relaxed",
            "vapic",
            "vpindex",
            "runtime",
            "synic",
            "stimer",
            "stimer-direct",
            "reset",
            "frequencies",
            "reenlightenment",
            "tlbflush",
            "ipi",
            "evmcs",
            "avic",
            "emsr-bitmap",
            "xmm-input",
        )
    ),
    ("features", "Hyper-V: spinlocks", (f"{CPU}hv-spinlocks 8191 }}", f"{CPU}hv-spinlocks 4095 }}"), "MD013"),
    ("features", "Hyper-V: vendor_id", (f'{CPU}hv-vendor-id "a" }}', f'{CPU}hv-vendor-id "b" }}'), "MD013"),
    ("clock", "timer hpet", ("machine q35 @ 9.2 { hpet on }", "machine q35 @ 9.2 { hpet off }"), "MD003"),
    ("clock", "timer pit", ("machine q35 @ 9.2 { pit on }", "machine q35 @ 9.2 { pit off }"), "MD003"),
    ("clock", "timer kvmclock", flag("kvmclock"), "MD012"),
    ("clock", "timer hypervclock", (f"{CPU}hv-time on }}", f"{CPU}hv-time off }}"), "MD013"),
    ("clock", "timer rtc", ("rtc { driftfix slew }", "rtc { driftfix none }"), "MD070"),
    (
        "clock",
        "TSC frequency",
        (f"{CPU}tsc-frequency 2000000000 }}", f"{CPU}tsc-frequency 3000000000 }}"),
        "MD012",
    ),
    (
        "any device",
        "PCI address",
        device("virtio-rng-pci x at pcie.0/02.0", "virtio-rng-pci x at pcie.0/03.0"),
        "MD040",
    ),
    (
        "any device",
        "drive address: SCSI",
        device(
            "scsi-hd x at scsi0.0/0:0:0 { drive d }", "scsi-hd x at scsi0.0/0:0:1 { drive d }", DISK, SCSI
        ),
        "MD041",
    ),
    (
        "any device",
        "drive address: IDE",
        device("ide-hd x at ide.0/0 { drive d }", "ide-hd x at ide.1/0 { drive d }", DISK),
        "MD043",
    ),
    (
        "any device",
        "virtio-serial address",
        device("virtserialport x at vser0.0/1", "virtserialport x at vser0.0/2", "", SERIAL),
        "MD044",
    ),
    (
        "any device",
        "USB port",
        device("usb-tablet x at usb.0/1", "usb-tablet x at usb.0/2", "", USB),
        "MD042",
    ),
    (
        "any device",
        "CCID address",
        device(
            "ccid-card-passthru x at ccid.0 { slot 0 }",
            "ccid-card-passthru x at ccid.0 { slot 1 }",
            "",
            f"{USB}device usb-ccid ccid at usb.0/1\n",
        ),
        "MD033",
    ),
    (
        "any device",
        "ISA address",
        device("isa-serial x { iobase 0x3f8 }", "isa-serial x { iobase 0x2f8 }"),
        "MD033",
    ),
    (
        "any device",
        "DIMM base",
        device(
            "pc-dimm x { memdev m1  addr 0x100000000 }", "pc-dimm x { memdev m1  addr 0x140000000 }", "", MEM
        ),
        "MD033",
    ),
    ("any device", "ACPI index", item("virtio-rng-pci", "acpi-index 1", "acpi-index 2"), "MD033"),
    (
        "any virtio device",
        "ats",
        device("virtio-rng-pci x at rp/00.0 { ats on }", "virtio-rng-pci x at rp/00.0 { ats off }", "", PORT),
        "MD033",
    ),
    *(
        ("any virtio device", told, item("virtio-rng-pci", f"{name} on", f"{name} off"), "MD033")
        for told, name in (("iommu", "iommu_platform"), ("packed", "packed"), ("page_per_vq", "page-per-vq"))
    ),
    (
        "disk",
        "device",
        device("ide-hd x at ide.0/0 { drive d }", "ide-cd x at ide.0/0 { drive d }", DISK),
        "MD032",
    ),
    (
        "disk",
        "bus",
        device(
            "virtio-blk-pci x at pcie.0/02.0 { drive d }",
            "scsi-hd x at scsi0.0/0:0:0 { drive d }",
            DISK,
            SCSI,
        ),
        "MD032",
    ),
    (
        "disk",
        "model",
        device(
            "virtio-blk-pci x at pcie.0/02.0 { drive d }",
            "virtio-blk-pci-transitional x at pcie.0/02.0 { drive d }",
            DISK,
        ),
        "MD032",
    ),
    *(
        ("disk", told, item("virtio-blk-pci", f"drive d  {one}", f"drive d  {other}", DISK), "MD033")
        for told, one, other in (
            ("serial", 'serial "1"', 'serial "2"'),
            ("queues", "num-queues 2", "num-queues 4"),
            ("queue size", "queue-size 128", "queue-size 256"),
            (
                "logical block size",
                "logical_block_size 512",
                "logical_block_size 4096  physical_block_size 4096",
            ),
            ("physical block size", "physical_block_size 512", "physical_block_size 4096"),
            ("discard granularity", "discard_granularity 4096", "discard_granularity 8192"),
        )
    ),
    (
        "disk",
        "WWN",
        device(
            "scsi-hd x at scsi0.0/0:0:0 { drive d  wwn 1 }",
            "scsi-hd x at scsi0.0/0:0:0 { drive d  wwn 2 }",
            DISK,
            SCSI,
        ),
        "MD033",
    ),
    (
        "disk",
        "rotation rate",
        device(
            "scsi-hd x at scsi0.0/0:0:0 { drive d  rotation_rate 1 }",
            "scsi-hd x at scsi0.0/0:0:0 { drive d }",
            DISK,
            SCSI,
        ),
        "MD033",
    ),
    (
        "disk",
        "access mode",
        (
            "device virtio-blk-pci x at pcie.0/02.0 { drive d } | blockdev null-co d { read-only on }",
            "device virtio-blk-pci x at pcie.0/02.0 { drive d } | blockdev null-co d { read-only off }",
        ),
        "MD053",
    ),
    (
        "controller",
        "type, model",
        device("qemu-xhci x at pcie.0/02.0", "nec-usb-xhci x at pcie.0/02.0"),
        "MD032",
    ),
    (
        "controller",
        "index",
        device("virtio-scsi-pci a at pcie.0/02.0", "virtio-scsi-pci b at pcie.0/02.0"),
        "",
    ),
    ("controller", "virtio-serial ports", item("virtio-serial-pci", "max_ports 4", "max_ports 8"), "MD033"),
    ("controller", "virtio-serial vectors", item("virtio-serial-pci", "vectors 2", "vectors 4"), "MD033"),
    ("controller", "USB ports", item("qemu-xhci", "p2 4", "p2 8"), "MD033"),
    (
        "filesystem",
        "guest target",
        item(
            "virtio-9p-pci",
            'fsdev f  mount_tag "a"',
            'fsdev f  mount_tag "b"',
            'fsdev local f { path "/srv"  security_model none }',
        ),
        "MD033",
    ),
    (
        "filesystem",
        "model",
        device(
            'virtio-9p-pci x at pcie.0/02.0 { fsdev f  mount_tag "a" }',
            'virtio-9p-pci-transitional x at pcie.0/02.0 { fsdev f  mount_tag "a" }',
            'fsdev local f { path "/srv"  security_model none }',
        ),
        "MD032",
    ),
    (
        "filesystem",
        "access mode",
        tuple(
            'device virtio-9p-pci x at pcie.0/02.0 { fsdev f  mount_tag "a" } | '
            f'fsdev local f {{ path "/srv"  security_model {model} }}'
            for model in ("none", "passthrough")
        ),
        "",
    ),
    ("net", "MAC", item("e1000e", 'mac "52:54:00:5e:00:01"', 'mac "52:54:00:5e:00:02"'), "MD033"),
    ("net", "model", device("e1000e x at pcie.0/02.0", "virtio-net-pci x at pcie.0/02.0"), "MD032"),
    ("net", "MTU", item("virtio-net-pci", "host_mtu 1500", "host_mtu 9000"), "MD033"),
    ("input", "type, bus", device("usb-tablet x at usb.0/1", "usb-mouse x at usb.0/1", "", USB), "MD032"),
    ("hub", "count", ("device qemu-xhci usb at pcie.0/03.0\ndevice usb-hub x at usb.0/1", USB), "MD030"),
    (
        "redirected",
        "filter",
        device(
            'usb-redir x at usb.0/1 { chardev c  filter "-1:-1:-1:-1:1" }',
            'usb-redir x at usb.0/1 { chardev c  filter "-1:-1:-1:-1:0" }',
            "chardev null c",
            USB,
        ),
        "MD033",
    ),
    (
        "host device",
        "mode, subsystem",
        device('vfio-pci x at pcie.0/02.0 { host "0000:03:00.0" }', "virtio-rng-pci x at pcie.0/02.0"),
        "MD032",
    ),
    (
        "smartcard",
        "type",
        device(
            "ccid-card-passthru x at ccid.0",
            "ccid-card-emulated x at ccid.0",
            "",
            f"{USB}device usb-ccid ccid at usb.0/1\n",
        ),
        "MD032",
    ),
    ("watchdog", "model", device("i6300esb x at pcie.0/02.0", "virtio-rng-pci x at pcie.0/02.0"), "MD032"),
    (
        "sound",
        "model",
        device(
            "AC97 x at pcie.0/02.0 { audiodev s }",
            "ES1370 x at pcie.0/02.0 { audiodev s }",
            "audiodev none s",
        ),
        "MD032",
    ),
    (
        "sound",
        "multichannel",
        device(
            "usb-audio x at usb.0/1 { audiodev s  multi on }",
            "usb-audio x at usb.0/1 { audiodev s  multi off }",
            "audiodev none s",
            USB,
        ),
        "MD033",
    ),
    ("panic", "model", device("pvpanic x", "pvpanic-pci x at pcie.0/02.0"), "MD032"),
    ("vsock", "address", item("vhost-vsock-pci", "guest-cid 3", "guest-cid 4"), "MD033"),
    (
        "pstore",
        "size",
        (
            "object memory-backend-ram e { size 1MiB }\ndevice acpi-erst x at pcie.0/02.0 { memdev e }",
            "object memory-backend-ram e { size 2MiB }\ndevice acpi-erst x at pcie.0/02.0 { memdev e }",
        ),
        "MD020",
    ),
    (
        "rng",
        "model",
        device("virtio-rng-pci x at pcie.0/02.0", "virtio-rng-pci-transitional x at pcie.0/02.0"),
        "MD032",
    ),
    ("video", "model", device("VGA x at pcie.0/02.0", "bochs-display x at pcie.0/02.0"), "MD032"),
    *(
        ("video", told, item("qxl-vga", f"{name} {one}", f"{name} {other}", "", OLD), "MD033")
        for told, name, one, other in (
            ("ram", "ram_size", "67108864", "134217728"),
            ("vram", "vram_size", "67108864", "134217728"),
            ("vram64", "vram64_size_mb", "64", "128"),
            ("vgamem", "vgamem_mb", "16", "32"),
            ("heads", "max_outputs", "1", "2"),
        )
    ),
    (
        "char",
        "type, model",
        device("isa-serial x { chardev c }", "isa-debugcon x { chardev c }", "chardev null c"),
        "MD032",
    ),
    ("char", "port", device("isa-serial x { index 0 }", "isa-serial x { index 1 }"), "MD033"),
    (
        "char",
        "channel name",
        device(
            'virtserialport x at vser0.0/1 { name "a" }',
            'virtserialport x at vser0.0/1 { name "b" }',
            "",
            SERIAL,
        ),
        "MD033",
    ),
    (
        "balloon",
        "model",
        device("virtio-balloon-pci x at pcie.0/02.0", "virtio-balloon-pci-transitional x at pcie.0/02.0"),
        "MD032",
    ),
    (
        "balloon",
        "autodeflate",
        item("virtio-balloon-pci", "deflate-on-oom on", "deflate-on-oom off"),
        "MD033",
    ),
    (
        "balloon",
        "free page reporting",
        item("virtio-balloon-pci", "free-page-reporting on", "free-page-reporting off"),
        "MD033",
    ),
    (
        "shmem",
        "model",
        device(
            "ivshmem-plain x at pcie.0/02.0 { memdev s }",
            "ivshmem-doorbell x at pcie.0/02.0 { chardev c }",
            "chardev null c",
            "object memory-backend-ram s { size 4MiB  share on }\n",
        ),
        "MD032",
    ),
    (
        "shmem",
        "role",
        item(
            "ivshmem-plain",
            "memdev s  master on",
            "memdev s  master off",
            "",
            "object memory-backend-ram s { size 4MiB  share on }\n",
        ),
        "MD033",
    ),
    (
        "shmem",
        "size",
        tuple(
            f"object memory-backend-ram s {{ size {size}  share on }}\n"
            "device ivshmem-plain x at pcie.0/02.0 { memdev s }"
            for size in ("4MiB", "8MiB")
        ),
        "MD020",
    ),
    (
        "shmem",
        "MSI",
        item("ivshmem-doorbell", "chardev c  vectors 1", "chardev c  vectors 4", "chardev null c"),
        "MD033",
    ),
    (
        "TPM",
        "type",
        (
            f"device tpm-tis x {{ tpmdev t }} | {EMULATOR}",
            "device tpm-tis x { tpmdev t } | tpmdev passthrough t",
        ),
        "MD052",
    ),
    (
        "TPM",
        "model",
        device("tpm-tis x { tpmdev t }", "tpm-crb x { tpmdev t }", "tpmdev passthrough t"),
        "MD032",
    ),
    ("IOMMU", "model", device("intel-iommu x", "virtio-iommu-pci x at pcie.0/02.0"), "MD032"),
    *(
        ("IOMMU", told, device(f"intel-iommu x {{ {before} }}", f"intel-iommu x {{ {after} }}"), "MD033")
        for told, before, after in (
            ("intremap", "intremap on", "intremap off"),
            ("caching mode", "caching-mode on", "caching-mode off"),
            ("eim", "intremap on  eim on", "intremap on  eim off"),
            ("iotlb", "device-iotlb on", "device-iotlb off"),
            ("aw_bits", "aw-bits 39", "aw-bits 48"),
            ("dma translation", "dma-translation on", "dma-translation off"),
        )
    ),
)
"""Part, what of it libvirt compares, both guests (what stands behind `|` is the host's), and the code."""

SILENT = {
    ("domain", "name"): "a name for the host",
    ("vCPU, CPU", "check"): "whether QEMU starts, not what it shows",
    ("memory", "backing source"): "the guest finds the same memory, and a saved state its block by its name",
    ("NVDIMM", "pmem"): "how the host writes it out",
    ("features", "KVM: dirty-ring"): "how KVM tells QEMU of written pages",
    ("features", "TCG"): "a cache of QEMU's",
    ("features", "async teardown"): "how QEMU ends",
    ("controller", "index"): "a name; its address is compared",
    ("filesystem", "access mode"): "whose files they are; the guest's hardware is the same",
}
"""What libvirt compares and a guest does not see, and why; no rule tells of it."""

ABSENT = (
    ("domain", "architecture, OS type", "a catalog is of one architecture, whose guests are all of one kind"),
    ("vCPU, CPU", "clusters", "no x86 machine has them"),
    ("vCPU, CPU", "type, count of features", "compared feature by feature"),
    ("memory", "current size", "what the balloon has taken, which no description says"),
    ("features", "HAP, viridian", "Xen"),
    ("features", "privnet, capabilities", "containers"),
    ("features", "MSRs", "bhyve"),
    ("features", "GIC, RAS, AIA", "Arm and RISC-V"),
    ("features", "HPT, HTM, nested-HV, CCF assist, CFPC, SBBC, IBS", "POWER"),
    ("any device", "CCW address", "IBM Z"),
    ("disk", "target", "libvirt's name of it; its address and serial number are compared"),
    ("video", "2D acceleration", "other hypervisors"),
    ("video", "3D acceleration", "other types, such as `virtio-vga-gl`, which the shipped catalog lacks"),
    ("TPM", "version, active PCR banks", "swtpm's state"),
)
"""What the language cannot say, and why."""

BLK = "device virtio-blk-pci x at pcie.0/02.0 { drive d }"
NET = "virtio-net-pci x at pcie.0/02.0 { netdev n }"

MORE: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("offloads of a NIC", item("virtio-net-pci", "csum on", "csum off"), "MD033"),
    ("vectors", item("virtio-blk-pci", "drive d  vectors 2", "drive d  vectors 4", DISK), "MD033"),
    (
        "write cache",
        item("virtio-blk-pci", "drive d  write-cache on", "drive d  write-cache off", DISK),
        "MD033",
    ),
    ("another version of a device", device("virtio-net-pci @ 7.2 x", "virtio-net-pci @ 9.2 x"), "MD033"),
    ("compat properties of the machine's own devices", ("machine q35 @ 9.2", "machine q35 @ 8.0"), "MD004"),
    ("what a CPU model without a version means", ("cpu Skylake-Server", "cpu Skylake-Server @ v4"), "MD010"),
    ("chassis of a root port", item("pcie-root-port", "chassis 1", "chassis 2"), "MD033"),
    ("port of a root port", item("pcie-root-port", "port 1", "port 2"), "MD033"),
    ("boot index", item("e1000e", "bootindex 1", ""), "MD033"),
    ("boot order", ('boot { order "c" }', 'boot { order "n" }'), "MD062"),
    ("option ROM", item("e1000e", "rombar 1", "rombar 0"), "MD033"),
    (
        "the kind of a NIC's back end",
        (f"device {NET} | netdev user n", f'device {NET} | netdev tap n {{ ifname "tap0"  script no }}'),
        "MD051",
    ),
    (
        "other machine options",
        ("machine q35 @ 9.2 { smbus on }", "machine q35 @ 9.2 { smbus off }"),
        "MD003",
    ),
    (
        "ids of RAM blocks",
        tuple(
            f"machine q35 @ 9.2 {{ memory-backend {name} }}\nobject memory-backend-ram {name} {{ size 2GiB }}"
            for name in ("a", "b")
        ),
        "MD022",
    ),
    ("`fw_cfg`", ('fw_cfg "opt/a" { string "1" }', 'fw_cfg "opt/a" { string "2" }'), "MD064"),
    ("arguments as they are", ('| arguments ["-d", "int"]', '| arguments ["-d", "cpu"]'), "MD072"),
    (
        "the firmware",
        tuple(
            f'machine q35 @ 9.2 {{ pflash0 code }} | blockdev file code {{ filename "/{name}.fd" }}'
            for name in ("a", "b")
        ),
        "MD060",
    ),
    ("each string of SMBIOS", ('smbios 1 { serial "1" }', 'smbios 1 { serial "2" }'), "MD063"),
    (
        "what QEMU derives from the number of vCPUs",
        tuple(f"cpu host {{ cpus {n}  cores {n} }}\n{BLK} | {DISK}" for n in (2, 4)),
        "MD033",
    ),
    (
        "order of bridges",
        (
            "device pcie-pci-bridge a at pcie.0/02.0\ndevice pcie-pci-bridge b at pcie.0/03.0",
            "device pcie-pci-bridge b at pcie.0/03.0\ndevice pcie-pci-bridge a at pcie.0/02.0",
        ),
        "MD047",
    ),
    (
        "order of devices without an address",
        ("device virtio-rng-pci a\ndevice e1000e b", "device e1000e b\ndevice virtio-rng-pci a"),
        "MD046",
    ),
)
"""What libvirt leaves out, both guests, and the code."""
