"""The medium behind a disk shows otherwise.

What it checks: whether the node can only be read, and the size of one that has no file.

Why the guest notices: the disk is read-only, or of another size.

How to fix: keep it.
"""

from __future__ import annotations

CODE = "MD053"
BREAKS = "additive"
