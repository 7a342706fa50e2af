"""Parts: what of two guests is compared with what; each finds the differences of one part."""
