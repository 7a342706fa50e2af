"""The fuzzer finds nothing in the project, and everything in a command that is wrong in every way.

Some thousand inputs of a fixed seed by default; with `MACHDESC_ATTACK=long` as many as
`MACHDESC_ATTACK_INPUTS` says (1,000,000), on all processors, of the seed `MACHDESC_ATTACK_SEED`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.attack.case import PLANS, Case, make_case
from tests.attack.corpus import ROOT, corpus
from tests.attack.faulty import FAULTS
from tests.attack.reduce import reduced

INPUTS, SEED = 5000, 5
"""Of the fast suite: about ten seconds."""


def run(module: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a module in a process of its own: its limits, its guard and its forks are no test's."""
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True, errors="replace",
        check=False,
    )  # fmt: skip


def test_nothing_is_found(tmp_path: Path) -> None:
    words = ["--inputs", str(INPUTS), "--seed", str(SEED), "--progress", "0", "--reduce", "2"]
    if os.environ.get("MACHDESC_ATTACK") == "long":
        words = ["--inputs", os.environ.get("MACHDESC_ATTACK_INPUTS", "1000000"), "--progress", "60"]
        words += ["--seed", os.environ.get("MACHDESC_ATTACK_SEED", "1"), "--jobs", str(os.cpu_count() or 1)]
    done = run("tests.attack.fuzz", *words, "--save", str(tmp_path))
    print(done.stdout)
    assert done.returncode == 0, done.stdout


def test_every_fault_is_found() -> None:
    words = ("--inputs", "40", "--plan", "text", "--progress", "0", "--reduce", "0")
    done = run("tests.attack.faulty", *words)
    assert done.returncode == 1
    found = set(re.findall(r"^ +\d+  ([\w ]+): ", done.stdout, re.MULTILINE))
    expected = {
        "internal error", "died", "slow", "hang", "memory", "outside", "changes its input", "leaves files",
        "exit code", "silent failure", "raw characters", "workflow command", "warning",
    }  # fmt: skip
    assert expected <= found, done.stdout
    assert len(expected) == len(FAULTS)
    assert not Path("/tmp/machdesc-attack-outside").exists()
    # A worker that dies loses no input.
    assert done.stdout.startswith("40 inputs, "), done.stdout


def test_a_seed_and_a_number_name_an_input() -> None:
    code = (
        "import hashlib\nfrom tests.attack.case import make_case\n"
        "print(hashlib.sha256(repr([make_case(7, n) for n in range(300)]).encode()).hexdigest())"
    )
    words = [sys.executable, "-c", code]
    digests = {
        subprocess.run(
            words, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_inputs_are_of_every_plan_and_mostly_different() -> None:
    cases = [make_case(3, number) for number in range(1000)]
    assert {case.plan for case in cases} == {*PLANS}
    assert len({repr(case) for case in cases}) > 900


def test_seeds_are_small_and_many_are_sound() -> None:
    found = corpus()
    assert len(found.sound) > 100
    assert len(found.pairs) > 40
    assert max(map(len, found.guests)) < 1000


def test_a_case_is_reduced_to_what_shows_the_fault() -> None:
    text = b"machdesc 1\nguest g\nmachine q35 @ 9.2 { smm on  bad 1 }\nmemory 1GiB\n"
    case = Case("command", {"g.txt": text, "more": b"x"}, ("pin", "--diff", "g.txt", "--check"))

    def shows(other: Case) -> bool:
        return b"bad" in other.files.get("g.txt", b"") and "--diff" in other.words

    assert reduced(case, shows) == Case("command", {"g.txt": b"bad"}, ("--diff",))
    assert reduced(case, lambda other: other == case) == case
