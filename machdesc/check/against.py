"""Files against their versions in git: by path, or by git's word that a file was renamed."""

from __future__ import annotations

import os

from machdesc.check.baseline import AUTO, Commit, Repository, find_baseline, find_commit, repository_of
from machdesc.check.outcome import Outcome
from machdesc.check.pair import Pair, Place, disk_place
from machdesc.model.file import DISK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Compare = Callable[[list[Pair]], list[Outcome]]


def commit_place(commit: Commit, path: str) -> Place:
    """The place of a file or a folder in a commit."""
    return Place(commit.name(path), path, commit, commit.sha)


def versioned_place(word: str) -> Place | None:
    """The place that `REVISION:PATH` means, None when the word is none such.

    As for git, the path counts from the top of the repository that the command runs in, or
    from here when it begins with `./` or `../`; without a revision it is what is staged.

    :raises machdesc.check.baseline.UnreadableBaseline: when there is no such commit.
    """
    revision, colon, path = word.partition(":")
    if not colon or os.path.lexists(word):
        return None
    repository = repository_of(".")
    if path.startswith(("./", "../")) or path in (".", ".."):
        path = repository.path(path)
    return commit_place(find_commit(repository, revision), path.strip("/"))


def compare_against(
    names: list[str], revision: str, compare: Compare, commits: list[Commit]
) -> list[Outcome]:
    """What comes of comparing files, and folders of them, with their versions in a revision.

    Of a file that is named, the guests in the repository that are built on it are compared as well;
    one that they include and that names no guest is compared through them alone. The commits are
    added to `commits`; they are to be closed.

    :raises machdesc.check.baseline.UnreadableBaseline: when the revision cannot be had.
    """
    repositories: dict[str, Repository] = {}
    shares: dict[str, list[str]] = {}
    for name in names:
        repository = repository_of(name)
        repositories.setdefault(repository.top, repository)
        shares.setdefault(repository.top, []).append(name)
    outcomes: list[Outcome] = []
    for top, repository in repositories.items():
        auto = revision == AUTO
        commit = find_baseline(repository) if auto else find_commit(repository, revision)
        if commit is not None:
            commits.append(commit)
        folders = [name for name in shares[top] if _is_folder(name, repository, commit)]
        named = [name for name in shares[top] if name not in folders]
        files = list(dict.fromkeys([*named, *(inner for folder in folders for inner in DISK.below(folder))]))
        found = compare(_pairs(files, folders, repository, commit))
        if named or any(outcome.nameless for outcome in found):
            from machdesc.check.dependent import find_dependents, find_includers, including_files, is_base

            includers = find_includers(including_files(repository))
            known = {os.path.realpath(name) for name in files}
            more = [n for n in find_dependents(includers, named) if os.path.realpath(n) not in known]
            found += compare(_pairs(more, [], repository, commit))
            found = [outcome for outcome in found if not is_base(outcome, includers)]
        outcomes += found
    return outcomes


def _is_folder(name: str, repository: Repository, commit: Commit | None) -> bool:
    """Whether a name is that of a folder, or was when there is nothing of that name any more."""
    if commit is None or os.path.lexists(name):
        return DISK.is_folder(name)
    return commit.is_folder(commit.name(repository.path(name)))


def _pairs(names: list[str], folders: list[str], repository: Repository, commit: Commit | None) -> list[Pair]:
    """The pairs of files on the disk and in a commit, then those of the files below some folders
    that only the commit has. Without a commit all files are new."""
    if commit is None:
        return [Pair(None, disk_place(name)) for name in names]
    paths = {name: repository.path(name) for name in names}
    existing = commit.existing(list(paths.values()))
    pairs = []
    taken = set(paths.values())
    for name, path in paths.items():
        former = path if path in existing else commit.former(path)
        # What neither side has is read all the same: that tells so.
        new = disk_place(name) if former is None or os.path.lexists(name) else None
        pairs.append(Pair(commit_place(commit, former) if former is not None else None, new))
        taken.add(former or path)
    gone = commit.paths_below([repository.path(folder) for folder in folders])
    pairs += [Pair(commit_place(commit, path), None) for path in gone if path not in taken]
    return pairs
