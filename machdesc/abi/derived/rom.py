"""Option ROMs: the type's own file unless another one, or none, is written.

Sources: `pci_qdev_realize` and `pci_add_option_rom` in hw/pci/pci.c; the files are the `romfile` of
the types' class_init functions (the same in 5.2, 7.2 and 10.2), in hw/net and hw/display.
"""

from __future__ import annotations

from machdesc.abi.effective import DEFAULT, DERIVED, UNKNOWN, WRITTEN, Effective, effective

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest

FILES = {
    "e1000-base": "efi-e1000.rom",
    "e1000e": "efi-e1000e.rom",
    "ne2k_pci": "efi-ne2k_pci.rom",
    "pcnet": "efi-pcnet.rom",
    "rtl8139": "efi-rtl8139.rom",
    "vmxnet3": "efi-vmxnet3.rom",
    "virtio-net-pci-base": "efi-virtio.rom",
    "VGA": "vgabios-stdvga.bin",
    "virtio-vga-base": "vgabios-virtio.bin",
    "qxl-vga": "vgabios-qxl.bin",
    "vmware-svga": "vgabios-vmware.bin",
    "ati-vga": "vgabios-ati.bin",
    "cirrus-vga": "vgabios-cirrus.bin",
    "bochs-display": "vgabios-bochs-display.bin",
    "ramfb": "vgabios-ramfb.bin",
}
"""Type or ancestor -> the file that it has by itself."""

_EEPRO100 = (
    *("i82550", "i82551", "i82557a", "i82557b", "i82557c", "i82558a", "i82558b", "i82559a", "i82559b"),
    *("i82559c", "i82559er", "i82562", "i82801"),
)
FILES.update(dict.fromkeys(_EEPRO100, "pxe-eepro100.rom"))

_NO_SIZE = 0xFFFFFFFF


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """`romfile`, `rombar` and `romsize`."""
    if base.name == "rombar":
        return _bar(base)
    if base.name == "romfile":
        return _file(guest, device, base)
    if base.value != _NO_SIZE:
        return base
    file = effective(guest, device, "romfile").value
    if not file:
        return base
    return base._replace(value=None, origin=UNKNOWN, detail=f"the size of {file} of the QEMU that is there")


def _bar(base: Effective) -> Effective:
    """-1 stands for a BAR that nobody asked for, and is there as with 1 (since 10.0)."""
    return base._replace(value=1, detail=f"{base.detail}, -1") if base.value == -1 else base


def _file(guest: Guest, device: Device, base: Effective) -> Effective:
    if base.value or base.origin in (WRITTEN, UNKNOWN) or device.type is None:
        return base
    for driver in (device.type.name, *device.type.parents(guest.release)):
        if driver in FILES:
            return base._replace(value=FILES[driver], origin=DERIVED, detail="the type's own")
    return base._replace(origin=DEFAULT, detail="the type has none")
