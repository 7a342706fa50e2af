"""Rules for the hardware: which properties of machine, processor, tables and devices are passed on."""

from __future__ import annotations

from machdesc.backend.option import Option
from machdesc.live.sandbox import known
from machdesc.live.sandbox.filter import UNKNOWN, Knowledge, device_knowledge, filter_pairs, is_word
from machdesc.live.sandbox.front_end import FrontEnd, filter_front_end, replace_front_end
from machdesc.live.sandbox.host_object import object_id, object_keys, replace_object
from machdesc.live.sandbox.job import Job


def machine_rule(job: Job, option: Option) -> list[Option]:
    """The machine, with those properties that may be passed on."""
    dropped = ("confidential-guest-support", "memory-encryption")
    for key, _ in option.pairs:
        if key in dropped:
            job.note(f"machine {key}", "needs the host's processor")
    schema = job.guest.machine_schema
    properties = schema.properties(job.guest.release) if schema is not None else {}
    pairs = _boot_files(job, tuple(pair for pair in option.pairs if pair[0] not in dropped))
    knowledge = Knowledge(properties, {*known.MACHINE_TEXTS, *known.MACHINE_FILES})
    return [option._replace(pairs=filter_pairs(pairs, knowledge, job.gate("machine", "machine")))]


def _boot_files(job: Job, pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The pairs with copies in place of the files that the guest starts from. Without a kernel, QEMU refuses
    what goes with one (qemu_validate_options in softmmu/vl.c of 7.2)."""
    copies: dict[str, str | None] = {}
    for key, value in pairs:
        if key in known.MACHINE_FILES:
            copies[key] = job.copy(value, key)
    gone = {key for key, copy in copies.items() if copy is None}
    if "kernel" in gone:
        gone |= {"initrd", "append", "dtb", "shim"}
    return tuple((key, copies.get(key) or value) for key, value in pairs if key not in gone)


def cpu_rule(job: Job, option: Option) -> list[Option]:
    """The processor, with those features that may be passed on."""
    if option.first == "host":
        job.note("cpu host", "is the host's processor: shown as `max`, emulated")
        option = option._replace(first="max")
    schema = job.guest.catalog.cpu_schema()
    properties = schema.properties(job.guest.release) if schema is not None else {}
    # QEMU would refuse a feature that TCG lacks.
    pairs = tuple(pair for pair in option.pairs if pair[0] != "enforce")
    return [
        option._replace(
            pairs=filter_pairs(pairs, Knowledge(properties, known.CPU_TEXTS), job.gate("cpu", "cpu"))
        )
    ]


def words_rule(job: Job, option: Option) -> list[Option]:
    """An option whose values are words, numbers and names of things in the same QEMU."""
    files = known.OPTION_WORDS[option.name] or ()
    kept: list[tuple[str, str]] = []
    for key, value in option.pairs:
        if key in files:
            copy = job.copy(value, key)
            kept += [(key, copy)] if copy is not None else []
        elif is_word(value):
            kept.append((key, value))
        else:
            job.note(f"{option.name} {key}", UNKNOWN)
    if not is_word(option.first) or not (kept or option.first):
        return []
    return [option._replace(pairs=tuple(kept))]


def as_it_is_rule(_: Job, option: Option) -> list[Option]:
    """An option without a value."""
    return [option]


def global_rule(job: Job, option: Option) -> list[Option]:
    """A property of all devices of a type: judged as one of each of them."""
    values = dict(option.pairs)
    driver, key = values["driver"], values["property"]
    knowledge = device_knowledge(job.guest.catalog, driver, job.guest.release)
    pairs = filter_pairs(((key, values["value"]),), knowledge, job.gate("global", driver))
    if not pairs:
        return []
    return [option._replace(pairs=tuple((k, pairs[0][1] if k == "value" else v) for k, v in option.pairs))]


def smbios_rule(job: Job, option: Option) -> list[Option]:
    """A table's texts are shown to the guest; `file` and `path` name files that hold some."""
    kept: list[tuple[str, str]] = []
    for key, value in option.pairs:
        copy = job.copy(value, key) if key in ("file", "path") else value
        kept += [(key, copy)] if copy is not None else []
    return [option._replace(pairs=tuple(kept))]


def fw_cfg_rule(job: Job, option: Option) -> list[Option]:
    """An item of a text, or of a file's copy; what an object would make up for one is left out."""
    values = dict(option.pairs)
    if "file" in values:
        copy = job.copy(values["file"], "file")
        if copy is None:
            return []
        values["file"] = copy
    if "file" not in values and "string" not in values:
        job.note(f"fw_cfg {values.get('name', '')}", "is left out: its content is made by an object")
        return []
    kept = tuple((key, values[key]) for key, _ in option.pairs if key in ("name", "file", "string"))
    return [option._replace(pairs=kept)]


def name_rule(_: Job, option: Option) -> list[Option]:
    """The guest's name, without that of the process."""
    pairs = tuple(pair for pair in option.pairs if pair[0] == "guest")
    return [option._replace(pairs=pairs)] if pairs else []


def object_rule(job: Job, option: Option) -> list[Option]:
    """The object, or what takes its place."""
    replaced, reason = replace_object(option, job.guest.catalog, job.guest.release)
    name = f"object {object_id(option)}"
    if reason:
        job.note(name, reason)
    if replaced is None:
        return []
    gone = object_keys(option) - object_keys(replaced)
    job.changed |= {(object_id(option), key) for key in gone}
    if replaced != option:
        job.replaced.append(name)
    return [replaced]


def device_rule(job: Job, option: Option) -> list[Option]:
    """The device, with those properties that may be passed on."""
    replaced, reason = replace_front_end(option)
    device = FrontEnd.of(option)
    if reason:
        job.note(f"device {device.name}", reason)
    if replaced is None:
        return []
    # What takes the place of a disk of the host has other properties.
    type_ = FrontEnd.of(replaced).type
    knowledge = device_knowledge(job.guest.catalog, type_, job.guest.release)
    filtered = filter_front_end(replaced, knowledge, job.gate("device", device.name))
    lost = device.properties.keys() - FrontEnd.of(filtered).properties.keys()
    if lost & set(known.MADE_FROM.get(type_, ())):
        job.note(f"device {device.name}", "is left out: it is made from a file that is")
        return []
    return [filtered]
