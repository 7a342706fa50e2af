"""What one binary tells, as frozen records: the harvest before it becomes files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Compat = tuple[tuple[str, str, str], ...]
"""Compat properties of a machine type in QEMU's order: driver, property, value."""


@dataclass(frozen=True)
class PropertyFact:
    """A property as `device-list-properties` or `qom-list-properties` tells it.

    `qemu` is QEMU's word for the type, `default` is None where QEMU tells none, and `enum` holds
    the words that the binary accepted when asked.
    """

    name: str
    qemu: str
    description: str = ""
    default: object = None
    enum: tuple[str, ...] = ()


@dataclass(frozen=True)
class TypeFact:
    """A type whose properties can be written: a device, an object, a machine family or the CPU.

    `kind` is the folder of its file (`device`, `object`, `machine`, `cpu`), `parents` its ancestors,
    nearest first; `offers` maps the end of a bus name behind the device's id to the bus type. `example`
    is one member of a family, for asking.
    """

    kind: str
    name: str
    properties: tuple[PropertyFact, ...]
    description: str = ""
    parents: tuple[str, ...] = ()
    bus: str = ""
    offers: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    hotpluggable: bool | None = None
    user_creatable: bool | None = None
    example: str = ""


@dataclass(frozen=True)
class MachineFact:
    """A machine type: what `query-machines` says and what it holds when started with nothing in it.

    `properties` are those of the machine object, as the started machine lists them (no descriptions).
    """

    name: str
    about: Mapping[str, object]
    compat: Compat | None = None
    buses: Mapping[str, str] = field(default_factory=dict)
    builtin: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, object] = field(default_factory=dict)
    properties: tuple[PropertyFact, ...] = ()


@dataclass(frozen=True)
class ReleaseFact:
    """All that one binary tells. `release` is `major.minor`, `build` the full version, `express` the
    devices for PCI Express (`pci_qdev_realize` in hw/pci/pci.c asks for these interfaces), `vmstate` what
    `-dump-vmstate` wrote, None when it wrote nothing."""

    release: str
    build: str
    package: str
    arch: str
    machines: tuple[MachineFact, ...]
    device_aliases: Mapping[str, str]
    cpus: Mapping[str, Mapping[str, object]]
    tree: Mapping[str, str]
    types: tuple[TypeFact, ...]
    missing: Mapping[str, str]
    express: tuple[str, ...] = ()
    vmstate: Mapping[str, Any] | None = None
