"""Importing: descriptions of guests that were not described before."""
