"""`simward diagnose`: why this card is offline."""

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from agent.cli.documents import print_document
from agent.cli.given import document_in
from agent.cli.modem_access import add_port_arguments, document_of, settings_of
from agent.clock import now
from agent.complaints import describe
from agent.diagnosis.collect import diagnose
from agent.diagnosis.document import unreachable
from agent.diagnosis.verdict import IS_HEALTHY
from agent.diagnosis.wish import Wish, checked_number, setup_of
from agent.errors import AgentError
from agent.exits import NO, OK, UNREACHABLE
from agent.i18n import t
from agent.own_uplink import ssh_of
from cloud_bridge.orders import read_account, read_order
from modem.errors import ModemError

if TYPE_CHECKING:
    from agent.modem_session import ModemSession

Json = dict[str, Any]
T = TypeVar("T")

_REASONS = ("reason", "looked_at")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simward diagnose`."""
    add_port_arguments(parser)
    parser.add_argument("--order", metavar="FILE", help=t("the work order, JSON"))
    parser.add_argument("--account", metavar="FILE", help=t("what the platform says, JSON"))
    parser.add_argument(
        "--probe", action="store_true", help=t("bring up the context, try the configured hosts")
    )
    parser.add_argument(
        "--reattach",
        action="store_true",
        help=t("allow one radio cycle (refused where it could cut you off)"),
    )
    parser.add_argument(
        "--probe-sms", metavar="NUMBER", help=t("send one short message there; it may cost money")
    )
    parser.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """Print the diagnosis; 0 for a healthy card, 1 for all else.

    Raises:
        UsageError, RefusedError: the options ask for what cannot or must not be done.
    """
    wish = Wish(
        probe=args.probe,
        reattach=args.reattach,
        sms_to=None if args.probe_sms is None else checked_number(args.probe_sms),
        order=document_in("--order", args.order, read_order),
        account=document_in("--account", args.account, read_account),
        ssh=ssh_of(os.environ),
    )
    setup = setup_of(settings_of(args.config), args.port)

    def read(session: "ModemSession") -> Json:
        return diagnose(session, wish, setup, progress=_tell)

    try:
        document = document_of(args, wish.to_json(), read)
    except (AgentError, ModemError) as error:
        complaint = describe(error)
        if complaint.exit_code != UNREACHABLE:
            raise
        document = unreachable(_reason(error), args.port, wish, now())
        _tell(complaint.in_words())
    if args.json:
        print_document(document)
    else:
        from agent.cli.diagnose_text import render

        print(render(document, full=args.full), flush=True)
    return OK if document["cause"] == IS_HEALTHY else NO


def _reason(error: Exception) -> str:
    """Why the modem is not reached, in the closed set's own English."""
    for name in _REASONS:
        own = getattr(error, name, None) or getattr(error, "fields", {}).get(name)
        if isinstance(own, str) and own:
            return own
    return str(error)


def _tell(text: str) -> None:
    """Progress, to standard error."""
    print(f"simward: {t(text)}", file=sys.stderr, flush=True)
