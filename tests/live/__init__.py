"""Tests that start real QEMU binaries; see `binary` and `machine` for the harness."""
