"""A guest whose machine type QEMU has deleted shows the same hardware after `rebase`, on real QEMUs.

The old description under QEMU 10.0, which has its machine type, against the rebased one under 11.1.
What differs all the same stands with its reason in docs/upgrade.md, and nothing else may.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

import machdesc
from machdesc.abi.machine_class import DECISIONS, changed_decisions
from machdesc.lifecycle.transition import Transition, terms_of
from machdesc.live.acpi import split_tables
from machdesc.live.fw_cfg import open_fw_cfg
from machdesc.live.process import Process
from machdesc.live.view import View, differences, read_view
from tests.live.conftest import binary_or_skip
from tests.live.qom import Objects, read_objects
from tests.live.sight import seen

OLD, NEW = "10.0", "11.1"
PAGE = Path(__file__).parents[2] / "docs" / "upgrade.md"

HOST = """host {
  accel tcg
  netdev user lan
  netdev user spare
  object rng-builtin rnd
  chardev null c0
  audiodev none a0
  blockdev null-co disk { size 1GiB }
  blockdev null-co disk2 { size 1GiB }
  blockdev null-co disk3 { size 1GiB }
}
"""

Q35 = (
    """machdesc 1
guest old01 { uuid "7b1c3a52-0d57-4f0e-9e0c-4b6f3ad0c0aa" }
machine q35 @ 4.2
cpu Skylake-Server @ v1 { cpus 4 }
memory 1GiB
device VGA video0 at pcie.0/01.0 { vgamem_mb 16 }
device pcie-root-port rp1 at pcie.0/02.0 { multifunction on chassis 1 port 0x10 }
device pcie-root-port rp2 at pcie.0/02.1 { chassis 2 port 0x11 }
device pcie-root-port rp3 at pcie.0/02.2 { chassis 3 port 0x12 }
device pcie-pci-bridge br1 at rp3/00.0
device e1000 net1 at br1/01.0 { netdev spare mac "52:54:00:5e:00:02" }
device virtio-net-pci net0 at rp1/00.0 { netdev lan mac "52:54:00:5e:00:01" }
device virtio-blk-pci disk0 at rp2/00.0 { drive disk bootindex 1 serial "D1" }
device virtio-scsi-pci scsi0 at pcie.0/04.0
device scsi-hd disk1 at scsi0.0/0:0:0 { drive disk2 }
device qemu-xhci usb0 at pcie.0/05.0
device usb-tablet tablet0 at usb0.0/1
device virtio-balloon-pci balloon0 at pcie.0/06.0
device virtio-rng-pci rng0 at pcie.0/07.0 { rng rnd }
device nvme nvme0 at pcie.0/08.0 { drive disk3 serial "n1" }
device virtio-serial-pci ser0 at pcie.0/09.0
device isa-serial com0 at isa.0 { chardev c0 }
"""
    + HOST
)

I440FX = (
    """machdesc 1
guest old02 { uuid "7b1c3a52-0d57-4f0e-9e0c-4b6f3ad0c0ab" }
machine pc @ 4.2
cpu Nehalem { cpus 2 sockets 1 }
memory 1GiB { slots 2 max 4GiB }
device VGA video0 at pci.0/02.0 { vgamem_mb 16 }
device pci-bridge br1 at pci.0/03.0 { chassis_nr 1 }
device pci-bridge br2 at br1/01.0 { chassis_nr 2 }
device e1000 net1 at br1/02.0 { netdev spare mac "52:54:00:5e:00:02" }
device virtio-net-pci net0 at br2/01.0 { netdev lan mac "52:54:00:5e:00:01" }
device virtio-blk-pci disk0 at pci.0/04.0 { drive disk bootindex 1 serial "D1" }
device ide-hd disk1 at ide.0/0 { drive disk2 }
device piix3-usb-uhci usb0 at pci.0/01.2
device usb-tablet tablet0 at usb0.0/1
device virtio-balloon-pci balloon0 at pci.0/06.0
device virtio-rng-pci rng0 at pci.0/07.0 { rng rnd }
device lsi53c895a scsi0 at pci.0/08.0
device scsi-hd disk2 at scsi0.0/0:0:0 { drive disk3 }
device intel-hda hda0 at pci.0/09.0
device hda-duplex codec0 at hda0.0/0 { audiodev a0 }
device isa-serial com0 at isa.0 { chardev c0 }
"""
    + HOST
)

PLAIN_Q35 = """machdesc 1
guest old03 { uuid "7b1c3a52-0d57-4f0e-9e0c-4b6f3ad0c0ac" }
machine pc-q35-4.2 { smm off }
memory 512MiB
device pcie-root-port rp1 at pcie.0/02.0 { chassis 1 }
device virtio-vga video0 at pcie.0/01.0
device virtio-blk-pci disk0 at rp1/00.0 { drive disk }
host { accel tcg blockdev null-co disk { size 1GiB } }
"""

GUESTS = {"q35": Q35, "i440fx": I440FX, "plain q35": PLAIN_Q35}


LARGE = PLAIN_Q35.replace("512MiB", "20GiB { slots 0 max 40GiB }\ncpu EPYC { cpus 4 }")

TURNS = {
    "q35": (Q35, "9.2 9.0 8.1 8.0 7.0 6.1 5.2 5.1 5.0 3.1 2.10 2.6 2.5 2.4"),
    "i440fx": (I440FX, "9.2 9.0 8.1 8.0 7.0 6.1 5.2 5.1 5.0 3.1 2.10 2.6 2.5 2.4"),
    "large q35": (LARGE, "9.2 9.1 9.0 7.1 7.0 6.1 5.1 5.0"),
}
"""Guests, and the versions from which they are rebased within one release: those at which something turns."""


def rebased(text: str, release: str | None = None, version: str = NEW) -> tuple[Transition, str]:
    """What `rebase` makes of a text, under one release or from OLD to NEW."""
    description, _ = machdesc.load_source(machdesc.source_of(text, "guest"))
    assert description is not None
    guest, diagnostics = machdesc.resolve_description(description, release)
    assert not machdesc.has_errors(diagnostics), diagnostics
    transition, diagnostics = machdesc.rebase(guest, version, terms_of(guest.catalog, release))
    assert transition is not None, diagnostics
    assert (transition.old.release, transition.new.release) == (release or OLD, release or NEW)
    return transition, transition.source.text


@pytest.mark.live
@pytest.mark.parametrize(
    ("name", "version"), [(name, version) for name in TURNS for version in TURNS[name][1].split()]
)
def test_within_one_release_nothing_differs_but_what_check_tells(name: str, version: str) -> None:
    text = re.sub(r"(?<=[@-])( ?)4\.2", rf"\g<1>{version}", TURNS[name][0])
    transition, after = rebased(text, OLD, OLD)
    old, new = _look(text, OLD), _look(after, OLD)
    found = {" / ".join(d.key) for d in differences(old[0], new[0])} | _properties(old[1], new[1])
    told = {decision.name for decision, *_ in changed_decisions(transition.old, transition.new)}
    patterns = {
        row[0].strip("`"): _quoted(row[2]) for row in _table("member", "up to", "what the guest reads")
    }
    known = [pattern for member in told for pattern in patterns[member]]
    assert sorted(key for key in found if not _fits(key, known)) == []
    assert [m for m in told if not any(_is_met(pattern, found) for pattern in patterns[m])] == []
    lost = [f.message for f in transition.findings if f.breaks not in ("", "live")]
    assert bool(lost) == bool(found)


@pytest.mark.live
@pytest.mark.parametrize("name", GUESTS)
def test_a_rebased_guest_is_the_same_hardware(name: str) -> None:
    text = GUESTS[name]
    old, new = _look(text, OLD), _look(rebased(text)[1], NEW)
    found = {" / ".join(d.key) for d in differences(old[0], new[0], other_build=True)}
    known = exceptions("what the guest reads")
    assert sorted(key for key in found if not _fits(key, known)) == []
    ours = _properties(old[1], new[1])
    known_properties = exceptions("property")
    assert sorted(key for key in ours if not _fits(key, known_properties)) == []
    _met[name] = {pattern for pattern in (*known, *known_properties) if _is_met(pattern, found | ours)}


@pytest.mark.live
@pytest.mark.parametrize("name", GUESTS)
def test_the_dsdt_differs_where_the_page_says(name: str) -> None:
    """The three places, and lengths of what holds them."""
    old, new = _dsdt(GUESTS[name], OLD), _dsdt(rebased(GUESTS[name])[1], NEW)
    assert (old.count(_PCI_ROOT + b"\x01"), new.count(_PCI_ROOT + b"\x00")) == (1, 1)
    assert (old.count(_SWITCH), new.count(_SWITCH)) == (1, 0)
    expected = old.replace(_PCI_ROOT + b"\x01", _PCI_ROOT + b"\x00").replace(_SWITCH, b"")
    expected = expected.replace(_COM1 + b"\x22\x10\x00", _COM1 + b"\x23\x10\x00\x18")
    matcher = SequenceMatcher(None, expected, new, autojunk=False)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag != "equal" and start >= _HEADER:
            assert max(end - start, last - first) <= 2
            assert re.search(rb"(\x10|\x11|\x5b\x82).{0,3}$", expected[:start], re.DOTALL), start


_PCI_ROOT = b"\x0c\x41\xd0\x0a\x03\x08_UID"
"""EisaId ("PNP0A03"), Name (_UID, …)"""

_SWITCH = b"\x14\x0c_INI\x08\x70\x00CSEL"
"""Method (_INI, 0, Serialized) { Store (Zero, CSEL) }"""

_COM1 = b"\x47\x01\xf8\x03\xf8\x03\x00\x08"
"""IO (Decode16, 0x03F8, 0x03F8, 0x00, 0x08), behind which stands the interrupt."""

_HEADER = 36
"""Bytes of a table's header: its length and its checksum are in it."""


def test_the_page_has_each_decision() -> None:
    rows = {row[0].strip("`"): row[1] for row in _table(*_DECISIONS)}
    assert rows == {decision.name: decision.until for decision in DECISIONS}


@pytest.mark.live
def test_the_page_lists_nothing_that_does_not_differ() -> None:
    if set(_met) != set(GUESTS):
        pytest.skip("needs the tests above")
    listed = {*exceptions("what the guest reads"), *exceptions("property")}
    assert listed == set().union(*_met.values())


@pytest.mark.live
@pytest.mark.parametrize("name", GUESTS)
def test_without_rebasing_it_is_other_hardware(name: str) -> None:
    text = GUESTS[name]
    old, new = _look(text, OLD), _look(re.sub(r"(@ |-)4\.2", rf"\g<1>{NEW}", text), NEW)
    known = exceptions("what the guest reads")
    found = [" / ".join(d.key) for d in differences(old[0], new[0], other_build=True)]
    assert len([key for key in found if not _fits(key, known)]) > 10


_DECISIONS = ("member", "up to", "what the guest reads")
"""The columns of the page's table of what machine types decide by themselves."""

_met: dict[str, set[str]] = {}


def _look(text: str, release: str) -> tuple[View, dict[str, Objects]]:
    with seen(text, binary_or_skip(release)) as process:
        objects = read_objects(process.monitor, _peripherals(process))
        return read_view(process), objects


def _dsdt(text: str, release: str) -> bytes:
    with seen(text, binary_or_skip(release)) as process:
        device = open_fw_cfg(process.qtest)
        assert device is not None
        tables = split_tables(device.files()["etc/acpi/tables"])
    return next(table.content for table in tables if table.content.startswith(b"DSDT"))


def _peripherals(process: Process) -> list[str]:
    listed = process.monitor.ask("qom-list", path="/machine/peripheral")
    return [f"/machine/peripheral/{e['name']}" for e in listed if e["type"].startswith("child<")]


def _properties(old: dict[str, Objects], new: dict[str, Objects]) -> set[str]:
    """The properties of devices that both releases have and that differ, as `id / path / name`."""
    found = set()
    assert old.keys() == new.keys()
    for root in old:
        for path in old[root].keys() & new[root].keys():
            mine, theirs = old[root][path], new[root][path]
            for name in mine.keys() & theirs.keys():
                if mine[name] != theirs[name]:
                    found.add(" / ".join((root.rpartition("/")[2], *([path] if path else []), name)))
    return found


def exceptions(column: str) -> list[str]:
    """The patterns of a table of the page, whose rows are those and a reason."""
    return [pattern for row in _table(column, "why") for pattern in _quoted(row[0])]


def _table(*columns: str) -> list[list[str]]:
    """The rows of the page's table with these columns."""
    head = f"| {' | '.join(columns)} |\n"
    text = PAGE.read_text(encoding="utf-8")
    assert head in text, f"docs/upgrade.md has no table {head}"
    rows = []
    for line in text.partition(head)[2].splitlines()[1:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def _quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _fits(key: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in patterns)


def _is_met(pattern: str, keys: set[str]) -> bool:
    return any(fnmatchcase(key, pattern) for key in keys)
