"""Numbers, strings and names that programs trip over."""

from __future__ import annotations

NUMBERS = (
    "0", "-0", "-1", "+1", "1", "2", "007", "0x", "0x0", "0xffffffffffffffff", "0x1g", "-0x10", "1e9",
    "1e400",
    ".5", "5.", "0.5", "1.5G", "0.0000001K", "1_000", "NaN", "inf", "127", "128", "255", "256", "4095",
    "4096",
    "32767", "32768", "65535", "65536", "2147483647", "2147483648", "4294967295", "4294967296",
    "-2147483649", "9223372036854775807", "9223372036854775808", "18446744073709551615",
    "18446744073709551616", "-9223372036854775809", "1B", "1k", "8GiB", "16E", "16EiB", "99999999999P",
    "1.99999999999999999999T", "9" * 40, "9" * 5000, "0." + "9" * 400, "0x" + "f" * 300,
    "1" + "0" * 400 + "K",
    "²", "٣", "１２", "1²", "0-1", "1-0", "0-4294967295", "0-99999999999999999999", "3:4", "1:",
)  # fmt: skip
"""Numbers as they might stand in a text: at limits, beyond them, and what only looks like one."""

STRINGS = (
    '""', '" "', '","', '"a,b=c"', '"a,,b"', '"="', '"x=1,server=on"', r'"\\"', r'"\""', r'"\n"', r'"\t"',
    '"\x1b[31m"', '"\x9b31m"', '"\u202eevil"', '"\x00"', '"\x7f"', '"\r"', '"\u2028"', '"\ufeff"', '"%s%n%x"',
    '"$(touch x)"', '"`touch x`"', "\"';touch x;'\"", '"::error::x"', '"a%0Ab"', '"<x>&\'"', '"]]>"',
    '"&lt;"',
    '"../../etc/passwd"', '"/dev/null"', '"/"', '"."', '".."', '"-"', '"--help"', '"-device"', '"\u0130ß"',
    '"😀"', '"e\u0301"', '"|a|b|"', '"```"', '"](x)"', '"' + "x" * 1030 + '"', '"' + "é" * 64 + '"',
    '"{{x}}"', '"{0}"', '"null"', '"on"', '"json:{}"', '"fd:3"', '"[1]"', '"a\tb"', '"\udcff"', '"#"',
)  # fmt: skip
"""Texts in quotes: what shells, XML, Markdown, terminals, GitHub and QEMU read as more than text."""

NAMES = (
    "", " ", "-", "--", "-x", "--format", "-o", "--help", ".", "..", "./", "a\nb", "a\r\n::error::b",
    "\x1b[2J", "\u202e", "a\x00b", "\udcff", "é", "😀", "x" * 256, "x" * 5000, "a:b", ":a", "HEAD:a", "::",
    "*",
    "?", "a b", "'", '"', "`", "$HOME", "~", "%s", "{}", "\\", "<a>", "&", "a=b", "a,b", "@", "a@b", "a..b",
    "..", "...", "a/../b", "/nonexistent/a", "/dev/null", "/dev/full", "/proc/version", "none.md", "nul",
)  # fmt: skip
"""Words of a command line: names of files, of guests, of anything."""

FILES = (
    "a\nb.md", "a\r\n::error::b.md", "\x1b[2Ja.md", "\u202ea.md", "\udcff.md", "é.md", "a b.md", "-x.md",
    "--help.md",
    "'.md", '".md', "`x`.md", "$HOME.md", "a%0Ab.md", "<a>&.md", "]](x).md", "a|b.md", "a:b.md", "HEAD:a.md",
    "::.md",
    "*.md", "a,b=c.md", "x" * 250 + ".md", "\x7f\x9b.md", "{}.md", "%s.md", "\\.md", "#.md", "~.md",
    "\u2028.md",
)  # fmt: skip
"""Names of files that may be there."""

RELEASES = (
    "10.0", "11.1", "7.2", "5.2", "8.2", "10.0.13", "12.2", "0.0", "99.99", "10", "10.", ".0", "10.0.0.0",
    "-1.0",
    "10.0+acme", "10.0+", "10.0+..", "10.0+a/b", "10.0+a\nb", "1" * 500 + ".0", "٣.٤", "1².0", " 10.0",
    "10.0 ",
    "latest", "v10.0", "10,0", "9.2", "4.2", "nan", "qemu-system-none", "a 'b", "", "\x00",
)  # fmt: skip
"""Releases of QEMU, and what is none."""

REVISIONS = (
    "HEAD", "HEAD~1", "HEAD...", "HEAD~1...", "main", "v1", "", " ", "...", "..", ".", "-", "--",
    "--output=x",
    "-x", "HEAD~99", "HEAD^{tree}", "HEAD^{blob}", "HEAD:g.md", ":", ":g.md", ":/x", ":1:g.md", "HEAD@{0}",
    "HEAD@{1999-01-01}", "@", "@{u}", "@{-1}", "auto", "auto...", "a..b", "main..main", "^HEAD", "HEAD\nHEAD",
    "HEAD\x00", "\x00", "\udcff", "é", "x" * 300, "0" * 40, "f" * 40, "HEAD~-1", "HEAD^99", "HEAD~9999999999",
    "refs/heads/main", "origin/main", "main@{upstream}", "$(touch x)", "\x1b[31m", "a b", "*", "HEAD{",
)  # fmt: skip
"""What git takes for a revision, what it takes for something else, and what it refuses."""

ADDRESSES = (
    "pcie.0", "pcie.0/", "pcie.0/1f.7", "pcie.0/20.0", "pcie.0/00.0", "pcie.0/-1", "pcie.0/ff.ff", "pcie.0/2",
    "pcie.0/02.8", "pci.0/02.0", "pci.0/02.0/x", "/02.0", "scsi0.0/0:0:0", "scsi0.0/255:255:99999",
    "usb.0/1.1.1.1.1.1",
    "usb.0/0", "ide.0/1", "ide.9/9", "isa.0", "isa.0/3f8", "pcie.0/٣.0", "pcie.0/1²", "rp1/00.0",
    "a0.0/00.0", "x",
    "pcie.0/" + "9" * 5000, "i2c.0/0x99", "none/1",
)  # fmt: skip
"""Places of devices."""

DATES = (
    "2027-01-31",
    "2027-02-30",
    "0000-00-00",
    "9999-12-31",
    "２０２７-01-01",
    "2027-1-1",
    "20270101xx",
    '"2027-01-31"',
)
"""Days of `until`."""

JUNK: tuple[str, ...] = (
    *'{}[]@,"#=;:\n\\', "```\n", "```machdesc\n", "machdesc 1\n", "machdesc 2\n",
    "machdesc 99999999999999999999\n",
    "\x00", "\r", "\t", " at ", "\ufeff", "\x0c", "\u2028", "\x85", "host {", "}", "{ a { a { a ", "[[[[",
    "{}", "[]",
)  # fmt: skip
"""What is thrown into a text."""
