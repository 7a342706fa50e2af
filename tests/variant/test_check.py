"""check: machine types of the user's own against each other, and guests whose machine type has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from machdesc.cli.main import main
from tests.check.repository import Repository
from tests.variant.folder import TYPES, write_folder


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with the guest and its machine types, one of which has changed since the commit."""
    monkeypatch.delenv("MACHDESC_QEMU", raising=False)
    repository = Repository(tmp_path / "repo")
    write_folder(repository.folder)
    repository.commit()
    path = repository.folder / "machines" / "pc-q35-9.2-acme.md"
    path.write_text(
        path.read_text().replace("host_uso off", "host_uso on").replace("noreboot on", "noreboot off")
    )
    monkeypatch.chdir(repository.folder)
    return repository


def check(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    code = main(["check", *words])
    captured = capsys.readouterr()
    return code, captured.out + captured.err


@pytest.mark.parametrize(
    "words",
    [
        ("--against", "HEAD", "machines/pc-q35-9.2-acme.md"),
        ("--against", "HEAD", "machines"),
        ("HEAD:machines/pc-q35-9.2-acme.md", "machines/pc-q35-9.2-acme.md"),
    ],
)
def test_what_differs_is_told_with_both_places(
    words: tuple[str, ...], repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = check(capsys, *words)
    assert code == 1
    assert "machines/pc-q35-9.2-acme.md:6:28: error: virtio-net-device: `host_uso` of" in told
    assert "HEAD:machines/pc-q35-9.2-acme.md:6:28: it was" in told
    assert "`noreboot` of its own `ICH9-LPC` changes from on to off" in told


def test_a_type_that_follows_another_changes_with_it(
    repo: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "machines/pc-q35-9.2-acme.1.md"
    code, told = check(capsys, f"HEAD:{name}", name)
    assert code == 1
    assert "`noreboot`" in told
    # It sets the property of `virtio-net-pci` itself, so that of all other types changes.
    assert "(`virtio-net-device`, `virtio-net-pci-non-transitional`, `virtio-net-pci-transitional`)" in told


def test_a_type_against_itself_says_nothing(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    for name in TYPES:
        assert check(capsys, f"machines/{name}.md", f"machines/{name}.md")[0] == 0


def test_a_guest_changes_with_its_machine_type(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = check(capsys, "--against", "HEAD", "guests/web01.md")
    assert code == 1
    assert "net1: `host_uso` changes from off to on" in told
    assert "net2" not in told
    assert "net0" not in told


def test_another_type_over_the_same_base(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    text = (repo.folder / "guests" / "web01.md").read_text()
    (repo.folder / "guests" / "b.md").write_text(text.replace("q35 @ 9.2-acme\n", "q35 @ 9.2-acme.1\n"))
    code, told = check(capsys, "guests/web01.md", "guests/b.md")
    assert code == 0, told


def test_a_guest_and_a_machine_type_are_no_pair(repo: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = check(capsys, "guests/web01.md", "machines/pc-q35-9.2-acme.md")
    assert code == 2
    assert "not-a-guest" in told
