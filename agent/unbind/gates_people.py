"""The gates that people answer: what hangs on the card, papers, manual review, no way back. Pure."""

# ruff: noqa: E501 - a text and its translation are easier to compare unbroken

from collections.abc import Iterable

from agent.i18n.said import Said, say
from agent.unbind.facts import Facts
from agent.unbind.finding import (
    BACKEND,
    OPERATOR,
    Evidence,
    Finding,
    asks,
    failed,
    passed,
)
from agent.unbind.platform import CARRIER_SIDES, Text
from agent.unbind.questions import PAPERS

_ARRANGE = Text(
    "先安排好替代：换卡、换链路，或确认不再需要",
    "Arrange it first: another card, another link, or nobody needs it any more",
)
_GET_PAPERS = Text("备齐材料后再办；缺的材料见上", "Get the papers first; the one above is missing")
_REVIEW = Text(
    "运营商可能人工复核：先联系客户经理说明换机情况，再注销",
    "The carrier may review it by hand: tell the account manager about the change of device first",
)
_STOP_HERE = Text(
    "不要继续；可以考虑停机保号",
    "Do not go on; suspending the card with its number kept is the alternative",
)
_RISKY = frozenset({"separated", "violation"})


def dependencies(facts: Facts) -> Finding:
    """What else hangs on this card: uplink, VPN, alarms by SMS, codes sent to its number?

    Passes: the operator says that every service that uses the card, and every code or alarm that goes to its number, has another way or is needed no more.
    Fails: he says no.
    Needs: both answers (operator).
    """
    return _all_yes(
        facts,
        ("dependencies.services", "dependencies.codes"),
        say("nothing hangs on this card any more"),
        say("something still hangs on this card"),
        _ARRANGE,
    )


def documents(facts: Facts) -> Finding:
    """Are the papers complete for this kind of holder, and is it known where to apply?

    Passes: the holder's kind and the channel are known (order, else operator), and for each paper that the platform asks of such a holder the account facts or the operator say that it is there.
    Fails: a paper is not there.
    Needs: the operator, paper by paper. simward never sees the papers themselves.
    """
    order = facts.backend.order
    evidence: Evidence = {}
    for name, question in (("subject", "documents.subject"), ("channel", "documents.channel")):
        told = None if order is None else getattr(order, name)
        answer = facts.answer(question)
        if told is None and answer is None:
            return asks(
                question,
                say("nobody has said who holds the card, and where to apply"),
                evidence,
            )
        evidence[f"order.{name}" if told is not None else f"answers.{question}"] = (
            told if told is not None else answer and answer.value
        )
    subject = evidence.get("order.subject") or evidence.get("answers.documents.subject")
    for paper in papers_of(facts, str(subject)):
        question = f"documents.{paper}"
        if _backend_has(facts, paper):
            evidence[f"account.documents.{paper}"] = True
            continue
        answer = facts.answer(question)
        if answer is None:
            return asks(
                question,
                say("nobody has said that this paper is there: {paper}", paper=_name_of(paper)),
                evidence,
            )
        evidence[f"answers.{question}"] = answer.value
        if answer.value is not True:
            return failed(
                OPERATOR,
                say("a paper is missing: {paper}", paper=_name_of(paper)),
                evidence,
                _GET_PAPERS,
                answer.at,
            )
    return passed(OPERATOR, say("the papers are complete"), evidence)


def papers_of(facts: Facts, subject: str) -> tuple[str, ...]:
    """The papers that such a holder has to bring; where no platform says, one question for all."""
    platform = facts.platform or next(each for each in facts.platforms if each.name == "generic")
    papers: tuple[str, ...] = getattr(platform.documents, subject, ())
    return papers or ("complete",)


def _name_of(paper: str) -> Said:
    return say(PAPERS[paper])


def _backend_has(facts: Facts, paper: str) -> bool:
    account = facts.backend.account
    of_this_card = account is not None and account.iccid == facts.device.iccid.known
    return of_this_card and account.documents.get(paper) is True  # type: ignore[union-attr]


def risk(facts: Facts) -> Finding:
    """Will the carrier review this card by hand: was it in other devices, or stopped for it?

    Passes: nothing points to it (device changes in the pairing history, a stop reason, a binding to another device), and a binding to this very device or the operator says that the card was in this device alone; or, where something points to it, the operator says that the review is arranged.
    Fails: the operator says that it is not arranged, or that the card was elsewhere and nothing is arranged.
    Needs: the operator, where nothing on record tells.
    """
    evidence: Evidence = {}
    if signs := list(_signs(facts, evidence)):
        text = say("the carrier may review this card by hand: {signs}", signs=signs)
        return _by_arrangement(facts, text, evidence)
    return _seen_here_alone(facts, evidence) or _said_here_alone(facts, evidence)


def _seen_here_alone(facts: Facts, evidence: Evidence) -> Finding | None:
    """By the platform. This device's own history does not see where a card was meanwhile."""
    bound_here = _bound_here(facts)
    if bound_here is None:
        return None
    evidence |= {"account.bindings": bound_here, "modem.imei": facts.device.imei.known}
    text = say("the platform has the card bound to this very device")
    return passed(BACKEND, text, evidence)


def _said_here_alone(facts: Facts, evidence: Evidence) -> Finding:
    answer = facts.answer("risk.same_device")
    if answer is None:
        text = say("nothing on record tells whether the card was in other devices")
        return asks("risk.same_device", text, evidence)
    evidence["answers.risk.same_device"] = answer.value
    if answer.value is True:
        return passed(OPERATOR, say("the card was in this device alone"), evidence, answer.at)
    return _by_arrangement(facts, say("the card was in other devices"), evidence)


def _by_arrangement(facts: Facts, why: Said, evidence: Evidence) -> Finding:
    answer = facts.answer("risk.review_arranged")
    if answer is None:
        return asks("risk.review_arranged", why, evidence)
    evidence["answers.risk.review_arranged"] = answer.value
    if answer.value is not True:
        return failed(OPERATOR, why, evidence, _REVIEW, answer.at)
    return passed(OPERATOR, say("a review by hand is arranged"), evidence, answer.at)


def _signs(facts: Facts, evidence: Evidence) -> Iterable[Said]:
    """What points to a review by hand; each with its evidence."""
    found = []
    changes, account = facts.device.imei_changes.known, facts.backend.account
    if changes:
        evidence["history.imei_changes"] = changes
        found.append(say("{count} changes of device on record", count=changes))
    if account is None or account.iccid != facts.device.iccid.known:
        return found
    reasons = [each for each in facts.state(account).reasons if each in _RISKY]
    if reasons:
        evidence["account.stop_reasons"] = reasons
        found.append(say("the stop reason"))
    own = facts.device.imei.known
    others = [
        each.imei
        for each in account.bindings
        if each.bound and each.imei and own and each.imei[:14] != own[:14]
    ]
    if others:
        evidence |= {"account.bindings": others, "modem.imei": own}
        found.append(say("the platform has it bound to another device"))
    return found


def _bound_here(facts: Facts) -> list[object] | None:
    account, imei = facts.backend.account, facts.device.imei.known
    if account is None or imei is None or account.iccid != facts.device.iccid.known:
        return None
    kinds: list[object] = [
        each.kind
        for each in account.bindings
        if each.kind in CARRIER_SIDES and each.imei is not None and each.imei[:14] == imei[:14]
    ]
    return kinds or None


def irreversibility(facts: Facts) -> Finding:
    """Does everybody know that there is no way back?

    Passes: the operator says that the holder knows that cancelling is for good, what it costs, and where to complain; and that suspending the card was considered instead.
    Fails: he says no.
    Needs: both answers (operator).
    """
    return _all_yes(
        facts,
        ("irreversibility.understood", "irreversibility.alternative_considered"),
        say("the holder knows that there is no way back"),
        say("the holder is not sure"),
        _STOP_HERE,
    )


def _all_yes(
    facts: Facts, questions: tuple[str, ...], yes: Said, no: Said, advice: Text
) -> Finding:
    """By several questions, each of which wants a yes."""
    evidence: Evidence = {}
    last = None
    for question in questions:
        last = facts.answer(question)
        if last is None:
            return asks(question, say("a question is open"), evidence)
        evidence[f"answers.{question}"] = last.value
        if last.value is not True:
            return failed(OPERATOR, no, evidence, advice, last.at)
    return passed(OPERATOR, yes, evidence, None if last is None else last.at)
