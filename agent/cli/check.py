"""`simward check`: the gates before a card is released, and before it is cancelled; read-only."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli.documents import print_document
from agent.cli.gate_facts import add_paper_arguments, device_document, papers_of
from agent.cli.modem_access import ModemDesk, add_port_arguments, settings_of
from agent.clock import now
from agent.errors import UsageError
from agent.exits import CARD, NO, OK
from agent.i18n import t

if TYPE_CHECKING:
    from agent.unbind.facts import Facts

Json = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simward check`."""
    add_port_arguments(parser)
    add_paper_arguments(parser)
    parser.add_argument(
        "--questions", action="store_true", help=t("list the open questions, ask none")
    )
    parser.add_argument(
        "--ics", metavar="FILE", help=t("also write the deadlines as a calendar file")
    )
    parser.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """Print the gates: 0 where the card is ready to be cancelled, 1 where it is not.

    4 where no ICCID could be read; with `--questions` 0.

    Raises:
        UsageError: a file cannot be used.
        ModemUnreachable: no modem answers.
    """
    from agent.unbind.check import check_document, questions_document

    facts = _facts(args)
    if args.questions:
        _show_questions(questions_document(facts), args)
        return OK
    if not args.json and sys.stdin.isatty() and sys.stderr.isatty():
        from agent.cli.check_dialogue import ask_all

        facts = ask_all(facts, None if args.answers is None else Path(args.answers))
    document = check_document(facts)
    if args.ics is not None:
        _write_calendar(Path(args.ics), facts)
    if args.json:
        print_document(document)
    else:
        from agent.cli.check_text import render

        print(render(document, full=args.full), flush=True)
    if document["iccid"] is None:
        return CARD
    return OK if document["verdict"] == "ready" else NO


def _facts(args: argparse.Namespace) -> "Facts":
    """Papers first: what is wrong with a file is said before a modem is asked."""
    from agent.unbind.device import device_of
    from agent.unbind.facts import Facts
    from agent.unbind.platform_files import all_platforms

    backend, operator = papers_of(args)
    settings = settings_of(args.config)
    with ModemDesk(args) as desk:
        device = device_of(device_document(desk, settings, args.port))
    return Facts(device, operator, backend, now(), all_platforms())


def _show_questions(document: Json, args: argparse.Namespace) -> None:
    if args.json:
        print_document(document)
        return
    from agent.cli.check_text import render_questions

    print(render_questions(document), flush=True)


def _write_calendar(path: Path, facts: "Facts") -> None:
    """The deadlines as a file.

    Raises:
        UsageError: it cannot be written.
    """
    import hashlib

    from agent.unbind.deadlines import deadlines
    from agent.unbind.icalendar import calendar_of
    from sim.identifiers import mask

    iccid, order = facts.device.iccid.known or "", facts.backend.order
    # Names the events of this card and order, without naming the card.
    uid = hashlib.sha256(f"{iccid} {order and order.order_id}".encode()).hexdigest()[:16]
    text = calendar_of(deadlines(facts), mask(iccid, 6, 4), facts.now, uid=uid)
    try:
        path.write_bytes(text.encode())
    except OSError as error:
        raise UsageError(
            "{name}: cannot write {file}: {reason}", name="--ics", file=path, reason=error.strerror
        ) from error
