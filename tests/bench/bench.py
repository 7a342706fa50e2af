"""Measures what a user waits for: `python -m tests.bench.bench`, from the checkout.

It builds the wheel, installs it into a plain virtual environment, and times whole processes of
`machdesc lint`, `compile` and `check` in turn with `python -c pass` there: medians, and the
median of the ratios pair by pair. Then one process loads, lints and compiles the same guest over
and over, one compares two guests over and over, and `check` compares two folders with one
process and with two.
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

ROOT = Path(__file__).parents[2]
RUNS = 41

_LOOP = """
import sys, time, machdesc
catalog, release = machdesc.find_target("10.0")
path, seconds, done = sys.argv[1], 5.0, 0
start = time.perf_counter()
while time.perf_counter() - start < seconds:
    description, _ = machdesc.load(path)
    compiled, _ = machdesc.compile(description, release, catalog)
    compiled.arguments()
    done += 1
print(done / (time.perf_counter() - start))
"""

_PAIR_LOOP = """
import sys, time, machdesc
from machdesc.check.compare import check_guests
catalog, release = machdesc.find_target("10.0")
seconds, done = 5.0, 0
start = time.perf_counter()
while time.perf_counter() - start < seconds:
    guests = []
    for path in sys.argv[1:3]:
        description, _ = machdesc.load(path)
        guests.append(machdesc.resolve_description(description, release, catalog)[0])
    assert check_guests(*guests)
    done += 1
print(done / (time.perf_counter() - start))
"""
PAIRS = 400


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
        done = subprocess.run([python, "-c", _LOOP, str(guest)], check=True, capture_output=True, text=True)
        print(f"{float(done.stdout):.0f} descriptions a second in one process")
        _bench_check(folder, python, command, guest)


def _bench_check(folder: Path, python: str, command: str, guest: Path) -> None:
    """Times the comparison of the guest with one that has another MAC and another queue size."""
    changed = folder / "changed.md"
    text = guest.read_text(encoding="utf-8")
    changed.write_text(
        text.replace("52:54:00:00:00:03", "52:54:00:00:00:f3").replace("queue-size 256", "queue-size 128", 1),
        encoding="utf-8",
    )
    words = [command, "check", str(guest), str(changed), "--qemu", "10.0"]
    pairs = [(seconds(words, fails=True), seconds([python, "-c", "pass"])) for _ in range(RUNS)]
    ours = statistics.median(ours for ours, _ in pairs)
    ratio = statistics.median(ours / base for ours, base in pairs)
    print(f"machdesc check: {ours * 1000:.1f} ms, {ratio:.2f} x python -c pass")
    loop = [python, "-c", _PAIR_LOOP, str(guest), str(changed)]
    done = subprocess.run(loop, check=True, capture_output=True, text=True)
    print(f"{float(done.stdout):.0f} pairs a second in one process")
    for side, source in (("old", guest), ("new", changed)):
        (folder / side).mkdir()
        for number in range(PAIRS):
            (folder / side / f"{number}.md").write_bytes(source.read_bytes())
    for jobs in ("1", "2"):
        words = [command, "check", str(folder / "old"), str(folder / "new"), "--qemu", "10.0", "--jobs", jobs]
        print(f"{PAIRS / seconds(words, fails=True):.0f} pairs a second of a folder, {jobs} process(es)")


if __name__ == "__main__":
    main()
