"""Brings descriptions into their canonical form; comments and prose are kept.

Exit code 1 when a file has syntax errors (it is left as it is), or with `--check` when a file
is not in canonical form.
"""

from __future__ import annotations

from machdesc.cli.file import find_descriptions, special_files
from machdesc.cli.output import emit_bytes
from machdesc.cli.report import add_color, fail, report
from machdesc.cli.rewrite import add_rewriting, rewrite
from machdesc.diagnostic import Diagnostic, file_error, has_errors
from machdesc.model.load import not_machdesc, parse_whole
from machdesc.source import UnreadableSource, open_regular, read_source
from machdesc.syntax.format import format_tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

_CHUNK = 1 << 20


def add_arguments(parser: ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="descriptions, or folders of them")
    add_rewriting(parser)
    parser.add_argument(
        "--skip-foreign", action="store_true", help="pass over files without a machdesc text, for hooks"
    )
    parser.add_argument(
        "--textconv",
        action="store_true",
        help="write nothing; print the canonical form, and what has none as it is: for git diff",
    )
    add_color(parser)


def run(arguments: Namespace) -> int:
    """Formats every file that holds machdesc text; in folders, others are passed over."""
    if arguments.textconv:
        return _print(arguments.files)
    diagnostics: list[Diagnostic] = special_files(arguments.files)
    changed = 0
    named = () if arguments.skip_foreign else arguments.files
    for path in find_descriptions(arguments.files):
        try:
            source = read_source(path, inherited=True)
        except UnreadableSource as unreadable:
            diagnostics.append(file_error("unreadable", str(unreadable), path))
            continue
        if not source.regions:
            if path in named:
                diagnostics.append(not_machdesc(path))
            continue
        tree, found = parse_whole(source)
        diagnostics += found
        if has_errors(found):
            continue
        undone = f"not in canonical form; run: machdesc fmt {path}"
        different, found = rewrite(source, format_tree(tree), arguments, undone)
        changed += different
        diagnostics += found
    report(diagnostics, arguments.color)
    return int(has_errors(diagnostics) or (arguments.check and changed > 0))


def _print(paths: list[str]) -> int:
    """Prints files in canonical form, or as they are; git shows no diff when this fails."""
    for path in paths:
        try:
            source = read_source(path, inherited=True)
        except UnreadableSource:
            try:
                with open_regular(path) as file:
                    while data := file.read(_CHUNK):
                        emit_bytes(data)
            except OSError as failed:
                fail(f"{path}: {failed.strerror or failed}")
            continue
        tree, found = parse_whole(source)
        text = source.text if not source.regions or has_errors(found) else format_tree(tree)
        emit_bytes(text.encode())
    return 0
