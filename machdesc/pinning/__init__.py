"""Pinning: what QEMU would choose for a guest, written into its description."""
