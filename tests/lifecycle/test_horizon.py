"""`lint --horizon`: QEMU's rule about machine types, and what is told of a guest."""

from __future__ import annotations

from pathlib import Path

import pytest

import machdesc
from machdesc.cli.main import main
from machdesc.lifecycle.horizon import look_ahead
from machdesc.lifecycle.lifespan import exists, is_deprecated, lifespan

CATALOG = machdesc.load_catalog()

GUEST = """machdesc 1
guest old
machine q35 @ 4.2
cpu Skylake-Server @ v1 { cpus 4 }
memory 1GiB
device virtio-rng-pci rng at pcie.0/02.0 { rng r }
device e1000 @ 5.0 net0 at pcie.0/03.0 { netdev lan }
host { accel kvm object rng-builtin r netdev user lan }
"""


@pytest.mark.parametrize(
    ("version", "deprecated", "deleted"),
    [
        ("4.2", "9.1", "10.2"),
        ("4.0.1", "9.1", "10.1"),
        ("2.12", "9.1", "10.1"),
        ("5.2", "9.1", "11.2"),
        ("6.2", "9.2", "12.2"),
        ("8.0", "11.0", "14.0"),
        ("11.1", "14.1", "17.1"),
    ],
)
def test_the_rule(version: str, deprecated: str, deleted: str) -> None:
    assert lifespan(version) == (deprecated, deleted)


def test_a_vendors_version_has_no_lifespan() -> None:
    assert lifespan("rhel9.4.0") is None


def test_the_rule_is_what_the_binaries_do() -> None:
    """Releases since 9.1 have, and call deprecated, exactly what the rule says."""
    seen = set()
    for machine in CATALOG.machines():
        version = machine.name.removeprefix(f"{machine.family}-")
        span = lifespan(version) if machine.family in ("pc-q35", "pc-i440fx") else None
        for release in ("10.0", "11.1"):
            before = (
                tuple(map(int, version.split(".")[:2])) <= tuple(map(int, release.split("."))) if span else 0
            )
            # 10.0 has nothing older than 2.4, which went before there was the rule.
            if span is None or not before or CATALOG.releases.index(machine.releases[-1]) < 2:
                continue
            gone = tuple(map(int, span.deleted.split("."))) <= tuple(map(int, release.split(".")))
            assert (release not in machine.releases) == gone, (machine.name, release)
            if not gone:
                old = tuple(map(int, span.deprecated.split("."))) <= tuple(map(int, release.split(".")))
                assert machine.facts(release).deprecated == old, (machine.name, release)
            seen.add((release, gone))
    assert seen == {("10.0", False), ("11.1", False), ("11.1", True)}


def test_releases_that_nobody_knows_go_by_the_rule() -> None:
    assert exists(CATALOG, "pc-q35-4.2", "10.1") is True
    assert exists(CATALOG, "pc-q35-4.2", "10.2") is False
    assert exists(CATALOG, "pc-q35-11.1", "17.0") is True
    assert exists(CATALOG, "pc-q35-11.1", "17.1") is False
    assert exists(CATALOG, "microvm", "12.0") is None
    assert exists(CATALOG, "pc-q35-99.0", "12.0") is None
    assert is_deprecated(CATALOG, "pc-q35-9.2", "12.2")
    assert not is_deprecated(CATALOG, "pc-q35-9.2", "12.1")
    assert not is_deprecated(CATALOG, "pc-q35-4.2", "7.2"), "7.2 had no such rule"


def _told(text: str, release: str) -> list[tuple[str, str, str]]:
    description, _ = machdesc.load_source(machdesc.source_of(text, "g.md"))
    assert description is not None
    return [(d.code, d.message, d.help) for d in look_ahead(description, release, CATALOG)]


def test_a_machine_type_that_is_gone_and_the_way_out() -> None:
    ((code, message, help),) = _told(GUEST, "11.1")
    assert code == "beyond-horizon"
    assert message == ("QEMU 11.1 has no machine type `pc-q35-4.2` any more; it is deleted from 10.2 on")
    assert help == (
        "machdesc rebase g.md --to 11.1 keeps its hardware, with 2 devices at version 4.2, 5.0, but for what "
        "`check --require cold` finds: machine: the queues of virtio devices have another size: QEMU 10.0.13 "
        "shows 1024 whatever is set; machine: the number of the PCI root in the ACPI tables changes "
        "from 1 to 0"
    )


def test_a_machine_type_that_will_be_gone() -> None:
    ((code, message, help),) = _told(GUEST.replace("4.2", "6.2").replace("5.0", "6.1"), "12.2")
    assert (code, message) == (
        "beyond-horizon",
        "QEMU 12.2 will have no machine type `pc-q35-6.2` any more; it is deleted from 12.2 on",
    )
    assert help == (
        "machdesc rebase g.md --to 11.1 keeps its hardware, with 2 devices at version 6.1, 6.2: "
        "`check --require cold` finds nothing"
    )
    ((code, message, _),) = _told(GUEST.replace("4.2", "6.2").replace("5.0", "6.1"), "12.1")
    assert (code, message) == (
        "near-horizon",
        "QEMU 12.1 calls machine type `pc-q35-6.2` deprecated; it is deleted from 12.2 on",
    )


def test_nothing_is_said_of_a_young_guest() -> None:
    young = GUEST.replace("4.2", "11.1").replace("5.0", "11.1")
    assert _told(young, "11.1") == []
    assert _told(young, "13.2") == []


def test_no_version_lasts_for_ever() -> None:
    ((_, _, help),) = _told(GUEST, "20.0")
    assert help == "no version of it is known that QEMU 20.0 has; harvest a younger QEMU"


def test_what_nobody_tells_cannot_be_kept() -> None:
    ((code, message, help),) = _told("machdesc 1\nguest g\nmachine pc @ 2.0\n", "10.0")
    assert (code, message) == ("beyond-horizon", "QEMU 10.0 has no machine type `pc-i440fx-2.0` any more")
    assert help == (
        "version 10.0 is the newest there; machdesc rebase g.md --to 10.0 cannot keep the hardware, since no "
        "known QEMU tells what devices do under `pc-i440fx-2.3`"
    )


def test_devices_and_properties_that_are_gone_are_told_where_they_stand() -> None:
    text = GUEST.replace("{ rng r }", "{ rng r  x-disable-pcie on }")
    description, _ = machdesc.load_source(machdesc.source_of(text, "g.md"))
    assert description is not None
    found = look_ahead(description, "11.1", CATALOG)
    assert {d.severity for d in found} == {"warning"}
    told = [(d.place()[1], d.message) for d in found]
    assert told[0][0] == 3
    assert "cannot keep the hardware, since `virtio-rng-pci` has no property" in found[0].help
    assert (6, "`virtio-rng-pci` has no property `x-disable-pcie` in QEMU 11.1") in told


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "g.md").write_text(f"```machdesc\n{GUEST}```\n")
    (tmp_path / "base.md").write_text("```machdesc\nmachdesc 1\ncpu qemu64\n```\n")
    assert main(["lint", ".", "--horizon", "11.1.2"]) == 0
    assert "[beyond-horizon]" in capsys.readouterr().err
    assert main(["lint", ".", "--horizon", "11.1", "--strict"]) == 1
    capsys.readouterr()
    assert main(["lint", "g.md", "--horizon", "soon"]) == 2
    assert "`soon` is no release" in capsys.readouterr().err
