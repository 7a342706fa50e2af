"""A statement that ends too early is told where it stands, and not where the next one breaks."""

from __future__ import annotations

import pytest

from machdesc.model.load import load_source
from machdesc.source import source_of


def told(text: str) -> list[tuple[str, str]]:
    """The codes of what is wrong, and what is underlined."""
    text = "machdesc 1\n" + text
    return [
        (d.code, text[d.span[0] : d.span[1]])
        for d in load_source(source_of(text, "g"))[1]
        if d.span is not None
    ]


@pytest.mark.parametrize(
    ("text", "stub"),
    [
        ("guest\nmachine q35 @ 7.2\n", "guest"),
        ("guest # a comment\n\n\r\n  machine q35 @ 7.2\n", "guest"),
        ("guest\nboot { order c }\n", "guest"),
        ("machine\ncpu host\n", "machine"),
        ("device\nmemory 1G\n", "device"),
        ("object rng-builtin\nhost { accel kvm }\n", "object rng-builtin"),
        ("host {\n  netdev user\n  chardev null c\n}\n", "netdev user"),
    ],
)
def test_a_stub_is_told(text: str, stub: str) -> None:
    assert told(text) == [("unfinished", stub)]


@pytest.mark.parametrize(
    "text",
    [
        'guest "machine"\n',
        "guest machine\n",
        "guest\nweb01\n",
        "remove device\ndevice\n",
        "device e1000\nmachine q35 @ 7.2\n",
    ],
)
def test_a_keyword_may_be_a_name(text: str) -> None:
    assert "unfinished" not in [code for code, _ in told(text)]


@pytest.mark.parametrize("text", ["guest g 5\n", "memory\n512MiB [\n", "machine {\n"])
def test_other_errors_stay_what_they_are(text: str) -> None:
    assert {code for code, _ in told(text)} == {"syntax"}
