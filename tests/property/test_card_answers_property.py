"""Whatever a card answers, each reader of it gives a value or a `SimError`; nothing else happens.

The answers are those of simulated cards, out of place, damaged, cut, or bytes without any sense, so
that the readers get deep into a card that contradicts itself at every step.
"""

import json
from collections import defaultdict
from pathlib import Path
from random import Random

import pytest

from sim.apdu import read_binary, select_by_fid
from sim.errors import FileDecodeError, SimError
from sim.euicc import isd_r
from sim.exchange import exchange
from sim.files.registry import ALL_FILES
from sim.filesystem import CardFilesystem
from sim.identity import read_identity
from sim.inspector import inspect
from sim.simulator import SimulatedCard
from sim.survey import Manners, survey

CARDS = sorted((Path(__file__).parents[2] / "hardware_fixtures" / "cards").glob("*.toml"))
ABOUT_PINS = {0x20, 0x2C}
ASKED = {0xA4, 0xB0, 0xB2, 0xC0, 0xF2, 0x70, 0xE2, *ABOUT_PINS}
STATUS_WORDS = [
    sw.to_bytes(2, "big")
    for sw in (
        0x9000, 0x9000, 0x9000, 0x6100, 0x6110, 0x61FF, 0x6C00, 0x6C10, 0x9F16, 0x9F00, 0x910B,
        0x6283, 0x6282, 0x6310, 0x63C0, 0x6700, 0x6981, 0x6982, 0x6983, 0x6A82, 0x6A83, 0x6A86,
        0x6B00, 0x6D00, 0x6E00, 0x6F00, 0x9300, 0x9400, 0x9404, 0x9804, 0xFFFF, 0x0000, 0x6080,
    )
]  # fmt: skip
MOST_COMMANDS = 60_000  # of one reading; a card of 200 files with 250 records each has fewer
PATHS = ("MF/EF.ICCID", "MF/EF.DIR", "MF/ADF.USIM/EF.IMSI", "MF/ADF.ISIM/EF.IMPI", "MF/DF.GSM/6F07")


class Kept:
    """A simulated card whose answers are kept, by the instruction that they answered."""

    name = "kept"

    def __init__(self, card, answers):
        self.card, self.answers = card, answers

    def transmit(self, command):
        answer = self.card.transmit(command)
        self.answers[command[1]].add(answer)
        return answer

    def close(self):
        pass


class Anything:
    """Answers as some card might, or none would; `wildness` is how often it makes no sense."""

    name = "anything"

    def __init__(self, answers, random, wildness):
        self.answers, self.random, self.wildness = answers, random, wildness
        self.asked = 0

    def transmit(self, command):
        assert command[1] in ASKED
        # Without a PIN or PUK: it asks for the tries that are left, and costs none.
        assert command[1] not in ABOUT_PINS or command[4:] == b"\x00"
        self.asked += 1
        if self.random.random() >= self.wildness:
            return self.random.choice(self.answers[command[1]])
        return self.damaged(self.random.choice(self.answers[command[1]]))

    def damaged(self, answer):
        kind, random = self.random.randrange(6), self.random
        if kind == 0:
            return random.choice(STATUS_WORDS)
        if kind == 1:
            return random.randbytes(random.randrange(40))
        if kind == 2:
            return random.randbytes(random.randrange(256)) + random.choice(STATUS_WORDS)
        if kind == 3:
            return answer[: random.randrange(len(answer) + 1)]
        content = bytearray(answer)
        for _ in range(random.randrange(1, 4)):
            if content:
                content[random.randrange(len(content))] = random.randrange(256)
        return bytes(content)

    def close(self):
        pass


@pytest.fixture(scope="module")
def answers():
    """What the simulated cards answered to everything that simward asks."""
    kept = defaultdict(set)
    for path in CARDS:
        for read in READERS:
            outcome(lambda path=path, read=read: read(Kept(SimulatedCard.from_toml(path), kept)))
    return {ins: sorted(kept[ins]) for ins in ASKED}


def whole(manners):
    return lambda transport: survey(transport, manners=manners).to_json()


def euicc(transport):
    with isd_r(transport) as asked:
        return asked.read().to_json()


READERS = (
    lambda transport: exchange(transport, select_by_fid(0x3F00)).sw,
    lambda transport: exchange(transport, read_binary(0, 256)).sw,
    *(lambda transport, path=path: CardFilesystem(transport).read(path)[1] for path in PATHS),
    lambda transport: inspect(transport).to_json(),
    lambda transport: inspect(transport, ALL_FILES).to_json(),
    lambda transport: repr(read_identity(transport)),
    euicc,
    whole(Manners.HOST),
    whole(Manners.GUEST),
)


def outcome(call):
    """What a call returned and what it refused with; any other error is a failure."""
    try:
        return call(), None
    except SimError as error:
        return None, error


def readings(answers, count, seed):
    """How many readings of each kind (value, refusal) `count` answers were enough for."""
    random, given, values, refusals = Random(seed), 0, 0, 0
    while given < count:
        for read in READERS:
            card = Anything(answers, random, random.choice((0.01, 0.1, 0.5, 1.0)))
            value, error = outcome(lambda read=read, card=card: read(card))
            assert card.asked < MOST_COMMANDS
            given += card.asked
            json.dumps(value, default=bytes.hex)
            values, refusals = values + (error is None), refusals + (error is not None)
            assert error is None or str(error)
            if isinstance(error, FileDecodeError):
                assert error.file
                assert error.offset >= 0
    return values, refusals


def test_any_of_100000_answers_is_read_as_a_value_or_refused(answers):
    values, refusals = readings(answers, 100_000, "answers")
    assert min(values, refusals) > 20


@pytest.mark.long
def test_any_of_a_million_answers_is_read_as_a_value_or_refused(answers):
    values, refusals = readings(answers, 1_000_000, "more answers")
    assert min(values, refusals) > 200
