"""What is wrong with an input is seen from what commands did, whatever they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attack.case import Case
from tests.attack.judge import play
from tests.attack.world import Finding, Run

SOUND = b"machdesc 1\nguest g\nmachine q35 @ 9.2\n"
WRONG = b"machdesc 1\nguest g\nmachine none @ 9.2\n"


class Pretended:
    """A world in which commands do what they are told to do: command -> exit code, output, errors."""

    def __init__(self, done: dict[str, tuple[int, bytes, str]]) -> None:
        self.findings: list[Finding] = []
        self._done = done

    def lay(self, files: dict[str, bytes], _: bool) -> None:
        for name, data in files.items():
            Path(name).write_bytes(data)

    def run(self, *words: str) -> Run:
        name = "fmt --check" if "--check" in words else words[0]
        name = "lint again" if words[0] == "lint" and "lint" in self.ran else name
        self.ran.append(name)
        return Run(words, *self._done.get(name, (0, b"", "")))

    def find(self, kind: str, where: str, detail: str) -> None:
        self.findings.append(Finding(kind, where, detail))

    ran: list[str]


def found(done: dict[str, tuple[int, bytes, str]], case: Case) -> list[tuple[str, str]]:
    world = Pretended(done)
    world.ran = []
    return [finding[:2] for finding in play(world, case)]  # type: ignore[arg-type]


def text(data: bytes = SOUND) -> Case:
    return Case("text", {"g.txt": data}, ("lint", "g.txt"))


def pair(*options: str) -> Case:
    return Case("pair", {"a.txt": SOUND, "b.txt": WRONG}, ("check", "a.txt", "b.txt", *options))


ERROR = "g.txt:3:9: error: it is `x` [x-is-wrong]\n"


@pytest.mark.parametrize(
    ("done", "case", "expected"),
    [
        ({}, text(), []),
        ({"check": (1, b"", "")}, text(), [("not like itself", "")]),
        ({"compile": (1, b"", ERROR)}, text(), [("clean for lint, refused by compile", "x-is-wrong")]),
        ({"fmt --check": (1, b"", "")}, text(), [("fmt is not idempotent", "")]),
        ({"lint again": (1, b"", ERROR)}, text(), [("fmt changes what lint says", "+x-is-wrong")]),
        ({"lint": (1, b"", ERROR)}, text(WRONG), [("kept with errors", "x-is-wrong"),
                                                  ("fmt changes what lint says", "-x-is-wrong")]),
        ({}, pair("--qemu", "10.0"), [("kept with errors", "b")]),
        ({"check": (1, b"", "")}, pair("--qemu", "10.0"), []),
        ({"check": (2, b"{", "")}, pair("--format", "sarif"), [("unreadable output", "check sarif")]),
        ({"check": (2, b"<a>\x1b</a>", "")}, pair("--format", "junit"),
         [("unreadable output", "check junit")]),
        ({"check": (2, b"::error ::a\nb\n::c\n1\n", "")}, pair("--format", "github"),
         [("unreadable output", "check github")]),
        ({"show": (0, b"NaN x", "")}, Case("ask", {}, ("show", "--format", "json", "g")),
         [("unreadable output", "show json")]),
        ({"schema": (0, b"", "")}, Case("ask", {}, ("schema", "g")), []),
    ],
)  # fmt: skip
def test_what_is_found(
    done: dict[str, tuple[int, bytes, str]], case: Case, expected: list[tuple[str, str]], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert found(done, case) == expected
