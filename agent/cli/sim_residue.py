"""`simward sim residue`: what is left of somebody on the card and in the modem, in numbers."""

import argparse

from agent.cli.card_desk import CardDesk, add_card_arguments
from agent.cli.documents import print_document
from agent.exits import OK
from agent.i18n import t


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The way to the card."""
    add_card_arguments(parser)
    parser.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """Count, and say what cannot be cleared."""
    from agent.cli.personal_text import residue_text
    from agent.residue import residue_document

    with CardDesk(args) as desk:
        document = residue_document(desk.personal(contents=False))
    if args.json:
        print_document(document)
    else:
        print(residue_text(document, full=args.full))
    return OK
