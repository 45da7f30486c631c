"""One class per AT command: its text, its answer's shape, its parser."""
