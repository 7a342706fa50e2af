"""Dependents: the descriptions that are built on a file, directly or through others.

When a base changes, every guest changes that includes it, though its own file does not; the same goes for a
machine type of the user's own and the guests that name it. A base that says what its guests have in common
need not make sense without them: a file that others include, and that names no guest of its own, is judged
through these.
"""

from __future__ import annotations

import os

from machdesc.check.outcome import BASE, NEW, REMOVED
from machdesc.diagnostic import WARNING, Diagnostic
from machdesc.model.file import DISK, SUFFIXES, Files
from machdesc.source import MAX_BYTES, UnreadableSource, read_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from machdesc.check.baseline import Repository
    from machdesc.check.outcome import Outcome
    from machdesc.check.pair import Pair

    Includers = Mapping[str, list[str]]
    """The identity of a file -> the names of those that include it, or that name its machine type."""


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


def without_bases(pairs: list[Pair], outcomes: list[Outcome], notes: list[Diagnostic]) -> list[Outcome]:
    """The outcomes of some pairs, but those of bases that others among them include; what is said of a base
    that none includes is added to `notes`."""
    includers: dict[str, list[str]] = {}
    for place in [pair.new for pair in pairs if pair.new is not None]:
        for identity, names in find_includers([place.name], place.files).items():
            includers.setdefault(identity, []).extend(names)
    kept = []
    for pair, outcome in zip(pairs, outcomes, strict=True):
        files = pair.new.files if pair.new is not None else DISK
        if pair.named or not is_base(outcome, includers, files):
            used = pair.new is not None and bool(includers.get(files.identity(pair.new.name)))
            kept.append(settle_base(outcome, used, notes))
    return kept


def settle_base(outcome: Outcome, used: bool, notes: list[Diagnostic]) -> Outcome:
    """What comes of a pair when it is of bases: nothing where they are `used`, since the guests that include
    them tell; else they are new or removed, or `notes` gets a warning that nothing was compared."""
    if outcome.status != BASE or outcome.machine_type or used:
        return outcome
    if outcome.old is None or outcome.new is None:
        return outcome._replace(status=NEW if outcome.old is None else REMOVED)
    message = "describes no guest, and no guest that was looked at includes it: it was compared with nothing"
    notes.append(Diagnostic(WARNING, "unused-base", message, None, "", "", outcome.name))
    return outcome


def including_files(repository: Repository) -> list[str]:
    """The descriptions of a working tree that may include others and that git does not ignore, as
    names from here.

    :raises machdesc.check.baseline.UnreadableBaseline: when git fails.
    """
    return [name for name in tracked_files(repository) if b"include" in _content(name)]


def tracked_files(repository: Repository) -> list[str]:
    """The files of a working tree that are called as descriptions are and that git does not ignore, as
    names from here. Those of a submodule are not among them.

    :raises machdesc.check.baseline.UnreadableBaseline: when git fails.
    """
    _, output = repository.git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    top = os.path.relpath(repository.top)
    paths = [os.fsdecode(path) for path in output.split(b"\0")]
    return [os.path.normpath(os.path.join(top, path)) for path in paths if path.endswith(SUFFIXES)]


def find_users(machine_types: Mapping[str, str], names: list[str]) -> dict[str, list[str]]:
    """Which of some files may use machine types of the user's own; `machine_types` are these by the
    identities of their files.

    A file uses one by its name, or behind `@` by the end of its name: `machine q35 @ 9.2-acme`. One that
    only has such words somewhere counts too: it is then compared without need.
    """
    import re

    version = re.compile(rb'@[ \t\r\n]*"?([^\s"{}]+)')
    users: dict[str, list[str]] = {}
    types = {identity: os.fsencode(name) for identity, name in machine_types.items()}
    for name in names if types else ():
        text = _content(name)
        versions = {b"-" + match for match in version.findall(text)}
        own = os.path.realpath(name)
        for identity, word in types.items():
            if own != identity and (word in text or any(word.endswith(end) for end in versions)):
                users.setdefault(identity, []).append(name)
    return users


def machine_types_on(machine_types: Mapping[str, str], names: list[str]) -> dict[str, str]:
    """Machine types of the user's own and those among some files that follow them, by their identities."""
    import re

    follows = re.compile(rb"\bmachine-type\s+(\S+)\s+follows\s+(\S+)")
    found = dict(machine_types)
    known = [(os.path.realpath(name), *match) for name in names for match in follows.findall(_content(name))]
    while True:
        words = {os.fsencode(name) for name in found.values()}
        more = {file: os.fsdecode(name) for file, name, base in known if base in words and file not in found}
        if not more:
            return found
        found |= more


def _content(name: str) -> bytes:
    """What a file begins with, up to the largest size of a description; finding the blocks of a text takes
    longer than looking for a word in all of it. Nothing for one that cannot be read."""
    try:
        return read_bytes(name, MAX_BYTES)
    except OSError:
        return b""


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
