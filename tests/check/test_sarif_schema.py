"""SARIF against the schema of OASIS, which npm's package of jest matchers for SARIF carries."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import jsonschema
import pytest

from machdesc.check.outcome import Report
from machdesc.check.report.sarif import emit_sarif
from tests.check.sample import sample

PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"
MEMBER = "package/lib/schemas/sarif-2.1.0-rtm.5.json"


@pytest.mark.live
@pytest.mark.parametrize("report", [sample(), sample("additive", True), Report("cold", ())])
def test_sarif_is_valid(report: Report, tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is needed for the schema")
    packed = subprocess.run(
        ["npm", "pack", "--silent", PACKAGE], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    if packed.returncode:
        pytest.skip(f"npm does not get {PACKAGE}: {packed.stderr.strip()[-200:]}")
    with tarfile.open(next(tmp_path.glob("*.tgz"))) as package:
        member = package.extractfile(MEMBER)
        assert member is not None
        schema = json.load(member)
    log = json.loads(emit_sarif(report, "0.0.0"))
    errors = jsonschema.Draft4Validator(schema).iter_errors(log)
    assert [f"{list(error.path)}: {error.message}" for error in errors] == []
