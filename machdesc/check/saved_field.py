"""Saved fields: what QEMU's dump does not tell of them, as data with sources: which property decides whether
one is in a state, and which devices have fields and are not saved all the same.

Of a field the dump tells only that a function decides. For one that is not listed here it is not known.
"""

from __future__ import annotations

from machdesc.abi.effective import effective
from machdesc.abi.standing import machine_standing, settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest

FIELDS: tuple[tuple[str, str, str, bool, bool], ...] = (
    # type, field, property, its value when the field is there, its default; a release without the
    # property does not have the field
    ("e1000e", "core.timadj", "migrate-timadj", True, True),  # e1000e_migrate_timadj in hw/net/e1000e.c
    ("pvscsi", "parent_obj", "x-disable-pcie", True, False),  # hw/scsi/vmw_pvscsi.c of 10.0
    # vmstate_test_migrate_acpi_index in hw/acpi/piix4.c of 7.2
    ("PIIX4_PM", "acpi_pci_hotplug.acpi_index", "x-not-migrate-acpi-index", False, False),
)

UNSAVED = frozenset(
    ("usb-mtp", "usb-uas", "vhost-vdpa-device", "virtio-crypto-device", "virtio-sound-device")
)
"""Types whose description is marked `unmigratable` and has fields, in 7.2.22 and 10.0.13 where these have
them: hw/usb/dev-mtp.c, hw/usb/dev-uas.c, hw/virtio/vdpa-dev.c, hw/virtio/virtio-crypto.c,
hw/audio/virtio-snd.c. 11.1.3 refuses to save all but the vhost-vdpa one, which was not tried there."""


def is_there(guest: Guest, device: Device | None, type: str, field: str) -> bool | None:
    """Whether a field is in the state of a device, None of which is the machine; None when that is not
    known."""
    for owner, name, property, value, default in FIELDS:
        if (owner, name) == (type, field):
            schema = guest.catalog.device(type)
            if schema is None or property not in schema.properties(guest.release):
                return False
            found = _value(guest, device, type, property, default)
            return None if found is None else found is value
    return None


def _value(guest: Guest, device: Device | None, type: str, property: str, default: bool) -> bool | None:
    if device is not None:
        found = effective(guest, device, property).value
        return found if isinstance(found, bool) else None
    drivers = type, *guest.catalog.ancestors(type, guest.release)
    setting = settings(machine_standing(guest), drivers).get(property)
    return default if setting is None else setting.text in ("on", "true", "yes")
