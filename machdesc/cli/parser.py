"""argparse's parser, which prints as every other part of the command does."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import NoReturn

from machdesc.cli.output import put_rendered, say, say_rendered


class Parser(ArgumentParser):
    """Its messages repeat arguments, which may hold anything."""

    def error(self, message: str) -> NoReturn:
        """Prints the usage and what is wrong with the arguments, and ends the command with exit code 2."""
        say_rendered(self.format_usage())
        say(f"{self.prog}: error: {message}")
        raise SystemExit(2)

    def print_help(self, file: object = None) -> None:
        """Prints the help on standard output."""
        put_rendered(self.format_help())
