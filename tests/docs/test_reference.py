"""The pages say what is so: their descriptions are sound, their fragments parse, their commands exist,
and the tables of the language are those of the code.

A fence `machdesc` is a whole description, and its page is one. Parts of one stand in a fence
`text fragment`.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from machdesc.cli.main import COMMANDS, command_module, main, read_arguments
from machdesc.model.load import MAX_INCLUDE_DEPTH, MAX_INCLUDED_FILES
from machdesc.pinning.unit import HUB_PORTS, MOST_PORTS
from machdesc.resolve.address import KINDS
from machdesc.resolve.block import TOPOLOGY
from machdesc.resolve.bound import HIGHEST_NODE
from machdesc.resolve.numa import HIGHEST_CPU
from machdesc.resolve.topology import MOST_SLOTS
from machdesc.source import MAX_BYTES, source_of
from machdesc.syntax.form import KEYWORDS
from machdesc.syntax.lalr import MAX_DEPTH
from machdesc.syntax.parse import parse
from machdesc.syntax.recover import MAX_ERRORS
from machdesc.syntax.value import MOST_DIGITS
from tests.docs.page import PAGES, ROOT, fences

LANGUAGE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")

# Keywords that are words in a statement and begin none.
INNER = {"machdesc", "follows", "at"}
# Topology that no x86 machine has.
NOT_X86 = {"drawers", "books"}


def by_name(page: Path) -> str:
    """Id of a parametrized test."""
    return page.name


def statements_of(page: Path) -> list[str]:
    """The fragments of a page."""
    return fences(page, "text fragment")


@pytest.mark.parametrize("page", [p for p in PAGES if fences(p, "machdesc")], ids=by_name)
def test_a_description_on_a_page_is_sound(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["lint", "--strict"], ["lint", "--strict", "--qemu", "10.0"], ["fmt", "--check"]):
        assert main([words[0], str(page), *words[1:]]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("page", [p for p in PAGES if statements_of(p)], ids=by_name)
def test_a_fragment_is_of_the_language(page: Path) -> None:
    for text in statements_of(page):
        assert any(_parses(form.format(text)) for form in ("{}", "host {{\n{}}}\n")), text


def _parses(text: str) -> bool:
    return not parse(source_of(f"machdesc 1\n{text}"))[1]


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_a_command_on_a_page_exists(page: Path) -> None:
    lines = [line for text in fences(page, "sh") for line in text.splitlines()]
    lines += [line[2:] for text in fences(page, "console") for line in text.splitlines() if line[:2] == "$ "]
    for line in lines:
        for command in re.findall(r"(?:^|[|;] )machdesc ([^|;>]*)", line):
            _read(shlex.split(command))


def _read(words: list[str]) -> None:
    """Reads a command line as the command does.

    :raises SystemExit: when the command has no such option.
    """
    assert words[0] in COMMANDS
    read_arguments(words[0], words[1:], command_module(words[0]))


def test_every_statement_is_told_of() -> None:
    section = LANGUAGE.partition("## Statements")[2].partition("## Versions")[0]
    assert set(KEYWORDS) - INNER <= set(re.findall(r"`([a-z_-]+)", section))


def test_every_kind_of_address_is_in_the_table() -> None:
    table = LANGUAGE.partition("## Addresses")[2].partition("On other buses")[0]
    rows = [line.split("|")[2:4] for line in table.strip().splitlines()[2:]]
    properties = {tuple(re.findall(r"`([a-z-]+)`", names)): unit for unit, names in rows}
    assert set(properties) == {kind.properties for kind in KINDS.values()}
    for kind in KINDS.values():
        unit = properties[kind.properties].strip().split("`")[1]
        assert kind.parse(unit) is not None


def test_the_topology_is_that_of_the_code() -> None:
    row = next(line for line in LANGUAGE.splitlines() if line.startswith("| `cpu "))
    assert set(re.findall(r"`([a-z]+)`", row)) == set(TOPOLOGY) - NOT_X86


def test_the_limits_are_those_of_the_code() -> None:
    told = LANGUAGE.partition("## Limits")[2]
    assert re.findall(r"\d+", told) == [
        str(number)
        for number in (
            *(MAX_BYTES >> 20, MAX_DEPTH, MAX_INCLUDE_DEPTH, MAX_INCLUDED_FILES, MAX_ERRORS, MOST_DIGITS),
            *(0, HIGHEST_NODE, 0, HIGHEST_CPU, 0, MOST_SLOTS, MOST_PORTS, 1, HUB_PORTS),
        )
    ]
