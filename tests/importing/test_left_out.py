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
    ],
)
def test_a_secret_is_not_written_and_that_is_told(words: tuple[str, ...], key: str) -> None:
    command_line = read_command_line(words)
    assert "hunter2" not in "".join(host_statements(command_line, False))
    (told,) = left_out(command_line)
    assert f"`{key}`" in told
    assert "hunter2" not in told


def test_a_switch_is_no_secret() -> None:
    command_line = read_command_line(["-vnc", ":1,password=on"])
    assert "password on" in "".join(host_statements(command_line, False))
    assert list(left_out(command_line)) == []


def test_what_nothing_carries_is_told() -> None:
    words = ["-acpitable", "file=a", "-S", "-m", "1G", "-virtfs", "local,path=/", "-netdev", "user,id=n"]
    told = [line.split(":")[0] for line in left_out(read_command_line(words))]
    assert told == ["-acpitable", "-virtfs"]
