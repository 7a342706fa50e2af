"""What of a command line is left out, and told."""

from __future__ import annotations

import pytest

from machdesc.importing.argument import read_command_line
from machdesc.importing.back_end import host_statements
from machdesc.importing.left_out import left_out


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (
            ("-blockdev", "raw,node-name=d,file.driver=https,file.password=hunter2"),
            "file.password",
        ),
        (("-blockdev", '{"driver": "ssh", "node-name": "d", "password": "hunter2"}'), "password"),
        (("-spice", "port=1,password=hunter2"), "password"),
        (("-object", "secret,id=s,data=hunter2"), "data"),
        (
            (
                "-blockdev",
                '{"driver": "quorum", "node-name": "q", "children": [{"driver": "x", "cookie": "hunter2"}]}',
            ),
            "children.0.cookie",
        ),
        (
            ("-drive", "id=d0,driver=raw,file.driver=https,file.url=https://h/,file.cookie=hunter2"),
            "file.cookie",
        ),
        (
            ("-drive", 'id=d0,file=json:{"driver": "ssh",, "password": "hunter2"}'),
            "file.password",
        ),
        (("-drive", "id=d0,file=https://user:hunter2@host/a"), "file"),
        (("-drive", "id=d0,file=iscsi://user%hunter2@host/a"), "file"),
        (("-drive", "id=d0,file=rbd:pool/image:id=admin:key=hunter2:conf=/a"), "file"),
    ],
)
def test_a_secret_is_not_written_and_that_is_told(words: tuple[str, ...], key: str) -> None:
    command_line = read_command_line(words)
    assert "hunter2" not in "".join(host_statements(command_line, False))
    (told,) = left_out(command_line)
    assert f"`{key}`" in told
    assert "hunter2" not in told


def test_what_stands_around_a_secret_is_written() -> None:
    words = [
        "-drive",
        "id=a,file=https://user:hunter2@host/a",
        "-drive",
        "id=b,file=rbd:p/i:key=hunter2:conf=c",
    ]
    words += ["-drive", "id=c,file=ssh://user@host/a"]
    text = "".join(host_statements(read_command_line(words), False))
    assert "https://host/a" in text
    assert "rbd:p/i:conf=c" in text
    assert "ssh://user@host/a" in text


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("-netdev", "tap,id=n,fds=3:4,vhost=on"), "fds"),
        (("-netdev", "tap,id=n,fd=3,vhost=on"), "fd"),
        (("-netdev", '{"type": "tap", "id": "n", "vhostfd": "4"}'), "vhostfd"),
        (("-chardev", "socket,id=c,fd=3"), "fd"),
        (("-chardev", "file,id=c,path=/dev/fdset/3"), "path"),
        (("-blockdev", '{"driver": "file", "node-name": "f", "filename": "/dev/fdset/3"}'), "filename"),
    ],
)
def test_a_descriptor_is_not_written_and_that_is_told(words: tuple[str, ...], key: str) -> None:
    command_line = read_command_line(words)
    text = "".join(host_statements(command_line, False))
    assert "fd" not in text
    (told,) = left_out(command_line)
    assert f"`{key}` is " in told
    assert "another program opened" in told


def test_a_descriptor_for_each_queue_becomes_their_number() -> None:
    command_line = read_command_line(["-netdev", "tap,id=n,fds=3:4,vhost=on"])
    assert "queues 2" in "".join(host_statements(command_line, False))


def test_a_device_that_was_given_a_descriptor_is_told() -> None:
    words = ["-device", '{"driver": "vhost-vsock-pci", "id": "v", "guest-cid": 3, "vhostfd": "28"}']
    (told,) = left_out(read_command_line(words))
    assert told.startswith("-device v: `vhostfd`")


def test_text_that_is_no_utf8_is_told() -> None:
    command_line = read_command_line(["-drive", "id=d,file=a\udcff"])
    assert "\udcff" not in "".join(host_statements(command_line, False))
    assert list(left_out(command_line)) == ["-drive d: `file` is no UTF-8 and not written down"]


def test_a_global_without_a_value_is_told() -> None:
    (told,) = left_out(read_command_line(["-global", "driver=a,property=b"]))
    assert "sets nothing" in told


def test_a_switch_is_no_secret() -> None:
    command_line = read_command_line(["-vnc", ":1,password=on"])
    assert "password on" in "".join(host_statements(command_line, False))
    assert list(left_out(command_line)) == []


def test_what_nothing_carries_is_told() -> None:
    words = ["-acpitable", "file=a", "-S", "-m", "1G", "-k", "de", "-netdev", "user,id=n"]
    told = [line.split(":")[0] for line in left_out(read_command_line(words))]
    assert told == ["-acpitable", "-k"]
