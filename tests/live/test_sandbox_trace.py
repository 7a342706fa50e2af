"""A trace of all that a QEMU does which `verify` or `harvest` starts: it executes and writes nothing."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

import machdesc
from machdesc.cli.main import main
from machdesc.diagnostic import has_errors
from machdesc.live.guest import start_guest
from machdesc.verify.comparison import harmless_guest
from tests.attack.test_sandbox import ARGUMENTS, EVIL, GUEST, MARK, STATEMENTS
from tests.live.binary import RELEASES, Binary
from tests.live.conftest import binary_or_skip
from tests.live.description import EXAMPLES
from tests.live.sight import words

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]

GUESTS = sorted(path.stem for path in EXAMPLES.glob("[!R]*.md"))
NEWEST = RELEASES[-1]
OLDER = [(name, RELEASES[1]) for name in ("legacy-zoo", "virtio-zoo", "windows-q35")]
CALLS = (
    "execve,execveat,open,openat,openat2,creat,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,rmdir,"
    "truncate,link,linkat,symlink,symlinkat,mknod,mknodat,chmod,fchmodat,chown,lchown,fchownat,connect,bind"
)
_HARMLESS = re.compile(
    r'"(?:/dev/null|/dev/sgx_vepc|/proc/self/task/\d+/comm|[^"]*/machdesc-\w+/vmstate\.json)"'
)
"""What QEMU opens for writing whatever it is asked: it looks for SGX at each start, `--version` too, and
names its threads. A harvest has it dump layouts of saved states into a folder of its own."""

_PROGRAMS = ("chroot", "qemu-system-x86_64")
_ABSTRACT = re.compile(r"sa_family=AF_UNIX, sun_path=@")


def traced(binary: Binary, trace: Path) -> str:
    """The words that start a QEMU, with each call that could touch something written down."""
    strace = [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-A",
        "-qq",
        "-e",
        f"trace={CALLS}",
        "-e",
        "signal=none",
        "-o",
        str(trace),
    ]
    return shlex.join([*strace, "-o", str(trace), *words(binary)])


def touched(trace: Path) -> list[str]:
    """The calls of a trace that did, or tried to do, more than to read."""
    found = []
    for line in trace.read_text(errors="replace").splitlines():
        call = re.match(r"\d+ +(\w+)\((.*)", line)
        if call is None:
            continue
        name, rest = call[1], call[2]
        if name.startswith("execve"):
            program = re.match(r'(?:AT_FDCWD, )?"([^"]*)"', rest)
            # The search along PATH tries names that are not there.
            if program and (
                " = -1 ENOENT" in rest or Path(program[1]).name in ("chroot", "qemu-system-x86_64")
            ):
                continue
        elif name.startswith("open"):
            if not re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE", rest):
                continue
            if _HARMLESS.search(rest):
                continue
        elif name in ("connect", "bind") and (_ABSTRACT.search(rest) or "AF_NETLINK" in rest):
            continue
        found.append(line)
    return found


def start(file: Path, binary: Binary) -> list[str]:
    """What a QEMU touches that is started for a description as `verify` does. Reading it is left out, which
    takes minutes below strace: what is opened is opened at the start."""
    trace = file.parent.parent / f"{file.parent.name}.trace"
    before = sorted(file.parent.rglob("*"))
    description, diagnostics = machdesc.load(str(file))
    assert description is not None, diagnostics
    guest, diagnostics = machdesc.compile(description, binary.release)
    assert guest is not None, diagnostics
    with start_guest(shlex.split(traced(binary, trace)), harmless_guest(guest, str(file))) as process:
        assert process.monitor.ask("query-status")["running"] is False
    assert sorted(file.parent.rglob("*")) == before
    return touched(trace)


@pytest.mark.parametrize(("name", "release"), [*((name, NEWEST) for name in GUESTS), *OLDER])
def test_examples_touch_nothing(name: str, release: str, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "guests")
    assert start(tmp_path / "guests" / f"{name}.md", binary_or_skip(release)) == []


def attack(kind: str) -> str:
    """One guest with all attacks of a kind that go together."""
    if kind == "arguments":
        words = ", ".join(f'"{word}"' for said in ARGUMENTS.values() for word in said)
        return EVIL.format(extra="", more="", host=f"arguments [{words}]")
    host: list[str] = []
    more: list[str] = []
    extra = ""
    for said in STATEMENTS.values() if kind == "back ends" else ():
        if compiles(EVIL.format(extra="", more="", host="\n".join([*host, said]))):
            host.append(said)
    for key, said in GUEST.values() if kind == "front ends" else ():
        if compiles(EVIL.format(extra=key or extra, more="\n".join([*more, said]), host="")):
            more.append(said)
            extra = key or extra
    assert len(host) > 8 or len(more) > 4
    return EVIL.format(extra=extra, more="\n".join(more), host="\n".join(host))


def compiles(text: str) -> bool:
    """Whether a text is a guest."""
    description, diagnostics = machdesc.load_source(machdesc.source_of(text, "evil.md"))
    if description is None or has_errors(diagnostics):
        return False
    return machdesc.compile(description, "7.2")[0] is not None


@pytest.mark.parametrize("kind", ["arguments", "back ends", "front ends"])
@pytest.mark.parametrize("is_there", [True, False])
def test_attacks_touch_nothing(kind: str, is_there: bool, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    text = attack(kind).replace(MARK, str(mark))
    if is_there:
        mark.write_text("#!/bin/sh\nexit 1\n")
        mark.chmod(0o755)
        text = re.sub(r"\nboot .*", "", text)  # QEMU ends when a kernel is none
    before = mark.read_bytes() if is_there else b""
    (tmp_path / "guests").mkdir()
    file = tmp_path / "guests" / "guest.md"
    file.write_text(text)
    assert start(file, binary_or_skip("7.2")) == []
    assert (mark.read_bytes() if mark.exists() else b"") == before


def test_verify_touches_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole command, with all that it asks and reads."""
    file, trace = tmp_path / "guest.machdesc", tmp_path / "trace"
    file.write_text(attack("arguments"))
    command = ["verify", str(file), "--qemu", traced(binary_or_skip("7.2"), trace), "--timeout", "300"]
    code = main(command)
    out, errors = capsys.readouterr()
    assert code == 0, errors
    assert "values were compared" in out
    assert touched(trace) == []


def test_a_harvest_touches_nothing(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    assert main(["harvest", "--qemu", traced(binary_or_skip("7.2"), trace), "-o", str(tmp_path / "out")]) == 0
    assert touched(trace) == []


def test_the_trace_sees_what_is_written(tmp_path: Path) -> None:
    """A QEMU that is not in the sandbox does leave traces."""
    trace, file = tmp_path / "trace", tmp_path / "written"
    command = [*shlex.split(traced(binary_or_skip("7.2"), trace)), "-serial", f"file:{file}", "-S"]
    command += ["-nodefaults", "-display", "none", "-monitor", "stdio", "-machine", "pc"]
    subprocess.run(command, input=b"quit\n", check=False, capture_output=True, timeout=60)
    assert [line for line in touched(trace) if str(file) in line]
