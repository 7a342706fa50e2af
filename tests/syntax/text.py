"""Texts for the generated tests: valid ones, made by walking through the grammar, and damaged ones."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import strategies as st

from machdesc.syntax.form import KEYWORDS

EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "examples").glob("*.md"))

_BACK_ENDS = ("netdev", "chardev", "blockdev", "audiodev", "tpmdev", "fsdev")

name = st.one_of(
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,8}", fullmatch=True),
    st.sampled_from(["q35", "VGA", "virtio-net-pci", "3dnow", "cache.direct", "12", "4GiB", "0x1f"]),
    st.sampled_from(sorted(KEYWORDS)),
)
string = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\'), max_size=8).map(
        lambda text: f'"{text}"'
    ),
    st.sampled_from(
        ['""', r'"\""', r'"\\"', r'"a\\n\tb"', '"# no comment"', '"{["', '"```"', '"on"', '"device"']
    ),
)
number = st.one_of(
    st.integers(-(1 << 70), 1 << 70).map(str),
    st.integers(0, 1 << 64).map(hex),
    st.sampled_from(["8GiB", "1.5M", "0.5", "007", "0X1F", "1B", "-5", "9E", "1.25K", "-0", "12P", "-0x10"]),
)
plain_id = name.filter(lambda word: word not in KEYWORDS)
word = st.one_of(
    st.from_regex(r"[!-~]{1,8}", fullmatch=True).filter(lambda w: re.search(r'[\s{}\[\]",#@]', w) is None),
    st.sampled_from(["on", "off", "host", "0000:03:00.0", "1,2".replace(",", ";"), "é", "a=b", "```", "at"]),
)
version = st.sampled_from(["9.2", "v5", "rhel9.4.0", "10.0+pve1", "at", "jammy~1"])
address = st.sampled_from(["pcie.0/1f.2", "scsi0.0/0:0:3", "usb.0/1.2", "rp1", "at", "isa.0", "12"])
comment = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=8)
break_ = st.sampled_from([" "] * 6 + ["  ", "\t", "\n", "\n\n", "\r\n", "\n\n\n  ", " \u00a0 "])


@st.composite
def gap(draw: st.DrawFn, same_line: bool = False) -> str:
    """White space and perhaps comments, at least one character."""
    if same_line:
        return draw(st.sampled_from([" ", " ", "  ", "\t"]))
    text = draw(break_)
    if draw(st.integers(0, 9)) == 0:
        text += "#" + draw(comment) + "\n"
    return text


@st.composite
def value(draw: st.DrawFn, depth: int = 0) -> str:
    """A value of a property or in a list."""
    kind = draw(st.integers(0, 9 if depth < 4 else 7))
    if kind < 3:
        return draw(word)
    if kind < 5:
        return draw(number)
    if kind < 8:
        return draw(string)
    if kind == 8:
        items = draw(st.lists(value(depth=depth + 1), max_size=4))
        inside = "".join(
            draw(gap()) + item + draw(st.sampled_from(["", ",", " ,", ",", ","])) for item in items
        )
        return f"[{inside}{draw(gap())}]"
    return draw(block(depth=depth + 1))


@st.composite
def block(draw: st.DrawFn, depth: int = 0) -> str:
    """Braces and the properties in them."""
    text = "{"
    for _ in range(draw(st.integers(0, 3))):
        text += draw(gap()) + draw(name) + draw(gap(same_line=True)) + draw(value(depth=depth))
    return text + draw(gap()) + "}"


@st.composite
def statement(draw: st.DrawFn, in_host: bool = False) -> str:
    """A statement, its words joined by gaps."""
    ident = st.one_of(plain_id, string)
    optional = st.booleans()
    words: list[str] = []

    def maybe(*strategies: st.SearchStrategy[str] | str) -> None:
        if draw(optional):
            words.extend(s if isinstance(s, str) else draw(s) for s in strategies)

    outside = [
        "guest", "include", "remove", "machine", "machine-type", "cpu", "memory", "numa", "device",
        "object", "global", "boot", "rtc", "smbios", "fw_cfg", "ignore", "host",
    ]  # fmt: skip
    inside = [
        "accel", "object", "drive", "display", "vnc", "monitor", "spice", "name", "overcommit",
        "sandbox", "action", "msg", "run-with", "arguments", *_BACK_ENDS,
    ]  # fmt: skip
    keyword = draw(st.sampled_from(inside if in_host else outside))
    words.append(keyword)
    if keyword == "guest":
        words.append(draw(ident))
        maybe(block())
    elif keyword == "include":
        words.append(draw(string))
    elif keyword == "remove":
        words += [draw(st.sampled_from(["device", "object", "drive", *_BACK_ENDS])), draw(ident)]
    elif keyword in ("machine", "cpu"):
        words.append(draw(name))
        maybe("@", version)
        maybe(block())
    elif keyword == "machine-type":
        words.append(draw(name))
        maybe("follows", name)
        maybe(block())
    elif keyword == "memory":
        words.append(draw(number))
        maybe(block())
    elif keyword == "device":
        words.append(draw(name))
        maybe("@", version)
        maybe(ident)
        maybe("at", address)
        maybe(block())
    elif keyword in ("object", *_BACK_ENDS):
        words += [draw(name), draw(ident)]
        if keyword == "object":
            words.append(draw(block()))
        else:
            maybe(block())
    elif keyword in ("numa", "global"):
        words += [draw(name), draw(block())]
    elif keyword == "ignore":
        words += [draw(name), draw(st.one_of(ident, st.just("*"))), draw(block())]
    elif keyword in ("fw_cfg", "drive"):
        words += [draw(ident), draw(block())]
    elif keyword == "monitor":
        words.append(draw(ident))
        maybe(block())
    elif keyword == "smbios":
        words += [draw(number), draw(block())]
    elif keyword in ("accel", "display"):
        words.append(draw(name))
        maybe(block())
    elif keyword == "vnc":
        words.append(draw(string))
        maybe(block())
    elif keyword == "arguments":
        words.append("[" + "".join(draw(gap()) + draw(string) for _ in range(draw(st.integers(0, 3)))) + "]")
    elif keyword == "host":
        words.append(
            "{" + "".join(draw(gap()) + s for s in draw(st.lists(statement(in_host=True), max_size=3)))
        )
        words.append("}")
    else:
        words.append(draw(block()))
    return "".join(w + draw(gap()) for w in words)


@st.composite
def raw_text(draw: st.DrawFn) -> str:
    """A raw text that is mostly of the language."""
    text = "machdesc 1" + draw(st.sampled_from(["\n", " ", "\r\n", "\n\n", " # first\n"]))
    return text + "".join(s + draw(gap()) for s in draw(st.lists(statement(), max_size=4)))


_token = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|\s+|[{}\[\],@]|[^\s{}\[\]",#@]+|.', re.DOTALL)

_junk = st.one_of(
    st.sampled_from(
        [*'{}[]@,"#=;:\n', "```\n", "machdesc 1\n", "\x00", "\r", " at ", " 12 ", "\ud800", "\ufeff"]
    ),
    st.sampled_from(sorted(KEYWORDS)).map(lambda w: f"\n{w} "),
    st.text(max_size=3),
)


@st.composite
def damaged(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> str:
    """A text with tokens left out, doubled, swapped, or with characters thrown in."""
    tokens = _token.findall(draw(texts))
    for _ in range(draw(st.integers(1, 4))):
        if not tokens:
            break
        at = draw(st.integers(0, len(tokens) - 1))
        what = draw(st.integers(0, 3))
        if what == 0:
            del tokens[at]
        elif what == 1:
            tokens.insert(at, tokens[at])
        elif what == 2:
            other = draw(st.integers(0, len(tokens) - 1))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        else:
            tokens.insert(at, draw(_junk))
    return "".join(tokens)


example = st.sampled_from([path.read_text(encoding="utf-8") for path in EXAMPLES])

_prose = st.sampled_from(
    [
        "",
        "# Title\n\n",
        "Prose `code`  \n\n",
        "```sh\nmachdesc 1\n```\n\n",
        "~~~\n{\n~~~\n",
        "\t\r\n\x0c\n",
    ]
)


@st.composite
def literate_text(draw: st.DrawFn) -> str:
    """Prose with statements in fenced blocks, with ends of lines of one kind."""
    fence = draw(st.sampled_from(["```", "~~~", "`````", "   ```"]))
    text = draw(_prose)
    first = True
    for part in draw(st.lists(st.lists(statement(), max_size=2), min_size=1, max_size=3)):
        inside = ("machdesc 1\n" if first else "") + "".join(s + "\n" for s in part)
        first = False
        text += f"{fence}machdesc\n{inside}{fence}\n" + draw(_prose)
    text = text.replace("\r\n", "\n")
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text
