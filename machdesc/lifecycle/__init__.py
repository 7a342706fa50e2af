"""Life cycle: what newer versions offer a guest, when QEMU drops old ones, and how a guest moves on."""
