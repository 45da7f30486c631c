"""A release killed at any command, again and again, ends released; its undo ends where it began."""

import contextlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.modem_session import ModemSession
from agent.release.results import all_released
from agent.release.steps import STEPS, World, do, prepare, prove, undo
from agent.release.table import MODEM
from agent.requests import work_of
from modem.commands.context_setup import ReadAuthentication, ReadContextRows
from modem.commands.packet_domain import ReadAttachment, ReadContextStates
from modem.errors import AtCommandError
from modem.simulator.modem import SimulatedModem
from tests.device_stream import DeviceStream
from tests.effort import examples

ICCID = "89001010000000000018"
OF_THE_MODEM = tuple(step for step in STEPS if step.where == MODEM)
# Told passwords, a habit of its own, several services: whatever can be put back, is.
MODELS = (
    "quectel_ec25",
    "quectel_bg96",
    "quectel_em12",
    "quectel_bc95",
    "simcom_a7670",
    "ublox_sara_r5",
)


class Killed(BaseException):
    """The process is gone; the modem goes on."""


class Mortal:
    """A stream whose process is killed at the write number `at`: before it, or just behind it."""

    def __init__(self, stream: DeviceStream, at: int, *, late: bool) -> None:
        self._stream = stream
        self._left = at
        self._late = late

    def read(self, timeout_s: float) -> bytes:
        return self._stream.read(timeout_s)

    def write(self, data: bytes) -> None:
        self._left -= 1
        if self._left >= 0:
            self._stream.write(data)
            return
        if self._late:
            self._stream.write(data)
            self._stream.read(5.0)
        raise Killed

    def close(self) -> None:
        pass


class Life:
    """One process: a session with the modem, and the world of a release."""

    def __init__(self, stream: DeviceStream, lasts: int, *, late: bool = False) -> None:
        self.session = ModemSession(
            lambda: Mortal(stream, lasts, late=late), "test", clock=stream.clock
        )
        self.world = World(self._ask, ICCID)

    def _ask(self, request):
        work = work_of(json.loads(json.dumps(request)))
        assert work is not None
        return json.loads(json.dumps(work(self.session)))


FOR_EVER = 1_000_000


def state(stream: DeviceStream):
    engine = Life(stream, FOR_EVER).session.engine
    rows = engine.run(ReadContextRows())
    # The network gives another address each time.
    defined = [(row.cid, row.fields[:2], row.fields[3:]) for row in rows]
    found = [defined, engine.run(ReadContextStates())]
    try:
        found.append(engine.run(ReadAuthentication()))
    except AtCommandError:
        found.append(None)
    return [*found, engine.run(ReadAttachment())]


def on(journal: dict, life: Life) -> None:
    """One process on its way: what is in the journal is not prepared anew, what is done is not."""
    for step in OF_THE_MODEM:
        if step.id not in journal:
            journal[step.id] = [prepare(step, life.world), False]
        if not journal[step.id][1]:
            result = do(step, life.world, journal[step.id][0])
            assert result.result != "refused"
            journal[step.id][1] = True


def back(journal: dict, undone: set, life: Life) -> None:
    for step in reversed(OF_THE_MODEM):
        if step.id in journal and step.id not in undone:
            result = undo(step, journal[step.id][0], life.world)
            assert result.result != "refused"
            undone.add(step.id)


lives = st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=6)


@settings(deadline=None, max_examples=examples(12))
@given(model=st.sampled_from(MODELS), forth=lives, returns=lives)
def test_killed_at_any_command_it_ends_released_and_its_undo_where_it_began(
    model, forth, returns
) -> None:
    stream = DeviceStream(SimulatedModem.load(model, "usim_test"))
    before = state(stream)
    journal: dict = {}
    for lasts, late in [*forth, (FOR_EVER, False)]:
        try:
            on(journal, Life(stream, lasts, late=late))
        except Killed:
            continue
    world = Life(stream, FOR_EVER).world
    assert all_released(prove(step, world) for step in OF_THE_MODEM) is True
    undone: set = set()
    for lasts, late in [*returns, (FOR_EVER, False)]:
        try:
            back(journal, undone, Life(stream, lasts, late=late))
        except Killed:
            continue
    assert state(stream) == before


@settings(deadline=None, max_examples=examples(12))
@given(model=st.sampled_from(MODELS), lasts=st.integers(0, 120), late=st.booleans())
def test_what_was_half_released_is_undone_as_well(model, lasts, late) -> None:
    stream = DeviceStream(SimulatedModem.load(model, "usim_test"))
    before = state(stream)
    journal: dict = {}
    with contextlib.suppress(Killed):
        on(journal, Life(stream, lasts, late=late))
    back(journal, set(), Life(stream, FOR_EVER))
    assert state(stream) == before
