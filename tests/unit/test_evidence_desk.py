"""What the daemon answers to those who hand evidence over, whatever they ask."""

from types import SimpleNamespace

import pytest

from agent.control import error_answer
from agent.errors import AgentError
from agent.evidence_desk import EvidenceDesk
from tests.unit.evidence_helpers import RAW, document_of
from tests.unit.test_outgoing import Gateway


class Desk:
    """A desk whose store's thread answers at once."""

    def __init__(self, folder, uplink=None):
        self.gateway = Gateway(folder)
        recorder = SimpleNamespace(uplink=uplink)
        self.desk = EvidenceDesk(recorder, lambda _recorder, question, _asked: self._do(question))

    def _do(self, question):
        store = self.gateway.store
        try:
            with store.transaction():
                return {"v": 1, "document": question.work(store.connection, self.gateway.out)}
        except AgentError as error:
            return error_answer(error.text, error.exit_code, **error.fields)

    def publish(self, document, kind="unbind"):
        return self.desk.publish({"ask": "publish_evidence", "kind": kind, "document": document})

    def state(self, store, seq):
        asked = {"ask": "evidence_state", "store": store, "seq": seq}
        return self.desk.state(asked)["document"]


@pytest.fixture
def desk(tmp_path):
    opened = Desk(tmp_path, SimpleNamespace(problem="the broker does not answer"))
    yield opened
    opened.gateway.store.close()


def test_a_document_gets_its_row_and_its_row_has_a_state(desk):
    first = desk.publish(document_of())["document"]
    assert desk.publish(document_of())["document"] == {**first, "new": False}
    assert desk.state(first["store"], first["seq"]) == {
        "acked": False,
        "refused": None,
        "store": first["store"],
        "broker": True,
        "problem": "the broker does not answer",
    }
    desk.gateway.change(lambda: desk.gateway.outbox.acknowledge(first["store"], 1))
    assert desk.state(first["store"], first["seq"])["acked"]


def test_without_a_broker_that_is_said(tmp_path):
    alone = Desk(tmp_path)
    assert alone.state("0f3c9a11", 1)["broker"] is False
    alone.gateway.store.close()


@pytest.mark.parametrize(
    ("store", "seq"),
    [("ffffffff", 1), (None, 1), (7, 1), *((True, n) for n in (None, "1", 0, 2, 1.0))],
)
def test_a_state_that_nobody_can_know_is_not_acked(desk, store, seq):
    desk.publish(document_of())
    own = desk.gateway.out.store
    desk.gateway.change(lambda: desk.gateway.outbox.acknowledge(own, 1))
    assert desk.state(own, 1)["acked"]
    assert desk.state(own if store is True else store, seq)["acked"] is False


def test_a_document_of_another_kind_than_is_said_gets_no_row(desk):
    assert desk.publish(document_of(), kind="closing")["error"]["exit"] == 2


@pytest.mark.parametrize(
    "document",
    [None, [], "text", {}, {"schema": "simward/evidence/1"}, {"a": float("nan")}, {"a": "\ud800"}],
)
def test_what_is_no_evidence_gets_no_row(desk, document):
    answer = desk.publish(document)
    assert answer["error"]["exit"] == 2
    assert desk.gateway.outbox.unsent(0, 10) == ()


def test_the_file_in_the_row_is_the_one_that_was_signed(desk):
    desk.publish(document_of())
    (row,) = desk.gateway.outbox.unsent(0, 10)
    assert RAW.strip() in row.body
