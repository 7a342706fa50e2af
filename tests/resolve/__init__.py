"""Tests of resolution and of the checks of sense."""
