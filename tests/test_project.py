"""The project's own shape: its top level, its links, its wheel."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import machdesc

ROOT = Path(__file__).parents[1]
FOLDERS = {"bin", "docs", "grammar", "machdesc", "machines", "tests"}
URL = re.compile(r"https?://([^/\s)>`\";]+)")
HOSTS = {"pre-commit.com"}
"""Whose pages are linked to, and are there."""

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def tracked() -> list[Path]:
    """The files that git knows."""
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [Path(name) for name in done.stdout.splitlines()]


def test_the_top_level_holds_what_it_should() -> None:
    folders = {path.parts[0] for path in tracked() if len(path.parts) > 1}
    assert {name for name in folders if not name.startswith(".")} == FOLDERS


def test_links_in_the_documentation_lead_somewhere() -> None:
    pages = [path for path in tracked() if path.suffix == ".md" and path.parts[0] in ("docs", "machines")]
    pages += [path for path in tracked() if path.suffix == ".md" and len(path.parts) == 1]
    broken = [
        (str(page), link)
        for page in pages
        for link in LINK.findall((ROOT / page).read_text(encoding="utf-8"))
        if "://" not in link and not ((ROOT / page).parent / link).exists()
    ]
    assert not broken


def test_every_public_name_is_there() -> None:
    for name in dir(machdesc):
        assert getattr(machdesc, name) is not None


def test_the_wheel_holds_the_catalog_and_the_grammar(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", str(tmp_path), str(ROOT)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in ("grammar/machdesc.lark", "py.typed", "machines/x86_64/q35.md", "machines/x86_64/pc.md"):
        assert f"machdesc/{name}" in names
    assert "machdesc/machines/x86_64/device/virtio-net-pci.json" in names
    # Of the rules' examples, what `explain` shows.
    rule = {name.rpartition("/")[2] for name in names if name.startswith("machdesc/check/rule/numa/")}
    assert rule == {"__init__.py", "old.md", "new.md"}


def test_pages_name_no_place_that_does_not_exist() -> None:
    """The project has no URL, no tag and no entry in a package index: pages have placeholders for them."""
    for page in tracked():
        if page.suffix not in (".md", ".yaml", ".toml") or page.parts[0] in ("tests", "machines"):
            continue
        text = (ROOT / page).read_text(encoding="utf-8")
        strange = set(URL.findall(text)) - HOSTS
        assert not strange, f"{page} names {strange}"
        assert not re.search(r"pipx? install machdesc\b|\brev: v?\d", text), page
