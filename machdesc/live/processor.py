"""What QMP tells of the processors: their features by name, Hyper-V's and KVM's too, and the topology.

CPUID itself shows what becomes of it (`machdesc.live.cpuid`), but for what an emulated processor lacks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from machdesc.live.conversation import Refusal
from machdesc.live.process import Process

_SWITCHES = ("kvm", "tcg-", "x-", "hv-", "l3-", "legacy-", "cache-", "host-", "vmware-", "full-", "topoext")
"""How properties of a CPU begin that change other leaves of CPUID than those of feature words."""

_VALUES = (
    "type",
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
    "tsc-frequency",
    "avx10-version",
    "ucode-rev",
)
"""Other properties of a CPU."""

_NO_VALUES = ("child<", "link<")

Reading = tuple[tuple[str, ...], object]


def read_processors(process: Process) -> Iterator[Reading]:
    """Keys begin with `told` and `cpu`. The first processor stands for all; each has its place."""
    monitor = process.monitor
    processors = monitor.ask("query-cpus-fast")
    if not processors:  # such as of `x-remote`
        return
    path = processors[0]["qom-path"]
    names = [
        entry["name"]
        for entry in monitor.ask("qom-list", path=path)
        if (entry["name"] in _VALUES or entry["name"].startswith(_SWITCHES))
        and not entry["type"].startswith(_NO_VALUES)
    ]
    names = ["feature-words", *sorted(names)]
    answers = monitor.ask_all([("qom-get", {"path": path, "property": name}) for name in names])
    yield from _words(answers[0])
    for name, value in zip(names[1:], answers[1:], strict=True):
        if not isinstance(value, Refusal):
            yield ("told", "cpu", name), value
    try:
        places: Sequence[Mapping[str, Any]] = monitor.ask("query-hotpluggable-cpus")
    except Refusal:  # a machine whose processors cannot be plugged
        places = monitor.ask("query-cpus-fast")
    for number, place in enumerate(reversed(places)):
        topology = " ".join(f"{name} {value}" for name, value in sorted(place["props"].items()))
        present = "" if place.get("qom-path") else ", absent"
        yield ("told", "cpu", "place", f"{number}"), topology + present


def _words(words: object) -> Iterator[Reading]:
    """One key for each bit that is on, so that a difference names the bit."""
    if isinstance(words, list):
        for word in words:
            leaf = f"{word['cpuid-input-eax']:#x}"
            if "cpuid-input-ecx" in word:
                leaf += f".{word['cpuid-input-ecx']:#x}"
            for bit in (bit for bit in range(32) if word["features"] >> bit & 1):
                yield ("told", "cpu", "feature word", f"{leaf} {word['cpuid-register']}", f"bit {bit}"), "on"
