"""Resolution: what the words of a description mean under one release of QEMU."""
