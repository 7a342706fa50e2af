"""What a processor says of itself: CPUID's feature words and what its properties tell, and the topology."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from machdesc.live.conversation import Refusal
from machdesc.live.process import Process

PROPERTIES = (
    "family",
    "model",
    "stepping",
    "vendor",
    "model-id",
    "level",
    "xlevel",
    "xlevel2",
    "level-func7",
    "phys-bits",
    "guest-phys-bits",
    "kvm",
    "hypervisor",
    "hv-vendor-id",
    "hv-spinlocks",
    "hv-version-id-build",
    "hv-version-id-major",
    "hv-version-id-minor",
    "l3-cache",
    "legacy-cache",
    "cache-info-passthrough",
    "host-cache-info",
    "x-vendor-cpuid-only",
    "x-vendor-cpuid-only-v2",
    "x-amd-topoext-features-only",
    "x-l1-cache-per-thread",
    "x-intel-pt-auto-level",
    "x-force-cpuid-0x1f",
    "x-consistent-cache",
    "full-cpuid-auto-level",
    "vmware-cpuid-freq",
    "tcg-cpuid",
    "tsc-frequency",
    "avx10-version",
    "ucode-rev",
    "apic-id",
)
"""Properties of a CPU that CPUID shows in other leaves than those of feature words."""

Reading = tuple[tuple[str, ...], object]


def read_processors(process: Process) -> Iterator[Reading]:
    """Keys begin with `cpu`. The first processor stands for all; each has its place in the topology."""
    monitor = process.monitor
    first = monitor.ask("query-cpus-fast")[0]
    path = first["qom-path"]
    names = ("feature-words", "filtered-features", *PROPERTIES)
    answers = monitor.ask_all([("qom-get", {"path": path, "property": name}) for name in names])
    values = dict(zip(names, answers, strict=True))
    yield from _words("cpuid", values.pop("feature-words"))
    for name, value in values.items():
        if name != "filtered-features" and not isinstance(value, Refusal):
            yield ("cpu", name), value
    try:
        places: Sequence[Mapping[str, Any]] = monitor.ask("query-hotpluggable-cpus")
    except Refusal:  # a machine whose processors cannot be plugged
        places = monitor.ask("query-cpus-fast")
    for number, place in enumerate(reversed(places)):
        topology = " ".join(f"{name} {value}" for name, value in sorted(place["props"].items()))
        present = "" if place.get("qom-path") else ", absent"
        yield ("cpu", "place", f"{number}"), topology + present


def _words(kind: str, words: object) -> Iterator[Reading]:
    """One key for each bit that is on, so that a difference names the bit."""
    if isinstance(words, Refusal) or not isinstance(words, list):
        return
    for word in words:
        leaf = f"{word['cpuid-input-eax']:#x}"
        if "cpuid-input-ecx" in word:
            leaf += f".{word['cpuid-input-ecx']:#x}"
        for bit in (bit for bit in range(32) if word["features"] >> bit & 1):
            yield ("cpu", kind, f"{leaf} {word['cpuid-register']}", f"bit {bit}"), "on"
