"""The QEMU that is asked, as a catalog knows it: a distribution's may have a name of its own there."""

from __future__ import annotations

from typing import NamedTuple

from machdesc.catalog.catalog import Catalog


class Build(NamedTuple):
    """A catalog, and the name of a release in it."""

    catalog: Catalog
    release: str
