"""Writes a machine type as literate machdesc: what it is in prose, what it changes as device blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from machdesc.catalog.version import is_numbered, version_key
from machdesc.harvest.compat import family_order
from machdesc.harvest.version import machine_family, machine_version

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*$")
_NUMBER = re.compile(r"(?:0|[1-9][0-9]*)$")

Releases = Mapping[str, Mapping[str, Any]]
"""Release to the value of its file."""


def emit_machine_types(releases: Releases) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Machine type to its file's text, alias to machine type, and where releases disagree.

    Compat properties come from the newest release that tells them. An alias stands for what it
    stands for in the newest release that has it.
    """
    order = sorted(releases, key=version_key)
    families = family_order({machine for release in releases.values() for machine in release["machines"]})
    texts, aliases, complaints = {}, {}, []
    for machines in families.values():
        for machine in machines:
            disagreement = _disagreement(machine, order, releases)
            complaints += disagreement
            texts[machine] = _emit_machine_type(machine, order, releases, disagreement)
    for release in order:
        for machine, about in releases[release]["machines"].items():
            if "alias" in about:
                aliases[about["alias"]] = machine
    return (
        texts,
        {alias: machine for alias, machine in sorted(aliases.items()) if alias not in texts},
        complaints,
    )


def emit_word(text: str) -> str:
    """`text` as a value of the language: bare if it is a plain word or decimal number, else quoted."""
    if _WORD.match(text) or _NUMBER.match(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _emit_machine_type(
    machine: str, order: Sequence[str], releases: Releases, disagreement: list[str]
) -> str:
    holders = [release for release in order if machine in releases[release]["machines"]]
    source, tail, newer = _tail(machine, order, releases)
    head = f"machine-type {emit_word(machine)}" + (f" follows {emit_word(newer)}" if newer else "")
    lines = [f"# {machine}", "", *_prose(machine, order, releases, holders, source, newer, tail), ""]
    lines += ["```machdesc", "machdesc 1", ""]
    lines += [f"# {line}" for line in disagreement]
    lines += [head, *_blocks(tail), "```"]
    return "\n".join(lines) + "\n"


def _tail(machine: str, order: Sequence[str], releases: Releases) -> tuple[str, list[list[str]], str]:
    """The newest release that tells the compat tail, the tail, and the machine type it comes after."""
    for release in reversed(order):
        compat = releases[release].get("compat", {})
        if machine in compat:
            if not is_numbered(machine):
                return release, compat[machine], releases[release].get("follows", {}).get(machine, "")
            members = [name for name in family_order(compat)[machine_family(machine)] if is_numbered(name)]
            position = members.index(machine)
            return release, compat[machine], members[position - 1] if position else ""
    return "", [], ""


def _disagreement(machine: str, order: Sequence[str], releases: Releases) -> list[str]:
    """What other releases say differently, where both cut the tail off the same newer machine type."""
    source, tail, newer = _tail(machine, order, releases)
    found = []
    for release in order:
        if release == source or machine not in releases[release].get("compat", {}):
            continue
        _, other, before = _tail(machine, [release], releases)
        if before == newer and other != tail:
            found.append(f"{release} tells another list for {machine} than {source}: {other}")
    return found


def _blocks(tail: Iterable[Sequence[str]]) -> list[str]:
    """Neighbouring entries of one device share a block; the order, in which the last one wins, stays."""
    blocks: list[tuple[str, dict[str, str]]] = []
    for driver, name, value in tail:
        if not blocks or blocks[-1][0] != driver or name in blocks[-1][1]:
            blocks.append((driver, {}))
        blocks[-1][1][name] = value
    lines = []
    for driver, entries in blocks:
        lines += ["", f"device {emit_word(driver)} {{"]
        lines += [f"  {emit_word(name)} {emit_word(value)}" for name, value in entries.items()]
        lines += ["}"]
    return lines


def _prose(
    machine: str,
    order: Sequence[str],
    releases: Releases,
    holders: Sequence[str],
    source: str,
    newer: str,
    tail: Sequence[Sequence[str]],
) -> list[str]:
    paragraphs = []
    version = machine_version(machine)
    family = machine_family(machine)
    if version:
        paragraphs.append(f"The `{family}` machine with the guest ABI of QEMU {version}.")
    else:
        paragraphs.append("A machine type without an ABI version: every release may change it.")
    paragraphs.append(_history(machine, order, releases, holders))
    if not source:
        paragraphs.append(
            "No harvested release that has it tells its compat properties (QEMU tells them since 9.1), "
            "so what its devices do differently is not known here."
        )
    elif newer:
        count = "nothing" if not tail else "one property" if len(tail) == 1 else f"{len(tail)} properties"
        paragraphs.append(f"It sets {count} otherwise than `{newer}`, as QEMU {source} tells it.")
    elif tail:
        count = "one property" if len(tail) == 1 else f"{len(tail)} properties"
        kind = "As the newest of its family it" if version else "It"
        paragraphs.append(f"{kind} sets {count} otherwise than the devices' own defaults in QEMU {source}.")
    else:
        paragraphs.append(f"Its devices have their own defaults, as QEMU {source} tells it.")
    return "\n\n".join(paragraphs).split("\n")


def _history(machine: str, order: Sequence[str], releases: Releases, holders: Sequence[str]) -> str:
    sentences = [f"Harvested releases that have it: {', '.join(holders)}."]
    deprecated = [release for release in holders if releases[release]["machines"][machine]["deprecated"]]
    if deprecated:
        sentences.append(f"Deprecated since {deprecated[0]} at the latest.")
    gone = [release for release in order if version_key(release) > version_key(holders[-1])]
    if gone:
        sentences.append(f"Gone in {gone[0]}.")
    aliases = {releases[release]["machines"][machine].get("alias", ""): release for release in holders}
    sentences += [f"`{alias}` in {release}." for alias, release in sorted(aliases.items()) if alias]
    family = machine_family(machine)
    newest = family_order(releases[order[-1]]["machines"]).get(family)
    if newest and newest[0] == machine and machine != family:
        sentences.append("The newest of its family.")
    elif newest and machine != family:
        sentences.append(f"The newest of its family is `{newest[0]}`.")
    return " ".join(sentences)
