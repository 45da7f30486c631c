"""The gates after the cancellation: the carrier's paper, the looks, the own register. Pure."""

# ruff: noqa: E501 - a text and its translation are easier to compare unbroken

from typing import Final

from agent.i18n.said import say
from agent.unbind.facts import Facts
from agent.unbind.finding import (
    BACKEND,
    DEVICE,
    NEEDS_HUMAN,
    OPERATOR,
    UNKNOWN,
    Account,
    Evidence,
    Finding,
    account_of,
    asks,
    failed,
    passed,
)
from agent.unbind.platform import Text

NONE_ISSUED, DESTROYED, DESTROY = "none_issued", "destroyed", "destroy"
_GONE: Final = frozenset({"confirmed", "consistent"})
_CONTRADICTED, _NOT_TESTABLE, _CANCELLED = "contradicted", "not_testable", "cancelled"
_REGISTER: Final = "asset_register"

_GIVE_PAPER = Text(
    "用 --certificate 给出运营商的销户证明文件（只记录其哈希、编号和日期）",
    "Give the carrier's certificate with --certificate (its hash, number and date are kept, nothing else)",
)
_LOOK_AGAIN = Text(
    "运行 `simward verify`，先满足未满足的排除项",
    "Run `simward verify`, and see to the exclusions that do not hold",
)
_ALARM = Text(
    "仍有业务可用：卡仍在计费，立即凭工单号联系运营商",
    "A service still works, and the card is being billed: take the work order to the carrier at once",
)
_WAIT = Text(
    "等待：守护进程会按时核验；没有守护进程时到期运行 `simward verify`",
    "Wait: the daemon looks when it is time; without it run `simward verify` on that day",
)
_UNLINK = Text(
    "在本单位台账中解除关联，取出卡片并销毁，关闭自动拨号",
    "Unlink it in the own register, take the card out and destroy it, switch automatic dialling off",
)


def certificate(facts: Facts) -> Finding:
    """Is the carrier's own certificate of cancellation kept?

    Passes: its file was given, and its hash is in the evidence; or the operator says that this carrier issues none.
    Fails: never.
    Needs: the operator: the file, or the word that there is none.
    """
    kept = facts.after.certificate
    if kept.known is not None:
        evidence: Evidence = {"certificate.sha256": kept.known}
        return passed(
            OPERATOR, say("the carrier's certificate is kept by its hash"), evidence, kept.taken_at
        )
    answer = facts.answer("certificate.issued")
    if answer is None:
        return asks("certificate.issued", say("nobody has said whether the carrier issues one"))
    evidence = {"answers.certificate.issued": answer.value}
    if answer.value == NONE_ISSUED:
        return passed(OPERATOR, say("the carrier issues no certificate"), evidence, answer.at)
    reason = say("the carrier's certificate was not given yet")
    return Finding(NEEDS_HUMAN, OPERATOR, reason, evidence, None, _GIVE_PAPER)


def verify_after(facts: Facts) -> Finding:
    """Is the card really gone, until the last look that is planned?

    Passes: every planned look was taken, and the last one says `confirmed` or `consistent`; or the device cannot tell any more (`not_testable`), and fresh account facts say that the card is cancelled.
    Fails: the last look says `contradicted`: a service still works.
    Needs: time, as long as looks are planned (unknown); another look where the last one is `inconclusive` (operator); fresh account facts where the device cannot tell (backend).
    """
    verdict, looks_left = facts.after.verdict, facts.after.looks_left
    if verdict.known is None:
        reason = say("the card was not looked at after the cancellation")
        return Finding(NEEDS_HUMAN, DEVICE, reason, {}, None, _LOOK_AGAIN)
    evidence: Evidence = {"verification.verdict": verdict.known}
    if verdict.known == _CONTRADICTED:
        return failed(DEVICE, say("a service still works"), evidence, _ALARM, verdict.taken_at)
    if verdict.known == _NOT_TESTABLE:
        return _by_the_platform(facts, evidence)
    if verdict.known not in _GONE:
        reason = say("the last look was inconclusive")
        return Finding(NEEDS_HUMAN, DEVICE, reason, evidence, verdict.taken_at, _LOOK_AGAIN)
    if looks_left.known is None or looks_left.known > 0:
        reason = say("looks are still planned: a carrier may take a month")
        return Finding(UNKNOWN, DEVICE, reason, evidence, verdict.taken_at, _WAIT)
    evidence["verification.looks_left"] = looks_left.known
    return passed(DEVICE, say("gone, by every look that was planned"), evidence, verdict.taken_at)


def _by_the_platform(facts: Facts, evidence: Evidence) -> Finding:
    """A device that is scrapped cannot tell: then the platform's word closes the case."""
    account = account_of(facts)
    if not isinstance(account, Account):
        return account
    state = facts.state(account.facts).state
    evidence = {**evidence, **account.evidence, "account.state": state}
    if state != _CANCELLED:
        reason = say("the device cannot tell, and the platform does not say that it is done")
        return Finding(UNKNOWN, BACKEND, reason, evidence, account.facts.as_of, _WAIT)
    return passed(
        BACKEND,
        say("the device cannot tell any more; the platform says that it is done"),
        evidence,
        account.facts.as_of,
    )


def asset_unlink(facts: Facts) -> Finding:
    """Is the card out of the own register and out of the device, and does nothing dial with it any more?

    Passes: the operator says that it is unlinked in the register, removed or destroyed, and that automatic dialling is off.
    Fails: he says no; the card is kept though it was to be destroyed; or fresh account facts still have it in the register.
    Needs: the three answers (operator).
    """
    evidence: Evidence = {}
    for name in ("register", "card", "auto_dial"):
        question = f"asset_unlink.{name}"
        answer = facts.answer(question)
        if answer is None:
            return asks(question, say("nobody has said that the card is out of use here"), evidence)
        evidence[f"answers.{question}"] = answer.value
        if answer.value is False:
            reason = say("the card is still in use here")
            return failed(OPERATOR, reason, evidence, _UNLINK, answer.at)
    promised = facts.answer("personal_data.decision")
    card = facts.answer("asset_unlink.card")
    assert card is not None
    if promised is not None and promised.value == DESTROY and card.value != DESTROYED:
        evidence["answers.personal_data.decision"] = promised.value
        reason = say("the card was to be destroyed, and is not")
        return failed(OPERATOR, reason, evidence, _UNLINK, card.at)
    account = account_of(facts)
    if isinstance(account, Account) and any(
        each.kind == _REGISTER and each.bound for each in account.facts.bindings
    ):
        evidence[f"account.bindings.{_REGISTER}"] = True
        reason = say("the register still has the card")
        return failed(BACKEND, reason, evidence, _UNLINK, account.facts.as_of)
    return passed(OPERATOR, say("unlinked, removed, and nothing dials"), evidence, card.at)
