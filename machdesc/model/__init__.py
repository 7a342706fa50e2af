"""Model: one guest (or one machine type) put together from its file and what it includes."""
