"""Machine types and CPU models: from `q35 @ 9.2` to the name that QEMU knows.

After this phase the machine type's full name is known and the target release has it, or a
diagnostic says which release had it last.
"""

from __future__ import annotations

from machdesc.catalog.version import version_key
from machdesc.diagnostic import Diagnostic, did_you_mean, error, warning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from machdesc.catalog.catalog import Catalog, CpuModel, MachineType
    from machdesc.model.variant import Variant
    from machdesc.syntax.tree import Statement

    Chain = tuple[Variant, ...]


def family_of(catalog: Catalog, word: str) -> str:
    """The family of machine types that a word means: `pc-q35` for `q35`; empty when unknown.

    The word is an alias in some release, a family, or the family without `pc-`.
    """
    if (catalog, word) in _families:
        return _families[catalog, word]
    family = _find_family(catalog, word)
    if family:
        _families[catalog, word] = family
    return family


_families: dict[tuple[Catalog, str], str] = {}


def _find_family(catalog: Catalog, word: str) -> str:
    families = catalog.families()
    for release in reversed(catalog.releases):
        name = catalog.machine_alias(word, release)
        machine = catalog.machine(name) if name else None
        if machine is not None:
            return machine.family
    if word in families:
        return word
    return f"pc-{word}" if f"pc-{word}" in families else ""


def machine_name(catalog: Catalog, word: str, version: str) -> str:
    """The name of the machine type of an ABI version, whether or not any release has it."""
    return f"{family_of(catalog, word) or word}-{version}"


def resolve_machine(
    statement: Statement,
    catalog: Catalog,
    release: str,
    floating: str,
    diagnostics: list[Diagnostic],
    lookup: Callable[[str], Chain | None],
) -> tuple[str, MachineType | None, Chain]:
    """The name of QEMU's machine type, what is known of it under the target release, and the variants
    of the user's own that lead from it to the one that is named.

    `floating` says what a machine without a version is: an "error", a "warning", or "allowed". `lookup`
    finds variants by their name; it gives None where there is none.
    """
    assert statement.head is not None
    word, span = statement.head.text, statement.head.span
    if statement.version is not None:
        name = machine_name(catalog, word, statement.version.text)
        span = (span[0], statement.version.span[1], span[2]) if span[2] is statement.version.span[2] else span
    else:
        name = word
        newest = catalog.machine_alias(word, release)
        if newest is not None and catalog.machine(word) is None:
            name = newest
            _report_floating(word, name, span, release, floating, diagnostics)
    machine = catalog.machine(name)
    chain: Chain = ()
    if machine is None:
        found = lookup(name)
        if not found:
            if found is None:
                _report_unknown(catalog, word, name, statement, diagnostics)
            return "", None, ()
        chain = found
        name = chain[0].base.text
        machine = catalog.machine(name)
        assert machine is not None
    if release not in machine.releases:
        last = machine.releases[-1]
        older = catalog.releases.index(last) < catalog.releases.index(release)
        diagnostics.append(
            error(
                "removed-machine-type" if older else "newer-machine-type",
                f"QEMU {release} {'no longer has' if older else 'does not have'} machine type `{name}`",
                span,
                versions_of(catalog, machine.family, release),
                f"QEMU {last if older else machine.releases[0]} has it"
                + (", as the last that is known" if older else ""),
            )
        )
        return name, None, chain
    if machine.facts(release).deprecated:
        diagnostics.append(
            warning(
                "deprecated-machine-type",
                f"machine type `{name}` is deprecated in QEMU {release}",
                span,
                "",
                "a later QEMU will not have it; plan a newer version for this guest",
            )
        )
    return name, machine, chain


def _report_floating(
    word: str,
    name: str,
    span: tuple[int, int, object],
    release: str,
    floating: str,
    diagnostics: list[Diagnostic],
) -> None:
    if floating == "allowed":
        return
    report = error if floating == "error" else warning
    diagnostics.append(
        report(
            "unversioned-machine",
            f"machine `{word}` has no version: what the guest sees would change with QEMU",
            span,  # type: ignore[arg-type]
            "",
            f"pin it: run `machdesc pin`, or write `machine {word} @ {name.rpartition('-')[2]}`, which is "
            f"QEMU {release}'s newest",
        )
    )


def _report_unknown(
    catalog: Catalog, word: str, name: str, statement: Statement, diagnostics: list[Diagnostic]
) -> None:
    """No release that the catalog knows has the machine type."""
    assert statement.head is not None
    family = family_of(catalog, word)
    if family and statement.version is not None:
        diagnostics.append(
            error(
                "unknown-machine-version",
                f"no known QEMU has machine type `{name}`",
                statement.version.span,
                versions_of(catalog, family),
                "harvest the QEMU that has it: machdesc harvest --qemu BINARY; for one of your own, name its "
                "folder as `machine-types` in machdesc.toml",
            )
        )
        return
    diagnostics.append(
        error(
            "unknown-machine-type",
            f"no known QEMU has a machine type `{word}`",
            statement.head.span,
            ", ".join(sorted(catalog.families())),
            did_you_mean(word, [*catalog.names("machine"), "q35", "pc"]),
        )
    )


def versions_of(catalog: Catalog, family: str, release: str = "") -> str:
    """The ABI versions of a family, newest first, as words."""
    key = catalog, family, release
    if key not in _versions:
        _versions[key] = _all_versions(catalog, family, release)
    return _versions[key]


_versions: dict[tuple[Catalog, str, str], str] = {}
"""What `versions_of` said: thousands of devices may have versions that there are not."""


def _all_versions(catalog: Catalog, family: str, release: str) -> str:
    versions = [
        machine.name.removeprefix(family + "-")
        for name in catalog.names("machine")
        if (machine := catalog.machine(name)) is not None
        and machine.family == family
        and (not release or release in machine.releases)
    ]
    versions.sort(key=version_key, reverse=True)
    return ", ".join(versions)


def resolve_cpu(
    statement: Statement, catalog: Catalog, release: str, diagnostics: list[Diagnostic]
) -> tuple[str, CpuModel | None]:
    """The CPU model's name as `-cpu` takes it, and what is known of it."""
    assert statement.head is not None
    word, span = statement.head.text, statement.head.span
    name = word
    if statement.version is not None:
        name = f"{word}-{statement.version.text}"
        span = statement.version.span
    model = catalog.cpu_model(name, release)
    if model is None:
        base = catalog.cpu_model(word, release)
        having = [r for r in catalog.releases if catalog.cpu_model(name, r) is not None]
        if base is not None:
            allowed = ", ".join(f"v{number}" for number in base.versions) or "no versions"
            hint = ""
        else:
            allowed = ""
            hint = did_you_mean(word, catalog.names("cpu"))
        if having:
            hint = f"QEMU {', '.join(having)} has it"
        diagnostics.append(
            error("unknown-cpu-model", f"QEMU {release} has no CPU model `{name}`", span, allowed, hint)
        )
        return "", None
    if model.deprecated:
        diagnostics.append(
            warning("deprecated-cpu-model", f"CPU model `{name}` is deprecated in QEMU {release}", span)
        )
    return name, model
