"""History: the addresses that devices of a file had in its versions in git.

A file that lies in no repository has none, and neither has one whose history cannot be read: what is
known of it is then what stands in it.
"""

from __future__ import annotations

from machdesc.check.baseline import Repository, UnreadableBaseline, repository_of
from machdesc.diagnostic import has_errors
from machdesc.source import MAX_BYTES, source_of
from machdesc.syntax.parse import parse

MAX_COMMITS = 100
"""Commits that are looked at: the latest that changed the file."""


def former_places(path: str) -> set[tuple[str, str]]:
    """Ids and addresses of devices, such as `("net1", "pcie.0/04.0")`."""
    try:
        repository = repository_of(path)
        return _places(repository, repository.path(path))
    except UnreadableBaseline:
        return set()


def _places(repository: Repository, path: str) -> set[tuple[str, str]]:
    code, output = repository.git("log", f"--max-count={MAX_COMMITS}", "--format=%H", "--", path)
    found: set[tuple[str, str]] = set()
    for commit in output.decode().split() if code == 0 else ():
        code, text = repository.git("show", f"{commit}:{path}")
        if code == 0 and len(text) <= MAX_BYTES:
            found |= _written(text.decode(errors="replace"))
    return found


def _written(text: str) -> set[tuple[str, str]]:
    """The ids and addresses that a version writes."""
    tree, diagnostics = parse(source_of(text))
    if has_errors(diagnostics):
        return set()
    return {
        (s.id.text if s.id is not None else "", s.address.text)
        for s in tree.statements
        if s.keyword == "device" and s.address is not None
    }
