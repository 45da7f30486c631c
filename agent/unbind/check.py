"""The document of `simward check`, and the questions that are still open. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from agent.clock import iso
from agent.i18n import in_both
from agent.i18n.said import Said, say
from agent.unbind.deadlines import Deadline, after_cancellation, deadlines
from agent.unbind.facts import Answer, Facts
from agent.unbind.finding import Finding
from agent.unbind.gates import Gate, Judged, judge
from agent.unbind.platform import Text
from agent.unbind.questions import CHOICE, QUESTIONS, TEXT, Question
from agent.unbind.words import LOCKS
from cloud_bridge.orders import OLD, age_of

Json = dict[str, Any]

SCHEMA: Final = "simward/check/1"
QUESTIONS_SCHEMA: Final = "simward/questions/1"
_NOTHING_TO_DO: Final = Text("无需处理", "Nothing to do")
# What its answer leads to is not known before it is given.
_BRANCHES: Final = frozenset({"documents.subject"})


def check_document(facts: Facts) -> Json:
    """All gates of the first two phases, warnings and deadlines."""
    judged = judge(facts)
    order, platform = facts.backend.order, facts.platform
    return {
        "schema": SCHEMA,
        "ready_to_release": judged.ready_to_release,
        "ready_to_cancel": judged.ready_to_cancel,
        "verdict": judged.verdict,
        "iccid": facts.device.iccid.known,
        "order_id": None if order is None else order.order_id,
        "platform": None if platform is None else platform.name,
        "technician": facts.operator.technician,
        "taken_at": iso(facts.device.taken_at),
        "clock_synchronized": facts.synchronized,
        "gates": gates_json(judged),
        "warnings": warnings_json(facts),
        "deadlines": deadlines_json(facts),
    }


def warnings_json(facts: Facts) -> list[Json]:
    """What stops nothing, in both languages."""
    return [{"id": name, **in_both(said.in_words)} for name, said in warnings(facts)]


def deadlines_json(facts: Facts, cancelled_at: datetime | None = None) -> list[Json]:
    """All that is due, the earliest first; once it is cancelled, what is due after that."""
    platform, account = facts.platform, facts.backend.account
    if cancelled_at is None or platform is None:
        return [_deadline(each) for each in deadlines(facts)]
    day = None if account is None or account.plan is None else account.plan.cycle_day
    return [_deadline(each) for each in after_cancellation(cancelled_at, platform, day)]


def gates_json(judged: Judged) -> list[Json]:
    """Each gate with what it found, for documents and journals."""
    return [_gate(gate, finding) for gate, finding in judged.found]


def _gate(gate: Gate, finding: Finding) -> Json:
    words = in_both(finding.reason.in_words)
    return {
        "id": gate.id,
        "phase": gate.phase,
        "result": finding.result,
        "source": finding.source,
        "reason": words["en"],
        "said": words,
        "evidence": {path: _plain(value) for path, value in finding.evidence.items()},
        "taken_at": None if finding.taken_at is None else iso(finding.taken_at),
        "question": finding.question,
        "advice": (finding.advice or _NOTHING_TO_DO)._asdict(),
    }


def _deadline(each: Deadline) -> Json:
    due_at = None if each.due_at is None else iso(each.due_at)
    return {"id": each.id, "due_at": due_at, "why": in_both(each.why.in_words)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return list(value) if isinstance(value, tuple) else value


def warnings(facts: Facts) -> Iterator[tuple[str, Said]]:
    """What stops nothing, and should be known."""
    device = facts.device
    if not facts.synchronized:
        yield "clock_not_synchronized", say("the clock is not synchronised: ages are not known")
    if device.luhn is False:
        yield "iccid_checksum", say("the card's ICCID has a wrong check digit")
    if device.locks.known:
        locks = [say(LOCKS[each]) for each in device.locks.known]
        yield (
            "device_lock",
            say("this device is locked: {locks}; the next card needs the unlock code", locks=locks),
        )
    if not facts.answers_are_of_this_card:
        yield (
            "answers_of_another_card",
            say("the answers are of another card or order: none counts"),
        )
    for name in sorted(set(facts.operator.answers) - set(QUESTIONS)):
        yield "answer_unused", say("nobody asks this: {question}", question=name)
    yield from _of_backend(facts)


def _of_backend(facts: Facts) -> Iterator[tuple[str, Said]]:
    order, account = facts.backend
    named = [each.platform for each in (account, order) if each is not None and each.platform]
    platform = facts.platform
    if named and platform is None:
        yield (
            "platform_not_listed",
            say("no rules are known of this platform: {name}", name=named[0]),
        )
    if platform is not None and facts.synchronized:
        for section in platform.is_old(facts.now.date()):
            yield (
                "rules_old",
                say("what is known of this platform is old: {section}", section=section),
            )
    if account is None or account.iccid != facts.device.iccid.known:
        return
    if account.net_blocked:
        yield (
            "net_blocked",
            say("the platform cut data; messages may work, and the next cycle may end it"),
        )
    if age_of(account.as_of, facts.now, synchronized=facts.synchronized).word == OLD:
        yield "account_old", say("the account facts are older than 24 h")


def open_questions(facts: Facts) -> list[Question]:
    """Every question that stands between these facts and open gates, as far as can be told now."""
    found: dict[str, Question] = {}
    while True:
        asked = {f.question for _, f in judge(facts).found if f.question is not None}
        new = [each for each in QUESTIONS if each in asked and each not in found]
        if not new:
            return sorted(found.values(), key=lambda each: list(QUESTIONS).index(each.id))
        found |= {name: QUESTIONS[name] for name in new}
        guesses = {name: Answer(_good(QUESTIONS[name])) for name in new if name not in _BRANCHES}
        answers = {**facts.operator.answers, **guesses}
        facts = facts._replace(operator=facts.operator._replace(answers=answers))


def _good(question: Question) -> Any:
    """An answer with which the gate would go on to its next question."""
    if question.kind == CHOICE:
        return next(iter(question.choices))
    return "?" if question.kind == TEXT else True


def questions_document(facts: Facts) -> Json:
    """The open questions."""
    order = facts.backend.order
    return {
        "schema": QUESTIONS_SCHEMA,
        "iccid": facts.device.iccid.known,
        "order_id": None if order is None else order.order_id,
        "questions": [_question(each) for each in open_questions(facts)],
    }


def _question(question: Question) -> Json:
    choices = {value: text._asdict() for value, text in question.choices.items()}
    return {
        "id": question.id,
        "gate": question.gate,
        "type": question.kind,
        "text": question.text._asdict(),
        "why": question.why._asdict(),
        "unsure": question.unsure._asdict(),
        "choices": choices or None,
    }
