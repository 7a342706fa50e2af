"""A distribution's QEMU, with machine types of its own names: harvested, found by its release, and used.

The QEMU is a stand-in, which is told in tests/harvest/distribution.py.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from machdesc.cli.main import main
from tests.harvest.distribution import ALIAS, NAME
from tests.live.conftest import binary_or_skip

GUEST = """# It

```machdesc
machdesc 1
guest web01
machine q35 @ plucky
memory 1GiB
device virtio-net-pci net0 at pcie.0/02.0 { netdev lan }
device virtio-net-pci @ 9.2 net1 at pcie.0/03.0 { netdev lan1 }
host { netdev user lan netdev user lan1 }
```
"""


@pytest.mark.live
def test_a_distribution(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = binary_or_skip("10.0")
    words = ["chroot", str(real.root), "qemu-system-x86_64"] if real.root else ["qemu-system-x86_64"]
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("MACHDESC_QEMU", raising=False)
    monkeypatch.chdir(tmp_path)
    of = f"DISTRIBUTION_OF={shlex.join(words)}"  # nothing of our environment reaches a QEMU
    qemu = shlex.join(["env", of, sys.executable, str(Path(__file__).with_name("distribution.py"))])

    def told(*words: str) -> str:
        code = main(list(words))
        out, err = capsys.readouterr()
        assert code == 0, err
        return out

    assert told("latest", ALIAS, "--qemu", qemu) == f"{NAME}\n"
    assert "10.0.13" in told("harvest", "--qemu", qemu, "--release", "10.0+ubuntu")
    assert (tmp_path / "data" / "machdesc" / "machines" / "x86_64" / f"{ALIAS}.md").resolve().stem == NAME
    assert "10.0+ubuntu" in told("latest", "--catalogs")
    assert told("latest", ALIAS, "--qemu", "10.0+ubuntu") == f"{NAME}\n"
    assert told("latest", "q35", "--qemu", "10.0+ubuntu") == "pc-q35-10.0\n"

    # The guest names no release, and the shipped catalog does not know its machine type.
    guest = tmp_path / "web01.md"
    guest.write_text(GUEST)
    assert told("lint", str(guest)) == ""
    assert "`live` is kept" in told("check", str(guest), str(guest))
    for option in ([], ["--qemu", "10.0+ubuntu"], ["--qemu", qemu]):
        out = told("compile", str(guest), *option)
        assert f"-machine {NAME} " in out
        assert "id=net0,bus=pcie.0,addr=02.0,netdev=lan,vectors" in out
        assert "id=net1,bus=pcie.0,addr=03.0,netdev=lan1,host_uso=on" in out
    assert "compat property of pc-q35-plucky for virtio-net-device" in told("show", str(guest), "--origin")
    told_of = told("explain", NAME, "--catalog", str(tmp_path / "data" / "machdesc" / "machines"))
    assert "otherwise than pc-q35-9.2" in told_of
    assert "virtio-net-device  host_uso  off" in told_of
