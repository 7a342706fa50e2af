"""One pass through the sandbox: what its rules know of the whole guest, and what they add to the result."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from machdesc.backend.option import Option
from machdesc.live.sandbox import file_copy, known
from machdesc.live.sandbox.disk import Disk
from machdesc.live.sandbox.file_copy import MARK, MOST_FILES, NotCopied, placeholder, read_file
from machdesc.live.sandbox.filter import UNKNOWN, Gate, is_word
from machdesc.live.sandbox.front_end import FrontEnd
from machdesc.live.sandbox.result import Place
from machdesc.live.sandbox.server import Server
from machdesc.resolve.guest import Guest

_ARGUMENTS = "arguments"
_LISTENING = ("vnc", "spice")
_OF_THE_PROCESS = ("display", "mon", "msg", "run-with", "sandbox", "overcommit", "action")
"""Options that concern the QEMU process only: the guest sees nothing of them."""


@dataclass
class Job:
    """What the rules know of the whole, and what they add to the result."""

    directory: Path
    guest: Guest
    disks: dict[str, Disk]
    users: dict[str, FrontEnd]
    copies: dict[int, bytes] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    changed: set[tuple[str, str]] = field(default_factory=set)
    hubs: int = 0

    def note(self, subject: str, reason: str) -> None:
        """Adds a place where the front end may look different."""
        self.places.append(Place(subject, reason))

    def leave_out(self, option: Option) -> None:
        """Notes an option that is not passed on."""
        if not option.name:  # a word of `arguments`: one note for an option
            if option.first.startswith("-") or not any(p.subject.startswith(_ARGUMENTS) for p in self.places):
                self.note(f"{_ARGUMENTS} {option.first}", "is left out: arguments do not reach this QEMU")
        elif option.name in _LISTENING:
            self.note(option.name, "is left out: the guest sees nothing of it")
        elif option.name not in _OF_THE_PROCESS:
            self.note(f"{option.name} {option.first or option.id}".rstrip(), "is left out: not known here")

    def copy(self, name: str, key: str) -> str | None:
        """The placeholder of a copy of a file, or the name of one that QEMU brings along; None, with a note,
        when there is none."""
        is_own = key in known.OWN_FILES and "/" not in name and is_word(name)
        if is_own and (not name or not os.path.exists(self.directory / name)):
            return name  # where QEMU is started is no file, so such a name means its own
        try:
            if len(self.files) >= MOST_FILES:
                raise NotCopied(f"more than {MOST_FILES} files")
            content = read_file(self.directory / name)
            if sum(map(len, self.files.values())) + len(content) > file_copy.MOST_BYTES_TOGETHER:
                raise NotCopied(f"all copies are larger than {file_copy.MOST_BYTES_TOGETHER >> 20} MiB")
        except NotCopied as reason:
            self.note(f"{key} {name}", f"is left out: {reason}")
            return None
        found = placeholder(len(self.files), name)
        self.files[found] = content
        return found

    def gate(self, kind: str, name: str) -> Gate:
        """What `machdesc.live.sandbox.filter` asks of the properties of one thing, and reports to."""

        def copy(key: str, file: str) -> str | None:
            self.changed.add((name, key))
            return self.copy(file, key)

        def leave_out(key: str) -> None:
            self.changed.add((name, key))
            self.note(" ".join(dict.fromkeys((kind, name, key))), UNKNOWN)

        return Gate(copy, leave_out)

    def socket(self, name: str, server: Server) -> Option:
        """A character device that is connected to a server of ours."""
        address = f"{MARK}machdesc-server-{len(self.servers)}"
        self.servers[address] = server
        return Option("chardev", "socket", name, (("path", address), ("abstract", "on")))
