"""Whatever a simulated card is asked, it answers as a card or not at all, and counts right."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sim.simulator import SimulatedCard

CARDS = sorted((Path(__file__).parents[2] / "hardware_fixtures" / "cards").glob("*.toml"))
INSTRUCTIONS = (
    0xA4, 0xB0, 0xB2, 0xC0, 0xD6, 0xDC, 0xF2, 0x10, 0x12, 0x14, 0x20, 0x24, 0x26, 0x28, 0x2C, 0x70,
    0x88, 0xC2, 0xE2,
)  # fmt: skip
SPENDING = {0x20, 0x24, 0x26, 0x28, 0x2C}
FIDS = tuple(bytes.fromhex(fid) for fid in ("3F00", "7FFF", "7F10", "2F00", "2FE2", "6F07", "6F3C"))


@st.composite
def commands(draw):
    """Commands that are about right: known instructions, classes and files, any parameters."""
    cla = draw(st.sampled_from((0x00, 0x01, 0x80, 0xA0, 0x40)) | st.integers(0, 255))
    head = bytes((cla, draw(st.sampled_from(INSTRUCTIONS) | st.integers(0, 255))))
    head += bytes(
        (draw(st.integers(0, 255)), draw(st.sampled_from((0, 4, 12)) | st.integers(0, 255)))
    )
    data = draw(st.sampled_from(FIDS) | st.binary(max_size=40))
    return (
        head
        + draw(st.sampled_from((b"", b"\x00", bytes((len(data),)) + data)))
        + draw(st.sampled_from((b"", b"\x00")))
    )


@given(st.sampled_from(CARDS), st.lists(commands() | st.binary(max_size=12), max_size=30))
def test_any_command_gets_a_status_word_or_silence(path, sequence):
    card = SimulatedCard.from_toml(path)
    broken = path.stem == "failing"
    for apdu in sequence:
        before = card.retries()
        answer = card.transmit(apdu)
        assert broken or len(answer) >= 2
        assert len(answer) <= 258 or broken
        spends = len(apdu) > 5 and apdu[1] in SPENDING
        assert spends or card.retries() == before
    assert len(card.log) == len(sequence)


@given(st.lists(st.sampled_from(["1234", "0000", "9999"]), max_size=12))
def test_the_tries_of_a_pin_are_those_that_were_not_used_up(shown):
    card = SimulatedCard.from_toml(CARDS[0].with_name("pin_locked.toml"))
    left = card.retries()["pin1"]
    for value in shown:
        right = card.verify_pin(value)
        if left:
            left = 3 if value == "1234" else left - 1
            assert right == (value == "1234")
        else:
            assert not right
        assert card.retries()["pin1"] == left
