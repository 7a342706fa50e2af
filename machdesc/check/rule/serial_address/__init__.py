"""A port is at another place of a virtio-serial controller.

What it checks: the number of the port.

Why the guest notices: the port has another device file, and a saved state numbers the ports.

How to fix: give it its old number back.
"""

from __future__ import annotations

CODE = "MD044"
BREAKS = "additive"
