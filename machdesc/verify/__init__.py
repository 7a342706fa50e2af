"""Verifying: what a description says, held against what a real QEMU shows."""
