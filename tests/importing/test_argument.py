"""Reading QEMU's command line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from machdesc.importing.argument import Argument, read_command_line


def one(*words: str) -> Argument:
    """The only option of a command line."""
    (found,) = read_command_line(words)
    return found


@pytest.mark.parametrize(
    ("words", "first", "properties"),
    [
        (("-netdev", "user,id=lan"), "user", {"id": "lan"}),
        (("-netdev", "type=tap,id=lan"), "tap", {"id": "lan"}),
        (("-netdev", "user,id=n,hostfwd=tcp::1-:2,hostfwd=tcp::3-:4"), "user",
         {"id": "n", "hostfwd": ["tcp::1-:2", "tcp::3-:4"]}),
        (("-chardev", "socket,id=c,path=/a,,b,server"), "socket",
         {"id": "c", "path": "/a,b", "server": "on"}),
        (("-chardev", "socket,id=c,path=a,,,server=on"), "socket", {"id": "c", "path": "a,", "server": "on"}),
        (("-blockdev", "raw,node-name=d,file.driver=file,file.filename=x"), "raw",
         {"node-name": "d", "file": {"driver": "file", "filename": "x"}}),
        (("-blockdev", '{"driver": "raw", "node-name": "d", "file": "f"}'), "raw",
         {"node-name": "d", "file": "f"}),
        (("-blockdev", "quorum,node-name=q,children.0=a,children.1=b"), "quorum",
         {"node-name": "q", "children": ["a", "b"]}),
        (("-global", "ICH9-LPC.disable_s3=1"), "",
         {"driver": "ICH9-LPC", "property": "disable_s3", "value": "1"}),
        (("-global", "qemu64-x86_64-cpu.sse4.1=a,b"), "",
         {"driver": "qemu64-x86_64-cpu", "property": "sse4.1", "value": "a,b"}),
        (("-global", "driver=a,property=b.c,value=d"), "", {"driver": "a", "property": "b.c", "value": "d"}),
        (("-sandbox", "on,obsolete=deny"), "", {"enable": "on", "obsolete": "deny"}),
        (("-fw_cfg", "opt/x,string=y"), "", {"name": "opt/x", "string": "y"}),
        (("-name", "a,,b,debug-threads=on"), "", {"guest": "a,b", "debug-threads": "on"}),
        (("-chardev", "socket,id=c,path=a,server,nowait"), "socket",
         {"id": "c", "path": "a", "server": "on", "wait": "off"}),
        (("-cpu", "host,=on,nonstop"), "host", {"": "on", "nonstop": "on"}),
        (("-cpu", "Haswell,-avx,+pcid,vmx=off"), "Haswell", {"-avx": "on", "+pcid": "on", "vmx": "off"}),
        (("-boot", "cd,menu=on"), "", {"order": "cd", "menu": "on"}),
        (("-boot", "order=n"), "", {"order": "n"}),
        (("-numa", "node,nodeid=0,cpus=0,cpus=1"), "node", {"nodeid": "0", "cpus": ["0", "1"]}),
        (("--smbios", "type=1,manufacturer=A"), "", {"type": "1", "manufacturer": "A"}),
    ],
)  # fmt: skip
def test_an_option(words: tuple[str, ...], first: str, properties: dict[str, object]) -> None:
    found = one(*words)
    assert found.name == words[0].lstrip("-")
    assert found.first == first
    assert found.properties == properties


def test_options_without_a_value_take_none() -> None:
    found = read_command_line(["-nodefaults", "-S", "-m", "1G", "disk.img", "-daemonize"])
    assert [argument.name for argument in found] == ["nodefaults", "S", "m", "daemonize"]


def test_what_is_no_json_is_kept_as_text() -> None:
    assert one("-device", "{broken").properties == {}


def test_a_configuration_file_is_read_in_its_place() -> None:
    config = """# a comment
[netdev "lan"]
  type = "user"
  hostfwd = "tcp::1-:2,x"

[boot-opts]
  menu = "on"

[device "net"]
  driver = "virtio-net-pci"
  netdev = "lan"
"""
    found = read_command_line(["-S", "-readconfig", "a.cfg", "-m", "1G"], {"a.cfg": config}.__getitem__)
    assert [(argument.name, argument.first, argument.id) for argument in found] == [
        ("S", "", ""),
        ("netdev", "user", "lan"),
        ("boot", "", ""),
        ("device", "virtio-net-pci", "net"),
        ("m", "", ""),
    ]
    assert found.all("boot")[0].properties == {"menu": "on"}
    netdev = found.one("netdev", "lan")
    assert netdev is not None
    assert netdev.properties == {"id": "lan", "hostfwd": "tcp::1-:2,x"}
    assert found.one("netdev", "other") is None


def test_ids() -> None:
    assert one("-blockdev", "raw,node-name=d").id == "d"
    assert one("-netdev", "user,id=lan").id == "lan"
    assert one("-m", "1G").id == ""


def _no_utf8(name: str) -> str:
    return b"\xff".decode("utf-8")


def _not_there(name: str) -> str:
    raise FileNotFoundError(2, "No such file or directory", name)


@pytest.mark.parametrize(
    ("open_file", "reason"), [(_no_utf8, "is no UTF-8"), (_not_there, "No such file or directory")]
)
def test_a_configuration_file_that_cannot_be_read_is_told(
    open_file: Callable[[str], str], reason: str
) -> None:
    found = read_command_line(["-readconfig", "a.cfg", "-m", "1G"], open_file)
    assert [argument.name for argument in found] == ["m"]
    assert found.unread == [f"-readconfig a.cfg: {reason}; what only this file says is missing"]


def test_what_options_of_a_name_say_together() -> None:
    found = read_command_line(["-M", "pc,usb=on", "-machine", "usb=off,accel=tcg"])
    assert found.together("M", "machine") == {"type": "pc", "usb": "off", "accel": "tcg"}
