"""An object that the guest sees differs.

What it checks: the objects outside `host`, and whether memory back ends can be written.

Why the guest notices: what stands outside `host` is the promise.

How to fix: keep it, or move it into `host` if the guest does not see it.
"""

from __future__ import annotations

CODE = "MD024"
BREAKS = "additive"
