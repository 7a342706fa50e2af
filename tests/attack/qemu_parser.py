"""How QEMU reads its options, in Python: what a command line or a configuration file means to it.

Written after util/qemu-option.c (get_opt_name_value, get_opt_value), util/keyval.c (keyval_parse_one),
target/i386/cpu.c (x86_cpu_parse_featurestr) and util/qemu-config.c (qemu_config_parse);
`test_output_injection` compares it with real QEMUs, 7.2 and 11.1 by default.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

Pairs = list[tuple[str, object]]

IMPLIED = {
    "device": "driver",
    "object": "qom-type",
    "netdev": "type",
    "chardev": "backend",
    "tpmdev": "type",
    "fsdev": "fsdriver",
    "accel": "accel",
    "name": "guest",
    "numa": "type",
    "vnc": "vnc",
    "fw_cfg": "name",
    "mon": "chardev",
    "smp": "cpus",
    "m": "size",
    "boot": "order",
    "sandbox": "enable",
    "machine": "type",
    "blockdev": "driver",
    "display": "type",
    "audiodev": "driver",
}
"""The key of a first word without one. `None` of the others."""

OTHERS = ("drive", "global", "smbios", "rtc", "spice", "overcommit", "action", "msg", "run-with")
VERBATIM = ("uuid", "readconfig", "pidfile", "D")
JSON = ("device", "object", "netdev", "blockdev", "display", "audiodev")
FLAGS = ("nodefaults", "no-user-config")


def options(text: str, implied: str | None) -> Pairs:
    """What QemuOpts and keyval make of a text: they split it alike."""
    found: Pairs = []
    at, first = 0, True
    while at < len(text):
        end = at
        while end < len(text) and text[end] not in "=,":
            end += 1
        if end < len(text) and text[end] == "=":
            key, (value, at) = text[at:end], _value(text, end + 1)
        elif first and implied is not None:
            key, (value, at) = implied, _value(text, at)
        else:
            key, value, at = text[at:end], "on", end + 1
        found.append((key, value))
        first = False
    return found


def _value(text: str, at: int) -> tuple[str, int]:
    """A value up to its comma, of which two are one; and where the next option begins."""
    value = ""
    while at < len(text):
        if text[at] == ",":
            at += 1
            if at >= len(text) or text[at] != ",":
                break
        value += text[at]
        at += 1
    return value, at


def cpu(text: str) -> Pairs:
    """What `-cpu` sets."""
    model, _, features = text.partition(",")
    found: Pairs = [("model", model)]
    for word in filter(None, features.split(",")):
        if word[0] in "+-":
            found.append((word[1:], "on" if word[0] == "+" else "off"))
        else:
            key, equals, value = word.partition("=")
            found.append((key.replace("_", "-"), value if equals else "on"))
    return found


def command_line(arguments: list[str]) -> list[tuple[str, Pairs]]:
    """The options of a command line, without the program, and what each sets."""
    found: list[tuple[str, Pairs]] = []
    words = iter(arguments)
    for word in words:
        name = word.removeprefix("-")
        assert word != name, f"no option: {word!r}"
        if name in FLAGS:
            found.append((name, []))
            continue
        text = next(words)
        if name in VERBATIM:
            found.append((name, [("", text)]))
        elif name == "cpu":
            found.append((name, cpu(text)))
        elif name in JSON and text.startswith("{"):
            found.append((name, _leaves("", json.loads(text))))
        else:
            assert name in IMPLIED or name in OTHERS, f"which parser has -{name}?"
            found.append((name, options(text, IMPLIED.get(name))))
    return found


def _leaves(key: str, value: object) -> Pairs:
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in _leaves(f"{key}.{name}", inner)]
    if isinstance(value, list):
        return [leaf for number, inner in enumerate(value) for leaf in _leaves(f"{key}.{number}", inner)]
    return [(key, value)]


def readconfig(data: bytes) -> list[tuple[str, Pairs]]:
    """The groups of a configuration file, and what each sets."""
    found: list[tuple[str, Pairs]] = []
    for line in _fgets(data):
        if line[:1] in (b"\n", b"#"):
            continue
        text = line.decode("utf-8", "surrogateescape")
        if text.startswith("["):
            group, _, rest = text[1:].partition("]")
            name, quote, ident = group.partition(' "')
            assert rest == "\n", f"what is this: {text!r}"
            found.append((name[:63], [("id", ident.partition('"')[0][:63])] if quote else []))
            continue
        key, equals, value = text.strip(" \t").partition(' = "')
        assert equals, f"parse error: {text!r}"
        assert found, f"no group defined: {text!r}"
        found[-1][1].append((key[:63], value.partition('"')[0]))
    return found


def _fgets(data: bytes) -> list[bytes]:
    """The lines that `fgets` reads into 1024 bytes."""
    lines = []
    for line in data.split(b"\n"):
        line += b"\n"
        lines += [line[at : at + 1023] for at in range(0, len(line), 1023)]
    return lines


def shell_words(shell: str, text: str, directory: Path) -> list[str]:
    """The words of a command line, the program first, as a real shell in a directory reads them."""
    with tempfile.TemporaryDirectory() as folder:
        stub = Path(folder, "qemu-system-x86_64")
        stub.write_text("""#!/bin/sh\nprintf '%s\\0' "${0##*/}" "$@"\n""")
        stub.chmod(0o755)
        done = subprocess.run(
            [shell, "-c", 'eval "$1"', "sh", text],
            capture_output=True,
            check=True,
            cwd=directory,
            env={"PATH": f"{folder}:/usr/bin:/bin"},
        )
    assert done.stderr == b""
    return done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
