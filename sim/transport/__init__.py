"""Ways to a card."""
