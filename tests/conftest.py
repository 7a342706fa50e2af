"""Settings of all tests: one that lacks a QEMU or a program is skipped, in continuous integration it fails;
examples have no deadline."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import settings

from tests.golden import Golden
from tests.live.binary import Unavailable

# How long an example takes is the machine's business, not a test's.
settings.register_profile("machdesc", deadline=None)
settings.load_profile("machdesc")

PROGRAMS = ("git", "patch")
"""Programs that only tests use, and that `bin/setup` installs where it can."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The switch that writes golden files anew."""
    parser.addoption("--update-goldens", action="store_true", help="write the expected texts anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """The comparison with golden files."""
    return Golden(update=bool(request.config.getoption("--update-goldens")))


def _skip_what_cannot_run() -> Generator[None, Any, Any]:
    """Skips a test or a fixture that asks for a QEMU or a program which is not here, with the reason."""
    try:
        return (yield)
    except Unavailable as reason:
        pytest.skip(str(reason))
    except (FileNotFoundError, PermissionError) as missing:
        program = missing.filename
        if program not in PROGRAMS or shutil.which(program) or os.environ.get("CI") == "true":
            raise
        pytest.skip(f"needs {program}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, Any, Any]:
    """Fixtures."""
    return (yield from _skip_what_cannot_run())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, Any, Any]:
    """Tests."""
    return (yield from _skip_what_cannot_run())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a live test into a failure where CI=true promises that QEMU is there."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and item.get_closest_marker("live"):
        report.outcome = "failed"
        reason = call.excinfo.value if call.excinfo else "no reason told"
        report.longrepr = f"{item.nodeid} was skipped, and CI=true: {reason}"
    return report
