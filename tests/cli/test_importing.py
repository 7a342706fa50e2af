"""Importing, as far as it needs no QEMU."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

from machdesc.cli import importing
from machdesc.cli.main import main
from machdesc.target import UnknownTarget
from tests.verify.stand_in import running


def test_the_build_that_runs_is_looked_for_and_progress_is_gone_when_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[str] = []

    @contextmanager
    def connected(_: object) -> Iterator[tuple[None, None]]:
        yield None, None

    @contextmanager
    def progress() -> Iterator[Callable[[str], None]]:
        try:
            yield seen.append
        finally:
            seen.append("gone")

    def fail(message: str) -> NoReturn:
        seen.append(message)
        raise SystemExit(2)

    def find_build(*words: str) -> NoReturn:
        raise UnknownTarget(" ".join(words))

    found = dataclasses.replace(running(version="9.3.0"), package="acme 1")
    for name, stand_in in (("connected", connected), ("progress", progress), ("fail", fail)):
        monkeypatch.setattr(importing, name, stand_in)
    monkeypatch.setattr("machdesc.live.running.read_running", lambda _: found)
    monkeypatch.setattr(importing, "find_build", find_build)
    assert main(["import", "qmp", "--qmp", "q", "--catalog", "c"]) == 2
    assert seen == ["reading q", "gone", "9.3 acme 1 x86_64 c"]
