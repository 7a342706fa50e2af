"""Bridges stand in another order.

What it checks: the order of devices that offer a PCI bus.

Why the guest notices: the ACPI tables number the buses in the order in which QEMU makes them.

How to fix: keep the order of the bridges.
"""

from __future__ import annotations

CODE = "MD047"
BREAKS = "additive"
