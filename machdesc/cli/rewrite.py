"""Rewriting: how a command that changes descriptions writes them, or only shows what it would do.

A file is written whole or not at all, only when something changes, and not when it is no longer
what was read.
"""

from __future__ import annotations

import sys

from machdesc.cli.file import ChangedMeanwhile, write_whole
from machdesc.diagnostic import Diagnostic, file_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from machdesc.source import Source


def add_rewriting(parser: ArgumentParser) -> None:
    """`--check` and `--diff`"""
    parser.add_argument("--check", action="store_true", help="write nothing; tell which files would change")
    parser.add_argument("--diff", action="store_true", help="write nothing; print what would change")


def rewrite(source: Source, text: str, arguments: Namespace, undone: str) -> tuple[bool, list[Diagnostic]]:
    """Gives a file its new text, as the options of `add_rewriting` say.

    `undone` is what `--check` says of a file that would change. Returns whether it is different, and
    what went wrong.
    """
    if text == source.text:
        return False, []
    if arguments.diff:
        sys.stdout.write(diff_text(source, text))
    if arguments.check:
        print(f"{source.name}: {undone}", file=sys.stderr)
    if arguments.diff or arguments.check:
        return True, []
    try:
        write_whole(source.name, text, source.text)
    except ChangedMeanwhile:
        help = "run the command again"
        return True, [file_error("changed-meanwhile", "has changed while this ran", source.name, help)]
    except OSError as failed:
        return True, [file_error("unwritable", failed.strerror or str(failed), source.name)]
    return True, []


def diff_text(source: Source, text: str) -> str:
    """What changes of a source with a new text: a unified diff, as `patch` reads it."""
    from difflib import unified_diff
    from io import StringIO

    old, new = (list(StringIO(side, newline="\n")) for side in (source.text, text))
    lines = unified_diff(old, new, source.name, source.name)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
