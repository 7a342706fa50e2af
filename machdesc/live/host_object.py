"""Objects that hold something of the host, and what stands in their place."""

from __future__ import annotations

from fnmatch import fnmatchcase

from machdesc.backend.option import Option

_DROPPED = (
    "secret", "secret_keyring", "tls-*", "authz-*", "filter-*", "colo-compare", "can-host-*", "input-*",
    "pr-manager-*", "iommufd", "thread-context", "dbus-*", "x-remote-*", "vfio-user-server", "throttle-group",
    "sev*-guest", "tdx-guest",
)  # fmt: skip
"""Objects that only back ends, the network's inside or the host's processor use."""

_MEMORY_KEYS = ("size", "share", "dump", "reserve", "x-use-canonical-path-for-ramblock-id")
"""Properties of memory that do not bind it to the host's nodes, files or page sizes."""

_FILES = ("memory-backend-file", "memory-backend-shm", "memory-backend-memfd")


def replace_object(option: Option) -> tuple[Option | None, str]:
    """The object, or what stands in its place, or None; and why it may look different to the guest."""
    kind = option.first
    if any(fnmatchcase(kind, pattern) for pattern in _DROPPED):
        return None, ""
    if kind in _FILES or kind == "memory-backend-ram":
        return _memory(option), ""
    if kind in ("rng-random", "rng-egd"):
        return option._replace(first="rng-builtin", pairs=()), ""
    if kind.startswith("cryptodev-"):
        builtin = "cryptodev-backend-builtin"
        reason = "" if kind == builtin else "another back end may offer other algorithms"
        pairs = tuple(pair for pair in option.pairs if pair[0] == "queues")
        return option._replace(first=builtin, pairs=pairs), reason
    return option, ""


def _memory(option: Option) -> Option:
    """Memory of the same size and sharing. Shared memory stays a file, in memory; other is plain."""
    pairs = tuple(pair for pair in option.pairs if pair[0] in _MEMORY_KEYS)
    default = "off" if option.first in ("memory-backend-file", "memory-backend-ram") else "on"
    shared = dict(option.pairs).get("share", default) == "on"
    kind = "memory-backend-memfd" if shared else "memory-backend-ram"
    return option._replace(first=kind, pairs=pairs)
