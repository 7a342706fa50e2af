"""States of guests between releases: each is saved under one and loaded under all others.

`python -m tests.live.state_matrix` prints a line for each way of each example guest: what `check` says of
the contract `live`, and whether QEMU loads the state.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from machdesc.check.compare import check_guests
from machdesc.check.finding import Finding
from machdesc.library import resolve_description
from machdesc.live.child import QemuFailure
from machdesc.live.state import StateFailure, load_state, save_state
from machdesc.model.load import load_source
from machdesc.resolve.guest import Guest
from machdesc.source import source_of
from tests.live.binary import RELEASES
from tests.truth.observation import EXAMPLES, Bench, benches, compiled, started

RULES = ("release", "saved-state")
"""The rules that tell of states between releases."""


class Way(NamedTuple):
    """One state: what it is of, from which release to which, whether it loads (None: it could not be
    saved, or the guest does not start), and what QEMU said."""

    name: str
    old: str
    new: str
    loads: bool | None
    said: str = ""


def resolved(text: str, release: str) -> Guest:
    """The guest of a text under a release."""
    description, _ = load_source(source_of(text, "guest.md"))
    assert description is not None
    guest, _ = resolve_description(description, release)
    return guest


def told(text: str, old: str, new: str) -> list[Finding]:
    """What `check` finds that breaks `live` and nothing else when a guest goes from one release to another:
    its state does not load."""
    findings = check_guests(resolved(text, old), resolved(text, new))
    return [finding for finding in findings if finding.name in RULES and finding.breaks == "live"]


def try_ways(name: str, text: str, found: Mapping[str, Bench], *ways: tuple[str, str]) -> Iterator[Way]:
    """Saves and loads, for each pair of releases that is given."""
    for old in dict.fromkeys(old for old, _ in ways):
        bench = found[old]
        path = bench.directory / f"{name}.state"
        news = [new for before, new in ways if before == old]
        try:
            guest = compiled(text, old)
            if guest is None:
                raise QemuFailure("has errors under this release")
            with started(guest, bench) as process:
                save_state(process, path)
        except (StateFailure, QemuFailure) as failure:
            yield from (Way(name, old, new, None, f"saving: {failure}"[:300]) for new in news)
            continue
        for new in news:
            yield _load(name, text, path, old, found[new])
        with suppress(FileNotFoundError):
            path.unlink()


def _load(name: str, text: str, path: Path, old: str, bench: Bench) -> Way:
    new = bench.binary.release
    guest = compiled(text, new)
    if guest is None:
        return Way(name, old, new, None, "has errors under the new release")
    try:
        with started(guest, bench, incoming=True) as process:
            load_state(process, path)
    except StateFailure as failure:
        return Way(name, old, new, False, str(failure)[:300])
    except QemuFailure as failure:
        return Way(name, old, new, None, f"starting: {failure}"[:300])
    return Way(name, old, new, True)


def main() -> None:
    """All example guests, all ways."""
    ways = [(old, new) for old in RELEASES for new in RELEASES if old != new]
    with benches(RELEASES) as found:
        for path in sorted(EXAMPLES.glob("[!R]*.md")):
            for way in try_ways(path.stem, path.read_text(encoding="utf-8"), found, *ways):
                print(json.dumps(way._asdict()), flush=True)


if __name__ == "__main__":
    main()
