"""lint refuses what no format can say: what the release lacks, and what QEMU would read otherwise."""

from __future__ import annotations

import pytest

from machdesc.diagnostic import Diagnostic
from machdesc.library import compile, lint_description
from machdesc.model.load import load_source
from machdesc.source import source_of

HEAD = "machdesc 1\nguest g\nmachine q35 @ 5.2\n"


def found(text: str, release: str) -> list[Diagnostic]:
    """The errors of lint, which are those of compiling too."""
    description, diagnostics = load_source(source_of(text, "g"))
    assert description is not None, diagnostics
    errors = [d for d in lint_description(description, release) if d.severity == "error"]
    compiled, refused = compile(description, release)
    assert [d for d in refused if d.severity == "error"] == errors
    assert (compiled is None) == bool(errors)
    return errors


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("host { netdev user n { type tap } }", "given-already", "type"),
        ("host { netdev user n { id x } }", "given-already", "id"),
        ("host { chardev null c { backend file } }", "given-already", "backend"),
        ("host { blockdev null-co n { driver file } }", "given-already", "driver"),
        ("host { blockdev null-co n { node-name x } }", "given-already", "node-name"),
        ("host { audiodev none a { driver wav } }", "given-already", "driver"),
        ("host { drive d { if none  id x } }", "given-already", "id"),
        ("host { display none { type gtk } }", "given-already", "type"),
        ('host { vnc ":1" { vnc ":2" } }', "given-already", "vnc"),
        ("host { chardev null c  monitor c { chardev x } }", "given-already", "chardev"),
        ("host { name { guest x } }", "given-already", "guest"),
        ('host { blockdev raw n { file { driver file }  file.driver nbd } }', "given-already", "file."),
        ("host { vnc \"\" }", "not-expressible", '""'),
        ('host { arguments ["-d" ["x"]] }', "wrong-type", '["x"]'),
        ('host { arguments ["-d" { x y }] }', "wrong-type", "{ x y }"),
        ("host { object throttle-group t { limits { a \"\ufffe\" } } }", "not-expressible", "{ a"),
    ],
)  # fmt: skip
def test_what_no_format_can_say(text: str, code: str, place: str) -> None:
    errors = [d for d in found(HEAD + text, "11.1") if d.code == code]
    assert len(errors) == 1
    assert errors[0].span is not None
    start, _, source = errors[0].span
    assert source.text.startswith(place, start)


@pytest.mark.parametrize(("name", "most"), [("model-id", 48), ("hv-vendor-id", 12)])
def test_a_text_of_a_cpu_that_is_cut(name: str, most: int) -> None:
    start = HEAD + f"cpu qemu64 @ v1 {{ cpus 1  {name} "
    assert found(start + f'"{"é" * (most // 2)}" }}', "11.1") == []
    assert [d.code for d in found(start + f'"{"é" * (most // 2)}x" }}', "11.1")] == ["not-expressible"]


def test_a_property_of_the_machine_that_another_statement_gives() -> None:
    text = HEAD.replace("5.2", "5.2 { kernel a  memory-backend m }")
    text += "boot { kernel b }\nmemory 64MiB { backend m }\nobject memory-backend-ram m { size 64MiB }"
    assert [d.code for d in found(text, "11.1")] == ["given-already"] * 2
    assert found(text.replace("{ kernel b }", "{ order c }").replace("{ backend m }", ""), "11.1") == []


@pytest.mark.parametrize(
    ("text", "release", "codes"),
    [
        ("host { action { reboot reset } }", "5.2", ["option-not-in-release"]),
        ("host { action { reboot reset } }", "7.2", []),
        ("host { run-with { async-teardown on } }", "7.2", ["option-not-in-release"]),
        ("cpu qemu64 @ v1 { cpus 1  modules 1 }", "7.2", ["option-not-in-release"]),
        (
            "device virtio-iommu-pci v at pcie.0/02.0 { reserved-regions [\"0xfee00000:0xfeefffff:1\"] }",
            "11.1",
            [],
        ),
    ],
)  # fmt: skip
def test_what_the_release_lacks(text: str, release: str, codes: list[str]) -> None:
    assert [d.code for d in found(HEAD + text, release)] == codes


def test_a_list_for_a_device_before_json() -> None:
    text = 'device rocker r at pcie.0/02.0 { ports ["n"] }\nhost { netdev user n }'
    # 5.2 has no `ports` either: its lists have a length and numbered elements.
    assert [d.code for d in found(HEAD + text, "5.2")] == ["unknown-property", "no-json-devices"]
    assert found(HEAD + text, "10.0") == []


def test_a_version_of_a_device_that_the_release_cannot_show() -> None:
    text = "machdesc 1\nguest g\nmachine q35 @ 7.2\ndevice virtio-net-pci @ 10.0 n at pcie.0/02.0"
    assert found(text, "7.2")
