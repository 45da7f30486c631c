"""The questions of `simward check` at a terminal: one at a time, with back, skip and help.

Prompts go to standard error. Each answer is written to the answers file as it comes, so that a
session that was cut goes on where it stood. Nothing is ever assumed: an empty line asks again.
"""

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from agent.cli.table import paint, wrapped
from agent.clock import now
from agent.errors import UsageError
from agent.i18n import language, t
from agent.unbind.answers import answers_document
from agent.unbind.facts import Answer, Facts, Operator
from agent.unbind.gates import BEFORE, judge
from agent.unbind.platform import Text
from agent.unbind.questions import CHOICE, QUESTIONS, YES_NO, Question

COLUMNS: Final = 80
_YES: Final = frozenset({"y", "yes", "是", "好"})
_NO: Final = frozenset({"n", "no", "否", "不"})
_BACK, _SKIP, _HELP, _END = "b", "s", "?", "q"


class _Ended(Exception):  # noqa: N818 - it says that there is nobody to ask any more
    """The operator has gone, or wants no more questions."""


def ask_all(facts: Facts, file: Path | None, phases: Iterable[str] = BEFORE) -> Facts:
    """The facts with the answers that the operator gives now, to the gates of these phases.

    Raises:
        UsageError: the answers file cannot be written.
    """
    return _Dialogue(facts, file, tuple(phases)).run()


def is_yes(prompt: str) -> bool:
    """Whether somebody at the terminal says yes; anything else asks again, an end is a no."""
    while True:
        try:
            word = _line(prompt).casefold()
        except _Ended:
            return False
        if word in _YES | _NO:
            return word in _YES


class _Dialogue:
    """One session: what was asked, in which order, and what was skipped."""

    def __init__(self, facts: Facts, file: Path | None, phases: tuple[str, ...]) -> None:
        self._facts = facts
        self._phases = phases
        self._file = file
        self._asked: list[str] = []
        self._skipped: set[str] = set()

    def run(self) -> Facts:
        question = self._next()
        if question is None:
            return self._facts
        try:
            self._begin()
            while question is not None:
                self._ask(question)
                question = self._next()
        except _Ended:
            _say("")
        return self._facts

    def _next(self) -> Question | None:
        """The first open question, in the order of the gates, that was not skipped."""
        for _, finding in judge(self._facts, self._phases).found:
            name = finding.question
            if name is not None and name not in self._skipped:
                return QUESTIONS[name]
        return None

    def _begin(self) -> None:
        """Who answers, and for which card; answers for another card count for nothing."""
        facts, operator = self._facts, self._facts.operator
        if not facts.answers_are_of_this_card:
            _say(t("These answers are of another card or order; they are left as they are."))
            raise _Ended
        if self._file is None:
            _say(t("Give --answers FILE to keep the answers and go on later."))
        technician = operator.technician
        while not technician:
            technician = _line(t("Your name: "))
        order = facts.backend.order
        self._take(
            operator._replace(
                technician=technician,
                iccid=operator.iccid or facts.device.iccid.known,
                order_id=operator.order_id or (None if order is None else order.order_id),
            )
        )
        _say(t("b: back, s: skip, ?: not sure, q: no more questions"))

    def _ask(self, question: Question) -> None:
        _put(question)
        while True:
            word = _line(_prompt(question))
            if word == _HELP:
                _wrapped(t("Not sure: {help}", help=_own(question.unsure)))
            elif word == _END:
                raise _Ended
            elif word == _SKIP:
                self._skipped.add(question.id)
                return
            elif word == _BACK:
                self._back()
                return
            elif (value := _value(question, word)) is not None:
                self._asked.append(question.id)
                self._answer(question.id, Answer(value, at=now()))
                return

    def _back(self) -> None:
        """The question before: its answer is taken back, and what was skipped is asked again."""
        self._skipped.clear()
        if self._asked:
            self._answer(self._asked.pop(), None)

    def _answer(self, question: str, answer: Answer | None) -> None:
        answers = dict(self._facts.operator.answers)
        if answer is None:
            answers.pop(question, None)
        else:
            answers[question] = answer
        self._take(self._facts.operator._replace(answers=answers))

    def _take(self, operator: Operator) -> None:
        self._facts = self._facts._replace(operator=operator)
        if self._file is not None:
            _write(self._file, operator)


def _put(question: Question) -> None:
    """The question itself, why it is asked, what may be chosen."""
    _say("")
    for line in wrapped(_own(question.text), COLUMNS):
        _say(paint(line, "strong", sys.stderr))
    _wrapped(t("Why: {why}", why=_own(question.why)))
    for number, text in enumerate(question.choices.values(), start=1):
        _say(f"  {number}  {_own(text)}")


def _wrapped(text: str) -> None:
    for line in wrapped(text, COLUMNS):
        _say(line)


def _prompt(question: Question) -> str:
    if question.kind == YES_NO:
        return t("yes or no (y/n): ")
    return t("number: ") if question.kind == CHOICE else t("answer: ")


def _value(question: Question, word: str) -> Any:
    """The value that a word stands for; None where it stands for none."""
    if question.kind == YES_NO:
        folded = word.casefold()
        return True if folded in _YES else False if folded in _NO else None
    if question.kind == CHOICE:
        values = list(question.choices)
        at = int(word) - 1 if word.isascii() and word.isdecimal() else -1
        return values[at] if 0 <= at < len(values) else None
    return word or None


def _own(text: Text) -> str:
    return text.zh if language() == "zh" else text.en


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _line(prompt: str) -> str:
    """What somebody typed."""
    print(prompt, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise _Ended
    return line.strip()


def _write(path: Path, operator: Operator) -> None:
    """The answers, whole or not at all.

    Raises:
        UsageError: they cannot be written.
    """
    text = json.dumps(answers_document(operator), ensure_ascii=False, indent=2) + "\n"
    beside = path.with_name(path.name + ".new")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise UsageError(
            "{name}: cannot write {file}: {reason}",
            name="--answers",
            file=path,
            reason=error.strerror,
        ) from error
