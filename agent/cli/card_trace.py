"""The dialogue with a card, kept in a file (`--trace`) and played back (`--replay`)."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from agent.errors import UsageError
from agent.i18n import t
from sim.transport.base import ApduTransport
from sim.transport.trace import RecordingTransport, ReplayTransport

Wrapped = Callable[[ApduTransport], ApduTransport]

_HEAD = "# simward card trace: holds what the card's files hold, PINs left out\n"


@contextmanager
def trace_of(args: argparse.Namespace) -> Iterator[Wrapped]:
    """What to put around a transport: a recorder where a trace is wanted, else nothing.

    The file is for its owner alone.

    Raises:
        UsageError: it cannot be written.
    """
    if args.trace is None:
        yield lambda inner: inner
        return
    with _private_file(args.trace) as file:
        print(
            "simward: "
            + t("{file} holds the data of the card: treat it like the card", file=args.trace),
            file=sys.stderr,
        )
        file.write(_HEAD)
        yield lambda inner: RecordingTransport(inner, file.write)


def replay_of(path: str) -> ReplayTransport:
    """The card that a trace remembers.

    Raises:
        UsageError: the file cannot be read.
        ApduProtocolError: it is no trace.
    """
    try:
        return ReplayTransport(Path(path).read_text("utf-8").splitlines())
    except UnicodeDecodeError as error:
        raise UsageError("{file}: {reason}", file=path, reason="no text") from error
    except OSError as error:
        raise UsageError("{file}: {reason}", file=path, reason=error.strerror) from error


def _private_file(path: str) -> TextIO:
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(number, 0o600)  # a file that was there may have been for everybody
    except OSError as error:
        raise UsageError("{file}: {reason}", file=path, reason=error.strerror) from error
    return os.fdopen(number, "w", encoding="utf-8")
