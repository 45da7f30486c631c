"""A SIM card, and the values that name it."""
