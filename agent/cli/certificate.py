"""`simward certificate show|verify|pdf|qr`: signed evidence, offline."""

import argparse
import importlib

from agent.i18n import mark, t

# The module is `agent.cli.certificate_<name>`, imported when it is chosen.
_COMMANDS = (
    ("show", mark("show evidence, masked for people")),
    ("verify", mark("whether evidence is as it was signed, and with whose key")),
    ("pdf", mark("evidence as a page in PDF, in Chinese or English")),
    ("qr", mark("evidence as QR codes: on the terminal, as pictures, as texts")),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommands."""
    what = parser.add_subparsers(
        dest="what", metavar="|".join(name for name, _ in _COMMANDS), required=True
    )
    for name, text in _COMMANDS:
        module = f"agent.cli.certificate_{name}"
        what.add_parser(name, help=t(text), description=t(text), module=module)


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    status: int = importlib.import_module(f"agent.cli.certificate_{args.what}").run(args)
    return status
