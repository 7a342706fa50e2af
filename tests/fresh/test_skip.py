"""What becomes of a test that asks for a QEMU or a program which is not here."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.docs.page import ROOT

TESTS = """
import subprocess
import pytest
from tests.live.binary import Unavailable

@pytest.fixture(scope="session")
def qemu():
    raise Unavailable("no QEMU 7.2")

@pytest.mark.live
def test_fixture(qemu): pass

@pytest.mark.live
def test_fixture_again(qemu): pass

@pytest.mark.live
def test_itself():
    raise Unavailable("no QEMU 7.2")

def test_git():
    subprocess.run(["git", "--version"])

def test_other():
    subprocess.run(["no-such-program"])

def test_file():
    open("nowhere")
"""


def outcomes(folder: Path, **variables: str) -> dict[str, int]:
    """How the tests above end where there is no git: outcome -> number."""
    (folder / "test_it.py").write_text(TESTS)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = live: starts QEMU\n")
    environment = {"PYTHONPATH": str(ROOT), "PATH": str(folder), "HOME": str(folder), **variables}
    options = ("-q", "-rA", "-p", "tests.conftest", "-p", "no:cacheprovider")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "test_it.py"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.findall(r"(\d+) (skipped|failed|passed|error)", done.stdout.splitlines()[-1])
    return {outcome: int(number) for number, outcome in found}


def test_it_is_skipped(tmp_path: Path) -> None:
    assert outcomes(tmp_path) == {"skipped": 4, "failed": 2}


def test_in_continuous_integration_it_fails(tmp_path: Path) -> None:
    assert outcomes(tmp_path, CI="true") == {"failed": 4, "error": 2}
