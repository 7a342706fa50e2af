"""Tests of the model: includes, overrides, removals."""
