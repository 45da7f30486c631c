"""Reading a certificate's dates: any bytes give dates or one kind of error."""

import base64
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from agent.doctor.x509 import validities, validity
from sim.tlv import write_tlv

# Made of the parts of a certificate, in any order and depth: most are none.
LEAVES = st.builds(
    write_tlv,
    st.sampled_from((0x02, 0x04, 0x17, 0x18, 0x30, 0xA0)),
    st.one_of(st.binary(max_size=20), st.just(b"261126010000Z"), st.just(b"20261126010000Z")),
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda tag, parts: write_tlv(tag, b"".join(parts)),
        st.sampled_from((0x30, 0xA0)),
        st.lists(inner, max_size=8),
    ),
    max_leaves=30,
)


@given(st.one_of(st.binary(max_size=400), TREES))
def test_any_bytes_are_a_certificate_or_a_value_error(content):
    with suppress(ValueError):
        found = validity(content)
        assert found.not_before.tzinfo is not None


@given(st.text(max_size=200), st.binary(max_size=100))
def test_any_text_is_a_list_of_certificates_or_a_value_error(text, content):
    block = base64.b64encode(content).decode()
    pem = f"{text}-----BEGIN CERTIFICATE-----\n{block}\n-----END CERTIFICATE-----\n{text}"
    for each in (text, pem):
        with suppress(ValueError):
            validities(each)
