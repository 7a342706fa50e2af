"""Options that commands share, and the printing of diagnostics."""

from __future__ import annotations

from machdesc.cli.output import say, say_rendered, wants_color
from machdesc.diagnostic import ERROR, WARNING, Diagnostic, in_order, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import NoReturn

    from machdesc.catalog.catalog import Catalog


MAX_SHOWN = 200
"""Diagnostics that are printed in one run; how many more there are is told."""


def add_color(parser: ArgumentParser) -> None:
    """`--color`"""
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="colors in messages (default: on a terminal, unless NO_COLOR is set)",
    )


def add_target(parser: ArgumentParser) -> None:
    """`--qemu` and `--catalog`"""
    parser.add_argument(
        "--qemu",
        metavar="RELEASE|BINARY",
        help="the QEMU to compile for, such as 10.0 or /usr/bin/qemu-system-x86_64 "
        "(default: MACHDESC_QEMU, or the newest that has the machine type)",
    )
    parser.add_argument("--catalog", metavar="DIR", help="use this harvested catalog")


def add_machine_types(parser: ArgumentParser) -> None:
    """`--machine-types`"""
    parser.add_argument(
        "--machine-types",
        action="append",
        default=[],
        metavar="DIR",
        help="a folder of machine types of your own, searched before MACHDESC_MACHINE_TYPES and those that "
        "machdesc.toml names",
    )


def add_includes(parser: ArgumentParser) -> None:
    """`--include-dir`"""
    parser.add_argument(
        "--include-dir",
        action="append",
        default=[],
        metavar="DIR",
        help="a folder outside the description's tree that includes may lie in",
    )


def target(arguments: Namespace) -> tuple[Catalog, str | None]:
    """The catalog and the release of the options; ends the command when they are unknown."""
    from machdesc.target import UnknownTarget, find_target

    try:
        return find_target(arguments.qemu, directory=arguments.catalog)
    except UnknownTarget as unknown:
        fail(str(unknown))


def fail(message: str) -> NoReturn:
    """Ends the command for wrong use: exit code 2."""
    say(f"machdesc: {message}")
    raise SystemExit(2)


def report(diagnostics: list[Diagnostic], color: str) -> None:
    """Prints diagnostics on standard error, in the order of the text, and how many they are."""
    if not diagnostics:
        return
    diagnostics = in_order(diagnostics)
    colored = wants_color(color, 2)
    for diagnostic in diagnostics[:MAX_SHOWN]:
        say_rendered(render(diagnostic, colored) + "\n")
    if len(diagnostics) > MAX_SHOWN:
        say(f"… and {len(diagnostics) - MAX_SHOWN} more")
    errors = sum(d.severity == ERROR for d in diagnostics)
    warnings = sum(d.severity == WARNING for d in diagnostics)
    counts = [_count(errors, "error"), _count(warnings, "warning")]
    say(", ".join(count for count in counts if count))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number > 1 else ''}" if number else ""
