"""Standard output and standard error as they may be: in any encoding, closed, full, or with nobody reading.

No command ends in an internal error, and none that could not print its result ends with 0.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from machdesc.cli.main import COMMANDS
from tests.check.repository import Repository

MACHDESC = (sys.executable, "-m", "machdesc")
GUEST = """# Gäste

```machdesc
machdesc 1
guest g
machine q35 @ 7.2
memory   1GiB
smbios 1 { manufacturer "Zoë → 漢" }
device virtio-net-pci net0
```
"""
RESULTS = [
    *(["check", "g.md", "h.md", "--format", form] for form in ("text", "json", "sarif", "github", "junit")),
    ["check", "g.md", "h.md", "--format", "markdown"],
    *(["compile", "g.md", "--format", form] for form in ("args", "config", "argv", "json")),
    ["show", "g.md", "--origin"],
    ["show", "g.md", "--format", "json"],
    ["features", "g.md", "--to", "10.0"],
    ["features", "g.md", "--to", "10.0", "--format", "json"],
    ["upgrade", "g.md", "--to", "10.0", "--diff"],
    ["fmt", "--diff", "g.md"],
    ["fmt", "--textconv", "g.md"],
    ["explain", "virtio-net-pci", "7.2..10.0"],
    ["schema", "virtio-net-pci"],
    ["latest"],
    ["--version"],
    ["--help"],
]
MESSAGES = [
    ["lint", "bad.md"],
    ["fmt", "--check", "g.md"],
    ["compile", "bad.md"],
    ["explain", "ü"],
    ["ü"],
    ["lint", "--ü"],
    [],
]
MORE = ["latin-1", "cp1252", "UTF8", "ascii:strict", "latin-1:surrogateescape"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a guest, what it was changed to, and one with errors."""
    folder = tmp_path_factory.mktemp("streams")
    repository = Repository(folder)
    repository.write("g.md", GUEST)
    repository.write("h.md", GUEST.replace("1GiB", "2GiB").replace("Zoë", "Zoé"))
    repository.write("bad.md", GUEST.replace("virtio-net-pci net0", "ünknown x"))
    return folder


def run(
    folder: Path, words: list[str], redirected: str, **variables: str
) -> subprocess.CompletedProcess[bytes]:
    """The command in a shell that redirects its streams."""
    environment = {**os.environ, **variables}
    environment.pop("GITHUB_ACTIONS", None)
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", *MACHDESC, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        check=False,
        timeout=60,
    )


def every(words: list[list[str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("words", words, ids=" ".join)


@every([*RESULTS, *MESSAGES, *([name, "--help"] for name in COMMANDS)])
def test_any_encoding(words: list[str], folder: Path) -> None:
    plain = run(folder, words, "", PYTHONIOENCODING="utf-8")
    plain.stdout.decode()
    for encoding in ["ascii", *(MORE if words == ["features", "g.md", "--to", "10.0"] else [])]:
        done = run(folder, words, "", PYTHONIOENCODING=encoding)
        assert b"internal error" not in done.stderr
        assert done.returncode == plain.returncode
        name = encoding.partition(":")[0]
        if words[:2] == ["fmt", "--textconv"]:  # git takes it as UTF-8
            name = "utf-8"
        told = done.stdout.decode(name)
        done.stderr.decode(name)
        if "json" in words or "sarif" in words or "argv" in words:
            assert json.loads(done.stdout) == json.loads(plain.stdout)
        elif "junit" in words:
            assert _texts(done.stdout) == _texts(plain.stdout)
        elif name == "utf-8":
            assert done.stdout == plain.stdout
        else:
            assert told.count("\n") == plain.stdout.count(b"\n")


def _texts(document: bytes) -> list[object]:
    return [(e.tag, e.attrib, e.text) for e in ElementTree.fromstring(document.decode("utf-8")).iter()]


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
@pytest.mark.parametrize("utf8", ["0", "1"])
def test_any_locale(locale: str, utf8: str, folder: Path) -> None:
    for words in (
        ["check", "g.md", "h.md"],
        ["features", "g.md", "--to", "10.0"],
        ["--help"],
        ["lint", "bad.md"],
    ):
        variables = {"LC_ALL": locale, "PYTHONUTF8": utf8, "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}
        done = run(folder, words, "", **variables)
        assert b"internal error" not in done.stderr
        assert done.returncode in (0, 1)


@every(RESULTS)
def test_a_result_that_cannot_be_printed(words: list[str], folder: Path) -> None:
    for redirected, reason in ((">/dev/full", b"No space left on device"), (">&-", b"Bad file descriptor")):
        done = run(folder, words, redirected)
        assert done.returncode == 2, redirected
        assert done.stderr.endswith(b"machdesc: standard output: " + reason + b"\n")
        assert b"Traceback" not in done.stderr
    assert run(folder, words, ">/dev/full 2>&1").returncode == 2


@every(MESSAGES)
def test_a_message_that_cannot_be_printed(words: list[str], folder: Path) -> None:
    code = run(folder, words, "").returncode
    assert code
    full = run(folder, words, "2>/dev/full")
    assert (full.returncode, full.stdout) == (2, b"")
    closed = run(folder, words, "2>&-")
    assert (closed.returncode, closed.stdout) == (code, b"")
    assert run(folder, words, "<&- >&- 2>&-").returncode == code


@every([*RESULTS, *MESSAGES])
def test_a_reader_that_has_gone(words: list[str], folder: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    streams = (writer, subprocess.PIPE) if words in RESULTS else (subprocess.PIPE, writer)
    try:
        process = subprocess.run(
            [*MACHDESC, *words], cwd=folder, stdout=streams[0], stderr=streams[1], check=False, timeout=60
        )
    finally:
        os.close(writer)
    assert process.returncode == 141
    assert b"Error" not in (process.stderr or b"")


def test_closed_streams_do_no_harm_to_files(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.md").write_text(GUEST)
    done = run(tmp_path, ["fmt", "."], "<&- >&- 2>&-")
    assert done.returncode == 0
    for number in range(20):
        assert (tmp_path / f"{number}.md").read_text() == GUEST.replace("memory   ", "memory ")
    assert len(os.listdir(tmp_path)) == 20
