"""What is said about wrong texts: `errors/NAME.md`, and in `errors/NAME.err` what is said of it.

`pytest --update-goldens` writes the `.err` files; read the difference before committing it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from machdesc.diagnostic import render
from machdesc.source import source_of
from machdesc.syntax.parse import parse
from machdesc.syntax.recover import MAX_ERRORS
from tests.golden import Golden

FOLDER = Path(__file__).parent / "errors"
TEXTS = sorted(FOLDER.glob("*.md"))

CODES = {
    "syntax",
    "no-value",
    "unclosed",
    "unclosed-text",
    "bad-escape",
    "too-deep",
    "too-many-errors",
    "late-header",
}
"""All that recovery and the parser report."""


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_message(path: Path, golden: Golden) -> None:
    source = source_of(path.read_bytes().decode(), path.name)
    _, diagnostics = parse(source)
    assert diagnostics
    golden.check(path.with_suffix(".err"), "\n".join(render(d) for d in diagnostics) + "\n")


def test_every_code_has_a_text() -> None:
    found = {
        diagnostic.code
        for path in TEXTS
        for diagnostic in parse(source_of(path.read_bytes().decode(), path.name))[1]
    }
    assert found == CODES


def test_a_text_of_nothing_but_errors_is_given_up() -> None:
    _, diagnostics = parse(source_of("machdesc 1\n" + "boot\n" * 1000))
    assert len(diagnostics) == MAX_ERRORS + 1
    assert diagnostics[-1].code == "too-many-errors"


def test_what_follows_an_error_is_read() -> None:
    text = "machdesc 1\nboot {\n  a\n  b c\n}\nmemory\ndevice VGA v\nhost {\n  netdef x\n  netdev user n\n}\n"
    tree, diagnostics = parse(source_of(text))
    assert len(diagnostics) == 3
    assert [s.keyword for s in tree.statements] == ["boot", "device", "host"]
    assert [p.name for p in tree.statements[0].properties] == ["b"]
    assert [s.keyword for s in tree.statements[2].statements] == ["netdev"]


def test_colors_and_control_characters() -> None:
    _, diagnostics = parse(source_of("machdesc 1\nguest \x1b[31m\n"))
    assert "\x1b" not in render(diagnostics[0])
    assert "\x1b[1;31merror:\x1b[0m" in render(diagnostics[0], color=True)
    assert "\x1b[31m" not in render(diagnostics[0], color=True)
