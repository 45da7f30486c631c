"""`simward verify`: after the cancellation, are data, messages and voice really gone."""

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any, Final

from agent.cli.certificate_file import examine_file, problem_text
from agent.cli.documents import print_document
from agent.cli.given import document_in
from agent.cli.modem_access import add_port_arguments, document_of, settings_of
from agent.clock import now
from agent.complaints import describe
from agent.diagnosis.wish import checked_number, setup_of
from agent.errors import AgentError
from agent.exits import NO, OK, UNREACHABLE
from agent.i18n import t
from agent.own_uplink import ssh_of
from agent.verification.known import Before, before_of
from agent.verification.seen import Answers
from agent.verification.trial import Wish
from agent.verification.verdict import CONFIRMED, CONSISTENT
from agent.verification.verify import Request, unreachable, untold, verify
from cloud_bridge.certificate import EvidenceError
from cloud_bridge.errors import BridgeError
from cloud_bridge.orders import read_account
from modem.errors import ModemError

if TYPE_CHECKING:
    from agent.modem_session import ModemSession

Json = dict[str, Any]

_YES, _NO = "yes", "no"
_GONE: Final = frozenset({CONFIRMED, CONSISTENT})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `simward verify`."""
    add_port_arguments(parser)
    parser.add_argument(
        "--evidence",
        metavar="FILE",
        help=t("the evidence before release; without it the newest of this card here"),
    )
    parser.add_argument("--account", metavar="FILE", help=t("what the platform says, JSON"))
    parser.add_argument(
        "--probe-sms", metavar="NUMBER", help=t("send one short message there; it may cost money")
    )
    parser.add_argument(
        "--probe-voice",
        metavar="NUMBER",
        help=t("call there, and hang up as soon as it rings; it may cost money"),
    )
    parser.add_argument(
        "--control",
        choices=(_YES, _NO),
        help=t("does another card of the same carrier work here, in this modem or beside it"),
    )
    parser.add_argument(
        "--power-cycled",
        choices=(_YES, _NO),
        help=t("was the device off and on since the cancellation"),
    )
    parser.add_argument("--full", action="store_true", help=t("show identifiers unmasked"))


def run(args: argparse.Namespace) -> int:
    """Print the verdict: 0 for confirmed and consistent, 1 for all else, 3 without a modem.

    Raises:
        UsageError, RefusedError: a file or a number cannot be used.
    """
    before = None if args.evidence is None else _before(args.evidence)
    request = _request(args)
    settings = settings_of(args.config)
    setup = setup_of(settings, args.port)
    if isinstance(before, EvidenceError):
        return _shown(untold(request, setup, problem_text(before), now()), args, NO)
    request = request._replace(before=before)

    alone = False

    def read(session: "ModemSession") -> Json:
        nonlocal alone
        alone = True  # no daemon did it, and none keeps it
        return verify(session, request, setup, progress=_tell)

    try:
        document = document_of(args, request.to_json(), read)
        if alone and settings is not None:
            _keep(settings, document)
        return _shown(document, args, NO)
    except (AgentError, ModemError) as error:
        complaint = describe(error)
        if complaint.exit_code != UNREACHABLE:
            raise
        _tell(complaint.in_words())
        document = unreachable(request, setup, str(error), args.port, now())
        return _shown(document, args, UNREACHABLE)


def _keep(settings: Any, document: Json) -> None:
    """Into the case of this card, where there is one; who may not write there still looks."""
    from agent.verification.alone import keep_alone

    try:
        keep_alone(settings, document)
    except (AgentError, BridgeError, OSError) as error:
        why = describe(error).in_words() if isinstance(error, AgentError) else str(error)
        _tell(t("the look is not kept: {reason}", reason=why))


def _shown(document: Json, args: argparse.Namespace, code: int) -> int:
    """Print it; `code` is the exit code where the card is not gone."""
    if args.json:
        print_document(document)
    else:
        from agent.cli.verify_text import render

        print(render(document, full=args.full), flush=True)
    return OK if document["verdict"] in _GONE else code


def _request(args: argparse.Namespace) -> Request:
    return Request(
        account=document_in("--account", args.account, read_account),
        answers=Answers(_answer(args.control), _answer(args.power_cycled)),
        wish=Wish(
            sms_to=_number(args.probe_sms, "--probe-sms"),
            voice_to=_number(args.probe_voice, "--probe-voice"),
            ssh=ssh_of(os.environ),
        ),
    )


def _before(file: str) -> Before | EvidenceError:
    """The baseline in a file of evidence, whoever signed it; or what does not hold in it.

    Raises:
        UsageError: it cannot be read, or is nothing of the kind.
    """
    examined = examine_file("--evidence", file, None)
    if examined.problem is not None or examined.evidence is None:
        assert examined.problem is not None
        return examined.problem
    return before_of(examined.evidence)


def _number(number: str | None, option: str) -> str | None:
    return None if number is None else checked_number(number, option)


def _answer(word: str | None) -> bool | None:
    return None if word is None else word == _YES


def _tell(text: str) -> None:
    """Progress, to standard error."""
    print(f"simward: {t(text)}", file=sys.stderr, flush=True)
