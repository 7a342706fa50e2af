"""`machdesc harvest`: asks a QEMU binary what it knows and writes it into a catalog folder."""

from __future__ import annotations

import argparse
import asyncio
import shlex
from dataclasses import replace
from pathlib import Path

from machdesc.catalog.location import user_path
from machdesc.cli.output import put, say
from machdesc.cli.progress import progress
from machdesc.ending import ended_in_order, undisturbed
from machdesc.harvest.shelf import merge_release, read_shelf, write_shelf
from machdesc.target import release_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's options."""
    parser.add_argument(
        "--qemu",
        required=True,
        metavar="BINARY",
        help="the QEMU to ask; may be several words, such as 'chroot DIR qemu-system-x86_64'",
    )
    parser.add_argument(
        "--release",
        metavar="NAME",
        help="keep it under this name: its release, `+` and a word of yours, such as 10.0+acme",
    )
    parser.add_argument("--arch", metavar="ARCH", help="refuse a binary for another architecture")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="DIR",
        help="the catalog folder (default: machdesc/machines in the user's data folder)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Harvests one binary into the folder; 0 when it is written, 1 when QEMU or the folder fails."""
    try:
        words = shlex.split(arguments.qemu)
    except ValueError as error:
        return _fail(f"--qemu: {error}")
    if not words:
        return _fail("--qemu: names no binary")
    with ended_in_order():
        return _harvest(arguments, words)


def _harvest(arguments: argparse.Namespace, words: list[str]) -> int:
    from machdesc.harvest.release import harvest_release
    from machdesc.live.child import QemuFailure

    directory: Path = arguments.output or user_path()
    try:
        with progress() as show:
            fact = asyncio.run(harvest_release(words, show))
    except QemuFailure as failure:
        return _fail(f"{arguments.qemu}: {failure}")
    if arguments.arch and arguments.arch != fact.arch:
        return _fail(f"{words[-1]} is for {fact.arch}, not for {arguments.arch}")
    if arguments.release is not None:
        if release_of(arguments.release) != arguments.release or not _is_of(arguments.release, fact.release):
            return _fail(f"--release: `{arguments.release}` is not {fact.release}, `+` and a word")
        fact = replace(fact, release=arguments.release)
    try:
        old = read_shelf(directory, fact.arch)
        new, complaints = merge_release(old, fact)
        # Many files: nobody shall find some of them new and others old.
        with undisturbed():
            changed, disagreements = write_shelf(directory, old, new)
    except (OSError, ValueError) as error:
        return _fail(str(error))
    for line in (*complaints, *disagreements):
        say(f"machdesc: warning: {line}")
    for name, reason in fact.missing.items():
        say(f"machdesc: missing: {name}: {reason}")
    put(
        f"QEMU {fact.build} ({fact.package or 'no package'}), {fact.arch}: "
        f"{len(fact.machines)} machine types, {len(fact.types)} types with properties, "
        f"{len(fact.cpus)} CPU models; {changed} files changed in {directory / fact.arch}"
    )
    return 0


def _is_of(name: str, release: str) -> bool:
    """Whether a name is a release's own, or that with a word behind it."""
    return name.partition("+")[0] == release


def _fail(text: str) -> int:
    say(f"machdesc: error: {text}")
    return 1
