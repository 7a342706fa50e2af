"""Tests of compat hints."""
