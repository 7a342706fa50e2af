"""Tests of what a guest sees where its description says nothing."""
