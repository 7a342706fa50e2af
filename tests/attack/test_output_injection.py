"""Real QEMUs read what is compiled: each text arrives as it is, and nothing else does.

Each start has one payload at many positions at once. Fast by default; with `MACHDESC_ATTACK=long` every
payload on every release.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from machdesc.backend.argument import shell_text
from machdesc.diagnostic import has_errors
from machdesc.library import Compiled, compile
from machdesc.model.load import load_source
from machdesc.source import source_of
from tests.attack.qemu_parser import cpu, options, readconfig, shell_words
from tests.attack.text_position import PAYLOADS, Position, whole
from tests.live.binary import RELEASES, Binary
from tests.live.conftest import binary_or_skip
from tests.live.machine import Machine, StartError, start, working_directory
from tests.live.stand_in import write_kernel

pytestmark = pytest.mark.live

LONG = os.environ.get("MACHDESC_ATTACK") == "long"
CHOSEN = (*PAYLOADS[::11], "x,,ssse3=on,,hv-vendor-id=zz", "a'b\"c,d=e\\f$(touch pwn)`touch pwn`%s;#")


class Seen(NamedTuple):
    """A position, and where QEMU shows its text: an object's path and property; empty where nowhere."""

    position: Position
    path: str = ""
    property: str = ""


def _at(part: str, statement: str, path: str = "", property: str = "") -> Seen:
    return Seen(Position(statement, part, statement), path, property)


SEEN = (
    _at("guest", "TEXT"),
    _at("cpu", "model-id TEXT", "/machine/unattached/device[0]", "model-id"),
    _at("boot", "kernel vmlinuz append TEXT", "/machine", "append"),
    _at(
        "outside", "device usb-tablet d at xhci.0/1 { serial TEXT }\nXHCI", "/machine/peripheral/d", "serial"
    ),
    _at(
        "outside",
        "device virtio-blk-pci v at pcie.0/05.0 { drive n  serial TEXT }",
        "/machine/peripheral/v/virtio-backend",
        "serial",
    ),
    _at(
        "outside",
        "global usb-kbd { serial TEXT }\ndevice usb-kbd k at xhci.0/2\nXHCI",
        "/machine/peripheral/k",
        "serial",
    ),
    _at("outside", "object authz-simple a { identity TEXT }", "/objects/a", "identity"),
    _at("outside", "smbios 1 { manufacturer TEXT }"),
    _at("outside", "smbios 11 { value [TEXT, TEXT] }"),
    _at("outside", 'fw_cfg "opt/org.example/a" { string TEXT }'),
    _at("host", "blockdev null-co n"),
    _at("host", "object authz-simple b { identity TEXT }", "/objects/b", "identity"),
    _at("host", "name { process TEXT }"),
    _at(
        "outside",
        "device virtio-serial-pci ser at pcie.0/06.0\ndevice virtserialport p at ser.0/1 { name TEXT }",
        "/machine/peripheral/p",
        "name",
    ),
    _at("outside", "device nvme-subsys y { nqn TEXT }", "/machine/peripheral/y", "nqn"),
    _at("host", "netdev user u { tftp TEXT }"),
    _at("host", "fsdev local f { path TEXT  security_model none }"),
    _at("host", "audiodev wav w { path TEXT }"),
)
"""Positions that take every text: a harmless start has all of them."""

FILES = (
    _at("host", "chardev file c { path TEXT }"),
    _at("host", "blockdev raw n { file { driver file  filename TEXT } }"),
    _at("host", "drive e { file.driver file  file.filename TEXT  format raw  if none }"),
    _at("host", 'arguments ["-pidfile", TEXT]'),
)
"""Positions of names of files, of which some exist before; each in a start of its own."""


def compiled(seen: list[Seen], text: str, release: str) -> Compiled | None:
    """A guest with the text at some positions; None when it is refused."""
    loaded, diagnostics = load_source(source_of(whole([(s.position, text) for s in seen]), "g"))
    if loaded is None or has_errors(diagnostics):
        return None
    return compile(loaded, release)[0]


def outputs(guest: Compiled, directory: Path) -> Iterator[tuple[str, list[str]]]:
    """What QEMU gets by each format, without the program: nothing of a file that is refused."""
    yield "argv", guest.arguments()
    text = shell_text(guest.program, guest.arguments())
    yield "args", shell_words("sh", text, directory)[1:]
    config, rest, diagnostics = guest.config()
    if not diagnostics:
        (directory / "guest.cfg").write_text(config)
        yield "config", ["-readconfig", "guest.cfg", *rest]


def inventory(machine: Machine) -> dict[str, object]:
    """What there is in a QEMU, by name: devices, objects, character devices, disks, and files beside it."""
    lists = ("/machine/peripheral", "/machine/peripheral-anon", "/objects", "/chardevs")
    found: dict[str, object] = {
        path: sorted(item["name"] for item in machine.ask("qom-list", path=path)) for path in lists
    }
    found["blocks"] = sorted(n["node-name"] for n in machine.ask("query-named-block-nodes"))
    found["ssse3"] = machine.ask("qom-get", path="/machine/unattached/device[0]", property="ssse3")
    found["files"] = sorted(os.listdir(os.fsencode(machine.directory)))
    return found


def prepare(directory: Path) -> None:
    write_kernel(directory / "vmlinuz")


@pytest.fixture(params=RELEASES)
def binary(request: pytest.FixtureRequest) -> Binary:
    return binary_or_skip(request.param)


@pytest.mark.parametrize("text", PAYLOADS if LONG else CHOSEN, ids=lambda text: repr(text[:24]))
def test_qemu_has_the_very_texts_and_nothing_else(text: str, binary: Binary, tmp_path: Path) -> None:
    harmless = compiled(list(SEEN), "zz", binary.release)
    assert harmless is not None
    said = [seen for seen in SEEN if compiled([*_needed(seen), seen], text, binary.release) is not None]
    assert len(said) >= len(SEEN) - 2, "more is refused than a comma of the CPU"
    guest = compiled(said, text, binary.release)
    assert guest is not None
    expected: dict[str, object] = {}
    with working_directory(binary) as directory:
        prepare(directory)
        with start(binary, harmless.arguments(), directory) as machine:
            expected = inventory(machine)
    for form, arguments in outputs(guest, tmp_path):
        with working_directory(binary) as directory:
            prepare(directory)
            if form == "config":
                (directory / "guest.cfg").write_bytes((tmp_path / "guest.cfg").read_bytes())
            with start(binary, arguments, directory) as machine:
                for seen in said:
                    if seen.path:
                        there = machine.ask("qom-get", path=seen.path, property=seen.property)
                        assert _as_shown(there) == _as_shown(text), (form, seen.position.name)
                if any(seen.position.part == "guest" for seen in said):
                    assert _as_shown(machine.ask("query-name").get("name", "")) == _as_shown(text), form
                found = inventory(machine)
                assert isinstance(found["files"], list)
                found["files"] = [name for name in found["files"] if name != b"guest.cfg"]
                assert found == expected, form
        assert [path.name for path in tmp_path.iterdir() if path.name != "guest.cfg"] == []


JSON = """
device virtio-blk-pci j at pcie.0/07.0 { drive jn  iothread-vq-mapping [{ iothread it }] }
object iothread it
"""
"""A list, with which all devices are given as JSON."""


@pytest.mark.parametrize("text", PAYLOADS if LONG else CHOSEN, ids=lambda text: repr(text[:24]))
@pytest.mark.parametrize("release", RELEASES[-2:])
def test_devices_as_json(text: str, release: str, tmp_path: Path) -> None:
    binary = binary_or_skip(release)
    more = [_at("outside", JSON), _at("host", "blockdev null-co jn")]
    said = [seen for seen in SEEN if compiled([*_needed(seen), seen], text, release) is not None]
    guest = compiled([*said, *more], text, release)
    if guest is None:  # a noncharacter, which JSON of QEMU cannot hold
        assert _as_shown(text) != text
        return
    devices = [word for word in guest.arguments() if word.startswith('{"driver"')]
    assert len(devices) > 4
    with working_directory(binary) as directory:
        prepare(directory)
        with start(binary, guest.arguments(), directory) as machine:
            for seen in said:
                if seen.path.startswith("/machine/peripheral"):
                    there = machine.ask("qom-get", path=seen.path, property=seen.property)
                    assert _as_shown(there) == _as_shown(text), seen.position.name
            assert "touch" not in " ".join(os.listdir(directory))
            assert not (directory / "pwn").exists()


SHORT = {
    "i": "device ide-hd i at ide.0/0 { drive si  model TEXT  serial TEXT  ver TEXT }",
    "s": "device scsi-hd s at ctl.0/0:0:0 { drive ss  vendor TEXT  product TEXT  ver TEXT  serial TEXT  "
    "device_id TEXT }",
    "n": "device nvme n at pcie.0/08.0 { drive sn  serial TEXT }",
    "f": "device virtio-9p-pci f at pcie.0/09.0 { fsdev sf  mount_tag TEXT }",
}
"""Devices whose texts have a limit of their own: id -> statement."""

SHORT_HOST = "blockdev null-co si\nblockdev null-co ss\nblockdev null-co sn\nfsdev synth sf"


FEW = [text for text in PAYLOADS if 0 < len(text.encode()) <= 8]


@pytest.mark.parametrize("text", FEW if LONG else FEW[::9], ids=repr)
def test_texts_with_a_limit(text: str, binary: Binary, tmp_path: Path) -> None:
    statements = "\n".join(("device virtio-scsi-pci ctl at pcie.0/0a.0", *SHORT.values()))
    guest = compiled([_at("outside", statements), _at("host", SHORT_HOST)], text, binary.release)
    assert guest is not None
    for form, arguments in outputs(guest, tmp_path):
        with working_directory(binary) as directory:
            if form == "config":
                (directory / "guest.cfg").write_bytes((tmp_path / "guest.cfg").read_bytes())
            with start(binary, arguments, directory) as machine:
                for id, statement in SHORT.items():
                    path = f"/machine/peripheral/{id}"
                    path += "/virtio-backend" if "virtio-9p" in statement else ""
                    for property in re.findall(r"(\w+) TEXT", statement):
                        there = machine.ask("qom-get", path=path, property=property)
                        assert _as_shown(there) == _as_shown(text), (form, id, property)


def _needed(seen: Seen) -> list[Seen]:
    """What a position needs beside it."""
    return [other for other in SEEN if other is not seen and "TEXT" not in other.position.statement]


def _as_shown(text: str) -> str:
    """A text as QMP shows it: QEMU's JSON has no noncharacters (util/unicode.c)."""
    return "".join("\ufffd" if ord(c) & 0xFFFE == 0xFFFE else c for c in text)


NAMES = tuple(text for text in PAYLOADS if 0 < len(text.encode()) < 100 and "/" not in text and text != ".")


@pytest.mark.parametrize("seen", FILES, ids=lambda seen: seen.position.statement.split()[1])
def test_qemu_opens_the_very_file(seen: Seen, binary: Binary, tmp_path: Path) -> None:
    for text in NAMES if LONG else NAMES[::9]:
        guest = compiled([seen], text, binary.release)
        assert guest is not None, text
        for form, arguments in outputs(guest, tmp_path):
            with working_directory(binary) as directory:
                before = {"qemu.stderr", "guest.cfg"}
                if form == "config":
                    (directory / "guest.cfg").write_bytes((tmp_path / "guest.cfg").read_bytes())
                if seen.position.statement.startswith(("blockdev", "drive")):
                    (directory / text).write_bytes(bytes(512))
                with start(binary, arguments, directory) as machine:
                    # The harness's own monitor aside, nothing is created but what the text says.
                    assert {path.name for path in directory.iterdir()} - before == {text}, (form, text)
                    nodes = [n["file"] for n in machine.ask("query-named-block-nodes")]
                    assert all(node == _as_shown(text) for node in nodes), (form, text)


RAW = (
    "a",
    "a,,b",
    "guest=a,,",
    ",,a",
    "a,",
    "'a'",
    "a\\,,b",
    "a,guest=b",
    "a,,,guest=c",
    "a,guest=b=c,,d",
    "=",
)
"""Texts behind `guest=`, as no one has quoted them, that name no other key."""


@pytest.mark.parametrize("text", RAW if LONG else RAW[::2])
def test_the_parsers_of_the_fast_tests_are_those_of_qemu(text: str, binary: Binary) -> None:
    name, append = f"guest={text}", f"pc,kernel=vmlinuz,append={text}"
    append = append.replace("guest=", "append=")
    model = "qemu64-v1,model-id=" + text.replace("guest=", "model-id=").replace(",,b", "").replace(",,d", "")
    arguments = ["-nodefaults", "-machine", append, "-name", name, "-cpu", model, "-accel", "tcg"]
    with working_directory(binary) as directory:
        prepare(directory)
        with start(binary, arguments, directory) as machine:
            assert machine.ask("query-name").get("name", "") == dict(options(name, "guest"))["guest"]
            there = machine.ask("qom-get", path="/machine", property="append")
            assert there == dict(options(append, "type"))["append"]
            there = machine.ask("qom-get", path="/machine/unattached/device[0]", property="model-id")
            assert there == dict(cpu(model))["model-id"]


@pytest.mark.parametrize("length", [1009, 1010, 1022, 1023, 1024, 2046, 2100])
def test_the_reader_of_configuration_of_the_fast_tests_is_that_of_qemu(length: int, binary: Binary) -> None:
    text = (
        "#"
        + "x" * (length - 1)
        + '[name]\n  guest = "a, b"c\n\n# [name]\n[object "o"]\n  qom-type = "authz-simple"\n'
    )
    text += '  identity = "i=j,,k"\n'
    try:
        groups = readconfig(text.encode())
    except AssertionError:
        groups = None
    with working_directory(binary) as directory:
        (directory / "a.cfg").write_text(text)
        arguments = ["-nodefaults", "-machine", "none", "-readconfig", "a.cfg"]
        if groups is None:
            with pytest.raises(StartError), start(binary, arguments, directory):
                pass
            return
        with start(binary, arguments, directory) as machine:
            said = {name: dict(pairs) for name, pairs in groups}
            assert machine.ask("query-name").get("name") == said.get("name", {}).get("guest")
            there = machine.ask("qom-get", path="/objects/o", property="identity")
            assert there == said["object"]["identity"] == "i=j,,k"
