"""Records where QEMU puts the devices of a few random guests: `python -m tests.live.record_places`."""

from __future__ import annotations

import json
from pathlib import Path

from machdesc.library import compile
from machdesc.live.child import QemuFailure
from tests.live.binary import RELEASES, find_binary
from tests.live.random_guest import random_guest
from tests.live.test_pin import places_in_qemu
from tests.pin.place import description_of

RECORDED = Path(__file__).parents[1] / "pin" / "recorded"
SEEDS = range(400, 424)


def main() -> None:
    """Writes the file of each guest that all releases start."""
    for seed in SEEDS:
        text = random_guest(seed)
        told = {}
        for release in RELEASES:
            compiled, _ = compile(description_of(text), release, None, "allowed")
            assert compiled is not None
            try:
                told[release] = places_in_qemu(compiled, compiled.guest, find_binary(release))
            except QemuFailure:
                break
        if len(told) == len(RELEASES):
            lines = [f'  "{release}": {json.dumps(places)}' for release, places in told.items()]
            body = ",\n".join([f'  "guest": {json.dumps(text.splitlines(), indent=4)}', *lines])
            (RECORDED / f"{seed}.json").write_text(f"{{\n{body}\n}}\n")


if __name__ == "__main__":
    main()
