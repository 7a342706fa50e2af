"""The form of a hint file: what is written is read again, and nothing else is."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib

import pytest

from machdesc.hints.hint import VERSION, DeviceHint, Hints, Unreadable, hint_text, parse_hints

HINTS = Hints(
    "7.2.22",
    "Debian",
    "x86_64",
    "pc-i440fx-7.2",
    {"hpet": True},
    {"size": 536870912},
    {"cpus": 2, "maxcpus": 4},
    "qemu64-x86_64-cpu",
    {"pmu": False, "level": 13},
    {"pcid": "on"},
    (DeviceHint("e1000", "net", True, "pci.0", "03.0", {"mac": "52:54:00:12:34:56"}),),
)


def test_what_is_written_is_read() -> None:
    text = hint_text(HINTS)
    assert parse_hints(text.encode()) == HINTS
    assert hint_text(HINTS) == text
    assert HINTS.release == "7.2"
    assert max(map(len, text.splitlines())) < 120


def test_every_damaged_byte_is_found() -> None:
    data = hint_text(HINTS).encode()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        if bytes(changed).split() == data.split():
            continue  # another line break
        with pytest.raises(Unreadable):
            parse_hints(bytes(changed))


def test_every_cut_is_found() -> None:
    data = hint_text(HINTS).encode()
    for length in range(len(data) - 1):
        with pytest.raises(Unreadable):
            parse_hints(data[:length])


@pytest.mark.parametrize("data", [b"", b"machdesc 1\nguest a\n", b"\x7fELF\x02\x01", b"\xff\xfe\n" * 10])
def test_a_foreign_file_is_told(data: bytes) -> None:
    with pytest.raises(Unreadable, match="holds no hints; make some"):
        parse_hints(data)


@pytest.mark.parametrize("other", [VERSION - 1, VERSION + 1])
def test_another_version_is_told(other: int) -> None:
    text = hint_text(HINTS).replace(f"machdesc-hints {VERSION} ", f"machdesc-hints {other} ")
    with pytest.raises(Unreadable, match=f"is of version {other} of the format"):
        parse_hints(text.encode())


def test_more_behind_it_is_told() -> None:
    with pytest.raises(Unreadable, match="is damaged"):
        parse_hints(hint_text(HINTS).encode() + b"QUJD\n")


@pytest.mark.parametrize("version", ["9" * 5000, "01", "1x", ""])
def test_a_version_that_is_none_is_told(version: str) -> None:
    text = hint_text(HINTS).replace(f"machdesc-hints {VERSION} ", f"machdesc-hints {version} ")
    with pytest.raises(Unreadable):
        parse_hints(text.encode())


def _file(content: object) -> bytes:
    """A file with a right digest of any content."""
    data = json.dumps(content).encode() if not isinstance(content, bytes) else content
    head = f"machdesc-hints {VERSION} sha256={hashlib.sha256(data).hexdigest()}\n"
    return head.encode() + base64.b64encode(zlib.compress(data))


PLAIN = {
    "version": "7.2.22", "package": "", "arch": "x86_64", "machine": "pc-i440fx-7.2", "machine_values": {},
    "memory": {}, "topology": {}, "cpu": "", "cpu_values": {}, "cpu_flags": {}, "devices": [],
}  # fmt: skip
DEVICE = ["e1000", "net", True, "pci.0", "03.0", {"mac": "52:54:00:12:34:56"}]


def test_plain_content_is_read() -> None:
    found = parse_hints(_file({**PLAIN, "devices": [DEVICE]}))
    assert found.devices == (DeviceHint("e1000", "net", True, "pci.0", "03.0", DEVICE[-1]),)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    [
        None, "x", 7, [], {}, b"{", b"[" * 100000,
        {**PLAIN, "more": 1},
        {**PLAIN, "version": 7},
        {**PLAIN, "cpu": None},
        {**PLAIN, "machine_values": []},
        {**PLAIN, "memory": {"size": None}},
        {**PLAIN, "topology": 4},
        {**PLAIN, "cpu_flags": {"pcid": [True]}},
        {**PLAIN, "cpu_values": {"level": 1.5}},
        {**PLAIN, "devices": None},
        {**PLAIN, "devices": {"a": 1}},
        {**PLAIN, "devices": ["e1000"]},
        {**PLAIN, "devices": [DEVICE[:-1]]},
        {**PLAIN, "devices": [["e1000", None, *DEVICE[2:]]]},
        {**PLAIN, "devices": [["e1000", "net", 1, *DEVICE[3:]]]},
        {**PLAIN, "devices": [[*DEVICE[:-1], {"mac": ["a"]}]]},
        {**PLAIN, "devices": [[*DEVICE[:-1], None]]},
    ],
)  # fmt: skip
def test_content_of_another_form_is_told(content: object) -> None:
    with pytest.raises(Unreadable, match="is damaged"):
        parse_hints(_file(content))
