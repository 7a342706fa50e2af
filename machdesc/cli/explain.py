"""Tells of a type, a machine type, a CPU model or a rule of `check`, or what changed between two versions."""

from __future__ import annotations

from machdesc.cli.explanation.rule import UnknownRule, explain_rule, explain_rules, is_code, is_rule
from machdesc.cli.report import fail
from machdesc.diagnostic import did_you_mean
from machdesc.target import UnknownTarget, find_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from machdesc.catalog.catalog import Catalog, DeviceType

KINDS = (
    "known are types of devices and objects, machine types and CPU models, by name, and the rules of check, "
    "by code (`machdesc explain rules` lists them)"
)


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument(
        "subject",
        nargs="*",
        metavar="SUBJECT",
        help="a type of devices or objects, such as virtio-net-pci, and then perhaps two ABI versions, "
        "such as 7.2..11.1; a machine type, or two of them, such as pc-q35-7.2..pc-q35-8.0; a CPU model; "
        "a rule of check by its code, such as MD040; or `rules`, which lists them",
    )
    parser.add_argument("--catalog", metavar="DIR", help="use this harvested catalog")


def run(arguments: Namespace) -> int:
    """Prints what is known; 2 when there is no such thing."""
    words = arguments.subject
    if not words:
        fail(f"explain what? {KINDS}")
    try:
        catalog, _ = find_target(None, directory=arguments.catalog)
    except UnknownTarget as unknown:
        fail(str(unknown))
    if len(words) > 2:
        fail("explain takes one subject, and then perhaps two versions: explain virtio-net-pci 7.2..11.1")
    lines = _explain(catalog, words[0], words[1] if len(words) == 2 else "")
    print("\n".join(lines).rstrip("\n"))
    return 0


def _explain(catalog: Catalog, subject: str, versions: str) -> list[str]:
    """The lines about a subject: rules are known by how their codes look, then types are looked up."""
    if versions:
        return _change(catalog, subject, versions)
    if subject == "rules" or is_code(subject):
        return _rule(subject)
    if ".." in subject:
        return _machine_change(catalog, subject)
    found = _type(catalog, subject)
    if found is not None:
        from machdesc.cli.explanation.type import explain_type

        return explain_type(catalog, *found)
    machine = catalog.machine(subject) or catalog.machine(
        next((n for r in reversed(catalog.releases) if (n := catalog.machine_alias(subject, r))), "")
    )
    if machine is not None:
        from machdesc.cli.explanation.machine import explain_machine

        return explain_machine(catalog, machine)
    if any(catalog.cpu_model(subject, release) is not None for release in catalog.releases):
        from machdesc.cli.explanation.cpu import explain_cpu

        return explain_cpu(catalog, subject)
    if is_rule(subject):
        return _rule(subject)
    names = [name for kind in ("device", "object", "machine", "cpu") for name in catalog.names(kind)]
    hint = did_you_mean(subject, names)
    return fail(f"nothing is known of `{subject}`; {hint + ' ' if hint else ''}{KINDS}")


def _rule(word: str) -> list[str]:
    """A rule of `check`, or all of them."""
    if word == "rules":
        return explain_rules()
    try:
        return explain_rule(word)
    except UnknownRule as unknown:
        fail(str(unknown))


def _type(catalog: Catalog, name: str) -> tuple[DeviceType, str] | None:
    """A type of devices or objects, by its name or an alias, and which of both it is."""
    for release in reversed(catalog.releases):
        name = catalog.device_alias(name, release) or name
    device = catalog.device(name)
    if device is not None:
        return device, "devices"
    object_ = catalog.object(name)
    return (object_, "objects") if object_ is not None else None


def _change(catalog: Catalog, subject: str, versions: str) -> list[str]:
    """What changed in a type of devices."""
    from machdesc.cli.explanation.type import UnknownVersion, explain_type_change

    old, dots, new = versions.partition("..")
    if not dots or not old or not new:
        fail(f"`{versions}` is no pair of ABI versions, such as 7.2..11.1")
    found = _type(catalog, subject)
    if found is None or found[1] != "devices":
        fail(f"no known QEMU has a device type `{subject}`")
    try:
        return explain_type_change(catalog, found[0], old, new)
    except UnknownVersion as unknown:
        fail(str(unknown))


def _machine_change(catalog: Catalog, subject: str) -> list[str]:
    """What changed between two machine types of a family."""
    from machdesc.cli.explanation.machine import explain_machine_change

    names = subject.split("..")
    machines = [catalog.machine(name) for name in names]
    for name, machine in zip(names, machines, strict=True):
        if machine is None:
            hint = did_you_mean(name, catalog.names("machine"))
            fail(f"no known QEMU has a machine type `{name}`" + (f"; {hint}" if hint else ""))
    old, new = machines[0], machines[-1]
    assert old is not None
    assert new is not None
    if len(names) != 2 or old.family != new.family:
        fail(f"`{subject}` are not two machine types of one family, such as pc-q35-7.2..pc-q35-8.0")
    return explain_machine_change(catalog, old, new)
