"""Explanations: what `machdesc explain` says of one kind of thing, a module for each."""
