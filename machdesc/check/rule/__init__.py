"""Rules: a folder each, which names one kind of difference and says what it breaks."""
