"""Schemas: whether the properties of a block are those that its type takes."""
