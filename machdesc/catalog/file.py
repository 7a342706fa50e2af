"""The files of a catalog, as `harvest` writes them: each is one JSON document."""

from __future__ import annotations

from machdesc.source import read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from typing import Any

MOST_BYTES = 16 << 20
"""Largest file of a catalog that is read, in bytes; the largest of those that are shipped has a hundredth."""


def read_document(path: str | os.PathLike[str]) -> Any:
    """What a file of a catalog holds.

    :raises OSError: when it cannot be read, or is not a regular file.
    :raises ValueError: when it is not JSON, or too large.
    """
    import json

    data = read_bytes(path, MOST_BYTES)
    if len(data) > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES} bytes, which is the limit for a file of a catalog")
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
