"""The fuzzer: `python -m tests.attack.fuzz --inputs 20000 --seed 1 --jobs 2`.

Every number is an input: some files and a command line, mutated from the project's own texts. It goes
through the command in this process, and `world` and `judge` say what is wrong. A finding is repeated by its
seed and number (`--repeat NUMBER`), reduced, and with `--save DIR` kept. Exit code 1 when there is one.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import sys
import time
from collections import Counter
from pathlib import Path

from machdesc.cli.main import COMMANDS
from tests.attack.case import PLANS, Case, make_case
from tests.attack.judge import play
from tests.attack.reduce import reduced
from tests.attack.worker import Terms, in_child, play_all, play_once, prepare, scratch, warm
from tests.attack.world import Finding, World


class Totals:
    """What all workers have done."""

    def __init__(self) -> None:
        self.plans: Counter[str] = Counter()
        self.codes: Counter[tuple[str, int]] = Counter()
        self.counts: Counter[tuple[str, str]] = Counter()
        self.examples: dict[tuple[str, str], tuple[int, Finding]] = {}

    @property
    def inputs(self) -> int:
        return sum(self.plans.values())


def main() -> int:
    """Runs it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=20_000, help="how many (default: 20000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the first number (default: 0)")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default: 1)")
    parser.add_argument("--plan", choices=PLANS, default="", help="inputs of this plan alone")
    parser.add_argument("--repeat", type=int, metavar="NUMBER", help="play one input, and print all of it")
    parser.add_argument("--save", type=Path, metavar="DIR", help="keep reduced findings here")
    parser.add_argument(
        "--reduce", type=float, default=15.0, metavar="SECONDS", help="time for each finding (0: none)"
    )
    parser.add_argument(
        "--progress", type=float, default=10.0, metavar="SECONDS", help="how often to print (0: never)"
    )
    arguments = parser.parse_args()
    prepare()
    terms = Terms(arguments.seed, arguments.plan)
    with scratch() as folder:
        if arguments.repeat is not None:
            return _repeat(terms, arguments.repeat, folder)
        warm(folder / "warm")
        start = time.monotonic()
        totals = _play(terms, arguments, folder, start)
        seconds = time.monotonic() - start
        _print_totals(totals, seconds, arguments.jobs)
        for number, (signature, example) in enumerate(sorted(totals.examples.items())):
            _tell(terms, signature, example, arguments, folder / "once", number)
    return int(bool(totals.examples))


def _play(terms: Terms, arguments: argparse.Namespace, folder: Path, start: float) -> Totals:
    totals, told = Totals(), start
    for share in play_all(terms, arguments.first, arguments.inputs, arguments.jobs, folder):
        totals.plans += share.plans
        for (command, code), number in share.codes.items():
            totals.codes[command if command in COMMANDS else "(none)", code] += number
        totals.counts += share.counts
        for number, finding in share.findings:
            known = totals.examples.get(finding[:2])
            if known is None or number < known[0]:
                totals.examples[finding[:2]] = number, finding
        now = time.monotonic()
        if arguments.progress and now - told >= arguments.progress:
            told = now
            print(
                f"{totals.inputs} inputs, {totals.inputs / (now - start):.0f} a second, "
                f"{sum(totals.counts.values())} findings of {len(totals.counts)} kinds",
                file=sys.stderr, flush=True,
            )  # fmt: skip
    return totals


def _print_totals(totals: Totals, seconds: float, jobs: int) -> None:
    runs = sum(totals.codes.values())
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = used.ru_utime + used.ru_stime
    print(f"{totals.inputs} inputs, {runs} runs of commands in {seconds:.1f} s with {jobs} processes: "
          f"{totals.inputs / seconds:.0f} inputs and {runs / seconds:.0f} runs a second; "
          f"{totals.inputs / busy:.0f} inputs a second of a processor")  # fmt: skip
    print("\nplan        inputs")
    for plan, number in totals.plans.most_common():
        print(f"{plan:<10}{number:8}")
    print("\ncommand        runs     exit 0     exit 1     exit 2      other")
    commands = sorted({command for command, _ in totals.codes})
    for command in commands:
        codes = {code: number for (name, code), number in totals.codes.items() if name == command}
        row = [sum(codes.values()), *(codes.pop(code, 0) for code in (0, 1, 2)), 0]
        row[-1] = sum(codes.values())
        print(f"{_shown(command, 10):<10}" + "".join(f"{number:9}  " for number in row).rstrip())
    print(f"\n{sum(totals.counts.values())} findings of {len(totals.counts)} signatures")
    for (kind, where), number in totals.counts.most_common():
        print(f"{number:8}  {kind}: {where}")


def _tell(
    terms: Terms, signature: tuple[str, str], example: tuple[int, Finding], arguments: argparse.Namespace,
    folder: Path, place: int,
) -> None:  # fmt: skip
    """Repeats a finding, reduces it, prints and keeps it."""
    number, finding = example
    case = make_case(terms.seed, number, terms.only)

    def shows(other: Case) -> bool:
        return any(found[:2] == signature for found in play_once(other, folder))

    alone = shows(case)
    if alone and arguments.reduce:
        case = reduced(case, shows, arguments.reduce)
    plan = f" --plan {terms.only}" if terms.only else ""
    print(f"\n== {finding.kind}: {finding.where}")
    print(f"repeat: python -m tests.attack.fuzz --seed {terms.seed}{plan} --repeat {number}")
    if not alone:
        print("(not when it is played alone: what came before it matters)")
    print(_text_of(case))
    print("\n".join(finding.detail.splitlines()[:12]).encode("utf-8", "replace").decode())
    if arguments.save is not None:
        kept = arguments.save / f"{place:03}-{finding.kind.replace(' ', '-').replace(',', '')}"
        kept.mkdir(parents=True, exist_ok=True)
        for count, (name, data) in enumerate(case.files.items()):
            safe = name.replace("/", "+") if name.isprintable() else f"file{count}"
            (kept / safe).write_bytes(data)
        report = {"seed": terms.seed, "number": number, "words": case.words, "kind": finding.kind,
                  "where": finding.where, "detail": finding.detail}  # fmt: skip
        (kept / "finding.json").write_text(json.dumps(report, indent=2) + "\n")


def _repeat(terms: Terms, number: int, folder: Path) -> int:
    """Plays one input and prints what every command says."""
    case = make_case(terms.seed, number, terms.only)
    print(_text_of(case), flush=True)

    def body(world: World, _: object) -> None:
        ordinary = world.run

        def run(*words: str) -> object:
            done = ordinary(*words)
            said = done.out.decode("utf-8", "replace")[:3000] + done.err[:3000]
            print(f"-- {words!r}: exit {done.code}\n{said!r}", file=sys.stderr)
            return done

        world.run = run  # type: ignore[assignment, method-assign]
        for finding in play(world, case):
            print(f"** {finding.kind}: {finding.where}\n{finding.detail}", file=sys.stderr)

    process, reader = in_child(folder / "once", body)
    os.close(reader)
    return int(os.waitpid(process, 0)[1] != 0)


def _text_of(case: Case) -> str:
    """A case for people."""
    lines = [
        f"$ machdesc {' '.join(shlex.quote(word) for word in case.words)!s}".encode(
            "utf-8", "replace"
        ).decode()
    ]
    for name, data in case.files.items():
        lines.append(f"-- {name!r}, {len(data)} bytes:")
        lines.append(repr(data[:1500]) if b"\x00" in data or not data.isascii() else data[:1500].decode())
    return "\n".join(_shown(line, 3000) for line in lines)


def _shown(text: str, most: int) -> str:
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text[:most])


if __name__ == "__main__":
    sys.exit(main())
