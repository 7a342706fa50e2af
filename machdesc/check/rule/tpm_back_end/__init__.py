"""The back end of the TPM is of another kind.

What it checks: the kind of the tpmdev.

Why the guest notices: keys that are sealed in the old one are lost.

How to fix: keep the kind.
"""

from __future__ import annotations

CODE = "MD052"
BREAKS = "additive"
