"""Turns a QEMU binary into the catalog's files: everything is asked of the binary, nothing is typed in."""
