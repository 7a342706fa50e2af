"""Baselines: descriptions as they were in a commit, read with git and moved nowhere.

After this phase: a `Commit` is known to exist, and reads files and their includes as `Files`
do. What git cannot give is told together with what to do about it.
"""

from __future__ import annotations

import os
import subprocess

from machdesc.model.file import SUFFIXES, Files
from machdesc.source import MAX_BYTES, Source, UnreadableSource, source_of

AUTO = "auto"
"""The word for a baseline that the environment names."""

VARIABLES = (
    # pre-commit, between two commits and before a push (pre_commit/commands/run.py)
    ("PRE_COMMIT_FROM_REF", "revision"),
    # GitLab: "the base SHA of the merge request diff"
    ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "revision"),
    # GitHub, Forgejo, Gitea: "the name of the base ref or target branch of the pull request"
    ("GITHUB_BASE_REF", "branch"),
    # Bitbucket: the tip of the branch that a pull request is to be merged into
    ("BITBUCKET_PR_DESTINATION_COMMIT", "revision"),
    # Azure Pipelines: System.PullRequest.TargetBranch, such as refs/heads/main
    ("SYSTEM_PULLREQUEST_TARGETBRANCH", "branch"),
    # Buildkite: "the base branch that the pull request is targeting"
    ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "branch"),
    # Jenkins: "the target or base branch to which the change could be merged"
    ("CHANGE_TARGET", "branch"),
    # GitLab: "the previous latest commit present on a branch", zeros where there is none
    ("CI_COMMIT_BEFORE_SHA", "revision"),
)
"""Variables that name the baseline, the first that is set first, and what each of them names."""

_TOO_LARGE = f"larger than {MAX_BYTES} bytes, which is the limit for a description"

_MAX_PATHS = 200
"""Paths that are asked for in one call of git; a command line has a limit."""


class UnreadableBaseline(Exception):
    """There is no such version; the message says why, and how to get it."""


class Repository:
    """A git repository that is only read from; `top` is the folder of its working tree."""

    def __init__(self, top: str) -> None:
        self.top = top

    def git(self, *words: str) -> tuple[int, bytes]:
        """Runs git in the folder `top`: its exit code and its output.

        :raises UnreadableBaseline: when there is no git, or it refuses the repository.
        """
        try:
            done = subprocess.run(["git", *words], cwd=self.top, env=_environment(), capture_output=True)
        except OSError as failed:
            raise UnreadableBaseline(f"git cannot be run: {failed.strerror or failed}") from failed
        complaint = done.stderr.decode(errors="replace").strip()
        if done.returncode > 1 and complaint:
            raise UnreadableBaseline(f"git {words[0]}: {complaint.splitlines()[0]}")
        return done.returncode, done.stdout

    def line(self, *words: str) -> str:
        """The output of a question that git answers with a line; empty when it has no answer."""
        code, output = self.git(*words)
        return output.decode(errors="surrogateescape").strip() if code == 0 else ""

    def path(self, name: str) -> str:
        """The path of a file from the top, by its name on the disk; the file need not exist."""
        folder, base = os.path.split(os.path.abspath(name))
        path = os.path.relpath(os.path.join(os.path.realpath(folder), base), self.top)
        return "" if path == "." else path.replace(os.sep, "/")


def repository_of(name: str) -> Repository:
    """The repository that a file or folder lies in.

    :raises UnreadableBaseline: when it lies in none.
    """
    folder = os.path.realpath(name if os.path.isdir(name) else os.path.dirname(name) or ".")
    top = folder
    while not os.path.exists(os.path.join(top, ".git")):
        parent = os.path.dirname(top)
        if parent == top:
            raise UnreadableBaseline(f"`{name}` does not lie in a git repository")
        top = parent
    return Repository(top)


class Commit(Files):
    """The files of a commit, or with an empty `sha` those that are staged.

    A file's name is `LABEL:PATH`, its path from the top of the repository. What lies outside
    the repository is read from the disk.
    """

    def __init__(self, repository: Repository, sha: str, label: str) -> None:
        self.repository = repository
        self.sha = sha
        self.label = label
        self._prefix = f"{label}:"
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._renames: dict[str, str] | None = None
        self._inside_folders: dict[tuple[str, tuple[str, ...]], list[str]] = {}

    def name(self, path: str) -> str:
        """The name of the file at a path."""
        return self._prefix + path

    def path(self, name: str) -> str:
        """The path of a file's name."""
        return name[len(self._prefix) :]

    def read(self, name: str, inherited: bool = False) -> Source:
        if not self._is_own(name):
            return super().read(name, inherited)
        try:
            data = self._blob(self.path(name))
        except UnreadableSource as unreadable:
            submodule = self._submodule(self.path(name))
            if not submodule:
                raise
            why = f"it lies in the submodule `{submodule}`, of which {self.told} has no files"
            raise UnreadableSource(why) from unreadable
        return source_of(_decoded(data), name)

    def is_folder(self, name: str) -> bool:
        if not self._is_own(name):
            return super().is_folder(name)
        path = self.path(name).rstrip("/")
        return not path or any(found != path for found in self.existing([path]))

    def exists(self, name: str) -> bool:
        return (
            self.path(name) in self.existing([self.path(name)])
            if self._is_own(name)
            else super().exists(name)
        )

    def upward(self, name: str, wanted: tuple[str, ...]) -> list[str]:
        if not self._is_own(name):
            return super().upward(name, wanted)
        folder, found = os.path.dirname(self.path(name)), []
        while True:
            if (folder, wanted) not in self._inside_folders:
                paths = [os.path.join(folder, inner) for inner in wanted]
                self._inside_folders[folder, wanted] = [self.name(path) for path in paths if self._has(path)]
            found += self._inside_folders[folder, wanted]
            if not folder:
                return found
            folder = os.path.dirname(folder)

    def below(self, name: str) -> list[str]:
        if not self._is_own(name):
            return super().below(name)
        return [self.name(path) for path in self.paths_below([self.path(name).rstrip("/")])]

    def paths_below(self, folders: list[str]) -> list[str]:
        """The paths of all `.md` and `.machdesc` files below some folders, in order; hidden folders are left
        out, as on the disk."""
        starts = [f"{folder}/" if folder else "" for folder in folders]
        found = []
        for path in sorted(self.existing(folders)) if folders else ():
            inner = [path[len(start) :] for start in starts if path.startswith(start)]
            hidden = all(any(part.startswith(".") for part in rest.split("/")[:-1]) for rest in inner)
            if path.endswith(SUFFIXES) and inner and not hidden:
                found.append(path)
        return found

    def beside(self, name: str, path: str) -> str:
        if not self._is_own(name):
            return super().beside(name, path)
        folder = os.path.dirname(self.path(name))
        meant = os.path.normpath(os.path.join(folder, path))
        if os.path.isabs(meant) or meant.startswith(".."):
            return os.path.join(self.repository.top, folder, path)
        return self.name(meant)

    def identity(self, name: str) -> str:
        return name if self._is_own(name) else super().identity(name)

    def root(self, name: str) -> str:
        return self._prefix if self._is_own(name) else super().root(name)

    def inside(self, root: str, identity: str) -> bool:
        if self._is_own(root) or self._is_own(identity):
            return root == self._prefix and self._is_own(identity)
        return super().inside(root, identity)

    def is_special(self, identity: str) -> bool:
        return not self._is_own(identity) and super().is_special(identity)

    def existing(self, paths: list[str]) -> set[str]:
        """Those of some paths that are files in it, and for a folder all files below it."""
        found: set[str] = set()
        for start in range(0, len(paths), _MAX_PATHS):
            some = [path or "." for path in paths[start : start + _MAX_PATHS]]
            if self.sha:
                words = ["ls-tree", "-r", "-z", "--full-tree", "--name-only", self.sha, "--"]
                some = [] if "." in some else some
            else:
                words = ["ls-files", "-z", "--cached", "--"]
            _, output = self.repository.git(*words, *some)
            found.update(os.fsdecode(path) for path in output.split(b"\0") if path)
        return found

    def former(self, path: str) -> str | None:
        """The path that a file of the working tree had, when git says that it was renamed."""
        return self._renamed().get(path)

    def latter(self, path: str) -> str | None:
        """The path that a file of it has in the working tree, when git says that it was renamed."""
        return next((new for new, old in self._renamed().items() if old == path), None)

    def _renamed(self) -> dict[str, str]:
        """The new paths of files that were renamed -> the old ones."""
        if self._renames is None:
            # `git diff` writes the index anew when only times have changed, whatever locks it may take.
            words = [
                "-c",
                "diff.autoRefreshIndex=false",
                "diff",
                "--no-ext-diff",
                "--no-textconv",
                "--no-relative",
                "--name-status",
            ]
            words += ["-M", "-z", "--diff-filter=R", *([self.sha] if self.sha else []), "--"]
            fields = [os.fsdecode(field) for field in self.repository.git(*words)[1].split(b"\0")]
            self._renames = {fields[i + 2]: fields[i + 1] for i in range(0, len(fields) - 2, 3)}
        return self._renames

    def close(self) -> None:
        """Ends the git that reads files, if one was started."""
        if self._process is not None and self._owner == os.getpid():
            # Killed rather than waited for: it may be about to write a file that is too large.
            self._process.kill()
            self._process.communicate()
        self._process = None

    def _has(self, path: str) -> bool:
        """Whether there is a file, asked of the git that reads files: one of its own would take longer."""
        try:
            self._blob(path)
        except UnreadableSource as unreadable:
            return str(unreadable) == _TOO_LARGE
        return True

    def _submodule(self, path: str) -> str:
        """The path of the submodule that a path lies in, empty when in none."""
        parts = path.split("/")
        folders = ["/".join(parts[:end]) for end in range(1, len(parts))]
        if not folders:
            return ""
        listing = ["ls-tree", "-z", "--full-tree", self.sha] if self.sha else ["ls-files", "-z", "--stage"]
        entries = [
            os.fsdecode(entry) for entry in self.repository.git(*listing, "--", *folders)[1].split(b"\0")
        ]
        links = [entry.partition("\t")[2] for entry in entries if entry.startswith("160000 ")]
        return next((folder for folder in folders if folder in links), "")

    def _is_own(self, name: str) -> bool:
        return name.startswith(self._prefix)

    def _blob(self, path: str) -> bytes:
        """The bytes of a file; symbolic links within the commit are followed.

        :raises UnreadableSource: when there is none.
        """
        if "\n" in path:
            raise UnreadableSource("a file name with a line break")
        process = self._reader()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(os.fsencode(f"{self.sha}:{path}\n"))
            process.stdin.flush()
        except BrokenPipeError as broken:
            raise UnreadableSource("git has ended") from broken
        head = process.stdout.readline().rstrip(b"\n")
        if head.endswith(b" missing") or not head:
            raise UnreadableSource(f"there is no such file in {self.told}")
        words = head.split()
        size = int(words[-1])
        if words[-2] == b"blob" and size > MAX_BYTES:
            self.close()
            raise UnreadableSource(_TOO_LARGE)
        data = process.stdout.read(size + 1)[:size]
        if words[-2] != b"blob":
            raise UnreadableSource(f"not a file in {self.told}")
        return data

    @property
    def told(self) -> str:
        """What messages call it."""
        return f"`{self.label}`" if self.sha else "the index"

    def _reader(self) -> subprocess.Popen[bytes]:
        """The git that reads files; a process that was forked off has one of its own."""
        if self._process is None or self._owner != os.getpid():
            self._owner = os.getpid()
            self._process = subprocess.Popen(
                ["git", "cat-file", "--batch", "--follow-symlinks"],
                cwd=self.repository.top,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process


def find_commit(repository: Repository, revision: str) -> Commit:
    """The commit that a revision means, as git reads it.

    An empty revision is the index; `REF...` is the commit at which HEAD left REF.

    :raises UnreadableBaseline: when there is none; the message says how to fetch it.
    """
    if not revision:
        return Commit(repository, "", "")
    name = revision.removesuffix("...")
    sha = _sha(repository, name)
    if not sha:
        raise UnreadableBaseline(_missing(repository, name))
    if name != revision:
        sha = repository.line("merge-base", sha, "HEAD") or sha
    return Commit(repository, sha, sha[:12] if name != revision or _is_hash(name) else name)


def find_baseline(repository: Repository) -> Commit | None:
    """What the environment says to compare with, else HEAD; None where nothing is committed yet.

    Of a branch or a revision that the environment names, the commit is meant at which HEAD left
    it, since what came to it later is no change of ours; in a clone that does not reach so far
    back it is the tip.

    :raises UnreadableBaseline: when the environment names a commit that this clone lacks.
    """
    for variable, kind in VARIABLES:
        value = os.environ.get(variable, "")
        if not value.strip("0"):
            continue
        name = value.removeprefix("refs/heads/") if kind == "branch" else value
        names = [f"origin/{name}", name] if kind == "branch" else [name]
        found = next((n for n in names if _sha(repository, n)), None)
        if found is None:
            raise UnreadableBaseline(f"{variable}: {_missing(repository, names[0])}")
        return find_commit(repository, f"{found}...")
    return find_commit(repository, "HEAD") if _sha(repository, "HEAD") else None


def _sha(repository: Repository, revision: str) -> str:
    """The hash of the commit that a revision means; empty when there is none."""
    # For `git rev-parse`, `^HEAD` is what is not in HEAD.
    if revision.startswith(("-", "^")) or "\0" in revision:
        return ""
    return repository.line("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")


def _missing(repository: Repository, revision: str) -> str:
    """What is said of a commit that is not there."""
    shallow = repository.line("rev-parse", "--is-shallow-repository") == "true"
    clone = "this clone, which is shallow" if shallow else "this clone"
    depth = "--depth=1 " if shallow else ""
    if revision.startswith("origin/"):
        branch = revision.removeprefix("origin/")
        fetch = f"git fetch {depth}origin {branch}:refs/remotes/{revision}"
    elif _is_hash(revision):
        fetch = f"git fetch {depth}origin {revision}"
    else:
        fetch = f"git fetch {'--unshallow ' if shallow else ''}--tags origin"
    return f"there is no commit `{revision}` in {clone}; fetch it: {fetch}"


def _is_hash(revision: str) -> bool:
    return len(revision) >= 7 and all(character in "0123456789abcdef" for character in revision)


def _decoded(data: bytes) -> str:
    """:raises UnreadableSource: when it is not UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableSource(f"not UTF-8 text: byte {data[error.start]:#04x} in line {line}") from error


def _environment() -> dict[str, str]:
    """The environment of git: nothing is written, paths are no patterns, messages are English."""
    return {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_LITERAL_PATHSPECS": "1", "LC_ALL": "C"}
