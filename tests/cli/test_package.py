"""Commands in a Python without some package, or with one that is broken: help works, and what needs the
package names it with the command that installs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from machdesc.cli.main import COMMANDS
from machdesc.cli.package import PACKAGES, install_line, package_fault

ROOT = Path(__file__).parents[2]
EXAMPLE = str(ROOT / "docs/examples/linux-server.md")

_MAIN = "import sys; sys.path[:0] = {path}; from machdesc.cli.main import main; sys.exit(main(sys.argv[1:]))"

NEEDS = {
    "verify": ("qemu.qmp", "verify", EXAMPLE, "--qemu", sys.executable),
    "verify-running": ("qemu.qmp", "verify", EXAMPLE, "--qmp", "no-socket"),
    "harvest": ("qemu.qmp", "harvest", "--qemu", sys.executable, "-o", "new-catalog"),
    "import": ("qemu.qmp", "import", "qmp", "--qmp", "no-socket"),
    "hints": ("qemu.qmp", "hints", "dump", "--qmp", "no-socket", "-o", "new-hints"),
    "latest": ("qemu.qmp", "latest", "q35", "--qemu", sys.executable),
    "catalogs": ("platformdirs", "latest", "--catalogs"),
    "lint": ("platformdirs", "lint", EXAMPLE, "--qemu", "99.1"),
    "check": ("platformdirs", "check", EXAMPLE, EXAMPLE, "--qemu", "99.1"),
    "compile": ("platformdirs", "compile", EXAMPLE, "--qemu", "99.1"),
}
"""Package -> a command line that needs it."""

ALONE = (
    ("--version",),
    ("--help",),
    ("lint", EXAMPLE),
    ("fmt", "--check", EXAMPLE),
    ("pin", "--diff", EXAMPLE),
    ("check", EXAMPLE, EXAMPLE),
    ("compile", EXAMPLE, "--qemu", "10.0"),
    ("show", EXAMPLE),
    ("explain", "virtio-net-pci"),
    ("explain", "rules"),
    ("features", EXAMPLE, "--to", "10.0"),
    ("upgrade", EXAMPLE, "--to", "10.0", "--diff"),
    ("rebase", EXAMPLE, "--to", "10.0", "--diff"),
    ("latest", "q35"),
    ("schema", "virtio-net-pci"),
)
"""Command lines that need no package."""


def _run(folder: Path, *words: str, path: tuple[Path, ...] = (ROOT,)) -> subprocess.CompletedProcess[str]:
    """Runs the command with Python's own library and `path` as all that can be imported."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MACHDESC_", "PYTHON"))
    }
    code = _MAIN.format(path=list(map(str, path)))
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, *words],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_works_without_any_package(command: str, tmp_path: Path) -> None:
    done = _run(tmp_path, command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: machdesc {command} ")


@pytest.mark.parametrize("words", ALONE, ids=" ".join)
def test_what_needs_no_package_works_without_any(words: tuple[str, ...], tmp_path: Path) -> None:
    done = _run(tmp_path, *words)
    assert "Python package" not in done.stderr
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("case", NEEDS)
def test_a_command_names_the_package_that_it_needs(case: str, tmp_path: Path) -> None:
    package, *words = NEEDS[case]
    done = _run(tmp_path, *words)
    assert done.returncode == 2
    what = rf"the Python package `{re.escape(package)}`, needed to .*, is not installed"
    assert re.fullmatch(rf"machdesc: {what}; run: .*install .*\n", done.stderr)
    assert not done.stdout
    assert not list(tmp_path.iterdir())


def test_a_missing_package_is_named_whichever_process_finds_it_missing(tmp_path: Path) -> None:
    guest = "```machdesc\nmachdesc 1\nguest g{}\nmachine q35 @ {}\nmemory 1GiB\n```\n"
    for side in ("old", "new"):
        (tmp_path / side).mkdir()
        for number in range(4):
            # The second process gets the files of odd numbers.
            text = guest.format(number, "99.9" if number == 3 else "7.2")
            (tmp_path / side / f"{number}.md").write_text(text)
    pairs = [str(tmp_path / side) for side in ("old", "new")]
    for jobs in ("1", "2"):
        done = _run(tmp_path, "check", *pairs, "--jobs", jobs)
        assert done.returncode == 2
        assert "the Python package `platformdirs`" in done.stderr


def test_each_dependency_is_known_with_its_oldest_version() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.search(r"^dependencies = \[\n(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    assert listed
    required = [line.strip().strip('",').partition(";")[0] for line in listed[1].splitlines()]
    assert sorted(package.requirement() for package in PACKAGES) == sorted(required)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_the_name_of_a_module_leads_to_its_package(package: object) -> None:
    (known,) = (entry for entry in PACKAGES if entry == package)
    missing = package_fault(ModuleNotFoundError("No module", name=known.module.partition(".")[0]))
    assert missing
    assert f"the Python package `{known.name}`, needed {known.purpose}, is not installed" in missing
    broken = package_fault(ImportError("cannot import name", name=known.module))
    assert broken
    assert f"`{known.name}`, needed {known.purpose}, is broken (cannot import name)" in broken


def test_what_is_wrong_with_machdesc_itself_stays_a_defect() -> None:
    assert package_fault(ModuleNotFoundError("No module", name="machdesc.nonsense")) is None
    assert package_fault(ImportError("cannot import name")) is None
    assert package_fault(AttributeError("no attribute")) is None


def _fake_qmp(folder: Path, version: str, code: str) -> Path:
    """A package called qemu.qmp."""
    (folder / "qemu/qmp").mkdir(parents=True)
    (folder / "qemu/qmp/__init__.py").write_text(code)
    information = folder / f"qemu_qmp-{version}.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: qemu.qmp\nVersion: {version}\n")
    return folder


NAMES = ("ConnectError", "ExecInterruptedError", "ExecuteError", "QMPError", "StateError")


@pytest.mark.parametrize(
    ("version", "code", "state"),
    [
        ("0.0.9", "", r"is broken \(cannot import name 'ConnectError' from 'qemu.qmp' .*\)"),
        ("0.0.9", "import nonsense\n", r"is broken \(No module named 'nonsense'\)"),
        ("0.0.1", "class QMPClient: pass\n", r"is too old here: 0\.0\.1"),
    ],
    ids=("names", "imports", "version"),
)
def test_a_broken_or_old_package_is_named(version: str, code: str, state: str, tmp_path: Path) -> None:
    if code.startswith("class"):
        code += "".join(f"class {name}(Exception): pass\n" for name in NAMES)
    packages = _fake_qmp(tmp_path, version, code)
    done = _run(
        tmp_path, "harvest", "--qemu", sys.executable, "-o", str(tmp_path / "new"), path=(ROOT, packages)
    )
    assert done.returncode == 2
    assert re.fullmatch(
        rf"machdesc: the Python package `qemu\.qmp`, needed .*, {state}; run: .*install .*\n", done.stderr
    )


def test_the_line_that_installs_suits_the_python(monkeypatch: pytest.MonkeyPatch) -> None:
    package = PACKAGES[0]
    monkeypatch.setattr(sys, "executable", "/opt/some env/bin/python3")
    monkeypatch.setattr(sys, "prefix", "/opt/some env")
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    assert install_line(package) == f"'/opt/some env/bin/python3' -m pip install '{package.requirement()}'"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert install_line(package).startswith("uv pip install --python '/opt/some env/bin/python3' ")
    # Without pip outside a virtual environment, as on Debian, the checkout gets one of its own.
    monkeypatch.setattr(sys, "prefix", "/usr")
    assert install_line(package) == f"python3 -m venv .venv && .venv/bin/pip install {ROOT}"
