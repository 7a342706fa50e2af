"""The arguments that are passed as they are differ.

What it checks: `arguments` in `host`.

Why the guest notices: they may be anything, also hardware.

How to fix: say it in the language, if it can.
"""

from __future__ import annotations

CODE = "MD072"
BREAKS = "additive"
