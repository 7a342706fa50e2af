"""Includes, overrides and removals, on files in a folder of their own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from machdesc.diagnostic import MAX_NAMES, Diagnostic, render
from machdesc.model.file import Files
from machdesc.model.guest import Description
from machdesc.model.load import MAX_INCLUDE_DEPTH, load
from machdesc.syntax.format import quoted
from machdesc.syntax.tree import Block, Number, Property, Statement, String, Word

Loader = Callable[..., tuple[Description | None, list[Diagnostic]]]


@pytest.fixture
def loaded(tmp_path: Path) -> Loader:
    """Writes files and loads `main.md`; a text that names no language gets the header."""

    def run(
        main: str, allowed: tuple[str, ...] = (), **files: str
    ) -> tuple[Description | None, list[Diagnostic]]:
        for name, text in {"main": main, **files}.items():
            path = tmp_path / (name.replace("__", "/") + ".md")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text if "machdesc" in text else f"```machdesc\nmachdesc 1\n{text}\n```\n")
        return load(str(tmp_path / "main.md"), allowed)

    return run


def _said(statement: Statement) -> dict[str, object]:
    return _values(statement.properties)


def _values(properties: tuple[Property, ...]) -> dict[str, object]:
    plain: dict[str, object] = {}
    for item in properties:
        value = item.value
        if isinstance(value, Block):
            plain[item.name] = _values(value.properties)
        elif isinstance(value, Number):
            plain[item.name] = value.value
        elif isinstance(value, (Word, String)):
            plain[item.name] = value.text
        else:
            plain[item.name] = len(value.items)
    return plain


def _whole(result: tuple[Description | None, list[Diagnostic]]) -> Description:
    description, diagnostics = result
    assert not diagnostics, [render(d) for d in diagnostics]
    assert description is not None
    return description


def _codes(result: tuple[Description | None, list[Diagnostic]]) -> list[str]:
    return [d.code for d in result[1]]


def test_an_include_brings_in_all(loaded: Loader) -> None:
    guest = _whole(
        loaded(
            'include "base.md"\nguest web01\ndevice VGA b',
            base="machine q35 @ 9.2\ndevice VGA a\nhost { accel kvm }",
        )
    )
    assert [s.keyword for s in guest.statements] == ["machine", "device", "guest", "device"]
    assert [s.keyword for s in guest.host] == ["accel"]
    assert guest.one("cpu") is None
    assert [s.id.text for s in guest.all("device") if s.id] == ["a", "b"]
    assert len(guest.host_all("accel")) == 1
    assert not guest.is_machine_type


def test_an_override_changes_only_what_it_says(loaded: Loader) -> None:
    guest = _whole(
        loaded(
            'include "base.md"\ndevice VGA a at pcie.0/03.0 { xres 2  deep { y 3  more { z 4 } } list [1] }',
            base="device VGA @ 9.2 a at pcie.0/01.0"
            " { vgamem_mb 16  xres 1  deep { x 1  y 2  more { z 1 w 2 } }  list [1, 2] }",
        )
    )
    (device,) = guest.all("device")
    assert _said(device) == {
        "vgamem_mb": 16,
        "xres": 2,
        "deep": {"x": 1, "y": 3, "more": {"z": 4, "w": 2}},
        "list": 1,
    }
    assert device.version is not None
    assert device.version.text == "9.2"
    assert device.address is not None
    assert device.address.text == "pcie.0/03.0"


def test_an_override_without_a_block_keeps_the_block(loaded: Loader) -> None:
    guest = _whole(loaded('include "base.md"\nmemory 8GiB', base="memory 4GiB { slots 2 }"))
    memory = guest.one("memory")
    assert memory is not None
    assert isinstance(memory.head, Number)
    assert (memory.head.value, _said(memory)) == (8 << 30, {"slots": 2})


@pytest.mark.parametrize(
    ("base", "main", "version"),
    [
        ("machine q35 @ 9.2", "machine q35 { smm on }", "9.2"),
        ("machine q35 @ 9.2", "machine q35 @ 7.2", "7.2"),
        ("cpu Skylake-Server @ v5", "cpu EPYC", None),
        ("machine q35 @ 9.2", "machine microvm", None),
    ],
)
def test_a_version_belongs_to_its_type(loaded: Loader, base: str, main: str, version: str | None) -> None:
    guest = _whole(loaded(f'include "base.md"\n{main}', base=base))
    (statement,) = guest.statements
    assert (statement.version.text if statement.version else None) == version


def test_things_of_the_host_are_overridden_too(loaded: Loader) -> None:
    guest = _whole(
        loaded(
            'include "base.md"\nhost { netdev user lan { net "10.0.9.0/24" } spice { port 1 } }',
            base="host { accel kvm\nnetdev user lan { restrict on } spice { tls on } }",
        )
    )
    assert [s.keyword for s in guest.host] == ["accel", "netdev", "spice"]
    assert _said(guest.host[1]) == {"restrict": "on", "net": "10.0.9.0/24"}
    assert _said(guest.host[2]) == {"tls": "on", "port": 1}


def test_an_object_may_move_between_host_and_guest(loaded: Loader) -> None:
    guest = _whole(
        loaded(
            'include "base.md"\nobject iothread io { poll-max-ns 1 }', base="host { object iothread io {} }"
        )
    )
    assert [s.keyword for s in guest.statements] == ["object"]
    assert guest.host == ()


def test_numa_nodes_go_by_their_number(loaded: Loader) -> None:
    guest = _whole(
        loaded(
            'include "base.md"\nnuma node { nodeid 1  memdev b }\nnuma dist { src 0  dst 1  val 21 }',
            base="numa node { nodeid 0 memdev a }\nnuma node { nodeid 1  memdev a  cpus 1 }",
        )
    )
    assert [_said(s) for s in guest.all("numa")] == [
        {"nodeid": 0, "memdev": "a"},
        {"nodeid": 1, "memdev": "b", "cpus": 1},
        {"src": 0, "dst": 1, "val": 21},
    ]


def test_another_type_is_an_error(loaded: Loader) -> None:
    result = loaded('include "base.md"\ndevice e1000 net0', base="device virtio-net-pci net0")
    (found,) = result[1]
    assert found.code == "changed-type"
    assert "`virtio-net-pci` in " in found.message
    assert "base.md:3, not `e1000`" in found.message
    assert found.help == "write `remove device net0` above, and describe it anew"


def test_removed_and_described_anew(loaded: Loader) -> None:
    guest = _whole(
        loaded(
            'include "base.md"\nremove device net0\nremove netdev lan\ndevice e1000 net0 { netdev lan }',
            base="device virtio-net-pci net0 { mq on }\ndevice VGA v\nhost { netdev user lan }",
        )
    )
    assert [s.head.text for s in guest.all("device") if s.head] == ["VGA", "e1000"]
    assert _said(guest.all("device")[1]) == {"netdev": "lan"}
    assert guest.host == ()


def test_only_what_is_there_can_be_removed(loaded: Loader) -> None:
    devices = "\n".join(f"device VGA v{i}" for i in range(MAX_NAMES + 5))
    result = loaded('include "base.md"\nremove device w\nremove object v1\ndevice VGA w', base=devices)
    assert _codes(result) == ["nothing-to-remove"] * 2
    assert result[1][0].allowed.endswith(f"v{MAX_NAMES - 1}, …")
    assert result[1][1].allowed == ""


def test_what_stands_twice(loaded: Loader) -> None:
    text = """device VGA a
device VGA a
memory 1GiB
memory 2GiB
boot { order c  order d  x { y 1  y 2 } }
host { object iothread io {} }
object iothread io {}
smbios 11 { value a }
smbios 11 { value b }
device VGA
device VGA"""
    result = loaded(text)
    assert [(d.code, d.place()[1]) for d in result[1]] == [
        ("duplicate-id", 4),
        ("duplicate", 6),
        ("repeated-property", 7),
        ("repeated-property", 7),
        ("duplicate-id", 9),
    ]
    assert "line 3" in result[1][0].help


def test_a_diamond_says_everything_once(loaded: Loader) -> None:
    guest = _whole(
        loaded(
            'include "left.md"\ninclude "right.md"',
            left='include "base.md"\ndevice VGA l',
            right='include "base.md"\ndevice VGA r',
            base="device VGA a\ndevice VGA\nsmbios 11 { value a }\nnuma dist { src 0 }\n"
            'host { arguments ["-d"]\nnetdev user n }',
        )
    )
    assert [s.id.text if s.id else "" for s in guest.all("device")] == ["a", "", "l", "r"]
    assert len(guest.all("smbios")) == 1
    assert len(guest.all("numa")) == 1
    assert [s.keyword for s in guest.host] == ["arguments", "netdev"]


def test_paths_are_relative_to_the_including_file(loaded: Loader) -> None:
    guest = _whole(
        loaded(
            'include "part/a.md"',
            part__a='include "b.md"\ninclude "../c.md"',
            part__b="device VGA b",
            c="device VGA c",
        )
    )
    assert [s.id.text for s in guest.all("device") if s.id] == ["b", "c"]


def test_the_name_of_an_included_file_is_the_shortest_that_is_right(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "a").mkdir()
    os.symlink(tmp_path / "deep" / "er", tmp_path / "link")
    files = Files()
    assert files.beside(f"{tmp_path}/a/x.md", "../base.md") == f"{tmp_path}/base.md"
    assert files.beside(f"{tmp_path}/link/x.md", "../base.md") == f"{tmp_path}/link/../base.md"


def test_a_place_names_the_included_file(loaded: Loader, tmp_path: Path) -> None:
    result = loaded(
        'include "base.md"\nboot { }',
        base="Prose\n\n```machdesc\nmachdesc 1\n\ndevice VGA a {\n  b\n}\n```\n",
    )
    (found,) = result[1]
    assert found.place() == (str(tmp_path / "base.md"), 7, 3)
    assert f"{tmp_path / 'base.md'}:7:3: error" in render(found)


def test_cycles(loaded: Loader) -> None:
    result = loaded('include "a.md"\ndevice VGA m', a='include "b.md"\ndevice VGA a', b='include "a.md"')
    assert _codes(result) == ["include-cycle"]
    assert "a.md → b.md → a.md" in result[1][0].message
    assert _codes(loaded('include "main.md"')) == ["include-cycle"]
    assert _codes(loaded('include "./x/../main.md"')) == ["include-cycle"]


def test_depth(loaded: Loader) -> None:
    def chain(length: int) -> list[str]:
        files = {f"f{i}": f'include "f{i + 1}.md"' for i in range(1, length)}
        return _codes(loaded('include "f1.md"', **files, **{f"f{length}": "device VGA a"}))

    assert chain(MAX_INCLUDE_DEPTH) == []
    assert chain(MAX_INCLUDE_DEPTH + 1) == ["include-depth"]


def test_files_outside_the_tree(loaded: Loader, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "x.md").write_text("machdesc 1\ndevice VGA x\n")
    path = os.path.join("..", outside.name, "x.md")
    assert _codes(loaded(f"include {quoted(path)}")) == ["include-outside"]
    assert _codes(loaded(f"include {quoted(str(outside / 'x.md'))}")) == ["include-outside"]
    os.symlink(outside / "x.md", tmp_path / "link.md")
    assert _codes(loaded('include "link.md"')) == ["include-outside"]
    assert _codes(loaded(f"include {quoted(path)}", allowed=(str(outside),))) == []


def test_the_tree_is_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "guest").mkdir()
    (tmp_path / "base.md").write_text("machdesc 1\ndevice VGA a\n")
    main = tmp_path / "guest" / "main.machdesc"
    main.write_text('machdesc 1\ninclude "../base.md"\n')
    assert load(str(main))[1] == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("none.md", "No such file"),
        (".", "not a file"),
        ("", "not a file"),
        ("prose.md", "holds no machdesc text"),
        ("a" * 5000, "File name too long"),
    ],
)
def test_what_cannot_be_included(loaded: Loader, path: str, words: str) -> None:
    result = loaded(f"include {quoted(path)}\ndevice VGA a", prose="a machdesc of prose")
    assert _codes(result) == ["include"]
    assert words in result[1][0].message
    assert result[0] is not None
    assert len(result[0].statements) == 1


def test_a_pipe_is_not_waited_for(loaded: Loader, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    assert _codes(loaded('include "pipe.md"')) == ["include"]


def test_the_same_include_twice(loaded: Loader) -> None:
    assert _codes(loaded('include "b.md"\ninclude "b.md"', b="device VGA a")) == ["duplicate"]


def test_the_first_line(loaded: Loader) -> None:
    assert _codes(loaded("```machdesc\nboot {}\n```\n")) == ["no-header"]
    assert _codes(loaded("```machdesc\nmachdesc 2\n```\n")) == ["language-version"]
    assert _codes(loaded("```machdesc\n```\n")) == ["no-header"]
    assert _codes(loaded("```machdesc\nboot {}\n```\n```machdesc\nmachdesc 1\n```")) == ["late-header"]
    assert _codes(loaded("machdesc 1\nboot {}\n")) == ["raw-markdown"]
    assert _codes(loaded("# no machdesc\n")) == ["not-machdesc"]
    assert _codes(loaded('include "b.md"', b="```machdesc\nmachdesc 3\n```\n")) == ["language-version"]


def test_many_removals_end_soon(loaded: Loader) -> None:
    devices = "\n".join(f"device VGA v{i}" for i in range(30_000))
    removals = "\n".join(f"remove device w{i}" for i in range(20_000))
    start = time.process_time()
    result = loaded(f'include "base.md"\n{removals}', base=devices)
    assert len(result[1]) == 20_000
    assert time.process_time() - start < 10
