"""A record of a card is replaced on order alone, and only what the order names."""

import pytest

from sim.errors import RecordChanged, StatusWordError
from sim.filesystem import CardFilesystem
from sim.simulator import SimulatedCard
from sim.transport.memory import MemoryTransport
from sim.update import RecordOrder, carry_out

LINEAR, CYCLIC = "MF/6F44", "MF/6F45"
UPDATE = 0xDC


def card(**words):
    identity = {"iccid": "89001010000000000018", "imsi": "001010123456789", "mnc_length": 2}
    files = [
        {"path": LINEAR, "records": ["A1A1", "B2B2", "FFFF"], "structure": "linear_fixed"},
        {"path": CYCLIC, "records": ["A1A1", "B2B2", "FFFF"], "structure": "cyclic"},
    ]
    for file in files:
        file.update({"read": "always", "update": "always", **words})
    return SimulatedCard.load({"name": "t", "identity": identity, "file": files})


def order(path=LINEAR, record=2, before="B2B2", after="FFFF"):
    return RecordOrder(path, record, bytes.fromhex(before), bytes.fromhex(after))


def give(target, wish):
    transport = MemoryTransport(target.transmit)
    return carry_out(transport, CardFilesystem(transport), wish)


def records(target, path=LINEAR):
    return [each.hex().upper() for each in target.file(path.removeprefix("MF/")).records]


def test_a_record_is_replaced_and_read_back():
    target = card()
    assert give(target, order()) is True
    assert records(target) == ["A1A1", "FFFF", "FFFF"]
    after_it = [a.command[1] for a in target.log][
        [a.command[1] for a in target.log].index(UPDATE) :
    ]
    assert 0xB2 in after_it


def test_what_reads_as_ordered_is_not_written_again():
    target = card()
    give(target, order())
    assert give(target, order()) is False
    assert target.asked(UPDATE) == 1


def test_what_the_order_does_not_name_stays():
    target = card()
    with pytest.raises(RecordChanged, match="record 2 is not what the backup has"):
        give(target, order(before="B2B3"))
    assert records(target) == ["A1A1", "B2B2", "FFFF"]
    assert target.asked(UPDATE) == 0


def test_a_cyclic_file_loses_its_oldest_record_and_only_if_it_is_the_one_that_is_named():
    target = card()
    assert give(target, order(CYCLIC, 3, "FFFF", "C3C3")) is True
    assert records(target, CYCLIC) == ["C3C3", "A1A1", "B2B2"]
    with pytest.raises(RecordChanged):
        give(target, order(CYCLIC, 3, "FFFF", "D4D4"))
    assert records(target, CYCLIC) == ["C3C3", "A1A1", "B2B2"]


@pytest.mark.parametrize("path", [LINEAR, CYCLIC])
def test_what_the_card_forbids_is_said_and_not_tried_again(path):
    target = card(update="adm")
    wish = order(path, 3, "FFFF", "C3C3")
    with pytest.raises(StatusWordError, match="UPDATE RECORD: 6982"):
        give(target, wish)
    assert target.asked(UPDATE) == 1


@pytest.mark.parametrize("sw", ["9202", "63C1", "9110"])
def test_a_success_after_retries_is_one_where_it_reads_so(sw):
    target = card()

    def answer(command):
        said = target.transmit(command)
        return bytes.fromhex(sw) if command[1] == UPDATE else said

    transport = MemoryTransport(answer)
    assert carry_out(transport, CardFilesystem(transport), order()) is True


def test_a_success_that_was_none_is_noticed():
    target = card()

    def answer(command):
        return b"\x90\x00" if command[1] == UPDATE else target.transmit(command)

    transport = MemoryTransport(answer)
    with pytest.raises(RecordChanged, match="does not read as it was written") as caught:
        carry_out(transport, CardFilesystem(transport), order())
    assert caught.value.written
