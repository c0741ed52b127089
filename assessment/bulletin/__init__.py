"""The quarterly bulletin (通报): its text composed from a stored run, kept as data, issued once."""
