"""A monitor that answers as no QEMU does: a message, never an internal error; and what is sent to a guest."""

from __future__ import annotations

import json
import re
import shlex
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

import machdesc
from machdesc.cli.main import main
from machdesc.live.conversation import Malformed
from machdesc.live.endpoint import open_endpoint
from machdesc.live.question import ANSWERS, READING
from tests.attack.json_mutation import mutants
from tests.attack.monitor import Client, recorded, use
from tests.attack.proxy import messages, proxy
from tests.live.binary import RELEASES
from tests.live.conftest import binary_or_skip
from tests.live.test_endpoint import GREETING
from tests.live.test_import import running

COMMAND = re.compile(
    r'(?:\bask\(\s*|\(|return |= )"((?:query|qom(?!-path)|device|object|x|migrate)-[a-z-]+)"'
)
COMMANDS = ("import", "hints", "verify")
MUTANTS = 250


def words_of(command: str, folder: Path, where: str) -> list[str]:
    """A command that is given `--qmp`, and `guest.md` of the folder."""
    return {
        "import": ["import", "qmp", "--qmp", where],
        "hints": ["hints", "dump", "--qmp", where, "-o", str(folder / "hints"), "--force"],
        "verify": ["verify", str(folder / "guest.md"), "--qmp", where],
    }[command]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the description of the recorded guest."""
    (tmp_path / "guest.md").write_text(recorded()["guest"], encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_a_guest_is_sent_only_what_reads(
    command: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = recorded()
    client = Client(content["answers"])
    use(monkeypatch, client, content["line"])
    code = main(words_of(command, folder, "recorded"))
    assert code == 0, capsys.readouterr().err
    assert set(client.asked) <= READING
    assert len(client.asked) > 100
    assert {name for name in READING if not name.startswith("query-")} == {"qom-list", "qom-get"}


def test_each_command_that_is_sent_has_a_shape() -> None:
    sources = Path(machdesc.__file__).parent
    sent = {
        name
        for folder in ("live", "harvest", "importing", "cli")
        for path in sorted((sources / folder).glob("*.py"))
        for name in COMMAND.findall(path.read_text(encoding="utf-8"))
    }
    assert len(sent) > 25
    assert sent - ANSWERS.keys() == set()
    assert ANSWERS.keys() >= READING


def test_another_command_is_a_defect_of_machdesc(tmp_path: Path) -> None:
    with (
        fake(tmp_path / "q", lambda _: {"return": {}}),
        open_endpoint(str(tmp_path / "q"), 5) as (_, monitor),
    ):
        for command in ("stop", "qom-set", "getfd", "human-monitor-command", "qom-list-get"):
            with pytest.raises(RuntimeError, match="must not be sent"):
                monitor.ask(command)
            with pytest.raises(RuntimeError, match="must not be sent"):
                monitor.ask_all([("query-kvm", {}), (command, {})])
        with pytest.raises(RuntimeError, match="must not be sent"):
            monitor.human("info qtree")
        with pytest.raises(Malformed, match="answer to query-kvm is none of QEMU's: `enabled` is missing"):
            monitor.ask("query-kvm")


@pytest.mark.parametrize("command", COMMANDS)
def test_an_answer_that_differs_in_one_value(
    command: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = recorded()
    broken = []
    for name, answers in mutants(content["answers"], MUTANTS, seed=COMMANDS.index(command)):
        if not isinstance(answers, dict) or not all(
            isinstance(answer, dict) and answer.keys() & {"return", "error"} for answer in answers.values()
        ):
            continue  # no message of QMP
        if any("error" in answer for answer in answers.values()) and "error" in name:
            continue
        with monkeypatch.context() as patch:
            use(patch, Client(answers), content["line"])
            code = main(words_of(command, folder, "recorded"))
        printed = capsys.readouterr()
        if code not in (0, 1, 2) or "internal error" in printed.err or "\x1b" in printed.out + printed.err:
            broken.append(f"{name}: {code} {printed.err[:200]}")
    assert broken == []


def reply(answer: object) -> Callable[[dict[str, Any]], bytes]:
    """A monitor that gives every question the same answer."""
    return lambda question: json.dumps({"return": answer, "id": question.get("id")}).encode() + b"\n"


def raw(said: bytes) -> Callable[[dict[str, Any]], bytes]:
    """A monitor that says the same to every question, where `ID` stands for the question's."""
    return lambda question: said.replace(b"ID", json.dumps(question.get("id")).encode()) + b"\n"


@contextmanager
def fake(path: Path, answer: Callable[[dict[str, Any]], Any], greeting: bytes = GREETING) -> Iterator[None]:
    """A monitor that greets, and gives each question an answer: bytes, or the rest of a message."""

    def serve() -> None:
        client, _ = listener.accept()
        with client, suppress(OSError):
            client.sendall(greeting)
            for question in messages(client):
                said = {"return": {}} if question["execute"] == "qmp_capabilities" else answer(question)
                if isinstance(said, dict):
                    said = json.dumps({**said, "id": question.get("id")}).encode() + b"\n"
                client.sendall(said)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield


MONITORS: dict[str, tuple[Callable[[dict[str, Any]], bytes], str]] = {
    "null": (reply(None), "the answer to query-version is none of QEMU's: expected an object, found null"),
    "list": (reply([]), "expected an object, found a list"),
    "dict": (reply({}), "`qemu` is missing"),
    "str": (reply("\x1b]0;x\x07"), "expected an object, found the text"),
    "an escape in an error": (
        raw(b'{"error": {"class": "GenericError", "desc": "\\u001b[31mno"}, "id": ID}'),
        "QEMU refuses",
    ),
    "an error that is a list": (raw(b'{"error": [], "id": ID}'), "says something that is no QMP"),
    "deep": (raw(b'{"return": ' + b"[" * 100000 + b"]" * 100000 + b', "id": ID}'), "is no QMP"),
    "a huge number": (raw(b'{"return": ' + b"9" * 5000 + b', "id": ID}'), "is no QMP"),
    "no UTF-8": (raw(b'{"return": "\xff\xfe", "id": ID}'), "is no QMP"),
    "half a character": (raw(b'{"return": {"qemu": {"major": 7}}, "id": ID}'), "`minor` is missing"),
    "a list in place of a message": (raw(b"[]"), "is no QMP"),
    "too long": (raw(b'{"return": "' + b"a" * (65 << 20) + b'", "id": ID}'), "says more than 64 MiB"),
    "another id": (raw(b'{"return": {}, "id": "x"}'), "no answer to query-version within 1 seconds"),
    "events": (raw(b'{"event": "X", "timestamp": {"seconds": 1, "microseconds": 1}}'), "no answer"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", MONITORS)
def test_a_monitor_that_is_none(
    name: str, command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer, said = MONITORS[name]
    with fake(folder / "q", answer):
        seconds = "1" if said.startswith("no answer") else "60"
        assert main([*words_of(command, folder, str(folder / "q")), "--timeout", seconds]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert "internal error" not in printed.err
    assert "\x1b" not in printed.err


def test_a_guest_of_another_architecture_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = recorded()
    content["answers"]["query-target"] = {"return": {"arch": "aarch64"}}
    use(monkeypatch, Client(content["answers"]), content["line"])
    for command, said in (
        ("verify", "the QEMU at recorded emulates aarch64, and the description is for x86_64"),
        ("import", "no catalog of architecture 'aarch64' is shipped"),
        ("hints", "no catalog of architecture 'aarch64' is shipped"),
    ):
        assert main(words_of(command, folder, "recorded")) == 2
        assert said in capsys.readouterr().err


LINES = {
    "cold": "-M q35 -device qemu-xhci,id=x -device usb-tablet -device usb-mouse,bus=x.0 -nic user",
    "older": "-M pc -usb -net nic -net user -serial null -hda {image}",
}


@pytest.mark.live
@pytest.mark.parametrize("release", ["5.2", *RELEASES])
@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_real_guest_is_sent_only_what_reads(line: str, release: str) -> None:
    binary = binary_or_skip(release)
    asked: set[str] = set()

    def keep(question: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        asked.add(question["execute"])
        return answer

    with tempfile.TemporaryDirectory(dir=binary.scratch()) as name:
        folder = Path(name)
        (folder / "a.img").write_bytes(bytes(1 << 20))
        words = shlex.split(line.format(image="a.img"))
        with running(binary, words, folder) as where, proxy(where, folder / "p", keep):
            for command in COMMANDS:
                # A QEMU listens before it is done with its start, which takes long on a busy host.
                output = ["--timeout", "120"]
                output += ["-o", str(folder / "guest.md")] if command == "import" else []
                assert main([*words_of(command, folder, str(folder / "p")), *output]) in (0, 1)
    assert asked <= READING | {"qmp_capabilities"}
    assert asked >= {"qom-list", "qom-get", "query-version", "query-block"}
