"""Holds `machdesc check` against real QEMU: what it says of a change is what a guest sees of it."""
