"""What is known to be harmless: types of devices and objects, and properties whose value is a text.

A property of any other kind (a switch, a number, a size, a word of an enumeration, the name of something
in the same QEMU) needs no entry: the harvested catalog says its kind. What is in neither is left out.
Sources: the property lists of QEMU 5.2 to 11.1 (`info_str` and the setters of hw/ and backends/), and a trace
of each type that can be plugged (tests/live/test_sandbox_trace.py).
"""

from __future__ import annotations

_HOST = "needs a device of the host"
_SERVER = "needs its server"
_VHOST = "needs the host's vhost"
_FILES = "needs files of the host"
_OPENGL = "needs a display with OpenGL"
_XEN = "needs a Xen host"

NEEDS_HOST = {
    "vfio-*": _HOST,
    "vhost-vsock*": _VHOST,
    "vhost-scsi*": _VHOST,
    "vhost-vdpa*": _HOST,
    "vhost-user-gpu*": _SERVER,
    "vhost-user-vga": _SERVER,
    "vhost-user-input*": _SERVER,
    "usb-host": _HOST,
    "usb-mtp": _FILES,
    "virtio-input-host*": _HOST,
    "ivshmem-doorbell": _SERVER,
    "u2f-passthru": _HOST,
    "u2f-emulated": _FILES,
    "ccid-card-emulated": _FILES,
    "uefi-vars-*": _FILES,
    "hv-syndbg": "sends to a debugger",
    "igd-passthrough-*": _HOST,
    "pvrdma": _HOST,
    "remote-pcihost": _SERVER,
    "x-pci-proxy-dev": _SERVER,
    "sgx-epc": "needs the host's processor",
    "nitro-*": _VHOST,
    "xen-*": _XEN,
    "*-gl": _OPENGL,
    "*-gl-pci": _OPENGL,
    "*-gl-device": _OPENGL,
    "*-rutabaga*": _OPENGL,
}
"""Types of devices that cannot be started without something of the host -> what."""

DEVICES = frozenset((
    "AC97", "AMDVI-PCI", "ES1370", "ICH9 SMB", "ICH9-SMB", "PIIX3-xen", "SUNW,fdtwo", "VGA", "acpi-erst",
    "acpi-ged-x86", "adlib", "am53c974", "amd-iommu", "ati-vga", "bochs-display", "ccid-card-passthru",
    "cirrus-vga", "cpu-cluster", "cs4231a", "ctucan_pci", "cxl-downstream", "cxl-fmw", "cxl-rp",
    "cxl-switch-mailbox-cci", "cxl-type3", "cxl-upstream", "dc390", "e1000", "e1000-82544gc",
    "e1000-82545em", "e1000e", "edu", "emmc", "floppy", "fsl-esdhc-be", "fsl-esdhc-le", "guest-loader",
    "gus", "hda-duplex", "hda-micro", "hda-output", "hv-balloon", "hyperv-testdev", "i2c-ddc", "i2c-echo",
    "i6300esb", "i8042", "i8042-mmio", "i82550", "i82551", "i82557a", "i82557b", "i82557c", "i82558a",
    "i82558b", "i82559a", "i82559b", "i82559c", "i82559er", "i82562", "i82801", "i82801b11-bridge", "ib700",
    "ich9-ahci", "ich9-intel-hda", "ich9-usb-ehci1", "ich9-usb-ehci2", "ich9-usb-uhci1", "ich9-usb-uhci2",
    "ich9-usb-uhci3", "ich9-usb-uhci4", "ich9-usb-uhci5", "ich9-usb-uhci6", "ide-cd", "ide-cf", "ide-drive",
    "ide-hd", "igb", "igbvf", "imx.usbphy", "intel-hda", "intel-iommu", "ioh3420", "iommu-testdev",
    "ipmi-bmc-extern", "ipmi-bmc-sim", "ipoctal232", "isa-applesmc", "isa-cirrus-vga", "isa-debug-exit",
    "isa-debugcon", "isa-fdc", "isa-ide", "isa-ipmi-bt", "isa-ipmi-kcs", "isa-parallel", "isa-serial",
    "isa-vga", "ivshmem-flat", "ivshmem-plain", "kvaser_pci", "loader", "lsi53c810", "lsi53c895a",
    "mc146818rtc", "megasas", "megasas-gen2", "mioe3680_pci", "mptsas1068", "ne2k_isa", "ne2k_pci",
    "nec-usb-xhci", "nvdimm", "nvme", "nvme-ns", "nvme-subsys", "pc-dimm", "pc-testdev", "pci-bridge",
    "pci-bridge-seat", "pci-ipmi-bt", "pci-ipmi-kcs", "pci-ohci", "pci-serial", "pci-serial-2x",
    "pci-serial-4x", "pci-testdev", "pcie-pci-bridge", "pcie-root-port", "pcm3680_pci", "pcnet",
    "piix3-ide", "piix3-ide-xen", "piix3-usb-uhci", "piix4-ide", "piix4-isa", "piix4-usb-uhci", "ps2-kbd",
    "ps2-mouse", "pvpanic", "pvpanic-pci", "pvscsi", "pxb", "pxb-cxl", "pxb-cxl-host", "pxb-pcie",
    "qemu-xhci", "qxl", "qxl-vga", "ramfb", "rocker", "rtl8139", "sb16", "scsi-cd", "scsi-disk", "scsi-hd",
    "sd-card", "sd-card-spi", "sdhci-pci", "secondary-vga", "serial-mm", "sga", "smbus-ipmi", "sp-mem",
    "sysbus-ahci", "sysbus-esp", "sysbus-fdc", "sysbus-ohci", "tpci200", "tpm-crb", "tpm-tis", "tulip",
    "ufs", "ufs-lu", "usb-audio", "usb-bot", "usb-braille", "usb-ccid", "usb-ehci", "usb-hub", "usb-kbd",
    "usb-mouse", "usb-net", "usb-redir", "usb-serial", "usb-storage", "usb-tablet", "usb-uas",
    "usb-wacom-tablet", "vhost-user-blk", "vhost-user-blk-pci", "vhost-user-blk-pci-non-transitional",
    "vhost-user-blk-pci-transitional", "vhost-user-device", "vhost-user-device-pci", "vhost-user-fs-device",
    "vhost-user-fs-pci", "vhost-user-gpio-device", "vhost-user-gpio-pci", "vhost-user-i2c-device",
    "vhost-user-i2c-pci", "vhost-user-rng", "vhost-user-rng-pci", "vhost-user-rtc", "vhost-user-rtc-pci",
    "vhost-user-scsi", "vhost-user-scsi-pci", "vhost-user-scsi-pci-non-transitional",
    "vhost-user-scsi-pci-transitional", "vhost-user-snd", "vhost-user-snd-pci", "vhost-user-spi-device",
    "vhost-user-spi-pci", "vhost-user-test-device", "vhost-user-test-device-pci", "vhost-user-vsock-device",
    "vhost-user-vsock-pci", "vhost-user-vsock-pci-non-transitional", "virtconsole", "virtio-9p-device",
    "virtio-9p-pci", "virtio-9p-pci-non-transitional", "virtio-9p-pci-transitional",
    "virtio-balloon-device", "virtio-balloon-pci", "virtio-balloon-pci-non-transitional",
    "virtio-balloon-pci-transitional", "virtio-blk-device", "virtio-blk-pci",
    "virtio-blk-pci-non-transitional", "virtio-blk-pci-transitional", "virtio-crypto-device",
    "virtio-crypto-pci", "virtio-gpu-device", "virtio-gpu-pci", "virtio-iommu-device", "virtio-iommu-pci",
    "virtio-iommu-pci-non-transitional", "virtio-keyboard-device", "virtio-keyboard-pci", "virtio-mem",
    "virtio-mem-pci", "virtio-mouse-device", "virtio-mouse-pci", "virtio-multitouch-device",
    "virtio-multitouch-pci", "virtio-net-device", "virtio-net-pci", "virtio-net-pci-non-transitional",
    "virtio-net-pci-transitional", "virtio-pmem", "virtio-pmem-pci", "virtio-rng-device", "virtio-rng-pci",
    "virtio-rng-pci-non-transitional", "virtio-rng-pci-transitional", "virtio-rtc-device", "virtio-rtc-pci",
    "virtio-scsi-device", "virtio-scsi-pci", "virtio-scsi-pci-non-transitional",
    "virtio-scsi-pci-transitional", "virtio-serial-device", "virtio-serial-pci",
    "virtio-serial-pci-non-transitional", "virtio-serial-pci-transitional", "virtio-sound-device",
    "virtio-sound-pci", "virtio-tablet-device", "virtio-tablet-pci", "virtio-vga", "virtserialport",
    "vmbus-bridge", "vmclock", "vmcoreinfo", "vmgenid", "vmmouse", "vmware-svga", "vmxnet3",
    "vt82c686b-usb-uhci", "x3130-upstream", "xio3130-downstream",
))  # fmt: skip
"""Types of devices that touch nothing but the back ends that they name. A new release brings new ones, which
are looked at one by one: what opens a file, a device or a socket of the host goes above."""

HOST_SWITCHES = {
    "blob": "opens /dev/udmabuf (virtio-gpu; a trace of 11.1.3)",
    "zoned": "takes memory for each zone (nvme-ns: some 22 MB for each GiB of 4 KiB zones, measured)",
    "prealloc": "touches all of the memory (virtio-mem, hw/virtio/virtio-mem.c)",
    "thread-pool-min": "starts that many threads (iothread and main-loop, util/thread-pool.c of 7.2)",
}
"""Switches and numbers that are harmless only while they are off or not given -> why."""

OBJECTS = ("acpi-generic-initiator", "acpi-generic-port", "can-bus", "iothread", "main-loop", "rng-builtin")
"""Types of objects that are passed on; `machdesc.live.sandbox.host_object` replaces some others."""

_SERVICE_PROCESSOR = "kept by the emulated service processor and shown to the guest (hw/ipmi/ipmi_bmc_sim.c)"
_SHOWN = "shown to the guest, or compared with what it asks for"
_ID = "the name of something in the same QEMU"

DEVICE_TEXTS = {
    "addr": "a place on a bus",
    "bootargs": "a command line, laid into the guest's memory (hw/core/guest-loader.c)",
    "busnr": "a number",
    "canbus": _ID,
    "chardev": _ID,
    "date": "a time",
    "device_id": _SHOWN,
    "display": _ID,
    "duplex": "a word",
    "failover_pair_id": _ID,
    "fdp.ruhs": "numbers",
    "firmware-version": _SHOWN,
    "fp_start_macaddr": "a MAC address",
    "fsdev": _ID,
    "guid": "a UUID",
    "hba_serial": _SHOWN,
    "instanceid": "a UUID",
    "iothread-vq-mapping": _ID,
    "lan.defgw_ipaddr": _SERVICE_PROCESSOR,
    "lan.defgw_macaddr": _SERVICE_PROCESSOR,
    "lan.ipaddr": _SERVICE_PROCESSOR,
    "lan.macaddr": _SERVICE_PROCESSOR,
    "lan.netmask": _SERVICE_PROCESSOR,
    "lost_tick_policy": "a word",
    "mac": "a MAC address",
    "masterbus": _ID,
    "model": _SHOWN,
    "mount_tag": _SHOWN,
    "name": _SHOWN,
    "nguid": "a UUID",
    "nqn": _SHOWN,
    "osk": _SHOWN,
    "outputs": "names and sizes of screens",
    "pci-id": _ID,
    "pci-type": "a type of device",
    "port": "a place on a bus",
    "ports": _ID,
    "product": _SHOWN,
    "reserved-regions": "numbers",
    "serial": _SHOWN,
    "sriov-pf": _ID,
    "stats-intervals": "numbers",
    "tag": _SHOWN,
    "tx": "a word",
    "uuid": "a UUID",
    "vendor": _SHOWN,
    "ver": _SHOWN,
    "world": "a word",
}
"""Properties of devices whose value is a text, or has no kind that the catalog knows -> what it is."""

DEVICE_FILES = ("cdat", "file", "frudatafile", "initrd", "kernel", "romfile", "sdrfile")
"""Properties of devices whose value is a file that the hardware is made from: a ROM (hw/pci/pci.c), what is
laid into memory (hw/core/loader.c), tables (hw/cxl/cxl-cdat.c, hw/ipmi/ipmi_bmc_sim.c)."""

MADE_FROM = {"guest-loader": ("initrd", "kernel"), "loader": ("file",)}
"""Types of devices -> their files without which they are something else: a `loader` of an address alone sets
a program counter (hw/core/generic-loader.c)."""

MACHINE_TEXTS = {
    "append": "the kernel's command line",
    "boot": "an order, and switches",
    "cxl-fmw": _ID,
    "dt-compatible": "compared with a device tree",
    "memory": "sizes",
    "nvdimm-persistence": "a word",
    "sgx-epc": _ID,
    "smbios-entry-point-type": "a word",
    "smp": "numbers",
    "smp-cache": "words",
    "x-oem-id": _SHOWN,
    "x-oem-table-id": _SHOWN,
}
"""The same of machines. A device tree is written to `dumpdtb`, so that is none of them."""

MACHINE_FILES = ("kernel", "initrd", "dtb", "shim", "firmware", "boot.splash")
"""Properties of machines whose value is a file that the guest starts from (hw/core/machine.c)."""

OWN_FILES = ("romfile", "firmware")
"""Files that QEMU brings along itself, and finds by a name without a folder (`qemu_find_file`)."""

OBJECT_TEXTS = {"pci-bus": _ID, "pci-dev": _ID}
"""The same of objects."""

CPU_TEXTS = {"hv-vendor-id": _SHOWN, "model-id": _SHOWN, "vendor": _SHOWN}
"""The same of processors."""

OPTION_WORDS = {
    "m": None,
    "smp": None,
    "numa": None,
    "boot": ("splash",),
    "rtc": None,
    "uuid": None,
}
"""Options whose values are words, numbers and names in the same QEMU -> their keys that name a file."""
