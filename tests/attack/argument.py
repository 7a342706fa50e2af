"""Hostile command lines: questions about anything, and command lines with words changed."""

from __future__ import annotations

from functools import cache
from random import Random

from machdesc.cli.main import COMMANDS, command_module
from machdesc.cli.plain import Declarations
from tests.attack.corpus import Corpus
from tests.attack.hostile import NAMES, NUMBERS, RELEASES, REVISIONS

_SPOILED = (
    "--qemu",
    "--catalog",
    "--machine-types",
    "--include-dir",
    "--horizon",
    "--to",
    "--only",
    "--hints",
    "--jobs",
)
"""Options that take any word, which is what most is wrong with."""


def asked(random: Random, corpus: Corpus) -> tuple[str, ...]:
    """A question about a type, a machine type, a rule, or what is none."""
    type_, _ = random.choice(corpus.types)
    machine = random.choice(corpus.machines)
    cpu = random.choice(corpus.models)
    name = random.choice((type_, machine, cpu, random.choice(corpus.words), random.choice(NAMES)))
    one, other = (random.choice((*corpus.releases, random.choice(RELEASES))) for _ in range(2))
    return random.choice((
        ("explain", name), ("explain", name, f"{one}..{other}"),
        ("explain", f"{machine}..{random.choice(corpus.machines)}"),
        ("explain", f"{name}..{machine}"),
        ("explain", random.choice((*corpus.rules, "rules", "MD001", "MD999", "MD²"))),
        ("schema", name), ("schema", f"{type_}@{one}"), ("schema", f"{name}@{one}"),
        ("schema", random.choice(("document", "check-report",
        "--list")) if random.random() < 0.1 else "check-report"),
        ("latest", name), ("latest", "q35", "--qemu", one),
        ("latest", random.choice(("q35", "pc", "microvm", "pc-i440fx"))),
    ))  # fmt: skip


@cache
def options(command: str) -> tuple[str, ...]:
    """The options of a command."""
    declarations = Declarations()
    command_module(command).add_arguments(declarations)
    return tuple(declarations._options)


def changed_words(
    random: Random, corpus: Corpus, words: tuple[str, ...], files: tuple[str, ...]
) -> tuple[str, ...]:
    """A command line after one to three changes."""
    found = list(words)
    for _ in range(random.choice((1, 1, 2, 3))):
        command = found[0] if found and found[0] in COMMANDS else random.choice(tuple(COMMANDS))
        at, what = random.randrange(len(found) + 1), random.randrange(9)
        if what == 0 and found:
            found[min(at, len(found) - 1)] = _word(random, corpus, files)
        elif what == 1:
            found.insert(at, _word(random, corpus, files))
        elif what == 2:
            found.insert(at, random.choice(options(command)))
        elif what == 3:
            option, word = random.choice(options(command)), _word(random, corpus, files)
            found[at:at] = [f"{option}={word}"] if random.random() < 0.5 else [option, word]
        elif what == 4:
            found[at:at] = [random.choice(_SPOILED), _word(random, corpus, files)]
        elif what == 5 and found:
            del found[min(at, len(found) - 1)]
        elif what == 6 and found:
            found.insert(at, random.choice(found))
        elif what == 7:
            rest = found[1:]
            random.shuffle(rest)
            found[1:] = rest
        elif found:
            found[0] = random.choice(tuple(COMMANDS)) if random.random() < 0.9 else random.choice(NAMES)
    return tuple(found)


def _word(random: Random, corpus: Corpus, files: tuple[str, ...]) -> str:
    kind = random.randrange(8)
    if kind < 3:
        return random.choice(NAMES)
    if kind == 3:
        return random.choice(RELEASES)
    if kind == 4:
        return random.choice(NUMBERS)
    if kind == 5:
        return random.choice(REVISIONS)
    if kind == 6 and files:
        return random.choice(files)
    return random.choice(corpus.words)
