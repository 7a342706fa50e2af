"""Measures what a user waits for: `python -m tests.bench.bench`, from the checkout.

It builds the wheel, installs it into a plain virtual environment, and times whole processes of
`machdesc lint` and `machdesc compile` in turn with `python -c pass` there: medians, and the
median of the ratios pair by pair. Then one process loads, checks and compiles the same guest
over and over, and tells how many it does in a second.
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


def seconds(command: list[str]) -> float:
    """How long a whole process takes."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


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


if __name__ == "__main__":
    main()
