"""The back end of a network card is of another kind.

What it checks: the kind of the netdev, its queues, and whether it uses vhost.

Why the guest notices: the offloads and queues that a card can offer depend on it.

How to fix: keep the kind, or write the offloads that are to be off on the card.
"""

from __future__ import annotations

CODE = "MD051"
BREAKS = "additive"
