"""What a guest reads of its hardware, held against what its description says.

QMP tells what QEMU was asked for. The guest meets registers, and QEMU may have made something else of
it: each module here knows, for one kind of hardware, in which register a property must show.
"""
