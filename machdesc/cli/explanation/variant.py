"""A machine type of the user's own: what it follows and sets, and what differs between two."""

from __future__ import annotations

from machdesc.cli.explanation.machine import explain_machine_change
from machdesc.cli.table import aligned
from machdesc.resolve.variant import root_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.catalog.catalog import Catalog, MachineType
    from machdesc.model.variant import Variant
    from machdesc.syntax.tree import Span

    Chain = tuple[Variant, ...]


def explain_variant(chain: Chain) -> list[str]:
    """What it follows, and what it and those that it follows set, the nearest to QEMU's own first."""
    variant = chain[-1]
    names = [chain[0].base.text, *(other.name.text for other in chain[:-1])]
    lines = [
        f"{variant.name.text}: a machine type of your own, {_place(variant.name.span)}",
        f"  follows  {', which follows '.join(reversed(names))}",
    ]
    for other in chain:
        lines += ["", *_entries(other)]
    return lines


def explain_variant_change(
    catalog: Catalog, old: tuple[MachineType | None, Chain], new: tuple[MachineType | None, Chain]
) -> list[str]:
    """What differs between two machine types, each one of QEMU's, or variants that lead on from one."""
    roots = [machine or root_of(chain, catalog) for machine, chain in (old, new)]
    chains = [old[1], new[1]]
    names = [c[-1].name.text if c else root.name for root, c in zip(roots, chains, strict=True)]
    lines: list[str] = []
    if roots[0] is not roots[1]:
        lines += [*explain_machine_change(catalog, *roots), ""]
    while roots[0] is roots[1] and all(chains) and chains[0][0] == chains[1][0]:
        chains = [chains[0][1:], chains[1][1:]]
    lines.append(f"From {names[0]} to {names[1]}:")
    for what, chain in (("no longer", chains[0]), ("now", chains[1])):
        for variant in chain:
            entries = _entries(variant)
            lines += ["", f"What holds {what}: {entries[0]}", *entries[1:]]
    if not any(chains):
        lines += ["", "No machine type of your own stands between them."]
    return lines


def _entries(variant: Variant) -> list[str]:
    """What a variant sets, each with its place."""
    rows = [
        ("machine", item.name, getattr(item.value, "text", ""), _place(item.span))
        for item in variant.properties
    ]
    rows += [(e.driver.text, e.name, e.text, _place(e.item.span)) for e in variant.entries]
    other = f"{variant.name.text} sets {'' if rows else 'nothing '}otherwise than {variant.base.text}"
    return [f"{other}:" if rows else f"{other}.", *aligned(rows, "  ")]


def _place(span: Span) -> str:
    return f"{span[2].name}:{span[2].location(span[0])[0]}"
