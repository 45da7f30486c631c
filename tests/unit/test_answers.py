"""Answers of the operator: read, or refused with the member that is wrong; written."""

import json

import pytest

from agent.unbind.answers import SCHEMA, answers_document, read_answers
from agent.unbind.check import open_questions, questions_document
from agent.unbind.facts import Answer, Operator
from agent.unbind.questions import CHOICE, QUESTIONS, YES_NO
from cloud_bridge.orders import MISSING, NOT_JSON, WRONG_SCHEMA, WRONG_TYPE, OrderError
from tests.gates_world import ANSWERS, NOW, READY, facts, operator


def document(**changes) -> bytes:
    whole = {
        "schema": SCHEMA,
        "technician": "Li",
        "answers": {"risk.same_device": {"value": True, "note": None}},
    }
    return json.dumps({**whole, **changes}).encode()


def test_the_document_of_the_contract_is_read() -> None:
    assert read_answers(document()) == Operator("Li", {"risk.same_device": Answer(True)})
    assert read_answers(b"\xef\xbb\xbf" + document()).technician == "Li"


def test_what_is_written_is_read_again() -> None:
    given = Operator("李", {"risk.same_device": Answer(False, "x", NOW)}, "8900", "W-1")
    assert read_answers(json.dumps(answers_document(given)).encode()) == given


@pytest.mark.parametrize(
    ("changes", "key", "reason"),
    [
        ({"schema": "simward/order/1"}, "schema", WRONG_SCHEMA),
        ({"technician": None}, "technician", MISSING),
        ({"technician": " "}, "technician", WRONG_TYPE),
        ({"answers": None}, "answers", MISSING),
        ({"answers": []}, "answers", WRONG_TYPE),
        ({"answers": {"x": True}}, "answers.x", WRONG_TYPE),
        ({"answers": {"x": {}}}, "answers.x.value", MISSING),
        ({"answers": {"x": {"value": 1, "note": 2}}}, "answers.x.note", WRONG_TYPE),
        ({"answers": {"x": {"value": 1, "at": "now"}}}, "answers.x.at", WRONG_TYPE),
        ({"answers": {"x": {"value": 1, "at": "2026-11-22T01:00:00"}}}, "answers.x.at", WRONG_TYPE),
        (
            {"answers": {"risk.same_device": {"value": "yes"}}},
            "answers.risk.same_device.value",
            "neither true nor false",
        ),
        (
            {"answers": {"backup.saved": {"value": True}}},
            "answers.backup.saved.value",
            "none of the choices",
        ),
        (
            {"answers": {"identity.printed_iccid": {"value": ""}}},
            "answers.identity.printed_iccid.value",
            "no text",
        ),
    ],
)
def test_what_is_wrong_is_named(changes, key, reason) -> None:
    with pytest.raises(OrderError) as caught:
        read_answers(document(**changes))
    assert (caught.value.key, caught.value.reason) == (key, reason)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[1]", b"null", b"[" * 100_000])
def test_what_is_no_document_is_refused(data) -> None:
    with pytest.raises(OrderError) as caught:
        read_answers(data)
    assert caught.value.reason in {NOT_JSON, WRONG_TYPE}


def test_all_open_questions_are_listed_at_once() -> None:
    assert open_questions(READY) == []
    nobody = READY._replace(operator=Operator("Li"))
    assert [each.id for each in open_questions(nobody)] == [
        each for each in QUESTIONS if each in ANSWERS
    ]


def test_the_answers_to_all_open_questions_leave_none_open() -> None:
    nobody = READY._replace(operator=Operator("Li"))
    good = {each.id: Answer(ANSWERS[each.id]) for each in open_questions(nobody)}
    assert open_questions(nobody._replace(operator=Operator("Li", good))) == []


def test_a_question_that_hangs_on_another_answer_comes_behind_it() -> None:
    asked = facts(
        order_={"subject": None},
        answers={"documents__business_licence": None, "documents__handler_id": None},
    )
    assert [each.id for each in open_questions(asked)] == ["documents.subject"]
    answered = asked._replace(
        operator=operator(
            documents__subject="individual",
            documents__business_licence=None,
            documents__handler_id=None,
        )
    )
    assert [each.id for each in open_questions(answered)] == [
        "documents.id_photos",
        "documents.card_number",
    ]


def test_each_question_says_why_and_what_to_do_if_not_sure_in_both_languages() -> None:
    nobody = READY._replace(operator=Operator("Li"))
    listed = questions_document(nobody)
    assert listed["schema"] == "simward/questions/1"
    for each in listed["questions"]:
        for name in ("text", "why", "unsure"):
            assert set(each[name]) == {"zh", "en"}
            assert all(each[name].values())
        assert (each["choices"] is not None) == (each["type"] == CHOICE)


def test_every_yes_or_no_question_goes_on_with_yes() -> None:
    """So that nobody has to think about which answer is the safe one."""
    for name, question in QUESTIONS.items():
        if question.kind == YES_NO:
            assert question.misfit(True) is None
            assert question.misfit("true") is not None
            assert name.startswith(f"{question.gate}.")
