"""The CPU model is what the host, or TCG, offers.

What it checks: whether the model is `host` or `max`, or TCG the only accelerator, while the QEMU is
another one.

Why the guest notices: CPUID may show other features after the change.

How to fix: name a model that all hosts have.
"""

from __future__ import annotations

CODE = "MD011"
BREAKS = "cold"
