"""Whatever is done with a card, its counters move by an ordered VERIFY alone, and by one."""

import contextlib
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.card_changes import change_of, change_on_card
from agent.card_pin import order_of, pin_on_card
from agent.errors import AgentError
from agent.modem_session import ModemSession
from agent.personal import personal_on_card
from agent.requests import work_of
from modem.card_access import CrsmTransport, CsimTransport, LogicalChannelTransport
from modem.errors import AtUsageError, ModemError
from modem.simulator.modem import SimulatedModem
from sim.errors import PinError, PinWrong, SimError
from sim.identity import read_identity
from sim.inspector import inspect
from sim.simulator import SimulatedCard
from sim.transport.memory import MemoryTransport
from tests.device_stream import TAKEN_AT, DeviceStream
from tests.effort import examples
from tests.unit.at_helpers import Ask

CARDS = Path(__file__).parents[2] / "hardware_fixtures" / "cards"
NAMES = ("usim_test", "sim_2g", "pin_locked", "puk_locked", "blocked", "personal", "euicc")
SPENDING = frozenset({0x20, 0x24, 0x26, 0x28, 0x2C})
PINS = ("1234", "0000", "8888", "12345678")
READINGS = (
    {"ask": "status"},
    {"ask": "sim_read"},
    {"ask": "sim_personal", "contents": True},
)
LINES = ("AT+CPIN?", 'AT+CPIN="{}"', 'AT+CPIN="{}","{}"', 'AT+CLCK="SC",0,"{}"', "AT+CPINR")

pins = st.sampled_from(PINS)
orders = st.tuples(
    st.sampled_from(("verify", "enable", "disable", "change")), pins, pins, st.booleans()
)
instructions = st.sampled_from((*SPENDING, 0x88, 0xD6, 0xDC, 0xA4, 0xB0, 0xB2, 0xC0, 0x70, 0x44))
commands = st.tuples(
    st.sampled_from((0x00, 0xA0, 0x80, 0x01)), instructions, st.integers(0, 255),
    st.sampled_from((0x00, 0x01, 0x02, 0x04, 0x81)),
    st.sampled_from((b"", b"\x00", b"\x081234\xff\xff\xff\xff", b"\x08" + b"\xff" * 8)),
).map(lambda it: bytes(it[:4]) + it[4])  # fmt: skip
changes = st.fixed_dictionaries(
    {
        "ask": st.sampled_from(("sim_put", "sim_fill", "sim_push_out")),
        "transport": st.sampled_from(("AT+CSIM", "AT+CRSM", "AT+CGLA")),
        "path": st.sampled_from(("MF/ADF.USIM/EF.SMS", "MF/DF.TELECOM/EF.ADN", "MF/EF.ICCID")),
        "file": st.just("EF.ADN"),
        "record": st.integers(1, 3),
        "before": st.sampled_from(("FF" * 28, "00" + "FF" * 175)),
        "after": st.sampled_from(("FF" * 28, "00" + "FF" * 175, "41" * 28)),
        "saved": st.just([]),
    }
)


class Bench:
    """A card in a modem and, at other times, in a reader; and what its counters must be."""

    def __init__(self, name):
        self.card = SimulatedCard.from_toml(CARDS / f"{name}.toml")
        self.iccid = self.card.iccid or ""
        modem = SimulatedModem.load("quectel_ec25", "")
        modem.insert_card(self.card)
        stream = DeviceStream(modem)
        self.session = ModemSession(
            lambda: stream, "test", clock=stream.clock, now=lambda: TAKEN_AT
        )

    def state(self):
        return self.card.retries()

    def shown(self):
        """The commands that carried a PIN on the contact plate."""
        return sum(a.command[1] in SPENDING and len(a.command) > 5 for a in self.card.log)

    def quietly(self, work):
        """Do it, whatever comes of it; no counter may move."""
        before = self.state()
        with contextlib.suppress(SimError, ModemError, AgentError):
            work()
        assert self.state() == before

    def order(self, work, *, forced):
        """An order: at most one try of PIN1 is used up, and only where there were some to spare."""
        before, shown = self.state(), self.shown()
        wrong = refused = False
        try:
            work()
        except PinWrong:
            wrong = True
        except (PinError, SimError, ModemError, AgentError):
            refused = True
        after = self.state()
        others = {name: count for name, count in after.items() if name != "pin1"}
        assert others == {name: count for name, count in before.items() if name != "pin1"}
        assert self.shown() - shown <= 1
        if wrong:
            assert after["pin1"] == before["pin1"] - 1
            assert before["pin1"] >= (1 if forced else 2)
        elif refused:
            assert after["pin1"] == before["pin1"]
        else:
            assert after["pin1"] == 3


def steps():
    return st.one_of(
        st.tuples(st.just("read"), st.sampled_from(READINGS)),
        st.tuples(st.just("look"), st.sampled_from((read_identity, inspect, personal_on_card))),
        st.tuples(st.just("raw"), st.tuples(st.integers(0, 3), commands)),
        st.tuples(st.just("line"), st.tuples(st.sampled_from(LINES), pins)),
        st.tuples(st.just("change"), changes),
        st.tuples(st.just("order in modem"), orders),
        st.tuples(st.just("order in reader"), orders),
    )


def do(bench, kind, what):
    memory = MemoryTransport(bench.card.transmit)
    if kind == "read":
        work = work_of(what)
        assert work is not None
        bench.quietly(lambda: work(bench.session))
    elif kind == "look":
        bench.quietly(lambda: what(memory))
    elif kind == "raw":
        number, command = what
        ways = (memory, *(way(bench.session.engine) for way in WAYS))
        bench.quietly(lambda: ways[number].transmit(command))
    elif kind == "line":
        text, pin = what
        bench.quietly(lambda: bench.session.engine.run(Ask(text.format(pin, pin))))
    elif kind == "change":
        order = {**what, "iccid": bench.iccid}
        work = work_of(order)
        bench.quietly(lambda: work and work(bench.session))
        change = change_of(order)
        bench.quietly(lambda: change and change_on_card(memory, change))
    else:
        action, pin, new, named = what
        new_pin = new if action == "change" else None
        forced = bench.iccid if named and bench.iccid else None
        request = {
            "ask": "sim_pin", "action": action, "pin": pin, "new_pin": new_pin, "forced": forced,
        }  # fmt: skip
        if kind == "order in modem":
            work = work_of(request)
            bench.order(lambda: work(bench.session), forced=named)
        else:
            bench.order(
                lambda: pin_on_card(memory, order_of(action, pin, new_pin, forced)), forced=named
            )


WAYS = (CsimTransport, CrsmTransport, LogicalChannelTransport)


@settings(max_examples=examples(60), deadline=None)
@given(st.sampled_from(NAMES), st.lists(steps(), max_size=12))
def test_no_try_is_lost_but_to_an_order_and_then_one(name, sequence):
    bench = Bench(name)
    for kind, what in sequence:
        do(bench, kind, what)


@settings(max_examples=examples(150), deadline=None)
@given(st.sampled_from(("pin_locked", "usim_test", "sim_2g")), st.lists(orders, max_size=8))
def test_orders_one_after_the_other_stop_before_the_last_try(name, sequence):
    bench = Bench(name)
    for order in sequence:
        do(bench, "order in reader", order)
        bench.card.reset()  # or a PIN that was shown once would not be asked for any more


def test_the_lines_of_the_property_are_refused_where_they_show_a_pin():
    bench = Bench("pin_locked")
    for text in LINES[1:4]:
        try:
            bench.session.engine.run(Ask(text.format("0000", "0000")))
        except AtUsageError:
            continue
        raise AssertionError(text)
