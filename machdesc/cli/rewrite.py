"""Rewriting: how a command that changes descriptions writes them, or only shows what it would do.

A file is written whole or not at all, only when something changes, and not when it is no longer
what was read.
"""

from __future__ import annotations

import os

from machdesc.cli.output import emit, is_terminal, put_rendered, say
from machdesc.diagnostic import Diagnostic, file_error, printable

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
        put_diff(source, text)
    if arguments.check:
        say(f"{source.name}: {undone}")
    if arguments.diff or arguments.check:
        return True, []
    from machdesc.writing import ChangedMeanwhile, write_whole

    try:
        write_whole(source.name, text, source.text)
    except ChangedMeanwhile:
        help = "run the command again"
        return True, [file_error("changed-meanwhile", "has changed while this ran", source.name, help)]
    except OSError as failed:
        return True, [file_error("unwritable", failed.strerror or str(failed), source.name)]
    return True, []


def put_diff(source: Source, text: str) -> None:
    """Prints what changes: as it is for programs, with escapes on a terminal and in a workflow of GitHub,
    where a line of the file could be a command."""
    diff = diff_text(source, text)
    if is_terminal(1) or os.environ.get("GITHUB_ACTIONS"):
        lines = diff.split("\n")
        put_rendered("\n".join("\t".join(map(printable, line.split("\t"))) for line in lines))
    else:
        emit(diff)


def diff_text(source: Source, text: str) -> str:
    """What changes of a source with a new text: a unified diff, as `patch` and `git apply` read it."""
    from difflib import unified_diff
    from io import StringIO

    old, new = (list(StringIO(side, newline="\n")) for side in (source.text, text))
    name = _header(source.name)
    lines = unified_diff(old, new, name, name)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _header(name: str) -> str:
    """A file's name in a diff; in quotes, with the escapes of git and GNU patch, when it is not printable."""
    if name.isprintable() and not name.startswith('"') and "##" not in name:
        return name
    escaped = (f"\\{b:03o}" if b < 32 or b > 126 or b in b'"\\#' else chr(b) for b in os.fsencode(name))
    return f'"{"".join(escaped)}"'
