"""Tests of the syntax: parser, formatter, error messages."""
