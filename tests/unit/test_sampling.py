from concurrent.futures import Future
from itertools import pairwise

import pytest

from agent.errors import ModemUnreachable
from agent.jobs import Happened, Sample, Stop
from agent.sampling import BOOT_S, URC_DELAY_S, URC_PAUSE_S, ModemWorker, Question
from modem.errors import PortLost, PortUnavailable
from sim.errors import CardAbsent
from tests.unit.snapshot_helpers import gateway

INTERVAL_S = 900.0
PORT = "/dev/ttyUSB2"


class Clock:
    """Time that passes only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Session:
    """A modem that answers, or fails as told."""

    def __init__(self, bench: "Bench") -> None:
        self._bench = bench
        self.engine = self
        self.closed = False

    def snapshot(self):
        return self._read("full")

    def changes(self):
        return self._read("changes")

    def poll(self, timeout_s: float) -> None:
        assert timeout_s == 0
        self._read("poll")

    def fileno(self) -> None:
        return None

    def close(self) -> None:
        self.closed = True

    def _read(self, what: str):
        self._bench.asked.append(what)
        if self._bench.failure is not None:
            raise self._bench.failure
        return gateway()


class Bench:
    """A worker turned by hand on virtual time."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.asked: list[str] = []
        self.opened: list[Session] = []
        self.emitted: list[Sample | Happened] = []
        self.failure: Exception | None = None
        self.worker = ModemWorker(
            self._open,
            port=PORT,
            slot=1,
            boot=7,
            interval_s=INTERVAL_S,
            emit=self.emitted.append,
            clock=self.clock,
        )

    def _open(self, on_urc) -> Session:
        self.say = on_urc
        if isinstance(self.failure, PortUnavailable):
            raise self.failure
        self.opened.append(Session(self))
        return self.opened[-1]

    def run_until(self, moment: float) -> None:
        """Let each due sample happen, at its time."""
        while self.worker._due <= moment:
            self.clock.now = max(self.clock.now, self.worker._due)
            self.worker._sample()
        self.clock.now = moment

    @property
    def codes(self) -> list[str]:
        return [each.code for each in self.emitted if isinstance(each, Happened)]


@pytest.fixture
def bench():
    return Bench()


def test_the_first_sample_is_at_the_start_and_full_the_others_are_short(bench):
    bench.run_until(1000.0 + 2.5 * INTERVAL_S)
    assert bench.asked == ["full", "changes", "changes"]
    assert [each.full for each in bench.emitted] == [True, False, False]
    assert len(bench.opened) == 1


def test_samples_stay_on_the_grid_and_missed_ones_are_not_made_up(bench):
    bench.run_until(1000.0)
    bench.clock.now = 1000.0 + 3.5 * INTERVAL_S  # the machine slept
    bench.worker._sample()
    assert bench.worker._due == 1000.0 + 4.5 * INTERVAL_S
    assert len(bench.emitted) == 2


def test_another_card_makes_the_next_sample_a_full_one(bench):
    bench.run_until(1000.0)
    bench.worker.ask_for_all_next()
    bench.run_until(1000.0 + 2 * INTERVAL_S)
    assert bench.asked == ["full", "full", "changes"]


@pytest.mark.parametrize(
    "failure",
    [PortUnavailable(PORT, "no such port"), ModemUnreachable("x"), PortLost("gone")],
    ids=["cannot be opened", "silent", "unplugged"],
)
def test_a_lost_modem_is_said_once_and_tried_again_with_a_growing_pause(bench, failure):
    bench.failure = failure
    moments = []
    for _ in range(6):
        bench.clock.now = bench.worker._due
        moments.append(bench.clock.now)
        bench.worker._sample()
    pauses = [later - sooner for sooner, later in pairwise(moments)]
    assert bench.codes == ["modem_lost"]
    assert all(0.5 * 2**n <= pause <= 2**n for n, pause in enumerate(pauses))
    assert all(session.closed for session in bench.opened)


def test_a_modem_that_comes_back_is_asked_in_full_and_may_be_lost_again(bench):
    bench.run_until(1000.0)
    bench.failure = PortLost("gone")
    bench.run_until(1000.0 + INTERVAL_S)
    bench.failure = None
    bench.run_until(bench.worker._due)
    bench.failure = PortLost("gone")
    bench.run_until(bench.worker._due)
    assert bench.asked[:3] == ["full", "changes", "full"]
    assert bench.codes == ["modem_lost", "modem_lost"]


def test_a_line_about_the_card_brings_the_next_sample_forward_but_seldom(bench):
    bench.run_until(1000.0)
    bench.say("+CPIN: NOT READY")
    assert bench.worker._due == 1000.0 + URC_DELAY_S
    bench.run_until(1003.0)
    bench.say("+CPIN: READY")
    assert bench.worker._due == 1000.0 + URC_DELAY_S + URC_PAUSE_S


@pytest.mark.parametrize("line", ["+CSQ: 20,99", "whatever", "", "RING"])
def test_other_lines_change_nothing(bench, line):
    bench.run_until(1000.0)
    due = bench.worker._due
    bench.say(line)
    assert bench.worker._due == due
    assert bench.codes == []


def test_a_restart_of_the_modem_is_one_event_however_many_lines_it_prints(bench):
    bench.run_until(1000.0)
    bench.say("RDY")
    bench.clock.now += 5
    bench.say("APP RDY")
    bench.clock.now += 2 * BOOT_S
    bench.say("RDY")
    assert bench.codes == ["modem_restarted", "modem_restarted"]
    bench.run_until(bench.worker._due)
    assert bench.asked == ["full", "full"]


def ask(bench: Bench, read) -> "Future[dict[str, object]]":
    question = Question(read, Future())
    bench.worker._answer(question)
    return question.answer


def test_a_question_is_answered_from_the_same_port(bench):
    answer = ask(bench, lambda session: {"port": session.snapshot().port})
    assert answer.result(0) == {"port": PORT}
    assert len(bench.opened) == 1


def test_a_question_to_a_lost_modem_gets_the_error(bench):
    bench.failure = PortUnavailable(PORT, "no such port")
    with pytest.raises(PortUnavailable):
        ask(bench, lambda session: session.snapshot()).result(0)
    assert bench.codes == ["modem_lost"]


def test_a_card_that_fails_a_question_is_no_lost_modem(bench):
    def read(_session) -> None:
        raise CardAbsent("no card")

    with pytest.raises(CardAbsent):
        ask(bench, read).result(0)
    assert bench.codes == []
    assert not bench.opened[0].closed


def test_stop_closes_the_port(bench):
    bench.run_until(1000.0)
    bench.worker.mailbox.put(Stop(), force=True)
    bench.worker.run()
    assert bench.opened[0].closed
