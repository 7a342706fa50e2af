"""One value against one property: same, other, or not compared and why."""

from __future__ import annotations

import pytest

from machdesc.abi.effective import DEFAULT, DERIVED, UNKNOWN, WRITTEN, Effective
from machdesc.live.qom import UNREADABLE, Told
from machdesc.source import source_of
from machdesc.verify.finding import Findings, text

SPAN = (0, 7, source_of("machine pc\n", "a.md"))


def compared(value: Effective, shown: dict[str, Told], type: str = "e1000") -> Findings:
    """What comes of one value."""
    findings = Findings()
    findings.compare("net", type, value, shown, value.name, SPAN)
    return findings


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Effective("mac", "52:54", WRITTEN, "on the device", None), Told("str", "52:54")),
        (Effective("mq", True, DEFAULT, "default", None), Told("bool", True)),
        (Effective("mq", "on", DEFAULT, "default", None), Told("OnOffAuto", True)),
        (Effective("vectors", 3, DERIVED, "queues", None), Told("OnOffAuto", "auto")),
        (Effective("rng", "pool", WRITTEN, "on the device", None), Told("link<rng>", "/objects/pool")),
        (Effective("addr", "04.1", WRITTEN, "on the device", None), Told("int32", 0x21)),
    ],
)
def test_the_same(value: Effective, told: Told) -> None:
    findings = compared(value, {value.name: told})
    assert (findings.differences, findings.values, findings.passed) == ([], 1, [])


def test_another_value() -> None:
    findings = compared(Effective("mq", True, WRITTEN, "on the device", None), {"mq": Told("bool", False)})
    (difference,) = findings.differences
    assert difference.code == "value-differs"
    assert difference.message == "net: `mq` is on (on the device), and QEMU shows off"
    assert findings.values == 1


@pytest.mark.parametrize(
    ("value", "shown", "reason"),
    [
        (Effective("x", None, UNKNOWN, "the host decides", None), {"x": Told("int", 1)}, "the host decides"),
        (Effective("x", 1, WRITTEN, "", None), {}, "QEMU does not tell it"),
        (Effective("x", 1, WRITTEN, "", None), {"x": Told("int", UNREADABLE)}, "QEMU does not tell it"),
        (
            Effective("x", "", DEFAULT, "", None),
            {"x": Told("link<bus>", "/machine/a")},
            "a link that QEMU makes",
        ),
    ],
)
def test_what_is_not_compared_is_told(value: Effective, shown: dict[str, Told], reason: str) -> None:
    findings = compared(value, shown)
    assert (findings.differences, findings.values) == ([], 0)
    assert findings.passed[0].startswith(f"net.x: {reason}")


@pytest.mark.parametrize(("type", "name"), [("vmgenid", "guid"), ("hv-balloon", "instanceid")])
def test_what_is_drawn_at_every_start_is_not_compared(type: str, name: str) -> None:
    shown = {name: Told("str", "8c3c5d2e-7f0b-4f4e-9d6c-0a1b2c3d4e5f")}
    for origin in (DEFAULT, WRITTEN):
        findings = compared(Effective(name, "auto", origin, "", None), shown, type)
        assert (findings.differences, findings.values) == ([], 0)
        assert findings.passed == [f"net.{name}: QEMU draws a UUID at every start where `auto` is asked"]
    other = Effective(name, "8c3c5d2e-7f0b-4f4e-9d6c-000000000000", WRITTEN, "", None)
    assert [d.code for d in compared(other, shown, type).differences] == ["value-differs"]


def test_values_for_people() -> None:
    assert [text(value) for value in (True, False, "a", 7)] == ["on", "off", '"a"', "7"]
