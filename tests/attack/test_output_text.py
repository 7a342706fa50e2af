"""Each output says what the text says and no more: the texts of all formats, read back.

Wherever the language takes a text, one of `PAYLOADS` is written; it is refused, or what QEMU's parsers make
of the output differs from the output for a harmless word in that text alone.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machdesc.backend.argument import shell_comment, shell_text
from machdesc.backend.config import comment
from machdesc.diagnostic import Diagnostic, has_errors
from machdesc.json_text import json_text
from machdesc.library import Compiled, compile, lint_description
from machdesc.model.load import load_source
from machdesc.source import source_of
from tests.attack.qemu_parser import Pairs, command_line, readconfig, shell_words
from tests.attack.text_position import PAYLOADS, POSITIONS, Position, description, quoted

WORD = "zzqzz"
"""What stands where no payload does."""

SHELLS = [shell for shell in ("sh", "bash", "dash") if shutil.which(shell)]

Options = list[tuple[str, Pairs]]


def compiled_text(text: str, release: str) -> tuple[Compiled | None, list[Diagnostic]]:
    """The compiled guest of a text, and everything that is wrong with it."""
    loaded, diagnostics = load_source(source_of(text, "g"))
    if loaded is None or has_errors(diagnostics):
        return None, diagnostics
    compiled, more = compile(loaded, release)
    return compiled, diagnostics + more


@cache
def harmless(position: Position) -> tuple[Options, Options, Options]:
    """The options, groups and remaining options of a position with a harmless word."""
    compiled, diagnostics = compiled_text(description(position, WORD), position.release)
    if compiled is None and not position.free:
        pytest.skip("takes words of its own only")
    assert compiled is not None, diagnostics
    config, rest, more = compiled.config()
    assert not more
    return command_line(compiled.arguments()), readconfig(config.encode()), command_line(rest)


def with_text(options: Options, text: str) -> Options:
    """The options with a text in place of the harmless word."""
    return [
        (name, [(k, v.replace(WORD, text) if isinstance(v, str) else v) for k, v in pairs])
        for name, pairs in options
    ]


@pytest.mark.parametrize("position", POSITIONS, ids=lambda p: p.name)
def test_a_text_comes_out_as_it_is_or_is_refused(position: Position) -> None:
    arguments, groups, rest = harmless(position)
    said = 0
    for text in PAYLOADS:
        compiled, diagnostics = compiled_text(description(position, text), position.release)
        if compiled is None:
            assert has_errors(diagnostics), text
            continue
        said += 1
        assert command_line(compiled.arguments()) == with_text(arguments, text), text
        config, remaining, more = compiled.config()
        if not more:
            assert readconfig(config.encode()) == with_text(groups, text), text
            assert command_line(remaining) == with_text(rest, text), text
        assert_comments_are_short(shell_comment(compiled.program, ["-readconfig", "g.cfg", *remaining]))
        assert_comments_are_short(config.split("\n[")[0])
    assert said or not position.free or position.name.endswith(" id")


@pytest.mark.parametrize("position", POSITIONS, ids=lambda p: p.name)
def test_the_json_document_has_the_very_text(position: Position) -> None:
    plain, diagnostics = compiled_text(description(position, WORD), position.release)
    assert plain is not None or not position.free, diagnostics
    for text in PAYLOADS:
        compiled, _ = compiled_text(description(position, text), position.release)
        if compiled is not None:
            assert plain is not None, f"{text!r} is taken, and a plain word is not"
            printed = json_text(compiled.document())
            assert json.loads(printed) == _replaced(plain.document(), text), text


def _replaced(value: object, text: str) -> object:
    """Plain data with a text in place of the harmless word, in names too."""
    if isinstance(value, dict):
        return {_replaced(key, text): _replaced(item, text) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_replaced(item, text) for item in value]
    return value.replace(WORD, text) if isinstance(value, str) else value


def assert_comments_are_short(text: str) -> None:
    """Nothing in a text is read as configuration."""
    assert readconfig(text.encode()) == []


def test_lint_refuses_what_every_format_refuses() -> None:
    for position in POSITIONS:
        for text in PAYLOADS[:40]:
            compiled, diagnostics = compiled_text(description(position, text), position.release)
            loaded, found = load_source(source_of(description(position, text), "g"))
            if loaded is not None and not has_errors(found):
                found += lint_description(loaded, position.release)
            assert has_errors(found) == (compiled is None), (position.name, text)
            if compiled is None:
                assert {d.code for d in found} >= {d.code for d in diagnostics if d.severity == "error"}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_reads_each_text_back(shell: str, tmp_path: Path) -> None:
    # An option first, so that words with and without a dash are at the beginning of a line and inside.
    words = [word for text in PAYLOADS for word in ("-o", text, text, "-" + text)]
    for text in (
        shell_text("qemu-system-x86_64", words),
        uncommented(shell_comment("qemu-system-x86_64", words)),
    ):
        assert shell_words(shell, text, tmp_path) == ["qemu-system-x86_64", *words]
    assert not list(tmp_path.iterdir())


def uncommented(text: str) -> str:
    """What docs/command-line.md says of how to get the command line out of the comments."""
    done = subprocess.run(
        ["sed", "-n", "/^$/q; s/^# //p"], input=text.encode(), capture_output=True, check=True
    )
    return done.stdout.decode()


@given(
    st.lists(st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=1500))
)
def test_comments_of_arguments_are_no_configuration(words: list[str]) -> None:
    text = shell_comment("qemu-system-x86_64", words)
    assert all(line.startswith("# ") and len(line.encode()) <= 1022 for line in text.split("\n")[:-1])


@given(st.text(max_size=3000))
def test_a_comment_is_no_configuration(text: str) -> None:
    lines = comment(text.encode(errors="replace").decode()).split("\n")[:-1]
    assert all(line.startswith("# ") and len(line.encode()) <= 1022 for line in lines)


def test_the_arguments_of_a_configuration_on_standard_output(tmp_path: Path) -> None:
    """The whole command: what is before the first empty line is the command line, nothing of it is read."""
    numa = f"numa node {{ nodeid 0  memdev m  cpus [{', '.join(map(str, range(128)))}] }}"
    filename = "a'" * 500 + '[chardev \\"evil\\"]' + "b" * 3000
    (tmp_path / "g.md").write_text(
        "machdesc 1\nguest g\nmachine q35 @ 7.2\ncpu qemu64 @ v1 { cpus 128 }\nmemory 64MiB\n"
        f"object memory-backend-ram m {{ size 64MiB }}\n{numa}\nhost {{ accel tcg\n"
        f'blockdev raw n {{ file {{ driver file  filename "{filename}" }} }} }}\n'
    )
    command = [sys.executable, "-m", "machdesc", "compile", "g.md", "--qemu", "7.2", "--format"]
    config, argv = (
        subprocess.run([*command, form], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        for form in ("config", "argv")
    )
    assert "evil" not in str(readconfig(config.encode()))
    words = shell_words("sh", uncommented(config), tmp_path)
    assert words[1:3] == ["-readconfig", "g.cfg"]
    everything = json.loads(argv)
    assert all(word in everything for word in words[3:])
    assert sum(word.startswith("node,") for word in words) == 1
    assert [name for name, _ in readconfig(config.encode())][:2] == ["name", "machine"]


def test_a_name_that_fills_the_first_comment() -> None:
    text = "x" * 1021 + '[chardev "evil"]'
    compiled, found = compiled_text(f"machdesc 1\nguest {quoted(text)}\nmachine q35 @ 7.2\n", "7.2")
    assert compiled is not None, found
    config, _, diagnostics = compiled.config()
    assert [d.code for d in diagnostics] == ["readconfig"]
    assert [name for name, _ in readconfig(config.split("\n[name]")[0].encode())] == []


@pytest.mark.parametrize("text", ["My CPU, ssse3=on", "x,ssse3=on,hv-vendor-id=zz"])
def test_a_comma_of_a_cpu_is_refused_where_it_is(text: str) -> None:
    source = source_of(
        f'machdesc 1\nguest g\nmachine q35 @ 7.2\ncpu qemu64 @ v1 {{ cpus 1  model-id "{text}" }}', "g"
    )
    loaded, _ = load_source(source)
    assert loaded is not None
    (found,) = lint_description(loaded, "7.2")
    assert (found.code, found.place()[1:]) == ("not-expressible", (4, 36))


def test_a_comma_of_a_cpu_can_be_said_by_a_global() -> None:
    position = Position("", "outside", "global qemu64-v1-x86_64-cpu { model-id TEXT }")
    compiled, diagnostics = compiled_text(description(position, "a, ssse3=on"), "7.2")
    assert compiled is not None, diagnostics
    pairs = [pairs for name, pairs in command_line(compiled.arguments()) if name == "global"]
    assert pairs == [[("driver", "qemu64-v1-x86_64-cpu"), ("property", "model-id"), ("value", "a, ssse3=on")]]
