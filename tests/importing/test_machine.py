"""The machine of a running guest as statements."""

from __future__ import annotations

import machdesc
from machdesc.importing.argument import read_command_line
from machdesc.importing.build import Build
from machdesc.importing.machine import machine_statements, unwritten_processors
from machdesc.live.running import Running
from tests.verify.stand_in import running

BUILD = Build(machdesc.load_catalog(), "7.2")


def cpu(found: Running, *words: str) -> str:
    """The statement `cpu`."""
    statements = machine_statements(found, read_command_line(words), BUILD)
    return next(text for text in statements if text.startswith("cpu "))


def test_flags_as_qemu_reads_them() -> None:
    text = cpu(
        running(), "-cpu", "qemu64", "-cpu", "qemu64,-avx,hv_relaxed,pcid=yes,hv-spinlocks=0x1fff,+avx"
    )
    assert "avx off" in text
    assert "hv-relaxed on" in text
    assert "pcid on" in text
    assert "hv-spinlocks 8191" in text


def test_processors_that_were_plugged_into_the_next_places_are_counted() -> None:
    found = running(machine={"smp": {"cpus": 1, "maxcpus": 4}}, cpu_places="xx--")
    assert "cpus 2" in cpu(found)
    assert list(unwritten_processors(found)) == []


def test_processors_behind_empty_places_are_told() -> None:
    found = running(machine={"smp": {"cpus": 1, "maxcpus": 4}}, cpu_places="x-x-")
    assert "cpus 1" in cpu(found)
    (told,) = unwritten_processors(found)
    assert told.startswith("cpu: 1 of 2 processors")


def test_room_without_slots_is_what_the_command_line_says() -> None:
    statements = machine_statements(running(), read_command_line(["-m", "128,maxmem=2048"]), BUILD)
    assert "memory 128MiB {\n  slots 0\n  max 2048MiB\n}" in list(statements)
