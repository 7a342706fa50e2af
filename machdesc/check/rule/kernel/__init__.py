"""The kernel, its initrd or its command line differ.

What it checks: the files and texts in `boot` that are loaded in place of a boot loader.

Why the guest notices: fw_cfg holds them; a reset starts another kernel.

How to fix: keep them.
"""

from __future__ import annotations

CODE = "MD061"
BREAKS = "additive"
