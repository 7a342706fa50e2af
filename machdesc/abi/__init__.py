"""ABI: what a guest sees where its description says nothing, by release and version."""
