"""The formats of a check's report, a module each."""
