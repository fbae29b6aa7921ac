"""The older interface (v5): JSON signed with `sig`."""
