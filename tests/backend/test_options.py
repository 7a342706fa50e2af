"""What a description becomes: quoting, order, refusals, and one channel for all devices."""

from __future__ import annotations

import json
import shlex
from itertools import pairwise

import pytest

from machdesc.backend.argument import argv_text, shell_text
from machdesc.backend.object import emit_objects
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
    found = compiled("boot { kernel k  append \"root=/dev/vda quiet 'x'\" }")
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
    found = compiled(f'boot {{ kernel k  append "{append}" }}')
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


@pytest.mark.parametrize(
    "text",
    ["rtc { }", "host { overcommit { } }", "host { action { } }", "host { spice { } }"],
    ids=["rtc", "overcommit", "action", "spice"],
)
def test_an_empty_block_does_not_swallow_the_next_argument(text: str) -> None:
    assert compiled(text).arguments() == compiled("").arguments()
    assert compiled(text).config() == compiled("").config()


def test_a_leading_zero_is_decimal_although_qemu_reads_octal() -> None:
    text = "cpu qemu64 { cpus 010 }\ndevice virtio-blk-pci d at pcie.0/02.0 { drive n  serial 010 }\n"
    text += "smbios 011 { value 1 }\nhost { blockdev null-co n }"
    arguments = compiled(text).arguments()
    assert "cpus=10,maxcpus=10,sockets=1,cores=10,threads=1" in arguments
    assert "type=11,value=1" in arguments
    assert "virtio-blk-pci,id=d,bus=pcie.0,addr=02.0,drive=n,serial=010,num-queues=10,vectors=11" in arguments


SCSI = """
device virtio-scsi-pci s at pcie.0/02.0
device scsi-hd x at s.0/0:08:0 { drive n }
host { blockdev null-co n  blockdev null-co m  object iothread io }
"""
NESTED = "device virtio-blk-pci d at pcie.0/03.0 { drive m  iothread-vq-mapping [{ iothread io }] }"


def test_a_scsi_address_with_a_leading_zero_is_decimal_in_both_forms() -> None:
    flat = compiled(SCSI).arguments()
    assert "scsi-hd,id=x,bus=s.0,channel=0,scsi-id=8,lun=0,drive=n" in flat
    nested = compiled(SCSI + NESTED).arguments()
    devices = [json.loads(a) for o, a in pairwise(nested) if o == "-device"]
    assert devices[1]["scsi-id"] == 8


HUB = """
device e1000 e at pcie.0/03.0 { netdev end }
host {
  netdev hubport near { hubid 0  netdev lan }
  netdev user lan { hostfwd ["tcp::2222-:22", "tcp::8080-:80"] }
  netdev hubport end { hubid 0 }
}
"""


def test_a_list_of_a_netdev_repeats_its_key_and_keeps_all_netdevs_in_order() -> None:
    found = compiled(HUB)
    arguments = found.arguments()
    netdevs = [a for o, a in pairwise(arguments) if o == "-netdev"]
    assert netdevs == [
        "user,id=lan,hostfwd=tcp::2222-:22,hostfwd=tcp::8080-:80",
        "hubport,id=near,hubid=0,netdev=lan",
        "hubport,id=end,hubid=0",
    ]
    config, rest, _ = found.config()
    assert "[netdev" not in config
    assert [a for o, a in pairwise(rest) if o == "-netdev"] == netdevs


def test_an_object_with_a_list_takes_all_objects_out_of_the_file() -> None:
    text = "object memory-backend-ram m { size 16MiB  host-nodes 0  policy bind }\n"
    text += "host { object rng-builtin r }"
    config, rest, _ = compiled(text).config()
    assert "[object" not in config
    assert "memory-backend-ram,id=m,size=16777216,host-nodes=0,policy=bind" in rest
    assert "rng-builtin,id=r" in rest


def test_a_list_of_an_object_repeats_its_key() -> None:
    text = "object memory-backend-ram m { size 16MiB  host-nodes [0, 2]  policy bind }"
    found = compiled(text)
    assert "memory-backend-ram,id=m,size=16777216,host-nodes=0,host-nodes=2,policy=bind" in found.arguments()
    assert found.document()["objects"][0]["properties"]["host-nodes"] == [0, 2]  # type: ignore[index]


@pytest.mark.parametrize(
    ("value", "wrong"),
    [("0", []), ("[]", []), ("[0, 1]", []), ("0-3", ["0-3"]), ("[0, a, { b 1 }]", ["a", "{ b 1 }"])],
)
def test_a_list_of_numbers_holds_numbers(value: str, wrong: list[str]) -> None:
    text = f"{HEAD}object memory-backend-ram m {{ size 16MiB  host-nodes {value} }}"
    description, _ = load_source(source_of(text, "g"))
    assert description is not None
    found = [d.span for d in compile(description, "10.0")[1] if d.severity == "error"]
    assert [text[span[0] : span[1]] for span in found if span is not None] == wrong


def test_an_object_with_blocks_is_json() -> None:
    text = 'host { object authz-list a { policy deny  rules [{ match "fred"  policy allow }] } }'
    objects = [json.loads(a) for o, a in pairwise(compiled(text).arguments()) if o == "-object"]
    assert objects == [
        {
            "qom-type": "authz-list",
            "id": "a",
            "policy": "deny",
            "rules": [{"match": "fred", "policy": "allow"}],
        }
    ]


def test_an_object_with_blocks_is_refused_where_objects_are_no_json() -> None:
    text = 'machdesc 1\nguest g\nmachine q35 @ 5.2\nhost { object authz-list a { rules [{ match "f" }] } }'
    description, _ = load_source(source_of(text, "g"))
    assert description is not None
    found, diagnostics = compile(description, "5.2")
    assert found is None
    assert [d.code for d in diagnostics] == ["no-json-objects"]


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("host { run-with { async-teardown on } }", "7.2"),
        ("cpu qemu64 { cpus 1  modules 1 }", "7.2"),
        ('boot { kernel "k"  shim "s" }', "7.2"),
    ],
    ids=["run-with", "modules", "shim"],
)
def test_what_a_release_has_no_option_for_is_an_error(text: str, release: str) -> None:
    assert refused(text, release) == ["option-not-in-release"]
    compiled(text, "10.0")


@pytest.mark.parametrize(
    ("host", "release", "since"),
    [
        ("netdev stream n { addr { type unix  path s } }", "5.2", "7.2"),
        ("netdev dgram n { local { type unix  path s } }", "5.2", "7.2"),
        ("netdev af-xdp n { ifname eth0 }", "7.2", "8.2"),
        ("netdev passt n", "10.0", "10.1"),
        ("action { reboot shutdown }", "5.2", "6.0"),
    ],
    ids=["stream", "dgram", "af-xdp", "passt", "action"],
)
def test_an_error_names_the_first_release_of_an_option(host: str, release: str, since: str) -> None:
    text = f"machdesc 1\nguest g\nmachine q35 @ 5.2\nhost {{ {host} }}"
    description, _ = load_source(source_of(text, "g"))
    assert description is not None
    found = [d for d in compile(description, release)[1] if d.code == "option-not-in-release"]
    assert [d.help for d in found] == [f"QEMU {since} or later has it"]
    newest, _ = compile(description, "11.1")
    assert newest is not None


def test_objects_stay_out_of_the_file_of_a_release_that_passes_over_them() -> None:
    guest = compiled("host { object rng-builtin r }").guest
    assert [option.section for option in emit_objects(guest)] == ["object"]
    assert [option.section for option in emit_objects(guest._replace(release="6.0"))] == [""]


def test_a_refusal_of_a_global_says_where_it_stands() -> None:
    found = compiled('global virtio-blk-device { serial "a\\"b" }')
    (diagnostic,) = found.config()[2]
    assert diagnostic.code == "readconfig"
    assert getattr(diagnostic, "span", None) is not None
