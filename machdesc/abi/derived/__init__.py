"""Derived: what QEMU chooses itself, a module for each family of values."""
