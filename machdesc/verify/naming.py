"""Failures of a QEMU are told with the words that name it: of two, one has to know which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from machdesc.live.child import QemuFailure


@contextmanager
def naming(binary: str) -> Iterator[None]:
    """While the block lasts, a QEMU that fails is named as `--qemu` names it, if it does not do so itself.

    :raises machdesc.live.child.QemuFailure: as it comes, with the name.
    """
    try:
        yield
    except QemuFailure as failure:
        text = str(failure)
        raise type(failure)(text if text.startswith(binary) else f"{binary}: {text}") from failure
