"""Cases: what an input is made of, and how the plans make one from a number."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import accumulate
from random import Random
from typing import NamedTuple

from machdesc.check.finding import CONTRACTS
from machdesc.cli.check import FORMATS
from tests.attack.argument import asked, changed_words
from tests.attack.corpus import Corpus, corpus
from tests.attack.hint import HINTED, hint_file
from tests.attack.hostile import FILES, RELEASES, REVISIONS
from tests.attack.mutation import dressed, guest, mutated, seed
from tests.attack.setting import settings


class Case(NamedTuple):
    """An input: the files, by name, and the command line; the plan says how it is judged."""

    plan: str
    files: dict[str, bytes]
    words: tuple[str, ...]


Plan = Callable[[Random, Corpus], Case]


def make_case(seed: int, number: int, only: str = "") -> Case:
    """The case of a seed and a number, of any plan or of one."""
    random = Random(f"{seed}:{number}")
    plan = only or random.choices(_NAMES, cum_weights=_WEIGHTS)[0]
    case = PLANS[plan][1](random, corpus())
    # No command line can hold these.
    return case._replace(words=tuple(word.replace("\0", "") for word in case.words))


def _qemu(random: Random, corpus: Corpus, chance: float = 0.25) -> list[str]:
    """Perhaps a release to work for."""
    if random.random() > chance:
        return []
    return ["--qemu", random.choice((*corpus.releases, *corpus.releases[-2:]))]


def _text(random: Random, corpus: Corpus) -> Case:
    text = seed(random, corpus)
    if random.random() < 0.9:
        text = mutated(random, corpus, text)
    suffix, data = dressed(random, text)
    return Case("text", {f"g{suffix}": data}, ("lint", f"g{suffix}", *_qemu(random, corpus)))


def _pair(random: Random, corpus: Corpus) -> Case:
    old, new = random.choice(corpus.pairs)
    if random.random() < 0.4:
        old = seed(random, corpus)
        new = mutated(random, corpus, old)
    if random.random() < 0.5:
        old, new = new, old
    if random.random() < 0.6:
        new = mutated(random, corpus, new)
    if random.random() < 0.1:
        rule, subject = (
            random.choice(("MD001", "MD040", "MD010", "MD999", "MDx")),
            random.choice(("*", "a", "n0")),
        )
        new += f'\nignore {rule} {subject} {{ reason "x"  until 2027-01-31 }}\n'
    (one, data), (other, more) = dressed(random, old), dressed(random, new)
    words = ["check", f"a{one}", f"b{other}", "--format", random.choice(FORMATS), *_qemu(random, corpus)]
    if random.random() < 0.4:
        words += ["--require", random.choice(CONTRACTS)]
    elif random.random() < 0.2:
        words += ["--old-qemu", random.choice(corpus.releases), "--new-qemu", random.choice(corpus.releases)]
    words += [word for word in ("--strict", "--quiet") if random.random() < 0.1]
    if random.random() < 0.02:
        words += ["a" + one, "b" + other, "--jobs", "2"]
    return Case("pair", {f"a{one}": data, f"b{other}": more}, tuple(words))


_COMMANDS = (
    ("compile", "--format", "args"), ("compile", "--format", "config"), ("compile", "--format", "argv"),
    ("compile", "--format", "json"), ("compile", "--format", "config", "-o", "out"), ("compile", "--latest"),
    ("pin", "--diff"), ("pin",), ("pin", "--check"), ("pin", "--diff", "--strategy", "hotplug"),
    ("show", "--format", "json"), ("show",), ("show", "--all", "--origin"), ("show", "--device", "a"),
    ("features", "--to", "11.1"), ("features", "--to", "10.0", "--format", "json"),
    ("upgrade", "--to", "11.1"),
    ("upgrade", "--to", "10.0", "--diff"), ("upgrade", "--to", "10.0", "--only", "a"),
    ("rebase", "--to", "11.1"),
    ("rebase", "--to", "10.0", "--diff"), ("run", "--dry-run"), ("lint", "--horizon", "12.2"),
    ("lint", "--strict"),
    ("fmt", "--diff"), ("fmt", "--textconv"), ("check", "--old-qemu", "7.2", "--new-qemu", "11.1"),
)  # fmt: skip
"""What is run with one file."""


_PLACE = re.compile(r" at [\w.]+/[\w.:]+")


def _command(random: Random, corpus: Corpus) -> Case:
    text = seed(random, corpus)
    if random.random() < 0.75:
        text = mutated(random, corpus, text)
    command, *options = random.choice(_COMMANDS)
    if command == "pin" and random.random() < 0.6:
        text = _PLACE.sub(lambda match: "" if random.random() < 0.8 else match[0], text)
    if "12.2" in options and random.random() < 0.5:
        options[1] = random.choice(RELEASES)
    suffix, data = dressed(random, text)
    if "--to" in options and random.random() < 0.2:
        options[options.index("--to") + 1] = random.choice(RELEASES)
    name = f"g{suffix}"
    qemu = [] if command in ("run", "fmt", "check") else _qemu(random, corpus, 0.3)
    return Case("command", {name: data}, (command, *options, *qemu, name))


def _include(random: Random, corpus: Corpus) -> Case:
    base = mutated(random, corpus, guest(random, corpus)).replace("guest g\n", "", random.randrange(2))
    paths = (
        "base.txt",
        "d/../base.txt",
        "./base.txt",
        "g.txt",
        "d/more.txt",
        "none.txt",
        "../x",
        "/etc/passwd",
        "d",
        "",
    )
    lines = [
        "machdesc 1",
        "guest g",
        f'include "{random.choice(paths) if random.random() < 0.3 else "base.txt"}"',
    ]
    if random.random() < 0.3:
        lines.append(f'include "{random.choice(paths)}"')
    for _ in range(random.randrange(3)):
        lines.append(
            random.choice((f"remove device {random.choice('abxn')}", random.choice(corpus.statements)))
        )
    text = "\n".join(lines) + "\n"
    if random.random() < 0.3:
        text = mutated(random, corpus, text)
    more = f'machdesc 1\ninclude "../{random.choice(("base.txt", "g.txt"))}"\n'
    command = random.choice((
        ("lint",), ("compile",), ("pin", "--diff"), ("show",), ("check", "base.txt"), ("lint", "."), ("fmt",),
        ("upgrade", "--to", "11.1"), ("rebase", "--to", "11.1"),
    ))  # fmt: skip
    files = {"g.txt": text.encode("utf-8", "replace"), "base.txt": base.encode("utf-8", "replace")}
    return Case("include", {**files, "d/more.txt": more.encode()}, (*command, "g.txt"))


def _variant(random: Random, corpus: Corpus) -> Case:
    name = "pc-q35-9.2-acme"
    types = [random.choice(corpus.types) for _ in range(2)]
    lines = [
        f"machdesc 1\nmachine-type {name} follows {random.choice(('pc-q35-9.2', 'pc-q35-7.2', name, 'none'))}"
    ]
    lines += [
        f"device {type} {{ {random.choice(names).name if names else 'x'} on }}" for type, names in types
    ]
    text = "\n".join(lines) + "\n"
    if random.random() < 0.6:
        text = mutated(random, corpus, text)
    whole = f"machdesc 1\nguest g\nmachine {name}\n{random.choice(corpus.statements)}\n"
    word = random.choice((
        ("lint", "g.txt"), ("compile", "g.txt"), ("show", "g.txt"), ("lint", f"m/{name}.md"),
        ("explain", name),
        ("explain", f"pc-q35-7.2..{name}"), ("features", "--to", name, "g.txt"), ("check", "g.txt", "g.txt"),
        ("upgrade", "--to", "11.1", "g.txt"), ("rebase", "--to", name, "g.txt"), ("check", "m", "m"),
        ("lint", "m"),
    ))  # fmt: skip
    files = {"g.txt": whole.encode(), f"m/{name}.md": f"```machdesc\n{text}```\n".encode("utf-8", "replace")}
    return Case("variant", files, (*word, "--machine-types", "m"))


def _setting(random: Random, corpus: Corpus) -> Case:
    name, text = settings(random, corpus)
    guest = random.choice(("pc-q35-9.2-acme", "q35", "x", "q35 @ 9.2"))
    files = {name: text, "g.txt": f"machdesc 1\nguest g\nmachine {guest}\n".encode()}
    files["m/pc-q35-9.2-acme.md"] = (
        b"```machdesc\nmachdesc 1\nmachine-type pc-q35-9.2-acme follows pc-q35-9.2\n```\n"
    )
    if random.random() < 0.5:
        files["cat/x86_64/release/none"] = b""
    words = random.choice((
        ("lint", "g.txt"), ("compile", "g.txt"), ("lint", "g.txt", "--qemu", "10.0+acme"),
        ("explain", "pc-q35-9.2-acme"),
        ("latest", "--catalogs"), ("latest", "x", "--qemu", "10.0+acme"), ("check", "g.txt", "g.txt"),
        ("show", "g.txt"),
        ("pin", "--diff", "g.txt"), ("features", "--to", "pc-q35-9.2-acme", "g.txt"), ("explain", "none"),
    ))  # fmt: skip
    return Case("setting", files, words)


def _name(random: Random, corpus: Corpus) -> Case:
    """A file of a hostile name, alone or as one of two, by its name or by its folder."""
    (old, new), name = random.choice(corpus.pairs), random.choice(FILES)
    if random.random() < 0.3:
        new = mutated(random, corpus, new)
    old, new = (f"```machdesc\n{text}\n```\n" for text in (old, new))
    told = f"./{name}" if name.startswith("-") or random.random() < 0.3 else name
    words = random.choice((
        ("lint", told), ("lint", "."), ("fmt", "--check", told), ("fmt", "--diff", told), ("fmt", "d"),
        ("pin", "--diff", told),
        ("compile", told, "--format", random.choice(("args", "config", "json"))),
        ("compile", told, "-o", "out"),
        ("show", "--origin", told), ("upgrade", "--to", "11.1", told),
        ("rebase", "--to", "11.1", "--diff", told),
        ("check", f"d/{name}", told, "--format", random.choice(FORMATS)), ("features", "--to", "11.1", told),
        ("check", "d", ".", "--format", random.choice(FORMATS)),
        ("check", told, "--format", random.choice(FORMATS)),
        ("pin", "--check", told), ("lint", "--catalog", told, "d"), ("lint", "d", "--machine-types", told),
    ))  # fmt: skip
    files = {name: new.encode("utf-8", "replace"), f"d/{name}": old.encode("utf-8", "replace")}
    return Case("name", files, words)


def _hint(random: Random, corpus: Corpus) -> Case:
    text = HINTED.format(release=random.choice(("7.2", "9.2", "8.2", "11.1")))
    if random.random() < 0.3:
        text = seed(random, corpus)
    elif random.random() < 0.4:
        text = mutated(random, corpus, text)
    words = (
        ("compile", "--latest", "--hints", "h", "g.txt") if random.random() < 0.7 else ("hints", "show", "h")
    )
    return Case("hint", {"g.txt": text.encode("utf-8", "replace"), "h": hint_file(random, corpus)}, words)


def _ask(random: Random, corpus: Corpus) -> Case:
    return Case("ask", {}, asked(random, corpus))


def _argument(random: Random, corpus: Corpus) -> Case:
    names = [name for name in PLANS if name not in ("argument", "revision")]
    case = PLANS[random.choice(names)][1](random, corpus)
    return Case("argument", case.files, changed_words(random, corpus, case.words, tuple(case.files)))


def _revision(random: Random, corpus: Corpus) -> Case:
    revision = random.choice(REVISIONS)
    path = random.choice((
        "g.txt", "g.md", "d", "", ".", "./g.txt", "none", "link.txt", "loop.txt", "out.txt", "large.txt",
        "bytes.txt", "broken.txt", "../x", "/g.txt", "d/", "a\nb", "x" * 300,
    ))  # fmt: skip
    words = random.choice((
        ("check", "--against", revision, "g.txt"), ("check", "--against", revision, "."),
        ("check", f"{revision}:{path}", "g.txt"), ("check", "HEAD~1:g.txt", f"{revision}:{path}"),
        ("pin", "--diff", "g.txt"), ("check", "--against", "HEAD", path), (f"--against={revision}", "check"),
        ("check", f"--against={revision}", "g.txt", "--format", random.choice(FORMATS)),
    ))  # fmt: skip
    text = random.choice(corpus.guests)
    if random.random() < 0.3:
        text = mutated(random, corpus, text)
    return Case("revision", {"g.txt": text.encode("utf-8", "replace")}, words)


PLANS: dict[str, tuple[float, Plan]] = {
    "text": (30, _text),
    "pair": (22, _pair),
    "command": (26, _command),
    "include": (5, _include),
    "variant": (4, _variant),
    "setting": (3, _setting),
    "name": (3, _name),
    "hint": (3, _hint),
    "ask": (3, _ask),
    "argument": (6, _argument),
    "revision": (0.5, _revision),
}
"""Plans -> their share of all inputs, and what makes one."""

_NAMES = tuple(PLANS)
_WEIGHTS = tuple(accumulate(weight for weight, _ in PLANS.values()))
