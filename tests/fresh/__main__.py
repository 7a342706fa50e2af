"""Proves on fresh machines what README says of them: `python3 -m tests.fresh [SUITE[:TRIAL] …]`.

The suites are Debian's, by default bookworm (12) and trixie (13); a trial is one of `TRIALS`. Each starts on
a machine of its own, with Python and a clean clone of the last commit, and runs lines that are read from
README.md and docs/ci.md as they are written there. Needs root, debootstrap, git and a network, and takes
some minutes for each suite, most of them for `bin/test`. Exit code 1 when a trial fails; its output follows.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.docs.page import ROOT, fences
from tests.fresh.machine import CHECKOUT, Done, Machine, fresh_machine

SUITES = ("bookworm", "trixie")


def _lines(page: Path, info: str) -> str:
    """The lines of the page's only fence with this info string."""
    (text,) = fences(page, info)
    return text


def _succeeds(done: Done, *patterns: str) -> str:
    """What speaks against a success that prints the patterns; empty when nothing does."""
    if done.code != 0:
        return f"exit code {done.code}"
    lacking = [pattern for pattern in patterns if not re.search(pattern, done.output, re.MULTILINE)]
    return "".join(f"nothing printed matches {pattern!r}" for pattern in lacking[:1])


SHOWN = (r"^guest web01$", r"^qemu-system-x86_64 ", r"^changed\.md:\d+:\d+: error: ")
"""What `bin/try` prints of the source, the command line and the check."""

VERSION = r"^machdesc \d+\.\d+\.\d+$"


def _try(machine: Machine) -> tuple[Done, str]:
    done = machine.run("bin/try")
    return done, _succeeds(done, *SHOWN)


def _try_read_only(machine: Machine) -> tuple[Done, str]:
    done = machine.run("bin/try", user="nobody", read_only=True)
    return done, _succeeds(done, *SHOWN)


def _test(machine: Machine) -> tuple[Done, str]:
    """Everything that is missing gets installed, and what has no QEMU is skipped."""
    done = machine.run("bin/test")
    return done, _succeeds(done, r" passed", r"no QEMU 7\.2")


def _test_as_user(machine: Machine) -> tuple[Done, str]:
    """Who cannot install is given the names of all that is missing, and the command."""
    done = machine.run("bin/test", user="nobody")
    expected = (
        "bin/setup: missing: venv, git, patch; run: apt-get install python3-venv git patch  (as root)\n"
    )
    right = (done.code, done.output) == (2, expected)
    return done, "" if right else f"exit code {done.code}, or another message than {expected!r}"


def _install(way: str, folder: str) -> Callable[[Machine], tuple[Done, str]]:
    """README's lines for one way; the command is then in a folder below the home directory."""

    def trial(machine: Machine) -> tuple[Done, str]:
        lines = _lines(ROOT / "README.md", f"sh install {way}")
        done = machine.run(f"apt-get update -qq\n{lines}cd /\n{folder}/machdesc --version")
        return done, _succeeds(done, VERSION)

    return trial


def _install_in_ci(machine: Machine) -> tuple[Done, str]:
    """The line of docs/ci.md, in an environment as a job of CI has it."""
    page = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    lines = set(re.findall(r"^ +- (?:run: )?(pip install .*)$", page, re.MULTILINE))
    (line,) = lines
    line = line.replace("REPOSITORY", f"file://{CHECKOUT}").replace("TAG", "trial")
    job = "apt-get update -qq\napt-get install -qq python3-venv git\npython3 -m venv /tmp/job\n"
    done = machine.run(f"{job}PATH=/tmp/job/bin:$PATH\ngit tag trial\n{line}\ncd /\nmachdesc --version")
    return done, _succeeds(done, VERSION)


TRIALS: dict[str, Callable[[Machine], tuple[Done, str]]] = {
    "try": _try,
    "try-read-only": _try_read_only,
    "test-as-user": _test_as_user,
    "install-venv": _install("venv", "~/.local/machdesc/bin"),
    "install-pipx": _install("pipx", "~/.local/bin"),
    "install-uv": _install("uv", "~/.local/bin"),
    "install-in-ci": _install_in_ci,
    "test": _test,
}


def main(words: list[str]) -> int:
    """Runs the trials, prints a line for each, and the output of those that fail."""
    wanted = [word.partition(":")[::2] for word in words] or [(suite, "") for suite in SUITES]
    passed = failed = 0
    for suite, name in wanted:
        for trial in [name] if name else TRIALS:
            with fresh_machine(suite) as machine:
                start = time.monotonic()
                done, fault = TRIALS[trial](machine)
                seconds = time.monotonic() - start
            print(f"{suite:<10} {trial:<14} {seconds:7.1f} s  {fault or 'ok'}", flush=True)
            passed, failed = passed + (not fault), failed + bool(fault)
            if fault:
                print("".join(f"    {line}\n" for line in done.output.splitlines()[-60:]), flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
