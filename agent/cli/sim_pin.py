"""`simward sim pin`: show the card its PIN, or have it ask for it, not ask, or take another."""

import argparse
from typing import Any

from agent.cli.documents import print_document
from agent.cli.modem_access import ModemDesk, add_port_arguments
from agent.cli.reader_access import add_reader_argument, chosen_reader
from agent.cli.secrets_in import secret_of
from agent.exits import OK
from agent.i18n import reason_text, t

Json = dict[str, Any]

_ACTIONS = ("verify", "enable", "disable", "change")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which action, the PIN, and the way to the card."""
    parser.add_argument("action", choices=_ACTIONS, help=t("what to do with PIN1"))
    add_pin_arguments(parser)
    parser.add_argument(
        "--new-pin-file", metavar="FILE", help=t("the new PIN: the first line of this file")
    )
    add_port_arguments(parser)
    add_reader_argument(parser)


def add_pin_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that bring a PIN."""
    parser.add_argument(
        "--pin-file",
        metavar="FILE",
        help=t("the PIN: the first line of this file, or of standard input for -"),
    )
    parser.add_argument(
        "--force-pin",
        metavar="ICCID",
        help=t("send the PIN with fewer than two tries left too; names the card by its ICCID"),
    )


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    pin = secret_of(args.pin_file, option="--pin-file", prompt="PIN")
    new_pin = None
    if args.action == "change":
        new_pin = secret_of(args.new_pin_file, option="--new-pin-file", prompt=t("new PIN"))
    document = send_pin(args, args.action, pin, new_pin)
    if args.json:
        print_document(document)
    else:
        print(t("done: {action}; tries left: {tries}", action=args.action, tries=_tries(document)))
    return OK


def send_pin(args: argparse.Namespace, action: str, pin: str, new_pin: str | None) -> Json:
    """The document of what was done.

    Raises:
        PinRefused, PinWrong: the policy or the card does not take it.
        AgentError, ModemError, SimError: the card cannot be reached.
    """
    reader = chosen_reader(args)
    if reader is not None:
        from agent.card_pin import order_of, pin_in_reader

        return pin_in_reader(reader, order_of(action, pin, new_pin, args.force_pin))
    request = {
        "ask": "sim_pin",
        "action": action,
        "pin": pin,
        "new_pin": new_pin,
        "forced": args.force_pin,
    }
    with ModemDesk(args) as desk:
        return desk.answer(request)


def _tries(document: Json) -> str:
    tries = document["pin1"]["retries"]
    return reason_text(document["absent"]["pin1.retries"]) if tries is None else str(tries)
