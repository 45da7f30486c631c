"""Status words in words.

Sources: ETSI TS 102 221 clause 10.2.1 (unread); 3GPP TS 51.011 clause 9.4 (unread).
"""

_EXACT = {
    0x9000: "success",
    0x6200: "warning",
    0x6281: "part of the data may be corrupted",
    0x6282: "end of file reached",
    0x6283: "file deactivated",
    0x6285: "file terminated",
    0x6300: "verification failed",
    0x6400: "nothing changed, execution error",
    0x6500: "memory problem",
    0x6581: "memory problem",
    0x6700: "wrong length",
    0x6881: "logical channel not supported",
    0x6882: "secure messaging not supported",
    0x6900: "command not allowed",
    0x6981: "wrong file structure",
    0x6982: "PIN or key required",
    0x6983: "PIN blocked",
    0x6984: "referenced data invalidated",
    0x6985: "conditions of use not satisfied",
    0x6986: "no file selected",
    0x6A80: "wrong data",
    0x6A81: "function not supported",
    0x6A82: "file not found",
    0x6A83: "record not found",
    0x6A84: "not enough memory",
    0x6A86: "wrong P1 or P2",
    0x6A87: "Lc does not fit P1 and P2",
    0x6A88: "referenced data not found",
    0x6B00: "wrong P1 or P2",
    0x6D00: "instruction not supported",
    0x6E00: "class not supported",
    0x6F00: "no diagnosis",
    0x9240: "memory problem",
    0x9300: "card busy with its toolkit",
    0x9400: "no file selected",
    0x9402: "out of range",
    0x9404: "file not found",
    0x9408: "wrong file structure",
    0x9802: "no PIN on the card",
    0x9804: "PIN or key required",
    0x9808: "contradicts the PIN state",
    0x9810: "contradicts the invalidation state",
    0x9840: "PIN blocked",
    0x9850: "value at its limit",
    0x9862: "authentication error",
}

_BY_SW1 = {
    0x61: "more data available",
    0x62: "warning",
    0x63: "warning",
    0x67: "wrong length",
    0x6B: "wrong P1 or P2",
    0x6C: "wrong Le",
    0x6F: "no diagnosis",
    0x91: "success, proactive command pending",
    0x92: "success after internal retries",
    0x9E: "SIM data download error",
    0x9F: "more data available",
}

_NOT_FOUND = frozenset({0x6A82, 0x9404})
_NO_SUCH_CLASS = frozenset({0x6D00, 0x6E00})


def meaning(sw: int) -> str:
    """What status word `sw` says, in a few English words of a closed set."""
    exact = _EXACT.get(sw)
    if exact:
        return exact
    if sw >> 4 == 0x63C:
        return "wrong PIN" if sw & 0xF else "PIN blocked"
    return _BY_SW1.get(sw >> 8, "unknown status word")


def is_not_found(sw: int) -> bool:
    """Whether the card says that it has no such file or application."""
    return sw in _NOT_FOUND


def is_class_refused(sw: int) -> bool:
    """Whether the card does not know the class (or answers the instruction in its place)."""
    return sw in _NO_SUCH_CLASS
