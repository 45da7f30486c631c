"""`simward check`: the gates before a card is released, and before it is cancelled; read-only."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli.documents import print_document
from agent.cli.given import document_in
from agent.cli.modem_access import add_port_arguments, document_of, settings_of
from agent.clock import now
from agent.config_files import SYSTEM_STATE_DIR
from agent.errors import UsageError
from agent.exits import CARD, NO, OK
from agent.i18n import t
from agent.own_uplink import ssh_of

if TYPE_CHECKING:
    from agent.modem_session import ModemSession
    from agent.unbind.facts import Facts

Json = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simward check`."""
    add_port_arguments(parser)
    parser.add_argument("--order", metavar="FILE", help=t("the work order, JSON"))
    parser.add_argument(
        "--answers",
        metavar="FILE",
        help=t("the operator's answers, JSON; at a terminal new ones are written there"),
    )
    parser.add_argument("--account", metavar="FILE", help=t("what the platform says, JSON"))
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
    from agent.unbind.answers import read_answers
    from agent.unbind.device import device_of
    from agent.unbind.facts import Backend, Facts, Operator
    from agent.unbind.platform_files import all_platforms
    from agent.unbind.readings import read_device, request_of
    from cloud_bridge.orders import read_account, read_order

    backend = Backend(
        document_in("--order", args.order, read_order),
        document_in("--account", args.account, read_account),
    )
    answers = args.answers
    if answers is not None and not os.path.exists(answers) and sys.stdin.isatty():  # noqa: PTH110 - one way with the rest
        answers = None  # it will be written
    operator = document_in("--answers", answers, read_answers) or Operator()
    settings = settings_of(args.config)
    ssh = ssh_of(os.environ)

    def read(session: "ModemSession") -> Json:
        entries = settings.modem if settings is not None else []
        entry = next((each for each in entries if args.port in {None, each.port}), None)
        interface = None if entry is None else entry.interface
        state_dir = SYSTEM_STATE_DIR if settings is None else settings.device.state_dir
        return read_device(session, interface, ssh, Path(state_dir))

    device = device_of(document_of(args, request_of(ssh), read))
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
