"""`simward unbind`: takes a card from its work order to the point where the carrier may cancel it.

A dry run unless the operator names the card; what was begun with his word goes on with --resume.
"""

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from agent.cli.documents import print_document
from agent.cli.gate_facts import add_paper_arguments, papers_of
from agent.cli.lock_options import add_lock_arguments
from agent.cli.modem_access import add_port_arguments
from agent.cli.numbers import seconds
from agent.errors import UsageError
from agent.i18n import t

if TYPE_CHECKING:
    from agent.cli.unbind_case import Result

Json = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simward unbind`."""
    add_port_arguments(parser)
    add_paper_arguments(parser)
    parser.add_argument(
        "--yes-unbind", metavar="ICCID", help=t("do it, for the card that shows this ICCID")
    )
    parser.add_argument("--resume", action="store_true", help=t("go on with what was begun"))
    parser.add_argument("--abort", action="store_true", help=t("undo what can be undone"))
    parser.add_argument(
        "--device-lost", action="store_true", help=t("there is no device to read any more")
    )
    parser.add_argument(
        "--save-evidence",
        metavar="PATH",
        help=t("where evidence goes that cannot be sent: a file or a folder of yours"),
    )
    parser.add_argument(
        "--wait",
        metavar="S",
        type=seconds,
        default=60.0,
        help=t("seconds to wait for the backend to acknowledge a document"),
    )
    parser.add_argument(
        "--show-evidence",
        action="store_true",
        help=t("evidence that cannot be sent is shown as QR codes, to be photographed"),
    )
    parser.add_argument(
        "--backup", metavar="FILE", help=t("save the card's personal data, encrypted, in this file")
    )
    add_lock_arguments(parser)
    parser.add_argument(
        "--certificate",
        metavar="FILE",
        help=t("the carrier's certificate of cancellation; only its hash is kept"),
    )
    parser.add_argument(
        "--certificate-number", metavar="NUMBER", help=t("the number printed on it")
    )
    parser.add_argument("--certificate-date", metavar="DATE", help=t("its date, 2026-11-22"))
    parser.add_argument(
        "--probe-sms", metavar="NUMBER", help=t("try messages with one to this number")
    )
    parser.add_argument(
        "--probe-voice", metavar="NUMBER", help=t("try voice with one call to this number")
    )
    parser.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """Say what would be done, or do it; 0 where the card is ready, or further.

    Raises:
        UsageError: options that do not go together, or a file that cannot be used.
        RefusedError: another card, nothing to resume, or this user may not.
        ModemUnreachable: no modem answers.
    """
    _check(args)
    papers = papers_of(args)
    from agent.cli.unbind_run import carry_out
    from agent.config import load

    result = carry_out(args, papers, load(args.config, os.environ))
    _show(result, args)
    return result.exit_code


def _check(args: argparse.Namespace) -> None:
    """Options that contradict each other are refused before anything is read."""
    for one, other in (
        ("abort", "yes_unbind"),
        ("abort", "resume"),
        ("device_lost", "backup"),
        ("device_lost", "probe_sms"),
        ("device_lost", "probe_voice"),
    ):
        if getattr(args, one) and getattr(args, other):
            name, what = (f"--{each.replace('_', '-')}" for each in (one, other))
            raise UsageError("{name} does not go with {what}", name=name, what=what)
    if args.certificate is None:
        for name in ("certificate_number", "certificate_date"):
            if getattr(args, name) is not None:
                option = f"--{name.replace('_', '-')}"
                raise UsageError("{name}: only with {what}", name=option, what="--certificate")
    if args.show_evidence and args.json:
        raise UsageError("{name} does not go with {what}", name="--show-evidence", what="--json")
    if args.show_evidence:
        _must_be_asked("--show-evidence")
    if args.save_evidence == "":
        raise UsageError("{name}: a value is missing", name="--save-evidence")
    if args.backup is not None and not args.recipient and args.passphrase_file is None:
        _must_be_asked("--passphrase-file")


def _must_be_asked(name: str) -> None:
    from agent.errors import RefusedError

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise RefusedError("an answer is missing: {name}", name=name)


def _show(result: "Result", args: argparse.Namespace) -> None:
    if args.json:
        print_document(result.document)
        return
    from agent.cli.unbind_text import render

    print(render(result.document, full=args.full), flush=True)
