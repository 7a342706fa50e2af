"""The CPU model, or the version of it, differs.

What it checks: the model with the version that its name means under the machine type.

Why the guest notices: CPUID shows other features; software that has chosen its code by them may fail.

How to fix: name the model with its version, such as `cpu Skylake-Server @ v1`.
"""

from __future__ import annotations

CODE = "MD010"
BREAKS = "additive"
