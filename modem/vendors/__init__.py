"""What a modem family does differently, as data."""
