"""machdesc: a guest's virtual hardware as a text, with an ABI version on every part of it."""
