"""A CPU model: its versions, and what its name means."""

from __future__ import annotations

from machdesc.cli.table import aligned, span_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.catalog.catalog import Catalog


def explain_cpu(catalog: Catalog, name: str) -> list[str]:
    """The versions of a model by release, and what it means where no version is named."""
    known = {release: catalog.cpu_model(name, release) for release in catalog.releases}
    having = {release: model for release, model in known.items() if model is not None}
    newest = list(having)[-1]
    rows = [("QEMU", "means", "versions")]
    for release, model in having.items():
        versions = ", ".join(f"v{number}" for number in model.versions) or "none"
        rows.append((release, model.alias_of or name, versions))
    lines = [f"{name}: a CPU model, in QEMU {span_of(tuple(having), catalog.releases)}"]
    if having[newest].deprecated:
        lines.append(f"Deprecated in QEMU {newest}.")
    lines += ["", *aligned(rows, "  ")]
    if having[newest].alias_of == f"{name}-v1":
        lines += [
            "",
            f"Under microvm `{name}` means the latest version of the release; under a PC version 1.",
        ]
    return lines
