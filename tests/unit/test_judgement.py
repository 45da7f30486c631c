"""What a backend finds of evidence that comes in, and what it keeps of it."""

import hashlib
import json

import pytest

from cloud_bridge.backend.evidence_shelf import MQTT
from cloud_bridge.backend.judgement import (
    BROKEN,
    INTACT,
    OTHER_GATEWAY,
    OTHER_KEY,
    OTHER_KIND,
    VERIFIED,
    file_of,
    judge,
)
from cloud_bridge.backend.store import BackendStore
from cloud_bridge.messages import Birth, Evidence, read
from tests.unit.evidence_helpers import (
    BODIES,
    HEAD_OF_UNBIND,
    ICCID,
    KEY,
    RAW,
    STRANGER,
    document_of,
    sign,
    tampered,
)

NOW, LATER = "2026-11-22T02:00:00.000000Z", "2026-11-22T03:00:00.000000Z"
GW = HEAD_OF_UNBIND.gw
STRANGERS = sign(HEAD_OF_UNBIND, BODIES, STRANGER)


@pytest.fixture
def store():
    opened = BackendStore(":memory:")
    yield opened
    opened.close()


def message(document, seq=1, kind="unbind", gw=GW) -> Evidence:
    body = {"v": 1, "gw": gw, "store": "0f3c9a11", "seq": seq, "boot": 7, "up_s": 1.5}
    (found,) = read("evidence", json.dumps({**body, "kind": kind, "document": document}).encode())
    assert isinstance(found, Evidence)
    return found


def birth(public_key, gw=GW) -> Birth:
    return Birth(gw=gw, boot=7, store="0f3c9a11", public_key=public_key)


def add(store, *args, **kwargs):
    with store.transaction():
        return store.add_evidence(message(*args, **kwargs), NOW)


@pytest.mark.parametrize(
    ("raw", "keys", "verdict"),
    [
        (RAW, (), INTACT),
        (RAW, (KEY.public,), VERIFIED),
        (RAW, (STRANGER.public, KEY.public), VERIFIED),
        (STRANGERS, (KEY.public,), OTHER_KEY),
        (RAW.replace(b"WO-2026-0001", b"WO-2026-0002"), (KEY.public,), BROKEN),
        (b"{}\n", (), BROKEN),
    ],
)
def test_the_verdict_depends_on_what_is_known_of_the_gateway(raw, keys, verdict):
    found = judge(raw, lambda _gw: keys)
    assert found.verdict == verdict
    assert found.sha256 == hashlib.sha256(raw).hexdigest()
    assert found.holds == (verdict in {INTACT, VERIFIED})


def test_no_tampered_file_holds_and_each_says_where():
    for name, raw, problem in tampered():
        found = judge(raw, lambda _gw: (KEY.public,))
        assert not found.holds, name
        assert (found.part, found.entry, found.reason) == problem, name


def test_the_file_that_was_signed_is_in_the_message_byte_by_byte(store):
    add(store, document_of())
    (kept,) = store.evidence.all()
    assert (kept.file, kept.way, kept.gw, kept.iccid) == (RAW, MQTT, GW, ICCID)


def test_a_broken_document_is_kept_with_its_verdict_and_uses_its_number_up(store):
    document = document_of()
    document["entries"][1]["body"]["note"] = "something else"
    taken = add(store, document)
    assert (taken.new, taken.found.verdict, taken.found.entry) == (True, BROKEN, 2)
    assert store.ack_position(GW, "0f3c9a11") == 1
    assert [each.verdict for each in store.evidence.all()] == [BROKEN]


@pytest.mark.parametrize("document", [{}, {"a": [1.5]}, {"schema": "simward/evidence/1"}])
def test_what_is_no_evidence_at_all_is_kept_under_the_gateway_that_sent_it(store, document):
    assert add(store, document).found.verdict == BROKEN
    (kept,) = store.evidence.all()
    assert (kept.gw, kept.kind, json.loads(kept.file)) == (GW, "unbind", document)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [({"gw": "otherother"}, OTHER_GATEWAY), ({"kind": "closing"}, OTHER_KIND)],
)
def test_evidence_of_somebody_or_something_else_does_not_hold(store, changed, reason):
    taken = add(store, document_of(), **changed)
    assert (taken.found.verdict, taken.found.part, taken.found.reason) == (BROKEN, "head", reason)


def test_a_document_that_comes_by_several_ways_is_one_document(store):
    add(store, document_of())
    again = add(store, document_of(), seq=2)
    with store.transaction():
        by_file = store.evidence.take(RAW, "file", LATER)
    assert (again.new, by_file.new) == (True, False)
    assert len(store.evidence.all()) == 1
    assert add(store, document_of(), seq=2).new is False
    assert store.ack_position(GW, "0f3c9a11") == 2


def test_the_first_key_that_a_gateway_says_is_believed_and_a_later_one_is_not(store):
    with store.transaction():
        assert store.set_birth(birth(KEY.public), NOW)
        assert store.set_birth(birth(KEY.public), LATER)
        assert not store.set_birth(birth(STRANGER.public), LATER)
        assert store.set_birth(birth(None), LATER)
    assert store.evidence.known_keys(GW) == {KEY.public}
    assert add(store, document_of(STRANGERS)).found.verdict == OTHER_KEY


def test_what_came_before_the_key_is_verified_when_it_is_known(store):
    add(store, document_of())
    add(store, document_of(STRANGERS), seq=2)
    with store.transaction():
        store.set_birth(birth(KEY.public, gw="another"), NOW)
    assert {each.verdict for each in store.evidence.all()} == {INTACT}
    with store.transaction():
        store.set_birth(birth(KEY.public), NOW)
    by_key = {each.file: each.verdict for each in store.evidence.all()}
    assert by_key == {RAW: VERIFIED, STRANGERS: INTACT}


def test_a_better_verdict_is_kept_and_a_worse_one_is_not(store):
    with store.transaction():
        store.evidence.take(RAW, "file", NOW)
        assert store.evidence.take(RAW, "file", NOW, key=KEY.public).found.verdict == VERIFIED
        assert store.evidence.take(RAW, "file", NOW, key=STRANGER.public).found.verdict == OTHER_KEY
    assert [each.verdict for each in store.evidence.all()] == [VERIFIED]


def test_a_document_without_a_canonical_form_is_kept_as_json():
    assert file_of({"a": 1e300, "ä": "x"}) == b'{"a":1e+300,"\\u00e4":"x"}\n'
