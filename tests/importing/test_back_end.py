"""Back ends, from command lines and answers of a monitor that are made by hand."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from machdesc.importing.argument import CommandLine, read_command_line
from machdesc.importing.back_end import BackEnds, host_statements
from machdesc.importing.implied import character_device
from machdesc.importing.lasting import lasting, socket_properties
from machdesc.live.monitor import Monitor


class Told(Monitor):
    """A monitor that has its answers already."""

    def __init__(self, chardevs: Mapping[str, str]) -> None:
        self._answers: dict[str, object] = {
            "query-chardev": [{"label": label, "filename": name} for label, name in chardevs.items()],
            "query-block": [],
            "query-named-block-nodes": [],
            "query-audiodevs": [],
            "query-kvm": {"enabled": False},
            "query-tpm": [],
        }

    def ask(self, command: str, **arguments: object) -> object:
        """An answer."""
        return self._answers[command]


def host(*words: str) -> str:
    """What of a command line stands in `host`."""
    return "\n".join(host_statements(read_command_line(words), False))


def chardev(command_line: CommandLine, id: str, chardevs: Mapping[str, str]) -> tuple[str, list[str]]:
    """The statement of a character device, and what is told of it."""
    back_ends = BackEnds(Told(chardevs), command_line)
    assert back_ends.name("chardev", id, "") == id
    return next(line for line in back_ends.statements() if line.startswith("chardev")), list(
        back_ends.untold()
    )


def test_flash_drives_without_unit_are_counted() -> None:
    text = host("-drive", "if=pflash,file=a", "-drive", "if=pflash,file=b", "-pflash", "c")
    assert "drive pflash0 {" in text
    assert "drive pflash1 {" in text
    assert "drive pflash2 {\n  if pflash\n  file c\n}" in text


def test_a_flash_drive_takes_the_first_unit_that_is_free() -> None:
    text = host("-drive", "if=pflash,unit=0,file=a", "-drive", "if=pflash,id=x,file=b", "-pflash", "c")
    assert "drive pflash0 {" in text
    assert "drive x {" in text
    assert "drive pflash2 {" in text


def test_a_drive_does_not_make_its_device_again() -> None:
    assert host("-drive", "id=d,file=a,if=virtio,index=1").endswith("drive d {\n  if none\n  file a\n}")


def test_settings_of_the_process() -> None:
    words = ["-name", "guest=a,debug-threads=on", "-msg", "timestamp=on", "-sandbox", "on,spawn=deny"]
    words += [
        "-no-shutdown",
        "-watchdog-action",
        "pause",
        "-overcommit",
        "mem-lock=off",
        "-overcommit",
        "cpu-pm=on",
    ]
    text = host(*words)
    assert "name {\n  debug-threads on\n}" in text
    assert "msg {\n  timestamp on\n}" in text
    assert "sandbox {\n  enable on\n  spawn deny\n}" in text
    assert "overcommit {\n  mem-lock off\n  cpu-pm on\n}" in text
    assert "arguments [-no-shutdown]" in text
    assert "arguments [-watchdog-action, pause]" in text


def test_a_whole_smbios_table_is_an_argument() -> None:
    assert host("-smbios", "file=blob") == "arguments [-smbios, file=blob]"


def test_accelerators_of_the_machine() -> None:
    text = host("-M", "pc,accel=kvm:tcg,kernel-irqchip=split")
    assert text == "accel kvm {\n  kernel-irqchip split\n}\naccel tcg"


def test_texts_of_json_lists() -> None:
    text = host("-netdev", '{"type": "user", "id": "n", "hostfwd": [{"str": "tcp::1-:2"}]}')
    assert "hostfwd [tcp::1-:2]" in text


@pytest.mark.parametrize(
    ("text", "kind", "properties"),
    [
        ("file:a,b", "file", {"path": "a,b"}),
        ("pipe:/a", "pipe", {"path": "/a"}),
        ("pty", "pty", {}),
        ("stdio", "stdio", {}),
        ("mon:stdio", "stdio", {"signal": "off"}),
        ("vc:80Cx24C", "vc", {"cols": "80", "rows": "24"}),
        ("unix:/a,server,nowait", "socket", {"path": "/a", "server": "on", "wait": "off"}),
        ("tcp::4444,server=on", "socket", {"host": "", "port": "4444", "server": "on"}),
        ("telnet:h:1", "socket", {"host": "h", "port": "1", "telnet": "on"}),
        ("udp:h:1@:2", "udp", {"host": "h", "port": "1", "localaddr": "", "localport": "2"}),
        ("/dev/ttyS0", "serial", {"path": "/dev/ttyS0"}),
    ],
)
def test_older_words_for_character_devices(text: str, kind: str, properties: dict[str, object]) -> None:
    made = character_device(text)
    assert made is not None
    assert made.kind == kind
    assert made.properties == properties


@pytest.mark.parametrize("text", ["none", "chardev:a", "tcp:nonsense"])
def test_words_that_make_no_character_device(text: str) -> None:
    assert character_device(text) is None


def test_a_port_is_what_the_command_line_says() -> None:
    command_line = read_command_line(["-serial", "none", "-serial", "file:ser.log", "-parallel", "file:p"])
    assert chardev(command_line, "serial1", {"serial1": "file"}) == (
        "chardev file serial1 {\n  path ser.log\n}",
        [],
    )
    assert "path p" in chardev(command_line, "parallel0", {"parallel0": "file"})[0]


def test_a_file_whose_name_nobody_tells_is_none() -> None:
    text, told = chardev(read_command_line([]), "serial0", {"serial0": "file"})
    assert text == "chardev null serial0"
    assert told == ["chardev serial0: taken as `null` from `file`"]


@pytest.mark.parametrize(
    ("words", "shown", "statement"),
    [
        ("-nic user,hostfwd=tcp::1-:2,model=e1000", "#net011", "user net0 {\n  hostfwd tcp::1-:2\n}"),
        ("-nic none -nic user,id=a -nic user -nic tap,ifname=t", "#net117", "tap net0 {\n  ifname t\n}"),
        ("-nic user,id=a -nic user -nic tap,ifname=t", "__org.qemu.nic2", "tap net0 {\n  ifname t\n}"),
        ("-net nic,model=e1000 -net tap,ifname=t", "hub0port0", "tap net0 {\n  ifname t\n}"),
        ("-net tap,ifname=t,id=x -net nic", "hub0port1", "tap net0 {\n  ifname t\n}"),
        ("-M pc", "hub0port0", "user net0"),
    ],
)
def test_a_network_without_an_id_has_its_options_and_an_id(words: str, shown: str, statement: str) -> None:
    back_ends = BackEnds(Told({}), read_command_line(words.split()))
    assert back_ends.name("netdev", shown, "") == "net0"
    assert back_ends.name("netdev", shown, "") == "net0"
    assert f"netdev {statement}" in list(back_ends.statements())
    assert list(back_ends.untold()) == []


@pytest.mark.parametrize(
    ("words", "shown", "id"),
    [("", "#net011", "net0"), ("-nic user", "#net199", "net0"), ("-M pc -nodefaults", "lan", "lan")],
)
def test_a_network_that_nobody_describes_is_told(words: str, shown: str, id: str) -> None:
    back_ends = BackEnds(Told({}), read_command_line(words.split()))
    assert back_ends.name("netdev", shown, "") == id
    assert f"netdev user {id}" in list(back_ends.statements())
    (told,) = back_ends.untold()
    assert told.startswith(f"netdev {id}: neither QMP nor the command line says what it is")


def test_the_default_back_end_of_sound_gets_an_id() -> None:
    back_ends = BackEnds(Told({}), read_command_line(["-device", "AC97"]))
    assert back_ends.name("audiodev", "#default", "") == "audio0"
    assert "audiodev none audio0" in list(back_ends.statements())
    assert list(back_ends.untold()) == []


def test_the_id_of_a_device_is_no_back_end() -> None:
    command_line = read_command_line(["-device", "virtio-serial-pci,id=serial0", "-serial", "file:a"])
    assert "path a" in chardev(command_line, "serial0", {"serial0": "file"})[0]


def test_back_ends_of_options_that_give_an_id() -> None:
    command_line = read_command_line(["-virtfs", "local,id=v,path=/,mount_tag=x", "-nic", "user,id=n"])
    back_ends = BackEnds(Told({}), command_line)
    assert back_ends.name("fsdev", "v", "") == "v"
    assert back_ends.name("netdev", "n", "") == "n"
    assert list(back_ends.statements())[1:] == ["fsdev local v {\n  path /\n}", "netdev user n"]


def test_options_of_a_drive_that_is_not_found_are_told() -> None:
    back_ends = BackEnds(Told({}), read_command_line(["-drive", "file=a,if=virtio,format=raw,aio=native"]))
    assert list(back_ends.untold()) == ["-drive a: `aio` is not carried over, since the drive has no id"]


def test_what_only_monitors_use_belongs_to_the_run() -> None:
    words = ["-chardev", "socket,id=m,fd=3", "-mon", "chardev=m", "-chardev", "stdio,id=s,mux=on"]
    words += ["-mon", "s", "-serial", "chardev:s", "-chardev", "null,id=q", "-qmp", "chardev:q"]
    kept = lasting(read_command_line(words), {})
    assert [argument.id for argument in kept.all("chardev")] == ["s"]


def test_a_socket_that_was_handed_over_gets_its_address() -> None:
    words = ["-chardev", "socket,id=c,fd=3,server=on,wait=off", "-device", "virtserialport,chardev=c"]
    kept = lasting(read_command_line(words), {"c": "disconnected:unix:/a.sock,server=on"})
    assert kept.all("chardev")[0].properties == {"path": "/a.sock", "id": "c", "server": "on", "wait": "off"}


def test_addresses_of_sockets() -> None:
    assert socket_properties("unix:/a,server=on") == {"path": "/a", "server": "on", "wait": "off"}
    assert socket_properties("tcp:127.0.0.1:1 <-> 127.0.0.1:2") == {"host": "127.0.0.1", "port": "1"}
    assert socket_properties("unix:") == {}
    assert socket_properties("pty:/dev/pts/1") == {}
