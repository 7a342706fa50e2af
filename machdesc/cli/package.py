"""Third-party packages that are missing, broken or too old: what to say of them in place of "internal error".

Packages are imported where they are used, so most commands run from a bare checkout with Python
alone. `main` asks here when a command ends with an exception.
"""

from __future__ import annotations

from machdesc.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Package(Record):
    """A dependency: the name of its distribution, the module that is imported, the oldest version that
    works, as pyproject.toml has it, and what machdesc does with it."""

    name: str
    module: str
    oldest: str
    purpose: str

    def requirement(self) -> str:
        """What to give to an installer, such as `lark>=1.2`."""
        return f"{self.name}>={self.oldest}"


PACKAGES = (
    Package("jsonschema", "jsonschema", "4.20", "to apply a JSON Schema to a description"),
    Package("lark", "lark", "1.2", "to read the grammar"),
    Package("platformdirs", "platformdirs", "4", "to find the folder of your own catalogs"),
    Package("qemu.qmp", "qemu.qmp", "0.0.4", "to talk to QEMU's monitor"),
    Package("tomli", "tomli", "2", "to read machdesc.toml and pyproject.toml before Python 3.11"),
)
"""All dependencies of pyproject.toml."""


def package_fault(bug: Exception) -> str | None:
    """What is wrong with a package that has led to an exception, and the command that installs it.

    None when no package is to blame: then the exception is a defect of machdesc.
    """
    for package in PACKAGES:
        version = _loaded_version(package)
        if version and _numbers(version) < _numbers(package.oldest):
            return _advice(package, f"is too old here: {version}")
    if isinstance(bug, ImportError):
        for package in PACKAGES:
            if _concerns(package, bug.name or ""):
                state = "is not installed" if isinstance(bug, ModuleNotFoundError) else f"is broken ({bug})"
                return _advice(package, state)
        for package in PACKAGES:
            if any(_concerns(package, module) for module in _modules_of(bug)):
                return _advice(package, f"is broken ({bug})")
    return None


def _concerns(package: Package, module: str) -> bool:
    """Whether a module is the package's, or a namespace that it lies in."""
    return f"{module}.".startswith(f"{package.module}.") or package.module.startswith(f"{module}.")


def _modules_of(bug: Exception) -> Iterator[str]:
    """The modules whose code was running when it was raised."""
    trace = bug.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__")
        if isinstance(name, str):
            yield name
        trace = trace.tb_next


def _loaded_version(package: Package) -> str:
    """The version of a package that has been imported; empty when it has not been, or is of no known one."""
    import sys
    from importlib.metadata import PackageNotFoundError, version

    if package.module not in sys.modules:
        return ""
    try:
        return version(package.name)
    except PackageNotFoundError:
        return ""


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers that a version begins with."""
    import re

    match = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, match[0].split("."))) if match else ()


def _advice(package: Package, state: str) -> str:
    what = f"the Python package `{package.name}`, needed {package.purpose}, {state}"
    return f"{what}; run: {install_line(package)}"


def install_line(package: Package) -> str:
    """The command that brings a package into the Python that runs.

    A Python that its distribution manages (PEP 668), or that has no pip, gets nothing installed;
    there, a checkout is installed into an environment of its own.
    """
    import shlex
    import sys
    from importlib.util import find_spec

    requirement = shlex.quote(package.requirement())
    python = shlex.quote(sys.executable or "python3")
    pip = find_spec("pip") is not None
    if sys.prefix != sys.base_prefix:
        return (
            f"{python} -m pip install {requirement}"
            if pip
            else f"uv pip install --python {python} {requirement}"
        )
    checkout = _checkout()
    if checkout and (not pip or _is_managed()):
        return f"python3 -m venv .venv && .venv/bin/pip install {shlex.quote(str(checkout))}"
    return f"{python} -m pip install {requirement}"


def _checkout() -> Path | None:
    """The checkout that this module runs from; None when machdesc is installed."""
    from pathlib import Path

    top = Path(__file__).parents[2]
    return top if (top / "pyproject.toml").is_file() else None


def _is_managed() -> bool:
    """Whether the Python belongs to its distribution (PEP 668)."""
    import sysconfig
    from pathlib import Path

    return (Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED").is_file()
