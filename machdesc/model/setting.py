"""Settings: `machdesc.toml`, or `[tool.machdesc]` in `pyproject.toml`, above a description.

The nearest file that has some holds them all. They say where machine types and catalogs of the user's own
lie, which are searched after QEMU's own; what is wrong with them is reported whenever a description is read.
"""

from __future__ import annotations

from machdesc.diagnostic import Diagnostic, did_you_mean, error, file_error
from machdesc.model.file import DISK, SETTINGS, Files
from machdesc.record import Record
from machdesc.source import Source, UnreadableSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS = ("machine-types", "catalog")


class Settings(Record):
    """`machine_types` are folders of machine types, `catalog` is one of harvested files or empty. They
    count from the folder of the settings' file, `name`; empty where there is none."""

    name: str = ""
    machine_types: tuple[str, ...] = ()
    catalog: str = ""


def find_settings(name: str, files: Files = DISK) -> tuple[Settings, list[Diagnostic]]:
    """The settings that hold for a file.

    Codes: bad-toml, unknown-setting, bad-setting.
    """
    for place in files.upward(name, SETTINGS):
        try:
            source = files.read(place)
        except UnreadableSource as unreadable:
            return Settings(), [file_error("unreadable", str(unreadable), place)]
        found = _known.get((source.name, source.text))
        if found is None:
            found = _known[source.name, source.text] = _of_source(source)
        settings, diagnostics = found
        if settings is not None or diagnostics:
            return settings or Settings(), diagnostics
    return Settings(), []


_known: dict[tuple[str, str], tuple[Settings | None, list[Diagnostic]]] = {}
"""What was found in the texts read so far: one file holds for all guests of a folder."""


def _of_source(source: Source) -> tuple[Settings | None, list[Diagnostic]]:
    """The settings of one file, None when it has none, and what is wrong with them."""
    diagnostics: list[Diagnostic] = []
    table = _table(source, diagnostics)
    return (_settings(source, table, diagnostics) if table is not None else None), diagnostics


def _may_set(text: str) -> bool:
    """Whether a `pyproject.toml` may have a table for machdesc: `[tool.machdesc]` in any of TOML's spellings.

    The reader of TOML is slow to import, and what is wrong with a file of others is no matter here.
    """
    if "machdesc" not in text:
        return False
    lines = [line.lstrip() for line in text.split("\n") if "tool" in line]
    return any("machdesc" in line or line.strip("[]\"' \t\r") == "tool" for line in lines)


def _table(source: Source, diagnostics: list[Diagnostic]) -> Mapping[str, object] | None:
    """machdesc's table of a file; None when it has none."""
    if source.name.endswith("pyproject.toml") and not _may_set(source.text):
        return None
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        whole = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as broken:
        diagnostics.append(_broken(source, str(broken)))
        return None
    except RecursionError:
        diagnostics.append(file_error("bad-toml", "lists or tables are nested too deeply", source.name))
        return None
    except ValueError:
        # Python refuses to read numbers of more than some thousand digits.
        diagnostics.append(file_error("bad-toml", "a number has too many digits", source.name))
        return None
    if not source.name.endswith("pyproject.toml"):
        return whole
    tools = whole.get("tool")
    table = tools.get("machdesc") if isinstance(tools, dict) else None
    if table is not None and not isinstance(table, dict):
        diagnostics.append(_fault(source, "machdesc", "`tool.machdesc` is no table", "[tool.machdesc]"))
        return None
    return table


def _broken(source: Source, told: str) -> Diagnostic:
    """What the reader of TOML says, at its place: it ends with `(at line 3, column 5)`."""
    import re

    match = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", told)
    if match is None:
        return file_error("bad-toml", told, source.name)
    start = len(source.text)
    if match[1]:
        lines = source.text.split("\n")[: int(match[1]) - 1]
        start = sum(len(line) + 1 for line in lines) + int(match[2]) - 1
    return error("bad-toml", told[: match.start()], (start, start + 1, source))


def _settings(source: Source, table: Mapping[str, object], diagnostics: list[Diagnostic]) -> Settings:
    for key in table:
        if key not in KEYS:
            message, help = f"there is no setting `{key}`", did_you_mean(key, KEYS)
            diagnostics.append(_fault(source, key, message, ", ".join(KEYS), help, "unknown-setting"))
    folders = table.get("machine-types", [])
    if not isinstance(folders, list) or not all(isinstance(folder, str) for folder in folders):
        allowed = 'a list of folders, such as ["machines"]'
        diagnostics.append(_fault(source, "machine-types", "`machine-types` is no list of folders", allowed))
        folders = []
    catalog = table.get("catalog", "")
    if not isinstance(catalog, str):
        diagnostics.append(_fault(source, "catalog", "`catalog` is no folder", 'a text, such as "catalog"'))
        catalog = ""
    return Settings(source.name, tuple(folders), catalog)


def _fault(
    source: Source, key: str, message: str, allowed: str, help: str = "", code: str = "bad-setting"
) -> Diagnostic:
    """What is wrong with a key, at the first line that sets it."""
    import re

    match = re.compile(rf"""^[ \t]*["']?{re.escape(key)}["']?[ \t]*=""", re.MULTILINE).search(source.text)
    if match is None:
        return file_error(code, message, source.name, help or f"allowed: {allowed}")
    start = match.start() + len(match[0]) - len(match[0].lstrip())
    return error(code, message, (start, start + len(key), source), allowed, help)
