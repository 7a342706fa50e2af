"""Tests of verifying that need no QEMU: what one tells is made by hand."""
