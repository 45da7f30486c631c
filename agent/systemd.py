"""What a service tells systemd; nothing where none listens."""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress


def notify(state: str) -> None:
    """Tell systemd (sd_notify(3)); nothing where it does not listen."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
        connection.sendto(state.encode(), address)


def watchdog_period_s(env: Mapping[str, str]) -> float | None:
    """How often to feed systemd's watchdog: half its patience (sd_watchdog_enabled(3)).

    None where there is none, or it watches another process.
    """
    if env.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    patience_us = env.get("WATCHDOG_USEC", "")
    return int(patience_us) / 2e6 if patience_us.isdecimal() and int(patience_us) else None
