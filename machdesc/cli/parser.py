"""argparse's parser, which prints as every other part of the command does, and takes no empty value.

An empty value is nearly always a variable of a shell that is not set, as in `--against "$BASE"`, and an
option that then means something else would make a check pass that looked at nothing.
"""

from __future__ import annotations

from argparse import Action, ArgumentParser, ArgumentTypeError
from typing import Any, NoReturn

from machdesc.cli.output import put_rendered, say, say_rendered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Parser(ArgumentParser):
    """Its messages repeat arguments, which may hold anything."""

    def add_argument(self, *names: Any, **settings: Any) -> Action:
        """Declares an argument, as argparse's method of this name; an empty value of it is wrong use."""
        action = super().add_argument(*names, **settings)
        if action.nargs != 0:
            action.type = _filled(action.type)
        return action

    def error(self, message: str) -> NoReturn:
        """Prints the usage and what is wrong with the arguments, and ends the command with exit code 2."""
        say_rendered(self.format_usage())
        say(f"{self.prog}: error: {message}")
        raise SystemExit(2)

    def print_help(self, file: object = None) -> None:
        """Prints the help on standard output."""
        put_rendered(self.format_help())


def _filled(convert: Callable[[str], Any] | str | None) -> Callable[[str], Any]:
    """What converts a value, and refuses an empty one."""

    def filled(text: str) -> Any:
        if not text:
            raise ArgumentTypeError("the value is empty; is a variable of the shell not set?")
        return convert(text) if callable(convert) else text

    return filled
