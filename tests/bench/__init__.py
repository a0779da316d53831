"""The bench: the real bot and an ordinary one, measured in one run against the same sandbox."""
