"""Sections of a saved state that QEMU tells apart by their order.

A section has a name, which begins with the path of its device. Where there is no path, QEMU numbers those of
one name as it makes them (vmstate_register_with_alias_id and calculate_new_instance_id in
migration/savevm.c), and in another order each device goes on with the state of another one.
"""

from __future__ import annotations

from machdesc.abi.makeup import makeup_of
from machdesc.check.difference import Difference, differ
from machdesc.check.part.couple import spans_of, title, type_name
from machdesc.check.part.order import in_both_orders
from machdesc.check.part.value import heading, written_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.catalog.layout import Layouts
    from machdesc.check.part.couple import Couple
    from machdesc.resolve.guest import Device, Guest
    from machdesc.syntax.tree import Statement

_WITH_PATH = ("PCI", "SCSI", "usb-bus", "virtio-bus", "ufs-bus", "xen-bus", "virtio-mmio-bus")
"""Bus types whose devices have a path: `get_dev_path` in hw/pci/pci.c, hw/scsi/scsi-bus.c, hw/usb/bus.c,
hw/virtio/virtio-bus.c and virtio-mmio.c, hw/ufs/ufs.c, hw/xen/xen-bus.c."""

_BY_THEMSELVES = {
    "vmware-svga": "vga",  # pci_vmsvga_realize in hw/display/vmware_vga.c
    "ipmi-bmc-sim": "ipmi-bmc-sim",  # ipmi_sim_realize in hw/ipmi/ipmi_bmc_sim.c
    "ipmi-bmc-extern": "ipmi-bmc-extern",  # ipmi_bmc_extern_init in hw/ipmi/ipmi_bmc_extern.c
    "isa-ipmi-kcs": "isa-ipmi-kcs",  # isa_ipmi_kcs_realize in hw/ipmi/isa_ipmi_kcs.c
    "isa-ipmi-bt": "isa-ipmi-bt",  # isa_ipmi_bt_realize in hw/ipmi/isa_ipmi_bt.c
}
"""Type -> the section that its devices make without their path, wherever they are."""


def compare_sections(old: Guest, new: Guest, couples: list[Couple]) -> Iterable[Difference]:
    """Devices whose sections are numbered, in another order; for guests in which the order is another."""
    mine, theirs, partner = in_both_orders(old, new, couples)
    named = _by_section(old, mine), _by_section(old, theirs)
    for name, before in named[0].items():
        after = named[1][name]
        if [id(device) for device in before] != [id(device) for device in after]:
            texts = ", ".join(map(title, before)), ", ".join(title(partner[id(d)]) for d in after)
            spans = spans_of(before[0], partner[id(after[0])])
            yield differ("section-order", "sections", f"the order of the sections `{name}`", texts, spans)


def _by_section(guest: Guest, devices: list[Device]) -> dict[str, list[Device]]:
    """The devices that have no path, by the names of their sections."""
    found: dict[str, list[Device]] = {}
    without = [device for device in devices if device.type is not None and not _has_path(guest, device)]
    own = [device for device in devices if type_name(device) in _BY_THEMSELVES]
    if len(without) + len(own) < 2:
        return found
    from machdesc.catalog.layout import read_layouts

    layouts = read_layouts(guest.catalog, guest.release)
    for device in devices:
        names = _section_names(guest, device, layouts) if device in without else []
        if device in own:
            names = [_BY_THEMSELVES[type_name(device)]]
        for name in dict.fromkeys(names):
            found.setdefault(name, []).append(device)
    return found


def _has_path(guest: Guest, device: Device) -> bool:
    assert device.type is not None
    bus = device.address.bus.type if device.address is not None else device.type.bus(guest.release)
    return any(kind in _WITH_PATH for kind in (bus, *guest.catalog.ancestors(bus, guest.release)))


def _section_names(guest: Guest, device: Device, layouts: Layouts | None) -> list[str]:
    """The sections that a device and its parts save; of a release that does not tell, the device's type
    stands for them."""
    if layouts is None:
        return [type_name(device)]
    makeup = makeup_of(guest.catalog, guest.release, type_name(device))
    found = [layouts.section(part.type) for part in (makeup.own, *makeup.parts, *makeup.realized)]
    return [section.name for section in found if section is not None]


def compare_user_networks(old: Guest, new: Guest, couples: list[Couple]) -> Iterable[Difference]:
    """Networks of the kind `user`: each has a section `slirp`, used or not, and these are numbered too
    (net_slirp_init in net/slirp.c). One more behind all others is none that the old state asks for."""
    before, after = _user_networks(old), _user_networks(new)
    if not before or (len(before) == len(after) == 1):
        return
    first = {id(second): device for device, second in couples}
    users, others = _users(old), _users(new)
    mine = [users.get(_id(network)) for network in before]
    theirs = [first.get(id(others.get(_id(network)))) for network in after]
    # A device that has lost its network, or has one of another kind, goes on with no other's state.
    is_other = [was is not now and was in theirs for was, now in zip(mine, theirs, strict=False) if was]
    spans = heading(before[0]), heading(after[0]) if after else None
    if len(after) < len(before):
        texts = [str(len(before)), str(len(after))]
        yield differ("section-order", "sections", "the number of sections `slirp`", texts, spans)
    elif any(is_other):
        texts = [", ".join(map(_id, side)) for side in (before, after)]
        yield differ("section-order", "sections", "the order of the sections `slirp`", texts, spans)


def _user_networks(guest: Guest) -> list[Statement]:
    networks = guest.description.host_all("netdev")
    return [s for s in networks if s.head is not None and s.head.text == "user"]


def _id(network: Statement) -> str:
    return network.id.text if network.id is not None else ""


def _users(guest: Guest) -> dict[str, Device]:
    """The devices that networks are behind, by the networks' ids."""
    found: dict[str, Device] = {}
    for device in guest.devices:
        for name, value, _ in device.statement.properties:
            if name == "netdev":
                found.setdefault(written_text(value), device)
    return found
