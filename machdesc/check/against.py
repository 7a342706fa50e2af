"""Files against their versions in git: by path, or by git's word that a file was renamed."""

from __future__ import annotations

import os

from machdesc.check.baseline import AUTO, Commit, Repository, find_baseline, find_commit, repository_of
from machdesc.check.outcome import BASE, FAILED, FOREIGN, Outcome, Side
from machdesc.check.pair import Pair, Place, disk_place
from machdesc.model.file import DISK, SETTINGS, plain_name
from machdesc.model.load import not_machdesc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from machdesc.diagnostic import Diagnostic

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
    names: list[str],
    revision: str,
    compare: Compare,
    commits: list[Commit],
    notes: list[Diagnostic],
    skip_foreign: bool = False,
) -> list[Outcome]:
    """What comes of comparing files, and folders of them, with their versions in a revision.

    Of a file that is named, the guests in the repository that are built on it are compared as well, and so
    are those that are built on the bases and the machine types in a folder that is named. A base, which
    others include and which names no guest, is compared through them alone; what is said of one that no
    guest includes is added to `notes`. A folder without descriptions, or a file that is none, has FAILED
    unless `skip_foreign`. The commits are added to `commits`; they are to be closed.

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
        outcomes += _Share(repository, commit, compare, notes, skip_foreign).outcomes(shares[top])
    return outcomes


class _Share:
    """What was named in one repository, against one commit; None where nothing is committed yet."""

    def __init__(
        self,
        repository: Repository,
        commit: Commit | None,
        compare: Compare,
        notes: list[Diagnostic],
        skip_foreign: bool,
    ) -> None:
        self._repository = repository
        self._commit = commit
        self._compare = compare
        self._notes = notes
        self._skip_foreign = skip_foreign

    def outcomes(self, names: list[str]) -> list[Outcome]:
        """What comes of the files and folders of some names, and of what is built on them."""
        settings = [name for name in names if os.path.basename(name) == SETTINGS[0] and os.path.isfile(name)]
        folders = [name for name in names if name not in settings and self._is_folder(name)]
        named = [name for name in names if name not in folders and name not in settings]
        below = {folder: DISK.below(folder) for folder in folders}
        files = list(dict.fromkeys([*named, *(inner for those in below.values() for inner in those)]))
        pairs = self._pairs(files, folders)
        found = self._compare(pairs)
        told = [self._told(outcome, pair, named) for outcome, pair in zip(found, pairs, strict=True)]
        if named or settings or any(map(_is_for_others, found)):
            told = self._with_dependents(pairs, told, named, settings)
        if not self._skip_foreign:
            told += [
                failed_folder(folder)
                for folder in folders
                if not self._holds(folder, below[folder], pairs, found)
            ]
        return told

    def _told(self, outcome: Outcome, pair: Pair, named: list[str]) -> Outcome:
        """The outcome, but that a file that was asked for by name may not be passed over."""
        if self._skip_foreign or outcome.status != FOREIGN or pair.new is None or pair.new.name not in named:
            return outcome
        return outcome._replace(status=FAILED, diagnostics=(not_machdesc(outcome.name),))

    def _with_dependents(
        self, pairs: list[Pair], outcomes: list[Outcome], named: list[str], settings: list[str]
    ) -> list[Outcome]:
        """The outcomes, but those of bases that are judged through their guests, and what comes of these."""
        from machdesc.check.dependent import find_dependents, is_base, settle_base

        roots: list[Pair] = []
        types: dict[str, str] = {}
        for pair, outcome in zip(pairs, outcomes, strict=True):
            if _is_for_others(outcome) or self._name(pair) in named:
                roots.append(pair)
            if outcome.machine_type and outcome.status != BASE:
                types[os.path.realpath(self._name(pair))] = outcome.machine_type
        relations = self._relations(types)
        former = self._former_dependents(roots)
        known = {os.path.realpath(self._name(pair)) for pair in pairs}
        wanted = find_dependents(relations, [self._name(pair) for pair in roots])
        wanted += [name for names in former.values() for name in names]
        wanted += [name for setting in settings for name in self._below_settings(setting)]
        more = {os.path.realpath(name): name for name in wanted}
        added = self._pairs([name for identity, name in more.items() if identity not in known], [])
        outcomes = [*outcomes, *self._compare(added)]
        kept = []
        for pair, outcome in zip([*pairs, *added], outcomes, strict=True):
            if not is_base(outcome, relations):
                identity = os.path.realpath(self._name(pair))
                used = bool(relations.get(identity) or former.get(identity))
                kept.append(settle_base(outcome, used, self._notes))
        return kept

    def _relations(self, machine_types: dict[str, str]) -> dict[str, list[str]]:
        """Which files of the repository include which, or name which of some machine types."""
        from machdesc.check.dependent import (
            find_includers,
            find_users,
            including_files,
            machine_types_on,
            tracked_files,
        )

        relations = find_includers(including_files(self._repository))
        if machine_types:
            names = tracked_files(self._repository)
            for identity, users in find_users(machine_types_on(machine_types, names), names).items():
                relations.setdefault(identity, []).extend(users)
        return relations

    def _former_dependents(self, roots: list[Pair]) -> dict[str, list[str]]:
        """The identities of files that are gone from where they were -> the files that were built on them
        there, by the names that these have now."""
        from machdesc.check.dependent import find_dependents, find_includers

        commit = self._commit
        moved = [pair for pair in roots if pair.old is not None and self._is_moved(pair)]
        if not moved or commit is None:
            return {}
        names = map(commit.name, commit.paths_below([""]))
        includers = find_includers(names, commit)
        found: dict[str, list[str]] = {}
        for pair in moved:
            assert pair.old is not None
            former = [commit.path(name) for name in find_dependents(includers, [pair.old.name], commit)]
            now = [commit.latter(path) or path for path in former]
            found[os.path.realpath(self._name(pair))] = [self._disk_name(path) for path in now]
        return found

    def _below_settings(self, name: str) -> list[str]:
        """The descriptions for which settings may hold."""
        from machdesc.check.dependent import tracked_files

        folder = os.path.join(os.path.dirname(os.path.realpath(name)), "")
        return [
            other for other in tracked_files(self._repository) if os.path.realpath(other).startswith(folder)
        ]

    def _is_moved(self, pair: Pair) -> bool:
        """Whether a description is no longer where it was."""
        if pair.old is None:
            return False
        return pair.new is None or self._repository.path(pair.new.name) != pair.old.path

    def _holds(self, folder: str, below: list[str], pairs: list[Pair], outcomes: list[Outcome]) -> bool:
        """Whether one side of a folder holds a description, or what may be one."""
        names, start = set(below), os.path.join(self._repository.path(folder), "")
        for pair, outcome in zip(pairs, outcomes, strict=True):
            if outcome.status == FOREIGN:
                continue
            if pair.new is not None and pair.new.name in names:
                return True
            if pair.old is not None and (start == "/" or pair.old.path.startswith(start)):
                return True
        return False

    def _is_folder(self, name: str) -> bool:
        """Whether a name is that of a folder, or was when there is nothing of that name any more."""
        if self._commit is None or os.path.lexists(name):
            return DISK.is_folder(name)
        return self._commit.is_folder(self._commit.name(self._repository.path(name)))

    def _name(self, pair: Pair) -> str:
        """The name on the disk of a pair's file, or that which it had."""
        if pair.new is not None:
            return pair.new.name
        assert pair.old is not None
        return self._disk_name(pair.old.path)

    def _disk_name(self, path: str) -> str:
        return os.path.relpath(os.path.join(self._repository.top, path))

    def _pairs(self, names: list[str], folders: list[str]) -> list[Pair]:
        """The pairs of files on the disk and in the commit, then those of the files below some folders
        that only the commit has. Without a commit all files are new."""
        commit = self._commit
        if commit is None:
            return [Pair(None, disk_place(name)) for name in names]
        paths = {name: self._repository.path(name) for name in names}
        existing = commit.existing(list(paths.values()))
        pairs = []
        taken = set(paths.values())
        for name, path in paths.items():
            former = path if path in existing else commit.former(path)
            # What neither side has is read all the same, which reports that it is missing.
            new = disk_place(name) if former is None or os.path.lexists(name) else None
            pairs.append(Pair(commit_place(commit, former) if former is not None else None, new))
            taken.add(former or path)
        gone = commit.paths_below([self._repository.path(folder) for folder in folders])
        pairs += [Pair(commit_place(commit, path), None) for path in gone if path not in taken]
        return pairs


def _is_for_others(outcome: Outcome) -> bool:
    """Whether a description is there for others, which are judged with it: a base, or a machine type that is
    none of QEMU's."""
    if outcome.machine_type:
        return outcome.status != BASE
    return outcome.nameless or outcome.status == BASE


def failed_folder(name: str) -> Outcome:
    """What comes of a folder that holds no descriptions."""
    from machdesc.model.folder import empty_folder

    return Outcome(FAILED, None, Side(name, plain_name(name), "", ""), diagnostics=(empty_folder(name),))
