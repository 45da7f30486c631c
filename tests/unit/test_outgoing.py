"""Evidence gets one row, whatever happens between the row and the answer."""

import pytest

from agent.outgoing import Outgoing, Standing
from agent.report import Stamp
from agent.store import Store
from cloud_bridge.certificate import EvidenceError
from cloud_bridge.errors import MessageError
from cloud_bridge.evidence_entries import was_read
from cloud_bridge.outbox import Outbox
from tests.unit.evidence_helpers import HEAD_OF_UNBIND, KEY, OTHER_RAW, RAW, WHEN, sign

STAMP = Stamp(7, 900.5, None)


class Gateway:
    """A store with its outbox, as after a start; `again` is a new start on the same file."""

    def __init__(self, folder):
        self.folder = folder
        self.store = Store(folder, boot=7)
        self.outbox = Outbox(self.store.connection, stamp=STAMP.body)
        self.out = Outgoing(self.store.connection, self.outbox, lambda: STAMP)

    def evidence(self, raw=RAW):
        with self.store.transaction():
            return self.out.evidence(raw)

    def change(self, step):
        with self.store.transaction():
            step()

    def again(self):
        self.store.close()
        return Gateway(self.folder)


@pytest.fixture
def gateway(tmp_path):
    opened = Gateway(tmp_path)
    yield opened
    opened.store.close()


def rows(gateway):
    return [(row.seq, row.kind) for row in gateway.outbox.unsent(0, 100)]


def test_the_same_document_never_gets_two_rows(gateway):
    first = gateway.evidence()
    after_restart = gateway.again()
    again = after_restart.evidence()
    assert (first.new, again.new) == (True, False)
    assert again == (first.store, first.seq, False)
    assert after_restart.evidence(OTHER_RAW).seq == first.seq + 1
    assert rows(after_restart) == [(1, "evidence"), (2, "evidence")]


def test_nothing_is_remembered_of_a_row_that_was_not_committed(gateway):
    class Killed(BaseException):
        pass

    def die():
        gateway.out.evidence(RAW)
        raise Killed

    with pytest.raises(Killed):
        gateway.change(die)
    assert rows(gateway) == []
    assert gateway.evidence().new


def test_only_an_ack_that_covers_the_row_is_an_ack(gateway):
    queued = gateway.evidence()
    gateway.change(lambda: gateway.out.event("modem_lost", {"slot": 1}))
    gateway.change(lambda: gateway.outbox.delivered((1, 2)))
    assert gateway.out.standing(queued.store, queued.seq) == Standing(acked=False)
    gateway.change(lambda: gateway.outbox.acknowledge(queued.store, 0))
    assert not gateway.out.standing(queued.store, queued.seq).acked
    gateway.change(lambda: gateway.outbox.acknowledge(queued.store, 1))
    assert gateway.out.standing(queued.store, queued.seq).acked
    assert not gateway.out.standing("ffffffff", queued.seq).acked
    again = gateway.again()
    assert again.evidence() == (queued.store, queued.seq, False)
    assert again.out.standing(queued.store, queued.seq).acked
    assert rows(again) == [(2, "event")]


def test_evidence_that_a_broker_refused_gets_another_row_when_it_is_handed_in_again(gateway):
    queued = gateway.evidence()
    gateway.change(lambda: gateway.out.refused(queued.seq, "too long"))
    assert gateway.out.standing(queued.store, queued.seq) == Standing(False, "too long")
    again = gateway.evidence()
    assert (again.new, again.seq > queued.seq) == (True, True)
    assert gateway.out.standing(again.store, again.seq) == Standing(acked=False)
    gateway.change(lambda: gateway.out.refused(queued.seq, "said late"))
    assert gateway.out.standing(again.store, again.seq) == Standing(acked=False)


def deep(levels):
    value = "bottom"
    for _ in range(levels):
        value = {"in": value}
    return sign(HEAD_OF_UNBIND, [was_read(WHEN, "deep", value, "AT")], KEY)


def test_what_no_message_can_carry_is_refused(gateway):
    with pytest.raises(EvidenceError):
        gateway.evidence(RAW[:-1])
    assert gateway.evidence(deep(8)).new
    with pytest.raises(MessageError, match="deeply"):
        gateway.evidence(deep(14))
    assert len(rows(gateway)) == 1
