"""Settings of all tests: in continuous integration a live test may not be skipped; examples have no
deadline."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

from tests.golden import Golden

# How long an example takes is the machine's business, not a test's.
settings.register_profile("machdesc", deadline=None)
settings.load_profile("machdesc")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The switch that writes golden files anew."""
    parser.addoption("--update-goldens", action="store_true", help="write the expected texts anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """The comparison with golden files."""
    return Golden(update=bool(request.config.getoption("--update-goldens")))


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
