"""The AT dialogue, without I/O: bytes to lines to answers."""
