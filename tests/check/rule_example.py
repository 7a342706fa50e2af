"""The examples in the rules' folders: pairs of guests, and what the command says of them.

`expected.txt` is a console: commands, and below each what it prints. The first one compares
`old.md` with `new.md`, and has to trigger the rule; the second one with `fine.md`, and must not.
Further examples of a rule have a number: `old-2.md`, `expected-2.txt`.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import machdesc.check.rule
from machdesc.record import Record

FOLDER = Path(machdesc.check.rule.__file__).parent

NAMES = sorted(path.name.replace("_", "-") for path in FOLDER.iterdir() if (path / "__init__.py").exists())
"""All rules."""

_COMMAND = re.compile(r"^\$ machdesc (.*)\n", re.MULTILINE)


class Example(Record):
    """One console: the rule, the file, and the words of each command in it with what is expected."""

    rule: str
    path: Path
    commands: tuple[tuple[list[str], str], ...]

    @property
    def folder(self) -> Path:
        """Where its guests lie."""
        return self.path.parent

    @property
    def name(self) -> str:
        """`numa/expected-2.txt`"""
        return f"{self.folder.name}/{self.path.name}"


def read_examples() -> list[Example]:
    """All examples of all rules."""
    found = []
    for name in NAMES:
        for path in sorted((FOLDER / name.replace("-", "_")).glob("expected*.txt")):
            parts = _COMMAND.split(path.read_text(encoding="utf-8"))
            assert parts[0] == "", f"{path}: does not begin with a command"
            commands = [
                (shlex.split(words), told) for words, told in zip(parts[1::2], parts[2::2], strict=True)
            ]
            found.append(Example(name, path, tuple(commands)))
    return found


EXAMPLES = read_examples()
