import pytest

from cloud_bridge.certificate import (
    FRACTION,
    KINDS,
    MAX_EVIDENCE_BYTES,
    NAME,
    NOT_ATTESTED,
    EvidenceError,
    looks_like_evidence,
    read,
    sign,
    verify,
)
from cloud_bridge.errors import MessageError
from tests.unit.evidence_helpers import (
    BODIES,
    HEAD_OF_UNBIND,
    KEY,
    OTHER_RAW,
    RAW,
    STRANGER,
    document_of,
    put,
    resigned,
    tampered,
)


@pytest.mark.parametrize("raw", [RAW, OTHER_RAW])
def test_what_was_signed_verifies_with_the_key_and_without(raw):
    assert verify(raw, public_key=KEY.public) == verify(raw)
    assert verify(raw).bodies == BODIES
    assert verify(raw).public_key == KEY.public


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_signed(kind):
    head = HEAD_OF_UNBIND._replace(kind=kind, order_id=None, iccid=None, imei=None)
    assert verify(sign(head, BODIES, KEY)).head["kind"] == kind


def test_evidence_without_an_entry_verifies():
    assert verify(sign(HEAD_OF_UNBIND, [], KEY)).bodies == ()


def test_signing_twice_gives_the_same_bytes():
    assert sign(HEAD_OF_UNBIND, BODIES, KEY) == RAW


def test_it_says_itself_what_it_does_not_attest():
    assert document_of()["head"]["not_attested"] == list(NOT_ATTESTED)
    assert all(point["en"] and point["zh"] for point in NOT_ATTESTED)


def test_the_words_of_a_disclaimer_may_become_better_without_a_new_version():
    raw = resigned(put("head", "not_attested", 0, "en", value="in other words"))
    assert verify(raw, public_key=KEY.public).head["not_attested"][0]["en"] == "in other words"


def test_a_later_field_of_the_head_is_taken():
    assert verify(resigned(put("head", "site", value="cellar")), public_key=KEY.public)


@pytest.mark.parametrize(
    ("raw", "outcome"), [pytest.param(raw, said, id=name) for name, raw, said in tampered()]
)
def test_what_was_meddled_with_is_found_and_named(raw, outcome):
    with pytest.raises(EvidenceError) as caught:
        verify(raw, public_key=KEY.public)
    error = caught.value
    assert (error.part, error.number, error.reason) == outcome


def test_without_a_key_from_elsewhere_a_stranger_passes():
    """Why `certificate verify` without --key claims integrity alone."""
    raw = sign(HEAD_OF_UNBIND, BODIES, STRANGER)
    assert verify(raw).public_key == STRANGER.public


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({**BODIES[0], "value": -10.5}, FRACTION),
        ({**BODIES[0], "value": [{"x": 7.0}]}, FRACTION),
        ({**BODIES[0], "名": 1}, NAME),
        ({**BODIES[0], "value": {1: 2}}, NAME),
        ({**BODIES[0], "value": b"x"}, "bytes has no canonical form"),
        ({**BODIES[0], "value": 2**53}, "a number that has no canonical form here"),
    ],
)
def test_what_has_no_place_in_evidence_is_refused_before_it_is_signed(body, reason):
    with pytest.raises(EvidenceError) as caught:
        sign(HEAD_OF_UNBIND, [*BODIES, body], KEY)
    assert (caught.value.number, caught.value.reason) == (len(BODIES) + 1, reason)
    assert str(caught.value) == f"entry {len(BODIES) + 1}: {reason}"


@pytest.mark.parametrize(
    ("head", "bodies"),
    [
        (HEAD_OF_UNBIND._replace(kind="cancel"), BODIES),
        (HEAD_OF_UNBIND._replace(gw="张"), BODIES),
        (HEAD_OF_UNBIND, [{"what": "read"}]),
        (HEAD_OF_UNBIND, [{**BODIES[0], "value": "x" * MAX_EVIDENCE_BYTES}]),
    ],
)
def test_nothing_is_signed_that_would_not_verify(head, bodies):
    with pytest.raises(EvidenceError):
        sign(head, bodies, KEY)


def test_a_text_without_a_canonical_form_is_no_evidence():
    with pytest.raises(MessageError, match="surrogate"):
        read(RAW.replace(b'"WO-', b'"\\ud800'))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(RAW, True), (RAW[:-40], True), (b"", False), (b"\x89PNG\r\n", False), (b'{"a":1}\n', False)],
)
def test_damaged_evidence_is_told_from_other_files(raw, expected):
    assert looks_like_evidence(raw) is expected
