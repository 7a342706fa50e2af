"""Back end: from a resolved guest to what QEMU reads."""
