"""The command: finds the subcommand, runs it, and turns what ends it into an exit code.

Exit codes: 0 fine, 1 findings, 2 wrong use, a missing package, or an internal error. Only the module of
the subcommand that is run is imported.
"""

from __future__ import annotations

import gc
import os
import sys

from machdesc import __version__
from machdesc.cli.output import (
    Unwritable,
    flush,
    prepare,
    put,
    put_rendered,
    say,
    say_rendered,
    silence,
)
from machdesc.cli.plain import Declarations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

COMMANDS = {
    "lint": "report all that is wrong with descriptions",
    "fmt": "bring descriptions into their canonical form",
    "pin": "write into descriptions what QEMU would choose",
    "check": "compare descriptions with their older versions",
    "compile": "make QEMU's configuration file and arguments",
    "run": "compile a guest and start QEMU",
    "show": "print what a guest has, written or not, and where it comes from",
    "explain": "tell of a type, a machine type, a CPU model, and what changed between versions",
    "features": "list what a newer ABI version would give a guest",
    "upgrade": "raise versions of a guest to a newer ABI version",
    "rebase": "move a guest to a younger machine type and keep its hardware",
    "latest": "print the newest machine type of a name, such as q35",
    "schema": "print the JSON Schema of a type or of a description",
    "verify": "hold a description against a real QEMU",
    "import": "describe a guest that runs",
    "hints": "dump what a running guest has, for compile --hints",
    "harvest": "ask a QEMU binary what it knows, for the catalog",
}
"""Subcommand -> what it does. Each has a module of its name beside this one."""

_MODULES = {"import": "importing"}
"""Subcommands whose names are words of Python -> their modules."""


def main(words: list[str] | None = None) -> int:
    """Runs the command on its arguments (by default those of the process)."""
    if words is None:
        words = sys.argv[1:]
        # The process ends before its garbage could matter, so none is looked for.
        gc.disable()
        prepare()
    try:
        code = _guarded(words)
        flush()
        return code
    except BrokenPipeError:
        # Whoever read our output has gone; let no later flush complain of it.
        silence(1, 2)
        return 141
    except Unwritable as failed:
        silence(failed.number)
        if failed.number == 1:
            try:
                say(f"machdesc: {failed}")
            except (Unwritable, BrokenPipeError):
                silence(2)
        return 2


def _guarded(words: list[str]) -> int:
    """The exit code of what the words say, whatever ends it."""
    try:
        return _main(words)
    except KeyboardInterrupt:
        return 130
    except (BrokenPipeError, Unwritable):
        raise
    except SystemExit as exit_:
        return exit_.code if isinstance(exit_.code, int) else 2
    except _unknown_target() as unknown:
        # A catalog of the user's own is read when a description first needs it.
        say(f"machdesc: {unknown}")
        return 2
    except Exception as bug:
        if os.environ.get("MACHDESC_TRACEBACK"):
            raise
        from machdesc.cli.package import package_fault

        if fault := package_fault(bug):
            say(f"machdesc: {fault}")
            return 2
        say(f"machdesc: internal error: {type(bug).__name__}: {bug}")
        say("This is a defect of machdesc. Run it again with MACHDESC_TRACEBACK=1 and report what it prints.")
        return 2


def _unknown_target() -> type[Exception]:
    """Only looked up when there is an exception: not every command needs its module."""
    from machdesc.target import UnknownTarget

    return UnknownTarget


def command_module(command: str) -> ModuleType:
    """The module of a subcommand."""
    module: ModuleType = __import__(f"machdesc.cli.{_MODULES.get(command, command)}", fromlist=["run"])
    return module


def _main(words: list[str]) -> int:
    if words and words[0] in COMMANDS:
        module = command_module(words[0])
        code: int = module.run(read_arguments(words[0], words[1:], module))
        return code
    if words and words[0] in ("-V", "--version"):
        put(f"machdesc {__version__}")
        return 0
    is_help = bool(words) and words[0] in ("-h", "--help", "help")
    if words and not is_help:
        from machdesc.diagnostic import did_you_mean

        hint = did_you_mean(words[0], COMMANDS)
        say(f"machdesc: no command `{words[0]}`{'; ' + hint if hint else ''}")
        say("")
    lines = "".join(f"  {name:<10}{what}\n" for name, what in COMMANDS.items())
    usage = f"usage: machdesc COMMAND …\n\n{lines}\nmachdesc COMMAND --help tells more.\n"
    if is_help:
        put_rendered(usage)
        return 0
    say_rendered(usage)
    return 2


def read_arguments(name: str, words: list[str], module: ModuleType) -> object:
    """The arguments of a subcommand, as its module declares them.

    :raises SystemExit: when they are wrong, or after printing help.
    """
    # argparse finds what stands behind `--` only in some orders, which differ between its versions.
    rest: list[str] = []
    if hasattr(module, "REST") and "--" in words:
        split = words.index("--")
        words, rest = words[:split], words[split + 1 :]
    declarations = Declarations()
    module.add_arguments(declarations)
    arguments: object = declarations.read(words)
    if arguments is None:
        from machdesc.cli.parser import Parser

        description = (module.__doc__ or "").partition("\n\n")[0]
        parser = Parser(prog=f"machdesc {name}", description=description)
        module.add_arguments(parser)
        arguments = parser.parse_args(words)
        # Before Python 3.13, argparse makes an empty list of `--option=--`.
        emptied = declarations.emptied(vars(arguments))
        if emptied:
            parser.error(f"argument {emptied}: expected one argument")
    if hasattr(module, "REST"):
        setattr(arguments, module.REST, rest)
    return arguments
