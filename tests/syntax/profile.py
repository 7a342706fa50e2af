"""How long the generated tests run: few and the same examples, or many with MACHDESC_FUZZ=long."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Verbosity, settings

LONG = os.environ.get("MACHDESC_FUZZ") == "long"

LONG_FACTOR = int(os.environ.get("MACHDESC_FUZZ_FACTOR", "50"))
"""How many times more examples a long run has."""


def examples(count: int) -> Callable[[Any], Any]:
    """Settings for a test of so many examples in a normal run."""
    return settings(
        max_examples=count * LONG_FACTOR if LONG else count,
        derandomize=not LONG,
        deadline=None,
        database=None,
        print_blob=LONG,
        verbosity=Verbosity.normal,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
