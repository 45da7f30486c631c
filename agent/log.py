"""Logs to standard error, a line each, `key=value` after the words; journald adds time and unit."""

import logging
import re
import sys

# Anything as long as an IMSI, IMEI, ICCID or telephone number is masked, wherever it comes from.
# An ICCID may have upper-case letters; our own ids have lower-case ones.
_LONG_NUMBER = re.compile(r"\b(\d{3})[0-9A-F]{5,}([0-9A-F]{2})\b")


class MaskingFormatter(logging.Formatter):
    """`LEVEL module: words`, long numbers starred out."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line, masked."""
        return _LONG_NUMBER.sub(r"\1*****\2", super().format(record))


def configure(level: str) -> None:
    """Log from `level` on (`debug info warning error`); identifiers are masked."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(MaskingFormatter())
    # A failing handler would print the arguments as they are.
    logging.raiseExceptions = False
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
