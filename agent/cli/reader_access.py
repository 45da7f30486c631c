"""How a command gets at a card in a PC/SC reader."""

import argparse
import os

from agent.config_files import configured
from agent.errors import UsageError
from agent.i18n import t


def add_reader_argument(parser: argparse.ArgumentParser) -> None:
    """The option that names a reader."""
    parser.add_argument(
        "--reader",
        metavar="NAME|INDEX",
        help=t("the PC/SC reader with the card: its number, its name, or a part of the name"),
    )


def bench_reader(args: argparse.Namespace) -> str:
    """The whole name of the reader to work at: named, else configured, else the only one there is.

    Raises:
        ReaderUnreachable: no such reader, or several and none is named.
        ReaderUnavailable, ReaderStuck: no PC/SC service.
    """
    from agent.reader import choose_reader
    from sim.transport.pcsc import list_readers

    wanted: str | None = args.reader
    if wanted is None and configured(args.config, os.environ):
        from agent.config import load

        wanted = load(args.config, os.environ).reader.name
    readers = list_readers()
    if wanted is None and len(readers) == 1:
        return readers[0].name
    return choose_reader(wanted or "", readers)


def add_trace_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that keep the dialogue with a card, and play it back."""
    parser.add_argument(
        "--trace", metavar="FILE", help=t("write the dialogue with the card here (private data)")
    )
    parser.add_argument("--replay", metavar="FILE", help=t("read a trace in place of a card"))


def chosen_reader(args: argparse.Namespace) -> str | None:
    """The reader to take: the one that is named, else the configured one where no modem is.

    Raises:
        UsageError: a port is named as well.
    """
    if args.reader is not None and args.port is not None:
        raise UsageError("{name} does not go with {what}", name="--reader", what="--port")
    named: str | None = args.reader
    if named is not None or args.port is not None or not configured(args.config, os.environ):
        return named
    from agent.config import load

    settings = load(args.config, os.environ)
    return None if settings.modem else settings.reader.name
