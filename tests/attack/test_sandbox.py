"""The sandbox by generated guests: no text reaches QEMU unless it is known to be harmless."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import machdesc
from machdesc.backend.option import Option
from machdesc.catalog.catalog import load_catalog
from machdesc.live.sandbox import file_copy, known
from machdesc.live.sandbox.filter import type_verdict
from machdesc.live.sandbox.front_end import HOST_DISKS
from machdesc.live.sandbox.result import Harmless
from machdesc.live.sandbox.sandbox import replace_back_ends, replace_options
from machdesc.resolve.guest import Guest

CATALOG = load_catalog()
RELEASES = CATALOG.releases
MARK = "/etc/machdesc-mark"

EVIL = """machdesc 1
guest a
machine q35 @ 7.2 {extra}
memory 64MiB
{more}
host {{ accel tcg
{host}
}}
"""

ARGUMENTS = {
    "a script of a tap": ["-netdev", f"tap,id=x,script={MARK}"],
    "a file of a serial line": ["-serial", f"file:{MARK}"],
    "a device that writes": ["-chardev", f"file,id=x,path={MARK}", "-device", "isa-serial,chardev=x"],
    "a log": ["-D", MARK, "-d", "all"],
    "a plugin": ["-plugin", MARK],
    "a monitor": ["-monitor", f"unix:{MARK},server"],
    "another configuration": ["-readconfig", MARK],
}

STATEMENTS = {
    "netdev tap": f'netdev tap n {{ script "{MARK}"  downscript "{MARK}" }}',
    "netdev bridge": f'netdev bridge n {{ helper "{MARK}" }}',
    "netdev user": f'netdev user n {{ smb "{MARK}"  tftp "{MARK}"  guestfwd "tcp:10.0.2.1:1-cmd:{MARK}" }}',
    "netdev vde": f'netdev vde n {{ sock "{MARK}" }}',
    "chardev file": f'chardev file c {{ path "{MARK}" }}',
    "chardev logfile": f'chardev null c {{ logfile "{MARK}" }}',
    "chardev pipe": f'chardev pipe c {{ path "{MARK}" }}',
    "chardev serial": f'chardev serial c {{ path "{MARK}" }}',
    "blockdev file": f'blockdev file b {{ filename "{MARK}" }}',
    "blockdev json": f'blockdev raw b {{ file.driver file  file.filename "{MARK}" }}',
    "drive": f'drive d {{ file "{MARK}"  format raw  if none }}',
    "fsdev": f'fsdev local f {{ path "{MARK}"  security_model none }}',
    "tpmdev": f'tpmdev passthrough t {{ path "{MARK}" }}',
    "audiodev": f'audiodev wav a {{ path "{MARK}" }}',
    "object memory": f'object memory-backend-file m {{ size 1MiB  mem-path "{MARK}"  share on }}',
    "object rng": f'object rng-random r {{ filename "{MARK}" }}',
    "object secret": f'object secret s {{ file "{MARK}" }}',
    "object filter": f'netdev user n\nobject filter-dump f {{ netdev n  file "{MARK}" }}',
    "object input": f'object input-linux i {{ evdev "{MARK}" }}',
    "object pr": f'object pr-manager-helper p {{ path "{MARK}" }}',
    "vnc": f'vnc "unix:{MARK}"',
    "display": "display gtk",
    "sandbox": "sandbox { enable off }",
}  # fmt: skip

GUEST = {
    "machine dumpdtb": (f'{{ dumpdtb "{MARK}" }}', ""),
    "usb pcap": ("", f'device qemu-xhci x at pcie.0/05.0\ndevice usb-tablet t at x.0/1 {{ pcap "{MARK}" }}'),
    "romfile": ("", f'device e1000 n at pcie.0/06.0 {{ romfile "{MARK}" }}'),
    "global romfile": ("", f'global e1000 {{ romfile "{MARK}" }}'),
    "loader": ("", f'device loader l {{ file "{MARK}"  addr 0x1000 }}'),
    "usb-mtp": ("", f'device qemu-xhci x at pcie.0/05.0\ndevice usb-mtp t at x.0/1 {{ rootdir "{MARK}" }}'),
    "smbios file": ("", f'smbios 11 {{ path "{MARK}" }}'),
    "fw_cfg": ("", f'fw_cfg "opt/x" {{ file "{MARK}" }}'),
    "kernel": ("", f'boot {{ kernel "{MARK}"  initrd "{MARK}" }}'),
    "firmware": ("", f'boot {{ firmware "{MARK}" }}'),
    "splash": ("", f'boot {{ splash "{MARK}" }}'),
}


def sandboxed(text: str, folder: Path) -> Harmless:
    """A text compiled for 7.2 and sandboxed. What lint refuses of it reaches no QEMU either."""
    description, diagnostics = machdesc.load_source(machdesc.source_of(text, "evil.md"))
    assert description is not None, diagnostics
    compiled, more = machdesc.compile(description, "7.2")
    if compiled is None:
        pytest.skip("; ".join(found.message for found in more))
    assert any(MARK in word for word in compiled.arguments()), "the case says nothing"
    return replace_back_ends(compiled, folder)


def assert_nothing_of_it(harmless: Harmless) -> None:
    """The arguments do not speak of the mark, and one note or another does say that."""
    assert not [word for word in harmless.arguments() if "machdesc-mark" in word and MARK in word]
    assert harmless.places or harmless.replaced


@pytest.mark.parametrize("words", ARGUMENTS.values(), ids=ARGUMENTS)
def test_verbatim_arguments_do_not_pass(words: list[str], tmp_path: Path) -> None:
    host = "arguments [" + ", ".join(f'"{word}"' for word in words) + "]"
    harmless = sandboxed(EVIL.format(extra="", more="", host=host), tmp_path)
    assert_nothing_of_it(harmless)
    assert not set(words) & set(harmless.arguments())
    assert [place.subject for place in harmless.places if place.subject.startswith("arguments")]


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_back_ends_do_not_pass(statement: str, tmp_path: Path) -> None:
    if MARK not in statement:
        statement += f'\nchardev file c {{ path "{MARK}" }}'
    assert_nothing_of_it(sandboxed(EVIL.format(extra="", more="", host=statement), tmp_path))


@pytest.mark.parametrize(("extra", "more"), GUEST.values(), ids=GUEST)
def test_front_ends_name_no_file(extra: str, more: str, tmp_path: Path) -> None:
    assert_nothing_of_it(sandboxed(EVIL.format(extra=extra, more=more, host=""), tmp_path))


def bare(release: str) -> Guest:
    """A guest of which nothing matters but the release."""
    text = f"machdesc 1\nmachine q35 @ {release}\n"
    description = machdesc.load_source(machdesc.source_of(text))[0]
    assert description is not None
    return machdesc.resolve_description(description, release)[0]


def texts(release: str) -> Iterator[tuple[Option, str, str, str]]:
    """An option for each property of each type that may be a text: the option, the property's name, its kind,
    and what it refers to."""
    for name in CATALOG.names("device"):
        type_ = CATALOG.device(name)
        assert type_ is not None
        for entry in type_.properties(release).values():
            if entry.kind in ("str", "any"):
                option = Option("device", name, "d", ((entry.name, MARK),))
                yield option, entry.name, entry.kind, entry.refers
                pairs = (("driver", name), ("property", entry.name), ("value", MARK))
                yield Option("global", pairs=pairs), entry.name, entry.kind, entry.refers
    for name in CATALOG.names("object"):
        object_ = CATALOG.object(name)
        assert object_ is not None
        for entry in object_.properties(release).values():
            if entry.kind in ("str", "any"):
                yield Option("object", name, "o", ((entry.name, MARK),)), entry.name, entry.kind, entry.refers
    schema = CATALOG.machine_schema("pc-q35")
    assert schema is not None
    for entry in schema.properties(release).values():
        if entry.kind in ("str", "any"):
            yield (
                Option("machine", "pc-q35-7.2", "", ((entry.name, MARK),)),
                entry.name,
                entry.kind,
                entry.refers,
            )


@pytest.mark.parametrize("release", RELEASES)
def test_each_text_of_the_catalog(release: str, tmp_path: Path) -> None:
    """Only what has an entry, or names something in the same QEMU, is passed on."""
    guest = bare(release)
    allowed = {*known.DEVICE_TEXTS, *known.MACHINE_TEXTS, *known.OBJECT_TEXTS}
    count = 0
    for option, key, _, refers in texts(release):
        harmless = replace_options([option], guest, tmp_path)
        passed = any(MARK in word for word in harmless.arguments())
        assert not passed or refers or key.split(".")[0] in allowed or key in allowed, (option, key)
        count += 1
    assert count > 1000


@pytest.mark.parametrize("release", RELEASES)
def test_what_files_are_made_from_is_copied(release: str, tmp_path: Path) -> None:
    (tmp_path / "rom").write_bytes(b"rom")
    option = Option("device", "e1000", "n", (("romfile", "rom"),))
    harmless = replace_options([option], bare(release), tmp_path)
    assert list(harmless.files.values()) == [b"rom"]
    assert dict(harmless.options[-1].pairs)["romfile"] in harmless.files


def test_what_is_no_regular_file_is_not_copied(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (
        ("pipe", "regular"),
        ("/dev/zero", "regular"),
        (".", "directory"),
        ("sub/gone", "no such"),
    ):
        option = Option("device", "e1000", "n", (("romfile", name),))
        harmless = replace_options([option], bare("7.2"), tmp_path)
        assert harmless.files == {}
        assert [place for place in harmless.places if reason in place.reason.lower()], harmless.places


def test_a_large_file_is_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("machdesc.live.sandbox.file_copy.MOST_BYTES", 4)
    (tmp_path / "rom").write_bytes(b"12345")
    harmless = replace_options([Option("device", "e1000", "n", (("romfile", "rom"),))], bare("7.2"), tmp_path)
    assert harmless.files == {}
    assert [place for place in harmless.places if "larger" in place.reason]


@pytest.mark.parametrize("header", ["backing", "data file"])
def test_firmware_that_names_another_file_is_not_passed_on(header: str, tmp_path: Path) -> None:
    """A qcow2 image names its backing file and its data file itself."""
    image = bytearray(b"QFI\xfb" + (3).to_bytes(4, "big") + bytes(96))
    if header == "backing":
        image[8:16] = (104).to_bytes(8, "big")
    else:
        image[72:80] = (4).to_bytes(8, "big")
    (tmp_path / "code.qcow2").write_bytes(bytes(image))
    pairs = (("node-name", "code"), ("file.driver", "file"), ("file.filename", "code.qcow2"))
    options = [
        Option("machine", "pc-q35-7.2", pairs=(("pflash0", "code"),)),
        Option("blockdev", "qcow2", pairs=pairs),
    ]
    harmless = replace_options(options, bare("7.2"), tmp_path)
    assert harmless.copies == {}
    assert harmless.options[-1].first == "null-co"


def test_an_option_that_is_not_known_is_left_out(tmp_path: Path) -> None:
    harmless = replace_options([Option("novel", pairs=(("file", MARK),))], bare("7.2"), tmp_path)
    assert harmless.arguments() == ["-accel", "tcg"]
    assert [place.subject for place in harmless.places] == ["novel"]


def test_each_type_is_known_one_way_or_the_other() -> None:
    """A new release's new types are looked at: each is known to be harmless, or what it needs is."""
    unknown = [
        name
        for name in CATALOG.names("device")
        if (type_ := CATALOG.device(name)) is not None
        and any(type_.creatable(release) for release in RELEASES)
        and name not in HOST_DISKS
        and type_verdict(name).startswith("it is not known")
    ]
    assert unknown == []
    assert type_verdict("brand-new-device")


def test_copies_have_a_limit_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is small enough, and all of them would fill the memory."""
    monkeypatch.setattr(file_copy, "MOST_BYTES_TOGETHER", 2500)
    (tmp_path / "table").write_bytes(bytes(1000))
    tables = [Option("smbios", pairs=(("file", "table"),)) for _ in range(3)]
    harmless = replace_options(tables, bare("7.2"), tmp_path)
    assert sum(argument.startswith("file=") for argument in harmless.arguments()) == 2
    assert [place.reason for place in harmless.places] == ["is left out: all copies are larger than 0 MiB"]


def test_a_value_that_does_not_fit_its_kind_is_left_out(tmp_path: Path) -> None:
    """A catalog that calls a file's name a switch does not let it through."""
    for key in ("ioeventfd", "vectors", "disable-legacy", "host_mtu"):
        option = Option("device", "virtio-net-pci", "n", ((key, MARK),))
        assert dict(replace_options([option], bare("7.2"), tmp_path).options[-1].pairs) == {}


@pytest.mark.parametrize(("value", "passes"), [("on", False), ("off", True), ("true", False)])
def test_a_switch_that_opens_a_device_of_the_host(value: str, passes: bool, tmp_path: Path) -> None:
    option = Option("device", "virtio-gpu-pci", "g", (("blob", value),))
    harmless = replace_options([option], bare("10.0"), tmp_path)
    assert ("blob" in dict(harmless.options[-1].pairs)) is passes
    assert (("g", "blob") in harmless.changed) is not passes


@pytest.mark.parametrize(("type", "key"), [("loader", "file"), ("guest-loader", "kernel")])
def test_a_loader_without_its_file_is_left_out(type: str, key: str, tmp_path: Path) -> None:
    option = Option("device", type, "l", (("addr", "0x1000"), (key, MARK)))
    harmless = replace_options([option], bare("10.0"), tmp_path)
    assert [option.name for option in harmless.options] == ["accel"]
    assert harmless.places[-1].subject == "device l"
