"""The processors: model, features, topology."""

from __future__ import annotations

from machdesc.abi.effective import unwritten
from machdesc.abi.machine_choice import accelerators
from machdesc.abi.processor import HOST_MODELS, cpu_changed_names, cpu_effective, cpu_model, cpu_type
from machdesc.abi.standing import machine_standing, within
from machdesc.abi.topology import topology
from machdesc.check.difference import Difference, differ
from machdesc.check.part.reach import changed_globals, kind_of_property, reached_names
from machdesc.check.part.value import (
    heading,
    properties_of,
    same_effect,
    same_text,
    same_value,
    shown,
    written_text,
)
from machdesc.resolve.block import TOPOLOGY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from machdesc.abi.effective import Effective
    from machdesc.resolve.guest import Guest


def compare_processors(old: Guest, new: Guest) -> Iterable[Difference]:
    """All that differs in the processors."""
    statements = old.description.one("cpu"), new.description.one("cpu")
    alike = same_text(*statements)
    globals_ = changed_globals(old, new)
    same = old.machine_name == new.machine_name and old.release == new.release and old.chain == new.chain
    yield from _power_management(old, new)
    if alike and not globals_ and same:
        return
    yield from _model(old, new)
    yield from _features(old, new, alike, reached_names(new, cpu_type(new), globals_))
    before, after = topology(old), topology(new)
    for name in dict.fromkeys((*before, *after)):
        sides = before.get(name), after.get(name)
        # A level that a release does not know has one of it.
        texts = [shown(side.value) if side is not None else "1" for side in sides]
        if texts[0] != texts[1]:
            spans = [side.span if side is not None else None for side in sides]
            if spans == [None, None]:
                spans = [heading(statement) for statement in statements]
            yield differ("cpu-topology", "cpu", f"`{name}`", texts, spans, "", "cpu", name)


def _model(old: Guest, new: Guest) -> Iterable[Difference]:
    before, after = cpu_model(old), cpu_model(new)
    texts, spans = (shown(before.value), shown(after.value)), (before.span, after.span)
    if not same_value(before.value, after.value):
        yield differ("cpu-model", "cpu", "the model", texts, spans)
    elif before.value is None and after.value is None:
        yield differ("cpu-model", "cpu", "the model", texts, spans, after.detail)
    elif before.value in HOST_MODELS and (old.release != new.release or old.catalog is not new.catalog):
        doubt = f"`{before.value}` is what the host's processor and the QEMU offer"
        yield differ("cpu-host", "cpu", "the model", texts, spans, doubt)
    elif accelerators(new) == ("tcg",) and old.release != new.release:
        doubt = "the features that TCG emulates depend on the release"
        yield differ("cpu-host", "cpu", "the model", texts, spans, doubt)


def _power_management(old: Guest, new: Guest) -> Iterable[Difference]:
    """`cpu-pm`, by which a model of the host shows MONITOR and WAITPKG (host_cpu_enable_cpu_pm in
    target/i386/host-cpu.c)."""
    items = [
        properties_of(next(iter(guest.description.host_all("overcommit")), None)).get("cpu-pm")
        for guest in (old, new)
    ]
    texts = [written_text(item.value) if item is not None else "off" for item in items]
    models = [cpu_model(guest).value for guest in (old, new)]
    if texts[0] != texts[1] and all(model in HOST_MODELS for model in models):
        spans = [item.span if item is not None else None for item in items]
        yield differ("cpu-feature", "cpu", "`cpu-pm`", texts, spans, "", "cpu", "cpu-pm")


def _features(old: Guest, new: Guest, alike: bool, reached: list[str]) -> Iterable[Difference]:
    written = dict.fromkeys((*_written(old), *_written(new), *reached))
    names = dict.fromkeys((*(reached if alike else written), *cpu_changed_names(old, new)))
    if all(map(_has_packages_of_several, (old, new))):
        names.pop("ht", None)
    for name in names:
        sides = _sides(old, new, name)
        values = [side.value if side is not None else None for side in sides]
        kind = kind_of_property(new, cpu_type(new), name)
        if values[0] == values[1] or (None not in values and same_effect(name, kind, *values)):
            continue
        if None in values and name not in written:
            # One release does not know it, or the model decides it, which is compared by itself.
            continue
        spans = [side.span if side is not None else None for side in sides]
        rule = "hyper-v" if name.startswith(("hv-", "hv_")) else "cpu-feature"
        doubt = "the CPU model decides it where nothing is written" if None in values else ""
        texts = shown(values[0]), shown(values[1])
        yield differ(rule, "cpu", f"`{name}`", texts, spans, doubt, "cpu", name)


def _has_packages_of_several(guest: Guest) -> bool:
    """Whether QEMU shows `ht` whatever is written, since a package has several threads: in 10.0 among the
    features (x86_cpu_expand_features in target/i386/cpu.c), in 7.2 only in CPUID (cpu_x86_cpuid)."""
    values = topology(guest)
    cores, threads = (values[name].value if name in values else 1 for name in ("cores", "threads"))
    return cores != 1 or threads != 1


def _sides(old: Guest, new: Guest, name: str) -> tuple[Effective | None, Effective | None]:
    """What both have of a property; for the one whose release does not know it, what the other release
    says that its machine type does."""
    mine, theirs = _effective(old, name), _effective(new, name)
    if mine is None and theirs is not None:
        mine = _told_by(new, old, name)
    elif theirs is None and mine is not None:
        theirs = _told_by(old, new, name)
    return mine, theirs


def _told_by(guest: Guest, other: Guest, name: str) -> Effective:
    told = within(guest.catalog, guest.release, machine_standing(other))
    return unwritten(told, cpu_type(guest), name)


def _written(guest: Guest) -> list[str]:
    return [name for name in properties_of(guest.description.one("cpu")) if name not in TOPOLOGY]


def _effective(guest: Guest, name: str) -> Effective | None:
    try:
        return cpu_effective(guest, name)
    except KeyError:
        return None
