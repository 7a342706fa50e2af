"""Versions in git: which commit is meant, and what is read from it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from machdesc.check.baseline import (
    VARIABLES,
    Commit,
    UnreadableBaseline,
    find_baseline,
    find_commit,
    repository_of,
)
from machdesc.model.load import load
from machdesc.source import MAX_BYTES, UnreadableSource
from tests.check.repository import BASE, Repository, guest


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    for variable, _ in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    repository = Repository(tmp_path / "repo")
    monkeypatch.chdir(repository.folder)
    return repository


@contextmanager
def opened(revision: str = "HEAD", where: str = ".") -> Iterator[Commit]:
    commit = find_commit(repository_of(where), revision)
    try:
        yield commit
    finally:
        commit.close()


def test_a_file_is_read_as_it_was(repo: Repository) -> None:
    sha = repo.commit(guests__a_md=guest("a"))
    repo.commit(guests__a_md=guest("b"))
    with opened("HEAD~1") as commit:
        assert commit.sha == sha
        assert "guest a" in commit.read("HEAD~1:guests/a.md").text
        assert commit.read("HEAD~1:guests/a.md").name == "HEAD~1:guests/a.md"
        with pytest.raises(UnreadableSource, match="no such file in `HEAD~1`"):
            commit.read("HEAD~1:guests/b.md")
        # The same git answers after a file that it does not have.
        assert "guest a" in commit.read("HEAD~1:guests/a.md").text


def test_includes_are_as_old_as_the_file(repo: Repository) -> None:
    repo.commit(guests__a_md=guest("a", include="../base.md"), base_md=BASE)
    repo.write("base.md", BASE.replace("7.2", "9.2"))
    for revision in ("HEAD", ""):
        with opened(revision) as commit:
            description, diagnostics = load(commit.name("guests/a.md"), files=commit)
            assert description is not None
            assert diagnostics == []
            machine = description.one("machine")
            assert machine is not None
            assert machine.version is not None
            assert machine.version.text == "7.2"
            assert machine.span[2].name == f"{revision}:base.md"


def test_staged_files_are_read_from_the_index(repo: Repository) -> None:
    repo.commit(a_md=guest("a"))
    repo.write("a.md", guest("staged"))
    repo.git("add", "a.md")
    repo.write("a.md", guest("worked"))
    with opened("") as commit:
        assert "guest staged" in commit.read(":a.md").text
        assert commit.below(":") == [":a.md"]


def test_an_include_does_not_lead_out_of_the_repository(repo: Repository) -> None:
    outside = repo.folder.parent / "outside.md"
    outside.write_text("machdesc 1\nmemory 1GiB\n")
    repo.commit(a_md=guest("a", include="../outside.md"), b_md=guest("b", include=str(outside)))
    with opened() as commit:
        for path in ("a.md", "b.md"):
            diagnostics = load(commit.name(path), files=commit)[1]
            assert [d.code for d in diagnostics] == ["include-outside"]
            assert load(commit.name(path), (str(outside.parent),), commit)[1] == []


def test_links_within_a_commit_are_followed(repo: Repository) -> None:
    repo.write("real.md", guest("a"))
    os.symlink("real.md", repo.folder / "link.md")
    os.symlink("/etc/passwd", repo.folder / "out.md")
    os.symlink("nowhere.md", repo.folder / "dangling.md")
    repo.commit()
    with opened() as commit:
        assert "guest a" in commit.read("HEAD:link.md").text
        for name in ("HEAD:out.md", "HEAD:dangling.md"):
            with pytest.raises(UnreadableSource, match="not a file"):
                commit.read(name)
        assert "guest a" in commit.read("HEAD:real.md").text


def test_what_is_no_text_is_told(repo: Repository) -> None:
    (repo.folder / "bytes.md").write_bytes(b"machdesc 1\n\xff")
    (repo.folder / "large.md").write_bytes(b"#" * (MAX_BYTES + 1))
    repo.commit(folder__a_md=guest("a"))
    with opened() as commit:
        for path, told in (
            ("bytes.md", "not UTF-8 text: byte 0xff in line 2"),
            ("large.md", "larger than"),
            ("folder", "not a file"),
            ("a\nb.md", "line break"),
        ):
            with pytest.raises(UnreadableSource, match=told):
                commit.read(commit.name(path))
        assert "guest a" in commit.read("HEAD:folder/a.md").text


def test_folders_and_their_files(repo: Repository) -> None:
    odd = "d/ä b\t[1].md"
    repo.write(odd, guest("odd"))
    repo.commit(d__e__a_md=guest("a"), d__b_txt="", d__c_md="", top_md="", d__x_md="")
    repo.write("d/.hidden/h.md", "")
    repo.commit()
    with opened() as commit:
        assert commit.below("HEAD:d/") == ["HEAD:d/c.md", "HEAD:d/e/a.md", "HEAD:d/x.md", f"HEAD:{odd}"]
        assert len(commit.below("HEAD:")) == 5
        assert commit.is_folder("HEAD:d")
        assert commit.is_folder("HEAD:")
        assert not commit.is_folder("HEAD:d/c.md")
        assert not commit.is_folder("HEAD:nothing")
        assert commit.existing(["top.md", "nothing.md", odd]) == {"top.md", odd}
        assert "guest odd" in commit.read(f"HEAD:{odd}").text


def test_renames_are_those_that_git_tells(repo: Repository) -> None:
    repo.commit(old_md=guest("a"), other_md=guest("b"))
    repo.git("mv", "old.md", "new.md")
    with opened() as commit:
        assert commit.former("new.md") == "old.md"
        assert commit.former("other.md") is None


def test_nothing_is_written(repo: Repository) -> None:
    repo.commit(a_md=guest("a"))
    (repo.folder / "a.md").touch()
    before = {path: path.stat().st_mtime_ns for path in (repo.folder / ".git").rglob("*")}
    with opened() as commit:
        commit.former("a.md")
        commit.read("HEAD:a.md")
    assert before == {path: path.stat().st_mtime_ns for path in (repo.folder / ".git").rglob("*")}


def test_a_missing_commit_tells_how_to_fetch_it(repo: Repository, tmp_path: Path) -> None:
    first = repo.commit(a_md=guest("a"))
    repo.commit(a_md=guest("b"))
    with pytest.raises(
        UnreadableBaseline, match=r"no commit `nope` in this clone; fetch it: git fetch --tags"
    ):
        find_commit(repository_of("."), "nope")
    shallow = tmp_path / "shallow"
    repo.git("clone", "-q", "--depth=1", f"file://{repo.folder}", str(shallow))
    clone = repository_of(str(shallow))
    with pytest.raises(UnreadableBaseline) as missing:
        find_commit(clone, first)
    command = str(missing.value).partition("shallow; fetch it: ")[2]
    assert command == f"git fetch --depth=1 origin {first}"
    assert clone.git(*command.split()[1:])[0] == 0
    find_commit(clone, first)


def test_the_command_that_is_told_fetches_a_branch(
    repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit(a_md=guest("a"))
    repo.git("switch", "-q", "-c", "topic")
    repo.commit(a_md=guest("b"))
    shallow = tmp_path / "shallow"
    repo.git("clone", "-q", "--depth=1", "--branch=topic", f"file://{repo.folder}", str(shallow))
    clone = repository_of(str(shallow))
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    with pytest.raises(UnreadableBaseline, match=r"^GITHUB_BASE_REF: ") as missing:
        find_baseline(clone)
    command = str(missing.value).partition("fetch it: ")[2]
    assert clone.git(*command.split()[1:])[0] == 0
    found = find_baseline(clone)
    assert found is not None
    assert found.sha == repo.git("rev-parse", "main")


@pytest.mark.parametrize("revision", ["-h", "--all", "HEAD:a.md", "HEAD^{tree}", "a b", "\0"])
def test_what_is_no_commit_is_refused(repo: Repository, revision: str) -> None:
    repo.commit(a_md=guest("a"))
    with pytest.raises(UnreadableBaseline):
        find_commit(repository_of("."), revision)


def test_outside_a_repository(tmp_path: Path) -> None:
    with pytest.raises(UnreadableBaseline, match="does not lie in a git repository"):
        repository_of(str(tmp_path / "a.md"))


def test_without_git(repo: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    repo.commit(a_md=guest("a"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnreadableBaseline, match="git cannot be run"):
        find_commit(repository_of("."), "HEAD")


def test_the_baseline_is_what_the_environment_names(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> str | None:
        commit = find_baseline(repository_of("."))
        return commit.sha if commit is not None else None

    assert found() is None
    fork = repo.commit(a_md=guest("a"))
    assert found() == fork
    repo.git("switch", "-q", "-c", "topic")
    topic = repo.commit(a_md=guest("topic"))
    repo.git("switch", "-q", "main")
    tip = repo.commit(b_md=guest("later"))
    repo.git("switch", "-q", "topic")
    assert found() == topic
    for variable, value in (
        ("CI_COMMIT_BEFORE_SHA", tip),
        ("CHANGE_TARGET", "main"),
        ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
        ("GITHUB_BASE_REF", "main"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", fork),
    ):
        monkeypatch.setenv(variable, value)
        assert found() == fork
    monkeypatch.setenv("PRE_COMMIT_FROM_REF", topic)
    assert found() == topic
    # A merge checkout holds the tip: all that is left are the changes of the request.
    monkeypatch.delenv("PRE_COMMIT_FROM_REF")
    monkeypatch.delenv("CI_MERGE_REQUEST_DIFF_BASE_SHA")
    repo.git("merge", "-q", "main")
    assert found() == tip


def test_zeros_and_empty_variables_name_nothing(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    sha = repo.commit(a_md=guest("a"))
    monkeypatch.setenv("CI_COMMIT_BEFORE_SHA", "0" * 40)
    monkeypatch.setenv("GITHUB_BASE_REF", "")
    found = find_baseline(repository_of("."))
    assert found is not None
    assert found.sha == sha


def test_three_dots_mean_where_head_left(repo: Repository) -> None:
    fork = repo.commit(a_md=guest("a"))
    repo.git("switch", "-q", "-c", "topic")
    repo.git("switch", "-q", "main")
    tip = repo.commit(a_md=guest("later"))
    repo.git("switch", "-q", "topic")
    assert find_commit(repository_of("."), "main").sha == tip
    commit = find_commit(repository_of("."), "main...")
    assert (commit.sha, commit.label) == (fork, fork[:12])
