"""Measures what a user waits for: `python -m tests.bench.bench`, from the checkout.

It builds the wheel, installs it into a plain virtual environment, and times whole processes of
`machdesc lint`, `compile` and `check` in turn with `python -c pass` there: medians, and the
median of the ratios pair by pair. Then one process loads, lints and compiles guest after guest, one
compares pair after pair, and `check` compares two folders with one process and with two. What
goes on like that takes a fleet, in which no guest is like another; the same guest over and
over is told beside it.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from tests.bench.guest import guest_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
RUNS = 41
FLEET = 400

_LOOP = """
import sys, time, machdesc
catalog, release = machdesc.find_target("10.0")
paths, seconds, done = sys.argv[1:], 5.0, 0
start = time.perf_counter()
while time.perf_counter() - start < seconds:
    description, _ = machdesc.load(paths[done % len(paths)])
    compiled, _ = machdesc.compile(description, release, catalog)
    compiled.arguments()
    done += 1
print(done / (time.perf_counter() - start))
"""

_PAIR_LOOP = """
import sys, time, machdesc
from machdesc.check.compare import check_guests
catalog, release = machdesc.find_target("10.0")
half = len(sys.argv) // 2
pairs, seconds, done = list(zip(sys.argv[1 : half + 1], sys.argv[half + 1 :])), 5.0, 0
start = time.perf_counter()
while time.perf_counter() - start < seconds:
    guests = []
    for path in pairs[done % len(pairs)]:
        description, _ = machdesc.load(path)
        guests.append(machdesc.resolve_description(description, release, catalog, starting=False)[0])
    assert check_guests(*guests)
    done += 1
print(done / (time.perf_counter() - start))
"""


def seconds(command: list[str], fails: bool = False) -> float:
    """How long a whole process takes, which ends with exit code 0, or with 1 if it is to find something."""
    start = time.perf_counter()
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    taken = time.perf_counter() - start
    assert done.returncode == int(fails), f"{command} ended with {done.returncode}"
    return taken


def main() -> None:
    """Sets up, measures, prints."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", name, str(ROOT)]
        subprocess.run(pip, check=True)
        (wheel,) = folder.glob("*.whl")
        venv.create(folder / "venv", with_pip=True)
        python, command = str(folder / "venv/bin/python"), str(folder / "venv/bin/machdesc")
        subprocess.run([python, "-m", "pip", "install", "--quiet", str(wheel)], check=True)
        guest = folder / "big.md"
        guest.write_text(guest_text(), encoding="utf-8")
        print(f"{guest_text().count(chr(10))} lines, {guest_text().count(chr(10) + 'device ')} devices")
        base = [python, "-c", "pass"]
        for verb in ("lint", "compile"):
            words = [command, verb, str(guest), "--qemu", "10.0"]
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
            pairs = [(seconds(words), seconds(base)) for _ in range(RUNS)]
            ours = statistics.median(ours for ours, _ in pairs)
            ratio = statistics.median(ours / base for ours, base in pairs)
            print(f"machdesc {verb}: {ours * 1000:.1f} ms, {ratio:.2f} x python -c pass")
        fleet = _write(folder / "old", guest_text)
        _rate("descriptions a second", python, _LOOP, fleet, [str(guest)])
        _bench_check(folder, python, command, fleet)


def _write(folder: Path, text: Callable[[int], str]) -> list[str]:
    """Writes a fleet into a folder; the names of its files."""
    folder.mkdir()
    names = []
    for number in range(1, FLEET + 1):
        path = folder / f"{number}.md"
        path.write_text(text(number), encoding="utf-8")
        names.append(str(path))
    return names


def _rate(what: str, python: str, loop: str, fleet: list[str], same: list[str]) -> None:
    """Prints how fast a loop goes over a fleet, and over the same over and over."""
    for words, which in ((fleet, "of a fleet"), (same, "of the same over and over")):
        done = subprocess.run([python, "-c", loop, *words], check=True, capture_output=True, text=True)
        print(f"{float(done.stdout):.0f} {what} in one process, {which}")


def _changed(number: int = 0) -> str:
    """A guest with another MAC and another queue size."""
    text = guest_text(number)
    queues = f"queue-size {text.partition('queue-size ')[2].split()[0]}"
    return text.replace(":00:03\n", ":00:f3\n").replace(queues, "queue-size 64", 1)


def _bench_check(folder: Path, python: str, command: str, fleet: list[str]) -> None:
    """Times the comparison of guests with such as have another MAC and another queue size."""
    guest, changed = folder / "big.md", folder / "changed.md"
    changed.write_text(_changed(), encoding="utf-8")
    words = [command, "check", str(guest), str(changed), "--qemu", "10.0"]
    pairs = [(seconds(words, fails=True), seconds([python, "-c", "pass"])) for _ in range(RUNS)]
    ours = statistics.median(ours for ours, _ in pairs)
    ratio = statistics.median(ours / base for ours, base in pairs)
    print(f"machdesc check: {ours * 1000:.1f} ms, {ratio:.2f} x python -c pass")
    changes = _write(folder / "new", _changed)
    _rate("pairs a second", python, _PAIR_LOOP, [*fleet, *changes], [str(guest), str(changed)])
    for jobs in ("1", "2"):
        words = [command, "check", str(folder / "old"), str(folder / "new"), "--qemu", "10.0", "--jobs", jobs]
        print(f"{FLEET / seconds(words, fails=True):.0f} pairs a second of a folder, {jobs} process(es)")


if __name__ == "__main__":
    main()
