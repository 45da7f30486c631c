"""What the runs of `simward unbind` share: which case is meant, what is noted, what is told."""

import argparse
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

from agent.carrier_certificate import read_certificate
from agent.cli.gate_facts import Papers
from agent.cli.unbind_hands import account_json
from agent.cli.unbind_text import progress_text
from agent.errors import RefusedError
from agent.i18n import in_both, mark, t
from agent.unbind import case as words
from agent.unbind.answers import answers_document
from agent.unbind.case import SCHEMA
from agent.unbind.executor import Executor
from agent.unbind.facts import Facts
from agent.unbind.folder import Found, cases, folder_of

Json = dict[str, Any]

NOTHING_BEGUN: Final = mark("nothing was begun for this card and order; see the dry run first")
SEVERAL: Final = mark("several cards are being unbound here; say which with --order")


class Result(NamedTuple):
    """The document, and the exit code."""

    document: Json
    exit_code: int


def find_case(state_dir: Path, papers: Papers, args: argparse.Namespace) -> Found | None:
    """The case that is meant: of the order that is given, else the one that is not ended.

    Raises:
        RefusedError: there are several, or none where one was to be gone on with.
    """
    order = papers.backend.order
    known = cases(state_dir)
    if order is not None:
        folder = folder_of(state_dir, order.iccid, order.order_id)
        own = [each for each in known if each.folder == folder]
    else:
        own = [each for each in known if not each.case.ended] if goes_on(args) else []
        if len(own) > 1:
            raise RefusedError(SEVERAL)
    if not own and (args.resume or args.abort):
        raise RefusedError(NOTHING_BEGUN)
    return own[0] if own else None


def goes_on(args: argparse.Namespace) -> bool:
    """Whether something is to be done; else it is a dry run."""
    return bool(args.resume or args.abort or args.yes_unbind)


def note_papers(executor: Executor, facts: Facts) -> None:
    """Papers that the journal has not: it goes on without them later."""
    case, account, order = executor.case, facts.backend.account, facts.backend.order
    if order is not None and order.model_dump(mode="json", by_alias=True) != case.order:
        executor.note(words.ORDER, {"order": order.model_dump(mode="json", by_alias=True)})
    if account is not None and account.iccid == case.iccid:
        told = account_json(account)
        if case.account is None or case.account["account"] != told:
            executor.note(words.ACCOUNT, {"account": told})
    if facts.operator.technician is not None and facts.answers_are_of_this_card:
        answers = answers_document(facts.operator)
        if case.answers is None or case.answers["answers"] != answers:
            executor.note(words.ANSWERS, {"answers": answers})


def note_certificate(executor: Executor, args: argparse.Namespace) -> None:
    """The carrier's certificate by its hash, where one is given.

    Raises:
        UsageError: it cannot be read, or its number or date is none.
    """
    if args.certificate is None:
        return
    paper = read_certificate(
        "--certificate", args.certificate, args.certificate_number, args.certificate_date
    )
    told = {
        "sha256": paper.sha256,
        "bytes": paper.size,
        "media_type": paper.media_type,
        "number": paper.number,
        "date": paper.date,
    }
    known = executor.case.certificate
    if known is None or {name: known[name] for name in told} != told:
        executor.note(words.CERTIFICATE, told)


TORN: Final = mark("the journal's last line was torn: {bytes} bytes were cut off")


def torn_line(count: int) -> list[Json]:
    """The warning of a line that a kill or a power cut tore."""
    if not count:
        return []
    return [{"id": "journal_torn", **in_both(lambda: t(TORN, bytes=count))}]


def tell(act: str) -> None:
    """Progress, for whoever waits."""
    text = progress_text(act)
    if text is not None:
        print(f"simward: {text}", file=sys.stderr, flush=True)


def opening(facts: Facts, *, iccid: str | None, imei: str | None, imsi: str | None) -> Json:
    """The first entry of a journal; there is a work order."""
    order = facts.backend.order
    assert order is not None
    platform = facts.platform
    return {
        "schema": SCHEMA,
        "iccid": iccid,
        "imei": imei,
        "imsi": imsi,
        "order_id": order.order_id,
        "platform": None if platform is None else platform.name,
        "technician": facts.operator.technician,
        "lost": False,
        "order": order.model_dump(mode="json", by_alias=True),
    }
