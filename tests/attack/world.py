"""The world that an input lives in: a folder of its own, and commands that run in this process.

After each command it is judged what holds for all of them: the exit code, exceptions, the time, files that
changed, and what would reach a terminal or a log.
"""

from __future__ import annotations

import io
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from types import FrameType
from typing import NamedTuple, NoReturn

import machdesc
from machdesc.cli.main import COMMANDS, main
from tests.attack.guard import Guard

SECONDS = 2.0
"""CPU time that an input may take in one command."""

PATIENCE = 20.0
"""Seconds after which a command is taken to wait for something that never comes."""

MEMORY = 400 << 20
"""Bytes that an input may add to what the process has."""

_PACKAGE = os.path.join(os.path.dirname(machdesc.__file__), "")

REWRITING = ("fmt", "pin", "upgrade", "rebase")

_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Characters that no terminal and no log should get; tabs may be."""


class Finding(NamedTuple):
    """What is wrong: its kind, where (both together are its signature), and the details."""

    kind: str
    where: str
    detail: str


class Run(NamedTuple):
    """What a command did."""

    words: tuple[str, ...]
    code: int
    out: bytes
    err: str

    @property
    def codes(self) -> list[str]:
        """The codes of the diagnostics that it printed, sorted."""
        return sorted(
            re.findall(r"^[^|\n]*(?:error|warning|note):.* \[([a-z][\w-]*)\]$", self.err, re.MULTILINE)
        )

    @property
    def errors(self) -> str:
        """The codes of the errors, for a signature."""
        found = re.findall(r"^[^|\n]*error:.* \[([a-z][\w-]*)\]$", self.err, re.MULTILINE)
        return ",".join(sorted(set(found)))


class TooLong(BaseException):
    """The time of a command is over."""


class World:
    """One folder. `findings` are those of the input that lies there now, `runs` what was run for it."""

    def __init__(self, folder: Path, guard: Guard) -> None:
        self._own = str(folder / "here" / "files")
        self._repository = str(folder / "here" / "repository")
        self._guard = guard
        self.folder = self._own
        self.findings: list[Finding] = []
        self.runs: list[tuple[str, int]] = []
        self._known: dict[str, tuple[int, ...]] = {}
        self._top, self._temporary = str(folder), str(folder / "temporary")
        os.makedirs(self._own)
        os.makedirs(self._temporary)
        tempfile.tempdir = self._temporary
        # Whatever machdesc would look at of the user's own.
        os.environ.update(HOME=str(folder), XDG_DATA_HOME=str(folder / "data"), MACHDESC_TRACEBACK="1")
        signal.signal(signal.SIGPROF, _too_long)
        signal.signal(signal.SIGALRM, _too_long)
        sys.unraisablehook = self._unraisable

    def lay(self, files: dict[str, bytes], in_repository: bool = False) -> None:
        """Makes the folder hold these files alone; in the repository what git has stays as well."""
        if in_repository and not os.path.isdir(self._repository):
            make_repository(self._repository)
        self.folder = self._repository if in_repository else self._own
        self._guard.folder = ""
        os.chdir(self.folder)
        for entry in os.scandir("."):
            if entry.is_dir(follow_symlinks=False):
                if entry.name != ".git":
                    shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)
        for name, data in files.items():
            if "/" in name:
                os.makedirs(os.path.dirname(name), exist_ok=True)
            with open(name, "wb") as file:
                file.write(data)
        self.findings, self.runs = [], []
        self._known = {name: _state(name) for name in files}

    def find(self, kind: str, where: str, detail: str) -> None:
        """Notes a finding."""
        self.findings.append(Finding(kind, where, detail))

    def run(self, *words: str) -> Run:
        """Runs a command and judges it."""
        out, err = io.BytesIO(), io.BytesIO()
        before = sys.stdout, sys.stderr
        sys.stdout = printed = io.TextIOWrapper(out, "utf-8")
        sys.stderr = complained = io.TextIOWrapper(
            err, "utf-8", errors="backslashreplace", write_through=True
        )
        self._guard.words, self._guard.folder = words, self._top
        code = -1
        try:
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            signal.setitimer(signal.ITIMER_REAL, PATIENCE)
            code = main(list(words))
        except TooLong as late:
            self.find("hang" if "ALRM" in str(late) else "slow", f"{words[:1]} {_place(late)}", str(late))
        except MemoryError as large:
            self.find("memory", _place(large), repr(large))
        except Exception as bug:
            text = "".join(traceback.format_exception(bug)[-3:])
            self.find("internal error", f"{type(bug).__name__} {_place(bug)}", text)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._guard.folder = ""
            sys.stdout, sys.stderr = before
            printed.flush()
            complained.flush()
        run = Run(words, code, out.getvalue(), err.getvalue().decode("utf-8", "replace"))
        self.runs.append((words[0] if words else "", code))
        if code != -1:
            self._judge(run)
        return run

    def changed(self, name: str) -> None:
        """From now on a file is as it is now."""
        self._known[name] = _state(name)

    def _judge(self, run: Run) -> None:
        command = run.words[0] if run.words and run.words[0] in COMMANDS else "(none)"
        if run.code not in (0, 1, 2):
            self.find("exit code", f"{command} {run.code}", run.err)
        if "internal error" in run.err or "Traceback (most recent" in run.err:
            self.find("internal error", command, run.err)
        if run.code and not run.err and not run.out:
            self.find("silent failure", f"{command} {run.code}", "")
        for change in self._guard.noted:
            self.find("outside", f"{command} {change}", run.err)
        self._guard.noted.clear()
        self._judge_files(run, command)
        self._judge_output(run, command)

    def _judge_files(self, run: Run, command: str) -> None:
        """Whether only such files changed, or came, as the command may write."""
        writes = any(word.startswith(("-o", "--o")) for word in run.words)
        idle = any(word in ("--check", "--diff", "--textconv") for word in run.words)
        for name, state in self._known.items():
            now = _state(name)
            if now != state:
                self._known[name] = now
                if not writes and (command not in REWRITING or idle):
                    self.find("changes its input", command, name)
        if not writes:
            known = {name.partition("/")[0] for name in self._known} | {".git"}
            new = [name for name in os.listdir(".") if name not in known] + os.listdir(self._temporary)
            if new:
                self.find("leaves files", command, repr(new))

    def _judge_output(self, run: Run, command: str) -> None:
        """Whether text for people holds what moves a cursor or commands a CI system."""
        if _RAW.search(run.err):
            self.find("raw characters", f"{command} stderr", repr(run.err[:500]))
        if "\n::" in run.err or run.err.startswith("::"):
            self.find("workflow command", f"{command} stderr", repr(run.err[:500]))
        if command in ("compile", "run"):
            # A command line for QEMU, exact to the byte.
            return
        words = " ".join(run.words)
        if any(form in words for form in ("json", "sarif", "junit", "argv", "--textconv", "github")):
            return
        text = run.out.decode("utf-8", "replace")
        if command in REWRITING:
            # A diff has the lines of the file as they are; the names of files are not.
            text = "\n".join(re.findall(r"^(?:---|\+\+\+) .*", text, re.MULTILINE))
        if _RAW.search(text):
            self.find("raw characters", f"{command} stdout", repr(text[:500]))
        if "\n::" in text or text.startswith("::"):
            self.find("workflow command", f"{command} stdout", repr(text[:500]))

    def _unraisable(self, unraisable: sys.UnraisableHookArgs) -> None:
        self.find("warning", f"{type(unraisable.exc_value).__name__}", str(unraisable.exc_value))


def limit_memory() -> None:
    """From now on the process may have what it has, and MEMORY more."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, most))


def _state(name: str) -> tuple[int, ...]:
    try:
        found = os.lstat(name)
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_mode


def _place(error: BaseException) -> str:
    """The innermost function of machdesc that an error came through."""
    place = ""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename.startswith(_PACKAGE):
            place = f"{frame.f_code.co_filename[len(_PACKAGE) :]}:{frame.f_code.co_name}"
    return place


def _too_long(number: int, _: FrameType | None) -> NoReturn:
    raise TooLong(signal.Signals(number).name)


def make_repository(folder: str) -> None:
    """A repository with what revisions may lead to: two commits, a tag, links, a large file, broken ones."""
    environment = {
        "PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_NAME": "t" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "t@example.org" for who in ("AUTHOR", "COMMITTER")},
    }  # fmt: skip

    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=folder, env=environment, check=True, capture_output=True)

    top = Path(folder)
    (top / "d").mkdir(parents=True)
    git("init", "-q", "-b", "main")
    text = "machdesc 1\nguest g\nmachine q35 @ 9.2\nmemory 1GiB\n"
    for name in ("g.md", "g.txt", "d/x.md", "base.txt"):
        (top / name).write_text(f"```machdesc\n{text}```\n" if name.endswith(".md") else text)
    (top / "broken.txt").write_text("machdesc 1\nguest {\n")
    (top / "bytes.txt").write_bytes(b"machdesc 1\n\xff\xfe")
    (top / "large.txt").write_bytes(b"machdesc 1\n" + b"#" * (1 << 20))
    (top / "link.txt").symlink_to("g.txt")
    (top / "loop.txt").symlink_to("loop.txt")
    (top / "out.txt").symlink_to("/etc/passwd")
    git("add", "--all")
    git("commit", "-q", "-m", "first")
    git("tag", "v1")
    (top / "g.txt").write_text(text.replace("1GiB", "2GiB"))
    git("commit", "-q", "-a", "-m", "second")
