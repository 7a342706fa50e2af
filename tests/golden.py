"""Golden files: what is expected, in files that `pytest --update-goldens` writes anew."""

from __future__ import annotations

from pathlib import Path


class Golden:
    """Compares texts with files, or writes the files."""

    def __init__(self, update: bool) -> None:
        self.update = update

    def check(self, path: Path, text: str) -> None:
        """The text must be that of the file.

        :raises AssertionError: when it is another; in an update it is written instead.
        """
        if self.update:
            path.write_bytes(text.encode())
            return
        assert path.exists(), f"{path} is missing: run pytest --update-goldens"
        assert text == path.read_bytes().decode()
