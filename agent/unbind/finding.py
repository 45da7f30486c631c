"""What a gate finds: a result with its reason, its evidence by path, its source and time. Pure."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from agent.i18n.said import Said, say
from agent.unbind.facts import Facts
from agent.unbind.platform import Text
from cloud_bridge.orders import FRESH, OLD, AccountFacts, age_of
from sim.reading import Reading

PASS, FAIL, NEEDS_HUMAN, NEEDS_BACKEND, NOT_APPLICABLE, UNKNOWN = (
    "pass", "fail", "needs_human", "needs_backend", "not_applicable", "unknown",
)  # fmt: skip
RESULTS: Final = (PASS, FAIL, NEEDS_HUMAN, NEEDS_BACKEND, NOT_APPLICABLE, UNKNOWN)
DEVICE, OPERATOR, BACKEND = "device", "operator", "backend"

Evidence = dict[str, Any]


class Finding(NamedTuple):
    """A gate's answer. `evidence`: path of a fact -> its value. `advice` where there is one."""

    result: str
    source: str
    reason: Said
    evidence: Evidence
    taken_at: datetime | None = None
    advice: Text | None = None
    question: str | None = None
    """The question that is open, for `needs_human`."""


def passed(
    source: str, reason: Said, evidence: Evidence, taken_at: datetime | None = None
) -> Finding:
    """The gate is open; there is evidence of it.

    Raises:
        ValueError: there is no evidence.
    """
    if not evidence or any(value is None for value in evidence.values()):
        raise ValueError("a gate passes on evidence alone")
    return Finding(PASS, source, reason, evidence, taken_at)


def failed(
    source: str,
    reason: Said,
    evidence: Evidence,
    advice: Text,
    taken_at: datetime | None = None,
) -> Finding:
    """The gate is shut."""
    return Finding(FAIL, source, reason, evidence, taken_at, advice)


def unread(path: str, reading: Reading[Any]) -> Finding:
    """What the device should tell could not be read."""
    reason = say("{what} could not be read: {reason}", what=path, reason=reading.reason or "")
    return Finding(UNKNOWN, DEVICE, reason, {}, None, READ_AGAIN)


def asks(question: str, reason: Said, evidence: Evidence | None = None) -> Finding:
    """Somebody has to answer a question."""
    return Finding(NEEDS_HUMAN, OPERATOR, reason, evidence or {}, None, ANSWER, question)


def wants_facts(
    reason: Said, evidence: Evidence | None = None, advice: Text | None = None
) -> Finding:
    """The backend has to tell something (new)."""
    return Finding(NEEDS_BACKEND, BACKEND, reason, evidence or {}, None, advice or NEW_FACTS)


READ_AGAIN: Final = Text(
    "检查模块和卡后重试；`simward status` 会显示原因",
    "Look after modem and card and try again; `simward status` shows why",
)
ANSWER: Final = Text(
    "回答此问题（`simward check` 会逐个询问，或用 --answers 给出）",
    "Answer the question (`simward check` asks it, or give it with --answers)",
)
NEW_FACTS: Final = Text(
    "请后台或客户经理给出这张卡的最新账户信息（--account，24 小时内）",
    "Get new account facts of this card from backend or account manager (--account, of today)",
)
NEW_ORDER: Final = Text(
    "请后台下发这张卡的工单（--order）", "Get a work order for this card (--order)"
)
SET_CLOCK: Final = Text(
    "先校准时钟（`simward doctor` 说明方法）：时钟未同步时无法判断信息的新旧",
    "Set the clock first (`simward doctor` says how): without it nobody can tell how old facts are",
)


class Account(NamedTuple):
    """Fresh account facts of this card, with the evidence that they are."""

    facts: AccountFacts
    evidence: Evidence


def account_of(facts: Facts) -> Account | Finding:
    """The account facts where they are of this card and not older than 24 hours; else why not."""
    account, iccid = facts.backend.account, facts.device.iccid
    if account is None:
        return wants_facts(say("there are no account facts"))
    if iccid.known is None:
        return unread("sim.iccid", iccid)
    evidence: Evidence = {"account.as_of": account.as_of, "account.iccid": account.iccid}
    if account.iccid != iccid.known:
        return wants_facts(say("the account facts are of another card"), evidence)
    age = age_of(account.as_of, facts.now, synchronized=facts.synchronized)
    if age.word == OLD:
        text = say(
            "the account facts are {hours} h old; older than 24 h they count for nothing",
            hours=age.hours,
        )
        return wants_facts(text, evidence)
    if age.word != FRESH:
        why = say("nobody can tell how old the account facts are")
        advice = SET_CLOCK if not facts.synchronized else NEW_FACTS
        return Finding(UNKNOWN, BACKEND, why, evidence, account.as_of, advice)
    return Account(account, {**evidence, "clock.synchronized": True, "sim.iccid": iccid.known})
