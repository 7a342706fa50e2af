"""Machine types as tails of their newer ones, and as text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from machdesc.catalog.version import version_key
from machdesc.harvest.compat import resolve_bases, resolve_tails
from machdesc.harvest.machine_type import emit_machine_types, emit_word
from machdesc.harvest.shelf import emit_shelf, read_shelf
from machdesc.harvest.version import machine_family, machine_version
from machdesc.source import read_source
from machdesc.syntax.format import format_tree
from machdesc.syntax.parse import parse

_SHIPPED = Path(__file__).parents[2] / "machines"

_A, _B, _C = ("a", "p", "1"), ("b", "p", "2"), ("a", "q", "3")


def test_tails() -> None:
    lists = {"pc-10.0": (_A,), "pc-9.2": (_A, _B), "pc-9.1": (_A, _B, _C), "none": ()}
    tails, broken = resolve_tails(lists)
    assert tails == {"pc-10.0": (_A,), "pc-9.2": (_B,), "pc-9.1": (_C,), "none": ()}
    assert broken == []


def test_a_list_that_does_not_extend_the_newer_one_is_told() -> None:
    assert resolve_tails({"pc-10.0": (_A,), "pc-9.2": (_B, _A)})[1] == ["pc-9.2"]


def _machine(**about: object) -> dict[str, object]:
    return {"deprecated": False, **about}


def test_text() -> None:
    releases: dict[str, dict[str, Any]] = {
        "9.2": {"machines": {"pc-9.1": _machine(), "pc-9.2": _machine(alias="p")}},
        "10.0": {
            "machines": {"pc-9.2": _machine(deprecated=True), "pc-10.0": _machine(alias="p")},
            "compat": {
                "pc-10.0": [],
                "pc-9.2": [["a", "p", "x y"], ["a", "q", ""], ["b", "p", "1"], ["a", "p", "0x1"]],
            },
        },
    }
    texts, aliases, complaints = emit_machine_types(releases)
    assert complaints == []
    assert aliases == {"p": "pc-10.0"}
    assert texts["pc-9.2"] == (
        "# pc-9.2\n\n"
        "The `pc` machine with the guest ABI of QEMU 9.2.\n\n"
        "Harvested releases that have it: 9.2, 10.0. Deprecated since 10.0 at the latest. `p` in 9.2. "
        "The newest of its family is `pc-10.0`.\n\n"
        "It sets 4 properties otherwise than `pc-10.0`, as QEMU 10.0 tells it.\n\n"
        "```machdesc\nmachdesc 1\n\nmachine-type pc-9.2 follows pc-10.0\n\n"
        'device a {\n  p "x y"\n  q ""\n}\n\ndevice b {\n  p 1\n}\n\ndevice a {\n  p "0x1"\n}\n```\n'
    )
    assert "follows" not in texts["pc-9.1"]
    assert "Gone in 10.0." in texts["pc-9.1"]


def test_disagreement_is_told_in_the_file() -> None:
    machines = {"pc-9.2": _machine(), "pc-9.1": _machine()}
    releases = {
        "10.0": {"machines": machines, "compat": {"pc-9.2": [], "pc-9.1": [["a", "p", "1"]]}},
        "11.1": {"machines": machines, "compat": {"pc-9.2": [], "pc-9.1": [["a", "p", "2"]]}},
    }
    texts, _, complaints = emit_machine_types(releases)
    assert complaints == ["10.0 tells another list for pc-9.1 than 11.1: [['a', 'p', '1']]"]
    assert f"# {complaints[0]}\n" in texts["pc-9.1"]


def test_words() -> None:
    assert [emit_word(text) for text in ("on", "39", "2.4.0 x", "4k", "0x10", "", 'a"b', "007")] == [
        "on", "39", '"2.4.0 x"', '"4k"', '"0x10"', '""', '"a\\"b"', '"007"',
    ]  # fmt: skip


def test_shipped_machine_types_are_in_canonical_form() -> None:
    paths = sorted((_SHIPPED / "x86_64").glob("*.md"))
    assert paths
    for path in paths:
        tree, diagnostics = parse(read_source(str(path)))
        assert diagnostics == []
        assert format_tree(tree) == path.read_text()


def test_shipped_files_are_what_harvest_writes() -> None:
    folder = _SHIPPED / "x86_64"
    files, _ = emit_shelf(read_shelf(_SHIPPED, "x86_64"))
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()} == files.keys()
    assert all((folder / name).read_text() == text for name, text in files.items() if isinstance(text, str))


def test_families_of_distributions() -> None:
    names = (
        "pc-q35-9.2",
        "pc-q35-noble",
        "pc-q35-rhel9.4.0",
        "pc-q35-9.2+pve1",
        "pc-i440fx-jammy-hpb",
    )
    assert [(machine_family(name), machine_version(name)) for name in names] == [
        ("pc-q35", "9.2"), ("pc-q35", "noble"), ("pc-q35", "rhel9.4.0"), ("pc-q35", "9.2+pve1"),
        ("pc-i440fx", "jammy-hpb"),
    ]  # fmt: skip


def test_a_machine_type_without_versions_is_its_family() -> None:
    assert (machine_family("microvm"), machine_version("microvm")) == ("microvm", "")


def test_the_order_of_versions() -> None:
    order = ["noble", "rhel9.4.0", "rhel10.0.0", "9.2", "9.2+pve1", "10.0", "10.0+acme", "10.1"]
    assert sorted(set(order), key=version_key) == order


def test_a_distributions_type_follows_the_longest_list_that_its_own_begins_with() -> None:
    lists = {
        "pc-q35-10.0": (), "pc-q35-9.2": (_A,), "pc-q35-9.1": (_A, _B),
        "pc-q35-noble": (_A, _C), "pc-q35-noble-hpb": (_A, _C, _B), "pc-q35-lunar": (_A, _B),
    }  # fmt: skip
    tails, broken = resolve_tails(lists)
    assert broken == []
    bases = {name: base for name, base in resolve_bases(lists).items() if base}
    assert bases == {
        "pc-q35-9.2": "pc-q35-10.0", "pc-q35-9.1": "pc-q35-9.2", "pc-q35-noble": "pc-q35-9.2",
        "pc-q35-noble-hpb": "pc-q35-noble", "pc-q35-lunar": "pc-q35-9.1",
    }  # fmt: skip
    assert tails["pc-q35-noble"] == (_C,)
    assert tails["pc-q35-lunar"] == ()


def test_words_alone_follow_each_other() -> None:
    lists = {"pc-q35-rhel9.4.0": (_A, _B), "pc-q35-rhel10.0.0": (), "pc-q35-rhel9.6.0": (_A,)}
    assert resolve_bases(lists) == {
        "pc-q35-rhel9.6.0": "pc-q35-rhel10.0.0",
        "pc-q35-rhel9.4.0": "pc-q35-rhel9.6.0",
    }
