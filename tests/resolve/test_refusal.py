"""Lint reports what QEMU refuses, and nothing that it takes; `tests.resolve.refusal` has the rows."""

from __future__ import annotations

import pytest

from machdesc.diagnostic import ERROR
from machdesc.library import resolve_description
from machdesc.model.load import load_source
from machdesc.source import source_of
from tests.resolve.refusal import NODE, ROWS, Row, whole

RELEASES = ("7.2", "10.0", "11.1")


def errors(text: str, release: str) -> list[str]:
    """The codes of the errors in a guest."""
    description, diagnostics = load_source(source_of(whole(text), "g"))
    assert description is not None
    diagnostics += resolve_description(description, release)[1]
    return [diagnostic.code for diagnostic in diagnostics if diagnostic.severity == ERROR]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.refused)
def test_what_qemu_refuses_is_an_error(row: Row, release: str) -> None:
    assert errors(row.refused, release) == [row.code]


@pytest.mark.parametrize(
    "text",
    [
        "global nvme { serial x }\ndevice nvme a at pcie.0/04.0",
        'device nvme a at pcie.0/04.0\nhost { arguments ["-global" "nvme.serial=x"] }',
        'device nvme a at pcie.0/04.0\nhost { arguments ["-global" "driver=nvme,property=serial,value=x"] }',
        'device nvme a at pcie.0/04.0\nhost { arguments ["-set" "device.a.serial=x"] }',
        'device nvme a at pcie.0/04.0\nhost { arguments ["-readconfig" "more.cfg"] }',
        'boot { append "x" }\nhost { arguments ["-kernel" "k"] }',
        'device AC97 a at pcie.0/04.0\nhost { arguments ["-audio" "driver=none"] }',
        "device qemu-xhci x at pcie.0/03.0\ndevice usb-hub h { port 1 }\ndevice usb-tablet t at x.0/1.1",
        f"cpu qemu64 {{ cpus 2 }}\n{NODE}  cpus [0, 0, 0-1] }}",
        "device intel-iommu i { aw-bits 0x30 }",
        "boot { order abc }",
        "machine microvm\nboot { order p }",
    ],
)
def test_what_looks_wrong_and_is_right(text: str) -> None:
    assert errors(text, "10.0") == []


def test_sound_devices_need_a_back_end_in_newer_releases() -> None:
    text = "device AC97 a at pcie.0/04.0"
    assert errors(text, "7.2") == []
    assert errors(text, "10.0") == ["missing-property"]
    assert errors("host { audiodev none s }\ndevice AC97 a at pcie.0/04.0 { audiodev s }", "10.0") == []


@pytest.mark.parametrize(("length", "refusing"), [(20, []), (21, ["11.1"])])
def test_a_length_is_held_to_where_qemu_does(length: int, refusing: list[str]) -> None:
    text = f'device nvme a at pcie.0/04.0 {{ serial "{"x" * length}" }}'
    assert [release for release in RELEASES if errors(text, release)] == refusing


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.taken)
def test_what_qemu_takes_is_none(row: Row, release: str) -> None:
    assert errors(row.taken, release) == []
