"""Evidence of an installation: what is in it, and that it is of the transaction that records it."""

from datetime import UTC, datetime

import pytest

from agent.binding.attestation import FOLDER, bind_signed
from agent.binding.installation import Wish
from agent.outgoing import Outgoing
from agent.signer import Signer
from agent.state_dir import StateDir
from agent.store import Store
from cloud_bridge.certificate import verify
from cloud_bridge.evidence import canonical
from cloud_bridge.outbox import Outbox
from tests.unit.test_binding import account, order, shown

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)


class Bench:
    """A gateway's store and key."""

    def __init__(self, folder):
        self.state_dir = StateDir(folder)
        self.store = Store(folder, boot=7)
        self.outbox = Outbox(self.store.connection, stamp=shown().stamp.body)
        self.out = Outgoing(self.store.connection, self.outbox, lambda: shown().stamp)
        self.signer = Signer(self.state_dir, "a1b2c3d4e5", lambda: NOW)

    def bind(self, wish=Wish()):  # noqa: B008 - frozen
        with self.store.transaction():
            return bind_signed(self.store.connection, shown(), wish, self.out, self.signer)

    def files(self):
        folder = self.state_dir.path / FOLDER
        return sorted(folder.iterdir()) if folder.exists() else []

    def close(self):
        self.store.close()
        self.state_dir.close()


@pytest.fixture
def bench(tmp_path):
    opened = Bench(tmp_path)
    yield opened
    opened.close()


def bodies(evidence, what):
    return [body for body in evidence.bodies if body["what"] == what]


def test_it_holds_readings_with_their_commands_account_facts_and_what_was_recorded(bench):
    document = bench.bind(Wish(order=order(), account=account(), technician="李工"))
    (file,) = bench.files()
    evidence = verify(file.read_bytes(), public_key=document["public_key"])
    head = evidence.head
    assert (head["kind"], head["gw"], head["store"]) == ("bind", "a1b2c3d4e5", bench.outbox.store)
    assert (head["order_id"], head["iccid"]) == (document["order_id"], document["iccid"])
    read = {body["path"]: body for body in bodies(evidence, "read")}
    assert read["sim.iccid"]["value"] == document["iccid"]
    assert read["account"]["value"]["platform"] == account().platform
    assert "real_name" not in read["account"]["value"]
    assert read["bindings.billing_side"]["value"] == document["bindings"]["billing_side"]
    assert bodies(evidence, "answered")[0]["value"] == "李工"
    (done,) = bodies(evidence, "done")
    assert (done["entry"], done["hash"]) == (document["entry"], document["hash"])
    assert done["public_key"] == document["public_key"]


def test_the_row_for_the_backend_carries_the_very_file(bench):
    document = bench.bind()
    rows = [row for row in bench.outbox.unsent(0, 100) if row.kind == "evidence"]
    assert [row.seq for row in rows] == [document["evidence"]["seq"]]
    assert canonical(document["evidence"]["document"]) + b"\n" == bench.files()[0].read_bytes()


def test_the_key_is_in_the_history_of_pairings(bench):
    document = bench.bind()
    (body,) = bench.store.connection.execute("SELECT body FROM pairings WHERE n = 2").fetchone()
    assert f'"public_key":"{document["public_key"]}"' in body


def test_who_only_looks_leaves_nothing_behind(bench):
    assert bench.bind(Wish(record=False))["public_key"] is None
    key = bench.signer.public_key()
    document = bench.bind(Wish(record=False))
    assert (document["public_key"], document["evidence"]) == (key, None)
    assert bench.files() == []
