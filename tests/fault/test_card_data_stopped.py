"""Clearing and restoring stopped at every write, before or after it: the rest goes on.

What stops is the way to the card, for good: for the run it is as if it were killed there. What the
next run knows is the backup and the card, as after a kill.
"""

import pytest

from agent.backup import backup_of
from agent.card_changes import ClearEntry, change_of, change_on_card, cleared_entry
from agent.cli.plan_steps import carry_out
from agent.personal import personal_on_card
from agent.wiping import plan_restore, plan_wipe
from modem import books
from modem.commands.changing import DeleteEntry
from modem.engine import Engine
from modem.errors import AtProtocolError, PortUnavailable
from modem.interview import Interview
from modem.simulator.modem import SimulatedModem
from modem.vendors.select import load_profile
from sim.errors import ReaderError
from sim.personal import PersonalFile, is_free
from sim.transport.memory import MemoryTransport
from tests.device_stream import TAKEN_AT, DeviceStream
from tests.unit.card_data_helpers import empty_card, full_card, records

UPDATE = 0xDC


class Stopping(MemoryTransport):
    """A way to a card that ends at write number `at`: before the card hears of it, or after."""

    def __init__(self, card, at=None, *, heard=False):
        super().__init__(card.transmit)
        self._left = at
        self._heard = heard
        self.writes = 0

    def transmit(self, command):
        if command[1] == UPDATE:
            self.writes += 1
            if self._left is not None and self.writes >= self._left:
                if self._heard and self.writes == self._left:
                    super().transmit(command)
                raise ReaderError("gone")
        return super().transmit(command)


class Desk:
    """What carries a plan out in a reader, without the command line."""

    def __init__(self, transport):
        self._transport = transport

    def personal(self):
        return personal_on_card(self._transport)

    def change(self, request):
        return change_on_card(self._transport, change_of(request))


class StoppingEngine(Engine):
    """An engine whose port goes away at write number `at` to a phone book."""

    def __init__(self, stream, at, *, heard):
        super().__init__(stream, clock=stream.clock)
        self._until = at
        self._goes_out = heard

    def run(self, command, timeout_s=None):
        if isinstance(command, DeleteEntry):
            self._until -= 1
            if self._until == 0:
                if self._goes_out:
                    super().run(command, timeout_s)
                raise PortUnavailable("test", "gone")
        return super().run(command, timeout_s)


class ModemDesk(Desk):
    """The same for the card in a modem, and the modem's own phone book."""

    def __init__(self, device, at=0, *, heard=False):
        super().__init__(MemoryTransport(device.state.card.transmit))
        stream = DeviceStream(device)
        engine = StoppingEngine(stream, at, heard=heard)
        self._ask = Interview(engine, load_profile("quectel_ec2x"), lambda: TAKEN_AT)

    def personal(self):
        own = books.read_own_books(self._ask, contents=True, last_dialled_is_cards=True)
        return {**super().personal(), "modem": {"books": own.to_json()}}

    def change(self, request):
        change = change_of(request)
        if isinstance(change, ClearEntry):
            return cleared_entry(self._ask, change)
        return super().change(request)


def run(card, make_plan, backup, at=None, *, heard=False):
    """The plan, what was done, and how many writes that took."""
    transport = Stopping(card, at, heard=heard)
    desk = Desk(transport)
    plan = make_plan(desk.personal(), backup)
    done = []
    try:
        carry_out(desk, plan, lambda step: done.append((step.path, step.record)))
    except ReaderError:
        assert at is not None
    return plan, done, transport.writes


def saved(card):
    document = Desk(MemoryTransport(card.transmit)).personal()
    return document, backup_of(document)


def used(found):
    return {
        path: [raw for raw in every if not is_free(NAME[path], raw)]
        for path, every in found.items()
    }


_FILES = [PersonalFile.from_json(each) for each in saved(full_card())[0]["files"]]
_NAMED = {file.path: file.file for file in _FILES}
NAME = {
    path: _NAMED.get(f"MF/{path.replace('5F3A', 'DF.PHONEBOOK')}", "")
    for path in records(full_card())
} | {
    "ADF.USIM/6F3C": "EF.SMS", "ADF.USIM/6F47": "EF.SMSR", "ADF.USIM/6F80": "EF.ICI",
    "ADF.USIM/6F81": "EF.OCI", "DF.TELECOM/6F3A": "EF.ADN",
}  # fmt: skip
WRITES_TO_WIPE = run(full_card(), plan_wipe, saved(full_card())[1])[2]
WRITES_TO_RESTORE = run(empty_card(), plan_restore, saved(full_card())[1])[2]


def test_there_is_something_to_stop():
    assert WRITES_TO_WIPE > 25
    assert WRITES_TO_RESTORE > 20


@pytest.mark.parametrize("heard", [False, True], ids=["before the card", "behind the card"])
@pytest.mark.parametrize("at", range(1, WRITES_TO_WIPE + 1))
def test_a_wipe_that_is_stopped_at_a_write_goes_on_with_the_rest(at, heard):
    card = full_card()
    before = records(card)
    _, backup = saved(card)
    _, done, _ = run(card, plan_wipe, backup, at, heard=heard)
    half = used(records(card))
    for path, every in half.items():
        # What is there is what was there, in its order; what is not is in the backup.
        assert every == [raw for raw in before[path] if raw in every]
    plan, rest, _ = run(card, plan_wipe, backup)
    assert not any(used(records(card)).values())
    first = {(path, number) for path, number in done}
    # Of the write that was under way nobody was told: the card shows that it is done.
    assert first <= set(plan.before)
    assert len(set(plan.before) - first) <= 1
    assert set(plan.before) | set(rest) == {
        (file.path, number)
        for file in backup.files
        if file.kind not in {"structure", "dialling"}
        for number in file.records
    }


@pytest.mark.parametrize("heard", [False, True], ids=["before the card", "behind the card"])
@pytest.mark.parametrize("at", range(1, WRITES_TO_RESTORE + 1))
def test_a_restore_that_is_stopped_at_a_write_goes_on_and_writes_nothing_twice(at, heard):
    old, card = full_card(), empty_card()
    _, backup = saved(old)
    _, done, first = run(card, plan_restore, backup, at, heard=heard)
    plan, rest, second = run(card, plan_restore, backup)
    assert records(card) == records(old)
    assert first + second == WRITES_TO_RESTORE + (0 if heard else 1)
    assert set(done) <= set(plan.before)
    assert set(plan.before).isdisjoint(rest)


@pytest.mark.parametrize("at", range(1, WRITES_TO_WIPE + 1, 4))
def test_what_arrives_while_a_wipe_is_stopped_is_not_cleared(at):
    card = full_card()
    _, backup = saved(card)
    run(card, plan_wipe, backup, at, heard=True)
    sms = card.file("A0000000871002/6F3C")
    late = b"\x03\x07\x91" + bytes(range(173))
    sms.records[9] = late
    plan, _, _ = run(card, plan_wipe, backup)
    assert [raw for raw in sms.records if not is_free("EF.SMS", raw)] == [late]
    assert ("MF/ADF.USIM/EF.SMS", 10) in {(kept.path, kept.record) for kept in plan.kept}


def test_a_record_that_was_half_written_is_in_no_backup_and_stays():
    card = full_card()
    _, backup = saved(card)
    book = card.file("7F10/6F3A")
    torn = b"\xff" * 10 + book.records[0][10:]
    book.records[0] = torn
    plan, _, _ = run(card, plan_wipe, backup)
    assert book.records[0] == torn
    assert ("MF/DF.TELECOM/EF.ADN", 1) in {(kept.path, kept.record) for kept in plan.kept}
    run(card, plan_wipe, saved(card)[1])
    assert is_free("EF.ADN", book.records[0])


@pytest.mark.parametrize("heard", [False, True], ids=["before the modem", "behind the modem"])
@pytest.mark.parametrize("at", range(1, 5))
def test_a_wipe_that_is_stopped_in_the_modems_phone_book_goes_on_with_the_rest(at, heard):
    device = SimulatedModem.load("quectel_ec25", "")
    device.insert_card(empty_card())
    book = device.state.modem_books["ME"]
    for place in (1, 2, 5, 9):
        book.put(place, f"+9990000003{place}", f"王{place}")
    backup = backup_of(ModemDesk(device).personal())
    book.put(7, "+99900000040", "Later")
    stopped = ModemDesk(device, at, heard=heard)
    done = []
    with pytest.raises(AtProtocolError, match="gone"):
        carry_out(stopped, plan_wipe(stopped.personal(), backup), done.append)
    left = [entry.name for entry in book.entries() if entry]
    assert len(left) == 5 - (at - 1) - heard
    assert len(done) == at - 1
    desk = ModemDesk(device)
    plan = plan_wipe(desk.personal(), backup)
    noted = {(step.path, step.record) for step in done}
    assert noted <= set(plan.before)
    assert len(set(plan.before) - noted) == heard
    carry_out(desk, plan, lambda _: None)
    assert [entry.name for entry in book.entries() if entry] == ["Later"]
