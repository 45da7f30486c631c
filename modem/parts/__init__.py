"""A snapshot's parts: which questions each asks, and what it makes of the answers."""
