"""Reads plain command lines without argparse, whose import takes a tenth of a command's time.

A command declares its options once, by argparse's own `add_argument`. A line that is plain
(options by their full names, all that is needed given once and in one piece, no value empty) is read
here; for all else, and for every error and `--help`, argparse reads it from the same declarations.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import SimpleNamespace
    from typing import Any
else:
    # The module `types` is not loaded yet, and makes itself from more than this.
    SimpleNamespace = type(sys.implementation)


class Declarations:
    """What `add_arguments` declares; it has the part of `ArgumentParser` that is used for that."""

    def __init__(self) -> None:
        self._options: dict[str, tuple[str, dict[str, Any]]] = {}
        self._positionals: list[tuple[str, dict[str, Any]]] = []
        self._defaults: dict[str, object] = {}

    def add_argument(self, *names: str, **settings: Any) -> None:
        """Declares an option or a positional argument, as argparse's method of this name."""
        longest = max(names, key=len)
        key = longest.lstrip("-").replace("-", "_")
        if longest.startswith("-"):
            self._defaults[key] = settings.get("default", False if "action" in settings else None)
            for name in names:
                self._options[name] = key, settings
        else:
            self._defaults[key] = settings.get("default")
            self._positionals.append((key, settings))

    def read(self, words: list[str]) -> SimpleNamespace | None:
        """The values of a plain line; None when it is for argparse to read."""
        values: dict[str, Any] = dict(self._defaults)
        given: list[str] = []
        closed = False
        waiting = iter(words)
        for word in waiting:
            if not word.startswith("-"):
                if closed or not word:
                    return None
                given.append(word)
                continue
            closed = bool(given)
            name, separator, value = word.partition("=")
            if name not in self._options or (separator and not name.startswith("--")):
                return None
            key, settings = self._options[name]
            action = settings.get("action", "store")
            if action == "store_true" and not separator:
                values[key] = True
                continue
            if not separator:
                value = next(waiting, "-")
            if not value or value.startswith("-") or "type" in settings or action not in ("store", "append"):
                return None
            if value not in settings.get("choices", (value,)):
                return None
            values[key] = [*values[key], value] if action == "append" else value
        lacking = any(v.get("required") and values[key] is None for key, v in self._options.values())
        return SimpleNamespace(**values) if not lacking and self._place(given, values) else None

    def emptied(self, values: dict[str, Any]) -> str:
        """An option that takes a word and that argparse gave an empty list; empty when there is none."""
        for name, (key, settings) in self._options.items():
            value = values.get(key)
            if settings.get("action") == "append":
                value = [] if value and [] in value else None
            if value == []:
                return name
        return ""

    def _place(self, given: list[str], values: dict[str, Any]) -> bool:
        """Gives the positional arguments their words; whether that is plain."""
        if len(self._positionals) != 1:
            return False
        key, settings = self._positionals[0]
        several = settings.get("nargs") == "+"
        if not given or (len(given) > 1 and not several) or settings.get("nargs", "+") != "+":
            return False
        if not all(word in settings.get("choices", (word,)) for word in given):
            return False
        values[key] = given if several else given[0]
        return True
