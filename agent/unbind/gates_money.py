"""The gates that the platform answers: state, arrears, renewal, balance. Pure."""

# ruff: noqa: E501 - a text and its translation are easier to compare unbroken

from datetime import datetime
from decimal import Decimal
from typing import Final

from agent.i18n.said import Said, say
from agent.unbind.account_state import PlatformState
from agent.unbind.facts import Facts
from agent.unbind.finding import (
    BACKEND,
    OPERATOR,
    Account,
    Evidence,
    Finding,
    account_of,
    asks,
    failed,
    passed,
    wants_facts,
)
from agent.unbind.platform import Text
from agent.unbind.stop_reasons import ARREARS, BLOCKS, OWN, reason_name, weight_of
from agent.unbind.words import CARD_STATES
from cloud_bridge.orders import AccountFacts

_OVER: Final = frozenset({"pre_cancelled", "cancelled"})
_ANYWHERE: Final = frozenset({"inventory", "test_ready", "ready", "active", "suspended"})
_ALREADY = Text(
    "平台显示流程已走到销户：不再解绑，改做注销后核验（simward verify）",
    "On the platform the card is past this already: no unbinding; verify instead (simward verify)",
)
_ISSUER = Text(
    "找发卡方或客户经理先解除停机原因，再注销",
    "Have the issuer or account manager lift the reason first, then cancel",
)
_ASK_REASON = Text(
    "请平台或客户经理说明卡状态和停机原因",
    "Ask the platform or account manager for the state and for the reason of the suspension",
)
_PAY = Text(
    "结清欠费后重新获取账户信息；是否影响征信以运营商答复为准",
    "Pay what is owed, then get new account facts; whether credit is affected is for the carrier to say",
)
_STOP_RENEWAL = Text(
    "在平台关闭自动续费后重新获取账户信息",
    "Switch automatic renewal off on the platform, then get new account facts",
)
_RENEWAL_STAYS = Text("先在平台关闭自动续费", "Switch automatic renewal off on the platform first")


def card_state(facts: Facts) -> Finding:
    """Is the card in a state from which it can be cancelled?

    Passes: fresh account facts, the state by the platform's own code is one that the platform cancels from, and a suspended card was suspended by its holder, its plan or its quota (arrears have a gate of their own).
    Fails: cancelled or pre-cancelled already, transferred, or suspended for a reason that issuer or carrier has to lift.
    Needs: fresh facts, a known code, and the reason of a suspension (backend).
    """
    account = account_of(facts)
    if isinstance(account, Finding):
        return account
    found, at = facts.state(account.facts), account.facts.as_of
    evidence: Evidence = {**account.evidence, "account.state": found.state}
    for name in ("platform", "raw_code"):
        if getattr(account.facts, name) is not None:
            evidence[f"account.{name}"] = getattr(account.facts, name)
    if found.why_unknown is not None:
        text = say("the card's state is unknown: {reason}", reason=found.why_unknown)
        return wants_facts(text, evidence, _ASK_REASON)
    evidence |= {"account.stop_reasons": list(found.reasons)} if found.reasons else {}
    shut = _not_from_here(found, evidence, at) or _stopped(found, evidence, at)
    if shut is not None:
        return shut
    text = say("the platform cancels from this state: {state}", state=_state_word(found))
    return passed(BACKEND, text, evidence, at)


def _not_from_here(found: PlatformState, evidence: Evidence, at: datetime) -> Finding | None:
    if found.state in _OVER:
        text = say("the platform has ended the subscription, or is ending it")
        return failed(BACKEND, text, evidence, _ALREADY, at)
    allowed = _ANYWHERE if found.platform is None else found.platform.cancel.states
    if found.state in allowed:
        return None
    text = say("the platform does not cancel from this state: {state}", state=_state_word(found))
    return failed(BACKEND, text, evidence, _ISSUER, at)


def _stopped(found: PlatformState, evidence: Evidence, at: datetime) -> Finding | None:
    """What the stop reasons say against it; one that nobody knows excuses nothing."""
    weights = {weight_of(each) for each in found.reasons}
    reasons = [say(reason_name(each)) for each in found.reasons]
    if BLOCKS in weights:
        text = say("suspended for a reason that others have to lift: {reasons}", reasons=reasons)
        return failed(BACKEND, text, evidence, _ISSUER, at)
    if weights & {OWN, ARREARS} or (found.state != "suspended" and not weights):
        return None
    if not reasons:
        return wants_facts(say("suspended, and nobody says why"), evidence, _ASK_REASON)
    text = say("this does not say why the card is stopped: {reasons}", reasons=reasons)
    return wants_facts(text, evidence, _ASK_REASON)


def _state_word(found: PlatformState) -> Said:
    return say(CARD_STATES[found.state])


def arrears(facts: Facts) -> Finding:
    """Is anything owed?

    Passes: fresh account facts say that nothing is owed; where they are silent about it, the operator does.
    Fails: something is owed, the balance is below zero, or the card is stopped for arrears.
    Needs: fresh facts (backend), else the operator's word.
    """
    account = account_of(facts)
    if isinstance(account, Finding):
        return account
    own, at = account.facts, account.facts.as_of
    evidence: Evidence = {**account.evidence}
    if ARREARS in {weight_of(each) for each in facts.state(own).reasons}:
        evidence["account.stop_reasons"] = list(facts.state(own).reasons)
        return failed(BACKEND, say("the card is stopped for arrears"), evidence, _PAY, at)
    for name, amount in (("arrears", own.arrears), ("balance", own.balance)):
        if amount is None:
            continue
        owed = Decimal(amount) if name == "arrears" else -Decimal(amount)
        if owed > 0:
            evidence[f"account.{name}"] = amount
            return failed(
                BACKEND, say("owed: {amount}", amount=_money(owed, own)), evidence, _PAY, at
            )
    if own.arrears is not None:
        evidence["account.arrears"] = own.arrears
        return passed(BACKEND, say("nothing is owed"), evidence, at)
    return _by_word(
        facts, "arrears.settled", account, say("the account facts do not say what is owed"), _PAY
    )


def auto_renew(facts: Facts) -> Finding:
    """Is automatic renewal off?

    Passes: fresh account facts say that it is off; where there are none or they are silent, the operator does.
    Fails: it is on.
    Needs: the operator's word; old account facts have to be renewed (backend).
    """
    account = account_of(facts) if facts.backend.account is not None else None
    if isinstance(account, Finding):
        return account
    silent = say("nobody has said whether automatic renewal is off")
    if account is None or account.facts.auto_renew is None:
        return _by_word(facts, "auto_renew.off", None, silent, _RENEWAL_STAYS)
    evidence = {**account.evidence, "account.auto_renew": account.facts.auto_renew}
    if account.facts.auto_renew:
        text = say("automatic renewal is on")
        return failed(BACKEND, text, evidence, _STOP_RENEWAL, account.facts.as_of)
    return passed(BACKEND, say("automatic renewal is off"), evidence, account.facts.as_of)


def balance(facts: Facts) -> Finding:
    """What becomes of the balance?

    Passes: fresh account facts say that there is none; or the operator says what becomes of it (refund, conversion, transfer, given up).
    Fails: never; what is owed is for the gate `arrears`.
    Needs: fresh facts (backend), then the operator's choice where there is a balance or nobody says.
    """
    account = account_of(facts)
    if isinstance(account, Finding):
        return account
    own, at = account.facts, account.facts.as_of
    evidence: Evidence = {**account.evidence}
    if own.balance is not None:
        evidence["account.balance"] = own.balance
        if Decimal(own.balance) <= 0:
            return passed(BACKEND, say("there is no balance to be refunded"), evidence, at)
    answer = facts.answer("balance.refund")
    if answer is None or (answer.value == "none" and own.balance is not None):
        text = say("nobody has said what becomes of the balance")
        return asks("balance.refund", text, evidence)
    evidence["answers.balance.refund"] = answer.value
    return passed(
        OPERATOR,
        say("what becomes of the balance is settled"),
        evidence,
        answer.at,
    )


def _by_word(
    facts: Facts, question: str, account: Account | None, silent: Said, no: Text
) -> Finding:
    """By the operator's yes or no, where the platform is silent."""
    evidence: Evidence = {} if account is None else dict(account.evidence)
    answer = facts.answer(question)
    if answer is None:
        return asks(question, silent, evidence)
    evidence[f"answers.{question}"] = answer.value
    if answer.value is not True:
        return failed(OPERATOR, say("the operator says no"), evidence, no, answer.at)
    return passed(OPERATOR, say("the operator says yes"), evidence, answer.at)


def _money(amount: Decimal, account: AccountFacts) -> str:
    return f"{amount} {account.currency}" if account.currency else str(amount)
