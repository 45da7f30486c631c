from concurrent.futures import Future
from itertools import pairwise

import pytest

from agent.errors import ModemUnreachable
from agent.jobs import Happened, Sample, Stop
from agent.recovery import Limits
from agent.report import Stamp
from agent.rescue import BOOT_S, Rescuer
from agent.sampling import URC_DELAY_S, URC_PAUSE_S, ModemWorker, Question
from modem.errors import PortLost, PortUnavailable
from modem.snapshot import ModemSnapshot
from sim.errors import CardAbsent
from sim.identifiers import Iccid
from tests.unit.snapshot_helpers import (
    DENIED,
    HOME,
    MODEM,
    SEARCHING,
    gateway,
    read,
    registered,
    with_card,
)

INTERVAL_S = 900.0
PORT = "/dev/ttyUSB2"
OTHER_CARD = with_card(iccid=read(Iccid("89001010000000000026")))


class Clock:
    """Time that passes only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Session:
    """A modem that answers, or fails as told; its engine too."""

    restart_command = "AT+CFUN=1,1"
    ready_s = 30.0

    def __init__(self, bench: "Bench") -> None:
        self._bench = bench
        self.engine = self
        self.is_open = True
        self.echo_is_on = False
        self.fences_closed = 0

    def snapshot(self, *, sample=False):
        del sample
        return self._read("full")

    def changes(self):
        return self._read("changes")

    def poll(self, timeout_s: float) -> None:
        assert timeout_s == 0
        self._read("poll")

    def prepare(self) -> tuple[str, ...]:
        self._bench.prepared += 1
        return ()

    def fileno(self) -> None:
        return None

    def restart(self) -> None:
        self._bench.restarts += 1
        self.drop()

    def drop(self) -> None:
        self.is_open = False

    def close(self) -> None:
        self.is_open = False

    def _read(self, what: str):
        self._bench.asked.append(what)
        if self._bench.failure is not None:
            self.is_open = False
            raise self._bench.failure
        self.is_open = True
        return gateway(self._bench.shown)


class Bench:
    """A worker turned by hand on virtual time."""

    def __init__(self, limits: Limits = Limits(), reject_backoff: int = 1) -> None:  # noqa: B008
        self.clock = Clock()
        self.asked: list[str] = []
        self.opened: list[Session] = []
        self.prepared = 0
        self.restarts = 0
        self.emitted: list[Sample | Happened] = []
        self.failure: Exception | None = None
        self.shown: ModemSnapshot = MODEM
        rescuer = Rescuer(
            limits,
            slot=1,
            port=PORT,
            emit=self.emitted.append,
            stamp=self._stamp,
            reject_backoff=reject_backoff,
        )
        self.worker = ModemWorker(
            self._open,
            rescuer=rescuer,
            port=PORT,
            slot=1,
            interval_s=INTERVAL_S,
            emit=self.emitted.append,
            stamp=self._stamp,
            clock=self.clock,
        )

    def _stamp(self) -> Stamp:
        return Stamp(7, self.clock.now, None)

    def _open(self, on_urc) -> Session:
        self.say = on_urc
        if isinstance(self.failure, PortUnavailable):
            raise self.failure
        self.opened.append(Session(self))
        return self.opened[-1]

    def run_until(self, moment: float) -> None:
        """Let each due sample happen, at its time."""
        while self.worker.due <= moment:
            self.clock.now = max(self.clock.now, self.worker.due)
            self.worker.sample()
        self.clock.now = moment

    @property
    def codes(self) -> list[str]:
        return [each.code for each in self.emitted if isinstance(each, Happened)]

    @property
    def moments(self) -> list[float]:
        return [each.stamp.up_s - 1000.0 for each in self.emitted if isinstance(each, Sample)]


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
    bench.worker.sample()
    assert bench.worker.due == 1000.0 + 4.5 * INTERVAL_S
    assert len(bench.emitted) == 2


@pytest.mark.parametrize(
    "other",
    [
        OTHER_CARD,
        with_card(state=read("absent"), iccid=read(None)),
        with_card(state=read("no_profile"), iccid=read(None)),
    ],
    ids=["another card", "no card", "an eUICC's profile disabled"],
)
def test_another_card_is_read_in_full_before_its_sample_is_taken(bench, other):
    bench.run_until(1000.0)
    bench.shown = other
    bench.run_until(1000.0 + 2 * INTERVAL_S)
    assert bench.asked == ["full", "changes", "full", "changes"]
    assert [each.full for each in bench.emitted] == [True, True, False]


def test_a_modem_that_was_opened_is_set_up_once(bench):
    bench.run_until(1000.0 + 2 * INTERVAL_S)
    assert bench.prepared == 1
    bench.say("RDY")
    bench.run_until(1000.0 + 3 * INTERVAL_S)
    assert bench.prepared == 2
    bench.opened[0].echo_is_on = True  # it lost what it was told
    bench.run_until(1000.0 + 5 * INTERVAL_S)
    assert bench.prepared == 3  # and one that goes on echoing is not told for ever


def test_a_registration_that_is_known_already_brings_no_sample_forward(bench):
    bench.shown = registered(eps=HOME)
    bench.run_until(1000.0)
    due = bench.worker.due
    bench.say('+CEREG: 1,"00A1","01A2B301",7')
    assert bench.worker.due == due
    bench.say("+CEREG: 2")
    assert bench.worker.due == 1000.0 + URC_DELAY_S


def test_while_the_network_refuses_for_good_the_samples_are_fewer():
    bench = Bench(reject_backoff=4)
    bench.shown = registered(eps=DENIED)
    bench.run_until(1000.0 + 12 * INTERVAL_S)
    assert bench.moments == [INTERVAL_S * n for n in (0, 1, 3, 7, 11)]
    bench.say("+CEREG: 1")
    bench.shown = registered(eps=HOME)
    soon = bench.worker.due
    assert soon == 1000.0 + 12 * INTERVAL_S + URC_DELAY_S
    bench.run_until(soon + 2 * INTERVAL_S)
    assert [moment - bench.moments[-3] for moment in bench.moments[-3:]] == [0.0, 900.0, 1800.0]


def test_a_refusal_that_may_pass_changes_no_pace():
    bench = Bench(reject_backoff=4)
    bench.shown = registered(eps=SEARCHING)
    bench.run_until(1000.0 + 5 * INTERVAL_S)
    assert bench.moments == [INTERVAL_S * n for n in range(6)]


def test_no_refusal_and_no_card_ever_brings_a_restart():
    for shown in (
        registered(eps=DENIED),
        with_card(state=read("absent")),
        with_card(state=read("faulty")),
        with_card(state=read("puk_required")),
        MODEM._replace(identity=MODEM.identity._replace(functionality=read(4))),
    ):
        bench = Bench()
        bench.shown = shown
        bench.run_until(1000.0 + 200 * INTERVAL_S)
        assert bench.restarts == 0
        assert bench.codes == []


@pytest.mark.parametrize(
    "failure",
    [PortUnavailable(PORT, "no such port"), ModemUnreachable("x"), PortLost("gone")],
    ids=["cannot be opened", "silent", "unplugged"],
)
def test_a_lost_modem_is_said_once_and_tried_again_with_a_growing_pause(bench, failure):
    bench.failure = failure
    moments = []
    for _ in range(6):
        bench.clock.now = bench.worker.due
        moments.append(bench.clock.now)
        bench.worker.sample()
    pauses = [later - sooner for sooner, later in pairwise(moments)]
    assert bench.codes == ["modem_lost"]
    assert all(0.5 * 2**n <= pause <= 2**n for n, pause in enumerate(pauses))
    assert not any(session.is_open for session in bench.opened)


def test_a_modem_that_comes_back_is_asked_in_full_and_may_be_lost_again(bench):
    bench.run_until(1000.0)
    bench.failure = PortLost("gone")
    bench.run_until(1000.0 + INTERVAL_S)
    bench.failure = None
    bench.run_until(bench.worker.due)
    bench.failure = PortLost("gone")
    bench.run_until(bench.worker.due)
    assert bench.asked[:3] == ["full", "changes", "full"]
    assert bench.codes == ["modem_lost", "modem_lost"]


def test_a_line_about_the_card_brings_the_next_sample_forward_but_seldom(bench):
    bench.run_until(1000.0)
    bench.say("+CPIN: NOT READY")
    assert bench.worker.due == 1000.0 + URC_DELAY_S
    bench.run_until(1003.0)
    bench.say("+CPIN: READY")
    assert bench.worker.due == 1000.0 + URC_DELAY_S + URC_PAUSE_S


@pytest.mark.parametrize("line", ["+CSQ: 20,99", "whatever", "", "RING"])
def test_other_lines_change_nothing(bench, line):
    bench.run_until(1000.0)
    due = bench.worker.due
    bench.say(line)
    assert bench.worker.due == due
    assert bench.codes == []


def test_a_restart_of_the_modem_is_one_event_however_many_lines_it_prints(bench):
    bench.run_until(1000.0)
    bench.say("RDY")
    bench.clock.now += 5
    bench.say("APP RDY")
    bench.clock.now += 2 * BOOT_S
    bench.say("RDY")
    assert bench.codes == ["modem_restarted", "modem_restarted"]
    bench.run_until(bench.worker.due)
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
    assert bench.opened[0].is_open


def test_stop_closes_the_port(bench):
    bench.run_until(1000.0)
    bench.worker.mailbox.put(Stop(), force=True)
    bench.worker.run()
    assert not bench.opened[0].is_open
