"""What a program that machdesc starts finds around it: a minimal environment, whatever the caller's is."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_KEPT = {
    "PATH": "where programs are",
    "LD_LIBRARY_PATH": "where the libraries of a QEMU are that is not installed",
    "QEMU_MODULE_DIR": "where the modules of such a QEMU are (util/module.c)",
    "HOME": "asked for by wrappers such as podman",
    "USER": "asked for by wrappers such as sudo",
    "LOGNAME": "asked for by wrappers such as sudo",
    "XDG_RUNTIME_DIR": "where rootless containers are",
    "TMPDIR": "where temporary files are",
}
"""Variables that are passed on -> why."""


_SET = {
    "LC_ALL": "C",
    # Up to 8.1, a sound device without an `audiodev` opens the host's sound (audio/audio_legacy.c).
    "QEMU_AUDIO_DRV": "none",
}


def environment() -> dict[str, str]:
    """The environment of a QEMU: no setting of libraries reaches it, and its messages are English."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | _SET


def anchored(command: Sequence[str]) -> list[str]:
    """The words that start a program, so that they mean the same from another folder: what is a path from
    here, and any folder, is made absolute."""
    return [os.path.abspath(word) if _is_relative(word) else word for word in command]


def _is_relative(word: str) -> bool:
    if os.path.isabs(word) or word.startswith("-"):
        return False
    return os.path.isdir(word) or ("/" in word and os.path.exists(word))
