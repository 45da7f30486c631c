"""A session that listens between its snapshots, on a simulated modem in memory."""

import pytest

from agent.modem_session import ModemSession
from agent.snapshot import to_json
from modem.errors import PortLost
from modem.simulator.modem import SimulatedModem
from tests.device_stream import DeviceStream, status_of

REGISTRATION = frozenset({"sim", "registration"})


class Cable(DeviceStream):
    """A port that can be pulled out."""

    pulled = False

    def read(self, timeout_s: float) -> bytes:
        if self.pulled:
            raise PortLost("hung up")
        return super().read(timeout_s)


class Bench:
    """One simulated stick, and the session that talks to it."""

    def __init__(self) -> None:
        self.modem = SimulatedModem.load("huawei_e3372", "usim_test")
        self.heard: list[str] = []
        self.cable = Cable(self.modem)
        self.session = ModemSession(self.plug_in, "sim", profile="huawei", on_urc=self.heard.append)
        self.session.snapshot(REGISTRATION)

    def plug_in(self) -> Cable:
        self.cable = Cable(self.modem)
        return self.cable

    def listen(self) -> None:
        self.session.engine.poll(0.0)

    def refuse(self, cause: int) -> None:
        self.modem.set_registration("eps", 3, cause=cause)
        self.listen()

    def rejects(self) -> list[tuple[str, int, str]]:
        document = to_json(self.session.snapshot(REGISTRATION))
        return [(it["domain"], it["cause"], it["source"]) for it in document["rejects"]]


@pytest.fixture
def bench():
    bench = Bench()
    yield bench
    bench.session.close()


def test_a_registered_modem_has_no_refusals(bench):
    assert bench.rejects() == []


def test_a_refusal_that_was_heard_is_in_the_next_snapshots(bench):
    bench.refuse(15)
    assert bench.heard[-1].startswith("^REJINFO")
    assert bench.rejects() == [("emm", 15, "^REJINFO")]
    assert bench.rejects() == [("emm", 15, "^REJINFO")]


def test_a_registration_in_the_same_domain_ends_it(bench):
    bench.refuse(15)
    bench.modem.set_registration("eps", 1)
    assert bench.rejects() == []


def test_another_card_ends_it(bench):
    bench.refuse(8)
    bench.modem.remove_card()
    bench.listen()
    assert bench.rejects() == []


def test_a_port_that_was_opened_again_begins_without_any(bench):
    bench.refuse(15)
    bench.cable.pulled = True
    assert bench.rejects() == []


def test_a_modem_without_cpin_says_by_its_refusals_that_no_card_is_in():
    modem = SimulatedModem.load("quectel_bc95")
    assert status_of(modem)["sim"]["state"] == "unknown"
    modem.remove_card()
    document = status_of(modem)
    assert document["sim"]["state"] == "absent"
    assert document["read"]["sim"]["by"] == "AT+CIMI"
