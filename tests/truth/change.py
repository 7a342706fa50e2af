"""Draws a change of a guest that is a whole guest again."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from machdesc.library import Compiled
from tests.truth.mutation import WEIGHTS, Mutation, Subject
from tests.truth.observation import compiled

_DRAWS = 500


def draw_change(
    random: Random, subject: Subject, release: str, mutations: Mapping[str, Mutation]
) -> tuple[str, str, Compiled] | None:
    """The kind of a change, the new text, and what it compiles to.

    None when no change out of many draws is a whole guest.
    """
    kinds = list(mutations)
    weights = [WEIGHTS.get(kind, 1) for kind in kinds]
    for _ in range(_DRAWS):
        (kind,) = random.choices(kinds, weights)
        text = mutations[kind](random, subject)
        if text is None or text == subject.text:
            continue
        guest = compiled(text, release)
        if guest is not None:
            return kind, text, guest
    return None
