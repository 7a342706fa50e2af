"""The phases in one call each, as the library and the command offer them.

Each returns what it made and the diagnostics; what it made is whole when none of these is an
error. Nothing here raises for what a user wrote.
"""

from __future__ import annotations

from machdesc.catalog.catalog import Catalog
from machdesc.diagnostic import Diagnostic, has_errors
from machdesc.model.guest import Description
from machdesc.record import Record
from machdesc.resolve.guest import Guest
from machdesc.target import find_target, newest_target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.backend.option import Option
    from machdesc.hints.hint import Hints


class Compiled(Record):
    """A guest that is ready for QEMU: what it is, and the options that say so, in order."""

    guest: Guest
    options: tuple[Option, ...]

    @property
    def program(self) -> str:
        """The name of QEMU's binary for the guest's architecture."""
        return f"qemu-system-{self.guest.catalog.arch}"

    @property
    def floating(self) -> str:
        """For a machine without a version, a sentence that says which one was taken; else empty."""
        statement = self.guest.description.one("machine")
        if statement is None or statement.head is None or statement.version is not None:
            return ""
        word, name = statement.head.text, self.guest.machine_name
        if self.guest.catalog.machine(word) is not None or self.guest.chain:
            return ""
        return f"for guests that are thrown away: `machine {word}` was taken as {name}, the newest"

    def arguments(self) -> list[str]:
        """The whole command line without the program: an argument an element."""
        from machdesc.backend.argument import emit_arguments

        return emit_arguments(list(self.options))

    def config(self) -> tuple[str, list[str], list[Diagnostic]]:
        """The text for `-readconfig`, the arguments that it cannot hold, and what it cannot say."""
        from machdesc.backend.argument import emit_arguments
        from machdesc.backend.config import emit_config

        text, remaining, diagnostics = emit_config(list(self.options), self.guest)
        return text, emit_arguments(remaining), diagnostics

    def document(self) -> dict[str, object]:
        """The resolved guest as plain data: sizes in bytes, switches as true and false."""
        from machdesc.backend.document import document

        return document(self.guest)


def resolve_description(
    description: Description,
    release: str | None = None,
    catalog: Catalog | None = None,
    floating: str = "warning",
    machine_types: tuple[str, ...] = (),
    starting: bool = True,
) -> tuple[Guest, list[Diagnostic]]:
    """Resolves and checks a description of a guest: all that `lint` reports beyond syntax.

    `release` is a release of the catalog, such as "10.0"; by default the newest that has the
    machine type. `floating` says what a machine without a version is: "error", "warning" or
    "allowed". `machine_types` are folders of machine types of your own, which are searched before those
    that the settings above the description name. Without `starting`, a guest that makes sense is not
    looked at for what QEMU refuses to start, or cannot read, all the same.

    :raises machdesc.target.UnknownTarget: when the catalog does not know the release.
    """
    from machdesc.resolve.lint import lint
    from machdesc.resolve.resolve import resolve

    if catalog is None:
        catalog, release = find_target(release)
    if release is None:
        catalog, release = newest_target(description, catalog, machine_types)
    guest, diagnostics = resolve(description, catalog, release, floating, machine_types)
    diagnostics += lint(guest, starting)
    if starting:
        from machdesc.backend.expressible import check_expressible
        from machdesc.backend.release import check_release

        diagnostics += check_release(guest)
        diagnostics += check_expressible(guest)
    return guest, diagnostics


def lint_description(
    description: Description,
    release: str | None = None,
    catalog: Catalog | None = None,
    machine_types: tuple[str, ...] = (),
) -> list[Diagnostic]:
    """All that `lint` reports beyond syntax: also what `compile` refuses in every format.

    The arguments are those of `resolve_description`. A machine without a version is a warning here.

    :raises machdesc.target.UnknownTarget: when the catalog does not know the release.
    """
    guest, diagnostics = resolve_description(description, release, catalog, machine_types=machine_types)
    versioned = guest.chain or any(device.statement.version is not None for device in guest.devices)
    if versioned and not has_errors(diagnostics):
        from machdesc.abi.version import write_versions

        diagnostics += write_versions(guest)[1]
    return diagnostics


def compile(
    description: Description,
    release: str | None = None,
    catalog: Catalog | None = None,
    floating: str = "error",
    machine_types: tuple[str, ...] = (),
    hints: tuple[str, Hints] | None = None,
) -> tuple[Compiled | None, list[Diagnostic]]:
    """Compiles a description of a guest for a release of QEMU; None when it has errors.

    The arguments are those of `resolve_description`, and hints with the name of their file, by which
    the guest gets what it had when they were dumped.

    :raises machdesc.target.UnknownTarget: when the catalog does not know the release.
    """
    from machdesc.abi.settle import settle_devices
    from machdesc.abi.version import write_versions
    from machdesc.backend.emit import emit_options

    guest, diagnostics = resolve_description(description, release, catalog, floating, machine_types)
    if hints is not None and not has_errors(diagnostics):
        from machdesc.hints.overlay import lay_over

        file, those = hints
        laid, told = lay_over(guest, those, file)
        guest, diagnostics = resolve_description(laid, guest.release, guest.catalog, floating, machine_types)
        diagnostics += told
        if has_errors(diagnostics):
            return None, diagnostics
    versions, more = write_versions(guest)
    diagnostics += more
    if has_errors(diagnostics):
        return None, diagnostics
    written = dict(settle_devices(guest))
    for number, pairs in versions.devices.items():
        written[number] = (*pairs, *written.get(number, ()))
    return Compiled(guest, tuple(emit_options(guest, written, versions.globals))), diagnostics
