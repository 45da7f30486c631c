from pathlib import Path

import pytest

from modem.card_access import (
    CrsmTransport,
    CsimTransport,
    LogicalChannelTransport,
    read_ef_iccid,
)
from sim.errors import ApduProtocolError, CardAbsent, ReaderError, ReaderStuck
from sim.fcp import FileInfo
from sim.filesystem import CardFilesystem
from sim.identifiers import Iccid
from sim.pin import PinOrder, PinValue, carry_out, read_pin1
from sim.simulator import SimulatedCard
from sim.transport.memory import MemoryTransport
from tests.unit.service_helpers import SILENCE, ScriptedModem

CARDS = Path(__file__).parents[2] / "hardware_fixtures" / "cards"
SELECT_MF = bytes.fromhex("00A40004023F00")
ICCID = bytes.fromhex("98000101000000000081")


def test_csim_passes_an_apdu_and_brings_the_whole_answer():
    modem = ScriptedModem({'AT+CSIM=14,"00A40004023F00"': ['+CSIM: 4,"612F"', "OK"]})
    assert CsimTransport(modem).transmit(SELECT_MF) == bytes.fromhex("612F")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (["+CME ERROR: 10"], CardAbsent),
        (["+CME ERROR: SIM failure"], ReaderError),
        (["ERROR"], ReaderError),
        ([SILENCE], ReaderStuck),
        (["OK"], ApduProtocolError),
        (['+CSIM: 4,"90"', "OK"], ApduProtocolError),
    ],
)
def test_what_goes_wrong_in_the_modem_is_said_as_a_reader_would(answer, error):
    modem = ScriptedModem({'AT+CSIM=14,"00A40004023F00"': answer})
    with pytest.raises(error):
        CsimTransport(modem).transmit(SELECT_MF)


def test_a_logical_channel_is_opened_once_and_closed():
    modem = ScriptedModem(
        {
            'AT+CCHO="A0000000871002"': ["1", "OK"],
            'AT+CGLA=1,14,"00A40004023F00"': ['+CGLA: 4,"9000"', "OK"],
            "AT+CCHC=1": ["+CCHC", "OK"],
        }
    )
    channel = LogicalChannelTransport(modem)
    assert channel.transmit(SELECT_MF) == channel.transmit(SELECT_MF) == b"\x90\x00"
    channel.close()
    channel.close()
    assert modem.sent == [
        'AT+CCHO="A0000000871002"',
        'AT+CGLA=1,14,"00A40004023F00"',
        'AT+CGLA=1,14,"00A40004023F00"',
        "AT+CCHC=1",
    ]


def test_a_channel_that_was_never_opened_closes_in_silence():
    modem = ScriptedModem({})
    LogicalChannelTransport(modem).close()
    assert modem.sent == []


def test_crsm_keeps_what_is_selected_and_reads_it():
    modem = ScriptedModem(
        {
            "AT+CRSM=192,12258,0,0,0": ['+CRSM: 144,0,"62028202"', "OK"],
            "AT+CRSM=176,12258,0,0,10": [f'+CRSM: 144,0,"{ICCID.hex()}"', "OK"],
        }
    )
    card = CrsmTransport(modem)
    assert card.transmit(SELECT_MF) == b"\x90\x00"
    assert card.transmit(bytes.fromhex("00A40004022FE2")) == bytes.fromhex("620282029000")
    assert card.transmit(bytes.fromhex("00B000000A")) == ICCID + b"\x90\x00"


def test_crsm_names_the_directory_and_does_without_where_the_modem_must():
    with_path = 'AT+CRSM=192,28480,0,0,0,"","7F10"'
    modem = ScriptedModem({with_path: ["ERROR"], "AT+CRSM=192,28480,0,0,0": ["+CRSM: 144,0", "OK"]})
    card = CrsmTransport(modem)
    card.transmit(SELECT_MF)
    card.transmit(bytes.fromhex("00A40004027F10"))
    assert card.transmit(bytes.fromhex("00A40004026F40")) == b"\x90\x00"
    assert modem.sent == [with_path, "AT+CRSM=192,28480,0,0,0"]


def test_crsm_asks_for_no_file_of_another_directory_where_the_modem_takes_no_path():
    in_gsm = 'AT+CRSM=192,28472,0,0,0,"","7F20"'
    deep = 'AT+CRSM=192,20225,0,0,0,"","7FFF5FC0"'
    modem = ScriptedModem({in_gsm: ["ERROR"], deep: ["ERROR"]})
    card = CrsmTransport(modem)
    card.transmit(bytes.fromhex("00A4040407A0000000871002"))
    card.transmit(bytes.fromhex("00A40004025FC0"))
    card.transmit(bytes.fromhex("00A40004024F01"))
    card.transmit(bytes.fromhex("00A40004027F20"))
    card.transmit(bytes.fromhex("00A40004026F38"))
    with pytest.raises(ReaderError):
        card.transmit(bytes.fromhex("00B000000A"))
    assert set(modem.sent) == {deep, in_gsm, 'AT+CRSM=176,28472,0,0,10,"","7F20"'}


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00A4040407A0000000871002", "9000"),
        ("00A4040407A0000000871004", "6A82"),
        ("00B000000A", "6986"),
        ("00A4080402", "6D00"),
    ],
    ids=["usim", "another application", "nothing selected", "by path"],
)
def test_crsm_answers_itself_what_the_modem_cannot(command, answer):
    modem = ScriptedModem({})
    assert CrsmTransport(modem).transmit(bytes.fromhex(command)) == bytes.fromhex(answer)
    assert modem.sent == []


def test_crsm_asks_for_no_tries_and_shows_no_pin():
    modem = ScriptedModem({})
    card = CrsmTransport(modem)
    pin1 = read_pin1(card, 0x00, FileInfo("df", pin1_enabled=True))
    assert pin1.retries.known is None
    assert modem.sent == []


def test_a_pin_that_was_ordered_goes_through_no_apdu_command_of_a_modem():
    modem = ScriptedModem({'AT+CCHO="A0000000871002"': ["1"]})
    card = SimulatedCard.from_toml(CARDS / "pin_locked.toml")
    sent = []

    class Tapped(MemoryTransport):
        def transmit(self, command):
            sent.append(command)
            return super().transmit(command)

    tapped = Tapped(card.transmit)
    order = PinOrder("verify", PinValue("1234"))
    carry_out(tapped, CardFilesystem(tapped), order, Iccid(card.iccid))
    for transport in (CsimTransport(modem), LogicalChannelTransport(modem)):
        with pytest.raises(ApduProtocolError, match="modem's own command"):
            transport.transmit(sent[-1])
    assert [text for text in modem.sent if "1234" in text or "31323334" in text] == []


def test_crsm_says_when_there_is_no_such_file():
    modem = ScriptedModem({"AT+CRSM=192,12258,0,0,0": ["+CRSM: 106,130", "OK"]})
    assert CrsmTransport(modem).transmit(bytes.fromhex("00A40004022FE2")) == b"\x6a\x82"


class Card:
    """Answers by table; anything else is refused with 6D00."""

    name = "memory"

    def __init__(self, answers):
        self.answers = answers

    def transmit(self, command):
        return bytes.fromhex(self.answers.get(command.hex().upper(), "6D00"))

    def close(self):
        pass


@pytest.mark.parametrize(
    ("answers", "content"),
    [
        (
            {
                "00A4000C023F00": "9000",
                "00A4000C022FE2": "9000",
                "00B000000A": ICCID.hex() + "9000",
            },
            ICCID,
        ),
        (
            {
                "00A4000C023F00": "6E00",
                "A0A40000023F00": "9F16",
                "A0A40000022FE2": "9F0F",
                "A0B000000A": ICCID.hex() + "9000",
            },
            ICCID,
        ),
        (
            {
                "00A4000C023F00": "611C",
                "00A4000C022FE2": "611C",
                "00B000000A": "610A",
                "00C000000A": ICCID.hex() + "9000",
            },
            ICCID,
        ),
        ({"00A4000C023F00": "9000", "00A4000C022FE2": "6A82"}, None),
        ({}, None),
    ],
    ids=["UICC", "SIM", "T=0 passed on as it comes", "no file", "nothing"],
)
def test_ef_iccid_is_read_of_a_uicc_and_of_a_sim(answers, content):
    assert read_ef_iccid(Card(answers)) == content
