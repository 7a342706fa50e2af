"""Compiles an example as a user does, by the command, into a QEMU command line."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

FORMATS = ("config", "argv")


class CompileError(Exception):
    """`machdesc compile` refused; holds what it said."""


def compile_argv(path: Path, release: str, form: str, directory: Path) -> list[str]:
    """QEMU's arguments, without the program; for `config` the files are written to `directory`."""
    command = [sys.executable, "-m", "machdesc", "compile", str(path), "--qemu", release]
    if form == "argv":
        words: list[str] = json.loads(_output([*command, "--format", "argv"], directory))
        return words[1:]
    _output([*command, "--format", "config", "-o", "."], directory)
    (config,) = directory.glob("*.cfg")
    # A shell joins continued lines; shlex does not.
    return shlex.split(config.with_suffix(".args").read_text().replace("\\\n", ""))[1:]


def _output(command: list[str], directory: Path) -> str:
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CompileError(f"{shlex.join(command)} ended with {done.returncode}:\n{done.stderr}{done.stdout}")
    return done.stdout
