"""The topology of the processors differs.

What it checks: how many processors there are and may be, and the sockets, cores and threads that they make,
with what QEMU computes where nothing is written.

Why the guest notices: CPUID and the ACPI tables show it; Windows counts sockets for its licence, and a saved
state has a section for each processor.

How to fix: keep the numbers; write all of `sockets`, `cores` and `threads`.
"""

from __future__ import annotations

CODE = "MD014"
BREAKS = "additive"
