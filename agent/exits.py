"""Exit codes of every command (the outside contract; scripts rely on them)."""

OK = 0
NO = 1
USAGE = 2
UNREACHABLE = 3
CARD = 4
CLOUD = 5
REFUSED = 6
FAULT = 70
INTERRUPTED = 130
