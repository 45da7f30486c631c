"""`simward fixture record`: a real modem's dialogue as a file, without what names a subscriber."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from agent.cli.numbers import baud
from agent.errors import ModemUnreachable, RefusedError, UsageError
from agent.exits import OK
from agent.i18n import mark, t
from agent.version import __version__


def add_arguments(actions: Any) -> None:
    """Declare the arguments of `simward fixture record`."""
    parser = actions.add_parser("record", help=t("record a modem's dialogue, identifiers replaced"))
    parser.add_argument(
        "--port",
        required=True,
        metavar="URL",
        help=t("the modem's AT port: /dev/ttyUSB2, socket://HOST:PORT, rfc2217://HOST:PORT"),
    )
    parser.add_argument(
        "--baudrate", type=baud, default=115200, metavar="BD", help=t("speed of a serial port")
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="FILE", help=t("dialogue file to write")
    )
    parser.add_argument("--keep-apn", action="store_true", help=t("leave the names of APNs as is"))


def run(args: argparse.Namespace) -> int:
    """Walk the modem, replace, check, write; nothing is written where an identifier is left."""
    from modem.recording.cleaning import IdentifierLeftError, cleaned
    from modem.recording.dialogue import dialogue_of
    from modem.simulator.dialogue_text import dialogue_text

    recording = _record(args)
    try:
        clean, replaced = cleaned(recording, keep_apn=args.keep_apn)
    except IdentifierLeftError as error:
        raise RefusedError(
            "nothing written: the answer to {command} would still show an identifier ({kind})",
            command=error.command,
            kind=error.kind,
        ) from error
    source = f"simward {__version__} fixture record, identifiers replaced"
    dialogue = dialogue_of(clean, source=source)
    _write(args.output, dialogue_text(dialogue))
    silent = sum(exchange.never for exchange in clean.exchanges)
    facts = {
        "file": args.output,
        "commands": len(dialogue.exchanges),
        "unanswered": silent,
        "replaced": replaced,
    }
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
    else:
        text = mark(
            "{file}: {commands} commands, {unanswered} of them never answered;"
            " {replaced} identifiers replaced"
        )
        print(t(text, **facts))
    return OK


def _record(args: argparse.Namespace) -> Any:
    """The modem's dialogue as it was.

    Raises:
        ModemUnreachable: there is no modem, or it went away.
    """
    from modem.errors import PortLost
    from modem.recording.walk import record
    from modem.transport.serial_port import open_stream

    stream = open_stream(args.port, baudrate=args.baudrate)
    shown = sys.stderr.isatty()
    try:
        return record(stream, told=_show if shown else None)
    except PortLost as error:
        raise ModemUnreachable("{port}: {reason}", port=args.port, reason=str(error)) from error
    finally:
        stream.close()
        if shown:
            _show("")


def _show(command: str) -> None:
    """The command that is asked just now, on a line that the next one overwrites."""
    print(f"\r\033[K{command}", end="", file=sys.stderr, flush=True)


def _write(file: str, text: str) -> None:
    """Put `text` into `file`, whole or not at all.

    Raises:
        UsageError: it cannot be written.
    """
    path = Path(file)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise UsageError(mark("{file}: {reason}"), file=file, reason=error.strerror) from error
