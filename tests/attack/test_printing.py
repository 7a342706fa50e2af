"""Foreign texts in what is printed: nothing moves a cursor, and no line is a command of a CI system.

Names of files and folders, words of the command line, values, texts of git, QEMU and hint files go through
every command and every form of output.
"""

from __future__ import annotations

import ast
import json
import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from xml.etree import ElementTree

import pytest

from machdesc.cli.check import FORMATS
from machdesc.cli.main import COMMANDS, main
from machdesc.diagnostic import printable
from machdesc.hints.hint import DeviceHint, Hints, hint_text
from tests.check.repository import Repository

PACKAGE = Path(__file__).parents[2] / "machdesc"

TEXTS = {
    "command": "a\n::error file=x::PWNED",
    "command first": "::error title=x::PWNED",
    "command behind spaces": " \t ::warning::PWNED",
    "command anywhere": "x##[error]PWNED",
    "azure": "##vso[task.setvariable]PWNED",
    "return": "a\r::error::PWNED",
    "title": "\x1b]0;PWNED\x07",
    "clear": "\x1b[2J",
    "eight bits": "\x9b31m",
    "next line": "a\x85::error::PWNED",
    "line separator": "a\u2028::error::PWNED",
    "turned": "a\u202egnp",
    "no width": "\u200b\u2066",
    "tag": "\U000e0041",
    "byte": "\udcff\udc9b",
    "option": "-rf",
    "quote": "\"'`$(x)",
}
"""What somebody may call a file."""

GUEST = """# A guest

```machdesc
machdesc 1
guest g
machine q35 @ 7.2
memory   1GiB
smbios 1 { manufacturer "x\\n::error::PWNED ##[error]PWNED \u202e\u2028::error::PWNED" }
device virtio-net-pci net0
device frob x
```
"""
SOUND = GUEST.replace("device frob x\n", "")
WRONG, PLAIN = (re.sub("smbios.*\n", "", text) for text in (GUEST, SOUND))

EACH = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())

Capture = pytest.CaptureFixture[bytes]


def inert(output: bytes, github: bool = False) -> list[str]:
    """The lines of an output, of which none may do anything; `github` is for that form of report."""
    text = output.decode()
    lines = text.split("\n")
    for line in lines:
        assert line.isprintable(), ascii(line)
        if line.lstrip().startswith("::"):
            # GitHub's runner looks for `##[` only in lines that are no command of this form.
            assert github, line
            assert re.fullmatch(r"::(error|warning|notice)( [^:]*)?::.+", line), line
        else:
            assert not re.search(r"##(vso|teamcity)?\[", line), line
    return lines


def run(capture: Capture, *words: str) -> tuple[int, str, str]:
    """Runs the command: its exit code and both outputs, which are inert."""
    code = main(list(words))
    told = capture.readouterr()
    inert(told.out, "github" in words)
    inert(told.err)
    assert b"internal error" not in told.err, told.err
    return code, told.out.decode(), told.err.decode()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the command runs in, with a catalog of its user that is empty."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return tmp_path


READING = [
    ["lint"],
    ["lint", "--horizon", "12.2"],
    ["fmt", "--check"],
    ["fmt", "--diff"],
    ["pin", "--check"],
    ["pin", "--diff"],
    ["show"],
    ["show", "--origin"],
    ["show", "--format", "json"],
    ["features", "--to", "10.0"],
    ["features", "--to", "10.0", "--format", "json"],
    ["upgrade", "--to", "10.0", "--check"],
    ["upgrade", "--to", "10.0", "--diff"],
    ["rebase", "--to", "10.0", "--check"],
    ["compile", "--format", "json", "--latest"],
    ["compile", "--format", "argv", "--latest"],
    ["verify", "--qemu", "/nonexistent/qemu"],
    ["hints", "show"],
]


@pytest.mark.parametrize("content", ["wrong", "sound", "none"])
@EACH
def test_names_of_files(text: str, content: str, folder: Path, capfdbinary: Capture) -> None:
    told = {"wrong": WRONG, "sound": PLAIN, "none": "# Nothing\n"}[content]
    name = os.path.join(f"x{text}", f"{text}.md") if content == "wrong" else f"{text}.md"
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(told)
    words = ["./" + name] if name.startswith("-") else [name]
    for command in READING:
        run(capfdbinary, command[0], *words, *command[1:])
    code, _, errors = run(capfdbinary, "fmt", "--check", "--", name)
    assert code == 1
    assert "not in canonical form" in errors or content == "none"
    assert path.read_text() == told


@pytest.mark.parametrize("words", READING, ids=lambda words: " ".join(words))
def test_values(words: list[str], folder: Path, capfdbinary: Capture) -> None:
    (folder / "g.md").write_text(GUEST)
    (folder / "sound.md").write_text(SOUND)
    if "--diff" not in words:
        for name in ("g.md", "sound.md"):
            run(capfdbinary, words[0], name, *words[1:])


@EACH
def test_names_of_files_that_are_not_there(text: str, folder: Path, capfdbinary: Capture) -> None:
    words = ["./" + text if text.startswith("-") else text]
    for command in READING:
        code, _, errors = run(capfdbinary, command[0], *words, *command[1:])
        assert code != 0
        assert errors


@pytest.mark.parametrize("format", FORMATS)
@EACH
def test_reports(format: str, text: str, folder: Path, capfdbinary: Capture) -> None:
    (folder / "old" / text).mkdir(parents=True)
    (folder / "new" / text).mkdir(parents=True)
    for side, contents in (
        ("old", (SOUND, SOUND, SOUND, GUEST)),
        ("new", (SOUND.replace("1GiB", "2GiB"), None, GUEST, GUEST)),
    ):
        for number, content in enumerate(contents):
            if content is not None:
                (folder / side / text / f"{number}{text}.md").write_text(content)
    # What is new alone.
    (folder / "new" / text / f"n{text}.md").write_text(SOUND)
    code, out, _ = run(capfdbinary, "check", "old", "new", "--format", format)
    assert code == 2
    if format in ("json", "sarif"):
        json.loads(out)
    if format == "json":
        pairs = json.loads(out)["pairs"]
        names = {side["name"] for pair in pairs for side in (pair["old"], pair["new"]) if side}
        assert os.path.join("new", text, f"n{text}.md") in names
    if format == "junit":
        cases = ElementTree.fromstring(out).iter("testcase")
        name = os.path.join("new", text, f"n{text}.md")
        assert printable(name) in {case.attrib["name"] for case in cases}
    assert main(["check", "old", "new", "--format", format, "-o", "report"]) == 2
    inert((folder / "report").read_bytes(), format == "github")


@EACH
def test_revisions_and_files_in_git(text: str, folder: Path, capfdbinary: Capture) -> None:
    repository = Repository(folder)
    (folder / f"x{text}.md").write_text(SOUND)
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "x")
    (folder / f"x{text}.md").write_text(SOUND.replace("1GiB", "2GiB"))
    for format in FORMATS:
        assert run(capfdbinary, "check", "--against", "HEAD", ".", "--format", format)[0] in (1, 2)
    assert run(capfdbinary, "check", f"HEAD:x{text}.md", f"x{text}.md")[0] in (1, 2)
    assert run(capfdbinary, "check", f"--against={text}", ".")[0] == 2
    assert run(capfdbinary, "check", f"HEAD:x{text}", ".")[0] == 2
    assert run(capfdbinary, "check", f"x{text}:x.md", ".")[0] == 2


WORDS = [
    ["explain", "{}"],
    ["explain", "x{}..y{}"],
    ["explain", "pc-q35-7.2..{}"],
    ["explain", "virtio-net-pci", "{}"],
    ["explain", "virtio-net-pci", "7.2..{}"],
    ["explain", "e1000", "--catalog={}"],
    ["explain", "e1000x", "--machine-types={}"],
    ["schema", "{}"],
    ["schema", "e1000@{}"],
    ["schema", "{}@7.2"],
    ["schema", "e1000", "--catalog={}"],
    ["latest", "{}"],
    ["latest", "q35", "--qemu={}"],
    ["latest", "q35", "--catalog={}"],
    ["lint", "g.md", "--qemu={}"],
    ["lint", "g.md", "--horizon={}"],
    ["lint", "g.md", "--include-dir={}"],
    ["lint", "g.md", "--machine-types={}"],
    ["lint", "g.md", "--color={}"],
    ["lint", "g.md", "--{}"],
    ["lint", "g.md", "--strict={}"],
    ["check", "g.md", "h.md", "--jobs={}"],
    ["check", "g.md", "h.md", "--require={}"],
    ["check", "g.md", "h.md", "--old-qemu={}"],
    ["check", "g.md", "h.md", "-o", "no folder/{}"],
    ["check", "g.md", "{}"],
    ["check", "{}"],
    ["compile", "g.md", "--hints={}"],
    ["compile", "g.md", "--hints=g.md", "--{}"],
    ["compile", "g.md", "-o", "g.md/{}"],
    ["run", "g.md", "--qemu={}"],
    ["run", "g.md", "--qemu='{}"],
    ["show", "g.md", "--device={}"],
    ["features", "g.md", "--to={}"],
    ["upgrade", "g.md", "--to={}"],
    ["upgrade", "g.md", "--to=10.0", "--only={}"],
    ["rebase", "g.md", "--to={}"],
    ["verify", "g.md", "--qemu={}"],
    ["verify", "g.md", "--qmp={}"],
    ["verify", "g.md", "--timeout={}"],
    ["import", "qmp", "--qmp={}"],
    ["import", "{}", "--qmp=x"],
    ["hints", "{}"],
    ["hints", "dump", "--qmp={}", "-o", "x"],
    ["harvest", "--qemu={}"],
    ["harvest", "--qemu=x", "--release={}"],
    ["{}"],
    ["{}", "--help"],
]


@pytest.mark.parametrize("words", WORDS, ids=lambda words: " ".join(words))
def test_words_of_the_command_line(words: list[str], folder: Path, capfdbinary: Capture) -> None:
    for name in ("g.md", "h.md"):
        (folder / name).write_text(PLAIN)
    for text in TEXTS.values():
        run(capfdbinary, *(word.replace("{}", text) for word in words))


def test_every_command_is_tried() -> None:
    assert {words[0] for words in (*READING, *WORDS)} >= {*COMMANDS}


def fake(folder: Path, version: str, body: str) -> str:
    """A program that prints a version, or otherwise does `body`."""
    path = folder / "qemu"
    (folder / "version").write_text(version, errors="surrogateescape")
    path.write_text(f'#!/bin/sh\ncase "$*" in *--version*) cat version; exit 0;; esac\n{body}\n')
    path.chmod(0o755)
    return str(path)


ASKING = [
    ["verify", "g.md"],
    ["verify", "g.md", "--qemu", "./qemu"],
    ["harvest", "-o", "out"],
    ["latest", "q35"],
    ["lint", "g.md"],
    ["run", "g.md", "--dry-run"],
]


@pytest.mark.parametrize("words", ASKING, ids=lambda words: " ".join(words))
@EACH
def test_what_qemu_says(words: list[str], text: str, folder: Path, capfdbinary: Capture) -> None:
    (folder / "g.md").write_text(PLAIN)
    (folder / "words").write_text(f"{text}\n{text}\n", errors="surrogateescape")
    told = "QEMU emulator version 7.2"
    for version in (f"{told}.22 ({text})\n{text}\n", f"{told}{text}\n", text):
        fake(folder, version, "cat words >&2; exit 3")
        run(capfdbinary, *words, "--qemu", "./qemu")


@contextmanager
def monitor(path: str, *answers: object) -> Iterator[None]:
    """A monitor that gives answers, one for each line that it is sent, to one client."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()

        def serve() -> None:
            client, _ = listening.accept()
            with suppress(OSError), client, client.makefile("rwb") as stream:
                for number, answer in enumerate(answers):
                    if number and not stream.readline():
                        return
                    stream.write(json.dumps(answer).encode() + b"\r\n")
                    stream.flush()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield
        thread.join(10)


def test_what_a_monitor_says(folder: Path, capfdbinary: Capture) -> None:
    text = "\n".join(TEXTS.values())
    (folder / "g.md").write_text(SOUND)
    version = {"qemu": {"major": 7, "minor": 2, "micro": 0}, "package": text}
    greeting = {"QMP": {"version": version, "capabilities": []}}
    refusal = {"error": {"class": "GenericError", "desc": text}}
    talks: list[list[object]] = [
        [{"QMP": text}],
        [text],
        [greeting, refusal],
        [greeting, {"return": {}}, *[refusal] * 9],
    ]
    for number, talk in enumerate(talks):
        for command in (["import", "qmp"], ["verify", "g.md"], ["hints", "dump", "-o", "x"]):
            path = f"{command[0]}{number}"
            with monitor(path, *talk):
                code, _, errors = run(capfdbinary, *command, "--qmp", path, "--timeout", "0.5")
            assert code == 2
            assert errors


@EACH
def test_what_a_file_of_hints_says(text: str, folder: Path, capfdbinary: Capture) -> None:
    text = text.encode("utf-8", "replace").decode()
    values: dict[str, bool | int | str] = {text: text}
    cpus = {"cpus": 1}
    device = DeviceHint(text, text, False, text, text, values)
    flags = {text: "on"}
    hints = Hints("7.2.22", text, "x86_64", text, values, values, cpus, text, values, flags, (device,))
    (folder / "hints").write_text(hint_text(hints))
    (folder / "g.md").write_text(SOUND)
    run(capfdbinary, "hints", "show", "hints")
    run(capfdbinary, "compile", "g.md", "--hints", "hints", "--format", "json")


@EACH
def test_a_diff_names_any_file_and_is_exact(text: str, folder: Path, capfdbinary: Capture) -> None:
    name = f"d{text}.md"
    (folder / name).write_text(SOUND + "\x1b[1m prose ::error::\n")
    assert main(["fmt", "--diff", name]) == 0
    diff = capfdbinary.readouterr().out
    assert b"\x1b[1m prose ::error::" not in diff
    header = diff.splitlines()[0]
    inert(header)
    if "/" not in text:
        repository = Repository(folder)
        (folder / "x.patch").write_bytes(diff)
        repository.git("apply", "-p0", "x.patch")
        assert main(["fmt", "--check", name]) == 0


def test_a_diff_for_people_is_inert(
    folder: Path, capfdbinary: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    (folder / "g.md").write_text("::error::PWNED \x1b[1m\n\tkept\n\n" + SOUND.partition("\n\n")[2])
    assert main(["fmt", "--diff", "g.md"]) == 0
    lines = inert(capfdbinary.readouterr().out.replace(b"\t", b""))
    assert any("PWNED" in line for line in lines)


ALLOWED = {
    "cli/output.py": "",
    "syntax/generate.py": "is no part of the command",
    "catalog/generate.py": "is no part of the command",
    "check/worker.py": "hands over what waits in buffers before it forks",
    "ending.py": "writes a text of its own in the handler of a signal",
    "writing.py": "writes files; in the handler of a signal, where the copy of one is",
    "cli/progress.py": "clears its line in the handler of a signal",
}
"""Modules that write by themselves, and why."""


def printing(tree: ast.AST) -> list[int]:
    """The lines of a module that print, or could."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in ("print", "print_exc"):
            found.append(node.lineno)
        elif isinstance(node, ast.Attribute):
            name = f"{getattr(node.value, 'id', '')}.{node.attr}"
            if name in (
                *("sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__"),
                *("traceback.print_exc", "warnings.warn", "logging.warning", "logging.error"),
            ):
                found.append(node.lineno)
            if name == "os.write":
                found.append(node.lineno)
        elif isinstance(node, ast.ImportFrom) and node.module in ("sys", "traceback"):
            found += [node.lineno for alias in node.names if alias.name.startswith(("std", "print"))]
    return found


def test_one_module_prints() -> None:
    found = {path: printing(ast.parse(path.read_bytes())) for path in PACKAGE.rglob("*.py")}
    where = {str(path.relative_to(PACKAGE)): lines for path, lines in found.items() if lines}
    assert where.keys() == ALLOWED.keys(), where


EXACT = {
    *("check.py", "compile.py", "features.py", "fmt.py", "importing.py", "rewrite.py", "run.py"),
    *("schema.py", "show.py"),
}
"""Modules that print data for programs."""


def test_data_is_printed_where_it_should() -> None:
    calling = {
        path.name
        for path in (PACKAGE / "cli").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("emit", "emit_bytes")
    }
    assert calling == EXACT


@pytest.mark.parametrize("character", sorted({*"".join(TEXTS.values())} - {*"\n"}), ids=ascii)
def test_printable(character: str) -> None:
    shown = printable(character)
    assert shown.isprintable()
    assert (shown == character) is character.isprintable()


def test_escapes_are_those_of_python() -> None:
    assert printable("a\tb\n\x1b\xa0\u202e\U000e0041\udcff") == r"a\tb\n\x1b\xa0\u202e\U000e0041\xff"
