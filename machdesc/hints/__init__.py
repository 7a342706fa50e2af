"""Compat hints: what a guest has, dumped from a running QEMU, and laid over its description later."""
