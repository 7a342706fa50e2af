"""A folder with machine types of the user's own, the settings that name them, and guests under them."""

from __future__ import annotations

from pathlib import Path

TYPES = {
    "pc-q35-9.2-acme": """machine-type pc-q35-9.2-acme follows pc-q35-9.2 { smm off }
device virtio-net-device { host_uso off }
device pci-device { x-pcie-ext-tag off }
device ICH9-LPC { noreboot on }
""",
    "pc-q35-9.2-acme.1": """machine-type pc-q35-9.2-acme.1 follows pc-q35-9.2-acme
device virtio-net-pci { host_uso on }
""",
}
"""Machine type -> what its file says; the second one follows the first one."""

GUEST = """guest web01
machine q35 @ 9.2-acme
memory 1GiB
device virtio-net-pci @ 9.2 net0 at pcie.0/02.0 { netdev lan0 }
device virtio-net-pci net1 at pcie.0/03.0 { netdev lan1 }
device virtio-net-pci @ 9.2-acme.1 net2 at pcie.0/04.0 { netdev lan2 }
device virtio-rng-pci rng0 at pcie.0/05.0
host { netdev user lan0  netdev user lan1  netdev user lan2 }
"""


def literate(text: str) -> str:
    """A description in Markdown; the first line of `text` is line 5."""
    return f"# It\n\n```machdesc\nmachdesc 1\n{text}```\n"


def write_folder(folder: Path) -> Path:
    """The settings, both machine types, and the guest, whose path is returned."""
    (folder / "machines").mkdir(parents=True)
    (folder / "guests").mkdir()
    (folder / "machdesc.toml").write_text('machine-types = ["machines"]\n')
    for name, text in TYPES.items():
        (folder / "machines" / f"{name}.md").write_text(literate(text))
    guest = folder / "guests" / "web01.md"
    guest.write_text(literate(GUEST))
    return guest
