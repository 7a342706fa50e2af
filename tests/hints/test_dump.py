"""What hints keep of a running guest, and of the command line that it was started with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import machdesc
from machdesc.catalog.catalog import Property
from machdesc.cli.hints import catalog_of
from machdesc.live.cpu_flag import read_flags, split_flags
from machdesc.live.dump import take_hints
from tests.verify.stand_in import device, running

CATALOG = machdesc.load_catalog()


def _known(name: str, kind: str) -> Property:
    return Property(name, kind, None, None, (), kind, None, "")


KNOWN = {
    "pcid": _known("pcid", "bool"),
    "avx": _known("avx", "bool"),
    "hv-relaxed": _known("hv-relaxed", "bool"),
    "hv-spinlocks": _known("hv-spinlocks", "int"),
    "kvm_pv_eoi": _known("kvm_pv_eoi", "bool"),
    "model-id": _known("model-id", "str"),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Haswell", {}),
        ("Haswell,+pcid,-avx", {"pcid": True, "avx": False}),
        ("Haswell,pcid,avx=off", {"pcid": True, "avx": False}),
        ("Haswell,pcid=yes,avx=no", {"pcid": True, "avx": False}),
        ("Haswell,pcid=true,avx=false", {"pcid": True, "avx": False}),
        ("Haswell,-pcid,pcid=on,+avx,avx=off", {"pcid": False, "avx": True}),
        ("Haswell,-pcid,+pcid", {"pcid": False}),
        ("Haswell,hv_relaxed,hv_spinlocks=0x1fff", {"hv-relaxed": True, "hv-spinlocks": 0x1FFF}),
        ("Haswell,hv-spinlocks=many", {"hv-spinlocks": "many"}),
        ("Haswell,kvm_pv_eoi=on", {"kvm_pv_eoi": True}),
        ("Haswell,model-id=7 on", {"model-id": "7 on"}),
        ("Haswell,model-id=7", {"model-id": "7"}),
        ("Haswell,no_such=on,nor_this=0x10", {"no_such": True, "nor_this": 16}),
        ("Haswell,check,enforce=off,pcid=on", {"pcid": True}),
    ],
)
def test_flags(text: str, expected: dict[str, object]) -> None:
    assert read_flags(["qemu", "-M", "pc", "-cpu", text, "-S"], KNOWN) == expected


def test_the_last_option_counts() -> None:
    assert read_flags(["qemu", "-cpu", "a,+avx", "--cpu", "b,+pcid"], KNOWN) == {"pcid": True}
    assert read_flags(["qemu", "-cpu"], KNOWN) == {}
    assert read_flags([], KNOWN) == {}
    assert split_flags("Haswell,,+avx,") == {"avx": "on"}


def test_flags_of_windows_are_those_of_the_catalog() -> None:
    words = ["qemu", "-cpu", "Haswell,hv-spinlocks=0x1fff,hv_relaxed,hv_vapic,hv-vendor-id=KVM Hv,pcid=yes"]
    assert take_hints(running(), CATALOG, words).cpu_flags == {
        "hv-spinlocks": 8191, "hv-relaxed": True, "hv-vapic": True, "hv-vendor-id": "KVM Hv", "pcid": True,
    }  # fmt: skip


def test_what_is_kept_of_a_device() -> None:
    shown = {"period": 1000, "rng": "pool", "realized": True, "no-such": 1, "max-bytes": 64}
    rng = device("virtio-rng-pci", "pci.0/04.0", "rng", values=shown)
    (hint,) = take_hints(running(rng), CATALOG).devices
    assert hint.values == {"max-bytes": 64, "period": 1000}
    assert (hint.id, hint.given, hint.bus, hint.unit) == ("rng", True, "pci.0", "04.0")


def test_of_a_release_that_nobody_knows_all_is_kept() -> None:
    rng = device("virtio-rng-pci", "pci.0/04.0", "rng", values={"period": 1000, "rng": "pool", "no-such": 1})
    newer = running(rng, machine={"no-such": True}, cpu_values={"no-such": True}, version="99.0.1")
    found = take_hints(newer, CATALOG)
    assert found.devices[0].values == {"no-such": 1, "period": 1000}
    assert found.machine_values == {"no-such": True}
    assert found.cpu_values == {"no-such": True}


def test_which_catalog_is_asked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert catalog_of(running(), None) is CATALOG
    assert capsys.readouterr().err == ""
    assert catalog_of(running(version="99.0.1"), None) is CATALOG
    assert "warning: no catalog of QEMU 99.0; there are 5.2" in capsys.readouterr().err
    for other, directory in ((replace(running(), arch="vax"), None), (running(), str(tmp_path / "gone"))):
        with pytest.raises(SystemExit):
            catalog_of(other, directory)
        assert capsys.readouterr().err.startswith("machdesc: ")
