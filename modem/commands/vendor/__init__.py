"""Commands with a syntax that only one vendor speaks."""
