"""Objects: those that are passed on, those that others take the place of, and those that are left out."""

from __future__ import annotations

import json

from machdesc.backend.option import Option
from machdesc.catalog.catalog import Catalog
from machdesc.live.sandbox.filter import PASS, UNKNOWN, Knowledge
from machdesc.live.sandbox.known import OBJECT_TEXTS, OBJECTS

_MEMORY_KEYS = ("size", "share", "dump", "reserve", "x-use-canonical-path-for-ramblock-id")
"""Properties of memory that do not bind it to the host's nodes, files or page sizes."""

_MEMORY = ("memory-backend-file", "memory-backend-shm", "memory-backend-memfd", "memory-backend-ram")
_PRIVATE = ("memory-backend-file", "memory-backend-ram")
_RANDOM = ("rng-random", "rng-egd")
_CRYPTO = ("cryptodev-backend", "cryptodev-backend-builtin", "cryptodev-backend-lkcf", "cryptodev-vhost-user")


def replace_object(option: Option, catalog: Catalog, release: str) -> tuple[Option | None, str]:
    """The object, or what takes its place, or None; and why the guest may see something else."""
    kind, id, values = _object(option)
    if kind in _MEMORY:
        return _memory(option, kind, id, values), ""
    if kind in _RANDOM:
        return _plain(option, "rng-builtin", id, {}), ""
    if kind in _CRYPTO:
        builtin = "cryptodev-backend-builtin"
        reason = "" if kind == builtin else "another back end may offer other algorithms"
        return _plain(option, builtin, id, {k: v for k, v in values.items() if k == "queues"}), reason
    if kind not in OBJECTS:
        return None, UNKNOWN
    found = catalog.object(kind)
    knowledge = Knowledge(found.properties(release) if found is not None else {}, OBJECT_TEXTS)
    kept = {key: value for key, value in values.items() if knowledge.verdict(key, value) == PASS}
    gone = [key for key in values if key not in kept]
    reason = f"{', '.join(gone)} {UNKNOWN}" if gone else ""
    if not option.json:
        pairs = tuple(pair for pair in option.pairs if pair[0] in kept)
        return option._replace(pairs=pairs), reason
    return option._replace(json=json.dumps({"qom-type": kind, "id": id, **kept})), reason


def object_id(option: Option) -> str:
    """The id of an object in either form."""
    return _object(option)[1]


def object_keys(option: Option) -> set[str]:
    """The names of the properties of an object in either form."""
    return set(_object(option)[2])


def _object(option: Option) -> tuple[str, str, dict[str, object]]:
    """The type, the id and the properties of an object in either form."""
    if not option.json:
        return option.first, option.id, dict(option.pairs)
    values = json.loads(option.json)
    return values.pop("qom-type"), values.pop("id"), values


def _plain(option: Option, kind: str, id: str, values: dict[str, object]) -> Option:
    pairs = tuple((key, _text(value)) for key, value in values.items())
    return option._replace(first=kind, id=id, pairs=pairs, json="")


def _text(value: object) -> str:
    """A value of JSON as QEMU's key=value has it."""
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _memory(option: Option, kind: str, id: str, values: dict[str, object]) -> Option:
    """Memory of the same size and sharing. Shared memory stays a file, in memory; other is plain."""
    kept = {key: value for key, value in values.items() if key in _MEMORY_KEYS}
    shared = _text(values.get("share", "off" if kind in _PRIVATE else "on")) == "on"
    return _plain(option, "memory-backend-memfd" if shared else "memory-backend-ram", id, kept)
