"""Evidence cut into texts comes back whole, however the texts travelled; or not at all."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_bridge.certificate import sign
from cloud_bridge.errors import MessageError
from cloud_bridge.qr_text import Assembly, found, parts
from tests.unit.evidence_helpers import BODIES, HEAD_OF_UNBIND, KEY, OTHER_RAW, RAW

PARTS = parts(RAW, 120)
bodies = st.lists(st.text(max_size=40).map(lambda text: {**BODIES[3], "result": text}))
# What stands between parts as people and programs pass them on: anything but a part's beginning.
around = st.text(st.sampled_from(" \t\r\n>:/\"'.,;qr好"), max_size=12)


def taken(text, into=None):
    """The assembly of a text's parts of the first document in it."""
    assembly = into
    for part in found(text).parts:
        try:
            if assembly is None:
                assembly = Assembly(part)
            assembly.add(part)
        except MessageError:
            assert (part.document, part.total) != (assembly.document, assembly.total)
    return assembly


@given(bodies, st.integers(64, 4296))
def test_whatever_is_signed_comes_back(entries, size):
    raw = sign(HEAD_OF_UNBIND, entries, KEY)
    texts = parts(raw, size)
    assert max(map(len, texts)) <= size
    assert taken("\n".join(texts)).raw() == raw


@given(st.data())
def test_any_order_doubles_other_documents_and_noise_around(data):
    texts = data.draw(st.permutations([*PARTS, *data.draw(st.lists(st.sampled_from(PARTS)))]))
    noise = data.draw(st.lists(around, min_size=len(texts), max_size=len(texts)))
    foreign = data.draw(st.sampled_from([[], parts(OTHER_RAW, 200)[:2], parts(RAW, 90)[:3]]))
    text = "".join(piece for pair in zip(texts, noise, strict=True) for piece in pair)
    assembly = taken(text + "\n".join(foreign))
    assert assembly.missing == ()
    assert assembly.raw() == RAW


def test_each_changed_character_of_each_part_is_found():
    for text in PARTS[:2]:
        for place in range(len("SWE1"), len(text)):
            for other in string.printable + "é好":
                damaged = text[:place] + other + text[place + 1 :]
                if other.upper() == text[place] or other.isspace():
                    continue  # capitals mean nothing; a lost character is the next test's
                assert found(damaged).parts == (), damaged


def test_each_lost_doubled_and_swapped_character_is_found():
    text = PARTS[0]
    for place in range(len(text)):
        assert found(text[:place] + text[place + 1 :]).parts == ()
        cut = found(text[:place]).parts
        assert cut == ()
        if text[place] != text[place - 1] and place > len("SWE1:"):
            swapped = text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]
            assert found(swapped).parts == (), swapped
    for place in range(len("SWE1:"), len(text) - 1):
        assert found(text[: place + 1] + text[place:]).parts == (), place


@settings(max_examples=500)
@given(st.text(st.sampled_from("SWE1:0123456789ABCDEF/$*.- \n好"), max_size=300))
def test_any_text_is_read_without_a_complaint(text):
    assert found(text).damaged >= 0


@given(st.data())
def test_some_parts_say_which_are_missing_and_more_can_come_later(data):
    here = data.draw(st.sets(st.sampled_from(PARTS), min_size=1))
    assembly = taken("\n".join(here))
    gone = [n for n, text in enumerate(PARTS, start=1) if text not in here]
    assert list(assembly.missing) == gone
    again = taken("\n".join([*assembly.held(), *(PARTS[n - 1] for n in gone)]))
    assert again.raw() == RAW
