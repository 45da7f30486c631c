"""`simward batch validate|collect|export`: lists of cards."""

import argparse
import importlib

from agent.i18n import mark, t

# The module is `agent.cli.batch_<name>`, imported when it is chosen.
_COMMANDS = (
    ("validate", mark("judge a list of cards row by row, XLSX or CSV")),
    ("collect", mark("read card after card in a PC/SC reader, and keep what was read")),
    ("export", mark("write the enterprise card list (物联卡管理清单), whole or in waves")),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The subcommands."""
    what = parser.add_subparsers(
        dest="what", metavar="|".join(name for name, _ in _COMMANDS), required=True
    )
    for name, text in _COMMANDS:
        what.add_parser(name, help=t(text), description=t(text), module=f"agent.cli.batch_{name}")


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    status: int = importlib.import_module(f"agent.cli.batch_{args.what}").run(args)
    return status
