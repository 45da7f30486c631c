"""The cloud side that a backend team starts from."""
