"""No number costs memory or time: extreme ones at every property that is a number, in every statement, and in
options, for every command that starts no QEMU.

A sample by default; `MACHDESC_ATTACK=long` tries all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from machdesc.catalog.catalog import DeviceType, load_catalog
from machdesc.cli.main import main
from tests.attack.limited import call_limited, run_limited

IS_LONG = os.environ.get("MACHDESC_ATTACK") == "long"
CATALOG = load_catalog()
HEAD = "machdesc 1\nguest g\nmachine q35 @ 9.2\n"
MEMORY = "memory 1GiB\n"

NUMBERS = (
    *("0", "-1", str(2**31), str(2**32), str(2**63), str(2**64)),
    *("0xffffffffffffffff", "0x" + "f" * 32, "8EiB", "9" * 32 + "E", "0." + "9" * 32),
    *("9" * 5000, "0x" + "f" * 5000, "1e308", "4000000000", "16", "255"),
)

COMMANDS = (
    *(["lint", "F"], ["fmt", "--check", "F"], ["lint", "--horizon", "14.0", "F"]),
    *(["compile", "F"], ["compile", "--format", "json", "F"], ["compile", "--qemu", "11.1", "F"]),
    *(
        ["pin", "--diff", "F"],
        ["pin", "--diff", "--root-ports", "F"],
        ["show", "F"],
        ["show", "--format", "json", "F"],
    ),
    *(["check", "F", "G"], ["check", "G", "F"], ["check", "--old-qemu", "9.2", "--new-qemu", "11.1", "F"]),
    *(["features", "--to", "11.1", "F"], ["upgrade", "--diff", "--to", "11.1", "F"]),
    *(["rebase", "--diff", "--to", "11.1", "F"], ["run", "--dry-run", "F"]),
)

BUSES = "device qemu-xhci xhci\ndevice virtio-scsi-pci scsi\ndevice virtio-serial-pci serial\n"

STATEMENTS = (
    *(
        "memory N\n",
        "memory NGiB\n",
        "memory 1GiB { slots N  max N }\n",
        "memory 1GiB { slots 2  max NGiB }\n",
    ),
    MEMORY + "cpu qemu64 { cpus N }\n",
    MEMORY + "cpu qemu64 { cpus N  maxcpus N  sockets N  dies N  cores N  threads N }\n",
    MEMORY + "cpu qemu64 { cpus 2  maxcpus N }\ndevice virtio-blk-pci b\ndevice virtio-net-pci n\n",
    MEMORY + "cpu qemu64 { phys-bits N  level N  family N  hv-spinlocks N }\n",
    *(MEMORY + "cpu qemu64 @ vN { cpus 2 }\n", MEMORY + "cpu qemu64-vN\n"),
    MEMORY + "numa node { nodeid N }\n",
    MEMORY + "numa node { nodeid 0  cpus N  initiator N }\nnuma node { nodeid N  cpus 0-N }\n",
    MEMORY + "numa node { nodeid 0 }\nnuma dist { src N  dst N  val N }\n",
    MEMORY + "numa cpu { node-id N  socket-id N  core-id N  thread-id N }\n",
    MEMORY + "numa hmat-lb { initiator N  target N  latency N  bandwidth NM }\n",
    *(MEMORY + "smbios N { serial x }\n", MEMORY + "smbios 4 { max-speed N  current-speed N }\n"),
    MEMORY + "smbios 17 { speed N }\nsmbios 9 { slot_id N }\nsmbios 41 { instance N }\n",
    *(MEMORY + "boot { splash-time N  reboot-timeout N }\n", MEMORY + "rtc { base N }\n"),
    MEMORY + "fw_cfg opt/a { string N }\n",
    MEMORY + "device e1000 a at pcie.0/N\ndevice e1000 b at pcie.0/01.N\ndevice e1000 c at pcie.N/01.0\n",
    MEMORY + BUSES + "device usb-tablet t at xhci.0/N\ndevice usb-tablet u at xhci.0/1.N.N\n",
    MEMORY + BUSES + "device scsi-hd h at scsi.0/N:N:N\ndevice virtserialport p at serial.0/N\n",
    MEMORY + "device ide-hd h at ide.N/N\ndevice e1000 @ N e\ndevice e1000 @ N.N f\n",
    MEMORY + "device qemu-xhci x at pcie.0/02.0 { p2 N  p3 N  slots N  intrs N }\ndevice usb-tablet t\n",
    MEMORY + "device pci-ohci x { num-ports N }\ndevice usb-hub h { ports N }\ndevice usb-tablet t\n",
    MEMORY + "device virtio-serial-pci v { max_ports N  vectors N }\ndevice virtserialport p\n",
    MEMORY + "device nvme n { serial x  sriov_max_vfs N  max_ioqpairs N }\ndevice e1000 e\n",
    MEMORY + "device pcie-root-port r { chassis N  port N  slot N }\ndevice e1000 e at r/00.0\n",
    MEMORY + "device virtio-net-pci n { netdev t }\nhost { netdev tap t { queues N  vhost on } }\n",
    MEMORY + "device virtio-blk-pci n { drive d  bootindex N }\nhost { blockdev null-co d { size N } }\n",
    MEMORY + "object memory-backend-ram m { size N }\ndevice pc-dimm d { memdev m  slot N  addr N }\n",
    MEMORY + "object memory-backend-ram m { size 1G  host-nodes [N N]  prealloc-threads N }\n",
    MEMORY + "global e1000 { mac N }\nglobal virtio-net-pci { vectors N }\n",
    MEMORY + 'ignore MDN x { reason N  until N }\nignore MD012 x { reason "x"  until N-01-01 }\n',
    MEMORY
    + "host { accel kvm { kvm-shadow-mem N  dirty-ring-size N }  drive d { if none  index N  unit N } }\n",
    MEMORY
    + "device isa-serial s { index N  iobase N  irq N }\ndevice VGA v { vgamem_mb N  xres N  yres N }\n",
    *(MEMORY + "remove device N\n", MEMORY + "device N N { N N }\n", 'include "N"\n'),
)

OPTIONS = (
    *(["lint", "--qemu", "N", "G"], ["lint", "--qemu", "N.N", "G"], ["lint", "--horizon", "N.N", "G"]),
    *(["check", "--jobs", "N", "G", "G"], ["features", "--to", "N", "G"], ["features", "--to", "N.N", "G"]),
    *(["upgrade", "--diff", "--to", "N.N", "G"], ["rebase", "--diff", "--to", "N.N", "G"]),
    *(["explain", "q35@N.N"], ["explain", "e1000@N.N"], ["explain", "MDN"], ["schema", "e1000@N.N"]),
    *(["explain", "qemu64-vN"], ["latest", "N"], ["latest", "--qemu", "N.N"], ["hints", "show", "N"]),
    ["check", "--old-qemu", "N.N", "--new-qemu", "N.N", "G"],
)


def numeric(type: DeviceType) -> list[str]:
    """The properties of a type, in the newest release that has it, that are numbers and can be set."""
    known = type.properties(type.releases[-1])
    return [name for name, entry in known.items() if entry.kind in ("int", "size", "number")]


def blocks() -> Iterator[str]:
    """A guest for each type of devices and objects, the machine and the CPU: all its numbers are N."""
    for name in CATALOG.names("device"):
        device = CATALOG.device(name)
        assert device is not None
        said = "  ".join(f"{each} N" for each in numeric(device))
        yield f"{HEAD}{MEMORY}{BUSES}device {name} d {{ {said} }}\n"
    for name in CATALOG.names("object"):
        entry = CATALOG.object(name)
        assert entry is not None
        yield f"{HEAD}{MEMORY}object {name} o {{ {'  '.join(f'{each} N' for each in numeric(entry))} }}\n"
    cpu = CATALOG.cpu_schema()
    assert cpu is not None
    yield f"{HEAD}{MEMORY}cpu max {{ {'  '.join(f'{each} N' for each in numeric(cpu))} }}\n"
    for family in sorted(CATALOG.families()):
        machine = CATALOG.machine_schema(family)
        if machine is not None:
            said = "  ".join(f"{each} N" for each in numeric(machine))
            yield HEAD.replace("q35 @ 9.2", f"{family} {{ {said} }}") + MEMORY
    yield f"machdesc 1\nguest g\nmachine q35 @ N\n{MEMORY}"
    yield f"machdesc 1\nguest g\nmachine q35 @ N.N\n{MEMORY}"
    yield f"machdesc N\nguest g\nmachine pc-q35-N\n{MEMORY}"
    yield "machdesc 1\nmachine-type q35-N follows q35 @ N { e1000 { mac N } }\n"


def sample(texts: list[str], step: int) -> list[tuple[str, str]]:
    """All pairs of a text and a number, or of each text some, so that all numbers come."""
    pairs = [(text, number) for text in texts for number in NUMBERS]
    return pairs if IS_LONG else pairs[::step]


def run_all(folder: Path, pairs: list[tuple[str, str]]) -> list[str]:
    """What went wrong: the text, the number, how the commands ended."""
    path, other = folder / "f.machdesc", folder / "g.machdesc"
    other.write_text(HEAD + MEMORY)
    files = {"F": str(path), "G": str(other)}
    failed = []
    for text, number in pairs:
        path.write_text(text.replace("N", number))

        def work() -> int:
            for words in COMMANDS:
                print("$", *words, flush=True)
                if main([files.get(word, word) for word in words]) not in (0, 1, 2):
                    return 98
            return 0

        ended = call_limited(work)
        if ended.code:
            failed.append(f"{text} with {number[:40]}: {ended.code}\n{ended.output[-1500:]}")
    return failed


def test_what_took_all_memory(tmp_path: Path) -> None:
    """Numbers of NUMA nodes and of USB ports, of which lists were made."""
    ports = "device qemu-xhci x at pcie.0/02.0 { p2 N }\ndevice usb-tablet t\n"
    node = "numa node { nodeid N }\n"
    pairs = [
        (HEAD + MEMORY + text, number) for text in (ports, node) for number in ("4294967295", "20000000")
    ]
    failed = run_all(tmp_path, pairs)
    assert not failed, "\n\n".join(failed)


def test_statements(tmp_path: Path) -> None:
    texts = [text if text.startswith("include") else HEAD + text for text in STATEMENTS]
    failed = run_all(tmp_path, sample(texts, 29))
    assert not failed, "\n\n".join(failed[:5])


def test_properties(tmp_path: Path) -> None:
    failed = run_all(tmp_path, sample(list(blocks()), 397))
    assert not failed, "\n\n".join(failed[:5])


@pytest.mark.parametrize("words", OPTIONS, ids=lambda words: " ".join(words))
def test_options(words: list[str], tmp_path: Path) -> None:
    other = tmp_path / "g.machdesc"
    other.write_text(HEAD + MEMORY)
    for number in NUMBERS if IS_LONG else NUMBERS[1::5]:
        real = [str(other) if word == "G" else word.replace("N", number) for word in words]
        ended = run_limited(real)
        assert ended.code in (0, 1, 2), (words, number[:40], ended)


def test_more_ports_than_a_controller_has_are_as_many_as_it_has(tmp_path: Path) -> None:
    """QEMU 7.2 tells 15 for 16 and for 4000000000 (`qom-get` of `p2`)."""
    for ports in ("15", "16", "4000000000"):
        text = HEAD + MEMORY + f"device qemu-xhci x at pcie.0/02.0 {{ p2 {ports} }}\n"
        (tmp_path / f"{ports}.machdesc").write_text(text)
    for ports in ("16", "4000000000"):
        ended = run_limited(["check", *(str(tmp_path / f"{each}.machdesc") for each in ("15", ports))])
        assert ended.code == 0, ended
