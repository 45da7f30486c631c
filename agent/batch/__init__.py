"""Lists of cards: read and judged row by row, collected at a bench, written for the carrier."""
