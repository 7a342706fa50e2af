"""Hints laid over descriptions: what they add, and what is told of those that do not apply."""

from __future__ import annotations

import pytest

import machdesc
from machdesc.catalog import table_x86_64
from machdesc.catalog.catalog import Catalog
from machdesc.diagnostic import Diagnostic, has_errors
from machdesc.hints.hint import DeviceHint, Hints
from machdesc.hints.overlay import lay_over
from machdesc.library import Compiled

GUEST = """machdesc 1
guest web
machine pc @ 11.1
cpu qemu64 @ v1 { cpus 1  maxcpus 1 }
memory 512MiB
device virtio-net-pci net at pci.0/03.0 { netdev lan  mac "52:54:00:12:34:56" }
device virtio-rng-pci rng at pci.0/04.0
host { accel tcg  netdev user lan }
"""

NET = DeviceHint("virtio-net-pci", "net", True, "pci.0", "03.0", {"mac": "52:54:00:12:34:56"})
RNG = DeviceHint("virtio-rng-pci", "", True, "pci.0", "04.0", {"period": 65536})


def hints(
    *devices: DeviceHint, machine: str = "pc-i440fx-7.2", arch: str = "x86_64", hpet: bool = True
) -> Hints:
    """The hints of a guest that QEMU 7.2 ran."""
    values = {"hpet": hpet}
    memory, topology, cpu = {"size": 512 << 20}, {"cpus": 1, "maxcpus": 1}, "qemu64-x86_64-cpu"
    return Hints(
        *("7.2.22", "", arch, machine, values, memory, topology),
        *(cpu, {}, {}, devices or (NET, RNG)),
    )


def compiled(text: str, found: Hints, release: str = "11.1") -> tuple[Compiled | None, list[Diagnostic]]:
    """A description compiled with hints."""
    description, _ = machdesc.load_source(machdesc.source_of(text, "guest.md"))
    assert description is not None
    return machdesc.compile(description, release, hints=("web.hints", found))


def arguments(text: str, found: Hints, release: str = "11.1") -> str:
    """The command line of a guest that has no errors."""
    guest, diagnostics = compiled(text, found, release)
    assert guest is not None, [diagnostic.message for diagnostic in diagnostics]
    assert not has_errors(diagnostics)
    return "\n".join(guest.arguments())


def codes(text: str, found: Hints) -> list[str]:
    """The codes of what is wrong, warnings too."""
    return [diagnostic.code for diagnostic in compiled(text, found)[1] if not _is_of_lint(diagnostic)]


def _is_of_lint(diagnostic: Diagnostic) -> bool:
    return diagnostic.code.startswith("deprecated")


def test_what_would_be_otherwise_is_written() -> None:
    net = NET._replace(values={**NET.values, "vectors": 3, "mrg_rxbuf": False})
    found = arguments(GUEST, hints(net, RNG))
    assert "mrg_rxbuf=off" in found
    assert "vectors=3" in found


def test_what_the_old_machine_has_is_kept_of_new_properties() -> None:
    found = arguments(GUEST, hints())
    assert "x-pcie-ext-tag=off" in found
    assert "driver=i440FX,property=x-pcie-ext-tag,value=off" in found
    assert "type=1,version=pc-i440fx-7.2" in found


def test_flags_of_the_cpu_are_kept() -> None:
    flagged = hints()._replace(cpu_flags={"pcid": True})
    assert "qemu64-v1,pcid=on" in arguments(GUEST, flagged)
    text = GUEST.replace("maxcpus 1 }", "maxcpus 1  pcid on }")
    assert arguments(text, flagged).count("pcid=on") == 1
    assert codes(text.replace("pcid on", "pcid off"), flagged) == ["hint-contradicted"]


def test_the_same_machine_needs_nothing() -> None:
    text = GUEST.replace("11.1", "7.2")
    plain, _ = compiled(text, hints(), "7.2")
    description, _ = machdesc.load_source(machdesc.source_of(text, "guest.md"))
    assert description is not None
    bare, _ = machdesc.compile(description, "7.2")
    assert plain is not None
    assert bare is not None
    assert plain.arguments() == bare.arguments()


def test_a_place_is_given() -> None:
    found = arguments(GUEST.replace(" at pci.0/04.0", ""), hints())
    assert "virtio-rng-pci,id=rng,bus=pci.0,addr=04.0" in found


@pytest.mark.parametrize(
    ("old", "new", "found", "code"),
    [
        ("net at pci.0/03.0", "net at pci.0/07.0", hints(), "hint-of-another-place"),
        ("virtio-rng-pci", "virtio-balloon-pci", hints(NET, RNG._replace(id="rng")), "hint-of-another-type"),
        ("device virtio-rng-pci rng at pci.0/04.0\n", "", hints(), "hint-without-device"),
        ("34:56", "34:57", hints(), "hint-contradicted"),
        ("qemu64 @ v1", "Skylake-Server @ v4", hints(), "hint-contradicted"),
        ("", "", hints(NET._replace(values={"no-such": 7}), RNG), "hint-without-property"),
        ("", "", hints(machine="pc-q35-7.2"), "hint-for-another-machine"),
        ("", "", hints(arch="aarch64"), "hint-for-another-machine"),
        ("", "", hints(NET), "no-hint"),
        ("", "", hints(NET._replace(bus="gone"), RNG), "hint-of-another-place"),
        (" at pci.0/04.0", "", hints(NET, RNG._replace(bus="gone")), "hint-of-another-place"),
        ("", "", hints(machine="pc-i440fx-9.9"), "version-untold"),
        ("pc @ 11.1", "pc @ 11.1 { hpet on }", hints(hpet=False), "hint-contradicted"),
    ],
)  # fmt: skip
def test_a_hint_that_does_not_apply(old: str, new: str, found: Hints, code: str) -> None:
    assert code in codes(GUEST.replace(old, new) if old else GUEST, found)


def test_a_property_that_is_gone_with_its_default_is_no_loss() -> None:
    e1000 = DeviceHint("e1000", "old", True, "pci.0", "06.0", {"mitigation": True})
    text = GUEST.replace("host {", 'device e1000 old at pci.0/06.0 { mac "52:54:00:12:34:58" }\nhost {')
    assert codes(text, hints(NET, RNG, e1000)) == []
    off = e1000._replace(values={"mitigation": False})
    assert codes(text, hints(NET, RNG, off)) == ["hint-without-property"]


def test_all_errors_come_in_one_run() -> None:
    wrong = NET._replace(unit="09.0", values={"mac": "52:54:00:00:00:01", "no-such": 7})
    found = codes(GUEST, hints(wrong, RNG, RNG._replace(unit="0a.0")))
    assert {"hint-of-another-place", "hint-contradicted", "hint-without-property", "hint-without-device"} <= {
        *found
    }


SCSI = """device virtio-scsi-pci scsi0 at pci.0/05.0
device scsi-hd one at scsi0.0/0:0:1 { drive a }
device scsi-hd two at scsi0.0/0:0:2 { drive b }
host { blockdev null-co a { size 1MiB }  blockdev null-co b { size 1MiB }
"""


def test_a_controller_that_had_no_id() -> None:
    scsi = DeviceHint("virtio-scsi-pci", "", True, "pci.0", "05.0", {})
    one = DeviceHint("scsi-hd", "", True, "scsi.0", "0:0:1", {"serial": "first"})
    two = DeviceHint("scsi-hd", "", True, "scsi.0", "0:0:2", {"serial": "second"})
    text = GUEST.replace("host {", SCSI)
    assert codes(text, hints(NET, RNG, two, one, scsi)) == []
    found = arguments(text, hints(NET, RNG, two, one, scsi)).splitlines()
    (first,) = [line for line in found if "serial=first" in line]
    assert "scsi-hd,id=one," in first
    elsewhere = two._replace(unit="0:0:3")
    assert codes(text, hints(NET, RNG, one, elsewhere, scsi)) == ["hint-of-another-place"]
    named = scsi._replace(id="scsi0")
    assert set(codes(text, hints(NET, RNG, one, two, named))) == {"no-hint", "hint-without-device"}


STICK = """device usb-ehci usb at pci.0/06.0
device usb-storage one at usb.0/1 { drive a }
device usb-storage two at usb.0/2 { drive b }
host { blockdev null-co a { size 1MiB }  blockdev null-co b { size 1MiB }
"""


def test_two_devices_that_need_two_values_of_a_global() -> None:
    usb = DeviceHint("usb-ehci", "usb", True, "pci.0", "06.0", {})
    one = DeviceHint("usb-storage", "one", True, "usb.0", "1", {"scsi-hd.dpofua": True})
    two = one._replace(id="two", unit="2")
    text = GUEST.replace("host {", STICK)
    made = DeviceHint("scsi-hd", "", False, "one.0", "0:0:0", {})
    assert "driver=scsi-hd,property=dpofua,value=on" in arguments(text, hints(NET, RNG, usb, one, two, made))
    as_in_7_2 = {"scsi-hd.dpofua": False}
    assert codes(text, hints(NET, RNG, usb, one, two._replace(values=as_in_7_2))) == ["hint-conflict"]
    assert codes(text, hints(NET, RNG, usb, one._replace(values=as_in_7_2), two)) == ["hint-conflict"]
    both = [each._replace(values=as_in_7_2) for each in (one, two)]
    assert "driver=scsi-hd,property=dpofua,value=off" in arguments(text, hints(NET, RNG, usb, *both))


def test_a_value_that_only_the_new_machine_has_by_itself() -> None:
    scsi = DeviceHint("virtio-scsi-pci", "scsi0", True, "pci.0", "05.0", {})
    one = DeviceHint("scsi-hd", "one", True, "scsi0.0", "0:0:1", {"dpofua": True})
    two = one._replace(id="two", unit="0:0:2", values={"dpofua": False})
    found = arguments(GUEST.replace("host {", SCSI), hints(NET, RNG, scsi, one, two)).splitlines()
    disks = [dict(pair.split("=") for pair in line.split(",")[1:]) for line in found if "scsi-hd,id" in line]
    assert [(disk["id"], disk["dpofua"]) for disk in disks] == [("one", "on"), ("two", "off")]


def test_a_default_of_the_old_machine_type_that_its_qemu_did_not_have() -> None:
    assert "smbios-entry-point-type=32" in arguments(GUEST, hints())
    told = hints()._replace(machine_values={"smbios-entry-point-type": "64"})
    assert "smbios-entry-point-type=64" in arguments(GUEST, told)
    written = GUEST.replace("pc @ 11.1", "pc @ 11.1 { smbios-entry-point-type 64 }")
    assert "smbios-entry-point-type=32" not in arguments(written, hints())


def test_flags_of_a_processor_that_is_not_described() -> None:
    text = GUEST.replace("cpu qemu64 @ v1 { cpus 1  maxcpus 1 }\n", "")
    assert "qemu64,pcid=on" in arguments(text, hints()._replace(cpu_flags={"pcid": True}))


def test_a_machine_type_of_a_distribution() -> None:
    name, base = "pc-i440fx-jammy-hpb", "pc-i440fx-6.2"
    tables = dict(vars(table_x86_64))
    newest = next(
        number for entry, _, spans in tables["MACHINES"] if entry == base for _, number in spans[-1:]
    )
    bit = 1 << tables["RELEASES"].index("11.1")
    tables["MACHINES"] = (*tables["MACHINES"], (name, "pc-i440fx", ((bit, newest),)))
    tables["FOLLOWS"] = (*tables["FOLLOWS"], ("11.1", name, base))
    tables["COMPAT"] = (*tables["COMPAT"], ("11.1", name, (("virtio-net-device", "host_uso", "on"),)))
    description, _ = machdesc.load_source(machdesc.source_of(GUEST, "guest.md"))
    assert description is not None
    guest, _ = machdesc.resolve_description(description, "11.1", Catalog(tables))
    laid = lay_over(guest, hints(machine=name), "web.hints")
    versions = [s.version.text for s in laid.description.all("device") if s.version is not None]
    assert versions == ["jammy-hpb", "jammy-hpb"]
    again, diagnostics = machdesc.resolve_description(laid.description, "11.1", Catalog(tables))
    assert not has_errors(diagnostics)
    assert [device.version for device in again.devices] == versions


def test_another_memory_is_told() -> None:
    had = hints()._replace(memory={"size": 1 << 30, "slots": 4, "max": 4 << 30})
    (found,) = (d for d in compiled(GUEST, had)[1] if d.code == "hint-contradicted")
    assert found.message == "memory: `size` is 536870912 here, and 1073741824 in web.hints"
    assert codes(GUEST.replace("512MiB", "1GiB { slots 4  max 2GiB }"), had) == ["hint-contradicted"]
    assert codes(GUEST.replace("512MiB", "1GiB { slots 8  max 4GiB }"), had) == ["hint-contradicted"]
    assert codes(GUEST.replace("512MiB", "1GiB { slots 4  max 4GiB }"), had) == []


def test_memory_that_is_not_said_is_given() -> None:
    had = hints()._replace(memory={"size": 1 << 30, "slots": 4, "max": 4 << 30})
    whole = "size=1024M,slots=4,maxmem=4096M"
    assert whole in arguments(GUEST.replace("512MiB", "1GiB"), had)
    assert whole in arguments(GUEST.replace("memory 512MiB\n", ""), had)
    assert "-m\n" not in arguments(GUEST.replace("memory 512MiB\n", ""), hints()._replace(memory={}))


def test_another_number_of_processors_is_told() -> None:
    had = hints()._replace(topology={"cpus": 4, "maxcpus": 4, "sockets": 4, "cores": 1, "threads": 1})
    found = [d.message for d in compiled(GUEST, had)[1] if d.code == "hint-contradicted"]
    assert found == [f"cpu: `{name}` is 1 here, and 4 in web.hints" for name in ("cpus", "maxcpus")]
    assert codes(GUEST.replace("cpus 1  maxcpus 1", "cpus 4  cores 4"), had) == ["hint-contradicted"]
    assert codes(GUEST.replace("cpus 1  maxcpus 1", "cpus 4  sockets 4"), had) == []


@pytest.mark.parametrize("cpu", ["", "cpu qemu64 @ v1\n"])
def test_processors_that_are_not_said_are_given(cpu: str) -> None:
    had = hints()._replace(topology={"cpus": 2, "maxcpus": 4, "sockets": 4, "cores": 1, "threads": 1})
    text = GUEST.replace("cpu qemu64 @ v1 { cpus 1  maxcpus 1 }\n", cpu)
    (found,) = (line for line in arguments(text, had).splitlines() if "maxcpus" in line)
    assert {"cpus=2", "maxcpus=4", "sockets=4"} <= {*found.split(",")}


def test_usb_controllers_that_are_described() -> None:
    uhci = DeviceHint("piix3-usb-uhci", "", False, "pci.0", "01.2", {"multifunction": False})
    had = hints(NET, RNG, uhci)._replace(machine_values={"usb": True})
    described = GUEST.replace("host {", "device piix3-usb-uhci usb at pci.0/01.2\nhost {")
    assert "usb=on" not in arguments(described, had)
    said = GUEST.replace("pc @ 11.1", "pc @ 11.1 { usb on }")
    assert "usb=on" in arguments(said, had)
    assert codes(GUEST, had) == ["hint-without-device"]
    off = had._replace(machine_values={"usb": False})
    assert codes(said, off) == ["hint-contradicted"]


@pytest.mark.parametrize(
    ("type", "at", "values"),
    [
        ("AC97", "pci.0/06.0", {"busnr": 0}),
        ("piix3-usb-uhci", "pci.0/01.2", {"busnr": 0}),
        ("usb-tablet", "x.0/1", {"attached": True}),
        ("usb-hub", "x.0/1", {"attached": True}),
        ("nvdimm", "", {"label-size": 0}),
        ("pc-dimm", "", {"size": 16777216}),
        ("virtio-mem-pci", "pci.0/06.0", {"size": 0}),
    ],
)
def test_what_qemu_refuses_to_be_told_is_not_written(
    type: str, at: str, values: dict[str, bool | int | str]
) -> None:
    bus, _, unit = at.partition("/")
    more = (
        DeviceHint("qemu-xhci", "x", True, "pci.0", "07.0", {}),
        DeviceHint(type, "it", True, bus, unit, values),
    )
    ends = {"AC97": " { audiodev silent }", "piix3-usb-uhci": "", "usb-tablet": "", "usb-hub": ""}
    end = ends.get(type, " { memdev ram }")
    silent = "  audiodev none silent" if type == "AC97" else ""
    text = (
        GUEST.replace(
            "host {",
            "device qemu-xhci x at pci.0/07.0\nobject memory-backend-ram ram { size 16MiB }\n"
            f"device {type} it{f' at {at}' if at else ''}{end}\nhost {{\n{silent}",
        )
        .replace("512MiB", "512MiB { slots 1  max 1GiB }")
        .replace("pc @ 11.1", "pc @ 11.1 { nvdimm on }")
    )
    (name,) = values
    assert f"{name}=" not in arguments(text, hints(NET, RNG, *more)).partition(f"{type},id=it")[2]


def test_what_a_device_makes_is_no_device_of_the_description() -> None:
    vga = DeviceHint("ati-vga", "vga", True, "pci.0", "06.0", {})
    ddc = DeviceHint("i2c-ddc", "", False, "ati-vga.ddc", "", {})
    text = GUEST.replace("host {", "device ati-vga vga at pci.0/06.0\nhost {")
    assert codes(text, hints(NET, RNG, vga, ddc)) == []


@pytest.mark.parametrize("written", ["", "  masterbus ehci.0"])
def test_the_bus_of_a_controller_that_had_no_id(written: str) -> None:
    ehci = DeviceHint("ich9-usb-ehci1", "", False, "pci.0", "1d.7", {})
    uhci = DeviceHint("ich9-usb-uhci1", "", False, "pci.0", "1d.0", {"masterbus": "usb-bus.0"})
    text = GUEST.replace(
        "host {",
        "device ich9-usb-ehci1 ehci at pci.0/1d.7 { multifunction on }\n"
        f"device ich9-usb-uhci1 uhci at pci.0/1d.0 {{ multifunction on{written} }}\nhost {{",
    )
    found = arguments(text, hints(NET, RNG, ehci, uhci))
    assert "usb-bus.0" not in found
    assert "masterbus=ehci.0" in found
    other = text.replace("masterbus ehci.0", "masterbus usb.0").replace("ehci1 ehci at", "ehci1 usb at")
    assert "masterbus=usb.0" in arguments(other, hints(NET, RNG, ehci, uhci))


def test_a_unit_that_is_written_as_a_property() -> None:
    nvme = DeviceHint("nvme", "n", True, "pci.0", "06.0", {})
    space = DeviceHint("nvme-ns", "ns", True, "n", "7", {"nsid": 7})
    text = GUEST.replace(
        "host {",
        'device nvme n at pci.0/06.0 { serial "a" }\ndevice nvme-ns ns at n { drive d  nsid 7 }\n'
        "host { blockdev null-co d { size 1MiB }",
    )
    assert "nvme-ns,id=ns,bus=n,drive=d,nsid=7" in arguments(text, hints(NET, RNG, nvme, space))
    assert codes(text, hints(NET, RNG, nvme, space._replace(unit="8", values={"nsid": 8}))) == [
        "hint-contradicted"
    ]
    unsaid = text.replace("  nsid 7", "")
    assert "nvme-ns,id=ns,bus=n,nsid=7,drive=d" in arguments(unsaid, hints(NET, RNG, nvme, space))


def test_what_qemu_made_up_is_no_loss() -> None:
    iommu = DeviceHint("virtio-iommu-pci", "iommu", True, "pci.0", "06.0", {"len-reserved-regions": 1})
    text = GUEST.replace("host {", "device virtio-iommu-pci iommu at pci.0/06.0\nhost {")
    assert codes(text, hints(NET, RNG, iommu)) == []


def test_a_state_of_the_keyboard_that_the_old_machine_type_does_not_save() -> None:
    keyboard = DeviceHint("i8042", "", False, "isa.0", "", {"extended-state": False, "kbd-irq": 1})
    found = arguments(GUEST, hints(NET, RNG, keyboard, machine="pc-i440fx-5.2"))
    assert "driver=i8042,property=extended-state,value=off" in found
