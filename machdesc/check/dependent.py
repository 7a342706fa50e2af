"""Dependents: the descriptions that include a file, directly or through others.

When a base changes, every guest changes that is built on it, though its own file does not.
"""

from __future__ import annotations

import os

from machdesc.source import UnreadableSource, read_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machdesc.check.baseline import Repository


def find_dependents(repository: Repository, names: list[str]) -> list[str]:
    """The files of a working tree that include one of some files, as names from here.

    :raises machdesc.check.baseline.UnreadableBaseline: when git fails.
    """
    _, output = repository.git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    known = [os.fsdecode(path) for path in output.split(b"\0") if path.endswith(b".md")]
    including: dict[str, list[str]] = {}
    for path in known:
        name = os.path.join(repository.top, path)
        for included in _included(name):
            including.setdefault(included, []).append(name)
    found: dict[str, None] = {}
    waiting = [os.path.realpath(name) for name in names]
    while waiting:
        for name in including.get(waiting.pop(), ()):
            if name not in found:
                found[name] = None
                waiting.append(os.path.realpath(name))
    return sorted(os.path.relpath(name) for name in found)


def _included(name: str) -> list[str]:
    """The files that a text may include; a comment that looks like an include counts too."""
    import re

    try:
        source = read_source(name)
    except UnreadableSource:
        return []
    folder = os.path.dirname(name)
    return [
        os.path.realpath(os.path.join(folder, match[1]))
        for region in source.regions
        for match in re.compile(r'\binclude\s+"([^"\n\0]*)"').finditer(source.text, region.start, region.end)
    ]
