"""Amendments: what is written into a text, and that the rest stays as it is."""

from __future__ import annotations

from pathlib import Path

import machdesc
from machdesc.lifecycle.amendment import Amendment, amended, statement_text, value_text
from machdesc.model.guest import Description

TEXT = """Some prose.

```machdesc
machdesc 1

guest a   # a comment
machine q35   @ 9.2   # the machine
cpu Skylake-Server { cpus 4 }
device virtio-rng-pci rng at pcie.0/04.0 {
  # keep me
  vectors 3   # and me
}
device virtio-rng-pci other
```

More prose.

```machdesc
host {}
```
"""


def _description(text: str, name: str = "a.md") -> Description:
    description, diagnostics = machdesc.load_source(machdesc.source_of(text, name))
    assert description is not None
    assert not machdesc.has_errors(diagnostics)
    return description


def test_only_what_is_asked_for_changes() -> None:
    description = _description(TEXT)
    machine, cpu = description.one("machine"), description.one("cpu")
    assert machine is not None
    assert cpu is not None
    rng, other = description.all("device")
    source, diagnostics = amended(
        description,
        [
            Amendment(machine, version="11.1", properties=(("smm", "off"),)),
            Amendment(cpu, version="v5", properties=(("pcid", "on"), ("a", "on"), ("b", "on"))),
            Amendment(rng, version="9.2", properties=(("max-bytes", "10"),)),
            Amendment(other, version="9.0"),
        ],
        [statement_text("global mch", (("x", value_text("a b")),))],
    )
    assert not diagnostics
    assert source.text == TEXT.replace("@ 9.2   #", "@ 11.1 { smm off }   #").replace(
        "Server { cpus 4 }", "Server @ v5 { cpus 4  pcid on  a on  b on }"
    ).replace("pci rng at", "pci @ 9.2 rng at").replace("# and me\n", "# and me\n  max-bytes 10\n").replace(
        "pci other\n", 'pci @ 9.0 other\n\nglobal mch { x "a b" }\n'
    )


def test_what_is_included_is_overridden_and_the_base_stays(tmp_path: Path) -> None:
    (tmp_path / "base.md").write_text(
        "machdesc 1\nmachine q35 @ 9.2\ndevice e1000 n0\ndevice e1000 @ 9.0 n1 { mac 'x' }\n".replace(
            "'", '"'
        )
    )
    path = tmp_path / "a.md"
    path.write_text('machdesc 1\ninclude "base.md"\nguest a\ndevice e1000 n1 { romfile "" }\nhost {}\n')
    description, _ = machdesc.load(str(path))
    assert description is not None
    machine = description.one("machine")
    assert machine is not None
    devices = {device.id.text: device for device in description.all("device") if device.id}
    amendments = [
        Amendment(machine, version="11.1"),
        Amendment(devices["n0"], version="9.2"),
        Amendment(devices["n1"], version="11.1", properties=(("rombar", "0"),)),
    ]
    source, diagnostics = amended(description, amendments, [])
    assert not diagnostics
    assert source.text == (
        'machdesc 1\ninclude "base.md"\nguest a\ndevice e1000 @ 11.1 n1 { romfile ""  rombar 0 }\n\n'
        "machine q35 @ 11.1\ndevice e1000 @ 9.2 n0\nhost {}\n"
    )
    path.write_text(source.text)
    again, diagnostics = machdesc.load(str(path))
    assert again is not None
    assert not machdesc.has_errors(diagnostics)
    found = {d.id.text: d.version.text for d in again.all("device") if d.id and d.version}
    assert found == {"n0": "9.2", "n1": "11.1"}


def test_a_device_without_an_id_in_an_included_file_cannot_be_changed(tmp_path: Path) -> None:
    (tmp_path / "base.md").write_text("machdesc 1\ndevice e1000\n")
    path = tmp_path / "a.md"
    path.write_text('machdesc 1\ninclude "base.md"\nguest a\n')
    description, _ = machdesc.load(str(path))
    assert description is not None
    source, diagnostics = amended(description, [Amendment(description.all("device")[0], version="9.2")], [])
    assert [diagnostic.code for diagnostic in diagnostics] == ["not-overridable"]
    assert source.text == path.read_text()


def test_line_ends_and_one_line_texts_are_kept() -> None:
    description = _description("machdesc 1\r\nguest a\r\nmachine q35 @ 9.2 host {}\r\n")
    machine = description.one("machine")
    assert machine is not None
    source, _ = amended(description, [Amendment(machine, version="10.0")], ["global mch { x 1 }"])
    assert source.text == (
        "machdesc 1\r\nguest a\r\nmachine q35 @ 10.0\r\n\r\nglobal mch { x 1 }\r\n host {}\r\n"
    )
    assert not machdesc.has_errors(machdesc.load_source(source)[1])
