"""The medium behind a disk shows otherwise.

What it checks: all nodes behind it: whether they can only be read, a size that is written, the offset and the
format of what is read; of a `drive` that brings its device along, also the write cache.

Why the guest notices: the disk is read-only, of another size, or has other content.

How to fix: keep it.
"""

from __future__ import annotations

CODE = "MD053"
BREAKS = "additive"
