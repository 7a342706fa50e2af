"""What a description becomes: quoting, order, refusals, and one channel for all devices."""

from __future__ import annotations

import json
import shlex
from itertools import pairwise

import pytest

from machdesc.backend.argument import argv_text, shell_text
from machdesc.library import Compiled, compile
from machdesc.model.load import load_source
from machdesc.source import source_of

HEAD = "machdesc 1\nguest g\nmachine q35 @ 7.2\n"


def compiled(text: str, release: str = "10.0") -> Compiled:
    """The compiled guest of a text that has no errors."""
    description, diagnostics = load_source(source_of(HEAD + text, "g"))
    assert description is not None
    found, more = compile(description, release)
    assert found is not None, diagnostics + more
    return found


def refused(text: str, release: str = "10.0") -> list[str]:
    """The codes of the errors that compiling a text gives."""
    description, _ = load_source(source_of(HEAD + text, "g"))
    assert description is not None
    found, diagnostics = compile(description, release)
    assert found is None
    return [d.code for d in diagnostics if d.severity == "error"]


def test_nothing_is_left_to_defaults() -> None:
    arguments = compiled("").arguments()
    assert arguments[:2] == ["-nodefaults", "-no-user-config"]
    assert arguments[arguments.index("-machine") + 1] == "pc-q35-7.2"
    assert arguments[arguments.index("-display") + 1] == "none"


def test_a_comma_in_a_value_is_doubled() -> None:
    arguments = compiled('fw_cfg "opt/x" { string "a, b" }').arguments()
    assert "name=opt/x,string=a,, b" in arguments


def test_a_size_becomes_bytes_and_a_text_stays() -> None:
    text = "device virtio-blk-pci d at pcie.0/02.0 { drive n  serial 100K }\n"
    text += "host { blockdev null-co n { size 1M } }"
    line = " ".join(compiled(text).arguments())
    assert "size=1048576" in line
    assert "serial=100K" in line


def test_a_shell_reads_back_what_a_program_gets() -> None:
    found = compiled("boot { append \"root=/dev/vda quiet 'x'\" }")
    text = shell_text(found.program, found.arguments()).replace("\\\n", "")
    assert shlex.split(text) == json.loads(argv_text(found.program, found.arguments()))


def test_one_nested_value_makes_all_devices_json() -> None:
    text = """
device virtio-blk-pci d at pcie.0/02.0 { drive n  num-queues 1  iothread-vq-mapping [{ iothread io }] }
device e1000 e at pcie.0/03.0
host { object iothread io  blockdev null-co n }
"""
    arguments = compiled(text).arguments()
    devices = [json.loads(a) for o, a in pairwise(arguments) if o == "-device"]
    assert [d["driver"] for d in devices] == ["virtio-blk-pci", "e1000"]
    assert devices[0]["iothread-vq-mapping"] == [{"iothread": "io"}]
    assert devices[0]["num-queues"] == 1


def test_block_nodes_stand_behind_those_that_they_name() -> None:
    text = """
device virtio-blk-pci d at pcie.0/02.0 { drive top }
host { blockdev raw top { file bottom }  blockdev null-co bottom }
"""
    line = " ".join(compiled(text).arguments())
    assert line.index("node-name=bottom") < line.index("node-name=top")


def test_a_configuration_file_and_its_rest_say_everything_once() -> None:
    text, rest, diagnostics = compiled("cpu qemu64 { cpus 2 }\ndevice e1000 e at pcie.0/03.0").config()
    assert not diagnostics
    assert '[device "e"]\n  driver = "e1000"\n  bus = "pcie.0"\n  addr = "03.0"\n' in text
    assert "-cpu" in rest
    assert "-device" not in rest
    assert "-machine" not in rest


@pytest.mark.parametrize(
    "append", ['say \\"hello\\"', "line\\nbreak", "x" * 1020], ids=["quote", "line break", "long line"]
)
def test_a_configuration_file_refuses_what_it_would_get_wrong(append: str) -> None:
    found = compiled(f'boot {{ append "{append}" }}')
    assert [d.code for d in found.config()[2]] == ["readconfig"]


def test_an_id_of_63_characters_is_taken_and_one_more_is_not() -> None:
    assert compiled(f"device e1000 {'a' * 63} at pcie.0/03.0").config()[2] == []
    assert refused(f"device e1000 {'a' * 64} at pcie.0/03.0") == ["bad-id"]


def test_cpus_of_a_node_stay_out_of_the_file_which_keeps_only_the_last() -> None:
    text = "cpu qemu64 { cpus 2 }\nmemory 1G\nobject memory-backend-ram m { size 1G }\n"
    text += "numa node { nodeid 0  cpus [0, 1]  memdev m }"
    config, rest, _ = compiled(text).config()
    assert "[numa]" not in config
    assert "node,nodeid=0,cpus=0,cpus=1,memdev=m" in rest


def test_a_machine_without_a_version_is_refused_unless_allowed() -> None:
    description, _ = load_source(source_of("machdesc 1\nmachine q35", "g"))
    assert description is not None
    assert compile(description, "10.0")[0] is None
    allowed, _ = compile(description, "10.0", floating="allowed")
    assert allowed is not None
    assert "pc-q35-10.0" in allowed.arguments()


def test_the_same_text_gives_the_same_bytes() -> None:
    text = "device e1000 e at pcie.0/03.0\ndevice virtio-rng-pci @ 7.1 r at pcie.0/04.0"
    assert compiled(text).config() == compiled(text).config()
    assert compiled(text).document() == compiled(text).document()
