"""Numbers of the command line: types for argparse, whose ValueError becomes a complaint."""


def seconds(text: str) -> float:
    """A time in seconds (or milliseconds), 0 or more.

    Raises:
        ValueError: negative, or no number.
    """
    value = float(text)
    if not value >= 0:  # so that NaN is none either
        raise ValueError(text)
    return value


def baud(text: str) -> int:
    """The speed of a serial port.

    Raises:
        ValueError: none that a port can have.
    """
    value = int(text)
    if not 0 < value < 1 << 31:
        raise ValueError(text)
    return value
