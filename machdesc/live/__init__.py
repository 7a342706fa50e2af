"""Talks to a QEMU: starts one, reads what its guest sees, saves and loads its state."""
