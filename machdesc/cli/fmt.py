"""Brings descriptions into their canonical form; comments and prose are kept.

Exit code 1 when a file has syntax errors (it is left as it is), or with `--check` when a file
is not in canonical form; 2 when a folder holds no descriptions.
"""

from __future__ import annotations

from machdesc.cli.file import empty_folders, find_descriptions, look_into_folders
from machdesc.cli.output import emit_bytes
from machdesc.cli.report import add_color, fail, report
from machdesc.cli.rewrite import add_rewriting, rewrite
from machdesc.diagnostic import Diagnostic, file_error, has_errors
from machdesc.model.load import is_raw_name, not_machdesc, parse_whole, wrong_settings
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
        "--skip-foreign", action="store_true", help="ignore files without a machdesc text, for hooks"
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
    diagnostics = look_into_folders(arguments.files)
    changed = 0
    empty: list[Diagnostic] = []
    for path in arguments.files:
        found = find_descriptions([path])
        skip_foreign = arguments.skip_foreign or found != [path]
        results = [_format(name, skip_foreign, arguments, diagnostics) for name in found]
        changed += results.count(_CHANGED)
        if results.count(_FOREIGN) == len(results) and not arguments.skip_foreign:
            empty += empty_folders([path])
    report([*diagnostics, *empty], arguments.color)
    if empty:
        return 2
    return int(has_errors(diagnostics) or (arguments.check and changed > 0))


_FOREIGN, _KEPT, _CHANGED = range(3)
"""What comes of a file: it holds no machdesc text, it stays as it is, or it is different."""


def _format(path: str, skip_foreign: bool, arguments: Namespace, diagnostics: list[Diagnostic]) -> int:
    """Formats one file as the options say; what is wrong is added to `diagnostics`."""
    try:
        source = read_source(path, inherited=True)
    except UnreadableSource as unreadable:
        diagnostics.append(file_error("unreadable", str(unreadable), path))
        return _KEPT
    if not source.regions:
        if skip_foreign and not is_raw_name(path):
            return _FOREIGN
        diagnostics.append(not_machdesc(path))
        return _KEPT
    diagnostics += wrong_settings(path)
    tree, found = parse_whole(source)
    diagnostics += found
    if has_errors(found):
        return _KEPT
    undone = f"not in canonical form; run: machdesc fmt {path}"
    different, found = rewrite(source, format_tree(tree), arguments, undone)
    diagnostics += found
    return _CHANGED if different else _KEPT


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
