"""Changes of a description outside its devices: processor, memory, NUMA, strings, back ends."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from machdesc.syntax.tree import Number, Statement
from tests.truth.mutation import MUTATIONS, Mutation, Subject, with_property
from tests.truth.reference import REFERENCES


def _edit(text: str, span: tuple[int, int, object], new: str) -> str:
    return text[: span[0]] + new + text[span[1] :]


def _one(random: Random, statements: tuple[Statement, ...]) -> Statement | None:
    return random.choice(statements) if statements else None


def cpu_model(random: Random, subject: Subject) -> str | None:
    cpu = subject.guest.description.one("cpu")
    if cpu is None or cpu.head is None:
        return None
    model = random.choice(("qemu64 @ v1", "Nehalem @ v1", "Nehalem @ v2", "Skylake-Server @ v4", "EPYC @ v4"))
    end = cpu.version.span[1] if cpu.version is not None else cpu.head.span[1]
    return _edit(subject.text, (cpu.head.span[0], end, None), model)


def cpu_version(random: Random, subject: Subject) -> str | None:
    cpu = subject.guest.description.one("cpu")
    if cpu is None or cpu.version is None:
        return None
    return _edit(subject.text, cpu.version.span, f"v{random.randrange(1, 6)}")


def hot_plug_memory(random: Random, subject: Subject) -> str | None:
    memory = subject.guest.description.one("memory")
    if memory is None:
        return None
    text = with_property(subject.text, memory, "max", random.choice(("2GiB", "8GiB", "16GiB")))
    if any(item.name == "slots" for item in memory.properties):
        return text
    text = with_property(subject.text, memory, "slots", str(random.choice((2, 4, 8))))
    name = random.choice(("2GiB", "8GiB"))
    end = text.index("slots", memory.span[0])
    return text[:end] + f"max {name}\n  " + text[end:]


def memory_back_end(random: Random, subject: Subject) -> str | None:
    objects = [s for s in subject.guest.description.all("object") if s.head is not None]
    found = _one(random, tuple(s for s in objects if s.head and s.head.text.startswith("memory-backend")))
    if found is None or found.head is None:
        return None
    if random.randrange(2):
        kind = random.choice(("memory-backend-ram", "memory-backend-memfd"))
        return _edit(subject.text, found.head.span, kind)
    name = random.choice(("share", "prealloc", "merge", "dump", "x-use-canonical-path-for-ramblock-id"))
    return with_property(subject.text, found, name, random.choice(("on", "off")))


def numa(random: Random, subject: Subject) -> str | None:
    """Another number somewhere, or a statement less."""
    found = _one(random, subject.guest.description.all("numa"))
    if found is None:
        return None
    numbers = [item for item in found.properties if isinstance(item.value, Number)]
    if not numbers or not random.randrange(4):
        return _edit(subject.text, found.span, "")
    value = random.choice(numbers).value
    assert isinstance(value, Number)
    return _edit(subject.text, value.span, f"{random.choice((0, 1, 15, 30))}{value.unit}")


def smbios(random: Random, subject: Subject) -> str | None:
    found = _one(random, (*subject.guest.description.all("smbios"), *subject.guest.description.all("fw_cfg")))
    if found is None:
        where = subject.guest.description.one("memory")
        word = random.choice(("manufacturer", "product", "version", "serial", "sku", "family"))
        if where is None:
            return None
        added = f'\n\nsmbios 1 {{ {word} "W{random.randrange(9)}" }}'
        return _edit(subject.text, (where.span[1], where.span[1], None), added)
    if not found.properties or not random.randrange(3):
        return _edit(subject.text, found.span, "")
    return with_property(subject.text, found, random.choice(found.properties).name, '"other"')


def _other_kind(keyword: str, kinds: tuple[str, ...]) -> Callable[[Random, Subject], str | None]:
    def change(random: Random, subject: Subject) -> str | None:
        found = _one(random, subject.guest.description.host_all(keyword))
        if found is None or found.head is None or found.id is None:
            return None
        return _edit(subject.text, found.span, f"{keyword} {random.choice(kinds)} {found.id.text}")

    return change


def boot_and_clock(random: Random, subject: Subject) -> str | None:
    found = _one(random, (*subject.guest.description.all("boot"), *subject.guest.description.all("rtc")))
    if found is None or not found.properties:
        return None
    item = random.choice(found.properties)
    values = {"order": '"dc"', "menu": "off", "strict": "on", "splash-time": "3000", "clock": "rt"}
    return _edit(subject.text, item.value.span, values.get(item.name, "utc"))


SETTINGS: dict[str, Mutation] = {
    "CPU model": cpu_model,
    "CPU model's version": cpu_version,
    "hot-plug memory": hot_plug_memory,
    "memory back end": memory_back_end,
    "NUMA": numa,
    "SMBIOS and fw_cfg, changed": smbios,
    "boot and clock, changed": boot_and_clock,
    "kind of netdev": _other_kind("netdev", ("user", "tap")),
    "kind of chardev": _other_kind("chardev", ("null", "vc", "pty")),
    "kind of audiodev": _other_kind("audiodev", ("none", "alsa")),
}

ALL_KINDS: dict[str, Mutation] = {**MUTATIONS, **SETTINGS, **REFERENCES}
