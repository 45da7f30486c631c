import base64
import hashlib
import zlib

import pytest

from cloud_bridge import qr_text
from cloud_bridge.certificate import MAX_EVIDENCE_BYTES, EvidenceError, sign
from cloud_bridge.errors import MessageError
from cloud_bridge.evidence import canonical
from cloud_bridge.evidence_entries import When, was_judged
from cloud_bridge.qr_dictionary import DICTIONARY
from cloud_bridge.qr_text import (
    DAMAGED,
    FOREIGN_PART,
    INCOMPLETE,
    NOT_WHAT_WAS_CUT,
    TOO_MANY_PARTS,
    TWO_FOR_ONE,
    Assembly,
    Part,
    found,
    name_of,
    parts,
)
from tests.unit.evidence_helpers import (
    BODIES,
    HEAD_OF_UNBIND,
    KEY,
    OTHER_RAW,
    RAW,
    changed,
    document_of,
    put,
)

QR_ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")  # ISO/IEC 18004


def assembled(texts):
    first, *others = (part for text in texts for part in found(text).parts)
    assembly = Assembly(first)
    for each in others:
        assembly.add(each)
    return assembly


def of_packed(packed, document="01234567"):
    """An assembly of one part that holds what somebody put into it."""
    return Assembly(Part(document, 1, 1, packed))


def packed(text):
    packer = zlib.compressobj(9, zdict=DICTIONARY)
    return packer.compress(text) + packer.flush()


@pytest.mark.parametrize("size", [64, 100, 154, 395, 4000])
def test_parts_keep_to_their_size_and_give_the_file_back(size):
    texts = parts(RAW, size)
    assert all(len(text) <= max(size, 64) and set(text) <= QR_ALPHANUMERIC for text in texts)
    assert assembled(texts).raw() == RAW


def test_a_size_that_holds_nothing_is_taken_for_the_least():
    assert parts(RAW, 0) == parts(RAW, 64)


def test_parts_are_of_nearly_one_length():
    lengths = [len(text) for text in parts(RAW, 154)]
    assert max(lengths) - min(lengths) <= 3


def test_a_part_names_its_document_and_its_place():
    texts = parts(RAW, 154)
    document = hashlib.sha256(RAW).hexdigest()[:8].upper()
    for number, text in enumerate(texts, start=1):
        assert text.startswith(f"SWE1:{document}:{number}/{len(texts)}:")
        assert text.endswith(":")


def test_the_chain_is_left_out():
    bodies = [
        was_judged(When(5.0, None), f"gate_{n}", "pass", "device", "as read") for n in range(40)
    ]
    raw = sign(HEAD_OF_UNBIND, bodies, KEY)
    texts = parts(raw, 4000)
    assert len("".join(texts)) < len(raw) / 8
    assert assembled(texts).raw() == raw


def test_any_order_and_doubles_do():
    texts = parts(RAW, 120)
    assert assembled([*reversed(texts), *texts]).raw() == RAW


def test_what_scanners_and_messengers_put_around_and_between_means_nothing():
    texts = parts(RAW, 120)
    mail = "\n".join(f"> QR-Code: {text}  \r\n" for text in texts)
    wrapped = "\n".join(
        " ".join(text[place : place + 7] for place in range(0, len(text), 7)) for text in texts
    )
    together = "".join(texts)
    invisible = "\u200b".join(together)
    for text in (mail, wrapped, together, together.lower(), invisible, f"\ufeff{together}。好的"):
        assert found(text).damaged == 0
        assert assembled([text]).raw() == RAW


def test_missing_parts_are_named_and_those_that_are_there_can_be_kept():
    texts = parts(RAW, 120)
    assembly = assembled([texts[2], texts[0]])
    assert assembly.missing == tuple(n for n in range(1, len(texts) + 1) if n not in {1, 3})
    assert assembly.held() == [texts[0], texts[2]]
    with pytest.raises(MessageError, match=INCOMPLETE):
        assembly.raw()


def test_parts_of_another_document_are_refused():
    assembly = assembled(parts(RAW, 120)[:1])
    for other in (parts(OTHER_RAW, 120)[0], parts(RAW, 400)[0]):
        with pytest.raises(MessageError, match=FOREIGN_PART):
            assembly.add(found(other).parts[0])
    assert assembly.missing


def test_two_parts_of_one_number_that_differ_are_refused():
    part = found(parts(RAW, 120)[0]).parts[0]
    assembly = Assembly(part)
    with pytest.raises(MessageError, match=TWO_FOR_ONE):
        assembly.add(part._replace(content=part.content + b"x"))


def test_a_damaged_part_is_counted_and_the_others_taken():
    texts = parts(RAW, 120)
    half = texts[0][: len(texts[0]) // 2]
    assert found(half + texts[1]) == (found(texts[1]).parts, 1)
    assert found("SWE1:") == ((), 1)
    assert found("no part at all") == ((), 0)
    assert DAMAGED


@pytest.mark.parametrize(
    "text",
    ["SWE1:0123456:1/1:AAA:", "SWE1:01234567:2/1:AAA:", "SWE1:01234567:0/1:AAA:",
     "SWE1:01234567:1/1000:AAA:", "SWE1:01234567:1/1:AAA", "SWE1:01234567:1/1::",
     "SWE1:01234567:1/1:A:", "SWE1:01234567:1/1:///:", "SWE1:01234567:1/1:AA+:"],
)  # fmt: skip
def test_what_is_no_part_is_not_taken_for_one(text):
    assert found(text) == ((), 1)


def test_evidence_that_does_not_hold_is_not_cut():
    with pytest.raises(EvidenceError):
        parts(changed(put("entries", 0, "body", "value", value="other")), 400)


def test_what_takes_too_many_parts_is_refused():
    hashes = (hashlib.sha256(n.to_bytes(2)).digest() for n in range(1200))
    bodies = [{**BODIES[3], "result": base64.b64encode(b"".join(hashes)).decode()}]
    raw = sign(HEAD_OF_UNBIND, bodies, KEY)
    with pytest.raises(MessageError, match=TOO_MANY_PARTS):
        parts(raw, 64)


def test_parts_of_a_document_whose_signature_does_not_hold_give_nothing():
    document = document_of()
    what = {
        "bodies": [entry["body"] for entry in document["entries"]],
        "head": document["head"],
        "signature": "0" * 128,
    }
    forged = canonical({**document, "signature": "0" * 128}) + b"\n"
    with pytest.raises(EvidenceError):
        of_packed(packed(canonical(what)), name_of(forged)).raw()
    with pytest.raises(MessageError, match=NOT_WHAT_WAS_CUT):
        of_packed(packed(canonical(what))).raw()


@pytest.mark.parametrize(
    "content",
    [b"", b"no zlib", packed(b"no JSON"), packed(b"[]"), packed(b"{}"), packed(b"[" * 50000),
     packed(b'{"bodies":[],"head":[],"signature":""}'),
     packed(b'{"bodies":{},"head":{},"signature":""}'),
     packed(b"{}") + b"more", packed(b"{}")[:-1], zlib.compress(b"{}")],
)  # fmt: skip
def test_parts_that_hold_something_else_give_nothing(content):
    with pytest.raises(MessageError, match=NOT_WHAT_WAS_CUT):
        of_packed(content).raw()


def test_parts_that_unfold_to_more_than_any_evidence_are_not_unfolded():
    packer = zlib.compressobj(9, zdict=DICTIONARY)
    bomb = b"".join(packer.compress(b" " * 2**20) for _ in range(16)) + packer.flush()
    assert len(bomb) < MAX_EVIDENCE_BYTES
    with pytest.raises(MessageError, match=NOT_WHAT_WAS_CUT):
        of_packed(bomb).raw()


def test_what_was_printed_once_is_read_for_ever():
    # No byte of the dictionary may change: other words belong to another form, with its own name.
    digest = hashlib.sha256(DICTIONARY).hexdigest()
    assert digest == "503d126cda8097d7842277c458dddfbdd0f9d5796d35c193652f6c66c02590ee"
    texts = [
        "SWE1:3409188D:1/3:7YMJMREHI2HXIZBO7$C19-J07L2*H$S.NNAUDDNTL8E42D638GU376UZF*000W0O*B1ZT*GZYT0H8BNHG*BKGQM0II8UKREGMZSMG9Z/H0D-E4RCMBE076ZZQBHIBH61L0/0WILQA0W*J2EJK6J5V-PSJI2TAQ2IE29C2H8$XK-O9SF4-/LNAH$YRYCLFX2:",
        "SWE1:3409188D:2/3:YLEO.QAS7/.IUM98NVN7I/9SLVX/JO0O6$US/L9T5C6IU*XTB-Z*X75N*$XX/W58IZ38OTMS-LYLJWBBXJIEEAG06V967-TP8QFETNA5R174C3IIPUSRH9X6/S8IGAKY5E-H2TQ7EAL.4F6FEE*4ONMYDZTDWYA7R8KGT5F25HI9J$T*Q6TJ2DJQEAPULX4:",
        "SWE1:3409188D:3/3:H4$*5Z1/PZM0G86X*P/LN/BXQTOOQ7L*0D5BH.C804LLWC3F$NB.9G$I97HK7AC**ME1S2$67QP14B$V7L5F4RB0.NDNON8ED23WR2P2PI9AHZVFEF2202DWY.K278*80P9-3CTWOBTBTFKH.0MDH5GF9D7LWVBUZOA5PGCL9FZT5YCK2LA-GPGLF-VFP/79:",
    ]
    assert assembled(texts).raw() == RAW
    assert qr_text.MAGIC == "SWE1"
