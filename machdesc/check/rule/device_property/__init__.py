"""A property of a device differs.

What it checks: the effective value of every property: what is written, what the compat properties of the
device's version set, the release's default, and what QEMU derives. Those of the host's side are left out;
what is not known to be one counts as seen by the guest.

Why the guest notices: the device shows another register, feature, size or string, or its saved state has
another form.

How to fix: write the old value on the device, or give it the old version: `device TYPE @ VERSION`.
"""

from __future__ import annotations

from machdesc.check.visible import judge as judge

CODE = "MD033"
BREAKS = "additive"
