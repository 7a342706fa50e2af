"""A report by hand, with texts that mean something to every format, to test these with."""

from __future__ import annotations

from machdesc.check.finding import Finding
from machdesc.check.outcome import (
    COMPARED,
    FAILED,
    NEW,
    REMOVED,
    Ignored,
    Outcome,
    Report,
    Side,
)
from machdesc.diagnostic import error, file_error
from machdesc.source import Source, source_of

OLD_TEXT = """machdesc 1
guest web01
machine q35 @ 7.2
device virtio-net-pci net0 at pcie.0/02.0 { mac "52:54:00:5e:00:01" }
smbios 1 { manufacturer "A|B <b>&amp; `x` @team #1 %0A::error::" }
"""
NEW_TEXT = """machdesc 1
guest web01
machine q35 @ 9.2
device virtio-net-pci net0 at pcie.0/02.0 { mac "52:54:00:5e:00:02" }
smbios 1 { manufacturer "]]> </details> | ${{ x }} \u202e\x1b[31m\ud7ff" }
ignore MD101 machine { reason "moved on purpose" until 2099-12-31 }
"""

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def span(source: Source, words: str) -> tuple[int, int, Source]:
    """The span of some words of a text."""
    start = source.text.index(words)
    return start, start + len(words), source


def sample(required: str = "live", strict: bool = False) -> Report:
    """A pair that breaks, one that failed, a new one and a removed one."""
    old = source_of(OLD_TEXT, "HEAD~1:guests/web01.md")
    new = source_of(NEW_TEXT, "guests/web01.md")
    mac_old, mac_new = '"52:54:00:5e:00:01"', '"52:54:00:5e:00:02"'
    told = ("a driver finds another device", "give it its old address back")
    mac = Finding(
        "MD201", "mac-address", "additive", False, "net0", "the MAC address differs",
        mac_old[1:-1], mac_new[1:-1], span(old, mac_old), span(new, mac_new), *told,
    )  # fmt: skip
    texts = [source.text.split('manufacturer "')[1].split('" }')[0] for source in (old, new)]
    strings = Finding(
        "MD301", "smbios", "cold", False, "smbios 1", "`manufacturer` is not `the *same*` _text_",
        texts[0], texts[1], span(old, "smbios"), span(new, "smbios"),
        "dmidecode shows it; 100 % sure, [really](x)", "undo",
    )  # fmt: skip
    undecided = Finding(
        "MD401", "host-cpu", "live", True, "cpu", "cannot decide, because the CPU model is the host's",
        "", "host", None, None, "other CPUID leaves", "name a model",
    )  # fmt: skip
    added = Finding(
        "MD501", "device-added", "cold", False, "net9", "the device is new",
        "", "virtio-net-pci", None, span(new, "device"), "a new device", "",
    )  # fmt: skip
    machine = Finding(
        "MD101", "machine-type", "additive", False, "machine", "the machine type differs",
        "pc-q35-7.2", "pc-q35-9.2", span(old, "q35 @ 7.2"), span(new, "q35 @ 9.2"), "much", "write `@ 7.2`",
    )  # fmt: skip
    unused = Finding(
        "MD901", "unused-ignore", "", False, "net7", "`ignore MD012 net7` ignores nothing",
        "", "", None, span(new, "guest web01"), "nothing", "remove it",
    )  # fmt: skip
    ignored = Ignored(machine, "moved on purpose", "2099-12-31", span(new, "ignore MD101"))
    old_side = Side("HEAD~1:guests/web01.md", "guests/web01.md", COMMIT, "10.0")
    new_side = Side("guests/web01.md", "guests/web01.md", "", "10.0")
    broken = source_of("machdesc 1\nguest bad {\n", "guests/bad one,%.md")
    amiss = error("unclosed", "this `{` is never closed", span(broken, "{"), "", "add `}`")
    missing = file_error("unreadable", "there is no such file in `HEAD~1`", "HEAD~1:guests/bad one,%.md")
    bad = Side("guests/bad one,%.md", "guests/bad one,%.md", "", "")
    return Report(
        required,
        (
            Outcome(COMPARED, old_side, new_side, (mac, strings, undecided, added, unused), (ignored,)),
            Outcome(
                FAILED,
                Side("HEAD~1:guests/bad one,%.md", "guests/bad one,%.md", COMMIT, ""),
                bad,
                diagnostics=(amiss, missing),
            ),
            Outcome(NEW, None, Side("guests/new.md", "guests/new.md", "", "")),
            Outcome(REMOVED, Side("HEAD~1:guests/gone.md", "guests/gone.md", COMMIT, ""), None),
            Outcome(COMPARED, old_side._replace(name="a.md"), new_side._replace(name="b.md")),
        ),
        strict,
    )
