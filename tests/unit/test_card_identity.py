"""Who a card is, in at most twelve commands."""

from pathlib import Path

import pytest

from sim.errors import ApduProtocolError, StatusWordError
from sim.identity import read_identity
from sim.simulator import SimulatedCard
from sim.transport.memory import MemoryTransport

CARDS = Path(__file__).parents[2] / "hardware_fixtures" / "cards"
MOST_COMMANDS = 12
FILES_OF_ANOTHER_SIZE = {"damaged": 1}
"""Each is asked once more, with the length that the card named."""
READING = {0xA4, 0xB0, 0xC0}
QUESTION = bytes.fromhex("0020000100")
"""VERIFY without a PIN: how many tries are left."""


def identity_of(name):
    card = SimulatedCard.from_toml(CARDS / f"{name}.toml")
    who = read_identity(MemoryTransport(card.transmit))
    return card, who


WHO = {
    # iccid, imsi, mnc_length, spn
    "usim_test": ("89001010000000000018", "001010123456789", 2, "Test Net"),
    "sim_2g": ("8900101000000000001", "001010000000102", None, None),
    "cmcc_hex_iccid": ("898600A01234B5678C90", "001010123456780", 2, "测试网"),
    "pin_locked": ("89001010000000000026", None, 2, None),
    "euicc": ("89001010000000000075", "001010123456788", 2, "Test Net"),
    "euicc_empty": (None, None, None, None),
    "damaged": (None, None, None, None),
}


def plain(reading):
    return getattr(reading.known, "value", reading.known)


@pytest.mark.parametrize(("name", "expected"), WHO.items(), ids=WHO)
def test_who_a_card_is_takes_twelve_commands_at_most_and_only_reading_ones(name, expected):
    card, who = identity_of(name)
    assert (plain(who.iccid), plain(who.imsi), who.mnc_length.known, who.spn.known) == expected
    for reading in who[:4]:
        assert (reading.known is None) == bool(reading.reason)
    assert len(card.log) <= MOST_COMMANDS + FILES_OF_ANOTHER_SIZE.get(name, 0)
    assert {a.command[1] for a in card.log if a.command != QUESTION} <= READING


def test_the_card_is_left_where_a_modem_works():
    for name in ("usim_test", "sim_2g"):
        card, _ = identity_of(name)
        answer = card.transmit(
            bytes.fromhex("00A4000C026F07" if name != "sim_2g" else "A0A40000026F07")
        )
        assert answer[-2] in {0x90, 0x9F}


def test_what_a_card_says_of_pin1_is_told_and_nothing_else():
    assert [reading.known for reading in identity_of("sim_2g")[1].pin1] == [False, 3, 10]
    assert [reading.known for reading in identity_of("usim_test")[1].pin1] == [False, 3, None]
    card, who = identity_of("pin_locked")
    assert [reading.known for reading in who.pin1] == [True, 2, None]
    assert (who.locked, who.imsi.reason) == (True, "PIN or key required")
    assert card.retries()["pin1"] == 2


@pytest.mark.parametrize(
    ("answer", "error"), [(b"", ApduProtocolError), (b"\x6e\x00", StatusWordError)]
)
def test_what_is_no_sim_is_said_so(answer, error):
    with pytest.raises(error):
        read_identity(MemoryTransport(lambda _: answer))


def test_a_card_that_falls_silent_after_the_master_file_is_no_answer():
    answers = iter([bytes.fromhex("9000")])
    with pytest.raises(ApduProtocolError):
        read_identity(MemoryTransport(lambda _: next(answers, b"")))
