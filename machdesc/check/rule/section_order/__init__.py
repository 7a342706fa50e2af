"""Devices exchange their saved states.

What it checks: the order of devices that QEMU numbers in a saved state, since their bus gives them no path,
such as HDA codecs and ports on ISA; and of networks of the kind `user`, of which more may come but none go.

Why the guest notices: each device goes on with the state of another one, or the state does not load; after
power-off and on, all is as it was.

How to fix: keep their order.
"""

from __future__ import annotations

CODE = "MD074"
BREAKS = "live"
