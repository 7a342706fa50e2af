"""Stands in for a distribution's QEMU: the real one, with a machine type more, as Ubuntu's builds have them.

Run as a program in place of QEMU, with the real one's words in DISTRIBUTION_OF. It is the real binary that
runs and answers; on the way, `pc-q35-plucky` is its `pc-q35-9.2`, and the answer to `query-machines` has
that a second time by this name, with the alias `ubuntu-q35` and one compat property more, which is no truth
about any build of Ubuntu's.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import threading

NAME, BASE, ALIAS = "pc-q35-plucky", "pc-q35-9.2", "ubuntu-q35"
_CONTROL = re.compile(r"socket,id=machdesc-(?:control|target),fd=(\d+)")
EXTRA = {"qom-type": "virtio-net-device", "property": "host_uso", "value": "off"}


def main(words: list[str]) -> int:
    """Runs QEMU and hands on what both sides say."""
    words = [word.replace(NAME, BASE) for word in words]
    real = shlex.split(os.environ["DISTRIBUTION_OF"])
    numbers = [int(match[1]) for word in words if (match := _CONTROL.search(word))]
    if not numbers:
        return subprocess.run([*real, *words]).returncode
    ours, theirs = socket.socketpair()
    words = [word.replace(f"fd={numbers[0]}", f"fd={theirs.fileno()}") for word in words]
    others = [int(n) for word in words for n in re.findall(r"\bfd=(\d+)", word)]
    process = subprocess.Popen([*real, *words], pass_fds=others)
    theirs.close()
    asking = socket.socket(fileno=numbers[0])
    threading.Thread(target=_hand_on_questions, args=(asking, ours), daemon=True).start()
    with ours.makefile("rb") as lines:
        for line in lines:
            asking.sendall(_answered(line))
    asking.shutdown(socket.SHUT_RDWR)
    return process.wait()


def _hand_on_questions(asking: socket.socket, ours: socket.socket) -> None:
    """Hands on what is asked, as it comes: nothing marks the end of a question."""
    with contextlib.suppress(OSError):
        while data := asking.recv(1 << 20):
            ours.sendall(data.replace(NAME.encode(), BASE.encode()))


def _answered(line: bytes) -> bytes:
    """An answer of QEMU's; that to `query-machines` with the machine type more."""
    if b'"hotpluggable-cpus"' not in line:
        return line
    message = json.loads(line)
    base = next((entry for entry in message["return"] if entry.get("name") == BASE), None)
    if base is None:
        return line
    own = {**base, "name": NAME, "alias": ALIAS}
    if "compat-props" in base:
        own["compat-props"] = [*base["compat-props"], EXTRA]
    message["return"].append(own)
    return json.dumps(message).encode() + b"\r\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
