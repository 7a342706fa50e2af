"""check: what the guest sees of two descriptions, compared."""
