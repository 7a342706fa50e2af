"""Files that a reader brings along and a test does not have: a kernel.

QEMU reads the header of a kernel before the guest starts, so an empty file would not do.
"""

from __future__ import annotations

import struct
from pathlib import Path


def write_kernel(path: Path) -> None:
    """A bzImage that is valid to a loader and, were it started, halts at once.

    The layout is Linux's boot protocol 2.12 (Documentation/arch/x86/boot.rst).
    """
    image = bytearray(1024)  # the boot sector and one sector of set-up code
    image[0x1F1] = 1  # setup_sects
    struct.pack_into("<I", image, 0x1F4, 32)  # syssize, in 16 bytes: one sector
    image[0x1FE:0x200] = b"\x55\xaa"
    image[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", image, 0x206, 0x20C)  # version
    image[0x211] = 1  # loadflags: LOADED_HIGH
    struct.pack_into("<I", image, 0x214, 0x100000)  # code32_start
    struct.pack_into("<I", image, 0x22C, 0x7FFFFFFF)  # initrd_addr_max
    struct.pack_into("<I", image, 0x238, 2047)  # cmdline_size
    halt = b"\xf4\xeb\xfd"  # hlt; jmp back
    path.write_bytes(bytes(image) + halt.ljust(512, b"\0"))
