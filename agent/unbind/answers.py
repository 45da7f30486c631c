"""The operator's answers, `simward/answers/1`: read, checked, written. Pure."""

import json
from datetime import datetime
from typing import Any, Final

from agent.clock import iso
from agent.unbind.facts import Answer, Operator
from agent.unbind.questions import QUESTIONS
from cloud_bridge.orders import (
    MISSING,
    NOT_JSON,
    WRONG_SCHEMA,
    WRONG_TYPE,
    OrderError,
)

Json = dict[str, Any]

SCHEMA: Final = "simward/answers/1"


def read_answers(data: bytes) -> Operator:
    """The answers in a JSON document; an answer to a question that is not asked here is kept.

    Raises:
        OrderError: it is no such document, with the first member that is wrong.
    """
    try:
        document = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        raise OrderError("", NOT_JSON) from None
    if not isinstance(document, dict):
        raise OrderError("", WRONG_TYPE)
    if document.get("schema") != SCHEMA:
        raise OrderError("schema", WRONG_SCHEMA)
    technician = document.get("technician")
    if technician is None:
        raise OrderError("technician", MISSING)
    if not isinstance(technician, str) or not technician.strip():
        raise OrderError("technician", WRONG_TYPE)
    answers = document.get("answers")
    if not isinstance(answers, dict):
        raise OrderError("answers", MISSING if answers is None else WRONG_TYPE)
    return Operator(
        technician.strip(),
        {name: _answer(name, each) for name, each in answers.items()},
        _text(document, "iccid"),
        _text(document, "order_id"),
    )


def answers_document(operator: Operator) -> Json:
    """The document of some answers."""
    return {
        "schema": SCHEMA,
        "technician": operator.technician,
        "iccid": operator.iccid,
        "order_id": operator.order_id,
        "answers": {
            name: {
                "value": each.value,
                "note": each.note,
                "at": None if each.at is None else iso(each.at),
            }
            for name, each in operator.answers.items()
        },
    }


def _answer(name: str, told: Any) -> Answer:
    key = f"answers.{name}"
    if not isinstance(told, dict):
        raise OrderError(key, WRONG_TYPE)
    if "value" not in told:
        raise OrderError(f"{key}.value", MISSING)
    question = QUESTIONS.get(name)
    misfit = None if question is None else question.misfit(told["value"])
    if misfit is not None:
        raise OrderError(f"{key}.value", misfit)
    return Answer(told["value"], _text(told, "note", key), _time(told, key))


def _text(table: Json, name: str, place: str = "") -> str | None:
    value = table.get(name)
    if value is not None and not isinstance(value, str):
        raise OrderError(f"{place}.{name}" if place else name, WRONG_TYPE)
    return value


def _time(table: Json, place: str) -> datetime | None:
    text = _text(table, "at", place)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise OrderError(f"{place}.at", WRONG_TYPE) from None
    if moment.tzinfo is None:
        raise OrderError(f"{place}.at", WRONG_TYPE)
    return moment
