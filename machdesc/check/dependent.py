"""Dependents: the descriptions that include a file, directly or through others.

When a base changes, every guest changes that is built on it, though its own file does not. A base
that says what its guests have in common need not make sense without them: a file that others
include, and that names no guest of its own, is judged through these.
"""

from __future__ import annotations

import os

from machdesc.model.file import DISK, Files
from machdesc.source import MAX_BYTES, UnreadableSource, read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from machdesc.check.baseline import Repository
    from machdesc.check.outcome import Outcome
    from machdesc.check.pair import Pair

    Includers = Mapping[str, list[str]]
    """The identity of a file that is included -> the names of those that include it."""


def find_includers(names: Iterable[str], files: Files = DISK) -> dict[str, list[str]]:
    """Which of some files include which others."""
    including: dict[str, list[str]] = {}
    for name in names:
        for included in _included(name, files):
            including.setdefault(included, []).append(name)
    return including


def find_dependents(includers: Includers, names: Iterable[str], files: Files = DISK) -> list[str]:
    """The files that include one of some files, or one that does."""
    found: dict[str, None] = {}
    waiting = [files.identity(name) for name in names]
    while waiting:
        for name in includers.get(waiting.pop(), ()):
            if name not in found:
                found[name] = None
                waiting.append(files.identity(name))
    return sorted(found)


def is_base(outcome: Outcome, includers: Includers, files: Files = DISK) -> bool:
    """Whether the new description of a pair is there for others, and judged through these."""
    if not outcome.nameless or outcome.new is None:
        return False
    return bool(includers.get(files.identity(outcome.new.name)))


def without_bases(pairs: list[Pair], outcomes: list[Outcome]) -> list[Outcome]:
    """The outcomes of some pairs, but those of bases that others among them include."""
    includers: dict[str, list[str]] = {}
    for place in [pair.new for pair in pairs if pair.new is not None]:
        includers |= find_includers([place.name], place.files)
    return [
        outcome
        for pair, outcome in zip(pairs, outcomes, strict=True)
        if pair.named or pair.new is None or not is_base(outcome, includers, pair.new.files)
    ]


def including_files(repository: Repository) -> list[str]:
    """The `.md` files of a working tree that may include others and that git does not ignore, as
    names from here.

    :raises machdesc.check.baseline.UnreadableBaseline: when git fails.
    """
    _, output = repository.git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    top = os.path.relpath(repository.top)
    paths = [os.fsdecode(path) for path in output.split(b"\0") if path.endswith(b".md")]
    names = [os.path.normpath(os.path.join(top, path)) for path in paths]
    return [name for name in names if _says_include(name)]


def _says_include(name: str) -> bool:
    """Whether the word stands in a file; most have none, and finding the blocks of a text takes longer."""
    try:
        return b"include" in read_bytes(name, MAX_BYTES)
    except OSError:
        return False


def _included(name: str, files: Files) -> set[str]:
    """The files that a text may include; a comment that looks like an include counts too."""
    import re

    try:
        source = files.read(name)
    except UnreadableSource:
        return set()
    return {
        files.identity(files.beside(name, match[1]))
        for region in source.regions
        for match in re.compile(r'\binclude\s+"([^"\n\0]*)"').finditer(source.text, region.start, region.end)
    }
