"""git's own diff of descriptions, set up as docs/ci.md tells."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.check.repository import Repository, guest

PAGE = Path(__file__).parents[2] / "docs" / "ci.md"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with the driver of the page, and a `machdesc` that is the one under test."""
    commands = tmp_path / "commands"
    commands.mkdir()
    script = commands / "machdesc"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m machdesc "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(commands), os.environ["PATH"]]))
    repository = Repository(tmp_path / "repo")
    text = PAGE.read_text(encoding="utf-8")
    for line in re.findall(r"^git (config .*)$", text, re.MULTILINE):
        repository.git(*shlex.split(line))
    (attributes,) = re.findall(r"^```gitattributes\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    repository.write(".gitattributes", attributes)
    return repository


def test_layout_is_no_difference(repo: Repository) -> None:
    repo.commit(guests__a_md=guest("a", "machine   q35 @ 7.2"))
    repo.write("guests/a.md", guest("a", "machine q35   @ 7.2"))
    assert repo.git("diff") == ""
    assert repo.git("diff", "--no-textconv") != ""


def test_a_hunk_tells_its_statement(repo: Repository) -> None:
    block = ["device virtio-net-pci net0 {", *(f"  a{n} {n}" for n in range(9)), "}"]
    repo.commit(guests__a_md=guest("a", *block))
    repo.write("guests/a.md", guest("a", *block).replace("a8 8", "a8 9"))
    diff = repo.git("diff")
    assert re.search(r"^@@ .* @@ device virtio-net-pci net0", diff, re.MULTILINE)
    assert "\n-  a8 8\n+  a8 9\n" in diff


def test_prose_and_broken_texts_are_shown_as_they_are(repo: Repository) -> None:
    repo.commit(guests__a_md=guest("a"), guests__README_md="# One\n")
    repo.write("guests/README.md", "# Two\n")
    repo.write("guests/a.md", guest("a", "device {"))
    diff = repo.git("diff")
    assert "-# One\n+# Two\n" in diff
    assert "\n+device {\n" in diff
    (repo.folder / "guests" / "README.md").write_bytes(b"# \xff\n")
    assert "+# " in repo.git("diff", "--", "guests/README.md").encode(errors="replace").decode()
