"""Features of vhost-user devices that QEMU passes on as their server offers them, whatever their
properties say. Sources: `vub_get_features` in hw/virtio/vhost-user-base.c, `vhost_input_get_features`
in hw/input/vhost-user-input.c, `vu_rng_get_features` in hw/virtio/vhost-user-rng.c (7.2).
"""

from __future__ import annotations

from machdesc.abi.effective import UNKNOWN, Effective

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.resolve.guest import Device, Guest


def derive(guest: Guest, device: Device, base: Effective) -> Effective:
    """A feature bit: unknown."""
    del guest, device
    return base._replace(value=None, origin=UNKNOWN, detail="the vhost-user server decides")
