"""The two halves of the migration examples fit: a state saved by one loads into the other."""

from __future__ import annotations

import shutil
import time

import pytest

from tests.live.binary import Binary
from tests.live.conftest import StartExample
from tests.live.description import EXAMPLES, read_example
from tests.live.machine import Machine

MIGRATION_SECONDS = 60.0


def test_both_halves_promise_the_same() -> None:
    source = read_example(EXAMPLES / "migration-source.md")
    target = read_example(EXAMPLES / "migration-target.md")
    assert source.parts == target.parts


@pytest.mark.live
def test_state_of_the_source_loads_into_the_target(binary: Binary, start_example: StartExample) -> None:
    source = read_example(EXAMPLES / "migration-source.md")
    target = read_example(EXAMPLES / "migration-target.md")
    with (
        start_example(source, binary, "config") as old,
        start_example(target, binary, "config") as new,
    ):
        old.ask("migrate", uri="exec:cat > state")
        wait_for_migration(old)
        shutil.copy(old.directory / "state", new.directory / "state")
        new.ask("migrate-incoming", uri="exec:cat state")
        wait_for_migration(new)
        # The source was stopped before its first instruction, and so is the target now.
        assert new.ask("query-status")["status"] in ("prelaunch", "paused")


def wait_for_migration(machine: Machine) -> None:
    """Wait until a migration is over; fails the test unless it completed."""
    deadline = time.monotonic() + MIGRATION_SECONDS
    status = ""
    while time.monotonic() < deadline:
        status = machine.ask("query-migrate").get("status", "none")
        if status in ("completed", "failed"):
            break
        time.sleep(0.05)
    assert status == "completed", machine.errors()
