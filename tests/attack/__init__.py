"""Hostile input and hostile moments, across commands."""
