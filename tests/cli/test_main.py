"""The command as a user meets it: exit codes, files, colors, and no traceback ever."""

from __future__ import annotations

import contextlib
import io
import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machdesc.cli.main import COMMANDS, main
from tests.syntax.profile import examples
from tests.syntax.text import damaged, example, raw_text, value

GUEST = "machdesc 1\nguest g\nmachine q35 @ 7.2\n"


def literate(text: str) -> str:
    return f"# A guest\n\n```machdesc\n{text}```\n"


@pytest.fixture
def guest(tmp_path: Path) -> Path:
    path = tmp_path / "g.md"
    path.write_text(literate(GUEST))
    return path


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        assert main([command, "--help"]) == 0
        assert f"machdesc {command}" in capsys.readouterr().out


def test_wrong_use_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert main(["lnt"]) == 2
    assert "did you mean `lint`?" in capsys.readouterr().err
    assert main(["compile"]) == 2
    assert main(["lint", "x.md", "--qemu", "1.0"]) == 2


def test_findings_are_1_and_none_are_0(guest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lint", str(guest), "--qemu", "10.0"]) == 0
    guest.write_text(literate(GUEST + "device frob\n"))
    assert main(["lint", str(guest), "--qemu", "10.0"]) == 1
    assert f"{guest}:7:8: error:" in capsys.readouterr().err


def test_warnings_count_when_asked(guest: Path) -> None:
    guest.write_text(literate(GUEST + "device e1000 e\n"))
    assert main(["lint", str(guest), "--qemu", "10.0"]) == 0
    assert main(["lint", str(guest), "--qemu", "10.0", "--strict"]) == 1


def test_a_folder_passes_over_ordinary_markdown(tmp_path: Path, guest: Path) -> None:
    (tmp_path / "README.md").write_text("# Hello\n")
    assert main(["lint", str(tmp_path), "--qemu", "10.0"]) == 0
    assert main(["lint", str(tmp_path / "README.md")]) == 1
    assert main(["lint", "--skip-foreign", str(tmp_path / "README.md")]) == 0


def test_colors_come_when_wanted(
    guest: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    guest.write_text(literate(GUEST + "device frob\n"))
    main(["lint", str(guest)])
    assert "\033[" not in capsys.readouterr().err
    monkeypatch.setenv("NO_COLOR", "1")
    main(["lint", str(guest), "--color", "always"])
    assert "\033[" in capsys.readouterr().err


def test_output_files_are_whole_and_stay_when_a_guest_has_errors(
    guest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["compile", str(guest), "--qemu", "10.0", "--format", "config", "-o", str(out)]
    assert main(command) == 0
    assert sorted(os.listdir(out)) == ["g.args", "g.cfg"]
    before = (out / "g.cfg").read_bytes()
    guest.write_text(literate(GUEST + "device frob\n"))
    assert main(command) == 1
    assert (out / "g.cfg").read_bytes() == before
    assert sorted(os.listdir(out)) == ["g.args", "g.cfg"]


def test_fmt_writes_the_canonical_form_and_check_only_tells(
    guest: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    guest.write_text(literate(GUEST + "memory   1G   # all\n"))
    guest.chmod(0o640)
    assert main(["fmt", "--check", str(guest)]) == 1
    assert "memory   1G" in guest.read_text()
    assert main(["fmt", str(guest)]) == 0
    assert "memory 1G  # all\n" in guest.read_text()
    assert guest.stat().st_mode & 0o777 == 0o640
    assert main(["fmt", "--check", str(guest)]) == 0


def test_fmt_leaves_a_file_with_errors_alone(guest: Path) -> None:
    text = literate(GUEST + "memory   {\n")
    guest.write_text(text)
    assert main(["fmt", str(guest)]) == 1
    assert guest.read_text() == text


def test_run_shows_its_command_line(guest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["run", str(guest), "--qemu", "/nonexistent/qemu"]
    assert main(command) == 2
    assert "no QEMU found" in capsys.readouterr().err


@pytest.mark.parametrize("options", [[], ["--qemu", "7.2"], ["--latest", "--color=never"]])
@pytest.mark.parametrize("is_first", [True, False])
def test_run_gives_the_rest_to_qemu(
    options: list[str],
    is_first: bool,
    guest: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    given = [*options, "--dry-run", "--qemu", "7.2"]
    words = [str(guest), *given] if is_first else [*given, str(guest)]
    assert main(["run", *words, "--", "-S", "--", "-name", "a b"]) == 0
    assert capsys.readouterr().out.endswith("  -S \\\n  -- \\\n  -name 'a b'\n")


def test_a_word_that_is_none_of_the_choices(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "libvirt", "--qmp", "q"]) == 2
    assert "invalid choice: 'libvirt'" in capsys.readouterr().err


FORMATS = ("args", "config", "argv", "json")
ODD = [
    "{",
    "}",
    "[",
    '"',
    "[[]]",
    "{ a { b 1 } }",
    "-1",
    "0",
    "0.5",
    "99999999999999999999",
    "15E",
    "0x" + "f" * 40,
]
SECONDS = 10.0
"""All commands on one example take a third of a second; what hangs takes longer than this."""


@st.composite
def swapped(draw: st.DrawFn) -> str:
    """An example with some of its words replaced, by others of it or by odd ones."""
    words = draw(example).split(" ")
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(words) - 1))
        words[place] = draw(st.one_of(st.sampled_from([*words, *ODD]), st.text(max_size=4)))
    return " ".join(words)


_VALUE = re.compile(r'(?<=[ \t])(?:"(?:[^"\\\n]|\\.)*"|[^\s{}\[\]",#@]+)(?=[ \t]*(?:\n|\}|  |\]))')


@st.composite
def revalued(draw: st.DrawFn) -> str:
    """An example with some of its values replaced, of the same syntax mostly, and of another sense."""
    text = draw(example)
    places = [match.span() for match in _VALUE.finditer(text)]
    words = [text[start:end] for start, end in places]
    chosen = draw(st.lists(st.integers(0, len(places) - 1), min_size=1, max_size=4, unique=True))
    for number in sorted(chosen, reverse=True):
        start, end = places[number]
        new = draw(st.one_of(st.sampled_from([*words, *ODD]), st.integers(-2, 1 << 65).map(str), value()))
        text = text[:start] + new + text[end:]
    return text


@examples(60)
@given(
    st.one_of(revalued(), swapped(), damaged(example), damaged(raw_text())),
    st.sampled_from(["5.2", "7.2", "10.0", "11.1"]),
    st.sampled_from(FORMATS),
)
def test_damaged_examples_never_end_in_an_internal_error(
    tmp_path_factory: pytest.TempPathFactory, text: str, release: str, form: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.md"
    path.write_text(text, encoding="utf-8", errors="replace")
    start = time.process_time()
    told = io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()):
        # A machine that has lost its version is compiled all the same.
        for words in (["lint"], ["compile", "--latest", "--format", form], ["fmt", "--check"], ["fmt"]):
            target = [] if words[0] == "fmt" else ["--qemu", release]
            code = main([words[0], str(path), *words[1:], *target])
            assert code in (0, 1), told.getvalue()
        if code == 0:
            assert main(["fmt", "--check", str(path)]) == 0
    assert time.process_time() - start < SECONDS
