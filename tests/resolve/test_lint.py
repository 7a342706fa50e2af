"""Each check of a description's sense: a text that must trigger it and one that must not."""

from __future__ import annotations

import pytest

from machdesc.diagnostic import Diagnostic
from machdesc.library import resolve_description
from machdesc.model.load import load_source
from machdesc.source import source_of

HEAD = "machdesc 1\nguest g\nmachine q35 @ 7.2\n"


def findings(text: str, release: str = "10.0") -> list[Diagnostic]:
    """What lint says of the statements of a guest on q35."""
    text = "machdesc 1\n" + text if text.startswith("machine ") else HEAD + text
    description, diagnostics = load_source(source_of(text, "g"))
    assert description is not None
    return diagnostics + resolve_description(description, release)[1]


def codes(text: str, release: str = "10.0") -> list[str]:
    """The codes alone, without those of deprecation."""
    return [d.code for d in findings(text, release) if d.code != "deprecated-machine-type"]


CASES = {
    "duplicate-id": (
        "device virtio-rng-pci a at pcie.0/02.0\ndevice virtio-rng-pci a at pcie.0/03.0",
        "device virtio-rng-pci a at pcie.0/02.0\ndevice virtio-rng-pci b at pcie.0/03.0",
    ),
    "address-taken": (
        "device e1000 a at pcie.0/02.0\ndevice e1000 b at pcie.0/2",
        "device e1000 a at pcie.0/02.0\ndevice e1000 b at pcie.0/03.0",
    ),
    "bad-address": (
        "device pcie-root-port rp at pcie.0/02.0 { chassis 1 }\ndevice e1000e n at rp/01.0",
        "device pcie-root-port rp at pcie.0/02.0 { chassis 1 }\ndevice e1000e n at rp/00.0",
    ),
    "no-multifunction": (
        "device e1000 a at pcie.0/02.0\ndevice e1000 b at pcie.0/02.1",
        "device e1000 a at pcie.0/02.0 { multifunction on }\ndevice e1000 b at pcie.0/02.1",
    ),
    "no-function-0": (
        "device e1000 b at pcie.0/02.1",
        "device e1000 b at pcie.0/1f.5",
    ),
    "unknown-bus": (
        "device virtio-rng-pci a at pcie.1/02.0",
        "device virtio-rng-pci a at pcie.0/02.0",
    ),
    "wrong-bus-type": (
        "device usb-tablet t at pcie.0/02.0",
        "device qemu-xhci usb at pcie.0/02.0\ndevice usb-tablet t at usb.0/1",
    ),
    "no-address": (
        "device virtio-rng-pci a",
        "device virtio-rng-pci a at pcie.0/02.0",
    ),
    "undefined-name": (
        "device e1000 a at pcie.0/02.0 { netdev lan }",
        "device e1000 a at pcie.0/02.0 { netdev lan }\nhost { netdev user lan }",
    ),
    "unused": (
        "host { netdev user lan }",
        "device e1000 a at pcie.0/02.0 { netdev lan }\nhost { netdev user lan }",
    ),
    "topology": (
        "cpu qemu64 { cpus 4  sockets 1  cores 3  threads 1 }",
        "cpu qemu64 { cpus 4  maxcpus 6  sockets 1  cores 3  threads 2 }",
    ),
    "too-many-cpus": ("cpu qemu64 { cpus 4097 }", "cpu qemu64 { cpus 255 }"),
    "memory-too-large": ("memory 2T", "cpu qemu64 { phys-bits 46 }\nmemory 2T"),
    "phys-bits": ("cpu qemu64 { phys-bits 8 }\nmemory 1G", "cpu qemu64 { phys-bits 0 }\nmemory 1G"),
    "memory-slots": ("memory 1G { slots 2 }", "memory 1G { slots 2  max 2G }"),
    "memory-unit": ("memory 512", "memory 512M"),
    "numa-memory": (
        "memory 2G\nobject memory-backend-ram m { size 1G }\nnuma node { nodeid 0  memdev m }",
        "memory 1G\nobject memory-backend-ram m { size 1G }\nnuma node { nodeid 0  memdev m }",
    ),
    "unknown-cpu-model": ("cpu Skylake-Server @ v99", "cpu Skylake-Server @ v2"),
    "unknown-device-type": ("device virtio-nett-pci a", "device virtio-net a at pcie.0/02.0"),
    "unknown-property": (
        "device virtio-net-pci a at pcie.0/02.0 { macc 52:54:00:00:00:01 }",
        "device virtio-net-pci a at pcie.0/02.0 { mac 52:54:00:00:00:01 }",
    ),
    "unknown-object-type": ("object iothredd io", "host { object iothread io }"),
    "unknown-device-version": (
        "device virtio-rng-pci @ 99.9 a at pcie.0/02.0",
        "device virtio-rng-pci @ 7.1 a at pcie.0/02.0",
    ),
    "unknown-machine-version": ("machine q35 @ 99.9", "machine q35 @ 9.2"),
    "unknown-machine-type": ("machine q36 @ 9.2", "machine i440fx @ 9.2"),
    "unversioned-machine": ("machine q35", "machine microvm"),
    "smbios-file": ('smbios 17 { file "t.bin" }', 'host { arguments ["-smbios" "file=t.bin"] }'),
    "taken-id": (
        "device pcie-root-port port at pcie.0/02.0 { chassis 1 }",
        "device e1000 addr at pcie.0/02.0",
    ),
    "cpu-device": (
        "device qemu64-x86_64-cpu c { socket-id 0  core-id 1  thread-id 0 }",
        "cpu qemu64 { cpus 2  maxcpus 4 }",
    ),
    "accelerator-property": (
        "machine q35 @ 9.2 { kernel-irqchip split }",
        "host { accel kvm { kernel-irqchip split } }",
    ),
    "bad-id": ('device e1000 "1a" at pcie.0/02.0', "device e1000 a1 at pcie.0/02.0"),
}


@pytest.mark.parametrize("code", CASES)
def test_a_check_finds_what_is_wrong(code: str) -> None:
    assert code in codes(CASES[code][0])


@pytest.mark.parametrize("code", CASES)
def test_a_check_is_silent_on_what_is_right(code: str) -> None:
    assert code not in codes(CASES[code][1])


def test_a_removed_machine_type_names_the_release_that_had_it_last() -> None:
    found = [d for d in findings("machine q35 @ 4.2", "11.1") if d.code == "removed-machine-type"]
    assert found
    assert "10.0" in found[0].help


def test_a_machine_type_of_a_later_release_names_it() -> None:
    found = [d for d in findings("machine q35 @ 10.0", "7.2") if d.code == "newer-machine-type"]
    assert found
    assert "10.0" in found[0].help


def test_a_deprecated_machine_type_is_a_warning() -> None:
    found = findings("machine q35 @ 5.2", "11.1")
    assert ("warning", "deprecated-machine-type") in [(d.severity, d.code) for d in found]


@pytest.mark.parametrize(
    ("release", "severity"), [("5.2", "warning"), ("7.2", "error"), ("10.0", "error"), ("11.1", "error")]
)
def test_memory_out_of_reach_is_an_error_where_qemu_refuses_it(release: str, severity: str) -> None:
    found = findings("machine q35 @ 5.2\nmemory 1G { slots 1  max 2T }", release)
    assert [d.severity for d in found if d.code == "memory-too-large"] == [severity]


@pytest.mark.parametrize(
    ("cpu", "fits"),
    [
        ("qemu64 { phys-bits 42 }", True),
        ("qemu64 { phys-bits 41 }", False),
        ("qemu64 { phys-bits 40 }", False),
        ("qemu64 { phys-bits 0 }", False),
        ("qemu64 { host-phys-bits on }", True),
        ("qemu64 { host-phys-bits off }", False),
        ("host", True),
        ("max { host-phys-bits off }", False),
        ("qemu32", True),
    ],
)
def test_the_bits_of_a_cpu(cpu: str, fits: bool) -> None:
    assert ("memory-too-large" not in codes(f"cpu {cpu}\nmemory 2T")) == fits


@pytest.mark.parametrize(
    ("text", "release", "code"),
    [
        ('smbios 1 { serial "a"  sku "b" }', "5.2", ""),
        ('smbios 1 { seriall "a" }', "10.0", "unknown-property"),
        ("smbios 0 { vm on }", "11.1", ""),
        ("smbios 0 { vm on }", "10.0", "unknown-property"),
        ("smbios 4 { processor-id 1 }", "7.2", ""),
        ("smbios 4 { processor-id 1 }", "5.2", "unknown-property"),
        ('smbios 9 { slot_designation "a" }', "7.2", "smbios-type"),
        ('smbios 9 { slot_designation "a" }', "10.0", ""),
        ('smbios 7 { value "a" }', "10.0", "smbios-type"),
    ],
)
def test_types_and_keys_of_smbios_tables(text: str, release: str, code: str) -> None:
    found = [
        d.code for d in findings(f"machine q35 @ 5.2\nmemory 1G\n{text}", release) if d.severity == "error"
    ]
    assert found == ([code] if code else [])


@pytest.mark.parametrize(
    ("machine", "memory", "fits"),
    [
        ("q35 @ 9.2", "990G", True),
        ("q35 @ 9.2", "991G", False),
        ("pc @ 9.2", "1021G", True),
        ("pc @ 9.2", "1022G", False),
        ("q35 @ 9.2", "512G { slots 16  max 974G }", True),
        ("q35 @ 9.2", "512G { slots 17  max 974G }", False),
        ("q35 @ 9.2 { max-ram-below-4g 1G }", "1000G", True),
    ],
)
def test_what_qemu_puts_behind_the_memory_needs_room_too(machine: str, memory: str, fits: bool) -> None:
    assert (
        "memory-too-large" not in codes(f"machine {machine}\ncpu Skylake-Server\nmemory {memory}")
    ) == fits


def test_a_cpu_has_no_more_bits_than_its_release_takes() -> None:
    text = "cpu qemu64 { phys-bits 57 }\nmemory 1G"
    assert "phys-bits" in codes(text, "10.0")
    assert "phys-bits" not in codes(text, "11.1")
    assert "phys-bits" in codes("cpu qemu64 { phys-bits 4294967295 }\nmemory 1G", "11.1")


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("device pcie-root-port realized at pcie.0/02.0 { chassis 1 }", True),
        ("device pcie-root-port rp at pcie.0/02.0 { chassis 1 }", False),
        ("device pci-bridge chassis_nr at pcie.0/02.0 { chassis_nr 1 }", True),
        ("device pxb-pcie bus_nr at pcie.0/02.0 { bus_nr 32 }", False),
        ("device pxb-pcie realized at pcie.0/02.0 { bus_nr 32 }", True),
        ("device pxb addr at pcie.0/02.0 { bus_nr 32 }", True),
        ("device nvme serial at pcie.0/02.0 { serial x }", True),
        ("device virtio-serial-pci vectors at pcie.0/02.0", False),
        ("device e1000 type at pcie.0/02.0", True),
        ("object rng-builtin type", True),
        ("host { chardev null type }", True),
        ("host { netdev user type }", False),
        ("host { audiodev none type }", False),
    ],
)
def test_an_id_that_the_object_tree_has_taken(text: str, taken: bool) -> None:
    assert ("taken-id" in codes(text)) == taken


def test_an_audiodev_is_an_object_in_newer_releases() -> None:
    assert "taken-id" in codes("host { audiodev none type }", "11.1")


SCSI = "device virtio-scsi-pci s at pcie.0/02.0\n"
XHCI = "device qemu-xhci x at pcie.0/02.0\n"


@pytest.mark.parametrize(
    "text",
    [
        SCSI + "device scsi-cd a at s.0/0:8:0\ndevice scsi-cd b at s.0/0:08:0",
        SCSI + "device scsi-cd a at s.0/0:010:0\ndevice scsi-cd b at s.0/00:10:00",
        XHCI + "device usb-tablet a at x.0/1\ndevice usb-mouse b at x.0/01",
        "device e1000 a at pcie.0/03.0\ndevice e1000 b at pcie.0/3",
    ],
)
def test_one_address_in_two_forms_is_taken(text: str) -> None:
    assert codes(text) == ["address-taken"]


@pytest.mark.parametrize("unit", ["0", "1.0", "1.2.3.4.5.6", "1.", ".1", "-1", "1a", ""])
def test_what_is_no_usb_port(unit: str) -> None:
    assert "bad-address" in codes(f"{XHCI}device usb-tablet a at x.0/{unit}")


def test_a_bus_may_have_a_name_of_its_own() -> None:
    text = "device sdhci-pci s at pcie.0/02.0\ndevice sd-card c at "
    assert codes(text + "sd-bus") == []
    (found,) = [d for d in findings(text + "sd") if d.code == "unknown-bus"]
    assert found.allowed == "sd-bus"


def test_a_setting_of_the_accelerator_is_told_its_place() -> None:
    (found,) = [d for d in findings("machine q35 @ 9.2 { kernel-irqchip split }") if d.severity == "error"]
    assert found.help == "write in `host`: accel kvm { kernel-irqchip split }"


@pytest.mark.parametrize("place", ["s.0/0:0", "s.0/0:0:x"])
def test_a_wrong_address_is_an_address(place: str) -> None:
    assert codes(SCSI + f"device scsi-cd c at {place}") == ["bad-address"]
    assert codes("device e1000 e at pcie.0/03.8") == ["bad-address"]


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("memory 8GB", "write `8GiB`"),
        ("memory 1.5gib", "write `1.5GiB`"),
        ("memory 8XB", ""),
        ("memory 8GiB { max 16GB }", "write `max 16GiB`"),
        ("memory 8GiB { max 16GiB  slots many }", ""),
        ("object memory-backend-ram m { size 1gb }", "write `size 1GiB`"),
    ],
)
def test_a_size_that_was_meant_is_told(text: str, help: str) -> None:
    (found,) = [d for d in findings(text) if d.severity == "error"]
    assert found.help == help


def test_the_versions_that_a_device_can_have_are_told() -> None:
    (found,) = [d for d in findings("device e1000 @ 9.3 e at pcie.0/03.0") if d.severity == "error"]
    assert found.allowed.startswith("11.1, ")


def test_devices_stand_behind_their_buses() -> None:
    text = HEAD + "device usb-tablet t at usb.0/1\ndevice qemu-xhci usb at pcie.0/02.0"
    description, _ = load_source(source_of(text, "g"))
    assert description is not None
    guest, diagnostics = resolve_description(description, "10.0")
    assert [device.id for device in guest.devices] == ["usb", "t"]
    assert not [d for d in diagnostics if d.severity == "error"]


def test_a_bus_of_its_own_is_reported() -> None:
    assert "bus-cycle" in codes("device pci-bridge a at b/01.0\ndevice pci-bridge b at a/01.0")


@pytest.mark.parametrize(
    "text",
    [
        "rtc { base [utc, localtime] }",
        "rtc { base { a 1 } }",
        "boot { order [c, d] }",
        'fw_cfg "opt/x" { string ["a"] }',
        'smbios 1 { serial ["a", "b"] }',
        "numa node { nodeid [0, 1] }",
        "numa dist { src [0]  dst 1  val 20 }",
        "host { netdev user n { net [a] } }",
        "host { netdev user n { hostfwd [{ a 1 }] } }",
        "host { chardev null c { logfile { a 1 } } }",
        "host { accel kvm { dirty-ring-size [1] } }",
        "host { fsdev local f { path [a] } }",
        "host { spice { port [1] } }",
    ],
)
def test_a_list_or_a_block_that_an_option_cannot_say(text: str) -> None:
    assert "wrong-type" in codes(text)


@pytest.mark.parametrize(
    "text",
    [
        'smbios 11 { value ["a", "b"] }',
        "memory 1G\nnuma node { nodeid 0  cpus [0, 1] }",
        "host { netdev user n { hostfwd [a, b]  dnssearch [c] } }",
        "host { netdev stream n { addr { type unix  path s } } }",
        "host { fsdev local f { path a  throttling { bps-total 1 } } }",
        "host { audiodev none a { out { mixing-engine off } } }",
        "host { spice { tls-channel [main, inputs] } }",
        "host { drive d { file { driver null-co }  x [1] } }",
    ],
)
def test_a_list_or_a_block_that_an_option_can_say(text: str) -> None:
    assert "wrong-type" not in codes(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("smbios 1.5 { serial x }", "smbios-type"),
        ("numa node { nodeid 0.5 }", "wrong-type"),
        ("boot { splash-time 1.5 }", "wrong-type"),
        ("device e1000 e { bootindex 1.5 }", "wrong-type"),
    ],
)
def test_a_number_that_is_not_whole(text: str, code: str) -> None:
    assert code in codes(text)


@pytest.mark.parametrize("ports", ["p2 16", "p3 4000000000"])
def test_an_xhci_controller_has_at_most_15_ports(ports: str) -> None:
    """QEMU starts all the same, and takes 15 (`usb_xhci_init` in hw/usb/hcd-xhci.c; `qom-get` of 7.2)."""
    assert "out-of-range" in codes(f"device qemu-xhci x at pcie.0/02.0 {{ {ports} }}")
    assert "out-of-range" not in codes("device qemu-xhci x at pcie.0/02.0 { p2 15  p3 0 }")
