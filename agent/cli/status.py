"""`simward status`: one snapshot of modem and card."""

import argparse
from typing import TYPE_CHECKING, Any

from agent.cli.documents import print_document
from agent.cli.modem_access import add_port_arguments, document_of
from agent.cli.reader_access import add_reader_argument, chosen_reader
from agent.errors import AgentError, CardUnreadable, UsageError
from agent.exits import OK
from agent.i18n import t

if TYPE_CHECKING:
    from agent.modem_session import ModemSession

PARTS = ("modem", "sim", "registration", "operator", "signal", "packet", "usage", "locks")

Json = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simward status`."""
    add_port_arguments(parser)
    add_reader_argument(parser)
    parser.add_argument(
        "--only",
        metavar="PART,...",
        help=t(
            "only these parts: {parts}; modem,sim,registration,signal together give their core"
            " facts with the fewest commands",
            parts=" ".join(PARTS),
        ),
    )
    parser.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """Print the snapshot.

    Raises:
        CardUnreadable: the card is not ready, or shows no identity.
        AgentError: the modem cannot be reached; what it said before it went away is printed.
    """
    parts = _parts(args.only)
    reader = chosen_reader(args)
    if reader is not None:
        return _of_reader(reader, args, parts)

    def read(session: "ModemSession") -> Json:
        from agent.snapshot import to_json

        return to_json(session.snapshot(None if parts is None else frozenset(parts)))

    try:
        document = document_of(args, {"ask": "status", "parts": parts}, read)
    except AgentError as error:
        if error.document is not None:
            _show(error.document, args)
        raise
    return _answer(document, args)


def _of_reader(reader: str, args: argparse.Namespace, parts: list[str] | None) -> int:
    if parts is not None and parts != ["sim"]:
        raise UsageError("{name} does not go with {what}", name="--reader", what="--only")
    from agent.reader import status_of_reader

    return _answer(status_of_reader(reader), args)


def _answer(document: Json, args: argparse.Namespace) -> int:
    _show(document, args)
    trouble = why_unusable(document)
    if trouble is not None:
        raise trouble
    return OK


def _show(document: Json, args: argparse.Namespace) -> None:
    if args.json:
        print_document(document)
    else:
        from agent.cli.status_text import render

        print(render(document, full=args.full), flush=True)


def why_unusable(document: Json) -> CardUnreadable | None:
    """What is wrong with the card, where it was asked for: not ready, or without any identity."""
    card = document.get("sim")
    if card is None:
        return None
    if card["state"] == "unknown":
        return CardUnreadable("the modem does not say whether the card can be used")
    if card["state"] != "ready":
        from agent.cli.status_text import SIM_STATES

        why = SIM_STATES.get(card["state"]) or document["absent"].get("sim.state", "unknown")
        return CardUnreadable("the card cannot be used: {reason}", reason=why)
    if card["iccid"] is None and card["imsi"] is None:
        why = document["absent"].get("sim.iccid", "unknown")
        return CardUnreadable("the card shows no identity: {reason}", reason=why)
    return None


def _parts(option: str | None) -> list[str] | None:
    if option is None:
        return None
    names = list(dict.fromkeys(name.strip() for name in option.split(",") if name.strip()))
    for name in names:
        if name not in PARTS:
            raise UsageError(
                "--only: there is no part {part}; there are {parts}",
                part=name,
                parts=", ".join(PARTS),
            )
    if not names:
        raise UsageError("{name}: a value is missing", name="--only")
    return names
