"""What is judged of an input beyond what holds for every command, by its plan."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

from machdesc.catalog.catalog import load_catalog
from machdesc.diagnostic import has_errors
from machdesc.library import resolve_description
from machdesc.model.load import load
from tests.attack.case import Case
from tests.attack.world import Finding, Run, World

_COMMAND = re.compile(r"::(?:error|warning|notice) [^\n]*::|::notice::")

_JSON = ("json", "sarif", "argv")


def play(world: World, case: Case) -> list[Finding]:
    """Runs a case in its world, and what follows from what came of it; what is wrong."""
    world.lay(case.files, case.plan == "revision")
    first = world.run(*case.words)
    if case.plan == "text":
        _judge_text(world, first)
    elif case.plan == "pair":
        _judge_pair(world, first)
    if first.out and first.code in (0, 1, 2) and "--help" not in case.words and "-h" not in case.words:
        _judge_form(world, first)
    return world.findings


def _judge_text(world: World, lint: Run) -> None:
    """`fmt` twice is `fmt` once and changes nothing for `lint`; what is sound compiles and is like itself."""
    name, rest = lint.words[1], lint.words[2:]
    if lint.code not in (0, 1):
        return
    same = world.run("check", name, name, *rest)
    if lint.code == 0 and _is_guest(name):
        if same.code not in (0, -1):
            world.find("not like itself", same.errors, same.out.decode("utf-8", "replace") + same.err)
        compiled = world.run("compile", name, "--latest", *rest)
        if compiled.code not in (0, -1):
            world.find("clean for lint, refused by compile", compiled.errors, compiled.err)
    elif same.code == 0 and _lacks_sense(name, rest[1] if rest else None):
        world.find("kept with errors", lint.errors, lint.err)
    formatted = world.run("fmt", name)
    if formatted.code != 0:
        return
    if world.run("fmt", "--check", name).code == 1:
        world.find("fmt is not idempotent", "", "")
    again = world.run("lint", name, *rest)
    if again.codes != lint.codes and "… and" not in lint.err:
        gone, new = (sorted({*a.codes} - {*b.codes}) for a, b in ((lint, again), (again, lint)))
        world.find(
            "fmt changes what lint says",
            f"-{','.join(gone)}" if gone else f"+{','.join(new)}",
            lint.err + again.err,
        )


def _judge_pair(world: World, check: Run) -> None:
    """Nothing is kept where one side has errors."""
    if check.code != 0 or "--old-qemu" in check.words:
        return
    qemu = check.words[check.words.index("--qemu") + 1] if "--qemu" in check.words else None
    for name in check.words[1:3]:
        if _lacks_sense(name, qemu) if qemu else has_errors(load(name)[1]):
            world.find("kept with errors", name[0], "")


def _judge_form(world: World, run: Run) -> None:
    """Whether what a program reads can be read."""
    form = ""
    for word, value in zip(run.words, (*run.words[1:], ""), strict=True):
        form = value if word == "--format" else form
    if run.words[0] == "schema" and "--list" not in run.words:
        form = "json"
    try:
        if form in _JSON:
            json.loads(run.out)
        elif form == "junit":
            ElementTree.fromstring(run.out)
        elif form == "github":
            # The last line is the summary.
            foreign = [line for line in run.out.decode().splitlines()[:-1] if not _COMMAND.match(line)]
            if foreign:
                world.find("unreadable output", "check github", repr(foreign))
    except (ValueError, ElementTree.ParseError) as broken:
        world.find("unreadable output", f"{run.words[0]} {form}", f"{broken}\n{run.out[:2000]!r}")


def _is_guest(name: str) -> bool:
    """Whether a file describes a guest, and neither a base nor a machine type."""
    description, _ = load(name)
    return (
        description is not None and not description.is_machine_type and description.one("guest") is not None
    )


def _lacks_sense(name: str, release: str | None) -> bool:
    """Whether a file has errors for `check`, to which it does not matter that QEMU would not start."""
    description, diagnostics = load(name)
    if description is None or has_errors(diagnostics):
        return True
    if description.is_machine_type or description.one("guest") is None:
        return False
    return has_errors(
        resolve_description(description, release, load_catalog() if release else None, starting=False)[1]
    )
