"""A device has got a back end, or lost it.

What it checks: properties that name a back end and stand on one side only.

Why the guest notices: a drive without a medium, or a card without a link, is another thing for it.

How to fix: name a back end on both sides.
"""

from __future__ import annotations

CODE = "MD050"
BREAKS = "additive"
