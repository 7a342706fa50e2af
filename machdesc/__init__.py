"""machdesc: a guest's virtual hardware as a text, with an ABI version on every part of it.

The library offers what the command does::

    import machdesc

    description, diagnostics = machdesc.load("web01.md")
    compiled, more = machdesc.compile(description, "10.0")
    compiled.arguments()          # ["-nodefaults", "-no-user-config", …]

    old, more = machdesc.resolve_description(description, "10.0")
    new, more = machdesc.resolve_description(description, "11.1")
    findings = machdesc.check_guests(old, new)    # what the guest notices of another QEMU

Every function returns the diagnostics that it found; `machdesc.render` makes text of one.
Names are loaded when they are first used, so importing the package costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.catalog.catalog import Catalog as Catalog
    from machdesc.catalog.catalog import load_catalog as load_catalog
    from machdesc.check.compare import check_guests as check_guests
    from machdesc.check.finding import Finding as Finding
    from machdesc.check.finding import violates as violates
    from machdesc.diagnostic import Diagnostic as Diagnostic
    from machdesc.diagnostic import has_errors as has_errors
    from machdesc.diagnostic import render as render
    from machdesc.hints.hint import Hints as Hints
    from machdesc.hints.hint import Unreadable as Unreadable
    from machdesc.hints.hint import hint_text as hint_text
    from machdesc.hints.hint import parse_hints as parse_hints
    from machdesc.importing.argument import read_command_line as read_command_line
    from machdesc.importing.guest import Imported as Imported
    from machdesc.importing.guest import import_guest as import_guest
    from machdesc.library import Compiled as Compiled
    from machdesc.library import compile as compile
    from machdesc.library import resolve_description as resolve_description
    from machdesc.lifecycle.feature import features as features
    from machdesc.lifecycle.horizon import look_ahead as look_ahead
    from machdesc.lifecycle.rebase import rebase as rebase
    from machdesc.lifecycle.transition import Transition as Transition
    from machdesc.lifecycle.upgrade import upgrade as upgrade
    from machdesc.live.child import QemuFailure as QemuFailure
    from machdesc.live.dump import take_hints as take_hints
    from machdesc.live.endpoint import Unreachable as Unreachable
    from machdesc.live.endpoint import open_endpoint as open_endpoint
    from machdesc.live.running import Running as Running
    from machdesc.live.running import read_running as read_running
    from machdesc.model.guest import Description as Description
    from machdesc.model.load import load as load
    from machdesc.model.load import load_source as load_source
    from machdesc.pinning.pin import pin as pin
    from machdesc.source import Source as Source
    from machdesc.source import read_source as read_source
    from machdesc.source import source_of as source_of
    from machdesc.syntax.format import format_tree as format_tree
    from machdesc.syntax.parse import parse as parse
    from machdesc.syntax.tree import Tree as Tree
    from machdesc.target import UnknownTarget as UnknownTarget
    from machdesc.target import find_build as find_build
    from machdesc.target import find_target as find_target
    from machdesc.verify.comparison import Verdict as Verdict
    from machdesc.verify.comparison import compare_running as compare_running
    from machdesc.verify.comparison import compare_started as compare_started
    from machdesc.verify.upgrade import Side as Side
    from machdesc.verify.upgrade import Upgrade as Upgrade
    from machdesc.verify.upgrade import compare_upgrade as compare_upgrade

__version__ = "0.1.0"

_HOMES = {
    "Catalog": "catalog.catalog",
    "load_catalog": "catalog.catalog",
    "check_guests": "check.compare",
    "Finding": "check.finding",
    "violates": "check.finding",
    "Diagnostic": "diagnostic",
    "has_errors": "diagnostic",
    "render": "diagnostic",
    "Hints": "hints.hint",
    "Unreadable": "hints.hint",
    "hint_text": "hints.hint",
    "parse_hints": "hints.hint",
    "read_command_line": "importing.argument",
    "Imported": "importing.guest",
    "import_guest": "importing.guest",
    "Compiled": "library",
    "compile": "library",
    "resolve_description": "library",
    "features": "lifecycle.feature",
    "look_ahead": "lifecycle.horizon",
    "rebase": "lifecycle.rebase",
    "Transition": "lifecycle.transition",
    "upgrade": "lifecycle.upgrade",
    "QemuFailure": "live.child",
    "take_hints": "live.dump",
    "Unreachable": "live.endpoint",
    "open_endpoint": "live.endpoint",
    "Running": "live.running",
    "read_running": "live.running",
    "Description": "model.guest",
    "load": "model.load",
    "load_source": "model.load",
    "pin": "pinning.pin",
    "Source": "source",
    "read_source": "source",
    "source_of": "source",
    "format_tree": "syntax.format",
    "parse": "syntax.parse",
    "Tree": "syntax.tree",
    "UnknownTarget": "target",
    "find_build": "target",
    "find_target": "target",
    "Verdict": "verify.comparison",
    "compare_running": "verify.comparison",
    "compare_started": "verify.comparison",
    "Side": "verify.upgrade",
    "Upgrade": "verify.upgrade",
    "compare_upgrade": "verify.upgrade",
}
"""Public name -> the module that defines it."""


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'machdesc' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"machdesc.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*_HOMES, "__version__"])
