"""What is seen now, together with what a case's journal knows already. Pure."""

import json
from datetime import datetime
from typing import Any, Final

from agent.i18n import mark
from agent.unbind.answers import read_answers
from agent.unbind.case import Case
from agent.unbind.facts import Facts, Operator
from agent.unbind.finding import Account, account_of
from agent.unbind.gates import AFTER_CANCEL, judge
from agent.unbind.machine import BACK_UP, HAND_OVER, PROVE, PROVE_AGAIN
from agent.unbind.unbinding import Seen
from agent.verification.keeping import after_of
from cloud_bridge.orders import AccountFacts, read_account, read_order
from sim.reading import Reading, absent

Json = dict[str, Any]

JOURNAL: Final = "journal of the unbinding"
_NOT_RELEASED: Final = mark("not released yet")
_NOT_GIVEN: Final = mark("not given yet")
_NOT_HANDED: Final = mark("not handed over yet")
_NOT_SAVED: Final = mark("not saved yet")


def with_case(facts: Facts, case: Case) -> Facts:
    """`facts` with the release and backup of this case, and the newest papers of the two."""
    order = facts.backend.order or read_order(json.dumps(case.order).encode())
    account = newest(facts.backend.account, known_account(case))
    device = facts.device._replace(
        release=release_of(case, facts.device.taken_at),
        handed=handed_of(case, facts.device.taken_at),
        saved=saved_of(case, facts.device.taken_at),
    )
    return facts._replace(
        after=after_of(case, certificate_of(case, facts.device.taken_at)),
        device=device,
        operator=facts.operator if facts.operator.technician else known_answers(case),
        backend=facts.backend._replace(order=order, account=account),
    )


def newest(one: AccountFacts | None, other: AccountFacts | None) -> AccountFacts | None:
    """The account facts that are true as of later."""
    known = [each for each in (one, other) if each is not None]
    return max(known, key=lambda each: each.as_of, default=None)


def known_account(case: Case) -> AccountFacts | None:
    """The account facts in the journal."""
    if case.account is None:
        return None
    return read_account(json.dumps(case.account["account"]).encode())


def known_answers(case: Case) -> Operator:
    """The operator's answers in the journal."""
    if case.answers is None:
        return Operator()
    return read_answers(json.dumps(case.answers["answers"]).encode())


def release_of(case: Case, seen_at: datetime) -> Reading[bool]:
    """Whether the release was proved; `seen_at` is when the journal was read."""
    again = case.refused.get(PROVE_AGAIN)
    if again is not None and again["released"] is False:
        return Reading(False, JOURNAL, moment(again["at"], seen_at))
    if case.release is not None:
        return Reading(True, JOURNAL, moment(case.release["at"], seen_at))
    told = case.refused.get(PROVE)
    if told is not None and told["released"] is False:
        return Reading(False, JOURNAL, moment(told["at"], seen_at))
    return absent(_NOT_RELEASED)


def handed_of(case: Case, seen_at: datetime) -> Reading[str]:
    """How the evidence before the release was handed over."""
    told = case.done.get(HAND_OVER)
    if told is None:
        return absent(_NOT_HANDED)
    return Reading(str(told["handed_over"]), JOURNAL, moment(told["at"], seen_at))


def saved_of(case: Case, seen_at: datetime) -> Reading[str]:
    """The hash of the backup that this case made of the card."""
    told = case.done.get(BACK_UP)
    if told is None or told["result"] != "done":
        return absent(_NOT_SAVED)
    return Reading(told["sha256"], JOURNAL, moment(told["at"], seen_at))


def certificate_of(case: Case, seen_at: datetime) -> Reading[str]:
    """The hash of the carrier's certificate, where it was given."""
    told = case.certificate
    if told is None:
        return absent(_NOT_GIVEN)
    return Reading(told["sha256"], JOURNAL, moment(told["at"], seen_at))


def moment(at: str | None, otherwise: datetime) -> datetime:
    """When an entry was written, where the clock was right then."""
    return otherwise if at is None else datetime.fromisoformat(at)


def seen_of(facts: Facts, case: Case, card: tuple[str | None, str | None]) -> Seen:
    """What the decision needs; `card`: ICCID and IMEI that show now."""
    facts = with_case(facts, case)
    account = account_of(facts)
    state = facts.state(account.facts).state if isinstance(account, Account) else "unknown"
    return Seen(
        judge(facts),
        iccid=card[0],
        imei=card[1],
        state=state,
        backup=_backup(facts),
        after=judge(facts, (AFTER_CANCEL,)),
    )


def _backup(facts: Facts) -> str | None:
    counted = facts.device.personal.known
    if counted and all(each == 0 for each in counted.values()):
        return "nothing"
    answer = facts.answer("backup.saved")
    return None if answer is None else str(answer.value)
