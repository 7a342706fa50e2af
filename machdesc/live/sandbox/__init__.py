"""What of a compiled guest a QEMU is started with that only looks at it: nothing of the host is touched."""
