"""Whatever the bytes, a file says what they mean or names the offset; nothing else ever happens."""

import json
from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.apdu import ResponseApdu, read_binary, select_by_fid
from sim.errors import FileDecodeError, SimError
from sim.exchange import exchange
from sim.fcp import parse_fcp, parse_gsm_select
from sim.files.registry import ALL_FILES, find_file
from sim.filesystem import CardFilesystem
from sim.inspector import inspect
from sim.simulator import SimulatedCard, encoding
from sim.survey import survey
from sim.t0 import Done, Send, next_step
from sim.tlv import read_tlvs
from sim.transport.memory import MemoryTransport


def outcome(call):
    """What a call returned and what it refused with; anything but the given error is a failure."""
    try:
        return call(), None
    except SimError as error:
        return None, error


DIGITS = st.text("0123456789", min_size=6, max_size=15)


def bodies(file, random):
    """Bytes without end: at random, and what the file's own vectors become when damaged."""
    vectors = [bytes.fromhex(vector.raw_hex) for vector in file.vectors]
    while True:
        yield random.randbytes(random.randrange(64))
        content = bytearray(random.choice(vectors))
        for _ in range(random.randrange(1, 4)):
            content[random.randrange(len(content))] = random.randrange(256)
        yield bytes(content)
        yield bytes(content[: random.randrange(len(content) + 1)])
        yield bytes(content) + random.randbytes(random.randrange(8))


def misplaced(file, content):
    """What is wrong with how `file` takes `content`, or None; and whether it was refused."""
    try:
        json.dumps(file.decode(content))
    except FileDecodeError as error:
        right = error.file == file.name and 0 <= error.offset <= len(content)
        return None if right else (file.name, content.hex(), error), True
    return None, False


def refusals(count):
    """How many of `count` bodies were refused; each as it should be, and the others as values."""
    refused = 0
    for file in ALL_FILES:
        for content in islice(bodies(file, Random(file.name)), count // len(ALL_FILES)):
            wrong, was_refused = misplaced(file, content)
            assert wrong is None
            refused += was_refused
    return refused


def test_any_of_100000_bodies_is_a_value_or_a_named_offset():
    assert refusals(100_000) > 10_000


@pytest.mark.long
def test_any_of_a_million_bodies_is_a_value_or_a_named_offset():
    assert refusals(1_000_000) > 100_000


@given(imsi=DIGITS)
def test_an_imsi_that_the_card_wrote_is_read(imsi):
    assert find_file("EF.IMSI").decode(encoding.ef_imsi(imsi)) == {"imsi": imsi}


@given(tail=st.text("0123456789", min_size=16, max_size=18))
def test_an_iccid_that_the_card_wrote_is_read(tail):
    assert find_file("EF.ICCID").decode(encoding.ef_iccid("89" + tail)) == {"iccid": "89" + tail}


@given(number=st.text("0123456789", min_size=1, max_size=20), plus=st.booleans())
def test_a_number_that_the_card_wrote_is_read(number, plus):
    text = "+" + number if plus else number
    value = find_file("EF.MSISDN").decode(encoding.ef_msisdn(text, "Own"))
    assert (value["number"], value["alpha"], value["empty"]) == (text, "Own", False)


@given(content=st.binary(max_size=80))
def test_any_answer_to_select_is_a_description_or_a_decode_error(content):
    for parse in (parse_fcp, parse_gsm_select, lambda raw: list(read_tlvs(raw))):
        _, error = outcome(lambda parse=parse: parse(content))
        assert error is None or 0 <= error.offset <= len(content)


@given(sw=st.integers(0, 0xFFFF), data=st.binary(max_size=4))
def test_any_answer_has_a_next_step_that_can_be_sent(sw, data):
    for command in (select_by_fid(0x3F00), select_by_fid(0x3F00, 0xA0), read_binary(0, 256)):
        step = next_step(command, ResponseApdu(data, sw))
        assert isinstance(step, Done) or len(step.command.to_bytes()) >= 5
        assert isinstance(step, Send | Done)


@given(answers=st.lists(st.binary(max_size=12), min_size=1, max_size=40))
def test_a_card_that_answers_anything_breaks_nothing(answers):
    stream = iter(answers * 60)

    def anything(_):
        return next(stream, b"\x6f\x00")

    transport = MemoryTransport(anything)
    for read in (
        lambda: exchange(transport, select_by_fid(0x3F00)),
        lambda: CardFilesystem(transport).read("MF/EF.ICCID"),
        lambda: json.dumps(inspect(transport, [find_file("EF.IMSI")]).to_json()),
        lambda: json.dumps(survey(transport).to_json()),
    ):
        value, error = outcome(read)
        assert value is not None or str(error)


@given(apdu=st.binary(max_size=24))
def test_the_simulated_card_answers_any_bytes_with_a_status_word(apdu):
    card = SimulatedCard.load({"name": "any", "identity": {"iccid": "89001010000000000018"}})
    assert 0x6000 <= ResponseApdu.from_bytes(card.transmit(apdu)).sw <= 0x9FFF
