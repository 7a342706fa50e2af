"""Real cases in which a guest's hardware broke: what the user had, and what check says of it.

Each was a public bug report or a patch that tells of one; the first line of a test says whose.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

import machdesc
from machdesc.check.compare import check_guests
from machdesc.cli.main import main
from machdesc.resolve.guest import Guest
from machdesc.source import source_of

MACHINES = Path(__file__).parents[2] / "machines"

WINDOWS = """machdesc 1
guest win10
machine pc @ 5.2
cpu qemu64 { cpus 2  hv-relaxed on  hv-vapic on  hv-spinlocks 8191 }
memory 4GiB
device ide-hd disk0 at ide.0/0 { drive system }
device e1000 net0 at pci.0/12.0 { mac "52:54:00:5e:00:01"  netdev lan }
host { accel kvm  netdev user lan  blockdev file system { filename "/var/lib/vm-100-disk-0.raw" } }
"""

LINUX = """machdesc 1
guest web01
machine q35 @ 9.2
cpu Skylake-Server @ v5 { cpus 4  sockets 1  cores 4  threads 1 }
memory 4GiB
device pcie-root-port rp1 at pcie.0/02.0 { chassis 1  port 0x10 }
device virtio-net-pci net0 at rp1/00.0 { mac "52:54:00:5e:00:01"  netdev lan }
device virtio-scsi-pci scsi0 at pcie.0/03.0
device scsi-hd disk0 at scsi0.0/0:0:0 { drive system }
host { accel kvm  netdev tap lan { vhost on }  blockdev file system { filename "/var/lib/web01.raw" } }
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to run in."""
    monkeypatch.delenv("MACHDESC_QEMU", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def edit(text: str, *changes: tuple[str, str]) -> str:
    """A text with parts of it replaced, each of which it has."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def check(capsys: pytest.CaptureFixture[str], old: str, new: str, *options: str) -> tuple[int, str]:
    """What the command says of two texts: the exit code, and all that is printed."""
    for name, text in (("old.md", old), ("new.md", new)):
        Path(name).write_text(f"```machdesc\n{text}```\n", encoding="utf-8")
    code = main(["check", "old.md", "new.md", *options])
    told = capsys.readouterr()
    return code, told.out + told.err


def upgrade(old: str, new: str) -> list[str]:
    """The options for another QEMU on each side."""
    return ["--old-qemu", old, "--new-qemu", new]


def headline(out: str, code: str) -> str:
    """The headlines of a rule's findings."""
    return "\n".join(line for line in out.splitlines() if f"[{code} " in line)


def codes(out: str) -> list[str]:
    """The codes of all findings."""
    return re.findall(r" \[(MD\d{3}) [a-z-]+\]$", out, re.MULTILINE)


def test_windows_loses_its_address_with_another_machine(capsys: pytest.CaptureFixture[str]) -> None:
    """A manager of Windows guests, 2021: with QEMU 5.2, an ACPI fix made devices enumerate anew."""
    floating = edit(WINDOWS, ("machine pc @ 5.2", "machine pc"))
    code, out = check(capsys, floating, floating, *upgrade("5.2", "7.2"))
    assert code == 1
    assert "the type changes from pc-i440fx-5.2 to pc-i440fx-7.2" in headline(out, "MD002")
    assert check(capsys, WINDOWS, WINDOWS, *upgrade("5.2", "7.2"))[0] == 0
    code, out = check(
        capsys, edit(WINDOWS, ("5.2", "5.1")), WINDOWS, "--qemu", "7.2", "--require", "additive"
    )
    assert code == 1
    assert "the number of the PCI root in the ACPI tables changes from 1 to 0" in headline(out, "MD002")


def test_a_manager_changes_its_layout(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same manager counts revisions of its own on top of QEMU's machine types: here it is a shared base,
    and each step has its reason."""
    base = (
        "```machdesc\nmachdesc 1\nmachine q35 @ 9.2\ndevice virtio-balloon-pci balloon0 at pcie.0/03.0\n```\n"
    )
    (folder / "one.md").write_text(base)
    (folder / "two.md").write_text(edit(base, ("pcie.0/03.0", "pcie.0/04.0")))
    text = 'machdesc 1\nguest a\ninclude "one.md"\nmemory 1GiB\n'
    code, out = check(capsys, text, edit(text, ("one.md", "two.md")))
    assert code == 1
    assert "two.md:4:39: error: balloon0: the address changes" in headline(out, "MD040")
    reason = 'ignore MD040 balloon0 { reason "revision 2: makes room for a second NIC"  until 2099-12-31 }\n'
    assert check(capsys, text, edit(text, ("one.md", "two.md")) + reason)[0] == 0


def test_an_mtu_on_one_side(capsys: pytest.CaptureFixture[str]) -> None:
    """The same manager, 2024: `host_mtu` given on one side, though it was the default; migration failed."""
    code, out = check(capsys, LINUX, edit(LINUX, ("netdev lan }", "netdev lan  host_mtu 1500 }")))
    assert code == 1
    assert "net0: `host_mtu` changes from 0 to 1500" in headline(out, "MD033")


def test_a_newer_version_offers_tunnels(capsys: pytest.CaptureFixture[str]) -> None:
    """The same manager, 2026: machine version 10.2 began to offer `host_tunnel`, and VXLAN broke."""
    old, new = (edit(LINUX, ("q35 @ 9.2", f"q35 @ {version}")) for version in ("10.1", "10.2"))
    code, out = check(capsys, old, new, "--require", "additive")
    assert code == 1
    assert "net0: `host_tunnel` changes from off to on" in headline(out, "MD033")
    kept = edit(new, ("virtio-net-pci net0", "virtio-net-pci @ 10.1 net0"))
    assert "net0" not in headline(check(capsys, old, kept)[1], "MD033")


def test_segmentation_offload_of_the_host(capsys: pytest.CaptureFixture[str]) -> None:
    """A manager in containers, 2025: `Failed to load virtio-net`, bits 54 to 56; also on the way back."""
    old, new = (edit(LINUX, ("q35 @ 9.2", f"q35 @ {version}")) for version in ("8.1", "8.2"))
    for pair in ((old, new), (new, old)):
        code, out = check(capsys, *pair)
        assert code == 1
        for name in ("host_uso", "guest_uso4", "guest_uso6"):
            assert f"net0: `{name}` changes" in headline(out, "MD033")
    off = ("netdev lan }", "netdev lan  host_uso off  guest_uso4 off  guest_uso6 off }")
    assert "net0" not in headline(check(capsys, edit(old, off), edit(new, off))[1], "MD033")


def test_two_builds_turn_it_off_for_one_type(folder: Path) -> None:
    """The same bits: a vendor's build turned them off for its types in retrospect; and a distribution's types
    drifted with its QEMU."""
    catalog = edited(folder, "11.1", ("pc-q35-9.2", ["virtio-net-device", "host_uso", "off"]))
    ours, theirs = guest(LINUX, "11.1"), guest(LINUX, "11.1", catalog)
    for pair, values in (((ours, theirs), ("on", "off")), ((theirs, ours), ("off", "on"))):
        (finding,) = check_guests(*pair)
        assert (finding.code, finding.subject, finding.old, finding.new) == ("MD033", "net0", *values)
    assert "`host_uso`" in finding.message


def test_the_most_cpus_come_from_the_host(capsys: pytest.CaptureFixture[str]) -> None:
    """Two managers: `Missing section footer … ICH9LPC`, since maxcpus was derived from the host."""
    old, new = (edit(LINUX, ("cpus 4", f"cpus 4  maxcpus {number}")) for number in (8, 16))
    old, new = (edit(text, ("sockets 1  cores 4  threads 1", "cores 4  threads 1")) for text in (old, new))
    code, out = check(capsys, old, new)
    assert code == 1
    assert "cpu: `maxcpus` changes from 8 to 16" in headline(out, "MD014")


def test_queues_grow_with_cpus(capsys: pytest.CaptureFixture[str]) -> None:
    """One of them: the target crashes, since SCSI queues scale with the CPUs."""
    more = ("cpus 4  sockets 1  cores 4", "cpus 8  sockets 1  cores 8")
    code, out = check(capsys, LINUX, edit(LINUX, more))
    assert code == 1
    assert "scsi0: `num_queues` changes from 4 to 8" in headline(out, "MD033")
    written = edit(LINUX, ("scsi0 at pcie.0/03.0", "scsi0 at pcie.0/03.0 { num_queues 4  vectors 7 }"))
    assert not headline(check(capsys, written, edit(written, more))[1], "MD033")


def test_the_field_that_builds_of_6_2_send_or_not(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A vendor's qemu-kvm 6.2: `Missing section footer for 0000:00:01.3/piix4_pm` (QEMU commit a83c2844)."""
    catalog = str(renamed(folder, "7.2", "6.2"))
    for old, new in (("6.2", "10.0"), ("10.0", "6.2")):
        code, out = check(capsys, WINDOWS, WINDOWS, *upgrade(old, new), "--catalog", catalog)
        assert code == 1
        told = headline(out, "MD001")
        assert "undecided: machine: the state of piix4_pm may not load: `Missing section footer" in told
        assert "`acpi_index`" in told
        assert (
            check(capsys, WINDOWS, WINDOWS, *upgrade(old, new), "--catalog", catalog, "--require", "cold")[0]
            == 0
        )
    q35 = edit(LINUX, ("q35 @ 9.2", "q35 @ 6.2"))
    told = headline(check(capsys, q35, q35, *upgrade("6.2", "10.0"), "--catalog", catalog)[1], "MD001")
    assert "piix4_pm" not in told
    assert check(capsys, WINDOWS, WINDOWS, *upgrade("5.2", "10.0"), "--catalog", catalog)[0] == 0


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("", '  romfile ""', "romfile` changes from efi-e1000.rom to empty"),
        ("", "  rombar 0", "rombar` changes from"),
        ("  romsize 0x40000", "  romsize 0x80000", "romsize` changes from 262144 to 524288"),
        ("", "  romsize 0x80000", "romsize` stays the same, because the size of efi-e1000.rom"),
    ],
)
def test_a_rom_on_one_side(capsys: pytest.CaptureFixture[str], one: str, other: str, told: str) -> None:
    """A launcher of experiments, and a distribution: unknown ramblock `0000:00:12.0/e1000.rom`."""
    old, new = (edit(WINDOWS, ("netdev lan }", f"netdev lan{words} }}")) for words in (one, other))
    code, out = check(capsys, old, new)
    assert code == 1
    assert told in headline(out, "MD033")
    assert check(capsys, new, old)[0] == 1


def test_from_one_vendor_to_another(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A manager in containers: the image came with another vendor's QEMU, of other machine types."""
    catalog = str(vendored(folder, "pc-q35-rhel9.4.0", "pc-q35-9.2"))
    vendor = edit(LINUX, ("q35 @ 9.2", "q35 @ rhel9.4.0"))
    for pair in ((vendor, LINUX), (LINUX, vendor)):
        code, out = check(capsys, *pair, "--catalog", catalog, "--require", "cold")
        assert code == 1
        assert "because a vendor's machine types are its own" in headline(out, "MD002")
    assert check(capsys, vendor, vendor, "--catalog", catalog)[0] == 0


def test_a_distribution_s_type_that_qemu_does_not_have(capsys: pytest.CaptureFixture[str]) -> None:
    """A builder of images: `pc-i440fx-focal` is no machine type."""
    code, out = check(capsys, edit(WINDOWS, ("pc @ 5.2", "pc-i440fx-focal")), WINDOWS)
    assert code == 2
    assert "old.md:4:9: error: " in out
    assert "`pc-i440fx-focal`" in out


def test_a_machine_without_a_version_floats(capsys: pytest.CaptureFixture[str]) -> None:
    """Two importers of guests wrote `q35`, which is another machine with each QEMU."""
    floating = edit(LINUX, ("q35 @ 9.2", "q35"))
    code, out = check(capsys, floating, floating, *upgrade("10.0", "11.1"))
    assert code == 1
    assert "the type changes from pc-q35-10.0 to pc-q35-11.1" in headline(out, "MD002")
    assert "MD002" not in codes(check(capsys, LINUX, LINUX, *upgrade("10.0", "11.1"))[1])


def test_a_machine_type_that_is_deleted(capsys: pytest.CaptureFixture[str]) -> None:
    """A server at home, 2025: after the upgrade, QEMU has no such machine type."""
    old = edit(WINDOWS, ("pc @ 5.2", "pc @ 4.2"))
    code, out = check(capsys, old, old, *upgrade("10.0", "11.1"))
    assert code == 2
    assert "`pc-i440fx-4.2`" in out
    assert "QEMU 10.0 has it" in out or "deleted" in out


def test_a_serial_number_that_windows_does_not_find(capsys: pytest.CaptureFixture[str]) -> None:
    """A cloud, 2026: the entry point of SMBIOS is another in 8.1 and 8.2; Windows reads no serial number."""
    for before, after in (("8.0", "8.1"), ("8.2", "9.0")):
        old, new = (edit(LINUX, ("q35 @ 9.2", f"q35 @ {version}")) for version in (before, after))
        out = check(capsys, old, new, "--require", "additive")[1]
        assert "machine: `smbios-entry-point-type` changes" in headline(out, "MD003")
    pinned = [
        edit(text, ("q35 @ 8.2", "q35 @ 8.2 { smbios-entry-point-type 32 }"))
        for text in [edit(LINUX, ("9.2", "8.2"))]
    ]
    pinned += [edit(pinned[0], ("q35 @ 8.2", "q35 @ 9.0"))]
    assert not headline(check(capsys, *pinned)[1], "MD003")


def test_hotplug_by_acpi(capsys: pytest.CaptureFixture[str]) -> None:
    """PCI hotplug of q35 moved to ACPI with 6.1."""
    old, new = (edit(LINUX, ("q35 @ 9.2", f"q35 @ {version}")) for version in ("6.0", "6.1"))
    code, out = check(capsys, old, new, "--require", "additive")
    assert code == 1
    assert "`acpi-pci-hotplug-with-bridge-support` of its own `ICH9-LPC`" in headline(out, "MD004")


def test_sockets_before_cores(capsys: pytest.CaptureFixture[str]) -> None:
    """Sockets were preferred before 6.2, cores are after; only a whole topology stays."""
    partly = edit(LINUX, ("cpus 4  sockets 1  cores 4  threads 1", "cpus 4"))
    old, new = (edit(partly, ("q35 @ 9.2", f"q35 @ {version}")) for version in ("6.1", "6.2"))
    out = check(capsys, old, new)[1]
    assert "cpu: `sockets` changes from 4 to 1" in headline(out, "MD014")
    assert "cpu: `cores` changes from 1 to 4" in headline(out, "MD014")
    old, new = (edit(LINUX, ("q35 @ 9.2", f"q35 @ {version}")) for version in ("6.1", "6.2"))
    assert not headline(check(capsys, old, new)[1], "MD014")


def test_a_new_disk_renames_the_network_card(capsys: pytest.CaptureFixture[str]) -> None:
    """Two launchers: slots shift when a device is added."""
    loose = edit(WINDOWS, (" at pci.0/12.0", ""))
    disk = "device virtio-blk-pci disk1 { drive more }\ndevice e1000 net0"
    more = ("blockdev file system", "blockdev null-co more  blockdev file system")
    code, out = check(capsys, loose, edit(loose, ("device e1000 net0", disk), more), "--require", "additive")
    assert code == 1
    assert "net0: cannot decide whether the address stays the same" in headline(out, "MD046")
    disk = disk.replace("disk1", "disk1 at pci.0/13.0")
    code, out = check(
        capsys, WINDOWS, edit(WINDOWS, ("device e1000 net0", disk), more), "--require", "additive"
    )
    assert code == 0
    assert codes(out) == ["MD031"]


def test_the_boot_disk_gets_another_controller(capsys: pytest.CaptureFixture[str]) -> None:
    """A launcher: INACCESSIBLE_BOOT_DEVICE after its upgrade."""
    new = edit(WINDOWS, ("device ide-hd disk0 at ide.0/0", "device virtio-blk-pci disk0 at pci.0/10.0"))
    code, out = check(capsys, WINDOWS, new, "--require", "additive")
    assert code == 1
    assert "disk0: the type changes from ide-hd to virtio-blk-pci" in headline(out, "MD032")
    assert "a boot disk may not be found" in out
    renamed_too = edit(new, ("virtio-blk-pci disk0", "virtio-blk-pci vda"))
    assert {"MD030", "MD031"} <= set(codes(check(capsys, WINDOWS, renamed_too)[1]))


def test_a_saved_state_carries_its_machine_type(capsys: pytest.CaptureFixture[str]) -> None:
    """A launcher of instances that are suspended: the state cannot be rewritten; a cold start is fine where
    SMBIOS keeps what it shows."""
    old, new = (edit(LINUX, ("q35 @ 9.2", f"q35 @ {version}")) for version in ("9.2", "10.0"))
    code, out = check(capsys, old, new)
    assert code == 1
    assert "a saved state carries the machine type's name and loads only under the same one" in out
    assert check(capsys, old, new, "--require", "additive")[0] == 0
    assert check(capsys, old, new, "--require", "cold")[0] == 1
    kept = "".join(f'smbios {table} {{ version "pc-q35-9.2" }}\n' for table in (1, 3, 4))
    old, new = (edit(text, ("host {", kept + "host {")) for text in (old, new))
    assert check(capsys, old, new)[0] == 1
    assert check(capsys, old, new, "--require", "cold")[0] == 0


def test_a_flag_that_qemu_10_reports_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    """A hyperconverged cluster: `extra features: ht`, though CPUID is the same."""
    assert check(capsys, LINUX, edit(LINUX, ("threads 1", "threads 1  ht on")))[0] == 0
    old = edit(LINUX, ("q35 @ 9.2", "q35 @ 7.2"))
    assert "MD012" not in codes(
        check(capsys, old, edit(old, ("threads 1", "threads 1  ht on")), *upgrade("7.2", "10.0"))[1]
    )
    alone = edit(LINUX, ("cpus 4  sockets 1  cores 4", "cpus 1  sockets 1  cores 1"))
    assert headline(check(capsys, alone, edit(alone, ("threads 1", "threads 1  ht on")))[1], "MD012")


@pytest.mark.parametrize("words", ["check on", "enforce on", "check off"])
def test_a_policy_is_no_hardware(capsys: pytest.CaptureFixture[str], words: str) -> None:
    """A cloud: a snapshot was refused, since the rule for comparing CPUs was `full` and became `partial`."""
    assert check(capsys, LINUX, edit(LINUX, ("threads 1", f"threads 1  {words}")))[0] == 0


def test_no_short_forms_reach_qemu(capsys: pytest.CaptureFixture[str]) -> None:
    """A runtime of containers: QEMU refused `kernel_irqchip` without a value."""
    text = edit(LINUX, ("accel kvm", "accel kvm { kernel-irqchip split }"))
    Path("g.md").write_text(f"```machdesc\n{text}```\n", encoding="utf-8")
    assert main(["compile", "g.md", "--qemu", "10.0"]) == 0
    assert "kvm,kernel-irqchip=split" in capsys.readouterr().out
    code, out = check(capsys, LINUX, text)
    assert code == 1
    assert "`kernel-irqchip` of kvm changes from on to split" in headline(out, "MD071")


def guest(text: str, release: str, catalog: machdesc.Catalog | None = None) -> Guest:
    """The guest of a text."""
    description, diagnostics = machdesc.load_source(source_of(text, "g.md"))
    assert description is not None
    found, more = machdesc.resolve_description(description, release, catalog)
    assert not machdesc.has_errors([*diagnostics, *more])
    return found


def edited(folder: Path, release: str, *entries: tuple[str, list[str]]) -> machdesc.Catalog:
    """A catalog in which a release's machine types have one compat property more each."""
    path = copied(folder) / "x86_64" / "release" / f"{release}.json"
    facts = json.loads(path.read_text())
    for machine, entry in entries:
        facts["compat"].setdefault(machine, []).append(entry)
    path.write_text(json.dumps(facts))
    return machdesc.load_catalog(directory=str(folder / "machines"))


def vendored(folder: Path, name: str, like: str) -> Path:
    """A catalog that has one machine type more, by a vendor's name, which is like one of QEMU's."""
    root = copied(folder)
    for path in (root / "x86_64" / "release").glob("1*.json"):
        facts = json.loads(path.read_text())
        facts["machines"][name] = {**facts["machines"][like], "alias": ""}
        facts["compat"][name] = []
        path.write_text(json.dumps(facts))
    return root


def renamed(folder: Path, release: str, name: str) -> Path:
    """A catalog in which what is known of one release is another's, which we have no binary of."""
    root = copied(folder)
    for path in (root / "x86_64").rglob("*.json"):
        text = path.read_text()
        word = re.escape(release)
        path.write_text(re.sub(rf'(?<=["]){word}(?=["]|\.\.)|(?<=\.\.){word}(?=")', name, text))
    (root / "x86_64" / "release" / f"{release}.json").rename(root / "x86_64" / "release" / f"{name}.json")
    return root


def copied(folder: Path) -> Path:
    """A copy of the shipped catalog."""
    shutil.copytree(MACHINES, folder / "machines", symlinks=True)
    return folder / "machines"
