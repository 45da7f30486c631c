"""A trace of a dialogue with a card: complete, replayable, and without a PIN."""

import pytest

from agent.cli.card_trace import replay_of
from agent.errors import UsageError
from sim.errors import ApduProtocolError, CardAbsent
from sim.transport.memory import MemoryTransport
from sim.transport.trace import RecordingTransport, ReplayTransport

SELECT = bytes.fromhex("00A40004023F00")
VERIFY = bytes.fromhex("0020000108") + b"1234\xff\xff\xff\xff"


class _Open:
    """A card without a guard at its door."""

    name = "open"

    def transmit(self, _command):
        return b"\x90\x00"

    def close(self):
        pass


def test_a_pin_is_not_written_and_the_trace_plays_all_the_same():
    lines = []
    recorder = RecordingTransport(_Open(), lines.append)
    recorder.transmit(VERIFY)
    recorder.transmit(SELECT)
    assert lines[0] == "> 0020000108\n"
    replay = ReplayTransport(lines)
    assert [replay.transmit(VERIFY), replay.transmit(SELECT)] == [b"\x90\x00"] * 2


def test_a_command_without_an_answer_is_a_comment():
    def pulled(_):
        raise CardAbsent

    lines = []
    recorder = RecordingTransport(MemoryTransport(pulled), lines.append)
    with pytest.raises(CardAbsent):
        recorder.transmit(SELECT)
    assert lines == ["# 00A40004023F00: CardAbsent\n"]
    with pytest.raises(ApduProtocolError, match="over"):
        ReplayTransport(lines).transmit(SELECT)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["no file", "no text"])
def test_a_trace_that_cannot_be_read_is_a_usage_error(tmp_path, content):
    path = tmp_path / "card.trace"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=str(path)):
        replay_of(str(path))
