"""`simward sim sms`: the messages on the card and in the modem, on this screen and nowhere else."""

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
    """List them."""
    from agent.cli.personal_text import messages_text
    from agent.residue import messages_document

    with CardDesk(args) as desk:
        document = messages_document(desk.personal())
    if args.json:
        print_document(document)
    else:
        print(messages_text(document, full=args.full))
    return OK
