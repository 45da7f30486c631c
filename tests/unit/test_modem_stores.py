"""The messages that a modem keeps itself: counted without a trace, read, deleted one by one."""

import pytest

from modem import stores
from modem.commands.sms import StoredPdu, StoreState
from modem.engine import Engine
from modem.errors import AtCommandError
from modem.interview import Interview
from modem.simulator.card_slot import load_card
from modem.simulator.message_store import READ, UNREAD, Stored
from modem.simulator.modem import SimulatedModem
from modem.vendors.select import load_profile
from tests.device_stream import TAKEN_AT, DeviceStream
from tests.unit.service_helpers import ScriptedModem
from tests.unit.simulated_modem_helpers import ask

ONE = bytes.fromhex("0791990900009000040B919909000010F10000621102210000231AD37219947FD741613AE8")
TWO = bytes.fromhex("0791990900009000040B819909000090F200006211229051002313D9775D0E1ABFC9")


@pytest.fixture
def modem():
    device = SimulatedModem.load("quectel_ec25", "")
    device.insert_card(load_card("usim_test"))
    device.state.modem_messages.put(2, Stored(UNREAD, ONE))
    device.state.modem_messages.put(5, Stored(READ, TWO))
    return device


def interview(device):
    stream = DeviceStream(device)
    engine = Engine(stream, clock=stream.clock)
    return Interview(engine, load_profile("quectel_ec2x"), lambda: TAKEN_AT)


def test_counting_reads_no_message(modem):
    own = stores.read_own_messages(interview(modem), contents=False)
    assert own.store is not None
    assert (own.store.name, own.store.used, own.messages) == ("ME", 2, None)
    assert modem.state.modem_messages.get(2).status == UNREAD


def test_reading_gives_every_message_and_its_place(modem):
    own = stores.read_own_messages(interview(modem), contents=True)
    assert own.messages == (StoredPdu(2, 0, ONE), StoredPdu(5, 1, TWO))


def test_the_settings_of_the_modem_are_put_back(modem):
    before = [ask(modem, "AT+CMGF=1"), ask(modem, "AT+CMGF?")[-2:], ask(modem, "AT+CPMS?")]
    stores.read_own_messages(interview(modem), contents=True)
    stores.delete_message(interview(modem), stores.Place("ME", 5), TWO)
    assert ask(modem, "AT+CMGF?")[-2:] == before[1]
    assert ask(modem, "AT+CPMS?")[-2].partition(",")[0] == before[2][-2].partition(",")[0]


def test_a_message_is_deleted_if_it_is_the_one_that_is_saved(modem):
    place = stores.Place("ME", 2)
    assert stores.delete_message(interview(modem), place, TWO) == "changed"
    assert modem.state.modem_messages.get(2) is not None
    assert stores.delete_message(interview(modem), place, ONE) == "done"
    assert stores.delete_message(interview(modem), place, ONE) == "already"
    assert modem.state.modem_messages.get(2) is None
    assert modem.state.modem_messages.get(5) is not None


def test_a_modem_without_a_store_of_its_own_says_so():
    modem = ScriptedModem({"AT+CPMS=?": ['+CPMS: ("SM"),("SM"),("SM")']})
    own = stores.read_own_messages(
        Interview(modem, load_profile("generic_3gpp"), lambda: TAKEN_AT), contents=True
    )
    assert own == (None, None, "the modem has no store of its own")


def test_a_modem_that_will_not_list_says_why():
    modem = ScriptedModem(
        {
            "AT+CPMS=?": ['+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")'],
            "AT+CMGF?": ["+CMGF: 0"],
            "AT+CPMS?": ['+CPMS: "SM",1,20,"SM",1,20,"SM",1,20'],
            'AT+CPMS="ME"': ["+CPMS: 3,23,1,20,1,20"],
            'AT+CPMS="SM"': ["+CPMS: 1,20,1,20,1,20"],
            "AT+CMGL=4": ["+CMS ERROR: 500"],
        }
    )
    ask_ = Interview(modem, load_profile("generic_3gpp"), lambda: TAKEN_AT)
    own = stores.read_own_messages(ask_, contents=True)
    assert own == (StoreState("ME", 3, 23), None, "+CMS ERROR: 500")
    assert modem.sent[-1] == 'AT+CPMS="SM"'


def test_a_refusal_to_delete_is_no_success():
    pdu = ONE.hex().upper()
    modem = ScriptedModem(
        {
            "AT+CMGF?": ["+CMGF: 0"],
            "AT+CPMS?": ['+CPMS: "ME",1,20'],
            'AT+CPMS="ME"': ["+CPMS: 1,20"],
            "AT+CMGL=4": [f"+CMGL: 1,1,,{len(ONE) - 8}", pdu],
            "AT+CMGD=1": ["+CMS ERROR: 302"],
        }
    )
    ask_ = Interview(modem, load_profile("generic_3gpp"), lambda: TAKEN_AT)
    with pytest.raises(AtCommandError, match="302"):
        stores.delete_message(ask_, stores.Place("ME", 1), ONE)
