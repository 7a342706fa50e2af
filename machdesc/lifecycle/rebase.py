"""Rebasing: the same guest under a younger machine type, each device with its old version written out.

What the machine's version decides besides is written as well where there is a word for it: the
machine's properties, those of its own devices as `global`, those of the processors and their topology,
and the machine type's name in the SMBIOS tables. What has no word (`machdesc.abi.machine_class`, and
whatever the younger release does not know any more) is left for `check` to tell.
"""

from __future__ import annotations

from machdesc.abi.effective import DERIVED, UNKNOWN, said_globally, unwritten
from machdesc.abi.machine import machine_effective
from machdesc.abi.makeup import makeup_of
from machdesc.abi.onboard import own_changes, own_types
from machdesc.abi.processor import cpu_changed_names, cpu_model, cpu_type
from machdesc.abi.smbios import NAMED_TABLES
from machdesc.abi.standing import device_standing, machine_standing, standing, untold
from machdesc.abi.topology import topology
from machdesc.check.difference import Difference
from machdesc.check.visible import visibility
from machdesc.diagnostic import Diagnostic, error
from machdesc.lifecycle.amendment import Amendment, statement_text, value_text
from machdesc.lifecycle.transition import Transition, make_transition, terms_of
from machdesc.lifecycle.upgrade import CPU, MACHINE, check_version, machine_amendment, machine_version
from machdesc.resolve.block import TOPOLOGY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.abi.standing import Standing
    from machdesc.check.comparison import Terms
    from machdesc.resolve.guest import Guest
    from machdesc.syntax.tree import Statement

    Pairs = tuple[tuple[str, str], ...]


def rebase(
    guest: Guest, version: str, terms: Terms | None = None
) -> tuple[Transition | None, list[Diagnostic]]:
    """A guest and what it becomes under another version of its machine; None when that has errors.

    Codes: those of `check_version`, version-untold, and all of resolving the result.
    """
    statement = guest.description.one(MACHINE)
    assert statement is not None
    diagnostics = check_version(guest, version, statement)
    if diagnostics or version == machine_version(guest):
        return None, diagnostics or [_already(statement, version)]
    amendments = [machine_amendment(guest, statement, version)]
    amendments += [
        Amendment(device.statement, version=device.version)
        for device in guest.devices
        if device.statement.version is None
    ]
    terms = terms or terms_of(guest.catalog)
    bare, diagnostics = make_transition(guest.description, amendments, [], terms)
    if bare is None:
        return None, diagnostics
    lacking = _untold(bare)
    if lacking:
        return None, [lacking]
    kept, statements = _kept(bare)
    machine, *others = amendments
    amendments = [machine._replace(properties=kept.pop(MACHINE, ())), *others]
    amendments += [Amendment(_statement(bare, key), properties=pairs) for key, pairs in kept.items()]
    return make_transition(guest.description, amendments, statements, terms)


def _already(statement: Statement, version: str) -> Diagnostic:
    return error("same-version", f"the machine has version {version} already", statement.span)


def _untold(bare: Transition) -> Diagnostic | None:
    """The version of which nobody tells what it does."""
    new = bare.new
    wanted = _wanted(bare)
    for standing_ in (wanted, *(device_standing(new, device) for device in new.devices)):
        name = untold(standing_)
        if name:
            statement = bare.old.description.one(MACHINE)
            assert statement is not None
            message = f"no known QEMU tells what devices do under `{name}`"
            help = "harvest a QEMU from 9.1 on that has it: machdesc harvest --qemu BINARY"
            return error("version-untold", message, statement.span, "", help)
    return None


def _wanted(bare: Transition) -> Standing:
    """How the old machine type stands in the new release."""
    return standing(bare.new.catalog, bare.new.release, bare.old.machine_name)


def _statement(bare: Transition, key: str) -> Statement:
    """The statement of the old description that a key of `_kept` means."""
    keyword, _, head = key.partition(" ")
    return next(
        statement
        for statement in bare.old.description.all(keyword)
        if not head or (statement.head is not None and statement.head.text == head)
    )


def _kept(bare: Transition) -> tuple[dict[str, Pairs], list[str]]:
    """What has to be written so that the guest stays the same: by statement, such as `machine` or
    `smbios 1`, and as statements of its own."""
    description = bare.old.description
    wishes: dict[str, Pairs] = {MACHINE: _machine_pairs(bare), _cpu_key(bare): _cpu_pairs(bare)}
    for type, pairs in _own_devices(bare).items():
        wishes[f"global {type}"] = pairs
    for number in NAMED_TABLES:
        wishes[f"smbios {number}"] = (("version", value_text(bare.old.machine_name)),)
    kept: dict[str, Pairs] = {}
    statements = []
    for key, pairs in wishes.items():
        keyword, _, head = key.partition(" ")
        said = [s for s in description.all(keyword) if not head or (s.head and s.head.text == head)]
        names = {item.name for statement in said for item in statement.properties}
        left = tuple(pair for pair in pairs if pair[0] not in names)
        if left and said:
            kept[key] = left
        elif left:
            statements.append(statement_text(key, left))
    return kept, statements


def _machine_pairs(bare: Transition) -> Pairs:
    """The machine's own properties whose defaults differ, where the old one is more than `auto`, and those
    that a machine type of the user's own sets."""
    old, new = bare.old, bare.new
    assert old.machine is not None
    assert new.machine is not None
    before, after = old.machine.facts(old.release).defaults, new.machine.facts(new.release).defaults
    values = {
        name: value
        for name, value in before.items()
        if name in after and after[name] != value and value != "auto"
    }
    for variant in old.chain:
        for item in variant.properties:
            values[item.name] = machine_effective(old, item.name).value
    return tuple((name, value_text(value)) for name, value in values.items())


def _own_devices(bare: Transition) -> dict[str, Pairs]:
    """What the machine's own devices have under the old type and not under the new one, by the type
    for which it is to be written."""
    found: dict[str, Pairs] = {}
    for type in own_types(bare.new):
        names = own_changes(type, machine_standing(bare.new), _wanted(bare))
        for name, text in _changes(bare, "built-in-device", type, names):
            part, _, key = name.rpartition(".")
            found[part or type] = (*found.get(part or type, ()), (key, text))
    return found


def _changes(bare: Transition, rule: str, type: str, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Those of some properties of a type that a guest sees, with what the old machine type sets."""
    new, wanted = bare.new, _wanted(bare)
    makeup = makeup_of(new.catalog, new.release, type)
    pairs = []
    for name in names:
        difference = Difference(rule, MACHINE, "", "", "", None, None, "", type, name)
        if not visibility(difference, new):
            continue
        if makeup.property(name) is not None and said_globally(new, makeup, name) is None:
            value = unwritten(wanted, type, name)
            if value.origin != UNKNOWN:
                pairs.append((name, value_text(value.value)))
    return pairs


def _cpu_key(bare: Transition) -> str:
    """The statement of the processors; where there is none, one with the model that they have."""
    if bare.old.description.one(CPU) is not None:
        return CPU
    model = str(cpu_model(bare.old).value)
    base, dash, number = model.rpartition("-v")
    return f"{CPU} {base} @ v{number}" if dash and number.isdecimal() else f"{CPU} {model}"


def _cpu_pairs(bare: Transition) -> Pairs:
    """The properties of the processors, and the topology where some of it is written."""
    names = tuple(name for name in cpu_changed_names(bare.old, bare.new) if name not in TOPOLOGY)
    pairs = _changes(bare, "cpu-feature", cpu_type(bare.new), names)
    before, after = topology(bare.old), topology(bare.new)
    if any(before[name].value != after[name].value for name in before if name in after):
        numbers = [(name, str(value.value)) for name, value in before.items() if value.origin == DERIVED]
        used = [(name, text) for name, text in numbers if name in ("cpus", "maxcpus", *_USED) or text != "1"]
        pairs = [*used, *pairs]
    return tuple(pairs)


_USED = ("sockets", "cores", "threads")
"""Levels of the topology that are told also where they are 1."""
