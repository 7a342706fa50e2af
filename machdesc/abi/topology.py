"""CPU topology: how many CPUs, sockets, dies, cores and threads, also where only some are written.

What is left open QEMU computes, with preferences that changed in 6.2. Sources:
`machine_parse_smp_config` in hw/core/machine-smp.c (7.2, 10.2), and before 6.2 `pc_smp_parse` in
hw/i386/pc.c (5.2). `prefer_sockets` is set by the machine types before 6.2
(`pc_q35_machine_6_1_options`, `pc_i440fx_machine_6_1_options`).
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, WRITTEN, Effective
from machdesc.catalog.version import number_of
from machdesc.resolve.block import TOPOLOGY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from machdesc.resolve.guest import Guest

LEVELS = tuple(name for name in TOPOLOGY if name not in ("cpus", "maxcpus"))
"""What CPUs are grouped in, in the order of the language."""


def topology(guest: Guest) -> Mapping[str, Effective]:
    """`cpus`, `maxcpus` and all levels, each a number.

    Numbers that QEMU refuses, since they do not multiply out, are given as they stand.
    """
    found = _read(guest)
    said = {name: int(entry.value) for name, entry in found.items() if isinstance(entry.value, int)}
    by_pc = older(guest.release, 6, 2)
    sockets_first = by_pc or _prefers_sockets(guest.machine_name)
    computed = _parse_pc(said) if by_pc else _parse(said, sockets_first)
    why = f"sockets before cores, as {guest.machine_name} does" if sockets_first else "cores before sockets"
    for name, number in computed.items():
        if name not in found:
            found[name] = Effective(name, number, DERIVED, f"computed by QEMU {guest.release}: {why}", None)
    return {name: found[name] for name in TOPOLOGY if name in found}


def cpu_count(guest: Guest) -> int:
    """How many CPUs the guest starts with."""
    value = topology(guest)["cpus"].value
    return value if isinstance(value, int) else 1


def _read(guest: Guest) -> dict[str, Effective]:
    """What is written."""
    statement = guest.description.one("cpu")
    return {
        item.name: Effective(item.name, getattr(item.value, "value", None), WRITTEN, "in `cpu`", item.span)
        for item in (statement.properties if statement is not None else ())
        if item.name in TOPOLOGY
    }


def older(version: str, major: int, minor: int) -> bool:
    """Whether a version such as `6.1` or `4.0.1` is an older one; a word that is none is not."""
    parts = version.split(".")
    numbers = [number_of(part) for part in parts if part.isdecimal()]
    return len(numbers) == len(parts) and numbers[:2] < [major, minor]


def _prefers_sockets(machine: str) -> bool:
    return older(machine.rpartition("-")[2], 6, 2)


def _parse(said: Mapping[str, int], sockets_first: bool) -> dict[str, int]:
    """`machine_parse_smp_config`"""
    cpus, most = said.get("cpus", 0), said.get("maxcpus", 0)
    sockets, cores, threads = (said.get(name, 0) for name in ("sockets", "cores", "threads"))
    others = {name: said.get(name, 0) or 1 for name in LEVELS if name not in ("sockets", "cores", "threads")}
    product = 1
    for number in others.values():
        product *= number
    if not cpus and not most:
        sockets, cores, threads = sockets or 1, cores or 1, threads or 1
    else:
        most = most or cpus
        if sockets_first and not sockets:
            cores, threads = cores or 1, threads or 1
            sockets = most // (product * cores * threads)
        elif sockets_first and not cores:
            threads = threads or 1
            cores = most // (product * sockets * threads)
        elif not sockets_first and not cores:
            sockets, threads = sockets or 1, threads or 1
            cores = most // (product * sockets * threads)
        elif not sockets_first and not sockets:
            threads = threads or 1
            sockets = most // (product * cores * threads)
        if not threads:
            threads = most // max(product * sockets * cores, 1)
    most = most or product * sockets * cores * threads
    computed = {"cpus": cpus or most, "maxcpus": most, "sockets": sockets, "cores": cores, "threads": threads}
    return {**others, **computed}


def _parse_pc(said: Mapping[str, int]) -> dict[str, int]:
    """`pc_smp_parse`, which knows no levels but sockets, dies, cores and threads."""
    cpus, dies = said.get("cpus", 0), said.get("dies", 1)
    sockets, cores, threads = (said.get(name, 0) for name in ("sockets", "cores", "threads"))
    if not cpus or not sockets:
        cores, threads = cores or 1, threads or 1
        if not cpus:
            sockets = sockets or 1
            cpus = cores * threads * dies * sockets
        else:
            sockets = said.get("maxcpus", cpus) // (cores * threads * dies)
    elif not cores:
        threads = threads or 1
        cores = cpus // (sockets * dies * threads) or 1
    elif not threads:
        threads = cpus // (cores * dies * sockets) or 1
    most = said.get("maxcpus", cpus)
    return {
        "cpus": cpus, "maxcpus": most, "sockets": sockets, "dies": dies, "cores": cores, "threads": threads
    }  # fmt: skip
