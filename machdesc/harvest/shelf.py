"""One architecture's catalog folder: read, merged with a harvest, and written.

Merging replaces all that a release said before and nothing else, so the files depend on what was
harvested and not on the order in which it was.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from machdesc.catalog.damage import read_layouts_file, read_release, read_type
from machdesc.harvest.document import Document, emit_document, parse_document, resolve_edition
from machdesc.harvest.fact import ReleaseFact
from machdesc.harvest.machine_type import emit_machine_types
from machdesc.harvest.release_file import emit_release, resolve_release
from machdesc.harvest.vmstate_file import emit_layouts, resolve_layouts
from machdesc.writing import write_whole

KINDS = ("device", "object", "machine", "cpu")


@dataclass(frozen=True)
class Shelf:
    """All files of one architecture: release to the value of its file; kind and name to document;
    release to the value of the file of its layouts of saved states."""

    arch: str
    releases: Mapping[str, Mapping[str, Any]]
    documents: Mapping[tuple[str, str], Document]
    layouts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    """A symbolic link to another file of the same folder."""

    target: str


def read_shelf(directory: Path, arch: str) -> Shelf:
    """What lies in `directory`/`arch`; an empty shelf if there is nothing.

    :raises machdesc.catalog.damage.DamagedCatalog: naming the file that is none of ours.
    """
    folder = directory / arch
    releases = {path.stem: read_release(path) for path in sorted(folder.glob("release/*.json"))}
    documents: dict[tuple[str, str], Document] = {}
    for kind in KINDS:
        for path in sorted((folder / kind).glob("*.json")):
            documents[kind, path.name.removesuffix(".json")] = parse_document(read_type(path, releases))
    layouts = {path.stem: read_layouts_file(path) for path in sorted(folder.glob("vmstate/*.json"))}
    return Shelf(arch, releases, documents, layouts)


def merge_release(shelf: Shelf, fact: ReleaseFact) -> tuple[Shelf, list[str]]:
    """The shelf with this release in place of what it said before, and complaints about its facts."""
    value, broken = resolve_release(fact)
    complaints = [f"{name}: its compat list does not extend that of the next newer one" for name in broken]
    documents: dict[tuple[str, str], dict[str, Any]] = {}
    for key, document in shelf.documents.items():
        others = {release: edition for release, edition in document.items() if release != fact.release}
        if others:
            documents[key] = others
    for told in fact.types:
        documents.setdefault((told.kind, told.name), {})[fact.release] = resolve_edition(told)
    layouts = {release: told for release, told in shelf.layouts.items() if release != fact.release}
    if fact.vmstate is not None:
        layouts[fact.release] = resolve_layouts(fact.release, fact.build, fact.vmstate)
    releases = {**shelf.releases, fact.release: value}
    return Shelf(fact.arch, releases, documents, layouts), complaints


def emit_shelf(shelf: Shelf) -> tuple[dict[str, str | Link], list[str]]:
    """Path below the architecture's folder to text or link, and where releases disagree."""
    files: dict[str, str | Link] = {}
    for release, value in shelf.releases.items():
        files[f"release/{release}.json"] = emit_release(value)
    for release, value in shelf.layouts.items():
        files[f"vmstate/{release}.json"] = emit_layouts(value)
    for (kind, name), document in shelf.documents.items():
        files[f"{kind}/{name}.json"] = emit_document(shelf.arch, kind, name, document)
    texts, aliases, complaints = emit_machine_types(shelf.releases)
    files.update({f"{machine}.md": text for machine, text in texts.items()})
    files.update({f"{alias}.md": Link(f"{machine}.md") for alias, machine in aliases.items()})
    return files, complaints


def write_shelf(directory: Path, old: Shelf, new: Shelf) -> tuple[int, list[str]]:
    """Writes what differs and removes what only `old` had; each file changes at once or not at all.

    Returns how many files changed, and where releases disagree. Files that harvest would not
    write (a user's own machine types) are left alone.
    """
    folder = directory / new.arch
    files, complaints = emit_shelf(new)
    changed = 0
    for path, content in sorted(files.items()):
        changed += _write(folder / path, content)
    stale = emit_shelf(old)[0].keys() - files.keys()
    for path in sorted(stale):
        with suppress(FileNotFoundError):
            (folder / path).unlink()
            changed += 1
    return changed, complaints


def _write(path: Path, content: str | Link) -> bool:
    """Whether the file had to be changed."""
    if isinstance(content, Link):
        if path.is_symlink() and os.readlink(path) == content.target:
            return False
    elif path.is_file() and not path.is_symlink() and path.read_bytes() == content.encode():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str) and not path.is_symlink():
        # Thousands of files, which can be harvested again, are not synced one by one.
        write_whole(str(path), content, one_of_many=True)
        return True
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".harvest-") as scratch:
        fresh = Path(scratch) / "new"
        if isinstance(content, Link):
            fresh.symlink_to(content.target)
        else:
            fresh.write_bytes(content.encode())
        fresh.replace(path)
    return True
