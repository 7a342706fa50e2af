"""Catalog: what is known about QEMU, harvested from its binaries."""
