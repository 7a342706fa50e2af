"""Syntax: from a text to its tree, and back in canonical form."""
