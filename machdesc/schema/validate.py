"""Validation of one block against its type, by the catalog's tables.

The verdict is that of the type's JSON Schema (`machdesc.schema.document`), which the tests
hold against this module; the tables are what a run can afford. What a value of the text means
depends on the property: `on` is a switch for one and a word for another.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, Suggestion, error
from machdesc.memo import MOST
from machdesc.syntax.tree import Block, List, Number, Property, String, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from machdesc.catalog.catalog import DeviceType
    from machdesc.catalog.catalog import Property as Known
    from machdesc.syntax.tree import Value

    Fault = tuple[str, str, str, str | Suggestion]
    Said = tuple[str, type[Value], str | None]

INTERNAL = frozenset(("realized", "hotplugged", "hotpluggable", "parent_bus", "type"))
"""Properties of every QOM object or device that QEMU itself sets (hw/core/qdev.c, qom/object.c).

QEMU does not list them among a type's properties, so that they are no part of its schema.
"""

_OWN = INTERNAL | {"bus"}
"""Properties that are not for a block to set."""

_WIDE = frozenset(("int", "int64", "uint64", "uint64_t"))
"""QEMU's words for integers that may be sizes: QOM calls a memory back end's size `int`."""

_SWITCHES = {"true": "on", "yes": "on", "1": "on", "false": "off", "no": "off", "0": "off"}


def check_properties(
    owner: DeviceType,
    release: str,
    properties: tuple[Property, ...],
    placed: tuple[str, ...] = (),
) -> list[Diagnostic]:
    """All that is wrong with the properties of one block.

    `placed` are the properties that say where a device is plugged; they are written as `at`.
    Codes: address-property, not-settable, unknown-property, wrong-type, out-of-range and
    not-a-choice.
    """
    diagnostics: list[Diagnostic] = []
    if not properties:
        return diagnostics
    known = owner.properties(release)
    sound = _sound.setdefault((owner, release, placed), set())
    for item in properties:
        name, value, _ = item
        said = name, type(value), value.text if isinstance(value, (Word, Number, String)) else None
        if said in sound:
            continue
        entry = known.get(name)
        if entry is not None and name not in placed and name not in _OWN and entry.qemu[:6] != "child<":
            faults = value_faults(entry, value)
            for place, (code, message, allowed, help) in faults:
                diagnostics.append(error(code, message, place.span, allowed, help))
            if not faults and said[2] is not None:
                _keep(said, sound)
        elif name in placed or name == "bus":
            message = f"`{name}` is part of the address"
            diagnostics.append(
                error(
                    "address-property",
                    message,
                    item.name_span,
                    "",
                    "write `at BUS/ADDRESS`",
                )
            )
        elif name in INTERNAL or entry is not None:
            message = f"`{name}` is QEMU's own, and cannot be set"
            diagnostics.append(error("not-settable", message, item.name_span, "", "remove it"))
        elif name == "id":
            message = "`id` is no property"
            help = f"write it after the type: `{owner.name} ID`"
            diagnostics.append(error("not-settable", message, item.name_span, "", help))
        else:
            diagnostics.append(_unknown(owner, release, item, known))
    return diagnostics


def _keep(said: Said, sound: set[Said]) -> None:
    if len(sound) >= MOST:
        sound.clear()
    sound.add(said)


_sound: dict[tuple[DeviceType, str, tuple[str, ...]], set[Said]] = {}
"""By type, release and what says the place: the properties, with kind and text of their plain values, in
which nothing was wrong. The devices of a fleet say the same."""


def is_list(known: Known) -> bool:
    """Whether a property takes a list of numbers: QEMU's word for its type is then `[int]`."""
    return known.qemu[:1] == "["


def value_faults(known: Known, value: Value) -> list[tuple[Value, Fault]]:
    """All that is wrong with a value or the items of a list, each with what `value_fault` says of it.

    One number stands for a list of one, as on QEMU's command line.
    """
    if not is_list(known):
        fault = value_fault(known, value)
        return [(value, fault)] if fault is not None else []
    element = known._replace(kind="int", qemu=known.qemu[1:-1])
    items = value.items if isinstance(value, List) else (value,)
    faults = ((item, value_fault(element, item)) for item in items)
    allowed = "a list of whole numbers, such as [0, 1]"
    return [(item, (*fault[:2], allowed, fault[3])) for item, fault in faults if fault is not None]


def value_fault(known: Known, value: Value) -> Fault | None:
    """What is wrong with a value: code, message, what is allowed, and what to do; or None."""
    kind = known.kind
    if kind == "any":
        return None
    if isinstance(value, (Block, List)):
        shown = "a block" if isinstance(value, Block) else "a list"
        return "wrong-type", f"`{known.name}` takes no {shown[2:]}", allowed_values(known), ""
    text = value.text
    if kind == "str":
        return None
    if kind == "bool":
        if isinstance(value, Word) and text in ("on", "off"):
            return None
        switch = _SWITCHES.get(text.lower(), "")
        if text in ("on", "off"):
            switch = text
        return (
            "wrong-type",
            f"`{known.name}` is a switch",
            "on, off",
            f"write `{known.name} {switch}`" if switch else "",
        )
    if kind == "enum":
        if text in known.enum:
            return None
        return "not-a-choice", f"`{text}` is no choice", allowed_values(known), Suggestion(text, known.enum)
    if not isinstance(value, Number):
        help = ""
        if isinstance(value, String) and text.isdigit():
            help = f"write `{known.name} {text}` without quotes"
        elif kind == "size" or known.qemu in _WIDE:
            from machdesc.syntax.value import meant_size

            size = meant_size(text)
            help = f"write `{known.name} {size}`" if size else ""
        return "wrong-type", f"`{known.name}` is a number", allowed_values(known), help
    if kind == "number":
        return None
    if not isinstance(value.value, int):
        return "wrong-type", f"`{text}` is no whole number", allowed_values(known), ""
    if kind == "int" and value.unit and known.qemu not in _WIDE:
        return "wrong-type", f"`{known.name}` takes no unit", allowed_values(known), f"write {value.value}"
    low = 0 if kind == "size" else known.low
    if (low is not None and value.value < low) or (known.high is not None and value.value > known.high):
        return "out-of-range", f"{text} is out of range", allowed_values(known), _all_ones(known, value.value)
    return None


def _all_ones(known: Known, value: int) -> str:
    """What to write for -1 where the largest number is meant.

    QEMU takes -1 only for 64 bits (qapi/qobject-input-visitor.c); the text has one form for all.
    """
    return f"write {known.high:#x}" if value == -1 and known.low == 0 and known.high is not None else ""


def allowed_values(known: Known) -> str:
    """What a property takes, in words."""
    if known.kind == "bool":
        return "on, off"
    if known.kind == "enum":
        return ", ".join(known.enum)
    if known.kind == "int":
        if known.low is None and known.high is None:
            return "a whole number"
        return f"{known.low} to {known.high}"
    return {"size": "a size, such as 64MiB", "number": "a number", "str": "a word, a number or text"}.get(
        known.kind, "any value"
    )


def json_value(known: Known | None, value: Value) -> object:
    """The JSON form of a value: what QEMU's JSON arguments and the schemas take.

    Switches become true and false, numbers integers (sizes in bytes), the rest text; one number a
    list of one where a list is wanted. Where nothing tells a kind, `on` and `off` stay words; lists
    and blocks are taken apart.
    """
    if isinstance(value, Block):
        return {item.name: json_value(None, item.value) for item in value.properties}
    if isinstance(value, List):
        return [json_value(None, item) for item in value.items]
    if known is not None and is_list(known):
        return [json_value(None, value)]
    kind = known.kind if known is not None else "any"
    if kind == "bool" and isinstance(value, Word) and value.text in ("on", "off"):
        return value.text == "on"
    if isinstance(value, Number) and kind not in ("str", "enum"):
        return value.value
    return value.text


def _names(owner: DeviceType, release: str) -> tuple[str, ...]:
    """The names of a type's properties, the same tuple each time."""
    key = owner, release
    if key not in _named:
        _named[key] = tuple(owner.properties(release))
    return _named[key]


_named: dict[tuple[DeviceType, str], tuple[str, ...]] = {}


def _unknown(owner: DeviceType, release: str, item: Property, known: Mapping[str, Known]) -> Diagnostic:
    """A property that the type does not have in this release."""
    message = f"`{owner.name}` has no property `{item.name}` in QEMU {release}"
    having = owner.property_releases(item.name)
    help: str | Suggestion
    if having and release in owner.releases[owner.releases.index(having[-1]) :]:
        help = f"gone after QEMU {having[-1]}"
    elif having:
        help = f"QEMU {', '.join(having)} has it"
    else:
        help = Suggestion(item.name, _names(owner, release), f"see: machdesc schema {owner.name}@{release}")
    return error("unknown-property", message, item.name_span, "", help)
