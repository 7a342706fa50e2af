"""Pairs: which are made, what comes of them, and on which releases they are compared."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from machdesc.catalog.catalog import load_catalog
from machdesc.check.against import compare_against, versioned_place
from machdesc.check.baseline import Commit
from machdesc.check.compare import check_guests
from machdesc.check.comparison import Terms, compare_pair, lost_pair
from machdesc.check.outcome import BASE, COMPARED, FAILED, FOREIGN, NEW, REMOVED, Outcome
from machdesc.check.pair import Mismatch, Pair, disk_place, match_places
from machdesc.check.worker import map_items
from machdesc.diagnostic import ERROR
from tests.check.repository import BASE as BASE_TEXT
from tests.check.repository import Repository, guest


def terms(old: str | None = None, new: str | None = None, *allowed: str) -> Terms:
    catalog = load_catalog()
    return Terms((catalog, old), (catalog, new), allowed, check_guests)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(**files: str) -> None:
    for name, text in files.items():
        path = Path(name.replace("__", "/") + ".md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def compared(old: str, new: str, named: bool = True, on: Terms | None = None) -> Outcome:
    return compare_pair(Pair(disk_place(old), disk_place(new), named), on or terms())


def nic(mac: str, name: str = "net0") -> str:
    return f'device virtio-net-pci {name} at pcie.0/02.0 {{ mac "52:54:00:00:00:{mac}" }}'


def test_what_differs_is_found(folder: Path) -> None:
    write(a=guest("g", nic("01")), b=guest("g", nic("02")))
    outcome = compared("a.md", "b.md")
    assert outcome.status == COMPARED
    assert [(f.code, f.subject) for f in outcome.findings] == [("MD033", "net0")]
    assert compared("a.md", "a.md").findings == ()


def test_both_sides_are_read_under_a_release_that_has_both(folder: Path) -> None:
    def machine(version: str) -> str:
        return guest("g").replace("7.2", version)

    write(a=machine("4.2"), b=machine("10.0"), c=machine("11.1"))
    releases = load_catalog().releases
    assert releases[-2:] == ("10.0", "11.1")
    for old, new, expected in (
        ("a", "b", "10.0"),
        ("b", "a", "10.0"),
        ("b", "c", "11.1"),
        ("c", "b", "11.1"),
    ):
        outcome = compared(f"{old}.md", f"{new}.md")
        assert outcome.old is not None
        assert outcome.new is not None
        assert (outcome.old.release, outcome.new.release) == (expected, expected)


def test_two_releases_of_one_file(folder: Path) -> None:
    write(a=guest("g", nic("01"), "host { accel kvm }"))
    outcome = compared("a.md", "a.md", True, terms("10.0", "11.1"))
    assert [(f.code, f.old, f.new) for f in outcome.findings] == [("MD001", "10.0", "11.1")] * 2
    assert outcome.status == COMPARED


def test_a_machine_that_a_release_lacks_cannot_be_compared(folder: Path) -> None:
    write(a=guest("g").replace("7.2", "4.2"))
    outcome = compared("a.md", "a.md", True, terms("10.0", "11.1"))
    assert outcome.status == FAILED
    assert any(d.code == "machine-type-not-in-release" or "11.1" in d.message for d in outcome.diagnostics)


@pytest.mark.parametrize("side", ["old", "new"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        (guest("g", "device {"), "syntax"),
        (guest("g", "device nothing-such x"), "unknown-device-type"),
        ("# Prose\n", "not-machdesc"),
        (f"```machdesc\n{BASE_TEXT.replace('machine q35 @ 7.2', '')}```\n", "not-a-guest"),
        (None, "unreadable"),
    ],
)
def test_a_side_that_is_amiss_is_told(folder: Path, side: str, text: str | None, code: str) -> None:
    write(good=guest("g"))
    if text is not None:
        write(bad=text)
    outcome = compared("bad.md", "good.md") if side == "old" else compared("good.md", "bad.md")
    assert outcome.status == FAILED
    assert code in [d.code for d in outcome.diagnostics]
    assert {d.place()[0] for d in outcome.diagnostics if d.severity == ERROR} == {"bad.md"}


def test_what_was_not_named_is_passed_over(folder: Path) -> None:
    base = f"```machdesc\n{BASE_TEXT.replace('machine q35 @ 7.2', '')}```\n"
    write(prose="# Prose\n", base=base, good=guest("g"))
    assert compared("prose.md", "prose.md", False).status == FOREIGN
    assert compared("base.md", "base.md", False).status == BASE
    assert compared("prose.md", "good.md", False).status == NEW
    assert compared("good.md", "prose.md", False).status == REMOVED
    assert compare_pair(Pair(None, disk_place("good.md")), terms()).status == NEW
    assert compare_pair(Pair(disk_place("good.md"), None), terms()).status == REMOVED


def test_folders_are_matched_by_path(folder: Path) -> None:
    write(old__x__a=guest("a"), new__x__a=guest("a"), old__gone=guest("b"), new__come=guest("c"))
    pairs = match_places(disk_place("old/"), disk_place("new"), True)
    names = [(p.old and p.old.name, p.new and p.new.name) for p in pairs]
    expected = [(None, "new/come.md"), ("old/gone.md", None), ("old/x/a.md", "new/x/a.md")]
    assert names == expected
    with pytest.raises(Mismatch, match=r"`old` is a folder, and `new/come\.md` is not"):
        match_places(disk_place("old"), disk_place("new/come.md"), True)


def against(names: list[str], revision: str = "HEAD") -> list[Outcome]:
    commits: list[Commit] = []
    try:
        return compare_against(
            names, revision, lambda pairs: [compare_pair(p, terms()) for p in pairs], commits, []
        )
    finally:
        for commit in commits:
            commit.close()


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    repository = Repository(tmp_path / "repo")
    monkeypatch.chdir(repository.folder)
    return repository


def test_files_against_their_versions(repo: Repository) -> None:
    repo.commit(guests__a_md=guest("a", nic("01")), guests__b_md=guest("b"), guests__gone_md=guest("c"))
    repo.write("guests/a.md", guest("a", nic("02")))
    repo.write("guests/new.md", guest("d"))
    os.unlink("guests/gone.md")
    found = {o.name: o for o in against(["guests"])}
    assert {name: o.status for name, o in found.items()} == {
        "guests/a.md": COMPARED,
        "guests/b.md": COMPARED,
        "guests/new.md": NEW,
        "HEAD:guests/gone.md": REMOVED,
    }
    (finding,) = found["guests/a.md"].findings
    assert finding.old_span is not None
    assert finding.old_span[2].name == "HEAD:guests/a.md"
    assert [o.status for o in against(["guests/gone.md"])] == [REMOVED]
    for name in ("a.md", "b.md", "new.md"):
        os.unlink(f"guests/{name}")
    os.rmdir("guests")
    assert [o.status for o in against(["guests"])] == [REMOVED] * 3
    assert [o.status for o in against(["guests/never.md"])] == [FAILED]


def test_paths_count_from_the_top_wherever_the_command_runs(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit(guests__a_md=guest("a", nic("01")))
    repo.write("guests/a.md", guest("a", nic("02")))
    monkeypatch.chdir("guests")
    for name in ("a.md", "../guests/a.md", str(repo.folder / "guests" / "a.md"), "."):
        (outcome,) = against([name])
        assert outcome.old is not None
        assert (outcome.old.path, len(outcome.findings)) == ("guests/a.md", 1)
    for word, path in (("HEAD:guests/a.md", "guests/a.md"), ("HEAD:./a.md", "guests/a.md"), (":../x", "x")):
        place = versioned_place(word)
        assert place is not None
        assert place.path == path
        place.files.close()  # type: ignore[attr-defined]


def test_renamed_files_are_followed(repo: Repository) -> None:
    repo.commit(a_md=guest("a", nic("01")))
    repo.git("mv", "a.md", "b.md")
    repo.write("b.md", guest("a", nic("02")))
    (outcome,) = against(["b.md"])
    assert outcome.old is not None
    assert (outcome.old.name, len(outcome.findings)) == ("HEAD:a.md", 1)
    assert [o.status for o in against(["."])] == [COMPARED]


def test_everything_is_new_before_the_first_commit(repo: Repository) -> None:
    repo.write("a.md", guest("a"))
    assert [o.status for o in against(["a.md"], "auto")] == [NEW]


def test_a_changed_base_brings_the_guests_that_are_built_on_it(repo: Repository) -> None:
    base = f"```machdesc\n{BASE_TEXT}```\n".replace("machine q35 @ 7.2\n", "")
    machine = "```machdesc\nmachdesc 1\nmachine q35 @ 7.2\n```\n"
    repo.commit(
        base_md=base + "\n",
        q35_md='```machdesc\nmachdesc 1\ninclude "base.md"\n' + nic("01") + "\n```\n",
        guests__a_md=guest("a", "machine q35 @ 7.2", include="../q35.md"),
        guests__b_md=guest("b", "machine q35 @ 7.2", include="../q35.md"),
        guests__c_md=guest("c"),
        other_md=machine,
    )
    text = (repo.folder / "q35.md").read_text()
    repo.write("q35.md", text.replace(":01", ":02"))
    found = {o.name: (o.status, len(o.findings)) for o in against(["q35.md"])}
    assert found == {"q35.md": (BASE, 0), "guests/a.md": (COMPARED, 1), "guests/b.md": (COMPARED, 1)}
    assert sorted(o.name for o in against(["base.md", "guests/a.md"])) == [
        "base.md",
        "guests/a.md",
        "guests/b.md",
        "q35.md",
    ]


def test_two_repositories_in_one_call(repo: Repository, tmp_path: Path) -> None:
    other = Repository(tmp_path / "other")
    repo.commit(a_md=guest("a"))
    other.commit(a_md=guest("b", nic("01")))
    other.write("a.md", guest("b", nic("02")))
    found = against(["a.md", "../other/a.md"])
    assert [len(outcome.findings) for outcome in found] == [0, 1]


def test_several_processes_give_the_same_in_the_same_order(folder: Path) -> None:
    names = [f"g{number:02}" for number in range(9)]
    write(**{name: guest(name, nic(f"{number:02}")) for number, name in enumerate(names)})
    pairs = [Pair(disk_place("g03.md"), disk_place(f"{name}.md"), True) for name in names]
    one, two, many = (
        map_items(lambda pair: compare_pair(pair, terms()), pairs, jobs, lost_pair) for jobs in (1, 2, 20)
    )
    assert [o.name for o in one] == [f"{name}.md" for name in names]
    assert one == two == many
