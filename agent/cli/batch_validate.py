"""`simward batch validate`: is this list of cards good, and if not, where not."""

import argparse
from pathlib import Path

from agent.cli.documents import print_document
from agent.exits import NO, OK
from agent.i18n import t


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The list, and how much of it is shown."""
    parser.add_argument("file", metavar="FILE", help=t("the list: XLSX or CSV"))
    parser.add_argument("--all", action="store_true", help=t("show every row that is wrong"))
    parser.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """Judge it; 1 where any row is bad."""
    from agent.batch.card_list import read_list
    from agent.batch.validation import document, validate

    result = validate(read_list(Path(args.file)))
    if args.json:
        print_document(document(result))
    else:
        from agent.cli.batch_text import validation_text

        print(validation_text(result, everything=args.all, full=args.full), flush=True)
    return NO if result.errors else OK
