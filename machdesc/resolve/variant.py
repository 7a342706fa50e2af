"""Machine types of the user's own: where they are found, and down to which of QEMU's they lead.

A machine type NAME is described in a file `NAME.md` or `NAME.machdesc` in one of the folders that the caller
names, then those in MACHDESC_MACHINE_TYPES, then those in the settings above the description. Only who does
not find a name in the catalog looks here.
"""

from __future__ import annotations

import os

from machdesc.diagnostic import Diagnostic, Suggestion, error, has_errors
from machdesc.model.file import SUFFIXES
from machdesc.model.load import load
from machdesc.model.setting import find_settings
from machdesc.model.variant import Variant, parse_variant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.catalog.catalog import Catalog, MachineType
    from machdesc.model.file import Files
    from machdesc.model.guest import Description

    Chain = tuple[Variant, ...]

VARIABLE = "MACHDESC_MACHINE_TYPES"
"""Holds folders of machine types, divided as those in PATH."""


class Shelf:
    """Where machine types are looked for: `files`, and folders of them, each with the name of the file
    that it is told in, empty for one that counts from here."""

    def __init__(self, name: str, files: Files, folders: tuple[str, ...] = ()) -> None:
        """`name` is a file, above which the settings are looked for, `folders` are searched first."""
        self.settings, self.diagnostics = find_settings(name, files)
        self.files = files
        told = (*folders, *filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)))
        own = self.settings.machine_types
        self._folders = (*(("", folder) for folder in told), *((self.settings.name, inner) for inner in own))

    def path(self, name: str, near: str = "") -> str:
        """The file of a machine type, empty when there is none; looked for beside the file `near` first."""
        if not name or any(c in name for c in ("/", "\\", "\0", "\n")):
            return ""
        for anchor, folder in ((near, "."), *self._folders) if near else self._folders:
            for suffix in SUFFIXES:
                path = self.files.beside(anchor, os.path.normpath(os.path.join(folder, name + suffix)))
                if self.files.exists(path):
                    return path
        return ""

    def folders(self) -> list[str]:
        """The folders, as messages name them."""
        return [self.files.beside(anchor, folder) for anchor, folder in self._folders]

    def names(self) -> list[str]:
        """The machine types that there are files of."""
        paths = [path for folder in self.folders() for path in self.files.below(folder)]
        return list(dict.fromkeys(os.path.splitext(os.path.basename(path))[0] for path in paths))


def find_variants(name: str, shelf: Shelf, catalog: Catalog) -> tuple[Chain | None, list[Diagnostic]]:
    """The variants from the first that follows a machine type of QEMU's up to the one of a name.

    None when there is no file of that name; none, and a diagnostic, when it leads nowhere.
    """
    if has_errors(shelf.diagnostics):
        return (), shelf.diagnostics
    path = shelf.path(name)
    if not path:
        return None, []
    description, diagnostics = load(path, (), shelf.files)
    if description is None or has_errors(diagnostics):
        return (), diagnostics
    chain, more = chain_of(description, shelf, catalog, name)
    return chain, [*diagnostics, *more]


def chain_of(
    description: Description, shelf: Shelf, catalog: Catalog, name: str = ""
) -> tuple[Chain, list[Diagnostic]]:
    """The same for a description that is already read; `name` is what it has to describe.

    Codes: not-a-machine-type, machine-type-name, machine-type-cycle, unknown-base, machine-type-family.
    """
    statement = description.one("machine-type")
    if statement is None:
        start = description.source.regions[0].start
        message = "describes no machine type"
        return (), [error("not-a-machine-type", message, (start, start + 1, description.source))]
    variant, diagnostics = parse_variant(description)
    if variant is None:
        return (), diagnostics
    if name and variant.name.text != name:
        message = f"the file of `{name}` describes `{variant.name.text}`"
        help = "a machine type's file has its name"
        return (), [error("machine-type-name", message, variant.name.span, name, help)]
    chain = [variant]
    while catalog.machine(chain[0].base.text) is None:
        following, more = _followed(chain, shelf, catalog)
        diagnostics += more
        if following is None:
            return (), diagnostics
        chain.insert(0, following)
    root = catalog.machine(chain[0].base.text)
    assert root is not None
    for variant in chain:
        if not variant.name.text.startswith(f"{root.family}-"):
            message = f"`{variant.name.text}` does not tell its family, `{root.family}`"
            help = f"call it, for example, `{root.name}-{variant.name.text}`"
            diagnostics.append(error("machine-type-family", message, variant.name.span, "", help))
    return (() if has_errors(diagnostics) else tuple(chain)), diagnostics


def _followed(
    chain: list[Variant], shelf: Shelf, catalog: Catalog
) -> tuple[Variant | None, list[Diagnostic]]:
    """The variant that the first of a chain follows."""
    base = chain[0].base
    names = [variant.name.text for variant in chain]
    if base.text in names:
        circle = " → ".join([*reversed(names[: names.index(base.text) + 1]), base.text])
        return None, [error("machine-type-cycle", f"follows itself: {circle}", base.span)]
    path = shelf.path(base.text, base.span[2].name)
    if not path:
        hint = Suggestion(base.text, [*catalog.names("machine"), *shelf.names()], where_to(shelf))
        message = f"neither QEMU nor a file describes a machine type `{base.text}`"
        return None, [error("unknown-base", message, base.span, "", hint)]
    description, diagnostics = load(path, (), shelf.files)
    if description is None or has_errors(diagnostics):
        return None, diagnostics
    if not description.is_machine_type:
        message = f"`{path}` describes no machine type"
        return None, [*diagnostics, error("not-a-machine-type", message, base.span)]
    variant, more = parse_variant(description)
    if variant is not None and variant.name.text != base.text:
        message = f"the file of `{base.text}` describes `{variant.name.text}`"
        more = [*more, error("machine-type-name", message, variant.name.span, base.text)]
        variant = None
    return variant, [*diagnostics, *more]


def where_to(shelf: Shelf) -> str:
    """Where machine types of the user's own are looked for, in words."""
    folders = shelf.folders()
    if folders:
        return f"machine types of your own are looked for as NAME.md in {', '.join(folders)}"
    return "machine types of your own are found by `machine-types` in machdesc.toml, or --machine-types"


def root_of(chain: Chain, catalog: Catalog) -> MachineType:
    """The machine type of QEMU's that a chain follows in the end."""
    root = catalog.machine(chain[0].base.text)
    assert root is not None
    return root
