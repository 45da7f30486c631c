"""Runs the checks, all at once, none for longer than its deadline."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from typing import Final, NamedTuple

from agent.doctor.finding import Finding, Unreadable, unknown
from agent.doctor.surroundings import Surroundings
from agent.i18n.said import say

DEADLINE_S: Final = 10.0

_logger = logging.getLogger(__name__)


class Check(NamedTuple):
    """One question about the surroundings; `title` is a text of the catalogue."""

    id: str
    group: str
    title: str
    look: Callable[[Surroundings], Finding]
    deadline_s: float = DEADLINE_S


class Result(NamedTuple):
    """A check and its answer."""

    check: Check
    finding: Finding


def examine(surroundings: Surroundings, checks: Iterable[Check]) -> list[Result]:
    """The answers, in the order of `checks`.

    A check that does not come back in time is `unknown`, and left alone: its thread is a daemon,
    so that a driver or file system that never returns cannot keep the program.
    """
    started = [(check, _start(check, surroundings), time.monotonic()) for check in checks]
    return [
        Result(check, _answer(check, future, since + check.deadline_s - time.monotonic()))
        for check, future, since in started
    ]


def _start(check: Check, surroundings: Surroundings) -> Future[Finding]:
    future: Future[Finding] = Future()
    thread = threading.Thread(
        target=lambda: future.set_result(_look(check, surroundings)),
        name=f"check-{check.id}",
        daemon=True,
    )
    thread.start()
    return future


def _look(check: Check, surroundings: Surroundings) -> Finding:
    try:
        return check.look(surroundings)
    except Unreadable as error:
        return unknown(error.said)
    except Exception as error:  # the border of one check: the others go on
        _logger.debug("check %s failed", check.id, exc_info=True)
        words = f"{type(error).__name__}: {error}"
        return unknown(say("a fault of simward's own: {error}", error=words))


def _answer(check: Check, future: Future[Finding], patience_s: float) -> Finding:
    done, _ = wait([future], max(0.0, patience_s))
    if done:
        return future.result()
    return unknown(say("no answer in {seconds} s", seconds=f"{check.deadline_s:g}"))
