"""Files: where the texts of descriptions and their includes are read from.

`Files` are those on the disk. A version in git is read through a subclass, so that the includes
of an old description are as old as it is.
"""

from __future__ import annotations

import os

from machdesc.source import Source, read_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = (".md", ".machdesc")
"""What the files are called that are read in folders: literate descriptions, and raw ones."""

SETTINGS = ("machdesc.toml", "pyproject.toml")
"""Where settings are, the first one of a folder that has some (`machdesc.model.setting` reads them)."""


class Files:
    """The files on the disk. A file has a name, which messages show, and an identity, which is
    the same for all names of it."""

    def read(self, name: str, inherited: bool = False) -> Source:
        """Reads a regular file; with `inherited`, for a name from the user, `/dev/stdin` and the like too.

        :raises machdesc.source.UnreadableSource: when it is missing, not regular, too large, or not UTF-8.
        """
        return read_source(name, inherited)

    def is_folder(self, name: str) -> bool:
        """Whether it is a folder."""
        return os.path.isdir(name)

    def exists(self, name: str) -> bool:
        """Whether there is a file of a name."""
        return os.path.isfile(name)

    def upward(self, name: str, wanted: tuple[str, ...]) -> list[str]:
        """The files of some names that are there, in the folder of the file `name` and those above it,
        the nearest first."""
        found = []
        folder = os.path.dirname(os.path.realpath(name))
        while True:
            paths = [os.path.join(folder, inner) for inner in wanted]
            found += [min(path, os.path.relpath(path), key=len) for path in paths if os.path.isfile(path)]
            parent = os.path.dirname(folder)
            if parent == folder:
                return found
            folder = parent

    def below(self, name: str) -> list[str]:
        """The names of all `.md` and `.machdesc` files below a folder, in order; hidden folders, and what
        is not a regular file, are left out."""
        return [found for found in self._walk(name) if not self.is_special(found)]

    def special_below(self, name: str) -> list[str]:
        """What `below` leaves out though it is called as a description is: pipes, sockets and devices."""
        return [found for found in self._walk(name) if self.is_special(found)]

    def _walk(self, name: str) -> Iterator[str]:
        for folder, folders, names in os.walk(name):
            folders[:] = sorted(inner for inner in folders if not inner.startswith("."))
            those = [os.path.join(folder, inner) for inner in sorted(names) if inner.endswith(SUFFIXES)]
            yield from map(plain_name, those)

    def beside(self, name: str, path: str) -> str:
        """The name of the file that a path in the file `name` means, the shortest."""
        joined = os.path.join(os.path.dirname(name), path)
        short = os.path.normpath(joined)
        if short == joined or "\0" in path:
            return joined
        # Where `folder` is a link, `folder/..` is another one than the folder that it stands in.
        return short if self.identity(short) == self.identity(joined) else joined

    def identity(self, name: str) -> str:
        """What all names of a file share."""
        return os.path.realpath(name)

    def root(self, name: str) -> str:
        """The identity of the tree that a file lies in: its git repository, or else its folder."""
        folder = os.path.dirname(os.path.realpath(name))
        root = folder
        while not os.path.exists(os.path.join(root, ".git")):
            parent = os.path.dirname(root)
            if parent == root:
                return folder
            root = parent
        return root

    def inside(self, root: str, identity: str) -> bool:
        """Whether a file lies in a tree or folder, by the identities of both."""
        return os.path.commonpath((root, identity)) == root

    def is_special(self, identity: str) -> bool:
        """Whether it is there and not a regular file: opening a pipe would wait for its other end."""
        return os.path.exists(identity) and not os.path.isfile(identity)


def plain_name(name: str) -> str:
    """A name without what means nothing in it: `a/b` for `./a//b`; `..` may be behind a link, and stays."""
    if not name.startswith("./") and "//" not in name and "/./" not in name:
        return name
    return name if ".." in name.split("/") else os.path.normpath(name)


DISK = Files()
"""The files on the disk."""
