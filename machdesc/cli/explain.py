"""Tells of a type, a machine type, a CPU model or a rule of `check`, or what changed between two versions."""

from __future__ import annotations

from machdesc.cli.explanation.rule import UnknownRule, explain_rule, explain_rules, is_code, is_rule
from machdesc.cli.output import put
from machdesc.cli.report import add_machine_types, fail, report
from machdesc.diagnostic import did_you_mean, has_errors
from machdesc.target import UnknownTarget, find_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable

    from machdesc.catalog.catalog import Catalog, DeviceType
    from machdesc.model.variant import Variant

    Chain = tuple[Variant, ...]

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
    add_machine_types(parser)


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
    find = _finder(catalog, tuple(arguments.machine_types))
    lines = _explain(catalog, words[0], words[1] if len(words) == 2 else "", find)
    while lines and not lines[-1]:
        lines.pop()
    put(*lines)
    return 0


def _finder(catalog: Catalog, folders: tuple[str, ...]) -> Callable[[str], Chain]:
    """What finds machine types of the user's own, none where there is none; those that are wrong are
    reported, and end the command."""

    def find(name: str) -> Chain:
        from machdesc.model.file import DISK
        from machdesc.resolve.entry import check_entries
        from machdesc.resolve.variant import Shelf, find_variants, root_of

        # The settings are those that hold for a file of the current folder.
        chain, diagnostics = find_variants(name, Shelf("machdesc.toml", DISK, folders), catalog)
        if chain:
            newest = root_of(chain, catalog).releases[-1]
            diagnostics = [*diagnostics, *check_entries(chain, catalog, newest)]
        if has_errors(diagnostics):
            report(diagnostics, "auto")
            raise SystemExit(1)
        return chain or ()

    return find


def _explain(catalog: Catalog, subject: str, versions: str, find: Callable[[str], Chain]) -> list[str]:
    """The lines about a subject: rules are known by how their codes look, then types are looked up."""
    if versions:
        return _change(catalog, subject, versions, find)
    if subject == "rules" or is_code(subject):
        return _rule(subject)
    if ".." in subject:
        return _machine_change(catalog, subject, find)
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
    chain = find(subject)
    if chain:
        from machdesc.cli.explanation.variant import explain_variant

        return explain_variant(chain)
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


def _change(catalog: Catalog, subject: str, versions: str, find: Callable[[str], Chain]) -> list[str]:
    """What changed in a type of devices."""
    from machdesc.cli.explanation.type import UnknownVersion, explain_type_change

    old, dots, new = versions.partition("..")
    if not dots or not old or not new:
        fail(f"`{versions}` is no pair of ABI versions, such as 7.2..11.1")
    found = _type(catalog, subject)
    if found is None or found[1] != "devices":
        fail(f"no known QEMU has a device type `{subject}`")
    try:
        return explain_type_change(catalog, found[0], old, new, find)
    except UnknownVersion as unknown:
        fail(str(unknown))


def _machine_change(catalog: Catalog, subject: str, find: Callable[[str], Chain]) -> list[str]:
    """What changed between two machine types of a family."""
    from machdesc.cli.explanation.machine import explain_machine_change

    names = subject.split("..")
    machines = [catalog.machine(name) for name in names]
    chains = [find(name) if machine is None else () for name, machine in zip(names, machines, strict=True)]
    for name, machine, chain in zip(names, machines, chains, strict=True):
        if machine is None and not chain:
            hint = did_you_mean(name, catalog.names("machine"))
            fail(f"no known QEMU has a machine type `{name}`" + (f"; {hint}" if hint else ""))
    if len(names) == 2 and any(chains):
        from machdesc.cli.explanation.variant import explain_variant_change

        return explain_variant_change(catalog, (machines[0], chains[0]), (machines[1], chains[1]))
    old, new = machines[0], machines[-1]
    assert old is not None
    assert new is not None
    if len(names) != 2 or old.family != new.family:
        fail(f"`{subject}` are not two machine types of one family, such as pc-q35-7.2..pc-q35-8.0")
    return explain_machine_change(catalog, old, new)
