"""Mutations of texts: of tokens, of statements, of values by their types, of bytes."""

from __future__ import annotations

import re
from random import Random

from machdesc.catalog.catalog import Property
from tests.attack.corpus import TOKEN, Corpus
from tests.attack.hostile import ADDRESSES, DATES, JUNK, NUMBERS, RELEASES, STRINGS

LONGEST = 6000
"""Characters of a mutated text: what is small is fast. Large texts are the job of other tests."""

_HEADS = (
    "machine q35 @ {release}\n", "machine pc @ {release}\n", "machine q35\n", "machine {machine}\n",
    "machine pc\n",
    "machine q35 @ {release} {{ {prop} }}\n", "machine microvm\n", "machine pc-q35-9.2-acme\n", "",
)  # fmt: skip

_DEVICE = re.compile(
    r"^(?:device|object) ([\w.-]+)(?: @ [\w.]+)?(?: [\w-]+)?(?: at [\w./:-]+)?( \{)?", re.MULTILINE
)
_NUMBER = re.compile(r"(?<=[ \[/])\d+(?=[ \n\]GMK])")

_HOSTS = ("netdev user n", "chardev null c", "blockdev null-co b", "tpmdev passthrough t", "audiodev none s")


def value(random: Random, corpus: Corpus) -> str:
    """Some value of a property."""
    kind = random.randrange(12)
    if kind < 4:
        return random.choice(NUMBERS)
    if kind < 7:
        return random.choice(STRINGS)
    if kind < 8:
        return random.choice(("on", "off", "auto", "none", "host"))
    if kind < 10:
        return random.choice(corpus.words)
    if kind < 11:
        inner = " ".join(value(random, corpus) for _ in range(random.randrange(4)))
        return f"[{inner}]"
    return f"{{ {random.choice(corpus.words)} {value(random, corpus)} }}" if random.random() < 0.8 else "{}"


def device(random: Random, corpus: Corpus) -> str:
    """A statement about a type that the catalog knows, with properties that it has."""
    name, properties = random.choice(corpus.types)
    words = ["object" if "memory-backend" in name or name.startswith("tls-") else "device", name]
    if random.random() < 0.2:
        words.append(f"@ {random.choice(RELEASES)}")
    if random.random() < 0.8 or words[0] == "object":
        words.append(random.choice(("a", "b", "d0", "n0", '"a b"', "x1")))
    if random.random() < 0.5:
        words.append(f"at {random.choice(ADDRESSES)}")
    known = random.choices(properties, k=random.randrange(1, 4)) if properties else []
    inner = "  ".join(f"{one.name} {value(random, corpus)}" for one in known)
    return f"{' '.join(words)} {{ {inner} }}\n"


def fitting(random: Random, known: Property) -> str:
    """A value of a property that is mostly one of its kind, and often its first or last."""
    if known.kind == "bool":
        return random.choice(("on", "off", "on", "off", "auto"))
    if known.kind == "enum" and known.enum:
        return random.choice(known.enum)
    if known.kind in ("int", "size", "number"):
        low, high = known.low or 0, known.high if known.high is not None else 1 << 32
        near = (low, high, low + 1, 1, 2, 3, 4, 8, 64, 256, 4096, high - 1, (low + high) // 2)
        number = random.choice(near)
        return hex(number) if number >= 0 and random.random() < 0.3 else str(number)
    return random.choice(("x", "a", '"a b"', "n0", "1", *STRINGS))


def _fit(random: Random, corpus: Corpus, text: str) -> str:
    """A text in which a device has one more property, with a value that fits, or a number is another one."""
    places = [match for match in _DEVICE.finditer(text) if match[1] in corpus.properties]
    if not places or random.random() < 0.25:
        numbers = list(_NUMBER.finditer(text))
        if not numbers:
            return text
        match = random.choice(numbers)
        number = random.choice((*range(9), 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 1024))
        return f"{text[: match.start()]}{number}{text[match.end() :]}"
    match = random.choice(places)
    properties = corpus.properties[match[1]]
    if not properties:
        return text
    known = random.choice(properties)
    inner, end = f"{known.name} {fitting(random, known)}", match.end()
    if match[2]:
        return f"{text[:end]} {inner} {text[end:]}"
    return f"{text[:end]} {{ {inner} }}{text[end:]}"


def guest(random: Random, corpus: Corpus) -> str:
    """A guest put together from statements."""
    head = random.choice(_HEADS).format(
        release=random.choice(corpus.releases) if random.random() < 0.8 else random.choice(RELEASES),
        machine=random.choice(corpus.machines),
        prop=f"{random.choice(corpus.words)} {value(random, corpus)}",
    )
    parts = ["machdesc 1\nguest g\n", head]
    for _ in range(random.randrange(4)):
        chance = random.random()
        if chance < 0.4:
            parts.append(random.choice(corpus.statements) + "\n")
        elif chance < 0.7:
            parts.append(device(random, corpus))
        else:
            name, properties = random.choice(corpus.creatable)
            some = random.choices(properties, k=random.randrange(3)) if properties else []
            written = "  ".join(f"{one.name} {fitting(random, one)}" for one in some)
            place = f" at pcie.0/{len(parts) + 2:02x}.0" if random.random() < 0.7 else ""
            parts.append(f"device {name} d{len(parts)}{place} {{ {written} }}\n")
    if random.random() < 0.5:
        inner = [random.choice(corpus.host) for _ in range(random.randrange(3))]
        if random.random() < 0.3:
            inner.append(
                f"{random.choice(_HOSTS)} {{ {random.choice(corpus.words)} {value(random, corpus)} }}"
            )
        parts.append("host {\n" + "\n".join(inner) + "\n}\n")
    return "".join(parts)


def seed(random: Random, corpus: Corpus) -> str:
    """A text to begin with."""
    chance = random.random()
    if chance < 0.55:
        return random.choice(corpus.sound)
    return random.choice(corpus.guests) if chance < 0.75 else guest(random, corpus)


def mutated(random: Random, corpus: Corpus, text: str) -> str:
    """A text after one to four mutations: such as leave it sound more often than not, or of tokens and
    statements."""
    if random.random() < 0.5:
        for _ in range(random.randrange(1, 4)):
            text = _fit(random, corpus, text)
        return text
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 4))):
        text = _tokens(random, corpus, text) if random.random() < 0.75 else _statements(random, corpus, text)
        text = text[:LONGEST]
    return text


def _tokens(random: Random, corpus: Corpus, text: str) -> str:
    tokens: list[str] = TOKEN.findall(text)
    if not tokens:
        return random.choice(JUNK)
    at = random.randrange(len(tokens))
    what = random.randrange(12)
    if what < 5:
        # A word, a number or a text, not what is between them.
        for _ in range(6):
            if not tokens[at].isspace() and tokens[at] not in "{}[],@":
                break
            at = random.randrange(len(tokens))
        tokens[at] = _replacement(random, corpus, tokens[at])
    elif what == 5:
        del tokens[at]
    elif what == 6:
        tokens[at:at] = tokens[at : at + random.randrange(1, 5)] * random.choice((1, 1, 2, 30))
    elif what == 7:
        other = random.randrange(len(tokens))
        tokens[at], tokens[other] = tokens[other], tokens[at]
    elif what == 8:
        tokens.insert(at, random.choice(JUNK))
    elif what == 9:
        other = random.randrange(len(tokens))
        tokens[at:at] = tokens[other : other + random.randrange(1, 12)]
    elif what == 10:
        tokens.insert(at, f" {random.choice(corpus.words)} {value(random, corpus)} ")
    else:
        del tokens[at : at + random.randrange(1, 12)]
    return "".join(tokens)


def _replacement(random: Random, corpus: Corpus, token: str) -> str:
    """What may stand in the place of a token: mostly something of its kind."""
    chance = random.random()
    if token[0] == '"' and chance < 0.6:
        return random.choice(STRINGS)
    if token[0].isdigit() and chance < 0.6:
        return random.choice(NUMBERS)
    if token[:2] == "20" and chance < 0.9:
        return random.choice(DATES)
    if "/" in token and chance < 0.7:
        return random.choice(ADDRESSES)
    if "." in token and chance < 0.5:
        return random.choice(RELEASES)
    if chance < 0.8:
        return random.choice(corpus.words)
    return value(random, corpus)


def _statements(random: Random, corpus: Corpus, text: str) -> str:
    """Blocks moved, nested, doubled, left out, or brought in from elsewhere."""
    what = random.randrange(8)
    lines = text.splitlines(keepends=True)
    at = random.randrange(len(lines) + 1)
    if what == 0:
        lines.insert(at, random.choice(corpus.statements) + "\n")
    elif what == 1:
        lines.insert(at, device(random, corpus))
    elif what == 2:
        lines.insert(at, f"host {{ {random.choice(corpus.host)} }}\n")
    elif what == 3 and len(lines) > 2:
        lines.insert(at, lines.pop(random.randrange(len(lines))))
    elif what == 4:
        start, end = text.find("{"), text.rfind("}")
        if 0 <= start < end:
            return text[: start + 1] + " a " + text[start : end + 1] + text[end:]
    elif what == 5 and len(lines) > 2:
        lines[at:at] = lines[max(0, at - 3) : at]
    elif what == 6 and len(lines) > 2:
        del lines[random.randrange(len(lines))]
    else:
        other = random.choice(corpus.guests)
        return "".join(lines[:at]) + other[random.randrange(len(other)) :]
    return "".join(lines)


def dressed(random: Random, text: str) -> tuple[str, bytes]:
    """A text as a file: its suffix, and its bytes in the raw or the literate form, perhaps damaged."""
    form = random.randrange(10)
    suffix = ".txt"
    if form < 3:
        fence = random.choice(("```", "~~~", "`````"))
        cut = text.find("\n", random.randrange(len(text) + 1)) + 1 if random.random() < 0.3 else 0
        parts = [text[:cut], text[cut:]] if cut else [text]
        text = "# A guest\n\n" + "\nProse.\n\n".join(f"{fence}machdesc\n{part}\n{fence}\n" for part in parts)
        suffix = ".md"
    elif form < 4:
        suffix = random.choice((".md", ".machdesc", ""))
    if random.random() < 0.05:
        text = text.replace("\n", random.choice(("\r\n", "\r", " ")))
    if random.random() < 0.03:
        text = "\ufeff" + text
    data = text.encode("utf-8", "surrogateescape" if random.random() < 0.5 else "replace")
    return suffix, _bytes(random, data) if random.random() < 0.08 else data


def _bytes(random: Random, data: bytes) -> bytes:
    """Some bytes flipped, left out, doubled, or brought in."""
    found = bytearray(data)
    for _ in range(random.randrange(1, 5)):
        if not found:
            break
        at, what = random.randrange(len(found)), random.randrange(5)
        if what == 0:
            found[at] ^= 1 << random.randrange(8)
        elif what == 1:
            del found[at : at + random.randrange(1, 9)]
        elif what == 2:
            found[at:at] = found[at : at + random.randrange(1, 40)] * random.randrange(1, 4)
        elif what == 3:
            found[at:at] = random.randbytes(random.randrange(1, 5))
        else:
            del found[at:]
    return bytes(found)
