"""Data held back after a pairing changed: what is done to a simulated modem, and undone."""

import json
import sqlite3
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest

from agent.binding.desk import why_not_held
from agent.binding.hold import Done, Holds, hold_data, release_data
from agent.binding.installation import Shown, Wish, bind
from agent.binding.watch import PairingWatch
from agent.config import Settings
from agent.errors import RefusedError
from agent.jobs import Sample
from agent.modem_session import ModemSession
from agent.own_uplink import Route, Uplinks
from agent.recording import Recorder
from agent.report import Stamp
from agent.snapshot import to_json
from agent.store import Store
from agent.usage.meter import plan_of
from cloud_bridge.orders import read_account
from cloud_bridge.outbox import Outbox
from modem.commands.packet_domain import ReadAttachment, ReadContextStates
from modem.errors import AtCommandError
from modem.simulator.modem import SimulatedModem
from sim.identifiers import Iccid
from tests.device_stream import DeviceStream
from tests.unit.snapshot_helpers import MODEM, gateway, read, with_card

A, B = "89001010000000000018", "89001010000000000026"
OTHER_IMEI = "490154203237518"
OTHER_CARD = with_card(iccid=read(Iccid(B), "EF.ICCID"))
STAMP = Stamp(1, 60.0, "2026-11-22T01:02:03.456Z")
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


# What is done to the modem


def session_of(device) -> ModemSession:
    stream = DeviceStream(device)
    return ModemSession(lambda: stream, "test", clock=stream.clock)


def active(session) -> list[int]:
    return [cid for cid, up in session.engine.run(ReadContextStates()).items() if up]


def test_contexts_are_taken_down_and_put_back_as_they_were():
    session = session_of(SimulatedModem.load("quectel_ec25"))
    before = active(session)
    assert before
    done = hold_data(session)
    assert done == Done(tuple(before))
    assert active(session) == []
    assert session.engine.run(ReadAttachment())
    assert release_data(session, done) == []
    assert active(session) == before


def test_a_modem_without_active_data_is_left_alone():
    session = session_of(SimulatedModem.load("quectel_ec25"))
    hold_data(session)
    assert hold_data(session) == Done()
    assert session.engine.run(ReadAttachment())


class KeepsItsBearer:
    """An LTE modem: its last context goes down with the attachment alone."""

    def __init__(self, *, says_contexts: bool = True, detaches: bool = True) -> None:
        self.engine = self
        self.attached = True
        self.sent = []
        self._says_contexts = says_contexts
        self._detaches = detaches

    def run(self, command):
        self.sent.append(command.text)
        if command.text == "AT+CGACT?":
            if not self._says_contexts:
                raise AtCommandError("AT+CGACT?", "ERROR")
            return {1: self.attached, 2: False}
        if command.text.startswith("AT+CGATT=") and self._detaches:
            self.attached = command.text.endswith("1")
            return None
        raise AtCommandError(command.text, "+CME ERROR: 3")


def test_a_modem_that_keeps_its_bearer_is_detached_and_attached_again():
    modem = KeepsItsBearer()
    done = hold_data(modem)
    assert done == Done((1,), detached=True)
    assert modem.sent == ["AT+CGACT?", "AT+CGACT=0,1", "AT+CGACT?", "AT+CGATT=0", "AT+CGACT?"]
    assert release_data(modem, done) == ["AT+CGACT=1,1 +CME ERROR: 3"]
    assert modem.attached


def test_a_modem_that_says_no_contexts_is_detached():
    assert hold_data(KeepsItsBearer(says_contexts=False)) == Done(detached=True)


def test_what_stays_up_all_the_same_is_said():
    assert hold_data(KeepsItsBearer(detaches=False)) == Done((1,), left=(1,))


# When it is done


class Bench:
    def __init__(self, folder, why=None):
        self.store = Store(folder, boot=1)
        self.asked = []
        self.watch = PairingWatch(self.store.connection)
        self.watch.why_not_held = self._why
        self.why = why

    def _why(self, slot):
        self.asked.append(slot)
        return self.why

    def sample(self, modem):
        with self.store.transaction():
            return self.watch.observe(Sample(1, gateway(modem), STAMP, full=True))

    def bind(self, modem, wish=Wish()):  # noqa: B008 - frozen
        shown = Shown(to_json(gateway(modem)), 1, STAMP, NOW)
        with self.store.transaction():
            return bind(self.store.connection, shown, wish, lambda _code, _args: None)

    @property
    def hold(self):
        return self.watch.holds.of(1)


@pytest.fixture
def bench(tmp_path):
    bench = Bench(tmp_path)
    yield bench
    bench.store.close()


def test_a_changed_pairing_is_held_in_the_transaction_of_its_event(bench):
    assert bench.sample(MODEM) == []
    assert bench.hold is None
    [(_, args)] = bench.sample(OTHER_CARD)
    assert args["held"] is True
    assert (bench.hold.entry, bench.hold.since) == (args["entry"], STAMP.at)


def test_a_machine_that_would_cut_itself_off_holds_nothing_and_says_so(bench):
    bench.sample(MODEM)
    bench.why = "own_uplink"
    [(_, args)] = bench.sample(OTHER_CARD)
    assert (args["held"], args["not_held"]) == (False, "own_uplink")
    assert bench.hold is None


def test_a_card_that_is_back_where_it_was_is_not_held(bench):
    for shown in (MODEM, OTHER_CARD):
        bench.sample(shown)
    bench.bind(OTHER_CARD)
    [(_, args)] = bench.sample(MODEM)
    assert (args["held"], args["not_held"]) == (False, "no_cost")
    assert bench.hold is None


def test_a_hold_that_stands_is_ended_by_nobody_but_bind(bench):
    for shown in (MODEM, OTHER_CARD):
        bench.sample(shown)
    bench.why = "own_uplink"
    [(_, args)] = bench.sample(MODEM)
    assert args["held"] is True
    assert bench.hold.entry == args["entry"]


def test_where_it_is_not_wanted_nothing_is_held_or_said(tmp_path):
    store = Store(tmp_path, boot=1)
    watch = PairingWatch(store.connection)
    with store.transaction():
        watch.observe(Sample(1, gateway(MODEM), STAMP, full=True))
        [(_, args)] = watch.observe(Sample(1, gateway(OTHER_CARD), STAMP, full=True))
    assert "held" not in args
    assert watch.holds.of(1) is None
    store.close()


def test_a_hold_outlives_a_restart_and_keeps_what_is_to_be_undone(bench, tmp_path):
    for shown in (MODEM, OTHER_CARD):
        bench.sample(shown)
    bench.watch.holds.note(1, Done((1, 2), left=(1,)))
    bench.watch.holds.note(1, Done((1,), detached=True))
    other = sqlite3.connect(tmp_path / "simward.db")
    assert Holds(other).of(1).done == Done((1, 2), detached=True)
    other.close()


def test_each_sample_of_a_held_slot_looks_after_it(tmp_path):
    store = Store(tmp_path, boot=1)
    outbox = Outbox(store.connection, stamp=STAMP.body)
    recorder = Recorder(store, outbox, boot=1, plan=plan_of(Settings()))
    recorder.hold_data(lambda _slot: None)
    held = []
    recorder.on_hold = held.append
    for shown in (MODEM, OTHER_CARD, OTHER_CARD):
        recorder._do(Sample(1, gateway(shown), STAMP, full=True))
    assert held == [1, 1]
    store.close()


def uplinks(*routes):
    return Uplinks(
        tuple(Route(ip_network("0.0.0.0/0"), name, metric) for name, metric in routes), {}
    )


@pytest.mark.parametrize(
    ("routes", "settings", "expected"),
    [
        pytest.param([("eth0", 100), ("wwan0", 700)], {}, None, id="cellular is the spare way"),
        pytest.param([("wwan0", 100)], {}, "own_uplink", id="cellular is the only way"),
        pytest.param([("ppp7", 50), ("eth0", 100)], {}, "own_uplink", id="cellular wins"),
        pytest.param(
            [("eth0", 100)], {"broker": {"interface": "wwan0"}}, "own_uplink", id="the broker's way"
        ),
        pytest.param([("wwan1", 100)], {}, None, id="another modem's way"),
        pytest.param([], {}, None, id="no way at all"),
    ],
)
def test_the_machines_own_way_out_is_not_cut(routes, settings, expected):
    modem = {"port": "/dev/no-such-tty", "slot": 1, "interface": "wwan0"}
    if routes and routes[0][0] == "ppp7":
        del modem["interface"]  # where nobody knows, every name of a modem's counts
    whole = Settings.model_validate({"modem": [modem], **settings})
    assert why_not_held(whole, 1, lambda _env: uplinks(*routes)) == expected


# How it ends


def test_bind_ends_the_hold_and_says_what_is_to_be_undone(bench):
    for shown in (MODEM, OTHER_CARD):
        bench.sample(shown)
    bench.watch.holds.note(1, Done((1,)))
    looked = bench.bind(OTHER_CARD, Wish(record=False))
    assert looked["hold"]["released"] is False
    assert bench.hold is not None
    bound = bench.bind(OTHER_CARD)
    assert (bound["hold"]["released"], bound["hold"]["contexts"]) == (True, [1])
    assert bench.hold is None
    assert bench.bind(OTHER_CARD)["hold"] is None


def test_a_card_that_is_bound_elsewhere_is_let_go_only_by_who_knows_it(bench):
    for shown in (MODEM, OTHER_CARD):
        bench.sample(shown)
    facts = read_account(
        json.dumps(
            {
                "schema": "simward/account/1",
                "iccid": B,
                "as_of": "2026-11-22T01:00:00Z",
                "bindings": [{"kind": "network_side", "bound": True, "imei": OTHER_IMEI}],
            }
        ).encode()
    )
    with pytest.raises(RefusedError, match="--accept-costs"):
        bench.bind(OTHER_CARD, Wish(account=facts))
    assert bench.hold is not None
    assert bench.bind(OTHER_CARD, Wish(account=facts, accept_costs=True))["hold"]["released"]
