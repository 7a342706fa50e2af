"""Devices stand in another order in the ACPI tables.

What it checks: the order of devices on ISA that the tables describe.

Why the guest notices: the DSDT lists them as QEMU has made them, and numbers are given by it.

How to fix: keep their order.
"""

from __future__ import annotations

CODE = "MD049"
BREAKS = "cold"
