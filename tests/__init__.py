"""Tests of machdesc."""
