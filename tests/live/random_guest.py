"""Guests with few addresses written, made at random from a seed: what QEMU chooses for them is a test.

Each is one that QEMU starts, as far as that can be told beforehand, on q35 or i440fx, with bridges,
ports, switches, expanders, devices of several functions, and devices on buses that are not PCI.
"""

from __future__ import annotations

from random import Random

_ENDPOINTS = (
    "virtio-rng-pci",
    "virtio-net-pci",
    "e1000",
    "virtio-keyboard-pci",
    "edu",
    "pci-testdev",
    "AC97",
)
_SCSI = ("virtio-scsi-pci", "lsi53c895a", "megasas", "pvscsi", "am53c974")
_USB = ("qemu-xhci", "usb-ehci", "piix3-usb-uhci", "nec-usb-xhci", "pci-ohci")
_USB_DEVICES = ("usb-tablet", "usb-kbd", "usb-mouse", "usb-hub", "usb-ccid")
_OTHERS = ("virtio-serial-pci", "intel-hda", "ich9-ahci", "nvme")


class _Writer:
    """A guest in the making."""

    def __init__(self, random: Random, family: str) -> None:
        self.random = random
        self.family = family
        self.lines: list[str] = []
        self.host = ["audiodev none sound"]
        self.main = "pcie.0" if family == "q35" else "pci.0"
        self.buses: list[str] = []
        """PCI buses behind bridges that take any number of devices."""
        self.ports: list[str] = []
        """Buses of ports on which nothing stands yet."""
        self.slots = list(range(0x09, 0x10))
        """Slots that devices of several functions may have."""
        self.far = list(range(0x10, 0x1D))
        """Slots that others may have."""
        self.scsi: list[str] = []
        self.usb: list[str] = []
        self.serial: list[str] = []
        self.hda: list[str] = []
        self.sata: list[str] = []
        self.nvme: list[str] = []
        self.expanded = False
        self._count = 0

    def id(self) -> str:
        self._count += 1
        return f"d{self._count}"

    def add(self, type: str, place: str = "", anonymous: bool | str = False, **properties: str) -> str:
        """Adds a device; its id, also where it is not written."""
        id = self.id()
        name = "" if anonymous else f" {id}"
        inside = "  ".join(f"{key} {value}" for key, value in properties.items())
        block = f" {{ {inside} }}" if inside else ""
        self.lines.append(f"device {type}{name}{place}{block}")
        return id

    def place(self) -> str:
        """Where a PCI device is put: mostly nowhere that is said."""
        choices = [f" at {bus}" for bus in self.buses] + ([" at " + self.main] if self.expanded else [""] * 4)
        if self.ports and self.random.random() < 0.3:
            return f" at {self.ports.pop(self.random.randrange(len(self.ports)))}"
        if self.far and self.random.random() < 0.12:
            bus = self.random.choice([self.main, *self.buses])
            return f" at {bus}/{self.far.pop(self.random.randrange(len(self.far))):02x}.0"
        return self.random.choice(choices)

    def disk(self) -> str:
        id = self.id()
        self.host.append(f"blockdev null-co {id} {{ size 1M  read-zeroes on }}")
        return id


def random_guest(seed: int) -> str:
    """The text of one; the same for the same seed."""
    random = Random(seed)
    writer = _Writer(random, random.choice(["q35", "pc"]))
    for _ in range(random.randrange(3, 22)):
        random.choice(_STEPS)(writer)
    lines = [
        "machdesc 1", "guest random", f"machine {writer.family}", "cpu qemu64 { cpus 2 }", "memory 64M",
        *writer.lines, "host {", *(f"  {line}" for line in writer.host), "}", "",
    ]  # fmt: skip
    return "\n".join(lines)


def _endpoint(writer: _Writer) -> None:
    type = writer.random.choice(_ENDPOINTS)
    properties = {"audiodev": "sound"} if type == "AC97" else {}
    if type not in ("AC97", "edu") and writer.random.random() < 0.15:
        properties["multifunction"] = "on"
    writer.add(type, writer.place(), writer.random.random() < 0.2, **properties)


def _functions(writer: _Writer) -> None:
    """Several functions of one slot, the first of them last or first."""
    if not writer.slots:
        return
    slot = writer.slots.pop(writer.random.randrange(len(writer.slots)))
    functions = [0, *writer.random.sample(range(1, 8), writer.random.randrange(1, 4))]
    if writer.random.random() < 0.5:
        functions.reverse()
    for function in functions:
        properties = {"multifunction": "on"} if function == 0 else {}
        writer.add("virtio-rng-pci", f" at {writer.main}/{slot:02x}.{function}", **properties)


def _port(writer: _Writer) -> None:
    if writer.family == "q35":
        chassis = len(writer.lines) + 1
        place = "" if not writer.expanded else " at pcie.0"
        writer.ports.append(writer.add("pcie-root-port", place, chassis=str(chassis)))


def _switch(writer: _Writer) -> None:
    if writer.family != "q35" or not writer.ports:
        return
    up = writer.add("x3130-upstream", f" at {writer.ports.pop()}")
    for _ in range(writer.random.randrange(1, 4)):
        chassis = len(writer.lines) + 1
        writer.ports.append(writer.add("xio3130-downstream", f" at {up}", chassis=str(chassis)))


def _bridge(writer: _Writer) -> None:
    chassis = str(len(writer.lines) + 1)
    choice = writer.random.choice(["pci-bridge", "i82801b11-bridge", "pcie-pci-bridge"])
    if choice == "pcie-pci-bridge" and writer.ports:
        writer.buses.append(writer.add(choice, f" at {writer.ports.pop()}"))
    elif choice == "i82801b11-bridge" and writer.family == "q35":
        writer.buses.append(writer.add(choice, " at pcie.0" if writer.expanded else ""))
    else:
        place = writer.random.choice(writer.buses) if writer.buses else writer.main
        place = f" at {place}" if writer.expanded or writer.random.random() < 0.5 else ""
        shpc = writer.random.choice(["on", "off"])
        writer.buses.append(writer.add("pci-bridge", place, chassis_nr=chassis, shpc=shpc))


def _expander(writer: _Writer) -> None:
    if writer.expanded and writer.random.random() < 0.7:
        return
    number = str(0x40 + 8 * len(writer.lines) % 0xA0)
    type = "pxb-pcie" if writer.family == "q35" else "pxb"
    expander = writer.add(type, f" at {writer.main}", bus_nr=number)
    writer.expanded = True
    if type == "pxb":
        writer.buses.append(expander)
        return
    for _ in range(writer.random.randrange(1, 3)):
        place = writer.random.choice(["", f" at {expander}"])
        writer.ports.append(writer.add("pcie-root-port", place, chassis=str(len(writer.lines) + 1)))


def _scsi(writer: _Writer) -> None:
    writer.scsi.append(writer.add(writer.random.choice(_SCSI), writer.place()))


def _scsi_disk(writer: _Writer) -> None:
    for _ in range(writer.random.randrange(1, 4) if writer.scsi else 0):
        place = writer.random.choice(["", "", f" at {writer.random.choice(writer.scsi)}.0"])
        properties = writer.random.choice([{}, {}, {"scsi-id": "3"}, {"lun": "0"}])
        type = writer.random.choice(["scsi-hd", "scsi-cd"])
        writer.add(type, place, writer.random.random() < 0.2, drive=writer.disk(), **properties)


def _usb(writer: _Writer) -> None:
    writer.usb.append(writer.add(writer.random.choice(_USB), writer.place()))


def _usb_device(writer: _Writer) -> None:
    for _ in range(writer.random.randrange(1, 6) if writer.usb else 0):
        place = writer.random.choice(["", "", "", f" at {writer.random.choice(writer.usb)}.0"])
        writer.add(writer.random.choice(_USB_DEVICES), place)


def _other(writer: _Writer) -> None:
    type = writer.random.choice(_OTHERS)
    properties = {"serial": '"s"'} if type == "nvme" else {}
    id = writer.add(type, writer.place(), **properties)
    kinds = dict(zip(_OTHERS, (writer.serial, writer.hda, writer.sata, writer.nvme), strict=True))
    kinds[type].append(id)


def _below(writer: _Writer) -> None:
    """Devices on the other buses."""
    for _ in range(writer.random.randrange(1, 3) if writer.serial else 0):
        chardev = writer.id()
        writer.host.append(f"chardev null {chardev}")
        writer.add(writer.random.choice(["virtconsole", "virtserialport"]), chardev=chardev)
    for _ in range(writer.random.randrange(1, 3) if writer.hda else 0):
        writer.add(writer.random.choice(["hda-micro", "hda-output"]), audiodev="sound")
    for _ in range(writer.random.randrange(1, 3) if writer.nvme else 0):
        writer.add("nvme-ns", drive=writer.disk())
    if writer.sata:
        writer.add("ide-cd", f" at {writer.sata.pop()}.{writer.random.randrange(6)}")


def _ide(writer: _Writer) -> None:
    number = sum("ide-hd" in line for line in writer.lines)
    if number == 0:
        writer.add("ide-hd", drive=writer.disk())
    elif number < 3:
        writer.add("ide-hd", f" at ide.{number - 1}", drive=writer.disk())


_STEPS = [
    *[_endpoint] * 8, *[_port] * 3, *[_bridge] * 2, *[_scsi_disk] * 2, *[_usb_device] * 2,
    _functions, _switch, _expander, _scsi, _usb, _other, _below, _ide,
]  # fmt: skip
