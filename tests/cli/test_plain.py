"""Plain command lines mean the same with argparse and without it."""

from __future__ import annotations

import contextlib
import io

from hypothesis import given
from hypothesis import strategies as st

from machdesc.cli.main import COMMANDS, command_module
from machdesc.cli.parser import Parser
from machdesc.cli.plain import Declarations

WORDS = [
    *(
        "a.md",
        "b.md",
        "-o",
        "--output",
        "out",
        "--qemu",
        "10.0",
        "--qemu=7.2",
        "--color",
        "never",
        "--color=red",
    ),
    *(
        "--check",
        "--strict",
        "--latest",
        "--format",
        "argv",
        "--include-dir",
        "dir",
        "--",
        "-h",
        "--form",
        "-x",
    ),
    *("--skip-foreign", "--format=json", "--list", "--dry-run", "", "-o=out", "--strict=yes"),
]


@given(st.sampled_from(sorted(COMMANDS)), st.lists(st.sampled_from(WORDS), max_size=6))
def test_what_is_read_plainly_is_what_argparse_reads(command: str, words: list[str]) -> None:
    module = command_module(command)
    declarations = Declarations()
    module.add_arguments(declarations)
    plain = declarations.read(words)
    if plain is None:
        return
    parser = Parser(prog=command)
    module.add_arguments(parser)
    with contextlib.redirect_stderr(io.StringIO()):
        assert vars(plain) == vars(parser.parse_args(words))


def test_usual_lines_are_plain() -> None:
    for command, words in {
        "lint": ["a.md", "b.md", "--qemu", "10.0"],
        "fmt": ["--check", "a.md"],
        "compile": ["a.md", "--qemu", "10.0", "--format", "config", "-o", "out"],
    }.items():
        declarations = Declarations()
        command_module(command).add_arguments(declarations)
        assert declarations.read(words) is not None
